#include "read/page_model.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "model/pixels.h"
#include "read/anchor.h"
#include "read/compose.h"
#include "read/join.h"
#include "read/olmocr.h"
#include "read/plan.h"

/* Tokens of an answer unless told otherwise, and branches after a loop. */
enum { ANSWER = 4096, RETRIES = 2 };

typedef struct answer { /* to one look */
    ocrvl_decoder *d;
    ocrvl_chat chat;
    ocrvl_generating *g;
    size_t tokens; /* visual */
    ocrvl_spelling said;
} answer;

struct ocrvl_model_page {
    ocrvl_page_job *j;
    ocrvl_task task;
    ocrvl_buf prompt;     /* the task's text with its places filled */
    ocrvl_looks looks;
    ocrvl_look_limits limits; /* that they were planned with */
    ocrvl_image *upright; /* the page turned, if it was; else NULL */
    ocrvl_ids hints;
    ocrvl_spelling said;
    unsigned loops;
    bool cut[OCRVL_FINISH_TIME + 1]; /* by how a look ended */
    answer answers[OCRVL_MAX_LOOKS];
};

/* ---- what is asked ----------------------------------------------------------------------------------- */

static ocrvl_status choose_task(ocrvl_model_page *p, ocrvl_error *err)
{
    const ocrvl_model *m = p->j->s->m;
    ocrvl_status st = ocrvl_task_choose(&p->task, &p->j->opt, &m->weights->config, m->name, err);
    if (st)
        return st;
    ocrvl_buf anchor = {0};
    if (ocrvl_task_has(&p->task, "{anchor}"))
        st = ocrvl_anchor_of_page(&anchor, p->j, err);
    ocrvl_task_values v = {.languages = p->j->opt.languages, .anchor = anchor.data};
    if (!st)
        ocrvl_task_fill(&p->task, &v, &p->prompt);
    ocrvl_buf_free(&anchor);
    return !st && p->prompt.failed ? ocrvl_fail_nomem(err) : st;
}

static size_t answer_limit(const ocrvl_model_page *p)
{
    size_t asked = p->j->opt.limits.max_tokens, context = p->j->s->m->weights->config.context;
    size_t limit = asked ? asked : ANSWER;
    return limit < context / 2 ? limit : context / 2;
}

static ocrvl_status plan(ocrvl_model_page *p, ocrvl_error *err)
{
    const ocrvl_config *c = &p->j->s->m->weights->config;
    ocrvl_look_plan found = {0};
    p->limits = ocrvl_plan_limits(&p->task, &p->j->opt, c);
    ocrvl_status st = ocrvl_plan_page_looks(p->j->opt.planner, &found, c, p->j->layout, p->j->img, &p->limits,
                                            p->j->time.spent, err);
    p->looks = found.looks;
    if (!st && found.note.len)
        st = ocrvl_builder_warn(p->j->b, "budget", found.note.data, false, err);
    ocrvl_buf_free(&found.note);
    if (!st && p->j->layout->rotation)
        st = ocrvl_image_turn(&p->upright, p->j->img, p->j->layout->rotation, err);
    return st;
}

/* Text that may stand in the answer: the document's own text layer, then what the line reader says. */
static ocrvl_status make_hints(ocrvl_model_page *p, ocrvl_error *err)
{
    const ocrvl_tokenizer *t = p->j->s->m->tokenizer;
    ocrvl_buf lines = {0};
    ocrvl_status st = OCRVL_OK;
    if (p->j->opt.no_drafts)
        return OCRVL_OK;
    if (p->j->opt.text_layer)
        st = ocrvl_tokenizer_encode(t, p->j->opt.text_layer, strlen(p->j->opt.text_layer), false, &p->hints, err);
    for (size_t i = 0; p->j->readings && i < p->j->count; i++) {
        ocrvl_buf_put(&lines, p->j->readings[i].said.text ? p->j->readings[i].said.text : "", p->j->readings[i].said.len);
        ocrvl_buf_putc(&lines, p->j->strips[i].joined_to_next ? ' ' : '\n');
    }
    if (!st && lines.failed)
        st = ocrvl_fail_nomem(err);
    if (!st && lines.len)
        st = ocrvl_tokenizer_encode(t, lines.data, lines.len, false, &p->hints, err);
    ocrvl_buf_free(&lines);
    return st;
}

/* ---- a look ------------------------------------------------------------------------------------------ */

static ocrvl_status show(const ocrvl_model_page *p, const ocrvl_look *k, ocrvl_pictures *pictures, size_t *tokens,
                         ocrvl_error *err)
{
    const ocrvl_image *page = p->upright ? p->upright : p->j->img;
    ocrvl_image *part;
    uint8_t *resized = NULL;
    ocrvl_status st = ocrvl_image_crop(&part, page, k->part, err);
    if (!st)
        st = ocrvl_resize_bicubic(&resized, part->data, part->height, part->width, part->channels, k->height, k->width,
                                  false, err);
    if (!st)
        st = ocrvl_pictures_add_pixels(pictures, &p->j->s->m->weights->config, resized, k->height, k->width,
                                       part->channels, tokens, err);
    ocrvl_free(resized);
    ocrvl_image_free(part);
    return st;
}

static ocrvl_status make_chat(const ocrvl_model_page *p, ocrvl_chat *chat, size_t tokens, ocrvl_error *err)
{
    const char *text = p->prompt.data ? p->prompt.data : "";
    ocrvl_status st = ocrvl_chat_begin(chat, "user", err);
    if (!st && p->task.text_first)
        st = ocrvl_chat_text(chat, text, p->prompt.len, err);
    if (!st)
        st = ocrvl_chat_picture(chat, tokens, false, err);
    if (!st && !p->task.text_first)
        st = ocrvl_chat_text(chat, text, p->prompt.len, err);
    if (!st)
        st = ocrvl_chat_end(chat, err);
    return st ? st : ocrvl_chat_answer(chat, err);
}

static ocrvl_generate_options how(const ocrvl_model_page *p)
{
    const ocrvl_read_options *o = &p->j->opt;
    return (ocrvl_generate_options){
        .tokenizer = p->j->s->m->tokenizer,
        .config = &p->j->s->m->weights->config,
        .max_tokens = answer_limit(p),
        .temperature = o->temperature,
        .seed = o->seed,
        .lines = p->j->layout->line_count,
        .retries = o->no_retries ? 0 : o->retries ? o->retries : RETRIES,
        .hints = p->hints.data,
        .hint_count = p->hints.len,
        .draft = o->no_drafts ? 0 : OCRVL_DRAFT,
        .time = &p->j->time,
        .cancel = &p->j->s->cancel,
        .progress = o->on_progress,
        .user = o->user,
    };
}

bool ocrvl_model_page_in_time(const ocrvl_model_page *p)
{
    const ocrvl_account *time = &p->j->time;
    return !(time->limit > 0 && time->spent > time->limit);
}

ocrvl_status ocrvl_model_page_look(ocrvl_model_page *p, size_t i, ocrvl_error *err)
{
    answer *a = &p->answers[i];
    ocrvl_pictures pictures = {0};
    ocrvl_generate_options o = how(p);
    a->chat.model = p->j->s->m;
    ocrvl_status st = show(p, &p->looks.look[i], &pictures, &a->tokens, err);
    if (!st)
        st = make_chat(p, &a->chat, a->tokens, err);
    if (!st)
        st = p->j->s->new_decoder(p->j->s, &a->d, err);
    if (!st)
        st = ocrvl_generating_new(&a->g, a->d, &a->chat, &pictures, &o, err);
    ocrvl_pictures_free(&pictures);
    return st;
}

void ocrvl_model_page_spend(ocrvl_model_page *p, double seconds) { p->j->time.spent += seconds; }

void ocrvl_model_page_drop(ocrvl_model_page *p) { p->cut[OCRVL_FINISH_TIME] = true; }

static void account(ocrvl_model_page *p, const answer *a, const ocrvl_generation *g)
{
    p->j->image_tokens += a->tokens;
    p->j->prompt_tokens += a->chat.ids.len;
    p->j->output_tokens += g->ids.len;
    p->j->passes += g->passes + 1; /* the prompt gives the first token */
    p->loops += g->loops;
    p->cut[g->finish] = true;
}

/* Ends the answer's generation and frees what made it. */
static ocrvl_status end_answer(answer *a, ocrvl_generation *g, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_generating_end(a->g, g, err);
    if (a->d)
        a->d->free(a->d);
    a->g = NULL;
    a->d = NULL;
    return st;
}

ocrvl_status ocrvl_model_page_take(ocrvl_model_page *p, size_t i, ocrvl_error *err)
{
    answer *a = &p->answers[i];
    ocrvl_generation g = {0};
    ocrvl_status st = end_answer(a, &g, err);
    if (!st)
        st = ocrvl_spell(p->j->s->m->tokenizer, g.ids.data, g.logprobs, g.ids.len,
                         p->task.output == OCRVL_OUTPUT_GROUNDING, &a->said, err);
    if (!st && p->task.output == OCRVL_OUTPUT_OLMOCR_JSON)
        st = ocrvl_olmocr_text(&a->said, err);
    if (!st)
        account(p, a, &g);
    ocrvl_generation_free(&g);
    return st;
}

ocrvl_generating *ocrvl_model_page_answer(const ocrvl_model_page *p, size_t i) { return p->answers[i].g; }

uint64_t ocrvl_model_page_kept(const ocrvl_model_page *p, size_t i)
{
    return p->answers[i].g ? ocrvl_plan_kept(p->j->opt.planner, &p->looks.look[i], &p->limits) : 0;
}

bool ocrvl_model_page_has_room(const ocrvl_model_page *p, size_t i, uint64_t held)
{
    return ocrvl_plan_has_room(p->j->opt.planner, held, &p->looks.look[i], &p->limits);
}

size_t ocrvl_model_page_looks(const ocrvl_model_page *p) { return p->looks.count; }

static ocrvl_status join_all(ocrvl_model_page *p, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; !st && i < p->looks.count; i++) {
        /* the first band of a second column doesn't overlap with what is before it */
        bool overlap = i > 0 && p->looks.look[i].part.x0 == p->looks.look[i - 1].part.x0;
        st = ocrvl_join(&p->said, &p->answers[i].said, overlap, err);
    }
    return st;
}

/* ---- the account ------------------------------------------------------------------------------------- */

static ocrvl_status warn(const ocrvl_model_page *p, bool happened, const char *code, const char *message, bool partial,
                         ocrvl_error *err)
{
    return happened ? ocrvl_builder_warn(p->j->b, code, message, partial, err) : OCRVL_OK;
}

static ocrvl_status warn_all(const ocrvl_model_page *p, ocrvl_error *err)
{
    char parts[64], loops[64];
    snprintf(parts, sizeof parts, "the page was shown in %zu parts", p->looks.count);
    snprintf(loops, sizeof loops, "%u loop%s cut", p->loops, p->loops == 1 ? " was" : "s were");
    ocrvl_status st = warn(p, p->looks.count > 1, "parts", parts, false, err);
    if (!st)
        st = warn(p, p->loops > 0, "loop_cut", loops, p->cut[OCRVL_FINISH_LOOP], err);
    if (!st)
        st = warn(p, p->cut[OCRVL_FINISH_LENGTH], "token_limit", "the answer ended at the token limit", true, err);
    return st ? st : warn(p, p->cut[OCRVL_FINISH_TIME], "time_limit", "time ran out", true, err);
}

ocrvl_status ocrvl_model_page_finish(ocrvl_model_page *p, ocrvl_error *err)
{
    ocrvl_composing c = {p->j->b, p->j->layout, p->j->strips, p->j->readings, p->j->count, &p->said, p->task.output,
                         p->j->opt.strict, p->j->opt.diplomatic};
    ocrvl_status st = join_all(p, err);
    if (!st)
        st = warn_all(p, err);
    return st ? st : ocrvl_compose(&c, err);
}

ocrvl_status ocrvl_model_page_new(ocrvl_model_page **out, ocrvl_page_job *j, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_model_page *p = ocrvl_alloc(sizeof *p);
    if (!p)
        return ocrvl_fail_nomem(err);
    p->j = j;
    ocrvl_status st = choose_task(p, err);
    if (!st)
        st = plan(p, err);
    if (!st)
        st = make_hints(p, err);
    if (st)
        ocrvl_model_page_free(p);
    else
        *out = p;
    return st;
}

void ocrvl_model_page_free(ocrvl_model_page *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->looks.count; i++) {
        ocrvl_error dropped;
        answer *a = &p->answers[i];
        ocrvl_status st = end_answer(a, NULL, &dropped); /* it has told already, or nobody is left to hear */
        (void)st;
        ocrvl_chat_free(&a->chat);
        ocrvl_spelling_free(&a->said);
    }
    ocrvl_buf_free(&p->prompt);
    ocrvl_image_free(p->upright);
    ocrvl_ids_free(&p->hints);
    ocrvl_spelling_free(&p->said);
    ocrvl_free(p);
}
