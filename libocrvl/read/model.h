/* What stands behind ocrvl_model. */
#ifndef OCRVL_READ_MODEL_H
#define OCRVL_READ_MODEL_H

#include "model/weights.h"
#include "text/tokenizer.h"

struct ocrvl_model {
    ocrvl_weights *weights;
    ocrvl_tokenizer *tokenizer;
    char *name;
    char dtype[32];
    uint64_t parameters, bytes;
    int32_t im_start, im_end, vision_start, vision_end;
};

#endif
