/* A set of added tokens and the search for them in text. */
#ifndef OCRVL_TOKENIZER_ADDED_H
#define OCRVL_TOKENIZER_ADDED_H

#include "ocrvl.h"

typedef struct ocrvl_added_token {
    char *text; /* owned */
    size_t len;
    int32_t id;
    bool special;
} ocrvl_added_token;

typedef struct ocrvl_added {   /* must be zero-initialised */
    ocrvl_added_token *tokens; /* sorted by bytes after ocrvl_added_sort */
    size_t count, cap;
    bool starts[256]; /* whether any token begins with the byte */
} ocrvl_added;

void ocrvl_added_free(ocrvl_added *a);
/* Adds a copy of the text, which must not be empty. Returns false if memory is exhausted. */
OCRVL_MUST_CHECK bool ocrvl_added_put(ocrvl_added *a, const char *text, size_t len, int32_t id, bool special);
void ocrvl_added_sort(ocrvl_added *a);
/* Returns the first token that occurs in text at or after *at (the longest of those that begin there) and stores in *at
 * where it begins. Returns NULL if there is none. */
const ocrvl_added_token *ocrvl_added_find(const ocrvl_added *a, const char *text, size_t len, size_t *at);

#endif
