/* What the command says on stderr: one line a message, `ocrvl: FILE: page N: text`. */
#ifndef OCRVL_CLI_MESSAGES_H
#define OCRVL_CLI_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cli_log {
    const char *command;           /* for messages that are about no file: `ocrvl: read: text`; NULL: none */
    bool quiet;                    /* errors only */
    bool verbose;                  /* details as well */
    struct cli_progress *progress; /* taken off the terminal before a message comes; NULL: none */
} cli_log;

/* What a message is about: a file as the user named it ("-": standard input) or NULL, and a page, 1-based, or 0.
 * A text that begins with the file's name itself is not given the name twice. Control characters and ill-formed UTF-8
 * come out as '?': names and texts may hold what a document says, and must not steer the terminal. */
__attribute__((format(printf, 4, 5))) void cli_error(const cli_log *log, const char *file, uint64_t page,
                                                     const char *fmt, ...);
/* Kept back by --quiet. */
__attribute__((format(printf, 4, 5))) void cli_note(const cli_log *log, const char *file, uint64_t page,
                                                    const char *fmt, ...);
/* Shown with --verbose. */
__attribute__((format(printf, 4, 5))) void cli_detail(const cli_log *log, const char *file, uint64_t page,
                                                      const char *fmt, ...);

#endif
