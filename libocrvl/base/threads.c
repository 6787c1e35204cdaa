#define _GNU_SOURCE
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/error.h"
#include "base/mem.h"

struct ocrvl_pool {
    unsigned threads; /* including the caller */
    pthread_t *ids;   /* [threads - 1] */
    unsigned started;
    atomic_uint limit; /* number of threads that run from the next round on; 0 means all */
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    atomic_ullong round; /* changed under lock: counts calls of ocrvl_pool_run */
    unsigned helpers;    /* under lock: workers that run in this round, those of the lowest indices */
    atomic_uint busy;    /* changed under lock: how many of them have not finished it */
    bool quit;           /* under lock */
    ocrvl_task_fn fn;
    void *user;
    size_t tasks;
    atomic_size_t next;
};

typedef struct worker {
    ocrvl_pool *pool;
    unsigned index;
} worker;

/* Decoding has new work every few microseconds: a waiting thread spins for some 20 before it sleeps, since waking takes
 * longer than that. */
enum { SPINS = 500 };

static void spin(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void take_tasks(ocrvl_pool *p, unsigned index)
{
    size_t t;
    while ((t = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed)) < p->tasks)
        p->fn(p->user, index, t);
}

static void *work(void *arg)
{
    worker w = *(worker *)arg;
    ocrvl_pool *p = w.pool;
    uint64_t last = 0;
    ocrvl_free(arg);
    for (;;) {
        for (unsigned i = 0; i < SPINS && atomic_load_explicit(&p->round, memory_order_relaxed) == last; i++)
            spin();
        pthread_mutex_lock(&p->lock);
        while (p->round == last && !p->quit)
            pthread_cond_wait(&p->work, &p->lock);
        if (p->quit)
            break;
        last = p->round;
        bool helps = w.index <= p->helpers;
        pthread_mutex_unlock(&p->lock);
        if (!helps)
            continue;
        take_tasks(p, w.index);
        pthread_mutex_lock(&p->lock);
        if (--p->busy == 0)
            pthread_cond_signal(&p->idle);
        pthread_mutex_unlock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static unsigned processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > 256 ? 256 : (unsigned)n;
}

/* Starts a thread that gets no signals, so that they are delivered to the program's own threads. */
static bool start_thread(pthread_t *id, void *(*fn)(void *), void *arg)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    bool ok = pthread_create(id, NULL, fn, arg) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return ok;
}

static bool start(ocrvl_pool *p)
{
    bool ok = true;
    while (ok && p->started + 1 < p->threads) {
        worker *w = ocrvl_alloc(sizeof *w);
        ok = w != NULL;
        if (!ok)
            break;
        *w = (worker){p, p->started + 1};
        ok = start_thread(&p->ids[p->started], work, w);
        if (ok)
            p->started++;
        else
            ocrvl_free(w);
    }
    return ok;
}

ocrvl_status ocrvl_pool_new(ocrvl_pool **out, unsigned threads, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_pool *p = ocrvl_alloc(sizeof *p);
    if (!p)
        return ocrvl_fail_nomem(err);
    unsigned wanted = threads ? (threads > 256 ? 256 : threads) : processors();
    p->threads = wanted;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->idle, NULL);
    p->ids = ocrvl_alloc_array(p->threads, sizeof *p->ids);
    if (!p->ids || !start(p)) {
        ocrvl_pool_free(p);
        return ocrvl_fail(err, OCRVL_E_NOMEM, "cannot start %u threads", wanted);
    }
    *out = p;
    return OCRVL_OK;
}

void ocrvl_pool_free(ocrvl_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->quit = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->started; i++)
        pthread_join(p->ids[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->idle);
    ocrvl_free(p->ids);
    ocrvl_free(p);
}

unsigned ocrvl_pool_threads(const ocrvl_pool *p) { return p ? p->threads : 1; }

void ocrvl_pool_limit(ocrvl_pool *p, unsigned threads)
{
    if (p)
        atomic_store_explicit(&p->limit, threads, memory_order_relaxed);
}

static unsigned helpers(ocrvl_pool *p)
{
    unsigned limit = atomic_load_explicit(&p->limit, memory_order_relaxed);
    return limit && limit - 1 < p->started ? limit - 1 : p->started;
}

void ocrvl_pool_run(ocrvl_pool *p, size_t tasks, ocrvl_task_fn fn, void *user)
{
    unsigned helping = p ? helpers(p) : 0;
    if (helping == 0 || tasks < 2) {
        for (size_t t = 0; t < tasks; t++)
            fn(user, 0, t);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->fn = fn;
    p->user = user;
    p->tasks = tasks;
    atomic_store(&p->next, 0);
    p->busy = p->helpers = helping;
    p->round++;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    take_tasks(p, 0);
    for (unsigned i = 0; i < SPINS && atomic_load_explicit(&p->busy, memory_order_relaxed); i++)
        spin();
    pthread_mutex_lock(&p->lock);
    while (p->busy)
        pthread_cond_wait(&p->idle, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

/* ---- single threads ---------------------------------------------------------------------------------- */

struct ocrvl_thread {
    pthread_t id;
    void (*fn)(void *user);
    void *user;
};

static void *run_errand(void *arg)
{
    const ocrvl_thread *e = arg;
    e->fn(e->user);
    return NULL;
}

ocrvl_status ocrvl_thread_start(ocrvl_thread **out, void (*fn)(void *user), void *user, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_thread *e = ocrvl_alloc(sizeof *e);
    if (!e)
        return ocrvl_fail_nomem(err);
    e->fn = fn;
    e->user = user;
    if (!start_thread(&e->id, run_errand, e)) {
        ocrvl_free(e);
        return ocrvl_fail(err, OCRVL_E_NOMEM, "cannot start a thread");
    }
    *out = e;
    return OCRVL_OK;
}

void ocrvl_thread_join(ocrvl_thread *e)
{
    if (!e)
        return;
    pthread_join(e->id, NULL);
    ocrvl_free(e);
}
