/* One line on the terminal that shows the progress. Nothing is shown if stderr is not a terminal. */
#ifndef OCRVL_CLI_PROGRESS_H
#define OCRVL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cli_progress {
    bool on;              /* stderr is a terminal whose lines can be overwritten, and the user wants progress */
    bool shown;           /* the line is on the terminal now */
    const char *unit;     /* what is counted if the total is unknown ("token"); NULL means lines, of a known total */
    uint64_t file, files; /* current file, 1-based, and their number */
    uint64_t page, pages; /* current page of the file, 1-based, and their number; pages 0 means unknown */
    uint64_t done;        /* pages of the file before the current one */
    double began, last;   /* in monotonic seconds: when the file began; when the line last changed */
} cli_progress;

void cli_progress_init(cli_progress *p, bool wanted, uint64_t files);
/* Begins another file; cli_progress_pages sets its number of pages once it is known (0 means unknown). */
void cli_progress_file(cli_progress *p);
void cli_progress_pages(cli_progress *p, uint64_t pages);
/* Begins another page of the file. */
void cli_progress_page(cli_progress *p);
/* For pages that are started before earlier ones are done: sets the page that is waited for, 1-based, and its file.
 * Replaces the three functions above. */
void cli_progress_at(cli_progress *p, uint64_t file, uint64_t page, uint64_t pages);
/* An ocrvl_progress_fn whose user is the cli_progress. Updates the line at most ten times a second. It never asks to
 * stop. */
int cli_progress_lines(void *user, uint64_t done, uint64_t total);
/* Shows a bar of what comes before the first token is known, 0..1; the user is the cli_progress. */
void cli_progress_prompt(void *user, double part);
/* Shows a bar of so many bytes of `all` of something with a name, with their rate since cli_progress_file. */
void cli_progress_bytes(cli_progress *p, const char *name, uint64_t done, uint64_t all);
/* Removes the line, before anything else is written to the terminal. */
void cli_progress_wipe(cli_progress *p);

#endif
