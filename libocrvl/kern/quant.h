/* Matrices of 8-bit and 4-bit integers, with a scale for each block along k of each row; activations are rounded to 8
 * bits with a scale for each such block too. Sums of a block are exact integers, so that every table gives the same
 * bits. */
#ifndef OCRVL_KERN_QUANT_H
#define OCRVL_KERN_QUANT_H

#include "kern/kern.h"

typedef enum ocrvl_gemm_mode {                       /* how products with a matrix are computed */
                               OCRVL_GEMM_FLOAT = 0, /* in float32, whatever type is stored */
                               OCRVL_GEMM_BF16,      /* stored as bfloat16 or FP8, row-major; activations are rounded to
                                                        bfloat16,      sums are float32 */
                               OCRVL_GEMM_INT8,      /* panels of integers (kern/quant.h); n is a multiple of 16 */
                               OCRVL_GEMM_INT4
} ocrvl_gemm_mode;

/* How many numbers along k share a scale, for OCRVL_GEMM_INT8 and OCRVL_GEMM_INT4. */
size_t ocrvl_gemm_mode_block(ocrvl_gemm_mode w);

/* Sizes of a panel of 16 rows of k. w is OCRVL_GEMM_INT8 or OCRVL_GEMM_INT4. */
size_t ocrvl_quant_codes(ocrvl_gemm_mode w, size_t k);  /* bytes of codes */
size_t ocrvl_quant_scales(ocrvl_gemm_mode w, size_t k); /* number of scales */

/* Packs rows [16][k] as a panel:
 *   INT8  codes [k rounded up to 128 / 4][16][4], each a number + 128; scales [k rounded up to 128 / 128][16]
 *   INT4  codes [k rounded up to 16 / 8][16][4], a number + 8: k..k+3 in the low halves of the bytes, k+4..k+7 in the
 *         high halves; scales [k rounded up to 16 / 16][16]
 * Scales are bfloat16; a weight is its number times the scale. */
void ocrvl_quant_pack(ocrvl_gemm_mode w, const float *rows, size_t k, uint8_t *codes, uint16_t *scales);
/* The weights that a panel stands for, [16][k]. */
void ocrvl_quant_unpack(ocrvl_gemm_mode w, const uint8_t *codes, const uint16_t *scales, size_t k, float *rows);

#endif
