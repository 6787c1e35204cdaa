/* config.json and its neighbours, made from the metadata of GGUF files. The new config.json is read as any is, which
 * proves its numbers; what is checked here is what it can't say. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "model/gguf_model.h"

static void put_text(ocrvl_buf *b, const char *key, const char *value)
{
    ocrvl_buf_printf(b, ",\n \"%s\": ", key);
    ocrvl_json_put_string(b, value, strlen(value));
}

static void put_whole(ocrvl_buf *b, const char *key, int64_t n) { ocrvl_buf_printf(b, ",\n \"%s\": %" PRId64, key, n); }

static void put_real(ocrvl_buf *b, const char *key, double v)
{
    ocrvl_buf_printf(b, ",\n \"%s\": ", key);
    ocrvl_buf_put_number(b, v, 9);
}

/* A whole number of the decoder's, under our key. */
static int64_t copy_whole(ocrvl_gguf_model *m, ocrvl_buf *b, const char *ours, const char *theirs, int64_t high)
{
    char key[128];
    int64_t n = ocrvl_gguf_model_whole(m, m->text, ocrvl_gguf_model_key(m, theirs, key), 1, high, -1);
    put_whole(b, ours, n);
    return n;
}

/* Rows of a tensor, 0 if it isn't there. */
static int64_t rows_of(const ocrvl_gguf_model *m, const char *name)
{
    const ocrvl_gguf_tensor *t = ocrvl_gguf_model_tensor(m, name);
    return t && t->rank == 2 ? (int64_t)t->shape[0] : 0;
}

/* Ways to stretch positions give other numbers. */
static void check_rope(ocrvl_gguf_model *m)
{
    char key[128];
    size_t len;
    const ocrvl_gguf_value *v = ocrvl_gguf_find(m->text, ocrvl_gguf_model_key(m, "rope.scaling.type", key));
    const char *type = ocrvl_gguf_string(v, &len);
    if (v && !(type && len == 4 && memcmp(type, "none", 4) == 0))
        ocrvl_gguf_model_wrong(m, m->text, key, "is not none, the only scaling that is supported");
}

static void put_sections(ocrvl_gguf_model *m, ocrvl_buf *b)
{
    char key[128];
    const ocrvl_gguf_value *v = ocrvl_gguf_find(m->text, ocrvl_gguf_model_key(m, "rope.dimension_sections", key));
    int64_t n[4] = {0};
    uint64_t count = ocrvl_gguf_length(v);
    bool good = count == 3 || count == 4;
    for (uint64_t i = 0; i < count && good; i++)
        good = ocrvl_gguf_int_at(v, i, &n[i]) && n[i] >= 0 && n[i] <= 4096;
    if (!good || n[3])
        ocrvl_gguf_model_wrong(m, m->text, key, "is not a list of three sizes");
    ocrvl_buf_printf(b, "\"mrope_section\": [%" PRId64 ", %" PRId64 ", %" PRId64 "]", n[0], n[1], n[2]);
}

/* The decoder's members; a comma stands before each. */
static void put_decoder(ocrvl_gguf_model *m, ocrvl_buf *b)
{
    char key[128];
    copy_whole(m, b, "hidden_size", "embedding_length", 65536);
    copy_whole(m, b, "num_hidden_layers", "block_count", 512);
    copy_whole(m, b, "intermediate_size", "feed_forward_length", 1 << 20);
    copy_whole(m, b, "num_attention_heads", "attention.head_count", 1024);
    copy_whole(m, b, "num_key_value_heads", "attention.head_count_kv", 1024);
    copy_whole(m, b, "max_position_embeddings", "context_length", 1 << 24);
    if (ocrvl_gguf_find(m->text, ocrvl_gguf_model_key(m, "attention.key_length", key)))
        copy_whole(m, b, "head_dim", "attention.key_length", 4096);
    put_whole(b, "vocab_size", rows_of(m, "token_embd.weight"));
    put_text(b, "hidden_act", "silu");
    put_real(b, "rms_norm_eps",
             ocrvl_gguf_model_real(m, m->text, ocrvl_gguf_model_key(m, "attention.layer_norm_rms_epsilon", key), 0, 1,
                                   1e-6));
    double theta = ocrvl_gguf_model_real(m, m->text, ocrvl_gguf_model_key(m, "rope.freq_base", key), 1, 1e12,
                                         1e4); /* as in llama.cpp */
    put_real(b, "rope_theta", theta);
    ocrvl_buf_printf(b, ",\n \"%s\": {\"%s\": \"%s\", ", "rope_scaling", m->family->mrope_mixed ? "rope_type" : "type",
                     m->family->mrope_mixed ? "default" : "mrope");
    if (m->family->mrope_mixed)
        ocrvl_buf_puts(b, "\"mrope_interleaved\": true, ");
    put_sections(m, b);
    ocrvl_buf_putc(b, '}');
    put_whole(b, "bos_token_id", ocrvl_gguf_token(m, "<|endoftext|>"));
    put_whole(b, "eos_token_id", ocrvl_gguf_model_whole(m, m->text, "tokenizer.ggml.eos_token_id", 0, 1 << 21, -1));
    check_rope(m);
}

/* Every n_wa_pattern-th block sees the whole frame. */
static void put_windows(ocrvl_gguf_model *m, ocrvl_buf *b, int64_t depth)
{
    int64_t every = ocrvl_gguf_model_whole(m, m->vision, "clip.vision.n_wa_pattern", 1, 512, -1);
    put_whole(b, "window_size", ocrvl_gguf_model_whole(m, m->vision, "clip.vision.window_size", 1, 65536, 112));
    ocrvl_buf_puts(b, ",\n \"fullatt_block_indexes\": [");
    for (int64_t i = every - 1; i < depth && !m->st; i += every)
        ocrvl_buf_printf(b, "%s%" PRId64, i >= every ? ", " : "", i);
    ocrvl_buf_puts(b, "]");
    put_whole(b, "tokens_per_second", 2); /* of all published ones; llama.cpp's files don't say */
}

static void put_deepstack(ocrvl_gguf_model *m, ocrvl_buf *b, int64_t depth)
{
    const char *key = "clip.vision.is_deepstack_layers";
    const ocrvl_gguf_value *v = ocrvl_gguf_find(m->vision, key);
    int64_t is, count = 0;
    if (ocrvl_gguf_length(v) != (uint64_t)depth)
        ocrvl_gguf_model_wrong(m, m->vision, key, "is not a truth value for each block");
    ocrvl_buf_puts(b, ",\n \"deepstack_visual_indexes\": [");
    for (int64_t i = 0; i < depth && !m->st; i++)
        if (ocrvl_gguf_int_at(v, (uint64_t)i, &is) && is)
            ocrvl_buf_printf(b, "%s%" PRId64, count++ ? ", " : "", i);
    ocrvl_buf_puts(b, "]");
    put_whole(b, "num_position_embeddings", rows_of(m, "v.position_embd.weight"));
}

/* The width of the tower's MLP is its tensor's: the key holds another number in files of Qwen2-VL. */
static int64_t mlp_width(const ocrvl_gguf_model *m, int64_t width)
{
    const ocrvl_gguf_tensor *t = ocrvl_gguf_model_tensor(m, "v.blk.0.ffn_up.weight");
    if (!t || t->rank != 2)
        return 0;
    return (int64_t)(t->shape[1] == (uint64_t)width ? t->shape[0] : t->shape[1]);
}

static void put_tower(ocrvl_gguf_model *m, ocrvl_buf *b)
{
    const ocrvl_family *f = m->family;
    int64_t width = ocrvl_gguf_model_whole(m, m->vision, "clip.vision.embedding_length", 4, 65536, -1);
    int64_t depth = ocrvl_gguf_model_whole(m, m->vision, "clip.vision.block_count", 1, 512, -1);
    int64_t mlp = mlp_width(m, width);
    double eps = ocrvl_gguf_model_real(m, m->vision, "clip.vision.attention.layer_norm_epsilon", 0, 1, 1e-6);
    if (!(fabs(eps - 1e-6) < 1e-9))
        ocrvl_gguf_model_wrong(m, m->vision, "clip.vision.attention.layer_norm_epsilon", "is not 0.000001");
    ocrvl_buf_printf(b, ",\n \"vision_config\": {\"in_channels\": 3");
    put_whole(b, f->v_width, width);
    put_whole(b, "depth", depth);
    put_whole(b, "num_heads", ocrvl_gguf_model_whole(m, m->vision, "clip.vision.attention.head_count", 1, 1024, -1));
    put_whole(b, "patch_size", ocrvl_gguf_model_whole(m, m->vision, "clip.vision.patch_size", 1, 64, -1));
    put_whole(b, "spatial_merge_size", ocrvl_gguf_model_whole(m, m->vision, "clip.vision.spatial_merge_size", 1, 8, 2));
    put_whole(b, "temporal_patch_size", 2); /* the patches' projection comes as two tensors */
    if (f->v_mlp_ratio)                     /* a quarter more keeps rounding down right */
        put_real(b, "mlp_ratio", mlp % width ? ((double)mlp + 0.25) / (double)width : (double)(mlp / width));
    else
        put_whole(b, "intermediate_size", mlp);
    put_whole(b, f->v_out, rows_of(m, "mm.2.weight"));
    put_text(b, "hidden_act", f->v_activation);
    if (f->windows)
        put_windows(m, b, depth);
    if (f->deepstack)
        put_deepstack(m, b, depth);
    ocrvl_buf_putc(b, '}');
}

static void put_tokens(ocrvl_gguf_model *m, ocrvl_buf *b)
{
    static const struct {
        const char *key, *text;
    } tokens[] = {{"image_token_id", "<|image_pad|>"},
                  {"video_token_id", "<|video_pad|>"},
                  {"vision_start_token_id", "<|vision_start|>"},
                  {"vision_end_token_id", "<|vision_end|>"}};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        int64_t id = ocrvl_gguf_token(m, tokens[i].text);
        char what[64];
        snprintf(what, sizeof what, "has no %s", tokens[i].text);
        if (id < 0)
            ocrvl_gguf_model_wrong(m, m->text, "tokenizer.ggml.tokens", what);
        put_whole(b, tokens[i].key, id);
    }
}

static void put_class(const ocrvl_gguf_model *m, ocrvl_buf *b)
{
    static const struct {
        const char *type, *name;
    } classes[] = {{"qwen2_vl", "Qwen2VLForConditionalGeneration"},
                   {"qwen2_5_vl", "Qwen2_5_VLForConditionalGeneration"},
                   {"qwen3_vl", "Qwen3VLForConditionalGeneration"}};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(classes[i].type, m->family->type) == 0)
            ocrvl_buf_printf(b, ",\n \"architectures\": [\"%s\"]", classes[i].name);
}

static void write_config(ocrvl_gguf_model *m, ocrvl_buf *b)
{
    bool nested = m->family->deepstack;
    ocrvl_buf_printf(b, "{\"model_type\": \"%s\"", m->family->type);
    put_class(m, b);
    if (nested)
        ocrvl_buf_printf(b, ",\n \"text_config\": {\"model_type\": \"%s_text\"", m->family->type);
    put_decoder(m, b);
    if (nested)
        ocrvl_buf_putc(b, '}');
    put_tower(m, b);
    put_tokens(m, b);
    ocrvl_buf_printf(b, ",\n \"tie_word_embeddings\": %s}\n",
                     ocrvl_gguf_model_tensor(m, "output.weight") ? "false" : "true");
}

static void put_three(ocrvl_gguf_model *m, ocrvl_buf *b, const char *ours, const char *theirs)
{
    const ocrvl_gguf_value *v = ocrvl_gguf_find(m->vision, theirs);
    ocrvl_buf_printf(b, ",\n \"%s\": [", ours);
    for (uint64_t i = 0; i < 3; i++) {
        double d = 0;
        if (ocrvl_gguf_length(v) != 3 || !ocrvl_gguf_real_at(v, i, &d) || !(fabs(d) <= 1e6))
            ocrvl_gguf_model_wrong(m, m->vision, theirs, "is not three numbers");
        ocrvl_buf_puts(b, i ? ", " : "");
        ocrvl_buf_put_number(b, d, 9);
    }
    ocrvl_buf_putc(b, ']');
}

/* Limits of pixels are the family's published ones, unless the file has its own. */
static void write_preprocessor(ocrvl_gguf_model *m, ocrvl_buf *b)
{
    bool later = m->family->deepstack;
    int64_t low =
        ocrvl_gguf_model_whole(m, m->vision, "clip.vision.image_min_pixels", 1, 1ll << 40, later ? 65536 : 3136);
    int64_t high =
        ocrvl_gguf_model_whole(m, m->vision, "clip.vision.image_max_pixels", 1, 1ll << 40, later ? 16777216 : 12845056);
    ocrvl_buf_puts(b, "{\"image_processor_type\": \"Qwen2VLImageProcessor\"");
    ocrvl_buf_printf(b, ",\n \"size\": {\"shortest_edge\": %" PRId64 ", \"longest_edge\": %" PRId64 "}", low, high);
    put_whole(b, "min_pixels", low);
    put_whole(b, "max_pixels", high);
    put_whole(b, "patch_size", (int64_t)m->s->config.patch);
    put_whole(b, "merge_size", (int64_t)m->s->config.merge);
    put_whole(b, "temporal_patch_size", (int64_t)m->s->config.temporal);
    put_three(m, b, "image_mean", "clip.vision.image_mean");
    put_three(m, b, "image_std", "clip.vision.image_std");
    ocrvl_buf_puts(b, "}\n");
}

static void copy_real(ocrvl_gguf_model *m, ocrvl_buf *b, const char *ours, const char *theirs, double low, double high)
{
    if (ocrvl_gguf_find(m->text, theirs))
        put_real(b, ours, ocrvl_gguf_model_real(m, m->text, theirs, low, high, 1));
}

static void write_generation(ocrvl_gguf_model *m, ocrvl_buf *b)
{
    int64_t eos = ocrvl_gguf_model_whole(m, m->text, "tokenizer.ggml.eos_token_id", 0, 1 << 21, -1);
    int64_t turn = ocrvl_gguf_token(m, "<|im_end|>"), text = ocrvl_gguf_token(m, "<|endoftext|>");
    ocrvl_buf_printf(b, "{\"eos_token_id\": [%" PRId64, eos);
    if (turn >= 0 && turn != eos)
        ocrvl_buf_printf(b, ", %" PRId64, turn);
    if (text >= 0 && text != eos)
        ocrvl_buf_printf(b, ", %" PRId64, text);
    ocrvl_buf_puts(b, "]");
    copy_real(m, b, "temperature", "general.sampling.temp", 0, 100);
    copy_real(m, b, "top_p", "general.sampling.top_p", 0, 1);
    copy_real(m, b, "repetition_penalty", "general.sampling.penalty_repeat", 0.01, 100);
    ocrvl_buf_puts(b, "}\n");
}

/* What ocrvl inspect finds the licence in, and fine-tunes are told by. */
static void write_readme(ocrvl_gguf_model *m)
{
    size_t len, name_len;
    const char *s = ocrvl_gguf_string(ocrvl_gguf_find(m->text, "general.license"), &len);
    const char *name = ocrvl_gguf_string(ocrvl_gguf_find(m->text, "general.name"), &name_len);
    for (size_t i = 0; s && i < len; i++)
        if (!strchr("-.+_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", s[i]))
            s = NULL;
    bool licensed = s && len;
    ocrvl_buf *b = licensed || name ? ocrvl_raws_file(m->s, "README.md") : NULL;
    if (b && licensed)
        ocrvl_buf_printf(b, "---\nlicense: %.*s\n---\n", (int)(len < 100 ? len : 100), s);
    if (b && name) {
        ocrvl_buf_puts(b, "# ");
        for (size_t i = 0; i < name_len && i < 200; i++)
            if (name[i] >= ' ' && name[i] <= '~')
                ocrvl_buf_putc(b, name[i]);
        ocrvl_buf_puts(b, "\n");
    }
}

void ocrvl_gguf_write_config(ocrvl_gguf_model *m)
{
    char path[4200];
    ocrvl_buf *b = ocrvl_gguf_model_file(m, "config.json");
    if (!b)
        return;
    write_config(m, b);
    ocrvl_gguf_model_filed(m, b);
    snprintf(path, sizeof path, "%s (as config.json)", ocrvl_gguf_path(m->text));
    if (!m->st)
        m->st = ocrvl_config_parse(&m->s->config, b->data, b->len, path, m->err);
    b = ocrvl_gguf_model_file(m, "preprocessor_config.json");
    if (b) {
        write_preprocessor(m, b);
        ocrvl_gguf_model_filed(m, b);
    }
    b = ocrvl_gguf_model_file(m, "generation_config.json");
    if (b) {
        write_generation(m, b);
        ocrvl_gguf_model_filed(m, b);
    }
    if (!m->st)
        write_readme(m);
}
