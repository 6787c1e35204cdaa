#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/table_parts.h"

#define NEAR 0.7        /* units: lines that lie so near are one */
#define SPACE 1.2       /* units: more than a space between words */
#define GUTTER 0.8      /* units: the narrowest between columns that rules don't part */
#define STEP_APART 1.12 /* how much longer the steps between rows are than those between lines of a cell */

void ocrvl_grid_free(ocrvl_grid *g)
{
    ocrvl_free(g->xs);
    ocrvl_free(g->ys);
    ocrvl_free(g->left);
    ocrvl_free(g->above);
    *g = (ocrvl_grid){0};
}

#define MOST_WORK 1e9 /* steps; pages of a newspaper take a hundredth */

/* Whether so many more steps may be taken. */
static bool afford(ocrvl_tabler *t, double steps)
{
    t->work += steps;
    return t->work < MOST_WORK;
}

typedef struct maker {
    ocrvl_grid *g;
    ocrvl_tabler *t;
    ocrvl_area area;
    const ocrvl_bar *bars;
    size_t bar_count;
    ocrvl_text_rows text;
    double *split; /* [splits] where text parts rows */
    size_t splits;
    bool two_heads; /* the first row names groups of columns, which the second one names */
} maker;

/* ---- lines of the grid ------------------------------------------------------------------------------- */

/* The places of bars of a direction between `from` and `to`, those included, near ones as one -> at[], at most
 * `most`. */
static size_t bar_places(const maker *m, bool vertical, double from, double to, double *at, size_t most)
{
    double near = NEAR * m->t->unit, sum = 0;
    size_t n = 0, run = 0;
    at[n++] = from;
    for (size_t i = 0; i < m->bar_count && n + 1 < most; i++) {
        const ocrvl_bar *b = &m->bars[i];
        if (b->vertical != vertical || b->at < from + near || b->at > to - near)
            continue;
        if (run && b->at - at[n - 1] < near) {
            sum += b->at;
            at[n - 1] = sum / (double)++run;
            continue;
        }
        at[n++] = sum = b->at;
        run = 1;
    }
    at[n++] = to;
    return n;
}

static double middle(const ocrvl_box *b, bool across) { return across ? (b->x0 + b->x1) / 2.0 : (b->y0 + b->y1) / 2.0; }

/* Takes out lines [n] that leave less than `least` pixels without words between them, but not the first and last.
 * across: they are columns'. */
static size_t drop_narrow(const maker *m, double *at, size_t n, bool across, double least)
{
    size_t kept = 1;
    for (size_t i = 1; i < n; i++) {
        bool empty = at[i] - at[kept - 1] < least;
        for (size_t k = 0; k < m->text.words && empty; k++) {
            double c = middle(&m->t->words[m->text.order[k]].box, across);
            empty = c < at[kept - 1] || c >= at[i];
        }
        if (!empty)
            at[kept++] = at[i];
        else if (i + 1 == n && kept > 1)
            at[kept - 1] = at[i];
        else if (kept > 1)
            at[kept - 1] = (at[kept - 1] + at[i]) / 2;
    }
    return kept;
}

/* Whether an upright bar stands along most of the area's height near x. */
static bool is_barred(const maker *m, double x)
{
    double sum = 0;
    for (size_t i = 0; i < m->bar_count; i++)
        if (m->bars[i].vertical && fabs(m->bars[i].at - x) < NEAR * m->t->unit)
            sum += m->bars[i].to - m->bars[i].from;
    return sum > 0.5 * (m->area.y1 - m->area.y0);
}

static bool keep_lines(double **out, const double *at, size_t n)
{
    *out = ocrvl_alloc_array(n, sizeof **out);
    if (*out)
        memcpy(*out, at, n * sizeof *at);
    return *out != NULL;
}

/* Columns by bars and, where those leave room, by gutters. */
static ocrvl_status find_columns(maker *m, ocrvl_error *err)
{
    double bars[OCRVL_TABLE_SIDE + 1], all[OCRVL_TABLE_SIDE + 1];
    double unit = m->t->unit;
    bool sparse =
        m->g->sparse || (m->g->bars > 3 && m->text.count <= 2 * m->g->bars); /* cells may be to be filled in */
    size_t n = bar_places(m, true, m->area.x0, m->area.x1, bars, OCRVL_TABLE_SIDE + 1), k = 1;
    n = drop_narrow(m, bars, n, true, 2 * unit);
    m->g->ruled = n > 2;
    all[0] = bars[0];
    for (size_t i = 1; i < n && k < OCRVL_TABLE_SIDE; i++) {
        bool closed = n > 2 && is_barred(m, bars[i - 1]) && is_barred(m, bars[i]);
        k += ocrvl_find_gutters(m->t, &m->text, (ocrvl_span){bars[i - 1], bars[i]}, (closed ? 2 : 1) * GUTTER * unit,
                                closed ? 0.6 : 0.25, sparse && n == 2, all + k, OCRVL_TABLE_SIDE - k);
        all[k++] = bars[i];
    }
    m->g->cols = k - 1;
    return keep_lines(&m->g->xs, all, k) ? OCRVL_OK : ocrvl_fail_nomem(err);
}

static size_t column_at(const ocrvl_grid *g, double x)
{
    size_t c = 0;
    while (c + 1 < g->cols && x >= g->xs[c + 1])
        c++;
    return c;
}

/* ---- rows by text ------------------------------------------------------------------------------------ */

typedef struct line_of_band { /* what a row of text has in the grid's columns */
    size_t row, filled, numbers;
    bool first, lower; /* there is something in the first column; that begins with a small letter */
    bool only_numbers; /* beside the first column */
    size_t last;       /* the last column with text */
} line_of_band;

static line_of_band look_at(const maker *m, size_t row)
{
    const ocrvl_text_row *r = &m->text.at[row];
    line_of_band l = {.row = row};
    size_t before = SIZE_MAX, others = 0;
    for (size_t i = r->piece; i < r->piece + r->pieces; i++) {
        const ocrvl_piece_of_row *p = &m->text.pieces[i];
        size_t c = column_at(m->g, (p->x0 + p->x1) / 2);
        l.filled += c != before;
        l.last = c;
        before = c;
        l.first |= c == 0;
        l.lower |= c == 0 && p->lower;
        l.numbers += c > 0 && p->number;
        others += c > 0 && !p->number;
    }
    l.only_numbers = l.numbers > 0 && others == 0;
    return l;
}

/* The words of a row of text in a column: from where to where, and how wide the first is; false: there are none. */
static bool extent(const maker *m, size_t row, size_t col, ocrvl_span *out, double *first)
{
    const ocrvl_text_row *r = &m->text.at[row];
    bool any = false;
    for (size_t i = r->first; i < r->first + r->count; i++) {
        const ocrvl_box *b = &m->t->words[m->text.order[i]].box;
        if (column_at(m->g, (b->x0 + b->x1) / 2.0) != col)
            continue;
        if (!any) {
            out->from = b->x0;
            *first = b->x1 - b->x0;
        }
        any = true;
        out->to = b->x1;
    }
    return any;
}

/* Whether the line after `row`, the next one, begins in some column although its first word had room before it: it is
 * no line that was broken. */
static bool had_room(const maker *m, size_t row)
{
    for (size_t c = 0; c < m->g->cols; c++) {
        ocrvl_span a, b, k;
        double first, word, widest = 0;
        if (!extent(m, row, c, &a, &first) || !extent(m, row + 1, c, &b, &word))
            continue;
        for (size_t i = 0; i < m->text.count; i++)
            widest = extent(m, i, c, &k, &first) ? fmax(widest, k.to - k.from) : widest;
        if (a.to - a.from + word + 0.8 * m->t->unit < widest)
            return true;
    }
    return false;
}

/* Whether rows of text [n] between two level bars are rows of the table, not lines of its cells. lines: all of the
 * table's; bands: how many are parted by bars. */
static bool are_rows(const maker *m, const line_of_band *l, size_t n, size_t lines, size_t bands)
{
    size_t wide = 0, numbers = 0, full = 0;
    for (size_t i = 0; i < n; i++) {
        wide += l[i].filled >= 2;
        numbers += l[i].numbers > 0;
        full += l[i].filled >= 2 && l[i].numbers > 0;
    }
    bool few = bands >= 3 && n * 5 <= lines * 3;
    if (numbers >= 2 && numbers * 2 >= n && (!few || n > 4 || full == n))
        return true;
    if (few)
        return false;
    size_t room = 0;
    if (!afford(m->t, (double)n * (double)m->g->cols * (double)m->text.words))
        return true;
    for (size_t i = 0; i + 1 < n; i++)
        room += had_room(m, l[i].row);
    return (n >= 3 || !m->g->ruled) && wide * 5 >= n * 3 && room * 2 >= n - 1;
}

/* Whether line b goes on with the cells of line a, which stands right above. pitch: the usual one. */
static bool goes_on(const maker *m, const line_of_band *a, const line_of_band *b, double pitch)
{
    double step = m->text.at[b->row].base - m->text.at[a->row].base;
    if (step > 1.25 * pitch || b->numbers)
        return false;
    if (!b->first)
        return b->filled < a->filled || b->filled * 2 <= m->g->cols;
    return b->lower && (b->filled == 1 || a->filled == 1);
}

/* Whether the first two rows of a table are a head of two: names, and below them more columns with numbers, as years
 * are. */
static bool is_double_head(const line_of_band *l)
{
    return l[0].filled > 1 && l[0].numbers == 0 && l[1].numbers > 1 && l[1].filled > l[0].filled;
}

/* The least of the usual steps from line to line. */
static double pitch_of(const maker *m, const line_of_band *l, size_t n)
{
    double steps[200];
    size_t k = 0;
    for (size_t i = 1; i < n && k < 200; i++)
        steps[k++] = m->text.at[l[i].row].base - m->text.at[l[i - 1].row].base;
    qsort(steps, k, sizeof *steps, ocrvl_compare_doubles);
    return k ? steps[k / 4] : 0;
}

/* The longest step from line to line within cells, where rows of the table stand further apart than that: all shorter
 * steps are alike, and lead to lines that leave columns empty, have no numbers and begin with words that had no room
 * before. 0: that can't be told by steps. */
static double step_in_cells(const maker *m, const line_of_band *l, size_t n)
{
    double steps[200], least = 0, within = 0;
    size_t k = 0;
    if (n < 4 || n > 200 || !afford(m->t, (double)n * (double)m->g->cols * (double)m->text.words))
        return 0;
    for (size_t i = 1; i < n; i++)
        steps[k++] = m->text.at[l[i].row].base - m->text.at[l[i - 1].row].base;
    qsort(steps, k, sizeof *steps, ocrvl_compare_doubles);
    for (size_t i = 1; i < k && !within && steps[i - 1] < 1.08 * steps[0]; i++)
        if (steps[i] > STEP_APART * steps[i - 1] && k - i >= 2) {
            within = steps[i - 1];
            least = steps[i];
        }
    for (size_t i = 1; i < n && within; i++) {
        double step = m->text.at[l[i].row].base - m->text.at[l[i - 1].row].base;
        if (step < least && (l[i].numbers || l[i].filled == m->g->cols || had_room(m, l[i - 1].row)))
            return 0;
    }
    return within;
}

/* Adds where rows of text [n] part rows of the table. top: they begin the table; within: as step_in_cells. */
static void split_band(maker *m, const line_of_band *l, size_t n, bool top, double within)
{
    double pitch = pitch_of(m, l, n);
    size_t first = 0; /* the first line with numbers: those above are the head's */
    while (first < n && !l[first].numbers)
        first++;
    for (size_t i = 1; i < n; i++) {
        const ocrvl_text_row *a = &m->text.at[l[i - 1].row], *b = &m->text.at[l[i].row];
        bool head = top && first < n && i < first && b->base - a->base < 1.25 * pitch &&
                    (l[i].filled < m->g->cols || l[i - 1].filled < m->g->cols);
        if (!head && (within ? b->base - a->base > within : !goes_on(m, &l[i - 1], &l[i], pitch)))
            m->split[m->splits++] = (a->base + fmin(a->foot, b->top) + fmax(b->top, a->base)) / 3;
    }
}

static ocrvl_status find_rows(maker *m, ocrvl_error *err)
{
    double bars[OCRVL_TABLE_SIDE + 1], near = NEAR * m->t->unit;
    size_t n = bar_places(m, false, m->area.y0, m->area.y1, bars, OCRVL_TABLE_SIDE + 1), bands = 0;
    line_of_band *l = ocrvl_alloc_array(m->text.count + 1, sizeof *l);
    double *all = ocrvl_alloc_array(m->text.count + n + 1, sizeof *all);
    m->split = ocrvl_alloc_array(m->text.count + 1, sizeof *m->split);
    if (!l || !all || !m->split) {
        ocrvl_free(l);
        ocrvl_free(all);
        return ocrvl_fail_nomem(err);
    }
    n = drop_narrow(m, bars, n, false, 1.2 * m->t->unit);
    size_t *end = ocrvl_alloc_array(n + 1, sizeof *end), k = 0;
    for (size_t i = 1, row = 0; end && i < n; i++) {
        end[i - 1] = row;
        while (row < m->text.count && (i + 1 == n || (m->text.at[row].top + m->text.at[row].base) / 2 < bars[i]))
            row++;
        end[i] = row;
        bands += row > end[i - 1];
    }
    all[k++] = bars[0];
    for (size_t i = 1; end && i < n; i++) {
        size_t lines = end[i] - end[i - 1], from = m->splits;
        for (size_t r = 0; r < lines; r++)
            l[r] = look_at(m, end[i - 1] + r);
        bool top = end[i - 1] == 0, heads = top && lines == 2 && is_double_head(l);
        m->two_heads |=
            top && lines > 1 && is_double_head(l) && l[0].filled + !l[0].first < m->g->cols && (heads || !l[1].first);
        double within = lines > 1 && bands <= 2 ? step_in_cells(m, l, lines) : 0; /* else bars part rows */
        if (lines > 1 && (m->g->sparse || heads || within > 0 || are_rows(m, l, lines, m->text.count, bands)))
            split_band(m, l, lines, top, within);
        for (; from < m->splits; from++)
            if (m->split[from] > all[k - 1] + near / 2 && m->split[from] < bars[i] - near / 2)
                all[k++] = m->split[from];
        all[k++] = bars[i];
    }
    ocrvl_status st = end && keep_lines(&m->g->ys, all, k) ? OCRVL_OK : ocrvl_fail_nomem(err);
    m->g->rows = k - 1;
    ocrvl_free(end);
    ocrvl_free(all);
    ocrvl_free(l);
    return st;
}

/* ---- what parts positions ---------------------------------------------------------------------------- */

/* How much of from..to bars near `at` cover. */
static double covered(const maker *m, bool vertical, double at, double from, double to)
{
    double sum = 0, near = NEAR * m->t->unit;
    for (size_t i = 0; i < m->bar_count; i++) {
        const ocrvl_bar *b = &m->bars[i];
        if (b->vertical == vertical && fabs(b->at - at) < near)
            sum += fmax(0, fmin(b->to, to) - fmax(b->from, from));
    }
    return to > from ? sum / (to - from) : 0;
}

static bool is_split(const maker *m, double y)
{
    for (size_t i = 0; i < m->splits; i++)
        if (m->split[i] == y)
            return true;
    return false;
}

/* Whether a piece of a row stands across x: no gap of it is there, or a space alone, unless a number follows or
 * leads. */
static bool stands_across(const maker *m, const ocrvl_piece_of_row *p, double x)
{
    double unit = m->t->unit;
    if (p->x0 > x - 0.2 * unit || p->x1 < x + 0.2 * unit)
        return false;
    for (size_t i = p->first + 1; i < p->first + p->count; i++) {
        const ocrvl_table_word *a = &m->t->words[m->text.order[i - 1]], *b = &m->t->words[m->text.order[i]];
        if (a->box.x1 < x + 0.3 * unit && b->box.x0 > x - 0.3 * unit)
            return !ocrvl_may_part(m->t, &m->text, p, i);
    }
    return true;
}

/* Whether a row of a frame has upright bars and a column's left line has one in another row: it is drawn where it is. */
static bool is_drawn(const maker *m, size_t row, size_t col)
{
    const ocrvl_grid *g = m->g;
    bool here = false, elsewhere = false;
    for (size_t i = 0; i < m->bar_count && g->framed; i++)
        elsewhere |= m->bars[i].vertical && fabs(m->bars[i].at - g->xs[col]) < NEAR * m->t->unit;
    for (size_t j = 1; j < g->cols && elsewhere && !here; j++)
        here = covered(m, true, g->xs[j], g->ys[row], g->ys[row + 1]) > 0.5;
    return here;
}

/* Whether a column's left line, which no bar draws in this row, parts words nevertheless. */
static bool parts_words(const maker *m, size_t row, size_t col)
{
    const ocrvl_grid *g = m->g;
    double x = g->xs[col];
    bool left = false, right = false;
    for (size_t i = 0; i < m->text.piece_count; i++) {
        const ocrvl_piece_of_row *p = &m->text.pieces[i];
        const ocrvl_text_row *r = &m->text.at[p->row];
        double y = (r->top + r->base) / 2;
        if (y < g->ys[row] || y >= g->ys[row + 1] || p->x1 < g->xs[col - 1] || p->x0 > g->xs[col + 1])
            continue;
        if (stands_across(m, p, x))
            return false;
        left |= p->x0 < x;
        right |= p->x1 > x;
    }
    return (left && right) || !(is_barred(m, x) || (!right && is_drawn(m, row, col)));
}

/* Whether words stand across a row's upper line in a column. */
static bool is_crossed(const maker *m, size_t row, size_t col)
{
    const ocrvl_grid *g = m->g;
    for (size_t i = 0; i < m->text.words; i++) {
        const ocrvl_table_word *w = &m->t->words[m->text.order[i]];
        double x = (w->box.x0 + w->box.x1) / 2.0, y = g->ys[row];
        if (x >= g->xs[col] && x < g->xs[col + 1] && w->base - w->x_height < y - 0.2 * m->t->unit &&
            w->base > y + 0.2 * m->t->unit)
            return true;
    }
    return false;
}

/* Whether a position has words. */
static bool has_words(const maker *m, size_t row, size_t col)
{
    const ocrvl_grid *g = m->g;
    for (size_t i = 0; i < m->text.words; i++) {
        const ocrvl_table_word *w = &m->t->words[m->text.order[i]];
        double x = (w->box.x0 + w->box.x1) / 2.0, y = w->base - w->x_height / 2;
        if (x >= g->xs[col] && x < g->xs[col + 1] && y >= g->ys[row] && y < g->ys[row + 1])
            return true;
    }
    return false;
}

/* Joins what is empty in the first of two rows of a head with the name to its left, and in the second with the name
 * above. */
static void join_heads(const maker *m)
{
    ocrvl_grid *g = m->g;
    bool named = false;
    for (size_t c = 0; c < g->cols; c++) {
        bool above = has_words(m, 0, c), below = has_words(m, 1, c);
        if (!above && below && named && covered(m, true, g->xs[c], g->ys[0], g->ys[1]) < 0.5)
            g->left[c] = false;
        if (above && !below && covered(m, false, g->ys[1], g->xs[c], g->xs[c + 1]) < 0.5)
            g->above[g->cols + c] = false;
        named = c > 0 && (above || (named && below));
    }
}

/* How many level bars run from side to side. */
static size_t count_bars(const maker *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->bar_count; i++) {
        const ocrvl_bar *b = &m->bars[i];
        n += !b->vertical && fmin(b->to, m->area.x1) - fmax(b->from, m->area.x0) > 0.85 * (m->area.x1 - m->area.x0);
    }
    return n;
}

/* Whether upright bars stand along the sides of three columns or more; the last one may have lost its own where it was
 * cut off. */
static bool has_cages(const maker *m)
{
    size_t barred = 0;
    for (size_t i = 0; i <= m->g->cols; i++)
        barred += is_barred(m, m->g->xs[i]);
    return m->g->cols >= 3 && barred >= m->g->cols;
}

static ocrvl_status part(maker *m, ocrvl_error *err)
{
    ocrvl_grid *g = m->g;
    g->left = ocrvl_alloc_array(g->rows * (g->cols + 1), sizeof *g->left);
    g->above = ocrvl_alloc_array((g->rows + 1) * g->cols, sizeof *g->above);
    if (!g->left || !g->above)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < g->rows; i++)
        for (size_t j = 0; j <= g->cols; j++)
            g->left[i * (g->cols + 1) + j] = j == 0 || j == g->cols ||
                                             covered(m, true, g->xs[j], g->ys[i], g->ys[i + 1]) > 0.5 ||
                                             parts_words(m, i, j);
    for (size_t i = 0; i <= g->rows; i++)
        for (size_t j = 0; j < g->cols; j++)
            g->above[i * g->cols + j] = i == 0 || i == g->rows ||
                                        covered(m, false, g->ys[i], g->xs[j], g->xs[j + 1]) > 0.5 ||
                                        ((!g->ruled || is_split(m, g->ys[i])) && !is_crossed(m, i, j));
    if (m->two_heads && g->rows > 2)
        join_heads(m);
    return OCRVL_OK;
}

ocrvl_status ocrvl_grid_make(ocrvl_grid *g, ocrvl_tabler *t, ocrvl_area area, const ocrvl_bar *bars, size_t n,
                             const uint32_t *which, size_t words, ocrvl_error *err)
{
    maker m = {.g = g, .t = t, .area = area, .bars = bars, .bar_count = n};
    ocrvl_status st = ocrvl_text_rows_make(&m.text, t, which, words, SPACE, err);
    g->bars = count_bars(&m);
    bool fits = afford(t, (double)m.text.piece_count * (double)m.text.piece_count);
    if (!st && fits)
        st = find_columns(&m, err);
    if (!st && fits)
        st = find_rows(&m, err);
    g->caged = !st && fits && has_cages(&m);
    g->framed =
        g->ruled && (g->caged ? g->bars >= 2 : g->bars >= 3 && is_barred(&m, area.x0) && is_barred(&m, area.x1));
    double positions = (double)g->rows * (double)g->cols;
    if (!st && positions > 0 && positions <= OCRVL_TABLE_POSITIONS &&
        afford(t, positions * (double)(m.text.words + m.text.piece_count + n)))
        st = part(&m, err);
    else
        g->rows = g->cols = 0;
    ocrvl_text_rows_free(&m.text);
    ocrvl_free(m.split);
    if (st)
        ocrvl_grid_free(g);
    return st;
}
