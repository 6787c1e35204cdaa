/* Halftones: pictures printed as a screen of dots. Their dots look like full stops and, where they run together, like
 * letters, rules and light letters on dark, so they're found and taken out before any of these is looked for. A screen
 * whose dots are all of a size, with letters on it, is no picture but a tint: there only the dots go. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

enum { LEAST_DOTS = 400 }; /* of a page: fewer make no picture */
enum { LARGEST = 14 };     /* pixels a side of a dot on a page of small letters; */
#define LARGE 0.7          /* of the letters' height, on others */
#define RING 1.6           /* distances of the nearest dot: what stands within it is a neighbour */
enum { NEIGHBOURS = 4 };   /* that a dot of a screen has at least */
enum { BUCKET = 32 };      /* pixels a side: neighbours are looked for in a dot's own and those around */
enum { CELL = 16 };        /* pixels a side of what is marked as screen */
#define DENSE 0.4          /* of a cell's neighbourhood is screen, too, in a picture; beside small print a fifth */
enum { BRIDGE = 5 };       /* cells: gaps that are closed, where dots are too faint */
enum { SOLID = 8 };        /* cells a side of what is a picture: lines of dotted letters are lower */
#define SCREENED 0.25      /* of a picture's cells have dots of a screen, */
#define REGULAR 0.45       /* and of its dots stand as in one: 0.55 to 0.99, in the grain of paper 0.19 to 0.33 */

#define EVEN 0.9            /* of a tint's dots are about as large as the usual one, */
enum { LEAST_LETTERS = 6 }; /* and so many letters stand on it */

typedef struct screen {
    const ocrvl_blobs *blobs;
    size_t *dots;   /* [count] by bucket */
    bool *screened; /* [count] whether dot `dots[k]` stands as in a screen */
    size_t count;
    size_t *first; /* [nx * ny + 1] of each bucket's dots */
    int32_t nx, ny;
} screen;

static int32_t middle_x(const ocrvl_blob *b) { return (b->x0 + b->x1) / 2; }

static int32_t middle_y(const ocrvl_blob *b) { return (b->y0 + b->y1) / 2; }

static bool may_be_dot(const ocrvl_blob *b, int32_t most)
{
    int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
    return w <= most && h <= most && w <= 2 * h + 1 && h <= 2 * w + 1 && (int64_t)b->area * 2 >= (int64_t)w * h;
}

static size_t bucket_of(const screen *s, const ocrvl_blob *b)
{
    return (size_t)(middle_y(b) / BUCKET) * (size_t)s->nx + (size_t)(middle_x(b) / BUCKET);
}

/* Sorts the dots into buckets. */
static ocrvl_status sort_dots(screen *s, int32_t most, ocrvl_error *err)
{
    size_t buckets = (size_t)s->nx * (size_t)s->ny;
    s->first = ocrvl_alloc_array(buckets + 2, sizeof *s->first);
    s->dots = ocrvl_alloc_array(s->blobs->count, sizeof *s->dots);
    s->screened = ocrvl_alloc_array(s->blobs->count, sizeof *s->screened);
    if (!s->first || !s->dots || !s->screened)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < s->blobs->count; i++)
        if (may_be_dot(&s->blobs->at[i], most)) {
            s->first[bucket_of(s, &s->blobs->at[i]) + 2]++;
            s->count++;
        }
    for (size_t k = 2; k < buckets + 2; k++)
        s->first[k] += s->first[k - 1];
    for (size_t i = 0; i < s->blobs->count; i++)
        if (may_be_dot(&s->blobs->at[i], most))
            s->dots[s->first[bucket_of(s, &s->blobs->at[i]) + 1]++] = i;
    return OCRVL_OK;
}

/* Whether dot i stands amid others as in a screen: several at about the distance of the nearest. */
static bool is_screened(const screen *s, size_t i)
{
    const ocrvl_blob *a = &s->blobs->at[i];
    int32_t bx = middle_x(a) / BUCKET, by = middle_y(a) / BUCKET, x = a->x0 + a->x1, y = a->y0 + a->y1;
    double nearest = INFINITY, d2[9 * BUCKET];
    size_t n = 0, close = 0;
    for (int32_t v = by > 0 ? by - 1 : 0; v <= by + 1 && v < s->ny; v++)
        for (int32_t u = bx > 0 ? bx - 1 : 0; u <= bx + 1 && u < s->nx; u++) {
            size_t k = (size_t)v * (size_t)s->nx + (size_t)u;
            for (size_t e = s->first[k]; e < s->first[k + 1] && n < sizeof d2 / sizeof *d2; e++) {
                const ocrvl_blob *b = &s->blobs->at[s->dots[e]];
                double dx = b->x0 + b->x1 - x, dy = b->y0 + b->y1 - y;
                if (s->dots[e] == i)
                    continue;
                d2[n++] = dx * dx + dy * dy;
                nearest = fmin(nearest, d2[n - 1]);
            }
        }
    for (size_t k = 0; k < n; k++)
        close += d2[k] <= RING * RING * nearest;
    return close >= NEIGHBOURS;
}

/* Cells with dots of a screen in them and about them; NULL if memory fails. */
static PIX *mark_screens(screen *s, int32_t width, int32_t height)
{
    PIX *cells = pixCreate((width + CELL - 1) / CELL, (height + CELL - 1) / CELL, 1);
    for (size_t k = 0; cells && k < s->count; k++)
        if ((s->screened[k] = is_screened(s, s->dots[k]))) {
            const ocrvl_blob *b = &s->blobs->at[s->dots[k]];
            pixSetPixel(cells, middle_x(b) / CELL, middle_y(b) / CELL, 1);
        }
    PIX *dense = cells ? pixBlockrank(cells, NULL, 1, 1, DENSE) : NULL;
    if (dense && !pixAnd(dense, dense, cells))
        pixDestroy(&dense);
    pixDestroy(&cells);
    return dense;
}

/* Adds cells that are mostly ink: where the dots of a screen have run together. */
static void mark_dark(PIX *cells, PIX *ink)
{
    int32_t nx = pixGetWidth(cells), ny = pixGetHeight(cells), w = pixGetWidth(ink), h = pixGetHeight(ink);
    for (int32_t cy = 0; cy < ny; cy++)
        for (int32_t cx = 0; cx < nx; cx++) {
            int32_t x1 = (cx + 1) * CELL < w ? (cx + 1) * CELL : w, y1 = (cy + 1) * CELL < h ? (cy + 1) * CELL : h;
            uint32_t n = 0;
            for (int32_t y = cy * CELL; y < y1; y++)
                n += ocrvl_ink_in_row(ink, y, cx * CELL, x1);
            if (n * 5 > CELL * CELL * 3)
                pixSetPixel(cells, cx, cy, 1);
        }
}

/* The share of a blob's box in which marks are set. */
static double share_of(PIX *marks, const ocrvl_blob *b)
{
    uint32_t n = 0;
    for (int32_t y = b->y0; y < b->y1; y++)
        n += ocrvl_ink_in_row(marks, y, b->x0, b->x1);
    return (double)n / ((double)(b->x1 - b->x0) * (b->y1 - b->y0));
}

/* The share of the dots in cells [x0, x1) x [y0, y1) that stand as in a screen. */
static double regularity(const screen *s, const ocrvl_blob *cells)
{
    size_t n = 0, regular = 0;
    for (size_t k = 0; k < s->count; k++) {
        const ocrvl_blob *b = &s->blobs->at[s->dots[k]];
        int32_t x = middle_x(b) / CELL, y = middle_y(b) / CELL;
        bool within = x >= cells->x0 && x < cells->x1 && y >= cells->y0 && y < cells->y1;
        n += within;
        regular += within && s->screened[k];
    }
    return n > 0 ? (double)regular / (double)n : 0;
}

static bool is_within(const ocrvl_blob *b, const ocrvl_box *k)
{
    return middle_x(b) >= k->x0 && middle_x(b) < k->x1 && middle_y(b) >= k->y0 && middle_y(b) < k->y1;
}

/* The median area of the screened dots in a box; *even: whether nearly all of them are about as large (in drawn tints
 * 0.98 of them, in halftones 0.65 to 0.8). */
static int32_t usual_dot(const screen *s, const ocrvl_box *k, bool *even)
{
    enum { MOST = 1024 };
    size_t counts[MOST] = {0}, n = 0, near = 0, sum = 0;
    int32_t usual = 0;
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_blob *b = &s->blobs->at[s->dots[i]];
        if (!s->screened[i] || !is_within(b, k))
            continue;
        counts[b->area < MOST ? b->area : MOST - 1]++;
        n++;
    }
    while (usual < MOST - 1 && (sum += counts[usual]) * 2 < n)
        usual++;
    for (int32_t v = 0; v < MOST; v++)
        near += abs(v - usual) <= usual / 4 + 1 ? counts[v] : 0;
    *even = n > 0 && (double)near > EVEN * (double)n;
    return usual;
}

/* Whether a blob in a tint is one of its dots: a full stop of the text on it is larger. */
static bool is_dot(const ocrvl_blob *b, int32_t usual)
{
    int32_t side = (int32_t)(1.5 * sqrt(usual)) + 1;
    return b->area <= 2 * usual && b->x1 - b->x0 <= side && b->y1 - b->y0 <= side;
}

/* Whether letters stand in a box amid dots of that area. */
static bool has_letters(const screen *s, const ocrvl_box *k, int32_t usual, int32_t median)
{
    size_t letters = 0;
    for (size_t i = 0; i < s->blobs->count; i++) {
        const ocrvl_blob *b = &s->blobs->at[i];
        int32_t h = b->y1 - b->y0;
        letters += is_within(b, k) && !is_dot(b, 2 * usual) && h * 2 > median && h < 4 * median;
    }
    return letters >= LEAST_LETTERS;
}

/* Moves the dots in a box from the mask's ink to its dots. */
static ocrvl_status clear_dots(ocrvl_ink_mask *mask, const screen *s, const ocrvl_box *k, int32_t usual,
                               ocrvl_error *err)
{
    if (!mask->dots && !(mask->dots = pixCreateTemplate(mask->ink)))
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < s->blobs->count; i++) {
        const ocrvl_blob *b = &s->blobs->at[i];
        if (!is_within(b, k) || !is_dot(b, usual))
            continue;
        pixRasterop(mask->dots, b->x0, b->y0, b->x1 - b->x0, b->y1 - b->y0, PIX_PAINT, mask->ink, b->x0, b->y0);
        pixRasterop(mask->ink, b->x0, b->y0, b->x1 - b->x0, b->y1 - b->y0, PIX_CLR, NULL, 0, 0);
    }
    return OCRVL_OK;
}

/* Makes figures of the solid areas of `cells` that have dots of screens, `marks`, and clears their ink; of tints, only
 * the ink of the dots. */
static ocrvl_status take_areas(PIX *cells, PIX *marks, const screen *s, ocrvl_ink_mask *mask, ocrvl_regions *regions,
                               int32_t median, bool *any, ocrvl_error *err)
{
    int32_t w = pixGetWidth(mask->ink), h = pixGetHeight(mask->ink);
    ocrvl_blobs found = {0};
    ocrvl_status st = ocrvl_blobs_find(&found, cells, SIZE_MAX, err);
    for (size_t i = 0; i < found.count && st == OCRVL_OK; i++) {
        const ocrvl_blob *b = &found.at[i];
        if (share_of(marks, b) < SCREENED || regularity(s, b) < REGULAR)
            continue;
        ocrvl_box k = {(b->x0 - 1) * CELL, (b->y0 - 1) * CELL, (b->x1 + 1) * CELL, (b->y1 + 1) * CELL};
        k = (ocrvl_box){k.x0 > 0 ? k.x0 : 0, k.y0 > 0 ? k.y0 : 0, k.x1 < w ? k.x1 : w, k.y1 < h ? k.y1 : h};
        bool even;
        int32_t usual = usual_dot(s, &k, &even);
        *any = true;
        if (even && has_letters(s, &k, usual, median)) {
            st = clear_dots(mask, s, &k, usual, err);
            continue;
        }
        pixRasterop(mask->ink, k.x0, k.y0, k.x1 - k.x0, k.y1 - k.y0, PIX_CLR, NULL, 0, 0);
        if (mask->light)
            pixRasterop(mask->light, k.x0, k.y0, k.x1 - k.x0, k.y1 - k.y0, PIX_CLR, NULL, 0, 0);
        st = ocrvl_region_add(regions, (ocrvl_region){.box = k, .role = OCRVL_ROLE_FIGURE}, err);
    }
    ocrvl_free(found.at);
    return st;
}

ocrvl_status ocrvl_take_halftones(ocrvl_ink_mask *mask, const ocrvl_blobs *blobs, ocrvl_regions *regions,
                                  int32_t median, bool *any, ocrvl_error *err)
{
    int32_t w = pixGetWidth(mask->ink), h = pixGetHeight(mask->ink), most = (int32_t)(LARGE * median);
    screen s = {.blobs = blobs, .nx = w / BUCKET + 1, .ny = h / BUCKET + 1};
    *any = false;
    ocrvl_status st = sort_dots(&s, most > LARGEST ? most : LARGEST, err);
    PIX *marks = NULL, *cells = NULL, *solid = NULL;
    if (st == OCRVL_OK && s.count >= LEAST_DOTS) {
        marks = mark_screens(&s, w, h);
        cells = marks ? pixCopy(NULL, marks) : NULL;
        if (cells)
            mark_dark(cells, mask->ink);
        PIX *closed = cells ? pixCloseSafeBrick(NULL, cells, BRIDGE, BRIDGE) : NULL;
        solid = closed ? pixOpenBrick(NULL, closed, SOLID, SOLID) : NULL;
        pixDestroy(&closed);
        st = solid ? take_areas(solid, marks, &s, mask, regions, median, any, err) : ocrvl_fail_nomem(err);
    }
    pixDestroy(&marks);
    pixDestroy(&cells);
    pixDestroy(&solid);
    ocrvl_free(s.first);
    ocrvl_free(s.dots);
    ocrvl_free(s.screened);
    return st;
}

/* Whether a pixel of the grey image is one of a mask's, wide. */
static bool is_marked(PIX *wide, const ocrvl_ink_mask *mask, uint32_t x, uint32_t y)
{
    l_uint32 v = 0;
    pixGetPixel(wide, (l_int32)(x * mask->up / mask->factor), (l_int32)(y * mask->up / mask->factor), &v);
    return v != 0;
}

ocrvl_status ocrvl_paint_dots(ocrvl_image *grey, const ocrvl_ink_mask *mask, ocrvl_error *err)
{
    int32_t side = 1 + 2 * (int32_t)mask->up; /* with the dots' blurred edges */
    PIX *wide = mask->dots ? pixDilateBrick(NULL, mask->dots, side, side) : NULL;
    if (!wide)
        return mask->dots ? ocrvl_fail_nomem(err) : OCRVL_OK;
    for (uint32_t y = 0; y < grey->height; y++) {
        uint8_t *row = grey->data + (size_t)y * grey->width;
        for (uint32_t x = 0; x < grey->width; x++) {
            uint32_t end = x;
            while (end < grey->width && is_marked(wide, mask, end, y))
                end++;
            if (end == x)
                continue;
            uint8_t a = x > 0 ? row[x - 1] : row[end < grey->width ? end : x], b = end < grey->width ? row[end] : a;
            memset(row + x, (a > b) != mask->inverted_page ? a : b, end - x);
            x = end;
        }
    }
    pixDestroy(&wide);
    return OCRVL_OK;
}
