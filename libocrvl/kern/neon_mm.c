/* NEON with the 2 x 2 matrix products of bfloat16 (BFMMLA) and of bytes (USMMLA); the rest is as in neon.c.
 *
 * BFMMLA multiplies two rows of 4 by two columns of 4: for each of the four results it adds two dot products of a pair
 * (BFDOT), one after the other. A BFDOT rounds to odd, first the sum of both products and then its addition to the
 * accumulator; denormals are zero. */
#include "kern/arm.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define NAME(x) neon_mm_##x
#include "kern/elem.inc"

/* Rows of a block of dot and of pair_tile; pairs of a panel that are interleaved at a time (16 KB). */
enum { DOT_ROWS = 12, PAIR_ROWS = 6, PIECE = 256 };

/* 8 elements of two rows: 4 of the first and 4 of the second, twice. */
typedef struct two_rows {
    bfloat16x8_t four[2];
} two_rows;

static inline two_rows weave(uint16x8_t a, uint16x8_t b)
{
    uint64x2_t x = vreinterpretq_u64_u16(a), y = vreinterpretq_u64_u16(b);
    return (two_rows){{vreinterpretq_bf16_u64(vzip1q_u64(x, y)), vreinterpretq_bf16_u64(vzip2q_u64(x, y))}};
}

/* n elements, then zeros; 8 if there are more */
static inline uint16x8_t part(const uint16_t *p, size_t n)
{
    uint16_t v[8] = {0};
    if (n >= 8)
        return vld1q_u16(p);
    memcpy(v, p, n * sizeof *v);
    return vld1q_u16(v);
}

/* Converts sums of a pair of rows, with two columns in each vector, to two rows of four. */
static inline void rows_of(float32x4_t a, float32x4_t b, float32x4_t row[2])
{
    row[0] = vcombine_f32(vget_low_f32(a), vget_low_f32(b));
    row[1] = vcombine_f32(vget_high_f32(a), vget_high_f32(b));
}

/* ---- dot: the chains of pair_tile, k up to a multiple of 8 ----------------------------------------------------- */

/* acc [pairs of rows][pairs of columns] += n elements (a constant 8 except at the end) from kk on. rp and cp, the
 * numbers of both pairs, are constants where this is called. */
static inline __attribute__((always_inline)) void dot_step(const size_t rp, const size_t cp, float32x4_t acc[6][8],
                                                           size_t kk, size_t n, const uint16_t *const *row,
                                                           const uint16_t *const *col)
{
    two_rows y[6];
#pragma GCC unroll 6
    for (size_t r = 0; r < rp; r++)
        y[r] = weave(part(row[2 * r] + kk, n), part(row[2 * r + 1] + kk, n));
#pragma GCC unroll 8
    for (size_t j = 0; j < cp; j++) {
        two_rows w = weave(part(col[2 * j] + kk, n), part(col[2 * j + 1] + kk, n));
#pragma GCC unroll 6
        for (size_t r = 0; r < rp; r++)
            acc[r][j] = vbfmmlaq_f32(vbfmmlaq_f32(acc[r][j], y[r].four[0], w.four[0]), y[r].four[1], w.four[1]);
    }
}

/* rp pairs of rows by cp pairs of columns; the first mr rows and the first nc columns are stored. */
static inline __attribute__((always_inline)) void dot_block(const size_t rp, const size_t cp, size_t mr, size_t nc,
                                                            size_t k, const uint16_t *a, size_t lda, const uint16_t *b,
                                                            size_t ldb, float *c, size_t ldc, bool ahead)
{
    float32x4_t acc[6][8];
    const uint16_t *row[DOT_ROWS], *col[OCRVL_PANEL];
    size_t kk = 0;
#pragma GCC unroll 12
    for (size_t i = 0; i < 2 * rp; i++)
        row[i] = a + (i < mr ? i : mr - 1) * lda;
#pragma GCC unroll 16
    for (size_t j = 0; j < 2 * cp; j++)
        col[j] = b + (j < nc ? j : nc - 1) * ldb;
#pragma GCC unroll 6
    for (size_t r = 0; r < rp; r++)
#pragma GCC unroll 8
        for (size_t j = 0; j < cp; j++)
            acc[r][j] = vdupq_n_f32(0);
    for (; kk + 8 <= k; kk += 8) {
        if (ahead && kk % 32 == 0)
#pragma GCC unroll 16
            for (size_t j = 0; j < 2 * cp; j++)
                __builtin_prefetch(col[j] + 2 * cp * ldb + kk);
        dot_step(rp, cp, acc, kk, 8, row, col);
    }
    if (kk < k)
        dot_step(rp, cp, acc, kk, k - kk, row, col);
#pragma GCC unroll 6
    for (size_t r = 0; r < rp; r++)
#pragma GCC unroll 8
        for (size_t j = 0; j < cp; j++) {
            float s[4];
            vst1q_f32(s, acc[r][j]);
            for (size_t i = 0; i < 4; i++)
                if (2 * r + i / 2 < mr && 2 * j + i % 2 < nc)
                    c[(2 * r + i / 2) * ldc + 2 * j + i % 2] = s[i];
        }
}

/* All columns. The fewer rows there are, the more columns are taken at once, so that enough sums are in flight. */
#define DOT(rp, cp)                                                                                                    \
    for (size_t j = 0; j < n; j += 2 * cp)                                                                             \
    dot_block(rp, cp, mr, n - j < 2 * cp ? n - j : 2 * cp, k, a + i * lda, lda, b + j * ldb, ldb, c + i * ldc + j,     \
              ldc, ahead && i == 0)

static void dot(size_t m, size_t n, size_t k, const uint16_t *a, size_t lda, const uint16_t *b, size_t ldb, float *c,
                size_t ldc, bool ahead)
{
    for (size_t i = 0; i < m; i += DOT_ROWS) {
        size_t mr = m - i < DOT_ROWS ? m - i : DOT_ROWS;
        switch ((mr + 1) / 2) {
        case 1: DOT(1, 8); break;
        case 2: DOT(2, 4); break;
        case 3: DOT(3, 4); break;
        case 4: DOT(4, 4); break;
        case 5: DOT(5, 2); break;
        default: DOT(6, 2); break;
        }
    }
}

/* ---- pair_tile ------------------------------------------------------------------------------------------ */

/* Interleaves two vectors of 4 columns' pairs that follow each other along k: two columns of 4, twice. */
static inline two_rows weave_pairs(uint16x8_t a, uint16x8_t b)
{
    uint32x4_t x = vreinterpretq_u32_u16(a), y = vreinterpretq_u32_u16(b);
    return (two_rows){{vreinterpretq_bf16_u32(vzip1q_u32(x, y)), vreinterpretq_bf16_u32(vzip2q_u32(x, y))}};
}

/* Pair kk of 4 columns of a panel; zeros past the last pair. */
static inline uint16x8_t pair_at(const uint16_t *b, size_t kk, size_t pairs, size_t v)
{
    return kk < pairs ? vld1q_u16(b + kk * 2 * OCRVL_PANEL + 8 * v) : vdupq_n_u16(0);
}

/* Interleaves n pairs of a panel: [n rounded up to 4 / 2][4][2] vectors. */
static void weave_panel(uint16_t *to, const uint16_t *b, size_t n)
{
    for (size_t kk = 0; kk < n; kk += 4)
        for (size_t f = 0; f < 2; f++)
            for (size_t v = 0; v < 4; v++, to += 16) {
                two_rows w = weave_pairs(pair_at(b, kk + 2 * f, n, v), pair_at(b, kk + 2 * f + 1, n, v));
                vst1q_u16(to, vreinterpretq_u16_bf16(w.four[0]));
                vst1q_u16(to + 8, vreinterpretq_u16_bf16(w.four[1]));
            }
}

/* acc += n pairs (a constant 4 except at the end), from kk on in the rows and at b in the panel, interleaved or not. */
static inline __attribute__((always_inline)) void pair_step(const size_t rp, const bool woven, float32x4_t acc[3][8],
                                                            size_t kk, size_t n, const uint16_t *const *row,
                                                            const uint16_t *b)
{
    two_rows y[3], w;
#pragma GCC unroll 3
    for (size_t r = 0; r < rp; r++)
        y[r] = weave(part(row[2 * r] + 2 * kk, 2 * n), part(row[2 * r + 1] + 2 * kk, 2 * n));
#pragma GCC unroll 2
    for (size_t f = 0; f < 2; f++)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++) {
            if (woven) {
                w.four[0] = vreinterpretq_bf16_u16(vld1q_u16(b + (4 * f + v) * 16));
                w.four[1] = vreinterpretq_bf16_u16(vld1q_u16(b + (4 * f + v) * 16 + 8));
            } else {
                w = weave_pairs(pair_at(b, 2 * f, n, v), pair_at(b, 2 * f + 1, n, v));
            }
#pragma GCC unroll 3
            for (size_t r = 0; r < rp; r++) {
                acc[r][2 * v] = vbfmmlaq_f32(acc[r][2 * v], y[r].four[f], w.four[0]);
                acc[r][2 * v + 1] = vbfmmlaq_f32(acc[r][2 * v + 1], y[r].four[f], w.four[1]);
            }
        }
}

/* rp (a constant where this is called) pairs of rows by one panel, interleaved or not; the first mr rows are stored. */
static inline __attribute__((always_inline)) void pair_block(const size_t rp, const bool woven, size_t mr, size_t pairs,
                                                             const uint16_t *a, size_t lda, const uint16_t *b, float *c,
                                                             size_t ldc, bool more)
{
    float32x4_t acc[3][8], sum[2];
    const uint16_t *row[PAIR_ROWS];
    size_t kk = 0;
#pragma GCC unroll 3
    for (size_t r = 0; r < rp; r++) {
        size_t next = 2 * r + 1 < mr ? 2 * r + 1 : 2 * r;
        row[2 * r] = a + 2 * r * lda;
        row[2 * r + 1] = a + next * lda;
#pragma GCC unroll 8
        for (size_t v = 0; v < 8; v++)
            acc[r][v] = more ? vcombine_f32(vld1_f32(c + 2 * r * ldc + 2 * v), vld1_f32(c + next * ldc + 2 * v))
                             : vdupq_n_f32(0);
    }
    for (; kk + 4 <= pairs; kk += 4)
        pair_step(rp, woven, acc, kk, 4, row, b + kk * 2 * OCRVL_PANEL);
    if (kk < pairs)
        pair_step(rp, woven, acc, kk, pairs - kk, row, b + kk * 2 * OCRVL_PANEL);
#pragma GCC unroll 3
    for (size_t r = 0; r < rp; r++)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++) {
            rows_of(acc[r][2 * v], acc[r][2 * v + 1], sum);
            vst1q_f32(c + 2 * r * ldc + 4 * v, sum[0]);
            if (2 * r + 1 < mr)
                vst1q_f32(c + (2 * r + 1) * ldc + 4 * v, sum[1]);
        }
}

#define PAIRS(rp, woven) pair_block(rp, woven, mr, pairs, a + i * lda, lda, b, c + i * ldc, ldc, more)
#define PAIR_CASES(woven)                                                                                              \
    switch ((mr + 1) / 2) {                                                                                            \
    case 1: PAIRS(1, woven); break;                                                                                    \
    case 2: PAIRS(2, woven); break;                                                                                    \
    default: PAIRS(3, woven); break;                                                                                   \
    }

/* All rows by PIECE pairs of a panel, which are interleaved for them. */
static void pair_piece(size_t m, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *panel, float *c,
                       size_t ldc, bool more)
{
    uint16_t b[PIECE * 2 * OCRVL_PANEL];
    weave_panel(b, panel, pairs);
    for (size_t i = 0; i < m; i += PAIR_ROWS) {
        size_t mr = m - i < PAIR_ROWS ? m - i : PAIR_ROWS;
        PAIR_CASES(true)
    }
}

static void pair_tile(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                      size_t panel_stride, float *c, size_t ldc, bool more)
{
    for (size_t p = 0; p < panels; p++, b += panel_stride, c += OCRVL_PANEL)
        if (m > PAIR_ROWS) {
            for (size_t k = 0; k < pairs; k += PIECE)
                pair_piece(m, pairs - k < PIECE ? pairs - k : PIECE, a + 2 * k, lda, b + k * 2 * OCRVL_PANEL, c, ldc,
                           more || k);
        } else {
            size_t mr = m, i = 0;
            PAIR_CASES(false)
        }
}

/* ---- integers --------------------------------------------------------------------------------------------- */

/* Codes of k0..k0+7 of 4 columns: two columns, and the other two. */
typedef struct columns {
    uint8x16_t two[2];
} columns;

static inline columns codes_of(const uint8_t *w, const int bits)
{
    uint8x16_t c = vld1q_u8(w), low = c, high;
    if (bits == 8) {
        high = vld1q_u8(w + 64);
    } else {
        low = vandq_u8(c, vdupq_n_u8(15));
        high = vshrq_n_u8(c, 4);
    }
    uint32x4_t x = vreinterpretq_u32_u8(low), y = vreinterpretq_u32_u8(high);
    return (columns){{vreinterpretq_u8_u32(vzip1q_u32(x, y)), vreinterpretq_u8_u32(vzip2q_u32(x, y))}};
}

/* rp pairs of rows by nv vectors of 4 columns, from column 4 * v0 of the panel on; the first mr rows are stored. rp, nv
 * and bits are constants where this is called, and rp * nv is at most 8. Sums are [column][row]. */
static inline __attribute__((always_inline)) void quant_block(const ocrvl_quant_args *q, const size_t rp,
                                                              const size_t nv, const int bits, size_t mr, size_t i0,
                                                              size_t p, size_t v0)
{
    const size_t block = bits == 8 ? OCRVL_INT8_BLOCK : OCRVL_INT4_BLOCK;
    const uint8_t *w = q->w + p * q->w_stride + 16 * v0;
    const uint16_t *s = q->s + p * q->s_stride + 4 * v0;
    float *c = q->c + i0 * q->ldc + p * OCRVL_PANEL + 4 * v0;
    size_t at[8];
    float32x4_t sum[8][4];
#pragma GCC unroll 8
    for (size_t i = 0; i < 2 * rp; i++) {
        at[i] = i < mr ? i : mr - 1;
#pragma GCC unroll 4
        for (size_t v = 0; v < nv; v++)
            sum[i][v] = q->more ? vld1q_f32(c + at[i] * q->ldc + 4 * v) : vdupq_n_f32(0);
    }
    for (size_t b = 0; b < q->blocks; b++) {
        int32x4_t acc[4][8];
#pragma GCC unroll 4
        for (size_t r = 0; r < rp; r++) {
            int32x4_t zero = vdupq_n_s32(q->zero[(i0 + at[2 * r]) * q->ldb + b]);
            zero = vzip1q_s32(zero, vdupq_n_s32(q->zero[(i0 + at[2 * r + 1]) * q->ldb + b]));
#pragma GCC unroll 8
            for (size_t v = 0; v < 2 * nv; v++)
                acc[r][v] = zero;
        }
        for (size_t kk = b * block; kk < (b + 1) * block; kk += 8, w += 8 * OCRVL_PANEL * bits / 8) {
            int8x16_t x[4];
#pragma GCC unroll 4
            for (size_t r = 0; r < rp; r++)
                x[r] = vcombine_s8(vld1_s8(q->a + (i0 + at[2 * r]) * q->lda + kk),
                                   vld1_s8(q->a + (i0 + at[2 * r + 1]) * q->lda + kk));
#pragma GCC unroll 4
            for (size_t v = 0; v < nv; v++) {
                columns codes = codes_of(w + 16 * v, bits);
#pragma GCC unroll 4
                for (size_t r = 0; r < rp; r++) {
                    acc[r][2 * v] = vusmmlaq_s32(acc[r][2 * v], codes.two[0], x[r]);
                    acc[r][2 * v + 1] = vusmmlaq_s32(acc[r][2 * v + 1], codes.two[1], x[r]);
                }
            }
        }
#pragma GCC unroll 4
        for (size_t v = 0; v < nv; v++) {
            float32x4_t scale = vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(s + b * OCRVL_PANEL + 4 * v), 16));
#pragma GCC unroll 4
            for (size_t r = 0; r < rp; r++) {
                int32x4_t first = vuzp1q_s32(acc[r][2 * v], acc[r][2 * v + 1]);
                int32x4_t second = vuzp2q_s32(acc[r][2 * v], acc[r][2 * v + 1]);
                sum[2 * r][v] = vfmaq_f32(sum[2 * r][v], vcvtq_f32_s32(first),
                                          vmulq_n_f32(scale, q->scale[(i0 + at[2 * r]) * q->ldb + b]));
                sum[2 * r + 1][v] = vfmaq_f32(sum[2 * r + 1][v], vcvtq_f32_s32(second),
                                              vmulq_n_f32(scale, q->scale[(i0 + at[2 * r + 1]) * q->ldb + b]));
            }
        }
    }
#pragma GCC unroll 8
    for (size_t i = 0; i < 2 * rp; i++)
#pragma GCC unroll 4
        for (size_t v = 0; v < nv; v++)
            if (i < mr)
                vst1q_f32(c + i * q->ldc + 4 * v, sum[i][v]);
}

/* With few rows whole panels are taken, so that their codes are read once. */
static inline __attribute__((always_inline)) void quant_tile(const ocrvl_quant_args *q, const int bits)
{
    for (size_t p = 0; p < q->panels; p++)
        for (size_t i = 0; i < q->m;) {
            size_t mr = q->m - i < 8 ? q->m - i : 8;
            if (mr <= 2)
                quant_block(q, 1, 4, bits, mr, i, p, 0);
            else if (mr <= 4)
                quant_block(q, 2, 4, bits, mr, i, p, 0);
            else
                for (size_t v = 0; v < 4; v += 2)
                    if (mr <= 6)
                        quant_block(q, 3, 2, bits, mr, i, p, v);
                    else
                        quant_block(q, 4, 2, bits, mr, i, p, v);
            i += mr;
        }
}

static void int8_tile(const ocrvl_quant_args *q) { quant_tile(q, 8); }

static void int4_tile(const ocrvl_quant_args *q) { quant_tile(q, 4); }

/* Like the one in x86_bf16.c: a step is two products of 2 x 2 x 4 pairs, or of 2 x 2 x 8 bytes. */
static void peak_bf16(size_t rounds)
{
    float32x4_t acc[OCRVL_PEAK_STEPS];
    bfloat16x8_t x = vreinterpretq_bf16_u16(vdupq_n_u16(0));
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        acc[i] = vdupq_n_f32(0);
    for (size_t r = 0; r < 2 * rounds; r++) {
#pragma GCC unroll 24
        for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++) {
            acc[i] = vbfmmlaq_f32(acc[i], x, x);
            __asm__("" : "+w"(acc[i]));
        }
    }
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        __asm__ volatile("" ::"w"(acc[i]));
}

static void peak_int8(size_t rounds)
{
    int32x4_t acc[OCRVL_PEAK_STEPS];
    int8x16_t x = vdupq_n_s8(0);
    uint8x16_t u = vdupq_n_u8(0);
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        acc[i] = vdupq_n_s32(0);
    for (size_t r = 0; r < 2 * rounds; r++) {
#pragma GCC unroll 24
        for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++) {
            acc[i] = vusmmlaq_s32(acc[i], u, x);
            __asm__("" : "+w"(acc[i]));
        }
    }
#pragma GCC unroll 24
    for (size_t i = 0; i < OCRVL_PEAK_STEPS; i++)
        __asm__ volatile("" ::"w"(acc[i]));
}

const ocrvl_kern ocrvl_kern_neon_mm = TABLE("neon_mm", ocrvl_neon_tile, dot, pair_tile, int8_tile, int4_tile,
                                            .bf16 = true, .peak_bf16 = peak_bf16, .peak_int8 = peak_int8);
#endif
