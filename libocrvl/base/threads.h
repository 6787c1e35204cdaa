/* A pool of threads among which numbered tasks are divided. The tasks, and what each of them computes, never depend on
 * the number of threads, so neither do results. */
#ifndef OCRVL_BASE_THREADS_H
#define OCRVL_BASE_THREADS_H

#include "ocrvl.h"

typedef struct ocrvl_pool ocrvl_pool;

/* worker is 0..threads-1, to choose scratch of its own; task is 0..tasks-1. */
typedef void (*ocrvl_task_fn)(void *user, unsigned worker, size_t task);

/* threads 0 means one for each processor that the process may use (at most 256). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pool_new(ocrvl_pool **out, unsigned threads, ocrvl_error *err);
void ocrvl_pool_free(ocrvl_pool *p);
/* Returns 1 for NULL. */
unsigned ocrvl_pool_threads(const ocrvl_pool *p);
/* Sets how many threads, including the caller, run from the next run on; 0 means all. May be called from the thread
 * that runs or from any other. */
void ocrvl_pool_limit(ocrvl_pool *p, unsigned threads);
/* Runs every task and returns when all are done; the caller is worker 0. With p = NULL the tasks run in this thread, in
 * order. Must not be called from within a task of the same pool. */
void ocrvl_pool_run(ocrvl_pool *p, size_t tasks, ocrvl_task_fn fn, void *user);

typedef struct ocrvl_thread ocrvl_thread;

/* Calls fn on a new thread. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_thread_start(ocrvl_thread **out, void (*fn)(void *user), void *user,
                                                 ocrvl_error *err);
/* Waits until fn has returned, and frees the thread. */
void ocrvl_thread_join(ocrvl_thread *e);

#endif
