/* One line on the terminal that says how far the work is. Nothing at all where stderr is not a terminal. */
#ifndef OCRVL_CLI_PROGRESS_H
#define OCRVL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cli_progress {
    bool on;          /* stderr is a terminal that can be written over, and the user wants it */
    bool shown;       /* the line stands there now */
    const char *unit; /* what is counted where nobody knows how many will come ("token"); NULL: lines, of how many */
    uint64_t file, files; /* 1-based file, of how many */
    uint64_t page, pages; /* 1-based page of this file, of how many; pages 0: not known */
    uint64_t done;        /* pages of it before that one */
    double began, last;   /* monotonic seconds: this file's beginning; the line's last change */
} cli_progress;

void cli_progress_init(cli_progress *p, bool wanted, uint64_t files);
/* Another file begins; how many pages it has is told, once it is known, by cli_progress_pages (0: not known). */
void cli_progress_file(cli_progress *p);
void cli_progress_pages(cli_progress *p, uint64_t pages);
/* Another page of it begins. */
void cli_progress_page(cli_progress *p);
/* Where pages are begun before the ones in front of them are done: the page that is now waited for, 1-based, of which
 * file. Stands in place of the three above. */
void cli_progress_at(cli_progress *p, uint64_t file, uint64_t page, uint64_t pages);
/* An ocrvl_progress_fn; user is the cli_progress. Shows the line at most ten times a second. Never says stop. */
int cli_progress_lines(void *user, uint64_t done, uint64_t total);
/* Takes the line off, before anything else is written to the terminal. */
void cli_progress_wipe(cli_progress *p);

#endif
