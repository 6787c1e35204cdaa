/* Filling an ocrvl_error. */
#include "testing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

static void assert_message(const char *text, const char *want)
{
    ocrvl_error e;
    assert_int_equal(ocrvl_fail(&e, OCRVL_E_LIMIT, "%s", text), OCRVL_E_LIMIT);
    assert_string_equal(e.message, want);
}

static void one_clean_line(void **state)
{
    (void)state;
    assert_message("plain", "plain");
    assert_message("", "");
    assert_message("a\nb\tc\x1B[1m\x7F", "a?b?c?[1m?");
    assert_message("naïve 東京 \U0001F600", "naïve 東京 \U0001F600");
    assert_message("x\xFFy\xE6\x9Dz", "x?y?z");   /* ill-formed inside */
    assert_message("x\xC2\x9By\u2028z", "x?y?z"); /* C1 and the line separator */
    assert_message("x\xE6\x9D", "x");             /* cut at the end */
}

static void cut_at_a_code_point(void **state)
{
    (void)state;
    for (size_t n = 250; n < 262; n++) {
        char text[300] = {0};
        ocrvl_error e;
        memset(text, 'a', n);
        memcpy(text + n, "東京東京", 12);
        ocrvl_fail(&e, OCRVL_E_IO, "%s", text);
        assert_true(strlen(e.message) <= sizeof e.message - 1 && strlen(e.message) >= sizeof e.message - 3);
        assert_true(ocrvl_utf8_valid(e.message, strlen(e.message)));
    }
}

static void fields(void **state)
{
    ocrvl_error e;
    (void)state;
    memset(&e, 0xFF, sizeof e);
    ocrvl_fail(&e, OCRVL_E_FORMAT, "%s: %d", "f", 3);
    assert_int_equal(e.status, OCRVL_E_FORMAT);
    assert_int_equal(e.sys_errno, 0);
    assert_int_equal(e.offset, 0);
    assert_int_equal(ocrvl_fail(&e, OCRVL_E_MODEL, "page 1: %s", e.message), OCRVL_E_MODEL); /* its own message */
    assert_string_equal(e.message, "page 1: f: 3");
    assert_int_equal(ocrvl_fail_errno(&e, ENOENT, "here"), OCRVL_E_IO);
    assert_int_equal(e.sys_errno, ENOENT);
    assert_string_equal(e.message, "here: No such file or directory");
    assert_int_equal(ocrvl_fail_errno(&e, ENOMEM, "there"), OCRVL_E_NOMEM);
    assert_int_equal(e.status, OCRVL_E_NOMEM);
    assert_string_equal(e.message, "there: Cannot allocate memory");
    assert_int_equal(ocrvl_fail_nomem(&e), OCRVL_E_NOMEM);
    assert_int_equal(e.sys_errno, 0);
    assert_int_equal(ocrvl_fail(NULL, OCRVL_E_ARG, "x"), OCRVL_E_ARG);
    assert_int_equal(ocrvl_fail_errno(NULL, ENOENT, "x"), OCRVL_E_IO);
    assert_int_equal(ocrvl_fail_nomem(NULL), OCRVL_E_NOMEM);
}

/* Pinned by the public header. */
static void names(void **state)
{
    static const char *const want[] = {"ok",    "argument", "memory",   "limit",    "io",      "format", "unsupported",
                                       "model", "password", "canceled", "internal", "timeout", "crash"};
    (void)state;
    for (int i = 0; i <= OCRVL_E_CRASH; i++)
        assert_string_equal(ocrvl_status_name((ocrvl_status)i), want[i]);
    assert_string_equal(ocrvl_status_name((ocrvl_status)13), "unknown");
    assert_string_equal(ocrvl_status_name((ocrvl_status)-1), "unknown");
}

static void version(void **state)
{
    char text[32];
    (void)state;
    snprintf(text, sizeof text, "%d.%d.%d", OCRVL_VERSION_MAJOR, OCRVL_VERSION_MINOR, OCRVL_VERSION_PATCH);
    assert_string_equal(OCRVL_VERSION_STRING, text);
    assert_string_equal(ocrvl_version(), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version), cmocka_unit_test(one_clean_line), cmocka_unit_test(cut_at_a_code_point),
        cmocka_unit_test(fields),  cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
