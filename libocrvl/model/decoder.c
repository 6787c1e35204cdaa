/* The decoder: grouped-query attention with M-RoPE over cached keys and values, SwiGLU, RMS norms. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "kern/attend.h"
#include "model/engine.h"

/* Rows of scores that a worker holds at a time; CHUNK rows of the MLP. */
enum { QUERIES = OCRVL_ATTEND_ROWS, CHUNK = 2048 };

static size_t round_up(size_t n) { return (n + OCRVL_PANEL - 1) / OCRVL_PANEL * OCRVL_PANEL; }

/* ---- the cache --------------------------------------------------------------------------------------- */

static size_t item_of(const ocrvl_config *c) { return c->bf16_cache ? sizeof(uint16_t) : sizeof(float); }

static void *keys_of(const ocrvl_kv *kv, const ocrvl_config *c, size_t layer, size_t head)
{
    return (char *)kv->k + (layer * c->kv_heads + head) * kv->cap * c->head_dim * item_of(c);
}

static void *values_of(const ocrvl_kv *kv, const ocrvl_config *c, size_t layer, size_t head)
{
    return (char *)kv->v + (layer * c->kv_heads + head) * kv->cap * round_up(c->head_dim) * item_of(c);
}

void ocrvl_kv_copy(ocrvl_kv *kv, const ocrvl_kv *from, const ocrvl_config *c, size_t len)
{
    size_t item = item_of(c), row = OCRVL_PANEL * item, whole = round_up(len);
    for (size_t l = 0; l < c->layers; l++)
        for (size_t h = 0; h < c->kv_heads; h++) {
            char *v = values_of(kv, c, l, h);
            const char *w = values_of(from, c, l, h);
            memcpy(keys_of(kv, c, l, h), keys_of(from, c, l, h), whole * c->head_dim * item);
            for (size_t p = 0; p < round_up(c->head_dim) / OCRVL_PANEL; p++)
                memcpy(v + p * kv->cap * row, w + p * from->cap * row, whole * row);
        }
    kv->len = len;
}

ocrvl_status ocrvl_kv_reserve(ocrvl_kv *kv, const ocrvl_config *c, size_t cap, ocrvl_error *err)
{
    if (cap <= kv->cap)
        return OCRVL_OK;
    ocrvl_kv bigger = {.cap = round_up(cap)};
    size_t rows = c->layers * c->kv_heads;
    bigger.k = ocrvl_alloc_aligned(rows * bigger.cap, c->head_dim * item_of(c));
    bigger.v = ocrvl_alloc_aligned(rows * bigger.cap, round_up(c->head_dim) * item_of(c));
    if (!bigger.k || !bigger.v) {
        ocrvl_kv_free(&bigger);
        return ocrvl_fail_nomem(err);
    }
    if (kv->len)
        ocrvl_kv_copy(&bigger, kv, c, kv->len);
    ocrvl_kv_free(kv);
    *kv = bigger;
    return OCRVL_OK;
}

void ocrvl_kv_free(ocrvl_kv *kv)
{
    ocrvl_free(kv->k);
    ocrvl_free(kv->v);
    memset(kv, 0, sizeof *kv);
}

/* ---- a pass ------------------------------------------------------------------------------------------ */

/* One share of a layer's attention: QUERIES rows of one run against one key/value head. */
typedef struct share {
    size_t run, head, first, rows;
} share;

typedef struct pass {
    ocrvl_engine *e;
    const ocrvl_kern *kern;
    const ocrvl_config *c;
    const ocrvl_run *runs;
    size_t count, rows;
    size_t *start; /* [count] first row of each run */
    share *shares;
    size_t share_count;
    size_t layer, longest; /* longest: tokens of the longest sequence, rounded up to a panel */
    float *x;              /* [rows][width] */
    void *y;               /* [rows] rows of width, as the next product wants them */
    /* [rows][heads * head_dim], [rows][kv_heads * head_dim] twice; what attention gives takes the place of q */
    float *q, *k, *v;
    float *cos, *sin; /* [rows][head_dim / 2] */
    float *scores;    /* [workers][QUERIES][longest + round_up(head_dim)], or [workers][ocrvl_attend_scratch] */
    size_t per_worker;
    bool last_rows; /* from this layer's attention on, only the last row of each run is computed */
} pass;

static ocrvl_status share_out(pass *p, ocrvl_error *err)
{
    size_t n = 0;
    p->start = ocrvl_alloc_array(p->count, sizeof *p->start);
    for (size_t r = 0; r < p->count; r++) {
        if (p->start)
            p->start[r] = p->rows;
        p->rows += p->runs[r].rows;
        size_t len = round_up(p->runs[r].kv->len + p->runs[r].rows);
        p->longest = len > p->longest ? len : p->longest;
        n += (p->runs[r].rows + QUERIES - 1) / QUERIES * p->c->kv_heads;
    }
    p->shares = ocrvl_alloc_array(n, sizeof *p->shares);
    if (!p->start || !p->shares)
        return ocrvl_fail_nomem(err);
    for (size_t r = 0; r < p->count; r++)
        for (size_t h = 0; h < p->c->kv_heads; h++)
            for (size_t i = 0; i < p->runs[r].rows; i += QUERIES) {
                size_t rows = p->runs[r].rows - i < QUERIES ? p->runs[r].rows - i : QUERIES;
                p->shares[p->share_count++] = (share){r, h, i, rows};
            }
    return OCRVL_OK;
}

/* The shares of the last row of each run. */
static void share_out_last(pass *p)
{
    p->share_count = 0;
    for (size_t r = 0; r < p->count; r++)
        for (size_t h = 0; h < p->c->kv_heads; h++)
            p->shares[p->share_count++] = (share){r, h, p->runs[r].rows - 1, 1};
}

/* Moves the last row of each run of x [rows][width] to the front, where no later one stands. */
static void gather_last(const pass *p, float *x, size_t width)
{
    for (size_t r = 0; r < p->count; r++)
        memmove(x + r * width, x + (p->start[r] + p->runs[r].rows - 1) * width, width * sizeof *x);
}

static ocrvl_status make_room(pass *p, ocrvl_error *err)
{
    const ocrvl_config *c = p->c;
    size_t n = p->rows, kv = c->kv_heads * c->head_dim, q = ocrvl_config_queries(c), wide = q > c->width ? q : c->width;
    p->q = ocrvl_engine_buffer(p->e, 0, n * (wide + 2 * kv + ocrvl_activation_floats(wide)));
    p->cos = ocrvl_engine_buffer(p->e, 1, n * c->head_dim);
    p->per_worker =
        c->bf16_cache ? ocrvl_attend_scratch(c->head_dim) : (size_t)QUERIES * (p->longest + round_up(c->head_dim));
    p->scores = ocrvl_engine_buffer(p->e, 2, ocrvl_pool_threads(p->e->work.pool) * p->per_worker);
    if (!p->q || !p->cos || !p->scores)
        return ocrvl_fail_nomem(err);
    p->k = p->q + n * wide;
    p->v = p->k + n * kv;
    p->y = p->v + n * kv;
    p->sin = p->cos + n * (c->head_dim / 2);
    return OCRVL_OK;
}

static void turn_positions(pass *p, const int32_t *pos)
{
    size_t half = p->c->head_dim / 2, n = p->rows;
    for (size_t i = 0; i < n; i++) {
        int32_t at[3] = {pos[i], pos[n + i], pos[2 * n + i]};
        ocrvl_mrope_turn(p->e->m->t_freq, p->c->mrope, p->c->mrope_mixed, at, p->cos + i * half, p->sin + i * half);
    }
}

static void put(const pass *p, const ocrvl_kv *kv, size_t head, size_t at, const float *key, const float *value)
{
    size_t hd = p->c->head_dim, stride = kv->cap * OCRVL_PANEL;
    void *keys = keys_of(kv, p->c, p->layer, head), *values = values_of(kv, p->c, p->layer, head);
    if (p->c->bf16_cache) {
        ocrvl_attend_put_key(p->kern, keys, hd, at, key);
        ocrvl_attend_put_value(p->kern, values, stride, hd, at, value);
        return;
    }
    float *k = (float *)keys + at / OCRVL_PANEL * hd * OCRVL_PANEL + at % OCRVL_PANEL;
    float *v = (float *)values + at * OCRVL_PANEL;
    for (size_t j = 0; j < hd; j++) {
        k[j * OCRVL_PANEL] = key[j];
        v[j / OCRVL_PANEL * stride + j % OCRVL_PANEL] = value[j];
    }
}

/* Normalises a head, if its layer does that, and turns it. */
static void turn_head(const pass *p, float *head, const float *norm, size_t row)
{
    size_t hd = p->c->head_dim, half = hd / 2;
    if (norm)
        p->kern->rms_norm(head, head, norm, hd, p->c->rms_eps);
    p->kern->rotate(head, p->cos + row * half, p->sin + row * half, half);
}

/* Turns new queries and keys, OCRVL_PANEL rows of them, and puts keys and values into their caches. */
static void remember(void *user, unsigned worker, size_t task)
{
    const pass *p = user;
    const ocrvl_config *c = p->c;
    const ocrvl_layer *l = &p->e->m->layers[p->layer];
    size_t hd = c->head_dim, width = c->kv_heads * hd, r = 0;
    size_t end = (task + 1) * OCRVL_PANEL < p->rows ? (task + 1) * OCRVL_PANEL : p->rows;
    (void)worker;
    for (size_t row = task * OCRVL_PANEL; row < end; row++) {
        while (row - p->start[r] >= p->runs[r].rows)
            r++;
        size_t at = p->runs[r].kv->len + row - p->start[r];
        for (size_t h = 0; h < c->heads; h++)
            turn_head(p, p->q + (row * c->heads + h) * hd, l->q_norm, row);
        for (size_t h = 0; h < c->kv_heads; h++) {
            float *key = p->k + row * width + h * hd;
            turn_head(p, key, l->k_norm, row);
            put(p, p->runs[r].kv, h, at, key, p->v + row * width + h * hd);
        }
    }
}

/* m <= QUERIES rows of queries, ld apart, against the sequence's tokens: row i sees the first `see + i * step` of them.
 * The results take the place of the queries. */
static void attend_rows(const pass *p, const share *s, size_t m, float *q, size_t ld, size_t visible, size_t step,
                        float *scores)
{
    const ocrvl_config *c = p->c;
    const ocrvl_kv *kv = p->runs[s->run].kv;
    size_t hd = c->head_dim, vd = round_up(hd), keys = visible + (m - 1) * step;
    if (c->bf16_cache) {
        ocrvl_attention a = {p->kern,
                             hd,
                             1.0f / sqrtf((float)hd),
                             keys_of(kv, c, p->layer, s->head),
                             values_of(kv, c, p->layer, s->head),
                             kv->cap * OCRVL_PANEL};
        ocrvl_attend(&a, m, q, ld, visible, step, q, ld, scores);
        return;
    }
    float *o = scores + (size_t)QUERIES * p->longest, scale = 1.0f / sqrtf((float)hd), sum[QUERIES];
    p->kern->tile(m, round_up(keys) / OCRVL_PANEL, hd, q, ld, keys_of(kv, c, p->layer, s->head), hd * OCRVL_PANEL,
                  scores, p->longest, false);
    for (size_t i = 0; i < m; i++) {
        float *row = scores + i * p->longest;
        size_t n = visible + i * step;
        sum[i] = p->kern->softmax(row, n, scale);
        memset(row + n, 0, (keys - n) * sizeof *row); /* what comes later weighs exactly nothing */
    }
    p->kern->tile(m, vd / OCRVL_PANEL, keys, scores, p->longest, values_of(kv, c, p->layer, s->head),
                  kv->cap * OCRVL_PANEL, o, vd, false);
    for (size_t i = 0; i < m; i++) {
        p->kern->scale(o + i * vd, 1.0f / sum[i], hd);
        memcpy(q + i * ld, o + i * vd, hd * sizeof *q);
    }
}

/* Query head j uses key/value head j / (heads / kv_heads). Of a single new token the group's heads are the rows, of
 * more tokens the tokens are, head by head. */
static void attend(void *user, unsigned worker, size_t task)
{
    pass *p = user;
    const share *s = &p->shares[task];
    size_t hd = p->c->head_dim, group = p->c->heads / p->c->kv_heads, width = p->c->heads * hd;
    size_t row = p->start[s->run] + s->first, visible = p->runs[s->run].kv->len + s->first + 1;
    float *scores = p->scores + worker * p->per_worker;
    size_t at = row * width + s->head * group * hd;
    if (s->rows > 1)
        for (size_t j = 0; j < group; j++)
            attend_rows(p, s, s->rows, p->q + at + j * hd, width, visible, 1, scores);
    else
        for (size_t j = 0; j < group; j += QUERIES) {
            size_t m = group - j < QUERIES ? group - j : QUERIES;
            attend_rows(p, s, m, p->q + at + j * hd, hd, visible, 0, scores);
        }
}

static ocrvl_activations rows_for(const ocrvl_linear *l, void *data)
{
    return (ocrvl_activations){l->w.mode, l->w.k, ocrvl_activation_bytes(l->w.mode, l->w.k), data};
}

/* m rows of l's products in y: rows of x, as wide as l takes them, normalised unless norm is NULL. */
static ocrvl_activations rows_of(const pass *p, const float *norm, const float *x, size_t m, const ocrvl_linear *l)
{
    ocrvl_activations to = rows_for(l, p->y);
    ocrvl_activations_norm(&p->e->work, &to, x, m, l->w.k, l->w.k, norm, NULL, p->c->rms_eps);
    return to;
}

static void attention(pass *p, const ocrvl_layer *l)
{
    ocrvl_pool *pool = p->e->work.pool;
    const ocrvl_linear *in[] = {&l->q, &l->k, &l->v};
    float *out[] = {p->q, p->k, p->v};
    for (size_t i = 0, n; i < 3; i += n) { /* those of one way together */
        ocrvl_activations y = rows_of(p, l->norm1.w, p->x, p->rows, in[i]);
        ocrvl_product products[3];
        for (n = 0; i + n < 3 && in[i + n]->w.mode == in[i]->w.mode; n++)
            products[n] = (ocrvl_product){.w = &in[i + n]->w, .bias = in[i + n]->bias, .out = out[i + n]};
        ocrvl_gemm_activations(&p->e->work, &y, p->rows, products, n);
    }
    ocrvl_pool_run(pool, (p->rows + OCRVL_PANEL - 1) / OCRVL_PANEL, remember, p);
    if (p->last_rows)
        share_out_last(p);
    ocrvl_pool_run(pool, p->share_count, attend, p);
    if (p->last_rows) {
        gather_last(p, p->q, ocrvl_config_queries(p->c));
        gather_last(p, p->x, p->c->width);
        p->rows = p->count;
    }
    ocrvl_activations y = rows_of(p, NULL, p->q, p->rows, &l->o);
    ocrvl_product o = {.w = &l->o.w, .bias = l->o.bias, .out = p->x, .end = OCRVL_END_ADD};
    ocrvl_gemm_activations(&p->e->work, &y, p->rows, &o, 1);
}

static ocrvl_status mlp(pass *p, const ocrvl_layer *l, ocrvl_error *err)
{
    size_t d = p->c->width, chunk = p->rows < CHUNK ? p->rows : CHUNK;
    ocrvl_activations wide = rows_for(&l->down, NULL);
    wide.data = ocrvl_engine_buffer(p->e, 3, chunk * (wide.ld / sizeof(float)));
    if (!wide.data)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < p->rows; i += chunk) {
        size_t m = p->rows - i < chunk ? p->rows - i : chunk;
        ocrvl_activations y = rows_of(p, l->norm2.w, p->x + i * d, m, &l->gate);
        ocrvl_product in = {.w = &l->gate.w, .up = &l->up.w, .end = OCRVL_END_SILU, .next = &wide};
        ocrvl_gemm_activations(&p->e->work, &y, m, &in, 1);
        ocrvl_product down = {.w = &l->down.w, .out = p->x + i * d, .end = OCRVL_END_ADD};
        ocrvl_gemm_activations(&p->e->work, &wide, m, &down, 1);
    }
    return OCRVL_OK;
}

/* Adds to the visual tokens what the tower saw on its way, after each of the first layers. */
static void deepen(const pass *p)
{
    size_t d = p->c->width;
    if (p->layer >= p->c->v_deep_count)
        return;
    for (size_t r = 0; r < p->count; r++)
        for (size_t i = 0; i < p->runs[r].visual; i++)
            p->kern->add(p->x + (p->start[r] + p->runs[r].at[i]) * d,
                         p->runs[r].deep + p->layer * p->runs[r].deep_stride + i * d, d);
}

/* Whether rows may be left out: nobody looks at them, and nothing is added to them after the last layer. */
static bool may_leave_out(const pass *p)
{
    return p->runs[0].last_only && !p->e->on_stage && p->c->v_deep_count < p->c->layers;
}

static ocrvl_status run_layers(pass *p, const int32_t *pos, ocrvl_error *err)
{
    ocrvl_status st = make_room(p, err);
    if (st)
        return st;
    turn_positions(p, pos);
    for (p->layer = 0; p->layer < p->c->layers; p->layer++) {
        const ocrvl_layer *l = &p->e->m->layers[p->layer];
        p->last_rows = may_leave_out(p) && p->layer + 1 == p->c->layers;
        st = ocrvl_engine_check_cancel(p->e, err);
        if (st)
            return st;
        attention(p, l);
        st = mlp(p, l, err);
        if (st)
            return st;
        if (p->e->on_stage) {
            char name[40];
            snprintf(name, sizeof name, "decoder.layer_%zu", p->layer);
            p->e->on_stage(p->e->user, name, p->x, p->rows, p->c->width);
        }
        deepen(p);
        if (p->e->on_work)
            p->e->on_work(p->e->work_user, true, p->layer + 1, p->c->layers);
    }
    for (size_t r = 0; r < p->count; r++)
        p->runs[r].kv->len += p->runs[r].rows;
    if (p->e->on_stage) {
        ocrvl_activations y = {OCRVL_GEMM_FLOAT, p->c->width, p->c->width * sizeof(float), p->q};
        ocrvl_activations_norm(&p->e->work, &y, p->x, p->rows, p->c->width, p->c->width, p->e->m->norm.w, NULL,
                               p->c->rms_eps);
        p->e->on_stage(p->e->user, "decoder.norm", p->q, p->rows, p->c->width);
    }
    if (p->runs[0].last_only && !p->last_rows)
        gather_last(p, p->x, p->c->width);
    return OCRVL_OK;
}

ocrvl_status ocrvl_engine_decode(ocrvl_engine *e, float *x, const int32_t *pos, const ocrvl_run *runs, size_t count,
                                 ocrvl_error *err)
{
    pass p = {.e = e, .kern = e->work.kern, .c = &e->m->config, .runs = runs, .count = count, .x = x};
    for (size_t r = 0; r < count; r++)
        if (runs[r].rows == 0 || runs[r].kv->len + runs[r].rows > runs[r].kv->cap)
            return ocrvl_fail(err, OCRVL_E_ARG, "the cache has no space for %zu tokens after %zu", runs[r].rows,
                              runs[r].kv->len);
    ocrvl_status st = count ? share_out(&p, err) : OCRVL_OK;
    if (!st && p.rows)
        st = run_layers(&p, pos, err);
    ocrvl_free(p.start);
    ocrvl_free(p.shares);
    return st;
}

void ocrvl_engine_embed(const ocrvl_engine *e, const int32_t *ids, size_t count, float *out)
{
    const ocrvl_mat *w = &e->m->embed;
    for (size_t i = 0; i < count; i++)
        e->work.kern->widen(out + i * w->k, (const char *)w->data + (size_t)ids[i] * w->k * ocrvl_dtype_size(w->type),
                            w->type, w->k);
}

ocrvl_status ocrvl_engine_logits(ocrvl_engine *e, const float *x, size_t count, float *out, ocrvl_error *err)
{
    size_t d = e->m->config.width;
    float *y = ocrvl_engine_buffer(e, 0, count * d);
    if (!y)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < count; i++)
        e->work.kern->rms_norm(y + i * d, x + i * d, e->m->norm.w, d, e->m->config.rms_eps);
    ocrvl_gemm(&e->work, y, count, d, &e->m->head.w, NULL, out, e->m->config.vocab);
    return OCRVL_OK;
}
