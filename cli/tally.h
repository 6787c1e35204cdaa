/* What pages were warned of, told at the end of a run: how often each kind, and its first three. */
#ifndef OCRVL_CLI_TALLY_H
#define OCRVL_CLI_TALLY_H

#include "base/buf.h"
#include "messages.h"
#include "ocrvl_formats.h"

enum { CLI_TALLY_KINDS = 32, CLI_TALLY_SHOWN = 3 };

typedef struct cli_tally { /* zero-initialise */
    struct cli_tally_kind {
        char code[32];
        uint64_t count, pages;
        uint64_t page[CLI_TALLY_SHOWN];  /* 1-based, */
        ocrvl_buf file[CLI_TALLY_SHOWN]; /* of this file: */
        ocrvl_buf message[CLI_TALLY_SHOWN];
    } kinds[CLI_TALLY_KINDS]; /* the last may stand for several */
    size_t count;
    uint64_t status[4]; /* pages by ocrvl_page_status */
} cli_tally;

/* Takes the page's warnings. A partial page's are errors, which are printed at once, of each kind the first three. */
void cli_tally_page(cli_tally *t, const cli_log *log, const ocrvl_page *page, const ocrvl_page_place *place);
/* Counts a page that was written, by its status. */
void cli_tally_count(cli_tally *t, const ocrvl_page *page);
/* Prints the details of what was taken. */
void cli_tally_print(const cli_tally *t, const cli_log *log);
void cli_tally_free(cli_tally *t);

#endif
