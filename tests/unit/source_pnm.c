/* PNM and PAM in. */
#include "sources.h"

static void check(const void *file, size_t len, uint32_t width, uint32_t height, uint32_t channels, const char *want)
{
    bytes b = {0};
    ocrvl_page_place place = {.size = sizeof place};
    bytes_put(&b, file, len);
    ocrvl_source *src = open_bytes(&b, NULL);
    ocrvl_image *img = next_page(src, &place);
    assert_string_equal(place.media_type, "image/x-portable-anymap");
    assert_int_equal(ocrvl_source_count(src), 1);
    ocrvl_source_free(src);
    assert_int_equal(ocrvl_image_width(img), width);
    assert_int_equal(ocrvl_image_height(img), height);
    assert_int_equal(ocrvl_image_channels(img), channels);
    assert_memory_equal(ocrvl_image_data(img), want, width * height * channels);
    ocrvl_image_free(img);
    bytes_free(&b);
}

#define CHECK(file, width, height, channels, want) check(file, sizeof(file) - 1, width, height, channels, want)

static void every_type(void **state)
{
    (void)state;
    CHECK("P1\n3 2\n1 0 1\n0 1 0\n", 3, 2, 1, "\x00\xff\x00\xff\x00\xff");
    CHECK("P1 3 2 101010", 3, 2, 1, "\x00\xff\x00\xff\x00\xff");
    CHECK("P2\n# a comment\n3 1 # another\n15\n0 1 15", 3, 1, 1, "\x00\x11\xff");
    CHECK("P3 2 1 255 1 2 3 255 254 253", 2, 1, 3, "\x01\x02\x03\xff\xfe\xfd");
    CHECK("P4\n10 2\n\xaa\x80\x55\x40", 10, 2, 1,
          "\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff"
          "\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00");
    CHECK("P5 3 1 255\n\x00\x80\xff", 3, 1, 1, "\x00\x80\xff");
    CHECK("P5 3 1 65535\n\x00\xff\x80\x00\xff\xff", 3, 1, 1, "\x00\x80\xff");
    CHECK("P5 2 1 1023\n\x02\x00\x03\xff", 2, 1, 1, "\x80\xff"); /* 512 * 255 / 1023 = 127.6 */
    CHECK("P5#x\n2 1\n3\n\x01\x03", 2, 1, 1, "\x55\xff");
    CHECK("P5 3 1 65535\n\x02\x00\x03\xff\x00\x00", 3, 1, 1, "\x80\xff\x00"); /* 10 bits */
    CHECK("P5 2 1 65535\n\x0f\xff\x10\x00", 2, 1, 1, "\x0f\x10");             /* 16 */
    CHECK("P5 2 1 65535\n\x00\x00\x00\x00", 2, 1, 1, "\x00\x00");             /* black */
    CHECK("P6 1 1 255\n\x09\x08\x07", 1, 1, 3, "\x09\x08\x07");
    CHECK("P6 1 1 255\n\x09\x09\x09", 1, 1, 1, "\x09");
    CHECK("P6 1 1 255\n\x09\x09\x08", 1, 1, 3, "\x09\x09\x08");
    CHECK("P6 1 1 255\n\x09\x08\x09", 1, 1, 3, "\x09\x08\x09");
}

static void arbitrary_maps(void **state)
{
    (void)state;
    CHECK("P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n\x00\x01", 2, 1, 1, "\x00\xff");
    CHECK("P7\n# c\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n\x07\x01", 2, 1, 1, "\x07\x01");
    CHECK("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n\x01\x02\x03", 1, 1, 3, "\x01\x02\x03");
    CHECK("P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n\x01\x02\x03\x00\x0a\x14\x1e\xff", 2,
          1, 3, "\xff\xff\xff\x0a\x14\x1e");
    CHECK("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 65535\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n\x00\x00\x80\x00", 1, 1, 1,
          "\x7f");
    CHECK("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nENDHDR\n\x00\x80", 1, 1, 1, "\x7f");
}

static void expect(const char *file, ocrvl_status st, const char *message)
{
    bytes b = {0};
    bytes_puts(&b, file);
    expect_error(&b, NULL, st, message);
    bytes_free(&b);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "P5 ",
        "P5 3",
        "P5 3 3 ",
        "P5 0 3 255\n",
        "P5 3 0 255\n",
        "P5 3 3 0\n---------",
        "P5 3 3 65536\n---------",
        "P5 -3 3 255\n---------",
        "P5 99999999999999999999 3 255\n---------",
        "P5 3 3 255",
        "P4 x",
        "P7\nWIDTH 1\nHEIGHT 1\nMAXVAL 255\nDEPTH 5\nENDHDR\n-----",
        "P7\nWIDTH 1\nHEIGHT 1\nMAXVAL 255\nDEPTH 0\nENDHDR\n-----",
        "P7\nWIDTH 1\nHEIGHT 1\nMAXVAL 255\nDEPTH 3\nENDHDX\n-----",
        "P7\nWIDTH 1\nHEIGHT 1\nMAXVAL 255\nDEPTH 3\nTUPLTYPE RGB_ALPHA\nENDHDR\n-----",
        "P7\nWIDTH 1\nHEIGHT 1\nMAXVAL 255\nDEPTH 3"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        expect(headers[i], OCRVL_E_FORMAT, "PNM: malformed header");
    static const char *const no_row[] = {"P5 3 3 255\n--",    "P4 9 3\n-",        "P6 3 3 65535\n-----------------",
                                         "P2 2 2 9 1 ",       "P1 2 2 1 ",        "P1 2 2 1 2 1 0",
                                         "P2 2 2 9 1 10 2 3", "P2 2 2 9 1 x 2 3", "P5 2 2 9\n\x01\x0a\x09\x01"};
    for (size_t i = 0; i < sizeof no_row / sizeof *no_row; i++)
        expect(no_row[i], OCRVL_E_FORMAT, "PNM: the first row has a bad sample, or isn't all in the file");
    expect("P5 100000 100000 255\n", OCRVL_E_LIMIT, "100000 x 100000");
    expect("P1 1000001 1 1", OCRVL_E_LIMIT, "1000001 x 1");
}

/* Of files that are cut, or have a bad sample, the rows before are given, and white below. */
static void rows_before_damage(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *want; /* of 2 x 2 pixels */
    } cases[] = {
        {"P5 2 2 255\n\x01\x02\x03", "\x01\x02\xff\xff"},
        {"P4 2 2\n\x80", "\x00\xff\xff\xff"},
        {"P2 2 2 15 1 2 3", "\x11\x22\xff\xff"},
        {"P1 2 2 1 0 1", "\x00\xff\xff\xff"},
        {"P2 2 2 15 1 2 3 16", "\x11\x22\xff\xff"},
        {"P2 2 2 15 1 2 x 3", "\x11\x22\xff\xff"},
        {"P5 2 2 15\n\x01\x02\x10\x01", "\x11\x22\xff\xff"},
        {"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 2\nMAXVAL 255\nENDHDR\n\x01\xff\x02\xff\x03\xff\x04", "\x01\x02\xff\xff"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0};
        ocrvl_page_place place = {.size = sizeof place};
        bytes_puts(&b, cases[i].file);
        ocrvl_source *src = open_bytes(&b, NULL);
        ocrvl_image *img = next_page(src, &place);
        assert_non_null(strstr(place.damage, "part of it is missing"));
        assert_memory_equal(ocrvl_image_data(img), cases[i].want, 4);
        ocrvl_image_free(img);
        ocrvl_source_free(src);
        bytes_free(&b);
    }
}

static void several_on_a_stream(void **state)
{
    (void)state;
    static const char file[] =
        "P5 2 1 255\nP6P1 1 1 1\n# P4 in a comment\nP3 1 1 255 1 2 3\n\nP4 8 2\n\xff\x0fP5 9 9 255\nP6";
    bytes b = {0};
    bytes_put(&b, file, sizeof file - 1);
    ocrvl_source *src = open_bytes(&b, NULL);
    static const uint32_t widths[] = {2, 1, 1, 8};
    assert_int_equal(ocrvl_source_count(src), 5);
    for (size_t i = 0; i < 4; i++) {
        ocrvl_image *img = next_page(src, NULL);
        assert_int_equal(ocrvl_image_width(img), widths[i]);
        ocrvl_image_free(img);
    }
    ocrvl_image *img;
    ocrvl_page_place place = {.size = sizeof place};
    assert_int_equal(ocrvl_source_next(src, &img, &place, NULL), OCRVL_E_FORMAT);
    assert_int_equal(place.index, 4);
    assert_null(next_page(src, NULL));
    ocrvl_source_free(src);
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_type), cmocka_unit_test(arbitrary_maps),
                                       cmocka_unit_test(what_is_wrong_is_said), cmocka_unit_test(rows_before_damage),
                                       cmocka_unit_test(several_on_a_stream)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
