#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/segment_parts.h"

/* Rows are judged by the gap to the next row on their baseline, in x-heights. */
#define JOIN_ALWAYS 1.2 /* no gutter is as narrow */
#define JOIN_RARELY 5.0 /* a space is as wide only in a line whose other spaces are, too */
#define JOIN_NEVER 9.0
#define WIDE 2.2 /* a gap of this, and OUTLIER times the usual space, parts lines too */
#define OUTLIER 3.4
#define OUTLIER_APART 2.0 /* or this, where on one side hardly more than half of the letters stand on the line */
#define STRAYING 0.65     /* at most so many, */
#define STANDING 0.95     /* and nearly all on the other */
#define NARROW 2.5        /* a piece of a line no wider is a letter or two */
enum { FEW = 4 };         /* letters that don't tell a baseline */

typedef struct joiner {
    ocrvl_segmenter *s;
    ocrvl_placed *by_y; /* of baselines in whole pixels */
    size_t count;
    uint32_t *next;   /* by row: the row to its right on the same baseline, or OCRVL_NO_ROW */
    uint32_t *before; /* the other way */
    bool *cut;        /* by row: it and `next` are lines of their own */
    double *scratch;  /* by row */
    double drift;     /* how far a baseline may stray between a row's middle and its ends */
} joiner;

static double larger_x(const ocrvl_row *a, const ocrvl_row *b)
{
    return a->x_height > b->x_height ? a->x_height : b->x_height;
}

/* Whether a few letters, whose own baseline is a guess, stand on the baseline of r as letters of its size do. The hook
 * of a question mark, whose dot is in r already, stands over it. */
static bool stands_on(const ocrvl_row *few, const ocrvl_row *r)
{
    double base = ocrvl_row_base(r, (few->box.x0 + few->box.x1) / 2.0), xh = r->x_height;
    bool over = few->glyphs == 1 && few->box.x0 < r->box.x1 && few->box.x1 > r->box.x0;
    return few->box.y0 > base - 2.1 * xh && few->box.y0 < base - 0.7 * xh &&
           few->box.y1 > base - (over ? 0.6 : 0.3) * xh && few->box.y1 < base + 0.75 * xh;
}

static int32_t lower_height(const ocrvl_row *a, const ocrvl_row *b)
{
    int32_t ha = a->box.y1 - a->box.y0, hb = b->box.y1 - b->box.y0;
    return ha < hb ? ha : hb;
}

/* Whether two rows share most of the lower one's height, which is at least half of the other's. */
static bool level_with(const ocrvl_row *a, const ocrvl_row *b)
{
    int32_t ha = a->box.y1 - a->box.y0, hb = b->box.y1 - b->box.y0, low = lower_height(a, b), high = ha + hb - low;
    int32_t shared = (a->box.y1 < b->box.y1 ? a->box.y1 : b->box.y1) - (a->box.y0 > b->box.y0 ? a->box.y0 : b->box.y0);
    return shared * 10 >= low * 7 && low * 10 >= high * 5;
}

/* Whether two groups of few letters stand beside each other: they share most of their height and a foot or a top. */
static bool side_by_side(const ocrvl_row *a, const ocrvl_row *b)
{
    int32_t foot = abs(a->box.y1 - b->box.y1), top = abs(a->box.y0 - b->box.y0);
    return level_with(a, b) && (foot < top ? foot : top) * 3 <= lower_height(a, b);
}

/* Whether two rows stand so close that no column can end between them, and over most of the same rows of pixels: letters
 * that are joined in writing stand on no baseline that a few of them would tell. */
static bool run_on(const ocrvl_row *a, const ocrvl_row *b)
{
    return level_with(a, b) && abs(b->box.x0 - a->box.x1) * 2 <= lower_height(a, b);
}

/* The x-height that gaps beside a and b are measured in. That of capitals or digits is taken too great. */
static double gap_unit(const ocrvl_row *a, const ocrvl_row *b)
{
    double large = larger_x(a, b), small = a->x_height + b->x_height - large;
    return small > 0.65 * large ? small : large;
}

/* Whether a row has so few letters beside another that its own baseline is a guess; the crumbs of a faint letter may be
 * many, but take little room. */
static bool is_few(const ocrvl_row *r, const ocrvl_row *beside)
{
    return r->glyphs <= FEW || (beside->glyphs > r->glyphs && r->box.x1 - r->box.x0 < NARROW * beside->x_height);
}

/* Whether b goes on where a ends. */
static bool same_line(const ocrvl_row *a, const ocrvl_row *b)
{
    double xh = larger_x(a, b), small = a->x_height + b->x_height - xh, x = (a->box.x1 + b->box.x0) / 2.0;
    double gap = b->box.x0 - a->box.x1;
    if (b->box.x0 <= a->box.x0 || b->box.x1 <= a->box.x1 || gap > JOIN_NEVER * xh)
        return false;
    if ((a->glyphs < 2 || b->glyphs < 2) && gap > 2 * xh)
        return false;
    if (a->box.y1 - a->box.y0 > 3.5 * xh || b->box.y1 - b->box.y0 > 3.5 * xh) /* a flourish, a torn edge */
        return false;
    if (a->glyphs > FEW && is_few(b, a) && stands_on(b, a))
        return true;
    if (b->glyphs > FEW && is_few(a, b) && stands_on(a, b))
        return true;
    if ((a->glyphs <= FEW && b->glyphs <= FEW && side_by_side(a, b)) || run_on(a, b))
        return true;
    return small * 2 >= xh && fabs(ocrvl_row_base(a, x) - ocrvl_row_base(b, x)) < 0.4 * small + 1;
}

static void find_next(joiner *j)
{
    const ocrvl_row *rows = j->s->rows.at;
    for (size_t i = 0; i < j->count; i++) {
        uint32_t a = j->by_y[i].row;
        double best = 1e9, reach = rows[a].x_height * 1.2 + j->drift;
        j->next[a] = OCRVL_NO_ROW;
        for (size_t k = ocrvl_placed_from(j->by_y, j->count, j->by_y[i].y - reach);
             k < j->count && j->by_y[k].y <= j->by_y[i].y + reach; k++) {
            uint32_t b = j->by_y[k].row;
            double gap = rows[b].box.x0 - rows[a].box.x1;
            if (b != a && gap < best && same_line(&rows[a], &rows[b])) {
                best = gap;
                j->next[a] = b;
            }
        }
    }
    /* a row is the next of the nearest only */
    for (size_t i = 0; i < j->count; i++)
        j->before[j->by_y[i].row] = OCRVL_NO_ROW;
    for (size_t i = 0; i < j->count; i++) {
        uint32_t a = j->by_y[i].row, b = j->next[a], other = b == OCRVL_NO_ROW ? b : j->before[b];
        if (b == OCRVL_NO_ROW)
            continue;
        if (other != OCRVL_NO_ROW && rows[other].box.x1 >= rows[a].box.x1) {
            j->next[a] = OCRVL_NO_ROW;
            continue;
        }
        if (other != OCRVL_NO_ROW)
            j->next[other] = OCRVL_NO_ROW;
        j->before[b] = a;
    }
}

static bool rule_between(const ocrvl_segmenter *s, const ocrvl_row *a, const ocrvl_row *b)
{
    double xh = larger_x(a, b), y = ocrvl_row_base(a, a->box.x1) - 0.5 * xh;
    return ocrvl_rule_between(s->regions, &a->box, &b->box, y, 0.3 * xh);
}

/* The strip of paper between two rows that may part columns. */
typedef struct gutter {
    double x0, x1, least; /* least: how wide it must stay, pixels */
    int left, right;      /* rows with ink near it on either side */
} gutter;

/* Takes row r, which stands above or below, into account; false: it crosses the gutter or leaves too little of it.
 * last[]: the baselines of the rows counted last to the left and to the right. */
static bool count_beside(gutter *g, const ocrvl_row *r, double xh, double last[2])
{
    double base = ocrvl_row_base(r, g->x0);
    bool left = r->box.x1 <= g->x1 && r->box.x0 < g->x0, right = r->box.x0 >= g->x0 && r->box.x1 > g->x1;
    if (!left && !right && r->box.x1 > g->x0 && r->box.x0 < g->x1)
        return false;
    if (left && r->box.x1 > g->x0)
        g->x0 = r->box.x1;
    if (right && r->box.x0 < g->x1)
        g->x1 = r->box.x0;
    if (g->x1 - g->x0 < g->least)
        return false;
    if ((left || right) && fabs(base - last[right]) > 0.6 * xh) {
        last[right] = base;
        g->left += left;
        g->right += right;
    }
    return true;
}

/* Goes up (dir -1) or down (1) from row a along the gutter while it stays free, until both sides count `need` rows. The
 * sides are counted apart: columns of different pitch share a baseline only now and then. */
static void walk_gutter(const joiner *j, uint32_t a, int dir, int need, gutter *g)
{
    const ocrvl_row *rows = j->s->rows.at;
    double xh = rows[a].x_height, y = ocrvl_row_base(&rows[a], g->x0), last[2] = {y, y}, end = y;
    size_t k = ocrvl_placed_from(j->by_y, j->count, dir > 0 ? y + 0.6 * xh - j->drift : y - 0.6 * xh + j->drift + 1);
    for (k -= dir < 0; k < j->count && (g->left < need || g->right < need); k += (size_t)dir) {
        const ocrvl_row *r = &rows[j->by_y[k].row];
        double base = ocrvl_row_base(r, g->x0);
        if ((j->by_y[k].y - end) * dir > 4.5 * xh + j->drift)
            return;
        if ((base - y) * dir < 0.6 * xh || (base - end) * dir > 4.5 * xh || r->box.x0 > g->x1 + 12 * xh ||
            r->box.x1 < g->x0 - 12 * xh)
            continue;
        if (!count_beside(g, r, xh, last))
            return;
        end = dir > 0 ? fmax(end, base) : fmin(end, base);
    }
}

/* Whether the gap between a and its next is a gutter: free for many rows if it is narrow, for few if it is wide. */
static bool is_gutter(const joiner *j, uint32_t a)
{
    static const struct {
        double wide;
        int rows;
    } enough[] = {{3.6, 2}, {2.8, 3}, {2.2, 4}, {1.6, 6}, {1.25, 8}};
    const ocrvl_row *rows = j->s->rows.at, *b = &rows[j->next[a]];
    double xh = larger_x(&rows[a], b);
    for (size_t i = 0; i < sizeof enough / sizeof *enough; i++) {
        gutter g = {rows[a].box.x1, b->box.x0, enough[i].wide * xh, 1, 1};
        if (g.x1 - g.x0 < g.least)
            continue;
        walk_gutter(j, a, -1, enough[i].rows, &g);
        walk_gutter(j, a, 1, enough[i].rows, &g);
        if (g.left >= enough[i].rows && g.right >= enough[i].rows)
            return true;
    }
    return false;
}

/* The median space between words, in x-heights; 0 if there are too few. */
static double median_space(const joiner *j, double *gaps)
{
    const ocrvl_row *rows = j->s->rows.at;
    size_t n = 0;
    for (size_t i = 0; i < j->count; i++) {
        uint32_t a = j->by_y[i].row, b = j->next[a];
        if (b == OCRVL_NO_ROW || rows[a].glyphs < 2 || rows[b].glyphs < 2)
            continue;
        double gap = (rows[b].box.x0 - rows[a].box.x1) / gap_unit(&rows[a], &rows[b]);
        if (gap > 0.3 && gap < WIDE)
            gaps[n++] = gap;
    }
    qsort(gaps, n, sizeof *gaps, ocrvl_compare_doubles);
    return n >= 5 ? gaps[n / 2] : 0;
}

/* Whether the letters of one of two rows stand on its baseline and those of the other, as on the rim of a seal, on none. */
static bool stand_apart(const ocrvl_row *a, const ocrvl_row *b)
{
    double low = fmin(a->standing, b->standing), high = fmax(a->standing, b->standing);
    return a->glyphs > FEW && b->glyphs > FEW && low < STRAYING && high > STANDING;
}

/* Whether the gap after a is far wider than the spaces around it in its line, or of the page if it has few. */
static bool is_outlier(const joiner *j, uint32_t a)
{
    const ocrvl_row *rows = j->s->rows.at;
    double xh = gap_unit(&rows[a], &rows[j->next[a]]), gap = (rows[j->next[a]].box.x0 - rows[a].box.x1) / xh, beside[6];
    size_t n = 0;
    if (gap < WIDE)
        return false;
    for (uint32_t b = j->next[a], k = 0; k < 3 && j->next[b] != OCRVL_NO_ROW; b = j->next[b], k++)
        beside[n++] = (rows[j->next[b]].box.x0 - rows[b].box.x1) / xh;
    for (uint32_t b = j->before[a], c = a, k = 0; k < 3 && b != OCRVL_NO_ROW; c = b, b = j->before[b], k++)
        beside[n++] = (rows[c].box.x0 - rows[b].box.x1) / xh;
    qsort(beside, n, sizeof *beside, ocrvl_compare_doubles);
    double median = n >= 4 ? beside[n / 2] : j->s->space;
    return median > 0 && gap > (stand_apart(&rows[a], &rows[j->next[a]]) ? OUTLIER_APART : OUTLIER) * median;
}

/* Whether the gap after a is one of several as wide: a line blown up to fill its column. */
static bool is_blown_up(const joiner *j, uint32_t a)
{
    const ocrvl_row *rows = j->s->rows.at;
    double gap = rows[j->next[a]].box.x0 - rows[a].box.x1;
    size_t alike = 0;
    for (uint32_t b = j->next[a], k = 0; k < 3 && j->next[b] != OCRVL_NO_ROW; b = j->next[b], k++)
        alike += (rows[j->next[b]].box.x0 - rows[b].box.x1) * 1.5 > gap;
    for (uint32_t b = j->before[a], c = a, k = 0; k < 3 && b != OCRVL_NO_ROW; c = b, b = j->before[b], k++)
        alike += (rows[c].box.x0 - rows[b].box.x1) * 1.5 > gap;
    return alike >= 2;
}

static void merge(joiner *j, ocrvl_layout_mode mode)
{
    ocrvl_segmenter *s = j->s;
    if (s->space == 0) /* later the words of a line are joined, and the gaps left are wide ones */
        s->space = median_space(j, j->scratch);
    for (size_t i = 0; i < j->count; i++) {
        uint32_t a = j->by_y[i].row, b = j->next[a];
        if (b == OCRVL_NO_ROW)
            continue;
        double gap = s->rows.at[b].box.x0 - s->rows.at[a].box.x1;
        if (mode == OCRVL_LAYOUT_AUTO && gap > 0)
            j->cut[a] = rule_between(s, &s->rows.at[a], &s->rows.at[b]) ||
                        (gap > JOIN_ALWAYS * larger_x(&s->rows.at[a], &s->rows.at[b]) &&
                         (is_outlier(j, a) || is_gutter(j, a))) ||
                        (gap > JOIN_RARELY * larger_x(&s->rows.at[a], &s->rows.at[b]) && !is_blown_up(j, a));
    }
    /* the head of each line gives the number */
    for (size_t i = 0; i < j->count; i++) {
        uint32_t a = j->by_y[i].row;
        if (j->next[a] != OCRVL_NO_ROW && j->cut[a])
            j->next[a] = OCRVL_NO_ROW;
    }
}

static ocrvl_status renumber(joiner *j, ocrvl_error *err)
{
    ocrvl_segmenter *s = j->s;
    uint32_t *head = ocrvl_alloc_array(s->rows.count, sizeof *head);
    if (!head)
        return ocrvl_fail_nomem(err);
    for (uint32_t i = 0; i < s->rows.count; i++)
        head[i] = i;
    for (uint32_t i = 0; i < s->rows.count; i++)
        for (uint32_t a = i, b = j->next[i]; b != OCRVL_NO_ROW; a = b, b = OCRVL_NO_ROW) {
            uint32_t p = a, q = b;
            while (head[p] != p)
                p = head[p] = head[head[p]];
            while (head[q] != q)
                q = head[q] = head[head[q]];
            head[p > q ? p : q] = p > q ? q : p;
        }
    for (size_t b = 0; b < s->count; b++)
        if (s->row_of[b] != OCRVL_NO_ROW)
            while (head[s->row_of[b]] != s->row_of[b])
                s->row_of[b] = head[s->row_of[b]];
    ocrvl_free(head);
    return OCRVL_OK;
}

ocrvl_status ocrvl_join_rows(ocrvl_segmenter *s, ocrvl_layout_mode mode, ocrvl_error *err)
{
    joiner j = {.s = s, .count = s->rows.count};
    j.by_y = ocrvl_alloc_array(j.count, sizeof *j.by_y);
    j.next = ocrvl_alloc_array(j.count, sizeof *j.next);
    j.before = ocrvl_alloc_array(j.count, sizeof *j.before);
    j.cut = ocrvl_alloc_array(j.count, sizeof *j.cut);
    j.scratch = ocrvl_alloc_array(j.count, sizeof *j.scratch);
    ocrvl_status st = OCRVL_OK;
    if (!j.by_y || !j.next || !j.before || !j.cut || !j.scratch) {
        st = ocrvl_fail_nomem(err);
    } else {
        double median = ocrvl_median_x_height(&s->rows);
        j.count = 0;
        for (uint32_t i = 0; i < s->rows.count; i++) {
            const ocrvl_row *r = &s->rows.at[i];
            j.next[i] = j.before[i] = OCRVL_NO_ROW;
            if (r->glyphs < 2 && r->box.y1 - r->box.y0 < 0.4 * median) /* specks of no line */
                continue;
            j.by_y[j.count++] = (ocrvl_placed){round(ocrvl_row_base(r, (r->box.x0 + r->box.x1) / 2.0)), i};
            j.drift = fmax(j.drift, fabs(r->slope) * (r->box.x1 - r->box.x0) / 2 + 2);
        }
        ocrvl_placed_sort(j.by_y, j.count);
        find_next(&j);
        merge(&j, mode);
        st = renumber(&j, err);
    }
    ocrvl_free(j.by_y);
    ocrvl_free(j.next);
    ocrvl_free(j.before);
    ocrvl_free(j.cut);
    ocrvl_free(j.scratch);
    return st == OCRVL_OK ? ocrvl_fit_rows(s, err) : st;
}
