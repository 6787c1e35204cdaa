/* Pictures made larger or smaller. */
#ifndef OCRVL_BASE_RESAMPLE_H
#define OCRVL_BASE_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocrvl.h"

/* Keys' cubic convolution kernel with a = -0.5, at x samples from the centre; 0 from 2 on. */
double ocrvl_cubic(double x);

/* Pillow's bicubic (a = -0.5, antialiased) on 8-bit rows of `channels`, width first as Pillow to 12 and torchvision
 * have it, or in the order that Pillow 13 chooses. src [height][width][channels] -> *out
 * [out_height][out_width][channels], freed with ocrvl_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_resize_bicubic(uint8_t **out, const uint8_t *src, size_t height, size_t width,
                                                   size_t channels, size_t out_height, size_t out_width, bool pillow13,
                                                   ocrvl_error *err);

#endif
