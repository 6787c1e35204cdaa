/* What the files that find tables share. Lengths are in units of the page's usual x-height where they aren't pixels. */
#ifndef OCRVL_LAYOUT_TABLE_PARTS_H
#define OCRVL_LAYOUT_TABLE_PARTS_H

#include "layout/table_result.h"

enum { OCRVL_TABLE_SIDE = 400, OCRVL_TABLE_POSITIONS = 20000 }; /* the most columns or rows, and both multiplied */

typedef struct ocrvl_bar { /* a rule as a line */
    double at, from, to;
    bool vertical;
    uint32_t group; /* of bars that touch; counted from 0 */
} ocrvl_bar;

typedef struct ocrvl_bars {
    ocrvl_bar *at;
    size_t count, cap;
} ocrvl_bars;

typedef struct ocrvl_span {
    double from, to;
} ocrvl_span;

typedef struct ocrvl_area {
    double x0, y0, x1, y1;
} ocrvl_area;

enum { OCRVL_SMALL_TABLES = 64, OCRVL_SMALL_PART = 3 }; /* how many; of what they may be a part: so many times larger */

typedef struct ocrvl_small_table { /* a small one that bars draw, which may be a part of another */
    ocrvl_area area;
    size_t filled; /* cells with text */
} ocrvl_small_table;

typedef struct ocrvl_tabler {
    const ocrvl_table_word *words;
    size_t count;
    bool *taken;     /* [count] the word is in a table */
    double unit;     /* pixels of the usual x-height */
    double space;    /* and between words of a line */
    ocrvl_bars bars; /* level ones by y, then upright ones by x */
    ocrvl_tables *out;
    double work; /* steps that were taken so far, about: of a page that would take no end no more tables are told */
    ocrvl_small_table small[OCRVL_SMALL_TABLES]; /* [small_count] that aren't added yet */
    size_t small_count;
} ocrvl_tabler;

/* ---- table_bars.c ---- */

/* The rules as bars: pieces of one line are joined, underlines of words left out, and those that touch are grouped.
 * *groups: how many there are. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_bars_make(ocrvl_tabler *t, const ocrvl_layout_rule *rules, size_t n,
                                              uint32_t *groups, ocrvl_error *err);

/* The next level rule below bar i of the same ends; t->bars.count: there is none. */
size_t ocrvl_next_below(const ocrvl_tabler *t, size_t i);

/* ---- table_text.c: words as rows and pieces ---- */

typedef struct ocrvl_placed_word { /* while words are sorted */
    uint32_t cell;                 /* 0 where there are none yet */
    double base, x0;
    uint32_t word; /* of the tabler's */
} ocrvl_placed_word;

/* Orders for qsort: by cells and then from the top; from the left. */
int ocrvl_by_cell(const void *a, const void *b);
int ocrvl_by_left(const void *a, const void *b);

typedef struct ocrvl_piece_of_row { /* words of a row with no more than a space between them */
    double x0, x1;
    size_t first, count; /* in ocrvl_text_rows.order */
    uint32_t row;
    bool number; /* all of its words are */
    bool bold;   /* all of its words are */
    bool lower;  /* it begins with a small letter */
} ocrvl_piece_of_row;

typedef struct ocrvl_text_row {
    double base, top, foot;
    size_t first, count; /* in order */
    size_t piece, pieces;
} ocrvl_text_row;

typedef struct ocrvl_text_rows { /* zero-initialise */
    uint32_t *order;             /* [words] row by row, each from left to right */
    size_t words;
    ocrvl_text_row *at;
    size_t count;
    ocrvl_piece_of_row *pieces;
    size_t piece_count;
} ocrvl_text_rows;

void ocrvl_text_rows_free(ocrvl_text_rows *r);
/* The rows of words which [n], without rows of dots, parted into pieces at gaps of more than `gap` x-heights, or, where
 * spaces are wide, of more than a space by a half. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_text_rows_make(ocrvl_text_rows *out, const ocrvl_tabler *t, const uint32_t *which,
                                                   size_t n, double gap, ocrvl_error *err);

/* Whether a piece may be two cells' text that part before its k-th word of `order`: there is more than a space, or all
 * that is on one side of it are numbers, and not so on the other. */
bool ocrvl_may_part(const ocrvl_tabler *t, const ocrvl_text_rows *r, const ocrvl_piece_of_row *p, size_t k);

/* Gutters free of all but a few rows' words: at[] receives the middle of each, from left to right, at most `most`;
 * returns how many. least: the narrowest, pixels; share: of the rows, that have words on both sides; sparse: the
 * head alone may have several pieces. */
size_t ocrvl_find_gutters(const ocrvl_tabler *t, const ocrvl_text_rows *r, ocrvl_span in, double least, double share,
                          bool sparse, double *at, size_t most);

/* ---- table_stripes.c ---- */

/* The level bars from `first` on between which rows of one line are shaded and plain by turns, a shaded one first: how
 * many there are; 0: they are no such thing. *y1 receives where the rows end: below the last bar where a plain row
 * follows it. */
size_t ocrvl_stripes(const ocrvl_tabler *t, const ocrvl_text_rows *r, size_t first, double *y1);

/* ---- table_captions.c ---- */

/* Whether a table's caption stands close above an area or below it. */
bool ocrvl_is_named(const ocrvl_tabler *t, const ocrvl_area *a);

/* Whether rows of text from `row` on, under a caption, are a table's whose cells are mostly empty: a head of several
 * pieces, and text below one of them. *out receives where they stand. */
bool ocrvl_find_named(const ocrvl_tabler *t, const ocrvl_text_rows *r, size_t row, ocrvl_area *out);

/* ---- table_grid.c ---- */

typedef struct ocrvl_grid {
    size_t cols, rows;
    double *xs, *ys; /* [cols + 1], [rows + 1] */
    bool *left;      /* [rows][cols + 1] what parts a position from the one to its left */
    bool *above;     /* [rows + 1][cols] and from the one above */
    bool ruled;      /* there are upright bars */
    bool caged;      /* bars stand along the sides of three columns or more */
    bool framed;     /* so, or on both sides of it, and bars part rows */
    size_t bars;     /* level ones from side to side */
    /* what is known before: */
    bool open;    /* there is no frame: that it is a table is to be proved */
    bool headed;  /* its first row is to be a head: it has text in many columns */
    bool striped; /* its rows are shaded by turns */
    bool sparse;  /* most of its cells may be empty */
    bool named;   /* a caption says that it is a table */
} ocrvl_grid;

void ocrvl_grid_free(ocrvl_grid *g);

/* The grid of an area that bars [n] and words say; *g is zero but for what is known before, and stays so if they say
 * none. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_grid_make(ocrvl_grid *g, ocrvl_tabler *t, ocrvl_area area, const ocrvl_bar *bars,
                                              size_t n, const uint32_t *which, size_t words, ocrvl_error *err);

/* ---- table_charts.c ---- */

bool ocrvl_is_number_cell(const ocrvl_tabler *t, const ocrvl_table_cell *c);

/* Whether the cells [n] of a grid hold the text of a chart: numbers along its axes, and hardly anything else. */
bool ocrvl_is_chart(const ocrvl_tabler *t, const ocrvl_grid *g, const ocrvl_table_cell *cells, size_t n);

/* ---- table_cells.c ---- */

/* Adds the table that a grid makes of its words, if it is one, and takes them; keep false: it is only looked at.
 * *filled: its cells with text, 0 if it is none. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_grid_put(ocrvl_grid *g, ocrvl_tabler *t, const uint32_t *which, size_t words,
                                             bool keep, size_t *filled, ocrvl_error *err);

/* ---- table_open.c ---- */

/* Finds tables without upright rules among the words that aren't taken. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_find_open_tables(ocrvl_tabler *t, ocrvl_error *err);

#endif
