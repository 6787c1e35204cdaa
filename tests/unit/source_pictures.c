/* WebP, GIF, BMP, JPEG 2000 and AVIF in: files that Pillow wrote of one drawing, whose pixels a formula gives. */
#include <stdlib.h>

#include "sources.h"
#include "testing.h"

#define FOLDER "tests/fuzz/corpus/source/"
enum { W = 24, H = 18, TALL = 96 };

static ocrvl_image *read_file(const char *name, const char *media_type)
{
    ocrvl_source *src;
    ocrvl_image *img;
    ocrvl_page_place place = {.size = sizeof place};
    char path[128];
    snprintf(path, sizeof path, FOLDER "%s", name);
    assert_ok(ocrvl_source_open(&src, path, NULL, err));
    assert_int_equal(ocrvl_source_count(src), 1);
    assert_ok(ocrvl_source_next(src, &img, &place, err));
    assert_string_equal(place.media_type, media_type);
    assert_null(place.damage);
    assert_int_equal(ocrvl_image_width(img), W);
    assert_int_equal(ocrvl_image_height(img), H);
    ocrvl_source_free(src);
    return img;
}

static int drawn(int x, int y, int c) { return c == 0 ? x * 11 % 256 : c == 1 ? y * 13 % 256 : x * y * 3 % 256; }

/* Each channel is within `slack` of the drawing's. */
static void expect_drawing(const char *name, const char *media_type, int slack)
{
    ocrvl_image *img = read_file(name, media_type);
    const uint8_t *p = ocrvl_image_data(img);
    assert_int_equal(ocrvl_image_channels(img), 3);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 3; c++, p++)
                if (abs(*p - drawn(x, y, c)) > slack)
                    fail_msg("%s: %d, %d: %d is not %d", name, x, y, *p, drawn(x, y, c));
    ocrvl_image_free(img);
}

/* Few colours: the drawing in the mean. */
static void expect_near(const char *name, const char *media_type)
{
    ocrvl_image *img = read_file(name, media_type);
    const uint8_t *p = ocrvl_image_data(img);
    long sum = 0;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 3; c++)
                sum += abs(*p++ - drawn(x, y, c));
    assert_true(sum < 30L * W * H * 3);
    ocrvl_image_free(img);
}

static void colours(void **state)
{
    (void)state;
    expect_drawing("lossless.webp", "image/webp", 0);
    expect_drawing("rgb.bmp", "image/bmp", 0);
    expect_drawing("rgb.jp2", "image/jp2", 0);
    expect_near("palette.gif", "image/gif"); /* 32 colours */
    expect_near("palette.bmp", "image/bmp"); /* 16 */
}

/* A decoder for it may be missing where the library is built. */
static void avif(void **state)
{
    (void)state;
    ocrvl_source *src;
    ocrvl_image *img;
    ocrvl_page_place place = {.size = sizeof place};
    assert_ok(ocrvl_source_open(&src, FOLDER "lossy.avif", NULL, err));
    ocrvl_status st = ocrvl_source_next(src, &img, &place, NULL);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    if (st == OCRVL_E_UNSUPPORTED)
        skip();
    expect_drawing("lossy.avif", "image/heif", 24);
}

/* 16 bits that fill 10: sixteen steps from black to white. */
static void ten_bits_of_jp2(void **state)
{
    (void)state;
    bytes b = bytes_load(FOLDER "ten-bits.jp2");
    ocrvl_image *img = read_first(&b, NULL);
    assert_int_equal(ocrvl_image_width(img), 8);
    assert_int_equal(ocrvl_image_height(img), 2);
    for (int i = 0; i < 16; i++)
        assert_int_equal(ocrvl_image_data(img)[i], i * 1023 / 15 * 255 / 1023);
    ocrvl_image_free(img);
    bytes_free(&b);
}

static void grey_and_bilevel(void **state)
{
    (void)state;
    ocrvl_image *img = read_file("grey.j2k", "image/jp2");
    assert_int_equal(ocrvl_image_channels(img), 1);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) { /* Pillow's grey: ITU-R 601-2 in 16 bits */
            int grey = (drawn(x, y, 0) * 19595 + drawn(x, y, 1) * 38470 + drawn(x, y, 2) * 7471 + 0x8000) >> 16;
            assert_int_equal(ocrvl_image_data(img)[y * W + x], grey);
        }
    ocrvl_image_free(img);
    img = read_file("bilevel.bmp", "image/bmp");
    for (int i = 0; i < W * H; i++)
        assert_true(ocrvl_image_data(img)[i] == 0 || ocrvl_image_data(img)[i] == 255);
    ocrvl_image_free(img);
}

static void transparency_is_white(void **state)
{
    (void)state;
    ocrvl_image *img = read_file("alpha.webp", "image/webp"); /* clear at the top, dense at the bottom */
    const uint8_t *p = ocrvl_image_data(img), *last = p + (H - 1) * W * 3;
    for (int i = 0; i < W * 3; i++)
        assert_true(p[i] > 225);
    for (int x = 0; x < W; x++)
        assert_true(abs(last[3 * x] - drawn(x, H - 1, 0)) < 30);
    ocrvl_image_free(img);
    img = read_file("clear.gif", "image/gif");
    size_t white = 0;
    for (int i = 0; i < W * H; i++)
        white += ocrvl_image_data(img)[3 * i] == 255 && ocrvl_image_data(img)[3 * i + 1] == 255 &&
                 ocrvl_image_data(img)[3 * i + 2] == 255;
    assert_true(white > 0 && white < W * H / 2);
    ocrvl_image_free(img);
}

/* White strokes on nothing stand on black: where white pixels were put, and those beside them of less alpha. */
static void light_ink_is_seen(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"ink-turned.webp", "image/webp"}, {"ink.gif", "image/gif"}, {"ink.pam", "image/x-portable-anymap"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) { /* the first lies on its head, which its EXIF says */
        ocrvl_image *img = read_file(names[i][0], names[i][1]);
        for (uint32_t y = 0; y < H; y++)
            for (uint32_t x = 0; x < W; x++) {
                bool row = y >= 3 && y < 15 && y % 3 == 0, ink = row && x >= 2 && x < 22 && x % 4 == 2,
                     soft = row && x >= 3 && x < 23 && x % 4 == 3 && strcmp(names[i][0], "ink.gif") != 0;
                int want = ink ? 255 : soft ? 200 : 0;
                if (abs((int)rgb_at(img, x, y, 0) - want) > 1)
                    fail_msg("%s: %u, %u: %u is not %d", names[i][0], x, y, rgb_at(img, x, y, 0), want);
            }
        ocrvl_image_free(img);
    }
}

/* A JPEG 2000 that is cut is as fine as the part of its data that there is. */
static void part_of_a_jp2(void **state)
{
    (void)state;
    bytes b = bytes_load(FOLDER "rgb.jp2");
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *whole = read_first(&b, &place);
    assert_null(place.damage);
    b.len = b.len * 7 / 10;
    ocrvl_image *part = read_first(&b, &place);
    assert_non_null(place.damage);
    uint64_t differ = 0;
    for (size_t i = 0; i < W * H * 3; i++)
        differ += (uint64_t)abs(ocrvl_image_data(whole)[i] - ocrvl_image_data(part)[i]);
    if (differ > 20 * W * H * 3)
        fail_msg("a value differs by %g on average", (double)differ / (W * H * 3));
    ocrvl_image_free(whole);
    ocrvl_image_free(part);
    b.len = 60; /* not even its header */
    expect_error(&b, NULL, OCRVL_E_FORMAT, "the header is broken");
    bytes_free(&b);
}

/* Rows of an image that are equal to the whole one's. */
static uint32_t equal_rows(const ocrvl_image *whole, const ocrvl_image *part)
{
    uint32_t y = 0;
    size_t row = (size_t)ocrvl_image_width(whole) * ocrvl_image_channels(whole);
    assert_int_equal(ocrvl_image_channels(part), ocrvl_image_channels(whole));
    while (y < ocrvl_image_height(whole) &&
           memcmp(ocrvl_image_data(whole) + row * y, ocrvl_image_data(part) + row * y, row) == 0)
        y++;
    return y;
}

/* A WebP or GIF that is cut gives the rows that there are, and white below; one that is cut before them is refused. */
static void rows_before_damage(void **state)
{
    (void)state;
    static const char *const names[] = {"tall.webp", "tall-alpha.webp", "tall.gif"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, FOLDER "%s", names[i]);
        bytes b = bytes_load(path);
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *whole = read_first(&b, &place);
        assert_null(place.damage);
        b.len = b.len * 3 / 4;
        ocrvl_image *part = read_first(&b, &place);
        assert_non_null(place.damage);
        uint32_t rows = equal_rows(whole, part);
        const uint8_t *last = ocrvl_image_data(part) + (TALL - 1) * W * 3;
        if (rows < TALL / 3 || rows == TALL || last[0] != 255 || memcmp(last, last + 1, W * 3 - 1) != 0)
            fail_msg("%s: %u rows", names[i], rows);
        ocrvl_image_free(whole);
        ocrvl_image_free(part);
        b.len = strstr(names[i], "webp") ? 50 : 112;
        expect_error(&b, NULL, OCRVL_E_FORMAT, "cut before its first row");
        bytes_free(&b);
    }
}

/* The rows of an interlaced GIF that are missing are as the nearest above them. */
static void passes_before_damage(void **state)
{
    (void)state;
    bytes b = bytes_load(FOLDER "tall-interlaced.gif");
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_image *whole = read_first(&b, &place);
    const uint8_t *want = ocrvl_image_data(whole);
    b.len = b.len * 3 / 4;
    ocrvl_image *part = read_first(&b, &place);
    assert_non_null(place.damage);
    for (int y = 0, from = 0, row = W * 3; y < TALL; y++) { /* three passes are there: every other row */
        bool there = y % 2 == 0 || memcmp(want + y * row, ocrvl_image_data(part) + y * row, (size_t)row) == 0;
        from = there ? y : from;
        assert_memory_equal(ocrvl_image_data(part) + y * row, want + from * row, row);
    }
    ocrvl_image_free(whole);
    ocrvl_image_free(part);
    bytes_free(&b);
}

static void limits(void **state)
{
    (void)state;
    static const char *const names[] = {"lossless.webp", "rgb.bmp", "rgb.jp2", "palette.gif"};
    ocrvl_source_options opt = {.size = sizeof opt, .max_pixels = W * H - 1};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ocrvl_source *src;
        ocrvl_image *img;
        ocrvl_page_place place = {.size = sizeof place};
        char path[128];
        snprintf(path, sizeof path, FOLDER "%s", names[i]);
        assert_ok(ocrvl_source_open(&src, path, &opt, err));
        assert_int_equal(ocrvl_source_next(src, &img, &place, NULL), OCRVL_E_LIMIT);
        assert_null(img);
        ocrvl_source_free(src);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(colours),
                                       cmocka_unit_test(avif),
                                       cmocka_unit_test(grey_and_bilevel),
                                       cmocka_unit_test(transparency_is_white),
                                       cmocka_unit_test(light_ink_is_seen),
                                       cmocka_unit_test(part_of_a_jp2),
                                       cmocka_unit_test(ten_bits_of_jp2),
                                       cmocka_unit_test(rows_before_damage),
                                       cmocka_unit_test(passes_before_damage),
                                       cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
