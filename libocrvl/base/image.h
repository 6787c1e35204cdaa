/* The raster behind ocrvl_image, for the library's own use. */
#ifndef OCRVL_BASE_IMAGE_H
#define OCRVL_BASE_IMAGE_H

#include "ocrvl.h"

struct ocrvl_image {
    uint32_t width, height;
    uint32_t channels; /* 1 for grey, 3 for RGB */
    double dpi_x, dpi_y;
    uint8_t *data; /* [height][width][channels] */
    size_t mapped; /* 0: data are to be freed; else they are a mapping of so many bytes */
    bool shared;   /* it is one of the file `fd`, which is the image's */
    int fd;
};

/* As ocrvl_image_new, but the pixels, which are black, lie in a file in memory that another process can be given. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_image_new_shared(ocrvl_image **out, uint32_t width, uint32_t height,
                                                     uint32_t channels, double dpi_x, double dpi_y, uint64_t max_pixels,
                                                     ocrvl_error *err);

/* Frees the pixels and leaves the image without any, so that others can be put there (data, of ocrvl_alloc). */
void ocrvl_image_drop_pixels(ocrvl_image *img);

/* A copy rotated clockwise by 0, 90, 180 or 270 degrees. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_image_turn(ocrvl_image **out, const ocrvl_image *img, uint32_t degrees,
                                               ocrvl_error *err);
/* The place of a box of a w x h image after the image is rotated so. */
ocrvl_box ocrvl_box_turn(ocrvl_box b, int32_t w, int32_t h, uint32_t degrees);
bool ocrvl_box_is_empty(ocrvl_box b);
/* The smallest box that holds both; an empty one counts for nothing. */
ocrvl_box ocrvl_box_union(ocrvl_box a, ocrvl_box b);
/* The image with as many pixels an inch downwards as across, by making it larger, as of a fax that was sent with 204 by
 * 98 -> *out; NULL where they are the same, unknown, or so different that they can't be meant. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_image_square(ocrvl_image **out, const ocrvl_image *img, ocrvl_error *err);
/* A copy of a part, which must lie inside the image. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_image_crop(ocrvl_image **out, const ocrvl_image *img, ocrvl_box part,
                                               ocrvl_error *err);

#define OCRVL_MAX_SIDE 1000000u
#define OCRVL_MAX_PIXELS 400000000ull

#endif
