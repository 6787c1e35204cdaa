/* The types of GGUF's tensors, and what their blocks stand for (ggml-common.h, ggml-quants.c and PyPI's gguf.quants,
 * whose numbers tests/vectors/gguf.c has). */
#include <string.h>

#include "model/gguf.h"

static float half(const uint8_t *p)
{
    uint16_t h;
    float f;
    memcpy(&h, p, sizeof h);
    ocrvl_kern_plain.widen(&f, &h, OCRVL_F16, 1);
    return f;
}

/* ---- blocks of 32: a scale, perhaps a minimum, perhaps the fifth bits, then the codes ------------------ */

/* Low halves of 16 bytes, then high halves. */
static unsigned nibble(const uint8_t *q, size_t i) { return i < 16 ? q[i] & 15u : q[i - 16] >> 4; }

static void widen_q4_0(float *out, const uint8_t *b)
{
    float d = half(b);
    for (size_t i = 0; i < 32; i++)
        out[i] = (float)((int)nibble(b + 2, i) - 8) * d;
}

static void widen_q4_1(float *out, const uint8_t *b)
{
    float d = half(b), m = half(b + 2);
    for (size_t i = 0; i < 32; i++)
        out[i] = (float)nibble(b + 4, i) * d + m;
}

static unsigned five_bits(const uint8_t *high, const uint8_t *q, size_t i)
{
    return nibble(q, i) | (high[i / 8] >> i % 8 & 1u) << 4;
}

static void widen_q5_0(float *out, const uint8_t *b)
{
    float d = half(b);
    for (size_t i = 0; i < 32; i++)
        out[i] = (float)((int)five_bits(b + 2, b + 6, i) - 16) * d;
}

static void widen_q5_1(float *out, const uint8_t *b)
{
    float d = half(b), m = half(b + 2);
    for (size_t i = 0; i < 32; i++)
        out[i] = (float)five_bits(b + 4, b + 8, i) * d + m;
}

static void widen_q8_0(float *out, const uint8_t *b)
{
    float d = half(b);
    for (size_t i = 0; i < 32; i++)
        out[i] = (float)(int8_t)b[2 + i] * d;
}

/* ---- blocks of 256 ----------------------------------------------------------------------------------- */

/* Scale and minimum of the eight parts of a block, 6 bits each in 12 bytes. */
static void scale_and_min(const uint8_t *s, size_t part, unsigned *scale, unsigned *min)
{
    if (part < 4) {
        *scale = s[part] & 63u;
        *min = s[part + 4] & 63u;
    } else {
        *scale = (s[part + 4] & 15u) | (unsigned)s[part - 4] >> 6 << 4;
        *min = (unsigned)s[part + 4] >> 4 | (unsigned)s[part] >> 6 << 4;
    }
}

/* Q4_K and Q5_K: parts of 32 numbers; two parts share 32 bytes, the first in the low halves. high: the fifth bits, bit
 * `part` of 32 bytes, or NULL. */
static void widen_k(float *out, const uint8_t *b, const uint8_t *high, const uint8_t *codes)
{
    float d = half(b), least = half(b + 2);
    for (size_t part = 0; part < 8; part++) {
        unsigned scale, min;
        scale_and_min(b + 4, part, &scale, &min);
        float by = d * (float)scale, less = least * (float)min;
        const uint8_t *q = codes + part / 2 * 32;
        for (size_t i = 0; i < 32; i++) {
            unsigned code = part % 2 ? q[i] >> 4 : q[i] & 15u;
            if (high)
                code |= (high[i] >> part & 1u) << 4;
            out[part * 32 + i] = by * (float)code - less;
        }
    }
}

static void widen_q4_k(float *out, const uint8_t *b) { widen_k(out, b, NULL, b + 16); }

static void widen_q5_k(float *out, const uint8_t *b) { widen_k(out, b, b + 16, b + 48); }

/* Halves of 128: low 4 bits in 64 bytes, high 2 bits in 32, scales of 8 bits for 16 numbers; the factor comes last. */
static void widen_q6_k(float *out, const uint8_t *b)
{
    const uint8_t *low = b, *high = b + 128;
    const int8_t *scales = (const int8_t *)b + 192;
    float d = half(b + 208);
    for (size_t i = 0; i < 256; i++) {
        size_t in = i % 128, quarter = in / 32, at = in % 32;
        uint8_t l = low[i / 128 * 64 + quarter % 2 * 32 + at];
        unsigned h = high[i / 128 * 32 + at] >> 2 * quarter & 3u;
        int code = (int)((quarter < 2 ? l & 15u : (unsigned)l >> 4) | h << 4) - 32;
        out[i] = d * (float)scales[i / 16] * (float)code;
    }
}

/* ---- the table --------------------------------------------------------------------------------------- */

static const ocrvl_gguf_type types[] = {
    {"F32", 0, 1, 4, NULL, OCRVL_F32},     {"F16", 1, 1, 2, NULL, OCRVL_F16},     {"Q4_0", 2, 32, 18, widen_q4_0, 0},
    {"Q4_1", 3, 32, 20, widen_q4_1, 0},    {"Q5_0", 6, 32, 22, widen_q5_0, 0},    {"Q5_1", 7, 32, 24, widen_q5_1, 0},
    {"Q8_0", 8, 32, 34, widen_q8_0, 0},    {"Q4_K", 12, 256, 144, widen_q4_k, 0}, {"Q5_K", 13, 256, 176, widen_q5_k, 0},
    {"Q6_K", 14, 256, 210, widen_q6_k, 0}, {"BF16", 30, 1, 2, NULL, OCRVL_BF16},
};

const ocrvl_gguf_type *ocrvl_gguf_type_of(uint32_t id)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].id == id)
            return &types[i];
    return NULL;
}

const char *ocrvl_gguf_type_name(uint32_t id)
{
    static const struct {
        uint32_t id;
        const char *name;
    } others[] = {{9, "Q8_1"},     {10, "Q2_K"},  {11, "Q3_K"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"},
                  {18, "IQ3_XXS"}, {19, "IQ1_S"}, {20, "IQ4_NL"}, {21, "IQ3_S"}, {22, "IQ2_S"},   {23, "IQ4_XS"},
                  {24, "I8"},      {25, "I16"},   {26, "I32"},    {27, "I64"},   {28, "F64"},     {29, "IQ1_M"},
                  {34, "TQ1_0"},   {35, "TQ2_0"}, {39, "MXFP4"}};
    const ocrvl_gguf_type *t = ocrvl_gguf_type_of(id);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].id == id)
            return others[i].name;
    return t ? t->name : "unknown";
}

void ocrvl_gguf_widen(const ocrvl_kern *kern, const ocrvl_gguf_type *type, float *out, const void *data, size_t n)
{
    const uint8_t *b = data;
    if (!type->widen) {
        kern->widen(out, data, type->plain, n);
        return;
    }
    for (size_t i = 0; i < n; i += type->numbers, b += type->bytes)
        type->widen(out + i, b);
}
