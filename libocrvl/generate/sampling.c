#include "generate/sampling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

typedef struct candidate {
    double logit;
    int32_t id;
} candidate;

void ocrvl_sampler_init(ocrvl_sampler *s, const ocrvl_config *c, double temperature, uint64_t seed)
{
    double t = temperature > 0 ? temperature : c->temperature;
    *s = (ocrvl_sampler){.temperature = t,
                         .top_p = c->top_p,
                         .repetition_penalty = c->repetition_penalty,
                         .top_k = c->top_k,
                         .state = seed};
    bool sampling = temperature > 0 || (temperature == 0 && c->do_sample);
    s->greedy = !sampling || t == 0 || s->top_k == 1;
    if (temperature > 0 && c->top_k == 1)
        s->top_k = 0, s->top_p = 1, s->greedy = false; /* published configs turn sampling off by top_k 1 */
}

void ocrvl_sampler_free(ocrvl_sampler *s)
{
    ocrvl_free(s->scratch);
    s->scratch = NULL;
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
        sum += d > -40 ? exp(d) : 0; /* 4e-18: below what a double sum of them shows */
    }
    return ((double)logits[id] - top) * scale - log(sum);
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

static void penalise(candidate *c, size_t vocab, const int32_t *so_far, size_t count, double penalty)
{
    for (size_t i = 0; i < count && penalty != 1; i++) {
        bool seen = so_far[i] < 0 || (size_t)so_far[i] >= vocab;
        for (size_t j = 0; j < i && !seen; j++)
            seen = so_far[j] == so_far[i];
        if (!seen) {
            double l = c[so_far[i]].logit;
            c[so_far[i]].logit = l < 0 ? l * penalty : l / penalty;
        }
    }
}

/* Turns the n greatest logits, in falling order, into weights; returns how many of them top_p keeps, and their sum. */
static size_t keep_top_p(candidate *c, size_t n, double temperature, double top_p, double *sum)
{
    double all = 0, top = c[0].logit;
    for (size_t i = 0; i < n; i++)
        all += c[i].logit = exp((c[i].logit - top) / temperature);
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
    if (s->greedy && s->repetition_penalty == 1) {
        *id = ocrvl_best_token(logits, vocab);
        return OCRVL_OK;
    }
    if (!s->scratch && !(s->scratch = ocrvl_alloc_array(vocab, sizeof(candidate))))
        return ocrvl_fail_nomem(err);
    candidate *c = s->scratch;
    for (size_t i = 0; i < vocab; i++)
        c[i] = (candidate){logits[i], (int32_t)i};
    penalise(c, vocab, so_far, count, s->repetition_penalty);
    qsort(c, vocab, sizeof *c, by_logit);
    size_t n = s->greedy ? 1 : s->top_k && s->top_k < vocab ? s->top_k : vocab;
    double sum;
    n = keep_top_p(c, n, s->greedy ? 1 : s->temperature, s->top_p, &sum);
    double at = s->greedy ? 0 : draw(s) * sum;
    size_t i = 0;
    while (i + 1 < n && at >= c[i].logit)
        at -= c[i++].logit;
    *id = c[i].id;
    return OCRVL_OK;
}
