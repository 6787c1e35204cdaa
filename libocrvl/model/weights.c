#include "model/weights.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "kern/quant.h"
#include "model/rope.h"

#define HEAD "lm_head.weight"
enum { PACK_BYTES = 64 << 20, SMALL_WIDTH = 512 };

/* Takes tensors one by one; the first failure sticks. */
typedef struct taking {
    ocrvl_weights *m;
    const ocrvl_kern *kern;
    const char *vision, *text; /* prefixes of the names */
    bool pack, bf16, int8;     /* int8: what is made at random */
    bool round;                /* matrices are rounded to int8 */
    bool shapes;               /* the tensors have no data */
    ocrvl_error *err;
    ocrvl_status st;
    ocrvl_tensor random; /* the tensor at hand, where there is no file */
} taking;

/* Memory of the weights' own for n items; NULL after a failure. */
static void *make(taking *t, size_t n, size_t size)
{
    ocrvl_weights *m = t->m;
    bool room = OCRVL_ARRAY_RESERVE(m->made, m->made_cap, m->made_count + 1);
    void *data = room ? ocrvl_alloc_aligned(n, size) : NULL;
    if (data)
        m->made[m->made_count++] = data;
    else
        t->st = ocrvl_fail_nomem(t->err);
    return data;
}

/* Small numbers of either sign, the same ones over and over. */
static const ocrvl_tensor *make_random(taking *t, size_t n)
{
    uint16_t *data = make(t, n, sizeof *data);
    if (!data)
        return NULL;
    uint32_t seed = (uint32_t)t->m->made_count;
    size_t period = n < 65521 ? n : 65521;
    for (size_t i = 0; i < period; i++) {
        seed = seed * 1664525u + 1013904223u;
        data[i] = (uint16_t)((seed >> 16 & 0x807F) | (113 + (seed >> 24 & 3) * 2) << 7);
    }
    for (size_t at = period; at < n; at += period)
        memcpy(data + at, data, (n - at < period ? n - at : period) * sizeof *data);
    t->random = (ocrvl_tensor){.dtype = "BF16", .data = data};
    return &t->random;
}

bool ocrvl_tensor_type(const ocrvl_tensor *t, ocrvl_dtype *type)
{
    static const struct {
        const char *name;
        ocrvl_dtype type;
    } known[] = {{"BF16", OCRVL_BF16}, {"F16", OCRVL_F16}, {"F32", OCRVL_F32}};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(t->dtype, known[i].name) == 0) {
            *type = known[i].type;
            return true;
        }
    return false;
}

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);
    return n >= k && strcmp(s + n - k, end) == 0;
}

ocrvl_gemm_mode ocrvl_gemm_mode_of_name(const char *name)
{
    if (ends_in(name, OCRVL_INT8_SUFFIX))
        return OCRVL_GEMM_INT8;
    return ends_in(name, OCRVL_INT4_SUFFIX) ? OCRVL_GEMM_INT4 : OCRVL_GEMM_FLOAT;
}

bool ocrvl_may_be_integers(const char *name, size_t k)
{
    return k <= OCRVL_MAX_ROUNDED_K &&
           (strcmp(name, HEAD) == 0 || strstr(name, "layers.") || strstr(name, "blocks.") || strstr(name, "merger"));
}

bool ocrvl_is_half_of_packed(const char *name)
{
    return ocrvl_gemm_mode_of_name(name) != OCRVL_GEMM_FLOAT || ends_in(name, OCRVL_SCALES_SUFFIX);
}

static void describe(char *buf, size_t cap, const uint64_t *shape, size_t rank)
{
    size_t at = 0;
    for (size_t i = 0; i < rank && at < cap; i++)
        at += (size_t)snprintf(buf + at, cap - at, "%s%llu", i ? ", " : "", (unsigned long long)shape[i]);
}

/* The tensor of that name, if it is there, of a float type and of n elements over rank sizes whose first is rows. */
static const ocrvl_tensor *find(taking *t, const char *name, size_t rows, size_t columns, ocrvl_dtype *type)
{
    *type = OCRVL_BF16;
    if (!t->st && !t->m->tensors)
        return make_random(t, rows * columns);
    const ocrvl_tensor *x = t->st ? NULL : ocrvl_tensors_find(t->m->tensors, name);
    if (t->st)
        return NULL;
    if (!x) {
        t->st = ocrvl_fail(t->err, OCRVL_E_MODEL, "tensor %s is missing", name);
        return NULL;
    }
    uint64_t rest = 1;
    for (uint32_t i = 1; i < x->rank; i++)
        rest *= x->shape[i];
    if (x->rank < 1 || x->shape[0] != rows || rest != columns) {
        char have[128] = "";
        describe(have, sizeof have, x->shape, x->rank);
        t->st = ocrvl_fail(t->err, OCRVL_E_MODEL, "tensor %s has shape [%s], but the config demands [%zu, %zu]", name,
                           have, rows, columns);
        return NULL;
    }
    if (!ocrvl_tensor_type(x, type)) {
        t->st = ocrvl_fail(t->err, OCRVL_E_MODEL, "tensor %s is of type %s, not BF16, F16 or F32", name, x->dtype);
        return NULL;
    }
    return x;
}

static void name_of(char *buf, size_t cap, const char *prefix, const char *part, const char *suffix)
{
    snprintf(buf, cap, "%s%s%s", prefix, part, suffix);
}

/* One part of a packed matrix: a type and [panels][size]. */
static const void *find_part(taking *t, const char *name, const char *dtype, size_t panels, size_t size)
{
    const ocrvl_tensor *x = t->st ? NULL : ocrvl_tensors_find(t->m->tensors, name);
    if (x && x->rank == 2 && x->shape[0] == panels && x->shape[1] == size && strcmp(x->dtype, dtype) == 0)
        return x->data;
    if (!t->st)
        t->st = ocrvl_fail(t->err, OCRVL_E_MODEL, "tensor %s is not of type %s and shape [%zu, %zu]", name, dtype,
                           panels, size);
    return NULL;
}

/* Makes a matrix as int8 is packed. */
static bool make_packed(taking *t, ocrvl_mat *w, const char *name, size_t n, size_t k)
{
    if (t->st || !t->int8 || !ocrvl_may_be_integers(name, k))
        return false;
    size_t panels = (n + OCRVL_PANEL - 1) / OCRVL_PANEL;
    *w = (ocrvl_mat){.n = n, .k = k, .mode = OCRVL_GEMM_INT8};
    const ocrvl_tensor *x = make_random(t, panels * ocrvl_quant_codes(w->mode, k) / 2);
    w->data = x ? x->data : NULL;
    x = x ? make_random(t, panels * ocrvl_quant_scales(w->mode, k)) : NULL;
    w->scales = x ? x->data : NULL;
    t->m->low_precision = true;
    return true;
}

/* Takes the packed form of a matrix; false if there is none. */
static bool take_packed(taking *t, ocrvl_mat *w, const char *name, size_t n, size_t k)
{
    static const char *const suffixes[] = {OCRVL_INT8_SUFFIX, OCRVL_INT4_SUFFIX};
    if (!t->m->tensors)
        return make_packed(t, w, name, n, k);
    for (size_t i = 0; i < 2 && !t->st; i++) {
        char codes[320], scales[320];
        snprintf(codes, sizeof codes, "%s%s", name, suffixes[i]);
        snprintf(scales, sizeof scales, "%s%s", name, OCRVL_SCALES_SUFFIX);
        if (!ocrvl_tensors_find(t->m->tensors, codes))
            continue;
        ocrvl_gemm_mode mode = ocrvl_gemm_mode_of_name(codes);
        long packing = ocrvl_tensors_packing(t->m->tensors);
        if (packing > OCRVL_PACKING || packing < (mode == OCRVL_GEMM_INT8 ? OCRVL_PACKING_INT8 : OCRVL_PACKING)) {
            t->st = ocrvl_fail(t->err, OCRVL_E_MODEL,
                               "tensor %s was packed by another version of ocrvl: pack the checkpoint again", codes);
            return true;
        }
        size_t panels = (n + OCRVL_PANEL - 1) / OCRVL_PANEL;
        if (k > OCRVL_MAX_ROUNDED_K) {
            t->st = ocrvl_fail(t->err, OCRVL_E_MODEL, "tensor %s: [%zu, %zu] cannot be packed", codes, n, k);
            return true;
        }
        *w = (ocrvl_mat){.n = n, .k = k, .mode = mode};
        w->data = find_part(t, codes, "U8", panels, ocrvl_quant_codes(w->mode, k));
        w->scales = find_part(t, scales, "BF16", panels, ocrvl_quant_scales(w->mode, k));
        t->m->low_precision = true;
        return true;
    }
    return false;
}

/* The scales of a matrix of FP8, one for each row and block of k; what the file has fewer of is repeated. */
static void take_fp8_scales(taking *t, ocrvl_mat *w, const char *name)
{
    const size_t *block = t->m->config.numbers.block;
    char key[320];
    ocrvl_dtype type = OCRVL_F32;
    snprintf(key, sizeof key, "%s_scale", name);
    const ocrvl_tensor *x = ocrvl_tensors_find(t->m->tensors, key);
    if (!x) {
        snprintf(key, sizeof key, "%s_scale_inv", name);
        x = ocrvl_tensors_find(t->m->tensors, key);
    }
    size_t size = x && ocrvl_tensor_type(x, &type) ? (size_t)x->bytes / ocrvl_dtype_size(type) : 0;
    bool blocks = block[0] && size > 1 && x->rank == 2 && x->shape[0] == (w->n + block[0] - 1) / block[0] &&
                  x->shape[1] == (w->k + block[1] - 1) / block[1];
    if (!blocks && size != 1 && (size != w->n || x->shape[0] != w->n)) {
        t->st = ocrvl_fail(t->err, OCRVL_E_MODEL,
                           "tensor %s is missing, or neither one number, nor one for each row or block", key);
        return;
    }
    w->fp8_block = blocks ? block[1] : w->k;
    size_t count = blocks ? (size_t)x->shape[1] : 1;
    float *given = ocrvl_alloc_array(size, sizeof *given);
    w->fp8_scales = ocrvl_alloc_array(count, w->n * sizeof *w->fp8_scales);
    if (given && w->fp8_scales)
        t->kern->widen(given, x->data, type, size);
    else
        t->st = ocrvl_fail_nomem(t->err);
    for (size_t b = 0; !t->st && b < count; b++)
        for (size_t i = 0; i < w->n; i++)
            w->fp8_scales[b * w->n + i] = given[blocks ? i / block[0] * count + b : size == 1 ? 0 : i];
    ocrvl_free(given);
}

/* Takes a matrix of FP8; false if the tensor is of another type. */
static bool take_fp8(taking *t, ocrvl_mat *w, const char *name, size_t n, size_t k)
{
    bool may = !t->st && t->m->tensors && t->m->config.numbers.kind == OCRVL_NUMBERS_FP8;
    const ocrvl_tensor *x = may ? ocrvl_tensors_find(t->m->tensors, name) : NULL;
    if (!x || strcmp(x->dtype, "F8_E4M3") != 0)
        return false;
    if (x->rank != 2 || x->shape[0] != n || x->shape[1] != k) {
        t->st = ocrvl_fail(t->err, OCRVL_E_MODEL, "tensor %s of FP8 is not of shape [%zu, %zu]", name, n, k);
        return true;
    }
    *w = (ocrvl_mat){.n = n, .k = k, .type = OCRVL_FP8, .data = x->data};
    take_fp8_scales(t, w, name);
    if (t->st)
        return true;
    if (t->bf16 && k <= OCRVL_MAX_ROUNDED_K && (w->fp8_block % 2 == 0 || w->fp8_block == k)) {
        w->mode = OCRVL_GEMM_BF16;
        t->m->low_precision = true;
    } else if (t->pack && !ocrvl_mat_pack(t->kern, w))
        t->st = ocrvl_fail_nomem(t->err);
    return true;
}

/* Rounds a matrix of floats to int8, as ocrvl pack does. */
static void round_matrix(taking *t, ocrvl_mat *w)
{
    size_t k = w->k, panels = (w->n + OCRVL_PANEL - 1) / OCRVL_PANEL;
    size_t codes = ocrvl_quant_codes(OCRVL_GEMM_INT8, k), scales = ocrvl_quant_scales(OCRVL_GEMM_INT8, k);
    uint8_t *c = make(t, panels, codes);
    uint16_t *s = c ? make(t, panels, scales * sizeof *s) : NULL;
    float *rows = s ? ocrvl_alloc_aligned(OCRVL_PANEL, k * sizeof *rows) : NULL;
    if (!rows) {
        t->st = ocrvl_fail_nomem(t->err);
        return;
    }
    for (size_t i = 0; i < panels; i++) {
        size_t at = i * OCRVL_PANEL, have = w->n - at < OCRVL_PANEL ? w->n - at : OCRVL_PANEL;
        memset(rows + have * k, 0, (OCRVL_PANEL - have) * k * sizeof *rows);
        t->kern->widen(rows, (const uint8_t *)w->data + at * k * ocrvl_dtype_size(w->type), w->type, have * k);
        ocrvl_quant_pack(OCRVL_GEMM_INT8, rows, k, c + i * codes, s + i * scales);
    }
    ocrvl_free(rows);
    *w = (ocrvl_mat){.n = w->n, .k = k, .mode = OCRVL_GEMM_INT8, .data = c, .scales = s};
    t->m->low_precision = true;
}

static void take_matrix(taking *t, ocrvl_mat *w, const char *name, size_t n, size_t k)
{
    ocrvl_dtype type;
    if (take_packed(t, w, name, n, k)) {
        *(w->mode == OCRVL_GEMM_INT8 ? &t->m->int8 : &t->m->int4) += (uint64_t)n * k;
        return;
    }
    if (take_fp8(t, w, name, n, k))
        return;
    const ocrvl_tensor *x = find(t, name, n, k, &type);
    if (!x)
        return;
    *w = (ocrvl_mat){.n = n, .k = k, .type = type, .data = x->data};
    if (t->shapes)
        return;
    if (t->round && ocrvl_may_be_integers(name, k))
        round_matrix(t, w);
    else if (t->bf16 && type == OCRVL_BF16 && k <= OCRVL_MAX_ROUNDED_K) {
        w->mode = OCRVL_GEMM_BF16;
        t->m->low_precision = true;
    } else if (t->pack && !ocrvl_mat_pack(t->kern, w))
        t->st = ocrvl_fail_nomem(t->err);
}

static void take_vector(taking *t, float **v, const char *name, size_t n)
{
    ocrvl_dtype type;
    const ocrvl_tensor *x = find(t, name, n, 1, &type);
    if (!x || t->shapes)
        return;
    *v = ocrvl_alloc_aligned(n, sizeof **v);
    if (*v)
        t->kern->widen(*v, x->data, type, n);
    else
        t->st = ocrvl_fail_nomem(t->err);
}

static void take_linear(taking *t, ocrvl_linear *l, const char *prefix, const char *part, size_t n, size_t k, bool bias)
{
    char name[256];
    name_of(name, sizeof name, prefix, part, ".weight");
    take_matrix(t, &l->w, name, n, k);
    name_of(name, sizeof name, prefix, part, ".bias");
    if (bias)
        take_vector(t, &l->bias, name, n);
}

static void take_norm(taking *t, ocrvl_norm_weights *w, const char *prefix, const char *part, size_t n, bool bias)
{
    char name[256];
    name_of(name, sizeof name, prefix, part, ".weight");
    take_vector(t, &w->w, name, n);
    name_of(name, sizeof name, prefix, part, ".bias");
    if (bias)
        take_vector(t, &w->b, name, n);
}

/* The same activations are multiplied with both, so both have one mode. */
static void match_modes(taking *t, const char *prefix, const char *name, ocrvl_mat *gate, ocrvl_mat *up)
{
    if (t->st || gate->mode == up->mode)
        return;
    if (gate->scales || up->scales)
        t->st = ocrvl_fail(t->err, OCRVL_E_MODEL, "tensors %s%s and up_proj are not packed the same way", prefix, name);
    else
        gate->mode = up->mode = OCRVL_GEMM_FLOAT;
}

static void take_merger(taking *t, ocrvl_merger *g, const char *prefix, size_t norm_size, bool norm_bias)
{
    const ocrvl_config *c = &t->m->config;
    const ocrvl_family *f = c->family;
    size_t wide = c->v_width * c->merge * c->merge;
    g->norm_size = norm_size;
    take_norm(t, &g->norm, prefix, f->merger_norm, norm_size, norm_bias);
    take_linear(t, &g->in, prefix, f->merger_in, wide, wide, true);
    take_linear(t, &g->out, prefix, f->merger_out, c->width, wide, true);
}

static void take_places(taking *t)
{
    size_t rows = t->m->config.v_places * t->m->config.v_places, d = t->m->config.v_width;
    char name[128];
    ocrvl_dtype type;
    if (rows == 0)
        return;
    name_of(name, sizeof name, t->vision, "pos_embed", ".weight");
    const ocrvl_tensor *x = find(t, name, rows, d, &type);
    if (!x || t->shapes)
        return;
    t->m->places = ocrvl_alloc_aligned(rows, d * sizeof *t->m->places);
    if (t->m->places)
        t->kern->widen(t->m->places, x->data, type, rows * d);
    else
        t->st = ocrvl_fail_nomem(t->err);
}

static void take_block(taking *t, ocrvl_vision_block *b, const char *prefix)
{
    const ocrvl_config *c = &t->m->config;
    const ocrvl_family *f = c->family;
    size_t d = c->v_width;
    take_norm(t, &b->norm1, prefix, "norm1", d, !f->v_rms);
    take_norm(t, &b->norm2, prefix, "norm2", d, !f->v_rms);
    take_linear(t, &b->qkv, prefix, "attn.qkv", 3 * d, d, true);
    take_linear(t, &b->proj, prefix, "attn.proj", d, d, true);
    take_linear(t, &b->in, prefix, f->v_in, c->v_mlp, d, true);
    take_linear(t, &b->down, prefix, f->v_down, d, c->v_mlp, true);
    if (!f->v_up)
        return;
    take_linear(t, &b->up, prefix, f->v_up, c->v_mlp, d, true);
    match_modes(t, prefix, f->v_in, &b->in.w, &b->up.w);
}

static void take_vision(taking *t)
{
    ocrvl_weights *m = t->m;
    const ocrvl_config *c = &m->config;
    char prefix[128];
    size_t d = c->v_width, wide = d * c->merge * c->merge;
    take_linear(t, &m->patch_embed, t->vision, "patch_embed.proj", d, 3 * c->temporal * c->patch * c->patch,
                c->family->patch_bias);
    take_places(t);
    for (size_t i = 0; i < c->v_depth && !t->st; i++) {
        snprintf(prefix, sizeof prefix, "%sblocks.%zu.", t->vision, i);
        take_block(t, &m->blocks[i], prefix);
    }
    snprintf(prefix, sizeof prefix, "%smerger.", t->vision);
    take_merger(t, &m->merger, prefix, d, !c->family->v_rms);
    for (size_t i = 0; i < c->v_deep_count && !t->st; i++) {
        snprintf(prefix, sizeof prefix, "%sdeepstack_merger_list.%zu.", t->vision, i);
        take_merger(t, &m->deep[i], prefix, wide, true);
    }
}

static void take_layer(taking *t, ocrvl_layer *l, const char *prefix)
{
    const ocrvl_config *c = &t->m->config;
    size_t d = c->width, kv = c->kv_heads * c->head_dim, q = ocrvl_config_queries(c);
    bool bias = c->family->qkv_bias;
    take_norm(t, &l->norm1, prefix, "input_layernorm", d, false);
    take_norm(t, &l->norm2, prefix, "post_attention_layernorm", d, false);
    take_linear(t, &l->q, prefix, "self_attn.q_proj", q, d, bias);
    take_linear(t, &l->k, prefix, "self_attn.k_proj", kv, d, bias);
    take_linear(t, &l->v, prefix, "self_attn.v_proj", kv, d, bias);
    take_linear(t, &l->o, prefix, "self_attn.o_proj", d, q, false);
    if (c->family->qk_norm) {
        ocrvl_norm_weights n[2] = {{NULL, NULL}, {NULL, NULL}};
        take_norm(t, &n[0], prefix, "self_attn.q_norm", c->head_dim, false);
        take_norm(t, &n[1], prefix, "self_attn.k_norm", c->head_dim, false);
        l->q_norm = n[0].w;
        l->k_norm = n[1].w;
    }
    take_linear(t, &l->gate, prefix, "mlp.gate_proj", c->intermediate, d, false);
    take_linear(t, &l->up, prefix, "mlp.up_proj", c->intermediate, d, false);
    take_linear(t, &l->down, prefix, "mlp.down_proj", d, c->intermediate, false);
    match_modes(t, prefix, "mlp.gate_proj", &l->gate.w, &l->up.w);
}

static void take_decoder(taking *t)
{
    ocrvl_weights *m = t->m;
    const ocrvl_config *c = &m->config;
    char prefix[128];
    size_t d = c->width;
    bool pack = t->pack;
    snprintf(prefix, sizeof prefix, "%sembed_tokens.weight", t->text);
    t->pack = false; /* rows of it are looked up; only the head is multiplied with */
    take_matrix(t, &m->embed, prefix, c->vocab, d);
    if ((m->embed.scales || m->embed.type == OCRVL_FP8) && !t->st)
        t->st = ocrvl_fail(t->err, OCRVL_E_MODEL, "tensor %s is packed, but an embedding can't be", prefix);
    ocrvl_free(m->embed.fp8_scales); /* there are some only then */
    m->embed.fp8_scales = NULL;
    t->pack = pack;
    for (size_t i = 0; i < c->layers && !t->st; i++) {
        snprintf(prefix, sizeof prefix, "%slayers.%zu.", t->text, i);
        take_layer(t, &m->layers[i], prefix);
    }
    take_norm(t, &m->norm, t->text, "norm", d, false);
    if (c->tied && !take_packed(t, &m->head.w, HEAD, c->vocab, d)) {
        m->head.w = m->embed;
        if (t->round && !t->st && ocrvl_may_be_integers(HEAD, d))
            round_matrix(t, &m->head.w);
        else if (t->pack && !t->st && !t->shapes && m->head.w.mode == OCRVL_GEMM_FLOAT &&
                 !ocrvl_mat_pack(t->kern, &m->head.w))
            t->st = ocrvl_fail_nomem(t->err);
    } else if (!c->tied)
        take_matrix(t, &m->head.w, HEAD, c->vocab, d);
}

static ocrvl_status take_all(ocrvl_weights *m, ocrvl_precision precision, bool shapes, ocrvl_error *err)
{
    const ocrvl_config *c = &m->config;
    uint64_t bytes = 0;
    for (size_t i = 0; m->tensors && i < ocrvl_tensors_count(m->tensors); i++)
        bytes += ocrvl_tensors_at(m->tensors, i)->bytes;
    bool nested = m->tensors && ocrvl_tensors_find(m->tensors, "model.language_model.embed_tokens.weight");
    const ocrvl_kern *kern = ocrvl_kern_best();
    bool small = m->tensors ? ocrvl_weights_are_small(bytes) : c->width <= SMALL_WIDTH;
    taking t = {.m = m, .kern = kern, .pack = small, .shapes = shapes, .err = err};
    t.vision = nested ? "model.visual." : "visual.";
    t.text = nested ? "model.language_model." : "model.";
    t.int8 = precision == OCRVL_PRECISION_INT8;
    t.round = precision == OCRVL_PRECISION_AUTO && c->line_reader && m->tensors && !shapes;
    t.bf16 =
        precision == OCRVL_PRECISION_BF16 || ((t.int8 || precision == OCRVL_PRECISION_AUTO) && !small && kern->bf16);
    m->blocks = ocrvl_alloc_array(c->v_depth, sizeof *m->blocks);
    m->layers = ocrvl_alloc_array(c->layers, sizeof *m->layers);
    m->v_freq = ocrvl_alloc_array(c->v_head_dim / 4, sizeof *m->v_freq);
    m->t_freq = ocrvl_alloc_array(c->head_dim / 2, sizeof *m->t_freq);
    if (!m->blocks || !m->layers || !m->v_freq || !m->t_freq)
        return ocrvl_fail_nomem(err);
    ocrvl_rope_frequencies(m->v_freq, c->v_head_dim / 4, 10000.0);
    ocrvl_rope_frequencies(m->t_freq, c->head_dim / 2, c->rope_theta);
    take_vision(&t);
    take_decoder(&t);
    m->config.bf16_cache = m->low_precision;
    return t.st;
}

bool ocrvl_weights_are_small(uint64_t bytes) { return bytes <= PACK_BYTES; }

uint64_t ocrvl_weights_resident(uint64_t bytes, bool rounded)
{
    return rounded ? bytes * 8 / 5 : ocrvl_weights_are_small(bytes) ? 3 * bytes : bytes;
}

ocrvl_status ocrvl_weights_open(ocrvl_weights **out, const char *dir, ocrvl_error *err)
{
    return ocrvl_weights_open_as(out, dir, OCRVL_PRECISION_AUTO, err);
}

ocrvl_status ocrvl_weights_open_as(ocrvl_weights **out, const char *dir, ocrvl_precision precision, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_weights *m = ocrvl_alloc(sizeof *m);
    if (!m)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = ocrvl_config_load(&m->config, dir, err);
    if (!st)
        st = ocrvl_tensors_open(&m->tensors, dir, err);
    if (!st)
        st = take_all(m, precision, false, err);
    if (st)
        ocrvl_weights_free(m);
    else
        *out = m;
    return st;
}

ocrvl_status ocrvl_weights_describe(ocrvl_weights **out, const char *dir, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_weights *m = ocrvl_alloc(sizeof *m);
    ocrvl_status st = m ? ocrvl_config_load(&m->config, dir, err) : ocrvl_fail_nomem(err);
    if (st)
        ocrvl_weights_free(m);
    else
        *out = m;
    return st;
}

ocrvl_status ocrvl_weights_check(const ocrvl_config *config, const ocrvl_tensor *list, size_t count, ocrvl_error *err)
{
    ocrvl_weights *m = ocrvl_alloc(sizeof *m);
    if (!m)
        return ocrvl_fail_nomem(err);
    m->config = *config;
    m->config.system = m->config.task = NULL; /* the caller's */
    m->config.prompts = NULL;
    ocrvl_status st = ocrvl_tensors_of(&m->tensors, list, count, err);
    if (!st)
        st = take_all(m, OCRVL_PRECISION_FLOAT32, true, err);
    ocrvl_weights_free(m);
    return st;
}

ocrvl_status ocrvl_weights_random(ocrvl_weights **out, const ocrvl_config *config, ocrvl_precision precision,
                                  ocrvl_error *err)
{
    *out = NULL;
    ocrvl_weights *m = ocrvl_alloc(sizeof *m);
    if (!m)
        return ocrvl_fail_nomem(err);
    m->config = *config;
    ocrvl_status st = take_all(m, precision, false, err);
    if (st)
        ocrvl_weights_free(m);
    else
        *out = m;
    return st;
}

static uint64_t bytes_of(const ocrvl_mat *w)
{
    if (w->scales)
        return (uint64_t)((w->n + OCRVL_PANEL - 1) / OCRVL_PANEL) *
               (ocrvl_quant_codes(w->mode, w->k) + ocrvl_quant_scales(w->mode, w->k) * sizeof *w->scales);
    return (uint64_t)w->n * w->k * (w->packed ? sizeof(float) : ocrvl_dtype_size(w->type));
}

uint64_t ocrvl_weights_step_bytes(const ocrvl_weights *m)
{
    uint64_t sum = bytes_of(&m->head.w);
    for (size_t i = 0; i < m->config.layers; i++) {
        const ocrvl_layer *l = &m->layers[i];
        const ocrvl_linear *all[] = {&l->q, &l->k, &l->v, &l->o, &l->gate, &l->up, &l->down};
        for (size_t j = 0; j < sizeof all / sizeof *all; j++)
            sum += bytes_of(&all[j]->w);
    }
    return sum;
}

static void free_linear(ocrvl_linear *l)
{
    ocrvl_free(l->w.packed);
    ocrvl_free(l->w.fp8_scales);
    ocrvl_free(l->bias);
}

static void free_norm(ocrvl_norm_weights *n)
{
    ocrvl_free(n->w);
    ocrvl_free(n->b);
}

static void free_merger(ocrvl_merger *g)
{
    free_norm(&g->norm);
    free_linear(&g->in);
    free_linear(&g->out);
}

static void free_vision(ocrvl_weights *m)
{
    for (size_t i = 0; m->blocks && i < m->config.v_depth; i++) {
        ocrvl_vision_block *b = &m->blocks[i];
        free_norm(&b->norm1);
        free_norm(&b->norm2);
        free_linear(&b->qkv);
        free_linear(&b->proj);
        free_linear(&b->in);
        free_linear(&b->up);
        free_linear(&b->down);
    }
    free_linear(&m->patch_embed);
    ocrvl_free(m->places);
    free_merger(&m->merger);
    for (size_t i = 0; i < m->config.v_deep_count; i++)
        free_merger(&m->deep[i]);
    ocrvl_free(m->blocks);
}

void ocrvl_weights_free(ocrvl_weights *m)
{
    if (!m)
        return;
    free_vision(m);
    for (size_t i = 0; m->layers && i < m->config.layers; i++) {
        ocrvl_layer *l = &m->layers[i];
        ocrvl_linear *all[] = {&l->q, &l->k, &l->v, &l->o, &l->gate, &l->up, &l->down};
        for (size_t j = 0; j < sizeof all / sizeof *all; j++)
            free_linear(all[j]);
        free_norm(&l->norm1);
        free_norm(&l->norm2);
        ocrvl_free(l->q_norm);
        ocrvl_free(l->k_norm);
    }
    ocrvl_free(m->layers);
    free_norm(&m->norm);
    free_linear(&m->head);
    ocrvl_free(m->v_freq);
    ocrvl_free(m->t_freq);
    for (size_t i = 0; i < m->made_count; i++)
        ocrvl_free(m->made[i]);
    ocrvl_free(m->made);
    ocrvl_tensors_free(m->tensors);
    ocrvl_config_free(&m->config);
    ocrvl_free(m);
}
