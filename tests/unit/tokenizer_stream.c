/* The streaming JSON reader: held to what jansson takes and refuses. */
#include "testing.h"

#include <string.h>

#include "base/json.h"
#include "base/json_stream.h"
#include "base/mem.h"
#include "tokenizer/entries.h"

static uint32_t random_below(uint64_t *seed, size_t n)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % n);
}

/* Random strings of what is hard: the same are taken, with the same content. */
static void strings_as_jansson(void **state)
{
    static const char *const parts[] = {"a",
                                        "\xC3\xA9",
                                        "\\n",
                                        "\\\"",
                                        "\\\\",
                                        "\\/",
                                        "\\b",
                                        "\\f",
                                        "\\r",
                                        "\\t",
                                        "\\u00e9",
                                        "\\uD83D",
                                        "\\uDE00",
                                        "\\u0000",
                                        "\\ud83d\\ude00",
                                        "\\x",
                                        "\\u12",
                                        "\\",
                                        "\x01",
                                        "\n",
                                        "\x7F",
                                        "\xFF",
                                        "\xC0\x80",
                                        "\xED\xA0\x80",
                                        "\xF0\x9F\x98\x80",
                                        "\xF0\x9F",
                                        "/",
                                        "{",
                                        "]",
                                        "\\uFFFF",
                                        "\\u20AC"};
    uint64_t seed = 11;
    size_t taken = 0, refused = 0;
    (void)state;
    for (size_t i = 0; i < 60000; i++) {
        ocrvl_buf b = {0};
        ocrvl_stream s;
        ocrvl_json *v;
        ocrvl_error e;
        ocrvl_buf_putc(&b, '"');
        for (uint32_t k = random_below(&seed, 5); k > 0; k--)
            ocrvl_buf_puts(&b, parts[random_below(&seed, sizeof parts / sizeof *parts)]);
        if (random_below(&seed, 20))
            ocrvl_buf_putc(&b, '"');
        ocrvl_stream_begin(&s, b.data, b.len, "f");
        bool mine = ocrvl_stream_string(&s, &e) == OCRVL_OK && s.at == s.end;
        bool theirs = ocrvl_json_parse(&v, b.data, b.len, "f", &e) == OCRVL_OK;
        if (mine != theirs)
            fail_msg("%s: %d, jansson %d", b.data, mine, theirs);
        if (mine) {
            size_t len;
            const char *want = ocrvl_json_string(v, &len);
            assert_int_equal(s.string_len, len);
            if (len)
                assert_memory_equal(s.string, want, len);
        }
        mine ? taken++ : refused++;
        ocrvl_json_free(v);
        ocrvl_stream_free(&s);
        ocrvl_buf_free(&b);
    }
    assert_true(taken > 5000 && refused > 5000);
}

static void assert_int(const char *text, bool good, int64_t want)
{
    ocrvl_stream s;
    int64_t v = 0;
    ocrvl_stream_begin(&s, text, strlen(text), "f");
    assert_int_equal(ocrvl_stream_int(&s, &v), good);
    assert_true(!good || v == want);
}

static void integers(void **state)
{
    (void)state;
    assert_int("0", true, 0);
    assert_int(" \n\t\r-17,", true, -17);
    assert_int("999999999999999999", true, 999999999999999999);
    assert_int("1000000000000000000", false, 0);
    assert_int("00", false, 0);
    assert_int("-", false, 0);
    assert_int("", false, 0);
    assert_int("1.0", false, 0);
    assert_int("1e3", false, 0);
    assert_int("1E3", false, 0);
    assert_int("+1", false, 0);
    assert_int("\"1\"", false, 0);
}

static void skipping(void **state)
{
    static const struct {
        const char *text;
        bool good;
        size_t taken;
    } rows[] = {
        {"1,", true, 1},      {" true]", true, 5},  {"\"a\\\"]b\"x", true, 7}, {"{\"a\":[1,{}]} ", true, 12},
        {"[[[]]]]", true, 6}, {"", false, 0},       {"\"a", false, 0},         {"\"a\\\"", false, 0},
        {"[", false, 0},      {"{\"a\"", false, 0}, {"]", false, 0},           {",", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ocrvl_stream s;
        ocrvl_stream_begin(&s, rows[i].text, strlen(rows[i].text), "f");
        assert_int_equal(ocrvl_stream_skip(&s), rows[i].good);
        if (rows[i].good)
            assert_int_equal(s.at - s.text, rows[i].taken);
    }
    enum { DEEP = 1000000 };
    char *deep = ocrvl_alloc(2 * DEEP);
    ocrvl_stream s;
    memset(deep, '[', DEEP);
    memset(deep + DEEP, ']', DEEP);
    ocrvl_stream_begin(&s, deep, 2 * DEEP, "f");
    assert_true(ocrvl_stream_skip(&s) && s.at == s.end);
    ocrvl_free(deep);
}

static void assert_found(const char *text, const char *rest, const char *vocab, const char *merges)
{
    ocrvl_entries e;
    ocrvl_buf b = {0};
    assert_ok(ocrvl_entries_find(&e, &b, text, strlen(text), err));
    assert_string_equal(b.data, rest);
    assert_int_equal(e.vocab != NULL, vocab != NULL);
    assert_int_equal(e.merges != NULL, merges != NULL);
    if (vocab)
        assert_true((size_t)(e.vocab_end - e.vocab) == strlen(vocab) && memcmp(e.vocab, vocab, strlen(vocab)) == 0);
    if (merges)
        assert_true((size_t)(e.merges_end - e.merges) == strlen(merges) &&
                    memcmp(e.merges, merges, strlen(merges)) == 0);
    ocrvl_buf_free(&b);
}

static void finding(void **state)
{
    (void)state;
    assert_found("{\"model\": {\"vocab\": {\"a\": 1,\n\"}\": 2}, \"merges\":[\"x\"\n\n] }}",
                 "{\"model\": {\"vocab\": null\n, \"merges\":null\n\n }}", "{\"a\": 1,\n\"}\": 2}", "[\"x\"\n\n]");
    assert_found(
        "{\"a\": [{\"vocab\": 1}], \"mod\\u0065l\": {\"merges\": [], \"v\": {\"vocab\": 2}, \"vocab\": {}}}",
        "{\"a\": [{\"vocab\": 1}], \"mod\\u0065l\": {\"merges\": null, \"v\": {\"vocab\": 2}, \"vocab\": null}}", "{}",
        "[]");
    assert_found("{\"vocab\": 1, \"merges\": 2}", "{\"vocab\": 1, \"merges\": 2}", NULL, NULL); /* not in a model */
    assert_found("{\"model\": [], \"x\": 1}", "{\"model\": [], \"x\": 1}", NULL, NULL);
    assert_found("[1]", "[1]", NULL, NULL);
    assert_found("", "", NULL, NULL);
    assert_found("{\"model\": {\"vocab\": {", "{\"model\": {\"vocab\": {", NULL, NULL); /* cut off */
    assert_found("{\"model\": {\"vocab\": 1, 2", "{\"model\": {\"vocab\": null, 2", "1", NULL);
    assert_found("{\"model\": {\"vocab\": 1, \"vocab\": 2}}", "{\"model\": {\"vocab\": null, \"vocab\": 2}}", "1",
                 NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_as_jansson),
        cmocka_unit_test(integers),
        cmocka_unit_test(skipping),
        cmocka_unit_test(finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
