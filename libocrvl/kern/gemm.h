/* Products of activations with weight matrices, shared out among threads. */
#ifndef OCRVL_KERN_GEMM_H
#define OCRVL_KERN_GEMM_H

#include "base/threads.h"
#include "kern/kern.h"
#include "kern/quant.h"

/* Weights [n][k] as a checkpoint stores them, row-major; of OCRVL_GEMM_FLOAT packed if they are small enough to be kept. */
typedef struct ocrvl_mat {
    size_t n, k;
    ocrvl_dtype type;
    ocrvl_gemm_mode mode;
    const void *data;       /* [n][k], or the panels' codes; borrowed */
    const uint16_t *scales; /* the panels' scales, borrowed; NULL of other ways */
    float *packed;    /* [ceil(n/16)][k][16] or NULL: packed anew in each product */
} ocrvl_mat;

/* Who computes: a table, a pool (NULL: this thread alone) and scratch. One product at a time. */
typedef struct ocrvl_work {
    const ocrvl_kern *kern;
    ocrvl_pool *pool;
    float *scratch;   /* [workers][OCRVL_SCRATCH] */
    uint16_t *narrow; /* rows of activations rounded for ways other than float; NULL until ocrvl_work_reserve_rounded */
} ocrvl_work;

OCRVL_MUST_CHECK ocrvl_status ocrvl_work_init(ocrvl_work *w, ocrvl_pool *pool, ocrvl_error *err);
/* Makes room for products of ways other than OCRVL_GEMM_FLOAT, whose k is at most OCRVL_MAX_ROUNDED_K. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_work_reserve_rounded(ocrvl_work *w, ocrvl_error *err);
void ocrvl_work_free(ocrvl_work *w);

enum { OCRVL_MAX_ROUNDED_K = 1 << 15 };

/* Rows of k activations in the form that a way multiplies: float32, bfloat16, or integers with scales. */
typedef struct ocrvl_activations {
    ocrvl_gemm_mode mode;
    size_t k, ld; /* ld: bytes from row to row */
    void *data;
} ocrvl_activations;

/* Bytes of such a row, a multiple of 64. */
size_t ocrvl_activation_bytes(ocrvl_gemm_mode mode, size_t k);
/* Row i's part [at, at + n) becomes x, rounded. Parts begin at multiples of OCRVL_ROW_PART and end at such or at k. */
enum { OCRVL_ROW_PART = 128 };
void ocrvl_activations_put(const ocrvl_kern *kern, const ocrvl_activations *r, size_t i, size_t at, const float *x, size_t n);

/* Rows 0..m of `to` become rows of x, ldx floats apart, in parts of d numbers each of which is normalised with w: by
 * LayerNorm, or by RMS norm if b is NULL; w NULL: as they are. A row is to.k / d rows of x, side by side. */
void ocrvl_activations_norm(const ocrvl_work *work, const ocrvl_activations *to, const float *x, size_t m, size_t ldx, size_t d,
                     const float *w, const float *b, float eps);

/* What becomes of sums, once they are complete and have their bias. */
typedef enum ocrvl_ending {
    OCRVL_END_STORE = 0, /* out = sums */
    OCRVL_END_ADD,       /* out = out + sums */
    OCRVL_END_GELU,      /* the rows of `next`: quick-GELU of the sums */
    OCRVL_END_SILU       /* the rows of `next`: SiLU of the sums times those of `up` */
} ocrvl_ending;

typedef struct ocrvl_product {
    const ocrvl_mat *w;
    const float *bias; /* [w->n] or NULL */
    float *out;        /* [m][w->n]; NULL where rows of `next` are made */
    size_t ldo;        /* floats from row to row of out; 0: w->n */
    ocrvl_ending end;
    const ocrvl_activations *next; /* of w->n */
    const ocrvl_mat *up;    /* of w's way and shape; no bias is added to its sums */
} ocrvl_product;

/* sums[i][j] = sum over kk of x[i][kk] * w[j][kk] (+ bias[j] unless NULL) for i < m, j < w->n, of each of `count` products of
 * matrices of x's way and k; what is written doesn't overlap x. */
enum { OCRVL_MAX_PRODUCTS = 3 };
void ocrvl_gemm_activations(const ocrvl_work *work, const ocrvl_activations *x, size_t m, const ocrvl_product *p, size_t count);
/* The same with rows of float32, ldx floats apart, which are rounded first if need be; p's ways may differ, and none makes
 * rows. */
void ocrvl_gemm_many(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_product *p, size_t count);
/* One that is stored, rows of out ldo floats apart. */
void ocrvl_gemm(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_mat *w, const float *bias,
                float *out, size_t ldo);

/* Packs w for good (w->packed, freed with ocrvl_free). False: no memory. */
OCRVL_MUST_CHECK bool ocrvl_mat_pack(const ocrvl_kern *kern, ocrvl_mat *w);

#endif
