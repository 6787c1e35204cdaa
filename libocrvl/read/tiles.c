#include "read/tiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "model/pixels.h"

#define LARGEST 2.0     /* small letters are enlarged at most so much */
#define OTHER_DPI 150.0 /* a page without lines */
#define LONGEST 200     /* times its width that a tile may be long (Qwen2-VL's smart_resize refuses more) */
#define CUT_LONG 100    /* that tiles of a longer part are at the most */

typedef struct weighed {
    float x_height;
    int32_t width;
} weighed;

static int by_x_height(const void *a, const void *b)
{
    const weighed *x = a, *y = b;
    return x->x_height < y->x_height ? -1 : x->x_height > y->x_height;
}

/* The median over the lines, each counting by its length; 0 without lines. */
static ocrvl_status median_x_height(const ocrvl_layout *l, double *out, ocrvl_error *err)
{
    weighed *w = ocrvl_alloc_array(l->line_count, sizeof *w);
    int64_t all = 0, half = 0;
    size_t n = 0;
    *out = 0;
    if (!w)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < l->line_count; i++)
        if (l->lines[i].x_height > 0) {
            w[n] = (weighed){l->lines[i].x_height, l->lines[i].ink.x1 - l->lines[i].ink.x0};
            all += w[n++].width;
        }
    if (n)
        qsort(w, n, sizeof *w, by_x_height);
    for (size_t i = 0; i < n && 2 * half <= all; i++) {
        half += w[i].width;
        *out = w[i].x_height;
    }
    ocrvl_free(w);
    return OCRVL_OK;
}

size_t ocrvl_tile_tokens(const ocrvl_tile *k, const ocrvl_config *c)
{
    size_t side = c->patch * c->merge;
    return k->width / side * (k->height / side);
}

static uint64_t most_pixels(const ocrvl_config *c, const ocrvl_tile_limits *limits)
{
    uint64_t side = (uint64_t)c->patch * c->merge, most = c->max_pixels;
    size_t others = limits->prompt_tokens + limits->answer_tokens, room = c->context > others ? c->context - others : 1;
    if (limits->max_pixels && limits->max_pixels < most)
        most = limits->max_pixels;
    return room < most / (side * side) ? room * side * side : most;
}

/* How many lines a cut at `at` (of y, or of x) would go through. */
static size_t crossed(const ocrvl_layout *l, int32_t at, bool across)
{
    size_t n = 0;
    for (size_t i = 0; i < l->line_count; i++) {
        ocrvl_box b = l->lines[i].ink;
        n += across ? b.y0 < at && at < b.y1 : b.x0 < at && at < b.x1;
    }
    return n;
}

/* A gutter down the middle of the page that few lines cross, with text on either side; 0 if there is none. */
static int32_t find_gutter(const ocrvl_layout *l, int32_t width)
{
    int32_t best = 0;
    size_t least = l->line_count / 20 + 1;
    for (int32_t x = width * 35 / 100; x < width * 65 / 100; x += 2 + width / 1000) {
        size_t n = crossed(l, x, false), left = 0;
        for (size_t i = 0; i < l->line_count; i++)
            left += l->lines[i].ink.x1 <= x;
        bool both = 10 * left > 3 * l->line_count && 10 * (l->line_count - n - left) > 3 * l->line_count;
        if (both && (n < least || (n == least && abs(x - width / 2) < abs(best - width / 2)))) {
            least = n;
            best = x;
        }
    }
    return best;
}

/* The place nearest to `wanted` (within `reach`) where a cut goes through the fewest lines. */
static int32_t find_cut(const ocrvl_layout *l, int32_t wanted, int32_t reach)
{
    int32_t best = wanted;
    size_t least = crossed(l, wanted, true);
    for (int32_t d = 1; d <= reach && least; d++)
        for (int32_t sign = -1; sign <= 1; sign += 2) {
            size_t n = crossed(l, wanted + sign * d, true);
            if (n < least) {
                least = n;
                best = wanted + sign * d;
            }
        }
    return best;
}

static ocrvl_status add_tile(ocrvl_tiles *out, const ocrvl_config *c, ocrvl_box part, uint64_t min_pixels,
                             ocrvl_error *err)
{
    double w = (part.x1 - part.x0) * out->scale, h = (part.y1 - part.y0) * out->scale;
    uint64_t width, height;
    if (out->count == OCRVL_MAX_TILES)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "the page needs more than %d tiles of %llu pixels", OCRVL_MAX_TILES,
                          (unsigned long long)out->most);
    ocrvl_status st = ocrvl_smart_resize((uint64_t)fmax(1, nearbyint(h)), (uint64_t)fmax(1, nearbyint(w)),
                                         c->patch * c->merge, min_pixels, out->most, &height, &width, err);
    if (!st)
        out->tile[out->count++] = (ocrvl_tile){.part = part, .width = (uint32_t)width, .height = (uint32_t)height};
    return st;
}

/* ---- what is too long ---------------------------------------------------------------------------------- */

/* In how many pieces something so long and wide is shown. */
static int32_t pieces_of(int32_t along, int32_t across)
{
    bool fits = along < (int64_t)LONGEST * across;
    return fits || across < 1 ? 1 : (int32_t)((along + (int64_t)CUT_LONG * across - 1) / ((int64_t)CUT_LONG * across));
}

/* Whether no pixel of the column, between y0 and y1, differs much from the others. */
static bool is_empty_column(const ocrvl_image *grey, int32_t x, int32_t y0, int32_t y1)
{
    int least = 255, most = 0;
    for (int32_t y = y0; y < y1; y++) {
        int v = grey->data[(size_t)y * grey->width + (size_t)x];
        least = v < least ? v : least;
        most = v > most ? v : most;
    }
    return most - least < 64;
}

/* The middle of the widest run of empty columns within `reach` of `wanted`, which stands between words; `wanted` if
 * there is none. */
static int32_t find_gap(const ocrvl_layout *l, ocrvl_box part, int32_t wanted, int32_t reach)
{
    int32_t best = wanted, widest = 0, run = 0;
    const ocrvl_image *grey = l->grey;
    int32_t from = wanted - reach > part.x0 ? wanted - reach : part.x0,
            to = wanted + reach < part.x1 ? wanted + reach : part.x1;
    if (!grey || grey->channels != 1 || part.x1 > (int32_t)grey->width || part.y1 > (int32_t)grey->height)
        return wanted;
    for (int32_t x = from; x < to; x++) {
        run = is_empty_column(grey, x, part.y0, part.y1) ? run + 1 : 0;
        if (run > widest) {
            widest = run;
            best = x - run / 2;
        }
    }
    return best;
}

/* A part of the page, cut in pieces beside each other if it is too wide for its height. */
static ocrvl_status add_strip(ocrvl_tiles *out, const ocrvl_config *c, const ocrvl_layout *l, ocrvl_box part,
                              uint64_t min_pixels, ocrvl_error *err)
{
    int32_t width = part.x1 - part.x0, height = part.y1 - part.y0, n = pieces_of(width, height), from = part.x0;
    double fill = ceil(width * out->scale * height * out->scale / (double)out->most);
    ocrvl_status st = OCRVL_OK;
    n = n > 1 && n < fill ? (int32_t)fmin(fill, OCRVL_MAX_TILES + 1) : n;
    for (int32_t i = 0; !st && i < n; i++) {
        int32_t wanted = part.x0 + (int32_t)((int64_t)width * (i + 1) / n);
        int32_t to = i + 1 == n ? part.x1 : find_gap(l, part, wanted, width / n / 8);
        st = add_tile(out, c, (ocrvl_box){from, part.y0, to, part.y1}, min_pixels, err);
        if (!st)
            out->tile[out->count - 1].beside = i > 0;
        from = to;
    }
    return st;
}

/* Bands of [y0, y1) of one column. */
static ocrvl_status add_bands(ocrvl_tiles *out, const ocrvl_config *c, const ocrvl_layout *l, ocrvl_box column,
                              uint64_t min_pixels, ocrvl_error *err)
{
    int32_t height = column.y1 - column.y0, width = column.x1 - column.x0;
    double pixels = width * out->scale * height * out->scale;
    int32_t overlap = (int32_t)(3 * (out->x_height > 0 ? out->x_height : height / 200.0)) + 1; /* a line and its gap */
    double useful = (double)out->most - overlap * out->scale * width * out->scale;
    if (useful < 0.1 * (double)out->most)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%llu pixels hold less than a line of this page",
                          (unsigned long long)out->most);
    int32_t n = pixels <= (double)out->most ? 1 : (int32_t)ceil(pixels / useful);
    int32_t least = pieces_of(height, width);
    n = n < least ? least : n;
    for (int32_t i = 0, from = column.y0; i < n; i++) {
        int32_t wanted = column.y0 + (int32_t)((int64_t)height * (i + 1) / n);
        int32_t cut = i + 1 == n ? column.y1 : find_cut(l, wanted, overlap);
        int32_t to = i + 1 == n ? cut : cut + overlap < column.y1 ? cut + overlap : column.y1;
        ocrvl_status st = add_strip(out, c, l, (ocrvl_box){column.x0, from, column.x1, to}, min_pixels, err);
        if (st)
            return st;
        from = cut;
    }
    return OCRVL_OK;
}

static double wanted_scale(const ocrvl_tiles *k, const ocrvl_tile_limits *limits, int32_t longest, double dpi)
{
    double x = limits->x_height > 0 ? fmin(limits->x_height, OCRVL_X_TARGET) : OCRVL_X_TARGET;
    if (limits->longest_side) {
        double taught = (double)limits->longest_side / longest;
        return limits->x_height > 0 && k->x_height > 0 ? fmin(taught, x / k->x_height) : taught;
    }
    if (k->x_height > 0)
        return fmin(x / k->x_height, LARGEST);
    return (dpi > 0 ? fmin(OTHER_DPI / dpi, 1) : 1) * x / OCRVL_X_TARGET;
}

ocrvl_status ocrvl_pixels_for_letters(uint64_t *pixels, const ocrvl_layout *l, ocrvl_error *err)
{
    ocrvl_tiles k = {0};
    const ocrvl_tile_limits none = {0};
    *pixels = 0;
    ocrvl_status st = median_x_height(l, &k.x_height, err);
    if (st || k.x_height <= 0)
        return st;
    double scale = wanted_scale(&k, &none, 0, 0);
    *pixels = (uint64_t)(l->page_width * scale * l->page_height * scale);
    return OCRVL_OK;
}

ocrvl_status ocrvl_plan_tiles(ocrvl_tiles *out, const ocrvl_config *c, const ocrvl_layout *l, double dpi,
                              const ocrvl_tile_limits *limits, ocrvl_error *err)
{
    bool side = l->rotation % 180 == 90;
    int32_t width = (int32_t)(side ? l->page_height : l->page_width);
    int32_t height = (int32_t)(side ? l->page_width : l->page_height);
    uint64_t min_pixels = limits->min_pixels > c->min_pixels ? limits->min_pixels : c->min_pixels;
    memset(out, 0, sizeof *out);
    ocrvl_status st = median_x_height(l, &out->x_height, err);
    if (st)
        return st;
    out->most = most_pixels(c, limits);
    min_pixels = min_pixels < out->most ? min_pixels : out->most;
    int32_t longest = width > height ? width / pieces_of(width, height) : height / pieces_of(height, width);
    out->scale = wanted_scale(out, limits, longest, dpi);
    out->wanted = (uint64_t)(width * out->scale * height * out->scale);
    ocrvl_box all = {0, 0, width, height};
    bool too_long = pieces_of(width, height) > 1 || pieces_of(height, width) > 1;
    if (limits->one_tile || (!too_long && (out->wanted <= out->most || limits->longest_side)))
        return add_tile(out, c, all, min_pixels, err);
    if (too_long)
        return width > height ? add_strip(out, c, l, all, min_pixels, err) : add_bands(out, c, l, all, min_pixels, err);
    int32_t gutter = find_gutter(l, width);
    out->columns = gutter > 0;
    if (!gutter)
        return add_bands(out, c, l, all, min_pixels, err);
    st = add_bands(out, c, l, (ocrvl_box){0, 0, gutter, height}, min_pixels, err);
    return st ? st : add_bands(out, c, l, (ocrvl_box){gutter, 0, width, height}, min_pixels, err);
}
