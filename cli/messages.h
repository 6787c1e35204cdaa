/* The command's messages on stderr: one line each, `ocrvl: FILE: page N: text`. */
#ifndef OCRVL_CLI_MESSAGES_H
#define OCRVL_CLI_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cli_log {
    const char *command;           /* for messages that are about no file: `ocrvl: read: text`; or NULL */
    bool quiet;                    /* print errors only */
    bool silent;                   /* print nothing: the same will be tried again */
    bool verbose;                  /* print details as well */
    struct cli_progress *progress; /* removed from the terminal before a message is printed; or NULL */
} cli_log;

/* Messages about a file as the user named it ("-" is standard input) or NULL, and about a page, 1-based, or 0. The
 * file's name isn't repeated if the text begins with it. Control characters and ill-formed UTF-8 are printed as '?',
 * because names and texts may come from a document and must not control the terminal. */
__attribute__((format(printf, 4, 5))) void cli_error(const cli_log *log, const char *file, uint64_t page,
                                                     const char *fmt, ...);
/* Suppressed by --quiet. */
__attribute__((format(printf, 4, 5))) void cli_note(const cli_log *log, const char *file, uint64_t page,
                                                    const char *fmt, ...);
/* Printed with --verbose. */
__attribute__((format(printf, 4, 5))) void cli_detail(const cli_log *log, const char *file, uint64_t page,
                                                      const char *fmt, ...);

#endif
