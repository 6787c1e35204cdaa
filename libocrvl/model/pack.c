/* Writes a checkpoint's tensors anew, with its large matrices as integers or bfloat16. Matrices pass through one panel
 * at a time, and what has been read of the source is let go of, so that memory stays small whatever the checkpoint's
 * size. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "kern/quant.h"
#include "model/weights.h"
#include "ocrvl_dev.h"

typedef enum form { AS_IS, TO_BF16, TO_CODES } form;

typedef struct item { /* a tensor to write, made from t; codes are followed by their scales */
    const ocrvl_tensor *t;
    ocrvl_dtype type;
    form form;
    ocrvl_gemm_mode mode;
    const char *as; /* another name for it, or NULL */
    uint64_t bytes, scale_bytes;
} item;

typedef struct packing {
    ocrvl_tensors *tensors;
    item *items;
    size_t count;
    ocrvl_dev_write_fn write;
    void *user;
    ocrvl_error *err;
    const ocrvl_kern *kern;
} packing;

/* The number after "layers." in a name; false if there is none. */
static bool layer_of(const char *name, unsigned *n)
{
    const char *at = strstr(name, "layers.");
    return at && sscanf(at + 7, "%6u", n) == 1;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

/* The last panel may have fewer rows than OCRVL_PANEL; those that it lacks are zero. */
static uint64_t panels_of(const ocrvl_tensor *t) { return (t->shape[0] + OCRVL_PANEL - 1) / OCRVL_PANEL; }

/* How a tensor is to be stored. Vectors, embeddings and the patches' projection stay as they are. Of 4 bits the vision
 * tower, the head and the first and last layer get 8. */
static void choose(item *it, ocrvl_dev_pack type, unsigned last)
{
    const ocrvl_tensor *t = it->t;
    unsigned layer = 0;
    bool inside = layer_of(t->name, &layer), head = strcmp(t->name, "lm_head.weight") == 0 || it->as;
    bool matrix = t->rank == 2 && ends_with(t->name, ".weight");
    bool large = inside || head || strstr(t->name, "blocks.") || strstr(t->name, "merger");
    it->form = AS_IS;
    it->bytes = t->bytes;
    if (!ocrvl_tensor_type(t, &it->type))
        return;
    if (type == OCRVL_DEV_PACK_BF16) {
        if (t->rank >= 2 && it->type != OCRVL_BF16) {
            it->form = TO_BF16;
            it->bytes = t->bytes / ocrvl_dtype_size(it->type) * 2;
        }
        return;
    }
    if (!matrix || !large || t->shape[1] > OCRVL_MAX_ROUNDED_K || t->shape[0] == 0 || t->shape[1] == 0)
        return;
    bool wide = type == OCRVL_DEV_PACK_INT8 || !inside || layer == 0 || layer == last;
    it->form = TO_CODES;
    it->mode = wide ? OCRVL_GEMM_INT8 : OCRVL_GEMM_INT4;
    uint64_t panels = panels_of(t);
    it->bytes = panels * ocrvl_quant_codes(it->mode, t->shape[1]);
    it->scale_bytes = panels * ocrvl_quant_scales(it->mode, t->shape[1]) * 2;
}

static ocrvl_status list_items(packing *p, ocrvl_dev_pack type)
{
    size_t n = ocrvl_tensors_count(p->tensors);
    unsigned last = 0, layer;
    bool quantised = false;
    p->items = ocrvl_alloc_array(n + 1, sizeof *p->items);
    if (!p->items)
        return ocrvl_fail_nomem(p->err);
    for (size_t i = 0; i < n; i++) {
        const ocrvl_tensor *t = ocrvl_tensors_at(p->tensors, i);
        if (layer_of(t->name, &layer) && layer > last)
            last = layer;
        quantised = quantised || ocrvl_gemm_mode_of_name(t->name) != OCRVL_GEMM_FLOAT;
    }
    if (quantised)
        return ocrvl_fail(p->err, OCRVL_E_UNSUPPORTED, "the checkpoint's matrices are integers already");
    for (int pass = 0; pass < 2; pass++) /* codes first, so that they lie at multiples of 64 bytes */
        for (size_t i = 0; i < n; i++) {
            item it = {.t = ocrvl_tensors_at(p->tensors, i)};
            choose(&it, type, last);
            if ((it.form == TO_CODES) == (pass == 0))
                p->items[p->count++] = it;
        }
    return OCRVL_OK;
}

/* A tied head is multiplied with as a matrix of its own; the embedding stays for looking up. */
static void add_head(packing *p, ocrvl_dev_pack type)
{
    if (type == OCRVL_DEV_PACK_BF16 || ocrvl_tensors_find(p->tensors, "lm_head.weight"))
        return;
    for (size_t i = 0; i < p->count; i++)
        if (ends_with(p->items[i].t->name, "embed_tokens.weight")) {
            item head = {.t = p->items[i].t, .as = "lm_head.weight"};
            choose(&head, type, 0);
            if (head.form != TO_CODES)
                return;
            memmove(p->items + 1, p->items, p->count++ * sizeof *p->items);
            p->items[0] = head;
            return;
        }
}

static void put_entry(ocrvl_buf *b, const char *name, const char *suffix, const char *dtype, const uint64_t *shape,
                      uint32_t rank, uint64_t bytes, uint64_t *at)
{
    char full[512];
    snprintf(full, sizeof full, "%s%s", name, suffix);
    ocrvl_buf_putc(b, ',');
    ocrvl_json_put_string(b, full, strlen(full));
    ocrvl_buf_printf(b, ":{\"dtype\":\"%s\",\"shape\":[", dtype);
    for (uint32_t i = 0; i < rank; i++)
        ocrvl_buf_printf(b, "%s%llu", i ? "," : "", (unsigned long long)shape[i]);
    ocrvl_buf_printf(b, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)*at, (unsigned long long)(*at + bytes));
    *at += bytes;
}

static int write_header(const packing *p)
{
    ocrvl_buf b = {0};
    uint64_t at = 0;
    ocrvl_buf_printf(&b, "{\"__metadata__\":{\"format\":\"pt\",\"" OCRVL_PACKING_KEY "\":\"%d\"}", OCRVL_PACKING);
    for (size_t i = 0; i < p->count; i++) {
        const item *it = &p->items[i];
        const char *name = it->as ? it->as : it->t->name;
        if (it->form != TO_CODES) {
            put_entry(&b, name, "", it->form == TO_BF16 ? "BF16" : it->t->dtype, it->t->shape, it->t->rank, it->bytes,
                      &at);
            continue;
        }
        uint64_t panels = panels_of(it->t);
        uint64_t codes[] = {panels, ocrvl_quant_codes(it->mode, it->t->shape[1])};
        uint64_t scales[] = {panels, ocrvl_quant_scales(it->mode, it->t->shape[1])};
        put_entry(&b, name, it->mode == OCRVL_GEMM_INT8 ? OCRVL_INT8_SUFFIX : OCRVL_INT4_SUFFIX, "U8", codes, 2,
                  it->bytes, &at);
        put_entry(&b, name, OCRVL_SCALES_SUFFIX, "BF16", scales, 2, it->scale_bytes, &at);
    }
    ocrvl_buf_putc(&b, '}');
    while (!b.failed && (b.len + 8) % 64)
        ocrvl_buf_putc(&b, ' ');
    uint8_t length[8];
    for (size_t i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)b.len >> 8 * i);
    int failed = b.failed ? -1 : p->write(p->user, length, sizeof length);
    if (!failed)
        failed = p->write(p->user, b.data, b.len);
    ocrvl_buf_free(&b);
    return failed;
}

/* Codes panel by panel, then the scales of all. */
static int write_codes(const packing *p, const item *it)
{
    size_t n = (size_t)it->t->shape[0], k = (size_t)it->t->shape[1], panels = (size_t)panels_of(it->t);
    size_t codes = ocrvl_quant_codes(it->mode, k), scales = ocrvl_quant_scales(it->mode, k);
    size_t step = OCRVL_PANEL * k * ocrvl_dtype_size(it->type);
    float *rows = ocrvl_alloc_aligned(OCRVL_PANEL, k * sizeof *rows);
    uint8_t *c = ocrvl_alloc_aligned(codes, 1);
    uint16_t *s = ocrvl_alloc_array(panels, scales * sizeof *s);
    int failed = rows && c && s ? 0 : -1;
    for (size_t i = 0; i < panels && !failed; i++) {
        size_t have = n - i * OCRVL_PANEL < OCRVL_PANEL ? n - i * OCRVL_PANEL : OCRVL_PANEL;
        memset(rows + have * k, 0, (OCRVL_PANEL - have) * k * sizeof *rows);
        p->kern->widen(rows, (const char *)it->t->data + i * step, it->type, have * k);
        ocrvl_quant_pack(it->mode, rows, k, c, s + i * scales);
        failed = p->write(p->user, c, codes);
    }
    if (!failed)
        failed = p->write(p->user, s, (size_t)it->scale_bytes);
    ocrvl_free(rows);
    ocrvl_free(c);
    ocrvl_free(s);
    return failed;
}

static int write_bf16(const packing *p, const item *it)
{
    enum { CHUNK = 4096 };
    float wide[CHUNK];
    uint16_t low_precision[CHUNK];
    size_t size = ocrvl_dtype_size(it->type), left = (size_t)(it->t->bytes / size);
    const char *from = it->t->data;
    int failed = 0;
    while (left && !failed) {
        size_t n = left < CHUNK ? left : CHUNK;
        p->kern->widen(wide, from, it->type, n);
        p->kern->narrow(low_precision, wide, n);
        failed = p->write(p->user, low_precision, n * sizeof *low_precision);
        from += n * size;
        left -= n;
    }
    return failed;
}

/* The whole pages of a tensor that is mapped are the file's again. */
static void let_go(const packing *p, const ocrvl_tensor *t)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)t->data, to = from + (uintptr_t)t->bytes;
    const uint8_t *data;
    size_t len;
    from = (from + page - 1) / page * page;
    to = to / page * page;
    for (size_t i = 0; ocrvl_tensors_file(p->tensors, i, &data, &len); i++)
        if (from < to && from >= (uintptr_t)data && to <= (uintptr_t)data + len)
            madvise((void *)from, to - from, MADV_DONTNEED);
}

static ocrvl_status write_all(packing *p)
{
    int failed = write_header(p);
    for (size_t i = 0; i < p->count && !failed; i++) {
        const item *it = &p->items[i];
        if (it->form == TO_CODES)
            failed = write_codes(p, it);
        else if (it->form == TO_BF16)
            failed = write_bf16(p, it);
        else
            failed = it->bytes ? p->write(p->user, it->t->data, (size_t)it->bytes) : 0;
        let_go(p, it->t);
    }
    if (failed < 0)
        return ocrvl_fail_nomem(p->err);
    return failed ? ocrvl_fail_errno(p->err, failed, "cannot write") : OCRVL_OK;
}

ocrvl_status ocrvl_dev_pack_weights(const char *dir, ocrvl_dev_pack type, ocrvl_dev_write_fn write, void *user,
                                    ocrvl_error *err)
{
    ocrvl_weights *m; /* proves that the folder is a model, every tensor in its shape */
    packing p = {.write = write, .user = user, .err = err, .kern = ocrvl_kern_best()};
    ocrvl_status st = ocrvl_weights_open_as(&m, dir, OCRVL_PRECISION_BF16, err);
    ocrvl_weights_free(m);
    if (!st)
        st = ocrvl_tensors_open(&p.tensors, dir, err);
    if (!st)
        st = list_items(&p, type);
    if (!st) {
        add_head(&p, type);
        st = write_all(&p);
    }
    ocrvl_free(p.items);
    ocrvl_tensors_free(p.tensors);
    return st;
}
