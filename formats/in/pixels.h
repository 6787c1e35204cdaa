/* Operations on pixels after decoding. */
#ifndef OCRVL_IN_PIXELS_H
#define OCRVL_IN_PIXELS_H

#include "ocrvl.h"

/* Lays one row of pixels with alpha, which follows their channels, on white: from [width][channels + 1] to to
 * [width][channels], and alpha to alpha [width]. It rounds as Pillow's alpha_composite does on an opaque background. */
void ocrvl_pixels_lay_on_white(uint8_t *to, uint8_t *alpha, const uint8_t *from, size_t width, size_t channels);

/* Lays an image that was laid on white, and whose alpha is [height][width], on black or on grey instead, where white
 * hides its strokes: runs of ink with nothing on either side. A quarter of the image must be clear: else it has its
 * ground. */
void ocrvl_pixels_choose_ground(ocrvl_image *img, const uint8_t *alpha);

/* Resolutions under 10 dpi are a writer's default or a fault, not the page's: they are taken as not told. */
void ocrvl_pixels_doubt_density(ocrvl_image *img);

/* An RGB image whose pixels are all grey becomes an image of one channel, in place. */
void ocrvl_pixels_shrink_grey(ocrvl_image *img);

/* Makes the image upright by the orientation number of TIFF 6.0 and EXIF (the places of row 0 and column 0: 1 top left,
 * 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom); other numbers
 * leave it unchanged. 5 to 8 exchange width and height, and dpi too, and need memory for a second image. On failure
 * *img is freed and set to NULL. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pixels_orient(ocrvl_image **img, unsigned orientation, ocrvl_error *err);

/* Rows of pixels as cairo has them, 0xAARRGGBB with colours multiplied by alpha, `alpha` saying that there is some:
 * laid on white. */
bool ocrvl_pixels_are_grey(const uint32_t *row, size_t width);
void ocrvl_pixels_unpack_grey(uint8_t *restrict to, const uint32_t *restrict row, size_t width, bool alpha);
void ocrvl_pixels_unpack_rgb(uint8_t *restrict to, const uint32_t *restrict row, size_t width, bool alpha);

#endif
