/* The cache in which Python's client of the Hugging Face hub keeps what it has downloaded. */
#ifndef OCRVL_BASE_HUB_H
#define OCRVL_BASE_HUB_H

#include "ocrvl.h"

/* Whether a name looks like a model's id, "Owner/Name", or "Owner/Name@REVISION": a branch, a tag or a commit. */
bool ocrvl_hub_is_id(const char *name);
/* The folder of that model's snapshot, newly allocated; NULL if the cache has none. The cache is $HF_HUB_CACHE, or hub
 * in $HF_HOME, or huggingface/hub in $XDG_CACHE_HOME or ~/.cache. Without a revision it is "main". */
OCRVL_MUST_CHECK ocrvl_status ocrvl_hub_find(char **dir, const char *id, ocrvl_error *err);
/* The folder that the cache has or would have for an id's model, .../models--Owner--Name, newly allocated; NULL if
 * there is no home to have a cache in. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_hub_folder(char **dir, const char *id, ocrvl_error *err);
/* The model's name in the path of a snapshot, .../models--Owner--Name/snapshots/COMMIT, and its length; NULL if the
 * path is of another form. Borrowed from the path. */
const char *ocrvl_hub_name_of(const char *path, size_t *len);

#endif
