/* The coordinator: starts the processes that work, watches over them, and books what they die of. It opens no document.
 */
#ifndef OCRVL_CLI_BATCH_SUPERVISE_H
#define OCRVL_CLI_BATCH_SUPERVISE_H

#include "batch/deaths.h"
#include "batch/setup.h"

typedef struct batch_coordinator {
    batch_setup *setup; /* its state is refreshed */
    size_t jobs;
    const batch_deaths *deaths; /* of runs before this one */
    char **words;               /* [count] the command line of run, after its name */
    size_t count;
} batch_coordinator;

/* Works until nothing is left that isn't held by others. Other than OK: CLI_EXIT_STOPPED by a signal, or what a worker
 * could not go on for. */
cli_exit batch_coordinate(const batch_coordinator *c);

#endif
