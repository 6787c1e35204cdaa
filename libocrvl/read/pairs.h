/* Rows of forms: a name that ends in a colon, a check box, and what stands beside it. */
#ifndef OCRVL_READ_PAIRS_H
#define OCRVL_READ_PAIRS_H

#include "read/page_tables.h"

/* Makes one line of each name and the text to its right on its level, as of "Date:" and "12 March", unless one of them
 * is of a table or of running text: lines [layout->line_count] of the names get the words of both, those of the texts
 * none. The same of a check box, also before running text, where the text's line gets them; tagged: of nothing else, as
 * the document says what belongs together. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_join_pairs(ocrvl_result *r, ocrvl_result_line *lines, ocrvl_page_tables *tables,
                                               bool tagged, ocrvl_error *err);

#endif
