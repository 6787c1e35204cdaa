/* What several writers need from the tree: a line's pieces, words broken at line ends, a table's grid, boxes. */
#ifndef OCRVL_OUT_PARTS_H
#define OCRVL_OUT_PARTS_H

#include "base/buf.h"
#include "ocrvl_formats.h"
#include "out/vocabulary.h"
#include "out/xmlout.h"

ocrvl_node_info ocrvl_info(const ocrvl_node *node);
ocrvl_page_info ocrvl_info_of_page(const ocrvl_page *page);
/* Opens HTML's element of a table's cell. */
void ocrvl_open_cell(ocrvl_xml *x, const ocrvl_node_info *cell);
/* Field i of what a document says of itself, by its name in JSON, or NULL if it doesn't say; *name is NULL past the
 * last. */
const char *ocrvl_info_field(const ocrvl_document_info *info, size_t i, const char **name);
/* The last part of a path or URL. */
const char *ocrvl_base_name(const char *file);

/* Whether a block of this role comes back on every page, or stands beside the text that it parts. */
bool ocrvl_is_running(ocrvl_role r);
bool ocrvl_is_aside(ocrvl_role r);
/* Whether a table's first column is the rightmost one: most of its lines run from right to left. */
bool ocrvl_table_runs_leftwards(const ocrvl_node *table);
bool ocrvl_has_box(const ocrvl_node_info *i);
bool ocrvl_has_quad(const ocrvl_node_info *i);
bool ocrvl_has_baseline(const ocrvl_node_info *i);
/* A line's outline, its polygon or else its quad, and its baseline: *n points, 0 if they aren't known. */
const ocrvl_point *ocrvl_outline(const ocrvl_node_info *i, size_t *n);
const ocrvl_point *ocrvl_baseline(const ocrvl_node_info *i, size_t *n);
/* Adds points to b as whole pixels of 0 and more: "x,y x,y" with ',' between the two. */
void ocrvl_add_points(ocrvl_buf *b, const ocrvl_point *points, size_t n, char between);
/* Writes an attribute of such points. */
void ocrvl_put_points(ocrvl_writer *w, const char *attribute, const ocrvl_point *points, size_t n, char between);

/* Extends *b to contain *more too; an empty *b becomes *more. */
void ocrvl_box_stretch(ocrvl_box *b, const ocrvl_box *more);
/* The node's own box, else the union of its children's boxes, else outer. It bounds the node, but isn't necessarily
 * measured. */
ocrvl_box ocrvl_box_around(const ocrvl_node *n, ocrvl_box outer);

/* A line's text in pieces without white space: its words, and the text outside words (in a line without words, the
 * whole text) split at white space. Pieces may follow each other without space, as in Chinese. */
typedef struct ocrvl_piece {
    const char *text;
    size_t len;
    const ocrvl_node *word; /* NULL if the piece isn't a word */
    bool space;             /* white space precedes it: */
    size_t gap;             /* this many bytes */
} ocrvl_piece;

typedef struct ocrvl_pieces {
    const char *text;
    size_t len, at;         /* in bytes */
    uint32_t cp;            /* `at` in code points of the page's text */
    const ocrvl_node *word; /* the next word */
    uint32_t word_start;
} ocrvl_pieces;

void ocrvl_pieces_begin(ocrvl_pieces *it, const ocrvl_node *line);
bool ocrvl_pieces_next(ocrvl_pieces *it, ocrvl_piece *out);

bool ocrvl_is_space(uint32_t c); /* White_Space of Unicode */
/* For a text that ends its line: the bytes of its hyphen (-, U+00AD, U+2010) if it may end in a broken word, else 0. A
 * letter or mark must precede the hyphen, so dashes and minus signs don't count. */
size_t ocrvl_hyphen(const char *text, size_t len);
/* Whether the text begins with a lower-case letter of a script that hyphenates: Latin, Greek, Cyrillic, Armenian,
 * Georgian. */
bool ocrvl_begins_lower(const char *text, size_t len);

/* The positions of a table, row by row: GRID_ROW begins a row, GRID_CELL gives a cell where it begins, GRID_GAP is a
 * position that no cell covers. */
#define OCRVL_GRID_COLUMNS 1000u /* limit of a table's columns in a page */
typedef enum ocrvl_grid_step { OCRVL_GRID_END, OCRVL_GRID_ROW, OCRVL_GRID_CELL, OCRVL_GRID_GAP } ocrvl_grid_step;
typedef struct ocrvl_table_grid {
    uint32_t rows, columns;
    const ocrvl_node *next;
    uint32_t row, column; /* the next position; the next row if column == columns */
    bool begun;
    uint32_t until[OCRVL_GRID_COLUMNS]; /* the first row in which a column is free again */
} ocrvl_table_grid;

void ocrvl_grid_begin(ocrvl_table_grid *g, const ocrvl_node *table);
ocrvl_grid_step ocrvl_grid_next(ocrvl_table_grid *g, const ocrvl_node **cell);

/* The text of a cell in one line -> b, which is cleared first. join: words broken at line ends are joined by these
 * words; NULL: they aren't. */
void ocrvl_put_cell_text(ocrvl_buf *b, const ocrvl_node *cell, const ocrvl_vocabulary *join);

/* Appends a block's text with words that are broken at line ends joined: the word goes to the line where it begins,
 * with its hyphen if that is its own, and a line that loses all its text is dropped. No line is empty. */
void ocrvl_put_joined(ocrvl_buf *b, const char *text, const ocrvl_vocabulary *words);

/* Writes comments for people who open the file, if the page was not simply read well: its status, error and
 * warnings. */
void ocrvl_put_notes(ocrvl_xml *x, const ocrvl_page *page);

/* For hOCR and HTML, which are not indented. */
void ocrvl_put_newline(ocrvl_writer *w);
void ocrvl_put_html_end(ocrvl_writer *w); /* </body></html> */

#endif
