#include "model/pixels.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

/* Python's round(n / factor) * factor: halves to the even multiple. The division is in double, as there. */
static uint64_t round_to(uint64_t n, uint64_t factor) { return (uint64_t)nearbyint((double)n / (double)factor) * factor; }

ocrvl_status ocrvl_smart_resize(uint64_t height, uint64_t width, uint64_t factor, uint64_t min_pixels,
                                uint64_t max_pixels, uint64_t *out_height, uint64_t *out_width, ocrvl_error *err)
{
    double h = (double)height, w = (double)width, f = (double)factor;
    *out_height = *out_width = 0;
    if (!height || !width || height > 1u << 30 || width > 1u << 30)
        return ocrvl_fail(err, OCRVL_E_ARG, "a picture of %llu x %llu pixels", (unsigned long long)width,
                          (unsigned long long)height);
    if ((h > w ? h / w : w / h) > 200)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "a picture of %llu x %llu pixels is longer than 200:1",
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

/* ---- Pillow's resampling ----------------------------------------------------------------------------- */

enum { FRACTION = 22 }; /* bits of the fixed-point weights */

typedef struct weights {
    size_t taps;    /* room for each output's weights */
    size_t *first;  /* [n] first input that counts */
    size_t *count;  /* [n] how many do */
    int32_t *value; /* [n][taps] */
} weights;

static double cubic(double x)
{
    x = fabs(x);
    if (x < 1)
        return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

static void free_weights(weights *w)
{
    ocrvl_free(w->first);
    ocrvl_free(w->count);
    ocrvl_free(w->value);
}

/* The weights that make `out` samples of `in`: the support grows when shrinking. */
static bool make_weights(weights *w, size_t in, size_t out)
{
    double scale = (double)in / (double)out, wide = scale > 1 ? scale : 1, support = 2 * wide, inverse = 1 / wide;
    w->taps = (size_t)ceil(support) * 2 + 1;
    w->first = ocrvl_alloc_array(out, sizeof *w->first);
    w->count = ocrvl_alloc_array(out, sizeof *w->count);
    w->value = ocrvl_alloc_array(out, w->taps * sizeof *w->value);
    double *k = ocrvl_alloc_array(w->taps, sizeof *k);
    bool ok = w->first && w->count && w->value && k;
    for (size_t i = 0; ok && i < out; i++) {
        double centre = ((double)i + 0.5) * scale, total = 0;
        double lo = centre - support + 0.5, hi = centre + support + 0.5;
        size_t a = lo < 0 ? 0 : (size_t)lo, b = hi > (double)in ? in : (size_t)hi;
        for (size_t j = a; j < b; j++) {
            k[j - a] = cubic(((double)j - centre + 0.5) * inverse);
            total += k[j - a];
        }
        w->first[i] = a;
        w->count[i] = b - a;
        for (size_t j = 0; j < b - a; j++) {
            double v = k[j] / total * (1 << FRACTION);
            w->value[i * w->taps + j] = (int32_t)(k[j] / total < 0 ? v - 0.5 : v + 0.5);
        }
    }
    ocrvl_free(k);
    return ok;
}

static uint8_t clip(int32_t acc)
{
    acc >>= FRACTION;
    return (uint8_t)(acc < 0 ? 0 : acc > 255 ? 255 : acc);
}

/* src [rows][in][channels] -> dst [rows][out][channels] */
static void pass_across(uint8_t *dst, const uint8_t *src, size_t rows, size_t in, size_t out, size_t channels,
                        const weights *w)
{
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < out; x++)
            for (size_t c = 0; c < channels; c++) {
                const uint8_t *p = src + (y * in + w->first[x]) * channels + c;
                const int32_t *k = w->value + x * w->taps;
                int32_t acc = 1 << (FRACTION - 1);
                for (size_t j = 0; j < w->count[x]; j++)
                    acc += k[j] * p[j * channels];
                dst[(y * out + x) * channels + c] = clip(acc);
            }
}

/* src [in][row] -> dst [out][row], row bytes wide */
static void pass_down(uint8_t *dst, const uint8_t *src, size_t row, size_t out, const weights *w, int32_t *acc)
{
    for (size_t y = 0; y < out; y++) {
        for (size_t i = 0; i < row; i++)
            acc[i] = 1 << (FRACTION - 1);
        for (size_t j = 0; j < w->count[y]; j++) {
            const uint8_t *p = src + (w->first[y] + j) * row;
            int32_t k = w->value[y * w->taps + j];
            for (size_t i = 0; i < row; i++)
                acc[i] += k * p[i];
        }
        for (size_t i = 0; i < row; i++)
            dst[y * row + i] = clip(acc[i]);
    }
}

/* One pass over new memory; a pass that keeps the size only copies, as Pillow leaves it out. */
static uint8_t *resample(const uint8_t *src, size_t height, size_t width, size_t channels, size_t out, bool across)
{
    size_t in = across ? width : height, row = width * channels;
    uint8_t *dst = ocrvl_realloc_array(NULL, across ? height * out : out * width, channels);
    if (!dst || in == out) {
        if (dst)
            memcpy(dst, src, height * row);
        return dst;
    }
    weights w = {0};
    int32_t *acc = ocrvl_alloc_array(row, sizeof *acc);
    bool ok = acc && make_weights(&w, in, out);
    if (ok && across)
        pass_across(dst, src, height, width, out, channels, &w);
    else if (ok)
        pass_down(dst, src, row, out, &w, acc);
    free_weights(&w);
    ocrvl_free(acc);
    if (ok)
        return dst;
    ocrvl_free(dst);
    return NULL;
}

ocrvl_status ocrvl_resize_bicubic(uint8_t **out, const uint8_t *src, size_t height, size_t width, size_t channels,
                                  size_t out_height, size_t out_width, bool pillow13, ocrvl_error *err)
{
    bool down_first = pillow13 && out_height < height &&
                      (double)(height - out_height) > 2 * ((double)width - (double)out_width);
    uint8_t *middle = resample(src, height, width, channels, down_first ? out_height : out_width, !down_first);
    *out = NULL;
    if (!middle)
        return ocrvl_fail_nomem(err);
    *out = resample(middle, down_first ? out_height : height, down_first ? width : out_width, channels,
                    down_first ? out_width : out_height, down_first);
    ocrvl_free(middle);
    return *out ? OCRVL_OK : ocrvl_fail_nomem(err);
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
