/* Letters that were chained into the line above or below theirs, as those of lines set close are where tails and
 * accents meet, go to the line that they stand on; what reaches over both lines is cut between them. */
#include <math.h>

#include "base/error.h"
#include "base/mem.h"
#include "layout/segment_parts.h"

enum { LETTERS = 6 }; /* of a row whose baseline is to be relied on */
#define STANDS 0.25   /* x-heights: so near to the baseline is a letter's foot, */
#define TAIL 0.75     /* and so far under it a tail reaches, */
#define TOP 2.1       /* and so far over it a capital's accent */
#define LOWEST 0.6    /* x-heights: what is lower is a mark, which may stand anywhere */
#define BESIDE 6.0    /* x-heights beyond its end: a row is still that of a letter there */
#define FAR 4.0       /* x-heights: a line so far off has no part of the letter */
#define ALIKE 1.6     /* the larger of two lines' x-heights by the smaller one's, at most */
enum { ROUNDS = 2 };
enum { MANY = 2000 }; /* rows of that kind: no page of text has more */

typedef struct firm_rows {
    const ocrvl_segmenter *s;
    ocrvl_placed *at; /* [count], top to bottom */
    size_t count;
    double drift; /* pixels by which a baseline rises or falls to its end, at most */
} firm_rows;

static double middle(const ocrvl_blob *b) { return (b->x0 + b->x1) / 2.0; }

/* Whether a row's baseline is known, to the letters that stand on it at least. */
static bool has_base(const ocrvl_row *r) { return r->glyphs >= LETTERS && r->x_height >= 4 && r->standing > 0.35; }

static bool is_firm(const ocrvl_row *r) { return has_base(r) && r->standing > 0.5; }

static ocrvl_status find_firm(firm_rows *f, const ocrvl_segmenter *s, ocrvl_error *err)
{
    *f = (firm_rows){.s = s, .at = ocrvl_alloc_array(s->rows.count + 1, sizeof *f->at)};
    if (!f->at)
        return ocrvl_fail_nomem(err);
    for (uint32_t i = 0; i < s->rows.count; i++) {
        const ocrvl_row *r = &s->rows.at[i];
        if (!is_firm(r))
            continue;
        double half = (r->box.x1 - r->box.x0) / 2.0;
        f->at[f->count++] = (ocrvl_placed){ocrvl_row_base(r, r->box.x0 + half), i};
        f->drift = fmax(f->drift, fabs(r->slope) * (half + BESIDE * r->x_height));
    }
    ocrvl_placed_sort(f->at, f->count);
    return OCRVL_OK;
}

/* Whether a letter stands on the row's baseline, or hangs from it with its tail. */
static bool belongs(const ocrvl_row *r, const ocrvl_blob *b)
{
    double base = ocrvl_row_base(r, middle(b)), xh = r->x_height;
    return b->y1 > base - 0.4 * xh && b->y1 < base + TAIL * xh && b->y0 > base - TOP * xh && b->y0 < base - 0.4 * xh;
}

static bool stands_on(const ocrvl_row *r, const ocrvl_blob *b)
{
    return belongs(r, b) && fabs(b->y1 - ocrvl_row_base(r, middle(b))) <= STANDS * r->x_height;
}

/* Whether a blob reaches over most of the height of the row's small letters. */
static bool reaches_over(const ocrvl_row *r, const ocrvl_blob *b)
{
    double base = ocrvl_row_base(r, middle(b));
    return base - 0.6 * r->x_height > b->y0 && base - 0.4 * r->x_height < b->y1;
}

/* Whether r, at x, is another line than a. */
static bool is_apart(const ocrvl_row *r, const ocrvl_row *a, double x)
{
    return fabs(ocrvl_row_base(r, x) - ocrvl_row_base(a, x)) > fmax(a->x_height, r->x_height);
}

/* The nearest row that a blob which doesn't belong to its own stands on, or, `over`, reaches over beside its own;
 * OCRVL_NO_ROW: none. */
static uint32_t other_row(const firm_rows *f, const ocrvl_blob *b, uint32_t own, bool over)
{
    const ocrvl_row *rows = f->s->rows.at, *a = &rows[own];
    double reach = FAR * ALIKE * a->x_height + f->drift, nearest = 1e9;
    uint32_t found = OCRVL_NO_ROW;
    for (size_t i = ocrvl_placed_from(f->at, f->count, b->y0 - reach); i < f->count && f->at[i].y <= b->y1 + reach;
         i++) {
        const ocrvl_row *r = &rows[f->at[i].row];
        double x = middle(b), beside = fmax(0, fmax(r->box.x0 - x, x - r->box.x1));
        if (f->at[i].row == own || r->x_height > ALIKE * a->x_height || r->x_height * ALIKE < a->x_height ||
            beside > BESIDE * r->x_height || beside >= nearest || !is_apart(r, a, x) ||
            !(over ? reaches_over(r, b) : stands_on(r, b)))
            continue;
        nearest = beside;
        found = f->at[i].row;
    }
    return found;
}

/* Gives row `to` its piece of blob i, which reaches over it and its own row. */
static ocrvl_status cut_between(ocrvl_segmenter *s, size_t i, uint32_t to, ocrvl_error *err)
{
    ocrvl_blob b = s->blobs[i], piece = b;
    const ocrvl_row *own = &s->rows.at[s->row_of[i]], *other = &s->rows.at[to];
    double x = middle(&b);
    bool above = ocrvl_row_base(other, x) < ocrvl_row_base(own, x);
    const ocrvl_row *upper = above ? other : own, *lower = above ? own : other;
    int32_t at =
        ocrvl_thinnest(s, &b, (int32_t)ocrvl_row_base(upper, x), (int32_t)(ocrvl_row_base(lower, x) - lower->x_height));
    if (at <= b.y0 || at >= b.y1)
        return OCRVL_OK;
    *(above ? &piece.y1 : &piece.y0) = at;
    *(above ? &s->blobs[i].y0 : &s->blobs[i].y1) = at;
    return ocrvl_add_piece(s, piece, to, err);
}

static ocrvl_status move_once(ocrvl_segmenter *s, const firm_rows *f, bool *any, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0, count = s->count; i < count && st == OCRVL_OK; i++) {
        const ocrvl_blob *b = &s->blobs[i];
        uint32_t own = s->row_of[i], to;
        if (own == OCRVL_NO_ROW || !has_base(&s->rows.at[own]) || belongs(&s->rows.at[own], b) ||
            b->y1 - b->y0 < LOWEST * s->rows.at[own].x_height)
            continue;
        if ((to = other_row(f, b, own, false)) != OCRVL_NO_ROW)
            s->row_of[i] = to;
        else if (reaches_over(&s->rows.at[own], b) && (to = other_row(f, b, own, true)) != OCRVL_NO_ROW)
            st = cut_between(s, i, to, err);
        *any |= to != OCRVL_NO_ROW;
    }
    return st;
}

ocrvl_status ocrvl_move_strays(ocrvl_segmenter *s, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    bool any = true;
    for (int round = 0; round < ROUNDS && any && st == OCRVL_OK; round++) {
        firm_rows f;
        any = false;
        st = find_firm(&f, s, err);
        if (st == OCRVL_OK && f.count <= MANY)
            st = move_once(s, &f, &any, err);
        if (st == OCRVL_OK && any)
            st = ocrvl_fit_rows(s, err);
        ocrvl_free(f.at);
    }
    return st;
}
