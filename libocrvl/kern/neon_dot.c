/* NEON with dot products of bytes (SDOT); the rest is as in neon.c. */
#include "kern/arm.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define NAME(x) neon_dot_##x
#include "kern/elem.inc"

enum { STEP = 16 }; /* numbers of a row in one vector of activations */

/* acc[i][v] += fours first..first+3 along k of the codes at w, of 16 columns, times fours 0..3 of x[i]. The offset 128
 * of 8-bit codes is subtracted here; the offset 8 of 4-bit codes isn't. */
#define SDOT(v, codes, lane)                                                                                           \
    _Pragma("GCC unroll 4") for (size_t i = 0; i < mr; i++) acc[i][v] = vdotq_laneq_s32(acc[i][v], codes, x[i], lane);
#define FOUR_OF_8(lane)                                                                                                \
    _Pragma("GCC unroll 4") for (size_t v = 0; v < 4; v++)                                                             \
    {                                                                                                                  \
        int8x16_t codes = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(w + 64 * (lane) + 16 * v), vdupq_n_u8(128)));          \
        SDOT(v, codes, lane)                                                                                           \
    }
#define FOURS_OF_4(lane)                                                                                               \
    _Pragma("GCC unroll 4") for (size_t v = 0; v < 4; v++)                                                             \
    {                                                                                                                  \
        uint8x16_t codes = vld1q_u8(w + 32 * (lane) + 16 * v);                                                         \
        SDOT(v, vreinterpretq_s8_u8(vandq_u8(codes, vdupq_n_u8(15))), lane)                                            \
        SDOT(v, vreinterpretq_s8_u8(vshrq_n_u8(codes, 4)), lane + 1)                                                   \
    }

/* mr rows by one panel; mr and bits are constants where this is called. */
static inline __attribute__((always_inline)) void quant_block(const ocrvl_quant_args *q, const size_t mr,
                                                              const int bits, size_t i0, size_t p)
{
    const size_t block = bits == 8 ? OCRVL_INT8_BLOCK : OCRVL_INT4_BLOCK;
    const int8_t *a = q->a + i0 * q->lda;
    const uint8_t *w = q->w + p * q->w_stride;
    const uint16_t *s = q->s + p * q->s_stride;
    float *c = q->c + i0 * q->ldc + p * OCRVL_PANEL;
    float32x4_t sum[4][4];
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            sum[i][v] = q->more ? vld1q_f32(c + i * q->ldc + 4 * v) : vdupq_n_f32(0);
    for (size_t b = 0; b < q->blocks; b++) {
        int32x4_t acc[4][4];
#pragma GCC unroll 4
        for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
            for (size_t v = 0; v < 4; v++)
                acc[i][v] = vdupq_n_s32(bits == 8 ? 0 : q->zero[(i0 + i) * q->ldb + b]);
        for (size_t kk = 0; kk < block; kk += STEP, w += STEP * OCRVL_PANEL * bits / 8, a += STEP) {
            int8x16_t x[4];
#pragma GCC unroll 4
            for (size_t i = 0; i < mr; i++)
                x[i] = vld1q_s8(a + i * q->lda);
            if (bits == 8) {
                FOUR_OF_8(0)
                FOUR_OF_8(1)
                FOUR_OF_8(2)
                FOUR_OF_8(3)
            } else {
                FOURS_OF_4(0)
                FOURS_OF_4(2)
            }
        }
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++) {
            float32x4_t scale = vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(s + b * OCRVL_PANEL + 4 * v), 16));
#pragma GCC unroll 4
            for (size_t i = 0; i < mr; i++)
                sum[i][v] =
                    vfmaq_f32(sum[i][v], vcvtq_f32_s32(acc[i][v]), vmulq_n_f32(scale, q->scale[(i0 + i) * q->ldb + b]));
        }
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            vst1q_f32(c + i * q->ldc + 4 * v, sum[i][v]);
}

static inline __attribute__((always_inline)) void quant_tile(const ocrvl_quant_args *q, const int bits)
{
    for (size_t p = 0; p < q->panels; p++)
        for (size_t i = 0; i < q->m;) {
            size_t mr = q->m - i < 4 ? q->m - i : 4;
            switch (mr) {
            case 1: quant_block(q, 1, bits, i, p); break;
            case 2: quant_block(q, 2, bits, i, p); break;
            case 3: quant_block(q, 3, bits, i, p); break;
            default: quant_block(q, 4, bits, i, p); break;
            }
            i += mr;
        }
}

static void int8_tile(const ocrvl_quant_args *q) { quant_tile(q, 8); }

static void int4_tile(const ocrvl_quant_args *q) { quant_tile(q, 4); }

/* Like the one in x86_bf16.c: a step is four products of 4 x 4 bytes. */
static void peak_int8(size_t rounds)
{
    int32x4_t acc[OCRVL_PEAK_STEPS];
    int8x16_t x = vdupq_n_s8(0);
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        acc[i] = vdupq_n_s32(0);
    for (size_t r = 0; r < 4 * rounds; r++) {
#pragma GCC unroll 24
        for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++) {
            acc[i] = vdotq_s32(acc[i], x, x);
            __asm__("" : "+w"(acc[i]));
        }
    }
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        __asm__ volatile("" ::"w"(acc[i]));
}

const ocrvl_kern ocrvl_kern_neon_dot = TABLE("neon_dot", ocrvl_neon_tile, ocrvl_neon_dot, ocrvl_neon_pair_tile,
                                             int8_tile, int4_tile, .bf16 = true, .peak_int8 = peak_int8);
#endif
