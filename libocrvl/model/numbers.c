#include "model/numbers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "model/keys.h"

#define KEY "quantization_config"

typedef struct reading {
    ocrvl_numbers *l;
    ocrvl_keys keys;
} reading;

static void refuse(reading *r, const char *what)
{
    if (!r->keys.st)
        r->keys.st =
            ocrvl_fail(r->keys.err, OCRVL_E_MODEL,
                       "%s: " KEY ": the weights are %s, which ocrvl can't read: take the checkpoint that they were "
                       "made from; 'ocrvl pack' makes it smaller",
                       r->keys.path, what);
}

const char *ocrvl_numbers_name(ocrvl_numbers_kind kind)
{
    static const char *const names[] = {"floats", "FP8", "AWQ", "GPTQ", "compressed-tensors"};
    return names[kind];
}

bool ocrvl_numbers_is_key(const char *key) { return strcmp(key, KEY) == 0 || strcmp(key, "compression_config") == 0; }

static const char *text_of(const ocrvl_json *q, const char *key)
{
    const char *s = ocrvl_json_string(ocrvl_json_get(q, key), NULL);
    return s ? s : "";
}

/* 4, or 8 too. */
static unsigned read_bits(reading *r, const ocrvl_json *v, const char *key, bool eight)
{
    int64_t n = 0;
    if (!ocrvl_json_int(v, &n) || (n != 4 && !(eight && n == 8)))
        ocrvl_keys_wrong(&r->keys, key, eight ? "is neither 4 nor 8" : "is not 4");
    return (unsigned)n;
}

/* -1 is all of a row, as is a key that is missing where it may be. */
static size_t read_group(reading *r, const ocrvl_json *v, bool must)
{
    int64_t n = -1;
    if ((!v || ocrvl_json_is_null(v)) && !must)
        return 0;
    if (!ocrvl_json_int(v, &n) || n == 0 || n < -1 || n > 1 << 20)
        ocrvl_keys_wrong(&r->keys, "group_size", "is not a whole number from 1 to 1048576, nor -1");
    return n > 0 ? (size_t)n : 0;
}

static void read_awq(reading *r, const ocrvl_json *q)
{
    const char *version = text_of(q, "version");
    r->l->bits = read_bits(r, ocrvl_json_get(q, "bits"), "bits", false);
    r->l->group = read_group(r, ocrvl_json_get(q, "group_size"), true);
    if (*version && strcasecmp(version, "gemm") != 0)
        ocrvl_keys_wrong(&r->keys, "version", "is not gemm, the only one supported");
}

static void read_gptq(reading *r, const ocrvl_json *q)
{
    const char *format = text_of(q, "checkpoint_format");
    r->l->bits = read_bits(r, ocrvl_json_get(q, "bits"), "bits", true);
    r->l->group = read_group(r, ocrvl_json_get(q, "group_size"), true);
    r->l->zero_more = strcmp(format, "gptq_v2") != 0;
    if (*format && strcmp(format, "gptq") != 0 && strcmp(format, "gptq_v2") != 0)
        ocrvl_keys_wrong(&r->keys, "checkpoint_format", "is neither gptq nor gptq_v2");
}

static void read_block(reading *r, const ocrvl_json *v, const char *key)
{
    for (size_t i = 0; v && !ocrvl_json_is_null(v) && i < 2; i++) {
        int64_t n = 0;
        if (ocrvl_json_length(v) != 2 || !ocrvl_json_int(ocrvl_json_at(v, i), &n) || n < 1 || n > 1 << 20)
            ocrvl_keys_wrong(&r->keys, key, "is not two sizes");
        r->l->block[i] = (size_t)n;
    }
}

/* Formats of compressed-tensors that aren't read; NULL for others. */
static const char *what_format(const char *format)
{
    static const struct {
        const char *format, *what;
    } known[] = {{"nvfp4-pack-quantized", "NVFP4"},
                 {"mxfp4-pack-quantized", "MXFP4"},
                 {"mxfp8-quantized", "MXFP8"},
                 {"int-quantized", "integers of 8 bits beside activations of 8 bits (W8A8)"},
                 {"marlin-24", "sparse integers (marlin-24)"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].format, format) == 0)
            return known[i].what;
    return NULL;
}

/* What one of compressed-tensors' config_groups says of its weights. */
static void read_weights(reading *r, const ocrvl_json *w, const char *format)
{
    ocrvl_numbers was = *r->l;
    int64_t bits = 0;
    bool fp8 = strcmp(text_of(w, "type"), "float") == 0;
    const char *strategy = text_of(w, "strategy");
    if (fp8) {
        if (!ocrvl_json_int(ocrvl_json_get(w, "num_bits"), &bits) || bits != 8)
            ocrvl_keys_wrong(&r->keys, "num_bits", "is not 8, as FP8 has");
        if (strcmp(strategy, "group") == 0)
            ocrvl_keys_wrong(&r->keys, "strategy", "is group, which FP8 is not read with");
        r->l->kind = OCRVL_NUMBERS_FP8;
        read_block(r, ocrvl_json_get(w, "block_structure"), "block_structure");
    } else {
        if (strcmp(format, "pack-quantized") != 0)
            ocrvl_keys_wrong(&r->keys, "format", "is not pack-quantized, nor of FP8");
        if (strcmp(strategy, "group") != 0 && strcmp(strategy, "channel") != 0)
            ocrvl_keys_wrong(&r->keys, "strategy", "is neither group nor channel");
        r->l->kind = OCRVL_NUMBERS_PACKED;
        r->l->bits = read_bits(r, ocrvl_json_get(w, "num_bits"), "num_bits", true);
        r->l->group = read_group(r, ocrvl_json_get(w, "group_size"), strcmp(strategy, "group") == 0);
    }
    if (was.kind && memcmp(&was, r->l, sizeof was) != 0)
        ocrvl_keys_wrong(&r->keys, "config_groups", "are of several kinds");
}

typedef struct group_reading {
    reading *r;
    const char *format;
} group_reading;

/* A group that names no format has that of the whole. */
static bool read_config_group(void *user, const char *key, size_t key_len, const ocrvl_json *group)
{
    group_reading *g = user;
    const char *format = text_of(group, "format");
    const ocrvl_json *w = ocrvl_json_get(group, "weights");
    (void)key, (void)key_len;
    format = *format ? format : g->format;
    if (what_format(format))
        refuse(g->r, what_format(format));
    else if (!ocrvl_json_is_object(w))
        ocrvl_keys_wrong(&g->r->keys, "config_groups", "has a group without weights");
    else
        read_weights(g->r, w, format);
    return g->r->keys.st == OCRVL_OK;
}

static void read_compressed(reading *r, const ocrvl_json *q)
{
    group_reading g = {r, text_of(q, "format")};
    const ocrvl_json *groups = ocrvl_json_get(q, "config_groups");
    if (!ocrvl_json_is_object(groups) || ocrvl_json_length(groups) == 0)
        ocrvl_keys_wrong(&r->keys, "config_groups", "is missing or empty");
    else
        ocrvl_json_each(groups, read_config_group, &g);
}

static void read_fp8(reading *r, const ocrvl_json *q)
{
    const char *fmt = text_of(q, "fmt");
    read_block(r, ocrvl_json_get(q, "weight_block_size"), "weight_block_size");
    if (*fmt && strcmp(fmt, "e4m3") != 0)
        ocrvl_keys_wrong(&r->keys, "fmt", "is not e4m3");
}

static const struct {
    const char *method;
    ocrvl_numbers_kind kind;
    void (*read)(reading *r, const ocrvl_json *q);
} methods[] = {{"awq", OCRVL_NUMBERS_AWQ, read_awq},
               {"gptq", OCRVL_NUMBERS_GPTQ, read_gptq},
               {"fp8", OCRVL_NUMBERS_FP8, read_fp8},
               {"compressed-tensors", OCRVL_NUMBERS_PLAIN, read_compressed}};

/* Refuses a method that isn't known by what it makes of numbers; MLX names no method. */
static void refuse_method(reading *r, const char *method, const ocrvl_json *q)
{
    static const struct {
        const char *method, *what;
    } known[] = {
        {"bitsandbytes", "packed by bitsandbytes"}, {"auto-round", "integers by AutoRound"}, {"hqq", "integers by HQQ"},
        {"quanto", "integers by Quanto"},           {"fbgemm_fp8", "FP8 by FBGEMM"},         {"mxfp4", "MXFP4"},
        {"modelopt", "quantised by ModelOpt"}};
    char what[64] = "quantised";
    if (!*method && ocrvl_json_get(q, "bits") && ocrvl_json_get(q, "group_size"))
        snprintf(what, sizeof what, "integers by MLX");
    else if (*method)
        snprintf(what, sizeof what, "quantised by '%.32s'", method);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].method, method) == 0)
            snprintf(what, sizeof what, "%s", known[i].what);
    refuse(r, what);
}

ocrvl_status ocrvl_numbers_read(ocrvl_numbers *l, const char *path, const ocrvl_json *config, ocrvl_error *err)
{
    const ocrvl_json *places[] = {ocrvl_json_get(config, KEY), ocrvl_json_get(config, "compression_config"),
                                  ocrvl_json_get(ocrvl_json_get(config, "text_config"), KEY),
                                  ocrvl_json_get(config, "quantization")};
    const ocrvl_json *q = NULL;
    reading r = {l, {path, KEY ": ", err, OCRVL_OK}};
    memset(l, 0, sizeof *l);
    for (size_t i = 0; i < sizeof places / sizeof *places && !q; i++)
        q = places[i] && !ocrvl_json_is_null(places[i]) ? places[i] : NULL;
    if (!q)
        return OCRVL_OK;
    const char *method = text_of(q, "quant_method");
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(method, methods[i].method) == 0) {
            l->kind = methods[i].kind;
            methods[i].read(&r, q);
            return r.keys.st;
        }
    refuse_method(&r, method, q);
    return r.keys.st;
}
