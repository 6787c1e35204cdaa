/* What one process writes down: results of pages, and journal lines that say that they are there. The order of writes
 * is what makes a page done: its result, synced, and then its line, synced. */
#ifndef OCRVL_CLI_BATCH_RECORD_H
#define OCRVL_CLI_BATCH_RECORD_H

#include "base/array.h"
#include "batch/state.h"
#include "ocrvl_formats.h"

typedef struct batch_record { /* the first two are set by the caller; the rest must be zero */
    const batch_store *store;
    const ocrvl_writer_options *opt; /* of the results */
    batch_file journal, results;     /* made when there is something to write */
    ocrvl_buf lines;                 /* of pages whose results are written and not synced yet */
    size_t line_count;
    double committed; /* when, as ocrvl_clock says */
    bool alone;       /* each page is committed by itself */
    const char *as;   /* the document whose results are taken; NULL: pages were read */
    char unit[40];    /* that is in hand */
    uint32_t sum;     /* of the JSON in hand */
} batch_record;

/* From now on pages are of that unit. All of the unit before must be committed. */
void batch_record_unit(batch_record *r, const char *unit);
/* Writes down a page's result; it counts once it is committed, which happens every second or every 16 pages. */
cli_exit batch_record_page(batch_record *r, const batch_doc *d, const ocrvl_page *page, const ocrvl_page_place *place,
                           bool skipped);
cli_exit batch_record_commit(batch_record *r);
void batch_record_free(batch_record *r);

/* Makes a line about a document's outputs: from what and when they were written, and which files (JSON) they are. */
void batch_record_outputs(ocrvl_buf *b, const char *type, const batch_doc *d, const ocrvl_buf *files);

/* Makes the line that an output of the document can't be written, and takes it into the state. */
cli_exit batch_record_loss(batch_record *r, batch_state *state, batch_doc *d, unsigned format, const char *reason,
                           const char *message);

/* Begins a line about a document; the caller adds to it and ends it with batch_line_end. */
void batch_record_about(ocrvl_buf *b, const char *type, const batch_doc *d);
/* Appends whole lines to the journal. */
cli_exit batch_record_line(batch_record *r, const ocrvl_buf *line, bool sync);

/* What journals call the failure. */
const char *batch_reason_of(ocrvl_status st);
/* The mean confidence of the worst tenth of the page's lines; negative: none has one. */
float batch_worst_tenth(const ocrvl_page *page);

#endif
