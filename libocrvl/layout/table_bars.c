#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "base/forest.h"
#include "base/mem.h"
#include "layout/table_parts.h"

enum { MOST_BARS = 6000 };
#define LEAST 1.9    /* units: the shortest; a row is so high */
#define NEAR 0.7     /* units: bars that lie so near are one, and so near to each other's end they touch */
#define SAME_END 2.0 /* units: rules that end so near to each other are of one table */

static int by_place(const void *a, const void *b)
{
    const ocrvl_bar *p = a, *q = b;
    if (p->vertical != q->vertical)
        return p->vertical - q->vertical;
    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    return (p->from > q->from) - (p->from < q->from);
}

static ocrvl_bar bar_of(const ocrvl_layout_rule *r)
{
    const ocrvl_box *b = &r->box;
    return r->vertical ? (ocrvl_bar){(b->x0 + b->x1) / 2.0, b->y0, b->y1, true, 0}
                       : (ocrvl_bar){(b->y0 + b->y1) / 2.0, b->x0, b->x1, false, 0};
}

/* Joins each bar with those of its direction that lie on its line and reach it. */
static void join(ocrvl_bars *b, double near)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++) {
        ocrvl_bar one = b->at[i];
        bool joined = false;
        for (size_t k = kept; k-- > 0 && !joined && b->at[k].vertical == one.vertical;) {
            ocrvl_bar *o = &b->at[k];
            if (one.at - o->at > near)
                break;
            if (one.from > o->to + near || one.to < o->from - near)
                continue;
            o->from = fmin(o->from, one.from);
            o->to = fmax(o->to, one.to);
            joined = true;
        }
        if (!joined)
            b->at[kept++] = one;
    }
    b->count = kept;
}

/* Whether a level bar runs along under words alone, from the first to the last of them. */
static bool is_underline(const ocrvl_tabler *t, const ocrvl_bar *b)
{
    double x0 = INFINITY, x1 = -INFINITY, covered = 0;
    for (size_t i = 0; i < t->count && !b->vertical; i++) {
        const ocrvl_table_word *w = &t->words[i];
        double off = b->at - w->base;
        if (off < -0.3 * w->x_height || off > 0.6 * w->x_height || w->box.x1 < b->from || w->box.x0 > b->to)
            continue;
        x0 = fmin(x0, w->box.x0);
        x1 = fmax(x1, w->box.x1);
        covered += fmin(w->box.x1, b->to) - fmax(w->box.x0, b->from);
    }
    return x0 > b->from - 0.6 * t->unit && x0 < b->from + 0.6 * t->unit && x1 > b->to - 0.6 * t->unit &&
           covered > 0.7 * (b->to - b->from);
}

static bool touch(const ocrvl_bar *a, const ocrvl_bar *b, double near)
{
    if (a->vertical == b->vertical)
        return false;
    return a->at > b->from - near && a->at < b->to + near && b->at > a->from - near && b->at < a->to + near;
}

static ocrvl_status group(ocrvl_bars *b, double near, uint32_t *groups, ocrvl_error *err)
{
    uint32_t *up = ocrvl_alloc_array(b->count + 1, sizeof *up), *name = ocrvl_alloc_array(b->count + 1, sizeof *name);
    if (!up || !name) {
        ocrvl_free(up);
        ocrvl_free(name);
        return ocrvl_fail_nomem(err);
    }
    for (uint32_t i = 0; i < b->count; i++)
        up[i] = i;
    for (uint32_t i = 0; i < b->count; i++)
        for (uint32_t k = i + 1; k < b->count; k++)
            if (touch(&b->at[i], &b->at[k], near))
                ocrvl_forest_join(up, i, k);
    *groups = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t r = ocrvl_forest_root(up, i);
        name[i] = r == i ? (*groups)++ : name[r];
        b->at[i].group = name[i];
    }
    ocrvl_free(up);
    ocrvl_free(name);
    return OCRVL_OK;
}

ocrvl_status ocrvl_bars_make(ocrvl_tabler *t, const ocrvl_layout_rule *rules, size_t n, uint32_t *groups,
                             ocrvl_error *err)
{
    ocrvl_bars *b = &t->bars;
    size_t kept = 0;
    *groups = 0;
    if (n > MOST_BARS)
        return OCRVL_OK;
    if (!OCRVL_ARRAY_RESERVE(b->at, b->cap, n + 1))
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        b->at[i] = bar_of(&rules[i]);
    b->count = n;
    qsort(b->at, b->count, sizeof *b->at, by_place);
    join(b, NEAR * t->unit);
    for (size_t i = 0; i < b->count; i++)
        if (b->at[i].to - b->at[i].from > LEAST * t->unit && !is_underline(t, &b->at[i]))
            b->at[kept++] = b->at[i];
    b->count = kept;
    return group(b, NEAR * t->unit, groups, err);
}

static bool same_ends(const ocrvl_bar *a, const ocrvl_bar *b, double near)
{
    return fabs(a->from - b->from) < near && fabs(a->to - b->to) < near;
}

size_t ocrvl_next_below(const ocrvl_tabler *t, size_t i)
{
    size_t k = i + 1;
    while (k < t->bars.count && !t->bars.at[k].vertical &&
           !same_ends(&t->bars.at[i], &t->bars.at[k], SAME_END * t->unit))
        k++;
    return k < t->bars.count && !t->bars.at[k].vertical ? k : t->bars.count;
}
