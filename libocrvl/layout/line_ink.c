#include <math.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

static double base_at(const ocrvl_layout_line *line, double x)
{
    double w = line->ink.x1 - line->ink.x0;
    return w > 0 ? line->baseline[0] + (line->baseline[1] - line->baseline[0]) * (x - line->ink.x0) / w
                 : line->baseline[0];
}

static int32_t within(double v, int32_t lo, int32_t hi) { return v < lo ? lo : v > hi ? hi : (int32_t)v; }

ocrvl_box ocrvl_from_mask(const ocrvl_layout *l, ocrvl_box b)
{
    const ocrvl_ink_mask *m = l->mask;
    int32_t w = (int32_t)(l->grey ? l->grey->width : l->page_width);
    int32_t h = (int32_t)(l->grey ? l->grey->height : l->page_height);
    int32_t k = (int32_t)m->factor, up = (int32_t)m->up;
    ocrvl_box r = {b.x0 * k / up, b.y0 * k / up, (b.x1 * k + up - 1) / up, (b.y1 * k + up - 1) / up};
    r.x1 = r.x1 < w ? r.x1 : w;
    r.y1 = r.y1 < h ? r.y1 : h;
    return r;
}

static PIX *mask_of(const ocrvl_ink_mask *m, const ocrvl_layout_line *line)
{
    const ocrvl_box *k = &line->ink;
    int32_t up = (int32_t)m->up, by = (int32_t)m->factor;
    ocrvl_box b = {k->x0 * up / by, k->y0 * up / by, k->x1 * up / by, k->y1 * up / by};
    bool light = line->inverted != m->inverted_page && m->light && !ocrvl_on_light_panel(m, &b);
    return light ? m->light : m->ink;
}

static bool is_ink(PIX *ink, int32_t x, int32_t y)
{
    const l_uint32 *row = pixGetData(ink) + (size_t)y * pixGetWpl(ink);
    return row[x / 32] >> (31 - x % 32) & 1;
}

bool ocrvl_is_rule(const ocrvl_layout *l, int32_t x, int32_t y)
{
    const ocrvl_ink_mask *m = l->mask;
    int32_t mx = x * (int32_t)m->up / (int32_t)m->factor, my = y * (int32_t)m->up / (int32_t)m->factor;
    return m->rules && mx >= 0 && my >= 0 && mx < pixGetWidth(m->rules) && my < pixGetHeight(m->rules) &&
           is_ink(m->rules, mx, my);
}

ocrvl_status ocrvl_columns_new(ocrvl_columns *out, const ocrvl_layout *l, size_t line, int32_t x0, int32_t x1,
                               ocrvl_error *err)
{
    const ocrvl_layout_line *r = &l->lines[line];
    const ocrvl_ink_mask *m = l->mask;
    PIX *ink = mask_of(m, r);
    int32_t w = pixGetWidth(ink), h = pixGetHeight(ink);
    double scale = (double)m->up / m->factor;
    x0 = within(x0, 0, (int32_t)l->grey->width);
    x1 = within(x1, x0, (int32_t)l->grey->width);
    *out = (ocrvl_columns){x0, x1, ocrvl_alloc_array((size_t)(x1 - x0), sizeof *out->ink)};
    if (!out->ink)
        return ocrvl_fail_nomem(err);
    for (int32_t x = x0; x < x1; x++) {
        double base = base_at(r, x);
        int32_t top = within(fmax(base - 1.5 * r->x_height, r->ink.y0) * scale, 0, h);
        int32_t bottom = within(fmin(base + 0.25 * r->x_height, r->ink.y1) * scale, top, h);
        int32_t from = within(x * scale, 0, w - 1), to = within((x + 1) * scale, from + 1, w);
        uint32_t n = 0;
        for (int32_t mx = from; mx < to; mx++)
            for (int32_t y = top; y < bottom; y++)
                n += is_ink(ink, mx, y);
        out->ink[x - x0] = n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
    }
    return OCRVL_OK;
}

static bool row_has_ink(PIX *ink, int32_t x0, int32_t x1, int32_t y)
{
    for (int32_t x = x0; x < x1; x++)
        if (is_ink(ink, x, y))
            return true;
    return false;
}

bool ocrvl_ink_rows(const ocrvl_layout *l, size_t line, int32_t x0, int32_t x1, int32_t *y0, int32_t *y1)
{
    const ocrvl_layout_line *r = &l->lines[line];
    const ocrvl_ink_mask *m = l->mask;
    double scale = (double)m->up / m->factor, base = base_at(r, (x0 + x1) / 2.0);
    PIX *ink = mask_of(m, r);
    int32_t w = pixGetWidth(ink), h = pixGetHeight(ink);
    int32_t mx0 = within(x0 * scale, 0, w), mx1 = within(ceil(x1 * scale), 0, w);
    int32_t top = within(r->ink.y0 * scale, 0, h), bottom = within(ceil(r->ink.y1 * scale), top, h);
    int32_t middle = within((base - 0.5 * r->x_height) * scale, top, bottom), first = bottom, last = top - 1;
    int32_t jump = (int32_t)(0.5 * r->x_height * scale) + 1;
    /* outwards from the middle of the letters, over no wider a gap than that below an accent: what lies beyond it is
     * the neighbouring line's */
    for (int32_t y = middle, free = 0; y < bottom && free <= jump; y++) {
        bool inked = row_has_ink(ink, mx0, mx1, y);
        free = inked ? 0 : free + 1;
        first = inked && y < first ? y : first;
        last = inked ? y : last;
    }
    for (int32_t y = middle - 1, free = 0; y >= top && free <= jump; y--) {
        bool inked = row_has_ink(ink, mx0, mx1, y);
        free = inked ? 0 : free + 1;
        first = inked ? y : first;
        last = inked && y > last ? y : last;
    }
    if (last < first)
        return false;
    *y0 = (int32_t)(first / scale);
    *y1 = within(ceil((last + 1) / scale), *y0 + 1, (int32_t)l->grey->height);
    return true;
}
