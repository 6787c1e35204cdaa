/* Attention in the vision tower, over frames and windows. */
#include <math.h>
#include <string.h>

#include "kern/attend.h"
#include "kern/attend_bytes.h"
#include "model/vision_parts.h"

/* In float32 QUERIES rows of scores are held at a time, so that memory grows with the number of patches and not with
 * its square. */
enum { QUERIES = 48 };

/* Numbers of a slot's keys and of its values, for up to `most` patches. */
static size_t slot_keys(const ocrvl_tower *t, size_t most) { return ocrvl_tower_round_up(most) * t->c->v_head_dim; }
static size_t slot_values(const ocrvl_tower *t, size_t most) { return ocrvl_tower_round_up(most) * t->vd; }

/* Where the tower's matrices are of integers, so is attention among many patches, for which it adds little to their
 * rounding. Among few, and in windows, it takes too little time to be worth that. */
static bool in_bytes(const ocrvl_tower *t, size_t patches)
{
    return patches > OCRVL_ATTEND_BLOCK && t->e->m->blocks[0].qkv.w.mode >= OCRVL_GEMM_INT8 &&
           t->c->v_head_dim % 4 == 0 && t->c->v_head_dim <= OCRVL_BYTE_HEAD;
}

size_t ocrvl_tower_panels(const ocrvl_tower *t)
{
    size_t workers = ocrvl_pool_threads(t->e->work.pool), hd = t->c->v_head_dim;
    size_t frame = t->c->v_heads * (slot_keys(t, t->longest) + slot_values(t, t->longest));
    size_t window = workers * (slot_keys(t, t->widest) + slot_values(t, t->widest));
    size_t panels = (frame > window ? frame : window) / (t->e->m->low_precision ? 2 : 1);
    size_t bytes = in_bytes(t, t->longest) ? t->c->v_heads * ocrvl_byte_span_bytes(hd, t->longest) : 0;
    return panels > bytes / sizeof(float) ? panels : bytes / sizeof(float);
}

size_t ocrvl_tower_scores(const ocrvl_tower *t)
{
    size_t hd = t->c->v_head_dim, bytes = in_bytes(t, t->longest) ? ocrvl_attend_bytes_scratch(hd) : 0;
    size_t scores = t->e->m->low_precision ? ocrvl_attend_scratch(hd)
                                           : (size_t)QUERIES * (ocrvl_tower_round_up(t->longest) + t->vd);
    return scores > bytes ? scores : bytes;
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
                 t->scores + worker * ocrvl_tower_scores(t));
}

/* The same from bytes, over the frame at hand: OCRVL_ATTEND_BLOCK patches from `at` on, OCRVL_ATTEND_ROWS of queries. */
static ocrvl_byte_span byte_span(const ocrvl_tower *t, size_t head)
{
    size_t hd = t->c->v_head_dim;
    return ocrvl_byte_span_at((char *)t->panels + head * ocrvl_byte_span_bytes(hd, t->longest), hd, t->longest);
}

static void prepare_bytes(const ocrvl_tower *t, size_t head, size_t at)
{
    size_t hd = t->c->v_head_dim, half = hd / 2, d = t->c->v_width;
    size_t rows = t->n - at < OCRVL_ATTEND_BLOCK ? t->n - at : OCRVL_ATTEND_BLOCK;
    float *q = t->qkv + (t->at + at) * 3 * d + head * hd;
    ocrvl_byte_span s = byte_span(t, head);
    for (size_t i = 0; i < rows; i++) {
        const float *cs = t->cos + (t->at + at + i) * half, *sn = t->sin + (t->at + at + i) * half;
        t->kern->rotate(q + i * 3 * d, cs, sn, half);
        t->kern->rotate(q + i * 3 * d + d, cs, sn, half);
    }
    ocrvl_byte_span_put(t->kern, &s, at, rows, q + d, q + 2 * d, 3 * d);
}

static void attend_bytes(const ocrvl_tower *t, size_t head, size_t from, unsigned worker)
{
    size_t hd = t->c->v_head_dim, d = t->c->v_width, left = t->n - from;
    float *q = t->qkv + (t->at + from) * 3 * d + head * hd;
    ocrvl_byte_span s = byte_span(t, head);
    ocrvl_attend_bytes(t->kern, &s, 1.0f / sqrtf((float)hd), left < OCRVL_ATTEND_ROWS ? left : OCRVL_ATTEND_ROWS, q,
                       3 * d, t->n, q, 3 * d, t->scores + worker * ocrvl_tower_scores(t));
}

static size_t blocks_of(size_t n, size_t block) { return (n + block - 1) / block; }

/* Tasks over a frame: heads; heads and blocks of queries; the same in bfloat16 and from bytes. */
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
    size_t blocks = blocks_of(t->n, OCRVL_ATTEND_ROWS);
    span s = frame_span(t, task / blocks);
    attend_bf16(t, &s, task % blocks * OCRVL_ATTEND_ROWS, worker);
}

static void prepare_bytes_task(void *user, unsigned worker, size_t task)
{
    const ocrvl_tower *t = user;
    (void)worker;
    prepare_bytes(t, task % t->c->v_heads, task / t->c->v_heads * OCRVL_ATTEND_BLOCK);
}

static void attend_bytes_task(void *user, unsigned worker, size_t task)
{
    const ocrvl_tower *t = user;
    size_t blocks = blocks_of(t->n, OCRVL_ATTEND_ROWS);
    attend_bytes(t, task / blocks, task % blocks * OCRVL_ATTEND_ROWS, worker);
}

static void attend_frame(ocrvl_tower *t)
{
    ocrvl_pool *pool = t->e->work.pool;
    size_t heads = t->c->v_heads;
    if (in_bytes(t, t->n)) {
        ocrvl_pool_run(pool, heads * blocks_of(t->n, OCRVL_ATTEND_BLOCK), prepare_bytes_task, t);
        ocrvl_pool_run(pool, heads * blocks_of(t->n, OCRVL_ATTEND_ROWS), attend_bytes_task, t);
    } else if (t->e->m->low_precision) {
        ocrvl_pool_run(pool, heads * (ocrvl_tower_round_up(t->n) / OCRVL_PANEL), prepare_bf16_task, t);
        ocrvl_pool_run(pool, heads * blocks_of(t->n, OCRVL_ATTEND_ROWS), attend_bf16_task, t);
    } else {
        ocrvl_pool_run(pool, heads, prepare_task, t);
        ocrvl_pool_run(pool, heads * blocks_of(t->n, QUERIES), attend_task, t);
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
