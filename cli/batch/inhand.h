/* What a process had in hand when it died, as its journal tells. */
#ifndef OCRVL_CLI_BATCH_INHAND_H
#define OCRVL_CLI_BATCH_INHAND_H

#include "batch/state.h"

typedef struct batch_begun { /* something that was begun and isn't recorded as done */
    char *doc;
    bool alone;       /* nothing else was in that process's hands */
    uint32_t page;    /* 0: the document itself was opened, or its outputs were written, */
    unsigned writing; /* and in which ocrvl_format; 0: in all, or none was */
} batch_begun;

typedef struct batch_begun_list { /* must be zero-initialised */
    batch_begun *items;           /* [count] in the order in which they were begun */
    size_t count, cap;
} batch_begun_list;

/* Reads the last lines of the journal of the process of that name, which has far fewer in hand than these tell of. */
cli_exit batch_begun_read(batch_begun_list *l, const batch_state *state, const char *process);
void batch_begun_free(batch_begun_list *l);

#endif
