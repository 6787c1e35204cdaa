/* Matrices of 8- and 4-bit integers, a scale for each block along k of each row; activations are rounded to 8 bits with a
 * scale for each such block too. Block sums are exact integers, so that every table gives the same bits. */
#ifndef OCRVL_KERN_QUANT_H
#define OCRVL_KERN_QUANT_H

#include "kern/gemm.h"

/* Of a panel of 16 rows of k. w is OCRVL_WAY_INT8 or OCRVL_WAY_INT4. */
size_t ocrvl_quant_codes(ocrvl_way w, size_t k);  /* bytes of codes */
size_t ocrvl_quant_scales(ocrvl_way w, size_t k); /* numbers of scales */

/* rows [16][k] to a panel:
 *   INT8  codes [k up to 128 / 4][16][4], a number + 128;   scales [k up to 128 / 128][16]
 *   INT4  codes [k up to 32 / 8][16][4], k..k+3 in the low halves of the bytes, k+4..k+7 in the high ones, a number + 8;
 *         scales [k up to 32 / 32][16]
 * scales are bfloat16; a weight is its number times the scale. */
void ocrvl_quant_pack(ocrvl_way w, const float *rows, size_t k, uint8_t *codes, uint16_t *scales);

#endif
