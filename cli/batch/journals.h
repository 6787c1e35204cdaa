/* Reads the lists of documents and the journals of all processes. */
#ifndef OCRVL_CLI_BATCH_JOURNALS_H
#define OCRVL_CLI_BATCH_JOURNALS_H

#include "batch/state.h"

/* Takes what was appended since the last time. Lines that aren't whole are passed over and counted, but for the last of
 * a file, which may be whole the next time. */
cli_exit batch_journals_refresh(batch_state *s);

#endif
