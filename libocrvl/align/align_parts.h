/* What the parts of the alignment (align/align.h) hand to one another. "a" is the lines' side, "b" the model's words. */
#ifndef OCRVL_ALIGN_ALIGN_PARTS_H
#define OCRVL_ALIGN_ALIGN_PARTS_H

#include "align/alignment.h"

#define OCRVL_ALIGN_NONE UINT32_MAX

/* The folded text of one side, unit after unit; units are lines or words. */
typedef struct ocrvl_align_side {
    uint32_t *code;  /* [n] */
    uint32_t *unit;  /* [n] which unit the character is of */
    uint8_t *begins; /* [n] whether a word begins here: a unit, or what follows a space */
    uint32_t *start; /* [units + 1] first character of each unit */
    size_t n, units, code_cap, unit_cap, begins_cap;
    size_t held; /* units that are in; those after them are left out */
    bool cut;
} ocrvl_align_side;

void ocrvl_align_side_free(ocrvl_align_side *s);
/* Room for so many units. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_side_begin(ocrvl_align_side *s, size_t units, ocrvl_error *err);
/* Adds the next unit, or none of it once the side is cut. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_side_add(ocrvl_align_side *s, const char *text, size_t len, ocrvl_error *err);

/* Where the grams of a text stand. */
#define OCRVL_ALIGN_GRAM 3u
typedef struct ocrvl_align_index {
    uint32_t *first; /* [2^bits + 1] of each bucket, in at */
    uint32_t *at;    /* positions, rising within a bucket */
    unsigned bits;
} ocrvl_align_index;

OCRVL_MUST_CHECK ocrvl_status ocrvl_align_index_new(ocrvl_align_index *x, const uint32_t *text, size_t n,
                                                    ocrvl_error *err);
void ocrvl_align_index_free(ocrvl_align_index *x);
/* The bucket of the gram at g: candidates at *at, returns how many; 0 if it's too common to tell anything. */
size_t ocrvl_align_index_find(const ocrvl_align_index *x, const uint32_t *g, const uint32_t **at);
bool ocrvl_align_same_gram(const uint32_t *p, const uint32_t *q);

/* One round: pieces of lines against the words that are still to be placed. */
typedef struct ocrvl_align_round {
    uint32_t *a;     /* [na] folded characters, piece after piece */
    uint32_t *a_at;  /* [na] where each is in the lines' side */
    uint8_t *a_miss; /* [na] what a mismatch costs: little where the reading isn't trusted */
    uint32_t *piece; /* [pieces + 1] starts */
    uint32_t *b;     /* [nb] */
    uint32_t *b_at;  /* [nb] where each is in the words' side */
    uint32_t *claim; /* [pieces] where in b the piece seems to begin, or NONE */
    uint32_t *pair;  /* [nb] the character of a that stands for it, or NONE */
    size_t na, nb, pieces;
    uint64_t *cells; /* what is left of the table cells that may be computed */
    bool cut;
} ocrvl_align_round;

/* Finds the claims of the pieces and puts the pieces into the order in which b tells them. Pieces without a claim
 * stay behind the piece before them. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_order(ocrvl_align_round *r, const ocrvl_align_index *x, ocrvl_error *err);
/* Aligns a, in its order now, with b: fills pair, rising. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_pair(ocrvl_align_round *r, const ocrvl_align_index *x, ocrvl_error *err);
/* Moves gaps in what is paired to where lines and words begin and end, and as far back as that goes: of a text that
 * stands twice the second copy is the one left over, and no word or line is torn where it needn't be. */
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
    uint32_t *pair;  /* [b.n] the character of a, or NONE */
    uint32_t *owner; /* [a.n] the character of b, or NONE: the inverse */
    uint64_t cells;
    bool cut;
} ocrvl_align_state;

/* The trust in a line's reading, 0..1. */
float ocrvl_align_weight(const ocrvl_align_line *line);
/* Whether the word agrees so well that it's where it belongs. */
bool ocrvl_align_is_solid(const ocrvl_align_state *s, size_t word);

/* What stands on a line, of the words that are held for supported. */
typedef struct ocrvl_align_tally {
    size_t same, all; /* characters that agree, that are paired at all */
    size_t told;      /* characters of its words */
} ocrvl_align_tally;

/* Finds words that have no counterpart in the readings but room on the ink between their neighbours, and puts them
 * there. t: [line_count] what stands on the lines. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_use_slack(const ocrvl_align_state *s, const ocrvl_align_tally *t,
                                                   ocrvl_alignment *out, ocrvl_error *err);
/* Fills the words' and lines' results. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_align_judge(const ocrvl_align_state *s, ocrvl_alignment *out, ocrvl_error *err);

#endif
