/* What a model wrote about a page, as blocks for the result tree: plain text, or Markdown with HTML tables and LaTeX.
 * What is malformed is repaired, each repair is recorded, and no text that stands for ink is dropped. */
#ifndef OCRVL_TEXT_MARKUP_H
#define OCRVL_TEXT_MARKUP_H

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
                         (of an entity or <br>, its first); UINT32_MAX for a space that joins two cells */
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

/* A code in lower_snake_case and a sentence, for ocrvl_builder_warn. Never NULL. */
const char *ocrvl_markup_repair_code(ocrvl_markup_repair repair);
const char *ocrvl_markup_repair_message(ocrvl_markup_repair repair);

/* Any bytes are taken; an ill-formed part counts as one code point, U+FFFD, and so does a NUL. Time and memory are in
 * proportion to len. OCRVL_E_LIMIT: over 64 MiB.
 *
 * Markdown is CommonMark with pipe tables, footnotes, ~~strike~~ and LaTeX, bent to pages:
 * - Line breaks inside paragraphs are lines of the page and stay ('\n').
 * - Marks of emphasis, code, links (to what looks like an address) and images go, their text stays; * and _ between
 * letters or digits, and brackets of all else ("[illegible]"), stay. Inline LaTeX stays as it is, with its $ or \( \).
 * - <sup> and <sub> become Unicode superscripts and subscripts where all of their characters have one ("10<sup>6</sup>"
 *   must not become 106), else plain text; [^1] becomes a superscript 1. Tags that are no known HTML stay as text.
 * - $$...$$, \[...\] and \begin{equation} and its like at a line's begin are formulas.
 * - A setext heading has one line, or is underlined with "=". A line without pipe ends a pipe table. Lines of
 *   two pipes or more without a rule below the first are a table as well if all of a paragraph's lines are such.
 * - A fence around it all (```markdown) is taken off.
 * - A table that nothing closes ends at a blank line, if not within a cell that is closed later.
 * - "Figure 1: ..." right after a figure is a caption; the first or last block, if not the only one, is a page number
 * if it is "12", "- 12 -", "[12]", "Page 3" or "Page 3 of 9" (also in a few other languages). No other role is guessed,
 * but <header>, <footer>, <page_number>, <caption> and such elements give theirs; <watermark> and <signature> are
 * "other".
 * - Lists and quotes nest 16 deep; what is deeper is text. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_markup_parse(ocrvl_markup **out, const char *text, size_t len,
                                                 ocrvl_markup_mode mode, ocrvl_error *err);
void ocrvl_markup_free(ocrvl_markup *m);

#endif
