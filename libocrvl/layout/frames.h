/* From the upright frame of a layout to the frame of its page. */
#ifndef OCRVL_LAYOUT_FRAMES_H
#define OCRVL_LAYOUT_FRAMES_H

#include "layout/layout_result.h"

/* A point of the upright frame in the page frame. */
ocrvl_point ocrvl_layout_to_page(const ocrvl_layout *l, float x, float y);
/* The page-frame box around an upright box, clipped to the page. */
ocrvl_box ocrvl_layout_box_to_page(const ocrvl_layout *l, ocrvl_box upright);
/* In how many pieces, as long as one another, the sides of an upright box are cut so that each is as good as straight
 * in the page frame: 1 if the page isn't bent there. */
size_t ocrvl_layout_pieces(const ocrvl_layout *l, ocrvl_box upright);

#endif
