#include "model/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/foreign.h"

enum { MAX_FILES = 1024, MAX_TENSORS = 200000, MAX_HEADER = 100 << 20, MAX_INDEX = 100 << 20 };

typedef struct entry {
    ocrvl_tensor t;
    uint64_t begin; /* in the file's data */
    void *copy;     /* where the file didn't align it */
} entry;

typedef struct file {
    char *name;
    const uint8_t *data;
    size_t len;
    ocrvl_json *header; /* holds the tensors' names */
} file;

struct ocrvl_tensors {
    file *files;
    size_t file_count;
    entry *entries;
    size_t count, cap;
    long packing;
};

typedef struct loading {
    ocrvl_tensors *t;
    file *f;
    const uint8_t *base; /* the file's data after its header */
    uint64_t size;
    ocrvl_error *err;
    ocrvl_status st;
} loading;

static const struct dtype {
    const char *name;
    unsigned bytes;
} dtypes[] = {{"BF16", 2}, {"F16", 2},  {"F32", 4}, {"F64", 8}, {"I64", 8}, {"I32", 4},     {"I16", 2},    {"I8", 1},
              {"U8", 1},   {"BOOL", 1}, {"U16", 2}, {"U32", 4}, {"U64", 8}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};

static const struct dtype *dtype_of(const ocrvl_json *v)
{
    const char *s = ocrvl_json_string(v, NULL);
    for (size_t i = 0; s && i < sizeof dtypes / sizeof *dtypes; i++)
        if (strcmp(s, dtypes[i].name) == 0)
            return &dtypes[i];
    return NULL;
}

static ocrvl_status bad(const loading *l, const char *tensor, const char *what)
{
    return ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: tensor %s: %s", l->f->name, tensor, what);
}

/* Shape and bytes of one tensor; the product is checked at every factor. */
static ocrvl_status read_shape(const loading *l, entry *e, const ocrvl_json *shape, unsigned item)
{
    size_t rank = ocrvl_json_length(shape);
    if (!ocrvl_json_is_array(shape) || rank > OCRVL_MAX_RANK)
        return bad(l, e->t.name, "its shape is not a list of at most 8 sizes");
    e->t.rank = (uint32_t)rank;
    e->t.bytes = item;
    for (size_t i = 0; i < rank; i++) {
        int64_t n;
        if (!ocrvl_json_int(ocrvl_json_at(shape, i), &n) || n < 0)
            return bad(l, e->t.name, "its shape has a size that is not a whole number");
        if (n && e->t.bytes > (uint64_t)INT64_MAX / (uint64_t)n)
            return bad(l, e->t.name, "its shape overflows");
        e->t.shape[i] = (uint64_t)n;
        e->t.bytes *= (uint64_t)n;
    }
    return OCRVL_OK;
}

static ocrvl_status read_entry(const loading *l, entry *e, const ocrvl_json *v)
{
    const struct dtype *d = dtype_of(ocrvl_json_get(v, "dtype"));
    if (!d)
        return bad(l, e->t.name, "its dtype is unknown");
    e->t.dtype = d->name;
    ocrvl_status st = read_shape(l, e, ocrvl_json_get(v, "shape"), d->bytes);
    if (st)
        return st;
    const ocrvl_json *offsets = ocrvl_json_get(v, "data_offsets");
    int64_t begin, end;
    if (ocrvl_json_length(offsets) != 2 || !ocrvl_json_int(ocrvl_json_at(offsets, 0), &begin) ||
        !ocrvl_json_int(ocrvl_json_at(offsets, 1), &end) || begin < 0 || end < begin)
        return bad(l, e->t.name, "its data_offsets are not two rising numbers");
    if ((uint64_t)end > l->size)
        return bad(l, e->t.name, "its data_offsets are past the end of the file, which is cut short");
    if ((uint64_t)(end - begin) != e->t.bytes)
        return bad(l, e->t.name, "its data_offsets don't fit its dtype and shape");
    e->begin = (uint64_t)begin;
    e->t.data = l->base + begin;
    if ((uintptr_t)e->t.data % d->bytes == 0)
        return OCRVL_OK;
    e->copy = ocrvl_alloc_array(e->t.bytes, 1);
    if (!e->copy)
        return ocrvl_fail_nomem(l->err);
    memcpy(e->copy, e->t.data, e->t.bytes);
    e->t.data = e->copy;
    return OCRVL_OK;
}

static bool add_entry(void *user, const char *key, size_t key_len, const ocrvl_json *value)
{
    loading *l = user;
    ocrvl_tensors *t = l->t;
    if (strcmp(key, "__metadata__") == 0) {
        const char *packing = ocrvl_json_string(ocrvl_json_get(value, OCRVL_PACKING_KEY), NULL);
        t->packing = packing ? strtol(packing, NULL, 10) : t->packing;
        return true;
    }
    if (strlen(key) != key_len)
        l->st = ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: the name of a tensor contains NUL", l->f->name);
    else if (t->count >= MAX_TENSORS)
        l->st = ocrvl_fail(l->err, OCRVL_E_LIMIT, "%s: the file has more than %d tensors", l->f->name, MAX_TENSORS);
    else if (!OCRVL_ARRAY_RESERVE(t->entries, t->cap, t->count + 1))
        l->st = ocrvl_fail_nomem(l->err);
    if (l->st)
        return false;
    entry *e = &t->entries[t->count++];
    memset(e, 0, sizeof *e);
    e->t.name = key;
    l->st = read_entry(l, e, value);
    return l->st == OCRVL_OK;
}

static int by_begin(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->t.bytes < y->t.bytes ? -1 : x->t.bytes > y->t.bytes;
}

static int by_name(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return strcmp(x->t.name, y->t.name);
}

static ocrvl_status check_cover(loading *l, size_t first)
{
    uint64_t at = 0;
    entry *e = l->t->entries + first;
    size_t n = l->t->count - first;
    if (n)
        qsort(e, n, sizeof *e, by_begin);
    for (size_t i = 0; i < n; i++) {
        if (e[i].begin != at)
            return bad(l, e[i].t.name, e[i].begin < at ? "it overlaps another tensor" : "the file has a gap before it");
        at += e[i].t.bytes;
    }
    if (at != l->size)
        return ocrvl_fail(l->err, OCRVL_E_FORMAT, "%s: there are %llu bytes after the last tensor", l->f->name,
                          (unsigned long long)(l->size - at));
    return OCRVL_OK;
}

static ocrvl_status load_file(ocrvl_tensors *t, const char *dir, const char *name, ocrvl_error *err)
{
    file *f = &t->files[t->file_count++];
    f->name = ocrvl_path_join(dir, name);
    if (!f->name)
        return ocrvl_fail_nomem(err);
    if (!ocrvl_file_exists(f->name))
        return ocrvl_fail(err, OCRVL_E_MODEL, "%s: missing", f->name);
    ocrvl_status st = ocrvl_file_map(&f->data, &f->len, f->name, err);
    if (!st)
        st = ocrvl_file_check_lfs(f->data, f->len, f->name, err);
    if (st)
        return st;
    uint64_t n = 0;
    for (size_t i = 8; i-- > 0 && f->len >= 8;)
        n = n << 8 | f->data[i];
    if (f->len < 8 || n > f->len - 8)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: the file is cut short: its header is longer than the file",
                          f->name);
    if (n == 0)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: its header is empty, as that of a file whose download broke off",
                          f->name);
    if (n > MAX_HEADER)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: its header is said to have %llu bytes, which is too many", f->name,
                          (unsigned long long)n);
    st = ocrvl_json_parse(&f->header, (const char *)f->data + 8, (size_t)n, f->name, err);
    if (st)
        return st;
    if (!ocrvl_json_is_object(f->header))
        return ocrvl_fail(err, OCRVL_E_FORMAT, "%s: its header is not a JSON object", f->name);
    loading l = {t, f, f->data + 8 + n, f->len - 8 - n, err, OCRVL_OK};
    size_t first = t->count;
    ocrvl_json_each(f->header, add_entry, &l);
    return l.st ? l.st : check_cover(&l, first);
}

typedef struct names {
    const char *list[MAX_FILES]; /* borrowed from the index */
    size_t count;
    bool bad;
} names;

static bool add_name(void *user, const char *key, size_t key_len, const ocrvl_json *value)
{
    names *n = user;
    const char *s = ocrvl_json_string(value, NULL);
    (void)key, (void)key_len;
    if (!s || !*s || strchr(s, '/') || *s == '.') {
        n->bad = true;
        return false;
    }
    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->list[i], s) == 0)
            return true;
    n->bad = n->count == MAX_FILES;
    if (!n->bad)
        n->list[n->count++] = s;
    return !n->bad;
}

typedef struct placing {
    const ocrvl_tensors *t;
    const char *missing;
} placing;

static bool has_tensor(void *user, const char *key, size_t key_len, const ocrvl_json *value)
{
    placing *p = user;
    (void)key_len, (void)value;
    if (ocrvl_tensors_find(p->t, key))
        return true;
    p->missing = key;
    return false;
}

static int by_string(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static ocrvl_status finish(ocrvl_tensors *t, ocrvl_error *err)
{
    if (t->count)
        qsort(t->entries, t->count, sizeof *t->entries, by_name);
    for (size_t i = 1; i < t->count; i++)
        if (strcmp(t->entries[i - 1].t.name, t->entries[i].t.name) == 0)
            return ocrvl_fail(err, OCRVL_E_FORMAT, "tensor %s is in two shards", t->entries[i].t.name);
    return OCRVL_OK;
}

static ocrvl_status load_files(ocrvl_tensors *t, const char *dir, const names *n, ocrvl_error *err)
{
    t->files = ocrvl_alloc_array(n->count, sizeof *t->files);
    if (!t->files)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n->count; i++) {
        ocrvl_status st = load_file(t, dir, n->list[i], err);
        if (st)
            return st;
    }
    return finish(t, err);
}

static ocrvl_status load_index(ocrvl_tensors *t, const char *dir, const char *path, ocrvl_error *err)
{
    ocrvl_json *index;
    ocrvl_status st = ocrvl_json_load(&index, path, MAX_INDEX, err);
    if (st)
        return st;
    const ocrvl_json *map = ocrvl_json_get(index, "weight_map");
    names *n = ocrvl_alloc(sizeof *n);
    if (!n)
        st = ocrvl_fail_nomem(err);
    else {
        ocrvl_json_each(map, add_name, n);
        if (n->bad || n->count == 0)
            st = ocrvl_fail(err, OCRVL_E_FORMAT, "%s: weight_map doesn't name weight files of the folder", path);
    }
    if (!st) {
        qsort(n->list, n->count, sizeof *n->list, by_string);
        st = load_files(t, dir, n, err);
    }
    placing p = {t, NULL};
    if (!st && !ocrvl_json_each(map, has_tensor, &p))
        st = ocrvl_fail(err, OCRVL_E_MODEL, "%s: tensor %s is in none of the shards", path, p.missing);
    ocrvl_free(n);
    ocrvl_json_free(index);
    return st;
}

ocrvl_status ocrvl_tensors_open(ocrvl_tensors **out, const char *dir, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_tensors *t = ocrvl_alloc(sizeof *t);
    char *index = ocrvl_path_join(dir, "model.safetensors.index.json");
    char *single = ocrvl_path_join(dir, "model.safetensors");
    ocrvl_status st;
    if (!t || !index || !single)
        st = ocrvl_fail_nomem(err);
    else if (ocrvl_file_exists(single)) {
        names n = {.list = {"model.safetensors"}, .count = 1};
        st = load_files(t, dir, &n, err);
    } else if (ocrvl_file_exists(index))
        st = load_index(t, dir, index, err);
    else
        st = ocrvl_foreign_weights(dir, err);
    ocrvl_free(index);
    ocrvl_free(single);
    if (st)
        ocrvl_tensors_free(t);
    else
        *out = t;
    return st;
}

ocrvl_status ocrvl_tensors_of(ocrvl_tensors **out, const ocrvl_tensor *list, size_t count, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_tensors *t = ocrvl_alloc(sizeof *t);
    if (!t)
        return ocrvl_fail_nomem(err);
    t->entries = ocrvl_alloc_array(count, sizeof *t->entries);
    ocrvl_status st = t->entries ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; i < count && !st; i++)
        t->entries[t->count++].t = list[i];
    if (!st)
        st = finish(t, err);
    if (st)
        ocrvl_tensors_free(t);
    else
        *out = t;
    return st;
}

void ocrvl_tensors_free(ocrvl_tensors *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->count; i++)
        ocrvl_free(t->entries[i].copy);
    for (size_t i = 0; i < t->file_count; i++) {
        ocrvl_json_free(t->files[i].header);
        ocrvl_file_unmap(t->files[i].data, t->files[i].len);
        ocrvl_free(t->files[i].name);
    }
    ocrvl_free(t->files);
    ocrvl_free(t->entries);
    ocrvl_free(t);
}

size_t ocrvl_tensors_count(const ocrvl_tensors *t) { return t->count; }

const ocrvl_tensor *ocrvl_tensors_at(const ocrvl_tensors *t, size_t i)
{
    return i < t->count ? &t->entries[i].t : NULL;
}

const ocrvl_tensor *ocrvl_tensors_find(const ocrvl_tensors *t, const char *name)
{
    size_t lo = 0, hi = t->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(t->entries[mid].t.name, name);
        if (c == 0)
            return &t->entries[mid].t;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

long ocrvl_tensors_packing(const ocrvl_tensors *t) { return t->packing; }

bool ocrvl_tensors_file(const ocrvl_tensors *t, size_t i, const uint8_t **data, size_t *len)
{
    if (i >= t->file_count)
        return false;
    *data = t->files[i].data;
    *len = t->files[i].len;
    return true;
}
