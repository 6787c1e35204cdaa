/* The files of a checkpoint's weights. */
#ifndef OCRVL_CLI_BATCH_WEIGHTS_H
#define OCRVL_CLI_BATCH_WEIGHTS_H

#include <stdint.h>

typedef struct batch_weights {
    uint64_t bytes; /* of all files */
    uint32_t stamp; /* changes with their names, sizes and times of change */
} batch_weights;

/* dir: the checkpoint's folder. One that can't be looked at has no weights. */
batch_weights batch_weights_of(const char *dir);

#endif
