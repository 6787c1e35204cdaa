#include "layout/layout.h"

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

ocrvl_box ocrvl_layout_line_box(const ocrvl_layout *l, size_t line)
{
    ocrvl_box b = l->lines[line].ink;
    int32_t air = (b.y1 - b.y0 + 5) / 10, above = air, below = air;
    for (size_t i = 0; i < l->line_count; i++) {
        const ocrvl_box *o = &l->lines[i].ink;
        if (i == line || o->x0 >= b.x1 || b.x0 >= o->x1)
            continue;
        int32_t up = b.y0 - o->y1, down = o->y0 - b.y1;
        if (o->y0 < b.y0)
            above = least(above, up > 0 ? up / 2 : 0);
        if (o->y1 > b.y1)
            below = least(below, down > 0 ? down / 2 : 0);
    }
    return (ocrvl_box){b.x0 - air, b.y0 - above, b.x1 + air, b.y1 + below};
}
