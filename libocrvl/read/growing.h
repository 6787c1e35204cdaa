/* A transcript that is put together from parts of others and text of our own. */
#ifndef OCRVL_READ_GROWING_H
#define OCRVL_READ_GROWING_H

#include "base/buf.h"
#include "generate/transcript.h"

typedef struct ocrvl_growing { /* zero-initialise */
    ocrvl_buf text;
    float *logprob; /* [cap] */
    size_t cap;
    bool failed; /* memory is exhausted: nothing more is added */
} ocrvl_growing;

/* Bytes [from, to) of a transcript, with their probabilities. */
void ocrvl_growing_part(ocrvl_growing *g, const ocrvl_transcript *t, size_t from, size_t to);
/* Text of our own, which is certain. */
void ocrvl_growing_own(ocrvl_growing *g, const char *text);
/* Passes the text on to *out, whose contents are freed, and empties g. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_growing_end(ocrvl_growing *g, ocrvl_transcript *out, ocrvl_error *err);
void ocrvl_growing_free(ocrvl_growing *g);

#endif
