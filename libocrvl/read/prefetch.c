#include "read/prefetch.h"

#include "base/clock.h"
#include "base/error.h"

/* Of the threads, those that go on answering: a quarter of them, since few draw all the memory's bandwidth. */
enum { ANSWERING = 4 };

static unsigned answering(const ocrvl_session *s)
{
    unsigned n = ocrvl_pool_threads(s->pool) / ANSWERING;
    return n ? n : 1;
}

bool ocrvl_prefetch_helps(const ocrvl_session *s) { return ocrvl_pool_threads(s->pool) > 1; }

static void show(void *user)
{
    ocrvl_prefetch *a = user;
    a->st = a->p->reader->prefill(a->p, a->tile, 0, &a->err);
    a->to = ocrvl_clock();
    atomic_store(&a->over, true);
}

void ocrvl_prefetch_start(ocrvl_prefetch *a, ocrvl_session *s, ocrvl_page_reading *p, size_t i)
{
    if (a->thread)
        return;
    a->s = s;
    a->p = p;
    a->tile = i;
    a->from = ocrvl_clock();
    atomic_store(&a->over, false);
    a->cancel = ocrvl_cancel_watch(&a->give_up);
    s->prompts.cancel[1] = &a->cancel;
    ocrvl_pool_limit(s->prompt_pool, ocrvl_pool_threads(s->pool) - answering(s));
    if (ocrvl_thread_start(&a->thread, show, a, NULL) != OCRVL_OK) { /* it will be shown in its turn */
        ocrvl_pool_limit(s->prompt_pool, 0);
        a->p = NULL;
    }
}

bool ocrvl_prefetch_has(const ocrvl_prefetch *a, const ocrvl_page_reading *p, size_t i)
{
    return a->thread && a->p == p && a->tile == i;
}

static double answering_share(const ocrvl_session *s) { return answering(s) / (double)ocrvl_pool_threads(s->pool); }

double ocrvl_prefetch_share(ocrvl_prefetch *a)
{
    if (!a->s)
        return 1;
    bool shared = a->thread && !atomic_load(&a->over);
    ocrvl_pool_limit(a->s->pool, shared ? answering(a->s) : 0);
    return shared ? answering_share(a->s) : 1;
}

static void end(ocrvl_prefetch *a)
{
    ocrvl_pool_limit(a->s->prompt_pool, 0);
    ocrvl_thread_join(a->thread);
    a->thread = NULL;
    a->s->prompts.cancel[1] = NULL;
}

ocrvl_status ocrvl_prefetch_take(ocrvl_prefetch *a, ocrvl_error *err)
{
    double waiting = ocrvl_clock();
    end(a);
    double alone = a->to > waiting ? a->to - waiting : 0;
    a->p->j->time.spent += alone + (a->to - alone - a->from) * (1 - answering_share(a->s));
    if (a->st && err)
        *err = a->err;
    return a->st;
}

void ocrvl_prefetch_cancel(ocrvl_prefetch *a, const ocrvl_page_reading *p)
{
    if (!a->thread || (p && a->p != p))
        return;
    ocrvl_cancel_all(&a->give_up);
    end(a);
}
