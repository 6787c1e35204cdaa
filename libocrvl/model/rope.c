#include "model/rope.h"

#include <math.h>

#include "base/error.h"
#include "base/maths.h"

void ocrvl_rope_frequencies(float *freq, size_t n, double theta)
{
    for (size_t i = 0; i < n; i++)
        freq[i] = 1.0f / (float)ocrvl_pow(theta, (double)((float)i / (float)n));
}

void ocrvl_rope_angle(float angle, float *cos, float *sin)
{
    double s, c;
    ocrvl_sincos((double)angle, &s, &c);
    *cos = (float)c;
    *sin = (float)s;
}

void ocrvl_vision_positions(ocrvl_patch_grid g, size_t merge, uint32_t *rows, uint32_t *columns)
{
    size_t at = 0;
    for (uint32_t by = 0; by < g.h; by += (uint32_t)merge)
        for (uint32_t bx = 0; bx < g.w; bx += (uint32_t)merge)
            for (uint32_t y = by; y < by + merge; y++)
                for (uint32_t x = bx; x < bx + merge; x++, at++) {
                    rows[at] = y;
                    columns[at] = x;
                }
}

void ocrvl_mrope_turn(const float *freq, const size_t sections[3], bool mixed, const int32_t pos[3], float *cos,
                      float *sin)
{
    size_t half = sections[0] + sections[1] + sections[2];
    for (size_t i = 0; i < half; i++) {
        size_t axis = mixed                           ? (i < 3 * sections[i % 3] ? i % 3 : 0)
                      : i < sections[0]               ? 0
                      : i < sections[0] + sections[1] ? 1
                                                      : 2;
        float angle = (float)pos[axis] * freq[i]; /* a float32 product, as the reference's */
        ocrvl_rope_angle(angle, &cos[i], &sin[i]);
    }
}

/* The place on the time axis of slot t, from the grid's first on. */
static int32_t slot_time(ocrvl_patch_grid g, uint32_t t)
{
    return g.step > 0 ? (int32_t)fminf((float)t * g.step, 1 << 24) : (int32_t)t; /* in float32, as the reference */
}

/* Writes the positions of one grid from token i on; returns how many tokens it has. */
static size_t place_grid(ocrvl_patch_grid g, size_t merge, size_t count, size_t i, int32_t start, int32_t *pos)
{
    uint32_t h = g.h / (uint32_t)merge, w = g.w / (uint32_t)merge;
    size_t n = 0;
    for (uint32_t t = 0; t < g.t; t++)
        for (uint32_t y = 0; y < h; y++)
            for (uint32_t x = 0; x < w; x++, n++) {
                pos[i + n] = start + slot_time(g, t);
                pos[count + i + n] = start + (int32_t)y;
                pos[2 * count + i + n] = start + (int32_t)x;
            }
    return n;
}

static int32_t greatest(ocrvl_patch_grid g, size_t merge)
{
    int32_t h = (int32_t)(g.h / merge), w = (int32_t)(g.w / merge), t = slot_time(g, g.t - 1) + 1, m = t > h ? t : h;
    return m > w ? m : w;
}

ocrvl_status ocrvl_mrope_positions(const int32_t *ids, size_t count, const ocrvl_patch_grid *grids, size_t grid_count,
                                   size_t merge, int32_t image_token, int32_t video_token, int32_t *pos, int32_t *delta,
                                   ocrvl_error *err)
{
    size_t used = 0;
    int32_t at = 0;
    if (count > INT32_MAX / 4)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "the prompt is too long: %zu tokens", count);
    for (size_t i = 0; i < count;) {
        if (ids[i] != image_token && ids[i] != video_token) {
            pos[i] = pos[count + i] = pos[2 * count + i] = at++;
            i++;
            continue;
        }
        if (used == grid_count)
            return ocrvl_fail(err, OCRVL_E_ARG, "the prompt has more placeholders than images");
        ocrvl_patch_grid g = grids[used++];
        uint64_t n = (uint64_t)g.t * (g.h / merge) * (g.w / merge);
        if (n == 0 || n > count - i)
            return ocrvl_fail(err, OCRVL_E_ARG, "the placeholders of image %zu are not as many as its visual tokens",
                              used);
        for (size_t k = 0; k < n; k++)
            if (ids[i + k] != ids[i])
                return ocrvl_fail(err, OCRVL_E_ARG,
                                  "the placeholders of image %zu are not as many as its visual tokens", used);
        i += place_grid(g, merge, count, i, at, pos);
        at += greatest(g, merge);
    }
    if (used != grid_count)
        return ocrvl_fail(err, OCRVL_E_ARG, "the prompt has fewer placeholders than images");
    *delta = at - (int32_t)count;
    return OCRVL_OK;
}
