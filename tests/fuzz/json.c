/* Any bytes as JSON: by jansson and by the reader that makes no tree, which must agree on what it is. */
#define FUZZ_CHANGES 400
#include "fuzz/fuzz.h"

#include "base/json.h"
#include "base/json_stream.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED("{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\ud83d\\ude00\\n\"],\"b\":{\"c\":{}}}"),
    FUZZ_SEED(" [ [ ] , [ \"\\\\ \\\"\" , 9223372036854775807 , 1E400 ] ] "),
    FUZZ_SEED("\"\xC3\xA9\xF0\x9F\x98\x80\""),
    FUZZ_SEED("[[[[[[[[[[[[[[[[[[[[{\"a\":[[[[0]]]]}]]]]]]]]]]]]]]]]]]]]"),
    {0}};

static void read_tree(const char *text, size_t len)
{
    ocrvl_json *j, *again;
    ocrvl_error err;
    ocrvl_buf b = {0};
    ocrvl_status st = ocrvl_json_parse(&j, text, len, "any", &err);
    fuzz_check(st, &err);
    if (st)
        return;
    ocrvl_json_put(&b, j, false);
    must(!b.failed && ocrvl_json_parse(&again, b.data, b.len, "again", &err) == OCRVL_OK);
    ocrvl_json_free(again);
    ocrvl_json_free(j);
    ocrvl_buf_free(&b);
}

static void read_stream(const char *text, size_t len)
{
    ocrvl_stream s;
    ocrvl_error err;
    ocrvl_status st = OCRVL_OK;
    int64_t number;
    ocrvl_stream_begin(&s, text, len, "any");
    if (ocrvl_stream_take(&s, '{'))
        for (bool first = true; ocrvl_stream_more(&s, &first, '}', &st, &err);) {
            st = ocrvl_stream_string(&s, &err);
            if (st || !ocrvl_stream_take(&s, ':') || (!ocrvl_stream_int(&s, &number) && !ocrvl_stream_skip(&s)))
                break;
        }
    else
        ocrvl_stream_skip(&s);
    fuzz_check(st, &err);
    must(s.at <= s.end);
    ocrvl_stream_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_tree((const char *)data, size);
    read_stream((const char *)data, size);
    return 0;
}
