/* The pages of a document as their results are kept, in order, with the structure that all of them tell. */
#ifndef OCRVL_CLI_BATCH_KEPT_H
#define OCRVL_CLI_BATCH_KEPT_H

#include "batch/state.h"
#include "ocrvl_formats.h"

typedef struct batch_kept batch_kept;

/* Reads the kept result of a page; *text holds its JSON, to be freed. CLI_EXIT_OUTPUT, after a message: it is missing,
 * or not the one that was recorded. */
cli_exit batch_result_read(const batch_state *state, const batch_page *page, ocrvl_buf *text);

/* How the structure is told: by each page alone; over all pages; by those before it for pages that were read, as ocrvl
 * read does for JSON Lines, for which nobody is to wait. */
typedef enum batch_told { BATCH_TOLD_ALONE, BATCH_TOLD_ALL, BATCH_TOLD_AT_ONCE } batch_told;

/* state and doc must stay. */
cli_exit batch_kept_open(batch_kept **out, const batch_state *state, const batch_doc *doc, batch_told told);
/* The next page and its place, which last until the next call; *page is NULL after the last one. */
cli_exit batch_kept_next(batch_kept *k, const ocrvl_page **page, ocrvl_page_place *place);
void batch_kept_free(batch_kept *k);

#endif
