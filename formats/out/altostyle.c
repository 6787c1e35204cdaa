/* The setting of a block can be told from three lines or more. An edge is straight if no line's end is further than
 * half a line's height from it, except for the first line's begin (an indent) and the last line's end. The line space
 * is known if the distances between lines agree to a tenth. */
#include "out/altostyle.h"
#include "base/compare.h"

#include <math.h>
#include <stdlib.h>

#include "out/parts.h"

#define LEAST 3
#define MOST 4096 /* lines that are examined */

typedef struct edges {
    double left[2], right[2], centre[2]; /* least and greatest value */
    double height;                       /* sum over the lines */
    size_t lines;
} edges;

static void widen(double range[2], double v)
{
    range[0] = v < range[0] ? v : range[0];
    range[1] = v > range[1] ? v : range[1];
}

static void take_line(edges *e, const ocrvl_box *b, bool first, bool last)
{
    if (!first)
        widen(e->left, b->x0);
    if (!last)
        widen(e->right, b->x1);
    widen(e->centre, (b->x0 + b->x1) / 2.0);
    e->height += b->y1 - b->y0;
    e->lines++;
}

static const char *align_of(const edges *e)
{
    double slack = 0.5 * e->height / (double)e->lines;
    bool left = e->left[1] - e->left[0] <= slack, right = e->right[1] - e->right[0] <= slack;
    bool centre = e->centre[1] - e->centre[0] <= slack;
    return left && right ? "Block" : left ? "Left" : right ? "Right" : centre ? "Center" : NULL;
}

/* The median of the steps, if nearly all are equal to it. */
static long space_of(double *steps, size_t count)
{
    if (count + 1 < LEAST)
        return 0;
    qsort(steps, count, sizeof *steps, ocrvl_compare_doubles);
    double middle = steps[count / 2];
    size_t like = 0;
    for (size_t i = 0; i < count; i++)
        like += fabs(steps[i] - middle) <= 0.1 * middle;
    return middle >= 1 && 10 * like >= 9 * count ? lround(middle) : 0;
}

bool ocrvl_alto_style_of(const ocrvl_node *block, ocrvl_alto_style *out)
{
    edges e = {{INFINITY, -INFINITY}, {INFINITY, -INFINITY}, {INFINITY, -INFINITY}, 0, 0};
    double steps[MOST], before = NAN;
    size_t count = 0, n = 0;
    *out = (ocrvl_alto_style){0};
    for (const ocrvl_node *line = ocrvl_node_first(block); line && n < MOST; line = ocrvl_node_next(line), n++) {
        ocrvl_node_info i = ocrvl_info(line);
        if (!ocrvl_has_box(&i))
            return false;
        take_line(&e, &i.box, n == 0, !ocrvl_node_next(line));
        double height = ocrvl_has_baseline(&i) ? ((double)i.baseline[0].y + (double)i.baseline[1].y) / 2 : NAN;
        if (n && isfinite(height - before))
            steps[count++] = height - before;
        before = height;
    }
    if (e.lines < LEAST)
        return false;
    out->align = align_of(&e);
    out->line_space = space_of(steps, count);
    return out->align || out->line_space;
}
