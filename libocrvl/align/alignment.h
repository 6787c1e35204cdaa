/* The lines and words that are aligned (align/align.h), and what comes of it. */
#ifndef OCRVL_ALIGN_ALIGNMENT_H
#define OCRVL_ALIGN_ALIGNMENT_H

#include "ocrvl.h"

typedef struct ocrvl_align_line {
    const char *text; /* UTF-8, the reading; may be NULL if len is 0 */
    size_t len;       /* bytes */
    float weight;     /* trust in the reading, 0..1 (what lies outside is clamped, NaN is 0) */
    float extent;     /* how long the ink is, in a unit in which letters of all lines are alike (x-heights, or pixels);
                         0: unknown. It tells where a reading leaves words out */
} ocrvl_align_line;

typedef struct ocrvl_align_word {
    const char *text; /* UTF-8, one word of the model's text; may be NULL if len is 0 */
    size_t len;
} ocrvl_align_word;

typedef struct ocrvl_align_place {
    int32_t line;      /* where the word begins, or -1: on none */
    int32_t last_line; /* where it ends: another line if the word is broken over a line's end, else `line` */
    float score;       /* 0..1: the share of the word's characters that the reading has there */
    bool unsupported;  /* the page doesn't show it: no ink is left for it (line -1), or a reading to be trusted
                          says something else there. A word with a score of 0 that isn't unsupported has ink that the
                          reading doesn't tell, by the lines' extents or by its neighbours */
} ocrvl_align_place;

typedef struct ocrvl_align_cover {
    float score; /* 0..1: the share of the line's reading that words account for; 0 if the reading is empty */
    bool unread; /* no words stand here, or words for less than half of the reading */
} ocrvl_align_cover;

typedef struct ocrvl_alignment {
    ocrvl_align_place *words; /* [word_count], as the words were given */
    size_t word_count;
    ocrvl_align_cover *lines; /* [line_count], as the lines were given */
    size_t line_count;
    bool cut; /* text was left out of the comparison (below): nothing is flagged for having no counterpart */
} ocrvl_alignment;

/* Code points of either side that are compared; what follows them is left out. */
#define OCRVL_ALIGN_MAX_POINTS 200000u

#endif
