/* JSON that is cut at any byte is made whole, and what its schema names is there. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "read/complete.h"
#include "testing.h"

static const char schema[] =
    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"total\":{\"type\":\"number\"},\"paid\":{"
    "\"type\":\"boolean\"},"
    "\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/item\"}},\"to\":{\"type\":[\"string\",\"null\"]}},"
    "\"$defs\":{\"item\":{\"type\":\"object\",\"properties\":{\"what\":{\"type\":\"string\"},\"price\":{\"type\":"
    "\"number\"}}}}}";

static void expect(const char *text, const char *want)
{
    char *got;
    assert_int_equal(ocrvl_json_complete(&got, text, strlen(text), schema, NULL), OCRVL_OK);
    assert_string_equal(got, want);
    ocrvl_free(got);
}

static void cases(void **state)
{
    (void)state;
#define REST(a) a ",\"total\":null,\"paid\":null,\"items\":null,\"to\":null}"
    expect("", "null");
    expect("{", "{\"name\":null,\"total\":null,\"paid\":null,\"items\":null,\"to\":null}");
    expect("{\"na", "{\"name\":null,\"total\":null,\"paid\":null,\"items\":null,\"to\":null}");
    expect("{\"name\"", REST("{\"name\":null"));
    expect("{\"name\": ", REST("{\"name\":null"));
    expect("{\"name\": \"Ann", REST("{\"name\":\"Ann\""));
    expect("{\"name\": \"A\\u00", REST("{\"name\":\"A\""));
    expect("{\"name\": \"A\\", REST("{\"name\":\"A\""));
    expect("{\"name\": \"\xC3\xA9\xC3", REST("{\"name\":\"\xC3\xA9\""));
    expect("{\"name\": \"A\",", REST("{\"name\":\"A\""));
    expect("{\"name\": \"A\", \"tot", REST("{\"name\":\"A\""));
    expect("{\"total\": 12.", "{\"total\":null,\"name\":null,\"paid\":null,\"items\":null,\"to\":null}");
    expect("{\"total\": 12.5", "{\"total\":12.5,\"name\":null,\"paid\":null,\"items\":null,\"to\":null}");
    expect("{\"paid\": tr", "{\"paid\":null,\"name\":null,\"total\":null,\"items\":null,\"to\":null}");
    expect("{\"items\": [{\"what\": \"x\"}, {\"pr",
           "{\"items\":[{\"what\":\"x\",\"price\":null},{\"what\":null,\"price\":null}],\"name\":null,\"total\":null,"
           "\"paid\":null,\"to\":null}");
    expect("[1, 2, ", "[1,2]");
}

/* Whatever the place of the cut, the result is JSON. */
static void any_place(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"name\": \"a \\\"b\\\" \\u00e9 \xE2\x82\xAC\", \"total\": -1.5e3, \"paid\": false, \"items\": "
        "[{\"what\": \"x\", \"price\": 2}, {\"what\": \"\", \"price\": null}], \"to\": null}";
    for (size_t n = 0; n < sizeof whole; n++) {
        char *got;
        ocrvl_json *v;
        assert_int_equal(ocrvl_json_complete(&got, whole, n, schema, NULL), OCRVL_OK);
        assert_int_equal(ocrvl_json_parse(&v, got, strlen(got), "test", NULL), OCRVL_OK);
        assert_true(n == 0 || ocrvl_json_length(v) == 5);
        ocrvl_json_free(v);
        ocrvl_free(got);
    }
    char *got;
    assert_int_equal(ocrvl_json_complete(&got, "{]", 2, schema, NULL), OCRVL_E_FORMAT);
    assert_null(got);
    assert_int_equal(ocrvl_json_complete(&got, "Sure! Here", 10, schema, NULL), OCRVL_E_FORMAT);
}

static void without_memory(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        char *got;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_json_complete(&got, "{\"items\": [{", 12, schema, NULL);
        int failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        assert_true(st == OCRVL_OK || (failed && !got));
        ocrvl_free(got);
        if (!failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases), cmocka_unit_test(any_place),
                                       cmocka_unit_test(without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
