/* Floats of 8 bits: a sign, 4 bits of exponent (bias 7), 3 of mantissa; no infinity, and 0x7F and 0xFF are NaN (OCP's
 * E4M3, F8_E4M3 in safetensors). */
#ifndef OCRVL_KERN_FP8_H
#define OCRVL_KERN_FP8_H

#include <math.h>
#include <stdint.h>

/* The number of a code; all but NaN are exact in bfloat16. */
static inline float ocrvl_fp8_widen(uint8_t code)
{
    int e = code >> 3 & 15, m = code & 7;
    float f = (code & 0x7F) == 0x7F ? NAN : e ? ldexpf((float)(8 + m), e - 10) : ldexpf((float)m, -9);
    return code & 0x80 ? -f : f;
}

#endif
