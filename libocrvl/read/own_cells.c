#include "read/own_cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

enum { MOST = 64 }; /* columns; the cells of wider tables stay where their numbers put them */

typedef struct columns {
    size_t count;
    int32_t x0[MOST], x1[MOST]; /* around the words of the cells that stand in one column alone */
    uint32_t until[MOST];       /* the row from which on the column is free again */
} columns;

typedef struct row { /* cells [first, end) of the tags, among which there may be others */
    size_t first, end;
    uint32_t number;
    size_t cells, across; /* how many there are, and how many columns they take */
} row;

static bool next_row(row *r, const ocrvl_own_tag *g, size_t n)
{
    size_t i = r->end;
    while (i < n && !g[i].table)
        i++;
    *r = (row){.first = i, .end = i};
    for (; r->end < n && (!g[r->end].table || g[r->end].row == g[i].row); r->end++) {
        r->cells += g[r->end].table != 0;
        r->across += g[r->end].table ? g[r->end].col_span : 0;
    }
    r->number = i < n ? g[i].row : 0;
    return i < n;
}

static size_t count_taken(const columns *c, uint32_t row_number, size_t most)
{
    size_t taken = 0;
    for (size_t k = 0; k < most; k++)
        taken += c->until[k] > row_number;
    return taken;
}

static void take(columns *c, const ocrvl_own_tag *cell)
{
    for (size_t k = cell->col; k < cell->col + cell->col_span; k++)
        c->until[k] = cell->row + cell->row_span;
}

static bool is_sound(const ocrvl_own_tag *g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (g[i].table && (g[i].col >= MOST || !g[i].col_span || g[i].col_span > MOST - g[i].col || !g[i].row_span ||
                           g[i].row_span > UINT32_MAX - g[i].row))
            return false;
    return true;
}

/* Sets how many columns the widest row has; false: no row is shorter. */
static bool is_ragged(columns *c, const ocrvl_own_tag *g, size_t n)
{
    size_t least = MOST;
    memset(c->until, 0, sizeof c->until);
    c->count = 0;
    for (row r = {0}; next_row(&r, g, n);) {
        for (size_t i = r.first; i < r.end; i++)
            if (g[i].table)
                take(c, &g[i]);
        size_t width = count_taken(c, r.number, MOST);
        least = width < least ? width : least;
        c->count = width > c->count ? width : c->count;
    }
    return least < c->count;
}

/* ---- where columns are ------------------------------------------------------------------------------- */

/* The columns of the rows in which every column has a cell of its own with words; false: there is no such row, or they
 * lie over one another. */
static bool by_whole_rows(columns *c, const ocrvl_own_tag *g, const ocrvl_box *boxes, size_t n)
{
    bool any = false;
    for (size_t k = 0; k < c->count; k++) {
        c->x0[k] = INT32_MAX;
        c->x1[k] = INT32_MIN;
    }
    for (row r = {0}; next_row(&r, g, n);) {
        bool whole = r.cells == c->count && r.across == c->count;
        for (size_t i = r.first; i < r.end; i++)
            whole &= !g[i].table || !ocrvl_box_is_empty(boxes[i]);
        any |= whole;
        for (size_t i = r.first, k = 0; i < r.end && whole; i++) {
            if (!g[i].table)
                continue;
            c->x0[k] = boxes[i].x0 < c->x0[k] ? boxes[i].x0 : c->x0[k];
            c->x1[k] = boxes[i].x1 > c->x1[k] ? boxes[i].x1 : c->x1[k];
            k++;
        }
    }
    bool leftward = any && c->count > 1 && c->x0[1] < c->x0[0];
    for (size_t k = 1; k < c->count && any; k++)
        any = leftward ? c->x1[k] <= c->x0[k - 1] : c->x0[k] >= c->x1[k - 1];
    return any;
}

typedef struct reach {
    int32_t x0, x1;
} reach;

static int by_left(const void *a, const void *b)
{
    const reach *p = a, *q = b;
    return (p->x0 > q->x0) - (p->x0 < q->x0);
}

/* Whether rows run from right to left. */
static bool is_leftward(const ocrvl_own_tag *g, const ocrvl_box *boxes, size_t n)
{
    size_t left = 0, right = 0;
    for (size_t i = 1; i < n; i++)
        if (g[i].table && g[i - 1].table && g[i].row == g[i - 1].row && !ocrvl_box_is_empty(boxes[i]) &&
            !ocrvl_box_is_empty(boxes[i - 1])) {
            left += boxes[i].x1 <= boxes[i - 1].x0;
            right += boxes[i].x0 >= boxes[i - 1].x1;
        }
    return left > right;
}

/* Columns where cells of one column's width lie over one another, as long as no row has a cell for each column. */
static bool by_overlap(columns *c, const ocrvl_own_tag *g, const ocrvl_box *boxes, size_t n)
{
    reach cells[MOST];
    size_t count = 0, found = 0;
    for (size_t i = 0; i < n; i++) {
        if (!g[i].table || g[i].col_span != 1 || ocrvl_box_is_empty(boxes[i]))
            continue;
        if (count == MOST)
            return false;
        cells[count++] = (reach){boxes[i].x0, boxes[i].x1};
    }
    qsort(cells, count, sizeof *cells, by_left);
    for (size_t i = 0; i < count; i++) {
        if (found == 0 || cells[i].x0 >= c->x1[found - 1]) {
            c->x0[found] = cells[i].x0;
            c->x1[found++] = cells[i].x1;
        } else if (cells[i].x1 > c->x1[found - 1]) {
            c->x1[found - 1] = cells[i].x1;
        }
    }
    if (found < c->count)
        return false;
    c->count = found;
    for (size_t k = 0; is_leftward(g, boxes, n) && k < found / 2; k++) {
        size_t other = found - 1 - k;
        int32_t x0 = c->x0[k], x1 = c->x1[k];
        c->x0[k] = c->x0[other];
        c->x1[k] = c->x1[other];
        c->x0[other] = x0;
        c->x1[other] = x1;
    }
    return true;
}

/* ---- putting cells into them ------------------------------------------------------------------------- */

/* How ill a cell's words stand in columns from k on: how far they are outside, and a little for what they are out of
 * line on the side where they are so least. */
static float misfit(const columns *c, const ocrvl_own_tag *cell, const ocrvl_box *b, size_t k)
{
    size_t last = k + cell->col_span - 1;
    if (ocrvl_box_is_empty(*b))
        return 0;
    float x0 = fminf((float)c->x0[k], (float)c->x0[last]), x1 = fmaxf((float)c->x1[k], (float)c->x1[last]);
    float left = fabsf((float)b->x0 - x0), right = fabsf((float)b->x1 - x1),
          middle = fabsf((float)b->x0 + (float)b->x1 - x0 - x1) / 2;
    float outside = fmaxf(0, fmaxf((float)b->x0 - x1, x0 - (float)b->x1));
    return outside + 0.1f * fminf(middle, fminf(left, right));
}

static bool is_free(const columns *c, const ocrvl_own_tag *cell, size_t k)
{
    for (size_t i = 0; i < cell->col_span; i++)
        if (c->until[k + i] > cell->row)
            return false;
    return true;
}

/* Places a row's cells one after the other so that they stand as well as they can; false: they don't fit. */
static bool place_row(columns *c, ocrvl_own_tag *g, const ocrvl_box *boxes, const row *r)
{
    float best[MOST + 1][MOST + 1]; /* [i][k]: the first i cells in columns before k */
    size_t cells[MOST], n = 0;
    if (r->cells > c->count || r->across > c->count)
        return false;
    for (size_t i = r->first; i < r->end; i++)
        if (g[i].table)
            cells[n++] = i;
    for (size_t k = 0; k <= c->count; k++)
        best[0][k] = 0;
    for (size_t i = 1; i <= n; i++) {
        const ocrvl_own_tag *cell = &g[cells[i - 1]];
        best[i][0] = INFINITY;
        for (size_t k = 1; k <= c->count; k++) {
            size_t from = k - cell->col_span;
            best[i][k] = best[i][k - 1];
            if (cell->col_span <= k && is_free(c, cell, from))
                best[i][k] = fminf(best[i][k], best[i - 1][from] + misfit(c, cell, &boxes[cells[i - 1]], from));
        }
    }
    if (!(best[n][c->count] < INFINITY))
        return false;
    for (size_t i = n, k = c->count; i > 0; i--) {
        while (!(best[i][k] < best[i][k - 1]))
            k--;
        k -= g[cells[i - 1]].col_span;
        g[cells[i - 1]].col = (uint32_t)k;
    }
    for (size_t i = 0; i < n; i++)
        take(c, &g[cells[i]]);
    return true;
}

/* Whether all rows could be placed. */
static bool place_rows(columns *c, ocrvl_own_tag *g, const ocrvl_box *boxes, size_t n)
{
    memset(c->until, 0, sizeof c->until);
    for (row r = {0}; next_row(&r, g, n);)
        if (!place_row(c, g, boxes, &r))
            return false;
    return true;
}

ocrvl_status ocrvl_own_cells_place(ocrvl_own_tag *tags, const ocrvl_box *boxes, size_t n, ocrvl_error *err)
{
    columns c;
    if (!is_sound(tags, n) || !is_ragged(&c, tags, n))
        return OCRVL_OK;
    if (!by_whole_rows(&c, tags, boxes, n) && !by_overlap(&c, tags, boxes, n))
        return OCRVL_OK;
    ocrvl_own_tag *placed = ocrvl_alloc_array(n, sizeof *placed);
    if (!placed)
        return ocrvl_fail_nomem(err);
    memcpy(placed, tags, n * sizeof *placed);
    if (place_rows(&c, placed, boxes, n))
        memcpy(tags, placed, n * sizeof *placed);
    ocrvl_free(placed);
    return OCRVL_OK;
}
