/* Ending by signals. SIGINT, SIGTERM, SIGHUP and SIGXCPU end the process at once while nothing is finished, and
 * remove an unfinished output file. Once something is finished, the first of them only ends the current work, so that
 * what is finished can be saved; a second one ends the process at once, as SIGQUIT does always. SIGPIPE and SIGXFSZ
 * become errors of write(). */
#ifndef OCRVL_CLI_SIGNALS_H
#define OCRVL_CLI_SIGNALS_H

#include <stdbool.h>

#include "ocrvl.h"

/* To be called once, before any thread is started. Signals that were ignored at the start stay ignored. */
void cli_signals_install(void);

/* From now on a deadly signal unlinks this file first. path must stay valid until cli_signals_release of the same
 * pointer. CLI_GUARDED files can be guarded at a time; more are not. */
#define CLI_GUARDED 40
void cli_signals_guard(const char *path);
void cli_signals_release(const char *path);

/* Names the session that a signal cancels, or NULL. It must stay valid until another one or NULL is named. */
void cli_signals_session(ocrvl_session *s);
/* From now on there is, or soon will be, finished work to be saved. */
void cli_signals_keep(void);
/* Whether a signal has come since, so that the work has to end. */
bool cli_signals_stopped(void);
/* The same for ocrvl_source_options.canceled. */
bool cli_signals_canceled(void *user);
/* Another signal that stops the work. */
void cli_signals_stop_by(int sig);
/* For a command that ends with a status of its own after a signal: none has come. */
void cli_signals_forget(void);
/* Ends the process by the signal that came, so that its parent sees it; returns if there was none. */
void cli_signals_die_of_stop(void);

/* Ends the process as SIGPIPE ends a filter, unless that signal was ignored at the start: then it returns. */
void cli_signals_die_of_pipe(void);

#endif
