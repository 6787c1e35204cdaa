#include "base/borders.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"

enum { LEAST_STEP = 12 };                      /* between neighbouring pixels, of 255: thin grey lines have it */
enum { LEVEL_LENGTH = 8, UPRIGHT_LENGTH = 6 }; /* pixels; a table's lowest rows are so high */
enum { MOST_GAP = 3 };                         /* where another rule crosses */
enum { MOST_GLYPHS = 60 };                     /* pixels of glyphs over it */
enum { THICK = 4 };                            /* pixels from one border of a line to the other */
enum { MOST_EDGES = 8000 };                    /* each way */

typedef struct edge { /* pixels from..to along, between pixels at - 1 and at across */
    int32_t at, from, to;
    int sign;
} edge;

typedef struct edges {
    edge *at;
    size_t count, cap;
} edges;

/* An image looked at along its rows or along its columns. */
typedef struct view {
    const ocrvl_drawn *ink;
    int32_t along, across; /* sides */
    ptrdiff_t next, side;  /* steps */
} view;

void ocrvl_borders_free(ocrvl_borders *r)
{
    ocrvl_free(r->at);
    *r = (ocrvl_borders){0};
}

/* The step between two pixels: 1 or -1; 0: there is none; 2: glyphs hide it. A border between two pixels takes a pixel
 * of its own, so that half of the step is before it and half behind. */
static int step_at(const view *v, int32_t across, int32_t along)
{
    ptrdiff_t at = across * v->side + along * v->next;
    const uint8_t *p = v->ink->page + at, *g = v->ink->glyphs + at;
    if (g[0] || g[-v->side] || (along > 0 && (g[-v->next] || g[-v->next - v->side])) ||
        (along + 1 < v->along &&
         (g[v->next] || g[v->next - v->side]))) /* bold letters are drawn wider than they are said to be */
        return 2;
    int d = (int)p[0] - (int)p[-v->side], half = LEAST_STEP / 3;
    if (across + 1 < v->across && (d >= half || d <= -half) && !g[v->side]) {
        int both = (int)p[v->side] - (int)p[-v->side];
        d = (both > 0) == (d > 0) && abs(both) > abs(d) ? both : d;
    }
    return d >= LEAST_STEP ? 1 : d <= -LEAST_STEP ? -1 : 0;
}

static ocrvl_status add_edge(edges *e, edge one, int32_t seen, int32_t least, ocrvl_error *err)
{
    if (seen < least || seen * 2 < one.to - one.from || e->count == MOST_EDGES)
        return OCRVL_OK;
    if (!OCRVL_ARRAY_RESERVE(e->at, e->cap, e->count + 1))
        return ocrvl_fail_nomem(err);
    e->at[e->count++] = one;
    return OCRVL_OK;
}

/* The edges between lines across - 1 and across of pixels. */
static ocrvl_status follow(edges *e, const view *v, int32_t across, int32_t least, ocrvl_error *err)
{
    edge one = {.at = across};
    int32_t seen = 0, gap = 0, hidden = 0;
    ocrvl_status st = OCRVL_OK;
    for (int32_t i = 0; i < v->along && !st; i++) {
        int s = step_at(v, across, i);
        if (seen && (s == one.sign || (s == 2 && ++hidden <= MOST_GLYPHS))) {
            if (s == one.sign) {
                one.to = i + 1;
                seen++;
                gap = hidden = 0;
            }
            continue;
        }
        if (seen && ++gap <= MOST_GAP)
            continue;
        if (seen)
            st = add_edge(e, one, seen, least, err);
        seen = gap = hidden = 0;
        if (s == 1 || s == -1) {
            one = (edge){across, i, i + 1, s};
            seen = 1;
        }
    }
    return st || !seen ? st : add_edge(e, one, seen, least, err);
}

/* Whether two edges are the borders of one line, or pieces of one border. */
static bool belong(const edge *a, const edge *b)
{
    int32_t shared = (a->to < b->to ? a->to : b->to) - (a->from > b->from ? a->from : b->from);
    int32_t less = a->to - a->from < b->to - b->from ? a->to - a->from : b->to - b->from;
    return b->at - a->at < THICK && shared * 2 > less;
}

/* Adds a rule for each group of edges; they are sorted by `at`. */
static ocrvl_status add_rules(ocrvl_borders *out, edges *e, bool vertical, double sx, double sy, ocrvl_error *err)
{
    for (size_t i = 0; i < e->count; i++) {
        edge all = e->at[i];
        int32_t last = all.at;
        if (!all.sign)
            continue;
        for (size_t k = i + 1; k < e->count && e->at[k].at - all.at < THICK; k++) {
            if (!e->at[k].sign || !belong(&all, &e->at[k]))
                continue;
            last = e->at[k].at;
            all.from = e->at[k].from < all.from ? e->at[k].from : all.from;
            all.to = e->at[k].to > all.to ? e->at[k].to : all.to;
            e->at[k].sign = 0;
        }
        ocrvl_own_rule r = {.vertical = vertical};
        last += last == all.at;
        r.box = vertical ? (ocrvl_box){(int32_t)(all.at * sx), (int32_t)(all.from * sy), (int32_t)ceil(last * sx),
                                       (int32_t)ceil(all.to * sy)}
                         : (ocrvl_box){(int32_t)(all.from * sx), (int32_t)(all.at * sy), (int32_t)ceil(all.to * sx),
                                       (int32_t)ceil(last * sy)};
        if (!OCRVL_ARRAY_RESERVE(out->at, out->cap, out->count + 1))
            return ocrvl_fail_nomem(err);
        out->at[out->count++] = r;
    }
    return OCRVL_OK;
}

ocrvl_status ocrvl_borders_find(ocrvl_borders *out, uint32_t page_width, uint32_t page_height, const ocrvl_drawn *ink,
                                ocrvl_error *err)
{
    int32_t w = (int32_t)ink->width, h = (int32_t)ink->height;
    double sx = (double)page_width / w, sy = (double)page_height / h;
    ocrvl_status st = OCRVL_OK;
    for (int vertical = 0; vertical < 2 && !st; vertical++) {
        view v = {ink, vertical ? h : w, vertical ? w : h, vertical ? w : 1, vertical ? 1 : w};
        edges e = {0};
        for (int32_t i = 1; i < v.across && !st; i++)
            st = follow(&e, &v, i, vertical ? UPRIGHT_LENGTH : LEVEL_LENGTH, err);
        if (!st)
            st = add_rules(out, &e, vertical, sx, sy, err);
        ocrvl_free(e.at);
    }
    return st;
}
