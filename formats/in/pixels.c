#include "in/pixels.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

/* (v a + 255 (255 - a)) / 255 by Pillow's shift formula with 7 bits of precision. */
static uint8_t over_white(uint32_t v, uint32_t a)
{
    uint32_t t = (v * a + 255 * (255 - a)) * 128 + (0x80 << 7);
    return (uint8_t)(((t >> 8) + t) >> 8 >> 7);
}

void ocrvl_pixels_lay_on_white(uint8_t *to, uint8_t *alpha, const uint8_t *from, size_t width, size_t channels)
{
    for (size_t x = 0; x < width; x++, from += channels + 1) {
        for (size_t c = 0; c < channels; c++)
            *to++ = over_white(from[c], from[channels]);
        alpha[x] = from[channels];
    }
}

/* ---- the ground of a transparent image ---------------------------------------------------------------- */

enum { CLEAR = 32, CONTRAST = 64 }; /* alpha that is no ink; difference that is seen */
enum { GROUNDS = 3 };
static const uint8_t grounds[GROUNDS] = {255, 0, 128}; /* in the order of preference */

/* The lightness of pixel i of the image on white, without the white that shows through it. */
static int lightness(const ocrvl_image *img, size_t i, uint8_t alpha)
{
    const uint8_t *p = img->data + i * img->channels;
    int on_white = img->channels == 3 ? (p[0] * 299 + p[1] * 587 + p[2] * 114) / 1000 : p[0];
    int v = 255 - (255 - on_white) * 255 / alpha;
    return v < 0 ? 0 : v;
}

typedef struct strokes {
    uint64_t count, hidden[GROUNDS]; /* hidden: by each ground */
    uint64_t clear;                  /* pixels */
} strokes;

/* Takes the stroke [from, to) of a row by its mean lightness. */
static void add_stroke(strokes *s, const ocrvl_image *img, size_t row, const uint8_t *alpha, size_t from, size_t to)
{
    int64_t sum = 0, weight = 0;
    for (size_t x = from; x < to; x++) {
        sum += (int64_t)lightness(img, row * img->width + x, alpha[x]) * alpha[x];
        weight += alpha[x];
    }
    for (int g = 0; g < GROUNDS; g++)
        s->hidden[g] += llabs(sum / weight - grounds[g]) < CONTRAST;
    s->count++;
}

static void add_row(strokes *s, const ocrvl_image *img, size_t row, const uint8_t *alpha)
{
    size_t width = img->width, from = 0;
    for (size_t x = 0; x < width; x++) {
        bool clear = alpha[x] < CLEAR;
        s->clear += clear;
        if (clear && from && from < x && x - from <= width / 2)
            add_stroke(s, img, row, alpha, from, x);
        from = clear ? x + 1 : from; /* 0 while no clear pixel has come */
    }
}

void ocrvl_pixels_choose_ground(ocrvl_image *img, const uint8_t *alpha)
{
    strokes s = {0};
    size_t n = (size_t)img->width * img->height;
    int best = 0;
    for (size_t y = 0; y < img->height; y++)
        add_row(&s, img, y, alpha + y * img->width);
    for (int g = 1; g < GROUNDS; g++)
        best = s.hidden[g] < s.hidden[best] ? g : best;
    if (best == 0 || s.clear < n / 4 || s.hidden[0] * 50 < s.count || s.hidden[best] * 2 > s.hidden[0])
        return;
    unsigned darker = 255u - grounds[best];
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < img->channels; c++) {
            unsigned off = (darker * (255u - alpha[i]) + 127) / 255, v = img->data[i * img->channels + c];
            img->data[i * img->channels + c] = (uint8_t)(v > off ? v - off : 0);
        }
}

void ocrvl_pixels_doubt_density(ocrvl_image *img)
{
    if (img->dpi_x < 10 || img->dpi_y < 10)
        img->dpi_x = img->dpi_y = 0;
}

void ocrvl_pixels_shrink_grey(ocrvl_image *img)
{
    size_t n = (size_t)img->width * img->height;
    uint8_t *p = img->data;
    if (img->channels != 3)
        return;
    for (size_t i = 0; i < n; i++)
        if (p[3 * i] != p[3 * i + 1] || p[3 * i] != p[3 * i + 2])
            return;
    for (size_t i = 0; i < n; i++)
        p[i] = p[3 * i];
    img->channels = 1;
    uint8_t *small = img->mapped ? NULL : ocrvl_realloc_array(p, n, 1);
    if (small)
        img->data = small;
}

static void swap_pixels(uint8_t *a, uint8_t *b, size_t channels)
{
    for (size_t c = 0; c < channels; c++) {
        uint8_t t = a[c];
        a[c] = b[c];
        b[c] = t;
    }
}

static void mirror_rows(ocrvl_image *img)
{
    size_t ch = img->channels, w = img->width;
    for (size_t y = 0; y < img->height; y++)
        for (size_t x = 0; x < w / 2; x++)
            swap_pixels(img->data + (y * w + x) * ch, img->data + (y * w + w - 1 - x) * ch, ch);
}

static void mirror_columns(ocrvl_image *img)
{
    size_t row = (size_t)img->width * img->channels, h = img->height;
    for (size_t y = 0; y < h / 2; y++)
        swap_pixels(img->data + y * row, img->data + (h - 1 - y) * row, row);
}

/* Row x of the result is column x of img; works in blocks that stay in the cache. */
static ocrvl_status transpose(ocrvl_image **img, ocrvl_error *err)
{
    enum { BLOCK = 32 };
    ocrvl_image *from = *img, *to;
    size_t ch = from->channels, w = from->width, h = from->height;
    ocrvl_status st =
        ocrvl_image_new(&to, from->height, from->width, from->channels, from->dpi_y, from->dpi_x, (uint64_t)w * h, err);
    *img = to;
    for (size_t y0 = 0; !st && y0 < h; y0 += BLOCK)
        for (size_t x0 = 0; x0 < w; x0 += BLOCK)
            for (size_t x = x0; x < w && x < x0 + BLOCK; x++)
                for (size_t y = y0; y < h && y < y0 + BLOCK; y++)
                    memcpy(to->data + (x * h + y) * ch, from->data + (y * w + x) * ch, ch);
    ocrvl_image_free(from);
    return st;
}

ocrvl_status ocrvl_pixels_orient(ocrvl_image **img, unsigned orientation, ocrvl_error *err)
{
    if (orientation >= 5 && orientation <= 8) {
        ocrvl_status st = transpose(img, err);
        if (st)
            return st;
    }
    if (orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7)
        mirror_rows(*img);
    if (orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8)
        mirror_columns(*img);
    return OCRVL_OK;
}

bool ocrvl_pixels_are_grey(const uint32_t *row, size_t width)
{
    uint32_t differ = 0;
    for (size_t x = 0; x < width; x++)
        differ |= (row[x] ^ row[x] >> 8) & 0xFFFF; /* blue with green, green with red */
    return differ == 0;
}

void ocrvl_pixels_unpack_grey(uint8_t *restrict to, const uint32_t *restrict row, size_t width, bool alpha)
{
    uint32_t opaque = alpha ? 0 : 255;
    for (size_t x = 0; x < width; x++)
        to[x] = (uint8_t)((row[x] & 255) + (255 - (row[x] >> 24 | opaque)));
}

void ocrvl_pixels_unpack_rgb(uint8_t *restrict to, const uint32_t *restrict row, size_t width, bool alpha)
{
    uint32_t opaque = alpha ? 0 : 255;
    for (size_t x = 0; x < width; x++, to += 3) {
        uint32_t white = 255 - (row[x] >> 24 | opaque);
        to[0] = (uint8_t)((row[x] >> 16 & 255) + white);
        to[1] = (uint8_t)((row[x] >> 8 & 255) + white);
        to[2] = (uint8_t)((row[x] & 255) + white);
    }
}
