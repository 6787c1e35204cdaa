#include "batch/duplicate.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/kept.h"
#include "ocrvl_formats.h"

typedef struct batch_sized {
    uint64_t size;
    uint32_t index;
    char digest[17]; /* of its bytes, the first half of its SHA-256's digits; "" if it isn't known */
} batch_sized;

enum { HALF = sizeof((batch_sized *)0)->digest - 1 };

static int compare(const void *a, const void *b)
{
    const batch_sized *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Lists all documents anew if some were found since. */
static bool list_sizes(batch_sizes *s, const batch_state *state)
{
    if (s->count == state->count)
        return true;
    batch_sizes_free(s);
    s->items = ocrvl_alloc_array(state->count, sizeof *s->items);
    if (!s->items)
        return false;
    for (size_t i = 0; i < state->count; i++)
        s->items[i] = (batch_sized){.size = state->docs[i].size, .index = (uint32_t)i};
    s->count = state->count;
    qsort(s->items, s->count, sizeof *s->items, compare);
    return true;
}

static void take_digest(batch_sized *of, const char *sha256)
{
    if (sha256 && strlen(sha256) >= HALF)
        memcpy(of->digest, sha256, HALF);
}

static void hash_file(batch_sized *of, const char *path)
{
    char hex[OCRVL_SHA256_HEX];
    uint64_t bytes;
    if (!ocrvl_sha256_file(hex, &bytes, path, NULL))
        take_digest(of, hex);
}

/* The digest of what was read, which its first result tells. */
static void ask_result(batch_sized *of, const batch_state *state, const batch_doc *d)
{
    ocrvl_buf text = {0};
    ocrvl_results *in = NULL;
    ocrvl_page *tree = NULL;
    ocrvl_page_place place = {.size = sizeof place};
    uint32_t p = 0;
    while (p < d->known && d->pages[p].status == BATCH_LEFT)
        p++;
    if (p < d->known && batch_result_read(state, &d->pages[p], &text) == CLI_EXIT_OK &&
        !ocrvl_results_open_memory(&in, text.data, text.len, d->name, NULL) &&
        !ocrvl_results_next(in, &tree, &place, NULL))
        take_digest(of, place.sha256);
    ocrvl_page_free(tree);
    ocrvl_results_free(in);
    ocrvl_buf_free(&text);
}

static bool is_in(const uint32_t *unit, size_t count, uint32_t index)
{
    for (size_t i = 0; i < count && unit[i] != index; i++)
        if (i + 1 == count)
            return false;
    return count > 0;
}

/* Whether all pages are read, and well. */
static bool is_good(const batch_doc *d)
{
    for (uint32_t i = 0; i < d->known; i++)
        if (d->pages[i].status == BATCH_FAILED || d->pages[i].status == BATCH_PARTIAL)
            return false;
    return batch_doc_read(d);
}

static bool same_bytes(const char *a, const char *b)
{
    const uint8_t *x, *y;
    size_t m, n;
    if (ocrvl_file_map(&x, &m, a, NULL))
        return false;
    bool there = ocrvl_file_map(&y, &n, b, NULL) == OCRVL_OK, same = there && m == n && memcmp(x, y, n) == 0;
    if (there)
        ocrvl_file_unmap(y, n);
    ocrvl_file_unmap(x, m);
    return same;
}

/* How another document of the size stands to one of that digest. before: documents in hand that are read before it. */
static batch_alike compare_docs(batch_sized *other, const batch_sized *own, const batch_state *state, const char *path,
                                const uint32_t *before, size_t before_count)
{
    const batch_doc *d = &state->docs[other->index];
    bool good = is_good(d), awaited = !good && is_in(before, before_count, other->index) &&
                                      batch_doc_state(d) == BATCH_DOC_PENDING && !batch_doc_read(d);
    if (other->index == own->index || d->url || d->size != own->size || (!good && !awaited))
        return BATCH_UNIQUE;
    if (good && !*other->digest)
        ask_result(other, state, d);
    if (strcmp(other->digest, own->digest) != 0)
        return BATCH_UNIQUE;
    char *its = batch_doc_path(state, d);
    bool same = its && same_bytes(its, path);
    ocrvl_free(its);
    return !same ? BATCH_UNIQUE : good ? BATCH_ALIKE : BATCH_AWAITED;
}

batch_alike batch_find_twin(batch_sizes *s, const batch_state *state, uint32_t index, const char *path,
                            const uint32_t *unit, size_t unit_count, uint32_t *twin)
{
    const batch_sized key = {.size = state->docs[index].size, .index = index};
    batch_alike found = BATCH_UNIQUE;
    batch_sized *own = list_sizes(s, state) ? bsearch(&key, s->items, s->count, sizeof key, compare) : NULL;
    if (!own)
        return BATCH_UNIQUE;
    size_t from = (size_t)(own - s->items), to = from + 1, before = 0;
    while (from > 0 && s->items[from - 1].size == own->size)
        from--;
    while (to < s->count && s->items[to].size == own->size)
        to++;
    if (to - from == 1)
        return BATCH_UNIQUE;
    hash_file(own, path);
    while (before < unit_count && unit[before] != index)
        before++;
    for (size_t i = from; i < to && *own->digest && found != BATCH_ALIKE; i++) {
        batch_alike is = compare_docs(&s->items[i], own, state, path, unit, before);
        *twin = is == BATCH_ALIKE ? s->items[i].index : *twin;
        found = is > found ? is : found;
    }
    return found;
}

void batch_sizes_free(batch_sizes *s)
{
    ocrvl_free(s->items);
    *s = (batch_sizes){0};
}
