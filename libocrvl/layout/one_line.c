/* An image that is one line, cut out by somebody: its letters fill it, touch its edges, and bring along pieces of the
 * lines above and below, so that its size and place say nothing, as they do on a page. What stands out is the
 * band of rows that cross the most strokes: from the baseline to the small letters' tops. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

enum { CHUNK = 32 };     /* columns whose rows are counted together: a word of the mask */
enum { LONGEST = 4000 }; /* what Leptonica is asked to open by: it can't by 10,000 pixels */
#define DENSE 0.3        /* of the strokes of the row with the most: a row of the band */
#define FAINT 0.01       /* of the ink of the row with the most: ink rather than specks */
#define LEAN 0.1         /* the most that a line rises or falls, of its length */
#define ASCENT 1.25      /* how far ascenders with their accents go, and descenders, in heights of the band */
#define DESCENT 0.7
#define WITHIN 0.4   /* up to here a valley between two lines isn't looked for */
#define TALLEST 1000 /* rows of an image that may be one line though nobody says so, */
#define LETTERS 6    /* in heights of the band, */
#define PIECE 0.6    /* and of what may be in sight of other lines */

typedef struct profile {
    PIX *mask;
    int32_t width, height;
    size_t chunks;
    struct tally {
        uint8_t ink, strokes; /* pixels, and runs of more than one, in a row of a chunk */
    } * tallies;              /* [chunks][height] */
    double *ink, *strokes;    /* [height] sums along a lean */
    int32_t drift;            /* of the whole width, downwards */
} profile;

/* Bits that are set, of a word whose neighbours to the left and right are these. */
static struct tally tally_word(uint32_t left, uint32_t word, uint32_t right)
{
    uint32_t before = word >> 1 | left << 31, after = word << 1 | right >> 31;
    uint32_t thick = word & (before | after); /* specks of one pixel are none */
    return (struct tally){(uint8_t)__builtin_popcount(word), (uint8_t)__builtin_popcount(thick & ~before)};
}

static ocrvl_status count_ink(profile *p, PIX *ink, ocrvl_error *err)
{
    *p = (profile){.mask = ink, .width = pixGetWidth(ink), .height = pixGetHeight(ink)};
    p->chunks = ((size_t)p->width + CHUNK - 1) / CHUNK;
    p->tallies = ocrvl_alloc_array(p->chunks * (size_t)p->height, sizeof *p->tallies);
    p->ink = ocrvl_alloc_array((size_t)p->height, sizeof *p->ink);
    p->strokes = ocrvl_alloc_array((size_t)p->height, sizeof *p->strokes);
    if (!p->tallies || !p->ink || !p->strokes)
        return ocrvl_fail_nomem(err);
    uint32_t last = p->width % CHUNK ? ~0u << (CHUNK - p->width % CHUNK) : ~0u; /* what is beyond the width isn't ink */
    for (int32_t y = 0; y < p->height; y++) {
        const l_uint32 *row = pixGetData(ink) + (size_t)y * pixGetWpl(ink);
        uint32_t left = 0;
        for (size_t k = 0; k < p->chunks; k++) {
            uint32_t word = row[k] & (k + 1 == p->chunks ? last : ~0u);
            uint32_t right = k + 1 == p->chunks ? 0 : row[k + 1] & (k + 2 == p->chunks ? last : ~0u);
            p->tallies[k * (size_t)p->height + (size_t)y] = tally_word(left, word, right);
            left = word;
        }
    }
    return OCRVL_OK;
}

static void free_profile(profile *p)
{
    ocrvl_free(p->tallies);
    ocrvl_free(p->ink);
    ocrvl_free(p->strokes);
}

/* How much lower than in the middle the line stands in a chunk. */
static int32_t offset(const profile *p, size_t chunk)
{
    return (int32_t)lround(p->drift * ((chunk + 0.5) / (double)p->chunks - 0.5));
}

/* Sums up the rows along a lean; how sharp they come out. */
static double sum_rows(profile *p, int32_t drift)
{
    double sharp = 0;
    p->drift = drift;
    for (int32_t y = 0; y < p->height; y++)
        p->ink[y] = p->strokes[y] = 0;
    for (size_t k = 0; k < p->chunks; k++) {
        int32_t off = offset(p, k);
        const struct tally *t = p->tallies + k * (size_t)p->height;
        for (int32_t y = off < 0 ? -off : 0; y < p->height && y + off < p->height; y++) {
            p->ink[y] += t[y + off].ink;
            p->strokes[y] += t[y + off].strokes;
        }
    }
    for (int32_t y = 0; y < p->height; y++)
        sharp += p->ink[y] * p->ink[y];
    return sharp;
}

/* The lean along which the rows are sharpest; level unless another is clearly sharper. */
static void find_lean(profile *p)
{
    int32_t most = (int32_t)fmin(LEAN * p->width, 0.6 * p->height), best = 0, step = most / 64 + 1;
    double sharpest = 1.02 * sum_rows(p, 0);
    for (int32_t d = step; d <= most; d += step)
        for (int32_t sign = -1; sign <= 1; sign += 2) {
            double sharp = sum_rows(p, sign * d);
            if (sharp > sharpest) {
                sharpest = sharp;
                best = sign * d;
            }
        }
    sum_rows(p, best);
}

static double largest(const double *rows, int32_t n)
{
    double most = 0;
    for (int32_t y = 0; y < n; y++)
        most = fmax(most, rows[y]);
    return most;
}

typedef struct band { /* rows [top, bottom) */
    int32_t top, bottom;
} band;

/* Of a band with so many strokes: the nearer to the middle the more. */
static double weight(const profile *p, band b, double strokes)
{
    return strokes * (1 - fabs((b.top + b.bottom) / 2.0 / p->height - 0.5));
}

/* The heaviest run of dense rows, those near the middle counting for more; the bars of an E or an = sign, with thinner
 * rows between, are one run. */
static band find_band(const profile *p)
{
    double least = DENSE * largest(p->strokes, p->height), most = 0, sum = 0;
    band best = {0, 0}, b = {0, 0};
    for (int32_t y = 0; y < p->height; y++) {
        if (p->strokes[y] < least || p->strokes[y] < 1)
            continue;
        bool near = b.bottom > b.top && y - b.bottom <= (b.bottom - b.top) / 3 + 1;
        b.top = near ? b.top : y;
        b.bottom = y + 1;
        sum = near ? sum + p->strokes[y] : p->strokes[y];
        if (weight(p, b, sum) > most) {
            most = weight(p, b, sum);
            best = b;
        }
    }
    return best;
}

/* How far the line's ink goes from row y on in steps of `step`, at most `reach` rows: to the first row without ink, or
 * to the valley before another line's. */
static int32_t extend(const profile *p, int32_t y, int32_t step, double reach, double within)
{
    double faint = fmax(1, FAINT * largest(p->ink, p->height)), thinnest = INFINITY;
    int32_t valley = y;
    for (int32_t n = 0;; n++, y += step) {
        if (y < 0 || y >= p->height || p->ink[y] < faint)
            return y - step;
        if (n > reach)
            return valley - step;
        if (n >= within && p->ink[y] < thinnest) {
            thinnest = p->ink[y];
            valley = y;
        }
    }
}

static bool is_blank_column(const profile *p, const ocrvl_box *box, int32_t x)
{
    for (int32_t y = box->y0; y < box->y1; y++)
        if (ocrvl_ink_in_row(p->mask, y, x, x + 1))
            return false;
    return true;
}

/* Whether a chunk has ink in the line's rows. */
static bool has_ink(const profile *p, const band *b, size_t chunk)
{
    int32_t off = offset(p, chunk);
    for (int32_t y = b->top; y < b->bottom; y++)
        if (y + off >= 0 && y + off < p->height && p->tallies[chunk * (size_t)p->height + (size_t)(y + off)].ink)
            return true;
    return false;
}

/* The columns of the line's first and last ink; false if there is none. */
static bool find_ends(const profile *p, const band *b, ocrvl_box *box)
{
    size_t first = 0, last = p->chunks;
    while (first < last && !has_ink(p, b, first))
        first++;
    while (last > first && !has_ink(p, b, last - 1))
        last--;
    box->x0 = (int32_t)first * CHUNK;
    box->x1 = (int32_t)last * CHUNK < p->width ? (int32_t)last * CHUNK : p->width;
    while (box->x0 < box->x1 && is_blank_column(p, box, box->x0))
        box->x0++;
    while (box->x1 > box->x0 && is_blank_column(p, box, box->x1 - 1))
        box->x1--;
    return box->x0 < box->x1;
}

static int32_t clamp(double v, int32_t most) { return v < 0 ? 0 : v > most ? most : (int32_t)v; }

/* The line that the profile shows; false: it is blank. */
static bool make_row(ocrvl_row *r, const profile *p)
{
    band x = find_band(p);
    double high = x.bottom - x.top, half = abs(p->drift) / 2.0;
    if (x.bottom - x.top < 2)
        return false;
    band all = {extend(p, x.top, -1, ASCENT * high, WITHIN * high),
                extend(p, x.bottom - 1, 1, DESCENT * high, WITHIN / 2 * high) + 1};
    *r = (ocrvl_row){.x_height = high, .glyphs = 1, .standing = 1};
    r->box.y0 = clamp(floor(all.top - half), p->height);
    r->box.y1 = clamp(ceil(all.bottom + half), p->height);
    if (!find_ends(p, &all, &r->box))
        return false;
    r->slope = (double)p->drift / p->width;
    r->base = x.bottom - r->slope * p->width / 2;
    return true;
}

/* Rows from the first to the last with ink among [y0, y1). */
static int32_t inked_rows(const profile *p, int32_t y0, int32_t y1)
{
    double faint = fmax(1, FAINT * largest(p->ink, p->height));
    while (y0 < y1 && p->ink[y0] < faint)
        y0++;
    while (y1 > y0 && p->ink[y1 - 1] < faint)
        y1--;
    return y1 - y0;
}

/* Whether the line fills the image but for margins and pieces of other lines. */
static bool fills(const profile *p, const ocrvl_row *r)
{
    double piece = PIECE * r->x_height;
    return p->height < LETTERS * r->x_height && inked_rows(p, 0, r->box.y0) <= piece &&
           inked_rows(p, r->box.y1, p->height) <= piece;
}

ocrvl_status ocrvl_layout_one_line(ocrvl_rows *rows, ocrvl_ink_mask *mask, ocrvl_regions *regions, bool surely,
                                   ocrvl_error *err)
{
    if (!surely && pixGetHeight(mask->ink) > TALLEST)
        return OCRVL_OK;
    profile p;
    ocrvl_row row = {.x_height = 0};
    bool found = false;
    ocrvl_status st = count_ink(&p, mask->ink, err);
    for (int round = 0; st == OCRVL_OK && round < 2; round++) { /* the first without knowing what a rule is */
        find_lean(&p);
        found = make_row(&row, &p);
        int32_t thick = (int32_t)(row.x_height / 4), length = (int32_t)(5 * row.x_height) + 40;
        found = found && (surely || round || fills(&p, &row));
        if (!found || round || length > p.width || length > LONGEST)
            break;
        st = ocrvl_take_rules(mask, regions, length, thick > 3 ? thick : 3, false, err);
        free_profile(&p);
        p = (profile){.ink = NULL};
        if (st == OCRVL_OK)
            st = count_ink(&p, mask->ink, err);
    }
    free_profile(&p);
    if (st != OCRVL_OK || !found)
        return st;
    row.inverted = mask->inverted_page;
    rows->at = ocrvl_alloc_array(1, sizeof *rows->at);
    if (!rows->at)
        return ocrvl_fail_nomem(err);
    rows->at[0] = row;
    rows->count = rows->cap = 1;
    return OCRVL_OK;
}
