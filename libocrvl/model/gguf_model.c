#include "model/gguf_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/keys.h"

/* ---- keys -------------------------------------------------------------------------------------------- */

static ocrvl_keys keys_of(const ocrvl_gguf_model *m, const ocrvl_gguf *g)
{
    return (ocrvl_keys){ocrvl_gguf_path(g), "key ", m->err, m->st};
}

ocrvl_status ocrvl_gguf_model_wrong(ocrvl_gguf_model *m, const ocrvl_gguf *g, const char *key, const char *what)
{
    ocrvl_keys k = keys_of(m, g);
    ocrvl_keys_wrong(&k, key, what);
    m->st = k.st;
    return m->st;
}

int64_t ocrvl_gguf_model_whole(ocrvl_gguf_model *m, const ocrvl_gguf *g, const char *key, int64_t low, int64_t high,
                               int64_t otherwise)
{
    const ocrvl_gguf_value *v = ocrvl_gguf_find(g, key);
    ocrvl_keys k = keys_of(m, g);
    int64_t n = 0;
    bool is_whole = v && ocrvl_gguf_int(v, &n);
    n = ocrvl_keys_whole(&k, key, v != NULL, is_whole, n, low, high, otherwise);
    m->st = k.st;
    return n;
}

double ocrvl_gguf_model_real(ocrvl_gguf_model *m, const ocrvl_gguf *g, const char *key, double low, double high,
                             double otherwise)
{
    const ocrvl_gguf_value *v = ocrvl_gguf_find(g, key);
    ocrvl_keys k = keys_of(m, g);
    double d = 0;
    bool is_number = v && ocrvl_gguf_real(v, &d);
    d = ocrvl_keys_real(&k, key, v != NULL, is_number, d, low, high, otherwise);
    m->st = k.st;
    return d;
}

const char *ocrvl_gguf_model_key(const ocrvl_gguf_model *m, const char *rest, char name[128])
{
    snprintf(name, 128, "%s.%s", m->family->gguf, rest);
    return name;
}

ocrvl_buf *ocrvl_gguf_model_file(ocrvl_gguf_model *m, const char *name)
{
    ocrvl_buf *b = m->st ? NULL : ocrvl_raws_file(m->s, name);
    if (!b && !m->st)
        m->st = ocrvl_fail(m->err, OCRVL_E_INTERNAL, "too many files");
    return b;
}

void ocrvl_gguf_model_filed(ocrvl_gguf_model *m, const ocrvl_buf *b)
{
    if (b->failed && !m->st)
        m->st = ocrvl_fail_nomem(m->err);
}

/* ---- files ------------------------------------------------------------------------------------------- */

static bool is_text(const ocrvl_gguf_value *v, const char *want)
{
    size_t len;
    const char *s = ocrvl_gguf_string(v, &len);
    return s && len == strlen(want) && memcmp(s, want, len) == 0;
}

const ocrvl_gguf_tensor *ocrvl_gguf_model_tensor(const ocrvl_gguf_model *m, const char *name)
{
    for (size_t i = 0; i < m->s->gguf_count; i++) {
        const ocrvl_gguf_tensor *t = ocrvl_gguf_tensor_of(m->s->gguf[i], name);
        if (t)
            return t;
    }
    return NULL;
}

/* Which file is the tower's and which the decoder's, of whose parts the first holds the metadata. */
static void tell_apart(ocrvl_gguf_model *m)
{
    int64_t parts = 1, given = 0;
    for (size_t i = 0; i < m->s->gguf_count && !m->st; i++) {
        const ocrvl_gguf *g = m->s->gguf[i];
        const ocrvl_gguf_value *type = ocrvl_gguf_find(g, "general.type");
        if (is_text(type, "adapter"))
            ocrvl_gguf_model_wrong(m, g, "general.type", "is adapter: merge it into its model first");
        if (is_text(ocrvl_gguf_find(g, "general.architecture"), "clip")) {
            if (m->vision)
                ocrvl_gguf_model_wrong(m, g, "general.architecture",
                                       "is clip in more than one of the files: give only one mmproj file");
            m->vision = g;
            continue;
        }
        given++;
        if (ocrvl_gguf_find(g, "general.architecture")) {
            if (m->text)
                ocrvl_gguf_model_wrong(m, g, "general.architecture",
                                       "is in more than one of the files: give only one model");
            m->text = g;
        }
    }
    if (m->text)
        parts = ocrvl_gguf_model_whole(m, m->text, "split.count", 0, 9999, 1);
    if (!m->st && m->text && given != (parts ? parts : 1)) {
        char what[80];
        snprintf(what, sizeof what, "says %" PRId64 ", but %" PRId64 " were given: give all parts", parts, given);
        ocrvl_gguf_model_wrong(m, m->text, "split.count", what);
    }
    const char *path = ocrvl_gguf_path(m->s->gguf[0]);
    if (!m->st && !m->text)
        m->st = ocrvl_fail(m->err, OCRVL_E_MODEL, "%s: there is no decoder: give the model's file as well", path);
    if (!m->st && !m->vision)
        m->st = ocrvl_fail(m->err, OCRVL_E_MODEL,
                           "%s: there is no vision tower: give the file that is called mmproj as well", path);
}

static void find_family(ocrvl_gguf_model *m)
{
    const char *key = "clip.projector_type";
    size_t len = 0, arch_len = 0;
    const char *type = ocrvl_gguf_string(ocrvl_gguf_find(m->vision, key), &len);
    if (!type) {
        key = "clip.vision.projector_type";
        type = ocrvl_gguf_string(ocrvl_gguf_find(m->vision, key), &len);
    }
    if (!type)
        ocrvl_gguf_model_wrong(m, m->vision, "clip.projector_type", "is missing");
    m->family = type ? ocrvl_family_of_projector(type, len) : NULL;
    if (m->st)
        return;
    if (!m->family) {
        char what[160];
        snprintf(what, sizeof what, "is '%.*s', not that of Qwen2-VL, Qwen2.5-VL or Qwen3-VL",
                 (int)(len < 60 ? len : 60), type);
        ocrvl_gguf_model_wrong(m, m->vision, key, what);
        return;
    }
    const ocrvl_gguf_value *v = ocrvl_gguf_find(m->text, "general.architecture");
    const char *arch = ocrvl_gguf_string(v, &arch_len);
    if (!is_text(v, m->family->gguf)) {
        char what[160];
        snprintf(what, sizeof what, "is '%.*s', but the vision tower's is %s, whose decoder is %s",
                 (int)(arch_len < 60 ? arch_len : 60), arch ? arch : "", m->family->name, m->family->gguf);
        ocrvl_gguf_model_wrong(m, m->text, "general.architecture", what);
    }
}

/* ---- tensors ----------------------------------------------------------------------------------------- */

/* Parts one after the other. */
static void rows_joined(const ocrvl_raw *s, const ocrvl_kern *kern, size_t row, size_t rows, float *out)
{
    size_t k = ocrvl_raw_columns(s);
    for (size_t i = 0; i < OCRVL_RAW_PARTS && rows; i++) {
        const ocrvl_raw_part *p = &s->parts[i];
        if (row >= p->rows) {
            row -= p->rows;
            continue;
        }
        size_t n = p->rows - row < rows ? p->rows - row : rows;
        const ocrvl_gguf_type *type = p->type;
        ocrvl_gguf_widen(kern, type, out, (const uint8_t *)p->data + row * (k / type->numbers) * type->bytes, n * k);
        out += n * k;
        rows -= n;
        row = 0;
    }
}

/* The patches' projection: a part for each frame, [n][3][patch][patch], whose planes of a channel follow one another.
 */
static void rows_of_frames(const ocrvl_raw *s, const ocrvl_kern *kern, size_t row, size_t rows, float *out)
{
    size_t plane = (size_t)(s->shape[3] * s->shape[4]), channels = (size_t)s->shape[1], frames = (size_t)s->shape[2];
    for (size_t i = row; i < row + rows; i++)
        for (size_t c = 0; c < channels; c++)
            for (size_t f = 0; f < frames; f++, out += plane) {
                const ocrvl_gguf_type *type = s->parts[f].type;
                ocrvl_gguf_widen(kern, type, out,
                                 (const uint8_t *)s->parts[f].data + (i * channels + c) * plane * type->bytes, plane);
            }
}

static const ocrvl_gguf_tensor *need(ocrvl_gguf_model *m, const char *name)
{
    const ocrvl_gguf_tensor *t = m->st ? NULL : ocrvl_gguf_model_tensor(m, name);
    if (!t && !m->st)
        m->st = ocrvl_fail(m->err, OCRVL_E_MODEL, "%s: tensor %s is missing",
                           ocrvl_gguf_path(name[0] == 'v' || name[0] == 'm' ? m->vision : m->text), name);
    return t;
}

static ocrvl_raw *add(ocrvl_gguf_model *m, const char *name)
{
    ocrvl_raw *s = m->st ? NULL : ocrvl_raws_add(m->s, name);
    if (!s && !m->st)
        m->st = ocrvl_fail_nomem(m->err);
    return s;
}

static ocrvl_raw_part part_of(const ocrvl_gguf_tensor *t)
{
    return (ocrvl_raw_part){t->data, t->bytes, (size_t)(t->rank == 1 ? t->shape[0] : t->shape[t->rank - 2]), t->type};
}

/* Adds tensor `ours` of `count` parts, [rows][k] or [rows] each. */
static void add_joined(ocrvl_gguf_model *m, const char *ours, const char *const *theirs, size_t count)
{
    const ocrvl_gguf_tensor *t[OCRVL_RAW_PARTS];
    uint64_t rows = 0;
    for (size_t i = 0; i < count; i++) {
        t[i] = need(m, theirs[i]);
        if (!t[i])
            return;
        bool same =
            t[i]->rank == t[0]->rank && t[i]->rank <= 2 && (t[i]->rank == 1 || t[i]->shape[1] == t[0]->shape[1]);
        if (!same || (t[i]->rank == 1 && t[i]->type->widen)) {
            m->st = ocrvl_fail(m->err, OCRVL_E_MODEL, "%s: tensor %s has a shape or type that doesn't belong there",
                               ocrvl_gguf_path(m->s->gguf[0]), theirs[i]);
            return;
        }
        rows += t[i]->shape[0];
    }
    ocrvl_raw *s = add(m, ours);
    if (!s)
        return;
    s->rank = t[0]->rank;
    s->shape[0] = rows;
    s->shape[1] = s->rank == 2 ? t[0]->shape[1] : 0;
    s->rows = rows_joined;
    s->dtype = count == 1 && !t[0]->type->widen ? t[0]->type->name : NULL;
    for (size_t i = 0; i < count; i++)
        s->parts[i] = part_of(t[i]);
}

typedef struct pair {
    const char *ours, *theirs;
} pair;

/* "PREFIX ours .END" of "prefix theirs .END" */
static void add_one(ocrvl_gguf_model *m, const char *our_prefix, const char *their_prefix, pair p, const char *end)
{
    char ours[256], theirs[256];
    const char *list[] = {theirs};
    snprintf(ours, sizeof ours, "%s%s%s", our_prefix, p.ours, end);
    snprintf(theirs, sizeof theirs, "%s%s%s", their_prefix, p.theirs, end);
    add_joined(m, ours, list, 1);
}

static void add_linear(ocrvl_gguf_model *m, const char *our_prefix, const char *their_prefix, pair p, bool bias)
{
    add_one(m, our_prefix, their_prefix, p, ".weight");
    if (bias)
        add_one(m, our_prefix, their_prefix, p, ".bias");
}

static void add_layer(ocrvl_gguf_model *m, const char *text, size_t i)
{
    static const pair with_bias[] = {
        {"self_attn.q_proj", "attn_q"}, {"self_attn.k_proj", "attn_k"}, {"self_attn.v_proj", "attn_v"}};
    static const pair others[] = {{"self_attn.o_proj", "attn_output"}, {"mlp.gate_proj", "ffn_gate"},
                                  {"mlp.up_proj", "ffn_up"},           {"mlp.down_proj", "ffn_down"},
                                  {"input_layernorm", "attn_norm"},    {"post_attention_layernorm", "ffn_norm"}};
    static const pair norms[] = {{"self_attn.q_norm", "attn_q_norm"}, {"self_attn.k_norm", "attn_k_norm"}};
    char ours[128], theirs[64];
    snprintf(ours, sizeof ours, "%slayers.%zu.", text, i);
    snprintf(theirs, sizeof theirs, "blk.%zu.", i);
    for (size_t k = 0; k < sizeof with_bias / sizeof *with_bias; k++)
        add_linear(m, ours, theirs, with_bias[k], m->family->qkv_bias);
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        add_linear(m, ours, theirs, others[k], false);
    for (size_t k = 0; k < 2 && m->family->qk_norm; k++)
        add_linear(m, ours, theirs, norms[k], false);
}

static void add_decoder(ocrvl_gguf_model *m, const char *text)
{
    add_linear(m, text, "", (pair){"embed_tokens", "token_embd"}, false);
    for (size_t i = 0; i < m->s->config.layers && !m->st; i++)
        add_layer(m, text, i);
    add_linear(m, text, "", (pair){"norm", "output_norm"}, false);
    if (!m->s->config.tied)
        add_linear(m, "", "", (pair){"lm_head", "output"}, false);
    if (!m->st && ocrvl_gguf_model_tensor(m, "rope_freqs.weight"))
        m->st = ocrvl_fail(m->err, OCRVL_E_MODEL, "%s: tensor rope_freqs.weight: such positions are not supported",
                           ocrvl_gguf_path(m->text));
}

/* Queries, keys and values of the tower: one matrix here, in GGUF one too or three. */
static void add_qkv(ocrvl_gguf_model *m, const char *our_prefix, const char *their_prefix)
{
    static const char *const ends[] = {".weight", ".bias"};
    char ours[160], theirs[3][96];
    const char *list[] = {theirs[0], theirs[1], theirs[2]};
    for (size_t e = 0; e < 2; e++) {
        snprintf(ours, sizeof ours, "%sattn.qkv%s", our_prefix, ends[e]);
        snprintf(theirs[0], sizeof theirs[0], "%sattn_qkv%s", their_prefix, ends[e]);
        bool one = ocrvl_gguf_model_tensor(m, theirs[0]);
        for (size_t k = 0; k < 3 && !one; k++)
            snprintf(theirs[k], sizeof theirs[k], "%sattn_%c%s", their_prefix, "qkv"[k], ends[e]);
        add_joined(m, ours, list, one ? 1 : 3);
    }
}

/* The first files of Qwen2-VL's tower have ffn_up and ffn_down the wrong way round: ffn_up is as wide as the tower. */
static bool is_swapped(const ocrvl_gguf_model *m, const char *prefix)
{
    char name[96];
    snprintf(name, sizeof name, "%sffn_down.weight", prefix);
    const ocrvl_gguf_tensor *down = ocrvl_gguf_model_tensor(m, name);
    return !m->family->v_up && down && down->rank == 2 && down->shape[1] == m->s->config.v_width &&
           down->shape[0] != m->s->config.v_width;
}

static void add_block(ocrvl_gguf_model *m, const char *vision, size_t i)
{
    const ocrvl_family *f = m->family;
    char ours[128], theirs[64];
    snprintf(ours, sizeof ours, "%sblocks.%zu.", vision, i);
    snprintf(theirs, sizeof theirs, "v.blk.%zu.", i);
    bool swapped = is_swapped(m, theirs);
    add_linear(m, ours, theirs, (pair){"norm1", "ln1"}, !f->v_rms);
    add_linear(m, ours, theirs, (pair){"norm2", "ln2"}, !f->v_rms);
    add_qkv(m, ours, theirs);
    add_linear(m, ours, theirs, (pair){"attn.proj", "attn_out"}, true);
    add_linear(m, ours, theirs, (pair){f->v_in, f->v_up ? "ffn_gate" : swapped ? "ffn_down" : "ffn_up"}, true);
    if (f->v_up)
        add_linear(m, ours, theirs, (pair){f->v_up, "ffn_up"}, true);
    add_linear(m, ours, theirs, (pair){f->v_down, swapped ? "ffn_up" : "ffn_down"}, true);
}

static void add_merger(ocrvl_gguf_model *m, const char *prefix, const char *norm, const char *in, const char *out,
                       bool norm_bias)
{
    const ocrvl_family *f = m->family;
    add_linear(m, prefix, "", (pair){f->merger_norm, norm}, norm_bias);
    add_linear(m, prefix, "", (pair){f->merger_in, in}, true);
    add_linear(m, prefix, "", (pair){f->merger_out, out}, true);
}

/* [d][3][frames][patch][patch] of a [d][3][patch][patch] for each frame. */
static void add_patches(ocrvl_gguf_model *m, const char *vision)
{
    const ocrvl_config *c = &m->s->config;
    const ocrvl_gguf_tensor *t[2] = {need(m, "v.patch_embd.weight"), need(m, "v.patch_embd.weight.1")};
    char name[128];
    for (size_t i = 0; i < 2 && !m->st; i++)
        if (t[i]->rank != 4 || t[i]->shape[0] != c->v_width || t[i]->shape[1] != 3 || t[i]->shape[2] != c->patch ||
            t[i]->shape[3] != c->patch || t[i]->type->widen)
            m->st = ocrvl_fail(m->err, OCRVL_E_MODEL,
                               "%s: tensor %s isn't of plain floats and [%zu, 3, %zu, %zu], as the keys demand",
                               ocrvl_gguf_path(m->vision), t[i]->name, c->v_width, c->patch, c->patch);
    snprintf(name, sizeof name, "%spatch_embed.proj.weight", vision);
    ocrvl_raw *s = add(m, name);
    if (!s)
        return;
    s->rank = 5;
    memcpy(s->shape, (uint64_t[]){c->v_width, 3, 2, c->patch, c->patch}, 5 * sizeof *s->shape);
    s->rows = rows_of_frames;
    for (size_t i = 0; i < 2; i++)
        s->parts[i] = part_of(t[i]);
}

static void add_tower(ocrvl_gguf_model *m, const char *vision)
{
    const ocrvl_config *c = &m->s->config;
    char prefix[128], norm[64], in[64], out[64];
    add_patches(m, vision);
    if (m->family->patch_bias)
        add_one(m, vision, "", (pair){"patch_embed.proj", "v.patch_embd"}, ".bias");
    if (c->v_places)
        add_linear(m, vision, "", (pair){"pos_embed", "v.position_embd"}, false);
    for (size_t i = 0; i < c->v_depth && !m->st; i++)
        add_block(m, vision, i);
    snprintf(prefix, sizeof prefix, "%smerger.", vision);
    add_merger(m, prefix, "v.post_ln", "mm.0", "mm.2", !m->family->v_rms);
    for (size_t i = 0; i < c->v_deep_count && !m->st; i++) {
        snprintf(prefix, sizeof prefix, "%sdeepstack_merger_list.%zu.", vision, i);
        snprintf(norm, sizeof norm, "v.deepstack.%zu.norm", c->v_deep[i]);
        snprintf(in, sizeof in, "v.deepstack.%zu.fc1", c->v_deep[i]);
        snprintf(out, sizeof out, "v.deepstack.%zu.fc2", c->v_deep[i]);
        add_merger(m, prefix, norm, in, out, true);
    }
}

ocrvl_status ocrvl_raws_gguf(ocrvl_raws *s, const char *const *paths, size_t count, ocrvl_error *err)
{
    ocrvl_gguf_model m = {.s = s, .err = err};
    if (count > OCRVL_RAW_GGUF)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a model has at most %d files", OCRVL_RAW_GGUF);
    for (size_t i = 0; i < count && !m.st; i++) {
        m.st = ocrvl_gguf_open(&s->gguf[i], paths[i], err);
        s->gguf_count += !m.st;
    }
    if (!m.st)
        tell_apart(&m);
    if (!m.st)
        find_family(&m);
    if (!m.st)
        ocrvl_gguf_write_config(&m);
    if (!m.st)
        ocrvl_gguf_write_tokenizer(&m);
    /* as the family's published files spell them */
    bool nested = !m.st && m.family->deepstack;
    if (!m.st)
        add_decoder(&m, nested ? "model.language_model." : "model.");
    if (!m.st)
        add_tower(&m, nested ? "model.visual." : "visual.");
    return m.st;
}
