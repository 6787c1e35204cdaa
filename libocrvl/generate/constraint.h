/* A schema as a mask over tokens, for ocrvl_generate. */
#ifndef OCRVL_GENERATE_CONSTRAINT_H
#define OCRVL_GENERATE_CONSTRAINT_H

#include "generate/checkpoint.h"
#include "generate/generate.h"
#include "generate/schema.h"

typedef struct ocrvl_constraint ocrvl_constraint;

/* Sorts the model's tokens into a trie once; schema and model must outlive it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_constraint_new(ocrvl_constraint **out, const ocrvl_schema *schema,
                                                   const ocrvl_model *m, ocrvl_error *err);
void ocrvl_constraint_free(ocrvl_constraint *m);
/* To be given to ocrvl_generate; begins a text anew. */
ocrvl_logit_mask *ocrvl_constraint_begin(ocrvl_constraint *m);

#endif
