/* ocrvl_text_transform against Unicode's NormalizationTest.txt, its maps against the text itself, and
 * ocrvl_text_visual. */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#define TEST "/usr/share/unicode/NormalizationTest.txt.bz2"

/* "0044 0307" up to the semicolon, and where the next column begins. */
static const char *column(const char *s, ocrvl_buf *out)
{
    ocrvl_buf_clear(out);
    while (*s && *s != ';') {
        char *end;
        ocrvl_buf_put_codepoint(out, (uint32_t)strtoul(s, &end, 16));
        s = *end == ' ' ? end + 1 : end;
    }
    return *s ? s + 1 : s;
}

/* Every run in its place, in order, and the straight ones saying the truth. */
static void check_map(const char *in, const char *out, const ocrvl_text_run *map, size_t runs)
{
    size_t n = strlen(in), m = strlen(out);
    uint32_t at = 0, count = (uint32_t)ocrvl_utf8_count(out, m);
    for (size_t i = 0; i < runs; i++) {
        assert_int_equal(map[i].out_start, at);
        assert_true(map[i].out_end > at && map[i].in_end > map[i].in_start);
        assert_true(map[i].in_end <= ocrvl_utf8_count(in, n));
        at = map[i].out_end;
        if (map[i].straight)
            assert_int_equal(map[i].out_end - map[i].out_start, map[i].in_end - map[i].in_start);
    }
    assert_int_equal(at, count);
}

static void assert_form(ocrvl_norm form, const ocrvl_buf *in, const ocrvl_buf *want)
{
    ocrvl_text_options opt = {.size = sizeof opt, .form = form};
    ocrvl_text_run *map;
    size_t len, runs;
    char *out;
    assert_ok(ocrvl_text_transform(&out, &len, &map, &runs, &opt, in->data, in->len, err));
    assert_string_equal(out, want->data);
    check_map(in->data, out, map, runs);
    ocrvl_text_free(out);
    ocrvl_text_map_free(map);
}

static void test_normalization(void **state)
{
    (void)state;
    FILE *f = access(TEST, R_OK) == 0 ? popen("bzcat " TEST, "r") : NULL;
    ocrvl_buf c[5] = {{0}};
    char line[2048];
    size_t rows = 0;
    if (!f) {
        print_message("no " TEST " (package unicode-data)\n");
        skip();
    }
    while (fgets(line, sizeof line, f)) {
        const char *s = line;
        if (*s == '#' || *s == '@' || *s == '\n')
            continue;
        for (int i = 0; i < 5; i++)
            s = column(s, &c[i]);
        for (int i = 0; i < 5; i++) {
            assert_form(OCRVL_NFC, &c[i], &c[i < 3 ? 1 : 3]);
            assert_form(OCRVL_NFD, &c[i], &c[i < 3 ? 2 : 4]);
            assert_form(OCRVL_NFKC, &c[i], &c[3]);
            assert_form(OCRVL_NFKD, &c[i], &c[4]);
        }
        rows++;
    }
    assert_int_equal(pclose(f), 0);
    assert_true(rows > 18000);
    for (int i = 0; i < 5; i++)
        ocrvl_buf_free(&c[i]);
}

static void check(const ocrvl_text_options *opt, const char *in, const char *want, const char *want_map)
{
    ocrvl_text_run *map;
    ocrvl_buf b = {0};
    size_t len, runs;
    char *out;
    assert_ok(ocrvl_text_transform(&out, &len, &map, &runs, opt, in, strlen(in), err));
    assert_string_equal(out, want);
    assert_int_equal(len, strlen(want));
    check_map(in, out, map, runs);
    for (size_t i = 0; i < runs; i++)
        ocrvl_buf_printf(&b, "%s%u-%u=%u-%u", i ? " " : "", map[i].out_start, map[i].out_end, map[i].in_start,
                         map[i].in_end);
    assert_string_equal(b.data ? b.data : "", want_map);
    ocrvl_buf_free(&b);
    ocrvl_text_free(out);
    ocrvl_text_map_free(map);
}

static void test_stages(void **state)
{
    (void)state;
    ocrvl_text_options plain = {.size = sizeof plain}, nfc = {.size = sizeof nfc, .form = OCRVL_NFC};
    ocrvl_text_options fold = {.size = sizeof fold, .fold = true}, join = {.size = sizeof join, .unhyphenate = true};
    ocrvl_text_options greek = {.size = sizeof greek, .form = OCRVL_NFC, .transliterate = "Greek-Latin"};
    check(&plain, "", "", "");
    check(&plain, "12\xFF\xE2\x80\x9C", "12\xEF\xBF\xBD\xE2\x80\x9C", "0-4=0-4");
    check(&nfc, "cafe\xCC\x81!", "caf\xC3\xA9!", "0-3=0-3 3-4=3-5 4-5=5-6");
    check(&fold,
          "Stra\xC3\x9F"
          "e \xEF\xAC\x81 \xE2\x80\x9CQ\xE2\x80\x9D \xE2\x80\x93 \xD9\xA3",
          "strasse fi \"q\" - \xD9\xA3", "0-4=0-4 4-6=4-5 6-8=5-7 8-10=7-8 10-18=8-16");
    check(&join, "An inter-\nnational word, a pre-\nWar dash, low-\nlife",
          "An international\nword, a pre-\nWar dash, lowlife", "0-8=0-8 8-43=10-45 43-47=47-51");
    check(&join, "An inter\xC2\xAC\nnational", "An international", "0-8=0-8 8-16=10-18");
    check(&greek, "\xCE\xA8\xCF\x85\xCF\x87\xCE\xAE", "Psych\xE1\xB8\x97", "0-2=0-1 2-3=1-2 3-5=2-3 5-6=3-4");
    ocrvl_text_options bad = {.size = sizeof bad, .transliterate = "No-Such"};
    size_t len;
    char *out;
    assert_int_equal(ocrvl_text_transform(&out, &len, NULL, NULL, &bad, "a", 1, NULL), OCRVL_E_ARG);
    assert_null(out);
    bad.size = 0;
    assert_int_equal(ocrvl_text_transform(&out, &len, NULL, NULL, &bad, "a", 1, NULL), OCRVL_E_ARG);
}

static void test_visual(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        ocrvl_direction dir;
        const char *want;
    } rows[] = {
        {"plain", OCRVL_DIR_NONE, "plain"},
        {"\xD7\x90\xD7\x91\xD7\x92", OCRVL_DIR_NONE, "\xD7\x92\xD7\x91\xD7\x90"},
        {"\xD7\x90(1)2", OCRVL_DIR_RTL, "2)1(\xD7\x90"},         /* as UAX #9 has it, not mirrored */
        {"\xD9\xA2\xD9\xA0", OCRVL_DIR_RTL, "\xD9\xA2\xD9\xA0"}, /* digits run from left to right */
        {"a \xD7\x90\xD7\x91", OCRVL_DIR_LTR, "a \xD7\x91\xD7\x90"},
        {"a \xD7\x90\xD7\x91", OCRVL_DIR_RTL, "\xD7\x91\xD7\x90 a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *out;
        assert_ok(ocrvl_text_visual(&out, rows[i].in, strlen(rows[i].in), rows[i].dir, err));
        assert_string_equal(out, rows[i].want);
        ocrvl_text_free(out);
    }
}

static void test_memory(void **state)
{
    (void)state;
    static const char in[] = "inter-\nnational cafe\xCC\x81 \xCE\xA8\xCF\x85\xCF\x87\xCE\xAE \xD7\x90";
    ocrvl_text_options opt = {
        .size = sizeof opt, .form = OCRVL_NFKD, .fold = true, .unhyphenate = true, .transliterate = "Greek-Latin"};
    for (long n = 1;; n++) {
        ocrvl_text_run *map;
        size_t len, runs;
        char *out, *visual = NULL;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_text_transform(&out, &len, &map, &runs, &opt, in, sizeof in - 1, NULL);
        if (!st)
            st = ocrvl_text_visual(&visual, in, sizeof in - 1, OCRVL_DIR_NONE, NULL);
        ocrvl_mem_fail_after(0);
        ocrvl_text_free(out);
        ocrvl_text_free(visual);
        ocrvl_text_map_free(map);
        if (!st) {
            assert_true(n > 5);
            break;
        }
        assert_int_equal(st, OCRVL_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_normalization), cmocka_unit_test(test_stages),
                                       cmocka_unit_test(test_visual), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests_name("transform", tests, NULL, NULL);
}
