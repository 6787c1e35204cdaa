/* What several writers ask of the tree: a line's pieces, words broken at line ends, a table's grid, boxes. */
#ifndef OCRVL_OUT_PARTS_H
#define OCRVL_OUT_PARTS_H

#include "base/buf.h"
#include "ocrvl_formats.h"
#include "out/xmlout.h"

ocrvl_node_info ocrvl_info(const ocrvl_node *node);
ocrvl_page_info ocrvl_info_of_page(const ocrvl_page *page);
/* Opens HTML's element of a table's cell. */
void ocrvl_open_cell(ocrvl_xml *x, const ocrvl_node_info *cell);
bool ocrvl_has_box(const ocrvl_node_info *i);
bool ocrvl_has_quad(const ocrvl_node_info *i);
bool ocrvl_has_baseline(const ocrvl_node_info *i);

/* Makes *b hold *more too; an empty one becomes it. */
void ocrvl_box_stretch(ocrvl_box *b, const ocrvl_box *more);
/* The node's own box, else that of its children's boxes, else outer: it bounds the node, but is not measured. */
ocrvl_box ocrvl_box_around(const ocrvl_node *n, ocrvl_box outer);

/* A line's text in pieces without white space: its words, and what no word covers (which, in a line without words, is
 * all) split at white space. Pieces may follow each other without space, as in Chinese. */
typedef struct ocrvl_piece {
    const char *text;
    size_t len;
    const ocrvl_node *word; /* NULL: no word's */
    bool space;             /* white space stands before it: */
    size_t gap;             /* so many bytes */
} ocrvl_piece;

typedef struct ocrvl_pieces {
    const char *text;
    size_t len, at;         /* bytes */
    uint32_t cp;            /* `at` in the page's text */
    const ocrvl_node *word; /* the next */
    uint32_t word_start;
} ocrvl_pieces;

void ocrvl_pieces_begin(ocrvl_pieces *it, const ocrvl_node *line);
bool ocrvl_pieces_next(ocrvl_pieces *it, ocrvl_piece *out);

bool ocrvl_is_space(uint32_t c); /* White_Space */
/* If a text that ends its line may end in a broken word: the bytes of its hyphen (-, U+00AD, U+2010), else 0.
 * A letter or mark must stand before it, so a dash or a minus is none. */
size_t ocrvl_hyphen(const char *text, size_t len);
/* Whether it begins with a lower-case letter of the scripts that hyphenate: Latin, Greek, Cyrillic, Armenian, Georgian.
 */
bool ocrvl_begins_lower(const char *text, size_t len);

/* The positions of a table, row by row: GRID_ROW begins each, GRID_CELL gives a cell where it begins, GRID_GAP is a
 * position that no cell covers. */
#define OCRVL_GRID_COLUMNS 1000u /* no page has a table of more */
typedef enum ocrvl_grid_step { OCRVL_GRID_END, OCRVL_GRID_ROW, OCRVL_GRID_CELL, OCRVL_GRID_GAP } ocrvl_grid_step;
typedef struct ocrvl_table_grid {
    uint32_t rows, columns;
    const ocrvl_node *next;
    uint32_t row, column; /* the next position; column == columns: the next row */
    bool begun;
    uint32_t until[OCRVL_GRID_COLUMNS]; /* the first row in which a column is free again */
} ocrvl_table_grid;

void ocrvl_grid_begin(ocrvl_table_grid *g, const ocrvl_node *table);
ocrvl_grid_step ocrvl_grid_next(ocrvl_table_grid *g, const ocrvl_node **cell);

/* The table as one line of HTML, without boxes. g is scratch. */
void ocrvl_put_html_table(ocrvl_buf *b, const ocrvl_node *table, ocrvl_table_grid *g);

/* A block's text with words that are broken at line ends put together: whole on the line where they begin, and a line
 * that loses all its text to it goes too. None of the lines is empty. */
void ocrvl_put_joined(ocrvl_buf *b, const char *text);

/* Comments for whoever opens the file, where the page is not simply well read: its status, error and warnings. */
void ocrvl_put_notes(ocrvl_xml *x, const ocrvl_page *page);

/* Of hOCR and HTML, which are not indented. */
void ocrvl_put_newline(ocrvl_writer *w);
void ocrvl_put_html_end(ocrvl_writer *w); /* </body></html> */

#endif
