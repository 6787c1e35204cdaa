#include "model/cost.h"

/* Rows of the decoder's and of the vision tower's MLP that are computed at a time (decoder.c, vision.c), rows of
 * queries whose scores are in memory at a time (both), rows of logits of a pass with drafts (generate.c). */
enum { CHUNK = 2048, SEEN = 6144, QUERIES = 48, LOGITS = 18 };

static double layer_parameters(const ocrvl_config *c)
{
    double kv = (double)c->kv_heads * (double)c->head_dim, d = (double)c->width;
    return d * (2 * d + 2 * kv) + 3 * d * (double)c->intermediate;
}

double ocrvl_token_parameters(const ocrvl_config *c)
{
    return (double)c->layers * layer_parameters(c) + (double)c->vocab * (double)c->width;
}

double ocrvl_token_flop(const ocrvl_config *c) { return 2 * ocrvl_token_parameters(c); }

double ocrvl_vision_flop(const ocrvl_config *c, const ocrvl_pass_shape *s)
{
    double w = (double)c->v_width, n = (double)s->patches, merged = (double)(c->merge * c->merge), wide = w * merged;
    double block = 4 * w * w + 2 * w * (double)c->v_mlp + 2 * w * (double)s->longest; /* attention scores and their
                                                                                       * sums */
    double patch = w * 3 * (double)(c->temporal * c->patch * c->patch);
    double merge = (wide * wide + wide * (double)c->width) / merged;
    return 2 * n * ((double)c->v_depth * block + patch + merge);
}

double ocrvl_prompt_flop(const ocrvl_config *c, const ocrvl_pass_shape *s)
{
    double attention = (double)c->width * (double)s->tokens; /* half of the square, counted twice */
    return 2 * (double)s->tokens * (double)c->layers * (layer_parameters(c) + attention);
}

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Floats of the engine's buffers. Each buffer is as large as the larger of its two users makes it. */
static uint64_t buffer_floats(const ocrvl_config *c, const ocrvl_pass_shape *s)
{
    uint64_t n = s->patches, t = s->tokens, w = c->width, v = c->v_width, kv = c->kv_heads * c->head_dim;
    uint64_t span = s->tokens + s->answer, rows = n < SEEN ? n : SEEN, chunk = t < CHUNK ? t : CHUNK;
    uint64_t scores = s->threads * QUERIES;
    uint64_t sum = larger(n * c->v_head_dim, t * (2 * w + 2 * kv));
    sum += larger(2 * n * v, t * c->head_dim);
    sum += larger(3 * n * v, scores * (span + c->head_dim));
    sum += larger(s->low_precision ? n * v : 2 * n * v,
                  s->low_precision ? chunk * c->intermediate / 2 : chunk * c->intermediate);
    sum += s->low_precision ? 0 : scores * (s->longest + c->v_head_dim);
    return sum + (s->low_precision ? rows * c->v_mlp / 2 : rows * c->v_mlp);
}

uint64_t ocrvl_sequence_bytes(const ocrvl_config *c, const ocrvl_pass_shape *s)
{
    uint64_t kv = c->kv_heads * c->head_dim;
    uint64_t cache = (s->low_precision ? 2 : 4) * 2 * c->layers * kv * (s->tokens + s->answer) * s->sequences;
    return cache + 4 * c->vocab * (s->sequences > 1 ? 2 * s->sequences : LOGITS);
}

uint64_t ocrvl_pass_bytes(const ocrvl_config *c, const ocrvl_pass_shape *s)
{
    uint64_t patch = 3 * c->temporal * c->patch * c->patch;
    uint64_t inputs = s->patches * patch + s->patches / (c->merge * c->merge) * c->width + s->tokens * c->width;
    return 4 * (buffer_floats(c, s) + inputs) + ocrvl_sequence_bytes(c, s);
}
