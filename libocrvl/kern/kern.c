#include "kern/kern.h"

#include <string.h>

#include "base/cpu.h"

size_t ocrvl_dtype_size(ocrvl_dtype t) { return t == OCRVL_F32 ? 4 : t == OCRVL_FP8 ? 1 : 2; }

const ocrvl_kern *ocrvl_kern_by_name(const char *name)
{
    if (strcmp(name, "plain") == 0)
        return &ocrvl_kern_plain;
    if (strcmp(name, "blas") == 0)
        return &ocrvl_kern_blas;
#if defined(__x86_64__)
    ocrvl_cpu cpu = ocrvl_cpu_detect();
    if (strcmp(name, "avx2") == 0 && cpu.avx2_fma)
        return &ocrvl_kern_avx2;
    if (strcmp(name, "avx512") == 0 && cpu.avx512)
        return &ocrvl_kern_avx512;
    if (strcmp(name, "bf16") == 0 && cpu.avx512_bf16)
        return &ocrvl_kern_bf16;
    if (strcmp(name, "bf16_fma") == 0 && cpu.avx512_bf16)
        return &ocrvl_kern_bf16_fma;
#elif defined(__aarch64__)
    ocrvl_cpu cpu = ocrvl_cpu_detect();
    if (strcmp(name, "neon") == 0)
        return &ocrvl_kern_neon;
    if (strcmp(name, "neon_dot") == 0 && cpu.dotprod)
        return &ocrvl_kern_neon_dot;
    if (strcmp(name, "neon_mm") == 0 && cpu.matmul)
        return &ocrvl_kern_neon_mm;
#endif
    return NULL;
}

const ocrvl_kern *ocrvl_kern_best(void)
{
#if defined(__x86_64__)
    if (ocrvl_cpu_detect().slow_bf16)
        return &ocrvl_kern_bf16_fma;
#endif
    static const char *const order[] = {"bf16", "avx512", "avx2", "neon_mm", "neon_dot", "neon", "blas"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const ocrvl_kern *k = ocrvl_kern_by_name(order[i]);
        if (k)
            return k;
    }
    return &ocrvl_kern_plain;
}
