/* The image of one line of a page, upright and straight, as what trains line readers wants it. */
#ifndef OCRVL_CLI_LINE_IMAGE_H
#define OCRVL_CLI_LINE_IMAGE_H

#include "ocrvl.h"

/* Cuts the line out of its page's image -> *out, which is new and has the page's channels and resolution. `line` is a
 * line's info, whose outline is in that image. A line whose outline is upright is a copy of the page's own pixels; one
 * that lies on its side is turned, and one that leans or bends is drawn straight, as high as its outline is on the
 * mean. turn: 0, 90, 180 or 270, how the page was turned upright, for lines that have a box alone.
 * *out is NULL if the line has no place in the image. */
OCRVL_MUST_CHECK ocrvl_status cli_line_image(ocrvl_image **out, const ocrvl_image *page, const ocrvl_node_info *line,
                                             uint32_t turn, ocrvl_error *err);

#endif
