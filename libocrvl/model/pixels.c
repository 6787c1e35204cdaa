#include "model/pixels.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* Python's round(n / factor) * factor: halves to the even multiple. The division is in double, as there. */
static uint64_t round_to(uint64_t n, uint64_t factor)
{
    return (uint64_t)nearbyint((double)n / (double)factor) * factor;
}

ocrvl_status ocrvl_smart_resize(uint64_t height, uint64_t width, uint64_t factor, uint64_t min_pixels,
                                uint64_t max_pixels, uint64_t *out_height, uint64_t *out_width, ocrvl_error *err)
{
    double h = (double)height, w = (double)width, f = (double)factor;
    *out_height = *out_width = 0;
    if (!height || !width || height > 1u << 30 || width > 1u << 30)
        return ocrvl_fail(err, OCRVL_E_ARG, "an image of %llu x %llu pixels has no area or is too large",
                          (unsigned long long)width, (unsigned long long)height);
    if ((h > w ? h / w : w / h) > 200)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "an image of %llu x %llu pixels has an aspect ratio over 200:1",
                          (unsigned long long)width, (unsigned long long)height);
    uint64_t hb = round_to(height, factor), wb = round_to(width, factor);
    if (hb * wb > max_pixels) {
        double beta = sqrt(h * w / (double)max_pixels);
        hb = (uint64_t)floor(h / beta / f) * factor;
        wb = (uint64_t)floor(w / beta / f) * factor;
        hb = hb < factor ? factor : hb;
        wb = wb < factor ? factor : wb;
    } else if (hb * wb < min_pixels) {
        double beta = sqrt((double)min_pixels / (h * w));
        hb = (uint64_t)ceil(h * beta / f) * factor;
        wb = (uint64_t)ceil(w * beta / f) * factor;
    }
    *out_height = hb;
    *out_width = wb;
    return OCRVL_OK;
}

/* ---- patches ----------------------------------------------------------------------------------------- */

size_t ocrvl_patch_size(const ocrvl_config *c) { return 3 * c->temporal * c->patch * c->patch; }

/* One patch at (y0, x0) of frames [temporal]: [3][temporal][patch][patch] */
static void one_patch(const ocrvl_config *c, const float table[3][256], const uint8_t *const *frames, size_t width,
                      size_t channels, size_t y0, size_t x0, float *out)
{
    size_t area = c->patch * c->patch;
    for (size_t ch = 0; ch < 3; ch++)
        for (size_t t = 0; t < c->temporal; t++, out += area) {
            if (t > 0 && frames[t] == frames[t - 1]) {
                memcpy(out, out - area, area * sizeof *out);
                continue;
            }
            for (size_t y = 0; y < c->patch; y++)
                for (size_t x = 0; x < c->patch; x++)
                    out[y * c->patch + x] =
                        table[ch][frames[t][((y0 + y) * width + x0 + x) * channels + (channels == 3 ? ch : 0)]];
        }
}

void ocrvl_patchify_frames(const ocrvl_config *c, const uint8_t *const *frames, size_t height, size_t width,
                           size_t channels, float *out)
{
    float table[3][256]; /* rescaled in double, then float32: (x - mean) / std */
    size_t size = ocrvl_patch_size(c), side = c->patch * c->merge;
    for (size_t ch = 0; ch < 3; ch++)
        for (size_t v = 0; v < 256; v++)
            table[ch][v] = ((float)((double)v * c->rescale) - c->mean[ch]) / c->std[ch];
    for (size_t by = 0; by < height; by += side)
        for (size_t bx = 0; bx < width; bx += side)
            for (size_t my = 0; my < c->merge; my++)
                for (size_t mx = 0; mx < c->merge; mx++, out += size)
                    one_patch(c, (const float(*)[256])table, frames, width, channels, by + my * c->patch,
                              bx + mx * c->patch, out);
}

void ocrvl_patchify(const ocrvl_config *c, const uint8_t *picture, size_t height, size_t width, size_t channels,
                    float *out)
{
    const uint8_t *frames[OCRVL_MAX_TEMPORAL]; /* a still picture is every frame */
    for (size_t t = 0; t < c->temporal; t++)
        frames[t] = picture;
    ocrvl_patchify_frames(c, frames, height, width, channels, out);
}
