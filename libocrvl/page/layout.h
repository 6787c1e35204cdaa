/* Where the text of a page stands: page image -> upright, deskewed grey image + blocks and lines in reading order.
 *
 * Two frames: the *page* frame is the image as it came (results are told in it); the *upright* frame is the grey image
 * after turning by a multiple of 90 degrees and deskewing. Everything in ocrvl_layout is in the upright frame;
 * ocrvl_layout_to_page maps a point back. */
#ifndef OCRVL_PAGE_LAYOUT_H
#define OCRVL_PAGE_LAYOUT_H

#include "ocrvl.h"

typedef struct ocrvl_layout_line {
    ocrvl_box ink;     /* the line's ink, and the extent of its type where that goes further: from the ascenders to the
                          descenders, whether or not it has any, but not into the lines above and below */
    float baseline[2]; /* y of the baseline at ink.x0 and at ink.x1 */
    float x_height;    /* pixels */
    bool inverted;     /* light text on dark */
} ocrvl_layout_line;

typedef struct ocrvl_layout_block {
    ocrvl_role role; /* paragraph, heading, header, footer, page_number, figure, separator; a table's cells are
                        paragraphs, row by row */
    ocrvl_box box;
    size_t first_line, lines; /* its lines in ocrvl_layout.lines; figures and separators have none */
} ocrvl_layout_block;

typedef struct ocrvl_layout {
    ocrvl_image *grey; /* upright and deskewed, 1 channel; owned */
    uint32_t rotation; /* degrees clockwise that turned the page upright */
    double skew;       /* degrees counter-clockwise that the upright text was leaning before deskewing */
    ocrvl_layout_block *blocks;
    size_t block_count; /* in reading order */
    ocrvl_layout_line *lines;
    size_t line_count;
    void *mask; /* which pixels are ink, for the functions here alone */
    uint32_t page_width, page_height;
} ocrvl_layout;

typedef struct ocrvl_layout_options {
    ocrvl_layout_mode mode;
    bool keep_rotation, keep_skew;
} ocrvl_layout_options;

/* opt NULL: all defaults. mode BLOCK: lines aren't parted at gutters and rules; LINE: the page is one line, whose lean is followed
 * rather than taken out, and pieces of other lines at its edges are left out. Roles are not looked for in either. A blank
 * page has line_count 0. The page must not be empty; it is not needed
 * afterwards. Freed with ocrvl_layout_free (NULL is accepted). Works on one thread; any number of pages at a time.
 * Leptonica's messages are switched off for the process: the library never prints.
 * Errors: OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_new(ocrvl_layout **out, const ocrvl_image *page,
                                               const ocrvl_layout_options *opt, ocrvl_error *err);
void ocrvl_layout_free(ocrvl_layout *l);

/* A point of the upright frame in the page frame. */
ocrvl_point ocrvl_layout_to_page(const ocrvl_layout *l, float x, float y);
/* The page-frame box around an upright box, clipped to the page. */
ocrvl_box ocrvl_layout_box_to_page(const ocrvl_layout *l, ocrvl_box upright);

/* The box that a line is told with, in the upright frame: its ink and, on each side, a tenth of its height of air, for what the
 * threshold cut off of its letters' edges; never past the middle of the gap to another line. */
ocrvl_box ocrvl_layout_line_box(const ocrvl_layout *l, size_t line);

/* One look of the line reader: a strip of the line's image and where it stands. */
typedef struct ocrvl_strip {
    uint8_t *grey;  /* [height][width] */
    uint32_t width; /* a multiple of 28 */
    uint32_t height;
    uint32_t line;       /* which line of the layout */
    int32_t x0, x1;      /* upright frame: the part of the line that it shows, without margins */
    bool joined_to_next; /* cut inside the line at a word gap: the next strip goes on with it */
} ocrvl_strip;

/* The line's strips, left to right (DESIGN section 6: ink box plus margins above, below and at the ends, scaled to
 * `height` px high by an area average when shrinking, else bicubic, padded at the right with the paper's colour to a
 * multiple of 28, at most max_width; longer lines are cut at word gaps). Light text on dark is inverted.
 * *out is an array of *count strips, freed with ocrvl_strips_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_strips(const ocrvl_layout *l, size_t line, uint32_t height,
                                                  uint32_t max_width, ocrvl_strip **out, size_t *count,
                                                  ocrvl_error *err);
void ocrvl_strips_free(ocrvl_strip *s, size_t count);
/* The strip drawn `factor` times as wide, or as much narrower where that is more than max_width. Freed as one of an array. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_strip_stretch(ocrvl_strip *out, const ocrvl_strip *s, double factor, uint32_t max_width,
                                                  ocrvl_error *err);

/* Puts words on the ink of [x0, x1) of a line: words[i] is UTF-8, in the visual order left to right; boxes[i] (upright
 * frame) receives its measured box. The gaps between words are chosen among the ink's own gaps by what the words'
 * widths and the gaps' sizes make likeliest; a word that has no ink of its own gets an all-zero box. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_place_words(const ocrvl_layout *l, size_t line, int32_t x0, int32_t x1,
                                                       const char *const *words, size_t count, ocrvl_box *boxes,
                                                       ocrvl_error *err);

#endif
