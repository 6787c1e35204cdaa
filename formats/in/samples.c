#include "in/samples.h"

#include <math.h>
#include <string.h>

bool ocrvl_samples_begin(ocrvl_samples *s, ocrvl_sample_kind kind, unsigned bits)
{
    bool whole = bits == 24 || bits == 32 || bits == 64;
    bool fine = kind == OCRVL_SAMPLE_UNSIGNED ? bits >= 1 && (bits <= 16 || whole)
                : kind == OCRVL_SAMPLE_SIGNED ? bits == 8 || bits == 16 || whole
                                              : bits == 16 || whole;
    double half = ldexp(1, (int)bits - 1);
    *s = (ocrvl_samples){.kind = kind, .bits = bits, .high = 1, .least = INFINITY, .most = -INFINITY};
    if (kind == OCRVL_SAMPLE_UNSIGNED)
        s->high = 2 * half - 1;
    if (kind == OCRVL_SAMPLE_SIGNED) {
        s->low = -half;
        s->high = half - 1;
    }
    return fine;
}

/* Of `exponent` bits above `fraction` bits, as IEEE 754's binary16 and TIFF's 24 bits have them. */
static double small_float(uint32_t v, unsigned exponent, unsigned fraction)
{
    int bias = (1 << (exponent - 1)) - 1, e = (int)(v >> fraction & ((1u << exponent) - 1));
    double m = ldexp(v & ((1u << fraction) - 1), -(int)fraction);
    double value = e ? ldexp(1 + m, e - bias) : ldexp(m, 1 - bias);
    if (e == (1 << exponent) - 1)
        return NAN;
    return v >> (exponent + fraction) & 1 ? -value : value;
}

static uint32_t triple(const uint8_t *p)
{
    uint16_t one = 1;
    uint8_t little;
    memcpy(&little, &one, 1);
    return little ? (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0]
                  : (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static double float_sample(const ocrvl_samples *s, const uint8_t *row, size_t i)
{
    uint16_t half;
    float single;
    double v;
    switch (s->bits) {
    case 16: memcpy(&half, row + 2 * i, 2); return small_float(half, 5, 10);
    case 24: return small_float(triple(row + 3 * i), 7, 16);
    case 32: memcpy(&single, row + 4 * i, 4); return (double)single;
    default: memcpy(&v, row + 8 * i, 8); return v;
    }
}

static uint64_t whole_sample(const ocrvl_samples *s, const uint8_t *row, size_t i)
{
    uint16_t two;
    uint32_t four, v = 0;
    uint64_t eight;
    switch (s->bits) {
    case 8: return row[i];
    case 16: memcpy(&two, row + 2 * i, 2); return two;
    case 24: return triple(row + 3 * i);
    case 32: memcpy(&four, row + 4 * i, 4); return four;
    case 64: memcpy(&eight, row + 8 * i, 8); return eight;
    case 1: return row[i / 8] >> (7 - i % 8) & 1;
    default:
        for (size_t b = i * s->bits; b < (i + 1) * s->bits; b++)
            v = v << 1 | (row[b / 8] >> (7 - b % 8) & 1);
        return v;
    }
}

uint64_t ocrvl_sample_whole(const ocrvl_samples *s, const uint8_t *row, size_t i) { return whole_sample(s, row, i); }

static double value(const ocrvl_samples *s, const uint8_t *row, size_t i)
{
    if (s->kind == OCRVL_SAMPLE_FLOAT) {
        double v = float_sample(s, row, i);
        return isfinite(v) ? v : 0;
    }
    uint64_t v = whole_sample(s, row, i);
    bool minus = s->kind == OCRVL_SAMPLE_SIGNED && v >> (s->bits - 1) & 1;
    return minus ? (double)v - ldexp(1, (int)s->bits) : (double)v;
}

void ocrvl_samples_measure(ocrvl_samples *s, const uint8_t *row, size_t i)
{
    double v = value(s, row, i);
    s->least = v < s->least ? v : s->least;
    s->most = v > s->most ? v : s->most;
}

bool ocrvl_samples_are_clear(const ocrvl_samples *s)
{
    return s->kind == OCRVL_SAMPLE_UNSIGNED && s->most * 16 >= s->high;
}

static void settle_unsigned(ocrvl_samples *s)
{
    static const int usual[] = {1, 2, 4, 8, 10, 12, 14, 16, 24};
    size_t k = 0, n = sizeof usual / sizeof *usual;
    while (k < n && ldexp(1, usual[k]) - 1 < s->most)
        k++;
    if (k == n || !(s->most > 0) || ocrvl_samples_are_clear(s))
        return;
    s->narrow = true;
    s->high = ldexp(1, usual[k]) - 1;
}

void ocrvl_samples_settle(ocrvl_samples *s)
{
    if (s->kind == OCRVL_SAMPLE_UNSIGNED) {
        settle_unsigned(s);
        return;
    }
    const double usual[][2] = {
        {0, 1}, {-1, 1}, {0, 255}, {0, 65535}, {0, s->kind == OCRVL_SAMPLE_SIGNED ? s->high : 0}, {s->low, s->high}};
    size_t first = s->kind == OCRVL_SAMPLE_FLOAT ? 0 : 2;
    if (!(s->least <= s->most))
        return;
    for (size_t k = first; k < sizeof usual / sizeof *usual; k++) {
        double low = usual[k][0], high = usual[k][1];
        bool enough = (s->most - s->least) * 16 >= high - low || s->most == s->least;
        bool sayable = s->kind == OCRVL_SAMPLE_FLOAT || high <= s->high;
        if (s->least < low || s->most > high || !enough || !sayable)
            continue;
        s->low = low;
        s->high = high;
        return;
    }
    s->low = s->least;
    s->high = s->most > s->least ? s->most : s->least + 1;
}

uint8_t ocrvl_sample_byte(const ocrvl_samples *s, const uint8_t *row, size_t i)
{
    if (s->kind == OCRVL_SAMPLE_UNSIGNED && !s->narrow) {
        uint64_t v = whole_sample(s, row, i);
        return (uint8_t)(s->bits > 8 ? v >> (s->bits - 8) : s->bits == 8 ? v : v * 255 / ((1u << s->bits) - 1));
    }
    double byte = (value(s, row, i) - s->low) / (s->high - s->low) * 255 + 0.5;
    return byte < 0 ? 0 : byte > 255 ? 255 : (uint8_t)byte;
}
