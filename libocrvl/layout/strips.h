/* The images of lines that a line reader is shown. */
#ifndef OCRVL_LAYOUT_STRIPS_H
#define OCRVL_LAYOUT_STRIPS_H

#include "layout/layout_result.h"

/* Of strips: their height, the most that they are wide, and what their widths are multiples of, in pixels. */
typedef struct ocrvl_strip_size {
    uint32_t height, max_width, step;
} ocrvl_strip_size;

/* The line's strips, left to right (DESIGN section 6: ink box plus margins above, below and at the ends, scaled to
 * size->height px high by an area average when shrinking, else bicubic, padded at the right with the paper's colour to a
 * multiple of size->step; longer lines are cut at word gaps into pieces that overlap, and leaders are left out, what
 * stands before and behind them in strips of their own; there may be none). Light text on dark is inverted.
 * *out is an array of *count strips, freed with ocrvl_strips_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_strips(const ocrvl_layout *l, size_t line, const ocrvl_strip_size *size,
                                                  ocrvl_strip **out, size_t *count, ocrvl_error *err);
void ocrvl_strips_free(ocrvl_strip *s, size_t count);
/* The strip, which is of that size, drawn `factor` times as wide, or as much narrower where that is more than the most.
 * Freed as one of an array. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_strip_stretch(ocrvl_strip *out, const ocrvl_strip *s, double factor,
                                                  const ocrvl_strip_size *size, ocrvl_error *err);
/* Cuts a strip of that size, as a long line is cut, into about so many pieces (2 or more), which overlap; their x0 and
 * x1 are columns of the strip. *out is an array of *count strips, freed with ocrvl_strips_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_strip_pieces(ocrvl_strip **out, size_t *count, const ocrvl_strip *s,
                                                 unsigned pieces, const ocrvl_strip_size *size, ocrvl_error *err);

#endif
