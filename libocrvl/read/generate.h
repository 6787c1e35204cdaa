/* Text from a prompt: token by token or, with drafts, several at a time; loops are cut, everything is accounted for. */
#ifndef OCRVL_READ_GENERATE_H
#define OCRVL_READ_GENERATE_H

#include <stdatomic.h>

#include "read/decoder.h"
#include "read/guard.h"
#include "read/sample.h"

/* Which tokens may come next (JSON by schema). */
typedef struct ocrvl_mask ocrvl_mask;
struct ocrvl_mask {
    /* allowed[i] = whether token i may follow what was taken so far. */
    ocrvl_status (*allow)(ocrvl_mask *m, bool *allowed, ocrvl_error *err);
    ocrvl_status (*take)(ocrvl_mask *m, int32_t id, ocrvl_error *err);
};

typedef struct ocrvl_generate_options {
    const ocrvl_tokenizer *tokenizer;
    const ocrvl_config *config;
    size_t max_tokens;
    double temperature; /* see ocrvl_sampler_init */
    uint64_t seed;
    size_t lines;       /* of ink, for the guard; 0: not known */
    unsigned retries;   /* branches tried after a loop */
    const int32_t *hints; /* tokens of text that may be what comes (a text layer, a line reader's reading): drafts */
    size_t hint_count;
    size_t draft;       /* tokens checked in one pass at most; 0: no drafts. Only greedy decoding uses them */
    ocrvl_mask *mask;   /* or NULL; no drafts then */
    double deadline;    /* of ocrvl_clock; 0: none */
    const atomic_bool *cancel;
    ocrvl_progress_fn progress; /* tokens so far, of at most so many */
    void *user;
} ocrvl_generate_options;

typedef enum ocrvl_finish {
    OCRVL_FINISH_END = 1, /* an end token */
    OCRVL_FINISH_LENGTH,  /* max_tokens */
    OCRVL_FINISH_LOOP,    /* cut where a loop began, the retries used up */
    OCRVL_FINISH_TIME     /* the deadline */
} ocrvl_finish;

typedef struct ocrvl_generation {
    ocrvl_ids ids;    /* without the end token */
    double *logprobs; /* [ids.len], at the profile's confidence temperature */
    ocrvl_finish finish;
    unsigned loops;   /* cut, each followed by another branch while there were retries */
    uint64_t passes;  /* through the decoder, the prompt's not counted */
    uint64_t drafted, accepted; /* draft tokens checked and right */
} ocrvl_generation;

void ocrvl_generation_free(ocrvl_generation *g);

/* Runs the prompt and generates. Greedy output is the same, token for token, with drafts and without.
 * OCRVL_E_CANCELED: `cancel` or the progress function said so. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_generate(ocrvl_decoder *d, const ocrvl_chat *chat, const ocrvl_pictures *pictures,
                                             const ocrvl_generate_options *o, ocrvl_generation *out, ocrvl_error *err);

#endif
