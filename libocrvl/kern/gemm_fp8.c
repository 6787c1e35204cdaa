#include "kern/gemm_fp8.h"

#include <string.h>

#include "kern/fp8.h"

enum { CHUNK = 512 }; /* of k; even */

void ocrvl_fp8_pack(const ocrvl_fp8_mat *w, float *dst, size_t row, size_t rows, size_t k0, size_t depth)
{
    float numbers[256];
    for (unsigned i = 0; i < 256; i++)
        numbers[i] = ocrvl_fp8_widen((uint8_t)i);
    memset(dst, 0, depth * OCRVL_PANEL * sizeof *dst);
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *code = w->codes + (row + r) * w->k + k0;
        for (size_t i = 0; i < depth; i++)
            dst[i * OCRVL_PANEL + r] = numbers[code[i]] * w->scales[(k0 + i) / w->block * w->n + row + r];
    }
}

void ocrvl_fp8_pack_pairs(const ocrvl_kern *kern, const ocrvl_fp8_mat *w, uint16_t *dst, size_t row, size_t rows)
{
    uint16_t wide[OCRVL_PANEL * CHUNK];
    const uint8_t *code = w->codes + row * w->k;
    for (size_t k0 = 0; k0 < w->k; k0 += CHUNK) {
        size_t depth = w->k - k0 < CHUNK ? w->k - k0 : CHUNK;
        for (size_t r = 0; r < rows; r++)
            kern->widen_fp8(wide + r * CHUNK, code + r * w->k + k0, depth);
        kern->pack_pairs(dst + k0 * OCRVL_PANEL, wide, rows, depth, CHUNK);
    }
}
