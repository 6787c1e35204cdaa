/* The layouts in which quantised checkpoints of safetensors store a matrix X.weight [n][k] (config.json's
 * quantization_config names them):
 *
 *   FP8      X.weight F8_E4M3 [n][k]; X.weight_scale, one number, or [n] or [n][1], or with blocks (then also called
 *            X.weight_scale_inv) [ceil(n / block[0])][ceil(k / block[1])]. A weight is its code times its scale.
 *   AWQ      X.qweight I32 [k][n / 8], X.qzeros I32 [groups][n / 8], X.scales [groups][n]; a word's halves of bytes
 * from the low end are columns 0 2 4 6 1 3 5 7 of eight; (code - zero) * scale. GPTQ     X.qweight I32 [k * bits /
 * 32][n], X.qzeros I32 [groups][n * bits / 32], X.scales [groups][n], X.g_idx I32 [k] with the group of each k; codes
 * and zeros from the low end; zeros are stored less 1, unless checkpoint_format is gptq_v2. (code - zero) * scale.
 *   PACKED   compressed-tensors' pack-quantized: X.weight_packed I32 [n][ceil(k * bits / 32)], from the low end, each
 *            a number plus half its range; X.weight_scale [n][groups]; X.weight_zero_point, if there is one, I32
 *            [ceil(n * bits / 32)][groups], packed likewise; X.weight_g_idx I32 [k] after act-order; X.weight_shape.
 *
 * groups = ceil(k / group); scales are F16, BF16 or F32. */
#ifndef OCRVL_MODEL_NUMBERS_H
#define OCRVL_MODEL_NUMBERS_H

#include "base/json.h"

typedef enum ocrvl_numbers_kind {
    OCRVL_NUMBERS_PLAIN = 0, /* floats */
    OCRVL_NUMBERS_FP8,
    OCRVL_NUMBERS_AWQ,
    OCRVL_NUMBERS_GPTQ,
    OCRVL_NUMBERS_PACKED
} ocrvl_numbers_kind;

typedef struct ocrvl_numbers {
    ocrvl_numbers_kind kind;
    unsigned bits;
    size_t group;    /* numbers along k that share a scale; 0: all */
    size_t block[2]; /* FP8: rows and columns that share a scale; 0, 0: there are no blocks */
    int zero_more;   /* what is added to zeros as they are stored */
} ocrvl_numbers;

/* Reads the quantization_config of a config.json, whose path is for messages; floats if there is none. Fails with
 * OCRVL_E_MODEL if it is of a kind that can't be read. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_numbers_read(ocrvl_numbers *l, const char *path, const ocrvl_json *config,
                                                 ocrvl_error *err);
/* The name of a kind, for messages. */
const char *ocrvl_numbers_name(ocrvl_numbers_kind kind);
/* Whether a member of config.json is one that ocrvl_numbers_read reads. */
bool ocrvl_numbers_is_key(const char *key);

#endif
