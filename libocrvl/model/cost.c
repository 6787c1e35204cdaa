#include "model/cost.h"

/* Rows of the decoder's and of the vision tower's MLP that are computed at a time (decoder.c, vision.c), rows of
 * queries whose scores are in memory at a time (both), rows of logits of a pass with drafts (generate.c). */
enum { CHUNK = 2048, SEEN = 6144, QUERIES = 48, LOGITS = 18 };

static double layer_parameters(const ocrvl_config *c)
{
    double kv = (double)c->kv_heads * (double)c->head_dim, d = (double)c->width, q = (double)ocrvl_config_queries(c);
    return d * (2 * q + 2 * kv) + 3 * d * (double)c->intermediate;
}

double ocrvl_token_parameters(const ocrvl_config *c)
{
    return (double)c->layers * layer_parameters(c) + (double)c->vocab * (double)c->width;
}

double ocrvl_token_flop(const ocrvl_config *c) { return 2 * ocrvl_token_parameters(c); }

/* Patches that a patch attends to, summed over the tower's blocks. */
static double attended(const ocrvl_config *c, size_t longest)
{
    size_t window = c->v_window * c->v_window * c->merge * c->merge, whole = 0;
    for (size_t i = 0; i < c->v_depth && c->v_window; i++)
        whole += c->v_whole[i / 64] >> i % 64 & 1;
    if (!c->v_window || window > longest)
        return (double)c->v_depth * (double)longest;
    return (double)whole * (double)longest + (double)(c->v_depth - whole) * (double)window;
}

double ocrvl_vision_flop(const ocrvl_config *c, const ocrvl_pass_shape *s)
{
    double w = (double)c->v_width, n = (double)s->patches, merged = (double)(c->merge * c->merge), wide = w * merged;
    double matrices = c->family && c->family->v_up ? 3 : 2;
    double block = 4 * w * w + matrices * w * (double)c->v_mlp;
    double attention = 2 * w * attended(c, s->longest); /* scores and their sums */
    double patch = w * 3 * (double)(c->temporal * c->patch * c->patch);
    double merge = (double)ocrvl_config_levels(c) * (wide * wide + wide * (double)c->width) / merged;
    return 2 * n * ((double)c->v_depth * block + attention + patch + merge);
}

double ocrvl_prompt_flop(const ocrvl_config *c, const ocrvl_pass_shape *s)
{
    double attention = (double)ocrvl_config_queries(c) * (double)s->tokens; /* half of the square, counted twice */
    return 2 * (double)s->tokens * (double)c->layers * (layer_parameters(c) + attention);
}

static uint64_t merger_numbers(const ocrvl_config *c, uint64_t norm, bool bias)
{
    uint64_t wide = c->v_width * c->merge * c->merge;
    return (bias ? 2 : 1) * norm + wide * wide + wide + wide * c->width + c->width;
}

static uint64_t tower_numbers(const ocrvl_config *c)
{
    const ocrvl_family *f = c->family;
    uint64_t d = c->v_width, norm = f->v_rms ? d : 2 * d, wide = d * c->merge * c->merge;
    uint64_t mlp = (f->v_up ? 2 : 1) * (d + 1) * c->v_mlp + (c->v_mlp + 1) * d;
    uint64_t block = 2 * norm + 4 * (d + 1) * d + mlp;
    uint64_t patch = 3 * c->temporal * c->patch * c->patch * d + (f->patch_bias ? d : 0);
    return patch + c->v_places * c->v_places * d + c->v_depth * block + merger_numbers(c, d, !f->v_rms) +
           c->v_deep_count * merger_numbers(c, wide, true);
}

uint64_t ocrvl_all_parameters(const ocrvl_config *c)
{
    const ocrvl_family *f = c->family;
    uint64_t d = c->width, q = ocrvl_config_queries(c), kv = c->kv_heads * c->head_dim;
    uint64_t layer = 2 * d + 2 * d * q + 2 * d * kv + (f->qkv_bias ? q + 2 * kv : 0) +
                     (f->qk_norm ? 2 * c->head_dim : 0) + 3 * d * c->intermediate;
    return tower_numbers(c) + c->layers * layer + d + (c->tied ? 1 : 2) * c->vocab * d;
}

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Floats of the engine's buffers. Each buffer is as large as the larger of its two users makes it. */
static uint64_t buffer_floats(const ocrvl_config *c, const ocrvl_pass_shape *s)
{
    uint64_t n = s->patches, t = s->tokens, v = c->v_width, kv = c->kv_heads * c->head_dim;
    uint64_t w = larger(c->width, ocrvl_config_queries(c)), tokens = n / (c->merge * c->merge);
    uint64_t span = s->tokens + s->answer, rows = n < SEEN ? n : SEEN, chunk = t < CHUNK ? t : CHUNK;
    uint64_t scores = s->threads * QUERIES;
    uint64_t sum = larger(n * c->v_head_dim, t * (2 * w + 2 * kv));
    sum += larger(2 * n * v, t * c->head_dim);
    sum += larger(3 * n * v, scores * (span + c->head_dim));
    sum += larger(s->low_precision ? n * (v + c->v_heads) : 2 * n * v,
                  s->low_precision ? chunk * c->intermediate / 2 : chunk * c->intermediate);
    sum += s->low_precision ? 0 : scores * (s->longest + c->v_head_dim);
    uint64_t mlp = s->low_precision ? rows * c->v_mlp / 2 : rows * c->v_mlp;
    return sum + larger(mlp, c->v_window ? tokens * c->width : 0);
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
    uint64_t visual = s->patches / (c->merge * c->merge) * c->width * ocrvl_config_levels(c);
    uint64_t inputs = s->patches * patch + visual + s->tokens * c->width;
    return 4 * (buffer_floats(c, s) + inputs) + ocrvl_sequence_bytes(c, s);
}
