/* TIFF in: bit depths, colours, compressions, strips and tiles, orientations, byte orders, BigTIFF, resolutions, and
 * chains of pages that are broken in the middle. The files are written by libtiff, the expected pixels by hand. */
#include <math.h>

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

static tmsize_t mem_read(thandle_t h, void *to, tmsize_t n)
{
    memory *m = h;
    if (m->at + (size_t)n > m->b.len)
        return 0;
    memcpy(to, m->b.data + m->at, (size_t)n);
    m->at += (size_t)n;
    return n;
}

static tmsize_t mem_write(thandle_t h, void *from, tmsize_t n)
{
    memory *m = h;
    while (m->b.len < m->at + (size_t)n)
        bytes_put(&m->b, "", 1);
    memcpy(m->b.data + m->at, from, (size_t)n);
    m->at += (size_t)n;
    return n;
}

static toff_t mem_seek(thandle_t h, toff_t off, int whence)
{
    memory *m = h;
    m->at = off + (whence == SEEK_CUR ? m->at : whence == SEEK_END ? m->b.len : 0);
    return m->at;
}

static int mem_close(thandle_t h)
{
    (void)h;
    return 0;
}

static toff_t mem_size(thandle_t h) { return ((memory *)h)->b.len; }

static int mem_map(thandle_t h, void **base, toff_t *n)
{
    (void)h;
    (void)base;
    (void)n;
    return 0;
}

static void mem_unmap(thandle_t h, void *base, toff_t n)
{
    (void)h;
    (void)base;
    (void)n;
}

/* Smooth where the compression loses something, else as wild as can be. */
static unsigned sample_of(const spec *s, uint32_t x, uint32_t y, unsigned c)
{
    if (s->compression == COMPRESSION_JPEG || s->photometric == PHOTOMETRIC_YCBCR)
        return 60 + 2 * x + c * 10 + y;
    uint32_t v = x * 2654435761u + y * 40503u + c * 977u;
    v ^= v >> 13;
    if (s->extra > 0 && c + 1 == s->samples) /* nothing is so clear that another ground would be chosen */
        v |= 1u << (s->bits - 3);
    return v & (s->bits == 32 ? 0xFFFFFFFF : (1u << s->bits) - 1);
}

static void pack(uint8_t *to, size_t i, unsigned bits, uint32_t v)
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

static uint16_t map_of(unsigned i, unsigned c) { return (uint16_t)((i * 37 + c * 91 + 5) % 256 * 257); }

/* The block's samples, all or those of one plane. */
static void fill_block(uint8_t *to, const spec *s, uint32_t x0, uint32_t y0, uint32_t w, uint32_t h, size_t row,
                       int plane)
{
    unsigned n = plane < 0 ? s->samples : 1;
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            for (unsigned c = 0; c < n; c++)
                pack(to + y * row, (size_t)x * n + c, s->bits,
                     sample_of(s, x0 + x, y0 + y, plane < 0 ? c : (unsigned)plane));
}

static void set_tags(TIFF *t, const spec *s)
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

static void write_page(TIFF *t, const spec *s)
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

static bytes make_tiff(const spec *pages, size_t n)
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

static unsigned eight(const spec *s, uint32_t v)
{
    return s->bits >= 8 ? v >> (s->bits - 8) : v * 255 / ((1u << s->bits) - 1);
}

static void expected_pixel(uint8_t rgb[3], const spec *s, uint32_t x, uint32_t y)
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

static void expect_page(const spec *s, const ocrvl_image *img, int tolerance)
{
    uint8_t *want = malloc((size_t)s->width * s->height * 3);
    assert_non_null(want);
    for (uint32_t y = 0; y < s->height; y++)
        for (uint32_t x = 0; x < s->width; x++)
            expected_pixel(want + ((size_t)y * s->width + x) * 3, s, x, y);
    expect_rgb(img, s->width, s->height, want, tolerance);
    free(want);
}

static void check(const spec *s, int tolerance)
{
    ocrvl_page_place place = {.size = sizeof place};
    bytes b = make_tiff(s, 1);
    ocrvl_image *img = read_first(&b, &place);
    expect_page(s, img, tolerance);
    ocrvl_image_free(img);
    bytes_free(&b);
}

/* ---- tests ------------------------------------------------------------------------------------------- */

static void grey_and_bilevel(void **state)
{
    (void)state;
    static const uint16_t bits[] = {1, 2, 4, 8, 12, 16, 32};
    static const uint16_t schemes[] = {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                       COMPRESSION_PACKBITS};
    static const char *const modes[] = {"wl", "wb", "wl8", "wb8"};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        for (size_t c = 0; c < sizeof schemes / sizeof *schemes; c++)
            for (int way = 0; way < 4; way++) { /* tiles, min-is-white */
                spec s = plain;
                s.bits = bits[i];
                s.compression = schemes[c];
                s.tiled = way & 1;
                s.photometric = way & 2 ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_MINISBLACK;
                s.mode = modes[(i + c + (size_t)way) % 4];
                check(&s, 0);
            }
}

static void fax(void **state)
{
    (void)state;
    static const uint16_t schemes[] = {COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4};
    for (size_t c = 0; c < sizeof schemes / sizeof *schemes; c++)
        for (int way = 0; way < 4; way++) {
            spec s = plain;
            s.bits = 1;
            s.width = 217;
            s.compression = schemes[c];
            s.tiled = way & 1 && schemes[c] == COMPRESSION_CCITTFAX4;
            s.photometric = way & 2 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_MINISWHITE;
            s.x_res = 204;
            s.y_res = 98;
            s.unit = RESUNIT_INCH;
            check(&s, 0);
            bytes b = make_tiff(&s, 1);
            ocrvl_image *img = read_first(&b, NULL);
            assert_int_equal(ocrvl_image_channels(img), 1);
            expect_dpi(img, 204, 98, 0.001);
            ocrvl_image_free(img);
            bytes_free(&b);
        }
}

/* The fax data that the source gave, in a TIFF of one strip. */
static bytes wrap_fax(const ocrvl_page_place *place)
{
    memory m = {0};
    spec s = plain;
    s.width = place->width;
    s.height = s.rows = place->height;
    s.bits = 1;
    s.compression = COMPRESSION_CCITTFAX4;
    s.photometric =
        strcmp(place->original_type, "image/g4-negative") == 0 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_MINISWHITE;
    TIFF *t = TIFFClientOpen("", "w", &m, mem_read, mem_write, mem_seek, mem_close, mem_size, mem_map, mem_unmap);
    assert_non_null(t);
    set_tags(t, &s);
    void *data = malloc(place->original_len);
    assert_non_null(data);
    memcpy(data, place->original, place->original_len);
    assert_true(TIFFWriteRawStrip(t, 0, data, (tmsize_t)place->original_len) > 0);
    assert_true(TIFFWriteDirectory(t));
    free(data);
    TIFFClose(t);
    return m.b;
}

static void check_fax(const spec *s)
{
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source_options opt = {.size = sizeof opt, .originals = true};
    bool one = s->rows >= s->height;
    bytes b = make_tiff(s, 1);
    ocrvl_source *src = open_bytes(&b, &opt);
    ocrvl_image *img = next_page(src, &place);
    assert_non_null(place.original_type);
    const uint8_t *data = place.original;
    if (one && s->order != FILLORDER_LSB2MSB) /* the very bytes of the file */
        assert_true(data > b.data && data + place.original_len <= b.data + b.len);
    bytes again = wrap_fax(&place);
    ocrvl_image *other = read_first(&again, NULL);
    expect_page(s, other, 0);
    ocrvl_image_free(other);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    img = read_first(&b, &place); /* without being asked for: nothing that has to be made */
    assert_true(one ? place.original != NULL : place.original == NULL);
    ocrvl_image_free(img);
    bytes_free(&again);
    bytes_free(&b);
}

static void fax_data_are_given(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 12; way++) {
        spec s = plain;
        s.bits = 1;
        s.width = 217;
        s.compression = COMPRESSION_CCITTFAX4;
        s.photometric = way & 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_MINISWHITE;
        s.rows = way & 2 ? 37 : 16;
        s.order = (uint16_t)(way / 4);
        check_fax(&s);
    }
    spec s = plain; /* lying, in tiles, of another kind: no */
    ocrvl_page_place place = {.size = sizeof place};
    s.bits = 1;
    s.rows = s.height;
    for (int way = 0; way < 3; way++) {
        s.compression = way == 0 ? COMPRESSION_CCITTFAX3 : COMPRESSION_CCITTFAX4;
        s.tiled = way == 1;
        s.orientation = way == 2 ? ORIENTATION_LEFTTOP : 0;
        bytes b = make_tiff(&s, 1);
        ocrvl_image_free(read_first(&b, &place));
        assert_null(place.original);
        assert_null(place.original_type);
        bytes_free(&b);
    }
}

static void colours(void **state)
{
    (void)state;
    for (int way = 0; way < 16; way++) { /* tiles, planes, 16 bits, LZW */
        spec s = plain;
        s.samples = 3;
        s.photometric = PHOTOMETRIC_RGB;
        s.tiled = way & 1;
        s.separate = way & 2;
        s.bits = way & 4 ? 16 : 8;
        s.compression = way & 8 ? COMPRESSION_LZW : COMPRESSION_NONE;
        check(&s, 0);
        s.samples = 4;
        s.extra = EXTRASAMPLE_UNASSALPHA;
        check(&s, 1);
        s.extra = EXTRASAMPLE_ASSOCALPHA;
        check(&s, 1);
        s.extra = EXTRASAMPLE_UNSPECIFIED;
        check(&s, 0);
        s.extra = -1;
        s.photometric = PHOTOMETRIC_SEPARATED;
        check(&s, 1);
        s.samples = 2;
        s.photometric = PHOTOMETRIC_MINISBLACK;
        s.extra = EXTRASAMPLE_UNASSALPHA;
        check(&s, 1);
    }
    static const uint16_t bits[] = {1, 2, 4, 8, 16};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        for (int tiled = 0; tiled < 2; tiled++) {
            spec s = plain;
            s.bits = bits[i];
            s.photometric = PHOTOMETRIC_PALETTE;
            s.tiled = tiled;
            check(&s, 0);
        }
}

static void jpeg_and_foreign_colours(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) { /* tiles, grey */
        spec s = plain;
        s.compression = COMPRESSION_JPEG;
        s.tiled = way & 1;
        s.photometric = way & 2 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_YCBCR;
        s.samples = way & 2 ? 1 : 3;
        check(&s, 4);
    }
    spec s = plain;
    s.photometric = PHOTOMETRIC_YCBCR;
    s.samples = 3;
    check(&s, 2);
    s.tiled = true;
    check(&s, 2);
}

/* Where the file's pixel x, y is seen, in TIFF 6.0's words: the 0th row and column are the visual sides named. */
static void seen_at(unsigned orientation, const spec *s, uint32_t x, uint32_t y, uint32_t *u, uint32_t *v)
{
    uint32_t right = s->width - 1 - x, down = s->height - 1 - y;
    const uint32_t at[9][2] = {{0, 0}, {x, y},    {right, y},    {right, down}, {x, down},
                               {y, x}, {down, x}, {down, right}, {y, right}};
    *u = at[orientation][0];
    *v = at[orientation][1];
}

static void orientations(void **state)
{
    (void)state;
    for (uint16_t o = 1; o <= 8; o++)
        for (int colour = 0; colour < 2; colour++) {
            spec s = plain;
            s.orientation = o;
            s.photometric = colour ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
            s.samples = colour ? 3 : 1;
            s.x_res = 100;
            s.y_res = 200;
            bytes b = make_tiff(&s, 1);
            ocrvl_image *img = read_first(&b, NULL);
            assert_int_equal(ocrvl_image_width(img), o < 5 ? s.width : s.height);
            assert_int_equal(ocrvl_image_height(img), o < 5 ? s.height : s.width);
            expect_dpi(img, o < 5 ? 100 : 200, o < 5 ? 200 : 100, 0.001);
            for (uint32_t y = 0; y < s.height; y++)
                for (uint32_t x = 0; x < s.width; x++) {
                    uint32_t u, v;
                    seen_at(o, &s, x, y, &u, &v);
                    for (unsigned c = 0; c < s.samples; c++)
                        assert_int_equal(rgb_at(img, u, v, c), sample_of(&s, x, y, c));
                }
            ocrvl_image_free(img);
            bytes_free(&b);
        }
}

/* ---- samples that aren't small unsigned numbers -------------------------------------------------------- */

enum { RAMP = 256 };

/* One row of 256 pixels; samples are in the machine's order. */
static bytes ramp_tiff(uint16_t bits, uint16_t format, const char *mode, const void *samples)
{
    memory m = {0};
    TIFF *t = TIFFClientOpen("", mode, &m, mem_read, mem_write, mem_seek, mem_close, mem_size, mem_map, mem_unmap);
    spec s = plain;
    uint8_t copy[RAMP * 8];
    size_t n = (size_t)RAMP * bits / 8;
    assert_non_null(t);
    s.width = RAMP;
    s.height = 1;
    s.bits = bits;
    set_tags(t, &s);
    TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, format);
    memcpy(copy, samples, n);
    assert_int_equal(TIFFWriteEncodedStrip(t, 0, copy, (tmsize_t)n), n);
    assert_true(TIFFWriteDirectory(t));
    TIFFClose(t);
    return m.b;
}

/* Pixel x is `first` + x * step. */
static void expect_ramp(uint16_t bits, uint16_t format, const void *samples, double first, double step)
{
    static const char *const modes[] = {"wl", "wb"};
    for (int i = 0; i < 2; i++) {
        bytes b = ramp_tiff(bits, format, modes[i], samples);
        ocrvl_image *img = read_first(&b, NULL);
        for (uint32_t x = 0; x < RAMP; x++) {
            double want = first + x * step;
            if (rgb_at(img, x, 0, 0) + 0.51 < want || rgb_at(img, x, 0, 0) - 0.51 > want)
                fail_msg("%u bits, format %u: pixel %u is %u, not %g", bits, format, x, rgb_at(img, x, 0, 0), want);
        }
        ocrvl_image_free(img);
        bytes_free(&b);
    }
}

/* A whole number as IEEE 754's binary16 has it. */
static uint16_t half_of(unsigned v)
{
    unsigned e = 0;
    while (v >> (e + 1))
        e++;
    return (uint16_t)(v ? (e + 15) << 10 | ((v << (10 - e)) & 1023) : 0);
}

static void signed_samples(void **state)
{
    (void)state;
    int8_t s8[RAMP];
    int16_t s16[RAMP], small[RAMP], positive[RAMP];
    int32_t s32[RAMP];
    int64_t s64[RAMP];
    for (int x = 0; x < RAMP; x++) {
        s8[x] = (int8_t)(x - 128);
        s16[x] = (int16_t)(x * 257 - 32768);
        small[x] = (int16_t)x;            /* 8 bits in a larger place */
        positive[x] = (int16_t)(x * 128); /* half of what the bits can say */
        s32[x] = (int32_t)((int64_t)x * 16843009 - INT32_MAX - 1);
        s64[x] = (int64_t)s32[x] * (1ll << 32);
    }
    expect_ramp(8, SAMPLEFORMAT_INT, s8, 0, 1);
    expect_ramp(16, SAMPLEFORMAT_INT, s16, 0, 1);
    expect_ramp(16, SAMPLEFORMAT_INT, small, 0, 1);
    expect_ramp(16, SAMPLEFORMAT_INT, positive, 0, 128.0 * 255 / 32767);
    expect_ramp(32, SAMPLEFORMAT_INT, s32, 0, 1);
    expect_ramp(64, SAMPLEFORMAT_INT, s64, 0, 1);
}

static void floating_samples(void **state)
{
    (void)state;
    float unit[RAMP], bytes_of[RAMP], words[RAMP], odd[RAMP], both[RAMP];
    double d[RAMP];
    uint16_t half[RAMP];
    for (int x = 0; x < RAMP; x++) {
        unit[x] = (float)x / 255;
        bytes_of[x] = (float)x;
        words[x] = (float)x * 257;
        odd[x] = -300 + 10 * (float)x;
        both[x] = (float)x / 127.5f - 1;
        d[x] = x / 255.0;
        half[x] = half_of((unsigned)x);
    }
    expect_ramp(32, SAMPLEFORMAT_IEEEFP, unit, 0, 1);
    expect_ramp(32, SAMPLEFORMAT_IEEEFP, bytes_of, 0, 1);
    expect_ramp(32, SAMPLEFORMAT_IEEEFP, words, 0, 1);
    expect_ramp(32, SAMPLEFORMAT_IEEEFP, odd, 0, 1);
    expect_ramp(32, SAMPLEFORMAT_IEEEFP, both, 0, 1);
    expect_ramp(64, SAMPLEFORMAT_IEEEFP, d, 0, 1);
    expect_ramp(16, SAMPLEFORMAT_IEEEFP, half, 0, 1);
    unit[3] = (float)NAN; /* no number is 0 */
    unit[4] = (float)INFINITY;
    bytes b = ramp_tiff(32, SAMPLEFORMAT_IEEEFP, "w", unit);
    ocrvl_image *img = read_first(&b, NULL);
    assert_int_equal(rgb_at(img, 3, 0, 0), 0);
    assert_int_equal(rgb_at(img, 4, 0, 0), 0);
    assert_int_equal(rgb_at(img, 200, 0, 0), 200);
    ocrvl_image_free(img);
    bytes_free(&b);
}

static void long_samples(void **state)
{
    (void)state;
    uint64_t u64[RAMP];
    uint8_t u24[RAMP][3];
    for (unsigned x = 0; x < RAMP; x++) {
        uint32_t v = x * 65793; /* three bytes alike, in any order */
        u64[x] = x * 0x0101010101010101ull;
        memcpy(u24[x], &v, 3);
        u24[x][1] = 7;
    }
    expect_ramp(64, SAMPLEFORMAT_UINT, u64, 0, 1);
    expect_ramp(24, SAMPLEFORMAT_UINT, u24, 0, 1);
}

/* ---- JPEG ---------------------------------------------------------------------------------------------- */

static void check_jpeg(const spec *s, int tolerance)
{
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source_options opt = {.size = sizeof opt, .originals = true};
    bytes b = make_tiff(s, 1), file = {0};
    ocrvl_source *src = open_bytes(&b, &opt);
    ocrvl_image *img = next_page(src, &place);
    assert_non_null(place.original_type);
    assert_string_equal(place.original_type, "image/jpeg");
    bytes_put(&file, place.original, place.original_len);
    ocrvl_image *other = read_first(&file, NULL);
    assert_int_equal(ocrvl_image_width(other), s->width);
    assert_int_equal(ocrvl_image_height(other), s->height);
    for (uint32_t y = 0; y < s->height; y++)
        for (uint32_t x = 0; x < s->width; x++)
            for (unsigned c = 0; c < 3; c++)
                if (abs((int)rgb_at(img, x, y, c) - (int)rgb_at(other, x, y, c)) > tolerance)
                    fail_msg("%u, %u: %u is not %u", x, y, rgb_at(other, x, y, c), rgb_at(img, x, y, c));
    ocrvl_image_free(other);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&file);
    bytes_free(&b);
}

/* A page whose data are JPEG is given as a JPEG file: its strips, put together by restart markers. */
static void jpeg_data_are_given(void **state)
{
    (void)state;
    static const uint32_t rows[] = {16, 32, 37, 160};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int kind = 0; kind < 3; kind++) {
            spec s = plain;
            s.compression = COMPRESSION_JPEG;
            s.height = 134; /* nine strips: the numbers of the markers begin anew */
            s.width = 21;
            s.rows = rows[i];
            s.samples = kind ? 3 : 1;
            s.photometric = kind == 0 ? PHOTOMETRIC_MINISBLACK : kind == 1 ? PHOTOMETRIC_YCBCR : PHOTOMETRIC_RGB;
            if (rows[i] == 37) /* strips that end within a unit of coding */
                s.height = 37;
            check_jpeg(&s,
                       kind == 1 ? 12 : 0); /* colours of half the size pass into each other over the strips' edges */
        }
    spec s = plain; /* upside down, in tiles: no */
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source_options opt = {.size = sizeof opt, .originals = true};
    s.compression = COMPRESSION_JPEG;
    for (int way = 0; way < 2; way++) {
        s.tiled = way;
        s.orientation = way ? 0 : ORIENTATION_BOTRIGHT;
        bytes b = make_tiff(&s, 1);
        ocrvl_source *src = open_bytes(&b, &opt);
        ocrvl_image_free(next_page(src, &place));
        assert_null(place.original);
        ocrvl_source_free(src);
        bytes_free(&b);
    }
}

/* A dot an inch is what writers say that know nothing. */
static void doubtful_resolution(void **state)
{
    (void)state;
    static const float dpi[][2] = {{1, 1}, {0.5f, 0.5f}, {1, 72}, {300, 2}};
    for (size_t i = 0; i < sizeof dpi / sizeof *dpi; i++) {
        spec s = plain;
        s.x_res = dpi[i][0];
        s.y_res = dpi[i][1];
        s.unit = RESUNIT_INCH;
        bytes b = make_tiff(&s, 1);
        ocrvl_image *img = read_first(&b, NULL);
        expect_dpi(img, 0, 0, 0);
        ocrvl_image_free(img);
        bytes_free(&b);
    }
}

static void resolution_units(void **state)
{
    (void)state;
    static const struct {
        uint16_t unit;
        double dpi;
    } units[] = {{0, 118}, {RESUNIT_INCH, 118}, {RESUNIT_CENTIMETER, 299.72}, {RESUNIT_NONE, 0}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        spec s = plain;
        s.x_res = s.y_res = 118;
        s.unit = units[i].unit;
        bytes b = make_tiff(&s, 1);
        ocrvl_image *img = read_first(&b, NULL);
        expect_dpi(img, units[i].dpi, units[i].dpi, 0.001);
        ocrvl_image_free(img);
        bytes_free(&b);
    }
}

/* Pages of different kinds, thumbnails and masks left out. */
static void many_pages(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        spec pages[6];
        for (uint32_t i = 0; i < 6; i++) {
            pages[i] = plain;
            pages[i].width = 20 + i;
            pages[i].mode = big ? "w8" : "w";
        }
        pages[1].subfile = FILETYPE_REDUCEDIMAGE;
        pages[2].bits = 1;
        pages[2].compression = COMPRESSION_CCITTFAX4;
        pages[3].subfile = FILETYPE_MASK;
        pages[4].subfile = FILETYPE_PAGE;
        bytes b = make_tiff(pages, 6);
        ocrvl_source *src = open_bytes(&b, NULL);
        assert_int_equal(ocrvl_source_count(src), 4);
        static const uint32_t want[] = {0, 2, 4, 5};
        for (size_t i = 0; i < 4; i++) {
            ocrvl_page_place place = {.size = sizeof place};
            ocrvl_image *img = next_page(src, &place);
            expect_page(&pages[want[i]], img, 0);
            assert_int_equal(place.index, i);
            assert_string_equal(place.media_type, "image/tiff");
            ocrvl_image_free(img);
        }
        assert_null(next_page(src, NULL));
        ocrvl_source_free(src);
        bytes_free(&b);
    }
    spec only = plain; /* nothing but a thumbnail is better than nothing */
    only.subfile = FILETYPE_REDUCEDIMAGE;
    check(&only, 0);
}

static uint32_t get32(const bytes *b, size_t at)
{
    return b->data[at] | (uint32_t)b->data[at + 1] << 8 | (uint32_t)b->data[at + 2] << 16 |
           (uint32_t)b->data[at + 3] << 24;
}

static void set32(bytes *b, size_t at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        b->data[at + (size_t)i] = (uint8_t)(v >> 8 * i);
}

static size_t directory(const bytes *b, unsigned n, size_t *link)
{
    size_t at = get32(b, 4);
    for (*link = 4; n > 0; n--) {
        *link = at + 2 + 12 * (size_t)(b->data[at] | b->data[at + 1] << 8);
        at = get32(b, *link);
    }
    return at;
}

/* Reads all; returns how many pages failed and checks the widths of the others. */
static unsigned count_failures(const bytes *b, unsigned *good, const char *message)
{
    unsigned bad = 0;
    ocrvl_source *src = open_bytes(b, NULL);
    *good = 0;
    for (;;) {
        ocrvl_image *img;
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_error e = {0};
        ocrvl_status st = ocrvl_source_next(src, &img, &place, &e);
        if (st == OCRVL_OK && !img)
            break;
        if (st) {
            assert_non_null(strstr(e.message, message));
            bad++;
        } else {
            (*good)++;
            assert_int_equal(ocrvl_image_width(img), 20 + place.index);
        }
        ocrvl_image_free(img);
    }
    ocrvl_source_free(src);
    return bad;
}

static void a_bad_page_does_not_take_the_others(void **state)
{
    (void)state;
    spec pages[4];
    unsigned good;
    size_t link;
    for (uint32_t i = 0; i < 4; i++) {
        pages[i] = plain;
        pages[i].width = 20 + i;
        pages[i].mode = "wl";
        pages[i].compression = COMPRESSION_LZW;
    }
    for (unsigned victim = 0; victim < 4; victim++) {
        bytes b = make_tiff(pages, 4);
        size_t dir = directory(&b, victim, &link);
        for (size_t e = dir + 2;; e += 12) /* its first strip lies past the end */
            if ((b.data[e] | b.data[e + 1] << 8) == TIFFTAG_STRIPOFFSETS) {
                set32(&b, get32(&b, e + 4) == 1 ? e + 8 : get32(&b, e + 8), 0x7FFFFFF0);
                break;
            }
        assert_int_equal(count_failures(&b, &good, "TIFF: "), 1);
        assert_int_equal(good, 3);
        bytes_free(&b);
        b = make_tiff(pages, 4);
        dir = directory(&b, victim, &link); /* a directory without a width */
        b.data[dir + 2] = 0xFF, b.data[dir + 3] = 0xFE;
        assert_int_equal(count_failures(&b, &good, "TIFF: "), 1);
        assert_int_equal(good, 3);
        bytes_free(&b);
    }
    bytes b = make_tiff(pages, 4); /* the chain leads out of the file */
    directory(&b, 2, &link);
    set32(&b, link, 0x7FFFFFF0);
    assert_int_equal(count_failures(&b, &good, "TIFF: "), 1);
    assert_int_equal(good, 2);
    for (unsigned back = 0; back < 4; back++) { /* the chain runs in a circle */
        directory(&b, 1, &link);
        bytes_free(&b);
        b = make_tiff(pages, 4);
        size_t to = directory(&b, back, &link);
        directory(&b, 4, &link);
        set32(&b, link, (uint32_t)to);
        assert_int_equal(count_failures(&b, &good, "circle"), 1);
        assert_int_equal(good, 4);
    }
    bytes_free(&b);
}

static uint8_t *entry(const bytes *b, size_t dir, uint16_t tag)
{
    uint8_t *e = b->data + dir + 2;
    for (unsigned n = b->data[dir]; n > 0; n--, e += 12)
        if ((e[0] | e[1] << 8) == tag)
            return e;
    fail_msg("no tag %u", tag);
    return NULL;
}

/* libtiff fills up what is missing of Group 4 and JPEG and only warns: the page is there, and said to be damaged. */
static void cut_strips(void **state)
{
    (void)state;
    static const uint16_t schemes[] = {COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4, COMPRESSION_JPEG,
                                       COMPRESSION_LZW,       COMPRESSION_PACKBITS,  COMPRESSION_ADOBE_DEFLATE};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        spec s = plain;
        size_t link;
        s.mode = "wl";
        s.width = 400;
        s.rows = s.height;
        s.bits = schemes[i] == COMPRESSION_CCITTFAX3 || schemes[i] == COMPRESSION_CCITTFAX4 ? 1 : 8;
        s.compression = schemes[i];
        bytes b = make_tiff(&s, 1);
        uint8_t *count = entry(&b, directory(&b, 0, &link), TIFFTAG_STRIPBYTECOUNTS) + 8;
        unsigned n = count[0] | (unsigned)count[1] << 8;
        count[0] = (uint8_t)(n / 2), count[1] = (uint8_t)(n / 2 >> 8);
        if (schemes[i] == COMPRESSION_CCITTFAX4 || schemes[i] == COMPRESSION_JPEG) {
            ocrvl_page_place place = {.size = sizeof place};
            ocrvl_source *src = open_bytes(&b, NULL);
            ocrvl_image *img = next_page(src, &place);
            assert_non_null(place.damage);
            assert_null(place.original);
            ocrvl_image_free(img);
            ocrvl_source_free(src);
        } else {
            expect_error(&b, NULL, OCRVL_E_FORMAT, "TIFF: ");
        }
        bytes_free(&b);
    }
}

/* A file that ends within its third strip has the rows of the first two. */
static void cut_file(void **state)
{
    (void)state;
    spec s = plain;
    s.mode = "wl";
    s.height = 60;
    s.rows = 20;
    size_t link;
    bytes b = make_tiff(&s, 1);
    uint8_t *at = entry(&b, directory(&b, 0, &link), TIFFTAG_STRIPOFFSETS) + 8;
    uint8_t *third = b.data + (at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16) + 8;
    third[0] = third[1] = third[2] = 0xFF; /* its data begin past the end */
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source *src = open_bytes(&b, NULL);
    ocrvl_image *img = next_page(src, &place);
    assert_non_null(place.damage);
    size_t row = (size_t)ocrvl_image_width(img) * ocrvl_image_channels(img);
    const uint8_t *p = ocrvl_image_data(img) + 40 * row;
    for (size_t i = 0; i < 20 * row; i++)
        assert_int_equal(p[i], 255);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&b);
}

static void huge_tiles(void **state)
{
    (void)state;
    spec s = plain;
    size_t link;
    s.mode = "wl";
    s.tiled = true;
    bytes b = make_tiff(&s, 1);
    uint8_t *e = entry(&b, directory(&b, 0, &link), TIFFTAG_TILEWIDTH);
    e[2] = 4;                                         /* LONG */
    e[10] = 1;                                        /* 65568 */
    expect_error(&b, NULL, OCRVL_E_FORMAT, "TIFF: "); /* too few tiles' worth of data */
    e = entry(&b, directory(&b, 0, &link), TIFFTAG_TILELENGTH);
    e[2] = 4;
    e[10] = 1;
    expect_error(&b, NULL, OCRVL_E_LIMIT, "tiles of 65568 x 65552");
    bytes_free(&b);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    spec s = plain;
    bytes b = make_tiff(&s, 1);
    ocrvl_source_options small = {.size = sizeof small, .max_pixels = 45 * 37 - 1};
    expect_error(&b, &small, OCRVL_E_LIMIT, "45 x 37");
    set32(&b, 4, 0);
    expect_error(&b, NULL, OCRVL_E_FORMAT, "the TIFF has no page");
    set32(&b, 4, 0xFFFFFF00);
    expect_error(&b, NULL, OCRVL_E_FORMAT, "TIFF: ");
    bytes_free(&b);
    s.bits = 16;
    b = make_tiff(&s, 1);
    size_t link, dir = directory(&b, 0, &link), n = b.data[dir];
    for (size_t i = 0; i < n; i++) { /* one tag becomes SampleFormat: complex numbers */
        uint8_t *e = b.data + dir + 2 + 12 * i;
        if ((e[0] | e[1] << 8) == TIFFTAG_PLANARCONFIG)
            e[0] = TIFFTAG_SAMPLEFORMAT & 255, e[1] = TIFFTAG_SAMPLEFORMAT >> 8, e[8] = SAMPLEFORMAT_COMPLEXIEEEFP;
    }
    expect_error(&b, NULL, OCRVL_E_UNSUPPORTED, "complex numbers");
    bytes_free(&b);
    s = plain; /* no memory is asked for that no page needs */
    s.mode = "wl";
    s.width = 60000;
    b = make_tiff(&s, 1);
    uint8_t *samples = entry(&b, directory(&b, 0, &link), TIFFTAG_SAMPLESPERPIXEL) + 8;
    samples[0] = samples[1] = 0xFF;
    expect_error(&b, NULL, OCRVL_E_LIMIT, "are over the limit");
    bytes_free(&b);
    s = plain;
    s.samples = 2;
    s.photometric = PHOTOMETRIC_RGB;
    b = make_tiff(&s, 1);
    expect_error(&b, NULL, OCRVL_E_FORMAT, "too few");
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grey_and_bilevel),
        cmocka_unit_test(fax),
        cmocka_unit_test(fax_data_are_given),
        cmocka_unit_test(colours),
        cmocka_unit_test(jpeg_and_foreign_colours),
        cmocka_unit_test(orientations),
        cmocka_unit_test(resolution_units),
        cmocka_unit_test(doubtful_resolution),
        cmocka_unit_test(signed_samples),
        cmocka_unit_test(floating_samples),
        cmocka_unit_test(long_samples),
        cmocka_unit_test(jpeg_data_are_given),
        cmocka_unit_test(many_pages),
        cmocka_unit_test(a_bad_page_does_not_take_the_others),
        cmocka_unit_test(cut_strips),
        cmocka_unit_test(cut_file),
        cmocka_unit_test(huge_tiles),
        cmocka_unit_test(what_is_wrong_is_said),
    };
    TIFFSetWarningHandler(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
