/* The vision tower: patch embedding, blocks of attention and MLP, mergers. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/maths.h"
#include "base/mem.h"
#include "model/vision_parts.h"

enum { CHUNK = 6144 }; /* rows of an MLP at a time, so that memory doesn't grow with the number of patches there */
#define EPS 1e-6f      /* of the norms; in no family's config */

static ocrvl_status make_room(ocrvl_tower *t, ocrvl_error *err)
{
    const ocrvl_config *c = t->c;
    size_t n = t->patches, turn = n * (c->v_head_dim / 2);
    t->vd = ocrvl_tower_round_up(c->v_head_dim);
    t->cos = ocrvl_engine_buffer(t->e, 0, 2 * turn);
    t->x = ocrvl_engine_buffer(t->e, 1, n * c->v_width + n * ocrvl_activation_floats(c->v_width));
    t->qkv = ocrvl_engine_buffer(t->e, 2, n * 3 * c->v_width);
    t->panels = ocrvl_engine_buffer(t->e, 3, ocrvl_tower_panels(t));
    t->scores = ocrvl_engine_buffer(t->e, 4, ocrvl_pool_threads(t->e->work.pool) * ocrvl_tower_scores(t));
    if (!t->cos || !t->x || !t->qkv || !t->panels || !t->scores)
        return ocrvl_fail_nomem(err);
    t->sin = t->cos + turn;
    t->y = t->x + n * c->v_width;
    return OCRVL_OK;
}

static ocrvl_activations rows_for(const ocrvl_linear *l, void *data)
{
    return (ocrvl_activations){l->w.mode, l->w.k, ocrvl_activation_bytes(l->w.mode, l->w.k), data};
}

/* m rows of l's products in y: rows of x, ldx floats apart, normalised unless norm is NULL. */
static ocrvl_activations rows_of(const ocrvl_tower *t, const ocrvl_norm_weights *norm, const float *x, size_t m,
                                 size_t ldx, const ocrvl_linear *l)
{
    ocrvl_activations to = rows_for(l, t->y);
    ocrvl_activations_norm(&t->e->work, &to, x, m, ldx, t->c->v_width, norm ? norm->w : NULL, norm ? norm->b : NULL,
                           EPS);
    return to;
}

static void multiply(const ocrvl_tower *t, const ocrvl_activations *x, size_t m, const ocrvl_linear *l,
                     ocrvl_ending end, float *out)
{
    ocrvl_product p = {.w = &l->w, .bias = l->bias, .out = out, .end = end};
    ocrvl_gemm_activations(&t->e->work, x, m, &p, 1);
}

static void attention(ocrvl_tower *t, size_t block)
{
    const ocrvl_vision_block *b = &t->e->m->blocks[block];
    size_t d = t->c->v_width;
    ocrvl_activations y = rows_of(t, &b->norm1, t->x, t->patches, d, &b->qkv);
    multiply(t, &y, t->patches, &b->qkv, OCRVL_END_STORE, t->qkv);
    ocrvl_tower_attend(t, block);
    y = rows_of(t, NULL, t->qkv, t->patches, 3 * d, &b->proj);
    multiply(t, &y, t->patches, &b->proj, OCRVL_END_ADD, t->x);
}

static ocrvl_status mlp(ocrvl_tower *t, const ocrvl_vision_block *b, ocrvl_error *err)
{
    size_t d = t->c->v_width, chunk = t->patches < CHUNK ? t->patches : CHUNK;
    ocrvl_activations wide = rows_for(&b->down, NULL);
    wide.data = ocrvl_engine_buffer(t->e, 5, chunk * (wide.ld / sizeof(float)));
    if (!wide.data)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < t->patches; i += chunk) {
        size_t m = t->patches - i < chunk ? t->patches - i : chunk;
        ocrvl_activations y = rows_of(t, &b->norm2, t->x + i * d, m, d, &b->in);
        ocrvl_product in = {.w = &b->in.w, .bias = b->in.bias, .end = t->c->family->v_ending, .next = &wide};
        if (b->up.w.n) {
            in.up = &b->up.w;
            in.up_bias = b->up.bias;
        }
        ocrvl_gemm_activations(&t->e->work, &y, m, &in, 1);
        multiply(t, &wide, m, &b->down, OCRVL_END_ADD, t->x + i * d);
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
        x[i] = x[i] * 0.5f * (1.0f + ocrvl_erff(x[i] * 0.70710678118654752f));
}

/* merge^2 patches side by side, through two matrices with the exact GELU between; tokens [tokens][width] in their own
 * order. */
static ocrvl_status merge(ocrvl_tower *t, const ocrvl_merger *g, float *out, ocrvl_error *err)
{
    size_t tokens = ocrvl_tower_tokens(t), wide = g->in.w.n, d = t->c->width;
    float *hidden = ocrvl_engine_buffer(t->e, 2, tokens * wide);
    float *to = t->window ? ocrvl_engine_buffer(t->e, 5, tokens * d) : out;
    if (!hidden || !to)
        return ocrvl_fail_nomem(err);
    ocrvl_activations y = rows_for(&g->in, t->y);
    ocrvl_activations_norm(&t->e->work, &y, t->x, tokens, g->norm_size, g->norm_size, g->norm.w, g->norm.b, EPS);
    multiply(t, &y, tokens, &g->in, OCRVL_END_STORE, hidden);
    activating a = {hidden, wide};
    ocrvl_pool_run(t->e->work.pool, tokens, activate_row, &a);
    ocrvl_gemm(&t->e->work, hidden, tokens, wide, &g->out.w, g->out.bias, to, d);
    for (size_t i = 0; t->window && i < tokens; i++)
        memcpy(out + t->order[i] * d, to + i * d, d * sizeof *out);
    return OCRVL_OK;
}

static void report(const ocrvl_tower *t, const char *name, const float *x, size_t rows, size_t columns)
{
    if (t->e->on_stage)
        t->e->on_stage(t->e->user, name, x, rows, columns);
}

/* Rows of n floats, merge^2 of them a visual token: from their own order to that of the windows. */
static void to_windows(const ocrvl_tower *t, float *out, const float *in, size_t n)
{
    size_t unit = t->c->merge * t->c->merge * n;
    for (size_t i = 0; i < ocrvl_tower_tokens(t); i++)
        memcpy(out + i * unit, in + t->order[i] * unit, unit * sizeof *out);
}

/* What the first block sees: patches with their places, in the windows' order if there are windows. */
static ocrvl_status embed_patches(ocrvl_tower *t, const float *patches, const ocrvl_patch_grid *grids, size_t count,
                                  ocrvl_error *err)
{
    const ocrvl_linear *l = &t->e->m->patch_embed;
    size_t d = t->c->v_width, half = t->c->v_head_dim / 2;
    float *x = t->window ? t->qkv : t->x;
    ocrvl_gemm(&t->e->work, patches, t->patches, l->w.k, &l->w, l->bias, x, d);
    report(t, "vision.patch_embed", x, t->patches, d);
    ocrvl_status st = ocrvl_tower_place(t, grids, count, x, err);
    if (st || !t->window)
        return st;
    to_windows(t, t->x, x, d);
    memcpy(x, t->cos, 2 * t->patches * half * sizeof *x);
    to_windows(t, t->cos, x, half);
    to_windows(t, t->sin, x + t->patches * half, half);
    return OCRVL_OK;
}

/* A block, and the visual tokens that are made after it for the decoder's layers if it is one of those. out: the tokens
 * of all levels */
static ocrvl_status run_block(ocrvl_tower *t, size_t block, float *out, ocrvl_error *err)
{
    char name[40];
    size_t size = ocrvl_tower_tokens(t) * t->c->width, deep = 0;
    attention(t, block);
    ocrvl_status st = mlp(t, &t->e->m->blocks[block], err);
    if (st)
        return st;
    snprintf(name, sizeof name, "vision.block_%zu", block);
    report(t, name, t->x, t->patches, t->c->v_width);
    while (deep < t->c->v_deep_count && t->c->v_deep[deep] != block)
        deep++;
    if (deep == t->c->v_deep_count)
        return OCRVL_OK;
    float *to = out + (1 + deep) * size;
    st = merge(t, &t->e->m->deep[deep], to, err);
    snprintf(name, sizeof name, "vision.deepstack_%zu", deep);
    if (!st)
        report(t, name, to, ocrvl_tower_tokens(t), t->c->width);
    return st;
}

static ocrvl_status run_tower(ocrvl_tower *t, const float *patches, const ocrvl_patch_grid *grids, size_t count,
                              float *out, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_tower_cut(t, grids, count, err);
    if (!st)
        st = make_room(t, err);
    if (!st)
        st = embed_patches(t, patches, grids, count, err);
    for (size_t i = 0; !st && i < t->c->v_depth; i++) {
        st = ocrvl_engine_check_cancel(t->e, err);
        if (!st)
            st = run_block(t, i, out, err);
        if (!st && t->e->on_work)
            t->e->on_work(t->e->work_user, false, i + 1, t->c->v_depth);
    }
    if (!st)
        st = merge(t, &t->e->m->merger, out, err);
    if (!st)
        report(t, "vision.merger", out, ocrvl_tower_tokens(t), t->c->width);
    return st;
}

ocrvl_status ocrvl_engine_encode(ocrvl_engine *e, const float *patches, const ocrvl_patch_grid *grids, size_t count,
                                 float *out, ocrvl_error *err)
{
    ocrvl_tower t = {.e = e, .kern = e->work.kern, .c = &e->m->config};
    ocrvl_status st = ocrvl_tower_count(&t, grids, count, err);
    if (!st && t.patches)
        st = run_tower(&t, patches, grids, count, out, err);
    ocrvl_free(t.frame);
    ocrvl_free(t.window);
    ocrvl_free(t.order);
    return st;
}
