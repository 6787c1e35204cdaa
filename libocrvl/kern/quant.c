#include "kern/quant.h"

#include <math.h>
#include <string.h>

static size_t blocks_of(ocrvl_gemm_mode w, size_t k)
{
    return (k + ocrvl_gemm_mode_block(w) - 1) / ocrvl_gemm_mode_block(w);
}

size_t ocrvl_gemm_mode_block(ocrvl_gemm_mode w) { return w == OCRVL_GEMM_INT8 ? OCRVL_INT8_BLOCK : OCRVL_INT4_BLOCK; }

size_t ocrvl_quant_codes(ocrvl_gemm_mode w, size_t k)
{
    return blocks_of(w, k) * ocrvl_gemm_mode_block(w) * OCRVL_PANEL / (w == OCRVL_GEMM_INT8 ? 1 : 2);
}

size_t ocrvl_quant_scales(ocrvl_gemm_mode w, size_t k) { return blocks_of(w, k) * OCRVL_PANEL; }

static float as_stored(float scale, uint16_t *bf16)
{
    ocrvl_kern_plain.narrow(bf16, &scale, 1);
    ocrvl_kern_plain.widen(&scale, bf16, OCRVL_BF16, 1);
    return scale;
}

/* ---- 8 bits: loops of a fixed length without branches, which compilers make vectors of -------------------------- */

/* Added and taken away again it rounds numbers of less than 2^22 as rintf does. */
#define TO_WHOLE 12582912.0f

/* The codes of a block of n numbers, those after them for 0; their scale, the largest magnitude (NaN apart) / 127. */
static void round_block(uint8_t codes[OCRVL_INT8_BLOCK], const float *x, size_t n, uint16_t *bf16)
{
    float full[OCRVL_INT8_BLOCK] = {0}, most;
    int32_t bits[OCRVL_INT8_BLOCK], largest = 0;
    memcpy(full, x, n * sizeof *x);
    memcpy(bits, full, sizeof bits);
    for (size_t i = 0; i < OCRVL_INT8_BLOCK; i++) { /* magnitudes are ordered as their bits are */
        int32_t b = bits[i] & 0x7FFFFFFF;
        b = b > 0x7F800000 ? 0 : b;
        largest = b > largest ? b : largest;
    }
    memcpy(&most, &largest, sizeof most);
    float scale = as_stored(most / 127, bf16), by = scale != 0 ? scale : INFINITY;
    for (size_t i = 0; i < OCRVL_INT8_BLOCK; i++) {
        float q = full[i] / by + TO_WHOLE - TO_WHOLE;
        q = q >= -127 ? q : -127; /* NaN is the least */
        q = q > 127 ? 127 : q;
        codes[i] = (uint8_t)((int)q + 128);
    }
}

static void pack_int8(const float *rows, size_t k, uint8_t *codes, uint16_t *scales)
{
    uint8_t block[OCRVL_INT8_BLOCK];
    for (size_t r = 0; r < OCRVL_PANEL; r++)
        for (size_t k0 = 0; k0 < k; k0 += sizeof block) {
            size_t n = k - k0 < sizeof block ? k - k0 : sizeof block;
            round_block(block, rows + r * k + k0, n, &scales[k0 / sizeof block * OCRVL_PANEL + r]);
            for (size_t i = 0; i < sizeof block; i += 4)
                memcpy(codes + (k0 + i) * OCRVL_PANEL + r * 4, block + i, 4);
        }
}

/* ---- 4 bits ------------------------------------------------------------------------------------------------- */

/* The scale of a block: the largest number becomes -8, which reaches further than 7. */
static float scale_of(const float *x, size_t n, uint16_t *bf16)
{
    float most = 0;
    for (size_t i = 0; i < n; i++)
        if (fabsf(x[i]) > fabsf(most))
            most = x[i];
    return as_stored(most / -8, bf16);
}

static unsigned code_of(float x, float scale)
{
    float q = scale != 0 ? rintf(x / scale) : 0;
    int i = !(q >= -8) ? -8 : q > 7 ? 7 : (int)q; /* NaN is the least */
    return (unsigned)(i + 8);
}

static void pack_int4(const float *rows, size_t k, uint8_t *codes, uint16_t *scales)
{
    const size_t block = OCRVL_INT4_BLOCK;
    memset(codes, 0x88, ocrvl_quant_codes(OCRVL_GEMM_INT4, k));
    for (size_t r = 0; r < OCRVL_PANEL; r++)
        for (size_t k0 = 0; k0 < k; k0 += block) {
            size_t n = k - k0 < block ? k - k0 : block;
            const float *x = rows + r * k + k0;
            float scale = scale_of(x, n, &scales[k0 / block * OCRVL_PANEL + r]);
            for (size_t i = 0; i < n; i++) {
                size_t at = k0 + i;
                uint8_t *to = &codes[at / 8 * 64 + r * 4 + at % 4];
                unsigned q = code_of(x[i], scale);
                *to = (uint8_t)(at % 8 < 4 ? (*to & 0xF0) | q : (*to & 0x0F) | q << 4);
            }
        }
}

void ocrvl_quant_pack(ocrvl_gemm_mode w, const float *rows, size_t k, uint8_t *codes, uint16_t *scales)
{
    (w == OCRVL_GEMM_INT8 ? pack_int8 : pack_int4)(rows, k, codes, scales);
}

void ocrvl_quant_unpack(ocrvl_gemm_mode w, const uint8_t *codes, const uint16_t *scales, size_t k, float *rows)
{
    size_t block = ocrvl_gemm_mode_block(w);
    for (size_t r = 0; r < OCRVL_PANEL; r++)
        for (size_t k0 = 0; k0 < k; k0 += block) {
            float scale;
            ocrvl_kern_plain.widen(&scale, &scales[k0 / block * OCRVL_PANEL + r], OCRVL_BF16, 1);
            for (size_t at = k0; at < k && at < k0 + block; at++) {
                int code = w == OCRVL_GEMM_INT8
                               ? codes[at / 4 * 64 + r * 4 + at % 4] - 128
                               : (codes[at / 8 * 64 + r * 4 + at % 4] >> (at % 8 < 4 ? 0 : 4) & 15) - 8;
                rows[r * k + at] = (float)code * scale;
            }
        }
}
