/* Attention from integers of 8 bits, block by block over the keys, for queries that all attend to all keys: queries and
 * what keys have beyond their block's mean are rounded to -127..127 with a scale each (products with the mean are of
 * float32), softmax's powers to 0..255 of the greatest so far, values to
 * -127..127 with a scale for each column of a block. Sums of products are exact, whether they are made of bytes or, in
 * tables without such products, of bfloat16, which has all of these integers: 512 times 255 times 127 is less than
 * 2^24. So every table gives the same bits. What is weighed is divided by the sum of the rounded powers. */
#ifndef OCRVL_KERN_ATTEND_BYTES_H
#define OCRVL_KERN_ATTEND_BYTES_H

#include "kern/attend.h"

enum { OCRVL_BYTE_HEAD = 256 }; /* the largest head */

/* The keys and values of a span. Panels are of bytes, or of bfloat16 if kern->byte_scores is NULL. */
typedef struct ocrvl_byte_span {
    size_t hd;      /* size of a head: a multiple of 4, at most OCRVL_BYTE_HEAD */
    size_t cap;     /* keys that there is room for, a multiple of OCRVL_PANEL */
    void *k;        /* [cap / 16] panels of [hd / 4][16][4], a key's number + 128; or of [hd / 2][16][2] */
    void *v;        /* [ceil(hd / 16)] panels of [cap / 4][16][4], or of [cap / 2][16][2] */
    float *k_scale; /* [cap] */
    float *mean;    /* [blocks][hd], of the keys of each OCRVL_ATTEND_BLOCK */
    float *v_scale; /* [ceil(cap / OCRVL_ATTEND_BLOCK)][hd rounded up to 16] */
} ocrvl_byte_span;

/* Bytes of a span with room for so many keys, a multiple of 64. */
size_t ocrvl_byte_span_bytes(size_t hd, size_t keys);
/* A span in such memory, aligned to 64 bytes. */
ocrvl_byte_span ocrvl_byte_span_at(void *memory, size_t hd, size_t keys);
/* Writes the block of rows <= OCRVL_ATTEND_BLOCK keys and values, which are ld floats apart, at position `at`, a
 * multiple of that. The rest of the last panel is zero. */
void ocrvl_byte_span_put(const ocrvl_kern *kern, const ocrvl_byte_span *s, size_t at, size_t rows, const float *key,
                         const float *value, size_t ld);

/* Floats of scratch that ocrvl_attend_bytes needs. */
size_t ocrvl_attend_bytes_scratch(size_t hd);
/* Attention of m <= OCRVL_ATTEND_ROWS rows of queries, which are ldq apart, to the span's first `keys` keys (at least
 * one); scale is that of the scores. Results are written to out, whose rows are ldo apart (out may be q). A row's
 * result depends on nothing but the row and the keys. */
void ocrvl_attend_bytes(const ocrvl_kern *kern, const ocrvl_byte_span *s, float scale, size_t m, const float *q,
                        size_t ldq, size_t keys, float *out, size_t ldo, float *scratch);

#endif
