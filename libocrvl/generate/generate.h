/* Makes text from a prompt, token by token or, with drafts, several at a time, for one prompt or several; loops
 * are cut, everything is accounted for. Lines, parts of pages and questions are all sequences, and this is the one loop
 * that decodes them. */
#ifndef OCRVL_GENERATE_GENERATE_H
#define OCRVL_GENERATE_GENERATE_H

#include "base/cancel.h"
#include "generate/decoder.h"
#include "generate/repetition.h"
#include "generate/sampling.h"

/* Which tokens may come next (JSON by schema). */
typedef struct ocrvl_logit_mask ocrvl_logit_mask;
struct ocrvl_logit_mask {
    /* allowed[i] = whether token i may follow what was taken so far. */
    ocrvl_status (*allow)(ocrvl_logit_mask *m, bool *allowed, ocrvl_error *err);
    ocrvl_status (*take)(ocrvl_logit_mask *m, int32_t id, ocrvl_error *err);
};

enum { OCRVL_DRAFT = 7 }; /* tokens that are checked in a pass beside the last one */

/* Seconds of work, or one page's share of it where several are read at once. */
typedef struct ocrvl_account {
    double limit; /* 0 if there is none */
    double spent;
    double deadline; /* of the monotonic clock, whatever was spent; 0 if there is none */
} ocrvl_account;

/* Whether the time is up. */
bool ocrvl_account_is_over(const ocrvl_account *a);

/* The most tokens of an answer: as many as are asked for, 0 being `otherwise`, and at most half of the model's context.
 */
size_t ocrvl_answer_limit(size_t asked, size_t otherwise, const ocrvl_config *c);

typedef struct ocrvl_generate_options {
    const ocrvl_tokenizer *tokenizer;
    const ocrvl_config *config;
    size_t max_tokens;
    size_t room;        /* tokens that the cache has room for at first, if fewer; it grows. 0: for max_tokens */
    double temperature; /* see ocrvl_sampler_init */
    ocrvl_penalties penalties;
    uint64_t seed;
    bool unwatched;   /* no loop is looked for while it is written, as in a line, which is short */
    size_t lines;     /* of ink, for the repetition detector; 0 if it isn't known */
    unsigned retries; /* branches tried after a loop */
    const int32_t
        *draft_source; /* tokens of text that may be what comes (a text layer, a line reader's reading): drafts */
    size_t draft_source_count;
    size_t draft;           /* tokens checked in one pass at most; 0 asks for no drafts, as a mask does */
    ocrvl_logit_mask *mask; /* or NULL; no drafts then */
    /* Below 0: it ends where the sum of the tokens' log-probabilities falls under this, which only falls further. */
    double least_likelihood;
    ocrvl_account *time;                 /* what it takes is added; where that is over the limit it stops. Not NULL */
    const ocrvl_cancel_token *cancel[2]; /* or NULL: once one is canceled, it ends with OCRVL_E_CANCELED */
    ocrvl_progress_fn progress;          /* tokens so far, of at most so many */
    void *user;
} ocrvl_generate_options;

typedef enum ocrvl_finish {
    OCRVL_FINISH_END = 1,  /* an end token */
    OCRVL_FINISH_LENGTH,   /* max_tokens */
    OCRVL_FINISH_LOOP,     /* cut where a loop began, the retries used up */
    OCRVL_FINISH_UNLIKELY, /* least_likelihood */
    OCRVL_FINISH_TIME      /* the account's limit */
} ocrvl_finish;

typedef struct ocrvl_generation {
    ocrvl_ids ids;    /* without the end token */
    double *logprobs; /* [ids.len], at the profile's confidence temperature */
    double end;       /* the same of the end token; -INFINITY without one */
    ocrvl_finish finish;
    unsigned loops;             /* cut, each followed by another branch while there were retries */
    uint64_t passes;            /* through the decoder, the prompt's not counted */
    uint64_t drafted, accepted; /* draft tokens checked and right */
} ocrvl_generation;

void ocrvl_generation_free(ocrvl_generation *g);

/* An answer on its way. Its result doesn't depend on what else is in the batch. */
typedef struct ocrvl_sequence ocrvl_sequence;

/* The options are copied; what they point at, and the decoder, must outlive it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_sequence_new(ocrvl_sequence **out, ocrvl_decoder *d,
                                                 const ocrvl_generate_options *o, ocrvl_error *err);
/* Runs the prompts of gs [count] in one pass, once; pictures are those of all prompts, in their order. The seconds are
 * the caller's to account for. On failure the sequences must be ended. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_sequences_prefill(ocrvl_sequence *const *gs, const ocrvl_prompt *prompts,
                                                      size_t count, const ocrvl_pictures *pictures, ocrvl_error *err);
bool ocrvl_sequence_finished(const ocrvl_sequence *g);
/* Ends it (NULL is accepted) and hands over what there is, or says why it failed; out may be NULL.
 * OCRVL_E_CANCELED: `cancel` or the progress function said so. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_sequence_end(ocrvl_sequence *g, ocrvl_generation *out, ocrvl_error *err);

typedef struct ocrvl_decode_batch { /* what sequences decoded in one pass share; zero-initialise */
    float *logits;                  /* [rows][vocab] */
    size_t rows;
    ocrvl_sequence **live;      /* [cap] those of a step that aren't over */
    ocrvl_decode_input *inputs; /* [cap] their inputs */
    size_t cap;
    double share; /* of the machine's work that their steps are, for their accounts; 0 means all of it */
} ocrvl_decode_batch;

void ocrvl_decode_batch_free(ocrvl_decode_batch *t);
/* Takes those of gs [count] that aren't over one pass further, all in one; always with the same t. A failure is
 * reported by ocrvl_sequence_end of those that it struck. */
void ocrvl_decode_batch_step(ocrvl_decode_batch *t, ocrvl_sequence *const *gs, size_t count);
/* Repeats that until all of them are over. */
void ocrvl_decode_batch_run(ocrvl_decode_batch *t, ocrvl_sequence *const *gs, size_t count);

/* Runs the prompt and generates to the end. Output is the same, token for token, with drafts and without. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_generate(ocrvl_decoder *d, const ocrvl_prompt *prompt,
                                             const ocrvl_pictures *pictures, const ocrvl_generate_options *o,
                                             ocrvl_generation *out, ocrvl_error *err);

#endif
