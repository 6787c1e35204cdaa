/* Where patches stand: frames, windows, turns and learned places. */
#include "base/error.h"
#include "base/mem.h"
#include "model/vision_parts.h"

ocrvl_status ocrvl_tower_count(ocrvl_tower *t, const ocrvl_patch_grid *grids, size_t count, ocrvl_error *err)
{
    size_t frames = 0, total = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t n = (uint64_t)grids[i].h * grids[i].w;
        if (n == 0 || grids[i].t == 0 || grids[i].h % t->c->merge || grids[i].w % t->c->merge ||
            n * grids[i].t > (1u << 26) - total)
            return ocrvl_fail(err, OCRVL_E_ARG, "an image of %u x %u x %u patches is not valid", grids[i].t, grids[i].h,
                              grids[i].w);
        frames += grids[i].t;
        total += (size_t)(n * grids[i].t);
        t->longest = n > t->longest ? (size_t)n : t->longest;
    }
    t->frames = frames;
    t->patches = total;
    t->frame = ocrvl_alloc_array(frames + 1, sizeof *t->frame);
    return t->frame ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* ---- windows ----------------------------------------------------------------------------------------- */

/* The windows of one frame of h x w visual tokens, the first of which is `first`: squares by rows, cut off by the
 * frame's edges. at: how many tokens stand in windows so far. */
static size_t cut_frame(ocrvl_tower *t, uint32_t first, uint32_t h, uint32_t w, size_t at)
{
    uint32_t side = (uint32_t)t->c->v_window;
    size_t square = t->c->merge * t->c->merge;
    for (uint32_t y0 = 0; y0 < h; y0 += side)
        for (uint32_t x0 = 0; x0 < w; x0 += side) {
            size_t from = at;
            for (uint32_t y = y0; y < h && y - y0 < side; y++)
                for (uint32_t x = x0; x < w && x - x0 < side; x++)
                    t->order[at++] = first + y * w + x;
            t->window[++t->windows] = at * square;
            t->widest = (at - from) * square > t->widest ? (at - from) * square : t->widest;
        }
    return at;
}

ocrvl_status ocrvl_tower_cut(ocrvl_tower *t, const ocrvl_patch_grid *grids, size_t count, ocrvl_error *err)
{
    uint32_t merge = (uint32_t)t->c->merge, first = 0;
    size_t at = 0;
    if (t->c->v_window == 0)
        return OCRVL_OK;
    t->order = ocrvl_alloc_array(ocrvl_tower_tokens(t), sizeof *t->order);
    t->window = ocrvl_alloc_array(ocrvl_tower_tokens(t) + 1, sizeof *t->window);
    if (!t->order || !t->window)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < count; i++)
        for (uint32_t f = 0, h = grids[i].h / merge, w = grids[i].w / merge; f < grids[i].t; f++, first += h * w)
            at = cut_frame(t, first, h, w, at);
    return OCRVL_OK;
}

/* ---- places ------------------------------------------------------------------------------------------ */

/* The rotary table of a patch: the first half of the frequencies turns by row, the second by column. */
static void turn_patch(const ocrvl_tower *t, size_t at, uint32_t row, uint32_t column)
{
    size_t quarter = t->c->v_head_dim / 4;
    for (size_t j = 0; j < 2 * quarter; j++) {
        float angle = (float)(j < quarter ? row : column) * t->e->m->v_freq[j % quarter];
        ocrvl_rope_angle(angle, &t->cos[at * 2 * quarter + j], &t->sin[at * 2 * quarter + j]);
    }
}

/* Row `row` of `rows` along a side of the learned grid, from corner to corner: between which two of its lines it is,
 * and how far from the first. */
static size_t along(size_t side, uint32_t row, uint32_t rows, size_t *next, float *part)
{
    float at = rows > 1 ? (float)row * ((float)(side - 1) / (float)(rows - 1)) : 0;
    size_t line = (size_t)at < side - 1 ? (size_t)at : side - 1;
    *next = line + 1 < side ? line + 1 : line;
    *part = at - (float)line;
    return line;
}

/* Adds to a patch the learned vector of its place, interpolated between four. */
static void add_place(const ocrvl_tower *t, float *x, uint32_t row, uint32_t column, ocrvl_patch_grid g)
{
    size_t side = t->c->v_places, d = t->c->v_width, y1, x1;
    float fy, fx;
    size_t y0 = along(side, row, g.h, &y1, &fy), x0 = along(side, column, g.w, &x1, &fx);
    const float *p = t->e->m->places, *a = p + (y0 * side + x0) * d, *b = p + (y0 * side + x1) * d;
    const float *c = p + (y1 * side + x0) * d, *e = p + (y1 * side + x1) * d;
    float wa = (1 - fy) * (1 - fx), wb = (1 - fy) * fx, wc = fy * (1 - fx), we = fy * fx;
    for (size_t j = 0; j < d; j++)
        x[j] += wa * a[j] + wb * b[j] + wc * c[j] + we * e[j];
}

ocrvl_status ocrvl_tower_place(ocrvl_tower *t, const ocrvl_patch_grid *grids, size_t count, float *x, ocrvl_error *err)
{
    size_t at = 0, f = 0;
    uint32_t *rows = ocrvl_alloc_array(t->longest, 2 * sizeof *rows), *columns = rows + t->longest;
    if (!rows)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < count; i++) {
        size_t n = (size_t)grids[i].h * grids[i].w;
        ocrvl_vision_positions(grids[i], t->c->merge, rows, columns);
        for (uint32_t frame = 0; frame < grids[i].t; frame++, at += n) {
            t->frame[f++] = at;
            for (size_t p = 0; p < n; p++) {
                turn_patch(t, at + p, rows[p], columns[p]);
                if (t->e->m->places)
                    add_place(t, x + (at + p) * t->c->v_width, rows[p], columns[p], grids[i]);
            }
        }
    }
    t->frame[f] = at;
    ocrvl_free(rows);
    return OCRVL_OK;
}
