/* A pool of threads that share out numbered tasks. The tasks and what each computes never depend on how many threads
 * there are, so neither do results. */
#ifndef OCRVL_BASE_THREADS_H
#define OCRVL_BASE_THREADS_H

#include "ocrvl.h"

typedef struct ocrvl_pool ocrvl_pool;

/* worker: 0..threads-1, for scratch of one's own; task: 0..tasks-1. */
typedef void (*ocrvl_task_fn)(void *user, unsigned worker, size_t task);

/* threads 0: one for each processor the process may use (at most 256). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pool_new(ocrvl_pool **out, unsigned threads, ocrvl_error *err);
void ocrvl_pool_free(ocrvl_pool *p);
/* 1 for NULL. */
unsigned ocrvl_pool_threads(const ocrvl_pool *p);
/* How many of its threads take part in runs from the next one on, the caller counted; 0: all. Of the thread that runs, or
 * any other. */
void ocrvl_pool_limit(ocrvl_pool *p, unsigned threads);
/* Runs every task and returns when all are done; the caller is worker 0. p = NULL runs them here, in order.
 * Not to be called from within a task of the same pool. */
void ocrvl_pool_run(ocrvl_pool *p, size_t tasks, ocrvl_task_fn fn, void *user);

typedef struct ocrvl_thread ocrvl_thread;

/* Calls fn on a thread of its own. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_thread_start(ocrvl_thread **out, void (*fn)(void *user), void *user,
                                                 ocrvl_error *err);
/* Waits for it to return, and frees it. */
void ocrvl_thread_join(ocrvl_thread *e);

#endif
