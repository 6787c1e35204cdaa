/* One of the line reader's tongues: a checkpoint that reads strips of lines in its scripts, with what runs it. */
#ifndef OCRVL_READ_TONGUE_H
#define OCRVL_READ_TONGUE_H

#include "generate/chat.h"
#include "generate/decoder.h"
#include "layout/strips.h"

typedef struct ocrvl_tongue { /* zero-initialise */
    const ocrvl_model *m;
    ocrvl_engine *engines; /* [engine_count] one for each thread */
    size_t engine_count;
    ocrvl_ids before, after; /* the prompt around the picture */
    ocrvl_decoder *prefix;   /* has run `before`, which all strips' prompts begin with */
} ocrvl_tongue;

/* Runs the part of the prompt before the picture once. The model must outlive it. To be freed on failure too. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tongue_init(ocrvl_tongue *t, const ocrvl_model *m, unsigned threads,
                                                ocrvl_error *err);
void ocrvl_tongue_free(ocrvl_tongue *t);

static inline const ocrvl_config *ocrvl_tongue_config(const ocrvl_tongue *t) { return &t->m->weights->config; }
/* What strips are that it is shown: whole visual tokens. */
ocrvl_strip_size ocrvl_tongue_strip_size(const ocrvl_config *c);
/* Visual tokens of a strip, and tokens of its prompt, which holds them. */
size_t ocrvl_tongue_visual_tokens(const ocrvl_tongue *t, const ocrvl_strip *s);
size_t ocrvl_tongue_prompt_tokens(const ocrvl_tongue *t, const ocrvl_strip *s);

#endif
