#include "kern/attend_bytes.h"

#include <math.h>
#include <string.h>

static const float LOG2_E = 1.44269504088896341f;

enum { ROWS = OCRVL_ATTEND_ROWS, BLOCK = OCRVL_ATTEND_BLOCK };

static size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

static size_t panel(size_t n) { return round_up(n, OCRVL_PANEL); }

/* Bytes of a number in panels of integers, at most: bfloat16. */
enum { WIDE = 2 };

size_t ocrvl_byte_span_bytes(size_t hd, size_t keys)
{
    size_t cap = panel(keys), blocks = (cap + BLOCK - 1) / BLOCK;
    return round_up(cap * (hd + panel(hd)) * WIDE + (cap + blocks * (hd + panel(hd))) * sizeof(float), 64);
}

ocrvl_byte_span ocrvl_byte_span_at(void *memory, size_t hd, size_t keys)
{
    size_t cap = panel(keys);
    char *at = memory;
    ocrvl_byte_span s = {.hd = hd, .cap = cap, .k = at, .v = at + cap * hd * WIDE};
    s.k_scale = (float *)(void *)(at + cap * (hd + panel(hd)) * WIDE);
    s.mean = s.k_scale + cap;
    s.v_scale = s.mean + (cap + BLOCK - 1) / BLOCK * hd;
    return s;
}

/* An integer of at most 8 bits as bfloat16, which has it. */
static uint16_t wide(int i)
{
    float f = (float)i;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return (uint16_t)(bits >> 16);
}

/* ---- keys and values ---------------------------------------------------------------------------------- */

static void average(float *mean, const float *x, size_t rows, size_t ld, size_t n)
{
    memset(mean, 0, n * sizeof *mean);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++)
            mean[j] += x[i * ld + j];
    for (size_t j = 0; j < n; j++)
        mean[j] /= (float)rows;
}

/* A panel of keys without their block's mean, at `at`; rows that are missing are zero. */
static void put_keys(const ocrvl_kern *kern, const ocrvl_byte_span *s, size_t at, size_t rows, const float *key,
                     size_t ld)
{
    size_t hd = s->hd;
    const float *mean = s->mean + at / BLOCK * hd;
    float own[OCRVL_BYTE_HEAD];
    int8_t q[OCRVL_PANEL * OCRVL_BYTE_HEAD] = {0};
    uint16_t part[OCRVL_PANEL * OCRVL_BYTE_HEAD];
    int32_t zero;
    memset(s->k_scale + at, 0, OCRVL_PANEL * sizeof *s->k_scale);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < hd; j++)
            own[j] = key[i * ld + j] - mean[j];
        kern->quantise(q + i * hd, &s->k_scale[at + i], &zero, own, hd, hd, 0);
    }
    if (!kern->byte_scores) {
        for (size_t i = 0; i < OCRVL_PANEL * hd; i++)
            part[i] = wide(q[i]);
        kern->pack_pairs((uint16_t *)s->k + at * hd, part, OCRVL_PANEL, hd, hd);
        return;
    }
    uint8_t *to = (uint8_t *)s->k + at * hd;
    for (size_t c = 0; c < hd; c += 4)
        for (size_t i = 0; i < OCRVL_PANEL; i++, to += 4) {
            uint32_t four;
            memcpy(&four, q + i * hd + c, sizeof four);
            four ^= 0x80808080u; /* + 128 */
            memcpy(to, &four, sizeof four);
        }
}

void ocrvl_byte_span_put(const ocrvl_kern *kern, const ocrvl_byte_span *s, size_t at, size_t rows, const float *key,
                         const float *value, size_t ld)
{
    size_t item = kern->byte_scores ? 1 : WIDE;
    average(s->mean + at / BLOCK * s->hd, key, rows, ld, s->hd);
    for (size_t i = 0; i < rows; i += OCRVL_PANEL)
        put_keys(kern, s, at + i, rows - i < OCRVL_PANEL ? rows - i : OCRVL_PANEL, key + i * ld, ld);
    kern->put_values((char *)s->v + at * OCRVL_PANEL * item, s->cap * OCRVL_PANEL * item,
                     s->v_scale + at / BLOCK * panel(s->hd), value, rows, ld, s->hd);
}

/* ---- attention ---------------------------------------------------------------------------------------- */

/* scores [ROWS][BLOCK]; o [ROWS][vd] sums; part: the same of a block, for tables without products of bytes; means
 * [hd][16] of 16 blocks, and queries' products with them [ROWS][16]; then queries and powers, as bytes and as bfloat16.
 */
typedef struct parts {
    float *s, *o, *part, *mean, *with_mean;
    int8_t *q;         /* [ROWS][hd] */
    uint8_t *p;        /* [ROWS][BLOCK] */
    uint16_t *q2, *p2; /* the same, wide */
    float scale[ROWS], max[ROWS], sum[ROWS];
    int32_t zero[ROWS];
} parts;

size_t ocrvl_attend_bytes_scratch(size_t hd)
{
    size_t vd = panel(hd), floats = ROWS * (BLOCK + 2 * vd) + (hd + ROWS) * OCRVL_PANEL,
           bytes = ROWS * (round_up(hd, 64) + BLOCK) * (1 + WIDE);
    return floats + bytes / sizeof(float);
}

static void cut(parts *t, size_t hd, float *scratch)
{
    size_t vd = panel(hd), wide_hd = round_up(hd, 64);
    t->s = scratch;
    t->o = t->s + ROWS * BLOCK;
    t->part = t->o + ROWS * vd;
    t->mean = t->part + ROWS * vd;
    t->with_mean = t->mean + hd * OCRVL_PANEL;
    t->q = (int8_t *)(t->with_mean + ROWS * OCRVL_PANEL);
    t->p = (uint8_t *)t->q + ROWS * wide_hd;
    t->q2 = (uint16_t *)(void *)(t->p + ROWS * BLOCK);
    t->p2 = t->q2 + ROWS * wide_hd;
}

static void round_queries(const ocrvl_kern *kern, parts *t, size_t hd, size_t m, const float *q, size_t ldq)
{
    for (size_t i = 0; i < m; i++) {
        kern->quantise(t->q + i * hd, &t->scale[i], &t->zero[i], q + i * ldq, hd, hd, 128);
        for (size_t c = 0; c < hd && !kern->byte_scores; c++)
            t->q2[i * hd + c] = wide(t->q[i * hd + c]);
        t->max[i] = -INFINITY;
        t->sum[i] = 0;
    }
}

/* Products of queries with the means of 16 blocks, from k0's on. */
static void meet_means(const ocrvl_kern *kern, const ocrvl_byte_span *s, parts *t, size_t m, const float *q, size_t ldq,
                       size_t k0, size_t keys)
{
    size_t hd = s->hd, left = (keys - k0 + BLOCK - 1) / BLOCK, blocks = left < OCRVL_PANEL ? left : OCRVL_PANEL;
    const float *mean = s->mean + k0 / BLOCK * hd;
    for (size_t j = 0; j < hd; j++)
        for (size_t b = 0; b < OCRVL_PANEL; b++)
            t->mean[j * OCRVL_PANEL + b] = b < blocks ? mean[b * hd + j] : 0;
    kern->tile(m, 1, hd, q, ldq, t->mean, hd * OCRVL_PANEL, t->with_mean, OCRVL_PANEL, false);
}

/* The scores of `keys` keys from k0 on, without the mean and but for the scales of queries. */
static void score(const ocrvl_kern *kern, const ocrvl_byte_span *s, parts *t, size_t m, size_t k0, size_t keys)
{
    size_t hd = s->hd, panels = panel(keys) / OCRVL_PANEL;
    if (kern->byte_scores) {
        kern->byte_scores(m, panels, hd / 4, t->q, hd, t->zero, (const uint8_t *)s->k + k0 * hd, hd * OCRVL_PANEL,
                          s->k_scale + k0, t->s, BLOCK);
        return;
    }
    kern->pair_tile(m, panels, hd / 2, t->q2, hd, (const uint16_t *)s->k + k0 * hd, hd * OCRVL_PANEL, t->s, BLOCK,
                    false);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < keys; j++)
            t->s[i * BLOCK + j] *= s->k_scale[k0 + j];
}

/* Adds the values of a block, weighed. */
static void weigh(const ocrvl_kern *kern, const ocrvl_byte_span *s, parts *t, size_t m, size_t k0, size_t keys)
{
    size_t vd = panel(s->hd);
    const float *scale = s->v_scale + k0 / BLOCK * vd;
    if (kern->byte_scores) {
        kern->byte_values(m, vd / OCRVL_PANEL, (keys + 3) / 4, t->p, BLOCK, (const int8_t *)s->v + k0 * OCRVL_PANEL,
                          s->cap * OCRVL_PANEL, scale, t->o, vd, k0 > 0);
        return;
    }
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < round_up(keys, 2); j++)
            t->p2[i * BLOCK + j] = wide(t->p[i * BLOCK + j]);
    kern->pair_tile(m, vd / OCRVL_PANEL, (keys + 1) / 2, t->p2, BLOCK, (const uint16_t *)s->v + k0 * OCRVL_PANEL,
                    s->cap * OCRVL_PANEL, t->part, vd, false);
    for (size_t i = 0; i < m * vd; i++)
        t->o[i] = (k0 ? t->o[i] : 0.0f) + t->part[i] * scale[i % vd];
}

void ocrvl_attend_bytes(const ocrvl_kern *kern, const ocrvl_byte_span *s, float scale, size_t m, const float *q,
                        size_t ldq, size_t keys, float *out, size_t ldo, float *scratch)
{
    parts t;
    size_t hd = s->hd, vd = panel(hd);
    cut(&t, hd, scratch);
    round_queries(kern, &t, hd, m, q, ldq);
    for (size_t k0 = 0; k0 < keys; k0 += BLOCK) {
        size_t n = keys - k0 < BLOCK ? keys - k0 : BLOCK, block = k0 / BLOCK % OCRVL_PANEL;
        if (block == 0)
            meet_means(kern, s, &t, m, q, ldq, k0, keys);
        score(kern, s, &t, m, k0, n);
        for (size_t i = 0; i < m; i++) {
            float mean = scale * LOG2_E * t.with_mean[i * OCRVL_PANEL + block];
            float factor = kern->soft_bytes(t.s + i * BLOCK, t.p + i * BLOCK, n, scale * LOG2_E * t.scale[i], mean,
                                            &t.max[i], &t.sum[i]);
            memset(t.p + i * BLOCK + n, 0, round_up(n, 4) - n);
            if (k0 && factor != 1)
                kern->scale(t.o + i * vd, factor, vd);
        }
        weigh(kern, s, &t, m, k0, n);
    }
    for (size_t i = 0; i < m; i++) {
        kern->scale(t.o + i * vd, 1.0f / t.sum[i], hd);
        memcpy(out + i * ldo, t.o + i * vd, hd * sizeof *out);
    }
}
