/* TIFFs that tests make: written by libtiff, with the pixels that are expected of them by hand. */
#ifndef OCRVL_TESTS_TIFFS_H
#define OCRVL_TESTS_TIFFS_H

#include "sources.h"

#include <tiffio.h>

typedef struct spec {
    uint32_t width, height;
    uint16_t bits, samples, photometric, compression;
    bool separate, tiled;
    uint16_t orientation; /* 0: not written */
    int extra;            /* type of the last sample, -1: it isn't extra */
    const char *mode;     /* "w" and byte order, "8" for BigTIFF */
    float x_res, y_res;
    uint16_t unit; /* 0: not written */
    uint32_t subfile;
    uint32_t rows;  /* in a strip; 0: libtiff's choice */
    uint16_t order; /* of bits; 0: not written */
} spec;

static const spec plain = {.width = 45,
                           .height = 37,
                           .bits = 8,
                           .samples = 1,
                           .photometric = PHOTOMETRIC_MINISBLACK,
                           .compression = COMPRESSION_NONE,
                           .extra = -1,
                           .mode = "w",
                           .rows = 16};

/* ---- writing to memory ------------------------------------------------------------------------------- */

typedef struct memory {
    bytes b;
    size_t at;
} memory;

static inline tmsize_t mem_read(thandle_t h, void *to, tmsize_t n)
{
    memory *m = h;
    if (m->at + (size_t)n > m->b.len)
        return 0;
    memcpy(to, m->b.data + m->at, (size_t)n);
    m->at += (size_t)n;
    return n;
}

static inline tmsize_t mem_write(thandle_t h, void *from, tmsize_t n)
{
    memory *m = h;
    while (m->b.len < m->at + (size_t)n)
        bytes_put(&m->b, "", 1);
    memcpy(m->b.data + m->at, from, (size_t)n);
    m->at += (size_t)n;
    return n;
}

static inline toff_t mem_seek(thandle_t h, toff_t off, int whence)
{
    memory *m = h;
    m->at = off + (whence == SEEK_CUR ? m->at : whence == SEEK_END ? m->b.len : 0);
    return m->at;
}

static inline int mem_close(thandle_t h)
{
    (void)h;
    return 0;
}

static inline toff_t mem_size(thandle_t h) { return ((memory *)h)->b.len; }

static inline int mem_map(thandle_t h, void **base, toff_t *n)
{
    (void)h;
    (void)base;
    (void)n;
    return 0;
}

static inline void mem_unmap(thandle_t h, void *base, toff_t n)
{
    (void)h;
    (void)base;
    (void)n;
}

/* Smooth where the compression loses something, else as wild as can be. */
static inline unsigned sample_of(const spec *s, uint32_t x, uint32_t y, unsigned c)
{
    if (s->compression == COMPRESSION_JPEG || s->photometric == PHOTOMETRIC_YCBCR)
        return 60 + 2 * x + c * 10 + y;
    uint32_t v = x * 2654435761u + y * 40503u + c * 977u;
    v ^= v >> 13;
    if (s->extra > 0 && c + 1 == s->samples) /* nothing is so clear that another ground would be chosen */
        v |= 1u << (s->bits - 3);
    return v & (s->bits == 32 ? 0xFFFFFFFF : (1u << s->bits) - 1);
}

static inline void pack(uint8_t *to, size_t i, unsigned bits, uint32_t v)
{
    uint16_t v16 = (uint16_t)v;
    if (bits == 16)
        memcpy(to + 2 * i, &v16, 2);
    else if (bits == 32)
        memcpy(to + 4 * i, &v, 4);
    else
        for (unsigned b = 0; b < bits; b++) {
            size_t at = i * bits + b;
            to[at / 8] |= (uint8_t)((v >> (bits - 1 - b) & 1) << (7 - at % 8));
        }
}

static inline uint16_t map_of(unsigned i, unsigned c) { return (uint16_t)((i * 37 + c * 91 + 5) % 256 * 257); }

/* The block's samples, all or those of one plane. */
static inline void fill_block(uint8_t *to, const spec *s, uint32_t x0, uint32_t y0, uint32_t w, uint32_t h, size_t row,
                              int plane)
{
    unsigned n = plane < 0 ? s->samples : 1;
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            for (unsigned c = 0; c < n; c++)
                pack(to + y * row, (size_t)x * n + c, s->bits,
                     sample_of(s, x0 + x, y0 + y, plane < 0 ? c : (unsigned)plane));
}

static inline void set_tags(TIFF *t, const spec *s)
{
    TIFFSetField(t, TIFFTAG_IMAGEWIDTH, s->width);
    TIFFSetField(t, TIFFTAG_IMAGELENGTH, s->height);
    TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, s->bits);
    TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, s->samples);
    TIFFSetField(t, TIFFTAG_COMPRESSION, s->compression);
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, s->photometric);
    TIFFSetField(t, TIFFTAG_PLANARCONFIG, s->separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (s->orientation)
        TIFFSetField(t, TIFFTAG_ORIENTATION, s->orientation);
    if (s->order)
        TIFFSetField(t, TIFFTAG_FILLORDER, s->order);
    if (s->subfile)
        TIFFSetField(t, TIFFTAG_SUBFILETYPE, s->subfile);
    if (s->x_res > 0) {
        TIFFSetField(t, TIFFTAG_XRESOLUTION, (double)s->x_res);
        TIFFSetField(t, TIFFTAG_YRESOLUTION, (double)s->y_res);
    }
    if (s->unit)
        TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, s->unit);
    if (s->extra >= 0) {
        uint16_t type = (uint16_t)s->extra;
        TIFFSetField(t, TIFFTAG_EXTRASAMPLES, 1, &type);
    }
    if (s->photometric == PHOTOMETRIC_PALETTE) {
        static uint16_t map[3][65536];
        for (unsigned i = 0; i < 1u << s->bits; i++)
            for (unsigned c = 0; c < 3; c++)
                map[c][i] = map_of(i, c);
        TIFFSetField(t, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
    }
    if (s->photometric == PHOTOMETRIC_YCBCR) {
        if (s->compression == COMPRESSION_JPEG)
            TIFFSetField(t, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        else
            TIFFSetField(t, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
    }
    if (s->compression == COMPRESSION_JPEG)
        TIFFSetField(t, TIFFTAG_JPEGQUALITY, 100);
    if (s->tiled) {
        TIFFSetField(t, TIFFTAG_TILEWIDTH, 32);
        TIFFSetField(t, TIFFTAG_TILELENGTH, 16);
    } else
        TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, s->rows ? s->rows : TIFFDefaultStripSize(t, 0));
}

static inline void write_page(TIFF *t, const spec *s)
{
    set_tags(t, s);
    uint32_t w, h = s->height, planes = s->separate ? s->samples : 1;
    w = s->tiled ? 32 : s->width;
    if (s->tiled)
        h = 16;
    else
        TIFFGetField(t, TIFFTAG_ROWSPERSTRIP, &h);
    size_t size = (size_t)(s->tiled ? TIFFTileSize(t) : TIFFStripSize(t));
    size_t row = (size_t)(s->tiled ? TIFFTileRowSize(t) : TIFFScanlineSize(t));
    uint8_t *block = malloc(size);
    assert_non_null(block);
    for (uint32_t p = 0; p < planes; p++)
        for (uint32_t y = 0; y < s->height; y += h)
            for (uint32_t x = 0; x < s->width; x += w) {
                uint32_t rows = s->tiled || s->height - y >= h ? h : s->height - y;
                memset(block, 0, size);
                fill_block(block, s, x, y, w, rows, row, s->separate ? (int)p : -1);
                tmsize_t n =
                    s->tiled
                        ? TIFFWriteEncodedTile(t, TIFFComputeTile(t, x, y, 0, (uint16_t)p), block, (tmsize_t)size)
                        : TIFFWriteEncodedStrip(t, TIFFComputeStrip(t, y, (uint16_t)p), block, (tmsize_t)(row * rows));
                assert_true(n > 0);
            }
    free(block);
    assert_true(TIFFWriteDirectory(t));
}

static inline bytes make_tiff(const spec *pages, size_t n)
{
    memory m = {0};
    TIFF *t =
        TIFFClientOpen("", pages[0].mode, &m, mem_read, mem_write, mem_seek, mem_close, mem_size, mem_map, mem_unmap);
    assert_non_null(t);
    for (size_t i = 0; i < n; i++)
        write_page(t, &pages[i]);
    TIFFClose(t);
    return m.b;
}

/* ---- what is expected -------------------------------------------------------------------------------- */

static inline unsigned eight(const spec *s, uint32_t v)
{
    return s->bits >= 8 ? v >> (s->bits - 8) : v * 255 / ((1u << s->bits) - 1);
}

static inline void expected_pixel(uint8_t rgb[3], const spec *s, uint32_t x, uint32_t y)
{
    double v[5], a = 1;
    for (unsigned c = 0; c < s->samples && c < 5; c++)
        v[c] = eight(s, sample_of(s, x, y, c));
    if (s->extra > 0)
        a = v[s->samples - 1] / 255;
    for (unsigned c = 0; c < 3; c++) {
        double w = 0;
        switch (s->photometric) {
        case PHOTOMETRIC_MINISWHITE: w = 255 - v[0]; break;
        case PHOTOMETRIC_MINISBLACK: w = v[0]; break;
        case PHOTOMETRIC_PALETTE: w = map_of(sample_of(s, x, y, 0), c) >> 8; break;
        case PHOTOMETRIC_SEPARATED: w = (255 - v[c]) * (255 - v[3]) / 255; break;
        case PHOTOMETRIC_YCBCR: /* written as YCbCr unless JPEG converts; ITU-R BT.601 */
            w = v[c];
            if (s->compression != COMPRESSION_JPEG)
                w = c == 0   ? v[0] + 1.402 * (v[2] - 128)
                    : c == 2 ? v[0] + 1.772 * (v[1] - 128)
                             : v[0] - 0.344136 * (v[1] - 128) - 0.714136 * (v[2] - 128);
            break;
        default: w = v[c];
        }
        w = s->extra == EXTRASAMPLE_ASSOCALPHA ? w + 255 * (1 - a) : w * a + 255 * (1 - a);
        rgb[c] = (uint8_t)(w < 0 ? 0 : w > 255 ? 255 : w + 0.5);
    }
}

static inline void expect_page(const spec *s, const ocrvl_image *img, int tolerance)
{
    uint8_t *want = malloc((size_t)s->width * s->height * 3);
    assert_non_null(want);
    for (uint32_t y = 0; y < s->height; y++)
        for (uint32_t x = 0; x < s->width; x++)
            expected_pixel(want + ((size_t)y * s->width + x) * 3, s, x, y);
    expect_rgb(img, s->width, s->height, want, tolerance);
    free(want);
}

static inline void check(const spec *s, int tolerance)
{
    ocrvl_page_place place = {.size = sizeof place};
    bytes b = make_tiff(s, 1);
    ocrvl_image *img = read_first(&b, &place);
    expect_page(s, img, tolerance);
    ocrvl_image_free(img);
    bytes_free(&b);
}

#endif
