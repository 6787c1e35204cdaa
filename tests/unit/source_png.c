/* PNG in: every colour type and depth, transparency, interlacing, resolution, several on a stream; and PNG out. */
#include <errno.h>

#include "sources.h"

#include <png.h>

#define DATA "tests/vectors/data/processor/"

static void put(png_structp png, png_bytep data, size_t n) { bytes_put(png_get_io_ptr(png), data, n); }

typedef struct spec {
    int type, depth, interlace;
    uint32_t width, height;
    bool trns;
    uint32_t per_metre; /* 0: none */
    int fill;           /* bits of 16 that the samples fill, not alpha; 0: all */
} spec;

static unsigned samples_of(int type)
{
    return type == PNG_COLOR_TYPE_RGB          ? 3
           : type == PNG_COLOR_TYPE_RGB_ALPHA  ? 4
           : type == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                               : 1;
}

/* The samples of pixel x, y: what the file holds and what is expected. */
static unsigned sample_of(const spec *s, uint32_t x, uint32_t y, unsigned c)
{
    unsigned v = x * 2654435761u + y * 40503u + c * 97u;
    v ^= v >> 15;
    bool alpha = (s->type & PNG_COLOR_MASK_ALPHA) && c == samples_of(s->type) - 1;
    return v & ((1u << (s->fill && !alpha ? s->fill : s->depth)) - 1);
}

static png_color palette_of(unsigned i)
{
    return (png_color){(png_byte)(i * 37 + 5), (png_byte)(255 - i * 11), (png_byte)(i * i)};
}

/* Rows packed by hand, written by libpng as they are. */
static bytes make_png(const spec *s)
{
    bytes b = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    unsigned samples = samples_of(s->type);
    size_t row = ((size_t)s->width * samples * (unsigned)s->depth + 7) / 8;
    uint8_t *all = calloc(s->height, row);
    png_bytep *rows = calloc(s->height, sizeof *rows);
    assert_non_null(all);
    assert_non_null(rows);
    for (uint32_t y = 0; y < s->height; y++) {
        rows[y] = all + y * row;
        for (size_t i = 0; i < (size_t)s->width * samples; i++) {
            unsigned v = sample_of(s, (uint32_t)(i / samples), y, (unsigned)(i % samples));
            for (int bit = 0; bit < s->depth; bit++) {
                size_t at = i * (unsigned)s->depth + (unsigned)bit;
                rows[y][at / 8] |= (uint8_t)((v >> (s->depth - 1 - bit) & 1) << (7 - at % 8));
            }
        }
    }
    png_set_write_fn(png, &b, put, NULL);
    png_set_IHDR(png, info, s->width, s->height, s->depth, s->type, s->interlace, 0, 0);
    png_color colours[256];
    for (unsigned i = 0; i < 256; i++)
        colours[i] = palette_of(i);
    if (s->type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, colours, 1 << s->depth);
    png_byte alphas[3] = {0, 128, 77};
    png_color_16 key = {0};
    key.gray = key.red = (png_uint_16)sample_of(s, 1, 1, 0);
    key.green = (png_uint_16)sample_of(s, 1, 1, 1);
    key.blue = (png_uint_16)sample_of(s, 1, 1, 2);
    if (s->trns)
        png_set_tRNS(png, info, alphas, 3, &key);
    if (s->per_metre)
        png_set_pHYs(png, info, s->per_metre, s->per_metre / 2, PNG_RESOLUTION_METER);
    png_set_rows(png, info, rows);
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    png_destroy_write_struct(&png, &info);
    free(rows);
    free(all);
    return b;
}

/* To 8 bits as DESIGN says: small depths are stretched, 16 bits lose the lower half. */
static unsigned eight(const spec *s, unsigned v)
{
    return s->depth == 16 ? v >> 8 : s->depth == 8 ? v : v * 255 / ((1u << s->depth) - 1);
}

/* Of samples that fill few of their bits. */
static unsigned narrow(int bits, unsigned v) { return (unsigned)(v * 255.0 / ((1u << bits) - 1) + 0.5); }

static void expect_spec(const spec *s, const ocrvl_image *img)
{
    uint8_t *want = malloc((size_t)s->width * s->height * 3);
    assert_non_null(want);
    bool alpha = (s->type & PNG_COLOR_MASK_ALPHA) != 0, colour = (s->type & PNG_COLOR_MASK_COLOR) != 0;
    for (uint32_t y = 0; y < s->height; y++)
        for (uint32_t x = 0; x < s->width; x++) {
            unsigned raw[4], rgb[3], a = 255;
            for (unsigned c = 0; c < samples_of(s->type); c++)
                raw[c] = sample_of(s, x, y, c);
            if (s->type == PNG_COLOR_TYPE_PALETTE) {
                png_color p = palette_of(raw[0]);
                rgb[0] = p.red, rgb[1] = p.green, rgb[2] = p.blue;
                a = !s->trns ? 255 : raw[0] == 0 ? 0 : raw[0] == 1 ? 128 : raw[0] == 2 ? 77 : 255;
            } else {
                bool key = s->trns;
                for (unsigned c = 0; c < 3; c++) {
                    rgb[c] = s->fill ? narrow(s->fill, raw[colour ? c : 0]) : eight(s, raw[colour ? c : 0]);
                    key = key && (colour || c == 0 ? raw[c] == sample_of(s, 1, 1, c) : true);
                }
                a = alpha ? eight(s, raw[colour ? 3 : 1]) : key ? 0 : 255;
            }
            for (unsigned c = 0; c < 3; c++) /* to the nearest */
                want[((size_t)y * s->width + x) * 3 + c] = (uint8_t)((rgb[c] * a + 255 * (255 - a)) / 255.0 + 0.5);
        }
    expect_rgb(img, s->width, s->height, want, alpha || s->trns ? 1 : 0);
    free(want);
}

static void every_type_and_depth(void **state)
{
    (void)state;
    static const struct {
        int type, depths[6];
    } types[] = {{PNG_COLOR_TYPE_GRAY, {1, 2, 4, 8, 16}},
                 {PNG_COLOR_TYPE_PALETTE, {1, 2, 4, 8}},
                 {PNG_COLOR_TYPE_RGB, {8, 16}},
                 {PNG_COLOR_TYPE_GRAY_ALPHA, {8, 16}},
                 {PNG_COLOR_TYPE_RGB_ALPHA, {8, 16}}};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (int d = 0; types[t].depths[d]; d++)
            for (int way = 0; way < 4; way++) { /* interlaced, tRNS */
                spec s = {.type = types[t].type,
                          .depth = types[t].depths[d],
                          .interlace = way & 1,
                          .trns = way >> 1,
                          .width = 37,
                          .height = 23};
                if (s.trns && ((s.type & PNG_COLOR_MASK_ALPHA) || (s.type == PNG_COLOR_TYPE_PALETTE && s.depth == 1)))
                    continue;
                bytes b = make_png(&s);
                ocrvl_image *img = read_first(&b, NULL);
                expect_spec(&s, img);
                bool grey = !(s.type & PNG_COLOR_MASK_COLOR);
                assert_int_equal(ocrvl_image_channels(img), grey ? 1 : 3);
                expect_dpi(img, 0, 0, 0);
                ocrvl_image_free(img);
                bytes_free(&b);
            }
}

/* 8, 10 or 12 bits in 16, as instruments and scanners write them: what they fill is the scale, or pages are black. */
static void few_of_sixteen_bits(void **state)
{
    (void)state;
    static const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_GRAY_ALPHA,
                                PNG_COLOR_TYPE_RGB_ALPHA};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (int fill = 8; fill <= 12; fill += 2)
            for (int interlace = 0; interlace < 2; interlace++) {
                spec s = {types[t], 16, interlace, 37, 23, .fill = fill};
                bytes b = make_png(&s);
                ocrvl_image *img = read_first(&b, NULL);
                expect_spec(&s, img);
                ocrvl_image_free(img);
                bytes_free(&b);
            }
}

/* rgb: what Pillow makes of the file. */
static void as_pillow(void **state)
{
    (void)state;
    static const char *const names[] = {"rgba_90x130",    "la_64x30",    "palette_trns_75x50",
                                        "bilevel_120x60", "gray_333x97", "noise_61x43"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[200];
        snprintf(path, sizeof path, DATA "%s.png", names[i]);
        bytes b = bytes_load(path);
        ocrvl_image *img = read_first(&b, NULL);
        if (strcmp(names[i], "noise_61x43") != 0)
            snprintf(path, sizeof path, DATA "%s.rgb.png", names[i]);
        png_image ref = {.version = PNG_IMAGE_VERSION};
        assert_true(png_image_begin_read_from_file(&ref, path));
        ref.format = PNG_FORMAT_RGB;
        uint8_t *want = malloc(PNG_IMAGE_SIZE(ref));
        assert_non_null(want);
        assert_true(png_image_finish_read(&ref, NULL, want, 0, NULL));
        expect_rgb(img, ref.width, ref.height, want, 0);
        free(want);
        ocrvl_image_free(img);
        bytes_free(&b);
    }
}

/* Pillow clips 16 bits to 255; the design says that they are scaled. */
static void sixteen_bits_are_scaled(void **state)
{
    (void)state;
    bytes b = bytes_load(DATA "gray16_64x80.png");
    ocrvl_image *img = read_first(&b, NULL);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    FILE *f = fopen(DATA "gray16_64x80.png", "rb");
    assert_non_null(f);
    png_init_io(png, f);
    png_read_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    png_bytepp rows = png_get_rows(png, info);
    for (uint32_t y = 0; y < 80; y++)
        for (uint32_t x = 0; x < 64; x++)
            assert_int_equal(rgb_at(img, x, y, 0), rows[y][2 * x]);
    png_destroy_read_struct(&png, &info, NULL);
    fclose(f);
    ocrvl_image_free(img);
    bytes_free(&b);
}

/* Columns of ink on nothing, every fourth in `colour`, the others in `other`; upside down if `exif`. */
static bytes make_ink(png_byte colour, png_byte other, bool exif, bool late)
{
    bytes b = {0};
    static png_byte turned[] = {'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3,
                                0,   1,   0,   0, 0, 3, 0, 0, 0, 0, 0,    0,    0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png), end = png_create_info_struct(png);
    png_set_write_fn(png, &b, put, NULL);
    png_set_IHDR(png, info, 40, 10, 8, PNG_COLOR_TYPE_GRAY_ALPHA, 0, 0, 0);
    if (exif)
        png_set_eXIf_1(png, late ? end : info, sizeof turned, turned);
    png_write_info(png, info);
    for (int y = 0; y < 10; y++) {
        png_byte row[80] = {0};
        for (int x = 2; x < 40; x += 4) {
            row[2 * x] = x % 16 == 2 ? colour : other;
            row[2 * x + 1] = y ? 255 : 0; /* the uppermost row is empty */
        }
        png_write_row(png, row);
    }
    png_write_end(png, end);
    png_destroy_info_struct(png, &end);
    png_destroy_write_struct(&png, &info);
    return b;
}

/* Ink is laid on the ground on which it can be seen: white if that will do. */
static void grounds(void **state)
{
    (void)state;
    static const struct {
        png_byte colour, other;
        unsigned ground;
    } cases[] = {{0, 0, 255},   {255, 255, 0}, {230, 230, 0}, {120, 120, 255},
                 {120, 230, 0}, {0, 255, 128}, {255, 0, 128}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = make_ink(cases[i].colour, cases[i].other, false, false);
        ocrvl_image *img = read_first(&b, NULL);
        for (uint32_t x = 0; x < 40; x++) {
            unsigned want = x % 16 == 2 ? cases[i].colour : x % 4 == 2 ? cases[i].other : cases[i].ground;
            assert_int_equal(rgb_at(img, x, 5, 0), want);
            assert_int_equal(rgb_at(img, x, 0, 0), cases[i].ground);
        }
        ocrvl_image_free(img);
        bytes_free(&b);
    }
}

static void exif_turns(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) { /* the chunk before the pixels, and behind */
        bytes b = make_ink(0, 0, true, late);
        ocrvl_image *img = read_first(&b, NULL);
        assert_int_equal(rgb_at(img, 37, 0, 0), 0);
        assert_int_equal(rgb_at(img, 37, 9, 0), 255);
        assert_int_equal(rgb_at(img, 2, 0, 0), 255);
        ocrvl_image_free(img);
        bytes_free(&b);
    }
}

/* A dot or so an inch is no resolution. */
static void doubtful_resolution(void **state)
{
    (void)state;
    static const uint32_t per_metre[] = {1, 40, 100, 700};
    for (size_t i = 0; i < 4; i++) { /* the height has the half of it */
        spec s = {.type = PNG_COLOR_TYPE_GRAY, .depth = 8, .width = 5, .height = 5, .per_metre = per_metre[i]};
        bytes b = make_png(&s);
        ocrvl_image *img = read_first(&b, NULL);
        expect_dpi(img, 0, 0, 0);
        ocrvl_image_free(img);
        bytes_free(&b);
    }
}

static void resolution(void **state)
{
    (void)state;
    spec s = {.type = PNG_COLOR_TYPE_GRAY, .depth = 8, .width = 5, .height = 5, .per_metre = 11811};
    ocrvl_page_place place = {.size = sizeof place};
    bytes b = make_png(&s);
    ocrvl_image *img = read_first(&b, &place);
    expect_dpi(img, 300, 150, 0.02);
    assert_int_equal((int)(place.dpi_x + 0.5), 300);
    assert_int_equal(place.width, 5);
    ocrvl_image_free(img);
    bytes_free(&b);
}

static void several_on_a_stream(void **state)
{
    (void)state;
    bytes b = {0};
    for (uint32_t i = 1; i <= 3; i++) {
        spec s = {.type = PNG_COLOR_TYPE_GRAY, .depth = 1, .width = 10 * i, .height = 7};
        bytes one = make_png(&s);
        bytes_put(&b, one.data, i == 2 ? 50 : one.len); /* the second is cut before its pixels */
        bytes_free(&one);
    }
    ocrvl_source *src = open_bytes(&b, NULL);
    assert_int_equal(ocrvl_source_count(src), 3);
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = next_page(src, &place);
    assert_int_equal(ocrvl_image_width(img), 10);
    assert_string_equal(place.media_type, "image/png");
    assert_int_equal(place.index, 0);
    assert_int_equal(place.pages, 3);
    ocrvl_image_free(img);
    ocrvl_error e = {0};
    assert_int_equal(ocrvl_source_next(src, &img, &place, &e), OCRVL_E_FORMAT);
    assert_null(img);
    assert_int_equal(place.index, 1);
    assert_int_equal(place.width, 0);
    assert_true(e.offset > 80 && e.offset < b.len); /* in the stream, not in the picture */
    img = next_page(src, &place);
    assert_int_equal(ocrvl_image_width(img), 30);
    ocrvl_image_free(img);
    assert_null(next_page(src, &place));
    ocrvl_source_free(src);
    bytes_puts(&b, "something else");
    src = open_bytes(&b, NULL);
    assert_int_equal(ocrvl_source_count(src), 4);
    ocrvl_source_free(src);
    bytes_free(&b);
}

/* The rows above where the data end or are broken are those of the whole image, those below are white; of an interlaced
 * image there is the whole, coarser. */
static void part_of_an_image(void **state)
{
    (void)state;
    static const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_RGB_ALPHA};
    for (int i = 0; i < 8; i++) {
        spec s = {
            .type = types[i & 1], .depth = 8, .width = 60, .height = 80, .interlace = i & 2 ? PNG_INTERLACE_ADAM7 : 0};
        bytes b = make_png(&s);
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *whole = read_first(&b, &place);
        assert_null(place.damage);
        assert_non_null(place.original);
        if (i & 4)
            b.len = b.len * 6 / 10;
        else
            memset(b.data + b.len * 6 / 10, 0xFF, 40); /* no code of deflate goes on so for long */
        ocrvl_image *img = read_first(&b, &place);
        assert_non_null(place.damage);
        assert_null(place.original);
        uint32_t same = 0, white = 0, n = ocrvl_image_channels(img);
        size_t row = s.width * n, equal = 0;
        const uint8_t *p = ocrvl_image_data(whole), *q = ocrvl_image_data(img);
        assert_int_equal(ocrvl_image_height(img), s.height);
        while (same < s.height && memcmp(p + row * same, q + row * same, row) == 0)
            same++;
        for (uint32_t y = s.height;
             y > same && q[row * y - 1] == 255 && memcmp(q + row * (y - 1), q + row * (y - 1) + 1, row - 1) == 0; y--)
            white++;
        for (size_t k = 0; k < row * s.height; k++)
            equal += p[k] == q[k];
        if (i & 2)
            assert_true(equal > row * s.height / 3);
        else if (i & 4)
            assert_true(same > s.height / 3 && same + white == s.height);
        else
            assert_true(same > s.height / 3 && same < s.height);
        ocrvl_image_free(img);
        ocrvl_image_free(whole);
        bytes_free(&b);
    }
    spec s = {.type = PNG_COLOR_TYPE_GRAY, .depth = 8, .width = 60, .height = 80};
    bytes b = make_png(&s);
    b.data[b.len - 13] ^= 1; /* the sum of the pixels' chunk */
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = read_first(&b, &place);
    assert_non_null(place.damage);
    expect_spec(&s, img);
    ocrvl_image_free(img);
    bytes_free(&b);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    spec s = {.type = PNG_COLOR_TYPE_RGB, .depth = 8, .width = 40, .height = 40};
    bytes b = make_png(&s);
    ocrvl_source_options small = {.size = sizeof small, .max_pixels = 1599};
    expect_error(&b, &small, OCRVL_E_LIMIT, "40 x 40");
    b.len = 50;
    expect_error(&b, NULL, OCRVL_E_FORMAT, "the file ends within the image");
    bytes_free(&b);
    /* the header of a picture of 2^31-1 x 2^31-1, its sum set right */
    static const uint8_t huge[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\b\0\0\0\0\xa7\x43\x9f\xd0";
    bytes h = {0};
    bytes_put(&h, huge, sizeof huge - 1);
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 12; i < 29; i++) {
        crc ^= huge[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    crc = ~crc;
    for (int i = 0; i < 4; i++)
        h.data[29 + i] = (uint8_t)(crc >> (24 - 8 * i));
    bytes_put(&h, "\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82", 24);
    expect_error(&h, NULL, OCRVL_E_LIMIT, "2147483647 x 2147483647");
    bytes_free(&h);
}

static int refuse(void *user, const void *data, size_t len)
{
    size_t *room = user;
    (void)data;
    if (len > *room)
        return ENOSPC;
    *room -= len;
    return 0;
}

/* Out and in again; pictures that were grey stay so. */
static void written_and_read(void **state)
{
    (void)state;
    for (uint32_t channels = 1; channels <= 3; channels += 2) {
        ocrvl_image *img, *back;
        assert_ok(ocrvl_image_new(&img, 33, 21, channels, 300, 299.5, 0, err));
        for (uint32_t i = 0; i < 33 * 21 * channels; i++)
            ocrvl_image_pixels(img)[i] = (uint8_t)(i * 31 + i / 40);
        bytes png = {0}, pnm = {0};
        assert_ok(ocrvl_image_write_png(img, bytes_write, &png, err));
        assert_ok(ocrvl_image_write_pnm(img, bytes_write, &pnm, err));
        for (int way = 0; way < 2; way++) {
            back = read_first(way ? &pnm : &png, NULL);
            assert_int_equal(ocrvl_image_channels(back), channels);
            assert_int_equal(ocrvl_image_height(back), 21);
            assert_memory_equal(ocrvl_image_data(back), ocrvl_image_data(img), 33 * 21 * channels);
            expect_dpi(back, way ? 0 : 300, way ? 0 : 299.5, 0.02);
            ocrvl_image_free(back);
        }
        for (size_t room = 0; room < png.len; room += 11) {
            size_t left = room;
            ocrvl_error e = {0};
            assert_int_equal(ocrvl_image_write_png(img, refuse, &left, &e), OCRVL_E_IO);
            assert_int_equal(e.sys_errno, ENOSPC);
        }
        size_t left = 20;
        ocrvl_error e = {0};
        assert_int_equal(ocrvl_image_write_pnm(img, refuse, &left, &e), OCRVL_E_IO);
        assert_int_equal(e.sys_errno, ENOSPC);
        ocrvl_image_free(img);
        bytes_free(&png);
        bytes_free(&pnm);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_and_depth),
        cmocka_unit_test(few_of_sixteen_bits),
        cmocka_unit_test(as_pillow),
        cmocka_unit_test(sixteen_bits_are_scaled),
        cmocka_unit_test(resolution),
        cmocka_unit_test(grounds),
        cmocka_unit_test(exif_turns),
        cmocka_unit_test(doubtful_resolution),
        cmocka_unit_test(several_on_a_stream),
        cmocka_unit_test(part_of_an_image),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(written_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
