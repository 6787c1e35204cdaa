/* Marks that are all of a line or cell: a ditto, an asterisk, a dash. They are smaller than letters, and dust looks
 * like them, so what is taken here has to be read as such a mark, or is left out. */
#include <math.h>
#include <stdlib.h>

#include "layout/segment_parts.h"

enum { MANY = 2000 }; /* rows of a page */

typedef struct parts { /* of a row */
    size_t count;
    ocrvl_box first, second; /* from the left */
} parts;

static parts parts_of(const ocrvl_segmenter *s, uint32_t row)
{
    parts p = {0};
    for (size_t i = 0; i < s->count && p.count <= 2; i++) {
        const ocrvl_blob *b = &s->blobs[i];
        ocrvl_box box = {b->x0, b->y0, b->x1, b->y1};
        if (s->row_of[i] != row)
            continue;
        if (p.count == 1 && box.x0 < p.first.x0) {
            p.second = p.first;
            p.first = box;
        } else {
            *(p.count ? &p.second : &p.first) = box;
        }
        p.count++;
    }
    return p;
}

static double wide(const ocrvl_box *b) { return b->x1 - b->x0; }
static double high(const ocrvl_box *b) { return b->y1 - b->y0; }

/* Two short strokes side by side, at the height of capitals' heads. */
static bool is_ditto(const parts *p, double xh)
{
    const ocrvl_box *a = &p->first, *b = &p->second;
    return p->count == 2 && high(a) > 0.25 * xh && high(a) < 0.95 * xh && wide(a) < 0.6 * xh && wide(b) < 0.6 * xh &&
           fabs(high(a) - high(b)) < 0.35 * high(a) && abs(a->y0 - b->y0) < 0.25 * xh && b->x0 - a->x1 < 0.7 * xh;
}

static bool is_star(const parts *p, double xh)
{
    const ocrvl_box *a = &p->first;
    return p->count == 1 && high(a) > 0.45 * xh && high(a) < 1.2 * xh && wide(a) > 0.7 * high(a) &&
           wide(a) < 1.4 * high(a);
}

static bool is_dash(const parts *p, double xh)
{
    const ocrvl_box *a = &p->first;
    return p->count == 1 && high(a) >= 2 && high(a) < 0.35 * xh && wide(a) > 0.5 * xh && wide(a) < 3 * xh &&
           wide(a) > 2 * high(a);
}

/* Whether the place is one for a mark alone: between the first and the last line of text, and free of text and of other
 * ink close beside, as the other dashes of a row of them are. */
static bool is_alone(const ocrvl_segmenter *s, const ocrvl_row *r, uint32_t row, double xh)
{
    bool above = false, below = false;
    for (size_t i = 0; i < s->rows.count; i++) {
        const ocrvl_row *t = &s->rows.at[i];
        above |= t->glyphs > 5 && t->box.y1 <= r->box.y0;
        below |= t->glyphs > 5 && t->box.y0 >= r->box.y1;
        if (i != row && t->box.y1 > r->box.y0 && t->box.y0 < r->box.y1 && t->box.x1 > r->box.x0 - xh &&
            t->box.x0 < r->box.x1 + xh)
            return false;
        double top = t->box.y0 - 0.2 * xh, bottom = t->box.y1 + 0.2 * xh;
        if (t->glyphs > 2 && r->box.y1 > top && r->box.y0 < bottom && r->box.x1 > t->box.x0 - xh &&
            r->box.x0 < t->box.x1 + xh)
            return false;
    }
    return above && below;
}

/* Whether a row stands in a level rule's gap, at its end or on it: a knot of it, or a piece that is thicker. */
static bool is_of_rule(const ocrvl_segmenter *s, const ocrvl_row *r, double xh)
{
    double y = (r->box.y0 + r->box.y1) / 2.0;
    for (size_t i = 0; i < s->regions->count; i++) {
        const ocrvl_region *g = &s->regions->at[i];
        const ocrvl_box *b = &g->box;
        if (g->role == OCRVL_ROLE_SEPARATOR && !g->vertical && !g->leader && wide(b) > 2 * wide(&r->box) &&
            fabs((b->y0 + b->y1) / 2.0 - y) < 0.5 * xh && b->x0 < r->box.x1 + 2 * xh && b->x1 > r->box.x0 - 2 * xh)
            return true;
    }
    return false;
}

/* ---- an ornament: stars side by side ---------------------------------------------------------------- */

enum { STARS = 7 };

static ocrvl_box box_of(const ocrvl_blob *b) { return (ocrvl_box){b->x0, b->y0, b->x1, b->y1}; }

static int from_left(const void *a, const void *b)
{
    const ocrvl_blob *x = a, *y = b;
    return (x->x0 > y->x0) - (x->x0 < y->x0);
}

/* The blobs on a row's level, from the left, of all rows: how many; 0 if there are others than stars, or too many. */
static size_t stars_on_level(const ocrvl_segmenter *s, const ocrvl_row *r, double xh, ocrvl_blob stars[STARS])
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_blob *b = &s->blobs[i];
        const parts one = {.count = 1, .first = box_of(b)};
        if (s->row_of[i] == OCRVL_NO_ROW || b->y1 <= r->box.y0 || b->y0 >= r->box.y1)
            continue;
        if (n == STARS || !is_star(&one, xh))
            return 0;
        stars[n++] = *b;
    }
    qsort(stars, n, sizeof *stars, from_left);
    return n;
}

/* Whether stars stand on one line and evenly apart, each with as much ink as the first, to that part: "* * *". */
static bool is_ornament(const ocrvl_blob *stars, size_t n, double xh, double alike)
{
    double size = stars[0].y1 - stars[0].y0, step = n > 1 ? stars[1].x0 - stars[0].x0 : 0;
    bool even = n > 1 && step < 8 * xh;
    for (size_t i = 1; even && i < n; i++)
        even = fabs(stars[i].y1 - stars[i].y0 - size) < alike * size && abs(stars[i].y0 - stars[0].y0) < 0.2 * xh &&
               abs(stars[i].area - stars[0].area) < alike * stars[0].area &&
               fabs(stars[i].x0 - stars[i - 1].x0 - step) < 0.4 * xh;
    return even;
}

ocrvl_ornament ocrvl_take_ornament(ocrvl_row *r, const ocrvl_segmenter *s, double x_height, bool text)
{
    ocrvl_blob stars[STARS];
    double xh = x_height, h = r->box.y1 - r->box.y0;
    if (s->rows.count > MANY || h < 0.45 * xh || h > 1.2 * xh || r->glyphs > STARS)
        return OCRVL_NO_ORNAMENT;
    size_t n = stars_on_level(s, r, xh, stars);
    if (n < (text ? 3 : 2) || !is_ornament(stars, n, xh, text ? 0.12 : 0.3) ||
        (text && stars[1].x0 - stars[0].x1 < 0.5 * xh))
        return OCRVL_NO_ORNAMENT;
    if (r->box.x0 > stars[0].x0)
        return OCRVL_ORNAMENT_PART;
    r->box.x1 = stars[n - 1].x1;
    r->glyphs = n;
    r->mark = text ? 0 : '*';
    r->base = r->box.y0 + 1.45 * xh;
    r->slope = 0;
    r->x_height = xh;
    return OCRVL_ORNAMENT;
}

bool ocrvl_take_mark(ocrvl_row *r, uint32_t row, const ocrvl_segmenter *s, double x_height, int32_t x0, int32_t x1)
{
    double xh = x_height, w = r->box.x1 - r->box.x0, h = r->box.y1 - r->box.y0;
    if (s->rows.count > MANY || h < 2 || h > 1.2 * xh || w > 3 * xh) /* many: of dust */
        return false;
    if (r->glyphs > 2 || r->box.x0 < x0 - 2 * xh || r->box.x1 > x1 + 2 * xh || is_of_rule(s, r, xh) ||
        !is_alone(s, r, row, xh))
        return false;
    parts p = parts_of(s, row);
    r->mark = is_dash(&p, xh) ? '-' : is_ditto(&p, xh) ? '"' : is_star(&p, xh) ? '*' : 0;
    if (!r->mark)
        return false;
    r->base = r->mark == '-' ? (r->box.y0 + r->box.y1) / 2.0 + 0.5 * xh : r->box.y0 + 1.45 * xh;
    r->slope = 0;
    r->x_height = xh;
    return true;
}
