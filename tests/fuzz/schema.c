/* Any bytes as a JSON schema, and behind a NUL as what is said by it. What the schema takes byte by byte must be
 * JSON, and it must never come to a place where nothing may follow. */
#define FUZZ_CHANGES 300
#include "fuzz/fuzz.h"

#include "base/json.h"
#include "generate/schema.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"maxLength\":5},\"b\":{\"type\":"
              "\"array\",\"items\":"
              "{\"type\":[\"integer\",\"null\"]},\"minItems\":1}},\"required\":[\"a\"]}\0{\"a\":\"x\",\"b\":[1,null]}"),
    FUZZ_SEED("{\"anyOf\":[{\"enum\":[\"one\",\"two\"]},{\"type\":\"number\"}]}\0\"two\""),
    FUZZ_SEED("{\"$defs\":{\"t\":{\"type\":\"object\",\"properties\":{\"n\":{\"$ref\":\"#/$defs/t\"}}}},\"$ref\":\"#/"
              "$defs/t\"}\0"
              "{\"n\":{\"n\":{}}}"),
    FUZZ_SEED(
        "{\"anyOf\":[{\"enum\":[\"o))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))\",\"tw\"]},{\"type\":"
        "\"number\"}]}\0\"o)))))))))))))))))))))))))))))))))))))))))))))))))))"), /* longer than the next value */
    FUZZ_SEED("{\"$defs\":{\"t\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"anyOf\":[{\"$ref\":"
              "\"#/$defs/"
              "t\"},{\"type\":\"null\"}]}}]}},\"$ref\":\"#/$defs/t\"}\0[\"a\",[null]]"),
    FUZZ_SEED("{\"anyOf\":[{\"properties\":{\"a\":true}},{}]}"),
    FUZZ_SEED("{\"const\":{\"x\":[1,2.5,true]}}"),
    FUZZ_SEED("{\"type\":\"object\"}\0{\"k\":[{}]}"),
    FUZZ_SEED("true\0[1e5]"),
    {0}};

enum { MOST = 400 };

/* Writes what the schema lets, by bytes that the seed chooses; a text that ends must be JSON. */
static void generate(const ocrvl_schema *s, uint32_t seed)
{
    ocrvl_schema_state st;
    char text[MOST];
    size_t n = 0;
    ocrvl_schema_start(s, &st);
    for (; n < MOST && !ocrvl_schema_complete(&st); n++) {
        int t = 0;
        seed = seed * 1664525u + 1013904223u;
        for (; t < 256; t++) {
            ocrvl_schema_state next = st;
            uint8_t byte = (uint8_t)((seed >> 24) + (uint32_t)t);
            if (!ocrvl_schema_take(&next, byte))
                continue;
            st = next;
            text[n] = (char)byte;
            break;
        }
        must(t < 256);
    }
    ocrvl_json *j;
    ocrvl_error err;
    if (!ocrvl_schema_complete(&st))
        return;
    ocrvl_status parsed = ocrvl_json_parse(&j, text, n, "made", &err);
    if (!parsed)
        ocrvl_json_free(j);
    else /* keys that come twice are for the schema to allow */
        must(strstr(err.message, "duplicate") != NULL || strstr(err.message, "range") != NULL ||
             strstr(err.message, "big") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 0;
    fuzz_seed text = fuzz_part(data, size, &at);
    ocrvl_schema *s;
    ocrvl_schema_state st;
    ocrvl_error err;
    ocrvl_status parsed = ocrvl_schema_parse(&s, text.text, text.len, &err);
    fuzz_check(parsed, &err);
    if (parsed)
        return 0;
    ocrvl_schema_start(s, &st);
    for (; at < size && ocrvl_schema_take(&st, data[at]); at++)
        if (ocrvl_schema_in_string(&st, 4))
            must(!ocrvl_schema_complete(&st));
    generate(s, 1 + (uint32_t)size);
    ocrvl_schema_free(s);
    return 0;
}
