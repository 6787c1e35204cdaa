#include "read/prompt.h"

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

ocrvl_status ocrvl_pictures_add_pixels(ocrvl_pictures *p, const ocrvl_config *c, const uint8_t *data, size_t height,
                                       size_t width, size_t channels, size_t *tokens, ocrvl_error *err)
{
    size_t rows = height / c->patch * (width / c->patch), size = ocrvl_patch_size(c);
    ocrvl_grid *grids = ocrvl_realloc_array(p->grids, p->count + 1, sizeof *grids);
    if (!grids)
        return ocrvl_fail_nomem(err);
    p->grids = grids;
    float *patches = ocrvl_realloc_array(p->patches, p->rows + rows, size * sizeof *patches);
    if (!patches)
        return ocrvl_fail_nomem(err);
    p->patches = patches;
    ocrvl_patchify(c, data, height, width, channels, patches + p->rows * size);
    grids[p->count++] = (ocrvl_grid){1, (uint32_t)(height / c->patch), (uint32_t)(width / c->patch)};
    p->rows += rows;
    *tokens = rows / (c->merge * c->merge);
    return OCRVL_OK;
}

ocrvl_status ocrvl_pictures_add(ocrvl_pictures *p, const ocrvl_config *c, const ocrvl_image *img, uint64_t min_pixels,
                                uint64_t max_pixels, size_t *tokens, ocrvl_error *err)
{
    uint64_t height, width;
    uint8_t *resized;
    ocrvl_status st = ocrvl_smart_resize(img->height, img->width, c->patch * c->merge,
                                         min_pixels ? min_pixels : c->min_pixels,
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

/* Embeddings of the prompt, with the visual tokens in the places that wait for them. x [count][width] */
static ocrvl_status embed(ocrvl_engine *e, const ocrvl_chat *chat, const ocrvl_pictures *pictures, float *x,
                          ocrvl_error *err)
{
    const ocrvl_config *c = &e->m->config;
    size_t tokens = pictures->rows / (c->merge * c->merge), seen = 0;
    float *visual = ocrvl_alloc_aligned(tokens, c->width * sizeof *visual);
    ocrvl_status st = visual ? ocrvl_engine_see(e, pictures->patches, pictures->grids, pictures->count, visual, err)
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
