/* The columns of a tagged table whose rows leave cells out. */
#ifndef OCRVL_READ_OWN_CELLS_H
#define OCRVL_READ_OWN_CELLS_H

#include "ocrvl.h"

/* Puts the cells of a table's short rows into the columns that they stand under. Chromium leaves cells without content
 * out of the structure tree, and a cell that goes on from another page has no share in this page's rows, so by their
 * numbers alone cells stand too far left.
 * tags [n]: in the tree's order, rows from 0; those that are no cells (table 0) are passed over. boxes [n]: around each
 * cell's words, empty without words. Where columns can't be told the cells stay as they are. OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_own_cells_place(ocrvl_own_tag *tags, const ocrvl_box *boxes, size_t n,
                                                    ocrvl_error *err);

#endif
