#include "generate/prompt.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "model/pixels.h"

void ocrvl_pictures_free(ocrvl_pictures *p)
{
    ocrvl_free(p->grids);
    ocrvl_free(p->patches);
    memset(p, 0, sizeof *p);
}

ocrvl_status ocrvl_pictures_reserve(ocrvl_pictures *p, const ocrvl_config *c, size_t count, size_t rows,
                                    ocrvl_error *err)
{
    if (!OCRVL_ARRAY_RESERVE(p->grids, p->grid_cap, count))
        return ocrvl_fail_nomem(err);
    if (rows > p->row_cap) { /* these are large, and take no more than they need */
        float *patches = ocrvl_realloc_array(p->patches, rows, ocrvl_patch_size(c) * sizeof *patches);
        if (!patches)
            return ocrvl_fail_nomem(err);
        p->patches = patches;
        p->row_cap = rows;
    }
    return OCRVL_OK;
}

/* Room for the patches of one more picture, whose grid is g; *at is where they go. */
static ocrvl_status add_grid(ocrvl_pictures *p, const ocrvl_config *c, ocrvl_patch_grid g, float **at, size_t *tokens,
                             ocrvl_error *err)
{
    size_t rows = (size_t)g.t * g.h * g.w;
    ocrvl_status st = ocrvl_pictures_reserve(p, c, p->count + 1, p->rows + rows, err);
    if (st)
        return st;
    *at = p->patches + p->rows * ocrvl_patch_size(c);
    p->grids[p->count++] = g;
    p->rows += rows;
    *tokens = rows / (c->merge * c->merge);
    return OCRVL_OK;
}

ocrvl_status ocrvl_pictures_add_pixels(ocrvl_pictures *p, const ocrvl_config *c, const uint8_t *data, size_t height,
                                       size_t width, size_t channels, size_t *tokens, ocrvl_error *err)
{
    float *at;
    ocrvl_patch_grid g = {.t = 1, .h = (uint32_t)(height / c->patch), .w = (uint32_t)(width / c->patch)};
    ocrvl_status st = add_grid(p, c, g, &at, tokens, err);
    if (!st)
        ocrvl_patchify(c, data, height, width, channels, at);
    return st;
}

ocrvl_status ocrvl_pictures_add(ocrvl_pictures *p, const ocrvl_config *c, const ocrvl_image *img, uint64_t min_pixels,
                                uint64_t max_pixels, size_t *tokens, ocrvl_error *err)
{
    uint64_t height, width;
    uint8_t *resized;
    ocrvl_status st =
        ocrvl_smart_resize(img->height, img->width, c->patch * c->merge, min_pixels ? min_pixels : c->min_pixels,
                           max_pixels ? max_pixels : c->max_pixels, &height, &width, err);
    if (st)
        return st;
    st = ocrvl_resize_bicubic(&resized, img->data, img->height, img->width, img->channels, (size_t)height,
                              (size_t)width, false, err);
    if (st)
        return st;
    st = ocrvl_pictures_add_pixels(p, c, resized, (size_t)height, (size_t)width, img->channels, tokens, err);
    ocrvl_free(resized);
    return st;
}

/* ---- video ------------------------------------------------------------------------------------------- */

enum { SLOT_MIN = 128, SLOT_MAX = 768 }; /* visual tokens */
#define VIDEO_TOKENS (24576 * 0.9)

ocrvl_status ocrvl_video_size(const ocrvl_config *c, uint64_t height, uint64_t width, size_t count, size_t max_tokens,
                              uint64_t *out_height, uint64_t *out_width, ocrvl_error *err)
{
    uint64_t side = c->patch * c->merge, token = side * side, slots = (count + c->temporal - 1) / c->temporal;
    uint64_t least = SLOT_MIN * token, most = SLOT_MAX * token;
    double lowest = floor((double)least * 1.05), share = VIDEO_TOKENS * (double)token / (double)slots;
    if (max_tokens) {
        lowest = (double)token;
        share = (double)(max_tokens / slots * token);
    }
    share = share < lowest ? lowest : share;
    most = share < (double)most ? (uint64_t)share : most;
    ocrvl_status st = ocrvl_smart_resize(height, width, side, least, most, out_height, out_width, err);
    if (!st && max_tokens && *out_height * *out_width > most) /* made larger, for the least */
        st = ocrvl_smart_resize(*out_height, *out_width, side, token, most, out_height, out_width, err);
    return st;
}

/* The patches of the slot that begins with frames[0]; frames past `count` are the last one again. */
static ocrvl_status add_slot(const ocrvl_config *c, const ocrvl_image *const *frames, size_t count, size_t height,
                             size_t width, float *out, ocrvl_error *err)
{
    uint8_t *scaled[OCRVL_MAX_TEMPORAL] = {NULL};
    const uint8_t *slot[OCRVL_MAX_TEMPORAL] = {NULL};
    ocrvl_status st = OCRVL_OK;
    for (size_t t = 0; !st && t < c->temporal; t++) {
        if (t < count)
            st = ocrvl_resize_bicubic(&scaled[t], frames[t]->data, frames[t]->height, frames[t]->width,
                                      frames[t]->channels, height, width, false, err);
        slot[t] = t < count ? scaled[t] : slot[t - 1];
    }
    if (!st)
        ocrvl_patchify_frames(c, slot, height, width, frames[0]->channels, out);
    for (size_t t = 0; t < c->temporal; t++)
        ocrvl_free(scaled[t]);
    return st;
}

ocrvl_status ocrvl_pictures_add_video(ocrvl_pictures *p, const ocrvl_config *c, const ocrvl_image *const *frames,
                                      size_t count, size_t max_tokens, size_t *tokens, ocrvl_error *err)
{
    size_t slots = (count + c->temporal - 1) / c->temporal;
    uint64_t height, width;
    float *at;
    if (count == 0 || slots > UINT32_MAX)
        return ocrvl_fail(err, OCRVL_E_ARG, "a video of %zu frames", count);
    for (size_t i = 1; i < count; i++)
        if (frames[i]->width != frames[0]->width || frames[i]->height != frames[0]->height ||
            frames[i]->channels != frames[0]->channels)
            return ocrvl_fail(err, OCRVL_E_ARG, "frame %zu of a video is not like the first", i);
    ocrvl_status st = ocrvl_video_size(c, frames[0]->height, frames[0]->width, count, max_tokens, &height, &width, err);
    if (st)
        return st;
    ocrvl_patch_grid g = {.t = (uint32_t)slots, .h = (uint32_t)(height / c->patch), .w = (uint32_t)(width / c->patch)};
    ocrvl_pictures was = *p;
    st = add_grid(p, c, g, &at, tokens, err);
    for (size_t t = 0; !st && t < slots; t++, at += (size_t)g.h * g.w * ocrvl_patch_size(c))
        st = add_slot(c, frames + t * c->temporal, count - t * c->temporal, (size_t)height, (size_t)width, at, err);
    if (st) {
        p->count = was.count;
        p->rows = was.rows;
    }
    return st;
}
