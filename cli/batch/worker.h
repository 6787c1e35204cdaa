/* A process that works for a coordinator: ocrvl batch work, which isn't for users. */
#ifndef OCRVL_CLI_BATCH_WORKER_H
#define OCRVL_CLI_BATCH_WORKER_H

#include "batch/setup.h"
#include "batch/work.h"

/* Exit status of one that can't go on, which is the fault of nothing that it had in hand. */
enum { BATCH_WORKER_LOST = 66 };

/* argv: "work", the token of the process's name, the name of a document to be done alone or "", a page of it, how many
 * documents it may have open at a time or "", and the command line of run. */
cli_exit batch_worker_run(const cli_command *self, int argc, char **argv);

/* Joins a worker with what it works on; the caller frees both. */
void batch_worker_join(batch_worker *w, batch_setup *s, batch_file *list, batch_claim *claim);

#endif
