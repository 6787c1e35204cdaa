#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/table_parts.h"

/* Cell by cell, line by line, from left to right. */
static void sort_words(ocrvl_placed_word *p, size_t n, double near)
{
    qsort(p, n, sizeof *p, ocrvl_by_cell);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && p[end].cell == p[i].cell && p[end].base - p[i].base < near; end++)
            ;
        qsort(p + i, end - i, sizeof *p, ocrvl_by_left);
    }
}

typedef struct putter {
    ocrvl_grid *g;
    ocrvl_tabler *t;
    uint32_t *cell_at; /* [rows][cols] of the new cells, counted from 1; 0: none yet */
    ocrvl_placed_word *words;
    size_t first, count; /* the new cells */
} putter;

static bool is_free_row(const putter *p, size_t row, size_t c0, size_t c1)
{
    const ocrvl_grid *g = p->g;
    const bool *left = g->left + row * (g->cols + 1);
    if (!left[c0] || !left[c1])
        return false;
    for (size_t c = c0; c < c1; c++)
        if (p->cell_at[row * g->cols + c] || g->above[row * g->cols + c] || (c > c0 && left[c]))
            return false;
    return true;
}

/* The largest cell that begins at a position, first to the right, then down. */
static ocrvl_status add_cell(putter *p, size_t row, size_t col, ocrvl_error *err)
{
    const ocrvl_grid *g = p->g;
    ocrvl_tables *out = p->t->out;
    size_t c1 = col + 1, r1 = row + 1;
    while (c1 < g->cols && !g->left[row * (g->cols + 1) + c1] && !p->cell_at[row * g->cols + c1])
        c1++;
    while (r1 < g->rows && is_free_row(p, r1, col, c1))
        r1++;
    if (!OCRVL_ARRAY_RESERVE(out->cells, out->cell_cap, out->cell_count + 1))
        return ocrvl_fail_nomem(err);
    out->cells[out->cell_count++] = (ocrvl_table_cell){
        .row = (uint32_t)row,
        .col = (uint32_t)col,
        .row_span = (uint32_t)(r1 - row),
        .col_span = (uint32_t)(c1 - col),
        .box = {(int32_t)g->xs[col], (int32_t)g->ys[row], (int32_t)ceil(g->xs[c1]), (int32_t)ceil(g->ys[r1])}};
    p->count++;
    for (size_t r = row; r < r1; r++)
        for (size_t c = col; c < c1; c++)
            p->cell_at[r * g->cols + c] = (uint32_t)p->count;
    return OCRVL_OK;
}

static size_t line_at(const double *at, size_t n, double v)
{
    size_t i = 0;
    while (i + 1 < n && v >= at[i + 1])
        i++;
    return i;
}

static ocrvl_status place(putter *p, const uint32_t *which, size_t words, ocrvl_error *err)
{
    ocrvl_tables *out = p->t->out;
    const ocrvl_grid *g = p->g;
    if (!OCRVL_ARRAY_RESERVE(out->words, out->word_cap, out->word_count + words + 1))
        return ocrvl_fail_nomem(err);
    for (size_t i = 0, c = 0; i < words; i++) {
        const ocrvl_table_word *w = &p->t->words[which[i]], *before = i ? &p->t->words[which[i - 1]] : NULL;
        size_t r = line_at(g->ys, g->rows, w->base - w->x_height / 2);
        if (!w->dots || !before || fabsf(before->base - w->base) > 1) /* dots stay with the words that they lead from */
            c = line_at(g->xs, g->cols, (w->box.x0 + w->box.x1) / 2.0);
        p->words[i] = (ocrvl_placed_word){p->cell_at[r * g->cols + c] - 1, w->base, w->box.x0, which[i]};
    }
    sort_words(p->words, words, 0.5 * p->t->unit);
    for (size_t i = 0, k = 0; i < p->count; i++) {
        ocrvl_table_cell *cell = &out->cells[p->first + i];
        cell->first = out->word_count;
        for (; k < words && p->words[k].cell == i; k++)
            out->words[out->word_count++] = p->words[k].word;
        cell->count = out->word_count - cell->first;
    }
    return OCRVL_OK;
}

/* The cells with text that begin in a row; UINT32_MAX: in any. */
static size_t count_filled(const putter *p, uint32_t row)
{
    size_t n = 0;
    for (size_t i = p->first; i < p->first + p->count; i++)
        n += p->t->out->cells[i].count > 0 && (row == UINT32_MAX || p->t->out->cells[i].row == row);
    return n;
}

/* How much the table explains: its cells with text, less those over several columns, of which few are right but in a
 * frame or a head of several cells. At least 1. */
static size_t worth(const putter *p)
{
    size_t filled = count_filled(p, UINT32_MAX), spans = 0, head = count_filled(p, 0);
    for (size_t i = p->first; i < p->first + p->count; i++) {
        const ocrvl_table_cell *c = &p->t->out->cells[i];
        spans += c->count > 0 && c->col_span > 1 && !p->g->framed && (c->row > 0 || head < 2);
    }
    return filled > 3 * spans ? filled - 3 * spans : 1;
}

/* Whether the cells make a table: text in several columns and rows, not a drawing with words here and there, nor
 * running text with lines about it. */
static bool is_table(const putter *p, size_t words)
{
    const ocrvl_grid *g = p->g;
    if (g->striped && g->cols == 1)
        return g->rows > 3 && count_filled(p, UINT32_MAX) == g->rows;
    size_t filled = 0, several = 0, prose = 0, rows = 0, last = SIZE_MAX, in_row = 0;
    for (size_t i = 0; i < p->count; i++) {
        const ocrvl_table_cell *c = &p->t->out->cells[p->first + i];
        if (!c->count)
            continue;
        filled++;
        in_row = c->row == last ? in_row + 1 : 1;
        last = c->row;
        rows += in_row == 1;
        several += in_row == 2;
    }
    for (size_t i = 0; i < words; i++)
        prose += p->t->words[p->words[i].word].prose;
    bool barred = g->bars > 3 && g->bars >= g->rows, sparse = barred || g->sparse;
    return g->rows >= 2 && g->cols >= 2 && filled >= 4 && rows >= 2 && rows * 3 >= g->rows * 2 &&
           several >= (sparse || (g->framed && g->caged) ? 1 : 2) && filled * 10 >= p->count * 3 &&
           (g->framed || barred || prose * 3 < words * 2);
}

/* ---- proof of tables without frames ------------------------------------------------------------------ */

typedef struct column {
    size_t filled, numbers, wide; /* cells; wide: they fill the column with words */
    size_t rising, values;        /* whole numbers, and how many are no less than the one before */
    int32_t last;
    double x0, x1; /* of its words */
} column;

static ocrvl_box around(const putter *p, const ocrvl_table_cell *c)
{
    ocrvl_box b = {0};
    for (size_t i = c->first; i < c->first + c->count; i++)
        b = ocrvl_box_union(b, p->t->words[p->t->out->words[i]].box);
    return b;
}

static void add_to_column(const putter *p, column *k, const ocrvl_table_cell *c, bool measured)
{
    ocrvl_box b = around(p, c);
    int32_t value = c->count == 1 ? p->t->words[p->t->out->words[c->first]].value : -1;
    bool number = ocrvl_is_number_cell(p->t, c);
    if (!measured) {
        k->x0 = k->filled ? fmin(k->x0, b.x0) : b.x0;
        k->x1 = k->filled ? fmax(k->x1, b.x1) : b.x1;
        k->filled++;
        return;
    }
    k->numbers += number;
    k->wide += !number && b.x1 - b.x0 > 12 * p->t->unit && b.x1 - b.x0 > 0.7 * (k->x1 - k->x0);
    if (value >= 0) {
        k->rising += k->values > 0 && value >= k->last && value - k->last < 60;
        k->values++;
        k->last = value;
    }
}

/* How many of the words are of lines with rows of dots, and how many of fonts for code. */
static void count_kinds(const putter *p, size_t words, size_t *led, size_t *mono)
{
    *led = *mono = 0;
    for (size_t i = 0; i < words; i++) {
        const ocrvl_table_word *w = &p->t->words[p->words[i].word];
        *led += w->led;
        *mono += w->mono;
    }
}

typedef struct evidence {
    size_t filled, spans; /* cells with text of one column; of several */
    size_t across;        /* rows that are one line over several columns */
    size_t wide, numbers; /* columns that text fills; columns of numbers, less the first */
    bool contents;        /* the last column may be of page numbers */
} evidence;

static ocrvl_status weigh(const putter *p, evidence *e, ocrvl_error *err)
{
    const ocrvl_grid *g = p->g;
    column *k = ocrvl_alloc_array(g->cols, sizeof *k);
    *e = (evidence){0};
    if (!k)
        return ocrvl_fail_nomem(err);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < p->count; i++) {
            const ocrvl_table_cell *c = &p->t->out->cells[p->first + i];
            if (c->count && c->col_span == 1)
                add_to_column(p, &k[c->col], c, round == 1);
            e->spans += round && c->count && c->col_span > 1;
            e->across += round && c->row > 0 && c->count > 4 && g->cols > 2 && c->col_span >= (g->cols < 4 ? 2 : 3) &&
                         count_filled(p, c->row) == 1;
        }
    for (size_t j = 0; j < g->cols; j++) {
        e->filled += k[j].filled;
        e->wide += k[j].filled > 1 && k[j].wide * 2 > k[j].filled;
        e->numbers += j && k[j].numbers * 2 > k[j].filled && k[j].numbers > 1;
    }
    const column *last = &k[g->cols - 1];
    e->contents = g->cols <= 3 && last->values >= 3 && last->rising + 2 >= last->values &&
                  last->values * 4 > 3 * last->filled && g->bars < 2;
    ocrvl_free(k);
    return OCRVL_OK;
}

/* Whether a table that no frame draws is one: numbers in its columns, or rules, or many short cells; not columns of
 * text, a list with its marks, a page of contents, or code. */
static bool is_proved(const putter *p, const evidence *e, size_t words)
{
    const ocrvl_grid *g = p->g;
    bool rows_barred = g->bars > 3 && g->bars >= g->rows;
    size_t led, mono, positions = g->rows * g->cols, head = count_filled(p, 0);
    count_kinds(p, words, &led, &mono);
    if ((mono * 4 > words * 3 && g->bars < 4) || e->across || (g->headed && (head < 2 || head * 2 < g->cols)))
        return false;
    if (g->named && !e->spans && e->filled * 2 >= positions)
        return true;
    if (e->contents || (g->cols <= 3 && e->numbers < 2 && led * 2 > words))
        return false;
    if (e->wide > 1 && !rows_barred && (g->cols < 4 || e->wide * 2 > g->cols))
        return false;
    if (e->filled * (g->bars > g->rows ? 3 : 2) < positions || e->spans * 3 > e->filled)
        return false;
    if (g->bars >= 2)
        return g->cols > 2 || e->numbers || (g->rows >= 3 && g->bars > 2);
    if (e->wide)
        return e->numbers >= 2 || (e->numbers && g->rows >= 4);
    if (e->numbers > 1)
        return g->rows >= 3 || (g->cols >= 3 && e->filled * 4 > positions * 3);
    if (e->numbers)
        return g->rows >= 4 || (g->rows == 3 && e->filled * 4 > positions * 3);
    return g->rows >= 4 && g->cols >= 3;
}

/* The first row is the head; a second one too, where cells of the first span several columns. */
static void mark_head(putter *p)
{
    uint32_t head = p->g->rows > 1;
    size_t numbers = 0, filled = 0;
    ocrvl_table_cell *cells = &p->t->out->cells[p->first];
    for (size_t i = 0; i < p->count && cells[i].row == 0; i++) {
        if (cells[i].col_span > 1 && cells[i].col_span < p->g->cols && cells[i].row_span == 1 && p->g->rows > 2)
            head = 2;
        filled += cells[i].count > 0;
        numbers += ocrvl_is_number_cell(p->t, &cells[i]);
    }
    if (filled && numbers == filled && cells[0].count)
        head = 0;
    for (size_t i = 0; i < p->count && cells[i].row < head; i++)
        cells[i].header = true;
}

static ocrvl_status put(putter *p, const uint32_t *which, size_t words, bool keep, size_t *filled, ocrvl_error *err)
{
    ocrvl_tables *out = p->t->out;
    const ocrvl_grid *g = p->g;
    ocrvl_status st = OCRVL_OK;
    size_t first_word = out->word_count;
    p->first = out->cell_count;
    for (size_t r = 0; r < g->rows; r++)
        for (size_t c = 0; c < g->cols && !st; c++)
            if (!p->cell_at[r * g->cols + c])
                st = add_cell(p, r, c, err);
    if (!st)
        st = place(p, which, words, err);
    if (st)
        return st;
    evidence e = {0};
    if (g->open)
        st = weigh(p, &e, err);
    if (st)
        return st;
    if (is_table(p, words) && !ocrvl_is_chart(p->t, g, out->cells + p->first, p->count) &&
        (!g->open || g->striped || g->sparse || is_proved(p, &e, words)))
        *filled = worth(p);
    if (!*filled || !keep) {
        out->cell_count = p->first;
        out->word_count = first_word;
        return OCRVL_OK;
    }
    mark_head(p);
    if (!OCRVL_ARRAY_RESERVE(out->at, out->cap, out->count + 1))
        return ocrvl_fail_nomem(err);
    out->at[out->count++] = (ocrvl_table){
        {(int32_t)g->xs[0], (int32_t)g->ys[0], (int32_t)ceil(g->xs[g->cols]), (int32_t)ceil(g->ys[g->rows])},
        p->first,
        p->count};
    for (size_t i = 0; i < words; i++)
        p->t->taken[which[i]] = true;
    return OCRVL_OK;
}

ocrvl_status ocrvl_grid_put(ocrvl_grid *g, ocrvl_tabler *t, const uint32_t *which, size_t words, bool keep,
                            size_t *filled, ocrvl_error *err)
{
    *filled = 0;
    if (g->rows < 2 || (g->cols < 2 && !g->striped))
        return OCRVL_OK;
    putter p = {.g = g, .t = t};
    p.cell_at = ocrvl_alloc_array(g->rows * g->cols, sizeof *p.cell_at);
    p.words = ocrvl_alloc_array(words + 1, sizeof *p.words);
    ocrvl_status st = p.cell_at && p.words ? put(&p, which, words, keep, filled, err) : ocrvl_fail_nomem(err);
    ocrvl_free(p.cell_at);
    ocrvl_free(p.words);
    return st;
}
