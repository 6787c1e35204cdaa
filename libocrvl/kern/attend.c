#include "kern/attend.h"

#include <math.h>
#include <string.h>

static const float LOG2_E = 1.44269504088896341f;

enum { ROWS = OCRVL_ATTEND_ROWS, BLOCK = OCRVL_ATTEND_BLOCK, PUT = 64 };

static size_t round_up(size_t n) { return (n + OCRVL_PANEL - 1) / OCRVL_PANEL * OCRVL_PANEL; }

size_t ocrvl_attend_scratch(size_t hd) { return ROWS * ((size_t)BLOCK + BLOCK / 2 + round_up(hd) + hd / 2); }

typedef struct running {
    float max[ROWS], sum[ROWS], factor[ROWS];
} running;

/* Softmax of a block of scores, whose keys begin at k0; p is zero at keys that a row doesn't attend to. */
static void weigh(const ocrvl_attention *a, size_t m, size_t visible, size_t step, size_t k0, size_t keys, float *s,
                  uint16_t *p, running *r)
{
    for (size_t i = 0; i < m; i++) {
        size_t end = visible + i * step, n = end <= k0 ? 0 : end - k0 < keys ? end - k0 : keys;
        r->factor[i] = 1;
        if (n)
            r->factor[i] =
                a->kern->soft_block(s + i * BLOCK, p + i * BLOCK, n, a->scale * LOG2_E, &r->max[i], &r->sum[i]);
        memset(p + i * BLOCK + n, 0, (keys + keys % 2 - n) * sizeof *p);
    }
}

void ocrvl_attend(const ocrvl_attention *a, size_t m, const float *q, size_t ldq, size_t visible, size_t step,
                  float *out, size_t ldo, float *scratch)
{
    const ocrvl_kern *kern = a->kern;
    size_t hd = a->hd, vd = round_up(hd), all = visible + (m - 1) * step;
    float *s = scratch, *o = s + ROWS * BLOCK;
    uint16_t *p = (uint16_t *)(o + ROWS * vd), *rounded = p + ROWS * BLOCK;
    running r;
    for (size_t i = 0; i < m; i++) {
        kern->narrow(rounded + i * hd, q + i * ldq, hd);
        r.max[i] = -INFINITY;
        r.sum[i] = 0;
    }
    for (size_t k0 = 0; k0 < all; k0 += BLOCK) {
        size_t keys = all - k0 < BLOCK ? all - k0 : BLOCK;
        kern->pair_tile(m, round_up(keys) / OCRVL_PANEL, hd / 2, rounded, hd, a->k + k0 * hd, hd * OCRVL_PANEL, s,
                        BLOCK, false);
        weigh(a, m, visible, step, k0, keys, s, p, &r);
        for (size_t i = 0; k0 > 0 && i < m; i++)
            if (r.factor[i] != 1)
                kern->scale(o + i * vd, r.factor[i], vd);
        kern->pair_tile(m, vd / OCRVL_PANEL, (keys + 1) / 2, p, BLOCK, a->v + k0 * OCRVL_PANEL, a->v_stride, o, vd,
                        k0 > 0);
    }
    for (size_t i = 0; i < m; i++) {
        kern->scale(o + i * vd, 1.0f / r.sum[i], hd);
        memcpy(out + i * ldo, o + i * vd, hd * sizeof *out);
    }
}

void ocrvl_attend_put_key(const ocrvl_kern *kern, uint16_t *k, size_t hd, size_t at, const float *key)
{
    uint16_t part[PUT];
    k += at / OCRVL_PANEL * OCRVL_PANEL * hd + at % OCRVL_PANEL * 2;
    for (size_t j = 0; j < hd; j += PUT) {
        size_t n = hd - j < PUT ? hd - j : PUT;
        kern->narrow(part, key + j, n);
        for (size_t i = 0; i < n; i += 2)
            memcpy(k + (j + i) * OCRVL_PANEL, part + i, 2 * sizeof *k);
    }
}

void ocrvl_attend_put_value(const ocrvl_kern *kern, uint16_t *v, size_t v_stride, size_t hd, size_t at,
                            const float *value)
{
    uint16_t part[OCRVL_PANEL];
    v += at / 2 * 2 * OCRVL_PANEL + at % 2;
    for (size_t j = 0; j < hd; j += OCRVL_PANEL, v += v_stride) {
        size_t n = hd - j < OCRVL_PANEL ? hd - j : OCRVL_PANEL;
        kern->narrow(part, value + j, n);
        for (size_t i = 0; i < n; i++)
            v[2 * i] = part[i];
    }
}

/* `values` is [OCRVL_PANEL][PUT]: columns j..j+n of all rows are written, in pairs of rows. */
static void put_values(uint16_t *v, size_t v_stride, size_t n, const uint16_t *values)
{
    for (size_t c = 0; c < n; c += OCRVL_PANEL, v += v_stride)
        for (size_t i = 0; i < OCRVL_PANEL; i += 2)
            for (size_t j = 0; j < OCRVL_PANEL; j++) {
                v[i * OCRVL_PANEL + 2 * j] = values[i * PUT + c + j];
                v[i * OCRVL_PANEL + 2 * j + 1] = values[(i + 1) * PUT + c + j];
            }
}

void ocrvl_attend_put_panel(const ocrvl_kern *kern, uint16_t *k, uint16_t *v, size_t v_stride, size_t hd, size_t at,
                            size_t rows, const float *key, const float *value, size_t ld)
{
    uint16_t part[OCRVL_PANEL * PUT] = {0};
    for (size_t j = 0; j < hd; j += PUT) {
        size_t n = hd - j < PUT ? hd - j : PUT;
        for (size_t i = 0; i < rows; i++)
            kern->narrow(part + i * PUT, key + i * ld + j, n);
        kern->pack_pairs(k + at * hd + j * OCRVL_PANEL, part, OCRVL_PANEL, n, PUT);
        for (size_t i = 0; i < rows; i++) {
            kern->narrow(part + i * PUT, value + i * ld + j, n);
            memset(part + i * PUT + n, 0, (PUT - n) * sizeof *part);
        }
        put_values(v + at * OCRVL_PANEL + j / OCRVL_PANEL * v_stride, v_stride, n, part);
    }
}
