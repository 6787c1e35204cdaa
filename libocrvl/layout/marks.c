/* Marks that are all of a line or cell: a ditto, an asterisk, a dash. They are smaller than letters, and dust looks like
 * them, so what is taken here has to be read as such a mark, or is left out. */
#include <math.h>

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

bool ocrvl_take_mark(ocrvl_row *r, uint32_t row, const ocrvl_segmenter *s, double x_height, int32_t x0, int32_t x1)
{
    double xh = x_height, w = r->box.x1 - r->box.x0, h = r->box.y1 - r->box.y0;
    if (s->rows.count > MANY || h < 2 || h > 1.2 * xh || w > 3 * xh) /* many: of dust */
        return false;
    if (r->glyphs > 2 || r->box.x0 < x0 - 2 * xh || r->box.x1 > x1 + 2 * xh || !is_alone(s, r, row, xh))
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
