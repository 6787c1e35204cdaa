/* ocrvl_normalize: the four forms, ill-formed input, limits, want of memory. */
#include "testing.h"

#include <string.h>

#include "base/mem.h"

static void assert_form(ocrvl_norm form, const char *in, size_t len, const char *want)
{
    char *out = NULL;
    size_t n = 99;
    assert_ok(ocrvl_normalize(&out, &n, form, in, len, err));
    assert_int_equal(n, strlen(want));
    assert_string_equal(out, want);
    ocrvl_text_free(out);
}

/* From the Unicode standard, annex 15, and its NormalizationTest.txt. */
static void forms(void **state)
{
    static const struct {
        const char *in, *nfc, *nfd, *nfkc, *nfkd;
    } rows[] = {
        {"", "", "", "", ""},
        {"plain", "plain", "plain", "plain", "plain"},
        {"\u00E9", "\u00E9", "e\u0301", "\u00E9", "e\u0301"},
        {"e\u0301", "\u00E9", "e\u0301", "\u00E9", "e\u0301"},
        {"\u1E9B\u0323", "\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E69", "s\u0323\u0307"},
        {"\uFB01x\u00B2", "\uFB01x\u00B2", "\uFB01x\u00B2", "fix2", "fix2"},
        {"\u212B", "\u00C5", "A\u030A", "\u00C5", "A\u030A"},
        {"q\u0307\u0323", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307"},
        {"\uAC00\u11A8", "\uAC01", "\u1100\u1161\u11A8", "\uAC01", "\u1100\u1161\u11A8"},
        {"\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C"}, /* excluded from composition */
        {"\U0001D15F", "\U0001D158\U0001D165", "\U0001D158\U0001D165", "\U0001D158\U0001D165", "\U0001D158\U0001D165"},
        {"\uFDFA", "\uFDFA", "\uFDFA", /* the longest there is: 18 of one */
         "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064A\u0647 \u0648\u0633\u0644\u0645",
         "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064A\u0647 \u0648\u0633\u0644\u0645"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = strlen(rows[i].in);
        assert_form(OCRVL_NFC, rows[i].in, n, rows[i].nfc);
        assert_form(OCRVL_NFD, rows[i].in, n, rows[i].nfd);
        assert_form(OCRVL_NFKC, rows[i].in, n, rows[i].nfkc);
        assert_form(OCRVL_NFKD, rows[i].in, n, rows[i].nfkd);
    }
}

/* Table 3-8 of the Unicode standard: one U+FFFD for each maximal part. */
static void ill_formed(void **state)
{
    (void)state;
    assert_form(OCRVL_NFC, "\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", 13,
                "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
    assert_form(OCRVL_NFKD, "\xED\xA0\x80", 3, "\uFFFD\uFFFD\uFFFD"); /* a surrogate */
    assert_form(OCRVL_NFC, "\xC0\x80", 2, "\uFFFD\uFFFD");            /* overlong */
}

static void keeps_nul(void **state)
{
    char *out;
    size_t n;
    (void)state;
    assert_ok(ocrvl_normalize(&out, &n, OCRVL_NFC, "a\0e\xCC\x81", 5, err));
    assert_int_equal(n, 4);
    assert_memory_equal(out, "a\0\xC3\xA9", 5);
    ocrvl_text_free(out);
}

/* Room guessed too small at first. */
static void grows(void **state)
{
    enum { COUNT = 5000 };
    char *in = ocrvl_alloc(3 * COUNT), *out;
    size_t n;
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        memcpy(in + 3 * i, "\uFDFA", 3);
    assert_ok(ocrvl_normalize(&out, &n, OCRVL_NFKC, in, 3 * COUNT, err));
    assert_int_equal(n, COUNT * 33);
    assert_memory_equal(out + n - 33, out, 33);
    ocrvl_text_free(out);
    ocrvl_free(in);
}

static void refusals(void **state)
{
    ocrvl_error e;
    char *out = (char *)1;
    size_t n = 1;
    (void)state;
    assert_int_equal(ocrvl_normalize(&out, &n, (ocrvl_norm)0, "x", 1, &e), OCRVL_E_ARG);
    assert_null(out);
    assert_int_equal(n, 0);
    assert_int_equal(ocrvl_normalize(&out, &n, (ocrvl_norm)5, "x", 1, NULL), OCRVL_E_ARG);
    size_t big = ((size_t)64 << 20) + 1;
    char *text = ocrvl_alloc(big);
    memset(text, 0xFF, big);
    assert_int_equal(ocrvl_normalize(&out, &n, OCRVL_NFC, text, big, &e), OCRVL_E_LIMIT);
    assert_null(out);
    ocrvl_free(text);
    assert_ok(ocrvl_normalize(&out, NULL, OCRVL_NFC, NULL, 0, err)); /* no length wanted */
    assert_string_equal(out, "");
    ocrvl_text_free(out);
    ocrvl_text_free(NULL);
}

static void no_memory(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        char *out;
        ocrvl_error e;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_normalize(&out, NULL, OCRVL_NFKD, "\uFDFA\uFDFA\uFDFA\uFDFA\uFDFA", 15, &e);
        bool failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        if (!failed) {
            assert_int_equal(st, OCRVL_OK);
            ocrvl_text_free(out);
            assert_true(n > 4);
            return;
        }
        assert_int_equal(st, OCRVL_E_NOMEM);
        assert_null(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms), cmocka_unit_test(ill_formed), cmocka_unit_test(keeps_nul),
        cmocka_unit_test(grows), cmocka_unit_test(refusals),   cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
