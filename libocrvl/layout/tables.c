#include "layout/tables.h"

#include <math.h>
#include <stdlib.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/table_parts.h"

enum { MOST_WORDS = 30000 };
enum { SMALL = 40 }; /* cells with text */

void ocrvl_tables_free(ocrvl_tables *t)
{
    ocrvl_free(t->at);
    ocrvl_free(t->cells);
    ocrvl_free(t->words);
    *t = (ocrvl_tables){0};
}

static ocrvl_status measure(ocrvl_tabler *t, ocrvl_error *err)
{
    float *v = ocrvl_alloc_array(t->count, sizeof *v);
    if (!v)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < t->count; i++)
        v[i] = t->words[i].x_height;
    qsort(v, t->count, sizeof *v, ocrvl_compare_floats);
    t->unit = v[t->count / 2];
    size_t n = 0;
    for (size_t i = 1; i < t->count; i++) { /* of words that follow each other on a line */
        const ocrvl_table_word *a = &t->words[i - 1], *b = &t->words[i];
        float gap = (float)(b->box.x0 - a->box.x1);
        if (gap > 0 && gap < 2 * (float)t->unit && fabsf(a->base - b->base) < 0.3f * (float)t->unit)
            v[n++] = gap;
    }
    qsort(v, n, sizeof *v, ocrvl_compare_floats);
    t->space = n >= 10 ? v[n / 2] : 0;
    ocrvl_free(v);
    return OCRVL_OK;
}

/* Finds the table that a group of bars [n] draws; small ones are only noted down unless `all`. which: scratch. */
static ocrvl_status try_group(ocrvl_tabler *t, const ocrvl_bar *bars, size_t n, bool all, uint32_t *which,
                              ocrvl_error *err)
{
    ocrvl_area a = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    size_t level = 0, upright = 0, words = 0;
    for (size_t i = 0; i < n; i++) {
        const ocrvl_bar *b = &bars[i];
        level += !b->vertical;
        upright += b->vertical;
        a.x0 = fmin(a.x0, b->vertical ? b->at : b->from);
        a.x1 = fmax(a.x1, b->vertical ? b->at : b->to);
        a.y0 = fmin(a.y0, b->vertical ? b->from : b->at);
        a.y1 = fmax(a.y1, b->vertical ? b->to : b->at);
    }
    if (!upright || level + upright < 3)
        return OCRVL_OK;
    for (uint32_t i = 0; i < t->count; i++) {
        const ocrvl_box *b = &t->words[i].box;
        double x = (b->x0 + b->x1) / 2.0, y = (b->y0 + b->y1) / 2.0;
        if (!t->taken[i] && x > a.x0 && x < a.x1 && y > a.y0 && y < a.y1)
            which[words++] = i;
    }
    ocrvl_grid g = {0};
    size_t filled;
    ocrvl_status st = words ? ocrvl_grid_make(&g, t, a, bars, n, which, words, err) : OCRVL_OK;
    if (st || !words)
        return st;
    st = ocrvl_grid_put(&g, t, which, words, all, &filled, err);
    if (!st && !all && filled && (filled > SMALL || t->small_count == OCRVL_SMALL_TABLES))
        st = ocrvl_grid_put(&g, t, which, words, true, &filled, err);
    else if (!st && !all && filled)
        t->small[t->small_count++] = (ocrvl_small_table){a, filled};
    ocrvl_grid_free(&g);
    return st;
}

static ocrvl_status find_ruled(ocrvl_tabler *t, uint32_t groups, bool all, ocrvl_error *err)
{
    ocrvl_bar *bars = ocrvl_alloc_array(t->bars.count + 1, sizeof *bars);
    uint32_t *which = ocrvl_alloc_array(t->count, sizeof *which);
    ocrvl_status st = bars && which ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (uint32_t g = 0; g < groups && !st; g++) {
        size_t n = 0;
        for (size_t i = 0; i < t->bars.count; i++)
            if (t->bars.at[i].group == g)
                bars[n++] = t->bars.at[i];
        if (n >= 3)
            st = try_group(t, bars, n, all, which, err);
    }
    ocrvl_free(bars);
    ocrvl_free(which);
    return st;
}

static int by_top(const void *a, const void *b)
{
    const ocrvl_table *p = a, *q = b;
    if (p->box.y0 != q->box.y0)
        return p->box.y0 < q->box.y0 ? -1 : 1;
    return (p->box.x0 > q->box.x0) - (p->box.x0 < q->box.x0);
}

ocrvl_status ocrvl_tables_find(ocrvl_tables *out, const ocrvl_table_word *words, size_t count,
                               const ocrvl_layout_rule *rules, size_t rule_count, ocrvl_error *err)
{
    ocrvl_tabler t = {.words = words, .count = count, .out = out};
    uint32_t groups = 0;
    *out = (ocrvl_tables){0};
    if (count < 4 || count > MOST_WORDS)
        return OCRVL_OK;
    t.taken = ocrvl_alloc_array(count, sizeof *t.taken);
    ocrvl_status st = t.taken ? measure(&t, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = ocrvl_bars_make(&t, rules, rule_count, &groups, err);
    if (!st)
        st = find_ruled(&t, groups, false, err);
    if (!st)
        st = ocrvl_find_open_tables(&t, err);
    if (!st) /* a row in a frame may have been a part of what was found meanwhile */
        st = find_ruled(&t, groups, true, err);
    ocrvl_free(t.taken);
    ocrvl_free(t.bars.at);
    if (st)
        ocrvl_tables_free(out);
    else if (out->count)
        qsort(out->at, out->count, sizeof *out->at, by_top);
    return st;
}
