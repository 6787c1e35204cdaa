/* Functions of one x86 table that other x86 tables use. */
#ifndef OCRVL_KERN_X86_H
#define OCRVL_KERN_X86_H

#include "kern/kern.h"

#if defined(__x86_64__)
/* ocrvl_kern_avx512.tile */
void ocrvl_avx512_tile(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b,
                       size_t panel_stride, float *c, size_t ldc, bool more);
/* ocrvl_kern_avx512.pair_tile and peak_bf16: by fused steps of float32 */
void ocrvl_avx512_pair_tile(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                            size_t stride, float *c, size_t ldc, bool more);
void ocrvl_avx512_peak(size_t rounds);
/* int8_tile by a table's tile of float32 */
typedef void (*ocrvl_tile_fn)(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b,
                              size_t panel_stride, float *c, size_t ldc, bool more);
void ocrvl_avx2_wide_int8_tile(const ocrvl_quant_args *q, ocrvl_tile_fn product);
/* ocrvl_kern_avx2.int4_tile */
void ocrvl_avx2_int4_tile(const ocrvl_quant_args *q);
/* ocrvl_kern_avx2.widen_fp8 */
void ocrvl_avx2_widen_fp8(uint16_t *dst, const uint8_t *src, size_t n);
#endif

#endif
