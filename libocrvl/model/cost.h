/* What a pass costs, by the shapes alone. */
#ifndef OCRVL_MODEL_COST_H
#define OCRVL_MODEL_COST_H

#include "model/config.h"

typedef struct ocrvl_pass_shape {
    size_t patches;  /* of all pictures in the pass */
    size_t longest;  /* patches of its largest picture */
    size_t tokens;   /* of the prompt, visual ones counted */
    size_t answer;   /* tokens generated at the most */
    size_t sequences; /* decoded together */
    size_t threads;
    bool low_precision;     /* products of bfloat16 */
} ocrvl_pass_shape;

/* Multiply-adds of the vision tower, of the prompt, and of one generated token, each twice (FLOP). */
double ocrvl_vision_flop(const ocrvl_config *c, const ocrvl_pass_shape *s);
double ocrvl_prompt_flop(const ocrvl_config *c, const ocrvl_pass_shape *s);
double ocrvl_token_flop(const ocrvl_config *c);
/* Parameters that a generated token reads: the layers and the head. */
double ocrvl_token_parameters(const ocrvl_config *c);
/* Bytes that its sequences go on holding after the prompt: cache and logits. */
uint64_t ocrvl_sequence_bytes(const ocrvl_config *c, const ocrvl_pass_shape *s);
/* Bytes of work besides the weights: those, the engine's buffers (engine.h), patches, cache, logits. */
uint64_t ocrvl_pass_bytes(const ocrvl_config *c, const ocrvl_pass_shape *s);

#endif
