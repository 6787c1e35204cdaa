/* What the Hugging Face hub says of a model: its commit, and the files that ocrvl has a use for. */
#ifndef OCRVL_CLI_HUB_LIST_H
#define OCRVL_CLI_HUB_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

typedef struct cli_hub_file {
    char *name;                    /* without folders */
    char digest[OCRVL_SHA256_HEX]; /* SHA-256 of a file in LFS, else SHA-1 of the git blob; its name in the cache */
    bool lfs;
    uint64_t size;
} cli_hub_file;

typedef struct cli_hub_list { /* must be zero-initialised */
    char commit[OCRVL_SHA1_HEX];
    cli_hub_file *files; /* [count] by their names, weights last */
    size_t count, cap;
    bool weights; /* there are some among them */
} cli_hub_list;

void cli_hub_list_free(cli_hub_list *l);
/* Reads the hub's answer to /api/models/ID/revision/REVISION?blobs=true. OCRVL_E_FORMAT: it isn't one. Messages don't
 * name the model. */
OCRVL_MUST_CHECK ocrvl_status cli_hub_list_read(cli_hub_list *l, const char *json, size_t len, ocrvl_error *err);

/* Whether all weights are on the list that the index at a path names. OCRVL_E_MODEL: there are none, or some are
 * missing; messages don't name the model. */
OCRVL_MUST_CHECK ocrvl_status cli_hub_list_check(const cli_hub_list *l, const char *index, ocrvl_error *err);

bool cli_hub_is_weights(const cli_hub_file *f);

#endif
