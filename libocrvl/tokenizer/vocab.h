/* The tables of a byte-level BPE: the bytes of each token, and merges by pair of ids. */
#ifndef OCRVL_TOKENIZER_VOCAB_H
#define OCRVL_TOKENIZER_VOCAB_H

#include "base/buf.h"
#include "ocrvl.h"

#define OCRVL_MAX_TOKENS 4194304u /* limit of ids in a vocabulary and of merges in a file */

typedef struct ocrvl_token {
    uint32_t at, len; /* offset and length in bytes */
    uint8_t flags;
} ocrvl_token;
enum {
    OCRVL_TOKEN_PRESENT = 1,
    OCRVL_TOKEN_RAW = 2, /* its text isn't of the byte alphabet, so no merge can make it */
    OCRVL_TOKEN_ADDED = 4,
    OCRVL_TOKEN_SPECIAL = 8,
};

typedef struct ocrvl_merge {
    uint32_t left, right, result; /* ids */
} ocrvl_merge;

typedef struct ocrvl_vocab { /* must be zero-initialised */
    ocrvl_token *tokens;     /* [size], by id; those of missing ids are zero */
    size_t size, token_cap;
    ocrvl_buf bytes;
    uint32_t byte_ids[256]; /* the ids of single bytes */
    ocrvl_merge *merges;    /* [merge_count], by rank */
    size_t merge_count, merge_cap;
    uint32_t *by_bytes; /* id + 1, open addressing; exists only while the files are read */
    size_t by_bytes_mask;
    uint32_t *by_pair; /* rank + 1, open addressing */
    size_t by_pair_mask;
    uint64_t seed;    /* seed of the hash, so that no file can provoke collisions */
    size_t limit;     /* ids must be below it */
    const char *file; /* file name for messages; valid only while the files are read */
} ocrvl_vocab;

void ocrvl_vocab_free(ocrvl_vocab *v);
/* Sets file and limit (0 means OCRVL_MAX_TOKENS); to be called before anything is added. */
void ocrvl_vocab_begin(ocrvl_vocab *v, const char *file, size_t limit);
/* Adds one token as the file writes it (in the byte alphabet). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_vocab_add(ocrvl_vocab *v, const char *key, size_t len, int64_t id,
                                              ocrvl_error *err);
/* To be called after the last ocrvl_vocab_add: makes tokens findable, proves that each byte has one, and reserves
 * capacity for `added` more. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_vocab_index(ocrvl_vocab *v, size_t added, ocrvl_error *err);
/* Adds one added token, given as plain text. The vocabulary may have it already under the same id. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_vocab_add_added(ocrvl_vocab *v, const char *text, size_t len, int64_t id,
                                                    bool special, ocrvl_error *err);
/* Adds the merge of the next rank, with both halves as the file writes them. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_vocab_add_merge(ocrvl_vocab *v, const char *left, size_t left_len,
                                                    const char *right, size_t right_len, ocrvl_error *err);
/* To be called after the last merge and added token. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_vocab_end(ocrvl_vocab *v, ocrvl_error *err);

/* The rank of the merge of two neighbours, or -1. */
int64_t ocrvl_vocab_rank(const ocrvl_vocab *v, uint32_t left, uint32_t right);

#endif
