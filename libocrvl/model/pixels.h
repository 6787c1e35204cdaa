/* Image to patches, as Hugging Face's Qwen2VLImageProcessor with Pillow computes them: the numbers are equal to the
 * byte. */
#ifndef OCRVL_MODEL_PIXELS_H
#define OCRVL_MODEL_PIXELS_H

#include "base/resample.h"
#include "model/config.h"

/* The size to which an image of height x width is scaled: multiples of `factor`, with an area within [min_pixels,
 * max_pixels] as far as the aspect ratio permits (smart_resize; halves round to even). Fails with OCRVL_E_UNSUPPORTED
 * if the aspect ratio is over 200:1. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_smart_resize(uint64_t height, uint64_t width, uint64_t factor, uint64_t min_pixels,
                                                 uint64_t max_pixels, uint64_t *out_height, uint64_t *out_width,
                                                 ocrvl_error *err);

/* The patches of an 8-bit image, `picture` [height][width][channels] (1 or 3 channels; height and width are multiples
 * of patch * merge): out [height/patch * width/patch][3 * temporal * patch * patch], rows in merge blocks, each row by
 * channel, frame, y, x. */
void ocrvl_patchify(const ocrvl_config *c, const uint8_t *picture, size_t height, size_t width, size_t channels,
                    float *out);

/* The same for `temporal` consecutive frames of a video: one time step of its grid. */
void ocrvl_patchify_frames(const ocrvl_config *c, const uint8_t *const *frames, size_t height, size_t width,
                           size_t channels, float *out);

/* Floats in a row of ocrvl_patchify. */
size_t ocrvl_patch_size(const ocrvl_config *c);

#endif
