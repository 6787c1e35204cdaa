/* Arrays that grow: capacity, content, overflow, failing allocations. */
#include "testing.h"

#include <string.h>

#include "base/array.h"
#include "base/mem.h"

static void grows_by_doubling(void **state)
{
    (void)state;
    uint32_t *list = NULL;
    size_t cap = 0, grown = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        size_t before = cap;
        assert_true(OCRVL_ARRAY_RESERVE(list, cap, (size_t)i + 1));
        assert_true(cap > i && (cap == before || cap >= 2 * before));
        grown += cap != before;
        list[i] = i;
    }
    assert_true(grown < 20);
    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(list[i], i);
    ocrvl_free(list);
}

static void at_least_what_is_needed(void **state)
{
    (void)state;
    char *list = NULL;
    size_t cap = 0, nothing = 0;
    assert_true(OCRVL_ARRAY_RESERVE(list, cap, nothing));
    assert_true(cap == 0 && !list);
    assert_true(OCRVL_ARRAY_RESERVE(list, cap, 1000));
    assert_true(cap >= 1000);
    memset(list, 1, cap);
    ocrvl_free(list);
}

static void keeps_the_array_where_it_fails(void **state)
{
    (void)state;
    uint64_t *list = NULL;
    size_t cap = 0;
    assert_true(OCRVL_ARRAY_RESERVE(list, cap, 1));
    uint64_t *kept = list;
    size_t held = cap, huge[] = {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / 8 + 1};
    list[0] = 42;
    for (size_t i = 0; i < sizeof huge / sizeof *huge; i++)
        assert_false(OCRVL_ARRAY_RESERVE(list, cap, huge[i]));
    ocrvl_mem_fail_after(1);
    assert_false(OCRVL_ARRAY_RESERVE(list, cap, held + 1));
    assert_true(OCRVL_ARRAY_RESERVE(list, cap, held)); /* there is room: nothing is allocated */
    ocrvl_mem_fail_after(0);
    assert_true(list == kept && cap == held && list[0] == 42);
    ocrvl_free(list);
    size_t full = SIZE_MAX / 2 + 1; /* of a size that can't be doubled */
    char *none = NULL;
    assert_false(ocrvl_array_grow(&none, &full, full + 1, 4));
    assert_true(!none && full == SIZE_MAX / 2 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_by_doubling),
        cmocka_unit_test(at_least_what_is_needed),
        cmocka_unit_test(keeps_the_array_where_it_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
