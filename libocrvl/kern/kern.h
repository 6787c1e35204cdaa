/* The engine's arithmetic, behind a table of function pointers.
 *
 * Every product is a chain of fused multiply-adds over k in rising order that begins at zero: out[i][j] depends on row
 * i of x and row j of the weights alone, and not on the number of other rows, on the thread, the tile, or the
 * instruction set. So prefill and decoding, single sequences and batches, one thread and many give the same bits; for
 * the same reason the sums of norms and softmax run over 16 lanes and a fixed tree. The OpenBLAS table (for processors
 * that have no other) keeps the first promise only as far as OpenBLAS does.
 *
 * Products of bfloat16 (dot, pair_tile) are such chains in the arithmetic of VDPBF16PS: pairs of elements in rising
 * order, the odd one first, each a fused multiply-add; denormals count as zero. They keep the same promise and give the
 * same bits. Only the table for ARM's BFMMLA has that instruction's arithmetic instead (kern/neon_mm.c): its bits don't
 * depend on other rows either, but they differ from those of the other tables. */
#ifndef OCRVL_KERN_KERN_H
#define OCRVL_KERN_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Columns of a packed panel. Weights [n][k] are packed as [ceil(n/16)][k][16]; missing columns are zero. */
#define OCRVL_PANEL 16

typedef enum ocrvl_dtype { OCRVL_F32 = 1, OCRVL_F16, OCRVL_BF16, OCRVL_FP8 /* kern/fp8.h */ } ocrvl_dtype;

enum { OCRVL_PEAK_STEPS = 24 };

size_t ocrvl_dtype_size(ocrvl_dtype t);

/* Length of the blocks along k that share a scale, in matrices of 8-bit and 4-bit integers (kern/quant.h). */
enum { OCRVL_INT8_BLOCK = 128, OCRVL_INT4_BLOCK = 16 };

/* A product of m rows of activations with panels of weights, over `blocks` blocks of k. Strides are in elements. */
typedef struct ocrvl_quant_args {
    size_t m, panels, blocks;
    const int8_t *a; /* [m][blocks * block], rows lda apart */
    size_t lda;
    const float *scale;  /* [m][blocks], rows ldb apart */
    const int32_t *zero; /* as scale; what each block's sum begins with, to cancel the offset of the codes, 128 or 8 */
    size_t ldb;
    const uint8_t *w; /* codes, panels w_stride apart */
    size_t w_stride;
    const uint16_t *s; /* scales [blocks][16], panels s_stride apart */
    size_t s_stride;
    float *c; /* [m][panels * 16], rows ldc apart */
    size_t ldc;
    bool more; /* add to the contents of c */
} ocrvl_quant_args;

typedef struct ocrvl_kern {
    const char *name;
    bool bf16; /* whether products of bfloat16 are no slower than those of float32, and so worth choosing */
    /* c[i][16p + j] = (more ? c[i][16p + j] : 0) + sum over kk < k of a[i][kk] * b[p][kk][j]  for i < m, p < panels;
     * rows of a and c are lda and ldc floats apart, panels of b panel_stride floats. c and b don't overlap a. */
    void (*tile)(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc, bool more);
    /* c[i][j] = the product of row i of a and row j of b, each k numbers of bfloat16, for i < m, j < n. It is meant for
     * few rows; b is read as it lies in memory. Rows are lda, ldb and ldc elements apart. ahead: the n rows after b are
     * likely to be needed next and may be prefetched; they need not exist. */
    void (*dot)(size_t m, size_t n, size_t k, const uint16_t *a, size_t lda, const uint16_t *b, size_t ldb, float *c,
                size_t ldc, bool ahead);
    /* As tile, for bfloat16 in pairs: a is [m][pairs][2], b has panels of [pairs][16][2]. */
    void (*pair_tile)(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                      size_t panel_stride, float *c, size_t ldc, bool more);
    /* dst [ceil(k / 2)][16][2] = a panel of pairs of src [rows][k] (rows <= 16, stride elements apart); zero beyond
     * rows and k. */
    void (*pack_pairs)(uint16_t *dst, const uint16_t *src, size_t rows, size_t k, size_t stride);
    /* c = (more ? c : 0) + over blocks in rising order, each fused: (float)(zero + the sum of code * a) * (scale *
     * s). */
    void (*int8_tile)(const ocrvl_quant_args *q);
    void (*int4_tile)(const ocrvl_quant_args *q);
    /* Rounds a row of n >= 1 activations to integers of -127..127. Fills q with zeros up to a multiple of block, and
     * writes the blocks' scales and zero[b] = -offset * the sum of the block's integers. */
    void (*quantise)(int8_t *q, float *scale, int32_t *zero, const float *x, size_t n, size_t block, int offset);
    /* dst[k][16] = the transpose of src [rows][k] (rows <= 16, stride elements apart); zero beyond rows. */
    void (*pack)(float *dst, const void *src, ocrvl_dtype type, size_t rows, size_t k, size_t stride);
    void (*widen)(float *dst, const void *src, ocrvl_dtype type, size_t n); /* not of OCRVL_FP8, as pack */
    /* The codes of kern/fp8.h as bfloat16, which has all of their numbers. */
    void (*widen_fp8)(uint16_t *dst, const uint8_t *src, size_t n);
    void (*narrow)(uint16_t *dst, const float *src, size_t n); /* rounds to bfloat16, to the nearest, ties to even */
    /* Over n numbers; out may be x. LayerNorm has a bias, RMS norm has none. */
    void (*layer_norm)(float *out, const float *x, const float *w, const float *b, size_t n, float eps);
    void (*rms_norm)(float *out, const float *x, const float *w, size_t n, float eps);
    /* x[i] = exp(scale * x[i] - max over scale * x); returns their sum. -infinity gives exactly 0. n >= 1 */
    float (*softmax)(float *x, size_t n, float scale);
    /* One block of a softmax that is computed block by block along its row, in powers of 2. *max becomes the greatest
     * scale * x so far; p[i] = 2^(scale * x[i] - *max) in bfloat16, or 0 where that is under 2^-126. Returns the factor
     * by which the results of earlier blocks are to be multiplied; *sum is multiplied by it here, and the sum of this
     * block's p is added. Before the first block *max is -infinity and *sum is 0. x is finite, and undefined
     * afterwards; n >= 1. */
    float (*soft_block)(float *x, uint16_t *p, size_t n, float scale, float *max, float *sum);
    /* As soft_block over scale * x + more, but p is 255 times the power, rounded to an integer (0 where that is under a
     * half), and *sum is of these integers. n <= 512 */
    float (*soft_bytes)(float *x, uint8_t *p, size_t n, float scale, float more, float *max, float *sum);
    /* Attention's products of bytes (kern/attend_bytes.h), of m rows with panels of steps times four numbers; a, b and
     * panels are bytes apart as told, c is ldc floats. NULL if the table has none; those of bfloat16 give the same.
     * byte_scores: c[i][16p + j] = (float)(zero[i] + the sum of b * a) * scale[16p + j], b [steps][16][4] unsigned.
     * byte_values: c[i][16p + j] = (more ? c[i][16p + j] : 0) + (float)(the sum of a * b) * scale[16p + j], a unsigned.
     */
    void (*byte_scores)(size_t m, size_t panels, size_t steps, const int8_t *a, size_t lda, const int32_t *zero,
                        const uint8_t *b, size_t panel_stride, const float *scale, float *c, size_t ldc);
    void (*byte_values)(size_t m, size_t panels, size_t steps, const uint8_t *a, size_t lda, const int8_t *b,
                        size_t panel_stride, const float *scale, float *c, size_t ldc, bool more);
    /* Rounds rows <= 512 of n numbers, ld floats apart, to -127..127 with a scale for each column, and lays them out in
     * panels of 16 columns, panel_stride bytes apart: [rows / 4][16][4] bytes, or without byte_values [rows / 2][16][2]
     * bfloat16. Numbers are zero after the last row, up to a multiple of 16, and after the last column. */
    void (*put_values)(void *panels, size_t panel_stride, float *scale, const float *x, size_t rows, size_t ld,
                       size_t n);
    void (*quick_gelu)(float *x, size_t n);                   /* x * sigmoid(1.702 x) */
    void (*tanh_gelu)(float *x, size_t n);                    /* 0.5 x (1 + tanh(0.79788456 (x + 0.044715 x^3))) */
    void (*silu_mul)(float *gate, const float *up, size_t n); /* gate = gate * sigmoid(gate) * up */
    /* Rotates one head: the pairs x[i], x[i + half] by the angle of (cos[i], sin[i]). */
    void (*rotate)(float *x, const float *cos, const float *sin, size_t half);
    void (*add)(float *x, const float *y, size_t n); /* x += y */
    void (*scale)(float *x, float s, size_t n);      /* x *= s */
    /* Nothing but products, rounds * OCRVL_PEAK_STEPS of them, to measure the processor's peak: 16 pairs of bfloat16
     * (64 operations) and 16 groups of four 8-bit integers (128 operations). NULL if the table has no such products. */
    void (*peak_bf16)(size_t rounds);
    void (*peak_int8)(size_t rounds);
} ocrvl_kern;

extern const ocrvl_kern ocrvl_kern_plain; /* plain C with fmaf; it defines what the others compute */
extern const ocrvl_kern ocrvl_kern_blas;  /* tile calls OpenBLAS */
#if defined(__x86_64__)
extern const ocrvl_kern ocrvl_kern_avx2;
extern const ocrvl_kern ocrvl_kern_avx512;
extern const ocrvl_kern ocrvl_kern_bf16;     /* AVX-512 with BF16 */
extern const ocrvl_kern ocrvl_kern_bf16_fma; /* the same, where its products are slower than those of float32 */
#elif defined(__aarch64__)
extern const ocrvl_kern ocrvl_kern_neon;
extern const ocrvl_kern ocrvl_kern_neon_dot; /* NEON with dot products of bytes */
extern const ocrvl_kern ocrvl_kern_neon_mm;  /* NEON with matrix products of bfloat16 and of bytes */
#endif

/* The best table for this processor. */
const ocrvl_kern *ocrvl_kern_best(void);
/* The table of that name ("plain", "blas", "avx2", "avx512", "bf16", "bf16_fma", "neon", "neon_dot", "neon_mm"), or NULL if there
 * is none or if this processor can't run it. */
const ocrvl_kern *ocrvl_kern_by_name(const char *name);

#endif
