/* One sequence being continued: a prompt, then tokens. The engine stands behind it; tests put scripts in its place. */
#ifndef OCRVL_GENERATE_DECODER_H
#define OCRVL_GENERATE_DECODER_H

#include "generate/prompt.h"
#include "model/engine.h"

typedef struct ocrvl_decoder ocrvl_decoder;

typedef struct ocrvl_prefill_input { /* what one sequence begins with */
    ocrvl_decoder *d;
    ocrvl_prompt prompt;
    size_t room;     /* how many tokens may follow, */
    size_t room_now; /* and for how many of them there is to be space now; the cache grows */
} ocrvl_prefill_input;

typedef struct ocrvl_decode_input { /* the tokens that one sequence goes on with */
    ocrvl_decoder *d;
    const int32_t *ids; /* [count] */
    size_t count;
} ocrvl_decode_input;

struct ocrvl_decoder {
    size_t vocab;
    /* Runs the prompts of several sequences of the same making in one pass, once each unless they keep; pictures are
     * those of all prompts, in their order. logits [count][vocab] of what comes next. The same bits for a prompt alone
     * or among others. */
    ocrvl_status (*prefill)(const ocrvl_prefill_input *inputs, size_t count, const ocrvl_pictures *pictures,
                            float *logits, ocrvl_error *err);
    /* Decodes tokens of several sequences of the same making in one pass; logits [sum of counts][vocab], a row after
     * each token, in the inputs' order. The same bits for a token alone or among others. */
    ocrvl_status (*decode)(const ocrvl_decode_input *inputs, size_t count, float *logits, ocrvl_error *err);
    /* Forgets the last so many tokens. */
    void (*truncate)(ocrvl_decoder *d, size_t tokens);
    void (*free)(ocrvl_decoder *d);
    /* Set before the first prompt: further prompts may follow, each run alone and showing the same pictures, whose
     * patches are looked at only until a prompt has been run. What a prompt begins with in common with the tokens
     * before it, be they of the last prompt or of its answer, isn't run again. The same bits as without. */
    bool keeps;
    size_t kept; /* tokens of the last prompt that weren't run again */
};

/* Over engines of the same weights, which must outlive it: one for its prompt and one for the tokens after it, so that
 * some sequences may go on while another one's prompt runs on another thread. Freed with its own free. from: a decoder
 * made by this function, or NULL. Its prompt must be text alone and has been run; prompts of the new one begin with the
 * same tokens, whose keys and values are taken over. It isn't changed, so any number of threads may do this. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_decoder_new(ocrvl_decoder **out, ocrvl_engine *prompts, ocrvl_engine *steps,
                                                const ocrvl_decoder *from, ocrvl_error *err);

#endif
