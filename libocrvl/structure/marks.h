/* What a line of text begins with: the mark of a list's item, the number of a heading or of a caption. */
#ifndef OCRVL_STRUCTURE_MARKS_H
#define OCRVL_STRUCTURE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ocrvl_mark_kind {
    OCRVL_MARK_NONE = 0,
    OCRVL_MARK_BULLET,
    OCRVL_MARK_NUMBER, /* "3.", "12)", "(4)" */
    OCRVL_MARK_LETTER, /* "b)", "(c)", "b." */
    OCRVL_MARK_ROMAN   /* "iv)", "(ii)", "iii." */
} ocrvl_mark_kind;

enum { OCRVL_MARK_CAPITAL = 101 };

typedef struct ocrvl_mark {
    ocrvl_mark_kind kind;
    uint32_t value; /* of a bullet its character; of others from 1, of capitals from OCRVL_MARK_CAPITAL */
    bool surely;    /* nothing but a list has such a mark; "3." and "b." may end a sentence or be an initial, and a dash
                      stand in one */
} ocrvl_mark;

/* What the word is as a mark. */
ocrvl_mark ocrvl_mark_of(const char *word);
/* Whether b may follow a in one list. */
bool ocrvl_mark_follows(const ocrvl_mark *a, const ocrvl_mark *b);

/* The value of n small letters as a Roman number as people write it, up to 99; 0: they are none. */
uint32_t ocrvl_roman(const char *s, size_t n);

/* How many parts a heading's number has: 3 of "2.10.1" or "A.1.2."; 0: it is none. */
uint32_t ocrvl_number_depth(const char *word);

/* Whether "Figure", "Tab." and the like; in English, German, French, Spanish, Italian. */
bool ocrvl_names_caption(const char *word);

#endif
