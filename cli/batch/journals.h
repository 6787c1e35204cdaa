/* Reads the lists of documents and the journals of all processes. */
#ifndef OCRVL_CLI_BATCH_JOURNALS_H
#define OCRVL_CLI_BATCH_JOURNALS_H

#include "batch/state.h"

/* Takes what was appended since the last time. Lines that aren't whole are passed over and counted, but for the last of
 * a file, which may be whole the next time. */
cli_exit batch_journals_refresh(batch_state *s);

typedef struct batch_written_file { /* an output, as a journal says */
    const batch_doc *doc;
    char *name; /* below OUT, or with --place beside below the document's root */
    char sha256[65];
    uint64_t bytes, time;
} batch_written_file;

typedef struct batch_written_list { /* must be zero-initialised */
    batch_written_file *items;      /* [count] by name */
    size_t count, cap;
} batch_written_list;

/* Lists the outputs that were written of what is known now; of each file what was written last. */
cli_exit batch_journals_written(batch_state *s, batch_written_list *l);
void batch_written_free(batch_written_list *l);

#endif
