/* The tensors of a folder of safetensors, to be packed: floats, and matrices in the layouts of numbers.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "kern/fp8.h"
#include "model/raw.h"
#include "model/weights.h"

enum { MAX_CONFIG = 4 << 20 };

/* ---- floats ------------------------------------------------------------------------------------------ */

static void rows_of_floats(const ocrvl_raw *s, const ocrvl_kern *kern, size_t row, size_t rows, float *out)
{
    ocrvl_dtype type;
    size_t k = ocrvl_raw_columns(s);
    if (ocrvl_tensor_type(&(ocrvl_tensor){.dtype = s->dtype}, &type))
        kern->widen(out, (const char *)s->parts[0].data + row * k * ocrvl_dtype_size(type), type, rows * k);
}

/* ---- integers ---------------------------------------------------------------------------------------- */

enum { CODES, ZEROS, SCALES, GROUPS }; /* parts */

/* Number i of a part of floats. */
static float float_at(const ocrvl_raw_part *p, const ocrvl_kern *kern, size_t i)
{
    ocrvl_dtype type = OCRVL_F32;
    float f = 0;
    if (ocrvl_tensor_type(p->type, &type))
        kern->widen(&f, (const char *)p->data + i * ocrvl_dtype_size(type), type, 1);
    return f;
}

static uint32_t word_at(const ocrvl_raw_part *p, size_t i) { return ((const uint32_t *)p->data)[i]; }

/* `bits` of word i, from the low end. */
static int bits_at(const ocrvl_raw_part *p, size_t i, unsigned bits, size_t place)
{
    return (int)(word_at(p, i) >> bits * place & ((1u << bits) - 1));
}

static size_t group_of(const ocrvl_raw *s, size_t at)
{
    if (s->parts[GROUPS].data)
        return word_at(&s->parts[GROUPS], at);
    return s->numbers->group ? at / s->numbers->group : 0;
}

typedef struct group_numbers {
    int zero;
    float scale;
} group_numbers;

/* Where AWQ has column i of eight. */
static size_t awq_place(size_t i) { return i % 2 * 4 + i / 2; }

static int code_of(const ocrvl_raw *s, size_t row, size_t at)
{
    size_t n = (size_t)s->shape[0], each = 32 / s->numbers->bits;
    const ocrvl_raw_part *p = &s->parts[CODES];
    switch (s->numbers->kind) {
    case OCRVL_NUMBERS_AWQ: return bits_at(p, at * (n / 8) + row / 8, 4, awq_place(row % 8));
    case OCRVL_NUMBERS_GPTQ: return bits_at(p, at / each * n + row, s->numbers->bits, at % each);
    default: return bits_at(p, row * p->rows + at / each, s->numbers->bits, at % each); /* rows: words in a row */
    }
}

/* Zero number i of GPTQ. Version 1 takes one off each of a word's zeros by a subtraction from the whole word, in which
 * a zero of 0 borrows from the next. */
static int gptq_zero(const ocrvl_raw *s, size_t i, size_t place)
{
    unsigned bits = s->numbers->bits;
    uint32_t more = !s->numbers->zero_more ? 0 : bits == 4 ? 0x11111111u : 0x01010101u;
    return (int)((word_at(&s->parts[ZEROS], i) + more) >> bits * place & ((1u << bits) - 1));
}

static group_numbers group_at(const ocrvl_raw *s, const ocrvl_kern *kern, size_t row, size_t g)
{
    size_t n = (size_t)s->shape[0], each = 32 / s->numbers->bits;
    const ocrvl_raw_part *z = &s->parts[ZEROS];
    switch (s->numbers->kind) {
    case OCRVL_NUMBERS_AWQ:
        return (group_numbers){bits_at(z, g * (n / 8) + row / 8, 4, awq_place(row % 8)),
                               float_at(&s->parts[SCALES], kern, g * n + row)};
    case OCRVL_NUMBERS_GPTQ:
        return (group_numbers){gptq_zero(s, g * (n / each) + row / each, row % each),
                               float_at(&s->parts[SCALES], kern, g * n + row)};
    default:
        return (group_numbers){z->data ? bits_at(z, row / each * s->groups + g, s->numbers->bits, row % each)
                                       : 1 << (s->numbers->bits - 1),
                               float_at(&s->parts[SCALES], kern, row * s->groups + g)};
    }
}

static void rows_of_integers(const ocrvl_raw *s, const ocrvl_kern *kern, size_t row, size_t rows, float *out)
{
    size_t k = (size_t)s->shape[1];
    for (size_t i = row; i < row + rows; i++) {
        size_t group = SIZE_MAX;
        group_numbers now = {0, 0};
        for (size_t at = 0; at < k; at++) {
            size_t g = group_of(s, at);
            if (g != group)
                now = group_at(s, kern, i, group = g);
            *out++ = (float)(code_of(s, i, at) - now.zero) * now.scale;
        }
    }
}

/* ---- FP8 --------------------------------------------------------------------------------------------- */

static void rows_of_fp8(const ocrvl_raw *s, const ocrvl_kern *kern, size_t row, size_t rows, float *out)
{
    size_t k = (size_t)s->shape[1];
    const uint8_t *code = (const uint8_t *)s->parts[CODES].data + row * k;
    for (size_t i = row; i < row + rows; i++)
        for (size_t at = 0; at < k;) {
            const size_t *block = s->numbers->block;
            bool blocks = s->groups > 0;
            size_t place = blocks ? i / block[0] * s->groups + at / block[1] : s->parts[SCALES].rows == 1 ? 0 : i;
            size_t end = blocks && (at / block[1] + 1) * block[1] < k ? (at / block[1] + 1) * block[1] : k;
            float scale = float_at(&s->parts[SCALES], kern, place);
            for (; at < end; at++)
                *out++ = ocrvl_fp8_widen(*code++) * scale;
        }
}

/* ---- the list ---------------------------------------------------------------------------------------- */

typedef struct listing {
    ocrvl_raws *s;
    ocrvl_error *err;
    ocrvl_status st;
    char base[256]; /* name of the matrix at hand, without ".weight" */
} listing;

static void wrong(listing *l, const char *suffix, const char *what)
{
    if (!l->st)
        l->st = ocrvl_fail(l->err, OCRVL_E_MODEL, "tensor %s%s %s", l->base, suffix, what);
}

/* A tensor of the matrix at hand; NULL if it isn't there. */
static const ocrvl_tensor *find(const listing *l, const char *suffix)
{
    char name[320];
    snprintf(name, sizeof name, "%s%s", l->base, suffix);
    return ocrvl_tensors_find(l->s->tensors, name);
}

static bool is_of(const ocrvl_tensor *t, const char *dtype, uint64_t rows, uint64_t columns)
{
    return t && strcmp(t->dtype, dtype) == 0 && t->rank == 2 && t->shape[0] == rows && t->shape[1] == columns;
}

static void put_part(ocrvl_raw *x, size_t i, const ocrvl_tensor *t)
{
    x->parts[i] = (ocrvl_raw_part){.data = t->data, .bytes = t->bytes, .type = t};
}

static void take_words(listing *l, ocrvl_raw *x, size_t part, const char *suffix, uint64_t rows, uint64_t columns)
{
    const ocrvl_tensor *t = find(l, suffix);
    char what[100];
    snprintf(what, sizeof what, "is not of type I32 and shape [%llu, %llu]", (unsigned long long)rows,
             (unsigned long long)columns);
    if (!is_of(t, "I32", rows, columns))
        wrong(l, suffix, what);
    else
        put_part(x, part, t);
}

static void take_scales(listing *l, ocrvl_raw *x, const char *suffix, uint64_t rows, uint64_t columns)
{
    const ocrvl_tensor *t = find(l, suffix);
    ocrvl_dtype type;
    char what[100];
    snprintf(what, sizeof what, "is not of floats and shape [%llu, %llu]", (unsigned long long)rows,
             (unsigned long long)columns);
    if (!t || !ocrvl_tensor_type(t, &type) || t->rank != 2 || t->shape[0] != rows || t->shape[1] != columns)
        wrong(l, suffix, what);
    else
        put_part(x, SCALES, t);
}

/* The group of each k, if that is stored; each is proved to be one. */
static void take_groups(listing *l, ocrvl_raw *x, const char *suffix, size_t k)
{
    const ocrvl_tensor *t = find(l, suffix);
    if (!t || l->st)
        return;
    if (strcmp(t->dtype, "I32") != 0 || t->rank != 1 || t->shape[0] != k) {
        wrong(l, suffix, "is not of type I32 and as long as a row");
        return;
    }
    const int32_t *g = t->data;
    if (k && g[0] == -1) /* compressed-tensors' sign of no act-order */
        return;
    for (size_t i = 0; i < k; i++)
        if (g[i] < 0 || (size_t)g[i] >= x->groups) {
            wrong(l, suffix, "names a group that is not there");
            return;
        }
    put_part(x, GROUPS, t);
}

static ocrvl_raw *add(listing *l, const char *end, uint64_t n, uint64_t k)
{
    char name[320];
    const ocrvl_numbers *layout = &l->s->config.numbers;
    snprintf(name, sizeof name, "%s%s", l->base, end);
    ocrvl_raw *x = l->st ? NULL : ocrvl_raws_add(l->s, name);
    if (!x) {
        l->st = l->st ? l->st : ocrvl_fail_nomem(l->err);
        return NULL;
    }
    x->rank = 2;
    x->shape[0] = n;
    x->shape[1] = k;
    x->numbers = layout;
    x->groups = (size_t)(layout->group ? (k + layout->group - 1) / layout->group : 1);
    x->rows = rows_of_integers;
    return x;
}

static bool is_matrix(listing *l, const ocrvl_tensor *t, const char *suffix)
{
    if (strcmp(t->dtype, "I32") != 0 || t->rank != 2 || t->shape[0] == 0 || t->shape[1] == 0 || t->shape[0] > 1 << 24 ||
        t->shape[1] > 1 << 24)
        wrong(l, suffix, "is not a matrix of I32");
    return !l->st;
}

static void add_awq(listing *l, const ocrvl_tensor *t)
{
    if (!is_matrix(l, t, ".qweight"))
        return;
    uint64_t k = t->shape[0], n = t->shape[1] * 8;
    ocrvl_raw *x = add(l, ".weight", n, k);
    if (!x)
        return;
    put_part(x, CODES, t);
    take_words(l, x, ZEROS, ".qzeros", x->groups, n / 8);
    take_scales(l, x, ".scales", x->groups, n);
}

static void add_gptq(listing *l, const ocrvl_tensor *t)
{
    unsigned bits = l->s->config.numbers.bits, each = 32 / bits;
    if (!is_matrix(l, t, ".qweight"))
        return;
    uint64_t k = t->shape[0] * each, n = t->shape[1];
    if (n % each) {
        wrong(l, ".qweight", "has a number of columns that zeros can't be packed for");
        return;
    }
    ocrvl_raw *x = add(l, ".weight", n, k);
    if (!x)
        return;
    put_part(x, CODES, t);
    take_words(l, x, ZEROS, ".qzeros", x->groups, n / each);
    take_scales(l, x, ".scales", x->groups, n);
    take_groups(l, x, ".g_idx", (size_t)k);
}

/* The whole numbers of X.weight_shape. */
static bool read_shape(listing *l, uint64_t shape[2])
{
    const ocrvl_tensor *t = find(l, ".weight_shape");
    bool wide = t && strcmp(t->dtype, "I64") == 0;
    if (!t || (!wide && strcmp(t->dtype, "I32") != 0) || t->rank != 1 || t->shape[0] != 2) {
        wrong(l, ".weight_shape", "is not two whole numbers");
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        int64_t n = wide ? ((const int64_t *)t->data)[i] : ((const int32_t *)t->data)[i];
        if (n < 1 || n > 1 << 24)
            wrong(l, ".weight_shape", "is not a shape");
        shape[i] = (uint64_t)n;
    }
    return !l->st;
}

static void add_packed(listing *l, const ocrvl_tensor *t)
{
    unsigned each = 32 / l->s->config.numbers.bits;
    uint64_t shape[2];
    if (!is_matrix(l, t, ".weight_packed") || !read_shape(l, shape))
        return;
    if (t->shape[0] != shape[0] || t->shape[1] != (shape[1] + each - 1) / each) {
        wrong(l, ".weight_packed", "doesn't have the shape that its weight_shape demands");
        return;
    }
    ocrvl_raw *x = add(l, ".weight", shape[0], shape[1]);
    if (!x)
        return;
    put_part(x, CODES, t);
    x->parts[CODES].rows = (size_t)t->shape[1];
    take_scales(l, x, ".weight_scale", shape[0], x->groups);
    if (find(l, ".weight_zero_point"))
        take_words(l, x, ZEROS, ".weight_zero_point", (shape[0] + each - 1) / each, x->groups);
    take_groups(l, x, ".weight_g_idx", (size_t)shape[1]);
}

static void add_fp8(listing *l, const ocrvl_tensor *t)
{
    const size_t *block = l->s->config.numbers.block;
    const char *suffix = find(l, ".weight_scale") ? ".weight_scale" : ".weight_scale_inv";
    const ocrvl_tensor *s = find(l, suffix);
    ocrvl_dtype type;
    ocrvl_raw *x = t->rank == 2 ? add(l, ".weight", t->shape[0], t->shape[1]) : NULL;
    if (!x) {
        wrong(l, ".weight", "is not a matrix of FP8");
        return;
    }
    x->rows = rows_of_fp8;
    x->groups = 0;
    put_part(x, CODES, t);
    if (!s || !ocrvl_tensor_type(s, &type)) {
        wrong(l, suffix, "is missing, or not of floats");
        return;
    }
    put_part(x, SCALES, s);
    size_t count = (size_t)(s->bytes / ocrvl_dtype_size(type));
    x->parts[SCALES].rows = count;
    if (count == 1 || (count == t->shape[0] && (s->rank == 1 || (s->rank == 2 && s->shape[1] == 1))))
        return;
    if (block[0] && s->rank == 2 && s->shape[0] == (t->shape[0] + block[0] - 1) / block[0] &&
        s->shape[1] == (t->shape[1] + block[1] - 1) / block[1])
        x->groups = (size_t)s->shape[1];
    else
        wrong(l, suffix, "is neither one number, nor one for each row or block");
}

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);
    return n >= k && strcmp(s + n - k, end) == 0;
}

/* Parts of a quantised matrix that are looked up from the tensor of its codes. */
static bool is_part(const char *name)
{
    static const char *const ends[] = {
        ".qzeros",       ".scales",       ".g_idx",       ".weight_scale", ".weight_scale_inv", ".weight_zero_point",
        ".weight_shape", ".weight_g_idx", ".input_scale", ".output_scale", ".input_zero_point"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_in(name, ends[i]))
            return true;
    return false;
}

static void add_plain(listing *l, const ocrvl_tensor *t)
{
    ocrvl_dtype type;
    if (ocrvl_is_half_of_packed(t->name)) {
        l->st = ocrvl_fail(l->err, OCRVL_E_UNSUPPORTED, "the checkpoint's matrices are integers already");
        return;
    }
    ocrvl_raw *x = ocrvl_raws_add(l->s, t->name);
    if (!x) {
        l->st = ocrvl_fail_nomem(l->err);
        return;
    }
    x->dtype = t->dtype;
    x->rank = t->rank;
    for (uint32_t i = 0; i < t->rank; i++)
        x->shape[i] = t->shape[i];
    x->rows = ocrvl_tensor_type(t, &type) ? rows_of_floats : NULL;
    x->parts[0] = (ocrvl_raw_part){.data = t->data, .bytes = t->bytes};
}

static void add_tensor(listing *l, const ocrvl_tensor *t)
{
    static const struct {
        ocrvl_numbers_kind kind;
        const char *end;
        void (*add)(listing *l, const ocrvl_tensor *t);
    } layouts[] = {{OCRVL_NUMBERS_AWQ, ".qweight", add_awq},
                   {OCRVL_NUMBERS_GPTQ, ".qweight", add_gptq},
                   {OCRVL_NUMBERS_PACKED, ".weight_packed", add_packed},
                   {OCRVL_NUMBERS_FP8, ".weight", add_fp8}};
    ocrvl_numbers_kind kind = l->s->config.numbers.kind;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        const char *end = layouts[i].end;
        bool fp8 = kind != OCRVL_NUMBERS_FP8 || strcmp(t->dtype, "F8_E4M3") == 0;
        if (kind != layouts[i].kind || !ends_in(t->name, end) || strlen(t->name) >= sizeof l->base || !fp8)
            continue;
        snprintf(l->base, sizeof l->base, "%.*s", (int)(strlen(t->name) - strlen(end)), t->name);
        layouts[i].add(l, t);
        return;
    }
    if (kind == OCRVL_NUMBERS_PLAIN || !is_part(t->name))
        add_plain(l, t);
}

/* ---- the config -------------------------------------------------------------------------------------- */

typedef struct copying {
    ocrvl_buf *b;
    bool first;
} copying;

static bool copy_member(void *user, const char *key, size_t key_len, const ocrvl_json *value)
{
    copying *c = user;
    if (ocrvl_numbers_is_key(key))
        return true;
    ocrvl_buf_puts(c->b, c->first ? "\n " : ",\n ");
    c->first = false;
    ocrvl_json_put_string(c->b, key, key_len);
    ocrvl_buf_puts(c->b, ": ");
    if (strcmp(key, "text_config") == 0 && ocrvl_json_is_object(value)) {
        copying inner = {c->b, true};
        ocrvl_buf_putc(c->b, '{');
        ocrvl_json_each(value, copy_member, &inner);
        ocrvl_buf_putc(c->b, '}');
    } else
        ocrvl_json_put(c->b, value, true);
    return true;
}

/* config.json without what it says of the layout, which the new weights haven't. */
static ocrvl_status write_config(ocrvl_raws *s, const char *dir, ocrvl_error *err)
{
    ocrvl_json *root = NULL;
    char *path = ocrvl_path_join(dir, "config.json");
    ocrvl_buf *b = ocrvl_raws_file(s, "config.json");
    ocrvl_status st = path && b ? ocrvl_json_load(&root, path, MAX_CONFIG, err) : ocrvl_fail_nomem(err);
    if (!st) {
        copying c = {b, true};
        ocrvl_buf_putc(b, '{');
        ocrvl_json_each(root, copy_member, &c);
        ocrvl_buf_puts(b, "}\n");
        st = b->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
    }
    ocrvl_json_free(root);
    ocrvl_free(path);
    return st;
}

ocrvl_status ocrvl_raws_folder(ocrvl_raws *s, const char *dir, ocrvl_error *err)
{
    listing l = {.s = s, .err = err};
    l.st = ocrvl_config_load_any(&s->config, dir, err);
    if (!l.st)
        l.st = ocrvl_tensors_open(&s->tensors, dir, err);
    for (size_t i = 0; !l.st && i < ocrvl_tensors_count(s->tensors); i++)
        add_tensor(&l, ocrvl_tensors_at(s->tensors, i));
    if (!l.st && s->config.numbers.kind != OCRVL_NUMBERS_PLAIN)
        l.st = write_config(s, dir, err);
    return l.st;
}
