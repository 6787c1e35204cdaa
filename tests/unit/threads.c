/* The pool of threads: every task is done once, by the threads that are allowed to. */
#include "base/threads.h"

#include <stdatomic.h>

#include "testing.h"

enum { THREADS = 4, TASKS = 64, ROUNDS = 2000 };

typedef struct record {
    atomic_uint done[TASKS];
    atomic_uint highest; /* worker */
} record;

static void note(void *user, unsigned worker, size_t task)
{
    record *r = user;
    unsigned was = atomic_load(&r->highest);
    atomic_fetch_add(&r->done[task], 1);
    while (worker > was && !atomic_compare_exchange_weak(&r->highest, &was, worker))
        ;
}

static void a_limit_holds_from_the_next_run_on(void **state)
{
    static const unsigned limits[] = {0, 1, 2, 3, THREADS, THREADS + 1};
    static record r;
    ocrvl_pool *pool;
    unsigned highest = 0;
    (void)state;
    assert_ok(ocrvl_pool_new(&pool, THREADS, err));
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned limit = limits[i % (sizeof limits / sizeof *limits)];
        ocrvl_pool_limit(pool, limit);
        atomic_store(&r.highest, 0);
        ocrvl_pool_run(pool, TASKS, note, &r);
        for (size_t t = 0; t < TASKS; t++)
            assert_int_equal(atomic_load(&r.done[t]), i + 1);
        unsigned seen = atomic_load(&r.highest);
        assert_true(seen < (limit && limit < THREADS ? limit : THREADS));
        highest = seen > highest ? seen : highest;
    }
    assert_true(highest > 0); /* whoever is allowed to, helps */
    ocrvl_pool_free(pool);
}

typedef struct errand { /* a pool's work while another pool works */
    ocrvl_pool *pool;
    record r;
} errand;

static void run_pool(void *user)
{
    errand *e = user;
    for (unsigned i = 0; i < ROUNDS; i++)
        ocrvl_pool_run(e->pool, TASKS, note, &e->r);
}

/* A pool runs on a thread while its limit is changed from another. */
static void an_errand_runs_beside(void **state)
{
    static errand there, here;
    ocrvl_errand *e;
    (void)state;
    assert_ok(ocrvl_pool_new(&there.pool, 2, err));
    assert_ok(ocrvl_pool_new(&here.pool, 2, err));
    assert_ok(ocrvl_errand_start(&e, run_pool, &there, err));
    for (unsigned i = 0; i < ROUNDS; i++) {
        ocrvl_pool_limit(there.pool, i % 3);
        ocrvl_pool_run(here.pool, TASKS, note, &here.r);
    }
    ocrvl_errand_end(e);
    for (size_t t = 0; t < TASKS; t++) {
        assert_int_equal(atomic_load(&there.r.done[t]), ROUNDS);
        assert_int_equal(atomic_load(&here.r.done[t]), ROUNDS);
    }
    ocrvl_pool_free(there.pool);
    ocrvl_pool_free(here.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_holds_from_the_next_run_on),
        cmocka_unit_test(an_errand_runs_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
