/* Writes a checkpoint's tensors anew, with its large matrices as integers, bfloat16 or float32. Matrices pass through
 * one panel at a time, and what has been read of the source is let go of, so that memory stays small whatever the
 * checkpoint's size. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "kern/quant.h"
#include "model/gguf.h"
#include "model/raw.h"
#include "model/weights.h"
#include "ocrvl_dev.h"

typedef enum form { AS_IS, TO_FLOATS, TO_CODES } form;

typedef struct item { /* a tensor to write, made from s; codes are followed by their scales */
    const ocrvl_raw *s;
    form form;
    ocrvl_dtype type; /* of floats */
    ocrvl_gemm_mode mode;
    const char *as; /* another name for it, or NULL */
    uint64_t bytes, scale_bytes;
} item;

struct ocrvl_dev_packer {
    ocrvl_raws raws;
};

typedef struct packing {
    const ocrvl_raws *raws;
    item *items;
    size_t count;
    ocrvl_dev_write_fn write;
    void *user;
    ocrvl_error *err;
    const ocrvl_kern *kern;
    ocrvl_dev_packed *told;
    double off, all; /* sums of squares: of what rounding changed, and of what it was given */
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
static uint64_t panels_of(const ocrvl_raw *s) { return (s->shape[0] + OCRVL_PANEL - 1) / OCRVL_PANEL; }

/* Floats of that type, unless they lie so in the file. */
static void choose_floats(item *it, ocrvl_dtype type)
{
    const char *name = type == OCRVL_BF16 ? "BF16" : "F32";
    it->form = it->s->dtype && strcmp(it->s->dtype, name) == 0 ? AS_IS : TO_FLOATS;
    it->type = type;
    if (it->form == TO_FLOATS)
        it->bytes = ocrvl_raw_numbers(it->s) * ocrvl_dtype_size(type);
}

/* What a tensor becomes that isn't made integers: what it is in the file, if floats lie there. */
static void choose_otherwise(item *it)
{
    if (!it->s->dtype)
        choose_floats(it, it->s->rank >= 2 ? OCRVL_BF16 : OCRVL_F32);
}

/* Whether 4 bits would lose too much, or save too little: in all but the decoder's MLPs, and in its first and last
 * layer. Attention has an eighth of a layer's numbers, and half of what 4 bits cost (SPEED.md, 2026-11-30). */
static bool is_precious(const char *name, unsigned last)
{
    unsigned layer;
    return !strstr(name, ".mlp.") || !layer_of(name, &layer) || layer == 0 || layer == last;
}

/* How a tensor is to be stored. What may not be integers stays as it is. */
static void choose(item *it, ocrvl_dev_pack type, unsigned last)
{
    const ocrvl_raw *s = it->s;
    const char *name = it->as ? it->as : s->name;
    bool matrix = s->rank == 2 && ends_with(s->name, ".weight");
    it->form = AS_IS;
    it->bytes = s->parts[0].bytes;
    if (!s->rows || s->rank == 0)
        return;
    if (type == OCRVL_DEV_PACK_FLOAT32) {
        choose_floats(it, OCRVL_F32);
        return;
    }
    if (type == OCRVL_DEV_PACK_BF16) {
        if (s->rank >= 2)
            choose_floats(it, OCRVL_BF16);
        else
            choose_otherwise(it);
        return;
    }
    if (!matrix || !ocrvl_may_be_integers(name, s->shape[1]) || s->shape[0] == 0 || s->shape[1] == 0) {
        choose_otherwise(it);
        return;
    }
    bool wide = type == OCRVL_DEV_PACK_INT8 || is_precious(name, last);
    it->form = TO_CODES;
    it->mode = wide ? OCRVL_GEMM_INT8 : OCRVL_GEMM_INT4;
    uint64_t panels = panels_of(s);
    it->bytes = panels * ocrvl_quant_codes(it->mode, s->shape[1]);
    it->scale_bytes = panels * ocrvl_quant_scales(it->mode, s->shape[1]) * 2;
}

static ocrvl_status list_items(packing *p, ocrvl_dev_pack type)
{
    size_t n = p->raws->count;
    unsigned last = 0, layer;
    p->items = ocrvl_alloc_array(n + 1, sizeof *p->items);
    if (!p->items)
        return ocrvl_fail_nomem(p->err);
    for (size_t i = 0; i < n; i++) {
        const char *name = p->raws->list[i].name;
        if (layer_of(name, &layer) && layer > last)
            last = layer;
    }
    for (int pass = 0; pass < 2; pass++) /* codes first, so that they lie at multiples of 64 bytes */
        for (size_t i = 0; i < n; i++) {
            item it = {.s = &p->raws->list[i]};
            choose(&it, type, last);
            if ((it.form == TO_CODES) == (pass == 0))
                p->items[p->count++] = it;
        }
    return OCRVL_OK;
}

static bool has_head(const ocrvl_raws *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->list[i].name, "lm_head.weight") == 0)
            return true;
    return false;
}

/* A tied head is multiplied with as a matrix of its own; the embedding stays for looking up. */
static void add_head(packing *p, ocrvl_dev_pack type)
{
    if ((type != OCRVL_DEV_PACK_INT8 && type != OCRVL_DEV_PACK_INT4) || has_head(p->raws))
        return;
    for (size_t i = 0; i < p->count; i++)
        if (ends_with(p->items[i].s->name, "embed_tokens.weight")) {
            item head = {.s = p->items[i].s, .as = "lm_head.weight"};
            choose(&head, type, 0);
            if (head.form != TO_CODES)
                return;
            memmove(p->items + 1, p->items, p->count++ * sizeof *p->items);
            p->items[0] = head;
            return;
        }
}

/* ---- what rounding changes --------------------------------------------------------------------------- */

static void sum_squares(const float *x, const float *was, size_t n, double *off, double *all)
{
    for (size_t i = 0; i < n; i++) {
        *off += ((double)x[i] - (double)was[i]) * ((double)x[i] - (double)was[i]);
        *all += (double)was[i] * (double)was[i];
    }
}

static void tell(packing *p, const item *it, double off, double all)
{
    double part = all > 0 ? sqrt(off / all) : 0;
    p->off += off;
    p->all += all;
    p->told->matrices++;
    p->told->int4 += it->form == TO_CODES && it->mode == OCRVL_GEMM_INT4;
    if (part > p->told->worst || p->told->matrices == 1) {
        p->told->worst = part;
        snprintf(p->told->worst_name, sizeof p->told->worst_name, "%s", it->as ? it->as : it->s->name);
    }
}

/* ---- the file ---------------------------------------------------------------------------------------- */

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
        const char *name = it->as ? it->as : it->s->name;
        if (it->form != TO_CODES) {
            const char *type = it->form == AS_IS ? it->s->dtype : it->type == OCRVL_BF16 ? "BF16" : "F32";
            put_entry(&b, name, "", type, it->s->shape, it->s->rank, it->bytes, &at);
            continue;
        }
        uint64_t panels = panels_of(it->s);
        uint64_t codes[] = {panels, ocrvl_quant_codes(it->mode, it->s->shape[1])};
        uint64_t scales[] = {panels, ocrvl_quant_scales(it->mode, it->s->shape[1])};
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
static int write_codes(packing *p, const item *it)
{
    size_t n = (size_t)it->s->shape[0], k = (size_t)it->s->shape[1], panels = (size_t)panels_of(it->s);
    size_t codes = ocrvl_quant_codes(it->mode, k), scales = ocrvl_quant_scales(it->mode, k);
    float *rows = ocrvl_alloc_aligned(2 * OCRVL_PANEL, k * sizeof *rows), *back = rows ? rows + OCRVL_PANEL * k : NULL;
    uint8_t *c = ocrvl_alloc_aligned(codes, 1);
    uint16_t *s = ocrvl_alloc_array(panels, scales * sizeof *s);
    int failed = rows && c && s ? 0 : -1;
    double off = 0, all = 0;
    for (size_t i = 0; i < panels && !failed; i++) {
        size_t have = n - i * OCRVL_PANEL < OCRVL_PANEL ? n - i * OCRVL_PANEL : OCRVL_PANEL;
        memset(rows + have * k, 0, (OCRVL_PANEL - have) * k * sizeof *rows);
        it->s->rows(it->s, p->kern, i * OCRVL_PANEL, have, rows);
        ocrvl_quant_pack(it->mode, rows, k, c, s + i * scales);
        ocrvl_quant_unpack(it->mode, c, s + i * scales, k, back);
        sum_squares(back, rows, have * k, &off, &all);
        failed = p->write(p->user, c, codes);
    }
    if (!failed)
        failed = p->write(p->user, s, (size_t)it->scale_bytes);
    if (!failed)
        tell(p, it, off, all);
    ocrvl_free(rows);
    ocrvl_free(c);
    ocrvl_free(s);
    return failed;
}

enum { CHUNK = 4096 };

/* Rows as floats of a type, some at a time. */
static int write_floats(packing *p, const item *it)
{
    size_t n = (size_t)it->s->shape[0], k = ocrvl_raw_columns(it->s), step = k && k < CHUNK ? CHUNK / k : 1;
    float *rows = ocrvl_alloc_aligned(2 * step, k * sizeof *rows), *back = rows ? rows + step * k : NULL;
    uint16_t *low = ocrvl_alloc_aligned(step, k * sizeof *low);
    int failed = rows && low ? 0 : -1;
    double off = 0, all = 0;
    for (size_t i = 0; i < n && !failed; i += step) {
        size_t have = n - i < step ? n - i : step;
        it->s->rows(it->s, p->kern, i, have, rows);
        if (it->type == OCRVL_F32) {
            failed = p->write(p->user, rows, have * k * sizeof *rows);
            continue;
        }
        p->kern->narrow(low, rows, have * k);
        p->kern->widen(back, low, OCRVL_BF16, have * k);
        sum_squares(back, rows, have * k, &off, &all);
        failed = p->write(p->user, low, have * k * sizeof *low);
    }
    if (!failed && it->type == OCRVL_BF16)
        tell(p, it, off, all);
    ocrvl_free(rows);
    ocrvl_free(low);
    return failed;
}

/* The whole pages of what is mapped between two places are the file's again. */
static void let_go_of(const uint8_t *data, size_t len, const ocrvl_raw_part *part)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = (uintptr_t)part->data, to = from + (uintptr_t)part->bytes;
    from = (from + page - 1) / page * page;
    to = to / page * page;
    if (from < to && from >= (uintptr_t)data && to <= (uintptr_t)data + len)
        madvise((void *)from, to - from, MADV_DONTNEED);
}

static void let_go(const packing *p, const ocrvl_raw *s)
{
    const uint8_t *data;
    size_t len;
    for (size_t k = 0; k < OCRVL_RAW_PARTS; k++) {
        for (size_t i = 0; p->raws->tensors && ocrvl_tensors_file(p->raws->tensors, i, &data, &len); i++)
            let_go_of(data, len, &s->parts[k]);
        for (size_t i = 0; i < p->raws->gguf_count; i++) {
            ocrvl_gguf_file(p->raws->gguf[i], &data, &len);
            let_go_of(data, len, &s->parts[k]);
        }
    }
}

static ocrvl_status write_all(packing *p)
{
    int failed = write_header(p);
    for (size_t i = 0; i < p->count && !failed; i++) {
        const item *it = &p->items[i];
        if (it->form == TO_CODES)
            failed = write_codes(p, it);
        else if (it->form == TO_FLOATS)
            failed = write_floats(p, it);
        else
            failed = it->bytes ? p->write(p->user, it->s->parts[0].data, (size_t)it->bytes) : 0;
        let_go(p, it->s);
    }
    if (failed < 0)
        return ocrvl_fail_nomem(p->err);
    return failed ? ocrvl_fail_errno(p->err, failed, "cannot write") : OCRVL_OK;
}

/* ---- the packer -------------------------------------------------------------------------------------- */

ocrvl_status ocrvl_dev_packer_open(ocrvl_dev_packer **out, const char *const *paths, size_t count, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_dev_packer *p = ocrvl_alloc(sizeof *p);
    if (!p)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = ocrvl_raws_open(&p->raws, paths, count, err);
    if (st)
        ocrvl_free(p);
    else
        *out = p;
    return st;
}

void ocrvl_dev_packer_free(ocrvl_dev_packer *p)
{
    if (!p)
        return;
    ocrvl_raws_free(&p->raws);
    ocrvl_free(p);
}

const char *ocrvl_dev_packer_file(const ocrvl_dev_packer *p, size_t i, const char **text, size_t *len)
{
    if (i >= p->raws.file_count)
        return NULL;
    *text = p->raws.files[i].text.data;
    *len = p->raws.files[i].text.len;
    return p->raws.files[i].name;
}

ocrvl_status ocrvl_dev_packer_write(const ocrvl_dev_packer *packer, ocrvl_dev_pack type, ocrvl_dev_write_fn write,
                                    void *user, ocrvl_dev_packed *told, ocrvl_error *err)
{
    ocrvl_dev_packed none;
    packing p = {.raws = &packer->raws,
                 .write = write,
                 .user = user,
                 .err = err,
                 .kern = ocrvl_kern_best(),
                 .told = told ? told : &none};
    memset(p.told, 0, sizeof *p.told);
    ocrvl_status st = list_items(&p, type);
    if (!st) {
        add_head(&p, type);
        st = write_all(&p);
    }
    p.told->error = p.all > 0 ? sqrt(p.off / p.all) : 0;
    ocrvl_free(p.items);
    return st;
}

ocrvl_status ocrvl_dev_pack_weights(const char *dir, ocrvl_dev_pack type, ocrvl_dev_write_fn write, void *user,
                                    ocrvl_error *err)
{
    ocrvl_dev_packer *p;
    ocrvl_status st = ocrvl_dev_packer_open(&p, &dir, 1, err);
    if (!st)
        st = ocrvl_dev_packer_write(p, type, write, user, NULL, err);
    ocrvl_dev_packer_free(p);
    return st;
}
