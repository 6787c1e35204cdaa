#include "layout/check_box.h"

#include "base/mem.h"
#include "layout/layout_parts.h"

#define SIDE 0.85  /* of a side's length that is inked: of round letters less, with round corners more */
#define EMPTY 0.04 /* of the inner half's pixels that are inked in an empty one, at most, */
#define FULL 0.8   /* and in a checked one: with more it is a bullet */

/* Whether there is ink in a pixel, or in one of the two after it: sides are seldom quite straight. step: from one pixel
 * to the next. */
static bool is_near(const ocrvl_layout *l, const ocrvl_ink_mask *m, int32_t x, int32_t y, int32_t dx, int32_t dy)
{
    for (int32_t k = 0; k < 3; k++) {
        int32_t mx = (x + k * dx) * (int32_t)m->up / (int32_t)m->factor,
                my = (y + k * dy) * (int32_t)m->up / (int32_t)m->factor;
        l_uint32 v = 0;
        if (mx >= 0 && my >= 0 && mx < pixGetWidth(m->ink) && my < pixGetHeight(m->ink))
            pixGetPixel(m->ink, mx, my, &v);
        if (v || ocrvl_is_rule(l, x + k * dx, y + k * dy))
            return true;
    }
    return false;
}

bool ocrvl_is_check_box(const ocrvl_layout *l, size_t line, ocrvl_box word, bool *checked)
{
    const ocrvl_ink_mask *m = l->mask;
    int32_t y0, y1, w = word.x1 - word.x0;
    *checked = false;
    if (w < 8 || !ocrvl_ink_rows(l, line, word.x0, word.x1, &y0, &y1))
        return false;
    int32_t h = y1 - y0, side = 0, inside = 0, pixels = 0;
    if (h < 8 || w * 5 < h * 4 || h * 5 < w * 4)
        return false;
    for (int32_t i = 0; i < w; i++)
        side += is_near(l, m, word.x0 + i, y0, 0, 1) + is_near(l, m, word.x0 + i, y1 - 1, 0, -1);
    if (side < SIDE * 2 * w)
        return false;
    side = 0;
    for (int32_t i = 0; i < h; i++)
        side += is_near(l, m, word.x0, y0 + i, 1, 0) + is_near(l, m, word.x1 - 1, y0 + i, -1, 0);
    if (side < SIDE * 2 * h)
        return false;
    for (int32_t y = y0 + h / 4; y < y1 - h / 4; y++)
        for (int32_t x = word.x0 + w / 4; x < word.x1 - w / 4; x++, pixels++)
            inside += is_near(l, m, x, y, 0, 0);
    *checked = inside > EMPTY * pixels;
    return inside <= FULL * pixels;
}
