#include <math.h>
#include <stdlib.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/table_parts.h"

#define WIDER 1.6 /* spaces: what is wider is a gap */

int ocrvl_by_cell(const void *a, const void *b)
{
    const ocrvl_placed_word *p = a, *q = b;
    if (p->cell != q->cell)
        return p->cell < q->cell ? -1 : 1;
    if (p->base != q->base)
        return p->base < q->base ? -1 : 1;
    return p->word < q->word ? -1 : p->word > q->word;
}

int ocrvl_by_left(const void *a, const void *b)
{
    const ocrvl_placed_word *p = a, *q = b;
    if (p->x0 != q->x0)
        return p->x0 < q->x0 ? -1 : 1;
    return p->word < q->word ? -1 : p->word > q->word;
}

void ocrvl_text_rows_free(ocrvl_text_rows *r)
{
    ocrvl_free(r->order);
    ocrvl_free(r->at);
    ocrvl_free(r->pieces);
    *r = (ocrvl_text_rows){0};
}

/* Whether a word begins another piece than the one before it: after a gap, or as a number after a number, unless a
 * space may part thousands there. */
static bool begins_piece(const ocrvl_tabler *t, const ocrvl_table_word *before, const ocrvl_table_word *w, double gap)
{
    double space = w->box.x0 - before->box.x1;
    return space > gap || (before->number && before->figures && w->number && w->figures && !w->group &&
                           space > fmax(0.35 * t->unit, 0.7 * t->space));
}

/* Adds the row of words [n], sorted by x0, and its pieces. */
static void add_row(ocrvl_text_rows *out, const ocrvl_tabler *t, const ocrvl_placed_word *p, size_t n, double gap)
{
    ocrvl_text_row *row = &out->at[out->count];
    *row = (ocrvl_text_row){p[0].base, INFINITY, -INFINITY, out->words, n, out->piece_count, 0};
    ocrvl_piece_of_row *open = NULL;
    for (size_t i = 0; i < n; i++) {
        const ocrvl_table_word *w = &t->words[p[i].word];
        row->top = fmin(row->top, w->box.y0);
        row->foot = fmax(row->foot, w->box.y1);
        if (!open || begins_piece(t, &t->words[p[i - 1].word], w, gap)) {
            open = &out->pieces[out->piece_count++];
            *open =
                (ocrvl_piece_of_row){w->box.x0, w->box.x1, out->words, 0, (uint32_t)out->count, true, true, w->lower};
            row->pieces++;
        }
        open->x1 = fmax(open->x1, w->box.x1);
        open->number &= w->number;
        open->bold &= w->bold;
        open->count++;
        out->order[out->words++] = p[i].word;
    }
    out->count++;
}

ocrvl_status ocrvl_text_rows_make(ocrvl_text_rows *out, const ocrvl_tabler *t, const uint32_t *which, size_t n,
                                  double gap, ocrvl_error *err)
{
    *out = (ocrvl_text_rows){0};
    gap = fmax(gap * t->unit, WIDER * t->space);
    ocrvl_placed_word *p = ocrvl_alloc_array(n + 1, sizeof *p);
    out->order = ocrvl_alloc_array(n + 1, sizeof *out->order);
    out->at = ocrvl_alloc_array(n + 1, sizeof *out->at);
    out->pieces = ocrvl_alloc_array(n + 1, sizeof *out->pieces);
    if (!p || !out->order || !out->at || !out->pieces) {
        ocrvl_free(p);
        ocrvl_text_rows_free(out);
        return ocrvl_fail_nomem(err);
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!t->words[which[i]].dots)
            p[kept++] = (ocrvl_placed_word){0, t->words[which[i]].base, t->words[which[i]].box.x0, which[i]};
    n = kept;
    qsort(p, n, sizeof *p, ocrvl_by_cell);
    for (size_t i = 0, end; i < n; i = end) {
        double near = 0.5 * fmax(t->words[p[i].word].x_height, 0.7 * t->unit);
        for (end = i + 1; end < n && p[end].base - p[i].base < near; end++)
            ;
        qsort(p + i, end - i, sizeof *p, ocrvl_by_left);
        add_row(out, t, p + i, end - i, gap);
    }
    ocrvl_free(p);
    return OCRVL_OK;
}

/* ---- gutters ----------------------------------------------------------------------------------------- */

/* What the rows have at a place between two columns. */
typedef struct crossing {
    size_t numbers;          /* those of `both` that have numbers on both sides */
    size_t over, both, rows; /* rows with a piece across it; with pieces on both sides; these and others of several */
    size_t left, right;      /* rows of one piece, left of it; rows of several, all right of it */
    double from, to;         /* how far it is free of the rows that don't cross it */
} crossing;

static crossing look(const ocrvl_text_rows *r, double x, double x0, double x1)
{
    crossing c = {.from = x0, .to = x1};
    for (size_t i = 0; i < r->count; i++) {
        double left = -INFINITY, right = INFINITY;
        bool over = false, before = false, after = false;
        size_t pieces = 0;
        for (size_t k = r->at[i].piece; k < r->at[i].piece + r->at[i].pieces; k++) {
            const ocrvl_piece_of_row *p = &r->pieces[k];
            if (p->x1 <= x0 || p->x0 >= x1)
                continue;
            pieces++;
            over |= p->x0 < x && p->x1 > x;
            before = p->x1 <= x && p->x1 > left ? p->number : before;
            left = p->x1 <= x ? fmax(left, p->x1) : left;
            after = p->x0 >= x && p->x0 < right ? p->number : after;
            right = p->x0 >= x ? fmin(right, p->x0) : right;
        }
        c.rows += over || pieces > 1;
        c.over += over;
        if (over)
            continue;
        c.both += left > -INFINITY && right < INFINITY;
        c.left += right == INFINITY && pieces == 1;
        c.right += left == -INFINITY && pieces > 1;
        c.numbers += left > -INFINITY && right < INFINITY && before && after;
        c.from = fmax(c.from, left);
        c.to = fmin(c.to, right);
    }
    return c;
}

bool ocrvl_may_part(const ocrvl_tabler *t, const ocrvl_text_rows *r, const ocrvl_piece_of_row *p, size_t k)
{
    const ocrvl_table_word *a = &t->words[r->order[k - 1]], *b = &t->words[r->order[k]];
    bool before = true, after = true;
    if (b->box.x0 - a->box.x1 >= fmax(0.75 * t->unit, 1.4 * t->space))
        return true;
    for (size_t i = p->first; i < p->first + p->count; i++)
        *(i < k ? &before : &after) &= t->words[r->order[i]].number;
    return before != after;
}

/* Moves a gutter into the gaps of rows that stand across its middle, where they have more than a space there or go over
 * to numbers. */
static void narrow(const ocrvl_tabler *t, const ocrvl_text_rows *r, crossing *c)
{
    for (size_t i = 0; i < r->piece_count; i++) {
        const ocrvl_piece_of_row *p = &r->pieces[i];
        double x = (c->from + c->to) / 2;
        if (p->x0 > x || p->x1 < x)
            continue;
        for (size_t k = p->first + 1; k < p->first + p->count; k++) {
            const ocrvl_table_word *a = &t->words[r->order[k - 1]], *b = &t->words[r->order[k]];
            double from = fmax(a->box.x1, c->from), to = fmin(b->box.x0, c->to);
            if (to - from < 0.3 * t->unit || !ocrvl_may_part(t, r, p, k))
                continue;
            c->from = from;
            c->to = to;
            break;
        }
    }
}

/* sparse: one row alone, the head, may have several pieces, all of which may be right of the column of names below. */
static bool is_gutter(const crossing *c, double least, double share, bool sparse)
{
    double free = c->to - c->from;
    if (sparse && c->rows == 1 && c->over == 0 && (c->both || (c->right && c->left > 1)))
        return free >= least;
    return c->over * 5 <= c->rows && c->both >= 2 && (double)c->both >= share * (double)c->rows &&
           free >= (c->numbers * 5 >= c->both * 4 ? 0.45 * least : least);
}

size_t ocrvl_find_gutters(const ocrvl_tabler *t, const ocrvl_text_rows *r, ocrvl_span in, double least, double share,
                          bool sparse, double *at, size_t most)
{
    enum { MOST_ENDS = 1000 };
    double ends[MOST_ENDS], last = in.from;
    size_t n = 0, found = 0;
    for (size_t i = 0; i < r->piece_count && n < MOST_ENDS; i++)
        if (r->pieces[i].x1 > in.from && r->pieces[i].x1 < in.to)
            ends[n++] = r->pieces[i].x1 + 0.05 * t->unit;
    qsort(ends, n, sizeof *ends, ocrvl_compare_doubles);
    for (size_t i = 0; i < n && found < most; i++) {
        crossing c = look(r, ends[i], in.from, in.to);
        if (ends[i] <= last || !is_gutter(&c, least, share, sparse) || c.to <= last)
            continue;
        for (size_t k = i + 1; k < n && ends[k] < c.to && c.over; k++) { /* where fewer rows stand across it */
            crossing other = look(r, ends[k], in.from, in.to);
            if (other.over < c.over && is_gutter(&other, least, share, sparse))
                c = other;
        }
        last = c.to;
        if (c.over)
            narrow(t, r, &c);
        at[found++] = (c.from + c.to) / 2;
    }
    return found;
}
