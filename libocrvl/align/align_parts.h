/* Declarations shared by the files of the alignment (align/align.h). "a" is the side of the lines, "b" that of the
 * model's words. */
#ifndef OCRVL_ALIGN_ALIGN_PARTS_H
#define OCRVL_ALIGN_ALIGN_PARTS_H

#include "align/alignment.h"

#define OCRVL_ALIGN_NONE UINT32_MAX

/* The folded text of one side, unit by unit; units are lines or words. */
typedef struct ocrvl_align_side {
    uint32_t *code;  /* [n] */
    uint32_t *unit;  /* [n] the unit of the character */
    uint8_t *begins; /* [n] whether a word begins here: a unit, or the text after a space */
    uint32_t *start; /* [units + 1] first character of each unit */
    size_t n, units, code_cap, unit_cap, begins_cap;
    size_t included; /* number of units that are included; those after them are cut off */
    bool cut;
} ocrvl_align_side;

void ocrvl_align_side_free(ocrvl_align_side *s);
/* Reserves memory for that many units. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_side_begin(ocrvl_align_side *s, size_t units, ocrvl_error *err);
/* Adds the next unit, unless the side is cut already. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_side_add(ocrvl_align_side *s, const char *text, size_t len, ocrvl_error *err);

/* An index of the positions of a text's grams. */
#define OCRVL_ALIGN_GRAM 3u
typedef struct ocrvl_align_index {
    uint32_t *first; /* [2^bits + 1] the first entry of each bucket in at */
    uint32_t *at;    /* positions, rising within a bucket */
    unsigned bits;
} ocrvl_align_index;

OCRVL_MUST_CHECK ocrvl_status ocrvl_align_index_new(ocrvl_align_index *x, const uint32_t *text, size_t n,
                                                    ocrvl_error *err);
void ocrvl_align_index_free(ocrvl_align_index *x);
/* Finds the bucket of the gram at g: stores the candidates in *at and returns how many there are, or 0 if the gram is
 * too common to indicate anything. */
size_t ocrvl_align_index_find(const ocrvl_align_index *x, const uint32_t *g, const uint32_t **at);
bool ocrvl_align_same_gram(const uint32_t *p, const uint32_t *q);

/* One round: pieces of lines against the words that are not placed yet. */
typedef struct ocrvl_align_round {
    uint32_t *a;     /* [na] folded characters, piece by piece */
    uint32_t *a_at;  /* [na] position of each in the lines' side */
    uint8_t *a_miss; /* [na] the cost of a mismatch, which is low where the reading isn't trusted */
    uint32_t *piece; /* [pieces + 1] starts */
    uint32_t *b;     /* [nb] */
    uint32_t *b_at;  /* [nb] position of each in the words' side */
    uint32_t *claim; /* [pieces] where in b the piece appears to begin, or NONE */
    uint32_t *pair;  /* [nb] the matching character of a, or NONE */
    size_t na, nb, pieces;
    uint64_t *cells; /* how many table cells may still be computed */
    bool cut;
} ocrvl_align_round;

/* Finds the claims of the pieces and sorts the pieces in the order in which b has them. Pieces without a claim stay
 * behind the piece before them. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_order(ocrvl_align_round *r, const ocrvl_align_index *x, ocrvl_error *err);
/* Aligns a, in its present order, with b: fills pair, whose values rise. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_pair(ocrvl_align_round *r, const ocrvl_align_index *x, ocrvl_error *err);
/* Moves gaps in the pairs to the beginnings and ends of lines and words, and as far back as possible: of a text that
 * occurs twice the second copy is left over, and no word or line is torn needlessly. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_refine(ocrvl_align_round *r, const ocrvl_align_side *a,
                                                 const ocrvl_align_side *b, ocrvl_error *err);
/* Aligns a[a0, a1) with b[b0, b1) from corner to corner. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_stretch(ocrvl_align_round *r, size_t a0, size_t a1, size_t b0, size_t b1,
                                                  ocrvl_error *err);

/* The state over all rounds. */
typedef struct ocrvl_align_state {
    ocrvl_align_side a, b;
    const ocrvl_align_line *lines; /* [line_count] */
    size_t line_count;
    uint32_t *pair;  /* [b.n] the matching character of a, or NONE */
    uint32_t *owner; /* [a.n] the matching character of b, or NONE: the inverse of pair */
    uint64_t cells;
    bool cut;
} ocrvl_align_state;

/* How far a line's reading is trusted, 0..1. */
float ocrvl_align_weight(const ocrvl_align_line *line);
/* Whether the word agrees so well that its place is certain. */
bool ocrvl_align_is_solid(const ocrvl_align_state *s, size_t word);

/* Counts of a line's text, over the words that are taken to be supported. */
typedef struct ocrvl_align_tally {
    size_t same, all; /* characters that agree, and characters that are paired at all */
    size_t letters;   /* characters of the line's words */
} ocrvl_align_tally;

/* Finds words that have no counterpart in the readings although the ink between their neighbours leaves space for them,
 * and places them there. t is [line_count], the counts of the lines. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_use_slack(const ocrvl_align_state *s, const ocrvl_align_tally *t,
                                                    ocrvl_alignment *out, ocrvl_error *err);
/* Fills in the words' and lines' results. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_judge(const ocrvl_align_state *s, ocrvl_alignment *out, ocrvl_error *err);

#endif
