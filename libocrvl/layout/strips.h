/* The images of lines that a line reader is shown. */
#ifndef OCRVL_LAYOUT_STRIPS_H
#define OCRVL_LAYOUT_STRIPS_H

#include "layout/layout_result.h"

/* The line's strips, left to right (DESIGN section 6: ink box plus margins above, below and at the ends, scaled to
 * `height` px high by an area average when shrinking, else bicubic, padded at the right with the paper's colour to a
 * multiple of 28, at most max_width; longer lines are cut at word gaps into pieces that overlap, and leaders are left
 * out, what stands before and behind them in strips of their own; there may be none). Light text on dark is inverted.
 * *out is an array of *count strips, freed with ocrvl_strips_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_strips(const ocrvl_layout *l, size_t line, uint32_t height,
                                                  uint32_t max_width, ocrvl_strip **out, size_t *count,
                                                  ocrvl_error *err);
void ocrvl_strips_free(ocrvl_strip *s, size_t count);
/* The strip drawn `factor` times as wide, or as much narrower where that is more than max_width. Freed as one of an
 * array. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_strip_stretch(ocrvl_strip *out, const ocrvl_strip *s, double factor,
                                                  uint32_t max_width, ocrvl_error *err);
/* Cuts a strip, as a long line is cut, into about so many pieces (2 or more), which overlap; their x0 and x1 are columns
 * of the strip. *out is an array of *count strips, freed with ocrvl_strips_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_strip_pieces(ocrvl_strip **out, size_t *count, const ocrvl_strip *s,
                                                 unsigned pieces, ocrvl_error *err);

#endif
