/* What stands behind ocrvl_model. */
#ifndef OCRVL_GENERATE_CHECKPOINT_H
#define OCRVL_GENERATE_CHECKPOINT_H

#include "generate/profiles.h"
#include "model/weights.h"
#include "tokenizer/tokenizer.h"

struct ocrvl_model {
    ocrvl_weights *weights;
    ocrvl_tokenizer *tokenizer;
    char *name;
    const ocrvl_profile *profile; /* the fine-tune that it is; NULL: none that is known */
    char dtype[32];
    uint64_t parameters, bytes;
    int32_t im_start, im_end, vision_start, vision_end;
    bool thinks; /* its chat template opens answers with <think> */
};

/* What a checkpoint in that folder is called: the last part of its path, in new memory. NULL if memory fails. */
char *ocrvl_model_name_of(const char *dir);

#endif
