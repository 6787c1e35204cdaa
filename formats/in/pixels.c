#include "in/pixels.h"

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

void ocrvl_pixels_lay_on_white(uint8_t *to, const uint8_t *from, size_t width, size_t channels)
{
    for (size_t x = 0; x < width; x++, from += channels + 1)
        for (size_t c = 0; c < channels; c++)
            *to++ = over_white(from[c], from[channels]);
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
    uint8_t *small = ocrvl_realloc_array(p, n, 1);
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
