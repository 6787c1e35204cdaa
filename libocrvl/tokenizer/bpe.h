/* Byte-pair merging of one piece. */
#ifndef OCRVL_TOKENIZER_BPE_H
#define OCRVL_TOKENIZER_BPE_H

#include "tokenizer/ids.h"
#include "tokenizer/vocab.h"

typedef struct ocrvl_bpe { /* scratch memory of one thread; must be zero-initialised */
    struct ocrvl_bpe_symbol *symbols;
    size_t symbol_cap;
    uint64_t *queue;
    size_t queue_cap;
} ocrvl_bpe;

void ocrvl_bpe_free(ocrvl_bpe *b);
/* Appends the ids of the piece. Merges are applied by lowest rank, then leftmost, until none applies. Takes n log n
 * time in the piece's length, which is at most INT32_MAX. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_bpe_piece(ocrvl_bpe *b, const ocrvl_vocab *v, const char *s, size_t len,
                                              ocrvl_ids *ids, ocrvl_error *err);

#endif
