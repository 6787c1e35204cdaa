/* Rotary positions: frequencies, 2-D positions of patches, M-RoPE positions of a prompt. */
#ifndef OCRVL_MODEL_ROPE_H
#define OCRVL_MODEL_ROPE_H

#include "ocrvl.h"

/* The size of an image or video in patches: frames, rows, columns (rows and columns are multiples of the merge
 * size). */
typedef struct ocrvl_patch_grid {
    uint32_t t, h, w;
    float step; /* of a video's t from slot to slot, cut to a whole number at each; 0 means 1 */
} ocrvl_patch_grid;

/* freq[i] = 1 / (float)theta^(float)(i / n); each step is rounded to float32, as in the reference. */
void ocrvl_rope_frequencies(float *freq, size_t n, double theta);

/* Row and column of each patch of one frame in merge-block order: rows, columns [h * w]. */
void ocrvl_vision_positions(ocrvl_patch_grid g, size_t merge, uint32_t *rows, uint32_t *columns);

/* The cosine and sine of an angle in radians, rounded from double's. */
void ocrvl_rope_angle(float angle, float *cos, float *sin);

/* cos, sin [half] of one decoder token at (t, h, w): frequency i rotates by the axis whose section it is in. If
 * `mixed`, sections are shares: frequencies go t h w t h w ..., and to t in place of h or w once that has had its
 * share. */
void ocrvl_mrope_turn(const float *freq, const size_t sections[3], bool mixed, const int32_t pos[3], float *cos,
                      float *sin);

/* Positions of a prompt in which each image's or video's placeholders are expanded (one per visual token): pos
 * [3][count]. *delta: a later token i (i >= count) is at position i + delta on all axes. Text has t = h = w and counts
 * up; an image has one t and spreads h, w from its start; the next text position is one more than the greatest so far.
 * Fails with OCRVL_E_ARG if placeholders and grids don't match. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_mrope_positions(const int32_t *ids, size_t count, const ocrvl_patch_grid *grids,
                                                    size_t grid_count, size_t merge, int32_t image_token,
                                                    int32_t video_token, int32_t *pos, int32_t *delta,
                                                    ocrvl_error *err);

#endif
