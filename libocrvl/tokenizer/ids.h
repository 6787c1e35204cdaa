/* A growing array of token ids. */
#ifndef OCRVL_TOKENIZER_IDS_H
#define OCRVL_TOKENIZER_IDS_H

#include "ocrvl.h"

typedef struct ocrvl_ids { /* must be zero-initialised */
    int32_t *data;
    size_t len, cap;
} ocrvl_ids;
void ocrvl_ids_free(ocrvl_ids *ids);
/* Returns false if memory is exhausted. */
OCRVL_MUST_CHECK bool ocrvl_ids_push(ocrvl_ids *ids, int32_t id);

#endif
