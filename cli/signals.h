/* Dying well: SIGINT, SIGTERM and SIGHUP end the process at once while nothing is finished, and take an unfinished output file
 * with them. Once something is finished the first of them ends the work in hand only, so that what is finished can be kept;
 * a second one ends the process at once. SIGPIPE and SIGXFSZ become errors of write().
 */
#ifndef OCRVL_CLI_SIGNALS_H
#define OCRVL_CLI_SIGNALS_H

#include <stdbool.h>

#include "ocrvl.h"

/* To be called once, before any thread is started. Signals that were ignored at the start stay ignored. */
void cli_signals_install(void);

/* From now on a deadly signal unlinks this file first. path must stay valid until cli_signals_release. Only one file
 * can be guarded. */
void cli_signals_guard(const char *path);
void cli_signals_release(void);

/* The session that a signal cancels, or NULL. It must stay until another one or NULL is named. */
void cli_signals_session(ocrvl_session *s);
/* From now on something is finished, or about to be, that is to be kept. */
void cli_signals_keep(void);
/* Whether a signal came since; the work is to end then. */
bool cli_signals_stopped(void);
/* The same for ocrvl_source_options.canceled. */
bool cli_signals_canceled(void *user);
/* Ends the process by the signal that came, so that its parent sees it; returns if none did. */
void cli_signals_die_of_stop(void);

/* Ends the process as SIGPIPE ends a filter, unless that signal was ignored at the start: then it returns. */
void cli_signals_die_of_pipe(void);

#endif
