/* The result writer: what any reader read, as blocks, cells, lines and words of a result tree. A reader's adapter
 * (assemble.c for lines, compose.c and compose_grounding.c for a page model's answer) says which words there are and on
 * which ink they stand; boxes, corners, baselines, languages and directions are made here.
 *
 * Boxes are given in the frame of their origin: what was measured on the layout (OCRVL_ORIGIN_INK,
 * OCRVL_ORIGIN_ALIGNED) in the upright frame, what a model says (OCRVL_ORIGIN_MODEL) in the page's, what a document
 * says (OCRVL_ORIGIN_NATIVE) in the page's or, if it was turned (own_turned), in the upright frame. */
#ifndef OCRVL_READ_RESULT_H
#define OCRVL_READ_RESULT_H

#include "layout/layout.h"
#include "unicode/words.h"

enum { OCRVL_NO_INK = -1 };

typedef struct ocrvl_result_word {
    char *text;      /* NFC or, diplomatic, as it was read; owned by the result */
    const char *gap; /* [gap_len] what stands between it and the word before it; borrowed until its line is put */
    size_t gap_len;
    uint32_t row;                  /* line ends before it in its passage */
    float confidence;              /* negative: none */
    int32_t ink;                   /* the layout's line on which it stands, or OCRVL_NO_INK */
    ocrvl_box box;                 /* all zero: none */
    ocrvl_origin origin;           /* of box */
    const ocrvl_text_style *style; /* how it looks, or NULL; borrowed until its line is put */
    uint32_t raised;               /* code points at its end */
    const char *link;              /* where it leads, or NULL; borrowed until its line is put */
    const char *lang;              /* as the document says, or NULL; borrowed until its line is put */
} ocrvl_result_word;

typedef struct ocrvl_result { /* zero-initialise and set the first four */
    ocrvl_builder *b;
    const ocrvl_layout *layout;
    bool diplomatic; /* as in ocrvl_read_options */
    bool own_turned;
    ocrvl_result_word *words; /* [count], in the order in which they were added */
    size_t count, cap;
    ocrvl_point *points; /* [point_cap] of the line that is put: its polygon, then its curve */
    size_t point_cap;
} ocrvl_result;

/* Frees the words; the builder and the layout are the caller's. */
void ocrvl_result_free(ocrvl_result *r);

/* How probable a word of a passage is; negative: not known. */
typedef float (*ocrvl_confidence_fn)(void *user, const ocrvl_word_span *span);

typedef struct ocrvl_passage {
    const char *text; /* [len] UTF-8 */
    size_t len;
    bool spaced; /* a space stands before its first word */
    ocrvl_confidence_fn confidence;
    void *user;
} ocrvl_passage;

/* Adds the words of a passage, without ink. What parts two of them on a line is one space or, diplomatic, what stands
 * there. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_result_add(ocrvl_result *r, const ocrvl_passage *p, ocrvl_error *err);

/* Where characters of one width stand. */
typedef struct ocrvl_type_grid {
    double left, width; /* of the first column, and of each, in pixels; width 0: there is no grid */
} ocrvl_type_grid;

/* Adds the words of a line of a document's own text, with their boxes. A space stands before each; on a grid, as many
 * as there is room for. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_result_add_own(ocrvl_result *r, const ocrvl_own_text *text,
                                                   const ocrvl_own_line *line, const ocrvl_type_grid *grid,
                                                   ocrvl_error *err);

/* Puts words which [n] on the ink of [x0, x1) of a line of the layout, on which they stand in the order of the text:
 * from left to right, from right to left or mixed, as the Unicode Bidirectional Algorithm says. A word that finds no
 * ink of its own stays without a box. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_result_place(ocrvl_result *r, size_t line, int32_t x0, int32_t x1,
                                                 const size_t *which, size_t n, ocrvl_error *err);

/* The box around those of words [first, first + n) that have one; all zero: none has. All are of one frame. */
ocrvl_box ocrvl_result_around(const ocrvl_result *r, size_t first, size_t n);

/* Opens a block or a cell as `info` says, whose box is in the frame of its origin; closed with ocrvl_builder_close. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_result_open(ocrvl_result *r, const ocrvl_node_info *info, ocrvl_error *err);

typedef struct ocrvl_result_line {
    size_t first, count;       /* words */
    int32_t ink;               /* the layout's line on which it stands, or OCRVL_NO_INK */
    bool whole;                /* no other line of the result has words on that ink */
    ocrvl_box box;             /* without ink: where it stands, all zero if that isn't known */
    ocrvl_origin origin;       /* of box */
    const ocrvl_own_line *own; /* without ink: what the document says of it, or NULL */
    size_t lead;               /* spaces before its first word: code is indented */
} ocrvl_result_line;

/* Puts a line with its words. A line that is the whole of its ink has that line's box and corners, and its baseline
 * goes from one end of the ink to the other; a part of one has those of its words. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_result_put_line(ocrvl_result *r, const ocrvl_result_line *line, ocrvl_error *err);

#endif
