/* The rules and the areas that a PDF's content paints beside its text, and the page with nothing but these. */
#ifndef OCRVL_IN_PAINTED_H
#define OCRVL_IN_PAINTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ocrvl_painted_box { /* in points of the content's space; y points up */
    double x0, y0, x1, y1;         /* x0 <= x1, y0 <= y1 */
    double bright;                 /* 0: black, 1: white */
} ocrvl_painted_box;

typedef struct ocrvl_painted { /* in the order of the content; zero-initialise */
    ocrvl_painted_box *at;
    size_t count, cap;
} ocrvl_painted;

void ocrvl_painted_free(ocrvl_painted *p); /* leaves it empty */

/* Adds a box. False: there are too many, or memory is exhausted. */
bool ocrvl_painted_add(ocrvl_painted *p, ocrvl_painted_box box);

typedef struct ocrvl_painted_view { /* what of the content's space an image shows */
    double left, top;               /* points, of its upper left corner */
    double sx, sy;                  /* pixels a point */
} ocrvl_painted_view;

/* Paints the boxes whose longer side has `least` points or more on white -> grey [height][width]. A pixel that a box
 * covers in part takes as much of its grey. Boxes that lie on one another by the thousands are left out. */
void ocrvl_painted_draw(uint8_t *grey, uint32_t width, uint32_t height, const ocrvl_painted *p,
                        const ocrvl_painted_view *view, double least);

/* A page without what was painted, as it was drawn above, where that is, or is a pixel off: rest, [height][width]. */
void ocrvl_painted_take(uint8_t *rest, const uint8_t *page, const uint8_t *painted, uint32_t width, uint32_t height);

#endif
