#include "model/gguf.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

enum { MAX_KEYS = 100000, MAX_TENSORS = 200000, MAX_KEY = 200, ALIGNMENT = 32, MAX_ALIGNMENT = 1 << 20 };

enum { U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64, KINDS };

static const uint8_t sizes[KINDS] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

struct ocrvl_gguf_value {
    const char *key; /* [key_len], in the file */
    size_t key_len;
    uint32_t kind, item; /* item: what an array has */
    uint64_t count;      /* items of an array; bytes of a string */
    const uint8_t *data;
};

struct ocrvl_gguf {
    char *path;
    const uint8_t *data;
    size_t len;
    ocrvl_gguf_value *values;
    size_t value_count, value_cap;
    ocrvl_gguf_tensor *tensors;
    size_t tensor_count, tensor_cap;
};

typedef struct reading {
    ocrvl_gguf *g;
    size_t at;
    ocrvl_error *err;
} reading;

static ocrvl_status broken(const reading *r, const char *what)
{
    return ocrvl_fail(r->err, OCRVL_E_FORMAT, "%s: %s", r->g->path, what);
}

static ocrvl_status cut(const reading *r) { return broken(r, "the file is cut short: it ends inside its header"); }

static ocrvl_status bad_key(const reading *r, const ocrvl_gguf_value *v, const char *what)
{
    return ocrvl_fail(r->err, OCRVL_E_FORMAT, "%s: key %.*s: %s", r->g->path, (int)v->key_len, v->key, what);
}

static ocrvl_status bad_tensor(const reading *r, const ocrvl_gguf_tensor *t, const char *what)
{
    return ocrvl_fail(r->err, OCRVL_E_FORMAT, "%s: tensor %s: %s", r->g->path, t->name, what);
}

static uint64_t number(const uint8_t *p, size_t bytes)
{
    uint64_t n = 0;
    for (size_t i = bytes; i-- > 0;)
        n = n << 8 | p[i];
    return n;
}

/* The next `bytes` bytes as a number; false at the end of the file. */
static bool take(reading *r, size_t bytes, uint64_t *n)
{
    if (r->g->len - r->at < bytes)
        return false;
    *n = number(r->g->data + r->at, bytes);
    r->at += bytes;
    return true;
}

static bool take_string(reading *r, const char **s, size_t *len)
{
    uint64_t n;
    if (!take(r, 8, &n) || n > r->g->len - r->at)
        return false;
    *s = (const char *)r->g->data + r->at;
    *len = (size_t)n;
    r->at += (size_t)n;
    return true;
}

/* Printable ASCII, as all names of keys and tensors are. */
static bool is_plain(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] <= ' ' || s[i] > '~')
            return false;
    return len > 0;
}

/* ---- metadata ---------------------------------------------------------------------------------------- */

/* Passes over an array's items, so that they can be gone through later without a check. */
static ocrvl_status read_array(reading *r, ocrvl_gguf_value *v)
{
    uint64_t kind;
    if (!take(r, 4, &kind) || !take(r, 8, &v->count))
        return cut(r);
    if (kind >= KINDS || kind == ARRAY)
        return bad_key(r, v, "it is an array of an unknown type");
    v->item = (uint32_t)kind;
    v->data = r->g->data + r->at;
    if (kind != STRING) {
        if (v->count > (r->g->len - r->at) / sizes[kind])
            return bad_key(r, v, "its array is longer than the file");
        r->at += (size_t)v->count * sizes[kind];
        return OCRVL_OK;
    }
    for (uint64_t i = 0; i < v->count; i++) {
        const char *s;
        size_t len;
        if (!take_string(r, &s, &len))
            return bad_key(r, v, "its array is longer than the file");
    }
    return OCRVL_OK;
}

static ocrvl_status read_value(reading *r, ocrvl_gguf_value *v)
{
    uint64_t kind;
    if (!take_string(r, &v->key, &v->key_len))
        return cut(r);
    if (v->key_len > MAX_KEY || !is_plain(v->key, v->key_len))
        return broken(r, "the name of a metadata key is not valid");
    if (!take(r, 4, &kind))
        return cut(r);
    v->kind = (uint32_t)kind;
    v->data = r->g->data + r->at;
    if (kind == ARRAY)
        return read_array(r, v);
    if (kind == STRING) {
        const char *s;
        size_t len;
        if (!take_string(r, &s, &len))
            return bad_key(r, v, "its string is longer than the file");
        v->data = (const uint8_t *)s;
        v->count = len;
        return OCRVL_OK;
    }
    if (kind >= KINDS)
        return bad_key(r, v, "its type is unknown");
    if (r->g->len - r->at < sizes[kind])
        return cut(r);
    r->at += sizes[kind];
    return OCRVL_OK;
}

static int compare_keys(const char *a, size_t n, const char *b, size_t m)
{
    int c = memcmp(a, b, n < m ? n : m);
    return c ? c : (n > m) - (n < m);
}

static int by_key(const void *a, const void *b)
{
    const ocrvl_gguf_value *x = a, *y = b;
    return compare_keys(x->key, x->key_len, y->key, y->key_len);
}

static ocrvl_status read_values(reading *r, uint64_t count)
{
    ocrvl_gguf *g = r->g;
    if (count > MAX_KEYS)
        return broken(r, "it claims to have more metadata keys than a file can have");
    for (uint64_t i = 0; i < count; i++) {
        if (!OCRVL_ARRAY_RESERVE(g->values, g->value_cap, g->value_count + 1))
            return ocrvl_fail_nomem(r->err);
        ocrvl_gguf_value *v = &g->values[g->value_count++];
        memset(v, 0, sizeof *v);
        ocrvl_status st = read_value(r, v);
        if (st)
            return st;
    }
    if (g->value_count)
        qsort(g->values, g->value_count, sizeof *g->values, by_key);
    for (size_t i = 1; i < g->value_count; i++)
        if (by_key(&g->values[i - 1], &g->values[i]) == 0)
            return bad_key(r, &g->values[i], "it is there twice");
    return OCRVL_OK;
}

/* ---- tensors ----------------------------------------------------------------------------------------- */

static ocrvl_status read_shape(reading *r, ocrvl_gguf_tensor *t)
{
    uint64_t rank, count = 1;
    if (!take(r, 4, &rank))
        return cut(r);
    if (rank == 0 || rank > OCRVL_GGUF_RANK)
        return bad_tensor(r, t, "it doesn't have 1 to 4 sizes");
    t->rank = (uint32_t)rank;
    for (uint32_t i = 0; i < t->rank; i++) {
        uint64_t n;
        if (!take(r, 8, &n))
            return cut(r);
        if (n == 0 || n > (uint64_t)INT64_MAX / 16 / count)
            return bad_tensor(r, t, "its shape is empty or overflows");
        t->shape[t->rank - 1 - i] = n;
        count *= n;
    }
    t->bytes = count; /* numbers, until the type is known */
    return OCRVL_OK;
}

static ocrvl_status read_tensor(reading *r, ocrvl_gguf_tensor *t, uint64_t *offset)
{
    const char *name;
    size_t len;
    uint64_t type;
    if (!take_string(r, &name, &len))
        return cut(r);
    if (len >= sizeof t->name || !is_plain(name, len))
        return broken(r, "the name of a tensor is not valid");
    memcpy(t->name, name, len);
    ocrvl_status st = read_shape(r, t);
    if (st)
        return st;
    if (!take(r, 4, &type) || !take(r, 8, offset))
        return cut(r);
    t->type = ocrvl_gguf_type_of((uint32_t)type);
    if (!t->type)
        return ocrvl_fail(r->err, OCRVL_E_UNSUPPORTED, "%s: tensor %s: it is of type %llu (%s), which can't be read",
                          r->g->path, t->name, (unsigned long long)type, ocrvl_gguf_type_name((uint32_t)type));
    if (t->shape[t->rank - 1] % t->type->numbers)
        return bad_tensor(r, t, "its rows are not whole blocks of its type");
    t->bytes = t->bytes / t->type->numbers * t->type->bytes;
    return OCRVL_OK;
}

static int by_name(const void *a, const void *b)
{
    const ocrvl_gguf_tensor *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static ocrvl_status read_alignment(const reading *r, size_t *alignment)
{
    const ocrvl_gguf_value *v = ocrvl_gguf_find(r->g, "general.alignment");
    int64_t n = ALIGNMENT;
    if (v && (!ocrvl_gguf_int(v, &n) || n < 8 || n > MAX_ALIGNMENT || (n & (n - 1)) != 0))
        return bad_key(r, v, "it is not a power of two from 8 to 1048576");
    *alignment = (size_t)n;
    return OCRVL_OK;
}

/* Tensors lie one after the other in the order of their list, each at a multiple of the alignment; *end: where the
 * next one must begin. */
static ocrvl_status place_tensor(const reading *r, ocrvl_gguf_tensor *t, uint64_t offset, size_t alignment, size_t base,
                                 uint64_t *end)
{
    if (offset != *end)
        return bad_tensor(r, t, "its data don't begin where the data of the tensor before it end");
    if (offset > r->g->len - base || t->bytes > r->g->len - base - offset)
        return bad_tensor(r, t, "its data are past the end of the file, which is cut short");
    t->data = r->g->data + base + offset;
    *end = (offset + t->bytes + alignment - 1) / alignment * alignment;
    return OCRVL_OK;
}

static ocrvl_status read_tensors(reading *r, uint64_t count)
{
    ocrvl_gguf *g = r->g;
    if (count > MAX_TENSORS)
        return broken(r, "it claims to have more tensors than a file can have");
    size_t alignment = ALIGNMENT;
    ocrvl_status st = read_alignment(r, &alignment);
    uint64_t *offsets = ocrvl_alloc_array((size_t)count, sizeof *offsets), end = 0;
    if (!st && !offsets)
        st = ocrvl_fail_nomem(r->err);
    for (uint64_t i = 0; i < count && !st; i++) {
        if (!OCRVL_ARRAY_RESERVE(g->tensors, g->tensor_cap, g->tensor_count + 1)) {
            st = ocrvl_fail_nomem(r->err);
            break;
        }
        ocrvl_gguf_tensor *t = &g->tensors[g->tensor_count++];
        memset(t, 0, sizeof *t);
        st = read_tensor(r, t, &offsets[i]);
    }
    size_t base = (r->at + alignment - 1) / alignment * alignment;
    if (!st && count && base > g->len)
        st = cut(r);
    for (size_t i = 0; i < g->tensor_count && !st; i++)
        st = place_tensor(r, &g->tensors[i], offsets[i], alignment, base, &end);
    ocrvl_free(offsets);
    if (!st && g->tensor_count)
        qsort(g->tensors, g->tensor_count, sizeof *g->tensors, by_name);
    for (size_t i = 1; i < g->tensor_count && !st; i++)
        if (strcmp(g->tensors[i - 1].name, g->tensors[i].name) == 0)
            st = bad_tensor(r, &g->tensors[i], "it is there twice");
    return st;
}

/* ---- the file ---------------------------------------------------------------------------------------- */

static ocrvl_status read_all(reading *r)
{
    uint64_t version, tensors, keys;
    if (r->g->len < 4 || memcmp(r->g->data, "GGUF", 4) != 0)
        return broken(r, "it is not a GGUF file");
    r->at = 4;
    if (!take(r, 4, &version) || !take(r, 8, &tensors) || !take(r, 8, &keys))
        return cut(r);
    if (version != 2 && version != 3)
        return ocrvl_fail(r->err, OCRVL_E_UNSUPPORTED, "%s: version %llu of GGUF can't be read, only 2 and 3%s",
                          r->g->path, (unsigned long long)version,
                          version & 0xFFFF ? "" : " of the little-endian kind");
    ocrvl_status st = read_values(r, keys);
    return st ? st : read_tensors(r, tensors);
}

ocrvl_status ocrvl_gguf_open(ocrvl_gguf **out, const char *path, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_gguf *g = ocrvl_alloc(sizeof *g);
    if (!g)
        return ocrvl_fail_nomem(err);
    g->path = ocrvl_strdup(path);
    ocrvl_status st = g->path ? ocrvl_file_map(&g->data, &g->len, path, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = ocrvl_file_check_lfs(g->data, g->len, path, err);
    reading r = {g, 0, err};
    if (!st)
        st = read_all(&r);
    if (st)
        ocrvl_gguf_free(g);
    else
        *out = g;
    return st;
}

void ocrvl_gguf_free(ocrvl_gguf *g)
{
    if (!g)
        return;
    ocrvl_file_unmap(g->data, g->len);
    ocrvl_free(g->path);
    ocrvl_free(g->values);
    ocrvl_free(g->tensors);
    ocrvl_free(g);
}

const char *ocrvl_gguf_path(const ocrvl_gguf *g) { return g->path; }

void ocrvl_gguf_file(const ocrvl_gguf *g, const uint8_t **data, size_t *len)
{
    *data = g->data;
    *len = g->len;
}

size_t ocrvl_gguf_tensors(const ocrvl_gguf *g) { return g->tensor_count; }

const ocrvl_gguf_tensor *ocrvl_gguf_tensor_at(const ocrvl_gguf *g, size_t i)
{
    return i < g->tensor_count ? &g->tensors[i] : NULL;
}

const ocrvl_gguf_tensor *ocrvl_gguf_tensor_of(const ocrvl_gguf *g, const char *name)
{
    size_t lo = 0, hi = g->tensor_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(g->tensors[mid].name, name);
        if (c == 0)
            return &g->tensors[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

/* ---- values ------------------------------------------------------------------------------------------ */

const ocrvl_gguf_value *ocrvl_gguf_find(const ocrvl_gguf *g, const char *key)
{
    size_t lo = 0, hi = g->value_count, n = strlen(key);
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = compare_keys(g->values[mid].key, g->values[mid].key_len, key, n);
        if (c == 0)
            return &g->values[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static bool int_of(uint32_t kind, const uint8_t *p, int64_t *out)
{
    uint64_t n = number(p, sizes[kind]);
    switch (kind) {
    case I8: *out = (int8_t)n; return true;
    case I16: *out = (int16_t)n; return true;
    case I32: *out = (int32_t)n; return true;
    case I64: *out = (int64_t)n; return true;
    case U8:
    case U16:
    case U32:
    case U64:
    case BOOL: *out = (int64_t)n; return n <= INT64_MAX;
    default: return false;
    }
}

static bool real_of(uint32_t kind, const uint8_t *p, double *out)
{
    int64_t n;
    float f;
    if (kind == F32) {
        memcpy(&f, p, sizeof f);
        *out = (double)f;
        return true;
    }
    if (kind == F64) {
        memcpy(out, p, sizeof *out);
        return true;
    }
    if (!int_of(kind, p, &n))
        return false;
    *out = (double)n;
    return true;
}

bool ocrvl_gguf_int(const ocrvl_gguf_value *v, int64_t *out)
{
    return v && v->kind != ARRAY && v->kind != STRING && int_of(v->kind, v->data, out);
}

bool ocrvl_gguf_real(const ocrvl_gguf_value *v, double *out)
{
    return v && v->kind != ARRAY && v->kind != STRING && real_of(v->kind, v->data, out);
}

const char *ocrvl_gguf_string(const ocrvl_gguf_value *v, size_t *len)
{
    if (!v || v->kind != STRING)
        return NULL;
    *len = (size_t)v->count;
    return (const char *)v->data;
}

uint64_t ocrvl_gguf_length(const ocrvl_gguf_value *v) { return v && v->kind == ARRAY ? v->count : 0; }

bool ocrvl_gguf_int_at(const ocrvl_gguf_value *v, uint64_t i, int64_t *out)
{
    return i < ocrvl_gguf_length(v) && v->item != STRING && int_of(v->item, v->data + i * sizes[v->item], out);
}

bool ocrvl_gguf_real_at(const ocrvl_gguf_value *v, uint64_t i, double *out)
{
    return i < ocrvl_gguf_length(v) && v->item != STRING && real_of(v->item, v->data + i * sizes[v->item], out);
}

ocrvl_gguf_strings ocrvl_gguf_strings_of(const ocrvl_gguf_value *v)
{
    bool any = v && v->kind == ARRAY && v->item == STRING;
    return (ocrvl_gguf_strings){any ? v->data : NULL, any ? v->count : 0};
}

const char *ocrvl_gguf_next(ocrvl_gguf_strings *s, size_t *len)
{
    if (s->left == 0)
        return NULL;
    uint64_t n = number(s->at, 8);
    const char *text = (const char *)s->at + 8;
    s->at += 8 + n;
    s->left--;
    *len = (size_t)n;
    return text;
}
