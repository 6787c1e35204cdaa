/* Deflated streams: what zlib makes of them again, also of nothing. */
#include "out/pdfparts.h"
#include "sources.h"

#include <zlib.h>

static void check(const void *data, size_t len)
{
    ocrvl_buf b = {0};
    uLongf out_len = len + 100;
    uint8_t *out = malloc(out_len);
    assert_non_null(out);
    ocrvl_deflate(&b, data, len);
    assert_false(b.failed);
    assert_int_equal(uncompress(out, &out_len, (const Bytef *)b.data, b.len), Z_OK);
    assert_int_equal(out_len, len);
    assert_true(len == 0 || memcmp(out, data, len) == 0);
    ocrvl_buf_free(&b);
    free(out);
}

static void round_trips(void **state)
{
    enum { MOST = 200000 };
    uint8_t *data = malloc(MOST);
    uint32_t seed = 3;
    (void)state;
    assert_non_null(data);
    for (size_t i = 0; i < MOST; i++)
        data[i] = (uint8_t)(next_random(&seed) % 200);
    check(NULL, 0); /* what an empty ocrvl_buf holds */
    check("", 0);
    for (size_t len = 1; len <= MOST; len = 3 * len + 7)
        check(data, len);
    check(data, 65536);
    check(data, MOST);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trips)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
