/* One sequence being continued: a prompt, then tokens. The engine stands behind it; tests put scripts in its place. */
#ifndef OCRVL_GENERATE_DECODER_H
#define OCRVL_GENERATE_DECODER_H

#include "generate/prompt.h"

typedef struct ocrvl_decoder ocrvl_decoder;

typedef struct ocrvl_decode_input { /* what one sequence is fed */
    ocrvl_decoder *d;
    const int32_t *ids; /* [count] */
    size_t count;
} ocrvl_decode_input;

struct ocrvl_decoder {
    size_t vocab;
    /* Runs a prompt, with room for so many tokens after it; logits [vocab] of what comes next. Once. */
    ocrvl_status (*prompt)(ocrvl_decoder *d, const ocrvl_chat *chat, const ocrvl_pictures *pictures, size_t room,
                           float *logits, ocrvl_error *err);
    /* Feeds tokens to several sequences of the same making in one pass; logits [sum of counts][vocab], a row after each
     * token, in the feeds' order. The same bits for a token alone or among others. */
    ocrvl_status (*decode)(const ocrvl_decode_input *inputs, size_t count, float *logits, ocrvl_error *err);
    /* Forgets the last so many tokens that were fed. */
    void (*truncate)(ocrvl_decoder *d, size_t tokens);
    void (*free)(ocrvl_decoder *d);
};

/* Over engines of the same weights, which must outlive it: one for its prompt and one for what is fed after it, so that some
 * decoders may be fed while another one's prompt runs on another thread. Freed with its own free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_decoder_new(ocrvl_decoder **out, ocrvl_engine *prompts, ocrvl_engine *steps,
                                                ocrvl_error *err);

#endif
