#include "base/resample.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

enum { FRACTION = 22 }; /* bits of the fixed-point weights */

typedef struct weights {
    size_t taps;    /* room for each output's weights */
    size_t *first;  /* [n] first input that counts */
    size_t *count;  /* [n] how many do */
    int32_t *value; /* [n][taps] */
} weights;

double ocrvl_cubic(double x)
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
            k[j - a] = ocrvl_cubic(((double)j - centre + 0.5) * inverse);
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
    bool down_first =
        pillow13 && out_height < height && (double)(height - out_height) > 2 * ((double)width - (double)out_width);
    uint8_t *middle = resample(src, height, width, channels, down_first ? out_height : out_width, !down_first);
    *out = NULL;
    if (!middle)
        return ocrvl_fail_nomem(err);
    *out = resample(middle, down_first ? out_height : height, down_first ? width : out_width, channels,
                    down_first ? out_width : out_height, down_first);
    ocrvl_free(middle);
    return *out ? OCRVL_OK : ocrvl_fail_nomem(err);
}
