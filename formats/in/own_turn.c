#include "in/own_turn.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

/* Of a glyph's rectangle, whose height is that from its font's ascent to its descent: where the baseline is. */
#define BELOW_BASELINE 0.23

bool ocrvl_runs_upright(double dx, double dy, double side) { return fabs(dy) > 2 * fabs(dx) && fabs(dy) > side / 2; }

void ocrvl_own_line_place(ocrvl_own_line *line, double type)
{
    const ocrvl_box *b = &line->box;
    double high = line->turn % 180 ? b->x1 - b->x0 : b->y1 - b->y0, size = type > 0 ? type : 0.8 * high;
    line->x_height = (float)fmax(1, fmin(OCRVL_X_OF_SIZE * size, high));
    line->baseline = line->turn == 90    ? (float)(b->x0 + BELOW_BASELINE * high)
                     : line->turn == 180 ? (float)(b->y0 + BELOW_BASELINE * high)
                     : line->turn == 270 ? (float)(b->x1 - BELOW_BASELINE * high)
                                         : (float)(b->y1 - BELOW_BASELINE * high);
}

/* Whether a line is one character, in a box whose longer side, the type's height, may lie so when it is turned. */
static bool is_single(const ocrvl_own_line *l, const ocrvl_own_word *words, bool upright)
{
    const char *text = words[l->first].text;
    int32_t w = l->box.x1 - l->box.x0, h = l->box.y1 - l->box.y0;
    return l->count == 1 && ocrvl_utf8_count(text, strlen(text)) == 1 && (upright ? w > h * 5 / 4 : h > w * 5 / 4);
}

void ocrvl_own_lines_turn_singles(ocrvl_own_line *lines, size_t count, const ocrvl_own_word *words)
{
    size_t turned[4] = {0}, most = 0;
    for (size_t i = 0; i < count; i++)
        turned[lines[i].turn / 90 % 4] += lines[i].count;
    for (size_t i = 1; i < 4; i++)
        most = turned[i] > turned[most] ? i : most;
    for (size_t i = 0; i < count && most; i++) {
        ocrvl_own_line *l = &lines[i];
        if (l->turn || !is_single(l, words, most % 2 != 0))
            continue;
        l->turn = (uint16_t)(90 * most);
        ocrvl_own_line_place(l, l->x_height / OCRVL_X_OF_SIZE);
    }
}
