/* The cost of a pass, computed from the shapes alone. */
#ifndef OCRVL_MODEL_COST_H
#define OCRVL_MODEL_COST_H

#include "model/config.h"

typedef struct ocrvl_pass_shape {
    size_t patches;   /* of all images in the pass */
    size_t longest;   /* patches of its largest image */
    size_t tokens;    /* of the prompt, visual tokens included */
    size_t answer;    /* the most tokens that are generated */
    size_t sequences; /* decoded at the same time */
    size_t threads;
    bool low_precision; /* products are of bfloat16 */
} ocrvl_pass_shape;

/* Multiply-adds of the vision tower, of the prompt, and of one generated token; each counts as two operations
 * (FLOP). */
double ocrvl_vision_flop(const ocrvl_config *c, const ocrvl_pass_shape *s);
double ocrvl_prompt_flop(const ocrvl_config *c, const ocrvl_pass_shape *s);
double ocrvl_token_flop(const ocrvl_config *c);
/* Parameters that are read for a generated token: the layers and the head. */
double ocrvl_token_parameters(const ocrvl_config *c);
/* Numbers in all tensors of such a checkpoint; a tied head counts once. */
uint64_t ocrvl_all_parameters(const ocrvl_config *c);
/* Bytes that the pass's sequences occupy after prefill: cache and logits. */
uint64_t ocrvl_sequence_bytes(const ocrvl_config *c, const ocrvl_pass_shape *s);
/* Bytes of memory that a pass takes besides the weights: those of ocrvl_sequence_bytes, the engine's buffers
 * (engine.h), patches and embedded tokens. */
uint64_t ocrvl_pass_bytes(const ocrvl_config *c, const ocrvl_pass_shape *s);

#endif
