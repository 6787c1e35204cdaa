/* The forward pass: images to visual tokens, tokens to logits. An engine is the scratch memory of one thread of
 * control, over weights that are shared; its products are divided among the threads of its pool, if it has one. */
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
    /* or NULL: called after each block and layer, which are so many; layers: of the decoder, not of the vision tower */
    void (*on_work)(void *user, bool layers, size_t done, size_t all);
    void *work_user;
    /* or NULL: once one is canceled, what is being computed ends with OCRVL_E_CANCELED */
    const ocrvl_cancel_token *cancel[2];
} ocrvl_engine;

/* pool may be NULL. It and the weights must outlive the engine. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_init(ocrvl_engine *e, const ocrvl_weights *m, ocrvl_pool *pool,
                                                ocrvl_error *err);
void ocrvl_engine_free(ocrvl_engine *e);
/* Scratch buffer number i with at least n floats, which lives as long as the engine and grows as needed. Returns NULL
 * if memory is exhausted. */
float *ocrvl_engine_buffer(ocrvl_engine *e, size_t i, size_t n);

/* Returns OCRVL_E_CANCELED if cancellation was requested; called between blocks and layers. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_check_cancel(const ocrvl_engine *e, ocrvl_error *err);

/* Computes the visual tokens of all images: patches [sum of t*h*w][patch_size], one image after the other, each in
 * merge-block order -> out [levels][sum of t*h*w / merge^2][width], levels by ocrvl_config_levels: the visual tokens,
 * then what is added to them after each of the decoder's first layers. Attention stays inside one frame of one image.
 */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_encode(ocrvl_engine *e, const float *patches, const ocrvl_patch_grid *grids,
                                                  size_t count, float *out, ocrvl_error *err);

/* A sequence's cache: keys and values of every layer, in the kernels' panels, as float32 or (with bf16_cache of the
 * config) as bfloat16 in pairs (kern/attend.h). */
typedef struct ocrvl_kv {
    size_t len, cap; /* in tokens; cap is a multiple of OCRVL_PANEL */
    void *k;         /* [layers][kv_heads][cap / 16][head_dim][16], or [..][cap / 16][head_dim / 2][16][2] */
    void *v;         /* [layers][kv_heads][ceil(head_dim / 16)][cap][16], or [..][cap / 2][16][2] */
} ocrvl_kv;

/* Grows kv to a capacity of at least cap tokens and keeps its contents. kv must be zero-initialised before its first
 * use. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_kv_reserve(ocrvl_kv *kv, const ocrvl_config *c, size_t cap, ocrvl_error *err);
/* Makes the first len tokens of `from` the contents of kv (kv->cap >= len). */
void ocrvl_kv_copy(ocrvl_kv *kv, const ocrvl_kv *from, const ocrvl_config *c, size_t len);
void ocrvl_kv_free(ocrvl_kv *kv);

/* New tokens of one sequence: the next `rows` rows of x. */
typedef struct ocrvl_run {
    ocrvl_kv *kv; /* its capacity must be at least kv->len + rows */
    size_t rows;
    bool last_only; /* only its last row's result is wanted; the same for all runs of a pass */
    /* its visual tokens, if something is added to them after the first layers (v_deep_count) */
    size_t visual;
    const uint32_t *at; /* [visual] their rows in the run */
    const float *deep;  /* [visual][width] for the first layer, and `deep_stride` floats on those for the next */
    size_t deep_stride;
} ocrvl_run;

/* Copies the embeddings of ids [count] to out [count][width]. Ids are below vocab. */
void ocrvl_engine_embed(const ocrvl_engine *e, const int32_t *ids, size_t count, float *out);

/* Passes x [rows][width] through the decoder; x is overwritten with the last layer's output, before the final norm. pos
 * is [3][rows]. The runs' rows follow one another in x, and their tokens are appended to the runs' caches; each row's
 * result is what it would be if its run were decoded alone. Of runs with last_only, the first `count` rows of x become
 * the results of their last rows, which saves most of the last layer, and the others are undefined. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_decode(ocrvl_engine *e, float *x, const int32_t *pos, const ocrvl_run *runs,
                                                  size_t count, ocrvl_error *err);

/* Logits of rows of x, as ocrvl_engine_decode left them: x [count][width] -> out [count][vocab]. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_engine_logits(ocrvl_engine *e, const float *x, size_t count, float *out,
                                                  ocrvl_error *err);

#endif
