#include <string.h>

#include "align/align_parts.h"
#include "base/error.h"
#include "base/mem.h"

/* Gotoh's alignment with affine gaps ("An improved algorithm for matching biological sequences", 1982), within a band
 * around the diagonal if the whole table would be too large. */
#define SAME 3
#define OPEN 4
#define EXTEND 1
#define LOWEST (-(1 << 29))
#define CELLS 2500000u /* limit of one table */
#define NARROWEST 64   /* a narrower band finds nothing */

enum {
    DIAGONAL = 0,
    SKIP_A = 1,
    SKIP_B = 2,
    FROM = 3,
    MORE_A = 4,
    MORE_B = 8
}; /* steps, and flags of gaps that
    * continue */

typedef struct table {
    const uint32_t *a, *b;
    const uint8_t *miss;
    size_t na, nb, width; /* columns of the band */
    uint8_t *step;        /* [na + 1][width] */
    int32_t *best, *gap;  /* [width] of the row before, then of this one: the best score, and the best one that ends by
                           * skipping a */
} table;

/* The first column of row i. */
static size_t low_of(const table *t, size_t i)
{
    size_t last = t->nb + 1 - t->width, mid = (size_t)((uint64_t)i * t->nb / t->na), half = t->width / 2;
    size_t low = mid > half ? mid - half : 0;
    return low < last ? low : last;
}

static void first_row(table *t)
{
    for (size_t j = 0; j < t->width; j++) {
        t->best[j] = j ? -OPEN - (int32_t)j * EXTEND : 0;
        t->gap[j] = LOWEST;
        t->step[j] = SKIP_B | (j > 1 ? MORE_B : 0);
    }
}

/* Moves a row of the table to a band that begins `by` columns later; returns the value right before the band. */
static int32_t shift_row(int32_t *row, size_t width, size_t by)
{
    if (by == 0)
        return LOWEST;
    int32_t passed = by <= width ? row[by - 1] : LOWEST;
    size_t left = by < width ? width - by : 0;
    memmove(row, row + (width - left), left * sizeof *row);
    for (size_t j = left; j < width; j++)
        row[j] = LOWEST;
    return passed;
}

/* best and gap have the values of row i - 1 and get those of row i. There are no branches, because none could be
 * predicted. */
static void next_row(table *t, size_t i)
{
    size_t low = low_of(t, i), by = low - low_of(t, i - 1), j = 0;
    int32_t diagonal = shift_row(t->best, t->width, by), same = SAME, miss = -(int32_t)t->miss[i - 1];
    int32_t skip_b = LOWEST, left = LOWEST, *best = t->best, *gaps = t->gap;
    uint8_t *step = t->step + i * t->width;
    uint32_t c = t->a[i - 1];
    shift_row(t->gap, t->width, by);
    if (low == 0) { /* still before b's first character */
        diagonal = best[0];
        best[0] = gaps[0] = left = -OPEN - (int32_t)i * EXTEND;
        step[0] = SKIP_A | (i > 1 ? MORE_A : 0);
        j = 1;
    }
    for (; j < t->width; j++) {
        int32_t above = best[j], open_a = above - OPEN, open_b = left - OPEN;
        unsigned more_a = gaps[j] >= open_a, more_b = skip_b >= open_b;
        int32_t skip_a = (more_a ? gaps[j] : open_a) - EXTEND;
        skip_b = (more_b ? skip_b : open_b) - EXTEND;
        int32_t score = diagonal + (t->b[low + j - 1] == c ? same : miss);
        unsigned by_a = skip_a > score;
        score = by_a ? skip_a : score;
        unsigned by_b = skip_b > score;
        score = by_b ? skip_b : score;
        diagonal = above;
        gaps[j] = skip_a;
        best[j] = left = score;
        step[j] = (uint8_t)((by_b ? SKIP_B : by_a ? SKIP_A : DIAGONAL) | more_a * MORE_A | more_b * MORE_B);
    }
}

static void walk_back(const table *t, uint32_t *pair, size_t a0)
{
    size_t i = t->na, j = t->nb;
    unsigned skipping = DIAGONAL; /* inside a gap: the side that it skips */
    while (i > 0 || j > 0) {
        unsigned s = t->step[i * t->width + (j - low_of(t, i))], from = skipping ? skipping : s & FROM;
        if (from == DIAGONAL) {
            pair[--j] = (uint32_t)(a0 + --i);
        } else if (from == SKIP_A) {
            skipping = s & MORE_A ? SKIP_A : DIAGONAL;
            i--;
        } else {
            skipping = s & MORE_B ? SKIP_B : DIAGONAL;
            j--;
        }
    }
}

ocrvl_status ocrvl_align_stretch(ocrvl_align_round *r, size_t a0, size_t a1, size_t b0, size_t b1, ocrvl_error *err)
{
    table t = {.a = r->a + a0, .b = r->b + b0, .miss = r->a_miss + a0, .na = a1 - a0, .nb = b1 - b0};
    if (t.na == 0 || t.nb == 0)
        return OCRVL_OK;
    uint64_t cells = *r->cells < CELLS ? *r->cells : CELLS;
    t.width = (size_t)(cells / (t.na + 1)) < t.nb + 1 ? (size_t)(cells / (t.na + 1)) : t.nb + 1;
    if (t.width <= t.nb && (t.width < NARROWEST || t.width < 2 * (t.nb / t.na + 1))) {
        r->cut = true;
        return OCRVL_OK;
    }
    *r->cells -= (uint64_t)t.width * (t.na + 1);
    t.step = ocrvl_alloc_array(t.na + 1, t.width);
    t.best = ocrvl_alloc_array(t.width, sizeof *t.best);
    t.gap = ocrvl_alloc_array(t.width, sizeof *t.gap);
    ocrvl_status st = t.step && t.best && t.gap ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (st == OCRVL_OK) {
        first_row(&t);
        for (size_t i = 1; i <= t.na; i++)
            next_row(&t, i);
        walk_back(&t, r->pair + b0, a0);
    }
    ocrvl_free(t.step);
    ocrvl_free(t.best);
    ocrvl_free(t.gap);
    return st;
}
