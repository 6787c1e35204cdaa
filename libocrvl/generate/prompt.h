/* A prompt and its pictures, ready for a decoder. */
#ifndef OCRVL_GENERATE_PROMPT_H
#define OCRVL_GENERATE_PROMPT_H

#include "base/image.h"
#include "model/config.h"
#include "model/rope.h"

typedef struct ocrvl_pictures { /* zero-initialise */
    ocrvl_patch_grid *grids;    /* [count] */
    float *patches;             /* [rows: sum of t*h*w][patch_size], one picture after the other */
    size_t count, rows;
    size_t grid_cap, row_cap; /* of the two arrays */
} ocrvl_pictures;

typedef struct ocrvl_prompt {
    const int32_t *ids; /* [count], an image or video token for each visual token */
    size_t count;
    size_t pictures; /* that it shows: so many of those beside it */
} ocrvl_prompt;

void ocrvl_pictures_free(ocrvl_pictures *p);
/* Frees the patches of pictures that have been encoded; the rest stays as it is, and nothing may be added. */
void ocrvl_pictures_drop_patches(ocrvl_pictures *p);
/* Makes room for so many pictures and patches in all, so that adding them moves nothing. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pictures_reserve(ocrvl_pictures *p, const ocrvl_config *c, size_t count,
                                                     size_t rows, ocrvl_error *err);
/* Scales a picture by smart_resize within the pixel limits (0: the checkpoint's) and adds its patches;
 * *tokens: how many visual tokens it is. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pictures_add(ocrvl_pictures *p, const ocrvl_config *c, const ocrvl_image *img,
                                                 uint64_t min_pixels, uint64_t max_pixels, size_t *tokens,
                                                 ocrvl_error *err);
/* Adds a picture whose sides (multiples of patch * merge) are what the model is to see: grey or RGB rows. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pictures_add_pixels(ocrvl_pictures *p, const ocrvl_config *c, const uint8_t *data,
                                                        size_t height, size_t width, size_t channels, size_t *tokens,
                                                        ocrvl_error *err);
/* The size that `count` frames (at least 1) of a video are scaled to, as published with Qwen2-VL (qwen_vl_utils): the
 * frames of one slot of its grid take 128 to 768 visual tokens, fewer than 768 if all slots would be over 0.9 * 24576,
 * but the limit of a slot isn't below 1.05 * 128. max_tokens other than 0 stands instead of these two: all slots
 * together take no more, if that is at least one each and the frames aren't too long and thin. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_video_size(const ocrvl_config *c, uint64_t height, uint64_t width, size_t count,
                                               size_t max_tokens, uint64_t *out_height, uint64_t *out_width,
                                               ocrvl_error *err);
/* Frames of a video, all of one size and number of channels, and when they are shown. */
typedef struct ocrvl_clip {
    const ocrvl_image *const *frames; /* [count] */
    size_t count;
    const double *seconds; /* [count], rising; NULL: by the rate, from 0 on */
    double rate;           /* frames in a second; 0: 2, as published */
} ocrvl_clip;

/* `temporal` frames are a slot; the last frame fills up the last slot. */
size_t ocrvl_clip_slots(const ocrvl_clip *v, const ocrvl_config *c);
/* The time of slot i: the mean of its first and its last frame's. */
double ocrvl_clip_time(const ocrvl_clip *v, const ocrvl_config *c, size_t i);

/* Adds a video (OCRVL_E_ARG if its frames differ in size), scaled by ocrvl_video_size: one grid, or one for each slot,
 * as the checkpoint's family has it. *tokens: of the whole video. On failure *p holds what it held. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pictures_add_video(ocrvl_pictures *p, const ocrvl_config *c, const ocrvl_clip *v,
                                                       size_t max_tokens, size_t *tokens, ocrvl_error *err);

#endif
