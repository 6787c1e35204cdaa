/* Processes that decode documents for this one. */
#ifndef OCRVL_IN_DECODERS_H
#define OCRVL_IN_DECODERS_H

#include <sys/types.h>

#include "in/decoder.h"
#include "in/message.h"

/* A process that decodes one document; pid 0: there is none. */
typedef struct ocrvl_decoding {
    ocrvl_decoders *of;
    pid_t pid;
    int sock;
    int said; /* a file in memory that has what libraries wrote to standard error (in/said.h) */
    uint64_t memory;
} ocrvl_decoding;

/* Starts it, for the document of that kind in the open file, which stays the caller's. It may take `memory` bytes, and
 * for a large page `most` (ocrvl_confine). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_decoding_start(ocrvl_decoding *d, ocrvl_decoders *of, int file,
                                                   ocrvl_decoder_kind kind, uint64_t memory, uint64_t most,
                                                   ocrvl_error *err);
/* Sends a request and waits for its reply, within the limits on time. Files that came with it are in files
 * [OCRVL_MESSAGE_FILES], for the caller to close. reply->error isn't looked at, but its text is one. If there is no
 * reply, the process is ended, and the error tells why: OCRVL_E_TIMEOUT, OCRVL_E_NOMEM, OCRVL_E_CRASH,
 * OCRVL_E_CANCELED. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_decoding_ask(ocrvl_decoding *d, const void *request, size_t len,
                                                 ocrvl_decode_reply *reply, int *files, const ocrvl_message_wait *wait,
                                                 ocrvl_error *err);
void ocrvl_decoding_end(ocrvl_decoding *d);
/* Ends it if it is gone already: it has died with nothing asked of it, of which the next request is innocent. */
void ocrvl_decoding_check(ocrvl_decoding *d);

#endif
