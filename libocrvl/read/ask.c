/* ocrvl_ask: a question about pictures, answered by a page model. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "generate/chat.h"
#include "generate/constraint.h"
#include "model/cost.h"
#include "read/complete.h"
#include "read/inquiry.h"
#include "read/locate.h"
#include "read/page_reader.h"
#include "read/plan.h"
#include "read/thinking.h"
#include "read/tools.h"
#include "read/watch.h"

/* How much of an answer must agree with the page's words. */
#define AGREE 0.75

struct ocrvl_answer {
    char *text, *budget;
    ocrvl_buf thought;
    ocrvl_calls calls;
    ocrvl_answer_info info; /* borrows from the above */
};

typedef struct asking {
    ocrvl_inquiry *about;
    ocrvl_session *s;
    ocrvl_cancel_token cancel; /* of s, since the call */
    ocrvl_ask_options opt;
    ocrvl_account time;
    ocrvl_chat chat;
    ocrvl_schema *schema;
    ocrvl_constraint *mask;
    ocrvl_generation g;
    ocrvl_transcript transcript;
    ocrvl_answer *a;
} asking;

/* ---- the prompt -------------------------------------------------------------------------------------- */

static ocrvl_status show_pictures(asking *q, ocrvl_error *err)
{
    const ocrvl_inquiry *about = q->about;
    const ocrvl_ask_options *o = &about->opt;
    ocrvl_clip clip = {o->frames, o->frame_count, o->frame_seconds, o->frame_rate};
    ocrvl_status st = clip.count ? ocrvl_chat_video(&q->chat, &clip, about->video, err) : OCRVL_OK;
    for (size_t i = 0; !st && i < about->count; i++)
        st = ocrvl_chat_picture(&q->chat, about->tokens[i], err);
    return st;
}

static ocrvl_status say(asking *q, const char *role, const char *text, bool pictures, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_chat_begin(&q->chat, role, err);
    if (!st && pictures)
        st = show_pictures(q, err);
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
    bool pictures = q->about->count > 0 || q->about->opt.frame_count > 0,
         system = q->opt.turn_count && strcmp(q->opt.turns[0].role, "system") == 0;
    ocrvl_status st = OCRVL_OK;
    q->chat.vision_ids = q->about->count > 1;
    q->chat.at_once = q->opt.schema != NULL; /* JSON is all that may be said then */
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

/* Runs the prompt and generates, on the decoder that the inquiry keeps. Once that has been done, the patches of the
 * pictures aren't needed any more, and after a single question the decoder isn't either. */
static ocrvl_status run(asking *q, const ocrvl_generate_options *o, ocrvl_error *err)
{
    ocrvl_inquiry *about = q->about;
    ocrvl_prompt prompt = {q->chat.ids.data, q->chat.ids.len, about->pictures.count};
    ocrvl_status st = about->decoder ? OCRVL_OK : q->s->new_decoder(q->s, &about->decoder, err);
    if (st)
        return st;
    about->decoder->keeps = !about->once;
    q->s->prompts.cancel[0] = &q->cancel;
    ocrvl_watch w = {.tell = q->opt.on_prompt, .user = q->opt.user};
    ocrvl_watch_begin(&w, &q->s->prompts, &q->s->m->weights->config, &about->pictures, q->chat.ids.len);
    st = ocrvl_generate(about->decoder, &prompt, &about->pictures, o, &q->g, err);
    q->s->prompts.cancel[0] = NULL;
    ocrvl_watch_end(&q->s->prompts);
    q->a->info.kept_tokens = about->decoder->kept;
    if (!st)
        ocrvl_pictures_drop_patches(&about->pictures);
    if (about->once) {
        about->decoder->free(about->decoder);
        about->decoder = NULL;
    }
    return st;
}

static ocrvl_status generate(asking *q, ocrvl_error *err)
{
    ocrvl_generate_options o = {
        .tokenizer = q->s->m->tokenizer,
        .config = &q->s->m->weights->config,
        .max_tokens = ocrvl_answer_limit(q->opt.max_tokens, OCRVL_ASK_ANSWER, &q->s->m->weights->config),
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
        st = run(q, &o, err);
    if (!st)
        st = ocrvl_detokenize(o.tokenizer, q->g.ids.data, q->g.logprobs, q->g.ids.len, false, &q->transcript, err);
    bool unfinished = false; /* the answer is empty then, and incomplete */
    return st || q->opt.schema ? st
                               : ocrvl_cut_thinking(&q->transcript, q->s->m->thinks, &q->a->thought, &unfinished, err);
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
    a->info.thinking = a->thought.len ? a->thought.data : NULL;
    a->info.image_tokens = ocrvl_inquiry_tokens(q->about);
    a->info.prompt_tokens = q->chat.ids.len;
    a->info.output_tokens = q->g.ids.len;
    if (q->about->budget.len && !(a->info.budget = a->budget = ocrvl_strdup(q->about->budget.data)))
        return ocrvl_fail_nomem(err);
    if (!q->opt.tools)
        return OCRVL_OK;
    st = ocrvl_tools_calls(&a->calls, a->text, to - from, q->opt.tools, err);
    a->info.calls = (uint32_t)a->calls.count;
    a->info.bad_calls = (uint32_t)a->calls.bad;
    return st;
}

static ocrvl_status find_place(asking *q, ocrvl_error *err)
{
    double best = 0;
    ocrvl_status st = OCRVL_OK;
    q->a->info.image = -1;
    if (!q->s->lines || q->opt.schema || q->a->calls.count || !q->a->text[0])
        return OCRVL_OK;
    for (size_t i = 0; !st && i < q->about->count; i++) {
        const ocrvl_page *page;
        ocrvl_box box;
        double score;
        st = ocrvl_inquiry_lines(q->about, i, q->cancel, &q->time, &page, err);
        if (!st && ocrvl_locate(page, q->a->text, AGREE, &box, &score) && score > best) {
            best = score;
            q->a->info.image = (int32_t)i;
            q->a->info.box = box;
        }
    }
    return st;
}

static void free_asking(asking *q)
{
    ocrvl_chat_free(&q->chat);
    ocrvl_constraint_free(q->mask);
    ocrvl_schema_free(q->schema);
    ocrvl_generation_free(&q->g);
    ocrvl_transcript_free(&q->transcript);
    ocrvl_answer_free(q->a);
}

static ocrvl_status check(const ocrvl_session *s, const ocrvl_ask_options *o, ocrvl_error *err)
{
    if (!s->m)
        return ocrvl_fail(err, OCRVL_E_ARG, "a session without a model can't answer questions");
    if (s->reader != &ocrvl_page_reader_ops)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "%s only reads lines; questions need a page model", s->m->name);
    return o->question ? OCRVL_OK : ocrvl_fail(err, OCRVL_E_ARG, "no question");
}

ocrvl_status ocrvl_inquiry_ask(ocrvl_inquiry *about, const ocrvl_ask_options *opt, ocrvl_answer **out, ocrvl_error *err)
{
    ocrvl_session *s = about->s;
    asking q = {.about = about, .s = s, .cancel = ocrvl_cancel_watch(&s->cancel), .chat = {.model = s->m}};
    *out = NULL;
    memcpy(&q.opt, opt, opt->size < sizeof q.opt ? opt->size : sizeof q.opt);
    ocrvl_status st = check(s, &q.opt, err);
    if (st)
        return st;
    q.time.limit = 1e-3 * q.opt.max_millis;
    double from = ocrvl_clock();
    q.a = ocrvl_alloc(sizeof *q.a);
    st = q.a ? ocrvl_inquiry_prepare(about, q.cancel, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = make_chat(&q, err);
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

ocrvl_status ocrvl_ask(ocrvl_session *s, const ocrvl_image *const *images, size_t count, const ocrvl_ask_options *opt,
                       ocrvl_answer **out, ocrvl_error *err)
{
    ocrvl_inquiry about;
    *out = NULL;
    ocrvl_status st = ocrvl_inquiry_begin(&about, s, images, count, opt, err);
    if (st)
        return st;
    about.once = true;
    st = ocrvl_inquiry_ask(&about, opt, out, err);
    ocrvl_inquiry_end(&about);
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
    ocrvl_buf_free(&a->thought);
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
