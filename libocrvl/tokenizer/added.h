/* A set of added tokens, found in text as they stand. */
#ifndef OCRVL_TOKENIZER_ADDED_H
#define OCRVL_TOKENIZER_ADDED_H

#include "ocrvl.h"

typedef struct ocrvl_added_token {
    char *text; /* own memory */
    size_t len;
    int32_t id;
    bool special;
} ocrvl_added_token;

typedef struct ocrvl_added {   /* zero-initialise */
    ocrvl_added_token *tokens; /* sorted by bytes once ocrvl_added_sort was called */
    size_t count, cap;
    bool starts[256]; /* whether some token begins with the byte */
} ocrvl_added;

void ocrvl_added_free(ocrvl_added *a);
/* False: no memory. The text is copied and not empty. */
OCRVL_MUST_CHECK bool ocrvl_added_put(ocrvl_added *a, const char *text, size_t len, int32_t id, bool special);
void ocrvl_added_sort(ocrvl_added *a);
/* The first token in text at or after *at, of those that begin there the longest, and where it begins in *at; NULL if
 * there is none. */
const ocrvl_added_token *ocrvl_added_find(const ocrvl_added *a, const char *text, size_t len, size_t *at);

#endif
