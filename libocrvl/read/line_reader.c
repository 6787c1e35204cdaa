#include "read/line_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "generate/chat.h"
#include "read/alike.h"
#include "read/assemble.h"
#include "read/gaps.h"
#include "read/pieces.h"
#include "read/session.h"

/* Strips of a group. Few leave the decoder's products thin, many hold too much memory and end far apart. */
enum { GROUP_LEAST = 4, GROUP_MOST = 24 };

struct ocrvl_line_reader {
    const ocrvl_model *m;
    ocrvl_engine *engines; /* [engine_count] one for each thread */
    size_t engine_count;
    ocrvl_ids before, after; /* the prompt around the picture */
    ocrvl_decoder *prefix;   /* has run `before`, which all strips' prompts begin with */
};

typedef struct group { /* strips [first, first + count) of the order */
    size_t first, count;
    ocrvl_decoder **decoders; /* [count] */
    ocrvl_sequence **gs;      /* [count] */
    bool on_its_way;
    ocrvl_account time;
} group;

typedef struct line_reading {
    ocrvl_page_reading base; /* first: the two are one pointer */
    ocrvl_line_reader *r;
    ocrvl_line_options o;
    ocrvl_lines *lines;
    group *groups;
    size_t group_count;
    size_t round;              /* 0: all strips; later the doubtful ones, stretched */
    const ocrvl_strip *strips; /* [count] of this round: */
    ocrvl_reading *readings;   /* [count] */
    size_t count;
    size_t *order;                                       /* [count] the strips by width */
    ocrvl_strip *stretched;                              /* [lines->count] of a later round, */
    ocrvl_reading *second;                               /* [lines->count] what they say, */
    size_t *from;                                        /* [lines->count] and which they are */
    uint64_t image_tokens, prompt_tokens, output_tokens; /* of all strips, once all rounds are over */
} line_reading;

/* ---- the reader -------------------------------------------------------------------------------------- */

/* The prompt's ids before and after the picture's placeholders. */
static ocrvl_status split_prompt(ocrvl_line_reader *r, ocrvl_error *err)
{
    ocrvl_chat c = {.model = r->m};
    ocrvl_status st = ocrvl_chat_begin(&c, "user", err);
    if (!st)
        st = ocrvl_chat_picture(&c, 1, err);
    if (!st)
        st = ocrvl_chat_end(&c, err);
    if (!st)
        st = ocrvl_chat_answer(&c, err);
    bool after = false;
    for (size_t i = 0; !st && i < c.ids.len; i++)
        if (c.ids.data[i] == r->m->weights->config.image_token)
            after = true;
        else if (!ocrvl_ids_push(after ? &r->after : &r->before, c.ids.data[i]))
            st = ocrvl_fail_nomem(err);
    ocrvl_chat_free(&c);
    return st;
}

static ocrvl_status run_prefix(ocrvl_line_reader *r, ocrvl_error *err)
{
    const ocrvl_config *c = &r->m->weights->config;
    ocrvl_pictures none = {0};
    float *logits = ocrvl_alloc_aligned(c->vocab, sizeof *logits);
    ocrvl_status st =
        logits ? ocrvl_decoder_new(&r->prefix, &r->engines[0], &r->engines[0], NULL, err) : ocrvl_fail_nomem(err);
    ocrvl_prefill_input in = {r->prefix, {r->before.data, r->before.len, 0}, 0};
    if (!st)
        st = r->prefix->prefill(&in, 1, &none, logits, err);
    ocrvl_free(logits);
    return st;
}

ocrvl_status ocrvl_line_reader_new(ocrvl_line_reader **out, const ocrvl_model *m, unsigned threads, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_line_reader *r = ocrvl_alloc(sizeof *r);
    if (!r)
        return ocrvl_fail_nomem(err);
    r->m = m;
    r->engines = ocrvl_alloc_array(threads, sizeof *r->engines);
    ocrvl_status st = r->engines ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (; !st && r->engine_count < threads; r->engine_count += !st)
        st = ocrvl_engine_init(&r->engines[r->engine_count], m->weights, NULL, err);
    if (!st)
        st = split_prompt(r, err);
    if (!st)
        st = run_prefix(r, err);
    if (st)
        ocrvl_line_reader_free(r);
    else
        *out = r;
    return st;
}

const ocrvl_config *ocrvl_line_reader_config(const ocrvl_line_reader *r) { return &r->m->weights->config; }

void ocrvl_line_reader_free(ocrvl_line_reader *r)
{
    if (!r)
        return;
    if (r->prefix)
        r->prefix->free(r->prefix);
    for (size_t i = 0; i < r->engine_count; i++)
        ocrvl_engine_free(&r->engines[i]);
    ocrvl_free(r->engines);
    ocrvl_ids_free(&r->before);
    ocrvl_ids_free(&r->after);
    ocrvl_free(r);
}

ocrvl_status ocrvl_line_reader_expect(const ocrvl_line_reader *r, ocrvl_lines *l, size_t strip, const char *text,
                                      size_t len, ocrvl_error *err)
{
    if (!l->expected && !(l->expected = ocrvl_alloc_array(l->count, sizeof *l->expected)))
        return ocrvl_fail_nomem(err);
    return ocrvl_tokenizer_encode(r->m->tokenizer, text, len, false, &l->expected[strip], err);
}

static size_t visual_tokens(const ocrvl_config *c, const ocrvl_strip *s)
{
    size_t side = c->patch * c->merge;
    return s->height / side * (s->width / side);
}

static size_t prompt_tokens(const ocrvl_line_reader *r, const ocrvl_strip *s)
{
    return r->before.len + visual_tokens(&r->m->weights->config, s) + r->after.len;
}

size_t ocrvl_line_group_size(size_t count, size_t threads)
{
    size_t fair = (count + 2 * threads - 1) / (2 * threads);
    return fair < GROUP_LEAST ? GROUP_LEAST : fair > GROUP_MOST ? GROUP_MOST : fair;
}

/* Letters are seldom narrower than a fifth of the line's height; a few more for the end and for bytes of rare ones. */
size_t ocrvl_line_token_limit(uint32_t width, uint32_t height) { return (size_t)width * 5 / height + 24; }

/* ---- a group ----------------------------------------------------------------------------------------- */

static line_reading *of(const ocrvl_page_reading *p) { return (line_reading *)(uintptr_t)p; }

static const ocrvl_strip *strip_at(const line_reading *l, const group *g, size_t i)
{
    return &l->strips[l->order[g->first + i]];
}

static void free_group(group *g)
{
    for (size_t i = 0; g->gs && i < g->count; i++) {
        ocrvl_status st = ocrvl_sequence_end(g->gs[i], NULL, NULL); /* which has reported it */
        (void)st;
    }
    for (size_t i = 0; g->decoders && i < g->count; i++)
        if (g->decoders[i])
            g->decoders[i]->free(g->decoders[i]);
    ocrvl_free(g->gs);
    ocrvl_free(g->decoders);
    g->gs = NULL;
    g->decoders = NULL;
    g->on_its_way = false;
}

static size_t token_limit(const line_reading *l, const ocrvl_strip *s)
{
    size_t limit = ocrvl_line_token_limit(s->width, s->height), context = l->r->m->weights->config.context;
    size_t prompt = prompt_tokens(l->r, s);
    limit = l->o.max_tokens && l->o.max_tokens < limit ? l->o.max_tokens : limit;
    return prompt + limit <= context ? limit : context > prompt ? context - prompt : 0;
}

/* What strip i of the first round is expected to say is its draft; a stretched one is read as if nothing were known. */
static void set_draft(const line_reading *l, size_t i, ocrvl_generate_options *o)
{
    const ocrvl_ids *expected = l->lines->expected && !l->round ? &l->lines->expected[i] : NULL;
    o->draft_source = expected ? expected->data : NULL;
    o->draft_source_count = expected ? expected->len : 0;
    o->draft = expected ? OCRVL_DRAFT : 0;
}

/* Makes the decoders and sequences of a group, on one engine. */
static ocrvl_status make_sequences(line_reading *l, group *g, ocrvl_engine *e, ocrvl_error *err)
{
    ocrvl_generate_options o = {
        .config = &l->r->m->weights->config,
        .temperature = l->o.temperature,
        .unwatched = true,
        .time = &g->time,
        .cancel = {l->base.cancel, &l->base.stop},
    };
    g->decoders = ocrvl_alloc_array(g->count, sizeof *g->decoders);
    g->gs = ocrvl_alloc_array(g->count, sizeof *g->gs);
    ocrvl_status st = g->decoders && g->gs ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < g->count; i++) {
        o.seed = l->o.seed ^ (l->order[g->first + i] + 1) * 0x9E3779B97F4A7C15u;
        o.max_tokens = token_limit(l, strip_at(l, g, i));
        set_draft(l, l->order[g->first + i], &o);
        st = ocrvl_decoder_new(&g->decoders[i], e, e, l->r->prefix, err);
        if (!st)
            st = ocrvl_sequence_new(&g->gs[i], g->decoders[i], &o, err);
    }
    return st;
}

/* The prompts of a group's strips; their tokens stand in ids, which has room for all. */
static void write_prompts(const line_reading *l, const group *g, ocrvl_prompt *prompts, int32_t *ids)
{
    const ocrvl_line_reader *r = l->r;
    for (size_t i = 0; i < g->count; i++) {
        size_t n = visual_tokens(&r->m->weights->config, strip_at(l, g, i)), at = r->before.len;
        memcpy(ids, r->before.data, at * sizeof *ids);
        for (; at < r->before.len + n; at++)
            ids[at] = r->m->weights->config.image_token;
        memcpy(ids + at, r->after.data, r->after.len * sizeof *ids);
        prompts[i] = (ocrvl_prompt){ids, at + r->after.len, 1};
        ids += prompts[i].count;
    }
}

static ocrvl_status make_pictures(const line_reading *l, const group *g, ocrvl_pictures *pictures, ocrvl_error *err)
{
    const ocrvl_config *c = &l->r->m->weights->config;
    size_t rows = 0, tokens;
    for (size_t i = 0; i < g->count; i++)
        rows += visual_tokens(c, strip_at(l, g, i)) * c->merge * c->merge;
    ocrvl_status st = ocrvl_pictures_reserve(pictures, c, g->count, rows, err);
    for (size_t i = 0; !st && i < g->count; i++) {
        const ocrvl_strip *s = strip_at(l, g, i);
        st = ocrvl_pictures_add_pixels(pictures, c, s->grey, s->height, s->width, 1, &tokens, err);
    }
    return st;
}

static ocrvl_status prefill(ocrvl_page_reading *p, size_t i, unsigned worker, ocrvl_error *err)
{
    line_reading *l = of(p);
    group *g = &l->groups[i];
    ocrvl_pictures pictures = {0};
    size_t tokens = 0;
    for (size_t k = 0; k < g->count; k++)
        tokens += prompt_tokens(l->r, strip_at(l, g, k));
    ocrvl_prompt *prompts = ocrvl_alloc_array(g->count, sizeof *prompts);
    int32_t *ids = ocrvl_alloc_array(tokens, sizeof *ids);
    ocrvl_status st = prompts && ids ? make_sequences(l, g, &l->r->engines[worker], err) : ocrvl_fail_nomem(err);
    if (!st)
        st = make_pictures(l, g, &pictures, err);
    if (!st) {
        write_prompts(l, g, prompts, ids);
        st = ocrvl_sequences_prefill(g->gs, prompts, g->count, &pictures, err);
    }
    g->on_its_way = !st;
    ocrvl_pictures_free(&pictures);
    ocrvl_free(prompts);
    ocrvl_free(ids);
    if (st)
        free_group(g);
    return st;
}

static ocrvl_sequence *const *sequences(const ocrvl_page_reading *p, size_t i, size_t *count)
{
    const group *g = &of(p)->groups[i];
    *count = g->on_its_way ? g->count : 0;
    return g->gs;
}

static void skip(ocrvl_reading *r)
{
    r->skipped = true;
    r->likelihood = -INFINITY;
}

static void drop(ocrvl_page_reading *p, size_t i)
{
    line_reading *l = of(p);
    for (size_t k = 0; k < l->groups[i].count; k++)
        skip(&l->readings[l->order[l->groups[i].first + k]]);
}

static ocrvl_status detokenize(const line_reading *l, const ocrvl_generation *g, ocrvl_reading *out, ocrvl_error *err)
{
    if (g->finish == OCRVL_FINISH_TIME) {
        skip(out);
        return OCRVL_OK;
    }
    out->tokens = (uint32_t)g->ids.len;
    out->cut = g->finish == OCRVL_FINISH_LENGTH;
    out->likelihood = g->end;
    for (size_t i = 0; i < g->ids.len; i++)
        out->likelihood += g->logprobs[i];
    size_t n = out->cut ? ocrvl_repetition_trim(g->ids.data, g->ids.len) : g->ids.len;
    return ocrvl_detokenize(l->r->m->tokenizer, g->ids.data, g->logprobs, n, false, &out->transcript, err);
}

/* Takes it into account whether the words fit the strip. */
static ocrvl_status judge(const line_reading *l, size_t strip, ocrvl_reading *r, ocrvl_error *err)
{
    bool fit = true;
    ocrvl_status st = r->skipped
                          ? OCRVL_OK
                          : ocrvl_words_fit_gaps(&fit, &l->strips[strip], r->transcript.text, r->transcript.len, err);
    r->misfit = !fit;
    return st;
}

static ocrvl_status take(ocrvl_page_reading *p, size_t i, ocrvl_error *err)
{
    line_reading *l = of(p);
    group *g = &l->groups[i];
    ocrvl_status st = OCRVL_OK;
    for (size_t k = 0; !st && k < g->count; k++) {
        ocrvl_generation said;
        st = ocrvl_sequence_end(g->gs[k], &said, err);
        g->gs[k] = NULL;
        if (!st)
            st = detokenize(l, &said, &l->readings[l->order[g->first + k]], err);
        ocrvl_generation_free(&said);
        if (!st)
            st = judge(l, l->order[g->first + k], &l->readings[l->order[g->first + k]], err);
    }
    free_group(g);
    return st;
}

/* ---- rounds ------------------------------------------------------------------------------------------ */

typedef struct by_width {
    uint32_t width;
    size_t index;
} by_width;

static int compare_width(const void *a, const void *b)
{
    const by_width *x = a, *y = b;
    if (x->width != y->width)
        return x->width > y->width ? -1 : 1; /* the longest first: what is left at the end is short */
    return x->index < y->index ? -1 : x->index > y->index;
}

static ocrvl_status sort_strips(line_reading *l, ocrvl_error *err)
{
    by_width *w = ocrvl_alloc_array(l->count, sizeof *w);
    if (!w)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < l->count; i++)
        w[i] = (by_width){l->strips[i].width, i};
    if (l->count)
        qsort(w, l->count, sizeof *w, compare_width);
    for (size_t i = 0; i < l->count; i++)
        l->order[i] = w[i].index;
    ocrvl_free(w);
    return OCRVL_OK;
}

static void free_groups(line_reading *l)
{
    for (size_t i = 0; i < l->group_count; i++)
        free_group(&l->groups[i]);
    ocrvl_free(l->groups);
    l->groups = NULL;
    l->group_count = 0;
}

/* Shares the strips of this round out among groups. */
static ocrvl_status start_round(line_reading *l, ocrvl_error *err)
{
    size_t per = ocrvl_line_group_size(l->count, l->r->engine_count), n = (l->count + per - 1) / per;
    free_groups(l);
    ocrvl_status st = sort_strips(l, err);
    if (!st && !(l->groups = ocrvl_alloc_array(n, sizeof *l->groups)))
        st = ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < n; i++)
        l->groups[i] = (group){.first = i * per,
                               .count = l->count - i * per < per ? l->count - i * per : per,
                               .time = {.deadline = l->o.deadline}};
    if (!st)
        l->base.groups = l->group_count = n;
    return st;
}

/* ---- a second reading -------------------------------------------------------------------------------- */

/* How much wider a doubtful strip is drawn; what is doubtful (see MODEL.md for how these were chosen). */
static const double stretches[] = {1.08, 1.15};
#define DOUBTFUL (-1.0)
#define MISFIT 4.0 /* how much less likely a reading is whose words don't fit the strip's gaps */

enum { STRETCHES = sizeof stretches / sizeof *stretches };

static bool is_greedy(const line_reading *l)
{
    ocrvl_sampler s;
    ocrvl_sampler_init(&s, &l->r->m->weights->config, l->o.temperature, l->o.seed);
    bool greedy = s.greedy;
    ocrvl_sampler_free(&s);
    return greedy;
}

static ocrvl_status make_second(line_reading *l, ocrvl_error *err)
{
    size_t n = l->lines->count;
    if (l->stretched)
        return OCRVL_OK;
    l->stretched = ocrvl_alloc_array(n, sizeof *l->stretched);
    l->second = ocrvl_alloc_array(n, sizeof *l->second);
    l->from = ocrvl_alloc_array(n, sizeof *l->from);
    return l->stretched && l->second && l->from ? OCRVL_OK : ocrvl_fail_nomem(err);
}

static void free_stretched(line_reading *l)
{
    for (size_t i = 0; l->round && i < l->count; i++) {
        ocrvl_free(l->stretched[i].grey);
        ocrvl_transcript_free(&l->second[i].transcript);
        l->second[i] = (ocrvl_reading){0};
    }
    l->count = 0;
}

static double worth(const ocrvl_reading *r) { return r->likelihood - (r->misfit ? MISFIT : 0); }

/* Keeps the likelier reading of each strip that was read again. */
static void keep_likelier(line_reading *l)
{
    for (size_t i = 0; l->round && i < l->count; i++) {
        ocrvl_reading *first = &l->lines->readings[l->from[i]], other = l->second[i];
        if (worth(&other) > worth(first)) {
            l->second[i] = *first;
            *first = other;
        }
    }
    free_stretched(l);
}

/* The strips of doubtful readings, stretched, are the next round's. */
static ocrvl_status stretch_doubtful(line_reading *l, double factor, ocrvl_error *err)
{
    uint32_t most = (uint32_t)l->r->m->weights->config.max_width;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; !st && i < l->lines->count; i++) {
        const ocrvl_reading *r = &l->lines->readings[i];
        if (r->skipped || worth(r) > DOUBTFUL)
            continue;
        st = ocrvl_strip_stretch(&l->stretched[l->count], &l->lines->strips[i], factor, most, err);
        l->from[l->count] = i;
        l->count += !st;
    }
    return st;
}

static ocrvl_status start_next_round(ocrvl_page_reading *p, ocrvl_error *err)
{
    line_reading *l = of(p);
    ocrvl_status st = OCRVL_OK;
    keep_likelier(l);
    p->sequences = 0;
    if (l->o.once || !is_greedy(l))
        return OCRVL_OK;
    while (!st && !l->count && l->round < STRETCHES) {
        st = make_second(l, err);
        if (!st)
            st = stretch_doubtful(l, stretches[l->round++], err);
    }
    l->strips = l->stretched;
    l->readings = l->second;
    return st || !l->count ? st : start_round(l, err);
}

/* Counts what the strips took while they are as they were read. */
static void count_usage(line_reading *l)
{
    for (size_t i = 0; i < l->lines->count; i++) {
        l->image_tokens += visual_tokens(&l->r->m->weights->config, &l->lines->strips[i]);
        l->prompt_tokens += prompt_tokens(l->r, &l->lines->strips[i]);
        l->output_tokens += l->lines->readings[i].tokens;
    }
}

static ocrvl_status more(ocrvl_page_reading *p, ocrvl_error *err)
{
    ocrvl_status st = start_next_round(p, err);
    if (st || p->groups)
        return st;
    count_usage(of(p));
    st = ocrvl_join_pieces(of(p)->lines, err);
    return st ? st : ocrvl_settle_scripts(of(p)->lines, err);
}

/* ---- a page ------------------------------------------------------------------------------------------ */

static void free_reading(ocrvl_page_reading *p)
{
    line_reading *l = of(p);
    free_groups(l);
    free_stretched(l);
    ocrvl_free(l->order);
    ocrvl_free(l->stretched);
    ocrvl_free(l->second);
    ocrvl_free(l->from);
    ocrvl_free(l);
}

ocrvl_status ocrvl_line_reading_new(ocrvl_page_reading **out, ocrvl_line_reader *r, ocrvl_lines *lines,
                                    const ocrvl_line_options *o, ocrvl_error *err)
{
    *out = NULL;
    line_reading *l = ocrvl_alloc(sizeof *l);
    if (!l)
        return ocrvl_fail_nomem(err);
    l->base.reader = &ocrvl_line_reader_ops;
    l->base.stop = ocrvl_cancel_watch(&l->base.failed);
    l->r = r;
    l->o = *o;
    l->lines = lines;
    l->strips = lines->strips;
    l->count = l->base.sequences = lines->count;
    l->order = ocrvl_alloc_array(lines->count, sizeof *l->order);
    l->readings = lines->readings = ocrvl_alloc_array(lines->count, sizeof *lines->readings);
    ocrvl_status st = l->order && l->readings ? start_round(l, err) : ocrvl_fail_nomem(err);
    if (st)
        free_reading(&l->base);
    else
        *out = &l->base;
    return st;
}

ocrvl_status ocrvl_line_reader_cut(const ocrvl_line_reader *r, ocrvl_lines *l, const ocrvl_layout *layout, size_t line,
                                   ocrvl_error *err)
{
    const ocrvl_config *c = &r->m->weights->config;
    ocrvl_strip *strips;
    size_t n;
    ocrvl_status st =
        ocrvl_layout_strips(layout, line, (uint32_t)c->line_height, (uint32_t)c->max_width, &strips, &n, err);
    if (st)
        return st;
    if (!OCRVL_ARRAY_RESERVE(l->strips, l->cap, l->count + n)) {
        ocrvl_strips_free(strips, n);
        return ocrvl_fail_nomem(err);
    }
    if (n)
        memcpy(l->strips + l->count, strips, n * sizeof *strips);
    l->count += n;
    ocrvl_free(strips); /* the array; its pixels have moved */
    return OCRVL_OK;
}

static ocrvl_status begin(ocrvl_page_reading **out, ocrvl_page_job *j, ocrvl_error *err)
{
    ocrvl_line_reader *r = j->s->lines;
    bool beside = j->s->reader != &ocrvl_line_reader_ops;
    ocrvl_line_options o = {
        .temperature = beside ? -1 : ocrvl_sampler_temperature(j->opt.temperature, j->opt.sample),
        .seed = j->opt.seed,
        .max_tokens = beside ? 0 : j->opt.max_tokens,
        .deadline = j->time.limit > 0 ? ocrvl_clock() + j->time.limit - j->time.spent : 0,
    };
    ocrvl_status st = OCRVL_OK;
    *out = NULL;
    for (size_t i = 0; !st && i < j->layout->line_count; i++)
        st = j->layout->lines[i].known ? OCRVL_OK : ocrvl_line_reader_cut(r, &j->lines, j->layout, i, err);
    if (!st)
        st = ocrvl_line_reading_new(out, r, &j->lines, &o, err);
    if (st)
        return st;
    (*out)->j = j;
    (*out)->cancel = &j->cancel;
    (*out)->progress = beside ? NULL : j->opt.on_progress;
    (*out)->user = j->opt.user;
    return OCRVL_OK;
}

static bool in_time(const ocrvl_page_reading *p)
{
    return !ocrvl_account_is_over(&(ocrvl_account){.deadline = of(p)->o.deadline});
}

static ocrvl_status finish(ocrvl_page_reading *p, ocrvl_error *err)
{
    const line_reading *l = of(p);
    ocrvl_page_job *j = p->j;
    j->image_tokens += l->image_tokens;
    j->prompt_tokens += l->prompt_tokens;
    j->output_tokens += l->output_tokens;
    return ocrvl_assemble(j->b, j->layout, l->lines, &j->own, j->opt.diplomatic, err);
}

const ocrvl_reader_ops ocrvl_line_reader_ops = {
    .one_thread = true,
    .begin = begin,
    .in_time = in_time,
    .drop = drop,
    .prefill = prefill,
    .sequences = sequences,
    .take = take,
    .more = more,
    .finish = finish,
    .free = free_reading,
};
