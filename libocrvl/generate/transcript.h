/* Tokens to text that remembers how probable each token was. */
#ifndef OCRVL_GENERATE_TRANSCRIPT_H
#define OCRVL_GENERATE_TRANSCRIPT_H

#include "tokenizer/tokenizer.h"

typedef struct ocrvl_transcript { /* zero-initialise */
    char *text;                   /* well-formed UTF-8, NUL-terminated; owned */
    size_t len;
    float *logprob; /* [len] of the token that begins at each byte, 0 elsewhere; of a token such as " word" at the word,
                       not at the space; owned */
} ocrvl_transcript;

/* The text of the tokens, of special ones only if `special` (grounding); ill-formed parts become U+FFFD,
 * log-probabilities move with their bytes. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_detokenize(const ocrvl_tokenizer *t, const int32_t *ids, const double *logprobs,
                                               size_t count, bool special, ocrvl_transcript *out, ocrvl_error *err);
void ocrvl_transcript_free(ocrvl_transcript *s);
/* The probability of bytes [from, to): the product of the tokens' that begin there. */
float ocrvl_transcript_probability(const ocrvl_transcript *s, size_t from, size_t to);

#endif
