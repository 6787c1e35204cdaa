/* Where the page lies in its image. A desk, a scanner's lid or a black border beside it is darker than its paper, or so
 * uneven that half of it is: the image is looked at in tiles, whose middle grey is the paper's wherever there is text.
 */
#include "layout/layout_parts.h"

#define PAPER_SHARE 0.78   /* of the paper's grey: tiles no darker are paper */
#define OUTSIDE 0.3        /* of the tiles along a side: with fewer of paper it is outside the page, */
#define INSIDE 0.6         /* and with more, within it */
#define DEEPEST 0.33       /* of the image's width or height: what goes further in is a part of the page */
#define LEAST_PAPER 0.35   /* of all tiles: otherwise there is no telling which is which */
enum { SLIVER = 2 };       /* tiles: so much of something lighter may lie beyond what is outside */
enum { BLUR = 3 };         /* tiles from the one to the other */
enum { LEAST_TILES = 16 }; /* along each side: in a smaller image there is nothing to be told */

/* The image as one of its sides sees it: `depth` tiles inwards from the side, `length` along it. */
typedef struct side {
    const uint8_t *mid;
    int32_t nx, ny;
    bool across; /* left or right */
    bool far;    /* right or bottom */
    int32_t depth, length;
} side;

static uint8_t tile_at(const side *s, int32_t in, int32_t along)
{
    int32_t deep = s->far ? s->depth - 1 - in : in;
    return s->across ? s->mid[(size_t)along * (size_t)s->nx + (size_t)deep]
                     : s->mid[(size_t)deep * (size_t)s->nx + (size_t)along];
}

/* The share of paper among the tiles `in` from the side, its corners left out. */
static double paper_along(const side *s, int32_t in, double least)
{
    int32_t from = s->length / 8, to = s->length - from, n = 0;
    for (int32_t i = from; i < to; i++)
        n += tile_at(s, in, i) >= least;
    return to > from ? (double)n / (to - from) : 0;
}

/* How many tiles from the side the page begins; 0: at the side, or it can't be told. */
static int32_t find_edge(const side *s, double least)
{
    int32_t deepest = (int32_t)(s->depth * DEEPEST), in = 0;
    while (in < SLIVER && paper_along(s, in, least) >= OUTSIDE)
        in++;
    if (in == SLIVER)
        return 0;
    while (in <= deepest && paper_along(s, in, least) < OUTSIDE)
        in++;
    if (in > deepest)
        return 0;
    for (int32_t k = in; k < in + BLUR && k < s->depth; k++)
        if (paper_along(s, k, least) >= INSIDE)
            return k;
    return 0;
}

/* The grey of the page's paper: the middle of those of the tiles in the image's middle. */
static uint8_t grey_of_paper(const uint8_t *mid, int32_t nx, int32_t ny)
{
    size_t counts[256] = {0}, n = 0, sum = 0;
    for (int32_t y = ny / 5; y < ny - ny / 5; y++)
        for (int32_t x = nx / 5; x < nx - nx / 5; x++, n++)
            counts[mid[(size_t)y * (size_t)nx + (size_t)x]]++;
    for (int v = 0; v < 256; v++)
        if ((sum += counts[v]) * 2 > n)
            return (uint8_t)v;
    return 255;
}

/* The mean grey of a column (across) or a row of the image, its ends left out. */
static double mean_of(const uint8_t *grey, int32_t w, int32_t h, bool across, int32_t at)
{
    int32_t n = across ? h : w, from = n / 8, to = n - from, count = 0;
    uint64_t sum = 0;
    for (int32_t i = from; i < to; i += 5, count++)
        sum += across ? grey[(size_t)i * (size_t)w + (size_t)at] : grey[(size_t)at * (size_t)w + (size_t)i];
    return count ? (double)sum / count : 0;
}

/* The pixel at which the page begins, seen from the side: where, about tile `in`, the grey changes most over a few
 * pixels. */
static int32_t refine(const uint8_t *grey, int32_t w, int32_t h, const side *s, int32_t in, int32_t tile)
{
    enum { HALF = 4 };
    int32_t n = s->across ? w : h, edge = s->far ? n - in * tile : in * tile, best = edge;
    double most = -1;
    if (s->far) /* the last tile may be narrow */
        edge = (s->depth - in) * tile < n ? (s->depth - in) * tile : n;
    for (int32_t x = edge - 2 * tile; x < edge + 2 * tile; x++) {
        double d = 0;
        if (x < HALF || x + HALF > n)
            continue;
        for (int32_t k = 0; k < HALF; k++)
            d += mean_of(grey, w, h, s->across, x + k) - mean_of(grey, w, h, s->across, x - 1 - k);
        d = s->far ? -d : d; /* the page is the lighter */
        if (d > most) {
            most = d;
            best = x;
        }
    }
    return best;
}

ocrvl_box ocrvl_find_paper(const uint8_t *grey, int32_t w, int32_t h, const uint8_t *mid, int32_t tile)
{
    int32_t nx = (w + tile - 1) / tile, ny = (h + tile - 1) / tile, *edges[4], found[4];
    ocrvl_box box = {0, 0, w, h};
    double least = PAPER_SHARE * grey_of_paper(mid, nx, ny);
    size_t light = 0;
    for (size_t i = 0; i < (size_t)nx * (size_t)ny; i++)
        light += mid[i] >= least;
    if (nx < LEAST_TILES || ny < LEAST_TILES || (double)light < LEAST_PAPER * nx * ny)
        return box;
    edges[0] = &box.x0, edges[1] = &box.x1, edges[2] = &box.y0, edges[3] = &box.y1;
    for (int i = 0; i < 4; i++) {
        bool across = i < 2;
        side s = {mid, nx, ny, across, i & 1, across ? nx : ny, across ? ny : nx};
        int32_t in = find_edge(&s, least);
        found[i] = in ? refine(grey, w, h, &s, in, tile) : *edges[i];
    }
    for (int i = 0; i < 4; i++)
        *edges[i] = found[i];
    return box;
}

/* Whether a rule runs along the page's edge, which the image shows on that side. */
static bool is_edge(const ocrvl_region *r, const ocrvl_box *paper, int32_t w, int32_t h)
{
    const ocrvl_box *b = &r->box;
    int32_t near = (r->vertical ? paper->x1 - paper->x0 : paper->y1 - paper->y0) / 64;
    if (r->vertical)
        return (paper->x0 > 0 && b->x0 - paper->x0 < near) || (paper->x1 < w && paper->x1 - b->x1 < near);
    return (paper->y0 > 0 && b->y0 - paper->y0 < near) || (paper->y1 < h && paper->y1 - b->y1 < near);
}

void ocrvl_drop_paper_edges(ocrvl_regions *regions, const ocrvl_ink_mask *mask)
{
    size_t kept = 0;
    for (size_t i = 0; i < regions->count; i++) {
        const ocrvl_region *r = &regions->at[i];
        if (r->role != OCRVL_ROLE_SEPARATOR || r->leader ||
            !is_edge(r, &mask->paper, pixGetWidth(mask->ink), pixGetHeight(mask->ink)))
            regions->at[kept++] = *r;
    }
    regions->count = kept;
}
