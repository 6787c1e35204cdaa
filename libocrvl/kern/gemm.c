#include "kern/gemm.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "kern/gemm_fp8.h"

/* A task is some panels (GROUP of them, 64 columns, or as many as make whole parts of rows of integers) with all rows,
 * or with a part of the rows if there would be too few tasks for the threads. Its panels lie in PANEL_SCRATCH floats of
 * scratch, which fit the second-level cache, while the rows are multiplied with them, some at a time. The sums go to a
 * tile of scratch, and from there to the output when they are complete. */
enum {
    GROUP = 4,
    WIDE_GROUP = OCRVL_ROW_PART / OCRVL_PANEL,
    PANEL_SCRATCH = 1 << 18,
    WIDE_CODES = 3 << 18, /* bytes of integers that are read again for all rows: most of a second-level cache */
    TILE_ROWS = 512,
    COLUMNS = OCRVL_ROW_PART
};
enum { SCRATCH = PANEL_SCRATCH + TILE_ROWS * COLUMNS };

/* float32: a block of panels is DEPTH deep along k, with as many rows as the tile holds if it has to be packed. */
enum { DEPTH = PANEL_SCRATCH / COLUMNS };

/* NARROW: size of the buffer for rounded activations. PASS: rows that are multiplied before their sums are passed on.
 * Up to FEW rows are multiplied with bfloat16 weights as they lie in memory. */
enum { NARROW = 8 << 20, PASS = 48, FEW = 12, ROUND = 16, LEAST_ROWS = 4 * PASS };

/* With few rows: how many tasks each thread should have, and the most panels of one task. */
enum { TASKS = 3, MOST = 16 };

enum { LINE = 64 / sizeof(float) }; /* floats in a cache line */

ocrvl_status ocrvl_work_init(ocrvl_work *w, ocrvl_pool *pool, ocrvl_error *err)
{
    w->kern = ocrvl_kern_best();
    w->pool = pool;
    w->narrow = NULL;
    w->scratch = ocrvl_alloc_room((size_t)ocrvl_pool_threads(pool) * SCRATCH, sizeof *w->scratch);
    return w->scratch ? OCRVL_OK : ocrvl_fail_nomem(err);
}

ocrvl_status ocrvl_work_reserve_rounded(ocrvl_work *w, ocrvl_error *err)
{
    if (!w->narrow)
        w->narrow = ocrvl_alloc_room(NARROW, sizeof *w->narrow);
    return w->narrow ? OCRVL_OK : ocrvl_fail_nomem(err);
}

void ocrvl_work_free(ocrvl_work *w)
{
    ocrvl_free(w->scratch);
    ocrvl_free(w->narrow);
    w->scratch = NULL;
    w->narrow = NULL;
}

/* ---- rows of activations --------------------------------------------------------------------------------- */

static bool is_int(ocrvl_gemm_mode mode) { return mode == OCRVL_GEMM_INT8 || mode == OCRVL_GEMM_INT4; }

static size_t blocks_of(ocrvl_gemm_mode mode, size_t k)
{
    return (k + ocrvl_gemm_mode_block(mode) - 1) / ocrvl_gemm_mode_block(mode);
}

size_t ocrvl_activation_bytes(ocrvl_gemm_mode mode, size_t k)
{
    size_t bytes = mode == OCRVL_GEMM_FLOAT  ? k * sizeof(float)
                   : mode == OCRVL_GEMM_BF16 ? (k + k % 2) * sizeof(uint16_t)
                                             : blocks_of(mode, k) * (ocrvl_gemm_mode_block(mode) + 8);
    return (bytes + 63) / 64 * 64;
}

size_t ocrvl_activation_floats(size_t k)
{
    size_t most = 0;
    for (ocrvl_gemm_mode mode = OCRVL_GEMM_FLOAT; mode <= OCRVL_GEMM_INT4; mode++) {
        size_t n = ocrvl_activation_bytes(mode, k) / sizeof(float);
        most = n > most ? n : most;
    }
    return most;
}

/* A row rounded to integers: numbers [k rounded up to a block], then the blocks' scales, then the blocks' zeros. */
typedef struct int_row {
    int8_t *q;
    float *scale;
    int32_t *zero;
} int_row;

static int_row int_row_of(const ocrvl_activations *r, size_t i)
{
    size_t blocks = blocks_of(r->mode, r->k);
    char *at = (char *)r->data + i * r->ld;
    float *scale = (float *)(void *)(at + blocks * ocrvl_gemm_mode_block(r->mode));
    return (int_row){(int8_t *)at, scale, (int32_t *)(void *)(scale + blocks)};
}

void ocrvl_activations_put(const ocrvl_kern *kern, const ocrvl_activations *r, size_t i, size_t at, const float *x,
                           size_t n)
{
    void *row = (char *)r->data + i * r->ld;
    if (r->mode == OCRVL_GEMM_FLOAT)
        memcpy((float *)row + at, x, n * sizeof *x);
    else if (r->mode == OCRVL_GEMM_BF16) {
        kern->narrow((uint16_t *)row + at, x, n);
        if (at + n == r->k && r->k % 2)
            ((uint16_t *)row)[r->k] = 0;
    } else {
        int_row q = int_row_of(r, i);
        size_t block = ocrvl_gemm_mode_block(r->mode), b = at / block;
        kern->quantise(q.q + at, q.scale + b, q.zero + b, x, n, block, r->mode == OCRVL_GEMM_INT8 ? 128 : 8);
    }
}

/* ---- sums ------------------------------------------------------------------------------------------------- */

typedef struct job {
    const ocrvl_work *work;
    const ocrvl_activations *x;
    size_t m;
    const ocrvl_product *p;
    size_t count;
    size_t panels; /* panels of a task */
    bool few;      /* bfloat16 weights are read as they lie in memory */
    size_t parts;  /* number of parts that the rows are divided into */
    size_t part_rows;
    size_t first[OCRVL_MAX_PRODUCTS + 1]; /* number of tasks before each product */
} job;

/* The columns of a matrix that a task computes. */
typedef struct place {
    const ocrvl_product *p;
    const ocrvl_mat *w; /* p->w or p->up */
    size_t column, columns, panels;
    float *scratch, *tile; /* scratch */
    float *part;           /* a tile of sums over a part of k */
    size_t ldt;            /* floats between rows of the tile */
} place;

static ocrvl_fp8_mat fp8_of(const ocrvl_mat *w)
{
    return (ocrvl_fp8_mat){w->n, w->k, w->fp8_block, w->data, w->fp8_scales};
}

/* Sums of rows [i, i + rows), at most TILE_ROWS, to the tile. Panels are packed already, or are packed here block by
 * block along k. */
static void float_sums(const job *j, const place *at, size_t i, size_t rows)
{
    const ocrvl_mat *w = at->w;
    size_t item = ocrvl_dtype_size(w->type);
    ocrvl_fp8_mat fp8 = fp8_of(w);
    for (size_t k0 = 0; k0 < w->k; k0 += DEPTH) {
        size_t depth = w->k - k0 < DEPTH ? w->k - k0 : DEPTH,
               stride = w->packed ? w->k * OCRVL_PANEL : depth * OCRVL_PANEL;
        const float *b = w->packed ? w->packed + at->column * w->k + k0 * OCRVL_PANEL : at->scratch;
        for (size_t p = 0; p < at->panels && !w->packed; p++) {
            size_t row = at->column + p * OCRVL_PANEL, have = w->n - row < OCRVL_PANEL ? w->n - row : OCRVL_PANEL;
            if (w->type == OCRVL_FP8)
                ocrvl_fp8_pack(&fp8, at->scratch + p * stride, row, have, k0, depth);
            else
                j->work->kern->pack(at->scratch + p * stride, (const char *)w->data + (row * w->k + k0) * item, w->type,
                                    have, depth, w->k);
        }
        const float *x = (const float *)((const char *)j->x->data + i * j->x->ld) + k0;
        j->work->kern->tile(rows, at->panels, depth, x, j->x->ld / sizeof *x, b, stride, at->tile, at->ldt, k0 > 0);
    }
}

/* Floats of a panel of pairs with the whole of k. */
static size_t panel_of(const ocrvl_activations *x) { return (x->k + x->k % 2) * OCRVL_PANEL / 2; }

static void pack_pairs(const job *j, const place *at)
{
    const ocrvl_mat *w = at->w;
    size_t stride = (w->k + w->k % 2) * OCRVL_PANEL;
    ocrvl_fp8_mat fp8 = fp8_of(w);
    for (size_t p = 0; p < at->panels; p++) {
        size_t row = at->column + p * OCRVL_PANEL, have = w->n - row < OCRVL_PANEL ? w->n - row : OCRVL_PANEL;
        uint16_t *panel = (uint16_t *)at->scratch + p * stride;
        if (w->type == OCRVL_FP8)
            ocrvl_fp8_pack_pairs(j->work->kern, &fp8, panel, row, have);
        else
            j->work->kern->pack_pairs(panel, (const uint16_t *)w->data + row * w->k, have, w->k, w->k);
    }
}

/* Numbers of k from k0 on that share a scale. */
static size_t fp8_depth(const ocrvl_mat *w, size_t k0) { return w->k - k0 < w->fp8_block ? w->k - k0 : w->fp8_block; }

/* Multiplies the sums over one block of k, in `part` (at->tile if it is the first), by its scales, and adds them up. */
static void add_fp8(const place *at, size_t k0, size_t rows, size_t first, size_t columns)
{
    const float *scale = at->w->fp8_scales + k0 / at->w->fp8_block * at->w->n + at->column + first;
    for (size_t r = 0; r < rows; r++) {
        float *sum = at->tile + r * at->ldt + first, *more = at->part + r * at->ldt + first;
        for (size_t c = 0; c < columns; c++)
            sum[c] = k0 ? sum[c] + more[c] * scale[c] : sum[c] * scale[c];
    }
}

/* pair_sums of FP8: its codes are bfloat16 in the panels, its scales come afterwards. */
static void fp8_pair_sums(const job *j, const place *at, size_t i, size_t rows)
{
    const ocrvl_mat *w = at->w;
    size_t lda = j->x->ld / 2, stride = (w->k + w->k % 2) * OCRVL_PANEL;
    const uint16_t *x = (const uint16_t *)j->x->data + i * lda;
    for (size_t k0 = 0; k0 < w->k; k0 += w->fp8_block) {
        j->work->kern->pair_tile(rows, at->panels, (fp8_depth(w, k0) + 1) / 2, x + k0, lda,
                                 (const uint16_t *)at->scratch + k0 * OCRVL_PANEL, stride, k0 ? at->part : at->tile,
                                 at->ldt, false);
        add_fp8(at, k0, rows, 0, at->columns);
    }
}

/* few_sums of FP8: some rows of codes at a time become bfloat16 in scratch, and are multiplied there. */
static void fp8_few_sums(const job *j, const place *at, size_t i, size_t rows)
{
    const ocrvl_mat *w = at->w;
    size_t lda = j->x->ld / 2;
    const uint16_t *x = (const uint16_t *)j->x->data + i * lda;
    uint16_t *wide = (uint16_t *)at->scratch;
    for (size_t c = 0; c < at->columns; c += OCRVL_PANEL) {
        size_t n = at->columns - c < OCRVL_PANEL ? at->columns - c : OCRVL_PANEL;
        j->work->kern->widen_fp8(wide, (const uint8_t *)w->data + (at->column + c) * w->k, n * w->k);
        for (size_t k0 = 0; k0 < w->k; k0 += w->fp8_block) {
            j->work->kern->dot(rows, n, fp8_depth(w, k0), x + k0, lda, wide + k0, w->k, (k0 ? at->part : at->tile) + c,
                               at->ldt, false);
            add_fp8(at, k0, rows, c, n);
        }
    }
}

static void pair_sums(const job *j, const place *at, size_t i, size_t rows)
{
    size_t k = at->w->k + at->w->k % 2;
    if (at->w->type == OCRVL_FP8) {
        fp8_pair_sums(j, at, i, rows);
        return;
    }
    j->work->kern->pair_tile(rows, at->panels, k / 2, (const uint16_t *)j->x->data + i * (j->x->ld / 2), j->x->ld / 2,
                             (const uint16_t *)at->scratch, k * OCRVL_PANEL, at->tile, at->ldt, false);
}

/* The same for few rows, with weights as they lie in memory. */
static void few_sums(const job *j, const place *at, size_t i, size_t rows)
{
    const ocrvl_mat *w = at->w;
    if (w->type == OCRVL_FP8) {
        fp8_few_sums(j, at, i, rows);
        return;
    }
    j->work->kern->dot(rows, at->columns, w->k, (const uint16_t *)j->x->data + i * (j->x->ld / 2), j->x->ld / 2,
                       (const uint16_t *)w->data + at->column * w->k, w->k, at->tile, at->ldt, true);
}

static void int_sums(const job *j, const place *at, size_t i, size_t rows)
{
    const ocrvl_mat *w = at->w;
    size_t codes = ocrvl_quant_codes(w->mode, w->k), scales = ocrvl_quant_scales(w->mode, w->k);
    size_t first = at->column / OCRVL_PANEL;
    int_row r = int_row_of(j->x, i);
    ocrvl_quant_args q = {.m = rows,
                          .panels = at->panels,
                          .blocks = blocks_of(w->mode, w->k),
                          .a = r.q,
                          .lda = j->x->ld,
                          .scale = r.scale,
                          .zero = r.zero,
                          .ldb = j->x->ld / sizeof *r.scale,
                          .w = (const uint8_t *)w->data + first * codes,
                          .w_stride = codes,
                          .s = w->scales + first * scales,
                          .s_stride = scales,
                          .c = at->tile,
                          .ldc = at->ldt};
    (w->mode == OCRVL_GEMM_INT8 ? j->work->kern->int8_tile : j->work->kern->int4_tile)(&q);
}

static size_t row_of(const ocrvl_product *p) { return p->ldo ? p->ldo : p->w->n; }

/* Prefetches where the sums of rows [i, i + rows) will be added or stored, while they are computed. */
static void fetch_rows(const place *at, size_t i, size_t rows)
{
    const ocrvl_product *p = at->p;
    for (size_t r = 0; p->out && r < rows; r++)
        for (size_t c = 0; c < at->columns; c += LINE)
            __builtin_prefetch(p->out + (i + r) * row_of(p) + at->column + c, 1);
}

/* Passes rows [i, i + rows) on from the tile to the output; `up` [rows][at->ldt] is the second tile of
 * OCRVL_END_SILU. */
static void end_rows(const job *j, const place *at, float *up, size_t i, size_t rows)
{
    const ocrvl_kern *kern = j->work->kern;
    const ocrvl_product *p = at->p;
    for (size_t r = 0; r < rows; r++) {
        float *sums = at->tile + r * at->ldt, *out = p->out ? p->out + (i + r) * row_of(p) + at->column : NULL;
        if (p->bias)
            kern->add(sums, p->bias + at->column, at->columns);
        if (p->up_bias)
            kern->add(up + r * at->ldt, p->up_bias + at->column, at->columns);
        switch (p->end) {
        case OCRVL_END_STORE: memcpy(out, sums, at->columns * sizeof *out); continue;
        case OCRVL_END_ADD: kern->add(out, sums, at->columns); continue;
        case OCRVL_END_GELU: kern->quick_gelu(sums, at->columns); break;
        case OCRVL_END_TANH_GELU: kern->tanh_gelu(sums, at->columns); break;
        case OCRVL_END_SILU: kern->silu_mul(sums, up + r * at->ldt, at->columns); break;
        }
        ocrvl_activations_put(kern, p->next, i + r, at->column, sums, at->columns);
    }
}

static place place_of(const job *j, unsigned worker, size_t task)
{
    size_t n = 0, width = j->panels * OCRVL_PANEL;
    while (task >= j->first[n + 1])
        n++;
    place at = {.p = &j->p[n], .w = j->p[n].w, .scratch = j->work->scratch + (size_t)worker * SCRATCH, .ldt = width};
    at.tile = at.scratch + PANEL_SCRATCH;
    at.part = at.tile + 2 * PASS * width; /* behind both tiles of products of bfloat16 */
    at.column = (task - j->first[n]) / j->parts * width;
    at.columns = at.w->n - at.column < width ? at.w->n - at.column : width;
    at.panels = (at.columns + OCRVL_PANEL - 1) / OCRVL_PANEL;
    return at;
}

static void multiply(void *user, unsigned worker, size_t task)
{
    const job *j = user;
    place at = place_of(j, worker, task), up = at;
    ocrvl_gemm_mode mode = at.w->mode;
    size_t part = (task - j->first[at.p - j->p]) % j->parts;
    size_t from = part * j->part_rows, end = j->m - from < j->part_rows ? j->m : from + j->part_rows;
    size_t pass = mode == OCRVL_GEMM_FLOAT && !at.w->packed ? TILE_ROWS / 2 : PASS;
    bool silu = at.p->end == OCRVL_END_SILU;
    void (*sums)(const job *j, const place *at, size_t i, size_t rows) = mode == OCRVL_GEMM_FLOAT ? float_sums
                                                                         : is_int(mode)           ? int_sums
                                                                         : j->few                 ? few_sums
                                                                                                  : pair_sums;
    up.w = at.p->up;
    up.tile = at.tile + pass * at.ldt;
    if (sums == pair_sums) {
        up.scratch = at.scratch + j->panels * panel_of(j->x);
        pack_pairs(j, &at);
        if (silu)
            pack_pairs(j, &up);
    }
    for (size_t i = from; i < end; i += pass) {
        size_t rows = end - i < pass ? end - i : pass;
        fetch_rows(&at, i, rows);
        sums(j, &at, i, rows);
        if (silu)
            sums(j, &up, i, rows);
        end_rows(j, &at, up.tile, i, rows);
    }
}

/* Chooses how wide tasks are. Sums that become rows of integers must be complete for whole blocks. Rows of integers are
 * read again for each task, mostly from the third-level cache: the wider tasks are, the less often. With few rows,
 * memory is prefetched from strip to strip within a task but not from task to task: the fewer tasks the better, as long
 * as each thread has some. */
static void choose_width(job *j)
{
    size_t panel = panel_of(j->x), all = 0, share;
    bool whole = false, twice = false;
    for (size_t i = 0; i < j->count; i++) {
        whole = whole || (j->p[i].next && is_int(j->p[i].next->mode));
        twice = twice || j->p[i].end == OCRVL_END_SILU;
        all += (j->p[i].w->n + OCRVL_PANEL - 1) / OCRVL_PANEL;
    }
    panel *= twice ? 2 : 1;
    bool fit = is_int(j->x->mode) && WIDE_GROUP * ocrvl_quant_codes(j->x->mode, j->x->k) <= WIDE_CODES;
    j->panels = whole || (fit && j->m > FEW) ? WIDE_GROUP : GROUP;
    j->few = j->x->mode == OCRVL_GEMM_BF16 && (j->m <= FEW || (whole && panel * WIDE_GROUP > PANEL_SCRATCH));
    share = all / (TASKS * (size_t)ocrvl_pool_threads(j->work->pool)) / j->panels * j->panels;
    if (j->few && share > j->panels)
        j->panels = share < MOST ? share : MOST;
    if (j->x->mode == OCRVL_GEMM_BF16 && !j->few && panel * j->panels > PANEL_SCRATCH)
        j->panels = PANEL_SCRATCH / panel;
}

void ocrvl_gemm_activations(const ocrvl_work *work, const ocrvl_activations *x, size_t m, const ocrvl_product *p,
                            size_t count)
{
    job j = {.work = work, .x = x, .m = m, .p = p, .count = count, .parts = 1, .part_rows = m};
    size_t groups = 0;
    if (m == 0)
        return;
    choose_width(&j);
    size_t width = j.panels * OCRVL_PANEL;
    for (size_t i = 0; i < count; i++)
        groups += (p[i].w->n + width - 1) / width;
    while (groups * j.parts < 4 * (size_t)ocrvl_pool_threads(work->pool) && j.part_rows > LEAST_ROWS) {
        j.part_rows = (j.part_rows / 2 + PASS - 1) / PASS * PASS;
        j.parts = (m + j.part_rows - 1) / j.part_rows;
    }
    for (size_t i = 0; i < count; i++)
        j.first[i + 1] = j.first[i] + (p[i].w->n + width - 1) / width * j.parts;
    ocrvl_pool_run(work->pool, j.first[count], multiply, &j);
}

typedef struct rounding {
    const ocrvl_work *work;
    const ocrvl_activations *to;
    const float *x;
    size_t m, ldx, d;
    const float *w, *b;
    float eps;
} rounding;

static void round_row(const rounding *r, float *row, size_t i)
{
    const ocrvl_kern *kern = r->work->kern;
    const float *x = r->x + i * (r->to->k / r->d) * r->ldx;
    float *to = r->to->mode == OCRVL_GEMM_FLOAT ? (float *)((char *)r->to->data + i * r->to->ld) : row;
    for (size_t at = 0; r->w && at < r->to->k; at += r->d, x += r->ldx)
        if (r->b)
            kern->layer_norm(to + at, x, r->w, r->b, r->d, r->eps);
        else
            kern->rms_norm(to + at, x, r->w, r->d, r->eps);
    if (!r->w || to == row)
        ocrvl_activations_put(kern, r->to, i, 0, r->w ? row : x, r->to->k);
}

static void round_rows(void *user, unsigned worker, size_t task)
{
    const rounding *r = user;
    size_t end = (task + 1) * ROUND < r->m ? (task + 1) * ROUND : r->m;
    for (size_t i = task * ROUND; i < end; i++)
        round_row(r, r->work->scratch + (size_t)worker * SCRATCH, i);
}

void ocrvl_activations_norm(const ocrvl_work *work, const ocrvl_activations *to, const float *x, size_t m, size_t ldx,
                            size_t d, const float *w, const float *b, float eps)
{
    rounding r = {work, to, x, m, ldx, d, w, b, eps};
    ocrvl_pool_run(work->pool, (m + ROUND - 1) / ROUND, round_rows, &r);
}

void ocrvl_gemm_many(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_product *p, size_t count)
{
    ocrvl_product now[OCRVL_MAX_PRODUCTS];
    ocrvl_gemm_mode mode = p->w->mode;
    for (size_t i = 1; i < count; i++)
        if (p[i].w->mode != mode) {
            ocrvl_gemm_many(work, x, m, ldx, p, i);
            ocrvl_gemm_many(work, x, m, ldx, p + i, count - i);
            return;
        }
    ocrvl_activations rows = {mode, p->w->k, ocrvl_activation_bytes(mode, p->w->k), work->narrow};
    size_t most = mode == OCRVL_GEMM_FLOAT ? m : NARROW * sizeof *work->narrow / rows.ld;
    memcpy(now, p, count * sizeof *p);
    for (size_t i = 0; i < m; i += most) {
        size_t now_m = m - i < most ? m - i : most;
        if (mode == OCRVL_GEMM_FLOAT)
            rows.data = (void *)(uintptr_t)x, rows.ld = ldx * sizeof *x; /* the rows are read where they are */
        else
            ocrvl_activations_norm(work, &rows, x + i * ldx, now_m, ldx, rows.k, NULL, NULL, 0);
        for (size_t q = 0; q < count; q++)
            now[q].out = p[q].out + i * row_of(&p[q]);
        ocrvl_gemm_activations(work, &rows, now_m, now, count);
    }
}

void ocrvl_gemm(const ocrvl_work *work, const float *x, size_t m, size_t ldx, const ocrvl_mat *w, const float *bias,
                float *out, size_t ldo)
{
    ocrvl_product p = {.w = w, .bias = bias, .out = out, .ldo = ldo};
    ocrvl_gemm_many(work, x, m, ldx, &p, 1);
}

bool ocrvl_mat_pack(const ocrvl_kern *kern, ocrvl_mat *w)
{
    size_t panels = (w->n + OCRVL_PANEL - 1) / OCRVL_PANEL, item = ocrvl_dtype_size(w->type);
    ocrvl_fp8_mat fp8 = fp8_of(w);
    float *dst = ocrvl_alloc_aligned(panels, w->k * OCRVL_PANEL * sizeof *dst);
    if (!dst)
        return false;
    for (size_t i = 0; i < panels; i++) {
        size_t row = i * OCRVL_PANEL, rows = w->n - row < OCRVL_PANEL ? w->n - row : OCRVL_PANEL;
        if (w->type == OCRVL_FP8)
            ocrvl_fp8_pack(&fp8, dst + row * w->k, row, rows, 0, w->k);
        else
            kern->pack(dst + row * w->k, (const char *)w->data + row * w->k * item, w->type, rows, w->k, w->k);
    }
    w->packed = dst;
    return true;
}
