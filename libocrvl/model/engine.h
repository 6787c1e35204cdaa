/* The forward pass: pictures to visual tokens, tokens to logits. An engine is the scratch of one thread of control over
 * shared weights; products inside are shared out among its pool's threads, if it has one. */
#ifndef OCRVL_MODEL_ENGINE_H
#define OCRVL_MODEL_ENGINE_H

#include "base/cancel.h"
#include "kern/gemm.h"
#include "model/rope.h"
#include "model/weights.h"

/* Called after each stage with its name ("vision.block_0", "decoder.layer_2", ...) and values [rows][columns]. */
typedef void (*ocrvl_stage_fn)(void *user, const char *name, const float *values, size_t rows, size_t columns);

enum { OCRVL_ENGINE_BUFFERS = 8 };

typedef struct ocrvl_engine {
    const ocrvl_weights *m;
    ocrvl_work work;
    struct {
        float *data;
        size_t cap;
    } buf[OCRVL_ENGINE_BUFFERS];
    ocrvl_stage_fn on_stage; /* or NULL */
    void *user;
    const ocrvl_cancel_token *cancel[2]; /* or NULL: once one is canceled, what is being computed ends with OCRVL_E_CANCELED */
} ocrvl_engine;

/* pool may be NULL; it and the weights must outlive the engine. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_init(ocrvl_engine *e, const ocrvl_weights *m, ocrvl_pool *pool,
                                                ocrvl_error *err);
void ocrvl_engine_free(ocrvl_engine *e);
/* n floats of scratch number i, kept for the engine's life and grown as needed; NULL: no memory. */
float *ocrvl_engine_buffer(ocrvl_engine *e, size_t i, size_t n);

/* Between blocks and layers: OCRVL_E_CANCELED, if that was asked for. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_check_cancel(const ocrvl_engine *e, ocrvl_error *err);

/* Visual tokens of all pictures: patches [sum of t*h*w][patch_size], one picture after the other, each in merge-block
 * order -> out [sum of t*h*w / merge^2][width]. Attention stays inside one frame of one picture. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_encode(ocrvl_engine *e, const float *patches, const ocrvl_patch_grid *grids,
                                               size_t count, float *out, ocrvl_error *err);

/* What a sequence has seen so far: keys and values of every layer, in the kernels' panels, float32 or (config's bf16_cache)
 * bfloat16 in pairs (kern/attend.h). */
typedef struct ocrvl_kv {
    size_t len, cap; /* tokens; cap is a multiple of OCRVL_PANEL */
    void *k;         /* [layers][kv_heads][cap / 16][head_dim][16], or [..][cap / 16][head_dim / 2][16][2] */
    void *v;         /* [layers][kv_heads][ceil(head_dim / 16)][cap][16], or [..][cap / 2][16][2] */
} ocrvl_kv;

/* Makes room for at least cap tokens, keeping what is there. Zero-initialise first. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_kv_reserve(ocrvl_kv *kv, const ocrvl_config *c, size_t cap, ocrvl_error *err);
/* Makes kv hold the first len tokens of from (kv->cap >= len). */
void ocrvl_kv_copy(ocrvl_kv *kv, const ocrvl_kv *from, const ocrvl_config *c, size_t len);
void ocrvl_kv_free(ocrvl_kv *kv);

/* A run of new tokens of one sequence: the next `rows` rows of x. */
typedef struct ocrvl_run {
    ocrvl_kv *kv; /* must have room for kv->len + rows */
    size_t rows;
} ocrvl_run;

/* The rows of the embedding for ids [count] -> out [count][width]. Ids are below vocab. */
void ocrvl_engine_embed(const ocrvl_engine *e, const int32_t *ids, size_t count, float *out);

/* Passes x [rows][width] (changed in place to the last layer's output, before the final norm) through the decoder; pos
 * [3][rows]. The runs' rows follow one another in x and their tokens are appended to the runs' caches; each row's result
 * is what it would be if its run stood alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_decode(ocrvl_engine *e, float *x, const int32_t *pos, const ocrvl_run *runs,
                                                  size_t count, ocrvl_error *err);

/* Logits of rows of x (as ocrvl_engine_decode left them): x [count][width] -> out [count][vocab]. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_logits(ocrvl_engine *e, const float *x, size_t count, float *out,
                                                  ocrvl_error *err);

#endif
