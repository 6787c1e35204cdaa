/* Whether two pictures show the same, told by their thumbnails. */
#ifndef OCRVL_IN_THUMB_H
#define OCRVL_IN_THUMB_H

#include "ocrvl.h"

typedef struct ocrvl_thumb {
    uint32_t width, height;
    uint32_t side; /* each pixel stands for a square of side x side pixels; 1 or more */
    uint8_t *data; /* [height][width], the mean of the channels; ocrvl_free */
} ocrvl_thumb;

/* Each pixel is the mean of a square of `side` pixels of the image; what is left over at the right and bottom is left
 * out. 1 <= side <= width and height. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_thumb_of_image(ocrvl_thumb *t, const ocrvl_image *img, uint32_t side,
                                                   ocrvl_error *err);

/* Whether a and b show the same but for the pixels at the edge, if b is turned by the orientation number as
 * ocrvl_pixels_orient does it. Shifts below a pixel are borne, marks on plain ground are not, however faint (over 10 of
 * 255). b's sizes are a's, exchanged for orientations from 5 on. *sum: the squared differences, if the same. */
bool ocrvl_thumb_same(const ocrvl_thumb *a, const ocrvl_thumb *b, unsigned orientation, uint64_t *sum);

#endif
