#include "read/inquiry.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "read/line_reader.h"
#include "read/plan.h"
#include "read/prepare.h"
#include "read/schedule.h"

/* ---- what is shown ----------------------------------------------------------------------------------- */

static size_t answer_limit(const ocrvl_inquiry *q)
{
    return ocrvl_answer_limit(q->opt.max_tokens, OCRVL_ASK_ANSWER, &q->s->m->weights->config);
}

/* How large picture i is shown. */
static ocrvl_status choose_range(ocrvl_inquiry *q, size_t i, ocrvl_cancel_token cancel, ocrvl_pixel_range limits,
                                 ocrvl_pixel_range *out, ocrvl_error *err)
{
    const ocrvl_image *img = q->images[i];
    uint64_t letters = 0;
    q->jobs[i] = (ocrvl_page_job){.s = q->s, .cancel = cancel, .in = {.image = img}};
    ocrvl_status st = ocrvl_job_prepare(&q->jobs[i], err);
    if (!st)
        st = ocrvl_pixels_for_letters(&letters, q->jobs[i].layout, err);
    if (!st)
        *out = ocrvl_range_in_question(&q->s->m->weights->config, img, letters, limits);
    return st;
}

/* The pictures and the video share what the context leaves them, and keep to the budgets. ranges [count] */
static ocrvl_status choose_sizes(ocrvl_inquiry *q, ocrvl_cancel_token cancel, ocrvl_pixel_range *ranges,
                                 ocrvl_error *err)
{
    const ocrvl_config *c = &q->s->m->weights->config;
    size_t side = c->patch * c->merge, others = answer_limit(q) + OCRVL_ASK_PROMPT,
           shown = q->count + (q->opt.frame_count > 0);
    uint64_t room = c->context > others ? (c->context - others) / (shown ? shown : 1) : 1;
    ocrvl_shown_plan plan;
    ocrvl_clip clip = {q->opt.frames, q->opt.frame_count, q->opt.frame_seconds, q->opt.frame_rate};
    ocrvl_pixel_range limits = {q->opt.min_pixels ? q->opt.min_pixels : c->min_pixels,
                                q->opt.max_pixels ? q->opt.max_pixels : c->max_pixels};
    ocrvl_status st = OCRVL_OK;
    limits = ocrvl_pixels_up_to(limits, room * side * side);
    if (clip.count)
        st = ocrvl_pictures_add_video(&q->pictures, c, &clip, (size_t)room, &q->video, err);
    for (size_t i = 0; !st && i < q->count; i++)
        st = choose_range(q, i, cancel, limits, &ranges[i], err);
    ocrvl_shown all = {q->images, ranges, q->count, q->video, OCRVL_ASK_PROMPT, answer_limit(q)};
    if (!st)
        st = ocrvl_plan_pictures(q->opt.planner, c, &all, &plan, &q->budget, err);
    if (st)
        return st;
    if (plan.seconds > 0 && q->opt.on_estimate)
        q->opt.on_estimate(q->opt.user, plan.seconds, plan.tokens);
    for (size_t i = 0; i < q->count; i++)
        ranges[i] = ocrvl_pixels_up_to(ranges[i], plan.most);
    return OCRVL_OK;
}

/* Frees all that preparing made. */
static void forget(ocrvl_inquiry *q)
{
    ocrvl_pictures_free(&q->pictures);
    ocrvl_buf_free(&q->budget);
    for (size_t i = 0; i < q->count; i++) {
        ocrvl_job_free(&q->jobs[i]);
        memset(&q->jobs[i], 0, sizeof *q->jobs);
        ocrvl_page_free(q->lines[i]);
        q->lines[i] = NULL;
    }
    q->video = 0;
    q->ready = false;
}

ocrvl_status ocrvl_inquiry_prepare(ocrvl_inquiry *q, ocrvl_cancel_token cancel, ocrvl_error *err)
{
    if (q->ready)
        return OCRVL_OK;
    ocrvl_pixel_range *ranges = ocrvl_alloc_array(q->count + 1, sizeof *ranges);
    ocrvl_status st = ranges ? choose_sizes(q, cancel, ranges, err) : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < q->count; i++)
        st = ocrvl_pictures_add(&q->pictures, &q->s->m->weights->config, q->images[i], ranges[i].least, ranges[i].most,
                                &q->tokens[i], err);
    ocrvl_free(ranges);
    if (st)
        forget(q);
    q->ready = !st;
    return st;
}

size_t ocrvl_inquiry_tokens(const ocrvl_inquiry *q)
{
    size_t n = q->video;
    for (size_t i = 0; i < q->count; i++)
        n += q->tokens[i];
    return n;
}

/* ---- the line reader --------------------------------------------------------------------------------- */

static ocrvl_status read_lines(ocrvl_page_job *j, ocrvl_page **out, ocrvl_error *err)
{
    ocrvl_page_reading *lines = NULL;
    ocrvl_status st = ocrvl_job_begin(j, err);
    if (!st)
        st = ocrvl_job_read(&lines, j, &ocrvl_line_reader_ops, err);
    if (!st)
        st = lines->reader->finish(lines, err);
    if (!st)
        st = ocrvl_builder_finish(j->b, out, err);
    ocrvl_page_reading_free(lines);
    ocrvl_builder_free(j->b);
    ocrvl_lines_free(&j->lines);
    j->b = NULL;
    memset(&j->lines, 0, sizeof j->lines);
    return st;
}

ocrvl_status ocrvl_inquiry_lines(ocrvl_inquiry *q, size_t i, ocrvl_cancel_token cancel, ocrvl_account *time,
                                 const ocrvl_page **out, ocrvl_error *err)
{
    double from = ocrvl_clock();
    ocrvl_page_job *j = &q->jobs[i];
    ocrvl_status st = OCRVL_OK;
    if (!q->lines[i] || ocrvl_account_is_over(&j->time)) {
        ocrvl_page_free(q->lines[i]);
        q->lines[i] = NULL;
        j->cancel = cancel;
        j->time = *time;
        st = read_lines(j, &q->lines[i], err);
    }
    time->spent += ocrvl_clock() - from;
    *out = q->lines[i];
    return st;
}

/* ---- beginning and end ------------------------------------------------------------------------------- */

ocrvl_status ocrvl_inquiry_begin(ocrvl_inquiry *q, ocrvl_session *s, const ocrvl_image *const *images, size_t count,
                                 const ocrvl_ask_options *opt, ocrvl_error *err)
{
    memset(q, 0, sizeof *q);
    q->s = s;
    if (opt)
        memcpy(&q->opt, opt, opt->size < sizeof q->opt ? opt->size : sizeof q->opt);
    q->images = ocrvl_alloc_array(count + 1, sizeof *q->images);
    q->jobs = ocrvl_alloc_array(count + 1, sizeof *q->jobs);
    q->tokens = ocrvl_alloc_array(count + 1, sizeof *q->tokens);
    q->lines = ocrvl_alloc_array(count + 1, sizeof *q->lines);
    if (!q->images || !q->jobs || !q->tokens || !q->lines) {
        ocrvl_inquiry_end(q);
        return ocrvl_fail_nomem(err);
    }
    for (size_t i = 0; i < count; i++)
        q->images[i] = images[i];
    q->count = count;
    return OCRVL_OK;
}

void ocrvl_inquiry_end(ocrvl_inquiry *q)
{
    if (q->decoder)
        q->decoder->free(q->decoder);
    forget(q);
    ocrvl_free(q->images);
    ocrvl_free(q->jobs);
    ocrvl_free(q->tokens);
    ocrvl_free(q->lines);
}

ocrvl_status ocrvl_inquiry_new(ocrvl_inquiry **out, ocrvl_session *s, const ocrvl_image *const *images, size_t count,
                               const ocrvl_ask_options *opt, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_inquiry *q = ocrvl_alloc(sizeof *q);
    ocrvl_status st = q ? ocrvl_inquiry_begin(q, s, images, count, opt, err) : ocrvl_fail_nomem(err);
    if (st)
        ocrvl_free(q);
    else
        *out = q;
    return st;
}

void ocrvl_inquiry_free(ocrvl_inquiry *q)
{
    if (!q)
        return;
    ocrvl_inquiry_end(q);
    ocrvl_free(q);
}
