/* Fine-tunes of the families that are asked and answer in ways of their own. A row of the table says how one is told
 * from others, what it is asked, and how its answers are made; what they look like stands in the head of its prompt
 * (prompts/NAME.txt). ocrvl.json overrides the choice ("profile") and the rest. */
#ifndef OCRVL_GENERATE_PROFILES_H
#define OCRVL_GENERATE_PROFILES_H

#include "generate/sampling.h"

typedef struct ocrvl_profile {
    const char *name;
    const char *marks[2]; /* parts of the checkpoint's name, in any case, all of them; NULL: no more */
    const char *token;    /* a special token that only this one's tokenizer has; or NULL */
    const char *task;     /* the prompt that it was taught */
    const char *also;     /* another one that it was taught; or NULL */
    /* where neither the options nor its files say otherwise; 0: as for any checkpoint */
    uint64_t min_pixels, max_pixels; /* of one tile */
    size_t answer_tokens;
    double temperature; /* for --sample */
    /* what its maker's client takes from the logits of tokens that were said: of an answer about a page or its layout,
     * and, where blocks are asked about one by one, of those and of those that are tables */
    ocrvl_penalties page, block, table;
} ocrvl_profile;

/* Row i of the table, or NULL past its end. */
const ocrvl_profile *ocrvl_profile_at(size_t i);
/* The row of that name, or NULL. */
const ocrvl_profile *ocrvl_profile_by_name(const char *name);
/* The row that a checkpoint's own files name: ocrvl.json's "profile"; then, the first that is known of them, what it is
 * called (name: of its folder), config.json's _name_or_path, the title of README.md and the base_model in its head; at
 * last the special tokens. *profile NULL: none of them. OCRVL_E_MODEL: ocrvl.json names one that doesn't exist. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_profile_find(const ocrvl_profile **profile, const char *dir, const char *name,
                                                 const ocrvl_config *c, ocrvl_error *err);
/* The profile if the task, NULL for a text of the user's, is what it was taught; else one that says nothing. profile may
 * be NULL. */
const ocrvl_profile *ocrvl_profile_for(const ocrvl_profile *profile, const char *task);
/* The row by such a name alone, or NULL. */
const ocrvl_profile *ocrvl_profile_of_name(const char *name, size_t len);

#endif
