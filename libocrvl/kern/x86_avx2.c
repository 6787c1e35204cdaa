/* AVX2 and FMA3. */
#include "kern/x86.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define PACK_PAIRS pack_pairs
#define WIDEN_FP8 ocrvl_avx2_widen_fp8
static void pack_pairs(uint16_t *dst, const uint16_t *src, size_t rows, size_t k, size_t stride);
#define NAME(x) avx2_##x
#include "kern/elem.inc"

enum { DEPTH = 64, DOT_ROWS = 12 }; /* for dot */

/* One block of mr rows and nv vectors of 8 columns (two to a panel); both are constants where this is called. */
static inline __attribute__((always_inline)) void block(const size_t mr, const size_t nv, size_t k, const float *a,
                                                        size_t lda, const float *b, size_t stride, float *c, size_t ldc,
                                                        bool more)
{
    __m256 acc[6][8];
#pragma GCC unroll 6
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 8
        for (size_t v = 0; v < nv; v++)
            acc[i][v] = more ? _mm256_loadu_ps(c + i * ldc + v * 8) : _mm256_setzero_ps();
    for (size_t kk = 0; kk < k; kk++) {
        __m256 w[8];
#pragma GCC unroll 8
        for (size_t v = 0; v < nv; v++)
            w[v] = _mm256_loadu_ps(b + v / 2 * stride + kk * OCRVL_PANEL + v % 2 * 8);
#pragma GCC unroll 6
        for (size_t i = 0; i < mr; i++) {
            __m256 x = _mm256_broadcast_ss(a + i * lda + kk);
#pragma GCC unroll 8
            for (size_t v = 0; v < nv; v++)
                acc[i][v] = _mm256_fmadd_ps(x, w[v], acc[i][v]);
        }
    }
#pragma GCC unroll 6
    for (size_t i = 0; i < mr; i++)
#pragma GCC unroll 8
        for (size_t v = 0; v < nv; v++)
            _mm256_storeu_ps(c + i * ldc + v * 8, acc[i][v]);
}

#define BLOCK(mr, np) block(mr, 2 * np, k, a, lda, b, panel_stride, c, ldc, more)

/* At most 6 rows. With few rows more panels are taken at once, so that 8 sums are in flight and hide the latency of
 * each. */
static void rows(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc, bool more)
{
    while (panels) {
        size_t np = 1;
        if (m == 1 && panels >= 4) {
            np = 4;
            BLOCK(1, 4);
        } else if (m == 2 && panels >= 2) {
            np = 2;
            BLOCK(2, 2);
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

static void tile(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc, bool more)
{
    for (size_t i = 0; i < m;) {
        size_t n = m - i >= 6 ? 6 : m - i;
        rows(n, panels, k, a + i * lda, lda, b, panel_stride, c + i * ldc, ldc, more);
        i += n;
    }
}

/* ---- bfloat16, in the arithmetic of VDPBF16PS: pairs, odd elements first, each step fused, denormals zero ------- */

typedef struct pair_of {
    __m256 odd, even;
} pair_of;

static inline pair_of split(__m256i v)
{
    return (pair_of){_mm256_castsi256_ps(_mm256_and_si256(v, _mm256_set1_epi32((int)0xFFFF0000))),
                     _mm256_castsi256_ps(_mm256_slli_epi32(v, 16))};
}

static inline __m256 dp(__m256 acc, pair_of a, pair_of b)
{
    return _mm256_fmadd_ps(a.even, b.even, _mm256_fmadd_ps(a.odd, b.odd, acc));
}

static inline unsigned flush_denormals(void)
{
    unsigned old = _mm_getcsr();
    _mm_setcsr(old | 0x8040);
    return old;
}

/* mr rows by one panel. */
static inline __attribute__((always_inline)) void pair_block(const size_t mr, size_t pairs, const uint16_t *a,
                                                             size_t lda, const uint16_t *b, float *c, size_t ldc,
                                                             bool more)
{
    __m256 acc[4][2];
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++) {
        acc[i][0] = more ? _mm256_loadu_ps(c + i * ldc) : _mm256_setzero_ps();
        acc[i][1] = more ? _mm256_loadu_ps(c + i * ldc + 8) : _mm256_setzero_ps();
    }
    for (size_t kk = 0; kk < pairs; kk++) {
        pair_of w0 = split(_mm256_loadu_si256((const __m256i *)(b + kk * 2 * OCRVL_PANEL)));
        pair_of w1 = split(_mm256_loadu_si256((const __m256i *)(b + kk * 2 * OCRVL_PANEL + 16)));
#pragma GCC unroll 4
        for (size_t i = 0; i < mr; i++) {
            int two;
            memcpy(&two, a + i * lda + 2 * kk, sizeof two);
            pair_of x = split(_mm256_set1_epi32(two));
            acc[i][0] = dp(acc[i][0], x, w0);
            acc[i][1] = dp(acc[i][1], x, w1);
        }
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < mr; i++) {
        _mm256_storeu_ps(c + i * ldc, acc[i][0]);
        _mm256_storeu_ps(c + i * ldc + 8, acc[i][1]);
    }
}

#define PAIRS(mr)                                                                                                      \
    pair_block(mr, pairs, a + i * lda, lda, b + p * panel_stride, c + i * ldc + p * OCRVL_PANEL, ldc, more)

static void pair_tile(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                      size_t panel_stride, float *c, size_t ldc, bool more)
{
    unsigned old = flush_denormals();
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
    _mm_setcsr(old);
}

/* Transposes 8 rows of 8 pairs: pair p of row r comes to lane r of x[p]. */
static inline __attribute__((always_inline)) void turn8(__m256i *x)
{
    __m256i y[8], z[8];
#pragma GCC unroll 4
    for (size_t i = 0; i < 8; i += 2) {
        y[i] = _mm256_unpacklo_epi32(x[i], x[i + 1]);
        y[i + 1] = _mm256_unpackhi_epi32(x[i], x[i + 1]);
    }
#pragma GCC unroll 2
    for (size_t i = 0; i < 8; i += 4)
#pragma GCC unroll 2
        for (size_t h = 0; h < 2; h++) {
            z[i + 2 * h] = _mm256_unpacklo_epi64(y[i + h], y[i + 2 + h]);
            z[i + 2 * h + 1] = _mm256_unpackhi_epi64(y[i + h], y[i + 2 + h]);
        }
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++) {
        x[i] = _mm256_permute2x128_si256(z[i], z[i + 4], 0x20);
        x[i + 4] = _mm256_permute2x128_si256(z[i], z[i + 4], 0x31);
    }
}

/* n <= 16 elements, then zeros */
static inline __m256i part(const uint16_t *p, size_t n)
{
    uint16_t v[16] = {0};
    if (n == 16)
        return _mm256_loadu_si256((const __m256i *)p);
    memcpy(v, p, n * sizeof *v);
    return _mm256_loadu_si256((const __m256i *)v);
}

/* Loads 8 rows of src from r on and transposes their pairs. */
static inline __attribute__((always_inline)) void load8(__m256i *x, const uint16_t *src, size_t r, size_t rows,
                                                        size_t n, size_t stride)
{
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; i++)
        x[i] = r + i < rows ? part(src + (r + i) * stride, n) : _mm256_setzero_si256();
    turn8(x);
}

static void pack_pairs(uint16_t *dst, const uint16_t *src, size_t rows, size_t k, size_t stride)
{
    for (size_t kk = 0; kk < k; kk += 16)
        for (size_t h = 0; h < 16; h += 8) {
            __m256i x[8];
            size_t left = k - kk < 16 ? k - kk : 16;
            load8(x, src + kk, h, rows, left, stride);
            for (size_t p = 0; p < (left + 1) / 2; p++)
                _mm256_storeu_si256((__m256i *)(dst + (kk + 2 * p) * OCRVL_PANEL + 2 * h), x[p]);
        }
}

/* Widens 16 rows of src to a panel of float32, the odd one of each pair first, so that a chain over the panel is one
 * over pairs. dst is [n rounded up to even][16]. */
static inline void widen_panel(float *dst, const uint16_t *src, size_t have, size_t n, size_t stride)
{
    for (size_t kk = 0; kk < n; kk += 16)
        for (size_t h = 0; h < 16; h += 8) {
            __m256i x[8];
            size_t left = n - kk < 16 ? n - kk : 16;
            load8(x, src + kk, h, have, left, stride);
#pragma GCC unroll 8
            for (size_t p = 0; p < 8; p++) {
                pair_of w = split(x[p]);
                if (2 * p < left) {
                    _mm256_storeu_ps(dst + (kk + 2 * p) * OCRVL_PANEL + h, w.odd);
                    _mm256_storeu_ps(dst + (kk + 2 * p + 1) * OCRVL_PANEL + h, w.even);
                }
            }
        }
}

static void widen_row(float *to, const uint16_t *x, size_t n)
{
    uint32_t bits[DEPTH];
    for (size_t i = 0; i + 2 <= n; i += 2) {
        bits[i] = (uint32_t)x[i + 1] << 16;
        bits[i + 1] = (uint32_t)x[i] << 16;
    }
    if (n % 2) {
        bits[n - 1] = 0;
        bits[n] = (uint32_t)x[n - 1] << 16;
    }
    memcpy(to, bits, (n + n % 2) * sizeof *to);
}

/* Takes at most DOT_ROWS rows by 64 columns at a time, widens them DEPTH along k into panels, and calls the float32
 * tile. */
static void dot_panels(size_t m, size_t n, size_t k, const uint16_t *a, size_t lda, const uint16_t *b, size_t ldb,
                       float *c, size_t ldc)
{
    enum { STRIDE = DEPTH * OCRVL_PANEL, WIDTH = 4 * OCRVL_PANEL };
    float panel[4 * STRIDE], x[DOT_ROWS * DEPTH], sums[DOT_ROWS * WIDTH];
    for (size_t j = 0; j < n; j += WIDTH) {
        size_t columns = n - j < WIDTH ? n - j : WIDTH, panels = (columns + OCRVL_PANEL - 1) / OCRVL_PANEL;
        for (size_t kk = 0; kk < k; kk += DEPTH) {
            size_t depth = k - kk < DEPTH ? k - kk : DEPTH, half = m > 6 ? (m + 1) / 2 : m;
            for (size_t p = 0; p < panels; p++) {
                size_t left = columns - p * OCRVL_PANEL;
                const uint16_t *from = b + (j + p * OCRVL_PANEL) * ldb + kk;
                for (size_t r = 0; r < OCRVL_PANEL; r++) { /* prefetches the next panels */
                    _mm_prefetch((const char *)(from + r * ldb + 2 * DEPTH), _MM_HINT_T0);
                    _mm_prefetch((const char *)(from + r * ldb + 2 * DEPTH + 32), _MM_HINT_T0);
                }
                widen_panel(panel + p * STRIDE, from, left < OCRVL_PANEL ? left : OCRVL_PANEL, depth, ldb);
            }
            for (size_t r = 0; r < m; r++)
                widen_row(x + r * DEPTH, a + r * lda + kk, depth);
            for (size_t r = 0; r < m; r += half)
                rows(m - r < half ? m - r : half, panels, depth + depth % 2, x + r * DEPTH, DEPTH, panel, STRIDE,
                     sums + r * WIDTH, WIDTH, kk > 0);
        }
        for (size_t r = 0; r < m; r++)
            memcpy(c + r * ldc + j, sums + r * WIDTH, columns * sizeof *c);
    }
}

/* One row by 32 columns, with k a multiple of 16: pairs are transposed in registers. */
static void dot_32(size_t k, const uint16_t *a, const uint16_t *b, size_t ldb, float *c)
{
    __m256 acc[4];
#pragma GCC unroll 4
    for (size_t h = 0; h < 4; h++)
        acc[h] = _mm256_setzero_ps();
    for (size_t kk = 0; kk < k; kk += 16) {
#pragma GCC unroll 16
        for (size_t l = 0; l < 16; l++)
            _mm_prefetch((const char *)(b + 32 * ldb) + kk * 64 + l * 64, _MM_HINT_T0);
#pragma GCC unroll 4
        for (size_t h = 0; h < 4; h++) {
            __m256i w[8];
            load8(w, b + kk, 8 * h, 32, 16, ldb);
#pragma GCC unroll 8
            for (size_t p = 0; p < 8; p++) {
                int two;
                memcpy(&two, a + kk + 2 * p, sizeof two);
                acc[h] = dp(acc[h], split(_mm256_set1_epi32(two)), split(w[p]));
            }
        }
    }
#pragma GCC unroll 4
    for (size_t h = 0; h < 4; h++)
        _mm256_storeu_ps(c + 8 * h, acc[h]);
}

static void dot(size_t m, size_t n, size_t k, const uint16_t *a, size_t lda, const uint16_t *b, size_t ldb, float *c,
                size_t ldc, bool ahead)
{
    unsigned old = flush_denormals();
    size_t j = 0;
    (void)ahead;
    for (; m == 1 && k % 16 == 0 && j + 32 <= n; j += 32)
        dot_32(k, a, b + j * ldb, ldb, c + j);
    for (size_t i = 0; j < n && i < m; i += DOT_ROWS)
        dot_panels(m - i < DOT_ROWS ? m - i : DOT_ROWS, n - j, k, a + i * lda, lda, b + j * ldb, ldb, c + i * ldc + j,
                   ldc);
    _mm_setcsr(old);
}

/* ---- integers: bytes are taken apart into 16 bits, whose products in pairs no sum overflows -----------------------
 */

/* acc[8 columns] += codes w [8][4] (as bytes) times the four activations at a. */
static inline __m256i add_fours(__m256i acc, __m256i w, const int8_t *a)
{
    int four;
    memcpy(&four, a, sizeof four);
    __m256i x = _mm256_set1_epi32(four), low = _mm256_set1_epi16(255);
    __m256i even = _mm256_madd_epi16(_mm256_and_si256(w, low), _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8));
    __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(w, 8), _mm256_srai_epi16(x, 8));
    return _mm256_add_epi32(acc, _mm256_add_epi32(even, odd));
}

/* 8 columns (half a panel, at w and s) of a row, over all blocks. */
static inline __attribute__((always_inline)) __m256 quant_half(const ocrvl_quant_args *q, const int bits, size_t i,
                                                               const uint8_t *w, const uint16_t *s, __m256 sum)
{
    const size_t block = bits == 8 ? OCRVL_INT8_BLOCK : OCRVL_INT4_BLOCK, step = bits == 8 ? 4 : 8;
    const __m256i nibble = _mm256_set1_epi8(15);
    const int8_t *a = q->a + i * q->lda;
    for (size_t b = 0; b < q->blocks; b++) {
        __m256i acc = _mm256_set1_epi32(q->zero[i * q->ldb + b]);
        for (size_t kk = 0; kk < block; kk += step, w += 64, a += step) {
            __m256i codes = _mm256_loadu_si256((const __m256i *)w);
            if (bits == 8) {
                acc = add_fours(acc, codes, a);
            } else {
                acc = add_fours(acc, _mm256_and_si256(codes, nibble), a);
                acc = add_fours(acc, _mm256_and_si256(_mm256_srli_epi16(codes, 4), nibble), a + 4);
            }
        }
        __m128i half = _mm_loadu_si128((const __m128i *)(s + b * OCRVL_PANEL));
        __m256 scale = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
        scale = _mm256_mul_ps(_mm256_set1_ps(q->scale[i * q->ldb + b]), scale);
        sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(acc), scale, sum);
    }
    return sum;
}

static inline __attribute__((always_inline)) void quant_tile(const ocrvl_quant_args *q, const int bits)
{
    for (size_t p = 0; p < q->panels; p++)
        for (size_t i = 0; i < q->m; i++)
            for (size_t h = 0; h < 2; h++) {
                float *c = q->c + i * q->ldc + p * OCRVL_PANEL + h * 8;
                __m256 sum = q->more ? _mm256_loadu_ps(c) : _mm256_setzero_ps();
                sum = quant_half(q, bits, i, q->w + p * q->w_stride + h * 32, q->s + p * q->s_stride + h * 8, sum);
                _mm256_storeu_ps(c, sum);
            }
}

/* 16 at a time; numbers without a leading 1 come from a table, low bytes before high ones. */
void ocrvl_avx2_widen_fp8(uint16_t *dst, const uint8_t *src, size_t n)
{
    const __m256i table = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 0, (char)0x80, (char)0xC0, 0, 0x20, 0x40, 0x60, 0, 0x3B, 0x3B, 0x3B, 0x3C, 0x3C, 0x3C, 0x3C));
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m256i code = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(src + i)));
        __m256i size = _mm256_and_si256(code, _mm256_set1_epi16(0x7F));
        __m256i wide = _mm256_add_epi16(_mm256_slli_epi16(size, 4), _mm256_set1_epi16(120 << 7));
        __m256i at = _mm256_or_si256(_mm256_or_si256(size, _mm256_slli_epi16(size, 8)), _mm256_set1_epi16(0x0800));
        __m256i small = _mm256_shuffle_epi8(table, at);
        wide = _mm256_blendv_epi8(wide, small, _mm256_cmpgt_epi16(_mm256_set1_epi16(8), size));
        wide = _mm256_blendv_epi8(wide, _mm256_set1_epi16(0x7FC0), _mm256_cmpeq_epi16(size, _mm256_set1_epi16(0x7F)));
        __m256i sign = _mm256_slli_epi16(_mm256_and_si256(code, _mm256_set1_epi16(0x80)), 8);
        _mm256_storeu_si256((__m256i *)(dst + i), _mm256_or_si256(wide, sign));
    }
    for (; i < n; i++)
        dst[i] = avx2_fp8_to_bf16(src[i]);
}

/* ---- 8 bits of many rows, as floats: sums over a block stay under 2^24, so that float32 has them exactly ---------- */

enum {
    WIDE_ROWS = 48,
    WIDE_PANELS = 2,
    WIDE_COLUMNS = WIDE_PANELS * OCRVL_PANEL,
    LEAST_WIDE = 8 /* rows that it is worth it for */
};

/* A block of int8 as float32. */
static void widen_bytes(float *to, const int8_t *a)
{
    for (size_t i = 0; i < OCRVL_INT8_BLOCK; i += 8)
        _mm256_storeu_ps(to + i, _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(a + i)))));
}

/* How many of a block's numbers there are, in eights, before all rows are zero: matrices are filled up to whole
 * blocks. */
static size_t used_of_block(const int8_t *a, size_t lda, size_t rows)
{
    size_t n = OCRVL_INT8_BLOCK;
    for (uint64_t any = 0; n > 8; n -= 8) {
        for (size_t r = 0; r < rows && !any; r++)
            memcpy(&any, a + r * lda + n - 8, sizeof any);
        if (any)
            break;
    }
    return n;
}

/* The first n codes of a panel's block [n / 4][16][4] as float32 [n][16]. */
static void widen_codes(float *to, const uint8_t *w, size_t n)
{
    const __m256i low = _mm256_set1_epi32(255);
    for (size_t k = 0; k < n; k += 4, w += 64)
        for (size_t h = 0; h < 2; h++) {
            __m256i fours = _mm256_loadu_si256((const __m256i *)(w + 32 * h));
            for (size_t j = 0; j < 4; j++, fours = _mm256_srli_epi32(fours, 8))
                _mm256_storeu_ps(to + (k + j) * OCRVL_PANEL + 8 * h, _mm256_cvtepi32_ps(_mm256_and_si256(fours, low)));
        }
}

/* c [rows][16] = c, or nothing at first, + a block's sums with their zeros times the scales s. */
static void add_block(const ocrvl_quant_args *q, size_t i, size_t rows, size_t b, size_t p, const float *sums)
{
    for (size_t h = 0; h < 2; h++) {
        __m128i half = _mm_loadu_si128((const __m128i *)(q->s + p * q->s_stride + b * OCRVL_PANEL + 8 * h));
        __m256 s = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
        for (size_t r = 0; r < rows; r++) {
            size_t at = (i + r) * q->ldb + b;
            float *c = q->c + (i + r) * q->ldc + p * OCRVL_PANEL + 8 * h;
            __m256 sum =
                _mm256_add_ps(_mm256_loadu_ps(sums + r * WIDE_COLUMNS + 8 * h), _mm256_set1_ps((float)q->zero[at]));
            __m256 scale = _mm256_mul_ps(_mm256_set1_ps(q->scale[at]), s);
            __m256 to = b || q->more ? _mm256_loadu_ps(c) : _mm256_setzero_ps();
            _mm256_storeu_ps(c, _mm256_fmadd_ps(sum, scale, to));
        }
    }
}

void ocrvl_avx2_wide_int8_tile(const ocrvl_quant_args *q, ocrvl_tile_fn product)
{
    enum { BLOCK = OCRVL_INT8_BLOCK, SIZE = BLOCK * OCRVL_PANEL };
    _Alignas(64) float x[WIDE_ROWS * BLOCK], w[WIDE_PANELS * SIZE], sums[WIDE_ROWS * WIDE_COLUMNS];
    if (q->m < LEAST_WIDE) {
        quant_tile(q, 8);
        return;
    }
    for (size_t i = 0; i < q->m; i += WIDE_ROWS) {
        size_t rows = q->m - i < WIDE_ROWS ? q->m - i : WIDE_ROWS;
        for (size_t b = 0; b < q->blocks; b++) {
            for (size_t r = 0; r < rows; r++)
                widen_bytes(x + r * BLOCK, q->a + (i + r) * q->lda + b * BLOCK);
            size_t used = used_of_block(q->a + i * q->lda + b * BLOCK, q->lda, rows);
            for (size_t p = 0, n; p < q->panels; p += n) {
                n = q->panels - p < WIDE_PANELS ? q->panels - p : WIDE_PANELS;
                for (size_t j = 0; j < n; j++)
                    widen_codes(w + j * SIZE, q->w + (p + j) * q->w_stride + b * SIZE, used);
                product(rows, n, used, x, BLOCK, w, SIZE, sums, WIDE_COLUMNS, false);
                for (size_t j = 0; j < n; j++)
                    add_block(q, i, rows, b, p + j, sums + j * OCRVL_PANEL);
            }
        }
    }
}

static void int8_tile(const ocrvl_quant_args *q) { ocrvl_avx2_wide_int8_tile(q, tile); }

void ocrvl_avx2_int4_tile(const ocrvl_quant_args *q) { quant_tile(q, 4); }

const ocrvl_kern ocrvl_kern_avx2 = TABLE("avx2", tile, dot, pair_tile, int8_tile, ocrvl_avx2_int4_tile, .bf16 = true);
#endif
