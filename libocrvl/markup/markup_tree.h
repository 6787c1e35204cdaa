/* The blocks that a text with markup is parsed to (markup/markup.h). */
#ifndef OCRVL_MARKUP_MARKUP_TREE_H
#define OCRVL_MARKUP_MARKUP_TREE_H

#include "ocrvl.h"

typedef enum ocrvl_markup_mode {
    OCRVL_MARKUP_PLAIN =
        1, /* blank lines part paragraphs; lines are kept as they are but for white space at their ends */
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
    OCRVL_MARKUP_REPAIRS /* how many kinds there are */
} ocrvl_markup_repair;

/* A piece of ocrvl_markup.text with its origin. No two lines of it have an empty one between them, and none begins or
 * ends in white space, except in code. */
typedef struct ocrvl_markup_run {
    uint32_t at, len;      /* bytes of ocrvl_markup.text; a NUL follows, and there is none inside */
    uint32_t first, count; /* code points: entries of ocrvl_markup.source */
} ocrvl_markup_run;

typedef struct ocrvl_markup_cell {
    uint32_t row, col, row_span, col_span; /* as in ocrvl_node_info */
    bool header;                           /* <th>, or in <thead>, or a pipe table's first row */
    ocrvl_markup_run text;
} ocrvl_markup_cell;

typedef struct ocrvl_markup_block {
    ocrvl_role role;
    uint32_t level;       /* headings: 1..6, else 0; `#` is level 1, not a title */
    uint32_t list, quote; /* how many lists and block quotes it stands in */
    bool ordered;         /* of the innermost list: numbers, not bullets */
    ocrvl_markup_run
        marker;            /* "-", "2.", of the first block of a list item; a footnote's "3"; else empty. Not in text */
    bool continued;        /* goes on with the list item before it */
    ocrvl_markup_run text; /* a formula's is its LaTeX without delimiters, a figure's its alternative text, a
                              separator's and a table's empty */
    uint32_t rows, cols;   /* tables: <= 1000 each */
    uint32_t first_cell, cell_count; /* of ocrvl_markup.cells: row by row, columns rising, none over another. Every
                                        column has a cell that begins in it. A position without cell is an empty one;
                                        there are such only where many would have to be made of few */
} ocrvl_markup_block;

typedef struct ocrvl_markup_front { /* olmOCR's front matter */
    bool present;
    ocrvl_markup_run language; /* "en"; empty: none */
    int rotation_valid;        /* 1 yes, 0 no, -1 not said; so the other two */
    int table, diagram;
    int rotation; /* 0, 90, 180, 270 as the model wrote it; -1: not said */
} ocrvl_markup_front;

typedef struct ocrvl_markup {
    char *text;       /* of all runs */
    uint32_t *source; /* for each code point of a run: the offset in the input, in code points, of what it was made from
                         (of an entity or <br>, its first; of an entity's second code point, its second); UINT32_MAX
                         for a space that joins two cells */
    ocrvl_markup_block *blocks;
    uint32_t block_count;
    ocrvl_markup_cell *cells;
    uint32_t cell_count;
    ocrvl_markup_front front;
    struct {
        uint32_t count; /* how often it was made; 0: never */
        uint32_t at;    /* where first: code points of the input */
    } repairs[OCRVL_MARKUP_REPAIRS];
} ocrvl_markup;

#endif
