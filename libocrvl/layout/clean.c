#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

/* A page with more specks than this is noise; it is looked at once more with single specks taken away. */
#define MAX_BLOBS 400000u
#define MAX_LETTERS 60000u

ocrvl_status ocrvl_region_add(ocrvl_regions *r, ocrvl_region region, ocrvl_error *err)
{
    if (!OCRVL_ARRAY_RESERVE(r->at, r->cap, r->count + 1))
        return ocrvl_fail_nomem(err);
    r->at[r->count++] = region;
    return OCRVL_OK;
}

/* The blobs; of a page of noise those of its coarser ink, or none. */
static ocrvl_status find_blobs(ocrvl_blobs *out, PIX *ink, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_blobs_find(out, ink, MAX_BLOBS, err);
    if (st != OCRVL_E_LIMIT)
        return st;
    PIX *coarse = pixOpenBrick(NULL, ink, 2, 2);
    if (!coarse)
        return ocrvl_fail_nomem(err);
    pixCopy(ink, coarse);
    pixDestroy(&coarse);
    st = ocrvl_blobs_find(out, ink, MAX_BLOBS, err);
    if (st == OCRVL_E_LIMIT) {
        pixClearAll(ink);
        st = OCRVL_OK;
    }
    return st;
}

/* Whether a blob is as full and as wide as the dots of a halftone. */
static bool is_dot(const ocrvl_blob *b)
{
    int64_t w = b->x1 - b->x0, h = b->y1 - b->y0;
    return b->area * 5 > w * h * 3 && w * 3 > h * 2 && h * 3 > w * 2;
}

int32_t ocrvl_median_height(const ocrvl_blobs *b, int32_t page_height)
{
    uint64_t counts[2][512] = {{0}}, total[2] = {0, 0}, sum = 0;
    size_t letters = 0, dots = 0;
    for (size_t i = 0; i < b->count; i++) {
        int32_t w = b->at[i].x1 - b->at[i].x0, h = b->at[i].y1 - b->at[i].y0;
        if (h < 4 || h >= 512 || h > page_height / 3 + 8 || w > 20 * h || h > 8 * w)
            continue;
        int dot = is_dot(&b->at[i]);
        letters += !dot;
        dots += (size_t)dot;
        counts[dot][h] += (uint64_t)h;
        total[dot] += (uint64_t)h;
    }
    for (int32_t h = 0; h < 512 && (letters < 30 || dots < 3 * letters); h++) {
        counts[0][h] += counts[1][h];
        total[0] += h == 0 ? total[1] : 0;
    }
    for (int32_t h = 0; h < 512; h++)
        if ((sum += counts[0][h]) * 2 >= total[0] && total[0])
            return h;
    return 4;
}

/* Whether a pixel is set; false beyond the image. along, across: x and y of a level bar, y and x of an upright one. */
static bool is_set(PIX *pix, int32_t along, int32_t across, bool vertical)
{
    l_uint32 v = 0;
    int32_t x = vertical ? across : along, y = vertical ? along : across;
    if (x >= 0 && y >= 0 && x < pixGetWidth(pix) && y < pixGetHeight(pix))
        pixGetPixel(pix, x, y, &v);
    return v != 0;
}

/* Whether a bar stands free: letters whose feet run together have ink beside the bar that they make, a rule has little.
 * Beside is two pixels from it, and of an upright one, which may be thicker where it meets a dark box, from where it is
 * at each place. */
static bool is_free(PIX *ink, PIX *bars, const ocrvl_blob *b, bool vertical)
{
    int32_t beside = 0, n = 0;
    int32_t from = vertical ? b->y0 : b->x0, to = vertical ? b->y1 : b->x1;
    int32_t lo = vertical ? b->x0 : b->y0, hi = vertical ? b->x1 : b->y1;
    for (int32_t i = from; i < to; i++, n++) {
        int32_t first = lo, last = hi - 1;
        while (vertical && first < last && !is_set(bars, i, first, true))
            first++;
        while (vertical && last > first && !is_set(bars, i, last, true))
            last--;
        beside += is_set(ink, i, first - 2, vertical) + is_set(ink, i, last + 2, vertical);
    }
    return beside * 4 < n;
}

/* Whether a bar is one stroke all along: the feet and the heads of letters that run together make two, joined here and
 * there. */
static bool is_single(PIX *bars, const ocrvl_blob *b, bool vertical)
{
    int32_t from = vertical ? b->y0 : b->x0, to = vertical ? b->y1 : b->x1;
    int32_t lo = vertical ? b->x0 : b->y0, hi = vertical ? b->x1 : b->y1;
    int64_t runs = 0, places = 0;
    for (int32_t i = from; i < to; i++) {
        l_uint32 before = 0, now = 0;
        int64_t n = 0;
        for (int32_t k = lo; k < hi; k++, before = now) {
            pixGetPixel(bars, vertical ? k : i, vertical ? i : k, &now);
            n += now && !before;
        }
        runs += n;
        places += n > 0;
    }
    return runs * 4 < places * 5;
}

/* Of more blobs than any text has, keeps the largest. */
static void limit_blobs(ocrvl_blobs *b)
{
    size_t counts[32] = {0}, sum = 0, kept = 0;
    int32_t least = 31;
    if (b->count <= MAX_LETTERS)
        return;
    for (size_t i = 0; i < b->count; i++) {
        int32_t w = b->at[i].x1 - b->at[i].x0, h = b->at[i].y1 - b->at[i].y0, m = w > h ? w : h;
        counts[m < 31 ? m : 31]++;
    }
    while (least > 0 && sum + counts[least] <= MAX_LETTERS)
        sum += counts[least--];
    for (size_t i = 0; i < b->count && kept < MAX_LETTERS; i++) {
        int32_t w = b->at[i].x1 - b->at[i].x0, h = b->at[i].y1 - b->at[i].y0;
        if (w > least || h > least)
            b->at[kept++] = b->at[i];
    }
    b->count = kept;
}

/* Adds bars to the mask's rules. */
static ocrvl_status keep_rules(ocrvl_ink_mask *mask, PIX *bars, bool any, ocrvl_error *err)
{
    if (!any)
        return OCRVL_OK;
    if (!mask->rules && !(mask->rules = pixCreateTemplate(mask->ink)))
        return ocrvl_fail_nomem(err);
    return pixOr(mask->rules, mask->rules, bars) ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* Clears the runs of more than `most` pixels of a row [w]. */
static void drop_long_runs(l_uint32 *row, int32_t w, int32_t most)
{
    for (int32_t x = 0; x < w;) {
        if (x % 32 == 0 && !row[x / 32]) {
            x += 32;
            continue;
        }
        int32_t from = x;
        while (x < w && GET_DATA_BIT(row, x))
            x++;
        for (int32_t i = from; x - from > most && i < x; i++)
            CLEAR_DATA_BIT(row, i);
        x += x == from;
    }
}

/* Takes what is wider than a bar away from upright bars: a dark box that a rule runs into. */
static void drop_fat(PIX *bars, int32_t wide)
{
    for (int32_t y = 0; y < pixGetHeight(bars); y++)
        drop_long_runs(pixGetData(bars) + (ptrdiff_t)y * pixGetWpl(bars), pixGetWidth(bars), wide);
}

static bool is_empty(PIX *pix)
{
    l_int32 empty = 0;
    return pixZero(pix, &empty) == 0 && empty;
}

ocrvl_status ocrvl_take_rules(ocrvl_ink_mask *mask, ocrvl_regions *regions, int32_t length, int32_t thick,
                              bool vertical, ocrvl_error *err)
{
    PIX *ink = mask->ink;
    int32_t bridge = length / 24 * 2 + 1; /* over the holes of ragged ink */
    PIX *with =
        mask->rules ? pixOr(NULL, ink, mask->rules) : pixClone(ink); /* those that cross it are gone from the ink */
    PIX *whole = with ? ocrvl_close_gaps(with, bridge, vertical) : NULL;
    PIX *bars = whole ? ocrvl_keep_runs(whole, length, vertical) : NULL;
    ocrvl_blobs found = {0};
    pixDestroy(&with);
    pixDestroy(&whole);
    if (!bars)
        return ocrvl_fail_nomem(err);
    if (is_empty(bars)) { /* as on many pages */
        pixDestroy(&bars);
        return OCRVL_OK;
    }
    if (vertical)
        drop_fat(bars, 4 * thick);
    ocrvl_status st = ocrvl_blobs_find(&found, bars, MAX_BLOBS, err);
    for (size_t i = 0; i < found.count && st == OCRVL_OK; i++) {
        const ocrvl_blob *b = &found.at[i];
        int32_t w = b->x1 - b->x0, h = b->y1 - b->y0, along = vertical ? h : w, across = vertical ? w : h;
        if (b->area > thick * along || across > 4 * thick || !is_free(ink, bars, b, vertical) ||
            !is_single(bars, b, vertical))
            pixRasterop(bars, b->x0, b->y0, w, h, PIX_CLR, NULL, 0, 0);
        else
            st = ocrvl_region_add(
                regions,
                (ocrvl_region){.box = {b->x0, b->y0, b->x1, b->y1}, .role = OCRVL_ROLE_SEPARATOR, .vertical = vertical},
                err);
    }
    ocrvl_free(found.at);
    PIX *wide = st == OCRVL_OK ? pixDilateBrick(NULL, bars, vertical ? 3 : 1, vertical ? 1 : 3) : NULL;
    if (st == OCRVL_OK && (!wide || !pixSubtract(ink, ink, wide)))
        st = ocrvl_fail_nomem(err);
    if (st == OCRVL_OK)
        st = keep_rules(mask, wide, found.count > 0, err);
    pixDestroy(&wide);
    pixDestroy(&bars);
    return st;
}

/* Whether a blob is the scanner's border or the shadow of the paper's edge. */
static bool is_border(const ocrvl_blob *b, int32_t w, int32_t h, int32_t median)
{
    int32_t bw = b->x1 - b->x0, bh = b->y1 - b->y0;
    bool at_edge = b->x0 <= 2 || b->y0 <= 2 || b->x1 >= w - 2 || b->y1 >= h - 2;
    return (at_edge && (bw > 6 * median || bh > 3 * median)) || bw > w * 3 / 5 || bh > h * 3 / 5;
}

/* How many pieces the lines of pixels along or across a blob are in, on an average: a disc's and a box's are whole, a
 * letter's are parted by its counters. */
static double pieces_of_line(PIX *ink, const ocrvl_blob *b, bool upright)
{
    int32_t lines = upright ? b->x1 - b->x0 : b->y1 - b->y0, pieces = 0;
    for (int32_t i = 0; i < lines; i++) {
        bool before = false;
        int32_t x0 = upright ? b->x0 + i : b->x0, y0 = upright ? b->y0 : b->y0 + i;
        for (int32_t k = 0; k < (upright ? b->y1 - b->y0 : b->x1 - b->x0); k++) {
            bool now = is_set(ink, upright ? y0 + k : x0 + k, upright ? x0 : y0, upright);
            pieces += now && !before;
            before = now;
        }
    }
    return lines ? (double)pieces / lines : 0;
}

/* Whether a blob is a letter of large bold type, which is nearly as full as a disc. */
static bool is_bold_letter(PIX *ink, const ocrvl_blob *b, int32_t median)
{
    enum { HIGHEST = 4 }; /* of headings, in heights of usual letters */
    return b->y1 - b->y0 < HIGHEST * median &&
           (pieces_of_line(ink, b, false) > 1.4 || pieces_of_line(ink, b, true) > 1.4);
}

/* Whether a blob is a punch hole, a stain, a bullet of that size or a dark box: full, and larger than usual letters. */
static bool is_solid(PIX *ink, const ocrvl_blob *b, int32_t median)
{
    int64_t w = b->x1 - b->x0, h = b->y1 - b->y0;
    bool round = h * 2 > 3 * median && w * 2 > 3 * median && w < 2 * h && h < 2 * w && b->area * 20 > w * h * 13;
    bool full = h > 2 * median && w > 2 * median && b->area * 4 > w * h * 3;
    return (round || full) && !is_bold_letter(ink, b, median);
}

/* The share of the pixels of a line from (x0, y0) on, n to the right or down, that are ink. */
static double inked(PIX *ink, int32_t x0, int32_t y0, int32_t n, bool down)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        l_uint32 v = 0;
        pixGetPixel(ink, down ? x0 : x0 + i, down ? y0 + i : y0, &v);
        sum += (int32_t)v;
    }
    return n > 0 ? (double)sum / n : 0;
}

/* Whether light letters may stand in a dark blob: it is mostly ink, clearly larger than a letter, and dark all round
 * near its edges, as letters that run together are not. */
static bool is_dark_box(PIX *ink, const ocrvl_blob *b, int32_t median)
{
    int32_t w = b->x1 - b->x0, h = b->y1 - b->y0, in = h / 16 + 1;
    if (h * 4 < 5 * median || w < 3 * median || (int64_t)b->area * 2 < (int64_t)w * h)
        return false;
    return inked(ink, b->x0 + in, b->y0 + in, w - 2 * in, false) > 0.8 &&
           inked(ink, b->x0 + in, b->y1 - 1 - in, w - 2 * in, false) > 0.8 &&
           inked(ink, b->x0 + in, b->y0 + in, h - 2 * in, true) > 0.7 &&
           inked(ink, b->x1 - 1 - in, b->y0 + in, h - 2 * in, true) > 0.7;
}

/* Draws the paper within a dark blob into the mask of light text, if letters stand in it. */
static ocrvl_status take_light(ocrvl_ink_mask *mask, const ocrvl_blob *b, bool *found, ocrvl_error *err)
{
    int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
    BOX *box = boxCreate(b->x0, b->y0, w, h);
    PIX *part = box ? pixClipRectangle(mask->ink, box, NULL) : NULL, *letters = NULL;
    ocrvl_blobs holes = {0};
    size_t n = 0;
    ocrvl_status st = OCRVL_OK;
    *found = false;
    if (!part || !pixInvert(part, part) || !(letters = pixRemoveBorderConnComps(part, 8)))
        st = ocrvl_fail_nomem(err);
    else
        st = ocrvl_blobs_find(&holes, letters, MAX_BLOBS, err);
    for (size_t i = 0; i < holes.count; i++) {
        int32_t high = holes.at[i].y1 - holes.at[i].y0;
        n += high >= 6 && high * 5 > h / 8;
    }
    if (st == OCRVL_OK && n >= 3) {
        *found = true;
        if (!mask->light)
            mask->light = pixCreateTemplate(mask->ink);
        if (!mask->light || pixRasterop(mask->light, b->x0, b->y0, w, h, PIX_PAINT, letters, 0, 0) != 0)
            st = ocrvl_fail_nomem(err);
    }
    ocrvl_free(holes.at);
    pixDestroy(&part);
    pixDestroy(&letters);
    boxDestroy(&box);
    return st == OCRVL_E_LIMIT ? OCRVL_OK : st;
}

/* Keeps the blobs that may be letters or parts of them; what is too large for a letter becomes a figure. */
static ocrvl_status sort_out(ocrvl_ink_mask *mask, ocrvl_blobs *blobs, ocrvl_regions *regions, int32_t median,
                             ocrvl_error *err)
{
    int32_t w = pixGetWidth(mask->ink), h = pixGetHeight(mask->ink);
    size_t kept = 0;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < blobs->count && st == OCRVL_OK; i++) {
        ocrvl_blob b = blobs->at[i];
        int32_t bw = b.x1 - b.x0, bh = b.y1 - b.y0;
        bool light_text = false;
        if (bw * 8 < median && bh * 8 < median)
            continue;
        if (is_dark_box(mask->ink, &b, median))
            st = take_light(mask, &b, &light_text, err);
        if (light_text || is_border(&b, w, h, median) || is_solid(mask->ink, &b, median))
            continue;
        bool large = bh > 10 * median && (uint64_t)bh * mask->factor > 240 * mask->up;
        if (large && b.area < 0.25 * bw * bh) /* a frame or a flourish: what stands within may well be text */
            continue;
        if (large)
            st = ocrvl_region_add(regions, (ocrvl_region){.box = {b.x0, b.y0, b.x1, b.y1}, .role = OCRVL_ROLE_FIGURE},
                                  err);
        else
            blobs->at[kept++] = b;
    }
    blobs->count = kept;
    limit_blobs(blobs);
    return st;
}

/* The letters of the mask of light text: what is larger is the paper about the dark box. */
static ocrvl_status find_light(ocrvl_blobs *light, ocrvl_ink_mask *mask, int32_t median, ocrvl_error *err)
{
    ocrvl_status st = find_blobs(light, mask->light, err);
    size_t kept = 0;
    for (size_t i = 0; i < light->count; i++) {
        const ocrvl_blob *b = &light->at[i];
        int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
        if (h <= 10 * median && w <= 20 * median && w <= 20 * h && (w * 8 >= median || h * 8 >= median))
            light->at[kept++] = *b;
    }
    light->count = kept;
    limit_blobs(light);
    return st;
}

static ocrvl_status find_blobs_again(ocrvl_blobs *blobs, PIX *ink, ocrvl_error *err)
{
    ocrvl_free(blobs->at);
    *blobs = (ocrvl_blobs){0};
    return find_blobs(blobs, ink, err);
}

/* Moves dashed rules from the ink to the mask's rules; *any: whether there are some. */
static ocrvl_status take_dashed(ocrvl_ink_mask *mask, const ocrvl_blobs *blobs, ocrvl_regions *regions, bool *any,
                                ocrvl_error *err)
{
    size_t before = regions->count;
    ocrvl_status st = ocrvl_find_dashed(blobs, regions, err);
    *any = regions->count > before;
    if (st != OCRVL_OK || !*any)
        return st;
    PIX *dashes = ocrvl_take_leaders(mask->ink, regions, true);
    st = dashes ? keep_rules(mask, dashes, true, err) : ocrvl_fail_nomem(err);
    pixDestroy(&dashes);
    return st;
}

/* Takes halftones and dashed rules out of the ink, and leaders as *dots, and all of them out of the blobs; *dots stays
 * NULL without leaders. */
static ocrvl_status take_dots(PIX **dots, ocrvl_ink_mask *mask, ocrvl_blobs *blobs, ocrvl_regions *regions,
                              ocrvl_error *err)
{
    bool halftones, dashed = false;
    int32_t median = ocrvl_median_height(blobs, pixGetHeight(mask->ink));
    ocrvl_status st = ocrvl_take_halftones(mask, blobs, regions, median, &halftones, err);
    if (st == OCRVL_OK && halftones)
        st = find_blobs_again(blobs, mask->ink, err);
    size_t before = regions->count;
    if (st == OCRVL_OK)
        st = ocrvl_find_leaders(blobs, regions, err);
    bool leaders = regions->count > before;
    if (st == OCRVL_OK)
        st = take_dashed(mask, blobs, regions, &dashed, err);
    if (st != OCRVL_OK || (!leaders && !dashed))
        return st;
    if (leaders && !(*dots = ocrvl_take_leaders(mask->ink, regions, false)))
        return ocrvl_fail_nomem(err);
    return find_blobs_again(blobs, mask->ink, err);
}

ocrvl_status ocrvl_layout_clean(ocrvl_ink_mask *mask, ocrvl_blobs *blobs, ocrvl_blobs *light, ocrvl_regions *regions,
                                ocrvl_error *err)
{
    int32_t h = pixGetHeight(mask->ink);
    PIX *dots = NULL;
    *light = (ocrvl_blobs){0};
    bool joined = false, strokes = false;
    ocrvl_status st = find_blobs(blobs, mask->ink, err);
    if (st == OCRVL_OK)
        st = ocrvl_join_dots(mask, blobs, &joined, err);
    if (st == OCRVL_OK && joined)
        st = find_blobs_again(blobs, mask->ink, err);
    if (st == OCRVL_OK)
        st = take_dots(&dots, mask, blobs, regions, err);
    if (st != OCRVL_OK)
        return st;
    int32_t median = ocrvl_median_height(blobs, h), length = 4 * median > 40 ? 4 * median : 40,
            thick = median * 3 / 5 > 3 ? median * 3 / 5 : 3;
    st = ocrvl_take_strokes(mask, blobs, median, &strokes, err);
    if (st == OCRVL_OK && strokes)
        st = find_blobs_again(blobs, mask->ink, err);
    if (st == OCRVL_OK)
        st = ocrvl_find_pictures(mask, blobs, regions, median, err);
    if (st == OCRVL_OK)
        st = ocrvl_take_rules(mask, regions, length, thick, false, err);
    if (st == OCRVL_OK)
        st = ocrvl_take_rules(mask, regions, length, thick, true, err);
    if (st == OCRVL_OK)
        st = find_blobs_again(blobs, mask->ink, err);
    if (st == OCRVL_OK)
        st = ocrvl_find_seals(mask, blobs, regions, median, err);
    if (st == OCRVL_OK)
        st = sort_out(mask, blobs, regions, median, err);
    if (st == OCRVL_OK && mask->light)
        st = find_light(light, mask, median, err);
    if (dots && !pixOr(mask->ink, mask->ink, dots) && st == OCRVL_OK)
        st = ocrvl_fail_nomem(err);
    pixDestroy(&dots);
    return st;
}
