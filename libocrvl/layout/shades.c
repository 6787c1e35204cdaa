#include "layout/shades.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

enum { SIDE = 720 };                       /* pixels of the small image along the page's longer side, about */
enum { LEAST_HEIGHT = 5, LEAST_PART = 8 }; /* pixels of it; of the page's width: the smallest area */
enum { WIDER = 4 };                        /* than high: other areas are bars of charts, pictures, the sheet itself */
enum { SAME_END = 3, REACH = 2 };          /* pixels of it: how near sides are, and how far from one it is looked */
enum { CONTRAST = 8 };                     /* of 255, between an area and what is around it */

/* Takes the lighter of each pixel of two rows. */
static void lighter(uint8_t *restrict out, const uint8_t *restrict row, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = out[i] > row[i] ? out[i] : row[i];
}

/* The lightest pixel of each square of step x step -> small [h][w]: letters and rules vanish, grounds stay. row:
 * scratch as wide as the image. */
static void shrink(uint8_t *small, uint32_t w, uint32_t h, const ocrvl_image *grey, uint32_t step, uint8_t *row)
{
    for (uint32_t y = 0; y < h; y++) {
        memset(row, 0, grey->width);
        for (uint32_t k = 0; k < step; k++)
            lighter(row, grey->data + ((size_t)y * step + k) * grey->width, grey->width);
        for (uint32_t x = 0; x < w; x++) {
            uint8_t v = 0;
            for (uint32_t k = 0; k < step; k++)
                v = v > row[x * step + k] ? v : row[x * step + k];
            small[(size_t)y * w + x] = v;
        }
    }
}

typedef struct small_page {
    uint8_t *at; /* [h][w] */
    int32_t w, h;
} small_page;

/* Whether what is on both sides of a border differs along most of it. The border is level at y = at or upright at
 * x = at, between the other coordinates. */
static bool differs(const small_page *p, bool upright, int32_t at, int32_t from, int32_t to)
{
    int32_t across = upright ? p->w : p->h, seen = 0;
    if (at < REACH || at + REACH > across || to - from < 3)
        return false;
    for (int32_t i = from; i < to; i++) {
        const uint8_t *c = upright ? p->at + (size_t)i * (size_t)p->w + at : p->at + (size_t)at * (size_t)p->w + i;
        ptrdiff_t step = upright ? 1 : p->w;
        seen += abs(c[(REACH - 1) * step] - c[-REACH * step]) >= CONTRAST;
    }
    return seen * 4 > (to - from) * 3;
}

/* Whether two level borders are the top and the foot of a shaded area -> its box. */
static bool is_area(const small_page *p, const ocrvl_box *a, const ocrvl_box *b, ocrvl_box *out)
{
    ocrvl_box k = {(a->x0 + b->x0) / 2, a->y0, (a->x1 + b->x1) / 2, b->y0};
    *out = k;
    int32_t width = k.x1 - k.x0, height = k.y1 - k.y0;
    return abs(a->x0 - b->x0) <= SAME_END && abs(a->x1 - b->x1) <= SAME_END && height >= LEAST_HEIGHT &&
           width >= WIDER * height && differs(p, false, k.y0, k.x0 + 1, k.x1 - 1) &&
           differs(p, false, k.y1, k.x0 + 1, k.x1 - 1) && differs(p, true, k.x0, k.y0 + 1, k.y1 - 1) &&
           differs(p, true, k.x1, k.y0 + 1, k.y1 - 1);
}

static ocrvl_status add_area(ocrvl_borders *out, ocrvl_box b, int32_t step, ocrvl_error *err)
{
    if (!OCRVL_ARRAY_RESERVE(out->at, out->cap, out->count + 4))
        return ocrvl_fail_nomem(err);
    b = (ocrvl_box){b.x0 * step, b.y0 * step, b.x1 * step, b.y1 * step};
    out->at[out->count++] = (ocrvl_own_rule){{b.x0, b.y0, b.x1, b.y0 + 1}, false};
    out->at[out->count++] = (ocrvl_own_rule){{b.x0, b.y1, b.x1, b.y1 + 1}, false};
    out->at[out->count++] = (ocrvl_own_rule){{b.x0, b.y0, b.x0 + 1, b.y1}, true};
    out->at[out->count++] = (ocrvl_own_rule){{b.x1, b.y0, b.x1 + 1, b.y1}, true};
    return OCRVL_OK;
}

/* Adds the areas between level borders: each with the nearest that is its foot. */
static ocrvl_status find_areas(ocrvl_borders *out, const small_page *p, int32_t step, ocrvl_error *err)
{
    ocrvl_borders all = {0};
    uint8_t *none = ocrvl_alloc_array((size_t)p->w, (size_t)p->h);
    ocrvl_drawn drawn = {(uint32_t)p->w, (uint32_t)p->h, p->at, none};
    ocrvl_status st = none ? ocrvl_borders_find(&all, drawn.width, drawn.height, &drawn, err) : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < all.count && !all.at[i].vertical; i++) {
        const ocrvl_box *a = &all.at[i].box;
        ocrvl_box area;
        bool found = false;
        if ((a->x1 - a->x0) * LEAST_PART < p->w)
            continue;
        for (size_t k = i + 1; !found && k < all.count && !all.at[k].vertical; k++)
            found = is_area(p, a, &all.at[k].box, &area);
        if (found)
            st = add_area(out, area, step, err);
    }
    ocrvl_free(none);
    ocrvl_borders_free(&all);
    return st;
}

ocrvl_status ocrvl_find_shades(ocrvl_borders *out, const ocrvl_layout *l, ocrvl_error *err)
{
    const ocrvl_image *g = l->grey;
    uint32_t longer = !g ? 0 : g->width > g->height ? g->width : g->height, step = longer / SIDE;
    if (step < 2 || g->width < step || g->height < step)
        return OCRVL_OK;
    uint32_t w = g->width / step, h = g->height / step;
    small_page p = {ocrvl_alloc_array(w, h), (int32_t)w, (int32_t)h};
    uint8_t *row = ocrvl_alloc_array(g->width, 1);
    ocrvl_status st = p.at && row ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st) {
        shrink(p.at, w, h, g, step, row);
        st = find_areas(out, &p, (int32_t)step, err);
    }
    ocrvl_free(p.at);
    ocrvl_free(row);
    return st;
}
