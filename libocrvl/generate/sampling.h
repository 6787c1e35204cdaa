/* The next token from logits: greedy, or drawn as a checkpoint's generation_config asks, reproducibly by seed. */
#ifndef OCRVL_GENERATE_SAMPLING_H
#define OCRVL_GENERATE_SAMPLING_H

#include "model/config.h"

/* What is taken from the logits of tokens of the answer so far, as vLLM does it. All 0: nothing. */
typedef struct ocrvl_penalties {
    double presence, frequency; /* once, and for each time that the token was said */
    size_t no_repeat;           /* a token that would end a run of so many for the second time is ruled out; at most
                                   OCRVL_LONGEST_RUN */
} ocrvl_penalties;

enum { OCRVL_LONGEST_RUN = 1024 };

typedef struct ocrvl_sampler {
    bool greedy;
    ocrvl_penalties penalties; /* to be set after ocrvl_sampler_init */
    double temperature, top_p, repetition_penalty;
    size_t top_k;
    uint64_t state;          /* of the generator (SplitMix64) */
    uint64_t *prompt, *seen; /* a bit for each token: those of the prompt; those that the last penalty struck */
    uint32_t *said;          /* [vocab] how often each token was said, with penalties; UINT32_MAX: it may not be */
    void *scratch;           /* [cap] candidates */
    size_t cap;
} ocrvl_sampler;

/* As the config says (do_sample with top_k 1 is greedy, and so is a temperature of at most 0.001); temperature > 0
 * overrides its, < 0 makes it greedy. */
void ocrvl_sampler_init(ocrvl_sampler *s, const ocrvl_config *c, double temperature, uint64_t seed);
void ocrvl_sampler_free(ocrvl_sampler *s);
/* The temperature for ocrvl_sampler_init from that of the public options: greedy unless they ask to sample. */
static inline double ocrvl_sampler_temperature(float temperature, bool sample)
{
    return temperature > 0 ? temperature : sample ? 0 : -1;
}

/* The index of the greatest logit, the first of equals. */
int32_t ocrvl_best_token(const float *logits, size_t vocab);
/* ln of the softmax of logits / temperature at id, summed in double. */
double ocrvl_token_logprob(const float *logits, size_t vocab, int32_t id, double temperature);

/* The tokens of the prompt, which the repetition penalty counts as the reference does. Without a penalty nothing is
 * kept. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_sampler_set_prompt(ocrvl_sampler *s, size_t vocab, const int32_t *ids, size_t count,
                                                       ocrvl_error *err);
/* Chooses the next token. In the order of transformers: repetition penalty over the prompt and the tokens so far, the
 * penalties over the latter, temperature, top k, top p; ties break by the smaller id. logits [vocab] are left as they
 * are. Tokens that are less likely than the likeliest one by a factor of exp(40) are never drawn. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_sample(ocrvl_sampler *s, const float *logits, size_t vocab, const int32_t *so_far,
                                           size_t count, int32_t *id, ocrvl_error *err);

#endif
