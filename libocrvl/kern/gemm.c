#include "kern/gemm.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

/* A task is GROUP panels (64 columns) and all rows; k goes by blocks of DEPTH, so that a block of panels (256 KB) stays in
 * the second-level cache while all rows pass by it. A group with a ragged last panel goes by CHUNK rows through scratch. */
enum { GROUP = 4, DEPTH = 1024, CHUNK = 64, COLUMNS = GROUP * OCRVL_PANEL };
enum { SCRATCH = GROUP * DEPTH * OCRVL_PANEL + CHUNK * COLUMNS };

ocrvl_status ocrvl_work_init(ocrvl_work *w, ocrvl_pool *pool, ocrvl_error *err)
{
    w->kern = ocrvl_kern_best();
    w->pool = pool;
    w->scratch = ocrvl_alloc_aligned((size_t)ocrvl_pool_threads(pool) * SCRATCH, sizeof *w->scratch);
    return w->scratch ? OCRVL_OK : ocrvl_fail_nomem(err);
}

void ocrvl_work_free(ocrvl_work *w)
{
    ocrvl_free(w->scratch);
    w->scratch = NULL;
}

typedef struct product {
    const ocrvl_work *work;
    const float *x;
    size_t m, ldx;
    const ocrvl_mat *w;
    const float *bias;
    float *out;
    size_t ldo;
} product;

/* Panels [first, first + count) over k in [k0, k0 + depth): where they stand packed, or packed into scratch. */
static const float *panels_of(const product *p, size_t first, size_t count, size_t k0, size_t depth, float *scratch,
                              size_t *stride)
{
    const ocrvl_mat *w = p->w;
    if (w->packed) {
        *stride = w->k * OCRVL_PANEL;
        return w->packed + first * *stride + k0 * OCRVL_PANEL;
    }
    size_t item = ocrvl_dtype_size(w->type);
    *stride = depth * OCRVL_PANEL;
    for (size_t i = 0; i < count; i++) {
        size_t row = (first + i) * OCRVL_PANEL, rows = w->n - row < OCRVL_PANEL ? w->n - row : OCRVL_PANEL;
        p->work->kern->pack(scratch + i * *stride, (const char *)w->data + (row * w->k + k0) * item, w->type, rows,
                            depth, w->k);
    }
    return scratch;
}

/* Rows [i0, i0 + rows) of a group into c, whose rows are ldc apart and have room for whole panels. */
static void group_rows(const product *p, size_t first, size_t count, size_t i0, size_t rows, float *scratch, float *c,
                       size_t ldc)
{
    for (size_t k0 = 0; k0 < p->w->k; k0 += DEPTH) {
        size_t depth = p->w->k - k0 < DEPTH ? p->w->k - k0 : DEPTH, stride;
        const float *b = panels_of(p, first, count, k0, depth, scratch, &stride);
        p->work->kern->tile(rows, count, depth, p->x + i0 * p->ldx + k0, p->ldx, b, stride, c, ldc, k0 > 0);
    }
}

static void group(void *user, unsigned worker, size_t task)
{
    const product *p = user;
    float *scratch = p->work->scratch + (size_t)worker * SCRATCH, *chunk = scratch + GROUP * DEPTH * OCRVL_PANEL;
    size_t all = (p->w->n + OCRVL_PANEL - 1) / OCRVL_PANEL, first = task * GROUP;
    size_t count = all - first < GROUP ? all - first : GROUP, column = first * OCRVL_PANEL;
    size_t columns = p->w->n - column < COLUMNS ? p->w->n - column : COLUMNS;
    if (columns % OCRVL_PANEL == 0)
        group_rows(p, first, count, 0, p->m, scratch, p->out + column, p->ldo);
    else
        for (size_t i = 0; i < p->m; i += CHUNK) {
            size_t rows = p->m - i < CHUNK ? p->m - i : CHUNK;
            group_rows(p, first, count, i, rows, scratch, chunk, COLUMNS);
            for (size_t r = 0; r < rows; r++)
                memcpy(p->out + (i + r) * p->ldo + column, chunk + r * COLUMNS, columns * sizeof *chunk);
        }
    if (p->bias)
        for (size_t i = 0; i < p->m; i++)
            p->work->kern->add(p->out + i * p->ldo + column, p->bias + column, columns);
}

void ocrvl_gemm(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_mat *w, const float *bias,
                float *out, size_t ldo)
{
    product p = {work, x, m, ldx, w, bias, out, ldo};
    if (m)
        ocrvl_pool_run(work->pool, (w->n + COLUMNS - 1) / COLUMNS, group, &p);
}

bool ocrvl_mat_pack(const ocrvl_kern *kern, ocrvl_mat *w)
{
    size_t panels = (w->n + OCRVL_PANEL - 1) / OCRVL_PANEL, item = ocrvl_dtype_size(w->type);
    float *dst = ocrvl_alloc_aligned(panels, w->k * OCRVL_PANEL * sizeof *dst);
    if (!dst)
        return false;
    for (size_t i = 0; i < panels; i++) {
        size_t row = i * OCRVL_PANEL, rows = w->n - row < OCRVL_PANEL ? w->n - row : OCRVL_PANEL;
        kern->pack(dst + row * w->k, (const char *)w->data + row * w->k * item, w->type, rows, w->k, w->k);
    }
    w->packed = dst;
    return true;
}
