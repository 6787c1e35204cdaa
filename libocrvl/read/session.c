#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/threads.h"
#include "read/assemble.h"
#include "read/line.h"

struct ocrvl_session {
    const ocrvl_model *m;
    ocrvl_pool *pool;
    ocrvl_line_reader *lines;
    atomic_bool cancel;
};

ocrvl_status ocrvl_session_new(ocrvl_session **out, const ocrvl_model *m, const ocrvl_session_options *opt,
                               ocrvl_error *err)
{
    *out = NULL;
    ocrvl_session *s = ocrvl_alloc(sizeof *s);
    if (!s)
        return ocrvl_fail_nomem(err);
    s->m = m;
    ocrvl_status st = ocrvl_pool_new(&s->pool, opt ? opt->threads : 0, err);
    if (!st && m->weights->config.line_reader)
        st = ocrvl_line_reader_new(&s->lines, m, s->pool, err);
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
    ocrvl_pool_free(s->pool);
    ocrvl_free(s);
}

void ocrvl_session_cancel(ocrvl_session *s) { atomic_store(&s->cancel, true); }

/* One page being read. */
typedef struct page_job {
    ocrvl_session *s;
    const ocrvl_image *img;
    ocrvl_read_options opt;
    double start;
    ocrvl_layout *layout;
    ocrvl_strip *strips; /* of all lines, in their order; each strip's pixels are its own */
    size_t count, cap;
    ocrvl_reading *readings;
    ocrvl_builder *b;
} page_job;

static ocrvl_status add_strips(page_job *j, size_t line, ocrvl_error *err)
{
    const ocrvl_config *c = &j->s->m->weights->config;
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

static ocrvl_status read_lines(page_job *j, ocrvl_error *err)
{
    ocrvl_line_job job = {
        .strips = j->strips,
        .count = j->count,
        .temperature = j->opt.temperature,
        .seed = j->opt.seed,
        .max_tokens = j->opt.limits.max_tokens,
        .deadline = j->opt.limits.max_millis ? j->start + 1e-3 * j->opt.limits.max_millis : 0,
        .cancel = &j->s->cancel,
        .progress = j->opt.on_progress,
        .user = j->opt.user,
    };
    return ocrvl_line_read(j->s->lines, &job, &j->readings, err);
}

static ocrvl_status note_geometry(page_job *j, ocrvl_error *err)
{
    uint32_t turned = j->layout->rotation;
    ocrvl_builder_set_geometry(j->b, turned, j->layout->skew);
    if (!turned)
        return OCRVL_OK;
    char message[80];
    snprintf(message, sizeof message, "the page was turned by %u degrees to be read", turned);
    return ocrvl_builder_warn(j->b, "rotated", message, false, err);
}

static void note_usage(page_job *j)
{
    uint64_t image = 0, prompt = 0, output = 0;
    for (size_t i = 0; i < j->count; i++) {
        uint64_t v, p;
        ocrvl_line_usage(j->s->lines, &j->strips[i], &v, &p);
        image += v;
        prompt += p;
        output += j->readings[i].tokens;
    }
    ocrvl_builder_set_usage(j->b, image, prompt, output, ocrvl_clock() - j->start);
}

static ocrvl_status read_page(page_job *j, ocrvl_page **out, ocrvl_error *err)
{
    ocrvl_layout_options how = {j->opt.layout, j->opt.keep_rotation, j->opt.keep_skew};
    ocrvl_status st = ocrvl_layout_new(&j->layout, j->img, &how, err);
    for (size_t i = 0; !st && i < j->layout->line_count; i++)
        st = add_strips(j, i, err);
    if (!st)
        st = read_lines(j, err);
    if (!st)
        st = ocrvl_builder_new(&j->b, j->img->width, j->img->height, j->img->dpi_x, j->img->dpi_y, err);
    if (!st)
        st = note_geometry(j, err);
    if (!st)
        st = ocrvl_assemble(j->b, j->layout, j->strips, j->readings, j->count, err);
    if (st)
        return st;
    note_usage(j);
    return ocrvl_builder_finish(j->b, out, err);
}

ocrvl_status ocrvl_read(ocrvl_session *s, const ocrvl_image *img, const ocrvl_read_options *opt, ocrvl_page **out,
                        ocrvl_error *err)
{
    page_job j = {.s = s, .img = img, .start = ocrvl_clock()};
    *out = NULL;
    if (!s->lines)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "%s: not a line reader (its ocrvl.json would say so)", s->m->name);
    if (opt)
        memcpy(&j.opt, opt, opt->size < sizeof j.opt ? opt->size : sizeof j.opt);
    ocrvl_status st = read_page(&j, out, err);
    ocrvl_builder_free(j.b);
    ocrvl_readings_free(j.readings, j.count);
    ocrvl_strips_free(j.strips, j.count);
    ocrvl_layout_free(j.layout);
    return st;
}
