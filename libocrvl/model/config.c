#include "model/config.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scripts.h"
#include "model/foreign.h"
#include "model/keys.h"

enum { MAX_CONFIG = 4 << 20, LINE_TOKENS = 44 /* of the widest line image, unless ocrvl.json says otherwise */ };

typedef ocrvl_keys reading;

static const ocrvl_json *value_of(const ocrvl_json *o, const char *key)
{
    const ocrvl_json *v = ocrvl_json_get(o, key);
    return v && !ocrvl_json_is_null(v) ? v : NULL;
}

/* A whole number in [low, high]. A missing key gives `otherwise`, or an error if that is negative. */
static int64_t whole(reading *r, const ocrvl_json *o, const char *key, int64_t low, int64_t high, int64_t otherwise)
{
    const ocrvl_json *v = value_of(o, key);
    int64_t n = 0;
    bool is_whole = v && ocrvl_json_int(v, &n);
    return ocrvl_keys_whole(r, key, v != NULL, is_whole, n, low, high, otherwise);
}

static double real(reading *r, const ocrvl_json *o, const char *key, double low, double high, double otherwise)
{
    const ocrvl_json *v = value_of(o, key);
    double d = 0;
    bool is_number = v && ocrvl_json_number(v, &d);
    return ocrvl_keys_real(r, key, v != NULL, is_number, d, low, high, otherwise);
}

static bool flag(reading *r, const ocrvl_json *o, const char *key, bool otherwise)
{
    const ocrvl_json *v = value_of(o, key);
    bool b = otherwise;
    if (v && !ocrvl_json_bool(v, &b))
        ocrvl_keys_wrong(r, key, "is neither true nor false");
    return b;
}

/* Other ways to turn positions ("yarn", "linear") give other numbers. */
static void check_rope_type(reading *r, const ocrvl_json *rope)
{
    const char *type = ocrvl_json_string(ocrvl_json_get(rope, "rope_type"), NULL);
    if (!type)
        type = ocrvl_json_string(ocrvl_json_get(rope, "type"), NULL);
    if (type && strcmp(type, "default") != 0 && strcmp(type, "mrope") != 0)
        ocrvl_keys_wrong(r, "rope_scaling's type", "is neither mrope nor default, the only ones supported");
}

static void read_mrope(reading *r, const ocrvl_json *text, ocrvl_config *c)
{
    const ocrvl_json *rope = ocrvl_json_get(text, "rope_parameters");
    if (!rope)
        rope = ocrvl_json_get(text, "rope_scaling");
    check_rope_type(r, rope);
    c->mrope_mixed = c->family->mrope_mixed;
    const ocrvl_json *section = ocrvl_json_get(rope, "mrope_section");
    size_t sum = 0;
    if (ocrvl_json_length(section) != 3) {
        ocrvl_keys_wrong(r, "mrope_section", "is not a list of three sizes");
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        int64_t n;
        if (!ocrvl_json_int(ocrvl_json_at(section, i), &n) || n < 0 || n > 4096) {
            ocrvl_keys_wrong(r, "mrope_section", "is not a list of three sizes");
            return;
        }
        c->mrope[i] = (size_t)n;
        sum += (size_t)n;
    }
    if (!r->st && sum != c->head_dim / 2)
        ocrvl_keys_wrong(r, "mrope_section", "doesn't add up to half a head");
    c->rope_theta = real(r, text, "rope_theta", 1, 1e12, c->family->rope_theta);
    c->rope_theta = real(r, rope, "rope_theta", 1, 1e12, c->rope_theta);
}

static void read_text(reading *r, const ocrvl_json *text, ocrvl_config *c)
{
    c->width = (size_t)whole(r, text, "hidden_size", 2, 65536, -1);
    c->layers = (size_t)whole(r, text, "num_hidden_layers", 1, 512, -1);
    c->heads = (size_t)whole(r, text, "num_attention_heads", 1, 1024, -1);
    c->kv_heads = (size_t)whole(r, text, "num_key_value_heads", 1, 1024, (int64_t)c->heads);
    c->intermediate = (size_t)whole(r, text, "intermediate_size", 1, 1 << 20, -1);
    c->vocab = (size_t)whole(r, text, "vocab_size", 1, 1 << 21, -1);
    c->context = (size_t)whole(r, text, "max_position_embeddings", 16, 1 << 24, (int64_t)c->family->context);
    c->rms_eps = (float)real(r, text, "rms_norm_eps", 0, 1, c->family->rms_eps);
    if (flag(r, text, "use_sliding_window", false))
        ocrvl_keys_wrong(r, "use_sliding_window", "is true: sliding windows are not supported");
    if (!c->family->qkv_bias && flag(r, text, "attention_bias", false))
        ocrvl_keys_wrong(r, "attention_bias", "is true, which is not supported");
    const char *act = ocrvl_json_string(ocrvl_json_get(text, "hidden_act"), NULL);
    if (act && strcmp(act, "silu") != 0)
        ocrvl_keys_wrong(r, "hidden_act", "is not silu");
    if (r->st)
        return;
    size_t head = c->family->head_dim ? c->family->head_dim : c->width / c->heads;
    bool own = c->family->head_dim || ocrvl_json_get(text, "head_dim");
    c->head_dim = (size_t)whole(r, text, "head_dim", 1, 4096, (int64_t)head);
    if ((!own && c->width % c->heads) || c->head_dim % 2 || c->head_dim == 0)
        ocrvl_keys_wrong(r, "hidden_size", "is not an even multiple of num_attention_heads");
    if (c->heads % c->kv_heads)
        ocrvl_keys_wrong(r, "num_attention_heads", "is not a multiple of num_key_value_heads");
    read_mrope(r, text, c);
}

/* Windows of attention, and the blocks that have none. */
static void read_windows(reading *r, const ocrvl_json *v, ocrvl_config *c)
{
    const ocrvl_json *list = ocrvl_json_get(v, "fullatt_block_indexes");
    size_t count = list ? ocrvl_json_length(list) : 4;
    c->v_window = (size_t)whole(r, v, "window_size", 1, 65536, 112) / (c->patch * c->merge);
    if (!r->st && c->v_window == 0)
        ocrvl_keys_wrong(r, "window_size", "is smaller than a visual token");
    for (size_t i = 0; i < count && !r->st; i++) {
        int64_t at = 8 * (int64_t)i + 7;
        if (list && (!ocrvl_json_int(ocrvl_json_at(list, i), &at) || at < 0 || at >= OCRVL_MAX_BLOCKS))
            ocrvl_keys_wrong(r, "fullatt_block_indexes", "is not a list of blocks");
        else
            c->v_whole[at / 64] |= 1ull << at % 64;
    }
}

static void read_places(reading *r, const ocrvl_json *v, ocrvl_config *c)
{
    size_t places = (size_t)whole(r, v, "num_position_embeddings", 1, 1 << 20, 2304);
    while ((c->v_places + 1) * (c->v_places + 1) <= places)
        c->v_places++;
    if (!r->st && c->v_places * c->v_places != places)
        ocrvl_keys_wrong(r, "num_position_embeddings", "is not a square");
}

/* Blocks that are named twice, or out of order, would need more than one merger each. */
static void read_deepstack(reading *r, const ocrvl_json *v, ocrvl_config *c)
{
    const ocrvl_json *list = ocrvl_json_get(v, "deepstack_visual_indexes");
    size_t count = list ? ocrvl_json_length(list) : 3, least = 0;
    if (count > OCRVL_MAX_DEEP || count > c->layers || (list && !ocrvl_json_is_array(list)))
        ocrvl_keys_wrong(r, "deepstack_visual_indexes", "is not a short list of blocks");
    for (size_t i = 0; i < count && !r->st; i++) {
        int64_t at = 8 * (int64_t)(i + 1);
        if ((list && !ocrvl_json_int(ocrvl_json_at(list, i), &at)) || at < (int64_t)least ||
            at >= (int64_t)c->v_depth) {
            ocrvl_keys_wrong(r, "deepstack_visual_indexes", "is not a rising list of blocks");
            return;
        }
        c->v_deep[i] = (size_t)at;
        least = (size_t)at + 1;
        c->v_deep_count = i + 1;
    }
}

/* What only some families have. */
static void read_tower_parts(reading *r, const ocrvl_json *v, ocrvl_config *c)
{
    if (c->family->windows)
        read_windows(r, v, c);
    if (c->family->places)
        read_places(r, v, c);
    if (c->family->deepstack)
        read_deepstack(r, v, c);
    if (c->family->video == OCRVL_VIDEO_SECONDS)
        c->tokens_per_second = real(r, v, "tokens_per_second", 1e-3, 1e3, 4);
}

static void read_vision(reading *r, const ocrvl_json *v, ocrvl_config *c)
{
    const ocrvl_family *f = c->family;
    if (!ocrvl_json_is_object(v)) {
        ocrvl_keys_wrong(r, "vision_config", "is missing");
        return;
    }
    c->v_width = (size_t)whole(r, v, f->v_width, 4, 65536, f->v_mlp_ratio ? 1280 : -1);
    c->v_depth = (size_t)whole(r, v, "depth", 1, OCRVL_MAX_BLOCKS, (int64_t)f->depth);
    c->v_heads = (size_t)whole(r, v, "num_heads", 1, 1024, 16);
    if (f->v_mlp_ratio)
        c->v_mlp = (size_t)((double)c->v_width * real(r, v, "mlp_ratio", 0.01, 64, 4));
    else
        c->v_mlp = (size_t)whole(r, v, "intermediate_size", 1, 1 << 20, -1);
    c->patch = (size_t)whole(r, v, "patch_size", 1, 64, (int64_t)f->patch);
    c->merge = (size_t)whole(r, v, "spatial_merge_size", 1, 8, 2);
    c->temporal = (size_t)whole(r, v, "temporal_patch_size", 1, OCRVL_MAX_TEMPORAL, 2);
    if (whole(r, v, "in_channels", 1, 16, 3) != 3)
        ocrvl_keys_wrong(r, "in_channels", "is not 3");
    const char *act = ocrvl_json_string(ocrvl_json_get(v, "hidden_act"), NULL);
    if (act && strcmp(act, f->v_activation) != 0) {
        char want[64];
        snprintf(want, sizeof want, "is not %s", f->v_activation);
        ocrvl_keys_wrong(r, "vision_config.hidden_act", want);
    }
    const ocrvl_json *rope = ocrvl_json_get(v, "rope_parameters"); /* as transformers 5 writes it */
    if (real(r, rope, "rope_theta", 1, 1e12, 10000) != 10000)
        ocrvl_keys_wrong(r, "vision_config.rope_parameters.rope_theta", "is not 10000, the only one supported");
    if (r->st)
        return;
    c->v_head_dim = c->v_width / c->v_heads;
    if (c->v_width % c->v_heads || c->v_head_dim % 4)
        ocrvl_keys_wrong(r, f->v_width, "is not a multiple of 4 num_heads");
    if (whole(r, v, f->v_out, 1, 65536, (int64_t)c->width) != (int64_t)c->width) {
        char key[64];
        snprintf(key, sizeof key, "vision_config.%s", f->v_out);
        ocrvl_keys_wrong(r, key, "is not the decoder's hidden_size");
    }
    read_tower_parts(r, v, c);
}

static void read_config(reading *r, const ocrvl_json *root, ocrvl_config *c)
{
    const char *type = ocrvl_json_string(ocrvl_json_get(root, "model_type"), NULL);
    c->family = type ? ocrvl_family_of_type(type) : NULL;
    if (!c->family)
        r->st = ocrvl_foreign_type(r->path, type, r->err);
    else
        r->st = ocrvl_numbers_read(&c->numbers, r->path, root, r->err);
    if (r->st)
        return;
    const ocrvl_json *text = ocrvl_json_get(root, "text_config");
    if (!ocrvl_json_is_object(text))
        text = root;
    read_text(r, text, c);
    read_vision(r, ocrvl_json_get(root, "vision_config"), c);
    c->tied = flag(r, root, "tie_word_embeddings", flag(r, text, "tie_word_embeddings", false));
    c->image_token = (int32_t)whole(r, root, "image_token_id", 0, (int64_t)c->vocab - 1, 151655);
    c->video_token = (int32_t)whole(r, root, "video_token_id", 0, (int64_t)c->vocab - 1, 151656);
    int64_t eos = whole(r, text, "eos_token_id", 0, (int64_t)c->vocab - 1, INT32_MAX);
    if (eos != INT32_MAX)
        c->stops[c->stop_count++] = (int32_t)eos;
}

static void three(reading *r, const ocrvl_json *v, const char *key, double low, float out[3])
{
    if (!v)
        return;
    for (size_t i = 0; i < 3; i++) {
        double d;
        if (ocrvl_json_length(v) != 3 || !ocrvl_json_number(ocrvl_json_at(v, i), &d) || !(d >= low && d <= 1e6)) {
            ocrvl_keys_wrong(r, key, "is not three numbers in their range");
            return;
        }
        out[i] = (float)d;
    }
}

/* How pictures are prepared, as preprocessor_config.json or the other file's image_processor has it. */
static void read_pictures(reading *r, const ocrvl_json *root, ocrvl_config *c)
{
    const ocrvl_json *size = ocrvl_json_get(root, "size"); /* newer files write areas in pixels under the names of
                                                            * edges */
    int64_t low = whole(r, size, "shortest_edge", 1, 1ll << 40, 3136);
    int64_t high = whole(r, size, "longest_edge", 1, 1ll << 40, 1003520);
    c->min_pixels = (uint64_t)whole(r, root, "min_pixels", 1, 1ll << 40, low);
    c->max_pixels = (uint64_t)whole(r, root, "max_pixels", 1, 1ll << 40, high);
    if (!r->st && c->min_pixels > c->max_pixels)
        ocrvl_keys_wrong(r, "min_pixels", "is over max_pixels");
    three(r, ocrvl_json_get(root, "image_mean"), "image_mean", -1e6, c->mean);
    three(r, ocrvl_json_get(root, "image_std"), "image_std", 1e-6, c->std);
    c->rescale = real(r, root, "rescale_factor", 1e-9, 1e9, 1.0 / 255);
    static const struct {
        const char *key;
        size_t offset;
    } sizes[] = {{"patch_size", offsetof(ocrvl_config, patch)},
                 {"merge_size", offsetof(ocrvl_config, merge)},
                 {"temporal_patch_size", offsetof(ocrvl_config, temporal)}};
    for (size_t i = 0; i < 3; i++) {
        size_t want = *(const size_t *)((const char *)c + sizes[i].offset);
        if (whole(r, root, sizes[i].key, 1, 64, (int64_t)want) != (int64_t)want)
            ocrvl_keys_wrong(r, sizes[i].key, "is not what config.json says");
    }
}

/* What transformers 5 writes in place of preprocessor_config.json; like it, this one is believed if both are there. */
static void read_processor(reading *r, const ocrvl_json *root, ocrvl_config *c)
{
    const ocrvl_json *pictures = ocrvl_json_get(root, "image_processor");
    if (pictures && !ocrvl_json_is_object(pictures))
        ocrvl_keys_wrong(r, "image_processor", "is not an object");
    else if (pictures)
        read_pictures(r, pictures, c);
}

static void read_preprocessor(reading *r, const ocrvl_json *root, ocrvl_config *c)
{
    if (!c->max_pixels)
        read_pictures(r, root, c);
}

static void add_stop(ocrvl_config *c, int64_t id)
{
    if (id < 0 || (uint64_t)id >= c->vocab || c->stop_count == OCRVL_MAX_STOPS)
        return;
    for (size_t i = 0; i < c->stop_count; i++)
        if (c->stops[i] == id)
            return;
    c->stops[c->stop_count++] = (int32_t)id;
}

static void read_generation(reading *r, const ocrvl_json *root, ocrvl_config *c)
{
    const ocrvl_json *eos = ocrvl_json_get(root, "eos_token_id");
    int64_t id;
    if (eos)
        c->stop_count = 0;
    if (ocrvl_json_int(eos, &id))
        add_stop(c, id);
    for (size_t i = 0; ocrvl_json_is_array(eos) && i < ocrvl_json_length(eos); i++)
        if (ocrvl_json_int(ocrvl_json_at(eos, i), &id))
            add_stop(c, id);
    c->do_sample = flag(r, root, "do_sample", false);
    c->temperature = real(r, root, "temperature", 0, 100, 1);
    c->top_p = real(r, root, "top_p", 0, 1, 1);
    c->top_k = (size_t)whole(r, root, "top_k", 0, 1 << 21, 50);
    c->repetition_penalty = real(r, root, "repetition_penalty", 0.01, 100, 1);
}

static bool is_text(void *user, const char *key, size_t key_len, const ocrvl_json *value)
{
    (void)user, (void)key, (void)key_len;
    return ocrvl_json_string(value, NULL) != NULL;
}

static void read_prompts(reading *r, const ocrvl_json *root, ocrvl_config *c)
{
    const ocrvl_json *prompts = ocrvl_json_get(root, "prompts");
    const char *task = ocrvl_json_string(ocrvl_json_get(root, "task"), NULL);
    if (prompts && (!ocrvl_json_is_object(prompts) || !ocrvl_json_each(prompts, is_text, NULL)))
        ocrvl_keys_wrong(r, "prompts", "is not an object of texts");
    else if (prompts)
        c->prompts = ocrvl_json_keep(prompts);
    c->task = task ? ocrvl_strdup(task) : NULL;
    if (task && !c->task && !r->st)
        r->st = ocrvl_fail_nomem(r->err);
}

bool ocrvl_config_is_stop(const ocrvl_config *c, int32_t id)
{
    for (size_t i = 0; i < c->stop_count; i++)
        if (c->stops[i] == id)
            return true;
    return false;
}

const char *ocrvl_config_prompt(const ocrvl_config *c, const char *task)
{
    return ocrvl_json_string(ocrvl_json_get(c->prompts, task), NULL);
}

const char *ocrvl_config_system(const ocrvl_config *c)
{
    return c->no_system ? NULL : c->system ? c->system : c->family->system;
}

static void read_fine_tune(reading *r, const ocrvl_json *root, ocrvl_config *c)
{
    const ocrvl_json *v = ocrvl_json_get(root, "profile");
    const char *name = ocrvl_json_string(v, NULL);
    c->no_profile = v && ocrvl_json_is_null(v);
    c->profile = name ? ocrvl_strdup(name) : NULL;
    if (v && !name && !c->no_profile)
        ocrvl_keys_wrong(r, "profile", "is neither a string nor null");
    else if (name && !c->profile && !r->st)
        r->st = ocrvl_fail_nomem(r->err);
}

/* "scripts": ["Latn", "Grek"] */
static void read_scripts(reading *r, const ocrvl_json *root, ocrvl_config *c)
{
    const ocrvl_json *scripts = ocrvl_json_get(root, "scripts");
    size_t n = ocrvl_json_length(scripts);
    if (!scripts)
        return;
    if (!ocrvl_json_is_array(scripts) || n > OCRVL_MAX_SCRIPTS) {
        ocrvl_keys_wrong(r, "scripts", "is not a list of at most 16 codes");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const char *code = ocrvl_json_string(ocrvl_json_at(scripts, i), NULL);
        if (!ocrvl_script_page_name(code)) {
            ocrvl_keys_wrong(r, "scripts", "has what is no code of ISO 15924, such as Latn");
            return;
        }
        memcpy(c->scripts + 5 * i, code, 5);
        if (i)
            c->scripts[5 * i - 1] = ' ';
    }
}

static void read_profile(reading *r, const ocrvl_json *root, ocrvl_config *c)
{
    const char *reader = ocrvl_json_string(ocrvl_json_get(root, "reader"), NULL);
    if (reader && strcmp(reader, "line") != 0 && strcmp(reader, "page") != 0)
        ocrvl_keys_wrong(r, "reader", "is neither line nor page");
    c->line_reader = reader && strcmp(reader, "line") == 0;
    const ocrvl_json *system = ocrvl_json_get(root, "system");
    const char *s = ocrvl_json_string(system, NULL);
    if (system && ocrvl_json_is_null(system))
        c->no_system = true;
    else if (s) {
        c->system = ocrvl_strdup(s);
        if (!c->system && !r->st)
            r->st = ocrvl_fail_nomem(r->err);
    } else if (system)
        ocrvl_keys_wrong(r, "system", "is neither a string nor null");
    read_prompts(r, root, c);
    read_fine_tune(r, root, c);
    int64_t side = (int64_t)(c->patch * c->merge);
    c->line_height = (size_t)whole(r, root, "line_height", side, 16 * side, side);
    c->max_width = (size_t)whole(r, root, "max_width", side, 65536, LINE_TOKENS * side);
    if (!r->st && (c->line_height % (size_t)side || c->max_width % (size_t)side))
        ocrvl_keys_wrong(r, "line_height or max_width", "is not a multiple of patch and merge size");
    c->confidence_temperature = real(r, root, "temperature", 0.05, 20, 1);
    read_scripts(r, root, c);
}

typedef void (*read_fn)(reading *r, const ocrvl_json *root, ocrvl_config *c);

/* Reads DIR/name with fn. A missing file is an error if `must` is true, and is read as an empty object otherwise. */
static ocrvl_status read_file(ocrvl_config *c, const char *dir, const char *name, bool must, read_fn fn,
                              ocrvl_error *err)
{
    char *path = ocrvl_path_join(dir, name);
    ocrvl_json *root = NULL;
    if (!path)
        return ocrvl_fail_nomem(err);
    reading r = {path, "", err, OCRVL_OK};
    bool there = ocrvl_file_exists(path);
    if (!there && must)
        r.st = ocrvl_foreign_place(dir, err);
    if (there)
        r.st = ocrvl_json_load(&root, path, MAX_CONFIG, err);
    if (there && !r.st && !ocrvl_json_is_object(root))
        r.st = ocrvl_fail(err, OCRVL_E_MODEL, "%s: not a JSON object", path);
    if (!r.st)
        fn(&r, root, c);
    ocrvl_json_free(root);
    ocrvl_free(path);
    return r.st;
}

ocrvl_status ocrvl_config_load(ocrvl_config *c, const char *dir, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_config_load_any(c, dir, err);
    if (st || c->numbers.kind == OCRVL_NUMBERS_PLAIN || c->numbers.kind == OCRVL_NUMBERS_FP8)
        return st;
    char *path = ocrvl_path_join(dir, "config.json");
    st = path ? ocrvl_foreign_kind(path, c->numbers.kind, err) : ocrvl_fail_nomem(err);
    ocrvl_free(path);
    ocrvl_config_free(c);
    return st;
}

ocrvl_status ocrvl_config_load_any(ocrvl_config *c, const char *dir, ocrvl_error *err)
{
    static const ocrvl_config defaults = {.mean = {0.48145466f, 0.4578275f, 0.40821073f},
                                          .std = {0.26862954f, 0.26130258f, 0.27577711f}};
    static const struct {
        const char *name;
        bool must;
        read_fn fn;
    } files[] = {{"config.json", true, read_config},
                 {"processor_config.json", false, read_processor},
                 {"preprocessor_config.json", false, read_preprocessor}, /* after it: it fills in what that left out */
                 {"generation_config.json", false, read_generation},
                 {"ocrvl.json", false, read_profile}};
    *c = defaults;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        ocrvl_status st = read_file(c, dir, files[i].name, files[i].must, files[i].fn, err);
        if (st) {
            ocrvl_config_free(c);
            return st;
        }
    }
    return OCRVL_OK;
}

ocrvl_status ocrvl_config_parse(ocrvl_config *c, const char *text, size_t len, const char *path, ocrvl_error *err)
{
    ocrvl_json *root;
    reading r = {path, "", err, OCRVL_OK};
    memset(c, 0, sizeof *c);
    r.st = ocrvl_json_parse(&root, text, len, path, err);
    if (!r.st)
        read_config(&r, root, c);
    ocrvl_json_free(root);
    return r.st;
}

void ocrvl_config_free(ocrvl_config *c)
{
    ocrvl_free(c->system);
    ocrvl_free(c->task);
    ocrvl_free(c->profile);
    ocrvl_json_free(c->prompts);
    c->system = c->task = c->profile = NULL;
    c->prompts = NULL;
}
