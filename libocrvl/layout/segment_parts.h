/* What the steps from blobs to lines share. */
#ifndef OCRVL_LAYOUT_SEGMENT_PARTS_H
#define OCRVL_LAYOUT_SEGMENT_PARTS_H

#include "layout/layout_parts.h"

#define OCRVL_NO_ROW UINT32_MAX

/* Of joined writing fewer of the letters stand on the line; a row of it has so many pieces at least. */
#define OCRVL_JOINED_STANDING 0.7
enum { OCRVL_JOINED = 12 };

typedef struct ocrvl_segmenter {
    PIX *ink;
    int32_t width, height;
    ocrvl_blob *blobs; /* grows by the pieces of blobs that are cut */
    uint32_t *row_of;  /* by blob; OCRVL_NO_ROW: of none */
    bool *tall;        /* by blob: much taller than its surroundings */
    size_t count, blob_cap, row_of_cap, tall_cap;
    ocrvl_rows rows;
    double space; /* the usual gap between words in x-heights; 0 if it isn't known */
    const ocrvl_regions *regions;
} ocrvl_segmenter;

/* The x-height of the page's letters, in the middle of them all; 0 of rows without four letters. */
double ocrvl_median_x_height(const ocrvl_rows *rows);

/* Whether an upright rule stands between two boxes, a to the left of b, at height y; it may reach into either by
 * `slack`, and is longer than the higher of them is high. */
bool ocrvl_rule_between(const ocrvl_regions *regions, const ocrvl_box *a, const ocrvl_box *b, double y, double slack);

/* ---- placed.c ---- */

typedef struct ocrvl_placed { /* a row by where it stands */
    double y;                 /* the baseline's in the middle of the row */
    uint32_t row;
} ocrvl_placed;
/* Sorts rows from top to bottom, equals by their numbers; the first that stands at y or below. */
void ocrvl_placed_sort(ocrvl_placed *at, size_t count);
size_t ocrvl_placed_from(const ocrvl_placed *at, size_t count, double y);

/* ---- chain.c ---- */

/* Sets tall[] where a blob is much taller than what stands around it: letters that touch across lines, a drop
 * capital, a bracket, a headline beside small print. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_find_tall(ocrvl_segmenter *s, ocrvl_error *err);
/* Links blobs of no row whose tall[] is `tall` with their neighbours to the left and right, and makes each chain a row.
 */
OCRVL_MUST_CHECK ocrvl_status ocrvl_chain(ocrvl_segmenter *s, bool tall, ocrvl_error *err);
/* Adds a row without blobs; *row is its number. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_add_row(ocrvl_segmenter *s, uint32_t *row, ocrvl_error *err);
/* Sets box, baseline, x-height and glyphs of every row from its blobs; rows without blobs are taken out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_fit_rows(ocrvl_segmenter *s, ocrvl_error *err);

/* ---- absorb.c ---- */

/* Adds a blob that is a piece of another one to a row. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_add_piece(ocrvl_segmenter *s, ocrvl_blob piece, uint32_t row, ocrvl_error *err);
/* The row of pixels between y0 and y1 with the least ink of the blob's columns, the middle one of several. */
int32_t ocrvl_thinnest(const ocrvl_segmenter *s, const ocrvl_blob *b, int32_t y0, int32_t y1);

/* Gives tall blobs that reach over lines to them, cut between the lines. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_cut_tall(ocrvl_segmenter *s, ocrvl_error *err);
/* Gives dots, accents, commas and dashes to the lines that they belong to. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_attach_marks(ocrvl_segmenter *s, ocrvl_error *err);

/* ---- split.c ---- */

/* Splits rows that hold two lines or more, whose letters touch those of the line below all along. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_split_rows(ocrvl_segmenter *s, ocrvl_error *err);

/* ---- strays.c ---- */

/* Gives letters that were chained into the line above or below theirs to the line that they stand on, and cuts what
 * reaches over both. Rows of few letters, whose baseline is a guess, neither give nor take. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_move_strays(ocrvl_segmenter *s, ocrvl_error *err);

/* ---- join.c ---- */

/* Joins rows that stand on one baseline, unless a rule or a gutter between them, or their distance, says that they are
 * lines of their own. mode BLOCK joins all. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_join_rows(ocrvl_segmenter *s, ocrvl_layout_mode mode, ocrvl_error *err);

/* ---- marks.c ---- */

/* Whether row `row`, which isn't text by its looks, may be a mark that stands alone: a ditto, an asterisk, a dash
 * within [x0, x1], where the page's text is, away from its lines. *r, a copy of it, gets the place of a line of that
 * x-height. */
bool ocrvl_take_mark(ocrvl_row *r, uint32_t row, const ocrvl_segmenter *s, double x_height, int32_t x0, int32_t x1);

typedef enum ocrvl_ornament { OCRVL_NO_ORNAMENT = 0, OCRVL_ORNAMENT, OCRVL_ORNAMENT_PART } ocrvl_ornament;
/* Whether a row is a part of an ornament of asterisks that stand side by side, in one row or in several. *r, a copy of
 * the first of these, becomes all of it, in the place of a line of that x-height. text: it is text by its looks; then
 * three asterisks are wanted that are hardly to be told apart and stand apart, since "xxx" looks much like them. */
ocrvl_ornament ocrvl_take_ornament(ocrvl_row *r, const ocrvl_segmenter *s, double x_height, bool text);

/* ---- leaders.c ---- */

/* Joins rows that dots lead from and to, and takes the dots into their boxes. To be called last: rows that are fitted
 * again lose them. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_join_led(ocrvl_segmenter *s, ocrvl_error *err);

#endif
