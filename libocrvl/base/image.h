/* The raster behind ocrvl_image, for the library's own parts. */
#ifndef OCRVL_BASE_IMAGE_H
#define OCRVL_BASE_IMAGE_H

#include "ocrvl.h"

struct ocrvl_image {
    uint32_t width, height;
    uint32_t channels; /* 1 grey, 3 RGB */
    double dpi_x, dpi_y;
    uint8_t *data; /* [height][width][channels] */
};

#define OCRVL_MAX_SIDE 1000000u
#define OCRVL_MAX_PIXELS 400000000ull

#endif
