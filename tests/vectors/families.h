/* What the tests of the later families share: their checkpoints, and the running of a prompt of expect.json. */
#ifndef OCRVL_TESTS_FAMILIES_H
#define OCRVL_TESTS_FAMILIES_H

#include "model/engine.h"
#include "vectors.h"

enum { PROMPTS = 2, MOST_GRIDS = 8, GREEDY = 24, VOCABULARY = 520 };

typedef struct checkpoint {
    const char *name, *family;
    size_t window, deep;
    bool tied;
} checkpoint;

static const checkpoint checkpoints[] = {
    {"qwen2_5-tied", "Qwen2.5-VL", 4, 0, true},
    {"qwen2_5-untied", "Qwen2.5-VL", 2, 0, false},
    {"qwen3-tied", "Qwen3-VL", 0, 3, true},
    {"qwen3-untied", "Qwen3-VL", 0, 1, false},
};

enum { CHECKPOINTS = sizeof checkpoints / sizeof *checkpoints };

/* ---- running a prompt -------------------------------------------------------------------------------- */

/* Numbers of -1 to 1: a hash of row and column, as in make_families.py. */
static inline float *make_patches(size_t rows, size_t columns)
{
    float *out = ocrvl_alloc_array(rows + 1, columns * sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            uint32_t h = (uint32_t)i * 2654435761u + (uint32_t)j * 40503u;
            h = (h ^ h >> 15) * 2246822519u;
            out[i * columns + j] = (float)(h >> 13 & 0xFFFF) / 32768 - 1;
        }
    return out;
}

static inline size_t grids_of(const ocrvl_json *prompt, ocrvl_patch_grid *grids, size_t *rows)
{
    const ocrvl_json *list = ocrvl_json_get(prompt, "grids");
    size_t n = ocrvl_json_length(list);
    assert_true(n <= MOST_GRIDS);
    *rows = 0;
    for (size_t i = 0; i < n; i++) {
        const ocrvl_json *g = ocrvl_json_at(list, i);
        grids[i] = (ocrvl_patch_grid){.t = (uint32_t)vectors_int(ocrvl_json_at(g, 0)),
                                      .h = (uint32_t)vectors_int(ocrvl_json_at(g, 1)),
                                      .w = (uint32_t)vectors_int(ocrvl_json_at(g, 2))};
        if (grids[i].t > 1)
            grids[i].step = (float)vectors_number(ocrvl_json_get(prompt, "step"));
        *rows += (size_t)grids[i].t * grids[i].h * grids[i].w;
    }
    return n;
}

/* A prompt's rows of the decoder, ready to run. */
typedef struct ready {
    size_t rows, tokens;
    float *x, *visual;
    uint32_t *at;
    int32_t *pos, delta;
} ready;

static inline void free_ready(ready *r)
{
    ocrvl_free(r->x);
    ocrvl_free(r->visual);
    ocrvl_free(r->at);
    ocrvl_free(r->pos);
}

static inline void check_positions(const ocrvl_json *prompt, const ready *r)
{
    const ocrvl_json *axes = ocrvl_json_get(prompt, "positions");
    for (size_t axis = 0; axis < 3; axis++)
        for (size_t i = 0; i < r->rows; i++)
            assert_int_equal(r->pos[axis * r->rows + i], vectors_int(ocrvl_json_at(ocrvl_json_at(axes, axis), i)));
    assert_int_equal(r->delta, vectors_int(ocrvl_json_get(prompt, "delta")));
}

static inline ready get_ready(ocrvl_engine *e, const ocrvl_json *prompt)
{
    const ocrvl_config *c = &e->m->config;
    ocrvl_patch_grid grids[MOST_GRIDS];
    ready r = {0};
    size_t patches, count = grids_of(prompt, grids, &patches), seen = 0, d = c->width;
    int32_t *ids = vectors_ints(ocrvl_json_get(prompt, "ids"), &r.rows);
    float *pixels = make_patches(patches, e->m->patch_embed.w.k);
    r.tokens = patches / (c->merge * c->merge);
    r.x = ocrvl_alloc_array(r.rows, d * sizeof *r.x);
    r.visual = ocrvl_alloc_array(r.tokens * ocrvl_config_levels(c), d * sizeof *r.visual);
    r.at = ocrvl_alloc_array(r.tokens, sizeof *r.at);
    r.pos = ocrvl_alloc_array(r.rows, 3 * sizeof *r.pos);
    assert_true(r.x && r.visual && r.at && r.pos);
    assert_ok(ocrvl_engine_encode(e, pixels, grids, count, r.visual, err));
    ocrvl_engine_embed(e, ids, r.rows, r.x);
    for (size_t i = 0; i < r.rows; i++)
        if (ids[i] == c->image_token || ids[i] == c->video_token) {
            memcpy(r.x + i * d, r.visual + seen * d, d * sizeof *r.x);
            r.at[seen++] = (uint32_t)i;
        }
    assert_int_equal(seen, r.tokens);
    assert_ok(ocrvl_mrope_positions(ids, r.rows, grids, count, c->merge, c->image_token, c->video_token, r.pos,
                                    &r.delta, err));
    check_positions(prompt, &r);
    ocrvl_free(ids);
    ocrvl_free(pixels);
    return r;
}

static inline ocrvl_run run_of(const ocrvl_engine *e, const ready *r, ocrvl_kv *kv)
{
    size_t d = e->m->config.width;
    return (ocrvl_run){.kv = kv,
                       .rows = r->rows,
                       .visual = r->tokens,
                       .at = r->at,
                       .deep = r->visual + r->tokens * d,
                       .deep_stride = r->tokens * d};
}

/* The prompt's stages and its logits: [VOCABULARY] of the last row, and [rows][VOCABULARY] unless `all` is NULL. */
static inline void run_prompt(ocrvl_engine *e, const ocrvl_json *prompt, ocrvl_kv *kv, int32_t *delta, float *logits,
                              float **all)
{
    const ocrvl_config *c = &e->m->config;
    ready r = get_ready(e, prompt);
    ocrvl_run run = run_of(e, &r, kv);
    if (e->on_stage)
        e->on_stage(e->user, "decoder.embeds", r.x, r.rows, c->width);
    assert_ok(ocrvl_kv_reserve(kv, c, r.rows + GREEDY, err));
    assert_ok(ocrvl_engine_decode(e, r.x, r.pos, &run, 1, err));
    float *rows = ocrvl_alloc_array(r.rows, VOCABULARY * sizeof *rows);
    assert_non_null(rows);
    assert_ok(ocrvl_engine_logits(e, r.x, r.rows, rows, err));
    memcpy(logits, rows + (r.rows - 1) * VOCABULARY, VOCABULARY * sizeof *rows);
    if (all)
        *all = rows;
    else
        ocrvl_free(rows);
    *delta = r.delta;
    free_ready(&r);
}

/* How many greedy tokens are the reference's. */
static inline size_t run_greedy(ocrvl_engine *e, const ocrvl_json *prompt, ocrvl_kv *kv, int32_t delta, float *logits)
{
    size_t n, d = e->m->config.width;
    int32_t *ids = vectors_ints(ocrvl_json_get(prompt, "greedy"), &n);
    float *x = ocrvl_alloc_array(d, sizeof *x);
    assert_int_equal(n, GREEDY);
    assert_non_null(x);
    size_t i = 0;
    for (; i < n; i++) {
        size_t best = 0;
        for (size_t k = 1; k < VOCABULARY; k++)
            best = logits[k] > logits[best] ? k : best;
        if ((int32_t)best != ids[i])
            break;
        int32_t at = (int32_t)kv->len + delta, pos[3] = {at, at, at};
        ocrvl_run run = {.kv = kv, .rows = 1};
        ocrvl_engine_embed(e, &ids[i], 1, x);
        assert_ok(ocrvl_engine_decode(e, x, pos, &run, 1, err));
        assert_ok(ocrvl_engine_logits(e, x, 1, logits, err));
    }
    ocrvl_free(ids);
    ocrvl_free(x);
    return i;
}

/* ---- a checkpoint ---------------------------------------------------------------------------------- */

typedef struct opened {
    ocrvl_json *root;
    const ocrvl_json *prompts;
    ocrvl_weights *m;
    ocrvl_pool *pool;
    ocrvl_engine e;
} opened;

static inline void open_at(opened *o, const char *expect, const char *dir, ocrvl_precision precision, unsigned threads)
{
    char path[128];
    snprintf(path, sizeof path, "%s/expect.json", expect);
    o->root = vectors_json(path);
    o->prompts = ocrvl_json_get(o->root, "prompts");
    assert_int_equal(ocrvl_json_length(o->prompts), PROMPTS);
    o->pool = NULL;
    if (threads > 1)
        assert_ok(ocrvl_pool_new(&o->pool, threads, err));
    assert_ok(ocrvl_weights_open_as(&o->m, dir, precision, err));
    assert_ok(ocrvl_engine_init(&o->e, o->m, o->pool, err));
}

static inline void open_checkpoint(opened *o, const char *name, ocrvl_precision precision, unsigned threads)
{
    char path[128];
    snprintf(path, sizeof path, VECTORS "%s", name);
    open_at(o, name, path, precision, threads);
}

static inline void close_all(opened *o)
{
    ocrvl_engine_free(&o->e);
    ocrvl_weights_free(o->m);
    ocrvl_pool_free(o->pool);
    ocrvl_json_free(o->root);
}

static inline size_t blob_size(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, VECTORS "%s/expect.f32", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long n = ftell(f);
    fclose(f);
    return (size_t)n / sizeof(float);
}

#endif
