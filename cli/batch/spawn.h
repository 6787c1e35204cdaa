/* Starts a worker. */
#ifndef OCRVL_CLI_BATCH_SPAWN_H
#define OCRVL_CLI_BATCH_SPAWN_H

#include <sys/types.h>

#include "batch/store.h"

typedef struct batch_child {
    pid_t pid;      /* 0: there is none */
    int pipe;       /* is closed by its death */
    char name[128]; /* of its files */
} batch_child;

/* Exit status of a child in which the program could not be started. */
enum { BATCH_NOT_STARTED = 127 };

/* Runs this program with those words as its command line, after `batch work TOKEN`. The child ignores the signals that
 * stop, which are sent to all of a job at once, but for SIGUSR1, and dies with this process. */
cli_exit batch_spawn(batch_child *child, const batch_store *store, char *const *words, size_t count);
/* Whether the child has ended; *status is as waitpid has it. */
bool batch_child_ended(batch_child *child, int *status);

#endif
