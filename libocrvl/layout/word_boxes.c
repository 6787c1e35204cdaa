#include "layout/word_boxes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/maths.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "layout/layout_parts.h"

/* A stretch of columns with ink, and the gap before it. */
typedef struct stroke {
    int32_t x0, x1;
    double gap; /* in x-heights; below 0: no gap, a thin place within ink */
} stroke;

typedef struct placing {
    stroke *strokes;
    size_t count;
    double *widths; /* by word: what it takes, in units of a usual letter */
    size_t words;
    double unit;      /* pixels of a usual letter */
    double threshold; /* x-heights: gaps above it are likely between words */
    double x_height;
} placing;

/* ---- how wide words are ---- */

/* Widths of letters in usual proportional type. */
static double letter_width(uint32_t c)
{
    if (c < 0x80 && strchr("il.,':;|!`j", (int)c))
        return 0.5;
    if (c < 0x80 && strchr("tfrI()[]-\"/", (int)c))
        return 0.7;
    if (c < 0x80 && strchr("mwMW@%", (int)c))
        return 1.5;
    if (c == 0x2014 || c == 0x2026) /* dash, ellipsis */
        return 1.8;
    if (c == 0x2018 || c == 0x2019)
        return 0.45;
    if (c >= 0x300 && c < 0x370) /* combining marks */
        return 0;
    if (c >= 'A' && c <= 'Z')
        return 1.3;
    return (c >= 0x3000 && c < 0xA000) || (c >= 0xAC00 && c < 0xD7B0) || (c >= 0xFF00 && c < 0xFF61) ? 2 : 1;
}

static double word_width(const char *word, bool even)
{
    size_t n = strlen(word);
    double w = 0;
    for (size_t i = 0; i < n;) {
        double v = letter_width(ocrvl_utf8_next(word, n, &i));
        w += even && v > 0 && v < 2 ? 1 : v;
    }
    return w > 0.3 ? w : 0.3;
}

/* ---- strokes ---- */

/* Fills the strokes of the columns; with `thin`, wide ones are cut at their thinnest columns too, so that words that
 * touch can be parted. */
static void find_strokes(placing *p, const ocrvl_columns *c, bool thin)
{
    int32_t n = c->x1 - c->x0, wide = (int32_t)(0.5 * p->x_height) + 1, last = 0;
    p->count = 0;
    for (int32_t x = 0; x < n;) {
        int32_t x0 = x;
        while (x < n && c->ink[x] == 0)
            x++;
        if (x == n)
            return;
        int32_t from = x;
        while (x < n && c->ink[x] != 0)
            x++;
        p->strokes[p->count++] = (stroke){c->x0 + from, c->x0 + x, (from - x0) / p->x_height};
        last = from;
        for (int32_t k = from + wide; thin && k + wide < x; k++) {
            bool least = k - last >= wide;
            for (int32_t d = -wide / 2; least && d <= wide / 2; d++)
                least = c->ink[k] < c->ink[k + d] || (c->ink[k] == c->ink[k + d] && d >= 0);
            if (!least)
                continue;
            p->strokes[p->count - 1].x1 = c->x0 + k;
            p->strokes[p->count++] = (stroke){c->x0 + k, c->x0 + x, -0.5};
            last = k;
        }
    }
}

static int by_size(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p < q) - (p > q);
}

/* Between the narrowest gap that so many words need and the next smaller one. gaps: scratch. */
static double find_threshold(const placing *p, double *gaps)
{
    size_t n = p->count - 1, need = p->words - 1;
    for (size_t i = 0; i < n; i++)
        gaps[i] = p->strokes[i + 1].gap;
    qsort(gaps, n, sizeof *gaps, by_size);
    if (need == 0)
        return n ? gaps[0] + 1 : 1;
    if (need > n)
        return 0.1;
    double above = gaps[need - 1], below = need < n ? gaps[need] : 0;
    return fmax(0.05, (above + below) / 2);
}

/* ---- the best parting ---- */

static double softplus(double v) { return v > 30 ? v : ocrvl_log1p(ocrvl_exp(v)); }

/* What speaks against (between: for a boundary at, else for no boundary at) the gap before stroke i. */
static double gap_cost(const placing *p, size_t i, bool between)
{
    double soft = 0.15 * p->threshold + 0.05, v = (p->strokes[i].gap - p->threshold) / soft;
    return softplus(between ? -v : v);
}

#define NO_INK_COST 12.0

typedef struct cell {
    double cost;
    uint32_t from; /* strokes that the words before took */
} cell;

/* cells[w][s]: the least cost of giving the first s strokes to the first w words; [words + 1][count + 1]. */
static double solve(const placing *p, cell *cells, double *inside)
{
    size_t n = p->count, row = n + 1;
    inside[0] = 0;
    for (size_t i = 0; i < n; i++)
        inside[i + 1] = inside[i] + (i > 0 ? gap_cost(p, i, false) : 0);
    for (size_t s = 0; s <= n; s++)
        cells[s] = (cell){s == 0 ? 0 : INFINITY, 0};
    for (size_t w = 1; w <= p->words; w++) {
        double want = p->widths[w - 1] * p->unit, spread = 0.25 * want + 0.5 * p->unit;
        for (size_t s = 0; s <= n; s++) {
            cell best = {cells[(w - 1) * row + s].cost + NO_INK_COST, (uint32_t)s};
            for (size_t k = s; k-- > 0;) {
                double before = cells[(w - 1) * row + k].cost, width = p->strokes[s - 1].x1 - p->strokes[k].x0;
                double off = (width - want) / spread;
                if (off > 8)
                    break;
                double cost = before + (off > -8 ? off * off : 64 - 8 * off) + inside[s] - inside[k + 1] +
                              (k > 0 ? gap_cost(p, k, true) : 0);
                if (cost < best.cost)
                    best = (cell){cost, (uint32_t)k};
            }
            cells[w * row + s] = best;
        }
    }
    return cells[p->words * row + n].cost;
}

/* A cost above any other: every parting was too unlikely to be looked at. Then the words share the ink by their widths.
 */
static void share_out(const placing *p, uint32_t *ends)
{
    double total = 0, sum = 0, span = p->strokes[p->count - 1].x1 - p->strokes[0].x0;
    size_t s = 0;
    for (size_t w = 0; w < p->words; w++)
        total += p->widths[w] + 0.6;
    for (size_t w = 0; w < p->words; w++) {
        sum += p->widths[w] + 0.6;
        double until = p->strokes[0].x0 + span * sum / total;
        while (s < p->count && (p->strokes[s].x0 + p->strokes[s].x1) / 2.0 < until)
            s++;
        ends[w] = (uint32_t)(w + 1 == p->words ? p->count : s);
    }
}

/* Tries one way of telling widths, and keeps its parting in ends[words] if it is better than *best. */
static void attempt(placing *p, const char *const *words, bool even, cell *cells, double *scratch, uint32_t *ends,
                    double *best)
{
    double total = 0, span = p->strokes[p->count - 1].x1 - p->strokes[0].x0;
    for (size_t w = 0; w < p->words; w++)
        total += p->widths[w] = word_width(words[w], even);
    p->unit = span / (total + (double)(p->words - 1) * (even ? 1.0 : 0.6));
    double cost = solve(p, cells, scratch);
    if (!(cost < *best))
        return;
    *best = cost;
    for (size_t w = p->words, s = p->count; w > 0; w--) {
        ends[w - 1] = (uint32_t)s;
        s = cells[w * (p->count + 1) + s].from;
    }
}

static void put_boxes(const placing *p, const ocrvl_layout *l, size_t line, const uint32_t *ends, ocrvl_box *boxes)
{
    for (size_t w = 0, s = 0; w < p->words; s = ends[w++]) {
        int32_t y0, y1;
        if (ends[w] <= s)
            continue;
        int32_t x0 = p->strokes[s].x0, x1 = p->strokes[ends[w] - 1].x1;
        if (ocrvl_ink_rows(l, line, x0, x1, &y0, &y1))
            boxes[w] = (ocrvl_box){x0, y0, x1, y1};
    }
}

static ocrvl_status place(placing *p, const ocrvl_layout *l, size_t line, const char *const *words, ocrvl_box *boxes,
                          ocrvl_error *err)
{
    cell *cells = ocrvl_alloc_array((p->words + 1) * (p->count + 1), sizeof *cells);
    double *scratch = ocrvl_alloc_array(p->count + 1, sizeof *scratch);
    uint32_t *ends = ocrvl_alloc_array(p->words, sizeof *ends);
    ocrvl_status st = OCRVL_OK;
    if (!cells || !scratch || !ends) {
        st = ocrvl_fail_nomem(err);
    } else {
        double best = INFINITY;
        p->threshold = find_threshold(p, scratch);
        attempt(p, words, false, cells, scratch, ends, &best);
        attempt(p, words, true, cells, scratch, ends, &best);
        if (best == INFINITY)
            share_out(p, ends);
        put_boxes(p, l, line, ends, boxes);
    }
    ocrvl_free(cells);
    ocrvl_free(scratch);
    ocrvl_free(ends);
    return st;
}

/* The table of partings; more is no line that could be read. */
#define MAX_CELLS (2u << 20)

ocrvl_status ocrvl_layout_place_words(const ocrvl_layout *l, size_t line, int32_t x0, int32_t x1,
                                      const char *const *words, size_t count, ocrvl_box *boxes, ocrvl_error *err)
{
    ocrvl_columns columns;
    placing p = {.words = count};
    if (line >= l->line_count)
        return ocrvl_fail(err, OCRVL_E_ARG, "line %zu of %zu", line, l->line_count);
    if (count == 0)
        return OCRVL_OK;
    memset(boxes, 0, count * sizeof *boxes);
    ocrvl_status st = ocrvl_columns_new(&columns, l, line, x0, x1, err);
    if (st != OCRVL_OK)
        return st;
    p.x_height = fmax(1, l->lines[line].x_height);
    p.strokes = ocrvl_alloc_array((size_t)(columns.x1 - columns.x0) + 1, sizeof *p.strokes);
    p.widths = ocrvl_alloc_array(count, sizeof *p.widths);
    if (!p.strokes || !p.widths)
        st = ocrvl_fail_nomem(err);
    if (st == OCRVL_OK) {
        find_strokes(&p, &columns, false);
        if (p.count < count)
            find_strokes(&p, &columns, true);
        if (p.count > 0 && count < MAX_CELLS / (p.count + 1))
            st = place(&p, l, line, words, boxes, err);
    }
    ocrvl_free(columns.ink);
    ocrvl_free(p.strokes);
    ocrvl_free(p.widths);
    return st;
}
