/* Tables that a caption names: what it stands at needs less proof. */
#include <math.h>

#include "layout/table_parts.h"

#define ABOVE 9.0     /* units: from a caption's first line to its table, */
#define BELOW 4.0     /* and from a table to its caption */
#define SAME_LEFT 0.6 /* units: text that begins so near to the same place */
#define STEP 1.6      /* of the head's step to the next row: rows of one table are no farther apart */
#define MOST_STEP 5.0 /* units: and that step is no wider */
enum { LEAST_ROWS = 3 };

bool ocrvl_is_named(const ocrvl_tabler *t, const ocrvl_area *a)
{
    for (size_t i = 0; i < t->count; i++) {
        const ocrvl_table_word *w = &t->words[i];
        double above = a->y0 - w->base, below = w->box.y0 - a->y1;
        if (w->names_table && w->box.x1 > a->x0 && w->box.x0 < a->x1 &&
            ((above > -t->unit && above < ABOVE * t->unit) || (below > -t->unit && below < BELOW * t->unit)))
            return true;
    }
    return false;
}

static bool has_prose(const ocrvl_tabler *t, const ocrvl_text_rows *r, const ocrvl_text_row *row)
{
    for (size_t i = row->first; i < row->first + row->count; i++)
        if (t->words[r->order[i]].prose)
            return true;
    return false;
}

/* Whether each piece of a row stands in a column of the head's: it begins where a piece of that does, or within it. */
static bool is_below(const ocrvl_tabler *t, const ocrvl_text_rows *r, const ocrvl_text_row *head,
                     const ocrvl_text_row *row)
{
    for (size_t i = row->piece; i < row->piece + row->pieces; i++) {
        const ocrvl_piece_of_row *p = &r->pieces[i];
        bool fits = false;
        for (size_t k = head->piece; k < head->piece + head->pieces && !fits; k++) {
            const ocrvl_piece_of_row *h = &r->pieces[k];
            double next = k + 1 < head->piece + head->pieces ? r->pieces[k + 1].x0 : INFINITY;
            fits = (fabs(p->x0 - h->x0) < SAME_LEFT * t->unit && p->x1 < next) || (p->x0 >= h->x0 && p->x1 <= h->x1);
        }
        if (!fits)
            return false;
    }
    return true;
}

bool ocrvl_find_named(const ocrvl_tabler *t, const ocrvl_text_rows *r, size_t row, ocrvl_area *out)
{
    const ocrvl_text_row *head = &r->at[row];
    ocrvl_area a = {r->pieces[head->piece].x0, head->top, r->pieces[head->piece + head->pieces - 1].x1, head->foot};
    double step = 0;
    size_t rows = 1;
    if (head->pieces < 2 || has_prose(t, r, head) || !ocrvl_is_named(t, &a))
        return false;
    for (size_t i = row + 1; i < r->count; i++) {
        const ocrvl_text_row *before = &r->at[i - 1], *next = &r->at[i];
        step = i == row + 1 ? fmin(next->base - before->base, MOST_STEP * t->unit) : step;
        if (next->base - before->base > STEP * step || has_prose(t, r, next) || !is_below(t, r, head, next))
            break;
        a.x1 = fmax(a.x1, r->pieces[next->piece + next->pieces - 1].x1);
        a.y1 = next->foot;
        rows++;
    }
    *out = (ocrvl_area){a.x0 - t->unit / 2, a.y0 - t->unit / 4, a.x1 + t->unit / 2, a.y1 + t->unit / 4};
    return rows >= LEAST_ROWS;
}
