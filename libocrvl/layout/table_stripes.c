/* Tables whose rows stand on shaded and plain ground by turns. */
#include <math.h>

#include "layout/table_parts.h"

#define UNEVEN 0.35      /* of the first one's height: rows that are so much higher or lower aren't stripes */
#define SAME_LEFT 0.6    /* units: text that begins so near to the same place */
#define MOST_HEIGHT 8    /* units */
enum { LEAST_BARS = 4 }; /* two shaded rows and the plain one between them */

/* Whether upright bars stand at the sides of what is between two level ones: it is shaded. */
static bool is_shaded(const ocrvl_tabler *t, const ocrvl_bar *a, const ocrvl_bar *b)
{
    size_t sides = 0;
    for (size_t i = 0; i < t->bars.count; i++) {
        const ocrvl_bar *v = &t->bars.at[i];
        bool beside = fabs(v->at - a->from) < t->unit || fabs(v->at - a->to) < t->unit;
        sides += v->vertical && beside && v->from > a->at - t->unit && v->to < b->at + t->unit &&
                 v->to - v->from > 0.5 * (b->at - a->at);
    }
    return sides == 2;
}

/* The row of text whose middle is between two heights, if one alone is; SIZE_MAX: none, or several. */
static size_t only_row(const ocrvl_text_rows *r, double y0, double y1)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < r->count; i++) {
        double y = (r->at[i].top + r->at[i].foot) / 2;
        if (y < y0 || y > y1)
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = i;
    }
    return found;
}

static double left_of(const ocrvl_text_rows *r, size_t row) { return r->pieces[r->at[row].piece].x0; }

/* Whether what is between two level bars is a row of one line, as high as the stripes. */
static bool is_stripe(const ocrvl_tabler *t, const ocrvl_text_rows *r, double y0, double y1, double height, size_t *row)
{
    *row = only_row(r, y0, y1);
    return *row != SIZE_MAX && fabs(y1 - y0 - height) < UNEVEN * height && height < MOST_HEIGHT * t->unit;
}

size_t ocrvl_stripes(const ocrvl_tabler *t, const ocrvl_text_rows *r, size_t first, double *y1)
{
    const ocrvl_bar *at = t->bars.at;
    size_t last = first, n = 1, row = 0;
    double height = 0, left = 0;
    for (size_t k = ocrvl_next_below(t, first); k < t->bars.count; k = ocrvl_next_below(t, k)) {
        height = n == 1 ? at[k].at - at[first].at : height;
        if (!is_stripe(t, r, at[last].at, at[k].at, height, &row) || is_shaded(t, &at[last], &at[k]) != (n % 2 == 1))
            break;
        left = left_of(r, row);
        last = k;
        n++;
    }
    *y1 = at[last].at;
    if (n % 2 == 0 && is_stripe(t, r, *y1, *y1 + height, height, &row) &&
        fabs(left_of(r, row) - left) < SAME_LEFT * t->unit)
        *y1 = fmax(r->at[row].foot, *y1 + height);
    return n >= LEAST_BARS ? n : 0;
}
