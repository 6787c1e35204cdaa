/* NEON, which every 64-bit ARM processor has. */
#include "kern/arm.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define NAME(x) neon_##x
#include "kern/elem.inc"

/* acc[i][v] += lane `lane` of x[i] times row kk of the panels, for a constant number of rows and of vectors of 4
 * columns. */
#define FMA_STEP(lane, kk)                                                                                             \
    _Pragma("GCC unroll 16") for (size_t v = 0; v < nv; v++)                                                           \
    {                                                                                                                  \
        float32x4_t w = vld1q_f32(b + v / 4 * stride + (kk)*OCRVL_PANEL + v % 4 * 4);                                  \
        _Pragma("GCC unroll 6") for (size_t i = 0; i < mr; i++) acc[i][v] = vfmaq_laneq_f32(acc[i][v], w, x[i], lane); \
    }

/* One block of mr rows and nv vectors of 4 columns (four to a panel); both are constants where this is called. */
static inline __attribute__((always_inline)) void block(const size_t mr, const size_t nv, size_t k, const float *a,
                                                        size_t lda, const float *b, size_t stride, float *c, size_t ldc,
                                                        bool more)
{
    float32x4_t acc[6][16], x[6];
#pragma GCC unroll 6
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 16
        for (size_t v = 0; v < nv; v++)
            acc[i][v] = more ? vld1q_f32(c + i * ldc + v * 4) : vdupq_n_f32(0);
    size_t kk = 0;
    for (; kk + 4 <= k; kk += 4) {
#pragma GCC unroll 6
        for (size_t i = 0; i < mr; i++)
            x[i] = vld1q_f32(a + i * lda + kk);
        FMA_STEP(0, kk)
        FMA_STEP(1, kk + 1)
        FMA_STEP(2, kk + 2)
        FMA_STEP(3, kk + 3)
    }
    for (; kk < k; kk++) {
#pragma GCC unroll 6
        for (size_t i = 0; i < mr; i++)
            x[i] = vld1q_dup_f32(a + i * lda + kk);
        FMA_STEP(0, kk)
    }
#pragma GCC unroll 6
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 16
        for (size_t v = 0; v < nv; v++)
            vst1q_f32(c + i * ldc + v * 4, acc[i][v]);
}

#define BLOCK(mr, np) block(mr, 4 * np, k, a, lda, b, panel_stride, c, ldc, more)

/* At most 6 rows. With few rows more panels are taken at once, so that enough sums are in flight to hide the latency of
 * each. */
static void rows(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc, bool more)
{
    while (panels) {
        size_t np = 1;
        if (m == 1 && panels >= 4) {
            np = 4;
            BLOCK(1, 4);
        } else if (m <= 3 && panels >= 2) {
            np = 2;
            switch (m) {
            case 1: BLOCK(1, 2); break;
            case 2: BLOCK(2, 2); break;
            default: BLOCK(3, 2); break;
            }
        } else {
            switch (m) {
            case 1: BLOCK(1, 1); break;
            case 2: BLOCK(2, 1); break;
            case 3: BLOCK(3, 1); break;
            case 4: BLOCK(4, 1); break;
            case 5: BLOCK(5, 1); break;
            default: BLOCK(6, 1); break;
            }
        }
        panels -= np;
        b += np * panel_stride;
        c += np * OCRVL_PANEL;
    }
}

void ocrvl_neon_tile(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                     float *c, size_t ldc, bool more)
{
    for (size_t i = 0; i < m;) {
        size_t n = m - i >= 6 ? 6 : m - i;
        rows(n, panels, k, a + i * lda, lda, b, panel_stride, c + i * ldc, ldc, more);
        i += n;
    }
}

/* ---- bfloat16, in the arithmetic of VDPBF16PS: pairs, odd elements first, each step fused, denormals zero ------- */

/* Denormals become zero in inputs and results; returns what to pass to restore_denormals. */
static inline uint64_t flush_denormals(void)
{
    uint64_t old;
    __asm__ volatile("mrs %0, fpcr" : "=r"(old)::"memory");
    __asm__ volatile("msr fpcr, %0" ::"r"(old | 1u << 24) : "memory");
    return old;
}

static inline void restore_denormals(uint64_t old) { __asm__ volatile("msr fpcr, %0" ::"r"(old) : "memory"); }

typedef struct pair_of {
    float32x4_t odd, even;
} pair_of;

static inline pair_of split(uint16x8_t p)
{
    uint32x4_t v = vreinterpretq_u32_u16(p);
    return (pair_of){vreinterpretq_f32_u32(vandq_u32(v, vdupq_n_u32(0xFFFF0000u))),
                     vreinterpretq_f32_u32(vshlq_n_u32(v, 16))};
}

/* n <= 8 elements, then zeros */
static inline uint16x8_t part(const uint16_t *p, size_t n)
{
    uint16_t v[8] = {0};
    if (n == 8)
        return vld1q_u16(p);
    memcpy(v, p, n * sizeof *v);
    return vld1q_u16(v);
}

/* Transposes 4 rows of 4 pairs: pair p of row r comes to lane r of x[p]. */
static inline __attribute__((always_inline)) void turn4(uint16x8_t x[4])
{
    uint32x4_t y[4];
    for (size_t i = 0; i < 4; i++)
        y[i] = vreinterpretq_u32_u16(x[i]);
    uint64x2_t a = vreinterpretq_u64_u32(vtrn1q_u32(y[0], y[1])), b = vreinterpretq_u64_u32(vtrn2q_u32(y[0], y[1]));
    uint64x2_t c = vreinterpretq_u64_u32(vtrn1q_u32(y[2], y[3])), d = vreinterpretq_u64_u32(vtrn2q_u32(y[2], y[3]));
    x[0] = vreinterpretq_u16_u64(vtrn1q_u64(a, c));
    x[1] = vreinterpretq_u16_u64(vtrn1q_u64(b, d));
    x[2] = vreinterpretq_u16_u64(vtrn2q_u64(a, c));
    x[3] = vreinterpretq_u16_u64(vtrn2q_u64(b, d));
}

void ocrvl_neon_pack_pairs(uint16_t *dst, const uint16_t *src, size_t rows, size_t k, size_t stride)
{
    for (size_t kk = 0; kk < k; kk += 8)
        for (size_t r = 0; r < OCRVL_PANEL; r += 4) {
            uint16x8_t x[4];
            size_t left = k - kk < 8 ? k - kk : 8;
            for (size_t i = 0; i < 4; i++)
                x[i] = r + i < rows ? part(src + (r + i) * stride + kk, left) : vdupq_n_u16(0);
            turn4(x);
            for (size_t p = 0; p < (left + 1) / 2; p++)
                vst1q_u16(dst + (kk + 2 * p) * OCRVL_PANEL + 2 * r, x[p]);
        }
}

/* acc[i][v] += pair `lane` of row i's x times `pair`, of 4 columns */
#define PAIR_LANE(v, pair, lane)                                                                                       \
    {                                                                                                                  \
        pair_of both = pair;                                                                                           \
        _Pragma("GCC unroll 4") for (size_t i = 0; i < mr; i++) acc[i][v] =                                            \
            vfmaq_laneq_f32(vfmaq_laneq_f32(acc[i][v], both.odd, x[i].odd, lane), both.even, x[i].even, lane);         \
    }

/* acc[i][v] += n elements (a constant 8 except at the end), from kk on, of row i and of columns 4v..4v+3, which are
 * transposed here. mr is a constant where this is called. */
static inline __attribute__((always_inline)) void dot_step(const size_t mr, float32x4_t acc[4][4], size_t kk, size_t n,
                                                           const uint16_t *a, size_t lda, const uint16_t *const *col)
{
    pair_of x[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++)
        x[i] = split(part(a + i * lda + kk, n));
#pragma GCC unroll 4
    for (size_t v = 0; v < 4; v++) {
        uint16x8_t w[4];
#pragma GCC unroll 4
        for (size_t j = 0; j < 4; j++)
            w[j] = part(col[4 * v + j] + kk, n);
        turn4(w);
        PAIR_LANE(v, split(w[0]), 0)
        PAIR_LANE(v, split(w[1]), 1)
        PAIR_LANE(v, split(w[2]), 2)
        PAIR_LANE(v, split(w[3]), 3)
    }
}

/* mr rows by 16 columns; the first nc columns are stored. */
static inline __attribute__((always_inline)) void dot_block(const size_t mr, size_t nc, size_t k, const uint16_t *a,
                                                            size_t lda, const uint16_t *b, size_t ldb, float *c,
                                                            size_t ldc, bool ahead)
{
    float32x4_t acc[4][4];
    const uint16_t *col[OCRVL_PANEL];
    float s[OCRVL_PANEL];
    size_t kk = 0;
    for (size_t j = 0; j < OCRVL_PANEL; j++)
        col[j] = b + (j < nc ? j : nc - 1) * ldb;
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++)
        acc[i][0] = acc[i][1] = acc[i][2] = acc[i][3] = vdupq_n_f32(0);
    for (; kk + 8 <= k; kk += 8) {
        if (ahead && kk % 32 == 0)
            for (size_t j = 0; j < OCRVL_PANEL; j++)
                __builtin_prefetch(col[j] + OCRVL_PANEL * ldb + kk);
        dot_step(mr, acc, kk, 8, a, lda, col);
    }
    if (kk < k)
        dot_step(mr, acc, kk, k - kk, a, lda, col);
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++) {
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            vst1q_f32(s + 4 * v, acc[i][v]);
        memcpy(c + i * ldc, s, nc * sizeof *s);
    }
}

#define DOT(mr) dot_block(mr, nc, k, a + i * lda, lda, b + j * ldb, ldb, c + i * ldc + j, ldc, ahead && i == 0)

void ocrvl_neon_dot(size_t m, size_t n, size_t k, const uint16_t *a, size_t lda, const uint16_t *b, size_t ldb,
                    float *c, size_t ldc, bool ahead)
{
    uint64_t old = flush_denormals();
    for (size_t j = 0; j < n; j += OCRVL_PANEL)
        for (size_t i = 0; i < m;) {
            size_t mr = m - i < 4 ? m - i : 4, nc = n - j < OCRVL_PANEL ? n - j : OCRVL_PANEL;
            switch (mr) {
            case 1: DOT(1); break;
            case 2: DOT(2); break;
            case 3: DOT(3); break;
            default: DOT(4); break;
            }
            i += mr;
        }
    restore_denormals(old);
}

/* acc[i][v] += pair `lane` of x[i] times pair kk of the panel's 16 columns */
#define PAIR_STEP(lane, kk)                                                                                            \
    _Pragma("GCC unroll 4") for (size_t v = 0; v < 4; v++)                                                             \
        PAIR_LANE(v, split(vld1q_u16(b + (kk)*2 * OCRVL_PANEL + 8 * v)), lane)

/* mr rows by one panel. */
static inline __attribute__((always_inline)) void pair_block(const size_t mr, size_t pairs, const uint16_t *a,
                                                             size_t lda, const uint16_t *b, float *c, size_t ldc,
                                                             bool more)
{
    float32x4_t acc[4][4];
    pair_of x[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            acc[i][v] = more ? vld1q_f32(c + i * ldc + 4 * v) : vdupq_n_f32(0);
    size_t kk = 0;
    for (; kk + 4 <= pairs; kk += 4) {
#pragma GCC unroll 4
        for (size_t i = 0; i < mr; i++)
            x[i] = split(vld1q_u16(a + i * lda + 2 * kk));
        PAIR_STEP(0, kk)
        PAIR_STEP(1, kk + 1)
        PAIR_STEP(2, kk + 2)
        PAIR_STEP(3, kk + 3)
    }
    for (; kk < pairs; kk++) {
#pragma GCC unroll 4
        for (size_t i = 0; i < mr; i++)
            x[i] = split(part(a + i * lda + 2 * kk, 2));
        PAIR_STEP(0, kk)
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            vst1q_f32(c + i * ldc + 4 * v, acc[i][v]);
}

#define PAIRS(mr)                                                                                                      \
    pair_block(mr, pairs, a + i * lda, lda, b + p * panel_stride, c + i * ldc + p * OCRVL_PANEL, ldc, more)

void ocrvl_neon_pair_tile(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                          size_t panel_stride, float *c, size_t ldc, bool more)
{
    uint64_t old = flush_denormals();
    for (size_t p = 0; p < panels; p++)
        for (size_t i = 0; i < m;) {
            size_t mr = m - i < 4 ? m - i : 4;
            switch (mr) {
            case 1: PAIRS(1); break;
            case 2: PAIRS(2); break;
            case 3: PAIRS(3); break;
            default: PAIRS(4); break;
            }
            i += mr;
        }
    restore_denormals(old);
}

/* ---- softmax by blocks: elem.inc's, step by step ---------------------------------------------------------- */

static inline float32x4_t pow2(float32x4_t x)
{
    const float32x4_t shift = vdupq_n_f32(12582912.0f);
    float32x4_t clamped = vmaxq_f32(x, vdupq_n_f32(-150.0f)), t = vaddq_f32(clamped, shift);
    float32x4_t f = vsubq_f32(clamped, vsubq_f32(t, shift)), p = vfmaq_f32(vdupq_n_f32(POW2_2), vdupq_n_f32(POW2_3), f);
    p = vfmaq_f32(vdupq_n_f32(1.0f), vfmaq_f32(vdupq_n_f32(POW2_1), p, f), f);
    int32x4_t bits = vaddq_s32(vreinterpretq_s32_f32(p), vshlq_n_s32(vreinterpretq_s32_f32(t), 23));
    uint32x4_t normal = vcgeq_s32(bits, vdupq_n_s32(0x00800000));
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_s32(bits), normal));
}

static inline uint16x4_t narrow_finite(float32x4_t x)
{
    uint32x4_t bits = vreinterpretq_u32_f32(x), odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    return vshrn_n_u32(vaddq_u32(bits, vaddq_u32(vdupq_n_u32(0x7FFF), odd)), 16);
}

static float greatest(const float *x, size_t n)
{
    float32x4_t top[4];
    float most = -INFINITY;
    size_t i = 0;
    top[0] = top[1] = top[2] = top[3] = vdupq_n_f32(-INFINITY);
    for (; i + 16 <= n; i += 16)
        for (size_t j = 0; j < 4; j++)
            top[j] = vmaxq_f32(top[j], vld1q_f32(x + i + 4 * j));
    for (; i < n; i++)
        most = x[i] > most ? x[i] : most;
    float other = vmaxvq_f32(vmaxq_f32(vmaxq_f32(top[0], top[1]), vmaxq_f32(top[2], top[3])));
    return other > most ? other : most;
}

/* Writes p of 8 numbers at x; returns the 4 lanes of the sum with them added, the odd ones first. */
static inline float32x4_t soft_eight(const float *x, uint16_t *p, float32x4_t scale, float32x4_t less, float32x4_t lane)
{
    float32x4_t low = pow2(vfmaq_f32(less, vld1q_f32(x), scale)), high = pow2(vfmaq_f32(less, vld1q_f32(x + 4), scale));
    uint16x8_t all = vcombine_u16(narrow_finite(low), narrow_finite(high));
    pair_of w = split(all);
    vst1q_u16(p, all);
    return vaddq_f32(vaddq_f32(lane, w.odd), w.even);
}

float ocrvl_neon_soft_block(float *x, uint16_t *p, size_t n, float scale, float *max, float *sum)
{
    float top = greatest(x, n) * scale, most = top > *max ? top : *max;
    float32x4_t by = vdupq_n_f32(scale), less = vdupq_n_f32(-most), lane[8];
    float lanes[LANES];
    size_t i = 0;
    for (size_t j = 0; j < 8; j++)
        lane[j] = vdupq_n_f32(0);
    for (; i + WIDE <= n; i += WIDE)
#pragma GCC unroll 8
        for (size_t j = 0; j < 8; j++)
            lane[j] = soft_eight(x + i + 8 * j, p + i + 8 * j, by, less, lane[j]);
    for (size_t j = 0; i < n; i += 8, j++) {
        float rest[8];
        uint16_t few[8];
        size_t left = n - i < 8 ? n - i : 8;
        for (size_t r = 0; r < 8; r++)
            rest[r] = r < left ? x[i + r] : -INFINITY;
        lane[j] = soft_eight(rest, few, by, less, lane[j]);
        memcpy(p + i, few, left * sizeof *p);
    }
    for (size_t j = 0; j < 4; j++)
        vst1q_f32(lanes + 4 * j, vaddq_f32(lane[j], lane[j + 4]));
    float factor = *max == -INFINITY ? 0.0f : vgetq_lane_f32(pow2(vdupq_n_f32(*max - most)), 0);
    *sum = fmaf(*sum, factor, neon_tree(lanes));
    *max = most;
    return factor;
}

/* ---- integers: products of bytes in 16 bits, which hold a sum of two of them, pairs of those in 32 ----------------
 */

/* Codes [4][4] of k0..k0+3 of 4 columns, and of k0+4..k0+7, as signed bytes. The offset 128 of 8-bit codes is
 * subtracted here, so that the sum begins with zero instead of q->zero; the offset 8 of 4-bit codes stays. */
typedef struct eight {
    int8x16_t low, high;
} eight;

static inline eight codes_of(const uint8_t *w, const int bits)
{
    uint8x16_t c = vld1q_u8(w), off = vdupq_n_u8(128);
    if (bits == 8)
        return (eight){vreinterpretq_s8_u8(veorq_u8(c, off)), vreinterpretq_s8_u8(veorq_u8(vld1q_u8(w + 64), off))};
    return (eight){vreinterpretq_s8_u8(vandq_u8(c, vdupq_n_u8(15))), vreinterpretq_s8_u8(vshrq_n_u8(c, 4))};
}

/* mr rows by nv vectors of 4 columns, from column 4 * v0 of the panel on; mr, nv and bits are constants where this is
 * called, mr * nv at most 8. */
static inline __attribute__((always_inline)) void
quant_block(const ocrvl_quant_args *q, const size_t mr, const size_t nv, const int bits, size_t i0, size_t p, size_t v0)
{
    const size_t block = bits == 8 ? OCRVL_INT8_BLOCK : OCRVL_INT4_BLOCK;
    const int8_t *a = q->a + i0 * q->lda;
    const uint8_t *w = q->w + p * q->w_stride + 16 * v0;
    const uint16_t *s = q->s + p * q->s_stride + 4 * v0;
    float *c = q->c + i0 * q->ldc + p * OCRVL_PANEL + 4 * v0;
    float32x4_t sum[4][4];
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
        for (size_t v = 0; v < nv; v++)
            sum[i][v] = q->more ? vld1q_f32(c + i * q->ldc + 4 * v) : vdupq_n_f32(0);
    for (size_t b = 0; b < q->blocks; b++) {
        int32x4_t acc[4][8];
#pragma GCC unroll 4
        for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 8
            for (size_t v = 0; v < 2 * nv; v++)
                acc[i][v] = vdupq_n_s32(0);
        for (size_t kk = 0; kk < block; kk += 8, w += 8 * OCRVL_PANEL * bits / 8, a += 8)
#pragma GCC unroll 4
            for (size_t v = 0; v < nv; v++) {
                eight e = codes_of(w + 16 * v, bits);
#pragma GCC unroll 4
                for (size_t i = 0; i < mr; i++) {
                    int32x2_t x = vreinterpret_s32_s8(vld1_s8(a + i * q->lda));
                    int8x8_t x0 = vreinterpret_s8_s32(vdup_lane_s32(x, 0));
                    int8x8_t x1 = vreinterpret_s8_s32(vdup_lane_s32(x, 1));
                    int16x8_t low = vmull_s8(vget_low_s8(e.low), x0), high = vmull_s8(vget_high_s8(e.low), x0);
                    low = vmlal_s8(low, vget_low_s8(e.high), x1);
                    high = vmlal_s8(high, vget_high_s8(e.high), x1);
                    acc[i][2 * v] = vpadalq_s16(acc[i][2 * v], low);
                    acc[i][2 * v + 1] = vpadalq_s16(acc[i][2 * v + 1], high);
                }
            }
#pragma GCC unroll 4
        for (size_t v = 0; v < nv; v++) {
            float32x4_t scale = vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(s + b * OCRVL_PANEL + 4 * v), 16));
#pragma GCC unroll 4
            for (size_t i = 0; i < mr; i++) {
                int32x4_t zero = vdupq_n_s32(bits == 8 ? 0 : q->zero[(i0 + i) * q->ldb + b]);
                int32x4_t n = vaddq_s32(zero, vpaddq_s32(acc[i][2 * v], acc[i][2 * v + 1]));
                sum[i][v] = vfmaq_f32(sum[i][v], vcvtq_f32_s32(n), vmulq_n_f32(scale, q->scale[(i0 + i) * q->ldb + b]));
            }
        }
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
        for (size_t v = 0; v < nv; v++)
            vst1q_f32(c + i * q->ldc + 4 * v, sum[i][v]);
}

/* With few rows whole panels are taken, so that their codes are read once. */
static inline __attribute__((always_inline)) void quant_tile(const ocrvl_quant_args *q, const int bits)
{
    for (size_t p = 0; p < q->panels; p++)
        for (size_t i = 0; i < q->m;) {
            size_t mr = q->m - i < 4 ? q->m - i : 4;
            if (mr == 1)
                quant_block(q, 1, 4, bits, i, p, 0);
            else if (mr == 2)
                quant_block(q, 2, 4, bits, i, p, 0);
            else
                for (size_t v = 0; v < 4; v += 2)
                    if (mr == 3)
                        quant_block(q, 3, 2, bits, i, p, v);
                    else
                        quant_block(q, 4, 2, bits, i, p, v);
            i += mr;
        }
}

static void int8_tile(const ocrvl_quant_args *q) { quant_tile(q, 8); }

static void int4_tile(const ocrvl_quant_args *q) { quant_tile(q, 4); }

const ocrvl_kern ocrvl_kern_neon =
    TABLE("neon", ocrvl_neon_tile, ocrvl_neon_dot, ocrvl_neon_pair_tile, int8_tile, int4_tile, .bf16 = true);
#endif
