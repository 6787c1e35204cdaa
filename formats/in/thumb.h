/* Compares two images by their thumbnails. */
#ifndef OCRVL_IN_THUMB_H
#define OCRVL_IN_THUMB_H

#include "ocrvl.h"

typedef struct ocrvl_thumb {
    uint32_t width, height;
    uint32_t side; /* each pixel stands for a square of side x side pixels; 1 or more */
    uint8_t *data; /* [height][width], the mean of the channels; to be freed with ocrvl_free */
} ocrvl_thumb;

/* Each pixel is the mean of a square of `side` pixels of the image; a remainder at the right and bottom is left out. 1
 * <= side <= width and height. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_thumb_of_image(ocrvl_thumb *t, const ocrvl_image *img, uint32_t side,
                                                   ocrvl_error *err);

/* Whether a and b show the same, except for the pixels at the edge, if b is turned by the orientation number as
 * ocrvl_pixels_orient does it. Shifts below a pixel are tolerated; marks on plain background are not, however faint
 * (over 10 of 255). b has a's width and height, exchanged for orientations from 5 on. *sum is the sum of squared
 * differences, if they show the same. */
bool ocrvl_thumb_same(const ocrvl_thumb *a, const ocrvl_thumb *b, unsigned orientation, uint64_t *sum);

#endif
