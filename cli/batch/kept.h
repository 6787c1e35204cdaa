/* The pages of a document as their results are kept, in order, with the structure that all of them tell. */
#ifndef OCRVL_CLI_BATCH_KEPT_H
#define OCRVL_CLI_BATCH_KEPT_H

#include "batch/state.h"
#include "ocrvl_formats.h"

typedef struct batch_kept batch_kept;

/* Reads the kept result of a page; *text holds its JSON, to be freed. */
cli_exit batch_result_read(const batch_state *state, const batch_page *page, ocrvl_buf *text);

/* structured: the structure is told over all pages, as ocrvl read does for formats that tell any, not by each alone.
 * state and doc must stay. */
cli_exit batch_kept_open(batch_kept **out, const batch_state *state, const batch_doc *doc, bool structured);
/* The next page and its place, which last until the next call; *page is NULL after the last one. */
cli_exit batch_kept_next(batch_kept *k, const ocrvl_page **page, ocrvl_page_place *place);
void batch_kept_free(batch_kept *k);

#endif
