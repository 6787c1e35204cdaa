/* The reference in plain C: every other table must give the same bits. */
#include "kern/kern.h"

#define NAME(x) plain_##x
#include "kern/elem.inc"
#include "kern/pair.inc"
#include "kern/quant.inc"

static void tile(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc, bool more)
{
    for (size_t i = 0; i < m; i++)
        for (size_t p = 0; p < panels; p++)
            for (size_t j = 0; j < OCRVL_PANEL; j++) {
                float s = more ? c[i * ldc + p * OCRVL_PANEL + j] : 0.0f;
                for (size_t kk = 0; kk < k; kk++)
                    s = fmaf(a[i * lda + kk], b[p * panel_stride + kk * OCRVL_PANEL + j], s);
                c[i * ldc + p * OCRVL_PANEL + j] = s;
            }
}

const ocrvl_kern ocrvl_kern_plain =
    TABLE("plain", tile, plain_dot, plain_pair_tile, plain_int8_tile, plain_int4_tile, .bf16 = false);
