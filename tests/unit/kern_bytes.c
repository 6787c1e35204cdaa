/* Attention from bytes: every table but that of OpenBLAS gives the plain one's bits, whether it has products of bytes or not; against double
 * precision; a row is what it is alone; nothing past the end is touched. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "kern/attend_bytes.h"
#include "model/engine.h"
#include "testing.h"

static uint32_t seed = 1;

static float noise(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(int32_t)seed / 2147483648.0f;
}

static float *noisy(size_t n)
{
    float *p = ocrvl_alloc_aligned(n, sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = noise();
    return p;
}

static const char *const names[] = {"plain", "avx2", "avx512", "bf16", "bf16_fma", "neon", "neon_dot", "neon_mm"};

/* hd, keys, rows; keys one less and one more than a block, a panel, four */
static const size_t sizes[][3] = {{80, 1043, 48}, {64, 512, 13}, {72, 513, 12}, {80, 511, 7}, {16, 17, 1}, {20, 3, 48},
                                  {256, 65, 25},  {4, 1, 2},     {96, 1030, 9}, {48, 15, 5},  {44, 64, 31}};

typedef struct sample {
    size_t hd, keys, rows;
    float *q, *key, *value;
} sample;

static sample sample_of(const size_t size[3])
{
    sample s = {.hd = size[0], .keys = size[1], .rows = size[2]};
    s.q = noisy(s.rows * s.hd);
    s.key = noisy(s.keys * s.hd);
    s.value = noisy(s.keys * s.hd);
    for (size_t i = 0; i < s.keys * s.hd; i++) /* columns of unequal size, a channel that stands out, a key of zeros */
        s.value[i] *= (float)(1 + i % s.hd % 3), s.key[i] *= i % s.hd == 1 ? 9 : i / s.hd == 5 ? 0 : 1;
    memset(s.q + (s.rows - 1) * s.hd, 0, s.hd * sizeof *s.q);
    return s;
}

static void free_sample(const sample *s) { ocrvl_free(s->q), ocrvl_free(s->key), ocrvl_free(s->value); }

/* What a table makes of rows [from, from + m) of the sample's queries: [m][hd] */
static float *attended(const ocrvl_kern *kern, const sample *s, size_t from, size_t m)
{
    void *memory = ocrvl_alloc_aligned(ocrvl_byte_span_bytes(s->hd, s->keys), 1);
    float *scratch = ocrvl_alloc_aligned(ocrvl_attend_bytes_scratch(s->hd), sizeof *scratch);
    float *out = ocrvl_alloc_aligned(m * s->hd, sizeof *out);
    assert_true(memory && scratch && out);
    ocrvl_byte_span span = ocrvl_byte_span_at(memory, s->hd, s->keys);
    for (size_t at = 0; at < s->keys; at += OCRVL_ATTEND_BLOCK) {
        size_t rows = s->keys - at < OCRVL_ATTEND_BLOCK ? s->keys - at : OCRVL_ATTEND_BLOCK;
        ocrvl_byte_span_put(kern, &span, at, rows, s->key + at * s->hd, s->value + at * s->hd, s->hd);
    }
    ocrvl_attend_bytes(kern, &span, 0.3f, m, s->q + from * s->hd, s->hd, s->keys, out, s->hd, scratch);
    ocrvl_free(memory), ocrvl_free(scratch);
    return out;
}

static void tables_and_rows_change_no_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        sample s = sample_of(sizes[i]);
        float *want = attended(&ocrvl_kern_plain, &s, 0, s.rows);
        for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
            const ocrvl_kern *kern = ocrvl_kern_by_name(names[t]);
            if (!kern)
                continue;
            float *all = attended(kern, &s, 0, s.rows), *one = attended(kern, &s, s.rows / 2, 1);
            assert_memory_equal(all, want, s.rows * s.hd * sizeof *all);
            assert_memory_equal(one, want + s.rows / 2 * s.hd, s.hd * sizeof *one);
            ocrvl_free(all), ocrvl_free(one);
        }
        ocrvl_free(want);
        free_sample(&s);
    }
}

/* Off by what rounding to 8 bits costs, and no more: keys have a channel of nine times the others' size, whose steps are
 * 9 / 127, and weights are nearly even, so that what is averaged is small: 0.036 is the most. */
static void close_to_double(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        sample s = sample_of(sizes[i]);
        float *out = attended(ocrvl_kern_best(), &s, 0, s.rows);
        double off = 0, size = 0, *weight = ocrvl_alloc_array(s.keys, sizeof *weight);
        assert_non_null(weight);
        for (size_t r = 0; r < s.rows; r++) {
            double sum = 0;
            for (size_t k = 0; k < s.keys; k++) {
                double dot = 0;
                for (size_t j = 0; j < s.hd; j++)
                    dot += (double)s.q[r * s.hd + j] * s.key[k * s.hd + j];
                sum += weight[k] = exp(0.3 * dot);
            }
            for (size_t j = 0; j < s.hd; j++) {
                double want = 0;
                for (size_t k = 0; k < s.keys; k++)
                    want += weight[k] / sum * s.value[k * s.hd + j];
                off += (out[r * s.hd + j] - want) * (out[r * s.hd + j] - want);
                size += want * want;
            }
        }
        assert_true(sqrt(off) < 0.04 * sqrt(size));
        ocrvl_free(weight), ocrvl_free(out);
        free_sample(&s);
    }
}

static void powers(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
        const ocrvl_kern *kern = ocrvl_kern_by_name(names[t]);
        for (size_t n = 1; kern && n <= OCRVL_ATTEND_BLOCK; n += 1 + n / 9) {
            float *x = noisy(n), *y = ocrvl_alloc_aligned(n, sizeof *y), most[2] = {-INFINITY, -INFINITY},
                  sum[2] = {0, 0};
            uint8_t *p = ocrvl_alloc_aligned(n, 1), *q = ocrvl_alloc_aligned(n, 1);
            assert_true(y && p && q);
            for (float scale = 2; scale < 300; scale *= 5) { /* the greatest grows from block to block */
                memcpy(y, x, n * sizeof *x);
                float *z = noisy(n), more = 8 * noise() * scale;
                memcpy(z, x, n * sizeof *x);
                float a = kern->soft_bytes(y, p, n, scale, more, &most[0], &sum[0]);
                float b = ocrvl_kern_plain.soft_bytes(z, q, n, scale, more, &most[1], &sum[1]);
                assert_true(a == b && most[0] == most[1] && sum[0] == sum[1]);
                assert_memory_equal(p, q, n);
                for (size_t i = 0; i < n; i++) {
                    double want = 255 * exp2((double)x[i] * scale + more - most[0]);
                    assert_true(fabs(p[i] - want) < 0.6);
                }
                ocrvl_free(z);
            }
            ocrvl_free(x), ocrvl_free(y), ocrvl_free(p), ocrvl_free(q);
        }
    }
}

/* A tower of integers: pictures of more patches than a block, whose attention is from bytes, and of fewer give alone, on
 * one thread, what they give together on three. */
static void tower(void **state)
{
    (void)state;
    enum { WIDTH = 64, PATCH = 3 * 2 * 14 * 14 };
    const ocrvl_patch_grid grids[] = {{.t = 1, .h = 24, .w = 26}, {.t = 1, .h = 4, .w = 6}, {.t = 1, .h = 46, .w = 12}};
    ocrvl_config c = {.family = ocrvl_family_of_type("qwen2_vl"),
                      .width = WIDTH,
                      .layers = 1,
                      .heads = 4,
                      .kv_heads = 2,
                      .head_dim = 16,
                      .intermediate = 64,
                      .vocab = 32,
                      .context = 4096,
                      .rms_eps = 1e-6f,
                      .rope_theta = 1e6,
                      .mrope = {2, 3, 3},
                      .tied = true,
                      .v_width = 64,
                      .v_depth = 2,
                      .v_heads = 4,
                      .v_head_dim = 16,
                      .v_mlp = 128,
                      .patch = 14,
                      .merge = 2,
                      .temporal = 2};
    ocrvl_weights *m;
    ocrvl_pool *pool;
    ocrvl_engine one, three;
    assert_ok(ocrvl_weights_random(&m, &c, OCRVL_PRECISION_INT8, err));
    assert_ok(ocrvl_pool_new(&pool, 3, err));
    assert_ok(ocrvl_engine_init(&one, m, NULL, err));
    assert_ok(ocrvl_engine_init(&three, m, pool, err));
    size_t all = 0, at = 0;
    for (size_t i = 0; i < 3; i++)
        all += (size_t)grids[i].h * grids[i].w;
    float *patches = noisy(all * PATCH), *together = noisy(all / 4 * WIDTH), *alone = noisy(all / 4 * WIDTH);
    assert_ok(ocrvl_engine_encode(&three, patches, grids, 3, together, err));
    for (size_t i = 0; i < 3; at += (size_t)grids[i].h * grids[i].w, i++)
        assert_ok(ocrvl_engine_encode(&one, patches + at * PATCH, &grids[i], 1, alone + at / 4 * WIDTH, err));
    assert_memory_equal(together, alone, all / 4 * WIDTH * sizeof *alone);
    ocrvl_free(patches), ocrvl_free(together), ocrvl_free(alone);
    ocrvl_engine_free(&one), ocrvl_engine_free(&three);
    ocrvl_weights_free(m);
    ocrvl_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tower), cmocka_unit_test(tables_and_rows_change_no_bit),
                                       cmocka_unit_test(close_to_double), cmocka_unit_test(powers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
