/* Levenshtein's distance by hand-counted cases. */
#include "base/edit.h"
#include "testing.h"

static size_t between(const char *a, const char *b)
{
    uint32_t x[32], y[32];
    size_t n = 0, m = 0, row[33];
    for (; a[n]; n++)
        x[n] = (uint32_t)a[n];
    for (; b[m]; m++)
        y[m] = (uint32_t)b[m];
    size_t d = ocrvl_edit_distance(x, n, y, m, row);
    assert_int_equal(d, ocrvl_edit_distance(y, m, x, n, row));
    return d;
}

static void counted(void **state)
{
    (void)state;
    assert_int_equal(between("", ""), 0);
    assert_int_equal(between("abc", ""), 3);
    assert_int_equal(between("kitten", "sitting"), 3);
    assert_int_equal(between("flaw", "lawn"), 2);
    assert_int_equal(between("same", "same"), 0);
    assert_int_equal(between("ab", "ba"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counted)};
    return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
