/* Products of activations with weight matrices, shared out among threads. */
#ifndef OCRVL_KERN_GEMM_H
#define OCRVL_KERN_GEMM_H

#include "base/threads.h"
#include "kern/kern.h"

/* Weights [n][k] as a checkpoint stores them, row-major; packed if they are small enough to be kept so. */
typedef struct ocrvl_mat {
    size_t n, k;
    ocrvl_dtype type;
    const void *data; /* [n][k], borrowed */
    float *packed;    /* [ceil(n/16)][k][16] or NULL: packed anew in each product */
} ocrvl_mat;

/* Who computes: a table, a pool (NULL: this thread alone) and scratch for each worker. One product at a time. */
typedef struct ocrvl_work {
    const ocrvl_kern *kern;
    ocrvl_pool *pool;
    float *scratch; /* [workers][OCRVL_SCRATCH] */
} ocrvl_work;

OCRVL_MUST_CHECK ocrvl_status ocrvl_work_init(ocrvl_work *w, ocrvl_pool *pool, ocrvl_error *err);
void ocrvl_work_free(ocrvl_work *w);

/* out[i][j] = sum over kk of x[i][kk] * w[j][kk] (+ bias[j] unless NULL) for i < m, j < w->n; rows of x and out are
 * ldx and ldo floats apart; out doesn't overlap x. */
void ocrvl_gemm(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_mat *w, const float *bias,
                float *out, size_t ldo);

/* Packs w for good (w->packed, freed with ocrvl_free). False: no memory. */
OCRVL_MUST_CHECK bool ocrvl_mat_pack(const ocrvl_kern *kern, ocrvl_mat *w);

#endif
