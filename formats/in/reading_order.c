/* Reading orders: a tree of groups and references, which is flattened when it is first asked for. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "in/result.h"

#define ITEMS 1000000u
#define DEPTH 64u

typedef struct item {
    uint32_t parent; /* index + 1 of its group; 0 at the top level */
    uint32_t seq;    /* its own index */
    double place;    /* position within its group */
    size_t name;     /* offset in names; SIZE_MAX if it has none */
    const char *id;  /* that name, set when all names are known */
    size_t rank;
} item;

struct ocrvl_order {
    item *items;
    size_t count, cap;
    ocrvl_buf names;
    uint32_t open[DEPTH]; /* as item.parent */
    size_t depth;         /* depth of open groups; deeper ones count as the DEPTHth */
    item **by_id;         /* [named] the items with a name, sorted by it and rank; NULL until it is asked for */
    size_t named;
    bool failed;
};

ocrvl_status ocrvl_order_new(ocrvl_order **out, ocrvl_error *err)
{
    *out = ocrvl_alloc(sizeof **out);
    return *out ? OCRVL_OK : ocrvl_fail_nomem(err);
}

void ocrvl_order_free(ocrvl_order *o)
{
    if (!o)
        return;
    ocrvl_free(o->items);
    ocrvl_free(o->by_id);
    ocrvl_buf_free(&o->names);
    ocrvl_free(o);
}

void ocrvl_order_clear(ocrvl_order *o)
{
    ocrvl_free(o->by_id);
    o->by_id = NULL;
    ocrvl_buf_clear(&o->names);
    o->count = o->depth = o->named = 0;
    o->failed = false;
}

bool ocrvl_order_empty(const ocrvl_order *o) { return o->count == 0; }

bool ocrvl_order_failed(const ocrvl_order *o) { return o->failed || o->names.failed; }

void ocrvl_order_add(ocrvl_order *o, double index, const char *id)
{
    if (o->count == ITEMS || o->by_id || o->failed)
        return;
    if (!OCRVL_ARRAY_RESERVE(o->items, o->cap, o->count + 1)) {
        o->failed = true;
        return;
    }
    size_t level = o->depth < DEPTH ? o->depth : DEPTH;
    item *i = &o->items[o->count];
    *i = (item){.parent = level ? o->open[level - 1] : 0, .seq = (uint32_t)o->count, .name = SIZE_MAX};
    i->place = index >= 0 ? index : (double)o->count;
    o->count++;
    if (id) {
        i->name = o->names.len;
        ocrvl_buf_put(&o->names, id, strlen(id) + 1);
    }
}

void ocrvl_order_open(ocrvl_order *o, double index, const char *id)
{
    size_t before = o->count;
    ocrvl_order_add(o, index, id);
    if (o->depth < DEPTH)
        o->open[o->depth] = o->count > before ? (uint32_t)o->count : 0;
    o->depth++;
}

void ocrvl_order_close(ocrvl_order *o)
{
    if (o->depth)
        o->depth--;
}

/* ---- flattening -------------------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b)
{
    const item *x = *(item *const *)a, *y = *(item *const *)b;
    if (x->parent != y->parent)
        return x->parent < y->parent ? -1 : 1;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->seq < y->seq ? -1 : 1;
}

static int compare_ids(const void *a, const void *b)
{
    const item *x = *(item *const *)a, *y = *(item *const *)b;
    int c = strcmp(x->id, y->id);
    return c ? c : (x->rank > y->rank) - (x->rank < y->rank);
}

/* Ranks the items by walking the groups. sorted [count]: the members of each group together, in their order; first
 * [count + 1]: where the members of item i - 1 begin, and at 0 those of the top level; UINT32_MAX if it has none. */
static void give_ranks(item *const *sorted, const uint32_t *first, size_t count)
{
    uint32_t at[DEPTH + 1];
    size_t depth = 1, rank = 0;
    at[0] = first[0];
    while (depth > 0) {
        uint32_t pos = at[depth - 1]++;
        bool last = pos + 1 >= count || sorted[pos + 1]->parent != sorted[pos]->parent;
        item *i = sorted[pos];
        i->rank = rank++;
        depth -= last;
        if (first[i->seq + 1] != UINT32_MAX)
            at[depth++] = first[i->seq + 1];
    }
}

static void flatten(ocrvl_order *o)
{
    item **sorted = ocrvl_alloc_array(o->count, sizeof *sorted);
    uint32_t *first = ocrvl_alloc_array(o->count + 1, sizeof *first);
    if (!sorted || !first) {
        o->failed = true;
        ocrvl_free(sorted);
        ocrvl_free(first);
        return;
    }
    memset(first, 0xFF, (o->count + 1) * sizeof *first);
    for (size_t i = 0; i < o->count; i++)
        sorted[i] = &o->items[i];
    qsort(sorted, o->count, sizeof *sorted, compare_places);
    for (size_t i = o->count; i-- > 0;)
        first[sorted[i]->parent] = (uint32_t)i;
    give_ranks(sorted, first, o->count);
    for (size_t i = 0; i < o->count; i++) {
        item *one = &o->items[i];
        one->id = one->name == SIZE_MAX ? NULL : o->names.data + one->name;
        if (one->id)
            sorted[o->named++] = one;
    }
    qsort(sorted, o->named, sizeof *sorted, compare_ids);
    o->by_id = sorted;
    ocrvl_free(first);
}

size_t ocrvl_order_rank(ocrvl_order *o, const char *id)
{
    if (!id || o->count == 0 || ocrvl_order_failed(o))
        return SIZE_MAX;
    if (!o->by_id)
        flatten(o);
    size_t low = 0, high = o->by_id ? o->named : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(o->by_id[middle]->id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = o->by_id && low < o->named && strcmp(o->by_id[low]->id, id) == 0;
    return found ? o->by_id[low]->rank : SIZE_MAX;
}
