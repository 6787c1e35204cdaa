/* The growing byte string. */
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static void appends(void **state)
{
    ocrvl_buf b = {0};
    size_t len;
    (void)state;
    ocrvl_buf_puts(&b, "ab");
    ocrvl_buf_putc(&b, '\0');
    ocrvl_buf_put(&b, "cd", 1);
    ocrvl_buf_put(&b, NULL, 0);
    ocrvl_buf_put_codepoint(&b, 0xE9);
    ocrvl_buf_put_codepoint(&b, 0xD800);
    ocrvl_buf_printf(&b, "%d-%s", 7, "x");
    assert_int_equal(b.len, 12);
    assert_memory_equal(b.data, "ab\0c\u00E9\uFFFD7-x", 13);
    char *s = ocrvl_buf_steal(&b, &len);
    assert_int_equal(len, 12);
    assert_null(b.data);
    ocrvl_free(s);
    s = ocrvl_buf_steal(&b, &len); /* of an empty one */
    assert_int_equal(len, 0);
    assert_string_equal(s, "");
    ocrvl_free(s);
}

static void grows_by_steps_of_any_size(void **state)
{
    ocrvl_buf b = {0};
    char block[1000];
    size_t total = 0;
    (void)state;
    for (size_t n = 0; n < sizeof block; n++) {
        memset(block, 'a' + (int)(n % 26), n);
        ocrvl_buf_put(&b, block, n);
        total += n;
        assert_int_equal(b.len, total);
        assert_int_equal(b.data[total], 0);
        assert_true(n == 0 || b.data[total - 1] == 'a' + (int)(n % 26));
    }
    ocrvl_buf_printf(&b, "%5000d", 1); /* longer than what is there grows by */
    assert_int_equal(b.len, total + 5000);
    size_t cap = b.cap;
    ocrvl_buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    assert_int_equal(b.cap, cap);
    ocrvl_buf_free(&b);
}

static void fails_once_for_all(void **state)
{
    ocrvl_buf b = {0};
    (void)state;
    ocrvl_buf_puts(&b, "kept");
    assert_null(ocrvl_buf_reserve(&b, SIZE_MAX - 2)); /* a length that overflows */
    assert_true(b.failed);
    ocrvl_buf_puts(&b, "not this");
    ocrvl_buf_printf(&b, "nor %d", 1);
    assert_string_equal(b.data, "kept");
    assert_null(ocrvl_buf_steal(&b, NULL));
    assert_null(b.data);
    ocrvl_mem_fail_after(1);
    ocrvl_buf_puts(&b, "x");
    ocrvl_mem_fail_after(0);
    assert_true(b.failed);
    ocrvl_buf_clear(&b);
    ocrvl_buf_puts(&b, "again");
    assert_string_equal(b.data, "again");
    ocrvl_buf_free(&b);
}

static void assert_number(double v, int decimals, const char *want)
{
    ocrvl_buf b = {0};
    ocrvl_buf_put_number(&b, v, decimals);
    assert_string_equal(b.data, want);
    ocrvl_buf_free(&b);
}

static void numbers(void **state)
{
    (void)state;
    assert_number(0, 3, "0");
    assert_number(-0.0, 3, "0");
    assert_number(-0.0004, 3, "0");
    assert_number(-0.0005, 3, "-0.001");
    assert_number(1.5, 0, "2");
    assert_number(1.25, 2, "1.25");
    assert_number(-1.2, 9, "-1.2");
    assert_number(100, 2, "100");
    assert_number(0.1 + 0.2, 9, "0.3");
    assert_number(0.05, 2, "0.05");
    assert_number(2.0009, 3, "2.001");
    assert_number(0.9999, 3, "1");
    assert_number(123456.789, 3, "123456.789");
    assert_number(10000000.5, 9, "10000000.5"); /* more decimals than a double holds */
    assert_number(9007199254740991.0, 9, "9007199254740991");
    assert_number(-1e18, 3, "-1000000000000000000");
    assert_number(1, -5, "1");
    assert_number(0.123456789, 99, "0.123456789");
    assert_number(NAN, 3, "0");
    assert_number(INFINITY, 3, "0");
    assert_number(-INFINITY, 3, "0");
}

static void unsigned_numbers(void **state)
{
    ocrvl_buf b = {0};
    (void)state;
    ocrvl_buf_put_uint(&b, 0);
    ocrvl_buf_putc(&b, ' ');
    ocrvl_buf_put_uint(&b, UINT64_MAX);
    assert_string_equal(b.data, "0 18446744073709551615");
    ocrvl_buf_free(&b);
}

/* Near 0..9e6 every decimal is right: compared with the C library's own rounding. */
static void numbers_against_printf(void **state)
{
    uint64_t seed = 1;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double v = (double)(int64_t)(seed >> 20) / 65536.0 / 1024.0;
        ocrvl_buf b = {0};
        ocrvl_buf_put_number(&b, v, 3);
        assert_true(fabs(strtod(b.data, NULL) - v) <= 0.0005 + 1e-9);
        ocrvl_buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends),
        cmocka_unit_test(grows_by_steps_of_any_size),
        cmocka_unit_test(fails_once_for_all),
        cmocka_unit_test(numbers),
        cmocka_unit_test(unsigned_numbers),
        cmocka_unit_test(numbers_against_printf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
