#include "read/schedule.h"

#include "base/error.h"
#include "read/line_reader.h"

typedef struct running {
    ocrvl_page_reading *p;
    atomic_size_t done; /* sequences */
    atomic_flag failed;
    ocrvl_status st; /* of the group that failed first, */
    ocrvl_error err; /* and why */
} running;

static void fail(running *r, ocrvl_status st, const ocrvl_error *err)
{
    if (atomic_flag_test_and_set(&r->failed))
        return;
    r->st = st;
    r->err = *err;
    ocrvl_cancel_all(&r->p->failed);
}

static void cancel(running *r)
{
    ocrvl_error err;
    fail(r, ocrvl_fail(&err, OCRVL_E_CANCELED, "canceled"), &err);
}

static ocrvl_status generate(ocrvl_page_reading *p, size_t group, unsigned worker, size_t *count, ocrvl_error *err)
{
    ocrvl_decode_batch batch = {0};
    ocrvl_status st = p->reader->prefill(p, group, worker, err);
    if (st)
        return st;
    ocrvl_sequence *const *gs = p->reader->sequences(p, group, count);
    ocrvl_decode_batch_run(&batch, gs, *count);
    ocrvl_decode_batch_free(&batch);
    return p->reader->take(p, group, err);
}

static void run_group(void *user, unsigned worker, size_t group)
{
    running *r = user;
    ocrvl_page_reading *p = r->p;
    ocrvl_error err;
    size_t count = 0;
    if (ocrvl_canceled(p->cancel))
        cancel(r);
    if (ocrvl_canceled(&p->stop) || !p->reader->in_time(p)) {
        p->reader->drop(p, group);
        return;
    }
    ocrvl_status st = generate(p, group, worker, &count, &err);
    if (st)
        fail(r, st, &err);
    size_t done = atomic_fetch_add(&r->done, count) + count;
    if (worker == 0 && p->progress && p->sequences && p->progress(p->user, done, p->sequences))
        cancel(r);
}

ocrvl_status ocrvl_schedule_run(ocrvl_page_reading *p, ocrvl_pool *pool, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    while (!st && p->groups) {
        running r = {.p = p, .failed = ATOMIC_FLAG_INIT};
        ocrvl_pool_run(pool, p->groups, run_group, &r);
        if (ocrvl_canceled(p->cancel))
            cancel(&r);
        st = r.st;
        if (st && err)
            *err = r.err;
        p->groups = 0;
        if (!st && p->reader->more)
            st = p->reader->more(p, err);
    }
    return st;
}

ocrvl_status ocrvl_job_read(ocrvl_page_reading **out, ocrvl_page_job *j, const ocrvl_reader_ops *reader,
                            ocrvl_error *err)
{
    ocrvl_status st = reader->begin(out, j, err);
    if (!st && *out)
        st = ocrvl_schedule_run(*out, j->s->pool, err);
    if (st) {
        ocrvl_page_reading_free(*out);
        *out = NULL;
    }
    return st;
}

ocrvl_status ocrvl_job_read_strips(ocrvl_page_job *j, ocrvl_lines *lines, ocrvl_error *err)
{
    ocrvl_line_options greedy = {.temperature = -1, .once = true};
    ocrvl_page_reading *p;
    ocrvl_status st = ocrvl_line_reading_new(&p, j->s->lines, lines, &greedy, err);
    if (st)
        return st;
    p->cancel = &j->cancel;
    st = ocrvl_schedule_run(p, j->s->pool, err);
    ocrvl_page_reading_free(p);
    return st;
}
