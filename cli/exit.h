/* Exit statuses. They are part of the command's contract (ocrvl(1), EXIT STATUS): never renumber. */
#ifndef OCRVL_CLI_EXIT_H
#define OCRVL_CLI_EXIT_H

#include "ocrvl.h"

typedef enum cli_exit {
    CLI_EXIT_OK = 0,
    CLI_EXIT_PAGES = 1, /* finished, but some page failed or was cut */
    CLI_EXIT_USAGE = 2,
    CLI_EXIT_INPUT = 3,  /* an input cannot be read */
    CLI_EXIT_MODEL = 4,  /* no usable model */
    CLI_EXIT_OUTPUT = 5, /* the output cannot be written */
    CLI_EXIT_LIMIT = 6,  /* memory, size or time limit, or a password is missing */
    CLI_EXIT_BUG = 7,
    CLI_EXIT_AGAIN = 75,   /* batch: stopped on request, or not finished yet: run again */
    CLI_EXIT_STOPPED = 63, /* inside the program only: a signal ended the work; main ends by that signal */
    CLI_EXIT_PIPE = 64     /* only inside the program: the reader of our output has closed it, and main ends as a filter
                            * does */
} cli_exit;

/* The exit status for a failure of the library. `side` is what was being worked on (CLI_EXIT_PAGES, _INPUT, _MODEL or
 * _OUTPUT); it is returned if the failure lies in that thing itself, and not in limits or in our code. */
cli_exit cli_exit_of(ocrvl_status st, cli_exit side);

/* The exit status of a run with two failures is the greater one. A run whose output cannot be written ends at once,
 * with CLI_EXIT_OUTPUT. */
cli_exit cli_exit_worse(cli_exit a, cli_exit b);

#endif
