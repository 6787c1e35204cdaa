#include "read/generate.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"

enum { MAX_DRAFT = 15, MATCH = 3 };

typedef struct generating {
    ocrvl_decoder *d;
    const ocrvl_generate_options *o;
    ocrvl_generation *g;
    ocrvl_sampler sampler;
    ocrvl_guard guard;
    size_t cap;          /* of g->logprobs */
    float *logits;       /* [MAX_DRAFT + 1][vocab]; row `row` says what comes next */
    size_t row;
    float *first;        /* [vocab] the prompt's */
    float *barred;       /* [vocab] a copy with some tokens ruled out */
    bool *allowed;       /* [vocab] with a mask */
    int32_t ban;         /* the token that led into a loop */
    size_t ban_at;       /* where it may not stand again; SIZE_MAX: nowhere */
    unsigned retries;
    bool over;
} generating;

void ocrvl_generation_free(ocrvl_generation *g)
{
    ocrvl_ids_free(&g->ids);
    ocrvl_free(g->logprobs);
    memset(g, 0, sizeof *g);
}

static ocrvl_status start(generating *s, const ocrvl_chat *chat, const ocrvl_pictures *pictures, ocrvl_error *err)
{
    size_t vocab = s->d->vocab;
    s->logits = ocrvl_alloc_aligned(MAX_DRAFT + 1, vocab * sizeof *s->logits);
    s->first = ocrvl_alloc_array(vocab, sizeof *s->first);
    s->barred = ocrvl_alloc_array(vocab, sizeof *s->barred);
    s->allowed = ocrvl_alloc_array(vocab, sizeof *s->allowed);
    if (!s->logits || !s->first || !s->barred || !s->allowed)
        return ocrvl_fail_nomem(err);
    ocrvl_sampler_init(&s->sampler, s->o->config, s->o->temperature, s->o->seed);
    s->guard.tokenizer = s->o->tokenizer;
    s->guard.lines = s->o->lines;
    s->ban_at = SIZE_MAX;
    s->retries = s->o->retries;
    ocrvl_status st = s->d->prompt(s->d, chat, pictures, s->o->max_tokens + MAX_DRAFT + 1, s->logits, err);
    if (!st)
        memcpy(s->first, s->logits, vocab * sizeof *s->first);
    return st;
}

/* The logits of the next token, with what may not come ruled out. */
static ocrvl_status rule_out(generating *s, const float **logits, ocrvl_error *err)
{
    size_t vocab = s->d->vocab, at = s->g->ids.len;
    *logits = s->logits + s->row * vocab;
    if (!s->o->mask && s->ban_at != at)
        return OCRVL_OK;
    memcpy(s->barred, *logits, vocab * sizeof *s->barred);
    *logits = s->barred;
    if (s->ban_at == at)
        s->barred[s->ban] = -INFINITY;
    if (!s->o->mask)
        return OCRVL_OK;
    ocrvl_status st = s->o->mask->allow(s->o->mask, s->allowed, err);
    for (size_t i = 0; !st && i < vocab; i++)
        if (!s->allowed[i])
            s->barred[i] = -INFINITY;
    return st;
}

/* Notes a token that was taken, with its probability among those that could be. */
static ocrvl_status note(generating *s, const float *logits, int32_t id, ocrvl_error *err)
{
    ocrvl_generation *g = s->g;
    if (g->ids.len == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 256;
        double *p = ocrvl_realloc_array(g->logprobs, cap, sizeof *p);
        if (!p)
            return ocrvl_fail_nomem(err);
        g->logprobs = p;
        s->cap = cap;
    }
    g->logprobs[g->ids.len] = ocrvl_token_logprob(logits, s->d->vocab, id, s->o->config->confidence_temperature);
    if (!ocrvl_ids_push(&g->ids, id) || !ocrvl_guard_push(&s->guard, id))
        return ocrvl_fail_nomem(err);
    return OCRVL_OK;
}

/* What the last tokens were followed by when they stood before: in the text so far or in the hints. */
static size_t propose(const generating *s, int32_t *draft)
{
    const ocrvl_ids *ids = &s->g->ids;
    size_t most = s->o->draft < MAX_DRAFT ? s->o->draft : MAX_DRAFT;
    if (!s->sampler.greedy || s->sampler.repetition_penalty != 1 || s->o->mask || s->ban_at != SIZE_MAX)
        return 0;
    const struct {
        const int32_t *ids;
        size_t len;
    } texts[] = {{s->o->hints, s->o->hint_count}, {ids->data, ids->len}};
    for (size_t match = MATCH; match >= 2; match--)
        for (size_t t = 0; t < 2 && ids->len >= match; t++)
            for (size_t end = texts[t].len; end > match; end--) {
                size_t at = end - 1 - match; /* the match ends before text[end - 1] */
                if (memcmp(texts[t].ids + at, ids->data + ids->len - match, match * sizeof *draft) != 0)
                    continue;
                size_t n = texts[t].len - (at + match);
                n = n < most ? n : most;
                memcpy(draft, texts[t].ids + at + match, n * sizeof *draft);
                return n;
            }
    return 0;
}

/* A loop from token `from` on: cuts it away and bars its first token there, or ends if no retry is left. */
static ocrvl_status cut_loop(generating *s, size_t from, ocrvl_error *err)
{
    ocrvl_generation *g = s->g;
    int32_t banned = g->ids.data[from];
    size_t fed = g->ids.len;
    g->loops++;
    g->ids.len = from;
    if (s->retries == 0) {
        g->finish = OCRVL_FINISH_LOOP;
        s->over = true;
        return OCRVL_OK;
    }
    s->retries--;
    s->ban = banned;
    s->ban_at = from;
    ocrvl_guard_rewind(&s->guard, g->ids.data, from);
    s->row = 0;
    if (from == 0) {
        s->d->rewind(s->d, fed);
        memcpy(s->logits, s->first, s->d->vocab * sizeof *s->logits);
        return OCRVL_OK;
    }
    s->d->rewind(s->d, fed - from + 1);
    g->passes++;
    return s->d->feed(s->d, &g->ids.data[from - 1], 1, s->logits, err);
}

/* Feeds the last token and a draft; takes as much of the draft as the model would have said itself. */
static ocrvl_status advance(generating *s, ocrvl_error *err)
{
    int32_t run[MAX_DRAFT + 1];
    size_t accepted = 0, from;
    size_t n = ocrvl_guard_loops(&s->guard, &from) ? 0 : propose(s, run + 1);
    run[0] = s->g->ids.data[s->g->ids.len - 1];
    ocrvl_status st = s->d->feed(s->d, run, n + 1, s->logits, err);
    s->g->passes++;
    s->g->drafted += n;
    while (!st && accepted < n && s->g->ids.len < s->o->max_tokens) {
        const float *logits = s->logits + accepted * s->d->vocab;
        int32_t best = ocrvl_best_token(logits, s->d->vocab);
        if (best != run[accepted + 1] || ocrvl_config_is_stop(s->o->config, best))
            break;
        st = note(s, logits, best, err);
        accepted++;
        if (!st && ocrvl_guard_loops(&s->guard, &from))
            break;
    }
    if (st)
        return st;
    s->g->accepted += accepted;
    s->d->rewind(s->d, n - accepted);
    s->row = accepted;
    return OCRVL_OK;
}

static bool must_stop(generating *s)
{
    if (s->o->deadline > 0 && ocrvl_clock() > s->o->deadline) {
        s->g->finish = OCRVL_FINISH_TIME;
        s->over = true;
    }
    return s->over;
}

/* One token, and those of a draft after it. */
static ocrvl_status step(generating *s, ocrvl_error *err)
{
    const float *logits;
    int32_t id;
    size_t from;
    ocrvl_generation *g = s->g;
    ocrvl_status st = rule_out(s, &logits, err);
    if (!st)
        st = ocrvl_sample(&s->sampler, logits, s->d->vocab, g->ids.data, g->ids.len, &id, err);
    if (st)
        return st;
    if (ocrvl_config_is_stop(s->o->config, id)) {
        g->finish = OCRVL_FINISH_END;
        s->over = true;
        return OCRVL_OK;
    }
    if (g->ids.len >= s->o->max_tokens) {
        g->finish = OCRVL_FINISH_LENGTH;
        s->over = true;
        return OCRVL_OK;
    }
    if (s->ban_at == g->ids.len)
        s->ban_at = SIZE_MAX;
    st = note(s, logits, id, err);
    if (!st && s->o->mask)
        st = s->o->mask->take(s->o->mask, id, err);
    if (st || must_stop(s))
        return st;
    st = advance(s, err);
    if (!st && !s->o->mask && ocrvl_guard_loops(&s->guard, &from))
        st = cut_loop(s, from, err);
    return st;
}

ocrvl_status ocrvl_generate(ocrvl_decoder *d, const ocrvl_chat *chat, const ocrvl_pictures *pictures,
                            const ocrvl_generate_options *o, ocrvl_generation *out, ocrvl_error *err)
{
    generating s = {.d = d, .o = o, .g = out};
    memset(out, 0, sizeof *out);
    ocrvl_status st = start(&s, chat, pictures, err);
    while (!st && !s.over) {
        bool stop = o->cancel && atomic_load(o->cancel);
        if (stop || (o->progress && o->progress(o->user, out->ids.len, o->max_tokens)))
            st = ocrvl_fail(err, OCRVL_E_CANCELED, "canceled");
        else
            st = step(&s, err);
    }
    ocrvl_sampler_free(&s.sampler);
    ocrvl_guard_free(&s.guard);
    ocrvl_free(s.logits);
    ocrvl_free(s.first);
    ocrvl_free(s.barred);
    ocrvl_free(s.allowed);
    if (st)
        ocrvl_generation_free(out);
    return st;
}
