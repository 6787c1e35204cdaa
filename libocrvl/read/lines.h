/* A page's lines as the line reader is shown them, and what it says of them. */
#ifndef OCRVL_READ_LINES_H
#define OCRVL_READ_LINES_H

#include "generate/transcript.h"
#include "layout/layout.h"
#include "tokenizer/ids.h"

typedef struct ocrvl_reading { /* of one strip */
    ocrvl_transcript transcript;
    uint32_t tokens;   /* generated, the end token not counted */
    double likelihood; /* ln of that of all tokens and the end; -INFINITY if it was cut or skipped */
    bool cut;          /* the token limit ended it */
    bool lost;         /* it found no end, or one after a run that repeats and was hardly read */
    bool skipped;      /* time ran out before it was read */
    bool misfit;       /* it has clearly more or fewer words than the strip (read/gaps.h) */
    bool other;        /* its letters are of other scripts than those that its reader is for */
    bool foreign;      /* it is doubtful, and its shapes are of a script that none of several readers has */
} ocrvl_reading;

void ocrvl_readings_free(ocrvl_reading *r, size_t count);

typedef struct ocrvl_lines { /* the strips of a page's lines, in the lines' order, and what they say; zero-initialise */
    ocrvl_strip *strips;     /* [count] */
    ocrvl_reading *readings; /* [count]; NULL before they are read */
    ocrvl_ids *expected;     /* [count] tokens that they may say, which are read faster where they do; or NULL, as it is
                              * when they have been read */
    size_t count, cap;
} ocrvl_lines;

void ocrvl_lines_expect_nothing(ocrvl_lines *l);
void ocrvl_lines_free(ocrvl_lines *l);

#endif
