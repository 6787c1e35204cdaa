#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

/* Paper and ink levels are taken in tiles of TILE x TILE pixels, which hold a few letters of usual text, and evened out
 * over their neighbours: a stroke of up to two tiles has paper beside it. */
#define TILE 32
#define EVEN 24 /* levels between the middle and the dark of a tile without grain */

typedef struct tiles {
    int32_t nx, ny;
    uint8_t *paper, *dark, *mid, *bright; /* [ny][nx]: high, low, middle and highest percentile */
    uint8_t *spare;
    uint8_t *limit;    /* [ny][nx]: ink is darker than this */
    uint8_t *boxed;    /* [ny][nx]: 1 within a large dark box */
    uint8_t *lightest; /* [ny][nx]: light ink is lighter than this; 255 outside boxes */
} tiles;

uint32_t ocrvl_ink_mask_factor(uint32_t width, uint32_t height, uint64_t max_pixels)
{
    uint32_t f = 1;
    while (f < 64 && (uint64_t)((width + f - 1) / f) * ((height + f - 1) / f) > max_pixels)
        f++;
    return f;
}

/* Area average by a whole factor; the last column and row average what there is. */
static void reduce(uint8_t *out, const ocrvl_image *in, uint32_t f, uint32_t ow, uint32_t oh, uint32_t *sums)
{
    for (uint32_t oy = 0; oy < oh; oy++) {
        uint32_t y0 = oy * f, y1 = y0 + f < in->height ? y0 + f : in->height;
        memset(sums, 0, ow * sizeof *sums);
        for (uint32_t y = y0; y < y1; y++) {
            const uint8_t *row = in->data + (size_t)y * in->width;
            uint32_t x = 0, whole = in->width / f;
            for (uint32_t ox = 0; ox < whole; ox++)
                for (uint32_t k = 0; k < f; k++)
                    sums[ox] += row[x++];
            for (; x < in->width; x++)
                sums[whole] += row[x];
        }
        for (uint32_t ox = 0; ox < ow; ox++) {
            uint32_t n = (ox * f + f <= in->width ? f : in->width - ox * f) * (y1 - y0);
            out[(size_t)oy * ow + ox] = (uint8_t)((sums[ox] + n / 2) / n);
        }
    }
}

/* Twice as large, between the pixels: letters of 8 pixels keep their thin strokes whole. */
static void enlarge(uint8_t *out, const ocrvl_image *in)
{
    uint32_t w = in->width, h = in->height;
    for (uint32_t y = 0; y < 2 * h; y++) {
        uint32_t y0 = (y + 1) / 2 > 0 ? (y + 1) / 2 - 1 : 0, y1 = (y + 1) / 2 < h ? (y + 1) / 2 : h - 1;
        uint32_t fy = y & 1 ? 1 : 3; /* quarters of the lower row */
        const uint8_t *a = in->data + (size_t)y0 * w, *b = in->data + (size_t)y1 * w;
        uint8_t *row = out + (size_t)y * 2 * w;
        for (uint32_t x = 0; x < 2 * w; x++) {
            uint32_t x0 = (x + 1) / 2 > 0 ? (x + 1) / 2 - 1 : 0, x1 = (x + 1) / 2 < w ? (x + 1) / 2 : w - 1;
            uint32_t fx = x & 1 ? 1 : 3;
            uint32_t top = a[x0] * (4 - fx) + a[x1] * fx, bottom = b[x0] * (4 - fx) + b[x1] * fx;
            row[x] = (uint8_t)((top * (4 - fy) + bottom * fy + 8) / 16);
        }
    }
}

static uint8_t percentile(const uint32_t *hist, uint32_t total, uint32_t percent)
{
    uint32_t want = (total - 1) * percent / 100 + 1, sum = 0;
    for (int v = 0; v < 255; v++)
        if ((sum += hist[v]) >= want)
            return (uint8_t)v;
    return 255;
}

static void measure(tiles *t, const uint8_t *grey, int32_t w, int32_t h)
{
    for (int32_t ty = 0; ty < t->ny; ty++)
        for (int32_t tx = 0; tx < t->nx; tx++) {
            uint32_t hist[256] = {0}, n = 0;
            int32_t x1 = (tx + 1) * TILE < w ? (tx + 1) * TILE : w, y1 = (ty + 1) * TILE < h ? (ty + 1) * TILE : h;
            for (int32_t y = ty * TILE; y < y1; y++)
                for (int32_t x = tx * TILE + (y & 1); x < x1; x += 2, n++)
                    hist[grey[(size_t)y * w + x]]++;
            if (n == 0)
                hist[grey[(size_t)ty * TILE * w + tx * TILE]]++, n++;
            size_t i = (size_t)ty * t->nx + tx;
            t->paper[i] = percentile(hist, n, 80);
            t->dark[i] = percentile(hist, n, 3);
            t->mid[i] = percentile(hist, n, 50);
            t->bright[i] = percentile(hist, n, 97);
        }
}

/* The greatest (sign 1), least (-1) or mean (0) over 3 x 3 tiles, in place. */
static void spread(tiles *t, uint8_t *map, int sign)
{
    for (int32_t y = 0; y < t->ny; y++)
        for (int32_t x = 0; x < t->nx; x++) {
            uint32_t sum = 0, n = 0;
            uint8_t most = 0, least = 255;
            for (int32_t v = y > 0 ? y - 1 : 0; v <= y + 1 && v < t->ny; v++)
                for (int32_t u = x > 0 ? x - 1 : 0; u <= x + 1 && u < t->nx; u++) {
                    uint8_t m = map[(size_t)v * t->nx + u];
                    sum += m, n++;
                    most = m > most ? m : most;
                    least = m < least ? m : least;
                }
            t->spare[(size_t)y * t->nx + x] = sign > 0 ? most : sign < 0 ? least : (uint8_t)((sum + n / 2) / n);
        }
    memcpy(map, t->spare, (size_t)t->nx * t->ny);
}

/* Whether most places with ink have more dark than light: the page is light on dark. */
static bool is_inverted(const tiles *t)
{
    size_t light = 0, dark = 0;
    for (size_t i = 0; i < (size_t)t->nx * t->ny; i++) {
        int contrast = t->paper[i] - t->dark[i], mid = t->mid[i] - t->dark[i];
        if (contrast < 40)
            continue;
        if (mid * 10 < contrast * 3)
            dark++;
        else if (mid * 10 > contrast * 7)
            light++;
    }
    return dark > 8 && dark > 4 * light;
}

#define GRAIN 32 /* levels: the grain of paper is no stronger */

/* What a tile's ink must be darker than its paper, from the whole page: a share of the usual contrast, so that the
 * other side's print showing through stays out, and more than the grain of the paper. */
static int least_contrast(const tiles *t)
{
    uint32_t all[256] = {0}, strong[256] = {0}, n = 0, m = 0;
    for (size_t i = 0; i < (size_t)t->nx * t->ny; i++)
        all[t->paper[i] > t->dark[i] ? t->paper[i] - t->dark[i] : 0]++, m++;
    int grain = percentile(all, m, 10); /* of a page without blank tiles it isn't grain */
    int text = grain <= GRAIN && grain * 8 / 5 > 15 ? grain * 8 / 5 : 15;
    for (int c = text; c < 256; c++)
        strong[c] = all[c], n += all[c];
    int typical = n ? percentile(strong, n, 75) : 0;
    int least = grain < typical * 9 / 20 ? grain : typical * 9 / 20;
    least = least > typical * 3 / 10 ? least : typical * 3 / 10;
    return least > 10 ? least : 10;
}

/* ---- dark boxes ---- */

#define FAR 8 /* tiles: paper is looked for as far as this */

/* The greatest (or least) over a square of 2 * reach + 1 tiles a side. */
static void extreme(const tiles *t, uint8_t *map, int32_t reach, bool greatest)
{
    for (int pass = 0; pass < 2; pass++) {
        for (int32_t y = 0; y < t->ny; y++)
            for (int32_t x = 0; x < t->nx; x++) {
                uint8_t v = map[(size_t)y * t->nx + x];
                for (int32_t d = -reach; d <= reach; d++) {
                    int32_t u = pass ? x : x + d, w = pass ? y + d : y;
                    if (u < 0 || w < 0 || u >= t->nx || w >= t->ny)
                        continue;
                    uint8_t m = map[(size_t)w * t->nx + u];
                    v = greatest == (m > v) ? m : v;
                }
                t->spare[(size_t)y * t->nx + x] = v;
            }
        memcpy(map, t->spare, (size_t)t->nx * t->ny);
    }
}

/* Marks tiles that are dark beside the paper around, in boxes of at least 3 x 3 of them; returns whether there are any.
 * limit and lightest serve as scratch. */
static bool find_boxes(tiles *t)
{
    size_t n = (size_t)t->nx * t->ny, any = 0;
    memcpy(t->lightest, t->paper, n);
    extreme(t, t->lightest, FAR, true);
    for (size_t i = 0; i < n; i++)
        any += t->boxed[i] = t->mid[i] * 100 < t->lightest[i] * 62 && t->lightest[i] - t->mid[i] > 40;
    if (any == 0)
        return false;
    extreme(t, t->boxed, 1, false);
    any = 0;
    for (size_t i = 0; i < n; i++)
        any += t->boxed[i];
    extreme(t, t->boxed, 1, true);
    return any > 0;
}

/* Sets how light the letters in boxes are, and makes the boxes solid in the dark ink. The limits reach a tile further
 * than the boxes: letters near the rim must be whole. */
static void set_light_limits(tiles *t, int least)
{
    size_t n = (size_t)t->nx * t->ny;
    for (size_t i = 0; i < n; i++)
        t->spare[i] = t->boxed[i] ? t->bright[i] : 0;
    memcpy(t->bright, t->spare, n);
    extreme(t, t->bright, 1, true);
    for (size_t i = 0; i < n; i++)
        t->lightest[i] = t->boxed[i] ? t->mid[i] : 255;
    extreme(t, t->lightest, 1, false); /* the dark of the box itself */
    for (size_t i = 0; i < n; i++) {
        int c = t->bright[i] - t->lightest[i], rise = c * 2 / 5 > least ? c * 2 / 5 : least;
        bool near = t->lightest[i] < 255;
        t->lightest[i] = (uint8_t)(near && t->lightest[i] + rise < 255 ? t->lightest[i] + rise : 255);
        if (t->boxed[i])
            t->limit[i] = 255; /* solid, so that it isn't taken for letters */
    }
}

static void set_limits(tiles *t, bool boxes)
{
    spread(t, t->paper, 1);
    spread(t, t->dark, -1);
    int least = least_contrast(t);
    for (size_t i = 0; i < (size_t)t->nx * t->ny; i++) {
        int c = t->paper[i] - t->dark[i], drop = c * 7 / 20 > least ? c * 7 / 20 : least;
        t->limit[i] = (uint8_t)(t->paper[i] > drop ? t->paper[i] - drop : 0);
    }
    spread(t, t->limit, 0);
    if (boxes)
        set_light_limits(t, least);
}

/* row[x], in 1/256: the limits of one pixel row, between the centres of the tiles. */
static void limits_of_row(const tiles *t, const uint8_t *limit, int32_t y, int32_t w, int32_t *row)
{
    int32_t v = 2 * y + 1 - TILE, ty = v < 0 ? 0 : v / (2 * TILE), fy = v < 0 ? 0 : v % (2 * TILE);
    int32_t ty1 = ty + 1 < t->ny ? ty + 1 : t->ny - 1;
    ty = ty < t->ny ? ty : t->ny - 1;
    const uint8_t *a = limit + (size_t)ty * t->nx, *b = limit + (size_t)ty1 * t->nx;
    for (int32_t tx = -1; tx < t->nx; tx++) {
        int32_t l = tx < 0 ? 0 : tx, r = tx + 1 < t->nx ? tx + 1 : t->nx - 1;
        int32_t vl = (a[l] * (2 * TILE - fy) + b[l] * fy) * 4, vr = (a[r] * (2 * TILE - fy) + b[r] * fy) * 4;
        int32_t x0 = tx * TILE + TILE / 2, x1 = x0 + TILE;
        for (int32_t x = x0 < 0 ? 0 : x0; x < x1 && x < w; x++)
            row[x] = vl + (vr - vl) * (x - x0) / TILE;
    }
}

static void pack_row(l_uint32 *line, const uint8_t *grey, const int32_t *limit, int32_t w)
{
    for (int32_t x = 0; x < w; x += 32) {
        uint32_t word = 0;
        int32_t n = w - x < 32 ? w - x : 32;
        for (int32_t k = 0; k < n; k++)
            word |= (uint32_t)(grey[x + k] * 256 < limit[x + k]) << (31 - k);
        line[x / 32] = word;
    }
}

/* The limits of light ink step from tile to tile: between a box and the paper about it there is nothing to even out. */
static void pack_light_row(const tiles *t, l_uint32 *line, const uint8_t *grey, int32_t y, int32_t w)
{
    const uint8_t *lightest = t->lightest + (size_t)(y / TILE) * t->nx;
    for (int32_t x = 0; x < w; x += 32) {
        uint32_t word = 0, limit = lightest[x / TILE];
        int32_t n = w - x < 32 ? w - x : 32;
        for (int32_t k = 0; k < n && limit < 255; k++)
            word |= (uint32_t)(grey[x + k] > limit) << (31 - k);
        line[x / 32] = word;
    }
}

static void clear_outside(PIX *ink, const ocrvl_box *b)
{
    int32_t w = pixGetWidth(ink), h = pixGetHeight(ink);
    pixRasterop(ink, 0, 0, w, b->y0, PIX_CLR, NULL, 0, 0);
    pixRasterop(ink, 0, b->y1, w, h - b->y1, PIX_CLR, NULL, 0, 0);
    pixRasterop(ink, 0, b->y0, b->x0, b->y1 - b->y0, PIX_CLR, NULL, 0, 0);
    pixRasterop(ink, b->x1, b->y0, w - b->x1, b->y1 - b->y0, PIX_CLR, NULL, 0, 0);
}

/* Whether what lies outside the paper is no even dark, on which light letters may stand, but the grain of a desk.
 * Before the tiles' levels are spread. */
static bool is_grain(const tiles *t, const ocrvl_box *paper)
{
    size_t n = 0, uneven = 0;
    for (int32_t y = 0; y < t->ny; y++)
        for (int32_t x = 0; x < t->nx; x++) {
            int32_t mx = x * TILE + TILE / 2, my = y * TILE + TILE / 2;
            size_t i = (size_t)y * t->nx + x;
            if (mx >= paper->x0 && mx < paper->x1 && my >= paper->y0 && my < paper->y1)
                continue;
            n++;
            uneven += t->mid[i] - t->dark[i] > EVEN;
        }
    return uneven * 10 > n * 3;
}

static ocrvl_status threshold(ocrvl_ink_mask *out, uint8_t *grey, int32_t w, int32_t h, tiles *t, int32_t *row,
                              ocrvl_error *err)
{
    measure(t, grey, w, h);
    out->inverted_page = is_inverted(t);
    if (out->inverted_page) {
        for (size_t i = 0; i < (size_t)w * h; i++)
            grey[i] = (uint8_t)(255 - grey[i]);
        measure(t, grey, w, h);
    }
    out->paper = out->inverted_page ? (ocrvl_box){0, 0, w, h} : ocrvl_find_paper(grey, w, h, t->mid, TILE);
    ocrvl_status st = ocrvl_flatten_panels(out, grey, w, h, err);
    if (st)
        return st;
    if (out->panel_count)
        measure(t, grey, w, h);
    for (size_t i = 0; i < out->panel_count; i++)
        out->paper = ocrvl_box_union(out->paper, out->panels[i].box);
    bool boxes = find_boxes(t), grain = is_grain(t, &out->paper);
    set_limits(t, boxes);
    out->ink = pixCreate(w, h, 1);
    if (!out->ink || (boxes && !(out->light = pixCreate(w, h, 1))))
        return ocrvl_fail_nomem(err);
    for (int32_t y = 0; y < h; y++) {
        limits_of_row(t, t->limit, y, w, row);
        pack_row(pixGetData(out->ink) + (size_t)y * pixGetWpl(out->ink), grey + (size_t)y * w, row, w);
        if (boxes)
            pack_light_row(t, pixGetData(out->light) + (size_t)y * pixGetWpl(out->light), grey + (size_t)y * w, y, w);
    }
    clear_outside(out->ink, &out->paper);
    if (out->light && grain)
        clear_outside(out->light, &out->paper);
    return OCRVL_OK;
}

ocrvl_status ocrvl_ink_mask_make(ocrvl_ink_mask *out, const ocrvl_image *grey, uint32_t factor, uint32_t up,
                                 ocrvl_error *err)
{
    uint32_t w = (grey->width + factor - 1) / factor * up, h = (grey->height + factor - 1) / factor * up;
    tiles t = {.nx = (int32_t)((w + TILE - 1) / TILE), .ny = (int32_t)((h + TILE - 1) / TILE)};
    size_t n = (size_t)t.nx * t.ny;
    uint8_t *maps = ocrvl_alloc_array(n, 8);
    uint8_t *small = ocrvl_realloc_array(NULL, (size_t)w * h, 1);
    int32_t *row = ocrvl_alloc_array(w, sizeof *row);
    ocrvl_status st = OCRVL_OK;
    *out = (ocrvl_ink_mask){.factor = factor, .up = up};
    if (!maps || !small || !row) {
        st = ocrvl_fail_nomem(err);
    } else {
        t.paper = maps, t.dark = maps + n, t.mid = maps + 2 * n, t.spare = maps + 3 * n, t.limit = maps + 4 * n;
        t.bright = maps + 5 * n, t.boxed = maps + 6 * n, t.lightest = maps + 7 * n;
        if (up == 2)
            enlarge(small, grey);
        else if (factor == 1)
            memcpy(small, grey->data, (size_t)w * h);
        else
            reduce(small, grey, factor, w, h, (uint32_t *)row);
        st = threshold(out, small, (int32_t)w, (int32_t)h, &t, row, err);
    }
    ocrvl_free(maps);
    ocrvl_free(small);
    ocrvl_free(row);
    return st;
}

void ocrvl_ink_mask_clear(ocrvl_ink_mask *m)
{
    pixDestroy(&m->ink);
    pixDestroy(&m->light);
    pixDestroy(&m->rules);
    pixDestroy(&m->dots);
    ocrvl_free(m->panels);
    m->panels = NULL;
    m->panel_count = 0;
}

uint32_t ocrvl_ink_in_row(PIX *ink, int32_t y, int32_t x0, int32_t x1)
{
    const l_uint32 *line = pixGetData(ink) + (size_t)y * pixGetWpl(ink);
    uint32_t n = 0;
    for (int32_t x = x0; x < x1;) {
        int32_t first = x % 32, bits = 32 - first < x1 - x ? 32 - first : x1 - x;
        uint32_t word = line[x / 32] << first >> (32 - bits); /* the bits from x on, at the low end */
        n += (uint32_t)__builtin_popcount(word);
        x += bits;
    }
    return n;
}
