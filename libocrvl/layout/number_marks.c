#include "layout/number_marks.h"

#include "base/mem.h"
#include "layout/layout_parts.h"

enum { MOST_FIGURES = 12, MOST_PARTS = MOST_FIGURES + 1 };

/* A mark beside figures of height 1: a point is 0.1 to 0.2 high, a comma 0.3. */
#define MARK_HIGH 0.42
#define MARK_LEAST 0.08
#define FIGURE_HIGH 0.8
#define COMMA_BELOW 0.1

typedef struct part { /* ink between columns without any */
    int32_t x0, x1, y0, y1;
} part;

/* The parts of a word's ink, at most MOST_PARTS + 1. */
static size_t find_parts(const ocrvl_layout *l, size_t line, ocrvl_box word, part *out)
{
    ocrvl_columns c;
    size_t n = 0;
    if (ocrvl_columns_new(&c, l, line, word.x0 - 1, word.x1 + 1, NULL))
        return 0;
    for (int32_t x = c.x0, from = c.x0; x <= c.x1 && n <= MOST_PARTS; x++) {
        bool ink = x < c.x1 && c.ink[x - c.x0];
        if (ink)
            continue;
        if (x > from && ocrvl_ink_rows(l, line, from, x, &out[n].y0, &out[n].y1)) {
            out[n].x0 = from;
            out[n++].x1 = x;
        }
        from = x + 1;
    }
    ocrvl_free(c.ink);
    return n;
}

size_t ocrvl_find_number_mark(const ocrvl_layout *l, size_t line, ocrvl_box word, size_t figures, bool *comma)
{
    part p[MOST_PARTS + 2];
    *comma = false;
    if (figures < 2 || figures > MOST_FIGURES || find_parts(l, line, word, p) != figures + 1)
        return 0;
    double high = 0;
    int32_t foot = 0;
    for (size_t i = 0; i <= figures; i++)
        if (p[i].y1 - p[i].y0 > high) {
            high = p[i].y1 - p[i].y0;
            foot = p[i].y1;
        }
    size_t at = 0;
    for (size_t i = 0; i <= figures; i++) {
        double h = p[i].y1 - p[i].y0, w = p[i].x1 - p[i].x0;
        if (h >= FIGURE_HIGH * high)
            continue;
        bool mark = h < MARK_HIGH * high && w < MARK_HIGH * high && h >= MARK_LEAST * high && w >= MARK_LEAST * high &&
                    p[i].y0 > foot - 0.45 * high;
        if (!mark || at || i == 0 || i == figures)
            return 0;
        at = i;
        *comma = h > 0.25 * high && p[i].y1 > foot + COMMA_BELOW * high;
    }
    return at;
}
