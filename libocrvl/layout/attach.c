#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/segment_parts.h"

/* The rows that may be lines, in classes of heights up to 2, 4, 8... pixels, each by the top of its boxes: a headline
 * is looked for from afar, small print isn't. */
#define CLASSES 12

typedef struct top {
    int32_t y0;
    uint32_t row;
} top;

typedef struct lines {
    const ocrvl_segmenter *s;
    top *at;
    size_t first[CLASSES + 1];
    double median; /* x-height of the page's text */
} lines;

static int class_of(const ocrvl_row *r)
{
    int c = 0;
    while (c < CLASSES - 1 && r->box.y1 - r->box.y0 > 2 << c)
        c++;
    return c;
}

static int by_top(const void *a, const void *b)
{
    const top *p = a, *q = b;
    if (p->y0 != q->y0)
        return p->y0 < q->y0 ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

static bool may_be_line(const ocrvl_row *r)
{
    return r->glyphs >= 2 || r->box.x1 - r->box.x0 <= 3 * (r->box.y1 - r->box.y0); /* else a dash */
}

static ocrvl_status find_lines(lines *l, const ocrvl_segmenter *s, ocrvl_error *err)
{
    *l = (lines){
        .s = s, .at = ocrvl_alloc_array(s->rows.count, sizeof *l->at), .median = ocrvl_median_x_height(&s->rows)};
    if (!l->at)
        return ocrvl_fail_nomem(err);
    size_t n = 0;
    for (int c = 0; c < CLASSES; c++) {
        l->first[c] = n;
        for (size_t i = 0; i < s->rows.count; i++)
            if (class_of(&s->rows.at[i]) == c && may_be_line(&s->rows.at[i]))
                l->at[n++] = (top){s->rows.at[i].box.y0, (uint32_t)i};
        qsort(l->at + l->first[c], n - l->first[c], sizeof *l->at, by_top);
    }
    l->first[CLASSES] = n;
    return OCRVL_OK;
}

/* Walks over the lines of one class with their tops from y0 - twice to y1 + twice the class's height. */
typedef struct walk {
    size_t next, end;
    int32_t last;
} walk;

static walk walk_from(const lines *l, int c, int32_t y0, int32_t y1)
{
    size_t lo = l->first[c], hi = l->first[c + 1], end = hi;
    int32_t reach = 4 << c;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (l->at[mid].y0 < y0 - reach)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (walk){lo, end, y1 + reach};
}

static bool walk_on(const lines *l, walk *w, uint32_t *row)
{
    if (w->next >= w->end || l->at[w->next].y0 > w->last)
        return false;
    *row = l->at[w->next++].row;
    return true;
}

/* ---- blobs that reach over lines ---- */

int32_t ocrvl_thinnest(const ocrvl_segmenter *s, const ocrvl_blob *b, int32_t y0, int32_t y1)
{
    int32_t best = (y0 + y1) / 2;
    double least = 1e9;
    for (int32_t y = y0 > b->y0 ? y0 : b->y0 + 1; y <= y1 && y < b->y1; y++) {
        double n = ocrvl_ink_in_row(s->ink, y, b->x0, b->x1) + 0.05 * fabs(y - (y0 + y1) / 2.0);
        if (n < least) {
            least = n;
            best = y;
        }
    }
    return best;
}

ocrvl_status ocrvl_add_piece(ocrvl_segmenter *s, ocrvl_blob piece, uint32_t row, ocrvl_error *err)
{
    size_t need = s->count + 1;
    if (!OCRVL_ARRAY_RESERVE(s->blobs, s->blob_cap, need) || !OCRVL_ARRAY_RESERVE(s->row_of, s->row_of_cap, need) ||
        !OCRVL_ARRAY_RESERVE(s->tall, s->tall_cap, need))
        return ocrvl_fail_nomem(err);
    s->blobs[s->count] = piece;
    s->row_of[s->count] = row;
    s->tall[s->count++] = false;
    return OCRVL_OK;
}

/* How far a blob stands beside a box; 0 where they overlap. */
static int32_t aside(const ocrvl_blob *b, const ocrvl_box *box)
{
    return b->x0 > box->x1 ? b->x0 - box->x1 : box->x0 > b->x1 ? box->x0 - b->x1 : 0;
}

typedef struct crossing {
    uint32_t rows[8]; /* top to bottom */
    size_t count;
} crossing;

/* Takes line i into the crossing, in its place; of two on one baseline the nearer one stays. */
static void cross(crossing *c, const ocrvl_segmenter *s, const ocrvl_blob *b, uint32_t i)
{
    const ocrvl_row *r = &s->rows.at[i];
    double mid = (b->x0 + b->x1) / 2.0, base = ocrvl_row_base(r, mid);
    size_t at = c->count;
    for (size_t k = 0; k < c->count; k++) {
        const ocrvl_row *o = &s->rows.at[c->rows[k]];
        if (fabs(ocrvl_row_base(o, mid) - base) > 0.8 * r->x_height)
            continue;
        if (aside(b, &r->box) < aside(b, &o->box))
            c->rows[k] = i;
        return;
    }
    if (c->count == sizeof c->rows / sizeof *c->rows)
        return;
    c->count++;
    while (at > 0 && ocrvl_row_base(&s->rows.at[c->rows[at - 1]], mid) > base) {
        c->rows[at] = c->rows[at - 1];
        at--;
    }
    c->rows[at] = i;
}

/* The lines whose letters' band crosses blob b or stands beside it. */
static crossing lines_across(const lines *l, const ocrvl_blob *b)
{
    crossing found = {.count = 0};
    double mid = (b->x0 + b->x1) / 2.0;
    for (int c = 0; c < CLASSES; c++) {
        walk w = walk_from(l, c, b->y0, b->y1);
        for (uint32_t i; walk_on(l, &w, &i);) {
            const ocrvl_row *r = &l->s->rows.at[i];
            double base = ocrvl_row_base(r, mid), reach = 2 * r->x_height;
            if (r->glyphs >= 2 && b->x1 >= r->box.x0 - reach && b->x0 <= r->box.x1 + reach &&
                base - 0.7 * r->x_height >= b->y0 && base - 0.3 * r->x_height <= b->y1)
                cross(&found, l->s, b, i);
        }
    }
    return found;
}

/* A capital over several lines at their left end: as wide as a letter of its height is, with nothing before it. */
static bool is_drop_capital(const ocrvl_segmenter *s, const ocrvl_blob *b, const uint32_t *across, size_t n)
{
    int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
    if (n < 2 || w * 10 < h * 2)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((b->x0 + b->x1) / 2 > s->rows.at[across[i]].box.x0)
            return false;
    return true;
}

/* Gives each of the lines its piece of blob b, cut where the ink between two lines is thinnest. */
static ocrvl_status cut(ocrvl_segmenter *s, ocrvl_blob b, const uint32_t *across, size_t n, ocrvl_error *err)
{
    double mid = (b.x0 + b.x1) / 2.0;
    ocrvl_status st = OCRVL_OK;
    for (size_t k = 0; k < n && st == OCRVL_OK; k++) {
        const ocrvl_row *r = &s->rows.at[across[k]];
        ocrvl_blob piece = b;
        int32_t low = (int32_t)ocrvl_row_base(r, mid);
        if (k + 1 < n) {
            const ocrvl_row *next = &s->rows.at[across[k + 1]];
            piece.y1 = ocrvl_thinnest(s, &b, low, (int32_t)(ocrvl_row_base(next, mid) - next->x_height));
            b.y0 = piece.y1;
        }
        int32_t highest = (int32_t)(low - 2.2 * r->x_height), lowest = (int32_t)(low + r->x_height);
        piece.y0 = piece.y0 < highest ? highest : piece.y0;
        piece.y1 = piece.y1 > lowest ? lowest : piece.y1;
        if (piece.y1 > piece.y0)
            st = ocrvl_add_piece(s, piece, across[k], err);
    }
    return st;
}

ocrvl_status ocrvl_cut_tall(ocrvl_segmenter *s, ocrvl_error *err)
{
    lines l;
    ocrvl_status st = find_lines(&l, s, err);
    size_t blobs = s->count;
    for (size_t i = 0; i < blobs && st == OCRVL_OK; i++) {
        if (!s->tall[i])
            continue;
        crossing c = lines_across(&l, &s->blobs[i]);
        if (c.count == 0 || is_drop_capital(s, &s->blobs[i], c.rows, c.count)) /* a capital is a line of its own */
            continue;
        s->tall[i] = false;
        st = cut(s, s->blobs[i], c.rows, c.count, err);
        s->blobs[i].x1 = s->blobs[i].x0; /* its pieces stand for it now */
    }
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->blobs[i].x1 > s->blobs[i].x0) {
            s->blobs[kept] = s->blobs[i];
            s->row_of[kept] = s->row_of[i];
            s->tall[kept++] = s->tall[i];
        }
    s->count = kept;
    ocrvl_free(l.at);
    return st;
}

/* ---- marks ---- */

/* How far box m stands from the letters of row r, in x-heights; negative: it doesn't belong there. */
static double mark_distance(const ocrvl_row *r, const ocrvl_box *m)
{
    double x = (m->x0 + m->x1) / 2.0, y = (m->y0 + m->y1) / 2.0, base = ocrvl_row_base(r, x), xh = r->x_height;
    double beside = x < r->box.x0 ? r->box.x0 - m->x1 : x > r->box.x1 ? m->x0 - r->box.x1 : 0;
    double w = m->x1 - m->x0, h = m->y1 - m->y0;
    bool flat = w > 1.2 * xh && h < 0.35 * xh, speck = w < 0.3 * xh && h < 0.3 * xh;
    if (beside > (flat ? 2.6 : 1.6) * xh || y < base - 1.75 * xh || m->y0 < base - 2.2 * xh || m->y1 > base + 0.95 * xh)
        return -1;
    if (flat && fabs(base - 0.5 * xh - y) > 0.4 * xh) /* a piece of an underline, not a dash */
        return -1;
    if (w < 0.22 * xh && h > w && beside > 0.8 * xh) /* a fold or an edge */
        return -1;
    if (speck && beside > 0.6 * xh && fabs(base - m->y1) > 0.2 * xh) /* dirt beside the line, not a full stop */
        return -1;
    double off = y > base ? y - base : y < base - xh ? base - xh - y : 0;
    return off / xh + (beside > 0 ? 0.3 * beside / xh : 0);
}

/* Whether m is a word of line r that was chained by itself: it stands on r's baseline, between r's ends. */
static bool is_word_of(const ocrvl_row *m, const ocrvl_row *r)
{
    double x = (m->box.x0 + m->box.x1) / 2.0, base = ocrvl_row_base(r, x), xh = r->x_height;
    return m->glyphs <= r->glyphs && r->glyphs > 2 && m->box.x0 > r->box.x0 - 0.3 * xh &&
           m->box.x1 < r->box.x1 + 0.3 * xh && m->box.y0 > base - 2.1 * xh && m->box.y1 < base + 0.75 * xh &&
           m->box.y0 < base - 0.7 * xh && m->box.y1 > base - 0.3 * xh;
}

/* Whether row m is small enough beside line r to be a mark of it. Two letters make a line that takes dashes alone:
 * they may as well be a flourish with text beside it. */
static bool is_mark_of(const ocrvl_row *m, const ocrvl_row *r, double median)
{
    int32_t h = m->box.y1 - m->box.y0, w = m->box.x1 - m->box.x0;
    bool within = m->glyphs == 1 && r->glyphs >= 6 && m->box.x0 > r->box.x0 && m->box.x1 < r->box.x1;
    if (h > 0.8 * median && r->x_height > 1.7 * median && !within) /* a letter of the text beside something large */
        return false;
    if (r->glyphs < 3)
        return m->glyphs == 1 && h < 0.35 * r->x_height && w < 3 * r->x_height;
    if (h < 0.75 * r->x_height)
        return m->glyphs < 4;
    /* a narrow sign by itself, as an exclamation mark or a bracket, or a speck of letters within the line */
    return m->glyphs <= 2 && h < 2.6 * r->x_height && w < 2.5 * r->x_height && m->glyphs * 2 < r->glyphs;
}

/* Whether a rule stands between a mark and a line. */
static bool beyond_rule(const lines *l, const ocrvl_box *m, const ocrvl_box *line)
{
    double y = (m->y0 + m->y1) / 2.0;
    return m->x0 < line->x0 ? ocrvl_rule_between(l->s->regions, m, line, y, 2)
                            : m->x1 > line->x1 && ocrvl_rule_between(l->s->regions, line, m, y, 2);
}

/* The line that row m is a mark or a word of; OCRVL_NO_ROW: none. */
static uint32_t line_of_mark(const lines *l, uint32_t m, const uint32_t *into)
{
    const ocrvl_row *rows = l->s->rows.at, *mark = &rows[m];
    double best = 1e9;
    uint32_t found = OCRVL_NO_ROW;
    for (int c = 0; c < CLASSES; c++) {
        walk w = walk_from(l, c, mark->box.y0, mark->box.y1);
        for (uint32_t j; walk_on(l, &w, &j);) {
            const ocrvl_row *r = &rows[j];
            if (j == m || into[j] != j || mark->box.x0 > r->box.x1 + 3 * r->x_height ||
                mark->box.x1 < r->box.x0 - 3 * r->x_height)
                continue;
            if (is_word_of(mark, r))
                return j;
            if (r->box.y1 - r->box.y0 < mark->box.y1 - mark->box.y0 || !is_mark_of(mark, r, l->median))
                continue;
            double d = mark_distance(r, &mark->box);
            if (d >= 0 && d < best && !beyond_rule(l, &mark->box, &r->box)) {
                best = d;
                found = j;
            }
        }
    }
    return found;
}

ocrvl_status ocrvl_attach_marks(ocrvl_segmenter *s, ocrvl_error *err)
{
    lines l;
    uint32_t *into = ocrvl_alloc_array(s->rows.count, sizeof *into);
    ocrvl_status st = find_lines(&l, s, err);
    if (!into || st != OCRVL_OK) {
        ocrvl_free(l.at);
        ocrvl_free(into);
        return ocrvl_fail_nomem(err);
    }
    for (uint32_t i = 0; i < s->rows.count; i++)
        into[i] = i;
    bool again = true;
    for (int round = 0; again && round < 6; round++) { /* a row of dots goes on dot by dot */
        again = false;
        for (uint32_t i = 0; i < s->rows.count; i++) {
            uint32_t at = into[i] == i ? line_of_mark(&l, i, into) : OCRVL_NO_ROW;
            if (at == OCRVL_NO_ROW)
                continue;
            ocrvl_row *r = &s->rows.at[at];
            r->box.x0 = s->rows.at[i].box.x0 < r->box.x0 ? s->rows.at[i].box.x0 : r->box.x0;
            r->box.x1 = s->rows.at[i].box.x1 > r->box.x1 ? s->rows.at[i].box.x1 : r->box.x1;
            into[i] = at;
            again = true;
        }
    }
    for (size_t b = 0; b < s->count; b++)
        while (s->row_of[b] != OCRVL_NO_ROW && into[s->row_of[b]] != s->row_of[b])
            s->row_of[b] = into[s->row_of[b]];
    ocrvl_free(l.at);
    ocrvl_free(into);
    return ocrvl_fit_rows(s, err);
}
