/* The arithmetic of the engine behind one table of function pointers.
 *
 * Every product is a chain of fused multiply-adds over k in rising order, begun at zero: out[i][j] depends on row i of x
 * and row j of the weights alone - not on how many rows stand beside it, on the thread, the tile, or the instruction
 * set. So prompt and decode, alone and in a batch, one thread and many give the same bits; sums of norms and softmax go
 * over 16 lanes and a fixed tree for the same reason. The OpenBLAS table (processors without AVX2) keeps the first
 * promise only as far as OpenBLAS does. */
#ifndef OCRVL_KERN_KERN_H
#define OCRVL_KERN_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Columns of a packed panel. Weights [n][k] are packed as [ceil(n/16)][k][16], missing columns zero. */
#define OCRVL_PANEL 16

typedef enum ocrvl_dtype { OCRVL_F32 = 1, OCRVL_F16, OCRVL_BF16 } ocrvl_dtype;

size_t ocrvl_dtype_size(ocrvl_dtype t);

typedef struct ocrvl_kern {
    const char *name;
    /* c[i][16p + j] = (more ? c[i][16p + j] : 0) + sum over kk < k of a[i][kk] * b[p][kk][j]  for i < m, p < panels;
     * rows of a and c are lda and ldc floats apart, panels of b panel_stride floats. c and b don't overlap a. */
    void (*tile)(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc, bool more);
    /* dst[k][16] = the transpose of src [rows][k] (rows <= 16, stride elements apart), zero beyond rows. */
    void (*pack)(float *dst, const void *src, ocrvl_dtype type, size_t rows, size_t k, size_t stride);
    void (*widen)(float *dst, const void *src, ocrvl_dtype type, size_t n);
    /* out may be x. LayerNorm with bias; RMS norm without. [n] */
    void (*layer_norm)(float *out, const float *x, const float *w, const float *b, size_t n, float eps);
    void (*rms_norm)(float *out, const float *x, const float *w, size_t n, float eps);
    /* x[i] = exp(scale * x[i] - max over scale * x); returns their sum. -infinity gives exactly 0. n >= 1 */
    float (*softmax)(float *x, size_t n, float scale);
    void (*quick_gelu)(float *x, size_t n);                /* x * sigmoid(1.702 x) */
    void (*silu_mul)(float *gate, const float *up, size_t n); /* gate = gate * sigmoid(gate) * up */
    /* One head: x[i], x[i + half] turned by (cos[i], sin[i]). */
    void (*rotate)(float *x, const float *cos, const float *sin, size_t half);
    void (*add)(float *x, const float *y, size_t n);       /* x += y */
    void (*scale)(float *x, float s, size_t n);            /* x *= s */
} ocrvl_kern;

extern const ocrvl_kern ocrvl_kern_plain;  /* C with fmaf: the meaning of the others */
extern const ocrvl_kern ocrvl_kern_blas;   /* OpenBLAS for tile */
#if defined(__x86_64__)
extern const ocrvl_kern ocrvl_kern_avx2;
extern const ocrvl_kern ocrvl_kern_avx512;
#endif

/* The best table for this processor. */
const ocrvl_kern *ocrvl_kern_best(void);
/* A table by name ("plain", "blas", "avx2", "avx512"), or NULL if there is none or this processor can't run it. */
const ocrvl_kern *ocrvl_kern_by_name(const char *name);

#endif
