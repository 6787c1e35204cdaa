/* What a process had in hand when it died, as its journal tells. */
#ifndef OCRVL_CLI_BATCH_INHAND_H
#define OCRVL_CLI_BATCH_INHAND_H

#include "batch/state.h"

typedef struct batch_begun { /* something that was begun and isn't recorded as done */
    char *doc;
    bool alone;       /* nothing else was in that process's hands */
    uint32_t page;    /* 0: the document itself was opened, or its outputs were written */
    bool outputs;     /* which they were, */
    unsigned writing; /* in this ocrvl_format; 0: in all */
} batch_begun;

typedef struct batch_begun_list { /* must be zero-initialised */
    batch_begun *items;           /* [count] in the order in which they were begun */
    size_t count, cap;
    bool did; /* that process had finished something else */
} batch_begun_list;

/* The first page of the document, from that number on, that is to be read; 0: nothing is known of its pages, or all
 * that are known are read. Who dies while a document is opened dies of it. */
uint32_t batch_begun_page(const batch_state *state, const batch_doc *d, uint32_t from);

/* Reads the last lines of the journal of the process of that name, which has far fewer in hand than these tell of. Those
 * about an earlier state of a document, or from before its pages were made pending again, don't count. */
cli_exit batch_begun_read(batch_begun_list *l, const batch_state *state, const char *process);
void batch_begun_free(batch_begun_list *l);

#endif
