#include "generate/sampling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/maths.h"
#include "base/mem.h"

typedef struct candidate {
    double logit;
    int32_t id;
} candidate;

/* Temperatures up to this one leave the likeliest token alone: a logit that is less by 0.04 has a weight under 1e-17.
 */
#define COLDEST 1e-3
/* Tokens whose weight is below exp(-LEAST) of the likeliest one's are never drawn. */
#define LEAST 40.0

void ocrvl_sampler_init(ocrvl_sampler *s, const ocrvl_config *c, double temperature, uint64_t seed)
{
    double t = temperature > 0 ? temperature : c->temperature;
    *s = (ocrvl_sampler){.temperature = t,
                         .top_p = c->top_p,
                         .repetition_penalty = c->repetition_penalty,
                         .top_k = c->top_k,
                         .state = seed};
    bool sampling = temperature > 0 || (temperature == 0 && c->do_sample);
    if (temperature > 0 && c->top_k == 1)
        s->top_k = 0, s->top_p = 1; /* published configs turn sampling off by top_k 1 */
    s->greedy = !sampling || t <= COLDEST || s->top_k == 1;
}

void ocrvl_sampler_free(ocrvl_sampler *s)
{
    ocrvl_free(s->prompt);
    ocrvl_free(s->seen);
    ocrvl_free(s->said);
    ocrvl_free(s->scratch);
    s->prompt = s->seen = NULL;
    s->said = NULL;
    s->scratch = NULL;
    s->cap = 0;
}

int32_t ocrvl_best_token(const float *logits, size_t vocab)
{
    size_t best = 0;
    for (size_t i = 1; i < vocab; i++)
        best = logits[i] > logits[best] ? i : best;
    return (int32_t)best;
}

double ocrvl_token_logprob(const float *logits, size_t vocab, int32_t id, double temperature)
{
    float top = logits[ocrvl_best_token(logits, vocab)];
    double sum = 0, scale = 1 / temperature;
    for (size_t i = 0; i < vocab; i++) {
        double d = ((double)logits[i] - top) * scale;
        sum += d > -40 ? ocrvl_exp(d) : 0; /* 4e-18: below what a double sum of them shows */
    }
    return ((double)logits[id] - top) * scale - ocrvl_log(sum);
}

static double draw(ocrvl_sampler *s)
{
    uint64_t z = s->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static int by_logit(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->logit != y->logit)
        return x->logit > y->logit ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static size_t words(size_t vocab) { return (vocab + 63) / 64; }

static void mark(uint64_t *set, size_t vocab, const int32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] >= 0 && (size_t)ids[i] < vocab)
            set[ids[i] / 64] |= 1ull << ids[i] % 64;
}

ocrvl_status ocrvl_sampler_set_prompt(ocrvl_sampler *s, size_t vocab, const int32_t *ids, size_t count,
                                      ocrvl_error *err)
{
    if (s->repetition_penalty == 1)
        return OCRVL_OK;
    if (!s->prompt && !(s->prompt = ocrvl_alloc_array(words(vocab), sizeof *s->prompt)))
        return ocrvl_fail_nomem(err);
    memset(s->prompt, 0, words(vocab) * sizeof *s->prompt);
    mark(s->prompt, vocab, ids, count);
    return OCRVL_OK;
}

/* Collects the tokens that the penalty strikes -> s->seen. */
static ocrvl_status collect_seen(ocrvl_sampler *s, size_t vocab, const int32_t *so_far, size_t count, ocrvl_error *err)
{
    size_t bytes = words(vocab) * sizeof *s->seen;
    if (!s->seen && !(s->seen = ocrvl_alloc(bytes)))
        return ocrvl_fail_nomem(err);
    if (s->prompt)
        memcpy(s->seen, s->prompt, bytes);
    else
        memset(s->seen, 0, bytes);
    mark(s->seen, vocab, so_far, count);
    return OCRVL_OK;
}

static bool has_penalties(const ocrvl_sampler *s)
{
    return s->penalties.presence != 0 || s->penalties.frequency != 0 || s->penalties.no_repeat > 1;
}

/* Rules out the tokens that followed the last ones before -> s->said. */
static void bar_repeats(ocrvl_sampler *s, size_t vocab, const int32_t *so_far, size_t count)
{
    size_t n = s->penalties.no_repeat < OCRVL_LONGEST_RUN ? s->penalties.no_repeat : OCRVL_LONGEST_RUN;
    if (n < 2 || count < n)
        return;
    const int32_t *last = so_far + count - (n - 1);
    for (size_t i = 0; i + n <= count; i++)
        if (so_far[i + n - 2] == last[n - 2] && memcmp(so_far + i, last, (n - 1) * sizeof *last) == 0 &&
            so_far[i + n - 1] >= 0 && (size_t)so_far[i + n - 1] < vocab)
            s->said[so_far[i + n - 1]] = UINT32_MAX;
}

/* Counts the tokens that were said -> s->said. */
static ocrvl_status count_said(ocrvl_sampler *s, size_t vocab, const int32_t *so_far, size_t count, ocrvl_error *err)
{
    if (!s->said && !(s->said = ocrvl_alloc_array(vocab, sizeof *s->said)))
        return ocrvl_fail_nomem(err);
    memset(s->said, 0, vocab * sizeof *s->said);
    for (size_t i = 0; i < count; i++)
        if (so_far[i] >= 0 && (size_t)so_far[i] < vocab)
            s->said[so_far[i]]++;
    bar_repeats(s, vocab, so_far, count);
    return OCRVL_OK;
}

/* The logit of token i after the penalties. That on repetition makes what was seen less likely whatever its sign. */
static inline double penalised(const ocrvl_sampler *s, const float *logits, size_t i)
{
    double l = logits[i];
    if (s->repetition_penalty != 1 && (s->seen[i / 64] >> i % 64 & 1))
        l = l < 0 ? l * s->repetition_penalty : l / s->repetition_penalty;
    if (!s->said || !s->said[i])
        return l;
    return s->said[i] == UINT32_MAX ? -INFINITY : l - s->penalties.presence - s->penalties.frequency * s->said[i];
}

static size_t best_penalised(const ocrvl_sampler *s, const float *logits, size_t vocab)
{
    size_t best = 0;
    double most = penalised(s, logits, 0);
    for (size_t i = 1; i < vocab; i++) {
        double l = penalised(s, logits, i);
        if (l > most) {
            most = l;
            best = i;
        }
    }
    return best;
}

/* The tokens that can be drawn, the likeliest first -> s->scratch; how many: at most top_k, if it isn't 0. */
static ocrvl_status list_candidates(ocrvl_sampler *s, const float *logits, size_t vocab, double top, size_t *count,
                                    ocrvl_error *err)
{
    size_t n = 0;
    candidate *c = s->scratch;
    for (size_t i = 0; i < vocab; i++) {
        double l = penalised(s, logits, i);
        if (l < top - LEAST * s->temperature)
            continue;
        if (!OCRVL_ARRAY_RESERVE(c, s->cap, n + 1))
            return ocrvl_fail_nomem(err);
        s->scratch = c;
        c[n++] = (candidate){l, (int32_t)i};
    }
    qsort(c, n, sizeof *c, by_logit);
    *count = s->top_k && s->top_k < n ? s->top_k : n;
    return OCRVL_OK;
}

/* Turns the n greatest logits, in falling order, into weights; returns how many of them top_p keeps, and their sum. */
static size_t keep_top_p(candidate *c, size_t n, double temperature, double top_p, double *sum)
{
    double all = 0, top = c[0].logit;
    for (size_t i = 0; i < n; i++)
        all += c[i].logit = ocrvl_exp((c[i].logit - top) / temperature);
    *sum = 0;
    for (size_t i = 0; i < n; i++) {
        *sum += c[i].logit;
        if (*sum >= top_p * all)
            return i + 1;
    }
    return n;
}

ocrvl_status ocrvl_sample(ocrvl_sampler *s, const float *logits, size_t vocab, const int32_t *so_far, size_t count,
                          int32_t *id, ocrvl_error *err)
{
    bool penalty = s->repetition_penalty != 1;
    ocrvl_status st = penalty ? collect_seen(s, vocab, so_far, count, err) : OCRVL_OK;
    if (!st && has_penalties(s))
        st = count_said(s, vocab, so_far, count, err);
    if (st)
        return st;
    size_t best = penalty || s->said ? best_penalised(s, logits, vocab) : (size_t)ocrvl_best_token(logits, vocab), n;
    *id = (int32_t)best;
    double top = penalised(s, logits, best), sum;
    if (s->greedy || !isfinite(top))
        return OCRVL_OK;
    st = list_candidates(s, logits, vocab, top, &n, err);
    if (st)
        return st;
    candidate *c = s->scratch;
    n = keep_top_p(c, n, s->temperature, s->top_p, &sum);
    double at = draw(s) * sum;
    size_t i = 0;
    while (i + 1 < n && at >= c[i].logit)
        at -= c[i++].logit;
    *id = c[i].id;
    return OCRVL_OK;
}
