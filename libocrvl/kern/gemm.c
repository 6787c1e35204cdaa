#include "kern/gemm.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "kern/quant.h"

/* A task is GROUP panels (64 columns) and all rows; k goes by blocks of DEPTH, so that a block of panels (256 KB) stays in
 * the second-level cache while all rows pass by it. A group with a ragged last panel goes by CHUNK rows through scratch. */
enum { GROUP = 4, DEPTH = 1024, CHUNK = 64, COLUMNS = GROUP * OCRVL_PANEL };
enum { SCRATCH = GROUP * DEPTH * OCRVL_PANEL + CHUNK * COLUMNS };

/* Products of bfloat16: NARROW numbers of activations at a time. A block of rows (12 x 1024, 24 KB) stays in the first-level
 * cache while the columns of a task pass by it. DEPTH is part of the result: a sum is added up once in each. */
enum { NARROW = 8 << 20, ROWS = 12, FEW = 16, STRIP = 4, VECTOR = 32, PART = 1 << 16 };

ocrvl_status ocrvl_work_init(ocrvl_work *w, ocrvl_pool *pool, ocrvl_error *err)
{
    w->kern = ocrvl_kern_best();
    w->pool = pool;
    w->narrow = NULL;
    w->scratch = ocrvl_alloc_aligned((size_t)ocrvl_pool_threads(pool) * SCRATCH, sizeof *w->scratch);
    return w->scratch ? OCRVL_OK : ocrvl_fail_nomem(err);
}

ocrvl_status ocrvl_work_narrow(ocrvl_work *w, ocrvl_error *err)
{
    if (!w->narrow)
        w->narrow = ocrvl_alloc_aligned(NARROW, sizeof *w->narrow);
    return w->narrow ? OCRVL_OK : ocrvl_fail_nomem(err);
}

void ocrvl_work_free(ocrvl_work *w)
{
    ocrvl_free(w->scratch);
    ocrvl_free(w->narrow);
    w->scratch = NULL;
    w->narrow = NULL;
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

static void float_gemm(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_mat *w,
                       const float *bias, float *out, size_t ldo)
{
    product p = {work, x, m, ldx, w, bias, out, ldo};
    ocrvl_pool_run(work->pool, (w->n + COLUMNS - 1) / COLUMNS, group, &p);
}

/* ---- bfloat16 and integers ------------------------------------------------------------------------------ */

typedef struct narrow_job { /* rows [0, m) of products that share x */
    const ocrvl_work *work;
    const float *x;
    size_t m, ldx, k, ldn; /* ldn: 16-bit places of a rounded row */
    ocrvl_way way;
    const ocrvl_product *p;
    size_t count, ldo; /* ldo 0: each product's own n */
    size_t first[OCRVL_MAX_PRODUCTS + 1]; /* tasks before each product */
} narrow_job;

/* A row rounded to integers: [k up to a block], the blocks' scales, the blocks' zeros. */
typedef struct int_row {
    int8_t *q;
    float *scale;
    int32_t *zero;
} int_row;

static size_t int_places(ocrvl_way way, size_t k)
{
    size_t block = ocrvl_way_block(way), blocks = (k + block - 1) / block;
    return (blocks * (block + 8) + 63) / 64 * 32;
}

static int_row int_row_of(const narrow_job *j, size_t i)
{
    size_t block = ocrvl_way_block(j->way), blocks = (j->k + block - 1) / block;
    uint16_t *at = j->work->narrow + i * j->ldn;
    float *scale = (float *)(at + blocks * block / 2);
    return (int_row){(int8_t *)at, scale, (int32_t *)(scale + blocks)};
}

static void narrow_row(const narrow_job *j, size_t i)
{
    const ocrvl_kern *kern = j->work->kern;
    if (j->way == OCRVL_WAY_BF16)
        kern->narrow(j->work->narrow + i * j->ldn, j->x + i * j->ldx, j->k);
    else {
        int_row r = int_row_of(j, i);
        kern->quantise(r.q, r.scale, r.zero, j->x + i * j->ldx, j->k, ocrvl_way_block(j->way),
                       j->way == OCRVL_WAY_INT8 ? 128 : 8);
    }
}

static void narrow_rows(void *user, unsigned worker, size_t task)
{
    const narrow_job *j = user;
    size_t end = (task + 1) * FEW < j->m ? (task + 1) * FEW : j->m;
    (void)worker;
    for (size_t i = task * FEW; i < end; i++)
        narrow_row(j, i);
}

/* Few rows: each strip of columns along all of k, as memory has it, while the next strip is fetched from end to end. */
static void few_rows(const narrow_job *j, const uint16_t *w, size_t columns, float *out, size_t ldo)
{
    for (size_t c = 0; c < columns; c += STRIP)
        for (size_t k0 = 0; k0 < j->k; k0 += DEPTH)
            j->work->kern->dot(j->m, columns - c < STRIP ? columns - c : STRIP, j->k - k0 < DEPTH ? j->k - k0 : DEPTH,
                               j->work->narrow + k0, j->ldn, w + c * j->k + k0, j->k, out + c, ldo, k0 > 0,
                               w + (c + STRIP) * j->k + k0 * STRIP);
}

static void many_rows(const narrow_job *j, const uint16_t *w, size_t columns, float *out, size_t ldo)
{
    for (size_t k0 = 0; k0 < j->k; k0 += DEPTH)
        for (size_t i = 0; i < j->m; i += ROWS)
            j->work->kern->dot(j->m - i < ROWS ? j->m - i : ROWS, columns, j->k - k0 < DEPTH ? j->k - k0 : DEPTH,
                               j->work->narrow + i * j->ldn + k0, j->ldn, w + k0, j->k, out + i * ldo, ldo, k0 > 0,
                               NULL);
}

/* Panels of integers. Many rows go by blocks of k, two panels at a time, that stay in the first-level cache while the
 * rows pass by them. */
static void int_rows(const narrow_job *j, const ocrvl_mat *w, size_t column, size_t columns, float *out, size_t ldo)
{
    size_t block = ocrvl_way_block(w->way), blocks = (j->k + block - 1) / block;
    size_t codes = ocrvl_quant_codes(w->way, j->k), scales = ocrvl_quant_scales(w->way, j->k), first = column / OCRVL_PANEL;
    size_t step = j->m <= FEW ? blocks : DEPTH / block, pair = j->m <= FEW ? GROUP : 2, all = columns / OCRVL_PANEL;
    int_row r = int_row_of(j, 0);
    for (size_t b = 0; b < blocks; b += step)
        for (size_t p = 0; p < all; p += pair) {
            ocrvl_quant_args q = {.m = j->m,
                                  .panels = all - p < pair ? all - p : pair,
                                  .blocks = blocks - b < step ? blocks - b : step,
                                  .a = r.q + b * block,
                                  .lda = 2 * j->ldn,
                                  .scale = r.scale + b,
                                  .zero = r.zero + b,
                                  .ldb = j->ldn / 2,
                                  .w = (const uint8_t *)w->data + (first + p) * codes + b * (codes / blocks),
                                  .w_stride = codes,
                                  .s = w->scales + (first + p) * scales + b * OCRVL_PANEL,
                                  .s_stride = scales,
                                  .c = out + p * OCRVL_PANEL,
                                  .ldc = ldo,
                                  .more = b > 0};
            (w->way == OCRVL_WAY_INT8 ? j->work->kern->int8_tile : j->work->kern->int4_tile)(&q);
        }
}

static void narrow_group(void *user, unsigned worker, size_t task)
{
    const narrow_job *j = user;
    size_t at = 0;
    (void)worker;
    while (task >= j->first[at + 1])
        at++;
    const ocrvl_product *p = &j->p[at];
    size_t n = p->w->n, column = (task - j->first[at]) * COLUMNS, columns = n - column < COLUMNS ? n - column : COLUMNS;
    size_t ldo = j->ldo ? j->ldo : n;
    if (j->way != OCRVL_WAY_BF16)
        int_rows(j, p->w, column, columns, p->out + column, ldo);
    else
        (j->m <= FEW ? few_rows : many_rows)(j, (const uint16_t *)p->w->data + column * j->k, columns, p->out + column,
                                             ldo);
    if (p->bias)
        for (size_t i = 0; i < j->m; i++)
            j->work->kern->add(p->out + i * ldo + column, p->bias + column, columns);
}

static void narrow_gemm(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_product *p,
                        size_t count, size_t ldo)
{
    ocrvl_way way = p->w->way;
    size_t k = p->w->k, ldn = way == OCRVL_WAY_BF16 ? (k + VECTOR - 1) / VECTOR * VECTOR : int_places(way, k);
    size_t most = NARROW / ldn;
    ocrvl_product now[OCRVL_MAX_PRODUCTS];
    memcpy(now, p, count * sizeof *p);
    for (size_t i = 0; i < m; i += most) {
        narrow_job j = {work, x + i * ldx, m - i < most ? m - i : most, ldx, k, ldn, way, now, count, ldo, {0}};
        for (size_t q = 0; q < count; q++) {
            now[q].out = p[q].out + i * (ldo ? ldo : p[q].w->n);
            j.first[q + 1] = j.first[q] + (p[q].w->n + COLUMNS - 1) / COLUMNS;
        }
        ocrvl_pool_run(work->pool, (j.m + FEW - 1) / FEW, narrow_rows, &j);
        ocrvl_pool_run(work->pool, j.first[count], narrow_group, &j);
    }
}

void ocrvl_gemm(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_mat *w, const float *bias,
                float *out, size_t ldo)
{
    ocrvl_product p = {w, bias, out};
    if (m && w->way == OCRVL_WAY_FLOAT)
        float_gemm(work, x, m, ldx, w, bias, out, ldo);
    else if (m)
        narrow_gemm(work, x, m, ldx, &p, 1, ldo);
}

void ocrvl_gemm_many(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_product *p, size_t count)
{
    bool together = m > 0;
    for (size_t i = 0; i < count; i++)
        together = together && p[i].w->way != OCRVL_WAY_FLOAT && p[i].w->way == p[0].w->way;
    if (together)
        narrow_gemm(work, x, m, ldx, p, count, 0);
    else
        for (size_t i = 0; i < count; i++)
            ocrvl_gemm(work, x, m, ldx, p[i].w, p[i].bias, p[i].out, p[i].w->n);
}

typedef struct addition {
    const ocrvl_kern *kern;
    float *x;
    const float *y;
    size_t n;
} addition;

static void add_part(void *user, unsigned worker, size_t task)
{
    const addition *a = user;
    size_t at = task * PART;
    (void)worker;
    a->kern->add(a->x + at, a->y + at, a->n - at < PART ? a->n - at : PART);
}

void ocrvl_add(const ocrvl_work *work, float *x, const float *y, size_t n)
{
    addition a = {work->kern, x, y, n};
    ocrvl_pool_run(work->pool, (n + PART - 1) / PART, add_part, &a);
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
