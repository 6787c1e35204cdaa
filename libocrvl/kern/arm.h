/* Functions of one ARM table that other ARM tables use. */
#ifndef OCRVL_KERN_ARM_H
#define OCRVL_KERN_ARM_H

#include "kern/kern.h"

#if defined(__aarch64__)
/* tile of ocrvl_kern_neon */
void ocrvl_neon_tile(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                     float *c, size_t ldc, bool more);
void ocrvl_neon_dot(size_t m, size_t n, size_t k, const uint16_t *a, size_t lda, const uint16_t *b, size_t ldb,
                    float *c, size_t ldc, bool ahead);
void ocrvl_neon_pair_tile(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                          size_t panel_stride, float *c, size_t ldc, bool more);
void ocrvl_neon_pack_pairs(uint16_t *dst, const uint16_t *src, size_t rows, size_t k, size_t stride);
float ocrvl_neon_soft_block(float *x, uint16_t *p, size_t n, float scale, float *max, float *sum);

#define PACK_PAIRS ocrvl_neon_pack_pairs
#define SOFT_BLOCK ocrvl_neon_soft_block
#endif

#endif
