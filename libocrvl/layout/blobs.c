#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

typedef struct run {
    int32_t x0, x1;
    uint32_t label;
} run;

typedef struct finder {
    ocrvl_blob *blobs; /* by label; those that were joined to another count there */
    uint32_t *parent;  /* by label; a root is its own parent and the least label of its set */
    size_t count, blob_cap, parent_cap, max;
    run *rows[2];
} finder;

static int32_t leading_zeros(uint32_t v) { return __builtin_clz(v); }

/* The runs of set bits of one row, left to right; at most (w + 1) / 2. */
static size_t runs_of_row(run *out, const l_uint32 *line, int32_t w)
{
    size_t n = 0;
    bool open = false;
    for (int32_t x = 0; x < w; x += 32) {
        uint32_t word = line[x / 32];
        int32_t bits = w - x < 32 ? w - x : 32, at = 0;
        if (bits < 32)
            word &= ~(0xFFFFFFFFu >> bits);
        while (at < bits) {
            uint32_t rest = (open ? ~word : word) << at;
            int32_t step = rest ? leading_zeros(rest) : 32;
            at = at + step < bits ? at + step : bits;
            if (at == bits)
                break;
            if (open)
                out[n++].x1 = x + at;
            else
                out[n].x0 = x + at;
            open = !open;
        }
    }
    if (open)
        out[n++].x1 = w;
    return n;
}

static uint32_t root(finder *f, uint32_t label)
{
    while (f->parent[label] != label)
        label = f->parent[label] = f->parent[f->parent[label]];
    return label;
}

static ocrvl_status new_label(finder *f, uint32_t *label, ocrvl_error *err)
{
    if (f->count >= f->max)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "more than %zu specks of ink on the page", f->max);
    if (!OCRVL_ARRAY_RESERVE(f->blobs, f->blob_cap, f->count + 1) ||
        !OCRVL_ARRAY_RESERVE(f->parent, f->parent_cap, f->count + 1))
        return ocrvl_fail_nomem(err);
    f->blobs[f->count] = (ocrvl_blob){INT32_MAX, INT32_MAX, 0, 0, 0};
    f->parent[f->count] = (uint32_t)f->count;
    *label = (uint32_t)f->count++;
    return OCRVL_OK;
}

static void grow(ocrvl_blob *b, const ocrvl_blob *by)
{
    b->x0 = by->x0 < b->x0 ? by->x0 : b->x0;
    b->y0 = by->y0 < b->y0 ? by->y0 : b->y0;
    b->x1 = by->x1 > b->x1 ? by->x1 : b->x1;
    b->y1 = by->y1 > b->y1 ? by->y1 : b->y1;
    b->area += by->area;
}

static ocrvl_status label_row(finder *f, int32_t y, const run *above, size_t na, run *now, size_t n, ocrvl_error *err)
{
    size_t j = 0;
    for (size_t i = 0; i < n; i++) {
        bool labelled = false;
        while (j < na && above[j].x1 < now[i].x0)
            j++;
        for (size_t k = j; k < na && above[k].x0 <= now[i].x1; k++) {
            uint32_t r = root(f, above[k].label);
            if (!labelled) {
                now[i].label = r;
                labelled = true;
            } else if (r != now[i].label) {
                uint32_t low = r < now[i].label ? r : now[i].label;
                f->parent[r] = f->parent[now[i].label] = low;
                now[i].label = low;
            }
        }
        ocrvl_status st = labelled ? OCRVL_OK : new_label(f, &now[i].label, err);
        if (st != OCRVL_OK)
            return st;
        grow(&f->blobs[now[i].label], &(ocrvl_blob){now[i].x0, y, now[i].x1, y + 1, now[i].x1 - now[i].x0});
    }
    return OCRVL_OK;
}

/* Joins what belongs together and closes the ranks. */
static void collect(finder *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->count; i++) {
        uint32_t r = root(f, (uint32_t)i);
        if (r != i)
            grow(&f->blobs[r], &f->blobs[i]);
    }
    for (size_t i = 0; i < f->count; i++)
        if (f->parent[i] == i)
            f->blobs[n++] = f->blobs[i];
    f->count = n;
}

ocrvl_status ocrvl_blobs_find(ocrvl_blobs *out, PIX *ink, size_t max, ocrvl_error *err)
{
    int32_t w = pixGetWidth(ink), h = pixGetHeight(ink);
    size_t most = (size_t)w / 2 + 1, n[2] = {0, 0};
    finder f = {.max = max};
    ocrvl_status st = OCRVL_OK;
    *out = (ocrvl_blobs){0};
    f.rows[0] = ocrvl_alloc_array(most, sizeof(run));
    f.rows[1] = ocrvl_alloc_array(most, sizeof(run));
    if (!f.rows[0] || !f.rows[1])
        st = ocrvl_fail_nomem(err);
    for (int32_t y = 0; y < h && st == OCRVL_OK; y++) {
        int cur = y & 1;
        n[cur] = runs_of_row(f.rows[cur], pixGetData(ink) + (size_t)y * pixGetWpl(ink), w);
        st = label_row(&f, y, f.rows[!cur], n[!cur], f.rows[cur], n[cur], err);
    }
    ocrvl_free(f.rows[0]);
    ocrvl_free(f.rows[1]);
    if (st == OCRVL_OK) {
        collect(&f);
        *out = (ocrvl_blobs){f.blobs, f.count};
    } else {
        ocrvl_free(f.blobs);
    }
    ocrvl_free(f.parent);
    return st;
}
