#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/table_parts.h"

typedef struct placed {
    uint32_t cell; /* of the new table's */
    double base, x0;
    uint32_t word;
} placed;

static int by_cell(const void *a, const void *b)
{
    const placed *p = a, *q = b;
    if (p->cell != q->cell)
        return p->cell < q->cell ? -1 : 1;
    if (p->base != q->base)
        return p->base < q->base ? -1 : 1;
    if (p->x0 != q->x0)
        return p->x0 < q->x0 ? -1 : 1;
    return p->word < q->word ? -1 : p->word > q->word;
}

typedef struct putter {
    ocrvl_grid *g;
    ocrvl_tabler *t;
    uint32_t *cell_at; /* [rows][cols] of the new cells, counted from 1; 0: none yet */
    placed *words;
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
    for (size_t i = 0; i < words; i++) {
        const ocrvl_table_word *w = &p->t->words[which[i]];
        size_t r = line_at(g->ys, g->rows, w->base - w->x_height / 2),
               c = line_at(g->xs, g->cols, (w->box.x0 + w->box.x1) / 2.0);
        p->words[i] =
            (placed){p->cell_at[r * g->cols + c] - 1, floor(w->base / (0.5 * p->t->unit)), w->box.x0, which[i]};
    }
    qsort(p->words, words, sizeof *p->words, by_cell);
    for (size_t i = 0, k = 0; i < p->count; i++) {
        ocrvl_table_cell *cell = &out->cells[p->first + i];
        cell->first = out->word_count;
        for (; k < words && p->words[k].cell == i; k++)
            out->words[out->word_count++] = p->words[k].word;
        cell->count = out->word_count - cell->first;
    }
    return OCRVL_OK;
}

static bool is_number(const putter *p, const ocrvl_table_cell *c)
{
    bool number = c->count > 0;
    for (size_t i = c->first; i < c->first + c->count; i++)
        number &= p->t->words[p->t->out->words[i]].number;
    return number;
}

/* Whether a cell has several pieces in a row, as a chart has along its axes. */
static bool is_scale(const putter *p, const ocrvl_table_cell *c)
{
    size_t gaps = 0;
    for (size_t i = c->first + 1; i < c->first + c->count && gaps < 4; i++) {
        const ocrvl_table_word *a = &p->t->words[p->t->out->words[i - 1]], *b = &p->t->words[p->t->out->words[i]];
        if (fabsf(a->base - b->base) > 0.3 * p->t->unit)
            gaps = 0;
        else
            gaps += b->box.x0 - a->box.x1 > 3 * p->t->unit;
    }
    return gaps >= 4;
}

/* Whether the cells make a table: text in several columns and rows, not a drawing with words here and there, nor
 * running text with lines about it. */
static bool is_table(const putter *p, size_t words)
{
    const ocrvl_grid *g = p->g;
    size_t filled = 0, several = 0, prose = 0, rows = 0, last = SIZE_MAX, in_row = 0;
    for (size_t i = 0; i < p->count; i++) {
        const ocrvl_table_cell *c = &p->t->out->cells[p->first + i];
        if (!c->count)
            continue;
        if (is_scale(p, c))
            return false;
        filled++;
        in_row = c->row == last ? in_row + 1 : 1;
        last = c->row;
        rows += in_row == 1;
        several += in_row == 2;
    }
    for (size_t i = 0; i < words; i++)
        prose += p->t->words[p->words[i].word].prose;
    return g->rows >= 2 && g->cols >= 2 && filled >= 4 && rows >= 2 && several >= 2 && filled * 10 >= p->count * 3 &&
           (g->framed || (g->bars > 3 && g->bars >= g->rows) || prose * 3 < words * 2);
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
    bool number = is_number(p, c);
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

/* Whether a table that no frame draws is one: numbers in its columns, or rules, or many short cells; not two columns of
 * text, a list with its marks, or a page of contents. */
static bool is_proved(const putter *p)
{
    const ocrvl_grid *g = p->g;
    column *k = ocrvl_alloc_array(g->cols, sizeof *k);
    size_t filled = 0, spans = 0, numbers = 0, wide = 0, number_columns = 0;
    for (int round = 0; k && round < 2; round++)
        for (size_t i = 0; i < p->count; i++) {
            const ocrvl_table_cell *c = &p->t->out->cells[p->first + i];
            if (c->count && c->col_span == 1)
                add_to_column(p, &k[c->col], c, round == 1);
            spans += round && c->count && c->col_span > 1;
        }
    for (size_t j = 0; k && j < g->cols; j++) {
        filled += k[j].filled;
        numbers += j ? k[j].numbers : 0;
        wide += k[j].filled > 1 && k[j].wide * 2 > k[j].filled;
        number_columns += j && k[j].numbers * 2 > k[j].filled && k[j].numbers > 1;
    }
    const column *last = k ? &k[g->cols - 1] : NULL;
    bool contents = last && g->cols <= 3 && last->values >= 3 && last->rising + 2 >= last->values &&
                    last->values * 4 > 3 * last->filled && g->bars < 2;
    ocrvl_free(k);
    if (!last || contents || wide > 1 || filled * (g->bars > g->rows ? 3 : 2) < g->rows * g->cols || spans * 3 > filled)
        return false;
    if (g->bars >= 2)
        return g->rows >= 2 && (numbers || g->rows >= 3);
    if (wide)
        return number_columns >= 2 || (number_columns && g->rows >= 4);
    if (number_columns)
        return g->rows >= 3 || (g->rows == 2 && g->cols >= 3);
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
        numbers += is_number(p, &cells[i]);
    }
    if (filled && numbers == filled && cells[0].count)
        head = 0;
    for (size_t i = 0; i < p->count && cells[i].row < head; i++)
        cells[i].header = true;
}

static ocrvl_status put(putter *p, const uint32_t *which, size_t words, ocrvl_error *err)
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
    if (!is_table(p, words) || (g->open && !is_proved(p))) {
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

ocrvl_status ocrvl_grid_put(ocrvl_grid *g, ocrvl_tabler *t, const uint32_t *which, size_t words, ocrvl_error *err)
{
    if (g->rows < 2 || g->cols < 2)
        return OCRVL_OK;
    putter p = {.g = g, .t = t};
    p.cell_at = ocrvl_alloc_array(g->rows * g->cols, sizeof *p.cell_at);
    p.words = ocrvl_alloc_array(words + 1, sizeof *p.words);
    ocrvl_status st = p.cell_at && p.words ? put(&p, which, words, err) : ocrvl_fail_nomem(err);
    ocrvl_free(p.cell_at);
    ocrvl_free(p.words);
    return st;
}
