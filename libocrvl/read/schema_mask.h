/* A schema as a mask over tokens, for ocrvl_generate. */
#ifndef OCRVL_READ_SCHEMA_MASK_H
#define OCRVL_READ_SCHEMA_MASK_H

#include "read/generate.h"
#include "read/model.h"
#include "text/schema.h"

typedef struct ocrvl_schema_mask ocrvl_schema_mask;

/* Sorts the model's tokens into a trie once; schema and model must outlive it. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_schema_mask_new(ocrvl_schema_mask **out, const ocrvl_schema *schema,
                                                    const ocrvl_model *m, ocrvl_error *err);
void ocrvl_schema_mask_free(ocrvl_schema_mask *m);
/* To be given to ocrvl_generate; begins a text anew. */
ocrvl_mask *ocrvl_schema_mask_begin(ocrvl_schema_mask *m);

#endif
