/* Readers of results: the operations of a format, and the draft of a page that all readers fill. */
#ifndef OCRVL_IN_RESULT_H
#define OCRVL_IN_RESULT_H

#include "base/buf.h"
#include "ocrvl_formats.h"

typedef struct ocrvl_result_format {
    bool (*sniff)(const char *data, size_t len);
    /* data stays valid while the reader is open. */
    ocrvl_status (*open)(void **reader, const char *data, size_t len, ocrvl_error *err);
    void (*free)(void *reader);
    /* Like ocrvl_results_next; sets those members of *place that the file gives. The others are set by the caller
     * before. */
    ocrvl_status (*next)(void *reader, ocrvl_page **page, ocrvl_page_place *place, ocrvl_error *err);
    /* Returns how many bytes of data are not needed any more. */
    size_t (*done)(const void *reader);
} ocrvl_result_format;

extern const ocrvl_result_format ocrvl_result_json, ocrvl_result_hocr, ocrvl_result_alto, ocrvl_result_page,
    ocrvl_result_tsv;

/* ---- the draft: a page as files describe it, in the builder's order ------------------------------------ */

#define OCRVL_DRAFT_TAG 36

/* What a file says of a line's outline or baseline, in its unit. */
typedef struct ocrvl_points {
    double at[OCRVL_MAX_POINTS][2];
} ocrvl_points;

typedef struct ocrvl_draft_word {
    size_t byte, len; /* in the line's text */
    ocrvl_box box;
    ocrvl_origin origin;
    float confidence;
    char lang[OCRVL_DRAFT_TAG];
} ocrvl_draft_word;

/* Nodes that are closed or that may not change any more: blocks, cells, lines and words in sequence, as they nest. */
typedef struct ocrvl_draft_node {
    ocrvl_node_info info; /* without its strings, which begin in `strings` at this offset; SIZE_MAX means NULL */
    size_t text, lang;
    size_t polygon, curve; /* of a line: where they begin in the draft's points */
    size_t rank;           /* of a block or line */
} ocrvl_draft_node;

typedef struct ocrvl_draft {
    ocrvl_builder *builder; /* nodes are added to it at the end of the page, when their order is known */
    ocrvl_draft_node *nodes;
    size_t node_count, node_cap;
    ocrvl_buf strings;
    uint32_t width, height;            /* if unsized, the most that a page can have */
    bool unsized;                      /* the file doesn't give the page's size */
    int32_t right, bottom;             /* how far boxes reach */
    bool direct;                       /* the page's nodes went to the builder as they came, and are not in `nodes` */
    size_t outside;                    /* code points of text outside of lines, which are left out */
    double scale;                      /* from lengths in the file to pixels */
    ocrvl_node_info block, cell, line; /* the open nodes; kind 0 means that there is none */
    char block_lang[OCRVL_DRAFT_TAG], cell_lang[OCRVL_DRAFT_TAG], line_lang[OCRVL_DRAFT_TAG];
    ocrvl_point *points; /* of lines' outlines and baselines */
    size_t point_count, point_cap;
    size_t polygon, curve;  /* of the open line: where they begin there */
    size_t rank, line_rank; /* of the open block and line in the reading order; SIZE_MAX if the file gives none */
    bool block_opened;      /* it is among the nodes; before that its role may change */
    bool cell_opened;       /* the same for the cell */
    bool block_used;        /* it has had a line or cell */
    ocrvl_buf text, scratch;
    bool exact;    /* white space within a line is left unchanged */
    size_t spaces; /* white space since the last text */
    ocrvl_draft_word *words;
    size_t count, cap;
    ocrvl_status failed; /* the first failure; every function then does nothing */
    ocrvl_error why;
} ocrvl_draft; /* must be zero-initialised */

void ocrvl_draft_free(ocrvl_draft *d);
/* Begins a page. A size of 0 means that the file doesn't give it: a page with text is then as large as its boxes need,
 * which a warning `page_size` says, and one without has failed. */
void ocrvl_draft_page(ocrvl_draft *d, uint32_t width, uint32_t height, double dpi_x, double dpi_y);
/* Opens a block, cell or line, and closes what can't stay open; the caller may then change d->block, cell and line.
 * lang is the language as the file names it, or NULL. */
void ocrvl_draft_block(ocrvl_draft *d, ocrvl_role role, ocrvl_box box, const char *lang);
void ocrvl_draft_cell(ocrvl_draft *d, uint32_t row, uint32_t col, uint32_t rows, uint32_t cols, ocrvl_box box);
void ocrvl_draft_line(ocrvl_draft *d, ocrvl_box box, const char *lang);
/* Adds to the line's text. White space (of ASCII) becomes one space between other text, or stays as it is if
 * d->exact. */
void ocrvl_draft_text(ocrvl_draft *d, const char *text, size_t len);
/* The outline and the baseline of the open line, n points of which as many as an ocrvl_points holds are in p: outlines
 * of more than four corners, and baselines that bend, are kept as they are. */
void ocrvl_draft_outline(ocrvl_draft *d, const ocrvl_points *p, size_t n);
void ocrvl_draft_baseline(ocrvl_draft *d, const ocrvl_points *p, size_t n);
/* Begins a word, to which the following text belongs; it ends with the next word or ocrvl_draft_end_word. */
void ocrvl_draft_word_begin(ocrvl_draft *d, ocrvl_box box, float confidence, const char *lang);
void ocrvl_draft_word_end(ocrvl_draft *d);
void ocrvl_draft_line_end(ocrvl_draft *d);
void ocrvl_draft_cell_end(ocrvl_draft *d);
void ocrvl_draft_block_end(ocrvl_draft *d);
/* Ends the page and passes it to the caller; the draft is then ready for the next one. Blocks, and lines in them, are
 * sorted by their ranks, those without one at the end, and otherwise stay in the order of the file; a block without a
 * rank has the first of its lines' ranks. Cells are added row by row: spans are cut where they would cover another
 * cell, and cells whose position is taken move to the right. */
ocrvl_status ocrvl_draft_finish(ocrvl_draft *d, ocrvl_page **page, ocrvl_error *err);

/* Drops the page that was begun; the draft is then ready for the next one. */
void ocrvl_draft_abandon(ocrvl_draft *d);

/* A box of lengths in the file's unit, clamped to the page; empty if it is not a valid box. */
ocrvl_box ocrvl_draft_box(ocrvl_draft *d, double x0, double y0, double x1, double y1);
/* Reads a number at *s and advances over it and the white space before it; returns false if there is none. The decimal
 * sign is a point in any locale. */
bool ocrvl_parse_number(const char **s, double *out);
/* "x,y x,y ...": stores at most cap points, and returns how many there are. */
size_t ocrvl_parse_points(const char *s, double (*points)[2], size_t cap);

/* ---- reading order: nested groups, as in PAGE and ALTO ------------------------------------------------- */

typedef struct ocrvl_order ocrvl_order;

OCRVL_MUST_CHECK ocrvl_status ocrvl_order_new(ocrvl_order **out, ocrvl_error *err);
void ocrvl_order_free(ocrvl_order *o);
void ocrvl_order_clear(ocrvl_order *o);
/* Opens a group or reference within the open group. index is its position in that group if it is an ordered one whose
 * members have one, and negative otherwise: it then comes after the members before it. id is that of the region, or
 * NULL for none (a group may have one). */
void ocrvl_order_open(ocrvl_order *o, double index, const char *id);
void ocrvl_order_close(ocrvl_order *o);
void ocrvl_order_add(ocrvl_order *o, double index, const char *id);
/* The position of a region in the order, or SIZE_MAX. Of several references the first one counts. */
size_t ocrvl_order_rank(ocrvl_order *o, const char *id);
bool ocrvl_order_empty(const ocrvl_order *o);
bool ocrvl_order_failed(const ocrvl_order *o); /* because memory was exhausted */

#endif
