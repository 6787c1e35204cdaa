#include "read/session.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

static ocrvl_status engine_decoder(ocrvl_session *s, ocrvl_decoder **out, ocrvl_error *err)
{
    return ocrvl_decoder_new(out, &s->prompts, &s->steps, err);
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
    bool line_reader = s->m->weights->config.line_reader;
    s->line_model = line_reader ? s->m : beside;
    if (s->line_model && !s->line_model->weights->config.line_reader)
        return ocrvl_fail(err, OCRVL_E_ARG, "%s: not a line reader", s->line_model->name);
    ocrvl_status st = s->line_model ? ocrvl_line_reader_new(&s->lines, s->line_model, s->pool, err) : OCRVL_OK;
    return st || line_reader ? st : start_page_reader(s, threads, err);
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

static ocrvl_status add_strips(ocrvl_page_job *j, size_t line, ocrvl_error *err)
{
    const ocrvl_config *c = &j->s->line_model->weights->config;
    ocrvl_strip *strips;
    size_t n;
    ocrvl_status st = ocrvl_layout_strips(j->layout, line, (uint32_t)c->line_height, (uint32_t)c->max_width, &strips, &n,
                                          err);
    if (st)
        return st;
    if (j->count + n > j->cap) {
        size_t cap = 2 * j->cap + n;
        ocrvl_strip *p = ocrvl_realloc_array(j->strips, cap, sizeof *p);
        if (!p) {
            ocrvl_strips_free(strips, n);
            return ocrvl_fail_nomem(err);
        }
        j->strips = p;
        j->cap = cap;
    }
    if (n)
        memcpy(j->strips + j->count, strips, n * sizeof *strips);
    j->count += n;
    ocrvl_free(strips); /* the array; its pixels have moved */
    return OCRVL_OK;
}

ocrvl_status ocrvl_job_prepare(ocrvl_page_job *j, ocrvl_error *err)
{
    ocrvl_layout_options how = {j->opt.layout, j->opt.keep_rotation, j->opt.keep_skew};
    ocrvl_status st = ocrvl_layout_new(&j->layout, j->img, &how, err);
    for (size_t i = 0; !st && j->s->lines && i < j->layout->line_count; i++)
        st = add_strips(j, i, err);
    return st;
}

ocrvl_status ocrvl_job_read_lines(ocrvl_page_job *j, ocrvl_error *err)
{
    bool beside = j->s->line_model != j->s->m;
    ocrvl_line_job job = {
        .strips = j->strips,
        .count = j->count,
        .temperature = beside ? -1 : j->opt.temperature,
        .seed = j->opt.seed,
        .max_tokens = beside ? 0 : j->opt.max_tokens,
        .deadline = j->time.limit > 0 ? ocrvl_clock() + j->time.limit - j->time.spent : 0,
        .cancel = &j->cancel,
        .progress = beside ? NULL : j->opt.on_progress,
        .user = j->opt.user,
    };
    ocrvl_status st = ocrvl_line_read(j->s->lines, &job, &j->readings, err);
    if (!st)
        st = ocrvl_line_read_again(j->s->lines, &job, j->readings, err);
    for (size_t i = 0; !st && !beside && i < j->count; i++) {
        uint64_t image, prompt;
        ocrvl_line_usage(j->s->lines, &j->strips[i], &image, &prompt);
        j->image_tokens += image;
        j->prompt_tokens += prompt;
        j->output_tokens += j->readings[i].tokens;
    }
    return st;
}

ocrvl_status ocrvl_job_begin(ocrvl_page_job *j, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_builder_new(&j->b, j->img->width, j->img->height, j->img->dpi_x, j->img->dpi_y, err);
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
    ocrvl_readings_free(j->readings, j->count);
    ocrvl_strips_free(j->strips, j->count);
    ocrvl_layout_free(j->layout);
}
