/* Folds the files of processes that have ended into one journal, one list and a results file for each unit. */
#ifndef OCRVL_CLI_BATCH_COMPACT_H
#define OCRVL_CLI_BATCH_COMPACT_H

#include "batch/setup.h"

/* CLI_EXIT_AGAIN, after a message, if some process may be at work in the folder. */
cli_exit batch_compact(batch_setup *s);

#endif
