/* Tables of a page, from where its words and rules stand: for scans that were read and for a document's own text alike.
 *
 * A grid is first what rules say; where they leave columns or rows open, words that stand below and beside each other
 * say the rest. Cells are what no rule and no gutter parts. */
#ifndef OCRVL_LAYOUT_TABLES_H
#define OCRVL_LAYOUT_TABLES_H

#include "layout/table_result.h"

void ocrvl_tables_free(ocrvl_tables *t); /* leaves it empty */

/* Finds the tables among words [count] and rules [rule_count], in the order of their tops. Works on one thread in time
 * that grows with the number of words times that of rules at most; of a page of very many rules no table is told.
 * OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_tables_find(ocrvl_tables *out, const ocrvl_table_word *words, size_t count,
                                                const ocrvl_layout_rule *rules, size_t rule_count, ocrvl_error *err);

#endif
