/* What becomes of results that are kept: another document takes them, they are dropped, or they turn out damaged. */
#ifndef OCRVL_CLI_BATCH_REUSE_H
#define OCRVL_CLI_BATCH_REUSE_H

#include "batch/record.h"

/* Records the results of all pages of a document as those of another one that has the same bytes. */
cli_exit batch_take_results(batch_record *r, batch_state *state, batch_doc *d, const batch_doc *twin);

/* Revokes the lines of a document's pages whose results are missing or damaged, so that they are read again; *count
 * tells how many. */
cli_exit batch_revoke_damaged(batch_record *r, const batch_state *state, const batch_doc *d, size_t *count);

/* Revokes that documents are missing whose files are there now. */
cli_exit batch_revoke_found(batch_record *r, const batch_state *state);

/* Removes the results of a unit of which all documents are finished. */
cli_exit batch_drop_unit(const batch_state *state, uint32_t unit);
/* Removes those of all units that are finished. */
cli_exit batch_drop_finished(const batch_state *state);

/* Appends a line that revokes the one of that checksum about the document. */
void batch_revoke_line(ocrvl_buf *b, const batch_doc *d, uint32_t line);

#endif
