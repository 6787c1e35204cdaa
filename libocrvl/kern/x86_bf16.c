/* AVX-512 with BF16: the rest is as in x86_avx512.c. */
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
#define BYTES true
#define NAME(x) bf16_##x
#include "kern/elem.inc"

/* bytes of codes, and of scales, to prefetch in each panel for at most FEW rows */
enum { AHEAD = 1024, SCALES_AHEAD = 512, FEW = 16 };

#define DP(acc, a, b) _mm512_dpbf16_ps(acc, (__m512bh)(a), (__m512bh)(b))
#define NARROW2(low, high) ((__m512i)_mm512_cvtne2ps_pbh(high, low))
#define PAIR_ROWS 12
#include "kern/dot.inc"

/* In assembler, because gcc copies the sums of its intrinsic from register to register. */
static inline __attribute__((always_inline)) __m512i dp4(__m512i acc, __m512i codes, __m512i x)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(codes), "v"(x));
    return acc;
}

/* mr rows by np panels of integers; mr, np and bits are constants where this is called. */
static inline __attribute__((always_inline)) void quant_block(const ocrvl_quant_args *q, const size_t mr,
                                                              const size_t np, const int bits, const bool ahead,
                                                              size_t i0, size_t p0)
{
    const size_t block = bits == 8 ? OCRVL_INT8_BLOCK : OCRVL_INT4_BLOCK, step = bits == 8 ? 4 : 8;
    const __m512i nibble = _mm512_set1_epi8(15);
    /* number i of bfloat16 becomes the upper half of float32 number i */
    const __m512i number = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i wide = _mm512_slli_epi32(number, 16);
    const int8_t *a = q->a + i0 * q->lda;
    const uint8_t *w = q->w + p0 * q->w_stride;
    float *c = q->c + i0 * q->ldc + p0 * OCRVL_PANEL;
    __m512 sum[6][4];
#pragma GCC unroll 6
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
        for (size_t p = 0; p < np; p++)
            sum[i][p] = q->more ? _mm512_loadu_ps(c + i * q->ldc + p * OCRVL_PANEL) : _mm512_setzero_ps();
    for (size_t b = 0; b < q->blocks; b++) {
        __m512i acc[6][4];
#pragma GCC unroll 6
        for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
            for (size_t p = 0; p < np; p++)
                acc[i][p] = _mm512_set1_epi32(q->zero[(i0 + i) * q->ldb + b]);
#pragma GCC unroll 4
        for (size_t kk = 0; kk < block; kk += step, w += 64, a += step) {
            __m512i low[4], high[4];
#pragma GCC unroll 4
            for (size_t p = 0; p < np; p++) {
                __m512i codes = _mm512_loadu_si512(w + p * q->w_stride);
                if (ahead)
                    _mm_prefetch((const char *)(w + p * q->w_stride + AHEAD), _MM_HINT_T0);
                low[p] = bits == 8 ? codes : _mm512_and_si512(codes, nibble);
                high[p] = bits == 8 ? codes : _mm512_and_si512(_mm512_srli_epi16(codes, 4), nibble);
            }
#pragma GCC unroll 6
            for (size_t i = 0; i < mr; i++) {
                int four[2] = {0, 0};
                memcpy(four, a + i * q->lda, step);
#pragma GCC unroll 4
                for (size_t p = 0; p < np; p++) {
                    acc[i][p] = dp4(acc[i][p], low[p], _mm512_set1_epi32(four[0]));
                    if (bits == 4)
                        acc[i][p] = dp4(acc[i][p], high[p], _mm512_set1_epi32(four[1]));
                }
            }
        }
        __m512 scale[4];
#pragma GCC unroll 4
        for (size_t p = 0; p < np; p++) {
            const uint16_t *from = q->s + (p0 + p) * q->s_stride + b * OCRVL_PANEL;
            __m512i half = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)from));
            scale[p] = _mm512_castsi512_ps(_mm512_maskz_permutexvar_epi16(0xAAAAAAAAu, wide, half));
            if (ahead && bits == 4 && b % 2 == 0) /* a fifth of what is read */
                _mm_prefetch((const char *)from + SCALES_AHEAD, _MM_HINT_T0);
        }
#pragma GCC unroll 6
        for (size_t i = 0; i < mr; i++) {
            __m512 one = _mm512_set1_ps(q->scale[(i0 + i) * q->ldb + b]);
#pragma GCC unroll 4
            for (size_t p = 0; p < np; p++)
                sum[i][p] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(acc[i][p]), _mm512_mul_ps(one, scale[p]), sum[i][p]);
        }
    }
#pragma GCC unroll 6
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 4
        for (size_t p = 0; p < np; p++)
            _mm512_storeu_ps(c + i * q->ldc + p * OCRVL_PANEL, sum[i][p]);
}

#define QUANT(mr, np) quant_block(q, mr, np, bits, ahead, i, p)

static inline __attribute__((always_inline)) void quant_tile(const ocrvl_quant_args *q, const int bits,
                                                             const bool ahead)
{
    for (size_t i = 0; i < q->m;) {
        size_t parts = (q->m - i + 5) / 6, mr = (q->m - i + parts - 1) / parts;
        for (size_t p = 0; p < q->panels;) {
            size_t left = q->panels - p, np = left >= 2 ? 2 : 1;
            if (mr == 1 && left >= 4) {
                np = 4;
                QUANT(1, 4);
            } else if (np == 2) {
                switch (mr) {
                case 1: QUANT(1, 2); break;
                case 2: QUANT(2, 2); break;
                case 3: QUANT(3, 2); break;
                case 4: QUANT(4, 2); break;
                case 5: QUANT(5, 2); break;
                default: QUANT(6, 2); break;
                }
            } else {
                for (size_t r = 0; r < mr; r++)
                    quant_block(q, 1, 1, bits, ahead, i + r, p);
            }
            p += np;
        }
        i += mr;
    }
}

static void int8_tile(const ocrvl_quant_args *q) { q->m > FEW ? quant_tile(q, 8, false) : quant_tile(q, 8, true); }

static void int4_tile(const ocrvl_quant_args *q) { q->m > FEW ? quant_tile(q, 4, false) : quant_tile(q, 4, true); }

/* ---- attention from bytes ----------------------------------------------------------------------------------- */

static inline __m512i four_at(const void *p)
{
    int four;
    memcpy(&four, p, sizeof four);
    return _mm512_set1_epi32(four);
}

/* Adds mr rows by np panels of sums (constants where this is called); weights: a is unsigned and b isn't, instead of
 * the other way round. */
static inline __attribute__((always_inline)) void byte_sums(__m512i (*acc)[3], const size_t mr, const size_t np,
                                                            const bool weights, size_t steps, const char *a, size_t lda,
                                                            const char *b, size_t stride)
{
    for (size_t k = 0; k < steps; k++) {
        __m512i w[3];
#pragma GCC unroll 3
        for (size_t p = 0; p < np; p++)
            w[p] = _mm512_loadu_si512(b + p * stride + 64 * k);
#pragma GCC unroll 12
        for (size_t i = 0; i < mr; i++) {
            __m512i x = four_at(a + i * lda + 4 * k);
#pragma GCC unroll 3
            for (size_t p = 0; p < np; p++)
                acc[i][p] = weights ? dp4(acc[i][p], x, w[p]) : dp4(acc[i][p], w[p], x);
        }
    }
}

typedef struct byte_args {
    size_t steps, lda, stride, ldc;
    const char *a, *b;
    const int32_t *zero; /* of scores */
    const float *scale;
    float *c;
    bool more;
} byte_args;

static inline __attribute__((always_inline)) void byte_block(const byte_args *q, const size_t mr, const size_t np,
                                                             const bool weights, size_t row)
{
    __m512i acc[12][3];
    float *c = q->c + row * q->ldc;
#pragma GCC unroll 12
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 3
        for (size_t p = 0; p < np; p++)
            acc[i][p] = weights ? _mm512_setzero_si512() : _mm512_set1_epi32(q->zero[row + i]);
    byte_sums(acc, mr, np, weights, q->steps, q->a + row * q->lda, q->lda, q->b, q->stride);
#pragma GCC unroll 3
    for (size_t p = 0; p < np; p++) {
        __m512 scale = _mm512_loadu_ps(q->scale + p * OCRVL_PANEL);
#pragma GCC unroll 12
        for (size_t i = 0; i < mr; i++) {
            float *to = c + i * q->ldc + p * OCRVL_PANEL;
            __m512 sum = _mm512_mul_ps(_mm512_cvtepi32_ps(acc[i][p]), scale);
            _mm512_storeu_ps(to, weights && q->more ? _mm512_add_ps(_mm512_loadu_ps(to), sum) : sum);
        }
    }
}

#define BYTE_CASE(mr, np)                                                                                              \
    case mr: byte_block(q, mr, np, weights, row); break

static inline __attribute__((always_inline)) void byte_rows(const byte_args *q, const size_t np, const bool weights,
                                                            size_t row, size_t mr)
{
    switch (mr) {
        BYTE_CASE(1, np);
        BYTE_CASE(2, np);
        BYTE_CASE(3, np);
        BYTE_CASE(4, np);
        BYTE_CASE(5, np);
        BYTE_CASE(6, np);
        BYTE_CASE(7, np);
    case 8: byte_block(q, 8, np, weights, row); break;
    default:
        if (np == 3)
            break;
        switch (mr) {
            BYTE_CASE(9, np < 3 ? np : 2);
            BYTE_CASE(10, np < 3 ? np : 2);
            BYTE_CASE(11, np < 3 ? np : 2);
            BYTE_CASE(12, np < 3 ? np : 2);
        }
    }
}

/* Panels in twos, an odd number's last three at once, as pair_tile has them. */
static inline __attribute__((always_inline)) void byte_tile(byte_args q, const bool weights, size_t m, size_t panels)
{
    for (size_t np; panels; panels -= np) {
        np = panels == 1 || panels == 3 ? panels : 2;
        size_t most = np == 3 ? 8 : 12;
        for (size_t i = 0; i < m;) {
            size_t left = (m - i + most - 1) / most, mr = (m - i + left - 1) / left;
            if (np == 3)
                byte_rows(&q, 3, weights, i, mr);
            else if (np == 2)
                byte_rows(&q, 2, weights, i, mr);
            else
                byte_rows(&q, 1, weights, i, mr);
            i += mr;
        }
        q.b += np * q.stride;
        q.c += np * OCRVL_PANEL;
        q.scale += np * OCRVL_PANEL;
    }
}

static void byte_scores(size_t m, size_t panels, size_t steps, const int8_t *a, size_t lda, const int32_t *zero,
                        const uint8_t *b, size_t panel_stride, const float *scale, float *c, size_t ldc)
{
    byte_args q = {.steps = steps,
                   .lda = lda,
                   .stride = panel_stride,
                   .ldc = ldc,
                   .a = (const char *)a,
                   .b = (const char *)b,
                   .zero = zero,
                   .scale = scale,
                   .c = c};
    byte_tile(q, false, m, panels);
}

static void byte_values(size_t m, size_t panels, size_t steps, const uint8_t *a, size_t lda, const int8_t *b,
                        size_t panel_stride, const float *scale, float *c, size_t ldc, bool more)
{
    byte_args q = {.steps = steps,
                   .lda = lda,
                   .stride = panel_stride,
                   .ldc = ldc,
                   .a = (const char *)a,
                   .b = (const char *)b,
                   .scale = scale,
                   .c = c,
                   .more = more};
    byte_tile(q, true, m, panels);
}

/* 24 sums in registers and nothing but products at each step: the most that the processor can do. The sums pass through
 * an empty asm, so that the compiler doesn't notice that they are unused. */
static void peak_bf16(size_t rounds)
{
    __m512 acc[OCRVL_PEAK_STEPS];
    __m512bh x = (__m512bh)_mm512_setzero_si512();
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        acc[i] = _mm512_setzero_ps();
    for (size_t r = 0; r < rounds; r++) {
#pragma GCC unroll 24
        for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++) {
            acc[i] = _mm512_dpbf16_ps(acc[i], x, x);
            __asm__("" : "+v"(acc[i]));
        }
    }
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        __asm__ volatile("" ::"v"(acc[i]));
}

static void peak_int8(size_t rounds)
{
    __m512i acc[OCRVL_PEAK_STEPS], x = _mm512_setzero_si512();
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        acc[i] = _mm512_setzero_si512();
    for (size_t r = 0; r < rounds; r++) {
#pragma GCC unroll 24
        for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++) {
            acc[i] = _mm512_dpbusd_epi32(acc[i], x, x);
            __asm__("" : "+v"(acc[i]));
        }
    }
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        __asm__ volatile("" ::"v"(acc[i]));
}

const ocrvl_kern ocrvl_kern_bf16 =
    TABLE("bf16", ocrvl_avx512_tile, dot, pair_tile, int8_tile, int4_tile, .bf16 = true, .byte_scores = byte_scores,
          .byte_values = byte_values, .peak_bf16 = peak_bf16, .peak_int8 = peak_int8);

/* Intel's VDPBF16PS has half the rate of two fused steps of float32. */
const ocrvl_kern ocrvl_kern_bf16_fma = TABLE(
    "bf16_fma", ocrvl_avx512_tile, dot, ocrvl_avx512_pair_tile, int8_tile, int4_tile, .bf16 = true,
    .byte_scores = byte_scores, .byte_values = byte_values, .peak_bf16 = ocrvl_avx512_peak, .peak_int8 = peak_int8);
#endif
