/* Sessions: which readers one has, and what they share. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "read/line_reader.h"
#include "read/page_reader.h"
#include "read/script_choice.h"
#include "read/session.h"

static ocrvl_status engine_decoder(ocrvl_session *s, ocrvl_decoder **out, ocrvl_error *err)
{
    return ocrvl_decoder_new(out, &s->prompts, &s->steps, NULL, err);
}

static ocrvl_status start_page_reader(ocrvl_session *s, uint32_t threads, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_pool_new(&s->prompt_pool, threads, err);
    if (!st)
        st = ocrvl_engine_init(&s->prompts, s->m->weights, s->prompt_pool, err);
    if (!st)
        st = ocrvl_engine_init(&s->steps, s->m->weights, s->pool, err);
    return st;
}

/* The line reader of `first`, or none without one, and of the further checkpoints. */
static ocrvl_status start_line_reader(ocrvl_session *s, const ocrvl_model *first, const ocrvl_session_options *o,
                                      ocrvl_error *err)
{
    const ocrvl_model *m[OCRVL_MAX_TONGUES] = {first};
    size_t more = o->more_line_models ? o->more_line_model_count : 0;
    if (!first && !more)
        return OCRVL_OK;
    if (!first)
        return ocrvl_fail(err, OCRVL_E_ARG, "further line readers, but no first one");
    if (more >= OCRVL_MAX_TONGUES)
        return ocrvl_fail(err, OCRVL_E_ARG, "%zu line readers: there may be %d at most", more + 1, OCRVL_MAX_TONGUES);
    for (size_t i = 0; i < more; i++)
        m[i + 1] = o->more_line_models[i];
    return ocrvl_line_reader_new(&s->lines, m, more + 1, ocrvl_pool_threads(s->pool), err);
}

static ocrvl_status start_readers(ocrvl_session *s, const ocrvl_session_options *o, ocrvl_error *err)
{
    bool alone = !s->m || s->m->weights->config.line_reader;
    s->reader = alone ? &ocrvl_line_reader_ops : &ocrvl_page_reader_ops;
    ocrvl_status st = start_line_reader(s, alone ? s->m : o->line_model, o, err);
    return st || alone ? st : start_page_reader(s, o->threads, err);
}

ocrvl_status ocrvl_session_new(ocrvl_session **out, const ocrvl_model *m, const ocrvl_session_options *opt,
                               ocrvl_error *err)
{
    ocrvl_session_options o = {0};
    *out = NULL;
    if (opt)
        memcpy(&o, opt, opt->size < sizeof o ? opt->size : sizeof o);
    ocrvl_session *s = ocrvl_alloc(sizeof *s);
    if (!s)
        return ocrvl_fail_nomem(err);
    s->m = m;
    s->new_decoder = engine_decoder;
    ocrvl_status st = ocrvl_pool_new(&s->pool, o.threads, err);
    if (!st)
        st = start_readers(s, &o, err);
    if (st)
        ocrvl_session_free(s);
    else
        *out = s;
    return st;
}

void ocrvl_session_free(ocrvl_session *s)
{
    if (!s)
        return;
    ocrvl_line_reader_free(s->lines);
    ocrvl_engine_free(&s->prompts);
    ocrvl_engine_free(&s->steps);
    ocrvl_pool_free(s->prompt_pool);
    ocrvl_pool_free(s->pool);
    ocrvl_free(s);
}

void ocrvl_session_cancel(ocrvl_session *s) { ocrvl_cancel_all(&s->cancel); }
