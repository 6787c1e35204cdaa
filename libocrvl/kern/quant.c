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

/* The scale of a block, rounded to bfloat16. With 4 bits the largest number becomes -8, which reaches further than
 * 7. */
static float scale_of(ocrvl_gemm_mode w, const float *x, size_t n, uint16_t *bf16)
{
    float most = 0, scale;
    for (size_t i = 0; i < n; i++)
        if (fabsf(x[i]) > fabsf(most))
            most = x[i];
    scale = w == OCRVL_GEMM_INT8 ? fabsf(most) / 127 : most / -8;
    ocrvl_kern_plain.narrow(bf16, &scale, 1);
    ocrvl_kern_plain.widen(&scale, bf16, OCRVL_BF16, 1);
    return scale;
}

static unsigned code_of(float x, float scale, int zero, int least, int most)
{
    float q = scale != 0 ? rintf(x / scale) : 0;
    int i = !(q >= (float)least) ? least : q > (float)most ? most : (int)q; /* NaN is the least */
    return (unsigned)(i + zero);
}

void ocrvl_quant_pack(ocrvl_gemm_mode w, const float *rows, size_t k, uint8_t *codes, uint16_t *scales)
{
    size_t block = ocrvl_gemm_mode_block(w);
    memset(codes, w == OCRVL_GEMM_INT8 ? 128 : 0x88, ocrvl_quant_codes(w, k));
    for (size_t r = 0; r < OCRVL_PANEL; r++)
        for (size_t k0 = 0; k0 < k; k0 += block) {
            size_t n = k - k0 < block ? k - k0 : block;
            const float *x = rows + r * k + k0;
            float scale = scale_of(w, x, n, &scales[k0 / block * OCRVL_PANEL + r]);
            for (size_t i = 0; i < n; i++) {
                size_t at = k0 + i;
                if (w == OCRVL_GEMM_INT8) {
                    codes[at / 4 * 64 + r * 4 + at % 4] = (uint8_t)code_of(x[i], scale, 128, -127, 127);
                    continue;
                }
                uint8_t *to = &codes[at / 8 * 64 + r * 4 + at % 4];
                unsigned q = code_of(x[i], scale, 8, -8, 7);
                *to = (uint8_t)(at % 8 < 4 ? (*to & 0xF0) | q : (*to & 0x0F) | q << 4);
            }
        }
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
