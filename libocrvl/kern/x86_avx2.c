/* AVX2 and FMA3. */
#include "kern/kern.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define NAME(x) avx2_##x
#include "kern/elem.inc"

/* One block of mr rows and nv vectors of 8 columns (two to a panel); both are constants where this is called. */
static inline __attribute__((always_inline)) void block(const size_t mr, const size_t nv, size_t k, const float *a,
                                                        size_t lda, const float *b, size_t stride, float *c,
                                                        size_t ldc, bool more)
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

/* At most 6 rows. Few rows take more panels at once, so that 8 sums are under way and hide the latency of each. */
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

const ocrvl_kern ocrvl_kern_avx2 = TABLE("avx2", tile);
#endif
