#include "generate/prompt.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/pixels.h"

void ocrvl_pictures_free(ocrvl_pictures *p)
{
    ocrvl_free(p->grids);
    ocrvl_free(p->patches);
    memset(p, 0, sizeof *p);
}

/* Room for the patches of one more picture, whose grid is g; *at is where they go. */
static ocrvl_status add_grid(ocrvl_pictures *p, const ocrvl_config *c, ocrvl_patch_grid g, float **at, size_t *tokens,
                             ocrvl_error *err)
{
    size_t rows = (size_t)g.t * g.h * g.w, size = ocrvl_patch_size(c);
    ocrvl_patch_grid *grids = ocrvl_realloc_array(p->grids, p->count + 1, sizeof *grids);
    if (!grids)
        return ocrvl_fail_nomem(err);
    p->grids = grids;
    float *patches = ocrvl_realloc_array(p->patches, p->rows + rows, size * sizeof *patches);
    if (!patches)
        return ocrvl_fail_nomem(err);
    p->patches = patches;
    *at = patches + p->rows * size;
    grids[p->count++] = g;
    p->rows += rows;
    *tokens = rows / (c->merge * c->merge);
    return OCRVL_OK;
}

ocrvl_status ocrvl_pictures_add_pixels(ocrvl_pictures *p, const ocrvl_config *c, const uint8_t *data, size_t height,
                                       size_t width, size_t channels, size_t *tokens, ocrvl_error *err)
{
    float *at;
    ocrvl_patch_grid g = {1, (uint32_t)(height / c->patch), (uint32_t)(width / c->patch)};
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
    const uint8_t *slot[OCRVL_MAX_TEMPORAL];
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
    ocrvl_patch_grid g = {(uint32_t)slots, (uint32_t)(height / c->patch), (uint32_t)(width / c->patch)};
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

/* ---- running ----------------------------------------------------------------------------------------- */

/* Embeddings of the prompt, with the visual tokens in the places that wait for them. x [count][width] */
static ocrvl_status embed(ocrvl_engine *e, const ocrvl_chat *chat, const ocrvl_pictures *pictures, float *x,
                          ocrvl_error *err)
{
    const ocrvl_config *c = &e->m->config;
    size_t tokens = pictures->rows / (c->merge * c->merge), seen = 0;
    float *visual = ocrvl_alloc_aligned(tokens, c->width * sizeof *visual);
    ocrvl_status st = visual ? ocrvl_engine_encode(e, pictures->patches, pictures->grids, pictures->count, visual, err)
                             : ocrvl_fail_nomem(err);
    ocrvl_engine_embed(e, chat->ids.data, chat->ids.len, x);
    for (size_t i = 0; !st && i < chat->ids.len; i++)
        if (chat->ids.data[i] == c->image_token || chat->ids.data[i] == c->video_token)
            memcpy(x + i * c->width, visual + seen++ * c->width, c->width * sizeof *x);
    ocrvl_free(visual);
    if (!st && e->on_stage)
        e->on_stage(e->user, "decoder.embeds", x, chat->ids.len, c->width);
    return st;
}

ocrvl_status ocrvl_prompt_run(ocrvl_engine *e, const ocrvl_chat *chat, const ocrvl_pictures *pictures, size_t room,
                              ocrvl_kv *kv, int32_t *delta, int32_t **pos, float *logits, ocrvl_error *err)
{
    const ocrvl_config *c = &e->m->config;
    size_t n = chat->ids.len;
    if (pos)
        *pos = NULL;
    if (n == 0)
        return ocrvl_fail(err, OCRVL_E_ARG, "an empty prompt");
    if (n + room > c->context)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a prompt of %zu tokens and %zu more are over the model's %zu", n, room,
                          c->context);
    int32_t *at = ocrvl_alloc_array(n, 3 * sizeof *at);
    float *x = ocrvl_alloc_aligned(n, c->width * sizeof *x);
    ocrvl_run run = {kv, n};
    ocrvl_status st = at && x ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st)
        st = ocrvl_mrope_positions(chat->ids.data, n, pictures->grids, pictures->count, c->merge, c->image_token,
                                   c->video_token, at, delta, err);
    if (!st)
        st = embed(e, chat, pictures, x, err);
    if (!st)
        st = ocrvl_kv_reserve(kv, c, n + room, err);
    if (!st)
        st = ocrvl_engine_decode(e, x, at, &run, 1, err);
    if (!st)
        st = ocrvl_engine_logits(e, x + (n - 1) * c->width, 1, logits, err);
    ocrvl_free(x);
    if (!st && pos)
        *pos = at;
    else
        ocrvl_free(at);
    return st;
}

ocrvl_status ocrvl_prompt_step(ocrvl_engine *e, ocrvl_kv *kv, int32_t delta, int32_t id, float *logits,
                               ocrvl_error *err)
{
    int32_t at = (int32_t)kv->len + delta, pos[3] = {at, at, at};
    ocrvl_run run = {kv, 1};
    float *x = ocrvl_engine_buffer(e, 6, e->m->config.width);
    if (!x)
        return ocrvl_fail_nomem(err);
    ocrvl_engine_embed(e, &id, 1, x);
    ocrvl_status st = ocrvl_engine_decode(e, x, pos, &run, 1, err);
    return st ? st : ocrvl_engine_logits(e, x, 1, logits, err);
}
