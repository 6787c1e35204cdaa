/* Fetching from the hub: what may fail for a while is tried again, files go on where they broke off, and each is held
 * to its digest. */
#ifndef OCRVL_CLI_HUB_FETCH_H
#define OCRVL_CLI_HUB_FETCH_H

#include "base/buf.h"
#include "hub_list.h"
#include "messages.h"
#include "progress.h"

typedef struct cli_hub {
    const char *address; /* "https://huggingface.co", without a slash at its end */
    const char *token;   /* or NULL */
    const cli_log *log;
    cli_progress *progress;
} cli_hub;

/* Fetches a text of at most max_bytes; it is `what` in notes. *status is the server's last answer. */
OCRVL_MUST_CHECK ocrvl_status cli_hub_text(const cli_hub *h, const char *url, const char *what, size_t max_bytes,
                                           ocrvl_buf *out, uint32_t *status, ocrvl_error *err);
/* Fetches a file into the folder `blobs`, under its digest; what is there of it, as DIGEST.incomplete, is gone on from.
 * OCRVL_E_FORMAT: the digest isn't what the list says, and nothing is left. OCRVL_E_INTERNAL is never returned; of
 * files that can't be written *written is false. */
OCRVL_MUST_CHECK ocrvl_status cli_hub_file_fetch(const cli_hub *h, const char *url, const cli_hub_file *f,
                                                 const char *blobs, bool *written, uint32_t *status, ocrvl_error *err);

#endif
