/* The allocator: zeroing, overflow, alignment, failing on demand. */
#include "testing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"

static bool all_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static void zeroed_and_aligned(void **state)
{
    (void)state;
    for (size_t n = 0; n < 300; n++) {
        char *p = ocrvl_alloc(n), *q = ocrvl_alloc_aligned(n, 3);
        assert_non_null(p);
        assert_non_null(q);
        assert_int_equal((uintptr_t)q % 64, 0);
        assert_true(all_zero(p, n) && all_zero(q, 3 * n));
        memset(p, 1, n);
        memset(q, 1, 3 * n);
        ocrvl_free(p);
        ocrvl_free(q);
    }
    ocrvl_free(NULL);
}

static void overflow(void **state)
{
    size_t half = SIZE_MAX / 2 + 1;
    char *p = ocrvl_strdup("kept");
    (void)state;
    assert_null(ocrvl_alloc_array(half, 2));
    assert_null(ocrvl_alloc_aligned(half, 2));
    assert_null(ocrvl_alloc_aligned(SIZE_MAX, 1));
    assert_null(ocrvl_realloc_array(p, half, 2));
    assert_null(ocrvl_strndup("x", SIZE_MAX));
    assert_string_equal(p, "kept");
    ocrvl_free(p);
}

static void copies(void **state)
{
    char *p = ocrvl_strndup("ab\0cd", 5);
    (void)state;
    assert_memory_equal(p, "ab\0cd", 6);
    p = ocrvl_realloc_array(p, 100, 1);
    assert_memory_equal(p, "ab\0cd", 6);
    p = ocrvl_realloc_array(p, 0, 1);
    assert_non_null(p);
    ocrvl_free(p);
    p = ocrvl_strndup(NULL, 0);
    assert_string_equal(p, "");
    ocrvl_free(p);
}

static void fails_from_the_nth_on(void **state)
{
    (void)state;
    ocrvl_mem_fail_after(3);
    char *a = ocrvl_alloc(1), *b = ocrvl_strdup("x");
    assert_non_null(a);
    assert_non_null(b);
    assert_false(ocrvl_mem_failed()); /* the third wasn't asked for yet */
    assert_null(ocrvl_alloc(1));
    assert_true(ocrvl_mem_failed());
    assert_null(ocrvl_alloc_aligned(1, 1));
    assert_null(ocrvl_realloc_array(a, 2, 1));
    assert_null(ocrvl_strdup("y"));
    ocrvl_mem_fail_after(0);
    assert_false(ocrvl_mem_failed());
    ocrvl_free(a);
    ocrvl_free(b);
}

static void one_alone(void **state)
{
    (void)state;
    ocrvl_mem_fail_once(2);
    char *a = ocrvl_alloc(1);
    assert_non_null(a);
    assert_false(ocrvl_mem_failed());
    assert_null(ocrvl_alloc(1));
    assert_true(ocrvl_mem_failed());
    char *b = ocrvl_alloc(1);
    assert_non_null(b);
    assert_true(ocrvl_mem_failed());
    ocrvl_mem_fail_once(0);
    assert_false(ocrvl_mem_failed());
    ocrvl_free(a);
    ocrvl_free(b);
}

static atomic_int successes;

static void *take_100(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        void *p = ocrvl_alloc(1);
        if (p)
            atomic_fetch_add(&successes, 1);
        ocrvl_free(p);
    }
    return NULL;
}

/* However the threads share them, just as many succeed. */
static void counts_across_threads(void **state)
{
    pthread_t ids[4];
    (void)state;
    ocrvl_mem_fail_after(251);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, take_100, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(ids[i], NULL);
    assert_true(ocrvl_mem_failed());
    ocrvl_mem_fail_after(0);
    assert_int_equal(atomic_load(&successes), 250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeroed_and_aligned),    cmocka_unit_test(overflow),  cmocka_unit_test(copies),
        cmocka_unit_test(fails_from_the_nth_on), cmocka_unit_test(one_alone), cmocka_unit_test(counts_across_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
