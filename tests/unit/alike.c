/* Letters of several scripts that look alike. */
#include "testing.h"

#include <string.h>

#include "base/mem.h"
#include "read/alike.h"

typedef struct sample {
    const char *read, *meant;
} sample;

static void assert_settled(const sample *s, size_t n)
{
    ocrvl_strip strips[16] = {0};
    ocrvl_reading readings[16] = {0};
    ocrvl_lines l = {.strips = strips, .readings = readings, .count = n, .cap = n};
    for (size_t i = 0; i < n; i++) {
        ocrvl_transcript *t = &readings[i].transcript;
        t->len = strlen(s[i].read);
        t->text = ocrvl_alloc_array(t->len + 1, 1);
        t->logprob = ocrvl_alloc_array(t->len + 1, sizeof *t->logprob);
        assert_true(t->text && t->logprob);
        memcpy(t->text, s[i].read, t->len + 1);
        for (size_t k = 0; k < t->len; k++)
            t->logprob[k] = -1;
    }
    assert_ok(ocrvl_settle_scripts(&l, err));
    for (size_t i = 0; i < n; i++) {
        const ocrvl_transcript *t = &readings[i].transcript;
        float sum = 0;
        assert_string_equal(t->text, s[i].meant);
        assert_int_equal(t->len, strlen(s[i].meant));
        for (size_t k = 0; k < t->len; k++)
            sum += t->logprob[k];
        assert_float_equal(sum, -(double)strlen(s[i].read), 1e-6);
        ocrvl_transcript_free(&readings[i].transcript);
    }
}

/* On a page in Latin letters: single Cyrillic and Greek ones in words, whole words that look Latin, noughts; a word
 * that only Cyrillic can write stays, and so does a quotation. */
static void latin_page(void **state)
{
    (void)state;
    const sample page[] = {{"the minutes of the last meeting were read", "the minutes of the last meeting were read"},
                           {"а cоmmittee was fоrmed", "a committee was formed"},
                           {"ΤOTAL 12.3о  1О0", "TOTAL 12.30  100"},
                           {"Straße, où l’année, РАУ", "Straße, où l’année, PAY"},
                           {"the word это and λόγος", "the word это and λόγος"}};
    assert_settled(page, sizeof page / sizeof *page);
}

/* On one in Cyrillic or Greek letters the others are settled. */
static void other_pages(void **state)
{
    (void)state;
    const sample cyrillic[] = {
        {"протокол последнего заседания был прочитан", "протокол последнего заседания был прочитан"},
        {"oн cказал", "он сказал"},
        {"HTTP", "HTTP"}};
    assert_settled(cyrillic, sizeof cyrillic / sizeof *cyrillic);
    const sample greek[] = {{"η συνεδρίαση της επιτροπής", "η συνεδρίαση της επιτροπής"}, {"Aθήνα", "Αθήνα"}};
    assert_settled(greek, sizeof greek / sizeof *greek);
}

/* A Cyrillic ze is a three among figures, and alone where nothing else is Cyrillic; a Ukrainian preposition stays. */
static void threes(void **state)
{
    (void)state;
    const sample hebrew[] = {{"לחם אחיד", "לחם אחיד"}, {"з", "3"}, {"1З.5з", "13.53"}, {"о", "о"}};
    assert_settled(hebrew, sizeof hebrew / sizeof *hebrew);
    const sample latin[] = {{"eggs", "eggs"}, {"З", "3"}};
    assert_settled(latin, sizeof latin / sizeof *latin);
    const sample ukrainian[] = {{"разом з ним", "разом з ним"}, {"з", "з"}, {"1з", "13"}};
    assert_settled(ukrainian, sizeof ukrainian / sizeof *ukrainian);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(latin_page), cmocka_unit_test(other_pages),
                                       cmocka_unit_test(threes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
