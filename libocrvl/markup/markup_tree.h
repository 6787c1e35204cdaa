/* The blocks that a text with markup is parsed to (markup/markup.h). */
#ifndef OCRVL_MARKUP_MARKUP_TREE_H
#define OCRVL_MARKUP_MARKUP_TREE_H

#include "ocrvl.h"

typedef enum ocrvl_markup_mode {
    OCRVL_MARKUP_PLAIN =
        1, /* blank lines separate paragraphs; lines are unchanged except for white space at their ends */
    OCRVL_MARKUP_MARKDOWN
} ocrvl_markup_mode;

typedef enum ocrvl_markup_repair {
    OCRVL_MARKUP_BAD_UTF8,
    OCRVL_MARKUP_TABLE_NOT_CLOSED,
    OCRVL_MARKUP_TABLE_NOT_OPENED,
    OCRVL_MARKUP_TABLE_EMPTY,
    OCRVL_MARKUP_TABLE_NESTED,
    OCRVL_MARKUP_TABLE_SPLIT,
    OCRVL_MARKUP_ROW_NOT_OPENED,
    OCRVL_MARKUP_CELL_NOT_CLOSED,
    OCRVL_MARKUP_CELLS_MISSING,
    OCRVL_MARKUP_CELLS_JOINED,
    OCRVL_MARKUP_TEXT_OUTSIDE_CELL,
    OCRVL_MARKUP_SPAN_BAD,
    OCRVL_MARKUP_SPAN_CUT,
    OCRVL_MARKUP_PIPE_COLUMNS,
    OCRVL_MARKUP_PIPE_NO_RULE,
    OCRVL_MARKUP_STRAY_TAG,
    OCRVL_MARKUP_COMMENT,
    OCRVL_MARKUP_FORMULA_NOT_CLOSED,
    OCRVL_MARKUP_CODE_NOT_CLOSED,
    OCRVL_MARKUP_FENCE_AROUND,
    OCRVL_MARKUP_TOO_DEEP,
    OCRVL_MARKUP_FRONT_MATTER,
    OCRVL_MARKUP_REPAIRS /* number of repairs */
} ocrvl_markup_repair;

/* A piece of ocrvl_markup.text with its origin. It has no empty lines, and no line begins or ends with white space,
 * except in code. */
typedef struct ocrvl_markup_run {
    uint32_t at, len;      /* bytes of ocrvl_markup.text; a NUL follows, and there is none inside */
    uint32_t first, count; /* code points: entries of ocrvl_markup.source */
} ocrvl_markup_run;

typedef struct ocrvl_markup_cell {
    uint32_t row, col, row_span, col_span; /* as in ocrvl_node_info */
    bool header;                           /* <th>, or a cell in <thead> or in a pipe table's first row */
    ocrvl_markup_run text;
} ocrvl_markup_cell;

typedef struct ocrvl_markup_block {
    ocrvl_role role;
    uint32_t level;          /* 1..6 for headings, else 0; `#` is level 1, not a title */
    uint32_t list, quote;    /* number of lists and of block quotes around it */
    bool ordered;            /* the innermost list has numbers instead of bullets */
    ocrvl_markup_run marker; /* "-" or "2." for the first block of a list item, "3" for a footnote, else empty; not part
                              * of text. Of an item of <ol>, whose tag its code points come from, up to "999." */
    bool continued;          /* continues the list item before it */
    ocrvl_markup_run text;   /* a formula's LaTeX without delimiters, a figure's alternative text; empty for separators
                              * and tables */
    uint32_t rows, cols;     /* of tables; at most 1000 each */
    uint32_t first_cell, cell_count; /* in ocrvl_markup.cells: row by row, columns rising, without overlaps. A cell
                                      * begins in every column. A position without a cell is an empty one; such
                                      * positions are left only where few cells would need many empty ones */
} ocrvl_markup_block;

typedef struct ocrvl_markup_front { /* olmOCR's front matter */
    bool present;
    uint32_t end;              /* code points of input to the end of its last line */
    ocrvl_markup_run language; /* such as "en"; empty if there is none */
    int rotation_valid;        /* 1 is yes, 0 is no, -1 is absent; the next two as well */
    int table, diagram;
    int rotation; /* 0, 90, 180, 270 as the model wrote it; -1 if absent */
} ocrvl_markup_front;

typedef struct ocrvl_markup {
    char *text;       /* text of all runs */
    uint32_t *source; /* for each code point of a run: the offset in the input, in code points, of what it was made from
                         (of an entity or <br>, its first; of an entity's second code point, its second); UINT32_MAX
                         for a space that joins two cells */
    ocrvl_markup_block *blocks;
    uint32_t block_count;
    ocrvl_markup_cell *cells;
    uint32_t cell_count;
    ocrvl_markup_front front;
    struct {
        uint32_t count; /* how often the repair was made; may be 0 */
        uint32_t at;    /* where it was made first, in code points of the input */
    } repairs[OCRVL_MARKUP_REPAIRS];
} ocrvl_markup;

#endif
