/* Reads what isn't read yet, and writes the outputs: units of work, one after the other. */
#ifndef OCRVL_CLI_BATCH_WORK_H
#define OCRVL_CLI_BATCH_WORK_H

#include "batch/args.h"
#include "batch/claim.h"
#include "batch/duplicate.h"
#include "batch/outputs.h"
#include "batch/record.h"

typedef struct batch_in_hand { /* a document of the unit */
    uint32_t doc;
    uint64_t last; /* the greatest number of a page that came out of it */
    uint64_t next; /* the number of the page that is made next, as far as that is known */
    bool read;     /* it was opened, and all its pages came, or those of the range in hand */
    bool left;     /* it has been opened to see how many pages it has, and is read in ranges */
    bool late;     /* it has taken longer than --doc-timeout */
    double since;  /* when it was opened, as ocrvl_clock says, less the seconds of its pages before that */
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
    uint32_t first, end; /* the range of pages in hand, [first, end) from 0; end 0: all */
    uint64_t first_file; /* reading.file when the unit began */
    batch_sizes sizes;   /* for finding documents that have the same bytes */
    bool again;          /* documents of the unit wait for others of it, which have the same bytes */
    double told;         /* when a line last said what is being written, and */
    unsigned writing;    /* in which format it was (0: all) */
    uint64_t open;       /* documents that were opened since the pages in hand were last waited for */
    bool opening;        /* the last pass left a document to whoever is counting its pages */
    uint64_t held;       /* units that others hold, as the last look told */
    double looked;       /* when the journals were read last, as ocrvl_clock says */
} batch_worker;

/* How many units of the shard, and ranges of documents, have something that isn't finished. */
size_t batch_pending_units(const batch_state *state, const batch_shard *shard);
/* How many documents that were put off (batch/deaths.h) aren't finished; they are in no unit above. */
size_t batch_pending_put_off(const batch_state *state);
/* How many processes may find work: what isn't counted yet may be many ranges. */
size_t batch_pending_most(const batch_state *state, const batch_shard *shard);

/* Works until there is nothing left that isn't held by others, a signal stops it (CLI_EXIT_STOPPED), or something
 * fails. */
cli_exit batch_work(batch_worker *w);
/* Reads what isn't read of the documents order[from, to) of the state, which are a unit that is claimed, and writes
 * their outputs. */
cli_exit batch_work_unit(batch_worker *w, size_t from, size_t to);
/* Does one document a page at a time; of one that is read in ranges, that of the page. What it does is claimed by who
 * asks for it. */
cli_exit batch_work_alone(batch_worker *w, const char *name, uint32_t page);
/* A page that can't be read because whoever reads it dies; page 0 is the document itself. */
cli_exit batch_work_give_up(batch_worker *w, const char *name, uint32_t page, const char *reason, const char *message);
/* An output that can't be written because whoever writes it dies. */
cli_exit batch_work_lose(batch_worker *w, const char *name, unsigned format, const char *reason, const char *message);
void batch_worker_free(batch_worker *w);

/* A cli_reading's functions; user is the worker. */
bool batch_next_page(void *user, uint64_t pages);
cli_exit batch_take_page(void *user, const ocrvl_page *page, const ocrvl_page *pdf_page, const cli_queued *q);

#endif
