/* Declarations shared by the files of the markup parser. Positions are code points of the input (`in`), or of a raw
 * text. */
#ifndef OCRVL_MARKUP_MARKUP_PARTS_H
#define OCRVL_MARKUP_MARKUP_PARTS_H

#include "base/array.h"
#include "base/buf.h"
#include "markup/markup_tree.h"
#include "markup/tag.h"

#define OCRVL_MARKUP_DEPTH 16u  /* depth of nested lists and quotes */
#define OCRVL_MARKUP_GRID 1000u /* rows and columns of a table; the tree has the same limit */
#define OCRVL_MARKUP_NOWHERE UINT32_MAX
#define OCRVL_MARKUP_ENVIRONMENTS 14u /* LaTeX environments that are formulas, with and without star */

/* Text of a leaf before its inline markup is removed. */
typedef struct ocrvl_markup_raw {
    uint32_t *c, *src; /* [n] */
    uint32_t n;
    size_t cap, src_cap;
} ocrvl_markup_raw;

typedef enum ocrvl_markup_tag_class {
    OCRVL_TAG_UNKNOWN, /* not a tag but text */
    OCRVL_TAG_INLINE,  /* removed, its text stays */
    OCRVL_TAG_SUP,
    OCRVL_TAG_SUB,
    OCRVL_TAG_BR,
    OCRVL_TAG_IMG,
    OCRVL_TAG_BLOCK, /* separates paragraphs */
    OCRVL_TAG_ROLE,  /* a block with a role */
    OCRVL_TAG_RULE,
    OCRVL_TAG_LIST,
    OCRVL_TAG_ITEM,
    OCRVL_TAG_CAPTION,
    OCRVL_TAG_TABLE, /* this and the next ones belong to tables */
    OCRVL_TAG_HEAD,
    OCRVL_TAG_BODY,
    OCRVL_TAG_ROW,
    OCRVL_TAG_CELL,
    OCRVL_TAG_HEADER_CELL,
    OCRVL_TAG_COLUMN
} ocrvl_markup_tag_class;

typedef struct ocrvl_markup_tag {
    ocrvl_markup_tag_class class;
    bool closing, ordered; /* </x>; <ol> */
    ocrvl_role role;
    uint32_t level;
    uint32_t end; /* position after '>' */
    ocrvl_tag read;
} ocrvl_markup_tag;

typedef struct ocrvl_markup_delim { /* a run of *, _ or ~~ */
    uint32_t at, count, whole;      /* at: position; count: characters left; whole: its full length */
    uint32_t prev, next;            /* neighbours in the list of unresolved runs */
    uint32_t c;
    bool opens, closes;
} ocrvl_markup_delim;

typedef struct ocrvl_markup_bracket {
    uint32_t at;
    bool image;
} ocrvl_markup_bracket;

typedef struct ocrvl_markup_ticks {
    uint32_t at, len, next; /* next: the next run of the same length, or NOWHERE */
} ocrvl_markup_ticks;

/* Scratch memory of the inline pass, reused from block to block. */
typedef struct ocrvl_markup_scratch {
    uint8_t *drop;
    ocrvl_markup_delim *delims;
    ocrvl_markup_bracket *brackets;
    ocrvl_markup_ticks *ticks;
    uint32_t *last;
    uint32_t delim_count, bracket_count, tick_count;
    size_t drop_cap, delim_cap, bracket_cap, tick_cap, last_cap;
} ocrvl_markup_scratch;

typedef struct ocrvl_markup_container {
    bool quote;             /* true for a quote, false for a list item */
    bool ordered, used;     /* used: a block has taken its marker */
    uint32_t indent, width; /* columns from the parent's text to its marker, and to its text */
    ocrvl_markup_run marker;
} ocrvl_markup_container;

typedef enum ocrvl_markup_leaf {
    OCRVL_LEAF_NONE,
    OCRVL_LEAF_PARAGRAPH,
    OCRVL_LEAF_FENCE,
    OCRVL_LEAF_CODE,
    OCRVL_LEAF_PIPES
} ocrvl_markup_leaf;

typedef struct ocrvl_markup_grid { /* the current table */
    bool in_row;
    uint32_t first_cell, row, col, width;
    uint32_t row_cells;                /* cells that began in this row */
    uint32_t covered;                  /* the first row that no cell reaches */
    uint32_t until[OCRVL_MARKUP_GRID]; /* the first row in which a column is free again */
    bool begins[OCRVL_MARKUP_GRID];    /* whether a cell begins in the column */
} ocrvl_markup_grid;

typedef struct ocrvl_markup_parser {
    ocrvl_markup *doc;
    bool failed; /* memory was exhausted; never reset */
    const uint32_t *in;
    uint32_t n;
    uint32_t line_end, next_line; /* of the current line: its line break or n, and the position after that */
    bool resumed;                 /* parsing continues in the middle of a line */

    ocrvl_buf text;
    uint32_t source_count;
    size_t source_cap, block_cap, cell_cap;

    ocrvl_markup_container stack[OCRVL_MARKUP_DEPTH];
    uint32_t depth;
    ocrvl_markup_leaf leaf;
    ocrvl_markup_raw raw;                /* text of the leaf */
    uint32_t lines, last_line, break_at; /* number of the leaf's lines; where the last one begins in raw; the last
                                          * line's break */
    uint32_t fence, fence_len, fence_indent, leaf_at;
    uint32_t wrap, wrap_len; /* the fence around the whole text */
    ocrvl_role role;         /* role of an open element, if has_role */
    uint32_t role_level;
    bool has_role, role_has_text;
    ocrvl_markup_run footnote; /* the footnote's marker, if has_role is for a footnote */
    uint32_t html_lists;
    uint32_t html_number[OCRVL_MARKUP_DEPTH]; /* of the next item of each open <ol>; 0 in an <ul> */
    bool html_unnumbered[OCRVL_MARKUP_DEPTH]; /* an <ol> with letters or Roman numbers */
    ocrvl_markup_run html_marker;             /* of the item that has begun, until a block takes it */
    /* cached positions of the next "$$", "\]", blank line, "-->" and "</t", from the last search */
    uint32_t dollars, bracket, blank, comment, table_end;
    uint32_t no_end[OCRVL_MARKUP_ENVIRONMENTS]; /* for each \end{}, the blank line before which it was searched for
                                                 * without success */

    ocrvl_markup_raw cell; /* text of the current table cell or row */
    ocrvl_markup_grid grid;
    ocrvl_markup_scratch scratch;
} ocrvl_markup_parser;

/* ---- markup.c ---------------------------------------------------------------------------------------- */

/* Room in the list for `need` members (base/array.h); false, and p->failed: no memory. */
#define OCRVL_MARKUP_RESERVE(p, list, cap, need)                                                                       \
    (!(p)->failed && (OCRVL_ARRAY_RESERVE(list, cap, need) || ocrvl_markup_fail(p)))
/* Sets p->failed and returns false. */
bool ocrvl_markup_fail(ocrvl_markup_parser *p);
void ocrvl_markup_note(ocrvl_markup_parser *p, ocrvl_markup_repair repair, uint32_t at);
void ocrvl_markup_push(ocrvl_markup_parser *p, ocrvl_markup_raw *raw, uint32_t c, uint32_t src);
/* A run is begun, gets its code points, and is ended before the next one begins. The last one can be continued. */
void ocrvl_markup_run_begin(ocrvl_markup_parser *p, ocrvl_markup_run *run);
void ocrvl_markup_run_resume(ocrvl_markup_parser *p, ocrvl_markup_run *run);
void ocrvl_markup_run_put(ocrvl_markup_parser *p, uint32_t c, uint32_t src);
void ocrvl_markup_run_end(ocrvl_markup_parser *p, ocrvl_markup_run *run);
/* Appends a zeroed block; returns NULL if p has failed. */
ocrvl_markup_block *ocrvl_markup_add_block(ocrvl_markup_parser *p, ocrvl_role role);

bool ocrvl_markup_is_blank(uint32_t c); /* space, tab, no-break space */

/* ---- markup_inline.c --------------------------------------------------------------------------------- */

/* Appends raw's text to the run, without markup if `inlines`; raw is spent. Lines are trimmed, empty ones go;
 * `collapse`: it is of HTML: white space within a line becomes one space, and entities need no semicolon. */
void ocrvl_markup_put_text(ocrvl_markup_parser *p, ocrvl_markup_raw *raw, bool inlines, bool collapse);
/* Parses "](...)" from after the bracket: returns the position after it, or 0 if there is none. With `any`, the
 * destination needn't look like an address. */
uint32_t ocrvl_markup_destination(const uint32_t *c, uint32_t n, uint32_t i, bool any);

/* ---- markup_html.c ----------------------------------------------------------------------------------- */

/* Parses the tag that begins with the '<' at i; returns false if it isn't a known one. A tag ends before n and before
 * another '<'. */
bool ocrvl_markup_tag_at(const uint32_t *c, uint32_t n, uint32_t i, ocrvl_markup_tag *tag);
/* Stores an attribute's value in [*from, *to), an empty one if it has none; returns false if the tag doesn't have the
 * attribute. */
bool ocrvl_markup_attribute(const uint32_t *c, const ocrvl_markup_tag *tag, const char *name, uint32_t *from,
                            uint32_t *to);

/* ---- markup_table.c ---------------------------------------------------------------------------------- */

void ocrvl_markup_table_begin(ocrvl_markup_parser *p);
void ocrvl_markup_row_begin(ocrvl_markup_parser *p);
/* row_span 0 means down to the last row. Moves the text out of p->cell. */
void ocrvl_markup_add_cell(ocrvl_markup_parser *p, uint32_t row_span, uint32_t col_span, bool header, bool collapse,
                           uint32_t at);
void ocrvl_markup_row_end(ocrvl_markup_parser *p, uint32_t at);
void ocrvl_markup_table_end(ocrvl_markup_parser *p, uint32_t at);

/* Reads an HTML table whose first tag is at i; returns where the table ends. */
uint32_t ocrvl_markup_html_table(ocrvl_markup_parser *p, uint32_t i);

/* The number of columns of a rule like |---|:-:| ; 0 if the line is not a rule. */
uint32_t ocrvl_markup_pipe_rule(const uint32_t *c, uint32_t n);
/* The number of cells of a row like | a | b | ; 0 if the line has no pipe. */
uint32_t ocrvl_markup_pipe_count(const uint32_t *c, uint32_t n);
void ocrvl_markup_pipe_row(ocrvl_markup_parser *p, const uint32_t *c, const uint32_t *src, uint32_t n, bool header);

/* ---- markup_block.c ---------------------------------------------------------------------------------- */

void ocrvl_markup_markdown(ocrvl_markup_parser *p, uint32_t from);
/* Skips white space and the marks of the open quotes at the beginning of a line. */
uint32_t ocrvl_markup_skip_prefix(const ocrvl_markup_parser *p, uint32_t i);

/* ---- markup_leaf.c ----------------------------------------------------------------------------------- */

/* Appends a block that belongs to p's lists and quotes. */
ocrvl_markup_block *ocrvl_markup_place_block(ocrvl_markup_parser *p, ocrvl_role role);
/* A block of raw's text, which is spent; an empty text makes one of a figure alone. level: of a heading. */
void ocrvl_markup_put_block(ocrvl_markup_parser *p, ocrvl_role role, uint32_t level, ocrvl_markup_raw *raw);
/* Ends the open leaf; ends all lists and quotes but the outer `depth`, and the leaf with them. */
void ocrvl_markup_close_leaf(ocrvl_markup_parser *p);
void ocrvl_markup_close_to(ocrvl_markup_parser *p, uint32_t depth);
/* Ends the open element's role. A footnote's marker without any text after it becomes a block. */
void ocrvl_markup_end_role(ocrvl_markup_parser *p);
/* The marker of an item that has no block yet becomes a block. */
void ocrvl_markup_flush_marker(ocrvl_markup_parser *p);
/* Appends the input's [from, to) to raw. */
void ocrvl_markup_push_range(ocrvl_markup_parser *p, ocrvl_markup_raw *raw, uint32_t from, uint32_t to);
void ocrvl_markup_open_leaf(ocrvl_markup_parser *p, ocrvl_markup_leaf leaf);
/* Adds a line to the open leaf, with a line break before it. */
void ocrvl_markup_add_line(ocrvl_markup_parser *p, uint32_t from, uint32_t to);
/* Makes a block, or a table whose rule is missing, of the paragraph in p->raw. */
void ocrvl_markup_close_paragraph(ocrvl_markup_parser *p);

/* ---- markup_container.c ------------------------------------------------------------------------------ */

/* Whether a rule across the page ("---") stands from i to the line's end. */
bool ocrvl_markup_is_thematic(const ocrvl_markup_parser *p, uint32_t i);
/* How many of the open containers continue in the line; *i is moved past their marks. */
uint32_t ocrvl_markup_match_containers(const ocrvl_markup_parser *p, uint32_t *i);
/* Opens the containers that begin in this line. Returns whether there were any. */
bool ocrvl_markup_open_containers(ocrvl_markup_parser *p, uint32_t *i, uint32_t *matched);

/* ---- markup_paragraph.c ------------------------------------------------------------------------------ */

/* Adds text to a paragraph from i to the line's end, or to the end of a table or comment in the line. Returns where
 * parsing continues. */
uint32_t ocrvl_markup_paragraph(ocrvl_markup_parser *p, uint32_t i);

/* ---- markup_formula.c -------------------------------------------------------------------------------- */

/* Whether the ASCII text s stands at i, before `end`. */
bool ocrvl_markup_starts_with(const ocrvl_markup_parser *p, uint32_t i, uint32_t end, const char *s);
/* Reads the formula at i in the line in hand, which stands in the outer `matched` lists and quotes; returns where it
 * ends, or 0: there is none. */
uint32_t ocrvl_markup_formula(ocrvl_markup_parser *p, uint32_t i, uint32_t matched);

/* ---- markup_front.c ---------------------------------------------------------------------------------- */

/* Reads front matter; returns where the page's own text begins. */
uint32_t ocrvl_markup_front_matter(ocrvl_markup_parser *p);
/* Finds captions and page numbers among the finished blocks. */
void ocrvl_markup_roles(ocrvl_markup_parser *p);

#endif
