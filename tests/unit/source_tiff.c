/* TIFF in: bit depths, colours, compressions, strips and tiles, orientations, byte orders, BigTIFF, resolutions. */
#include <math.h>

#include "tiffs.h"

#include "base/image.h"
#include "in/jpeg_strips.h"
#include "out/jpeg.h"

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

/* Samples of 8, 12 and 1 bits in places of 16 and 32 are as bright as they would be in their own. */
static void samples_in_larger_places(void **state)
{
    (void)state;
    uint16_t eight[RAMP], twelve[RAMP], dark[RAMP];
    uint32_t long_eight[RAMP];
    for (unsigned x = 0; x < RAMP; x++) {
        eight[x] = (uint16_t)x;
        long_eight[x] = x;
        twelve[x] = (uint16_t)(x * 16);
        dark[x] = (uint16_t)(x * 17); /* a sixteenth of what 16 bits can say */
    }
    expect_ramp(16, SAMPLEFORMAT_UINT, eight, 0, 1);
    expect_ramp(32, SAMPLEFORMAT_UINT, long_eight, 0, 1);
    expect_ramp(16, SAMPLEFORMAT_UINT, twelve, 0, 16 * 255.0 / 4095);
    bytes b = ramp_tiff(16, SAMPLEFORMAT_UINT, "w", dark);
    ocrvl_image *img = read_first(&b, NULL);
    assert_int_equal(rgb_at(img, 255, 0, 0), 255 * 17 >> 8);
    ocrvl_image_free(img);
    bytes_free(&b);
    for (unsigned x = 0; x < RAMP; x++)
        eight[x] = x & 1;
    b = ramp_tiff(16, SAMPLEFORMAT_UINT, "w", eight);
    img = read_first(&b, NULL);
    for (uint32_t x = 0; x < RAMP; x++)
        assert_int_equal(rgb_at(img, x, 0, 0), x & 1 ? 255 : 0);
    ocrvl_image_free(img);
    bytes_free(&b);
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
    assert_int_equal(ocrvl_image_width(other), ocrvl_image_width(img));
    assert_int_equal(ocrvl_image_height(other), ocrvl_image_height(img));
    for (uint32_t y = 0; y < ocrvl_image_height(img); y++)
        for (uint32_t x = 0; x < ocrvl_image_width(img); x++)
            for (unsigned c = 0; c < 3; c++)
                if (abs((int)rgb_at(img, x, y, c) - (int)rgb_at(other, x, y, c)) > tolerance)
                    fail_msg("%u, %u: %u is not %u", x, y, rgb_at(other, x, y, c), rgb_at(img, x, y, c));
    ocrvl_image_free(other);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    bytes_free(&file);
    bytes_free(&b);
}

/* Grey, colours of half the size, and RGB: the tolerance is for colours that pass into each other over the edges of
 * strips and tiles, which were apart when libtiff decoded them. */
static spec jpeg_spec(int kind)
{
    spec s = plain;
    s.compression = COMPRESSION_JPEG;
    s.samples = kind ? 3 : 1;
    s.photometric = kind == 0 ? PHOTOMETRIC_MINISBLACK : kind == 1 ? PHOTOMETRIC_YCBCR : PHOTOMETRIC_RGB;
    return s;
}

static int jpeg_tolerance(int kind) { return kind == 1 ? 12 : 0; }

/* A page whose data are JPEG is given as a JPEG file: its strips, put together by restart markers. */
static void jpeg_data_are_given(void **state)
{
    (void)state;
    static const uint32_t rows[] = {16, 32, 37, 160};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int kind = 0; kind < 3; kind++) {
            spec s = jpeg_spec(kind);
            s.height = 134; /* nine strips: the numbers of the markers begin anew */
            s.width = 21;
            s.rows = rows[i];
            if (rows[i] == 37) /* strips that end within a unit of coding */
                s.height = 37;
            check_jpeg(&s, jpeg_tolerance(kind));
        }
}

/* Its tiles, put together by their coefficients, whether or not the last of a row and of a column reach over the page's
 * edge; and pages that don't lie upright, in strips and in tiles. */
static void jpeg_tiles_are_given(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{45, 37}, {64, 48}, {20, 9}};
    for (int kind = 0; kind < 3; kind++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (uint16_t orientation = 0; orientation <= 8; orientation++)
                for (int tiled = 0; tiled < 2; tiled++) {
                    spec s = jpeg_spec(kind);
                    s.width = sizes[i][0];
                    s.height = sizes[i][1];
                    s.orientation = orientation;
                    s.tiled = tiled;
                    check_jpeg(&s, jpeg_tolerance(kind));
                }
}

static void put_grey_jpeg(ocrvl_buf *b, uint32_t width, uint32_t height, int quality)
{
    ocrvl_image *img;
    assert_int_equal(ocrvl_image_new(&img, width, height, 1, 0, 0, 1 << 20, NULL), OCRVL_OK);
    for (size_t i = 0; i < (size_t)width * height; i++)
        ocrvl_image_pixels(img)[i] = (uint8_t)(40 + 3 * (i % width) + i / width);
    assert_int_equal(ocrvl_jpeg_put(b, img, 65535, quality, NULL), OCRVL_OK);
    ocrvl_image_free(img);
}

/* Two tiles side by side of 16 columns each but for what is asked for. */
static bool joins(uint32_t left, uint32_t right, int quality, size_t cut, size_t count)
{
    ocrvl_buf tiles[2] = {{0}}, file = {0};
    put_grey_jpeg(&tiles[0], left, 16, 80);
    put_grey_jpeg(&tiles[1], right, 16, quality);
    ocrvl_jpeg_bytes both[2] = {{(const uint8_t *)tiles[0].data, tiles[0].len},
                                {(const uint8_t *)tiles[1].data, tiles[1].len - cut}};
    ocrvl_jpeg_strips s = {.strips = both,
                           .count = count,
                           .width = 30,
                           .height = 16,
                           .across = left,
                           .rows = 16,
                           .components = 1,
                           .orientation = 1};
    bool joined = ocrvl_jpeg_join_blocks(&file, &s);
    ocrvl_buf_free(&file);
    ocrvl_buf_free(&tiles[0]);
    ocrvl_buf_free(&tiles[1]);
    return joined;
}

/* Only what stays the same picture is put together. */
static void jpeg_tiles_that_differ(void **state)
{
    (void)state;
    assert_true(joins(16, 16, 80, 0, 2));
    assert_true(joins(16, 14, 80, 0, 2)); /* a tile that ends at the page's edge */
    assert_false(joins(16, 16, 60, 0, 2));
    assert_false(joins(16, 16, 80, 20, 2)); /* cut */
    assert_false(joins(16, 13, 80, 0, 2));  /* too few columns */
    assert_false(joins(16, 17, 80, 0, 2));
    assert_false(joins(20, 16, 80, 0, 2)); /* the edge within a unit of coding */
    assert_false(joins(16, 16, 80, 0, 1)); /* a tile that is missing */
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
        cmocka_unit_test(samples_in_larger_places),
        cmocka_unit_test(jpeg_data_are_given),
        cmocka_unit_test(jpeg_tiles_are_given),
        cmocka_unit_test(jpeg_tiles_that_differ),
        cmocka_unit_test(many_pages),
    };
    TIFFSetWarningHandler(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
