/* Where the text of a page stands: page image -> upright, deskewed grey image + blocks and lines in reading order.
 *
 * Two frames: the *page* frame is the image as it came (results are given in it); the *upright* frame is the grey image
 * after turning by a multiple of 90 degrees, deskewing and, where its lines are bent, straightening. Everything in
 * ocrvl_layout is in the upright frame; ocrvl_layout_to_page maps a point back. */
#ifndef OCRVL_LAYOUT_LAYOUT_H
#define OCRVL_LAYOUT_LAYOUT_H

#include "layout/frames.h"
#include "layout/strips.h"
#include "layout/word_boxes.h"

/* opt NULL: all defaults. mode BLOCK: lines aren't parted at gutters and rules; LINE: the page is one line, whose lean
 * is followed rather than taken out, and pieces of other lines at its edges are left out. Roles are not looked for in
 * either. A blank page has line_count 0. The page must not be empty; it is not needed afterwards. Freed with
 * ocrvl_layout_free (NULL is accepted). Works on one thread; any number of pages at a time. Leptonica's messages are
 * switched off for the process: the library never prints. Errors: OCRVL_E_NOMEM alone. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_new(ocrvl_layout **out, const ocrvl_image *page,
                                               const ocrvl_layout_options *opt, ocrvl_error *err);
/* The layout of known lines and rules alone, on a page of width x height pixels that isn't looked at and was turned
 * upright by `rotation` degrees: there are no blocks of figures and rules, and no strips can be cut. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_of_known(ocrvl_layout **out, uint32_t width, uint32_t height,
                                                    uint32_t rotation, const ocrvl_known_line *known, size_t count,
                                                    const ocrvl_own_rule *rules, size_t rule_count, ocrvl_error *err);
void ocrvl_layout_free(ocrvl_layout *l);

/* Puts lines and blocks in the order of a script that runs from right to left: columns, and what stands in a row, are
 * read from the right, and a paragraph's lines begin there. Each line keeps its `row`. On failure there are no lines. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_layout_from_right(ocrvl_layout *l, ocrvl_error *err);

/* The box that a line is given in results, in the upright frame: its ink and, on each side, a tenth of its height of
 * air, for what the threshold cut off of its letters' edges; never past the middle of the gap to another line. */
ocrvl_box ocrvl_layout_line_box(const ocrvl_layout *l, size_t line);

#endif
