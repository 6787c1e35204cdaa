/* What decoders do to pixels after decoding. */
#ifndef OCRVL_IN_PIXELS_H
#define OCRVL_IN_PIXELS_H

#include "ocrvl.h"

/* One row of pixels with alpha after their channels, laid on white: to [width][channels], from [width][channels + 1].
 * The rounding is that of Pillow's alpha_composite on an opaque ground. */
void ocrvl_pixels_lay_on_white(uint8_t *to, const uint8_t *from, size_t width, size_t channels);

/* An RGB image whose pixels are all grey becomes an image of one channel, in place. */
void ocrvl_pixels_shrink_grey(ocrvl_image *img);

/* Turns the image upright by the orientation number of TIFF 6.0 and EXIF (what row 0 and column 0 are: 1 top left, 2
 * top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom); others leave it as
 * it is. 5 to 8 exchange width and height, dpi too, and need a second image while they work. On failure *img is freed
 * and NULL. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pixels_orient(ocrvl_image **img, unsigned orientation, ocrvl_error *err);

#endif
