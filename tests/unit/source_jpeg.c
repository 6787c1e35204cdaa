/* JPEG in: colour spaces, EXIF orientation and resolution, progressive files, what is cut or damaged, what follows. */
#include "sources.h"

#include <jpeglib.h>

typedef struct spec {
    uint32_t width, height;
    J_COLOR_SPACE from, to;
    unsigned orientation; /* 0: no EXIF */
    bool exif_big, progressive, mpf;
    int density_unit; /* -1: no JFIF header */
    unsigned x_density, y_density;
    unsigned restart; /* rows of blocks between restart markers */
} spec;

static const spec plain = {
    .width = 70, .height = 51, .from = JCS_RGB, .to = JCS_YCbCr, .density_unit = 1, .x_density = 1, .y_density = 1};

static unsigned channels_of(J_COLOR_SPACE s) { return s == JCS_GRAYSCALE ? 1 : s == JCS_CMYK ? 4 : 3; }

/* Smooth, and different in every corner. */
static unsigned sample_of(uint32_t x, uint32_t y, unsigned c) { return 20 + 2 * x + (c == 1 ? 0 : y) + 13 * c; }

static void put16(bytes *b, bool big, unsigned v)
{
    uint8_t p[2] = {(uint8_t)(big ? v >> 8 : v), (uint8_t)(big ? v : v >> 8)};
    bytes_put(b, p, 2);
}

static void put32(bytes *b, bool big, unsigned v)
{
    put16(b, big, big ? v >> 16 : v & 0xFFFF);
    put16(b, big, big ? v & 0xFFFF : v >> 16);
}

/* EXIF with orientation and 240 x 120 pixels an inch. */
static bytes make_exif(const spec *s)
{
    bytes b = {0};
    bool big = s->exif_big;
    bytes_put(&b, "Exif\0\0", 6);
    bytes_put(&b, big ? "MM" : "II", 2);
    put16(&b, big, 42);
    put32(&b, big, 8);
    put16(&b, big, 4);
    static const unsigned entries[4][4] = {
        {0x0112, 3, 1, 0}, {0x011A, 5, 1, 62}, {0x011B, 5, 1, 70}, {0x0128, 3, 1, 2}};
    for (int i = 0; i < 4; i++) {
        put16(&b, big, entries[i][0]);
        put16(&b, big, entries[i][1]);
        put32(&b, big, entries[i][2]);
        unsigned v = i == 0 ? s->orientation : entries[i][3];
        if (entries[i][1] == 3) {
            put16(&b, big, v);
            put16(&b, big, 0);
        } else
            put32(&b, big, v);
    }
    put32(&b, big, 0);
    put32(&b, big, 240);
    put32(&b, big, 1);
    put32(&b, big, 360);
    put32(&b, big, 3);
    return b;
}

/* MPF: two pictures, the second of `size` bytes right after the first, whose MPF header stands at `at`. Where that is
 * is known only afterwards: the offset is written then. */
static bytes make_mpf(void)
{
    bytes b = {0};
    bytes_put(&b, "MPF\0II*\0\x08\0\0\0", 12);
    put16(&b, false, 1);
    put16(&b, false, 0xB002);
    put16(&b, false, 7);
    put32(&b, false, 32);
    put32(&b, false, 26);
    put32(&b, false, 0);
    for (int i = 0; i < 8; i++)
        put32(&b, false, 0);
    return b;
}

static bytes make_jpeg(const spec *s)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr mgr;
    unsigned char *out = NULL;
    unsigned long len = 0;
    unsigned n = channels_of(s->from);
    c.err = jpeg_std_error(&mgr);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &out, &len);
    c.image_width = s->width;
    c.image_height = s->height;
    c.input_components = (int)n;
    c.in_color_space = s->from;
    jpeg_set_defaults(&c);
    jpeg_set_colorspace(&c, s->to);
    jpeg_set_quality(&c, 100, TRUE);
    for (int i = 0; i < c.num_components; i++)
        c.comp_info[i].h_samp_factor = c.comp_info[i].v_samp_factor = 1;
    c.write_JFIF_header = c.write_JFIF_header && s->density_unit >= 0;
    c.density_unit = (UINT8)(s->density_unit > 0 ? s->density_unit : 0);
    c.X_density = (UINT16)s->x_density;
    c.Y_density = (UINT16)s->y_density;
    c.restart_in_rows = (int)s->restart;
    if (s->progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    if (s->orientation) {
        bytes e = make_exif(s);
        jpeg_write_marker(&c, JPEG_APP0 + 1, e.data, (unsigned)e.len);
        bytes_free(&e);
    }
    if (s->mpf) {
        bytes m = make_mpf();
        jpeg_write_marker(&c, JPEG_APP0 + 2, m.data, (unsigned)m.len);
        bytes_free(&m);
    }
    uint8_t *row = malloc((size_t)s->width * n);
    assert_non_null(row);
    for (uint32_t y = 0; y < s->height; y++) {
        for (uint32_t x = 0; x < s->width; x++)
            for (unsigned k = 0; k < n; k++)
                row[x * n + k] = (uint8_t)sample_of(x, y, k);
        jpeg_write_scanlines(&c, &row, 1);
    }
    free(row);
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    bytes b = {0};
    bytes_put(&b, out, len);
    free(out);
    return b;
}

static uint8_t *expected(const spec *s)
{
    uint8_t *want = malloc((size_t)s->width * s->height * 3);
    assert_non_null(want);
    for (uint32_t y = 0; y < s->height; y++)
        for (uint32_t x = 0; x < s->width; x++)
            for (unsigned c = 0; c < 3; c++) {
                unsigned v = sample_of(x, y, channels_of(s->from) == 1 ? 0 : c);
                if (s->from == JCS_CMYK) /* libjpeg writes an Adobe marker: inks are inverted */
                    v = (v * sample_of(x, y, 3) + 127) / 255;
                want[((size_t)y * s->width + x) * 3 + c] = (uint8_t)v;
            }
    return want;
}

static void colour_spaces(void **state)
{
    (void)state;
    static const J_COLOR_SPACE spaces[][2] = {{JCS_GRAYSCALE, JCS_GRAYSCALE},
                                              {JCS_RGB, JCS_YCbCr},
                                              {JCS_RGB, JCS_RGB},
                                              {JCS_CMYK, JCS_CMYK},
                                              {JCS_CMYK, JCS_YCCK}};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        for (int progressive = 0; progressive < 2; progressive++) {
            spec s = plain;
            s.from = spaces[i][0];
            s.to = spaces[i][1];
            s.progressive = progressive;
            bytes b = make_jpeg(&s);
            ocrvl_page_place place = {.size = sizeof place};
            ocrvl_image *img = read_first(&b, &place);
            uint8_t *want = expected(&s);
            expect_rgb(img, s.width, s.height, want, 4);
            assert_int_equal(ocrvl_image_channels(img), s.from == JCS_GRAYSCALE ? 1 : 3);
            free(want);
            ocrvl_image_free(img);
            bytes_free(&b);
        }
}

static void orientations(void **state)
{
    (void)state;
    for (unsigned o = 1; o <= 8; o++)
        for (int big = 0; big < 2; big++) {
            spec s = plain;
            s.from = s.to = JCS_GRAYSCALE;
            s.orientation = o;
            s.exif_big = big;
            bytes b = make_jpeg(&s);
            ocrvl_image *img = read_first(&b, NULL);
            assert_int_equal(ocrvl_image_width(img), o < 5 ? s.width : s.height);
            expect_dpi(img, o < 5 ? 240 : 120, o < 5 ? 120 : 240, 0.001);
            for (uint32_t y = 0; y < s.height; y++)
                for (uint32_t x = 0; x < s.width; x++) {
                    uint32_t right = s.width - 1 - x, down = s.height - 1 - y;
                    const uint32_t at[9][2] = {{0, 0}, {x, y},    {right, y},    {right, down}, {x, down},
                                               {y, x}, {down, x}, {down, right}, {y, right}};
                    int is = (int)rgb_at(img, at[o][0], at[o][1], 0);
                    assert_true(abs(is - (int)sample_of(x, y, 0)) <= 3);
                }
            ocrvl_image_free(img);
            bytes_free(&b);
        }
}

static void resolutions(void **state)
{
    (void)state;
    static const struct {
        int unit;
        unsigned x, y, exif;
        double dpi_x, dpi_y;
    } cases[] = {{1, 300, 200, 0, 300, 200}, {2, 118, 118, 0, 299.72, 299.72}, {0, 3, 2, 0, 0, 0},
                 {1, 300, 200, 1, 300, 200}, {-1, 1, 1, 1, 240, 120},          {0, 1, 1, 1, 240, 120}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        spec s = plain;
        s.density_unit = cases[i].unit;
        s.x_density = cases[i].x;
        s.y_density = cases[i].y;
        s.orientation = cases[i].exif;
        bytes b = make_jpeg(&s);
        ocrvl_image *img = read_first(&b, NULL);
        expect_dpi(img, cases[i].dpi_x, cases[i].dpi_y, 0.001);
        ocrvl_image_free(img);
        bytes_free(&b);
    }
}

/* Opening or reading fails, or there is an image with what there is; returns whether there is one that lacks some. */
static bool what_there_is(const bytes *b)
{
    ocrvl_source *src;
    ocrvl_image *img = NULL;
    ocrvl_page_place place = {.size = sizeof place};
    if (ocrvl_source_open_memory(&src, b->data, b->len, "test", NULL, NULL))
        return false;
    ocrvl_status st = ocrvl_source_next(src, &img, &place, NULL);
    bool damaged = !st && place.damage;
    assert_true(st == OCRVL_E_FORMAT || damaged);
    assert_true(!damaged || !place.original);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    return damaged;
}

/* The rows above where the data end are those of the whole image, those below are white. */
static void rows_that_are_there(void **state)
{
    (void)state;
    spec s = plain;
    s.height = 400;
    bytes b = make_jpeg(&s);
    ocrvl_image *all = read_first(&b, NULL);
    b.len = b.len * 6 / 10;
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *img = read_first(&b, &place);
    uint32_t same = 0, white = 0, h = ocrvl_image_height(img);
    size_t row = (size_t)ocrvl_image_width(img) * ocrvl_image_channels(img);
    const uint8_t *a = ocrvl_image_data(all), *c = ocrvl_image_data(img);
    while (same < h && memcmp(a + row * same, c + row * same, row) == 0)
        same++;
    for (uint32_t y = h;
         y > 0 && c[row * y - 1] == 255 && memcmp(c + row * (y - 1), c + row * (y - 1) + 1, row - 1) == 0; y--)
        white++;
    assert_true(same > 150 && same < 350);
    assert_true(same + white >= h);
    ocrvl_image_free(all);
    ocrvl_image_free(img);
    bytes_free(&b);
}

/* A picture without its end mark is whole; one without its last rows or scans is not. */
static void cut_short(void **state)
{
    (void)state;
    for (int progressive = 0; progressive < 2; progressive++) {
        spec s = plain;
        s.progressive = progressive;
        bytes b = make_jpeg(&s);
        size_t whole = b.len;
        b.len = whole - 2;
        if (progressive)
            assert_true(what_there_is(&b));
        else
            ocrvl_image_free(read_first(&b, NULL));
        size_t images = 0;
        for (size_t len = 3; len < whole - 12; len += 7) {
            b.len = len;
            images += what_there_is(&b);
        }
        assert_true(images > 3);
        bytes_free(&b);
    }
}

static size_t find_marker(const bytes *b, unsigned marker, size_t from)
{
    for (size_t i = from; i + 1 < b->len; i++)
        if (b->data[i] == 0xFF && b->data[i + 1] == marker)
            return i;
    fail_msg("no marker %02x", marker);
    return 0;
}

static void damage_is_not_passed_over(void **state)
{
    (void)state;
    spec s = plain;
    s.restart = 1;
    bytes b = make_jpeg(&s);
    size_t at = find_marker(&b, 0xD2, 0);
    ocrvl_image *all = read_first(&b, NULL);
    ocrvl_page_place place = {.size = sizeof place};
    b.data[at + 1] = 0xD5; /* a restart marker out of turn: rows are missing, those before it are as they were */
    ocrvl_image *img = read_first(&b, &place);
    assert_non_null(place.damage);
    assert_null(place.original);
    assert_memory_equal(ocrvl_image_data(img), ocrvl_image_data(all),
                        (size_t)ocrvl_image_width(all) * ocrvl_image_channels(all) * 16);
    ocrvl_image_free(all);
    ocrvl_image_free(img);
    b.data[at + 1] = 0xD2;
    at = find_marker(&b, 0xC0, 0);
    b.data[at + 4] = 12; /* bits a sample */
    expect_error(&b, NULL, OCRVL_E_UNSUPPORTED, "precision 12");
    b.data[at + 4] = 8;
    ocrvl_source_options small = {.size = sizeof small, .max_pixels = 70 * 51 - 1};
    expect_error(&b, &small, OCRVL_E_LIMIT, "70 x 51");
    bytes_free(&b);
}

/* Data that are left before the end mark are those of a part that has been misread; padding there is none. */
static void data_left_over(void **state)
{
    (void)state;
    static const char *const left[] = {"\x28\xA2\x8A", "\0\0\0\0\0", "\x20"};
    static const size_t lengths[] = {3, 5, 1};
    bytes whole = make_jpeg(&plain);
    for (int i = 0; i < 3; i++) {
        bytes b = {0};
        ocrvl_page_place place = {.size = sizeof place};
        bytes_put(&b, whole.data, whole.len - 2);
        bytes_put(&b, left[i], lengths[i]);
        bytes_put(&b, whole.data + whole.len - 2, 2);
        ocrvl_source *src = open_bytes(&b, NULL);
        ocrvl_image_free(next_page(src, &place));
        assert_int_equal(place.damage != NULL, i == 0);
        ocrvl_source_free(src);
        bytes_free(&b);
    }
    bytes_free(&whole);
}

/* One scan over and over: each pass over a large picture costs the same again. */
static void endless_scans(void **state)
{
    (void)state;
    spec s = plain;
    s.progressive = true;
    bytes b = make_jpeg(&s), bomb = {0};
    size_t first = find_marker(&b, 0xDA, 0), next = first + 2;
    while (b.data[next] != 0xFF || b.data[next + 1] == 0)
        next++;
    bytes_put(&bomb, b.data, first);
    for (int i = 0; i < 1000; i++)
        bytes_put(&bomb, b.data + first, next - first);
    bytes_put(&bomb, b.data + next, b.len - next);
    expect_error(&bomb, NULL, OCRVL_E_LIMIT, "too many scans");
    bytes_free(&b);
    bytes_free(&bomb);
}

static void several_on_a_stream(void **state)
{
    (void)state;
    bytes all = {0};
    for (uint32_t i = 1; i <= 3; i++) {
        spec s = plain;
        s.width = 10 * i;
        s.orientation = 1; /* an EXIF segment stands between */
        bytes b = make_jpeg(&s);
        bytes_put(&all, b.data, i == 2 ? b.len - 40 : b.len); /* the second is cut */
        bytes_free(&b);
    }
    bytes_puts(&all, "a trailer of the camera's");
    ocrvl_source *src = open_bytes(&all, NULL);
    assert_int_equal(ocrvl_source_count(src), 3);
    for (uint32_t i = 1; i <= 3; i++) {
        ocrvl_image *img;
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_error e;
        assert_int_equal(ocrvl_source_next(src, &img, &place, &e), OCRVL_OK);
        assert_string_equal(place.media_type, "image/jpeg");
        assert_int_equal(ocrvl_image_width(img), 10 * i);
        assert_int_equal(place.damage != NULL, i == 2);
        ocrvl_image_free(img);
    }
    ocrvl_source_free(src);
    bytes_free(&all);
}

/* What an MPF segment counts in belongs to the picture; what comes after is the next page. */
static void multi_picture_files(void **state)
{
    (void)state;
    spec s = plain;
    bytes preview = make_jpeg(&s);
    s.mpf = true;
    bytes b = make_jpeg(&s);
    size_t mpf = find_marker(&b, 0xE2, 0) + 8, size = preview.len, offset = b.len - mpf;
    for (int i = 0; i < 4; i++) {
        b.data[mpf + 26 + 16 + 4 + (size_t)i] = (uint8_t)(size >> 8 * i);
        b.data[mpf + 26 + 16 + 8 + (size_t)i] = (uint8_t)(offset >> 8 * i);
    }
    bytes_put(&b, preview.data, preview.len);
    ocrvl_source *src = open_bytes(&b, NULL);
    assert_int_equal(ocrvl_source_count(src), 1);
    ocrvl_source_free(src);
    bytes_put(&b, preview.data, preview.len);
    src = open_bytes(&b, NULL);
    assert_int_equal(ocrvl_source_count(src), 2);
    ocrvl_source_free(src);
    bytes_free(&b);
    bytes_free(&preview);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_spaces),       cmocka_unit_test(orientations),
        cmocka_unit_test(resolutions),         cmocka_unit_test(cut_short),
        cmocka_unit_test(rows_that_are_there), cmocka_unit_test(damage_is_not_passed_over),
        cmocka_unit_test(data_left_over),      cmocka_unit_test(endless_scans),
        cmocka_unit_test(several_on_a_stream), cmocka_unit_test(multi_picture_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
