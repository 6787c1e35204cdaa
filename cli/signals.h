/* Dying well: SIGINT, SIGTERM and SIGHUP take an unfinished output file with them; SIGPIPE and SIGXFSZ become
 * errors of write().
 */
#ifndef OCRVL_CLI_SIGNALS_H
#define OCRVL_CLI_SIGNALS_H

#include <stdbool.h>

/* To be called once, before any thread is made. Signals that were ignored when we began stay ignored. */
void cli_signals_install(void);

/* From now on a deadly signal unlinks this file first. path must stay as it is until cli_signals_release. One at a
 * time. */
void cli_signals_guard(const char *path);
void cli_signals_release(void);

/* Ends the process as SIGPIPE ends a filter, unless that signal was ignored when we began: then it returns. */
void cli_signals_die_of_pipe(void);

#endif
