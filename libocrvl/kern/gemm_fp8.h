/* Rows of FP8 as the panels that kernels multiply with. */
#ifndef OCRVL_KERN_GEMM_FP8_H
#define OCRVL_KERN_GEMM_FP8_H

#include "kern/kern.h"

typedef struct ocrvl_fp8_mat { /* a weight is its code times scales [ceil(k / block)][n] */
    size_t n, k, block;
    const uint8_t *codes; /* [n][k] */
    const float *scales;
} ocrvl_fp8_mat;

/* dst [depth][16] = weights [row, row + rows) x [k0, k0 + depth) of w as floats, scales included; zero beyond rows. */
void ocrvl_fp8_pack(const ocrvl_fp8_mat *w, float *dst, size_t row, size_t rows, size_t k0, size_t depth);
/* dst [ceil(k / 2)][16][2] = a panel of pairs of codes as bfloat16, without scales; zero beyond rows and k. */
void ocrvl_fp8_pack_pairs(const ocrvl_kern *kern, const ocrvl_fp8_mat *w, uint16_t *dst, size_t row, size_t rows);

#endif
