#include "read/line_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "read/alike.h"
#include "read/assemble.h"
#include "read/gaps.h"
#include "read/leftward.h"
#include "read/pieces.h"
#include "read/script_choice.h"
#include "read/session.h"
#include "read/tongue.h"
#include "unicode/words.h"

/* Strips of a group. Few leave the decoder's products thin: what weights take to be read is the same for one row and
 * for GROUP_WIDE. Many hold too much memory and end far apart. */
enum { GROUP_LEAST = 4, GROUP_WIDE = 8, GROUP_MOST = 24 };

/* Few lines have more than this part of the tokens that they may have. */
enum { USUAL_PART = 3 };

/* How much wider a doubtful strip is drawn; what is doubtful (see MODEL.md for how these were chosen). */
static const double stretches[] = {1.08, 1.15};
#define DOUBTFUL (-1.0)

/* Rounds of second readings: the doubtful strips stretched; then those of which nothing ended, in two pieces and in
 * three. */
enum { STRETCHES = sizeof stretches / sizeof *stretches, LEAST_PIECES = 2, MOST_PIECES = 3 };
enum { ROUNDS = STRETCHES + MOST_PIECES - LEAST_PIECES + 1 };
enum { LEAST_LONG = 8 }; /* heights: what is shorter isn't cut */

#define UNSURE (-0.2) /* of a token, on average: leaders and ruled lines, which repeat honestly, are read more surely */
#define MISFIT 4.0    /* how much less likely a reading is whose words don't fit the strip's gaps */

struct ocrvl_line_reader {
    ocrvl_tongue *tongues; /* [count] the first reads what no other is for */
    size_t count;
};

typedef struct group { /* strips [first, first + count) of the order */
    size_t first, count;
    ocrvl_tongue *tongue;
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
    ocrvl_script_choice choice;
    size_t round;              /* 0: all strips; later the doubtful ones, stretched, */
    bool on_trial;             /* or as they are by another tongue */
    const ocrvl_strip *strips; /* [count] of this round: */
    ocrvl_reading *readings;   /* [count] */
    size_t count;
    size_t *order;                                       /* [count] the strips by tongue and width */
    ocrvl_strip *stretched;                              /* [room] of a later round, */
    ocrvl_reading *second;                               /* [room] what they say, */
    size_t *from;                                        /* [room] and which they are */
    size_t room;                                         /* at least lines->count, as order has */
    uint64_t image_tokens, prompt_tokens, output_tokens; /* of all strips, once all rounds are over */
} line_reading;

/* ---- the reader -------------------------------------------------------------------------------------- */

/* Strips are cut for all tongues at once. */
static ocrvl_status check_alike(const ocrvl_model *const *m, size_t count, ocrvl_error *err)
{
    ocrvl_strip_size first = ocrvl_tongue_strip_size(&m[0]->weights->config);
    for (size_t i = 0; i < count; i++) {
        const ocrvl_config *c = &m[i]->weights->config;
        ocrvl_strip_size size = ocrvl_tongue_strip_size(c);
        if (!c->line_reader)
            return ocrvl_fail(err, OCRVL_E_ARG, "%s: not a line reader", m[i]->name);
        if (size.height != first.height || size.max_width != first.max_width)
            return ocrvl_fail(err, OCRVL_E_MODEL,
                              "%s reads strips %u pixels high and at most %u wide, but %s reads strips %u high and "
                              "at most %u wide: line "
                              "readers that are used together must read strips of one size",
                              m[0]->name, first.height, first.max_width, m[i]->name, size.height, size.max_width);
        if (size.step != first.step)
            return ocrvl_fail(err, OCRVL_E_MODEL,
                              "%s has a visual token for %u pixels of a strip's width, but %s has one for %u: line "
                              "readers that are used together must read strips of one size",
                              m[0]->name, first.step, m[i]->name, size.step);
    }
    return OCRVL_OK;
}

ocrvl_status ocrvl_line_reader_new(ocrvl_line_reader **out, const ocrvl_model *const *m, size_t count, unsigned threads,
                                   ocrvl_error *err)
{
    *out = NULL;
    ocrvl_status st = check_alike(m, count, err);
    if (st)
        return st;
    ocrvl_line_reader *r = ocrvl_alloc(sizeof *r);
    if (!r)
        return ocrvl_fail_nomem(err);
    r->tongues = ocrvl_alloc_array(count, sizeof *r->tongues);
    r->count = r->tongues ? count : 0;
    st = r->tongues ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < count; i++)
        st = ocrvl_tongue_init(&r->tongues[i], m[i], threads, err);
    if (st)
        ocrvl_line_reader_free(r);
    else
        *out = r;
    return st;
}

const ocrvl_config *ocrvl_line_reader_config(const ocrvl_line_reader *r) { return ocrvl_tongue_config(r->tongues); }

void ocrvl_line_reader_free(ocrvl_line_reader *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->count; i++)
        ocrvl_tongue_free(&r->tongues[i]);
    ocrvl_free(r->tongues);
    ocrvl_free(r);
}

ocrvl_status ocrvl_line_reader_expect(const ocrvl_line_reader *r, ocrvl_lines *l, size_t strip, const char *text,
                                      size_t len, ocrvl_error *err)
{
    if (!l->expected && !(l->expected = ocrvl_alloc_array(l->count, sizeof *l->expected)))
        return ocrvl_fail_nomem(err);
    return ocrvl_tokenizer_encode(r->tongues->m->tokenizer, text, len, false, &l->expected[strip], err);
}

size_t ocrvl_line_group_size(size_t count, size_t threads)
{
    size_t fair = (count + 2 * threads - 1) / (2 * threads), most = (count + threads - 1) / threads;
    if (fair < GROUP_WIDE) /* rather one for each thread than two */
        fair = most < GROUP_WIDE ? most : GROUP_WIDE;
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

static size_t token_limit(const line_reading *l, const group *g, const ocrvl_strip *s)
{
    size_t limit = ocrvl_line_token_limit(s->width, s->height), context = ocrvl_tongue_config(g->tongue)->context;
    size_t prompt = ocrvl_tongue_prompt_tokens(g->tongue, s);
    limit = l->o.max_tokens && l->o.max_tokens < limit ? l->o.max_tokens : limit;
    return prompt + limit <= context ? limit : context > prompt ? context - prompt : 0;
}

/* What strip i of the first round is expected to say, in the first tongue's tokens, is its draft; one that is read
 * again or by another tongue is read as if nothing were known. */
static void set_draft(const line_reading *l, const group *g, size_t i, ocrvl_generate_options *o)
{
    bool first = !l->round && !l->on_trial && g->tongue == l->r->tongues;
    const ocrvl_ids *expected = l->lines->expected && first ? &l->lines->expected[i] : NULL;
    o->draft_source = expected ? expected->data : NULL;
    o->draft_source_count = expected ? expected->len : 0;
    o->draft = expected ? OCRVL_DRAFT : 0;
}

/* Whether this round reads strips in pieces. */
static bool in_pieces(const line_reading *l) { return l->round > STRETCHES && !l->on_trial; }

static double worth(const ocrvl_reading *r) { return r->likelihood - (r->misfit ? MISFIT : 0); }

/* What a strip's second reading has to be more likely than to be kept; 0: nothing. */
static double least_likelihood(const line_reading *l, size_t i)
{
    return l->round && !in_pieces(l) && !l->on_trial ? worth(&l->lines->readings[l->from[i]]) : 0;
}

/* Makes the decoders and sequences of a group, on one engine. */
static ocrvl_status make_sequences(line_reading *l, group *g, ocrvl_engine *e, ocrvl_error *err)
{
    ocrvl_generate_options o = {
        .config = ocrvl_tongue_config(g->tongue),
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
        o.max_tokens = token_limit(l, g, strip_at(l, g, i));
        o.room = o.max_tokens / USUAL_PART;
        o.least_likelihood = least_likelihood(l, l->order[g->first + i]);
        set_draft(l, g, l->order[g->first + i], &o);
        st = ocrvl_decoder_new(&g->decoders[i], e, e, g->tongue->prefix, err);
        if (!st)
            st = ocrvl_sequence_new(&g->gs[i], g->decoders[i], &o, err);
    }
    return st;
}

/* The prompts of a group's strips; their tokens stand in ids, which has room for all. */
static void write_prompts(const line_reading *l, const group *g, ocrvl_prompt *prompts, int32_t *ids)
{
    const ocrvl_tongue *t = g->tongue;
    for (size_t i = 0; i < g->count; i++) {
        size_t n = ocrvl_tongue_visual_tokens(t, strip_at(l, g, i)), at = t->before.len;
        memcpy(ids, t->before.data, at * sizeof *ids);
        for (; at < t->before.len + n; at++)
            ids[at] = ocrvl_tongue_config(t)->image_token;
        memcpy(ids + at, t->after.data, t->after.len * sizeof *ids);
        prompts[i] = (ocrvl_prompt){ids, at + t->after.len, 1};
        ids += prompts[i].count;
    }
}

static ocrvl_status make_pictures(const line_reading *l, const group *g, ocrvl_pictures *pictures, ocrvl_error *err)
{
    const ocrvl_config *c = ocrvl_tongue_config(g->tongue);
    size_t rows = 0, tokens;
    for (size_t i = 0; i < g->count; i++)
        rows += ocrvl_tongue_visual_tokens(g->tongue, strip_at(l, g, i)) * c->merge * c->merge;
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
        tokens += ocrvl_tongue_prompt_tokens(g->tongue, strip_at(l, g, k));
    ocrvl_prompt *prompts = ocrvl_alloc_array(g->count, sizeof *prompts);
    int32_t *ids = ocrvl_alloc_array(tokens, sizeof *ids);
    ocrvl_status st = prompts && ids ? make_sequences(l, g, &g->tongue->engines[worker], err) : ocrvl_fail_nomem(err);
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

/* piece: it is of a strip whose reading is lost; then a loop isn't kept, and what was hardly read is lost as well. */
static ocrvl_status detokenize(const ocrvl_tongue *t, const ocrvl_generation *g, bool piece, ocrvl_reading *out,
                               ocrvl_error *err)
{
    if (g->finish == OCRVL_FINISH_TIME || g->finish == OCRVL_FINISH_UNLIKELY) {
        skip(out);
        return OCRVL_OK;
    }
    out->tokens = (uint32_t)g->ids.len;
    out->cut = g->finish == OCRVL_FINISH_LENGTH;
    out->likelihood = g->end;
    for (size_t i = 0; i < g->ids.len; i++)
        out->likelihood += g->logprobs[i];
    size_t n = g->ids.len, once = ocrvl_repetition_trim(g->ids.data, n);
    bool unsure = out->likelihood < UNSURE * (double)n;
    out->lost = out->cut || (unsure && (piece || once < n));
    n = out->cut || (out->lost && piece) ? once : n;
    ocrvl_status st = ocrvl_detokenize(t->m->tokenizer, g->ids.data, g->logprobs, n, false, &out->transcript, err);
    const char *scripts = ocrvl_tongue_config(t)->scripts;
    out->other = !st && *scripts && !ocrvl_text_is_of(out->transcript.text, out->transcript.len, scripts);
    return st;
}

/* Takes it into account whether the words fit the strip. */
static ocrvl_status judge(const ocrvl_strip *strips, size_t strip, ocrvl_reading *r, ocrvl_error *err)
{
    bool fit = true;
    ocrvl_status st =
        r->skipped ? OCRVL_OK : ocrvl_words_fit_gaps(&fit, &strips[strip], r->transcript.text, r->transcript.len, err);
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
            st = detokenize(g->tongue, &said, in_pieces(l), &l->readings[l->order[g->first + k]], err);
        ocrvl_generation_free(&said);
        if (!st)
            st = judge(l->strips, l->order[g->first + k], &l->readings[l->order[g->first + k]], err);
    }
    free_group(g);
    return st;
}

/* ---- rounds ------------------------------------------------------------------------------------------ */

typedef struct by_width {
    uint32_t width;
    uint8_t tongue;
    size_t index;
} by_width;

static int compare_width(const void *a, const void *b)
{
    const by_width *x = a, *y = b;
    if (x->tongue != y->tongue)
        return x->tongue < y->tongue ? -1 : 1;
    if (x->width != y->width)
        return x->width > y->width ? -1 : 1; /* the longest first: what is left at the end is short */
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Which tongue reads strip i of this round. */
static uint8_t tongue_at(const line_reading *l, size_t i)
{
    size_t strip = l->round || l->on_trial ? l->from[i] : i;
    return l->on_trial ? l->choice.trial[strip] : l->choice.tongue[strip];
}

static ocrvl_status sort_strips(line_reading *l, ocrvl_error *err)
{
    by_width *w = ocrvl_alloc_array(l->count, sizeof *w);
    if (!w)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < l->count; i++)
        w[i] = (by_width){l->strips[i].width, tongue_at(l, i), i};
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

/* Shares the strips of this round out among groups, each of one tongue. */
static ocrvl_status start_round(line_reading *l, ocrvl_error *err)
{
    size_t per = ocrvl_line_group_size(l->count, l->r->tongues->engine_count), n = 0;
    free_groups(l);
    ocrvl_status st = sort_strips(l, err);
    if (!st && !(l->groups = ocrvl_alloc_array((l->count + per - 1) / per + l->r->count, sizeof *l->groups)))
        st = ocrvl_fail_nomem(err);
    for (size_t first = 0; !st && first < l->count; n++) {
        uint8_t tongue = tongue_at(l, l->order[first]);
        group *g = &l->groups[n];
        *g = (group){.first = first, .tongue = &l->r->tongues[tongue], .time = {.deadline = l->o.deadline}};
        for (; first < l->count && g->count < per && tongue_at(l, l->order[first]) == tongue; first++)
            g->count++;
    }
    if (!st)
        l->base.groups = l->group_count = n;
    return st;
}

/* ---- a second reading -------------------------------------------------------------------------------- */

static bool is_greedy(const line_reading *l)
{
    ocrvl_sampler s;
    ocrvl_sampler_init(&s, ocrvl_line_reader_config(l->r), l->o.temperature, l->o.seed);
    bool greedy = s.greedy;
    ocrvl_sampler_free(&s);
    return greedy;
}

/* Makes room for a later round of n strips, before there are any. */
static ocrvl_status make_second(line_reading *l, size_t n, ocrvl_error *err)
{
    if (n <= l->room)
        return OCRVL_OK;
    ocrvl_free(l->stretched);
    ocrvl_free(l->second);
    ocrvl_free(l->from);
    l->stretched = ocrvl_alloc_array(n, sizeof *l->stretched);
    l->second = ocrvl_alloc_array(n, sizeof *l->second);
    l->from = ocrvl_alloc_array(n, sizeof *l->from);
    size_t *order = ocrvl_alloc_array(n, sizeof *order);
    l->room = n;
    if (!order)
        return ocrvl_fail_nomem(err);
    ocrvl_free(l->order);
    l->order = order;
    return l->stretched && l->second && l->from ? OCRVL_OK : ocrvl_fail_nomem(err);
}

static void free_stretched(line_reading *l)
{
    for (size_t i = 0; (l->round || l->on_trial) && i < l->count; i++) {
        if (!l->on_trial) /* whose strips are the page's */
            ocrvl_free(l->stretched[i].grey);
        l->stretched[i].grey = NULL;
        ocrvl_transcript_free(&l->second[i].transcript);
        l->second[i] = (ocrvl_reading){0};
    }
    l->count = 0;
}

/* Whether the second reading of strip i of this round is better than the one that stands. */
static bool is_better(line_reading *l, size_t i)
{
    const ocrvl_reading *first = &l->lines->readings[l->from[i]], *other = &l->second[i];
    return l->on_trial ? ocrvl_script_choice_judge(&l->choice, l->from[i], &l->lines->strips[l->from[i]], first, other)
                       : worth(other) > worth(first);
}

/* Whether what a strip's pieces say, joined, is better than the reading that stands: nothing of it is lost, or, of as
 * many pieces as there may be, `ended` are not. */
static bool is_found(const line_reading *l, const ocrvl_reading *joined, size_t ended)
{
    return joined->transcript.len > 0 && !joined->skipped && (!joined->lost || (l->round == ROUNDS && ended > 0));
}

/* Keeps what the pieces of each strip say, where that is better. */
static ocrvl_status keep_joined(line_reading *l, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0, n; !st && i < l->count; i += n) {
        size_t ended = 0;
        for (n = 0; i + n < l->count && l->from[i + n] == l->from[i]; n++)
            ended += !l->second[i + n].lost;
        bool joined;
        st = ocrvl_join_strip(&l->stretched[i], &l->second[i], n, &joined, err);
        if (!joined || !is_found(l, &l->second[i], ended))
            continue;
        ocrvl_reading *first = &l->lines->readings[l->from[i]], other = l->second[i];
        l->second[i] = *first;
        *first = other;
        st = judge(l->lines->strips, l->from[i], first, err);
    }
    free_stretched(l);
    return st;
}

/* Keeps the better reading of each strip that was read again. */
static ocrvl_status keep(line_reading *l, ocrvl_error *err)
{
    if (in_pieces(l))
        return keep_joined(l, err);
    for (size_t i = 0; (l->round || l->on_trial) && i < l->count; i++) {
        ocrvl_reading *first = &l->lines->readings[l->from[i]], other = l->second[i];
        if (is_better(l, i)) {
            l->second[i] = *first;
            *first = other;
        }
    }
    free_stretched(l);
    return OCRVL_OK;
}

/* The strips of doubtful readings, stretched, are the next round's. */
static ocrvl_status stretch_doubtful(line_reading *l, double factor, ocrvl_error *err)
{
    ocrvl_strip_size size = ocrvl_tongue_strip_size(ocrvl_line_reader_config(l->r));
    ocrvl_status st = make_second(l, l->lines->count, err);
    for (size_t i = 0; !st && i < l->lines->count; i++) {
        const ocrvl_reading *r = &l->lines->readings[i];
        if (r->skipped || worth(r) > DOUBTFUL)
            continue;
        st = ocrvl_strip_stretch(&l->stretched[l->count], &l->lines->strips[i], factor, &size, err);
        l->from[l->count] = i;
        l->count += !st;
    }
    return st;
}

/* Whether strip i is read in pieces: it is lost, not for want of the tokens that the caller allows, and long enough. */
static bool can_cut(const line_reading *l, size_t i)
{
    const ocrvl_strip *s = &l->lines->strips[i];
    bool all = !l->o.max_tokens || l->o.max_tokens >= ocrvl_line_token_limit(s->width, s->height);
    return l->lines->readings[i].lost && all && s->width >= LEAST_LONG * s->height;
}

/* The strips of readings that are lost, in pieces, are the next round's. */
static ocrvl_status cut_lost(line_reading *l, unsigned pieces, ocrvl_error *err)
{
    ocrvl_strip_size size = ocrvl_tongue_strip_size(ocrvl_line_reader_config(l->r));
    size_t n = 0;
    for (size_t i = 0; i < l->lines->count; i++)
        n += can_cut(l, i);
    ocrvl_status st = make_second(l, n * (pieces + 1), err);
    for (size_t i = 0; !st && i < l->lines->count; i++) {
        ocrvl_strip *cut;
        size_t count;
        if (!can_cut(l, i))
            continue;
        st = ocrvl_strip_pieces(&cut, &count, &l->lines->strips[i], pieces, &size, err);
        if (st)
            return st;
        if (count == 1 || count > pieces + 1) {
            ocrvl_strips_free(cut, count);
            continue;
        }
        memcpy(l->stretched + l->count, cut, count * sizeof *cut);
        for (size_t k = 0; k < count; k++)
            l->from[l->count++] = i;
        ocrvl_free(cut); /* the array; its pixels have moved */
    }
    return st;
}

/* The strips of doubtful readings that another tongue is shown, as they are, are the next round's. */
static ocrvl_status try_tongues(line_reading *l, ocrvl_error *err)
{
    l->on_trial = false;
    if (l->r->count == 1 || l->round)
        return OCRVL_OK;
    ocrvl_script_choice_next(&l->choice, l->lines);
    ocrvl_status st = l->choice.trials ? make_second(l, l->lines->count, err) : OCRVL_OK;
    l->on_trial = !st && l->choice.trials > 0;
    for (size_t i = 0; l->on_trial && i < l->choice.trials; i++) {
        l->from[i] = l->choice.which[i];
        l->stretched[i] = l->lines->strips[l->from[i]];
        l->count++;
    }
    return st;
}

static ocrvl_status start_next_round(ocrvl_page_reading *p, ocrvl_error *err)
{
    line_reading *l = of(p);
    p->sequences = 0;
    ocrvl_status st = keep(l, err);
    if (st || !is_greedy(l))
        return st;
    st = try_tongues(l, err);
    while (!st && !l->o.once && !l->count && l->round < ROUNDS) {
        size_t round = l->round++;
        st = round < STRETCHES ? stretch_doubtful(l, stretches[round], err)
                               : cut_lost(l, (unsigned)(round - STRETCHES) + LEAST_PIECES, err);
    }
    l->strips = l->stretched;
    l->readings = l->second;
    return st || !l->count ? st : start_round(l, err);
}

/* Counts what the strips took, and says which are foreign, while they are as they were read. */
static void count_usage(line_reading *l)
{
    for (size_t i = 0; i < l->lines->count; i++) {
        ocrvl_reading *r = &l->lines->readings[i];
        r->foreign = ocrvl_script_is_foreign(&l->choice, i, &l->lines->strips[i], r);
        l->image_tokens += ocrvl_tongue_visual_tokens(&l->r->tongues[l->choice.tongue[i]], &l->lines->strips[i]);
        l->prompt_tokens += ocrvl_tongue_prompt_tokens(&l->r->tongues[l->choice.tongue[i]], &l->lines->strips[i]);
        l->output_tokens += l->lines->readings[i].tokens;
    }
}

static ocrvl_status more(ocrvl_page_reading *p, ocrvl_error *err)
{
    ocrvl_status st = start_next_round(p, err);
    if (st || p->groups)
        return st;
    count_usage(of(p));
    ocrvl_lines_expect_nothing(of(p)->lines); /* of each strip, and strips that are joined become fewer */
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
    ocrvl_script_choice_free(&l->choice);
    ocrvl_free(l);
}

static ocrvl_status choose_tongues(line_reading *l, ocrvl_error *err)
{
    const ocrvl_config *c[OCRVL_MAX_TONGUES];
    for (size_t i = 0; i < l->r->count; i++)
        c[i] = ocrvl_tongue_config(&l->r->tongues[i]);
    return ocrvl_script_choice_init(&l->choice, c, l->r->count, l->strips, l->count, err);
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
    ocrvl_status st = l->order && l->readings ? choose_tongues(l, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = start_round(l, err);
    if (st)
        free_reading(&l->base);
    else
        *out = &l->base;
    return st;
}

ocrvl_status ocrvl_line_reader_cut(const ocrvl_line_reader *r, ocrvl_lines *l, const ocrvl_layout *layout, size_t line,
                                   ocrvl_error *err)
{
    ocrvl_strip_size size = ocrvl_tongue_strip_size(ocrvl_line_reader_config(r));
    ocrvl_strip *strips;
    size_t n;
    ocrvl_status st = ocrvl_layout_strips(layout, line, &size, &strips, &n, err);
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
    ocrvl_status st = ocrvl_order_leftward(j->layout, l->lines, &j->own, err);
    return st ? st : ocrvl_assemble(j->b, j->layout, l->lines, &j->own, j->opt.diplomatic, err);
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
