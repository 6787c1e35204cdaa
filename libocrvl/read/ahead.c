#include "read/ahead.h"

#include "base/clock.h"
#include "base/error.h"

/* Of the threads, those that go on answering: a quarter of them, since few draw all the memory's bandwidth. */
enum { ANSWERING = 4 };

static unsigned answering(const ocrvl_session *s)
{
    unsigned n = ocrvl_pool_threads(s->pool) / ANSWERING;
    return n ? n : 1;
}

bool ocrvl_ahead_helps(const ocrvl_session *s) { return ocrvl_pool_threads(s->pool) > 1; }

static void show(void *user)
{
    ocrvl_ahead *a = user;
    a->st = ocrvl_model_page_look(a->p, a->look, &a->err);
    a->to = ocrvl_clock();
    atomic_store(&a->over, true);
}

void ocrvl_ahead_send(ocrvl_ahead *a, ocrvl_session *s, ocrvl_model_page *p, size_t i)
{
    if (a->errand)
        return;
    a->s = s;
    a->p = p;
    a->look = i;
    a->from = ocrvl_clock();
    atomic_store(&a->over, false);
    atomic_store(&a->given_up, false);
    s->prompts.cancel[1] = &a->given_up;
    ocrvl_pool_limit(s->prompt_pool, ocrvl_pool_threads(s->pool) - answering(s));
    if (ocrvl_errand_start(&a->errand, show, a, NULL) != OCRVL_OK) { /* it will be shown in its turn */
        ocrvl_pool_limit(s->prompt_pool, 0);
        a->p = NULL;
    }
}

bool ocrvl_ahead_has(const ocrvl_ahead *a, const ocrvl_model_page *p, size_t i)
{
    return a->errand && a->p == p && a->look == i;
}

static double answering_share(const ocrvl_session *s) { return answering(s) / (double)ocrvl_pool_threads(s->pool); }

double ocrvl_ahead_share(ocrvl_ahead *a)
{
    if (!a->s)
        return 1;
    bool shared = a->errand && !atomic_load(&a->over);
    ocrvl_pool_limit(a->s->pool, shared ? answering(a->s) : 0);
    return shared ? answering_share(a->s) : 1;
}

static void end(ocrvl_ahead *a)
{
    ocrvl_pool_limit(a->s->prompt_pool, 0);
    ocrvl_errand_end(a->errand);
    a->errand = NULL;
    a->s->prompts.cancel[1] = NULL;
}

ocrvl_status ocrvl_ahead_take(ocrvl_ahead *a, ocrvl_error *err)
{
    double waiting = ocrvl_clock();
    end(a);
    double alone = a->to > waiting ? a->to - waiting : 0;
    ocrvl_model_page_spend(a->p, alone + (a->to - alone - a->from) * (1 - answering_share(a->s)));
    if (a->st && err)
        *err = a->err;
    return a->st;
}

void ocrvl_ahead_give_up(ocrvl_ahead *a, const ocrvl_model_page *p)
{
    if (!a->errand || (p && a->p != p))
        return;
    atomic_store(&a->given_up, true);
    end(a);
}
