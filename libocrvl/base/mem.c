#include "base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NO_LIMIT = -1, FAILING = -2 };
/* How many allocations may still succeed, or one of the above; whether only one is to fail; whether it has. The only
 * state that isn't const; it exists for tests. */
static atomic_long budget = NO_LIMIT;
static atomic_bool once, failed;

static void fail(long n, bool one)
{
    atomic_store(&failed, false);
    atomic_store(&once, one);
    atomic_store(&budget, n > 0 ? n - 1 : NO_LIMIT);
}

void ocrvl_mem_fail_after(long n) { fail(n, false); }

void ocrvl_mem_fail_once(long n) { fail(n, true); }

int ocrvl_mem_failed(void) { return atomic_load(&failed); }

static int refused(void)
{
    long left = atomic_load_explicit(&budget, memory_order_relaxed);
    if (left == NO_LIMIT)
        return 0;
    long after = atomic_load(&once) ? NO_LIMIT : FAILING;
    while (left >= 0 && !atomic_compare_exchange_weak(&budget, &left, left > 0 ? left - 1 : after))
        ;
    if (left == 0)
        atomic_store(&failed, true);
    return left == 0 || left == FAILING;
}

void *ocrvl_alloc_array(size_t count, size_t size)
{
    if (refused() || (size && count > SIZE_MAX / size))
        return NULL;
    size_t n = count * size;
    return calloc(1, n ? n : 1);
}

void *ocrvl_alloc(size_t n) { return ocrvl_alloc_array(n, 1); }

void *ocrvl_realloc_array(void *p, size_t count, size_t size)
{
    if (refused() || (size && count > SIZE_MAX / size))
        return NULL;
    size_t n = count * size;
    return realloc(p, n ? n : 1);
}

/* Whole lines of the cache; at least one. */
static size_t whole_lines(size_t n) { return n ? (n + 63) / 64 * 64 : 64; }

void *ocrvl_alloc_room(size_t count, size_t size)
{
    if (refused() || (size && count > (SIZE_MAX - 64) / size))
        return NULL;
    return aligned_alloc(64, whole_lines(count * size));
}

void *ocrvl_alloc_aligned(size_t count, size_t size)
{
    void *p = ocrvl_alloc_room(count, size);
    return p ? memset(p, 0, whole_lines(count * size)) : NULL;
}

char *ocrvl_strndup(const char *s, size_t n)
{
    char *p = n < SIZE_MAX ? ocrvl_alloc(n + 1) : NULL;
    if (p && n)
        memcpy(p, s, n);
    return p;
}

char *ocrvl_strdup(const char *s) { return ocrvl_strndup(s, strlen(s)); }

void ocrvl_free(void *p) { free(p); }
