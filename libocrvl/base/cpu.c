#include "base/cpu.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

ocrvl_cpu ocrvl_cpu_detect(void)
{
    ocrvl_cpu c = {0};
#if defined(__x86_64__)
    __builtin_cpu_init();
    c.avx2_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    c.avx512 = c.avx2_fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    c.avx512_bf16 = c.avx512 && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
    c.slow_bf16 = c.avx512_bf16 && __builtin_cpu_is("intel");
#elif defined(__aarch64__) && defined(__linux__)
    unsigned long more = getauxval(AT_HWCAP2);
    c.dotprod = (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
    c.matmul = c.dotprod && (more & HWCAP2_BF16) != 0 && (more & HWCAP2_I8MM) != 0;
#endif
    return c;
}
