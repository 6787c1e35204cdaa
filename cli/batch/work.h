/* Reads what isn't read yet, and writes the outputs: units of work, one after the other. */
#ifndef OCRVL_CLI_BATCH_WORK_H
#define OCRVL_CLI_BATCH_WORK_H

#include "batch/args.h"
#include "batch/claim.h"
#include "batch/outputs.h"
#include "batch/record.h"

typedef struct batch_in_hand { /* a document of the unit */
    uint32_t doc;
    uint64_t last; /* the greatest number of a page that came out of it */
    uint64_t next; /* the number of the page that is made next, as far as that is known */
    bool read;     /* it was opened, and all its pages came */
    cli_read_document how;
} batch_in_hand;

typedef struct batch_worker { /* set by the caller up to `record`; the rest must be zero */
    const cli_log *log;
    const batch_store *store;
    const batch_args *args;
    cli_reading *reading; /* its user is the worker */
    const batch_outputs *outputs;
    batch_state *state;
    batch_file *list; /* of documents, for those that have changed */
    batch_claim *claim;
    cli_exit (*begin)(void *user); /* begins `reading`, when the first page is to be read */
    void *user;
    batch_shard shard;
    batch_record record;
    uint32_t *unit; /* [unit_count] the documents of the unit in hand */
    size_t unit_count, unit_cap;
    batch_in_hand *hand; /* [count] in the order in which they are opened */
    size_t count, cap;
    uint64_t first_file; /* reading.file when the unit began */
    uint64_t held;       /* units that others hold, as the last look told */
    double looked;       /* when the journals were read last, as ocrvl_clock says */
} batch_worker;

/* How many units of the shard have a document that isn't finished. */
size_t batch_pending_units(const batch_state *state, const batch_shard *shard);

/* Works until there is nothing left that isn't held by others, a signal stops it (CLI_EXIT_STOPPED), or something
 * fails. */
cli_exit batch_work(batch_worker *w);
/* Does one document, whose unit is claimed by who asks for it, a page at a time. */
cli_exit batch_work_alone(batch_worker *w, const char *name);
/* A page that can't be read because whoever reads it dies; page 0 is the document itself. */
cli_exit batch_work_give_up(batch_worker *w, const char *name, uint32_t page, const char *reason, const char *message);
void batch_worker_free(batch_worker *w);

/* A cli_reading's functions; user is the worker. */
void batch_next_page(void *user, uint64_t pages);
cli_exit batch_take_page(void *user, const ocrvl_page *page, const ocrvl_page *pdf_page, const cli_queued *q);

#endif
