/* The lines of a table's cells: which of them only end because the column does, so that their text runs on. */
#ifndef OCRVL_OUT_CELLS_H
#define OCRVL_OUT_CELLS_H

#include "out/parts.h"

typedef struct ocrvl_column_widths {
    float at[OCRVL_GRID_COLUMNS]; /* what the text of a column may take up, in pixels; 0: not known */
} ocrvl_column_widths;

void ocrvl_measure_columns(ocrvl_column_widths *w, const ocrvl_node *table);

/* The text of a cell -> b, which is cleared first. A line that had no place for the next word runs on, and words that
 * it breaks are joined by `join`; other lines end in '\n', as all do if `join` is NULL or the places of words aren't
 * known. */
void ocrvl_put_cell_lines(ocrvl_buf *b, const ocrvl_node *cell, const ocrvl_column_widths *w,
                          const ocrvl_vocabulary *join);

/* Writes the table as one line of HTML, without boxes, with a break between lines of a cell. join: as above. */
void ocrvl_put_html_table(ocrvl_buf *b, const ocrvl_node *table, const ocrvl_vocabulary *join);

#endif
