#include "model/raw.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "model/foreign.h"
#include "model/gguf.h"
#include "model/weights.h"

size_t ocrvl_raw_columns(const ocrvl_raw *s)
{
    uint64_t n = 1;
    for (uint32_t i = 1; i < s->rank; i++)
        n *= s->shape[i];
    return (size_t)n;
}

uint64_t ocrvl_raw_numbers(const ocrvl_raw *s) { return s->rank ? s->shape[0] * ocrvl_raw_columns(s) : 1; }

ocrvl_raw *ocrvl_raws_add(ocrvl_raws *s, const char *name)
{
    size_t n = strlen(name) + 1;
    char *copy = ocrvl_arena_take(&s->names, n, 1);
    if (!copy || !OCRVL_ARRAY_RESERVE(s->list, s->cap, s->count + 1))
        return NULL;
    memcpy(copy, name, n);
    ocrvl_raw *x = &s->list[s->count++];
    memset(x, 0, sizeof *x);
    x->name = copy;
    return x;
}

ocrvl_buf *ocrvl_raws_file(ocrvl_raws *s, const char *name)
{
    if (s->file_count == OCRVL_RAW_FILES)
        return NULL;
    s->files[s->file_count].name = name;
    return &s->files[s->file_count++].text;
}

void ocrvl_raws_free(ocrvl_raws *s)
{
    for (size_t i = 0; i < s->file_count; i++)
        ocrvl_buf_free(&s->files[i].text);
    for (size_t i = 0; i < s->gguf_count; i++)
        ocrvl_gguf_free(s->gguf[i]);
    ocrvl_tensors_free(s->tensors);
    ocrvl_config_free(&s->config);
    ocrvl_arena_free(&s->names);
    ocrvl_free(s->list);
    memset(s, 0, sizeof *s);
}

/* That the tensors are a model of the config, none missing, each in its shape. */
static ocrvl_status prove(const ocrvl_raws *s, ocrvl_error *err)
{
    ocrvl_tensor *list = ocrvl_alloc_array(s->count + 1, sizeof *list);
    if (!list)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_raw *x = &s->list[i];
        list[i] = (ocrvl_tensor){.name = x->name, .dtype = x->dtype ? x->dtype : "F32", .rank = x->rank};
        memcpy(list[i].shape, x->shape, sizeof list[i].shape);
    }
    ocrvl_error why = {0};
    ocrvl_status st = ocrvl_weights_check(&s->config, list, s->count, s->gguf_count ? &why : err);
    if (st && s->gguf_count) /* the names are those that the engine knows */
        ocrvl_fail(err, st, "%s: %s", ocrvl_gguf_path(s->gguf[0]), why.message);
    ocrvl_free(list);
    return st;
}

ocrvl_status ocrvl_raws_open(ocrvl_raws *s, const char *const *paths, size_t count, ocrvl_error *err)
{
    bool folder = count == 1 && !ocrvl_foreign_is_gguf(paths[0]);
    memset(s, 0, sizeof *s);
    ocrvl_status status = folder ? ocrvl_raws_folder(s, paths[0], err) : ocrvl_raws_gguf(s, paths, count, err);
    if (!status)
        status = prove(s, err);
    if (status)
        ocrvl_raws_free(s);
    return status;
}
