/* Which parts of a page image are covered by boxes, with a query by point. */
#ifndef OCRVL_OUT_COVER_H
#define OCRVL_OUT_COVER_H

#include "ocrvl_formats.h"

typedef struct ocrvl_cover { /* a grid of cells; a box covers the cells whose middle it contains */
    uint32_t columns, rows;  /* 0 means that nothing is covered */
    int32_t *count;          /* [rows + 1][columns + 1] */
} ocrvl_cover;

/* Takes time in proportion to the boxes and the page, however much boxes overlap. Returns false if memory is
 * exhausted. */
bool ocrvl_cover_make(ocrvl_cover *m, uint32_t width, uint32_t height, const ocrvl_box *boxes, size_t count);
bool ocrvl_cover_holds(const ocrvl_cover *m, double x, double y);
void ocrvl_cover_free(ocrvl_cover *m);

#endif
