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

const ocrvl_kern ocrvl_kern_bf16 = TABLE("bf16", ocrvl_avx512_tile, dot, pair_tile, true);
#endif
