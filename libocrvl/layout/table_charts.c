/* What looks like a table and is the text of a chart: the scales along its axes, in a frame or beside each other. */
#include <math.h>
#include <stdlib.h>

#include "layout/table_parts.h"

enum { FEW_ROWS = 3 };     /* of numbers alone */
enum { LEAST_STEPS = 3 };  /* of a scale */
enum { LEAST_STEP = 2 };   /* numbers that go up by one may count rows, or years */
enum { MOST_SKIPPED = 3 }; /* marks of a scale that weren't read */
enum { MOST_VALUES = 64 }; /* that are looked at */

bool ocrvl_is_number_cell(const ocrvl_tabler *t, const ocrvl_table_cell *c)
{
    bool number = c->count > 0;
    for (size_t i = c->first; i < c->first + c->count; i++)
        number &= t->words[t->out->words[i]].number;
    return number;
}

static bool has_number(const ocrvl_tabler *t, const ocrvl_table_cell *c)
{
    for (size_t i = c->first; i < c->first + c->count; i++)
        if (t->words[t->out->words[i]].number)
            return true;
    return false;
}

/* Whether a cell has several pieces in a row, as a chart has along its axes. */
static bool is_level_scale(const ocrvl_tabler *t, const ocrvl_table_cell *c)
{
    size_t gaps = 0;
    for (size_t i = c->first + 1; i < c->first + c->count && gaps < 4; i++) {
        const ocrvl_table_word *a = &t->words[t->out->words[i - 1]], *b = &t->words[t->out->words[i]];
        if (fabsf(a->base - b->base) > 0.3 * t->unit)
            gaps = 0;
        else
            gaps += b->box.x0 - a->box.x1 > 3 * t->unit;
    }
    return gaps >= 4;
}

/* The whole number that a cell begins with; -1: none. */
static int32_t value_of(const ocrvl_tabler *t, const ocrvl_table_cell *c)
{
    return c->count ? t->words[t->out->words[c->first]].value : -1;
}

/* How many steps from one number to the next are of a size and its small multiples, one way. */
static size_t count_steps(const int32_t *v, size_t n, int32_t size)
{
    size_t up = 0, down = 0;
    for (size_t i = 1; i < n; i++) {
        int32_t step = v[i] - v[i - 1];
        if (step == 0 || step % size || abs(step) > MOST_SKIPPED * size)
            continue;
        up += step > 0;
        down += step < 0;
    }
    return up > down ? up : down;
}

/* Whether the numbers down a column go on by the same step, but for some that were left out or read wrongly. cells:
 * [n].
 */
static bool is_upright_scale(const ocrvl_tabler *t, const ocrvl_table_cell *cells, size_t n, uint32_t col)
{
    int32_t v[MOST_VALUES];
    size_t count = 0;
    for (size_t i = 0; i < n && count < MOST_VALUES; i++)
        if (cells[i].col == col && value_of(t, &cells[i]) >= 0)
            v[count++] = value_of(t, &cells[i]);
    for (size_t i = 1; i < count; i++) {
        int32_t size = abs(v[i] - v[i - 1]);
        size_t steps = size >= LEAST_STEP ? count_steps(v, count, size) : 0;
        if (steps >= LEAST_STEPS && steps * 2 > count - 1)
            return true;
    }
    return false;
}

bool ocrvl_is_chart(const ocrvl_tabler *t, const ocrvl_grid *g, const ocrvl_table_cell *cells, size_t n)
{
    size_t filled = 0, texts = 0, rows = 0, scaled = 0;
    uint32_t row = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        const ocrvl_table_cell *c = &cells[i];
        if (!c->count)
            continue;
        if (is_level_scale(t, c))
            return true;
        filled++;
        texts += !has_number(t, c);
        rows += c->row != row;
        row = c->row;
    }
    if (rows <= FEW_ROWS && texts == 0)
        return true;
    for (uint32_t col = 0; col < g->cols && !g->framed; col++) {
        if (!is_upright_scale(t, cells, n, col))
            continue;
        for (size_t i = 0; i < n; i++)
            scaled += cells[i].col == col && cells[i].count > 0;
    }
    return scaled * 5 > filled * 4;
}
