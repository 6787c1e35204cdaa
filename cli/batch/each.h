/* The pages of a batch for commands that aren't its own. */
#ifndef OCRVL_CLI_BATCH_EACH_H
#define OCRVL_CLI_BATCH_EACH_H

#include "command.h"
#include "messages.h"

/* Whether `ocrvl batch run` was started in the folder. */
bool batch_is_folder(const char *path);

/* Makes the image of the page in hand, which is new; NULL: it can't be made. */
typedef ocrvl_image *(*batch_image_fn)(void *user);
/* A page: what its document's outputs are called, its number from 1, its result, and what makes its image. */
typedef cli_exit (*batch_each_fn)(void *user, const char *stem, uint64_t number, const ocrvl_page *page,
                                  batch_image_fn image, void *image_user);

/* Calls fn for each page of the documents that are read, in order, until it returns other than OK. Fails after a
 * message. *unread counts the documents that aren't read yet. */
cli_exit batch_each(const char *out, const cli_log *log, batch_each_fn fn, void *user, uint64_t *unread);

#endif
