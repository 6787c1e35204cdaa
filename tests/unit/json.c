/* JSON in and JSON strings out. */
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_stream.h"
#include "base/mem.h"

static void values(void **state)
{
    static const char text[] = "{\"a\": [1, -2.5, true, null, \"x\\u0000y\", 9223372036854775807], \"b\": {}, \"\": 0}";
    ocrvl_json *v;
    int64_t n;
    double x;
    bool b;
    size_t len;
    (void)state;
    assert_ok(ocrvl_json_parse(&v, text, strlen(text), "t", err));
    const ocrvl_json *a = ocrvl_json_get(v, "a");
    assert_true(ocrvl_json_is_object(v) && ocrvl_json_is_array(a) && ocrvl_json_length(v) == 3);
    assert_int_equal(ocrvl_json_length(a), 6);
    assert_true(ocrvl_json_int(ocrvl_json_at(a, 0), &n) && n == 1);
    assert_true(ocrvl_json_number(ocrvl_json_at(a, 0), &x) && x == 1);
    assert_false(ocrvl_json_int(ocrvl_json_at(a, 1), &n));
    assert_true(ocrvl_json_number(ocrvl_json_at(a, 1), &x) && x == -2.5);
    assert_true(ocrvl_json_bool(ocrvl_json_at(a, 2), &b) && b);
    assert_true(ocrvl_json_is_null(ocrvl_json_at(a, 3)));
    assert_memory_equal(ocrvl_json_string(ocrvl_json_at(a, 4), &len), "x\0y", 4);
    assert_int_equal(len, 3);
    assert_true(ocrvl_json_int(ocrvl_json_at(a, 5), &n) && n == INT64_MAX);
    assert_true(ocrvl_json_int(ocrvl_json_get(v, ""), &n) && n == 0);
    ocrvl_json_free(v);
}

/* Of nothing, and of the wrong kind. */
static void answers_no(void **state)
{
    ocrvl_json *v;
    int64_t n;
    double x;
    bool b;
    (void)state;
    assert_ok(ocrvl_json_parse(&v, "\"s\"", 3, "t", err));
    const ocrvl_json *nothing[] = {NULL, v};
    for (size_t i = 0; i < 2; i++) {
        const ocrvl_json *w = nothing[i];
        assert_null(ocrvl_json_get(w, "a"));
        assert_null(ocrvl_json_at(w, 0));
        assert_int_equal(ocrvl_json_length(w), 0);
        assert_false(ocrvl_json_is_array(w) || ocrvl_json_is_object(w) || ocrvl_json_is_null(w));
        assert_false(ocrvl_json_int(w, &n) || ocrvl_json_number(w, &x) || ocrvl_json_bool(w, &b));
        assert_true(ocrvl_json_each(w, NULL, NULL));
    }
    assert_null(ocrvl_json_string(NULL, NULL));
    assert_string_equal(ocrvl_json_string(v, NULL), "s");
    ocrvl_json_free(v);
    ocrvl_json_free(NULL);
}

static bool join_keys(void *user, const char *key, size_t len, const ocrvl_json *value)
{
    int64_t n = 0;
    ocrvl_buf_put(user, key, len);
    return ocrvl_json_int(value, &n) && n < 3;
}

static void members_in_file_order(void **state)
{
    static const char text[] = "{\"z\": 1, \"b\": 2, \"a\": 3, \"y\": 4}";
    ocrvl_json *v;
    ocrvl_buf b = {0};
    (void)state;
    assert_ok(ocrvl_json_parse(&v, text, strlen(text), "t", err));
    assert_false(ocrvl_json_each(v, join_keys, &b)); /* stopped at the third */
    assert_string_equal(b.data, "zba");
    ocrvl_buf_free(&b);
    ocrvl_json_free(v);
}

static void refused(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\":1,\"a\":2}",
        "nul",
        "NaN",
        "[Infinity]",
        "01",
        "1 2",
        "'a'",
        "\"\n\"",
        "\"\\x\"",
        "\"\xFF\"",
        "\"\xED\xA0\x80\"",
        "\"\\ud800\"",
        "1e999",
        "99999999999999999999",
        "{a:1}",
        "\xEF\xBB\xBF{}",
        "// c\n1",
        "[\"a\" \"b\"]",
    };
    ocrvl_error e;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ocrvl_json *v = (ocrvl_json *)1;
        if (ocrvl_json_parse(&v, bad[i], strlen(bad[i]), "file.json", &e) != OCRVL_E_FORMAT || v)
            fail_msg("taken, or with another status: %s", bad[i]);
        assert_memory_equal(e.message, "file.json: not valid JSON at line ", 34);
    }
    ocrvl_json *v;
    static const char late[] = "{\"a\":\n  [1, }";
    assert_int_equal(ocrvl_json_parse(&v, late, strlen(late), "f", &e), OCRVL_E_FORMAT);
    assert_non_null(strstr(e.message, "line 2"));
    assert_true(e.offset >= 12 && e.offset <= 13);
}

static void deep_and_wide(void **state)
{
    enum { N = 3000000 };
    char *text = ocrvl_alloc(2 * N);
    ocrvl_json *v;
    ocrvl_error e;
    (void)state;
    memset(text, '[', N);
    assert_int_equal(ocrvl_json_parse(&v, text, 100000, "f", &e), OCRVL_E_FORMAT); /* 100,000 levels */
    assert_non_null(strstr(e.message, "depth"));
    text[1] = '0';
    for (size_t i = 2; i < 2 * N; i += 2)
        memcpy(text + i, ",0", 2);
    text[2 * N - 1] = ']';
    assert_int_equal(ocrvl_json_parse(&v, text, 2 * N, "f", &e), OCRVL_E_LIMIT); /* 3,000,000 values */
    assert_null(v);
    assert_string_equal(e.message, "f: the file has over 2000000 values");
    ocrvl_free(text);
}

static void written_strings(void **state)
{
    static const char in[] = "a\"b\\c\n\t\r\b\0\x1F\x7F/é\xFF\xE6\x9D!\U0001F600";
    static const char want[] = "\"a\\\"b\\\\c\\n\\t\\u000d\\u0008\\u0000\\u001f\\u007f/é\uFFFD\uFFFD!\U0001F600\"";
    ocrvl_buf b = {0};
    ocrvl_json *v;
    size_t len;
    (void)state;
    ocrvl_json_put_string(&b, in, sizeof in - 1);
    assert_string_equal(b.data, want);
    assert_ok(ocrvl_json_parse(&v, b.data, b.len, "t", err));
    static const char back[] = "a\"b\\c\n\t\r\b\0\x1F\x7F/é\uFFFD\uFFFD!\U0001F600";
    const char *s = ocrvl_json_string(v, &len);
    assert_int_equal(len, sizeof back - 1);
    assert_memory_equal(s, back, len);
    ocrvl_json_free(v);
    ocrvl_buf_free(&b);
    ocrvl_json_put_string(&b, NULL, 0);
    assert_string_equal(b.data, "\"\"");
    ocrvl_buf_free(&b);
}

static void written_values(void **state)
{
    (void)state;
    static const char text[] = "{\"b\" : [1, -2, 0.1, 12.3, 1.0, 1e21, 1e-7, 0.30000000000000004],\"a\":{} , "
                               "\"c\":[],\"d\":[true,false,null,\"x\"]}";
    ocrvl_json *v;
    ocrvl_buf b = {0};
    assert_ok(ocrvl_json_parse(&v, text, strlen(text), "test", err));
    ocrvl_json_put(&b, v, false);
    assert_string_equal(
        b.data,
        "{\"b\":[1,-2,0.1,12.3,1.0,1e+21,1e-07,0.30000000000000004],\"a\":{},\"c\":[],\"d\":[true,false,null,\"x\"]}");
    ocrvl_buf_clear(&b);
    ocrvl_json_put(&b, v, true); /* as Python's json.dumps */
    assert_string_equal(b.data, "{\"b\": [1, -2, 0.1, 12.3, 1.0, 1e+21, 1e-07, 0.30000000000000004], \"a\": {}, \"c\": "
                                "[], \"d\": [true, false, null, \"x\"]}");
    ocrvl_json_free(v);
    ocrvl_buf_free(&b);
}

static void escapes(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        int32_t c;
        size_t used;
    } cases[] = {{"\\n.", '\n', 2},
                 {"\\/", '/', 2},
                 {"\\u00E9", 0xE9, 6},
                 {"\\u00e", -1, 0},
                 {"\\x", -1, 0},
                 {"\\", -1, 0},
                 {"\\uD83D\\uDE00!", 0x1F600, 12},
                 {"\\uD83D\\u0041", 0xD83D, 6},
                 {"\\uD83D\\uDE0", 0xD83D, 6},
                 {"\\uDE00", 0xDE00, 6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t used;
        assert_int_equal(ocrvl_json_escape(cases[i].s, strlen(cases[i].s), &used), cases[i].c);
        assert_int_equal(used, cases[i].used);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),         cmocka_unit_test(answers_no),    cmocka_unit_test(members_in_file_order),
        cmocka_unit_test(refused),        cmocka_unit_test(deep_and_wide), cmocka_unit_test(written_strings),
        cmocka_unit_test(written_values), cmocka_unit_test(escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
