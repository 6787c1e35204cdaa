/* The next token from logits: greedy, or drawn as a checkpoint's generation_config asks, reproducibly by seed. */
#ifndef OCRVL_GENERATE_SAMPLING_H
#define OCRVL_GENERATE_SAMPLING_H

#include "model/config.h"

typedef struct ocrvl_sampler {
    bool greedy;
    double temperature, top_p, repetition_penalty;
    size_t top_k;
    uint64_t state; /* of the generator (SplitMix64) */
    void *scratch;  /* [vocab], made when first needed */
} ocrvl_sampler;

/* As the config says (do_sample with top_k 1 is greedy); temperature > 0 overrides its, < 0 makes it greedy. */
void ocrvl_sampler_init(ocrvl_sampler *s, const ocrvl_config *c, double temperature, uint64_t seed);
void ocrvl_sampler_free(ocrvl_sampler *s);

/* The index of the greatest logit, the first of equals. */
int32_t ocrvl_best_token(const float *logits, size_t vocab);
/* ln of the softmax of logits / temperature at id, summed in double. */
double ocrvl_token_logprob(const float *logits, size_t vocab, int32_t id, double temperature);

/* Chooses the next token. In the order of transformers: repetition penalty over the tokens so far, temperature, top k,
 * top p; ties break by the smaller id. logits [vocab] are left as they are. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_sample(ocrvl_sampler *s, const float *logits, size_t vocab, const int32_t *so_far,
                                           size_t count, int32_t *id, ocrvl_error *err);

#endif
