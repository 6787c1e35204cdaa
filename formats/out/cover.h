/* Which parts of a page image are covered by boxes, asked point by point. */
#ifndef OCRVL_OUT_COVER_H
#define OCRVL_OUT_COVER_H

#include "ocrvl_formats.h"

typedef struct ocrvl_cover { /* by cells, of which a box covers those that it has the middle of */
    uint32_t columns, rows;  /* 0: nothing is covered */
    int32_t *count;          /* [rows + 1][columns + 1] */
} ocrvl_cover;

/* In time that grows with the boxes and the page, whatever they overlap. False: no memory. */
bool ocrvl_cover_make(ocrvl_cover *m, uint32_t width, uint32_t height, const ocrvl_box *boxes, size_t count);
bool ocrvl_cover_holds(const ocrvl_cover *m, double x, double y);
void ocrvl_cover_free(ocrvl_cover *m);

#endif
