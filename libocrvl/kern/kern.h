/* The arithmetic of the engine behind one table of function pointers.
 *
 * Every product is a chain of fused multiply-adds over k in rising order, begun at zero: out[i][j] depends on row i of x
 * and row j of the weights alone - not on how many rows stand beside it, on the thread, the tile, or the instruction
 * set. So prompt and decode, alone and in a batch, one thread and many give the same bits; sums of norms and softmax go
 * over 16 lanes and a fixed tree for the same reason. The OpenBLAS table (processors that no other is for) keeps the first
 * promise only as far as OpenBLAS does.
 *
 * Products of bfloat16 (dot, pair_tile) are such chains in the arithmetic of VDPBF16PS: pairs of elements in rising order,
 * the odd one first, each a fused multiply-add; denormals are zero. They keep the same promise, and give the same bits.
 * The table of ARM's BFMMLA alone has that instruction's arithmetic (kern/neon_mm.c): a row's bits are the same in any
 * company there too, but not those of other tables. */
#ifndef OCRVL_KERN_KERN_H
#define OCRVL_KERN_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Columns of a packed panel. Weights [n][k] are packed as [ceil(n/16)][k][16], missing columns zero. */
#define OCRVL_PANEL 16

typedef enum ocrvl_dtype { OCRVL_F32 = 1, OCRVL_F16, OCRVL_BF16 } ocrvl_dtype;

enum { OCRVL_PEAK_STEPS = 24 };

size_t ocrvl_dtype_size(ocrvl_dtype t);

/* Blocks along k that share a scale, of matrices of 8- and of 4-bit integers (kern/quant.h). */
enum { OCRVL_INT8_BLOCK = 128, OCRVL_INT4_BLOCK = 32 };

/* m rows of activations by panels of weights, over `blocks` blocks of k. Strides are in elements. */
typedef struct ocrvl_quant_args {
    size_t m, panels, blocks;
    const int8_t *a; /* [m][blocks * block], rows lda apart */
    size_t lda;
    const float *scale;  /* [m][blocks], rows ldb apart */
    const int32_t *zero; /* as scale: what each block's sum begins with, to take off the codes' 128 or 8 */
    size_t ldb;
    const uint8_t *w; /* codes, panels w_stride apart */
    size_t w_stride;
    const uint16_t *s; /* scales [blocks][16], panels s_stride apart */
    size_t s_stride;
    float *c; /* [m][panels * 16], rows ldc apart */
    size_t ldc;
    bool more; /* add to what stands in c */
} ocrvl_quant_args;

typedef struct ocrvl_kern {
    const char *name;
    bool bf16; /* whether products of bfloat16 are worth choosing: they are no slower than those of float32 */
    /* c[i][16p + j] = (more ? c[i][16p + j] : 0) + sum over kk < k of a[i][kk] * b[p][kk][j]  for i < m, p < panels;
     * rows of a and c are lda and ldc floats apart, panels of b panel_stride floats. c and b don't overlap a. */
    void (*tile)(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc, bool more);
    /* c[i][j] = the product of row i of a and row j of b, k bfloat16 each, for i < m, j < n: for few rows and b as it lies
     * in memory. Rows are lda, ldb and ldc elements apart. ahead: whether what follows b (n rows more) will be wanted next
     * and may be fetched into the cache meanwhile; it need not be there. */
    void (*dot)(size_t m, size_t n, size_t k, const uint16_t *a, size_t lda, const uint16_t *b, size_t ldb, float *c,
                size_t ldc, bool ahead);
    /* As tile, of bfloat16 in pairs: a [m][pairs][2], b panels of [pairs][16][2]. */
    void (*pair_tile)(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                      size_t panel_stride, float *c, size_t ldc, bool more);
    /* dst [ceil(k / 2)][16][2] = a panel of pairs of src [rows][k] (rows <= 16, stride elements apart), zero beyond rows and
     * k. */
    void (*pack_pairs)(uint16_t *dst, const uint16_t *src, size_t rows, size_t k, size_t stride);
    /* c = (more ? c : 0) + over blocks in rising order, each fused: (float)(zero + the sum of code * a) * (scale * s). */
    void (*int8_tile)(const ocrvl_quant_args *q);
    void (*int4_tile)(const ocrvl_quant_args *q);
    /* A row of n activations to integers of -127..127, n up to a multiple of block with zeros, the blocks' scales, and
     * zero[b] = -offset * the sum of its integers. n >= 1 */
    void (*quantise)(int8_t *q, float *scale, int32_t *zero, const float *x, size_t n, size_t block, int offset);
    /* dst[k][16] = the transpose of src [rows][k] (rows <= 16, stride elements apart), zero beyond rows. */
    void (*pack)(float *dst, const void *src, ocrvl_dtype type, size_t rows, size_t k, size_t stride);
    void (*widen)(float *dst, const void *src, ocrvl_dtype type, size_t n);
    void (*narrow)(uint16_t *dst, const float *src, size_t n); /* to bfloat16, to the nearest, ties to even */
    /* out may be x. LayerNorm with bias; RMS norm without. [n] */
    void (*layer_norm)(float *out, const float *x, const float *w, const float *b, size_t n, float eps);
    void (*rms_norm)(float *out, const float *x, const float *w, size_t n, float eps);
    /* x[i] = exp(scale * x[i] - max over scale * x); returns their sum. -infinity gives exactly 0. n >= 1 */
    float (*softmax)(float *x, size_t n, float scale);
    /* One block of a softmax that goes over its row block by block, in powers of 2: *max becomes the greatest scale * x so
     * far, p[i] = 2^(scale * x[i] - *max) in bfloat16, 0 where that is under 2^-126. Returns what earlier blocks' results are
     * to be multiplied with; *sum has been, and has the sum of this block's p added. Begin with *max -infinity, *sum 0. x is
     * finite and left as anything. n >= 1 */
    float (*soft_block)(float *x, uint16_t *p, size_t n, float scale, float *max, float *sum);
    void (*quick_gelu)(float *x, size_t n);                /* x * sigmoid(1.702 x) */
    void (*silu_mul)(float *gate, const float *up, size_t n); /* gate = gate * sigmoid(gate) * up */
    /* One head: x[i], x[i + half] turned by (cos[i], sin[i]). */
    void (*rotate)(float *x, const float *cos, const float *sin, size_t half);
    void (*add)(float *x, const float *y, size_t n);       /* x += y */
    void (*scale)(float *x, float s, size_t n);            /* x *= s */
    /* Nothing but products, rounds * OCRVL_PEAK_STEPS of them, to measure what the processor can do: of 16 pairs of bfloat16
     * (64 operations), of 16 fours of 8-bit integers (128). NULL where there are none. */
    void (*peak_bf16)(size_t rounds);
    void (*peak_int8)(size_t rounds);
} ocrvl_kern;

extern const ocrvl_kern ocrvl_kern_plain;  /* C with fmaf: the meaning of the others */
extern const ocrvl_kern ocrvl_kern_blas;   /* OpenBLAS for tile */
#if defined(__x86_64__)
extern const ocrvl_kern ocrvl_kern_avx2;
extern const ocrvl_kern ocrvl_kern_avx512;
extern const ocrvl_kern ocrvl_kern_bf16; /* AVX-512 with BF16 */
#elif defined(__aarch64__)
extern const ocrvl_kern ocrvl_kern_neon;
extern const ocrvl_kern ocrvl_kern_neon_dot; /* with dot products of bytes */
extern const ocrvl_kern ocrvl_kern_neon_mm;  /* with matrix products of bfloat16 and of bytes */
#endif

/* The best table for this processor. */
const ocrvl_kern *ocrvl_kern_best(void);
/* A table by name ("plain", "blas", "avx2", "avx512", "bf16", "neon", "neon_dot", "neon_mm"), or NULL if there is none or this
 * processor can't run it. */
const ocrvl_kern *ocrvl_kern_by_name(const char *name);

#endif
