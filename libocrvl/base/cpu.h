/* The features of this processor. */
#ifndef OCRVL_BASE_CPU_H
#define OCRVL_BASE_CPU_H

#include <stdbool.h>

typedef struct ocrvl_cpu {
    bool avx2_fma;    /* AVX2 and FMA3; the system saves their registers */
    bool avx512;      /* AVX-512 F, BW, VL, DQ; the system saves their registers */
    bool avx512_bf16; /* avx512, AVX512_BF16 and AVX512_VNNI */
    bool slow_bf16;   /* avx512_bf16, but two fused steps of float32 are faster than VDPBF16PS, which is as much */
    bool dotprod;     /* 64-bit ARM's dot products of bytes */
    bool matmul;      /* dotprod, and matrix products of bfloat16 and of bytes */
} ocrvl_cpu;

ocrvl_cpu ocrvl_cpu_detect(void);

#endif
