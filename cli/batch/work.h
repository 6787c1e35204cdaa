/* Reads what isn't read yet, and writes the outputs: units of work, one after the other. */
#ifndef OCRVL_CLI_BATCH_WORK_H
#define OCRVL_CLI_BATCH_WORK_H

#include "batch/args.h"
#include "batch/outputs.h"
#include "batch/record.h"

typedef struct batch_in_hand { /* a document of the unit */
    uint32_t doc;
    uint64_t last; /* the greatest number of a page that came out of it */
    bool read;     /* it was opened, and all its pages came */
    cli_read_document how;
} batch_in_hand;

typedef struct batch_worker { /* set by the caller up to `record`; the rest must be zero */
    const cli_log *log;
    const batch_store *store;
    const batch_args *args;
    cli_reading *reading; /* begun before there is a page to be read; its `put` is batch_take_page with the worker */
    const batch_outputs *outputs;
    batch_state *state;
    batch_file *list; /* of documents, for those that have changed */
    batch_record record;
    batch_in_hand *hand; /* [count] in the order in which they are opened */
    size_t count, cap;
    uint64_t first_file; /* reading.file when the unit began */
    uint64_t read;       /* pages that this process has read */
} batch_worker;

/* Whether there is anything to do, and whether pages are to be read, for which a model is needed. */
bool batch_work_left(const batch_state *state, bool *pages);

/* Works until there is nothing left, a signal stops it (CLI_EXIT_STOPPED), or something fails. */
cli_exit batch_work(batch_worker *w);
void batch_worker_free(batch_worker *w);

/* A cli_reading's function that takes pages. */
cli_exit batch_take_page(void *user, const ocrvl_page *page, const ocrvl_page *pdf_page, const cli_queued *q);

#endif
