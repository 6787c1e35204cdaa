/* Picture to patches, as Hugging Face's Qwen2VLImageProcessor with Pillow does it: numbers equal to the byte. */
#ifndef OCRVL_MODEL_PIXELS_H
#define OCRVL_MODEL_PIXELS_H

#include "base/resample.h"
#include "model/config.h"

/* The size that a picture of height x width is scaled to: multiples of `factor`, area within [min_pixels, max_pixels] as far
 * as the aspect ratio lets it (smart_resize; halves round to even). OCRVL_E_UNSUPPORTED: longer than 200:1. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_smart_resize(uint64_t height, uint64_t width, uint64_t factor, uint64_t min_pixels,
                                                 uint64_t max_pixels, uint64_t *out_height, uint64_t *out_width,
                                                 ocrvl_error *err);

/* The patches of an 8-bit picture [height][width][channels] (1 or 3 channels; sides are multiples of patch * merge):
 * out [height/patch * width/patch][3 * temporal * patch * patch], rows in merge blocks, inside a row channel, frame, y, x. */
void ocrvl_patchify(const ocrvl_config *c, const uint8_t *picture, size_t height, size_t width, size_t channels,
                    float *out);

/* The same of frames [temporal] that follow one another in a video: one slot of its grid. */
void ocrvl_patchify_frames(const ocrvl_config *c, const uint8_t *const *frames, size_t height, size_t width,
                           size_t channels, float *out);

/* Floats in a row of ocrvl_patchify. */
size_t ocrvl_patch_size(const ocrvl_config *c);

#endif
