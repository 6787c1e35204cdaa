/* AVX-512 with BF16: the rest is as in x86_avx512.c. */
#include "kern/x86.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define NAME(x) bf16_##x
#include "kern/elem.inc"

#define DP(acc, a, b) _mm512_dpbf16_ps(acc, (__m512bh)(a), (__m512bh)(b))
#define DOT_ROWS 6
#define PAIR_ROWS 12
#include "kern/dot.inc"

/* 24 sums in registers, each step nothing but products: what the processor can do at most. The sums pass through an empty
 * asm, so that the compiler can't see that they are never used. */
#define PEAK(name, type, zero, step)                                                                                   \
    static void name(size_t rounds)                                                                                    \
    {                                                                                                                  \
        type acc[24], x = zero;                                                                                        \
        for (size_t i = 0; i < 24; i++)                                                                                \
            acc[i] = zero;                                                                                             \
        for (size_t r = 0; r < rounds; r++)                                                                            \
            _Pragma("GCC unroll 24") for (size_t i = 0; i < 24; i++)                                                   \
            {                                                                                                          \
                acc[i] = step;                                                                                         \
                __asm__("" : "+v"(acc[i]));                                                                            \
            }                                                                                                          \
        for (size_t i = 0; i < 24; i++)                                                                                \
            __asm__ volatile("" ::"v"(acc[i]));                                                                        \
        (void)x;                                                                                                       \
    }
PEAK(peak_bf16, __m512, _mm512_setzero_ps(), _mm512_dpbf16_ps(acc[i], (__m512bh)x, (__m512bh)x))
PEAK(peak_int8, __m512i, _mm512_setzero_si512(), _mm512_dpbusd_epi32(acc[i], x, x))

const ocrvl_kern ocrvl_kern_bf16 =
    TABLE("bf16", ocrvl_avx512_tile, dot, pair_tile, .bf16 = true, .peak_bf16 = peak_bf16, .peak_int8 = peak_int8);
#endif
