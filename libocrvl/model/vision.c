/* The vision tower: patch embedding, blocks of attention and MLP over each frame's patches, the merger. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "kern/attend.h"
#include "model/engine.h"

/* In float32 QUERIES rows of scores are held at a time, so that memory grows with the number of patches and not with
 * its square; the MLP goes by CHUNK rows for the same reason. */
enum { QUERIES = 48, CHUNK = 6144 };

typedef struct tower {
    ocrvl_engine *e;
    const ocrvl_kern *kern;
    const ocrvl_config *c;
    size_t patches;
    size_t *frame; /* [frames + 1] first patch of each frame */
    size_t frames, longest;
    size_t vd;        /* head_dim rounded up to a panel */
    float *cos, *sin; /* [patches][head_dim / 2] */
    float *x;         /* [patches][width] */
    void *y;          /* [patches] rows of width, as the next product wants them */
    float *qkv;       /* [patches][3 * width]; what attention gives takes the place of its queries */
    /* panels of the frame at hand: [heads][longest panels][head_dim][16], [heads][vd / 16][longest][16] */
    float *k, *v;
    /* the same in bfloat16, [heads][longest panels][head_dim / 2][16][2], [heads][vd / 16][longest, up to 16][16] */
    uint16_t *k2, *v2;
    float *scores; /* [workers][QUERIES][longest panels * 16 + vd], or [workers][ocrvl_attend_scratch] */
    size_t at;     /* the frame at hand: its first patch and size */
    size_t n;
} tower;

static size_t round_up(size_t n) { return (n + OCRVL_PANEL - 1) / OCRVL_PANEL * OCRVL_PANEL; }

static ocrvl_status count_frames(tower *t, const ocrvl_patch_grid *grids, size_t count, ocrvl_error *err)
{
    size_t frames = 0, total = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t n = (uint64_t)grids[i].h * grids[i].w;
        if (n == 0 || grids[i].t == 0 || grids[i].h % t->c->merge || grids[i].w % t->c->merge ||
            n * grids[i].t > (1u << 26) - total)
            return ocrvl_fail(err, OCRVL_E_ARG, "an image of %u x %u x %u patches is not valid", grids[i].t, grids[i].h,
                              grids[i].w);
        frames += grids[i].t;
        total += (size_t)(n * grids[i].t);
        t->longest = n > t->longest ? (size_t)n : t->longest;
    }
    t->frames = frames;
    t->patches = total;
    t->frame = ocrvl_alloc_array(frames + 1, sizeof *t->frame);
    return t->frame ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* The rotary table: the first half of the frequencies turns by row, the second by column. */
static ocrvl_status place_patches(tower *t, const ocrvl_patch_grid *grids, size_t count, ocrvl_error *err)
{
    size_t quarter = t->c->v_head_dim / 4, at = 0, f = 0;
    uint32_t *rows = ocrvl_alloc_array(t->longest, 2 * sizeof *rows), *columns = rows + t->longest;
    if (!rows)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < count; i++) {
        size_t n = (size_t)grids[i].h * grids[i].w;
        ocrvl_vision_positions(grids[i], t->c->merge, rows, columns);
        for (uint32_t frame = 0; frame < grids[i].t; frame++, at += n) {
            t->frame[f++] = at;
            for (size_t p = 0; p < n; p++)
                for (size_t j = 0; j < 2 * quarter; j++) {
                    float angle = (float)(j < quarter ? rows[p] : columns[p]) * t->e->m->v_freq[j % quarter];
                    t->cos[(at + p) * 2 * quarter + j] = cosf(angle);
                    t->sin[(at + p) * 2 * quarter + j] = sinf(angle);
                }
        }
    }
    t->frame[f] = at;
    ocrvl_free(rows);
    return OCRVL_OK;
}

/* Room for a row of k numbers in whatever form a product wants it. */
static size_t row_floats(size_t k) { return ocrvl_activation_bytes(OCRVL_GEMM_FLOAT, k) / sizeof(float); }

static ocrvl_status make_room(tower *t, ocrvl_error *err)
{
    const ocrvl_config *c = t->c;
    size_t n = t->patches, wide = round_up(t->longest);
    t->vd = round_up(c->v_head_dim);
    size_t turn = n * (c->v_head_dim / 2), keys = c->v_heads * wide * c->v_head_dim;
    size_t values = c->v_heads * t->vd * wide, workers = ocrvl_pool_threads(t->e->work.pool);
    size_t scores = t->e->m->low_precision ? ocrvl_attend_scratch(c->v_head_dim) : (size_t)QUERIES * (wide + t->vd);
    t->cos = ocrvl_engine_buffer(t->e, 0, 2 * turn);
    t->x = ocrvl_engine_buffer(t->e, 1, n * c->v_width + n * row_floats(c->v_width));
    t->qkv = ocrvl_engine_buffer(t->e, 2, n * 3 * c->v_width);
    t->k = ocrvl_engine_buffer(t->e, 3, t->e->m->low_precision ? (keys + values) / 2 : keys + values);
    t->scores = ocrvl_engine_buffer(t->e, 4, workers * scores);
    if (!t->cos || !t->x || !t->qkv || !t->k || !t->scores)
        return ocrvl_fail_nomem(err);
    t->sin = t->cos + turn;
    t->y = t->x + n * c->v_width;
    t->v = t->k + keys;
    t->k2 = (uint16_t *)t->k;
    t->v2 = t->k2 + keys;
    return OCRVL_OK;
}

/* One head of the frame at hand: turns q and k, and lays k and v out in panels. */
static void prepare_head(void *user, unsigned worker, size_t head)
{
    tower *t = user;
    size_t hd = t->c->v_head_dim, half = hd / 2, d = t->c->v_width, wide = round_up(t->longest);
    float *k = t->k + head * wide * hd, *v = t->v + head * t->vd * t->longest;
    (void)worker;
    memset(v, 0, t->vd * t->longest * sizeof *v);
    for (size_t i = 0; i < t->n; i++) {
        size_t row = t->at + i;
        float *q = t->qkv + row * 3 * d + head * hd, *key = q + d;
        const float *value = q + 2 * d;
        t->kern->rotate(q, t->cos + row * half, t->sin + row * half, half);
        t->kern->rotate(key, t->cos + row * half, t->sin + row * half, half);
        for (size_t j = 0; j < hd; j++) {
            k[(i / OCRVL_PANEL * hd + j) * OCRVL_PANEL + i % OCRVL_PANEL] = key[j];
            v[(j / OCRVL_PANEL * t->n + i) * OCRVL_PANEL + j % OCRVL_PANEL] = value[j];
        }
    }
    for (size_t i = t->n; i < round_up(t->n); i++)
        for (size_t j = 0; j < hd; j++)
            k[(i / OCRVL_PANEL * hd + j) * OCRVL_PANEL + i % OCRVL_PANEL] = 0;
}

/* Attention of QUERIES patches of one head, in the place of their queries. */
static void attend(void *user, unsigned worker, size_t task)
{
    tower *t = user;
    size_t hd = t->c->v_head_dim, d = t->c->v_width, wide = round_up(t->longest);
    size_t head = task % t->c->v_heads, from = task / t->c->v_heads * QUERIES;
    size_t m = t->n - from < QUERIES ? t->n - from : QUERIES, panels = round_up(t->n) / OCRVL_PANEL;
    float *s = t->scores + (size_t)worker * QUERIES * (wide + t->vd), *o = s + (size_t)QUERIES * wide;
    float *q = t->qkv + (t->at + from) * 3 * d + head * hd;
    t->kern->tile(m, panels, hd, q, 3 * d, t->k + head * wide * hd, hd * OCRVL_PANEL, s, wide, false);
    float scale = 1.0f / sqrtf((float)hd), sum[QUERIES];
    for (size_t i = 0; i < m; i++)
        sum[i] = t->kern->softmax(s + i * wide, t->n, scale);
    t->kern->tile(m, t->vd / OCRVL_PANEL, t->n, s, wide, t->v + head * t->vd * t->longest, t->n * OCRVL_PANEL, o, t->vd,
                  false);
    for (size_t i = 0; i < m; i++) {
        t->kern->scale(o + i * t->vd, 1.0f / sum[i], hd);
        memcpy(q + i * 3 * d, o + i * t->vd, hd * sizeof *q);
    }
}

/* The same in bfloat16, OCRVL_PANEL patches of a head. */
static void prepare_panel_bf16(void *user, unsigned worker, size_t task)
{
    tower *t = user;
    size_t hd = t->c->v_head_dim, half = hd / 2, d = t->c->v_width, wide = round_up(t->longest);
    size_t head = task % t->c->v_heads, at = task / t->c->v_heads * OCRVL_PANEL;
    size_t rows = t->n - at < OCRVL_PANEL ? t->n - at : OCRVL_PANEL;
    float *q = t->qkv + (t->at + at) * 3 * d + head * hd;
    (void)worker;
    for (size_t i = 0; i < rows; i++) {
        const float *cs = t->cos + (t->at + at + i) * half, *sn = t->sin + (t->at + at + i) * half;
        t->kern->rotate(q + i * 3 * d, cs, sn, half);
        t->kern->rotate(q + i * 3 * d + d, cs, sn, half);
    }
    ocrvl_attend_put_panel(t->kern, t->k2 + head * wide * hd, t->v2 + head * t->vd * wide, wide * OCRVL_PANEL, hd, at,
                           rows, q + d, q + 2 * d, 3 * d);
}

static void attend_bf16(void *user, unsigned worker, size_t task)
{
    tower *t = user;
    size_t hd = t->c->v_head_dim, d = t->c->v_width, wide = round_up(t->longest);
    size_t blocks = (t->n + OCRVL_ATTEND_ROWS - 1) / OCRVL_ATTEND_ROWS, head = task / blocks;
    size_t from = task % blocks * OCRVL_ATTEND_ROWS, left = t->n - from;
    float *q = t->qkv + (t->at + from) * 3 * d + head * hd;
    ocrvl_attention a = {
        t->kern,           hd, 1.0f / sqrtf((float)hd), t->k2 + head * wide * hd, t->v2 + head * t->vd * wide,
        wide * OCRVL_PANEL};
    ocrvl_attend(&a, left < OCRVL_ATTEND_ROWS ? left : OCRVL_ATTEND_ROWS, q, 3 * d, t->n, 0, q, 3 * d,
                 t->scores + worker * ocrvl_attend_scratch(hd));
}

static void attend_frame(tower *t)
{
    ocrvl_pool *pool = t->e->work.pool;
    size_t heads = t->c->v_heads;
    if (t->e->m->low_precision) {
        ocrvl_pool_run(pool, heads * (round_up(t->n) / OCRVL_PANEL), prepare_panel_bf16, t);
        ocrvl_pool_run(pool, heads * ((t->n + OCRVL_ATTEND_ROWS - 1) / OCRVL_ATTEND_ROWS), attend_bf16, t);
    } else {
        ocrvl_pool_run(pool, heads, prepare_head, t);
        ocrvl_pool_run(pool, heads * ((t->n + QUERIES - 1) / QUERIES), attend, t);
    }
}

static ocrvl_activations rows_for(const ocrvl_linear *l, void *data)
{
    return (ocrvl_activations){l->w.mode, l->w.k, ocrvl_activation_bytes(l->w.mode, l->w.k), data};
}

/* m rows of l's products in y: rows of x, ldx floats apart, normalised unless norm is NULL. */
static ocrvl_activations rows_of(const tower *t, const ocrvl_norm_weights *norm, const float *x, size_t m, size_t ldx,
                                 const ocrvl_linear *l)
{
    ocrvl_activations to = rows_for(l, t->y);
    ocrvl_activations_norm(&t->e->work, &to, x, m, ldx, t->c->v_width, norm ? norm->w : NULL, norm ? norm->b : NULL,
                           1e-6f);
    return to;
}

static void multiply(const tower *t, const ocrvl_activations *x, size_t m, const ocrvl_linear *l, ocrvl_ending end,
                     float *out)
{
    ocrvl_product p = {.w = &l->w, .bias = l->bias, .out = out, .end = end};
    ocrvl_gemm_activations(&t->e->work, x, m, &p, 1);
}

static void attention(tower *t, const ocrvl_vision_block *b)
{
    size_t d = t->c->v_width;
    ocrvl_activations y = rows_of(t, &b->norm1, t->x, t->patches, d, &b->qkv);
    multiply(t, &y, t->patches, &b->qkv, OCRVL_END_STORE, t->qkv);
    for (size_t f = 0; f < t->frames; f++) {
        t->at = t->frame[f];
        t->n = t->frame[f + 1] - t->at;
        attend_frame(t);
    }
    y = rows_of(t, NULL, t->qkv, t->patches, 3 * d, &b->proj);
    multiply(t, &y, t->patches, &b->proj, OCRVL_END_ADD, t->x);
}

static ocrvl_status mlp(tower *t, const ocrvl_vision_block *b, ocrvl_error *err)
{
    size_t d = t->c->v_width, chunk = t->patches < CHUNK ? t->patches : CHUNK;
    ocrvl_activations wide = rows_for(&b->fc2, NULL);
    wide.data = ocrvl_engine_buffer(t->e, 5, chunk * (wide.ld / sizeof(float)));
    if (!wide.data)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < t->patches; i += chunk) {
        size_t m = t->patches - i < chunk ? t->patches - i : chunk;
        ocrvl_activations y = rows_of(t, &b->norm2, t->x + i * d, m, d, &b->fc1);
        ocrvl_product in = {.w = &b->fc1.w, .bias = b->fc1.bias, .end = OCRVL_END_GELU, .next = &wide};
        ocrvl_gemm_activations(&t->e->work, &y, m, &in, 1);
        multiply(t, &wide, m, &b->fc2, OCRVL_END_ADD, t->x + i * d);
    }
    return OCRVL_OK;
}

typedef struct activating {
    float *x;
    size_t d;
} activating;

/* The exact GELU. */
static void activate_row(void *user, unsigned worker, size_t row)
{
    const activating *a = user;
    float *x = a->x + row * a->d;
    (void)worker;
    for (size_t i = 0; i < a->d; i++)
        x[i] = x[i] * 0.5f * (1.0f + erff(x[i] * 0.70710678118654752f));
}

/* merge^2 patches side by side, through two matrices with the exact GELU between. */
static ocrvl_status merge(tower *t, float *out, ocrvl_error *err)
{
    const ocrvl_weights *m = t->e->m;
    size_t tokens = t->patches / (t->c->merge * t->c->merge), wide = m->merger0.w.n;
    float *hidden = ocrvl_engine_buffer(t->e, 2, tokens * wide);
    if (!hidden)
        return ocrvl_fail_nomem(err);
    ocrvl_activations y = rows_of(t, &m->merger_norm, t->x, tokens, t->c->v_width, &m->merger0);
    multiply(t, &y, tokens, &m->merger0, OCRVL_END_STORE, hidden);
    activating a = {hidden, wide};
    ocrvl_pool_run(t->e->work.pool, tokens, activate_row, &a);
    ocrvl_gemm(&t->e->work, hidden, tokens, wide, &m->merger2.w, m->merger2.bias, out, t->c->width);
    return OCRVL_OK;
}

static void report(const tower *t, const char *name, const float *x, size_t rows, size_t columns)
{
    if (t->e->on_stage)
        t->e->on_stage(t->e->user, name, x, rows, columns);
}

static ocrvl_status run_tower(tower *t, const float *patches, const ocrvl_patch_grid *grids, size_t count, float *out,
                              ocrvl_error *err)
{
    const ocrvl_weights *m = t->e->m;
    ocrvl_status st = make_room(t, err);
    if (!st)
        st = place_patches(t, grids, count, err);
    if (st)
        return st;
    ocrvl_gemm(&t->e->work, patches, t->patches, m->patch_embed.w.k, &m->patch_embed.w, NULL, t->x, t->c->v_width);
    report(t, "vision.patch_embed", t->x, t->patches, t->c->v_width);
    for (size_t i = 0; i < t->c->v_depth; i++) {
        char name[40];
        st = ocrvl_engine_check_cancel(t->e, err);
        if (st)
            return st;
        attention(t, &m->blocks[i]);
        st = mlp(t, &m->blocks[i], err);
        if (st)
            return st;
        snprintf(name, sizeof name, "vision.block_%zu", i);
        report(t, name, t->x, t->patches, t->c->v_width);
    }
    st = merge(t, out, err);
    if (!st)
        report(t, "vision.merger", out, t->patches / (t->c->merge * t->c->merge), t->c->width);
    return st;
}

ocrvl_status ocrvl_engine_encode(ocrvl_engine *e, const float *patches, const ocrvl_patch_grid *grids, size_t count,
                                 float *out, ocrvl_error *err)
{
    tower t = {.e = e, .kern = e->work.kern, .c = &e->m->config};
    ocrvl_status st = count_frames(&t, grids, count, err);
    if (!st && t.patches)
        st = run_tower(&t, patches, grids, count, out, err);
    ocrvl_free(t.frame);
    return st;
}
