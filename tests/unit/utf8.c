/* The UTF-8 decoder against table 3-7 of the Unicode standard. */
#include "testing.h"

#include <string.h>

#include "base/utf8.h"

/* Table 3-7: the ranges of well-formed bytes. */
static const struct {
    uint8_t low[4], high[4];
    size_t len;
} rows[] = {
    {{0x00}, {0x7F}, 1},
    {{0xC2, 0x80}, {0xDF, 0xBF}, 2},
    {{0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}, 3},
    {{0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}, 3},
    {{0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}, 3},
    {{0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}, 3},
    {{0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}, 4},
    {{0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}, 4},
    {{0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}, 4},
};

/* What the table says of the bytes: how many belong to the first part, and whether they are well formed. */
static size_t by_table(const uint8_t *s, size_t n, bool *good)
{
    size_t longest = 1;
    *good = false;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        size_t k = 0;
        while (k < rows[r].len && k < n && s[k] >= rows[r].low[k] && s[k] <= rows[r].high[k])
            k++;
        if (k == rows[r].len) {
            *good = true;
            return k;
        }
        longest = k > longest ? k : longest;
    }
    return longest;
}

static void all_edges(void **state)
{
    static const uint8_t edges[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                    0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
    enum { N = sizeof edges };
    (void)state;
    for (size_t x = 0; x < (size_t)N * N * N * N; x++) {
        uint8_t s[4] = {edges[x % N], edges[x / N % N], edges[x / N / N % N], edges[x / N / N / N]};
        for (size_t n = 1; n <= 4; n++) {
            bool good;
            size_t want = by_table(s, n, &good), i = 0;
            uint32_t c = ocrvl_utf8_next((char *)s, n, &i);
            if (i != want || (c != OCRVL_UTF8_BAD) != good)
                fail_msg("%02X %02X %02X %02X, %zu bytes: took %zu, not %zu", s[0], s[1], s[2], s[3], n, i, want);
        }
    }
}

static void every_code_point(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x110005; c++) {
        char s[4];
        bool scalar = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
        size_t n = ocrvl_utf8_encode(s, c), i = 0;
        uint32_t want = scalar ? c : 0xFFFD;
        if (ocrvl_utf8_next(s, n, &i) != want || i != n ||
            n != (want < 0x80      ? 1u
                  : want < 0x800   ? 2u
                  : want < 0x10000 ? 3u
                                   : 4u))
            fail_msg("U+%04X", (unsigned)c);
    }
}

static void counting(void **state)
{
    const char *s = "aé\xFF東\U0001F600";
    size_t n = strlen(s);
    (void)state;
    assert_int_equal(ocrvl_utf8_count(s, n), 5);
    assert_int_equal(ocrvl_utf8_count(s, 0), 0);
    size_t offsets[] = {0, 1, 3, 4, 7, 11, 11};
    for (size_t k = 0; k < 7; k++)
        assert_int_equal(ocrvl_utf8_offset(s, n, k), offsets[k]);
    assert_int_equal(ocrvl_utf8_offset(s, n, SIZE_MAX), n);
    assert_false(ocrvl_utf8_valid(s, n));
    assert_true(ocrvl_utf8_valid(s, 3));
    assert_true(ocrvl_utf8_valid("a\0b", 3));
    assert_true(ocrvl_utf8_valid(NULL, 0));
    assert_false(ocrvl_utf8_valid(s, 2)); /* cut */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_edges),
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
