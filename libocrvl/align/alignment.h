/* The lines and words that are aligned (align/align.h), and the results. */
#ifndef OCRVL_ALIGN_ALIGNMENT_H
#define OCRVL_ALIGN_ALIGNMENT_H

#include "ocrvl.h"

typedef struct ocrvl_align_line {
    const char *text; /* the reading in UTF-8; may be NULL if len is 0 */
    size_t len;       /* in bytes */
    float weight;     /* trust in the reading, 0..1 (values outside are clamped, NaN counts as 0) */
    float extent;     /* length of the ink, in a unit in which letters have the same size on all lines (x-heights, or
                       * pixels); 0 means unknown. It shows where a reading leaves words out */
} ocrvl_align_line;

typedef struct ocrvl_align_word {
    const char *text; /* one word of the model's text in UTF-8; may be NULL if len is 0 */
    size_t len;
} ocrvl_align_word;

typedef struct ocrvl_align_place {
    int32_t line;      /* the line on which the word begins, or -1 for none */
    int32_t last_line; /* the line on which it ends, which differs from `line` if the word is broken at a line's end */
    float score;       /* 0..1: the share of the word's characters that the reading has too */
    bool unsupported;  /* the page doesn't have the word: no ink is left for it (line -1), or a trusted reading has
                        * something else there. A word with score 0 that isn't unsupported has ink that the reading
                        * lacks, by the lines' extents or by its neighbours */
} ocrvl_align_place;

typedef struct ocrvl_align_cover {
    float score; /* 0..1: the share of the line's reading that its words account for; 0 if the reading is empty */
    bool unread; /* the line has no words, or words for less than half of its reading */
} ocrvl_align_cover;

typedef struct ocrvl_alignment {
    ocrvl_align_place *words; /* [word_count], in the order in which the words were given */
    size_t word_count;
    ocrvl_align_cover *lines; /* [line_count], in the order in which the lines were given */
    size_t line_count;
    bool cut; /* text was left out of the comparison (see below), so nothing is flagged for having no counterpart */
} ocrvl_alignment;

/* Code points of either side that are compared; the text after them is left out. */
#define OCRVL_ALIGN_MAX_POINTS 200000u

#endif
