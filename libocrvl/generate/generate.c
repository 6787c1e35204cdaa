#include "generate/generate.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"

/* Rows of one pass that drafts may fill up to: beyond, a row costs more than it is likely to bring. */
enum { MAX_DRAFT = 15, MATCH = 3, NEAR = 12, CONTEXT = 8, ROWS = 16 };
/* How much less an agreement counts a token further back, and what makes a place sure. */
#define FADE 0.6f
#define SURE 1.3f
#define SLACK 1e-3

struct ocrvl_sequence {
    ocrvl_decoder *d;
    ocrvl_generate_options o;
    ocrvl_generation g;
    ocrvl_sampler sampler;
    ocrvl_repetition repetition;
    size_t cap;          /* of g.logprobs */
    const float *logits; /* [..][vocab], of the last pass or the prompt; row `row` says what comes next */
    size_t row;
    float *first;      /* [vocab] the prompt's */
    float *masked;     /* [vocab] a copy with some tokens ruled out; NULL until one is */
    bool *allowed;     /* [vocab] with a mask; the same */
    int32_t masked_id; /* the token that led into a loop */
    size_t masked_at;  /* where it may not stand again; SIZE_MAX if it may stand anywhere */
    unsigned retries;
    int32_t run[MAX_DRAFT + 1]; /* the next input: a token and a draft */
    size_t input_len;           /* of it; 0 if there is nothing to decode */
    size_t cursor;              /* where in the draft source the last token should stand */
    bool again;                 /* the token is decoded a second time, a loop after it having been cut */
    bool drawn;                 /* the next token is known: it was drawn where a draft had another, */
    int32_t drawn_id;           /* this one */
    bool over;
    ocrvl_status st; /* why it failed */
    ocrvl_error err;
};

void ocrvl_generation_free(ocrvl_generation *g)
{
    ocrvl_ids_free(&g->ids);
    ocrvl_free(g->logprobs);
    memset(g, 0, sizeof *g);
}

bool ocrvl_account_is_over(const ocrvl_account *a)
{
    return (a->limit > 0 && a->spent > a->limit) || (a->deadline > 0 && ocrvl_clock() > a->deadline);
}

size_t ocrvl_answer_limit(size_t asked, size_t otherwise, const ocrvl_config *c)
{
    size_t limit = asked ? asked : otherwise;
    return limit < c->context / 2 ? limit : c->context / 2;
}

/* The logits of the next token, with what may not come ruled out. */
static ocrvl_status rule_out(ocrvl_sequence *s, const float **logits, ocrvl_error *err)
{
    size_t vocab = s->d->vocab, at = s->g.ids.len;
    *logits = s->logits + s->row * vocab;
    if (!s->o.mask && s->masked_at != at)
        return OCRVL_OK;
    if (!s->masked && !(s->masked = ocrvl_alloc_array(vocab, sizeof *s->masked)))
        return ocrvl_fail_nomem(err);
    memcpy(s->masked, *logits, vocab * sizeof *s->masked);
    *logits = s->masked;
    if (s->masked_at == at)
        s->masked[s->masked_id] = -INFINITY;
    if (!s->o.mask)
        return OCRVL_OK;
    if (!s->allowed && !(s->allowed = ocrvl_alloc_array(vocab, sizeof *s->allowed)))
        return ocrvl_fail_nomem(err);
    ocrvl_status st = s->o.mask->allow(s->o.mask, s->allowed, err);
    for (size_t i = 0; !st && i < vocab; i++)
        if (!s->allowed[i])
            s->masked[i] = -INFINITY;
    return st;
}

/* Notes a token that was taken, with its probability among those that could be. */
static ocrvl_status note(ocrvl_sequence *s, const float *logits, int32_t id, ocrvl_error *err)
{
    ocrvl_generation *g = &s->g;
    if (!OCRVL_ARRAY_RESERVE(g->logprobs, s->cap, g->ids.len + 1))
        return ocrvl_fail_nomem(err);
    g->logprobs[g->ids.len] = ocrvl_token_logprob(logits, s->d->vocab, id, s->o.config->confidence_temperature);
    if (!ocrvl_ids_push(&g->ids, id) || (!s->o.unwatched && !ocrvl_repetition_push(&s->repetition, id)))
        return ocrvl_fail_nomem(err);
    return OCRVL_OK;
}

/* The place nearest to `at`, not before `from` and not after `to`, that follows a copy of the last `match` tokens in
 * the text; 0 if there is none. */
static size_t find_last(const ocrvl_ids *ids, size_t match, const int32_t *text, size_t from, size_t to, size_t at)
{
    size_t best = 0, least = SIZE_MAX;
    for (size_t end = from > match ? from : match; end <= to && ids->len >= match; end++) {
        size_t away = end > at ? end - at : at - end;
        if (away < least && memcmp(text + end - match, ids->data + ids->len - match, match * sizeof *text) == 0) {
            best = end;
            least = away;
        }
    }
    return best;
}

/* Where in the draft source what comes next is likely to stand. Around the place where the last draft left off, the one
 * where most of the last tokens agree, the later ones counting for more: a letter that was read otherwise changes a few
 * tokens, and after them the two texts go on together. *sure: whether enough agrees. 0: nowhere. */
static size_t follow_draft_source(const ocrvl_sequence *s, bool *sure)
{
    const ocrvl_ids *ids = &s->g.ids;
    size_t at = s->cursor + 1, count = s->o.draft_source_count, best = 0;
    float most = 0;
    for (size_t k = 0; k <= 2 * NEAR; k++) { /* at, then ever further to both sides */
        size_t away = (k + 1) / 2, end = k % 2 ? at + away : at - away;
        if (end > count || (k % 2 == 0 && away >= at))
            continue;
        float agree = 0, weight = 1;
        for (size_t j = 1; j <= CONTEXT && j <= end && j <= ids->len; j++, weight *= FADE)
            agree += s->o.draft_source[end - j] == ids->data[ids->len - j] ? weight : 0;
        if (agree > most) {
            most = agree;
            best = end;
        }
    }
    size_t elsewhere = most < SURE ? find_last(ids, MATCH, s->o.draft_source, 0, count, at) : 0;
    *sure = most >= SURE || elsewhere;
    return elsewhere ? elsewhere : best;
}

/* What is likely to follow the last token: what the draft source has there; where that isn't sure, what followed the
 * last tokens before; where they are new, the draft source as if the last token stood in the place of one of theirs. */
static size_t propose(ocrvl_sequence *s, int32_t *draft, size_t most)
{
    const ocrvl_ids *ids = &s->g.ids;
    const int32_t *text = s->o.draft_source;
    size_t len = s->o.draft_source_count, end = 0;
    bool sure = false;
    most = s->o.draft < most ? s->o.draft : most;
    if (s->o.mask || s->masked_at != SIZE_MAX)
        return 0;
    size_t there = len ? follow_draft_source(s, &sure) : 0;
    s->cursor = there ? there : s->cursor < len ? s->cursor + 1 : len;
    for (size_t match = MATCH; match >= (there ? MATCH : 2) && !sure && !end; match--)
        end = find_last(ids, match, ids->data, 0, ids->len - 1, ids->len);
    text = end ? ids->data : text;
    len = end ? ids->len : len;
    end = end ? end : s->cursor;
    size_t n = end < len ? len - end : 0;
    n = n < most ? n : most;
    if (n)
        memcpy(draft, text + end, n * sizeof *draft);
    return n;
}

/* Whether what was written loops, and from which token on. */
static bool loops(const ocrvl_sequence *s, size_t *from)
{
    return !s->o.unwatched && ocrvl_repetition_find(&s->repetition, from);
}

/* A loop from token `from` on: cuts it away and bars its first token there, or ends if no retry is left. */
static void cut_loop(ocrvl_sequence *s, size_t from)
{
    ocrvl_generation *g = &s->g;
    size_t input_len = g->ids.len;
    int32_t looped = g->ids.data[from];
    g->loops++;
    g->ids.len = from;
    if (s->retries == 0) {
        g->finish = OCRVL_FINISH_LOOP;
        s->over = true;
        return;
    }
    s->retries--;
    s->masked_id = looped;
    s->masked_at = from;
    ocrvl_repetition_truncate(&s->repetition, g->ids.data, from);
    s->again = from > 0;
    s->d->truncate(s->d, s->again ? input_len - from + 1 : input_len);
    s->logits = s->first;
    s->row = 0;
}

/* Sums of the same numbers in another order differ by less than SLACK. */
static bool is_unlikely(const ocrvl_sequence *s)
{
    double sum = 0;
    for (size_t i = 0; s->o.least_likelihood < 0 && i < s->g.ids.len; i++)
        sum += s->g.logprobs[i];
    return sum < s->o.least_likelihood - SLACK;
}

static bool must_stop(ocrvl_sequence *s)
{
    bool late = ocrvl_account_is_over(s->o.time);
    if (late || is_unlikely(s)) {
        s->g.finish = late ? OCRVL_FINISH_TIME : OCRVL_FINISH_UNLIKELY;
        s->over = true;
    }
    return s->over;
}

/* Chooses the next token; it is over where there is none. */
static ocrvl_status choose(ocrvl_sequence *s, ocrvl_error *err)
{
    const float *logits;
    int32_t id;
    ocrvl_generation *g = &s->g;
    ocrvl_status st = rule_out(s, &logits, err);
    if (!st && s->drawn)
        id = s->drawn_id;
    else if (!st)
        st = ocrvl_sample(&s->sampler, logits, s->d->vocab, g->ids.data, g->ids.len, &id, err);
    if (st)
        return st;
    s->drawn = false;
    bool stop = ocrvl_config_is_stop(s->o.config, id);
    if (stop || g->ids.len >= s->o.max_tokens) {
        g->finish = stop ? OCRVL_FINISH_END : OCRVL_FINISH_LENGTH;
        if (stop)
            g->end = ocrvl_token_logprob(logits, s->d->vocab, id, s->o.config->confidence_temperature);
        s->over = true;
        return OCRVL_OK;
    }
    if (s->masked_at == g->ids.len)
        s->masked_at = SIZE_MAX;
    st = note(s, logits, id, err);
    if (!st && s->o.mask)
        st = s->o.mask->take(s->o.mask, id, err);
    return st;
}

static bool is_canceled(const ocrvl_sequence *s)
{
    return ocrvl_canceled(s->o.cancel[0]) || ocrvl_canceled(s->o.cancel[1]) ||
           (s->o.progress && s->o.progress(s->o.user, s->g.ids.len, s->o.max_tokens));
}

/* The next input: the token that was chosen and a draft of `most` tokens at most. Nothing where it is over. */
static ocrvl_status prepare(ocrvl_sequence *s, size_t most, ocrvl_error *err)
{
    size_t from;
    ocrvl_status st = OCRVL_OK;
    s->input_len = 0;
    if (is_canceled(s))
        return ocrvl_fail(err, OCRVL_E_CANCELED, "canceled");
    if (!s->again)
        st = choose(s, err);
    if (st || s->over || must_stop(s))
        return st;
    s->run[0] = s->g.ids.data[s->g.ids.len - 1];
    bool draft = !s->again && !loops(s, &from);
    s->input_len = 1 + (draft ? propose(s, s->run + 1, most) : 0);
    return OCRVL_OK;
}

/* The input has logits now: takes as much of the draft as the model would have said itself, and cuts a loop. */
static ocrvl_status take(ocrvl_sequence *s, const float *logits, ocrvl_error *err)
{
    size_t accepted = 0, drafted = s->input_len - 1, vocab = s->d->vocab, from;
    ocrvl_status st = OCRVL_OK;
    s->g.passes++;
    s->g.drafted += drafted;
    while (!st && accepted < drafted && s->g.ids.len < s->o.max_tokens) {
        const float *row = logits + accepted * vocab;
        st = ocrvl_sample(&s->sampler, row, vocab, s->g.ids.data, s->g.ids.len, &s->drawn_id, err);
        s->drawn = !st && (s->drawn_id != s->run[accepted + 1] || ocrvl_config_is_stop(s->o.config, s->drawn_id));
        if (st || s->drawn)
            break;
        st = note(s, row, s->drawn_id, err);
        accepted++;
        if (!st && loops(s, &from))
            break;
    }
    if (st)
        return st;
    s->g.accepted += accepted;
    s->cursor += accepted;
    s->d->truncate(s->d, drafted - accepted);
    s->logits = logits;
    s->row = accepted;
    if (!s->again && !s->o.mask && loops(s, &from))
        cut_loop(s, from);
    else
        s->again = false;
    return OCRVL_OK;
}

static void fail(ocrvl_sequence *s, ocrvl_status st, const ocrvl_error *err)
{
    s->st = st;
    s->err = *err;
    s->over = true;
}

/* ---- several at once -------------------------------------------------------------------------------- */

void ocrvl_decode_batch_free(ocrvl_decode_batch *t)
{
    ocrvl_free(t->logits);
    ocrvl_free(t->live);
    ocrvl_free(t->inputs);
    t->logits = NULL;
    t->live = NULL;
    t->inputs = NULL;
    t->rows = t->cap = 0;
}

static ocrvl_status make_rows(ocrvl_decode_batch *t, size_t rows, size_t vocab, ocrvl_error *err)
{
    if (rows <= t->rows)
        return OCRVL_OK;
    ocrvl_free(t->logits);
    t->logits = ocrvl_alloc_aligned(rows, vocab * sizeof *t->logits);
    t->rows = t->logits ? rows : 0;
    return t->logits ? OCRVL_OK : ocrvl_fail_nomem(err);
}

static ocrvl_status make_places(ocrvl_decode_batch *t, size_t count, ocrvl_error *err)
{
    if (count <= t->cap)
        return OCRVL_OK;
    ocrvl_free(t->live);
    ocrvl_free(t->inputs);
    t->live = ocrvl_alloc_array(count, sizeof *t->live);
    t->inputs = ocrvl_alloc_array(count, sizeof *t->inputs);
    t->cap = t->live && t->inputs ? count : 0;
    return t->cap ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* Decodes what the first `count` live sequences have prepared, in one pass. */
static ocrvl_status pass(ocrvl_decode_batch *t, size_t count, ocrvl_error *err)
{
    size_t rows = 0;
    for (size_t i = 0; i < count; i++) {
        t->inputs[i] = (ocrvl_decode_input){t->live[i]->d, t->live[i]->run, t->live[i]->input_len};
        rows += t->live[i]->input_len;
    }
    ocrvl_status st = make_rows(t, rows, t->live[0]->d->vocab, err);
    return st ? st : t->live[0]->d->decode(t->inputs, count, t->logits, err);
}

/* Those of gs that aren't over, each prepared -> live. The last pass's logits are not needed after this. */
static size_t prepare_all(ocrvl_sequence *const *gs, size_t count, ocrvl_sequence **live)
{
    size_t most = 0, n = 0;
    for (size_t i = 0; i < count; i++)
        most += !gs[i]->over;
    most = most && most < ROWS ? ROWS / most - 1 : 0;
    for (size_t i = 0; i < count; i++) {
        ocrvl_error err;
        ocrvl_status st = gs[i]->over ? OCRVL_OK : prepare(gs[i], most, &err);
        if (st)
            fail(gs[i], st, &err);
        if (!gs[i]->over)
            live[n++] = gs[i];
    }
    return n;
}

void ocrvl_decode_batch_step(ocrvl_decode_batch *t, ocrvl_sequence *const *gs, size_t count)
{
    ocrvl_error err;
    double from = ocrvl_clock(), share = t->share > 0 ? t->share : 1;
    ocrvl_status st = make_places(t, count, &err);
    for (size_t i = 0; st && i < count; i++)
        if (!gs[i]->over)
            fail(gs[i], st, &err);
    size_t n = st ? 0 : prepare_all(gs, count, t->live);
    if (n)
        st = pass(t, n, &err);
    const float *logits = t->logits;
    for (size_t i = 0; i < n; i++) {
        ocrvl_sequence *g = t->live[i];
        ocrvl_status of = st ? st : take(g, logits, &err);
        if (of)
            fail(g, of, &err);
        logits += g->input_len * g->d->vocab;
    }
    for (size_t i = 0; i < n; i++)
        t->live[i]->o.time->spent += share * (ocrvl_clock() - from) / (double)n;
}

void ocrvl_decode_batch_run(ocrvl_decode_batch *t, ocrvl_sequence *const *gs, size_t count)
{
    for (size_t i = 0; i < count;)
        if (gs[i]->over)
            i++;
        else
            ocrvl_decode_batch_step(t, gs, count);
}

/* ---- an answer --------------------------------------------------------------------------------------- */

ocrvl_status ocrvl_sequence_new(ocrvl_sequence **out, ocrvl_decoder *d, const ocrvl_generate_options *o,
                                ocrvl_error *err)
{
    *out = NULL;
    ocrvl_sequence *s = ocrvl_alloc(sizeof *s);
    float *first = ocrvl_alloc_aligned(d->vocab, sizeof *first);
    if (!s || !first) {
        ocrvl_free(s);
        ocrvl_free(first);
        return ocrvl_fail_nomem(err);
    }
    s->d = d;
    s->o = *o;
    s->first = first;
    s->logits = first;
    s->g.end = -INFINITY;
    s->repetition.tokenizer = o->tokenizer;
    s->repetition.lines = o->lines;
    s->masked_at = SIZE_MAX;
    s->retries = o->retries;
    ocrvl_sampler_init(&s->sampler, o->config, o->temperature, o->seed);
    s->sampler.penalties = o->penalties;
    *out = s;
    return OCRVL_OK;
}

static ocrvl_prefill_input input_of(const ocrvl_sequence *s, const ocrvl_prompt *prompt)
{
    const ocrvl_generate_options *o = &s->o;
    size_t draft = o->draft ? MAX_DRAFT + 1 : 0;
    return (ocrvl_prefill_input){.d = s->d,
                                 .prompt = *prompt,
                                 .room = o->max_tokens + draft,
                                 .room_now = (o->room && o->room < o->max_tokens ? o->room : o->max_tokens) + draft};
}

ocrvl_status ocrvl_sequences_prefill(ocrvl_sequence *const *gs, const ocrvl_prompt *prompts, size_t count,
                                     const ocrvl_pictures *pictures, ocrvl_error *err)
{
    if (count == 0)
        return OCRVL_OK;
    ocrvl_decoder *d = gs[0]->d;
    ocrvl_prefill_input *inputs = ocrvl_alloc_array(count, sizeof *inputs);
    float *logits = count == 1 ? gs[0]->first : ocrvl_alloc_aligned(count, d->vocab * sizeof *logits);
    ocrvl_status st = inputs && logits ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < count; i++)
        inputs[i] = input_of(gs[i], &prompts[i]);
    for (size_t i = 0; !st && i < count; i++)
        st = ocrvl_sampler_set_prompt(&gs[i]->sampler, d->vocab, prompts[i].ids, prompts[i].count, err);
    if (!st)
        st = d->prefill(inputs, count, pictures, logits, err);
    for (size_t i = 0; !st && count > 1 && i < count; i++)
        memcpy(gs[i]->first, logits + i * d->vocab, d->vocab * sizeof *logits);
    if (count > 1)
        ocrvl_free(logits);
    ocrvl_free(inputs);
    return st;
}

bool ocrvl_sequence_finished(const ocrvl_sequence *g) { return g->over; }

ocrvl_status ocrvl_sequence_end(ocrvl_sequence *g, ocrvl_generation *out, ocrvl_error *err)
{
    if (out)
        memset(out, 0, sizeof *out);
    if (!g)
        return OCRVL_OK;
    ocrvl_status st = g->st;
    if (st && err)
        *err = g->err;
    if (!st && out)
        *out = g->g;
    else
        ocrvl_generation_free(&g->g);
    ocrvl_sampler_free(&g->sampler);
    ocrvl_repetition_free(&g->repetition);
    ocrvl_free(g->first);
    ocrvl_free(g->masked);
    ocrvl_free(g->allowed);
    ocrvl_free(g);
    return st;
}

ocrvl_status ocrvl_generate(ocrvl_decoder *d, const ocrvl_prompt *prompt, const ocrvl_pictures *pictures,
                            const ocrvl_generate_options *o, ocrvl_generation *out, ocrvl_error *err)
{
    ocrvl_sequence *s;
    ocrvl_decode_batch t = {0};
    memset(out, 0, sizeof *out);
    double from = ocrvl_clock();
    ocrvl_status st = ocrvl_sequence_new(&s, d, o, err);
    if (!st)
        st = ocrvl_sequences_prefill(&s, prompt, 1, pictures, err);
    o->time->spent += ocrvl_clock() - from;
    if (st) {
        ocrvl_status ended = ocrvl_sequence_end(s, NULL, NULL); /* which has nothing to add */
        return ended ? ended : st;
    }
    ocrvl_decode_batch_run(&t, &s, 1);
    ocrvl_decode_batch_free(&t);
    return ocrvl_sequence_end(s, out, err);
}
