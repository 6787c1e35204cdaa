/* Attention in bfloat16, block by block over the keys with a running softmax (as in "FlashAttention", Dao et al. 2022),
 * so that memory doesn't depend on the number of keys. Products are of bfloat16; sums and softmax are float32. */
#ifndef OCRVL_KERN_ATTEND_H
#define OCRVL_KERN_ATTEND_H

#include "kern/kern.h"

enum { OCRVL_ATTEND_ROWS = 48, OCRVL_ATTEND_BLOCK = 512 };

typedef struct ocrvl_attention {
    const ocrvl_kern *kern;
    size_t hd; /* size of a head; even */
    float scale;
    const uint16_t *k; /* [ceil(keys / 16)][hd / 2][16][2] */
    const uint16_t *v; /* [ceil(hd / 16)] panels of [ceil(keys / 2)][16][2]; values after the last key are finite */
    size_t v_stride;   /* elements from panel to panel of v */
} ocrvl_attention;

/* Floats of scratch that ocrvl_attend needs. */
size_t ocrvl_attend_scratch(size_t hd);

/* Attention of m <= OCRVL_ATTEND_ROWS rows of queries, which are ldq apart: row i attends to the first visible + i *
 * step keys (visible >= 1), and its result is written to out, whose rows are ldo apart (out may be q). A row's result
 * depends on nothing but the row and the keys that it attends to. */
void ocrvl_attend(const ocrvl_attention *a, size_t m, const float *q, size_t ldq, size_t visible, size_t step,
                  float *out, size_t ldo, float *scratch);

/* Writes a key (a value) of hd floats at position `at` of the panels. */
void ocrvl_attend_put_key(const ocrvl_kern *kern, uint16_t *k, size_t hd, size_t at, const float *key);
void ocrvl_attend_put_value(const ocrvl_kern *kern, uint16_t *v, size_t v_stride, size_t hd, size_t at,
                            const float *value);
/* Writes rows <= OCRVL_PANEL keys and values, which are ld floats apart, at position `at`, a multiple of OCRVL_PANEL.
 * If there are fewer rows than that, the rest of the panels is zero. */
void ocrvl_attend_put_panel(const ocrvl_kern *kern, uint16_t *k, uint16_t *v, size_t v_stride, size_t hd, size_t at,
                            size_t rows, const float *key, const float *value, size_t ld);

#endif
