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

void ocrvl_pictures_drop_patches(ocrvl_pictures *p)
{
    ocrvl_free(p->patches);
    p->patches = NULL;
    p->row_cap = 0;
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
#define RATE 2.0 /* frames taken of a second, if nothing else is known */

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

/* Replaces n grey pixels by as many in colour. */
static ocrvl_status to_colour(uint8_t **pixels, size_t n, ocrvl_error *err)
{
    uint8_t *rgb = ocrvl_alloc_array(n, 3);
    if (!rgb)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < 3 * n; i++)
        rgb[i] = (*pixels)[i / 3];
    ocrvl_free(*pixels);
    *pixels = rgb;
    return OCRVL_OK;
}

/* The patches of the slot that begins with frames[0]; frames past `count` are the last one again. */
static ocrvl_status add_slot(const ocrvl_config *c, const ocrvl_image *const *frames, size_t count, size_t height,
                             size_t width, float *out, ocrvl_error *err)
{
    uint8_t *scaled[OCRVL_MAX_TEMPORAL] = {NULL};
    const uint8_t *slot[OCRVL_MAX_TEMPORAL] = {NULL};
    ocrvl_status st = OCRVL_OK;
    size_t channels = 1;
    for (size_t t = 0; t < c->temporal && t < count; t++)
        channels = frames[t]->channels > channels ? frames[t]->channels : channels;
    for (size_t t = 0; !st && t < c->temporal; t++) {
        if (t < count)
            st = ocrvl_resize_bicubic(&scaled[t], frames[t]->data, frames[t]->height, frames[t]->width,
                                      frames[t]->channels, height, width, false, err);
        if (!st && t < count && frames[t]->channels < channels)
            st = to_colour(&scaled[t], height * width, err);
        slot[t] = t < count ? scaled[t] : slot[t - 1];
    }
    if (!st)
        ocrvl_patchify_frames(c, slot, height, width, channels, out);
    for (size_t t = 0; t < c->temporal; t++)
        ocrvl_free(scaled[t]);
    return st;
}

size_t ocrvl_clip_slots(const ocrvl_clip *v, const ocrvl_config *c)
{
    return (v->count + c->temporal - 1) / c->temporal;
}

static double rate_of(const ocrvl_clip *v) { return v->rate > 0 ? v->rate : RATE; }

static double frame_time(const ocrvl_clip *v, size_t i)
{
    i = i < v->count ? i : v->count - 1;
    return v->seconds ? v->seconds[i] : (double)i / rate_of(v);
}

double ocrvl_clip_time(const ocrvl_clip *v, const ocrvl_config *c, size_t i)
{
    return (frame_time(v, i * c->temporal) + frame_time(v, (i + 1) * c->temporal - 1)) / 2;
}

static ocrvl_status check_clip(const ocrvl_clip *v, const ocrvl_config *c, ocrvl_error *err)
{
    if (v->count == 0 || ocrvl_clip_slots(v, c) > UINT32_MAX)
        return ocrvl_fail(err, OCRVL_E_ARG, "a video of %zu frames", v->count);
    for (size_t i = 1; i < v->count; i++)
        if (v->frames[i]->width != v->frames[0]->width || v->frames[i]->height != v->frames[0]->height)
            return ocrvl_fail(err, OCRVL_E_ARG, "frame %zu of a video is not as large as the first", i);
    return OCRVL_OK;
}

ocrvl_status ocrvl_pictures_add_video(ocrvl_pictures *p, const ocrvl_config *c, const ocrvl_clip *v, size_t max_tokens,
                                      size_t *tokens, ocrvl_error *err)
{
    uint64_t height, width;
    float *at;
    ocrvl_pictures was = *p;
    ocrvl_status st = check_clip(v, c, err);
    if (!st)
        st = ocrvl_video_size(c, v->frames[0]->height, v->frames[0]->width, v->count, max_tokens, &height, &width, err);
    if (st)
        return st;
    size_t slots = ocrvl_clip_slots(v, c), apart = c->family->video == OCRVL_VIDEO_STAMPS ? slots : 1, one;
    ocrvl_patch_grid g = {.t = (uint32_t)(slots / apart),
                          .h = (uint32_t)(height / c->patch),
                          .w = (uint32_t)(width / c->patch),
                          .step = (float)(c->tokens_per_second * (double)c->temporal / rate_of(v))};
    size_t rows = (size_t)g.h * g.w;
    st = ocrvl_pictures_reserve(p, c, p->count + apart, p->rows + slots * rows, err);
    *tokens = 0;
    for (size_t i = 0, t = 0; !st && i < apart; i++) {
        st = add_grid(p, c, g, &at, &one, err);
        *tokens += st ? 0 : one;
        for (size_t end = t + g.t; !st && t < end; t++, at += rows * ocrvl_patch_size(c))
            st = add_slot(c, v->frames + t * c->temporal, v->count - t * c->temporal, (size_t)height, (size_t)width, at,
                          err);
    }
    if (st) {
        p->count = was.count;
        p->rows = was.rows;
    }
    return st;
}
