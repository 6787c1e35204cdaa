/* The straight borders of what is drawn on a page: lines of tables, frames, underlines, sides of shaded areas. */
#ifndef OCRVL_BASE_BORDERS_H
#define OCRVL_BASE_BORDERS_H

#include "ocrvl.h"

typedef struct ocrvl_drawn { /* a small image of a page */
    uint32_t width, height;
    const uint8_t *page;   /* [height][width] grey */
    const uint8_t *glyphs; /* [height][width] not 0 where letters hide what else is there */
} ocrvl_drawn;

typedef struct ocrvl_borders { /* zero-initialise */
    ocrvl_own_rule *at;
    size_t count, cap;
} ocrvl_borders;

void ocrvl_borders_free(ocrvl_borders *b); /* leaves it empty */

/* Finds straight level and upright borders between lighter and darker that no glyph makes. The two borders of a thin
 * line are one rule. Boxes are in pixels of a page of page_width x page_height; of more than some thousands each way
 * the rest is left out. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_borders_find(ocrvl_borders *out, uint32_t page_width, uint32_t page_height,
                                                 const ocrvl_drawn *ink, ocrvl_error *err);

#endif
