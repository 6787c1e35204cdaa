/* Products of activations with weight matrices, divided among threads. */
#ifndef OCRVL_KERN_GEMM_H
#define OCRVL_KERN_GEMM_H

#include "base/threads.h"
#include "kern/kern.h"
#include "kern/quant.h"

/* Weights [n][k] as a checkpoint stores them, row-major; those of mode OCRVL_GEMM_FLOAT are packed in advance if the
 * model is small. */
typedef struct ocrvl_mat {
    size_t n, k;
    ocrvl_dtype type;
    ocrvl_gemm_mode mode;
    const void *data;       /* [n][k], or the panels' codes; owned by the checkpoint */
    const uint16_t *scales; /* the panels' scales, owned by the checkpoint; NULL for modes without scales */
    float *packed;          /* [ceil(n/16)][k][16], or NULL if each product packs it anew */
    /* of type OCRVL_FP8: a weight is its code times fp8_scales [ceil(k / fp8_block)][n]; owned by whoever owns packed
     */
    float *fp8_scales;
    size_t fp8_block; /* along k; even, unless the mode is OCRVL_GEMM_FLOAT */
} ocrvl_mat;

/* What computes: a table of kernels, a thread pool (NULL means this thread alone) and scratch memory. It serves one
 * product at a time. */
typedef struct ocrvl_work {
    const ocrvl_kern *kern;
    ocrvl_pool *pool;
    float *scratch;   /* [workers][OCRVL_SCRATCH] */
    uint16_t *narrow; /* activations rounded for modes other than float; NULL before ocrvl_work_reserve_rounded */
} ocrvl_work;

OCRVL_MUST_CHECK ocrvl_status ocrvl_work_init(ocrvl_work *w, ocrvl_pool *pool, ocrvl_error *err);
/* Allocates what products of modes other than OCRVL_GEMM_FLOAT need; their k is at most OCRVL_MAX_ROUNDED_K. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_work_reserve_rounded(ocrvl_work *w, ocrvl_error *err);
void ocrvl_work_free(ocrvl_work *w);

enum { OCRVL_MAX_ROUNDED_K = 1 << 15 };

/* Rows of k activations in the form that a mode multiplies: float32, bfloat16, or integers with scales. */
typedef struct ocrvl_activations {
    ocrvl_gemm_mode mode;
    size_t k, ld; /* ld is the number of bytes between rows */
    void *data;
} ocrvl_activations;

/* Bytes of such a row, a multiple of 64. */
size_t ocrvl_activation_bytes(ocrvl_gemm_mode mode, size_t k);
/* Floats that hold such a row in any mode: of few numbers integers take more room, since their blocks are whole. */
size_t ocrvl_activation_floats(size_t k);
/* Rounds x into part [at, at + n) of row i. Parts begin at multiples of OCRVL_ROW_PART and end at such a multiple or at
 * k. */
enum { OCRVL_ROW_PART = 128 };
void ocrvl_activations_put(const ocrvl_kern *kern, const ocrvl_activations *r, size_t i, size_t at, const float *x,
                           size_t n);

/* Writes rows of x, ldx floats apart, to rows 0..m of `to`, normalised in parts of d numbers with w: by LayerNorm, or
 * by RMS norm if b is NULL; unchanged if w is NULL. A row of `to` is to.k / d rows of x, side by side. */
void ocrvl_activations_norm(const ocrvl_work *work, const ocrvl_activations *to, const float *x, size_t m, size_t ldx,
                            size_t d, const float *w, const float *b, float eps);

/* What is done with the sums once they are complete and their bias is added. */
typedef enum ocrvl_ending {
    OCRVL_END_STORE = 0, /* out = sums */
    OCRVL_END_ADD,       /* out = out + sums */
    OCRVL_END_GELU,      /* rows of `next` = quick-GELU of the sums */
    OCRVL_END_TANH_GELU, /* rows of `next` = the GELU that tanh approximates, of the sums */
    OCRVL_END_SILU       /* rows of `next` = SiLU of the sums times the sums of `up` */
} ocrvl_ending;

typedef struct ocrvl_product {
    const ocrvl_mat *w;
    const float *bias; /* [w->n] or NULL */
    float *out;        /* [m][w->n]; NULL if rows of `next` are written instead */
    size_t ldo;        /* floats between rows of out; 0 means w->n */
    ocrvl_ending end;
    const ocrvl_activations *next; /* its rows have w->n numbers */
    const ocrvl_mat *up;           /* of the mode and shape of w */
    const float *up_bias;          /* [w->n], added to up's sums, or NULL */
} ocrvl_product;

/* sums[i][j] = sum over kk of x[i][kk] * w[j][kk] (+ bias[j] unless bias is NULL) for i < m, j < w->n, for each of
 * `count` products whose matrices have the mode and k of x. The output doesn't overlap x. */
enum { OCRVL_MAX_PRODUCTS = 3 };
void ocrvl_gemm_activations(const ocrvl_work *work, const ocrvl_activations *x, size_t m, const ocrvl_product *p,
                            size_t count);
/* The same for rows of float32, ldx floats apart, which are rounded first where a mode demands it. The products' modes
 * may differ; none of them may write rows of `next`. */
void ocrvl_gemm_many(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_product *p,
                     size_t count);
/* One product whose sums are stored; rows of out are ldo floats apart. */
void ocrvl_gemm(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_mat *w, const float *bias,
                float *out, size_t ldo);

/* Packs w for the rest of its life (w->packed, freed with ocrvl_free). Returns false if memory is exhausted. */
OCRVL_MUST_CHECK bool ocrvl_mat_pack(const ocrvl_kern *kern, ocrvl_mat *w);

#endif
