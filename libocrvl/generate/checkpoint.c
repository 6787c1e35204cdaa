#include "generate/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hub.h"
#include "base/mem.h"
#include "base/nano.h"
#include "generate/template.h"
#include "model/cost.h"
#include "ocrvl_dev.h"

char *ocrvl_model_name_of(const char *dir)
{
    char *real = realpath(dir, NULL); /* "." has a name too */
    const char *path = real ? real : dir, *slash = strrchr(path, '/');
    size_t len; /* the folder of a snapshot in the hub's cache is called by its commit */
    const char *cached = ocrvl_hub_name_of(path, &len);
    char *name = cached ? ocrvl_strndup(cached, len) : ocrvl_strdup(slash && slash[1] ? slash + 1 : path);
    free(real);
    return name;
}

static void count_tensors(ocrvl_model *m)
{
    static const char *const kinds[] = {"BF16", "F16", "F32", "F8_E4M3", "INT8", "INT4"};
    uint64_t of[] = {0, 0, 0, 0, m->weights->int8, m->weights->int4};
    m->parameters = of[4] + of[5];
    for (size_t i = 0; i < ocrvl_tensors_count(m->weights->tensors); i++) {
        const ocrvl_tensor *t = ocrvl_tensors_at(m->weights->tensors, i);
        m->bytes += t->bytes;
        if (ocrvl_is_half_of_packed(t->name))
            continue;
        uint64_t n = 1;
        for (uint32_t r = 0; r < t->rank; r++)
            n *= t->shape[r];
        m->parameters += n;
        for (size_t k = 0; k < 4; k++)
            of[k] += strcmp(t->dtype, kinds[k]) == 0 ? n : 0;
    }
    for (size_t k = 0; k < 6; k++)
        if (of[k]) {
            size_t at = strlen(m->dtype);
            snprintf(m->dtype + at, sizeof m->dtype - at, "%s%s", at ? "+" : "", kinds[k]);
        }
}

static ocrvl_status find_specials(ocrvl_model *m, const char *dir, ocrvl_error *err)
{
    const struct {
        const char *text;
        int32_t *id;
    } wanted[] = {{"<|im_start|>", &m->im_start},
                  {"<|im_end|>", &m->im_end},
                  {"<|vision_start|>", &m->vision_start},
                  {"<|vision_end|>", &m->vision_end}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        *wanted[i].id = ocrvl_tokenizer_special(m->tokenizer, wanted[i].text);
        if (*wanted[i].id < 0 || (size_t)*wanted[i].id >= m->weights->config.vocab)
            return ocrvl_fail(err, OCRVL_E_MODEL, "%s: the tokenizer has no %s", dir, wanted[i].text);
    }
    return OCRVL_OK;
}

static ocrvl_status open_weights(ocrvl_model *m, const char *dir, ocrvl_dev_opening how, ocrvl_error *err)
{
    static const ocrvl_precision precisions[] = {OCRVL_PRECISION_AUTO, OCRVL_PRECISION_FLOAT32, OCRVL_PRECISION_BF16};
    return how == OCRVL_DEV_OPEN_NO_WEIGHTS ? ocrvl_weights_describe(&m->weights, dir, err)
                                            : ocrvl_weights_open_as(&m->weights, dir, precisions[how], err);
}

/* What is rendered by a template without a default system turn has none. */
static ocrvl_status heed_template(ocrvl_model *m, const char *dir, ocrvl_error *err)
{
    ocrvl_config *c = &m->weights->config;
    ocrvl_template t;
    ocrvl_status st = c->line_reader ? OCRVL_OK : ocrvl_template_read(&t, dir, c->family, err);
    if (st || c->line_reader || !t.there)
        return st;
    m->thinks = t.thinks;
    c->no_system = c->no_system || (!c->system && !t.system);
    return OCRVL_OK;
}

static ocrvl_status open_parts(ocrvl_model *m, const char *dir, ocrvl_dev_opening how, ocrvl_error *err)
{
    ocrvl_status st = open_weights(m, dir, how, err);
    if (!st)
        st = ocrvl_tokenizer_open(&m->tokenizer, dir, m->weights->config.vocab, err);
    if (!st)
        st = find_specials(m, dir, err);
    if (!st)
        st = heed_template(m, dir, err);
    if (st)
        return st;
    m->name = ocrvl_model_name_of(dir);
    if (m->weights->tensors)
        count_tensors(m);
    else
        m->parameters = ocrvl_all_parameters(&m->weights->config);
    if (!m->name)
        return ocrvl_fail_nomem(err);
    return ocrvl_profile_find(&m->profile, dir, m->name, &m->weights->config, err);
}

static ocrvl_status open_nano(ocrvl_model **out, ocrvl_dev_opening how, ocrvl_error *err)
{
    char *dir;
    *out = NULL;
    ocrvl_status st = ocrvl_nano_find(&dir, err);
    if (!st)
        st = ocrvl_dev_model_open(out, dir, how, err);
    ocrvl_free(dir);
    return st;
}

ocrvl_status ocrvl_model_open(ocrvl_model **out, const char *dir, ocrvl_error *err)
{
    return ocrvl_dev_model_open(out, dir, OCRVL_DEV_OPEN_AUTO, err);
}

bool ocrvl_dev_has_weights(const char *dir)
{
    static const char *const names[] = {"model.safetensors", "model.safetensors.index.json"};
    bool found = false;
    for (size_t i = 0; i < 2 && !found; i++) {
        char *path = ocrvl_path_join(dir, names[i]);
        found = !path || ocrvl_file_exists(path);
        ocrvl_free(path);
    }
    return found;
}

ocrvl_status ocrvl_dev_model_open(ocrvl_model **out, const char *dir, ocrvl_dev_opening how, ocrvl_error *err)
{
    if (!dir)
        return open_nano(out, how, err);
    *out = NULL;
    ocrvl_model *m = ocrvl_alloc(sizeof *m);
    if (!m)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = open_parts(m, dir, how, err);
    if (!st) {
        *out = m;
        return OCRVL_OK;
    }
    ocrvl_model_free(m);
    if (st == OCRVL_E_NOMEM || st == OCRVL_E_LIMIT || st == OCRVL_E_INTERNAL)
        return st;
    if (err) /* whatever is wrong with a file of the checkpoint, it is the checkpoint that can't be used */
        err->status = OCRVL_E_MODEL;
    return OCRVL_E_MODEL;
}

void ocrvl_model_free(ocrvl_model *m)
{
    if (!m)
        return;
    ocrvl_tokenizer_free(m->tokenizer);
    ocrvl_weights_free(m->weights);
    ocrvl_free(m->name);
    ocrvl_free(m);
}

void ocrvl_model_get_info(const ocrvl_model *m, ocrvl_model_info *info)
{
    const ocrvl_config *c = &m->weights->config;
    ocrvl_model_info all = {
        .size = info->size,
        .name = m->name,
        .reader = c->line_reader ? OCRVL_READER_LINE : OCRVL_READER_PAGE,
        .parameters = m->parameters,
        .tensors = m->weights->tensors ? ocrvl_tensors_count(m->weights->tensors) : 0,
        .weight_bytes = m->bytes,
        .dtype = m->dtype,
        .vision_depth = (uint32_t)c->v_depth,
        .vision_width = (uint32_t)c->v_width,
        .vision_heads = (uint32_t)c->v_heads,
        .layers = (uint32_t)c->layers,
        .width = (uint32_t)c->width,
        .heads = (uint32_t)c->heads,
        .kv_heads = (uint32_t)c->kv_heads,
        .intermediate = (uint32_t)c->intermediate,
        .vocabulary = (uint32_t)c->vocab,
        .patch = (uint32_t)c->patch,
        .merge = (uint32_t)c->merge,
        .temporal_patch = (uint32_t)c->temporal,
        .min_pixels = c->min_pixels,
        .max_pixels = c->max_pixels,
        .context = (uint32_t)c->context,
        .tied = c->tied,
        .family = c->family->name,
        .head_dim = (uint32_t)c->head_dim,
        .profile = m->profile ? m->profile->name : NULL,
        .task = c->task      ? c->task
                : m->profile ? m->profile->task
                             : NULL,
        .scripts = c->scripts,
    };
    memcpy(info, &all, info->size < sizeof all ? info->size : sizeof all);
}

ocrvl_status ocrvl_model_sha256(const ocrvl_model *m, char hex[65], ocrvl_error *err)
{
    ocrvl_buf lines = {0};
    const uint8_t *data;
    size_t len, files = 0;
    ocrvl_status st = m->weights->tensors ? OCRVL_OK : ocrvl_fail(err, OCRVL_E_MODEL, "there are no weights");
    for (; !st && ocrvl_tensors_file(m->weights->tensors, files, &data, &len); files++) {
        st = ocrvl_sha256_hex(hex, data, len, err);
        ocrvl_buf_puts(&lines, hex);
        ocrvl_buf_putc(&lines, '\n');
    }
    if (!st && lines.failed)
        st = ocrvl_fail_nomem(err);
    if (!st && files != 1)
        st = ocrvl_sha256_hex(hex, lines.data, lines.len, err);
    ocrvl_buf_free(&lines);
    return st;
}

/* ---- for our own program ----------------------------------------------------------------------------- */

ocrvl_status ocrvl_dev_tokenize(const ocrvl_model *m, const char *text, size_t len, bool parse_special, int32_t **ids,
                                size_t *count, ocrvl_error *err)
{
    ocrvl_ids list = {0};
    *ids = NULL;
    *count = 0;
    ocrvl_status st = ocrvl_tokenizer_encode(m->tokenizer, text, len, parse_special, &list, err);
    if (st) {
        ocrvl_ids_free(&list);
        return st;
    }
    *ids = list.data;
    *count = list.len;
    return OCRVL_OK;
}

void ocrvl_dev_free(void *p) { ocrvl_free(p); }

bool ocrvl_dev_tensor(const ocrvl_model *m, size_t i, ocrvl_tensor_info *info)
{
    const ocrvl_tensor *t = m->weights->tensors ? ocrvl_tensors_at(m->weights->tensors, i) : NULL;
    if (!t)
        return false;
    *info = (ocrvl_tensor_info){.name = t->name, .dtype = t->dtype, .rank = t->rank, .bytes = t->bytes};
    memcpy(info->shape, t->shape, sizeof info->shape);
    return true;
}
