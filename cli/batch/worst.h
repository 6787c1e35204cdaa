/* Which pages need a person first. */
#ifndef OCRVL_CLI_BATCH_WORST_H
#define OCRVL_CLI_BATCH_WORST_H

#include "batch/state.h"

typedef struct batch_ranked {
    float score; /* the less, the sooner a person should look */
    uint32_t doc, page;
} batch_ranked;

/* All pages that were read, in that order: failed ones, partial ones, and then by the mean confidence of the worst
 * tenth of their lines, less a little for each warning and much for ink that looks like text and gave none. NULL: no
 * memory. */
batch_ranked *batch_rank(const batch_state *state, size_t *count);

#endif
