/* AVX-512 (F, BW, VL, DQ). */
#include "kern/x86.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define PACK_PAIRS pack_pairs
static void pack_pairs(uint16_t *dst, const uint16_t *src, size_t rows, size_t k, size_t stride);
#define SOFT_BLOCK soft_block
static float soft_block(float *x, uint16_t *p, size_t n, float scale, float *max, float *sum);
#define SOFT_BYTES soft_bytes
static float soft_bytes(float *x, uint8_t *p, size_t n, float scale, float more, float *max, float *sum);
#define WIDEN_FP8 ocrvl_avx2_widen_fp8
#define NAME(x) avx512_##x
#include "kern/elem.inc"

/* One block of mr rows and np panels in mr * np accumulators; both are constants where this is called. */
static inline __attribute__((always_inline)) void block(const size_t mr, const size_t np, size_t k, const float *a,
                                                        size_t lda, const float *b, size_t stride, float *c, size_t ldc,
                                                        bool more)
{
    __m512 acc[12][8];
#pragma GCC unroll 12
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 8
        for (size_t p = 0; p < np; p++)
            acc[i][p] = more ? _mm512_loadu_ps(c + i * ldc + p * OCRVL_PANEL) : _mm512_setzero_ps();
    for (size_t kk = 0; kk < k; kk++) {
        __m512 w[8];
#pragma GCC unroll 8
        for (size_t p = 0; p < np; p++)
            w[p] = _mm512_loadu_ps(b + p * stride + kk * OCRVL_PANEL);
#pragma GCC unroll 12
        for (size_t i = 0; i < mr; i++) {
            __m512 x = _mm512_set1_ps(a[i * lda + kk]);
#pragma GCC unroll 8
            for (size_t p = 0; p < np; p++)
                acc[i][p] = _mm512_fmadd_ps(x, w[p], acc[i][p]);
        }
    }
#pragma GCC unroll 12
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 8
        for (size_t p = 0; p < np; p++)
            _mm512_storeu_ps(c + i * ldc + p * OCRVL_PANEL, acc[i][p]);
}

#define BLOCK(mr, np) block(mr, np, k, a, lda, b, panel_stride, c, ldc, more)
#define ROWS(np)                                                                                                       \
    switch (m) {                                                                                                       \
    case 1: BLOCK(1, np); break;                                                                                       \
    case 2: BLOCK(2, np); break;                                                                                       \
    case 3: BLOCK(3, np); break;                                                                                       \
    case 4: BLOCK(4, np); break;                                                                                       \
    case 5: BLOCK(5, np); break;                                                                                       \
    case 6: BLOCK(6, np); break;                                                                                       \
    case 7: BLOCK(7, np); break;                                                                                       \
    case 8: BLOCK(8, np); break;                                                                                       \
    case 9: BLOCK(9, np); break;                                                                                       \
    case 10: BLOCK(10, np); break;                                                                                     \
    case 11: BLOCK(11, np); break;                                                                                     \
    default: BLOCK(12, np); break;                                                                                     \
    }

/* At most 12 rows. With few rows more panels are taken at once, so that 8 sums are in flight and hide the latency of
 * each. */
static void rows(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc, bool more)
{
    while (panels) {
        size_t np = 1;
        if (m == 1 && panels >= 8) {
            np = 8;
            BLOCK(1, 8);
        } else if (m <= 3 && panels >= 4) {
            np = 4;
            if (m == 1)
                BLOCK(1, 4);
            else if (m == 2)
                BLOCK(2, 4);
            else
                BLOCK(3, 4);
        } else if (panels >= 2) {
            np = 2;
            ROWS(2)
        } else {
            ROWS(1)
        }
        panels -= np;
        b += np * panel_stride;
        c += np * OCRVL_PANEL;
    }
}

void ocrvl_avx512_tile(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b,
                       size_t panel_stride, float *c, size_t ldc, bool more)
{
    for (size_t i = 0; i < m;) {
        size_t n = m - i >= 12 ? 12 : m - i;
        rows(n, panels, k, a + i * lda, lda, b, panel_stride, c + i * ldc, ldc, more);
        i += n;
    }
}

/* VDPBF16PS for processors without it: two fused steps, the odd elements first. */
static inline __m512 dp(__m512 acc, __m512i a, __m512i b)
{
    const __m512i high = _mm512_set1_epi32((int)0xFFFF0000);
    acc = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_and_si512(a, high)),
                          _mm512_castsi512_ps(_mm512_and_si512(b, high)), acc);
    return _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_slli_epi32(a, 16)), _mm512_castsi512_ps(_mm512_slli_epi32(b, 16)),
                           acc);
}

/* Rounds to the nearest, ties to even; x has no NaNs. */
static inline __m256i narrow16(__m512 x)
{
    __m512i bits = _mm512_castps_si512(x), odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    bits = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(bits, 16));
}

#define DP(acc, a, b) dp(acc, a, b)
#define NARROW2(low, high) _mm512_inserti64x4(_mm512_castsi256_si512(narrow16(low)), narrow16(high), 1)
#define PAIR_ROWS 8
#include "kern/dot.inc"

/* ---- pairs as floats ------------------------------------------------------------------------------------------ */

/* Rows and pairs that are widened at a time: 128 KB of the stack, so that 12 rows and two panels fit the first-level
 * cache. */
enum {
    FLOAT_ROWS = 48,
    FLOAT_PAIRS = 128,
    FLOATS = 2 * FLOAT_PAIRS,
    LEAST_ROWS = 8 /* rows that it is worth it for */
};

/* Rows [m][pairs] as float32 [m][FLOATS], the odd number of each pair before the even one. */
static void widen_rows(float *to, const uint16_t *a, size_t lda, size_t m, size_t pairs)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < pairs; j += 16) {
            __m512i x = _mm512_maskz_loadu_epi32(first16(pairs - j), a + i * lda + 2 * j),
                    turned = _mm512_rol_epi32(x, 16);
            __m512i low = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(turned));
            __m512i high = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(turned, 1));
            _mm512_store_si512(to + i * FLOATS + 2 * j, _mm512_slli_epi32(low, 16));
            _mm512_store_si512(to + i * FLOATS + 2 * j + 16, _mm512_slli_epi32(high, 16));
        }
}

/* A panel [pairs][16][2] as float32 [2 pairs][16], in the same order. */
static void widen_panel(float *to, const uint16_t *b, size_t pairs)
{
    const __m512i odd = _mm512_set1_epi32((int)0xFFFF0000);
    for (size_t j = 0; j < pairs; j++) {
        __m512i x = _mm512_loadu_si512(b + j * 2 * OCRVL_PANEL);
        _mm512_store_si512(to + 2 * j * OCRVL_PANEL, _mm512_and_si512(x, odd));
        _mm512_store_si512(to + (2 * j + 1) * OCRVL_PANEL, _mm512_slli_epi32(x, 16));
    }
}

/* The chain over pairs is one over floats whose pairs are turned round, two fused steps each. So both sides are widened
 * once for many products instead of at each. */
static void wide_pair_tile(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                           size_t stride, float *c, size_t ldc, bool more)
{
    _Alignas(64) float x[FLOAT_ROWS * FLOATS], w[2][FLOATS * OCRVL_PANEL];
    unsigned old = flush_denormals();
    for (size_t i = 0; i < m; i += FLOAT_ROWS) {
        size_t rows = m - i < FLOAT_ROWS ? m - i : FLOAT_ROWS;
        for (size_t j = 0, n; j < pairs; j += n) {
            n = pairs - j < FLOAT_PAIRS ? pairs - j : FLOAT_PAIRS;
            widen_rows(x, a + i * lda + 2 * j, lda, rows, n);
            for (size_t p = 0, np; p < panels; p += np) {
                np = panels - p < 2 ? 1 : 2;
                for (size_t q = 0; q < np; q++)
                    widen_panel(w[q], b + (p + q) * stride + j * 2 * OCRVL_PANEL, n);
                ocrvl_avx512_tile(rows, np, 2 * n, x, FLOATS, w[0], FLOATS * OCRVL_PANEL, c + i * ldc + p * OCRVL_PANEL,
                                  ldc, more || j > 0);
            }
        }
    }
    _mm_setcsr(old);
}

void ocrvl_avx512_pair_tile(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                            size_t stride, float *c, size_t ldc, bool more)
{
    (m < LEAST_ROWS || pairs == 0 ? pair_tile : wide_pair_tile)(m, panels, pairs, a, lda, b, stride, c, ldc, more);
}

/* Fused steps of float32, two for a pair. */
void ocrvl_avx512_peak(size_t rounds)
{
    __m512 acc[OCRVL_PEAK_STEPS], x = _mm512_setzero_ps();
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        acc[i] = _mm512_setzero_ps();
    for (size_t r = 0; r < 2 * rounds; r++) {
#pragma GCC unroll 24
        for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++) {
            acc[i] = _mm512_fmadd_ps(x, x, acc[i]);
            __asm__("" : "+v"(acc[i]));
        }
    }
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        __asm__ volatile("" ::"v"(acc[i]));
}

static void int8_tile(const ocrvl_quant_args *q) { ocrvl_avx2_wide_int8_tile(q, ocrvl_avx512_tile); }

const ocrvl_kern ocrvl_kern_avx512 = TABLE("avx512", ocrvl_avx512_tile, dot, ocrvl_avx512_pair_tile, int8_tile,
                                           ocrvl_avx2_int4_tile, .bf16 = true, .peak_bf16 = ocrvl_avx512_peak);
#endif
