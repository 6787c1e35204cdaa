/* The layouts in which quantised checkpoints of safetensors store a matrix X.weight [n][k] (config.json's
 * quantization_config names them):
 *
 *   FP8      X.weight F8_E4M3 [n][k]; X.weight_scale, one number, or [n] or [n][1]; or X.weight_scale_inv
 *            [ceil(n / block[0])][ceil(k / block[1])]. A weight is its code times the scale.
 *   AWQ      X.qweight I32 [k][n / 8], X.qzeros I32 [groups][n / 8], X.scales [groups][n]; halves of bytes in the order
 *            0 2 4 6 1 3 5 7 of columns from the low end; (code - zero) * scale.
 *   GPTQ     X.qweight I32 [k * bits / 32][n], X.qzeros I32 [groups][n * bits / 32], X.scales [groups][n], X.g_idx I32
 *            [k] with the group of each k; codes and zeros from the low end; zeros are stored less 1, unless the
 *            checkpoint_format is gptq_v2. (code - zero) * scale.
 *   PACKED   compressed-tensors' pack-quantized: X.weight_packed I32 [n][ceil(k * bits / 32)], from the low end, each
 *            a number plus half its range; X.weight_scale [n][groups]; X.weight_zero_point, if there is one, I32
 *            [ceil(n * bits / 32)][groups]; X.weight_g_idx I32 [k] if act-order was used; X.weight_shape.
 *
 * groups = ceil(k / group); scales are F16, BF16 or F32. */
#ifndef OCRVL_MODEL_LAYOUT_H
#define OCRVL_MODEL_LAYOUT_H

#include "base/json.h"
#include "model/raw.h"

#endif
