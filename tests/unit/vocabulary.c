/* Hyphens at line ends, by the words of the document. */
#include "out/vocabulary.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "testing.h"

static bool keeps(const ocrvl_vocabulary *v, const char *head, const char *tail)
{
    return ocrvl_vocabulary_keeps_hyphen(v, head, strlen(head), tail, strlen(tail));
}

static void words_elsewhere(void **state)
{
    (void)state;
    ocrvl_vocabulary v = {.used = 0};
    assert_false(keeps(&v, "salt", "replaceable"));
    ocrvl_vocabulary_learn(
        &v, "A Salt-Replaceable filter of the state\u2010of-the-art is understood, non-zero, and re-used\n"
            "or (reused) and reused. \u00c9tat-major; \u041f\u043e-\u0440\u0443\u0441\u0441\u043a\u0438");
    assert_true(keeps(&v, "the \"salt", "replaceable."));
    assert_true(keeps(&v, "state-of-the", "art"));
    assert_true(keeps(&v, "state-of", "the-art"));
    assert_true(keeps(&v, "\u00e9tat", "major"));
    assert_true(keeps(&v, "\u043f\u043e", "\u0440\u0443\u0441\u0441\u043a\u0438"));
    assert_false(keeps(&v, "under", "stood"));
    assert_false(keeps(&v, "re", "used")); /* more often without */
    assert_false(keeps(&v, "non", "sense"));
    assert_false(keeps(&v, "a.", "zero"));
    assert_false(keeps(&v, "", ""));
    ocrvl_vocabulary_free(&v);
}

/* What a line's end breaks tells nothing of itself. */
static void broken_words(void **state)
{
    (void)state;
    ocrvl_vocabulary v = {.used = 0};
    ocrvl_vocabulary_learn(&v, "some under-\nstanding of long- and short-lived pre- \n tence");
    assert_false(keeps(&v, "under", "standing"));
    assert_false(keeps(&v, "stand", "still"));
    assert_true(keeps(&v, "short", "lived"));
    ocrvl_vocabulary_free(&v);
}

/* Both parts are words, and one has that part in another word. */
static void compounds(void **state)
{
    (void)state;
    ocrvl_vocabulary v = {.used = 0};
    ocrvl_vocabulary_learn(&v, "A system of packages is package-dependent, and a specific platform is locale-specific. \
pre-release, sent and stand");
    assert_true(keeps(&v, "system", "specific"));
    assert_false(keeps(&v, "package", "specific")); /* "package" stands nowhere alone */
    assert_false(keeps(&v, "pre", "sent"));
    assert_false(keeps(&v, "under", "stand"));
    ocrvl_vocabulary_free(&v);
}

/* New words are learnt until the limit, and none is lost. */
static void many_words(void **state)
{
    (void)state;
    ocrvl_vocabulary v = {.used = 0};
    ocrvl_vocabulary_learn(&v, "first-rate");
    for (int i = 0; i < 100000; i++) {
        char text[32];
        snprintf(text, sizeof text, "w%dx", i);
        ocrvl_vocabulary_learn(&v, text);
    }
    assert_int_equal(v.used, 65536);
    assert_int_equal(v.places, 131072);
    ocrvl_vocabulary_learn(&v, "second-rate");
    assert_true(keeps(&v, "first", "rate"));
    assert_false(keeps(&v, "second", "rate"));
    ocrvl_vocabulary_free(&v);
}

static void out_of_memory(void **state)
{
    (void)state;
    for (long nth = 1; nth <= 2; nth++) {
        ocrvl_vocabulary v = {.used = 0};
        ocrvl_mem_fail_after(nth);
        for (int i = 0; i < 1000; i++) {
            char text[32];
            snprintf(text, sizeof text, "w%dx", i);
            ocrvl_vocabulary_learn(&v, text);
        }
        ocrvl_mem_fail_after(0);
        assert_true(v.failed);
        ocrvl_vocabulary_free(&v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_elsewhere), cmocka_unit_test(broken_words),
                                       cmocka_unit_test(compounds), cmocka_unit_test(many_words),
                                       cmocka_unit_test(out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
