/* Attention in the vision tower, over frames and windows. */
#include <math.h>
#include <string.h>

#include "kern/attend.h"
#include "model/vision_parts.h"

/* In float32 QUERIES rows of scores are held at a time, so that memory grows with the number of patches and not with
 * its square. */
enum { QUERIES = 48 };

/* Numbers of a slot's keys and of its values, for up to `most` patches. */
static size_t slot_keys(const ocrvl_tower *t, size_t most) { return ocrvl_tower_round_up(most) * t->c->v_head_dim; }
static size_t slot_values(const ocrvl_tower *t, size_t most) { return ocrvl_tower_round_up(most) * t->vd; }

size_t ocrvl_tower_panels(const ocrvl_tower *t)
{
    size_t workers = ocrvl_pool_threads(t->e->work.pool);
    size_t frame = t->c->v_heads * (slot_keys(t, t->longest) + slot_values(t, t->longest));
    size_t window = workers * (slot_keys(t, t->widest) + slot_values(t, t->widest));
    size_t panels = frame > window ? frame : window;
    return t->e->m->low_precision ? panels / 2 : panels;
}

size_t ocrvl_tower_scores(const ocrvl_tower *t)
{
    return t->e->m->low_precision ? ocrvl_attend_scratch(t->c->v_head_dim)
                                  : (size_t)QUERIES * (ocrvl_tower_round_up(t->longest) + t->vd);
}

/* Patches that attend to one another, in one head: a frame or a window. */
typedef struct span {
    size_t at, n, head;
    float *k, *v; /* [panels of n][head_dim][16], [vd / 16][n][16] */
    /* the same in bfloat16: [panels of n][head_dim / 2][16][2], [vd / 16] panels of [n, rounded up][16] */
    uint16_t *k2, *v2;
    size_t v_stride; /* numbers from panel to panel of v2 */
} span;

/* A span whose panels are in slot i of those for up to `most` patches. */
static span span_in(const ocrvl_tower *t, size_t i, size_t most, size_t at, size_t n, size_t head)
{
    size_t keys = slot_keys(t, most), slot = keys + slot_values(t, most);
    float *k = t->panels + i * slot;
    uint16_t *k2 = (uint16_t *)t->panels + i * slot;
    bool low = t->e->m->low_precision;
    return (span){
        at, n, head, low ? NULL : k, low ? NULL : k + keys, k2, k2 + keys, ocrvl_tower_round_up(most) * OCRVL_PANEL};
}

static span frame_span(const ocrvl_tower *t, size_t head) { return span_in(t, head, t->longest, t->at, t->n, head); }

/* Turns q and k of a span, and lays k and v out in panels. */
static void prepare(const ocrvl_tower *t, const span *s)
{
    size_t hd = t->c->v_head_dim, half = hd / 2, d = t->c->v_width;
    memset(s->v, 0, t->vd * s->n * sizeof *s->v);
    for (size_t i = 0; i < s->n; i++) {
        size_t row = s->at + i;
        float *q = t->qkv + row * 3 * d + s->head * hd, *key = q + d;
        const float *value = q + 2 * d;
        t->kern->rotate(q, t->cos + row * half, t->sin + row * half, half);
        t->kern->rotate(key, t->cos + row * half, t->sin + row * half, half);
        for (size_t j = 0; j < hd; j++) {
            s->k[(i / OCRVL_PANEL * hd + j) * OCRVL_PANEL + i % OCRVL_PANEL] = key[j];
            s->v[(j / OCRVL_PANEL * s->n + i) * OCRVL_PANEL + j % OCRVL_PANEL] = value[j];
        }
    }
    for (size_t i = s->n; i < ocrvl_tower_round_up(s->n); i++)
        for (size_t j = 0; j < hd; j++)
            s->k[(i / OCRVL_PANEL * hd + j) * OCRVL_PANEL + i % OCRVL_PANEL] = 0;
}

/* Attention of QUERIES patches of a span, in the place of their queries. */
static void attend(const ocrvl_tower *t, const span *sp, size_t from, unsigned worker)
{
    size_t hd = t->c->v_head_dim, d = t->c->v_width, wide = ocrvl_tower_round_up(t->longest);
    size_t m = sp->n - from < QUERIES ? sp->n - from : QUERIES, panels = ocrvl_tower_round_up(sp->n) / OCRVL_PANEL;
    float *s = t->scores + (size_t)worker * QUERIES * (wide + t->vd), *o = s + (size_t)QUERIES * wide;
    float *q = t->qkv + (sp->at + from) * 3 * d + sp->head * hd;
    t->kern->tile(m, panels, hd, q, 3 * d, sp->k, hd * OCRVL_PANEL, s, wide, false);
    float scale = 1.0f / sqrtf((float)hd), sum[QUERIES];
    for (size_t i = 0; i < m; i++)
        sum[i] = t->kern->softmax(s + i * wide, sp->n, scale);
    t->kern->tile(m, t->vd / OCRVL_PANEL, sp->n, s, wide, sp->v, sp->n * OCRVL_PANEL, o, t->vd, false);
    for (size_t i = 0; i < m; i++) {
        t->kern->scale(o + i * t->vd, 1.0f / sum[i], hd);
        memcpy(q + i * 3 * d, o + i * t->vd, hd * sizeof *q);
    }
}

/* The same in bfloat16: OCRVL_PANEL patches from `at` on, a multiple of it. */
static void prepare_bf16(const ocrvl_tower *t, const span *s, size_t at)
{
    size_t hd = t->c->v_head_dim, half = hd / 2, d = t->c->v_width;
    size_t rows = s->n - at < OCRVL_PANEL ? s->n - at : OCRVL_PANEL;
    float *q = t->qkv + (s->at + at) * 3 * d + s->head * hd;
    for (size_t i = 0; i < rows; i++) {
        const float *cs = t->cos + (s->at + at + i) * half, *sn = t->sin + (s->at + at + i) * half;
        t->kern->rotate(q + i * 3 * d, cs, sn, half);
        t->kern->rotate(q + i * 3 * d + d, cs, sn, half);
    }
    ocrvl_attend_put_panel(t->kern, s->k2, s->v2, s->v_stride, hd, at, rows, q + d, q + 2 * d, 3 * d);
}

static void attend_bf16(const ocrvl_tower *t, const span *s, size_t from, unsigned worker)
{
    size_t hd = t->c->v_head_dim, d = t->c->v_width, left = s->n - from;
    float *q = t->qkv + (s->at + from) * 3 * d + s->head * hd;
    ocrvl_attention a = {t->kern, hd, 1.0f / sqrtf((float)hd), s->k2, s->v2, s->v_stride};
    ocrvl_attend(&a, left < OCRVL_ATTEND_ROWS ? left : OCRVL_ATTEND_ROWS, q, 3 * d, s->n, 0, q, 3 * d,
                 t->scores + worker * ocrvl_attend_scratch(hd));
}

/* Tasks over a frame: heads; heads and blocks of queries; the same in bfloat16. */
static void prepare_task(void *user, unsigned worker, size_t head)
{
    const ocrvl_tower *t = user;
    span s = frame_span(t, head);
    (void)worker;
    prepare(t, &s);
}

static void attend_task(void *user, unsigned worker, size_t task)
{
    const ocrvl_tower *t = user;
    span s = frame_span(t, task % t->c->v_heads);
    attend(t, &s, task / t->c->v_heads * QUERIES, worker);
}

static void prepare_bf16_task(void *user, unsigned worker, size_t task)
{
    const ocrvl_tower *t = user;
    span s = frame_span(t, task % t->c->v_heads);
    (void)worker;
    prepare_bf16(t, &s, task / t->c->v_heads * OCRVL_PANEL);
}

static void attend_bf16_task(void *user, unsigned worker, size_t task)
{
    const ocrvl_tower *t = user;
    size_t blocks = (t->n + OCRVL_ATTEND_ROWS - 1) / OCRVL_ATTEND_ROWS;
    span s = frame_span(t, task / blocks);
    attend_bf16(t, &s, task % blocks * OCRVL_ATTEND_ROWS, worker);
}

static void attend_frame(ocrvl_tower *t)
{
    ocrvl_pool *pool = t->e->work.pool;
    size_t heads = t->c->v_heads;
    if (t->e->m->low_precision) {
        ocrvl_pool_run(pool, heads * (ocrvl_tower_round_up(t->n) / OCRVL_PANEL), prepare_bf16_task, t);
        ocrvl_pool_run(pool, heads * ((t->n + OCRVL_ATTEND_ROWS - 1) / OCRVL_ATTEND_ROWS), attend_bf16_task, t);
    } else {
        ocrvl_pool_run(pool, heads, prepare_task, t);
        ocrvl_pool_run(pool, heads * ((t->n + QUERIES - 1) / QUERIES), attend_task, t);
    }
}

/* One head of one window, from its turn to its result. */
static void window_task(void *user, unsigned worker, size_t task)
{
    const ocrvl_tower *t = user;
    size_t w = task / t->c->v_heads;
    span s = span_in(t, worker, t->widest, t->window[w], t->window[w + 1] - t->window[w], task % t->c->v_heads);
    if (t->e->m->low_precision) {
        for (size_t i = 0; i < s.n; i += OCRVL_PANEL)
            prepare_bf16(t, &s, i);
        for (size_t i = 0; i < s.n; i += OCRVL_ATTEND_ROWS)
            attend_bf16(t, &s, i, worker);
    } else {
        prepare(t, &s);
        for (size_t i = 0; i < s.n; i += QUERIES)
            attend(t, &s, i, worker);
    }
}

static bool in_windows(const ocrvl_tower *t, size_t block)
{
    return t->window && !(t->c->v_whole[block / 64] >> block % 64 & 1);
}

void ocrvl_tower_attend(ocrvl_tower *t, size_t block)
{
    if (in_windows(t, block)) {
        ocrvl_pool_run(t->e->work.pool, t->windows * t->c->v_heads, window_task, t);
        return;
    }
    for (size_t f = 0; f < t->frames; f++) {
        t->at = t->frame[f];
        t->n = t->frame[f + 1] - t->at;
        attend_frame(t);
    }
}
