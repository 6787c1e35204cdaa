/* What the layout of a page says (layout/layout.h). */
#ifndef OCRVL_LAYOUT_LAYOUT_RESULT_H
#define OCRVL_LAYOUT_LAYOUT_RESULT_H

#include "ocrvl.h"

typedef struct ocrvl_layout_line {
    ocrvl_box ink;     /* the line's ink, and the extent of its type where that goes further: from the ascenders to the
                          descenders, whether or not it has any, but not into the lines above and below */
    int32_t shown[2];  /* the rows of it that its letters take, from y = shown[0] to shown[1] */
    float baseline[2]; /* y of the baseline at ink.x0 and at ink.x1 */
    float x_height;    /* pixels */
    bool inverted;     /* light text on dark */
    char mark; /* it may be a mark alone: '"', '*' or '-' if it is read as such, else dust; 0: it is no such thing */
    uint32_t known; /* which of the known lines it is, counted from 1; 0 if it was found in the ink */
    uint32_t row;   /* its number, less than line_count, whatever order the lines are in */
} ocrvl_layout_line;

/* A row of dots within a line, which leads from a title to a page number or to where a form is filled in. */
typedef struct ocrvl_leader {
    uint32_t line;
    ocrvl_box box; /* of the dots */
} ocrvl_leader;

/* A rule, of whatever ink: an underline, a line of a table, a frame's side. */
typedef struct ocrvl_layout_rule {
    ocrvl_box box;
    bool vertical;
} ocrvl_layout_rule;

/* How a page is bent: the upright frame is straight, and what is at (x, y) of it is at another height of the page. All
 * in pixels of the upright frame. */
typedef struct ocrvl_bend {
    double step;        /* between columns; the first is at x = 0 */
    size_t count;       /* columns; 0: the page isn't bent */
    float *head, *foot; /* [count] the height at which lines stand there on the bent page that are at 0 and at `height`
                           of the upright frame; between them it goes from the one to the other evenly */
    uint32_t height;    /* of the upright frame */
} ocrvl_bend;

typedef struct ocrvl_layout_block {
    ocrvl_role role; /* paragraph, heading, header, footer, page_number, figure, separator; a table's cells are
                        paragraphs, row by row */
    ocrvl_box box;
    size_t first_line, lines; /* its lines in ocrvl_layout.lines; figures and separators have none */
    uint32_t level;           /* of a heading or list item; 0 if it isn't known */
    uint32_t tag;             /* that of the document which it is, counted from 1; 0: none */
    bool told;                /* the document says its role and level */
} ocrvl_layout_block;

typedef struct ocrvl_layout {
    ocrvl_image *grey;    /* upright, deskewed and straightened, 1 channel; owned; NULL: of known lines alone */
    uint32_t rotation;    /* degrees clockwise that turned the page upright */
    double skew;          /* degrees counter-clockwise that the upright text was leaning before deskewing */
    uint32_t flat_height; /* of the upright, deskewed page before it was straightened */
    ocrvl_bend bend;      /* owned */
    bool doubtful;        /* letters' shapes don't tell whether the page stands on its head: only reading can */
    bool doubtful_side;   /* nor whether it lies on its side */
    ocrvl_layout_block *blocks;
    size_t block_count; /* in reading order */
    ocrvl_layout_line *lines;
    size_t line_count;
    ocrvl_leader *leaders; /* by line, then from left to right */
    size_t leader_count;
    ocrvl_layout_rule *rules;
    size_t rule_count;
    ocrvl_box border; /* of the page, where the image shows more; all zero: it doesn't, or that isn't known */
    void *mask;       /* which pixels are ink, */
    void *found;      /* and what the lines and blocks are made of, for the functions here alone */
    uint32_t page_width, page_height;
} ocrvl_layout;

/* A line of text that needn't be looked for: the document says where it stands. */
typedef struct ocrvl_known_line {
    ocrvl_box box;            /* pixels of the page image, not empty */
    float baseline, x_height; /* pixels; x_height > 0 */
    uint32_t style;           /* lines of different styles aren't of one block */
    bool begins;              /* a block: a list's item does */
    bool code;                /* of a program: its lines are one block however they are indented */
} ocrvl_known_line;

typedef struct ocrvl_layout_options {
    ocrvl_layout_mode mode;
    bool keep_rotation, keep_skew;
    bool turned; /* the rotation is known, and isn't looked for: */
    uint32_t rotation;
    const ocrvl_known_line
        *known; /* [known_count], in the upright frame, of a page that isn't turned then but as `turned` says: lines are
                   looked for in other ink only */
    size_t known_count;
    const ocrvl_own_rule *rules; /* [rule_count] that the document draws, on a page that isn't turned */
    size_t rule_count;
} ocrvl_layout_options;

/* What the line reader is shown at a time: a strip of a line's image, and where it stands. */
typedef struct ocrvl_strip {
    uint8_t *grey;  /* [height][width] */
    uint32_t width; /* with the paper at its right end */
    uint32_t height;
    uint32_t line; /* which line of the layout */
    /* upright frame: the part of the line that it shows, without margins. Strips of one line overlap */
    int32_t x0, x1;
} ocrvl_strip;

#endif
