/* How many documents and pages stand how. */
#ifndef OCRVL_CLI_BATCH_COUNTS_H
#define OCRVL_CLI_BATCH_COUNTS_H

#include "batch/state.h"

typedef struct batch_counts {
    uint64_t docs[BATCH_DOC_STATUSES], pages[BATCH_PAGE_STATUSES], documents, total; /* total: pages that are known */
    uint64_t unwritten;                                                              /* outputs that can't be written */
    uint64_t unfit; /* documents whose PDF isn't the PDF/A that was asked for */
} batch_counts;

void batch_count(const batch_state *state, batch_counts *c);
/* How many documents aren't finished. */
uint64_t batch_counts_pending(const batch_counts *c);

typedef struct batch_failures { /* how many are too many */
    uint64_t most;
    bool percent;
} batch_failures;

/* Reads --max-failures; false: it is neither N nor P%. */
bool batch_failures_parse(const char *text, batch_failures *out);
/* Whether more than so many pages, or documents of which none is known, have failed. */
bool batch_failures_exceeded(const batch_failures *f, const batch_counts *c);

/* The exit status that the counts mean. */
cli_exit batch_counts_exit(const batch_counts *c);
/* The counts as a sentence. */
void batch_counts_put(ocrvl_buf *b, const batch_counts *c);

#endif
