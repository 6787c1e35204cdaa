#include "read/session.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "read/page_reader.h"
#include "read/schedule.h"

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

static ocrvl_status start_readers(ocrvl_session *s, const ocrvl_model *beside, uint32_t threads, ocrvl_error *err)
{
    bool alone = s->m->weights->config.line_reader;
    const ocrvl_model *lines = alone ? s->m : beside;
    s->reader = alone ? &ocrvl_line_reader_ops : &ocrvl_page_reader_ops;
    if (lines && !lines->weights->config.line_reader)
        return ocrvl_fail(err, OCRVL_E_ARG, "%s: not a line reader", lines->name);
    ocrvl_status st = lines ? ocrvl_line_reader_new(&s->lines, lines, ocrvl_pool_threads(s->pool), err) : OCRVL_OK;
    return st || alone ? st : start_page_reader(s, threads, err);
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
        st = start_readers(s, o.line_model, o.threads, err);
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

ocrvl_status ocrvl_job_prepare(ocrvl_page_job *j, ocrvl_error *err)
{
    ocrvl_layout_options how = {j->opt.layout, j->opt.keep_rotation, j->opt.keep_skew};
    return ocrvl_layout_new(&j->layout, j->in.image, &how, err);
}

ocrvl_status ocrvl_job_read(ocrvl_page_reading **out, ocrvl_page_job *j, const ocrvl_reader_ops *reader, ocrvl_error *err)
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

ocrvl_status ocrvl_job_begin(ocrvl_page_job *j, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_builder_new(&j->b, j->in.image->width, j->in.image->height, j->in.image->dpi_x, j->in.image->dpi_y, err);
    if (st)
        return st;
    ocrvl_builder_set_geometry(j->b, j->layout->rotation, j->layout->skew);
    if (!j->layout->rotation)
        return OCRVL_OK;
    char message[80];
    snprintf(message, sizeof message, "the page was turned by %u degrees to be read", j->layout->rotation);
    return ocrvl_builder_warn(j->b, "rotated", message, false, err);
}

void ocrvl_job_free(ocrvl_page_job *j)
{
    ocrvl_builder_free(j->b);
    ocrvl_lines_free(&j->lines);
    ocrvl_layout_free(j->layout);
}
