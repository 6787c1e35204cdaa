/* ocrvl_ask: a question about pictures, answered by a page model. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "generate/chat.h"
#include "generate/constraint.h"
#include "read/complete.h"
#include "read/line_reader.h"
#include "read/locate.h"
#include "read/page_reader.h"
#include "read/plan.h"
#include "read/prepare.h"
#include "read/schedule.h"
#include "read/tools.h"

/* Tokens of an answer unless the options say otherwise; those of a question that the context is to have room for; how
 * much of an answer must agree with the page's words. */
enum { ANSWER = OCRVL_ASK_ANSWER, PROMPT = OCRVL_ASK_PROMPT };
#define AGREE 0.75

struct ocrvl_answer {
    char *text, *budget;
    ocrvl_calls calls;
    ocrvl_answer_info info; /* borrows from the above */
};

typedef struct asking {
    ocrvl_session *s;
    ocrvl_cancel_token cancel; /* of s, since the call */
    const ocrvl_image *const *images;
    size_t count;
    ocrvl_ask_options opt;
    ocrvl_account time;
    ocrvl_chat chat;
    ocrvl_page_job *jobs; /* [count] of the images, prepared */
    ocrvl_pictures pictures;
    ocrvl_buf budget; /* what the budgets changed */
    ocrvl_schema *schema;
    ocrvl_constraint *mask;
    ocrvl_generation g;
    ocrvl_transcript transcript;
    ocrvl_answer *a;
} asking;

/* ---- the prompt -------------------------------------------------------------------------------------- */

static size_t answer_limit(const asking *q)
{
    return ocrvl_answer_limit(q->opt.max_tokens, ANSWER, &q->s->m->weights->config);
}

static ocrvl_status add_video(asking *q, size_t room, ocrvl_error *err)
{
    size_t tokens;
    ocrvl_clip clip = {q->opt.frames, q->opt.frame_count, q->opt.frame_seconds, q->opt.frame_rate};
    ocrvl_status st = ocrvl_pictures_add_video(&q->pictures, &q->s->m->weights->config, &clip, room, &tokens, err);
    if (!st)
        st = ocrvl_chat_video(&q->chat, &clip, tokens, err);
    q->a->info.image_tokens += st ? 0 : tokens;
    return st;
}

/* How large picture i is shown. */
static ocrvl_status choose_range(asking *q, size_t i, ocrvl_pixel_range limits, ocrvl_pixel_range *out,
                                 ocrvl_error *err)
{
    const ocrvl_config *c = &q->s->m->weights->config;
    const ocrvl_image *img = q->images[i];
    uint64_t letters = 0;
    q->jobs[i] = (ocrvl_page_job){.s = q->s, .cancel = q->cancel, .in = {.image = img}};
    ocrvl_status st = ocrvl_job_prepare(&q->jobs[i], err);
    if (!st)
        st = ocrvl_pixels_for_letters(&letters, q->jobs[i].layout, err);
    if (!st)
        *out = ocrvl_range_in_question(c, img, letters, limits);
    return st;
}

static ocrvl_status show(asking *q, size_t i, ocrvl_pixel_range r, ocrvl_error *err)
{
    size_t tokens;
    ocrvl_status st =
        ocrvl_pictures_add(&q->pictures, &q->s->m->weights->config, q->images[i], r.least, r.most, &tokens, err);
    if (!st)
        st = ocrvl_chat_picture(&q->chat, tokens, err);
    q->a->info.image_tokens += st ? 0 : tokens;
    return st;
}

/* The pictures and the video share what the context leaves them, and keep to the budgets. */
static ocrvl_status add_pictures(asking *q, ocrvl_error *err)
{
    const ocrvl_config *c = &q->s->m->weights->config;
    size_t side = c->patch * c->merge, others = answer_limit(q) + PROMPT, shown = q->count + (q->opt.frame_count > 0);
    uint64_t room = c->context > others ? (c->context - others) / (shown ? shown : 1) : 1;
    ocrvl_shown_plan plan;
    ocrvl_pixel_range limits = {q->opt.min_pixels ? q->opt.min_pixels : c->min_pixels,
                                q->opt.max_pixels ? q->opt.max_pixels : c->max_pixels};
    limits = ocrvl_pixels_up_to(limits, room * side * side);
    ocrvl_pixel_range *ranges = ocrvl_alloc_array(q->count + 1, sizeof *ranges);
    ocrvl_status st = ranges ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st && q->opt.frame_count)
        st = add_video(q, (size_t)room, err);
    for (size_t i = 0; !st && i < q->count; i++)
        st = choose_range(q, i, limits, &ranges[i], err);
    ocrvl_shown all = {q->images, ranges, q->count, (size_t)q->a->info.image_tokens, PROMPT, answer_limit(q)};
    if (!st)
        st = ocrvl_plan_pictures(q->opt.planner, c, &all, &plan, &q->budget, err);
    if (!st && plan.seconds > 0 && q->opt.on_estimate)
        q->opt.on_estimate(q->opt.user, plan.seconds, plan.tokens);
    for (size_t i = 0; !st && i < q->count; i++)
        st = show(q, i, ocrvl_pixels_up_to(ranges[i], plan.most), err);
    ocrvl_free(ranges);
    return st;
}

static ocrvl_status say(asking *q, const char *role, const char *text, bool pictures, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_chat_begin(&q->chat, role, err);
    if (!st && pictures)
        st = add_pictures(q, err);
    if (!st)
        st = ocrvl_chat_text(&q->chat, text, strlen(text), err);
    return st ? st : ocrvl_chat_end(&q->chat, err);
}

/* The system turn that holds the tools, with what a system turn would say without them. */
static ocrvl_status say_system(asking *q, const char *own, ocrvl_error *err)
{
    const ocrvl_config *c = &q->s->m->weights->config;
    ocrvl_buf b = {0};
    const char *said = own ? own : ocrvl_config_system(c);
    ocrvl_buf_puts(&b, said ? said : "");
    ocrvl_status st = ocrvl_tools_describe(&b, q->opt.tools, err);
    if (!st)
        st = say(q, "system", b.data, false, err);
    ocrvl_buf_free(&b);
    return st;
}

static ocrvl_status say_question(asking *q, bool pictures, ocrvl_error *err)
{
    ocrvl_task task;
    ocrvl_buf b = {0};
    ocrvl_task_values v = {.question = q->opt.question, .schema = q->opt.schema};
    bool bare = q->opt.plain || q->opt.tools || q->opt.turn_count;
    if (bare && !q->opt.schema)
        ocrvl_buf_puts(&b, q->opt.question);
    else if (ocrvl_task_by_name(&task, q->opt.schema ? "json" : "question"))
        ocrvl_task_fill(&task, &v, &b);
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(err) : say(q, "user", b.data ? b.data : "", pictures, err);
    ocrvl_buf_free(&b);
    return st;
}

/* A turn that was. What functions returned is a user's turn, one for all that were called in one answer. */
static ocrvl_status say_turn(asking *q, size_t i, bool pictures, ocrvl_error *err)
{
    const ocrvl_turn *t = &q->opt.turns[i];
    if (strcmp(t->role, "tool") != 0)
        return say(q, t->role, t->text, pictures, err);
    ocrvl_buf b = {0};
    bool first = i == 0 || strcmp(t[-1].role, "tool") != 0,
         last = i + 1 == q->opt.turn_count || strcmp(t[1].role, "tool") != 0;
    ocrvl_buf_printf(&b, "%s<tool_response>\n%s\n</tool_response>", first ? "" : "\n", t->text);
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(err) : first ? ocrvl_chat_begin(&q->chat, "user", err) : OCRVL_OK;
    if (!st)
        st = ocrvl_chat_text(&q->chat, b.data, b.len, err);
    if (!st && last)
        st = ocrvl_chat_end(&q->chat, err);
    ocrvl_buf_free(&b);
    return st;
}

static ocrvl_status make_chat(asking *q, ocrvl_error *err)
{
    bool pictures = q->count > 0 || q->opt.frame_count > 0,
         system = q->opt.turn_count && strcmp(q->opt.turns[0].role, "system") == 0;
    ocrvl_status st = OCRVL_OK;
    q->chat.vision_ids = q->count > 1;
    if (q->opt.tools)
        st = say_system(q, system ? q->opt.turns[0].text : NULL, err);
    for (size_t i = system && q->opt.tools ? 1 : 0; !st && i < q->opt.turn_count; i++) {
        bool here = pictures && strcmp(q->opt.turns[i].role, "user") == 0;
        st = say_turn(q, i, here, err);
        pictures = pictures && !here;
    }
    if (!st)
        st = say_question(q, pictures, err);
    return st ? st : ocrvl_chat_answer(&q->chat, err);
}

/* ---- the answer -------------------------------------------------------------------------------------- */

static ocrvl_status generate(asking *q, ocrvl_error *err)
{
    ocrvl_decoder *d;
    ocrvl_generate_options o = {
        .tokenizer = q->s->m->tokenizer,
        .config = &q->s->m->weights->config,
        .max_tokens = answer_limit(q),
        .temperature = ocrvl_sampler_temperature(q->opt.temperature, q->opt.sample),
        .seed = q->opt.seed,
        .draft = OCRVL_DRAFT,
        .time = &q->time,
        .cancel = {&q->cancel},
        .progress = q->opt.on_progress,
        .user = q->opt.user,
    };
    ocrvl_status st = OCRVL_OK;
    if (q->opt.schema) {
        st = ocrvl_schema_parse(&q->schema, q->opt.schema, strlen(q->opt.schema), err);
        if (!st)
            st = ocrvl_constraint_new(&q->mask, q->schema, q->s->m, err);
        if (!st)
            o.mask = ocrvl_constraint_begin(q->mask);
    }
    if (!st)
        st = q->s->new_decoder(q->s, &d, err);
    if (st)
        return st;
    ocrvl_prompt prompt = {q->chat.ids.data, q->chat.ids.len, q->pictures.count};
    q->s->prompts.cancel[0] = &q->cancel;
    st = ocrvl_generate(d, &prompt, &q->pictures, &o, &q->g, err);
    q->s->prompts.cancel[0] = NULL;
    d->free(d);
    return st ? st
              : ocrvl_detokenize(o.tokenizer, q->g.ids.data, q->g.logprobs, q->g.ids.len, false, &q->transcript, err);
}

/* JSON that was cut is made whole, never half an object. */
static ocrvl_status complete(ocrvl_answer *a, const char *schema, ocrvl_error *err)
{
    char *whole;
    ocrvl_status st = ocrvl_json_complete(&whole, a->text, strlen(a->text), schema, err);
    if (st)
        return st;
    ocrvl_free(a->text);
    a->text = whole;
    return OCRVL_OK;
}

static ocrvl_status take_answer(asking *q, ocrvl_error *err)
{
    size_t from = 0, to = q->transcript.len;
    const char *t = q->transcript.text;
    ocrvl_answer *a = q->a;
    while (from < to && strchr(" \t\r\n", t[from]))
        from++;
    while (to > from && strchr(" \t\r\n", t[to - 1]))
        to--;
    a->text = ocrvl_strndup(t + from, to - from);
    ocrvl_status st = a->text ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st && q->opt.schema && q->g.finish != OCRVL_FINISH_END)
        st = complete(a, q->opt.schema, err);
    if (st)
        return st;
    a->info.text = a->text;
    a->info.confidence = ocrvl_transcript_probability(&q->transcript, 0, q->transcript.len);
    a->info.complete = q->g.finish == OCRVL_FINISH_END;
    a->info.prompt_tokens = q->chat.ids.len;
    a->info.output_tokens = q->g.ids.len;
    if (q->budget.len)
        a->info.budget = a->budget = ocrvl_buf_steal(&q->budget, NULL);
    if (!q->opt.tools)
        return OCRVL_OK;
    st = ocrvl_tools_calls(&a->calls, a->text, to - from, q->opt.tools, err);
    a->info.calls = (uint32_t)a->calls.count;
    a->info.bad_calls = (uint32_t)a->calls.bad;
    return st;
}

/* What the line reader says of a picture, as a page. */
static ocrvl_status read_lines(asking *q, ocrvl_page_job *j, ocrvl_page **out, ocrvl_error *err)
{
    double from = ocrvl_clock();
    ocrvl_page_reading *lines = NULL;
    j->time = q->time;
    ocrvl_status st = ocrvl_job_begin(j, err);
    if (!st)
        st = ocrvl_job_read(&lines, j, &ocrvl_line_reader_ops, err);
    if (!st)
        st = lines->reader->finish(lines, err);
    if (!st)
        st = ocrvl_builder_finish(j->b, out, err);
    ocrvl_page_reading_free(lines);
    q->time.spent += ocrvl_clock() - from;
    return st;
}

static ocrvl_status find_place(asking *q, ocrvl_error *err)
{
    double best = 0;
    ocrvl_status st = OCRVL_OK;
    q->a->info.image = -1;
    if (!q->s->lines || q->opt.schema || q->a->calls.count || !q->a->text[0])
        return OCRVL_OK;
    for (size_t i = 0; !st && i < q->count; i++) {
        ocrvl_page *page = NULL;
        ocrvl_box box;
        double score;
        st = read_lines(q, &q->jobs[i], &page, err);
        if (!st && ocrvl_locate(page, q->a->text, AGREE, &box, &score) && score > best) {
            best = score;
            q->a->info.image = (int32_t)i;
            q->a->info.box = box;
        }
        ocrvl_page_free(page);
    }
    return st;
}

static void free_asking(asking *q)
{
    ocrvl_chat_free(&q->chat);
    ocrvl_pictures_free(&q->pictures);
    ocrvl_buf_free(&q->budget);
    ocrvl_constraint_free(q->mask);
    ocrvl_schema_free(q->schema);
    ocrvl_generation_free(&q->g);
    ocrvl_transcript_free(&q->transcript);
    ocrvl_answer_free(q->a);
    for (size_t i = 0; q->jobs && i < q->count; i++)
        ocrvl_job_free(&q->jobs[i]);
    ocrvl_free(q->jobs);
}

ocrvl_status ocrvl_ask(ocrvl_session *s, const ocrvl_image *const *images, size_t count, const ocrvl_ask_options *opt,
                       ocrvl_answer **out, ocrvl_error *err)
{
    asking q = {
        .s = s, .cancel = ocrvl_cancel_watch(&s->cancel), .images = images, .count = count, .chat = {.model = s->m}};
    *out = NULL;
    memcpy(&q.opt, opt, opt->size < sizeof q.opt ? opt->size : sizeof q.opt);
    if (!s->m)
        return ocrvl_fail(err, OCRVL_E_ARG, "a session without a model can't answer questions");
    if (s->reader != &ocrvl_page_reader_ops)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "%s only reads lines; questions need a Qwen2-VL checkpoint",
                          s->m->name);
    if (!q.opt.question)
        return ocrvl_fail(err, OCRVL_E_ARG, "no question");
    q.time.limit = 1e-3 * q.opt.max_millis;
    double from = ocrvl_clock();
    q.a = ocrvl_alloc(sizeof *q.a);
    q.jobs = ocrvl_alloc_array(count + 1, sizeof *q.jobs);
    ocrvl_status st = q.a && q.jobs ? make_chat(&q, err) : ocrvl_fail_nomem(err);
    q.time.spent = ocrvl_clock() - from;
    if (!st)
        st = generate(&q, err);
    if (!st)
        st = take_answer(&q, err);
    if (!st)
        st = find_place(&q, err);
    if (!st) {
        *out = q.a;
        q.a = NULL;
    }
    free_asking(&q);
    return st;
}

void ocrvl_answer_get_info(const ocrvl_answer *a, ocrvl_answer_info *info)
{
    ocrvl_answer_info all = a->info;
    all.size = info->size;
    memcpy(info, &all, info->size < sizeof all ? info->size : sizeof all);
}

void ocrvl_answer_free(ocrvl_answer *a)
{
    if (!a)
        return;
    ocrvl_free(a->text);
    ocrvl_calls_free(&a->calls);
    ocrvl_free(a->budget);
    ocrvl_free(a);
}

bool ocrvl_answer_call(const ocrvl_answer *a, uint32_t i, const char **name, const char **arguments)
{
    bool there = i < a->calls.count;
    *name = there ? a->calls.list[i].name : NULL;
    *arguments = there ? a->calls.list[i].arguments : NULL;
    return there;
}
