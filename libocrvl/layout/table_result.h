/* What is known of words among which tables are looked for, and what is found (layout/tables.h). */
#ifndef OCRVL_LAYOUT_TABLE_RESULT_H
#define OCRVL_LAYOUT_TABLE_RESULT_H

#include "layout/layout_result.h"

typedef struct ocrvl_table_word { /* boxes are in one frame, that of the rules */
    ocrvl_box box;                /* not empty */
    float base, x_height;         /* of its line; x_height > 0 */
    bool number;                  /* it is a number, a dash or the like, as the cells of a table are */
    bool figures;                 /* it has figures */
    bool group;                   /* it is three figures, as stand after a space that parts thousands */
    int32_t value;                /* of a whole number that stands alone; else negative */
    bool lower;                   /* it begins with a small letter */
    bool bold;
    bool mono;        /* its letters are all of one width, as those of code */
    bool dots;        /* it is a row of dots, which leads from the words before it to those after it */
    bool led;         /* it is of a line with such */
    bool prose;       /* it is of running text: a paragraph of several full lines */
    bool names_table; /* it is of a line that begins as a table's caption does */
} ocrvl_table_word;

typedef struct ocrvl_table_cell {
    uint32_t row, col, row_span, col_span;
    bool header;
    size_t first, count; /* in ocrvl_tables.words, in reading order; count may be 0 */
    ocrvl_box box;       /* of the cell, as far as rules and gutters say */
} ocrvl_table_cell;

typedef struct ocrvl_table {
    ocrvl_box box;
    size_t first, count; /* cells in ocrvl_tables.cells, row by row, each from left to right; they cover the table */
} ocrvl_table;

typedef struct ocrvl_tables { /* zero-initialise */
    ocrvl_table *at;
    size_t count, cap;
    ocrvl_table_cell *cells;
    size_t cell_count, cell_cap;
    uint32_t *words; /* [word_count] which of the words; none is in two cells */
    size_t word_count, word_cap;
} ocrvl_tables;

#endif
