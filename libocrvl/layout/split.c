/* Lines whose letters touch those of the line below, as blurred type set close does, are chained as one row of twice
 * the height. */
#include <math.h>
#include <stdlib.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/segment_parts.h"

#define HIGH 1.55   /* usual heights of a row: a higher one may hold two lines, */
#define HIGHEST 4.5 /* one that is higher still is something else */
#define LONG 2.0    /* of its height: a shorter one may be a large letter */
#define VALLEY 0.25 /* of the ink in a row of pixels of the lines above and below: between them there is less, */
#define EVEN 0.6    /* and either has as much of that of the other: strokes of a flourish or of handwriting have less */
#define LEAST 0.6   /* usual heights: no line is lower */
enum { ROUNDS = 3 };
enum { LETTERS = 4 }; /* of a row that is looked at for the usual height */

/* The middle height of rows of several letters; 0 if there are none. */
static ocrvl_status usual_height(const ocrvl_segmenter *s, double *height, ocrvl_error *err)
{
    double *v = ocrvl_alloc_array(s->rows.count, sizeof *v);
    size_t n = 0;
    if (!v)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < s->rows.count; i++)
        if (s->rows.at[i].glyphs >= LETTERS)
            v[n++] = s->rows.at[i].box.y1 - s->rows.at[i].box.y0;
    if (n)
        qsort(v, n, sizeof *v, ocrvl_compare_doubles);
    *height = n ? v[n / 2] : 0;
    ocrvl_free(v);
    return OCRVL_OK;
}

/* The most ink in a row of pixels from y0 to y1 of a box. */
static double most_ink(PIX *ink, const ocrvl_box *b, int32_t y0, int32_t y1)
{
    double most = 0;
    for (int32_t y = y0; y < y1; y++)
        most = fmax(most, ocrvl_ink_in_row(ink, y, b->x0, b->x1));
    return most;
}

/* Where the upper line of a row ends and the lower one begins; 0: the row is one line. */
static int32_t find_valley(const ocrvl_segmenter *s, const ocrvl_box *b, double usual)
{
    int32_t first = b->y0 + (int32_t)(LEAST * usual), last = b->y1 - (int32_t)(LEAST * usual), valley = 0;
    double least = INFINITY;
    for (int32_t y = first; y < last; y++) {
        double ink = ocrvl_ink_in_row(s->ink, y, b->x0, b->x1);
        if (ink < least) {
            least = ink;
            valley = y;
        }
    }
    double above = valley ? most_ink(s->ink, b, b->y0, valley) : 0;
    double below = valley ? most_ink(s->ink, b, valley, b->y1) : 0;
    double less = fmin(above, below);
    return least < VALLEY * less && less > EVEN * fmax(above, below) ? valley : 0;
}

/* Gives what lies below the valley to a row of its own, and cuts blobs that cross it where their ink is thinnest. */
static ocrvl_status split(ocrvl_segmenter *s, uint32_t row, int32_t valley, int32_t play, ocrvl_error *err)
{
    uint32_t lower;
    ocrvl_status st = ocrvl_add_row(s, &lower, err);
    size_t count = s->count;
    for (size_t i = 0; i < count && !st; i++) {
        ocrvl_blob b = s->blobs[i];
        if (s->row_of[i] != row || b.y1 <= valley + play / 2)
            continue;
        if (b.y0 >= valley - play / 2) {
            s->row_of[i] = lower;
            continue;
        }
        int32_t at = ocrvl_thinnest(s, &b, valley - play, valley + play);
        if (at <= b.y0 || at >= b.y1)
            continue;
        s->blobs[i].y1 = at;
        b.y0 = at;
        st = ocrvl_add_piece(s, b, lower, err);
    }
    return st;
}

ocrvl_status ocrvl_split_rows(ocrvl_segmenter *s, ocrvl_error *err)
{
    double usual = 0;
    ocrvl_status st = usual_height(s, &usual, err);
    bool again = usual > 0;
    for (int round = 0; again && !st && round < ROUNDS; round++) { /* what is left may hold another line */
        again = false;
        for (uint32_t i = 0, n = (uint32_t)s->rows.count; i < n && !st; i++) {
            const ocrvl_box *b = &s->rows.at[i].box;
            double h = b->y1 - b->y0, w = b->x1 - b->x0;
            if (h < HIGH * usual || h > HIGHEST * usual || w < LONG * h)
                continue;
            int32_t valley = find_valley(s, b, usual);
            if (!valley)
                continue;
            st = split(s, i, valley, (int32_t)(usual / 8) + 1, err);
            again = true;
        }
        if (again && !st)
            st = ocrvl_fit_rows(s, err);
    }
    return st;
}
