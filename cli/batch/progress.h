/* One line on the terminal that says how far a batch is. */
#ifndef OCRVL_CLI_BATCH_PROGRESS_H
#define OCRVL_CLI_BATCH_PROGRESS_H

#include "batch/state.h"

typedef struct batch_progress {
    bool on, shown, json; /* json: an object a line */
    double at[64];        /* when the line was shown, as ocrvl_clock says; the last 64 times */
    uint64_t pages[64];   /* that were done then */
    size_t count;
} batch_progress;

/* how: BATCH_PROGRESS_AUTO... */
void batch_progress_init(batch_progress *p, unsigned how);
void batch_progress_show(batch_progress *p, const batch_state *state);
void batch_progress_wipe(batch_progress *p);

#endif
