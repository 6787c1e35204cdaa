/* Products of activations with weight matrices, shared out among threads. */
#ifndef OCRVL_KERN_GEMM_H
#define OCRVL_KERN_GEMM_H

#include "base/threads.h"
#include "kern/kern.h"

typedef enum ocrvl_way { /* how a matrix is multiplied with */
    OCRVL_WAY_FLOAT = 0, /* in float32, whatever it is stored as */
    OCRVL_WAY_BF16,      /* stored bfloat16, row-major; activations are rounded to bfloat16, sums are float32 */
    OCRVL_WAY_INT8,      /* panels of integers (kern/quant.h); n is a multiple of 16 */
    OCRVL_WAY_INT4
} ocrvl_way;

/* Of OCRVL_WAY_INT8 and OCRVL_WAY_INT4: the numbers along k that share a scale. */
size_t ocrvl_way_block(ocrvl_way w);

/* Weights [n][k] as a checkpoint stores them, row-major; of OCRVL_WAY_FLOAT packed if they are small enough to be kept. */
typedef struct ocrvl_mat {
    size_t n, k;
    ocrvl_dtype type;
    ocrvl_way way;
    const void *data;       /* [n][k], or the panels' codes; borrowed */
    const uint16_t *scales; /* the panels' scales, borrowed; NULL of other ways */
    float *packed;    /* [ceil(n/16)][k][16] or NULL: packed anew in each product */
} ocrvl_mat;

/* Who computes: a table, a pool (NULL: this thread alone) and scratch. One product at a time. */
typedef struct ocrvl_work {
    const ocrvl_kern *kern;
    ocrvl_pool *pool;
    float *scratch;   /* [workers][OCRVL_SCRATCH] */
    uint16_t *narrow; /* rows of activations rounded for ways other than float; NULL until ocrvl_work_narrow */
} ocrvl_work;

/* One of the products that share their activations. */
typedef struct ocrvl_product {
    const ocrvl_mat *w;
    const float *bias; /* [w->n] or NULL */
    float *out;        /* rows of w->n */
} ocrvl_product;

OCRVL_MUST_CHECK ocrvl_status ocrvl_work_init(ocrvl_work *w, ocrvl_pool *pool, ocrvl_error *err);
/* Makes room for products of ways other than OCRVL_WAY_FLOAT, whose k is at most OCRVL_MAX_NARROW. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_work_narrow(ocrvl_work *w, ocrvl_error *err);
void ocrvl_work_free(ocrvl_work *w);

enum { OCRVL_MAX_NARROW = 1 << 20 };

/* out[i][j] = sum over kk of x[i][kk] * w[j][kk] (+ bias[j] unless NULL) for i < m, j < w->n; rows of x and out are
 * ldx and ldo floats apart; out doesn't overlap x. */
void ocrvl_gemm(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_mat *w, const float *bias,
                float *out, size_t ldo);
/* At most OCRVL_MAX_PRODUCTS products with the same x, of matrices of the same k. */
enum { OCRVL_MAX_PRODUCTS = 3 };
void ocrvl_gemm_many(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_product *p, size_t count);

/* x += y, n numbers, by all threads if they are many. */
void ocrvl_add(const ocrvl_work *work, float *x, const float *y, size_t n);

/* Packs w for good (w->packed, freed with ocrvl_free). False: no memory. */
OCRVL_MUST_CHECK bool ocrvl_mat_pack(const ocrvl_kern *kern, ocrvl_mat *w);

#endif
