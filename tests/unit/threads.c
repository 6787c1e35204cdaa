/* The pool: every task once, whatever the number of threads. */
#include "testing.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "base/threads.h"

enum { TASKS = 1000, THREADS = 4, FEW = 64, ROUNDS = 2000 };

typedef struct record {
    unsigned threads;
    atomic_uint runs[TASKS];
    atomic_uint wrong;  /* workers out of range */
    atomic_uint helped; /* tasks that the caller didn't do */
    size_t order[TASKS];
    atomic_size_t done;
} record;

static void task(void *user, unsigned worker, size_t t)
{
    record *r = user;
    if (worker >= r->threads)
        atomic_fetch_add(&r->wrong, 1);
    atomic_fetch_add(&r->helped, worker > 0);
    atomic_fetch_add(&r->runs[t], 1);
    r->order[atomic_fetch_add(&r->done, 1)] = t;
}

static void every_task_once(void **state)
{
    static record r;
    static const unsigned threads[] = {1, 2, 3, 7, 16};
    static const size_t tasks[] = {0, 1, 2, 5, 999, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        ocrvl_pool *p;
        assert_ok(ocrvl_pool_new(&p, threads[i], err));
        assert_int_equal(ocrvl_pool_threads(p), threads[i]);
        for (size_t round = 0; round < 60; round++) { /* the same pool again and again */
            size_t n = tasks[round % 6];
            memset(&r, 0, sizeof r);
            r.threads = threads[i];
            ocrvl_pool_run(p, n, task, &r);
            assert_int_equal(atomic_load(&r.done), n);
            assert_int_equal(atomic_load(&r.wrong), 0);
            for (size_t t = 0; t < n; t++)
                assert_int_equal(atomic_load(&r.runs[t]), 1);
        }
        ocrvl_pool_free(p);
    }
}

static void without_a_pool(void **state)
{
    static record r = {.threads = 1};
    (void)state;
    ocrvl_pool_run(NULL, TASKS, task, &r);
    assert_int_equal(atomic_load(&r.wrong), 0);
    for (size_t t = 0; t < TASKS; t++)
        assert_int_equal(r.order[t], t);
    assert_int_equal(ocrvl_pool_threads(NULL), 1);
    ocrvl_pool_free(NULL);
}

static void bounds(void **state)
{
    ocrvl_pool *p;
    (void)state;
    assert_ok(ocrvl_pool_new(&p, 0, err));
    assert_in_range(ocrvl_pool_threads(p), 1, 256);
    ocrvl_pool_free(p);
    assert_ok(ocrvl_pool_new(&p, 100000, err));
    assert_int_equal(ocrvl_pool_threads(p), 256);
    ocrvl_pool_free(p);
}

static void caller_or_signals(void *user, unsigned worker, size_t t)
{
    atomic_uint *unblocked = user;
    sigset_t now;
    (void)t;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    if (worker && !sigismember(&now, SIGINT))
        atomic_fetch_add(unblocked, 1);
}

/* Signals stay with the program's own threads. */
static void signals(void **state)
{
    ocrvl_pool *p;
    atomic_uint unblocked = 0;
    sigset_t now;
    (void)state;
    assert_ok(ocrvl_pool_new(&p, 4, err));
    ocrvl_pool_run(p, 1000, caller_or_signals, &unblocked);
    ocrvl_pool_free(p);
    assert_int_equal(atomic_load(&unblocked), 0);
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    assert_false(sigismember(&now, SIGINT)); /* ours are as they were */
}

static void no_memory(void **state)
{
    ocrvl_pool *p;
    (void)state;
    for (long n = 1;; n++) {
        ocrvl_error e;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_pool_new(&p, 4, &e);
        bool failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        if (!failed) {
            assert_int_equal(st, OCRVL_OK);
            ocrvl_pool_free(p);
            assert_int_equal(n, 6); /* the pool, its ids, one for each of three threads */
            return;
        }
        assert_int_equal(st, OCRVL_E_NOMEM);
        assert_null(p);
    }
}

/* A limit holds from the next run on; whoever is allowed to, helps. */
static void limits(void **state)
{
    static const unsigned limits[] = {0, 1, 2, 3, THREADS, THREADS + 1};
    static record r;
    ocrvl_pool *p;
    unsigned helped = 0;
    (void)state;
    assert_ok(ocrvl_pool_new(&p, THREADS, err));
    for (size_t i = 0; i < ROUNDS; i++) {
        unsigned limit = limits[i % (sizeof limits / sizeof *limits)];
        memset(&r, 0, sizeof r);
        r.threads = limit && limit < THREADS ? limit : THREADS;
        ocrvl_pool_limit(p, limit);
        ocrvl_pool_run(p, FEW, task, &r);
        assert_int_equal(atomic_load(&r.wrong), 0);
        for (size_t t = 0; t < FEW; t++)
            assert_int_equal(atomic_load(&r.runs[t]), 1);
        helped += atomic_load(&r.helped);
    }
    assert_true(helped > 0);
    ocrvl_pool_free(p);
}

typedef struct working { /* a pool and what counts its rounds */
    ocrvl_pool *pool;
    atomic_uint runs[FEW];
} working;

static void count_run(void *user, unsigned worker, size_t t)
{
    working *w = user;
    (void)worker;
    atomic_fetch_add(&w->runs[t], 1);
}

static void work_on(void *user)
{
    working *w = user;
    for (unsigned i = 0; i < ROUNDS; i++)
        ocrvl_pool_run(w->pool, FEW, count_run, w);
}

/* A pool runs on an errand's thread while its limit is changed from another, on which a second pool runs. */
static void a_thread_runs_beside(void **state)
{
    static working there, here;
    ocrvl_thread *e;
    (void)state;
    assert_ok(ocrvl_pool_new(&there.pool, 2, err));
    assert_ok(ocrvl_pool_new(&here.pool, 2, err));
    assert_ok(ocrvl_thread_start(&e, work_on, &there, err));
    for (unsigned i = 0; i < ROUNDS; i++) {
        ocrvl_pool_limit(there.pool, i % 3);
        ocrvl_pool_run(here.pool, FEW, count_run, &here);
    }
    ocrvl_thread_join(e);
    for (size_t t = 0; t < FEW; t++) {
        assert_int_equal(atomic_load(&there.runs[t]), ROUNDS);
        assert_int_equal(atomic_load(&here.runs[t]), ROUNDS);
    }
    ocrvl_pool_free(there.pool);
    ocrvl_pool_free(here.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_once),
        cmocka_unit_test(without_a_pool),
        cmocka_unit_test(bounds),
        cmocka_unit_test(signals),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(limits),
        cmocka_unit_test(a_thread_runs_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
