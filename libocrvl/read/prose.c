#include "read/prose.h"

#define FULL_LINE 24     /* x-heights: the least width of a line of running text */
enum { FULL_LINES = 3 }; /* in a block of running text */

static bool has_gap(const ocrvl_result *r, const ocrvl_result_line *l, float most)
{
    for (size_t i = l->first + 1; i < l->first + l->count; i++)
        if ((float)(r->words[i].box.x0 - r->words[i - 1].box.x1) > most)
            return true;
    return false;
}

bool ocrvl_is_prose(const ocrvl_result *r, const ocrvl_result_line *lines, const ocrvl_layout_block *k)
{
    const ocrvl_layout *l = r->layout;
    size_t full = 0, gaps = 0;
    int32_t right = 0;
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++)
        right = l->lines[i].ink.x1 > right ? l->lines[i].ink.x1 : right;
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++) {
        const ocrvl_layout_line *line = &l->lines[i];
        float xh = line->x_height;
        full += (float)(line->ink.x1 - line->ink.x0) > FULL_LINE * xh && (float)(right - line->ink.x1) < 6 * xh;
        gaps += has_gap(r, &lines[i], 3 * xh);
    }
    return full >= FULL_LINES && full * 2 >= k->lines && gaps * 5 <= k->lines;
}
