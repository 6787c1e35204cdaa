/* Products of 8- and 4-bit integers: every table gives the plain one's bits; the plain one against double precision; a
 * row is the same alone and among others; how much rounding costs. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "kern/gemm.h"
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

static const ocrvl_gemm_mode modes[] = {OCRVL_GEMM_INT8, OCRVL_GEMM_INT4};

/* An n x k matrix packed; n is a multiple of 16. Freed with free_mat. */
static ocrvl_mat packed(ocrvl_gemm_mode mode, const float *w, size_t n, size_t k)
{
    size_t codes = ocrvl_quant_codes(mode, k), scales = ocrvl_quant_scales(mode, k);
    uint8_t *c = ocrvl_alloc_aligned(n / 16, codes);
    uint16_t *s = ocrvl_alloc_aligned(n / 16, scales * sizeof *s);
    assert_true(c && s);
    for (size_t p = 0; p < n / 16; p++)
        ocrvl_quant_pack(mode, w + p * 16 * k, k, c + p * codes, s + p * scales);
    return (ocrvl_mat){.n = n, .k = k, .mode = mode, .data = c, .scales = s};
}

static void free_mat(ocrvl_mat *m)
{
    ocrvl_free((void *)m->data);
    ocrvl_free((void *)m->scales);
}

static const char *const names[] = {"plain",    "blas", "avx2",     "avx512", "bf16",
                                    "bf16_fma", "neon", "neon_dot", "neon_mm"};

static const size_t sizes[][3] = {{1, 64, 64}, {3, 16, 100}, {7, 48, 31}, {17, 80, 1500}, {40, 112, 2100}, {2, 16, 1}};

static void tables_and_rows_change_no_bit(void **state)
{
    (void)state;
    ocrvl_pool *pool;
    ocrvl_work one, three;
    assert_ok(ocrvl_pool_new(&pool, 3, err));
    assert_ok(ocrvl_work_init(&one, NULL, err));
    assert_ok(ocrvl_work_init(&three, pool, err));
    assert_ok(ocrvl_work_reserve_rounded(&one, err));
    assert_ok(ocrvl_work_reserve_rounded(&three, err));
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t mode = 0; mode < 2; mode++) {
            size_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
            float *w = noisy(n * k), *x = noisy(m * k), *bias = noisy(n), *a = noisy(m * n), *b = noisy(m * n);
            ocrvl_mat mat = packed(modes[mode], w, n, k);
            one.kern = &ocrvl_kern_plain;
            for (size_t i = 0; i < m; i++)
                ocrvl_gemm(&one, x + i * k, 1, k, &mat, bias, a + i * n, n);
            for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
                three.kern = ocrvl_kern_by_name(names[t]);
                if (!three.kern)
                    continue;
                memset(b, 0, m * n * sizeof *b);
                ocrvl_gemm(&three, x, m, k, &mat, bias, b, n);
                assert_memory_equal(a, b, m * n * sizeof *a);
            }
            free_mat(&mat);
            ocrvl_free(w), ocrvl_free(x), ocrvl_free(bias), ocrvl_free(a), ocrvl_free(b);
        }
    ocrvl_work_free(&one);
    ocrvl_work_free(&three);
    ocrvl_pool_free(pool);
}

/* Codes come from files: the least and the greatest byte, though packing makes no 0 of 8 bits, times the greatest
 * activations of one sign overflow nowhere. */
static void extremes_change_no_bit(void **state)
{
    (void)state;
    enum { M = 9, K = 128, MOST = 16 * K, BLOCKS = K / OCRVL_INT4_BLOCK };
    static int8_t a[M * K];
    static uint8_t codes[MOST];
    static uint16_t s[BLOCKS * 16];
    float scale[M * BLOCKS], c[M * 16], d[M * 16];
    int32_t zero[M * BLOCKS];
    for (size_t i = 0; i < BLOCKS * 16; i++)
        s[i] = 0x3F80;
    for (size_t mode = 0; mode < 2; mode++)
        for (size_t trial = 0; trial < 4; trial++) {
            size_t block = ocrvl_gemm_mode_block(modes[mode]);
            memset(codes, trial % 2 ? 255 : 0, sizeof codes);
            memset(a, trial / 2 ? 127 : -127, sizeof a);
            for (size_t i = 0; i < M * BLOCKS; i++) {
                scale[i] = 1;
                zero[i] = (mode ? -8 : -128) * (trial / 2 ? 127 : -127) * (int32_t)block;
            }
            ocrvl_quant_args q = {.m = M,
                                  .panels = 1,
                                  .blocks = K / block,
                                  .a = a,
                                  .lda = K,
                                  .scale = scale,
                                  .zero = zero,
                                  .ldb = BLOCKS,
                                  .w = codes,
                                  .s = s,
                                  .c = c,
                                  .ldc = 16};
            (mode ? ocrvl_kern_plain.int4_tile : ocrvl_kern_plain.int8_tile)(&q);
            float want = (float)((mode ? 15 * (int)(trial % 2) - 8 : 255 * (int)(trial % 2) - 128) * K *
                                 (trial / 2 ? 127 : -127));
            for (size_t i = 0; i < M * 16; i++)
                assert_true(c[i] == want);
            q.c = d;
            for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
                const ocrvl_kern *kern = ocrvl_kern_by_name(names[t]);
                memset(d, 0, sizeof d);
                if (kern) {
                    (mode ? kern->int4_tile : kern->int8_tile)(&q);
                    assert_memory_equal(c, d, sizeof c);
                }
            }
        }
}

/* Numbers that are whole multiples of a power of two lose nothing on their way into integers, so their products must be
 * exact; and what random ones lose stays within what their steps allow. */
static void products_are_right(void **state)
{
    (void)state;
    enum { M = 5, N = 32, K = 200 };
    ocrvl_work one;
    assert_ok(ocrvl_work_init(&one, NULL, err));
    assert_ok(ocrvl_work_reserve_rounded(&one, err));
    for (size_t mode = 0; mode < 2; mode++) {
        size_t block = ocrvl_gemm_mode_block(modes[mode]);
        float *w = noisy(N * K), *x = noisy(M * K), out[M * N];
        for (size_t i = 0; i < N * K; i++)
            w[i] = i % K % block == 3 ? (mode ? -8 : 127) : rintf(w[i] * 7); /* the greatest of each block: scale 1 */
        for (size_t i = 0; i < M * K; i++)
            x[i] = i % K % block == 5 ? 127 : rintf(x[i] * 100);
        ocrvl_mat mat = packed(modes[mode], w, N, K);
        ocrvl_gemm(&one, x, M, K, &mat, NULL, out, N);
        for (size_t i = 0; i < M * N; i++) {
            double sum = 0;
            for (size_t kk = 0; kk < K; kk++)
                sum += (double)x[i / N * K + kk] * w[i % N * K + kk];
            assert_true(out[i] == sum);
        }
        free_mat(&mat);
        ocrvl_free(w), ocrvl_free(x);
    }
    ocrvl_work_free(&one);
}

static void rounding_costs_little(void **state)
{
    (void)state;
    enum { M = 8, N = 64, K = 1536 };
    static const double most[] = {0.012, 0.08};
    ocrvl_work one;
    assert_ok(ocrvl_work_init(&one, NULL, err));
    assert_ok(ocrvl_work_reserve_rounded(&one, err));
    for (size_t mode = 0; mode < 2; mode++) {
        float *w = noisy(N * K), *x = noisy(M * K), out[M * N];
        ocrvl_mat mat = packed(modes[mode], w, N, K);
        ocrvl_gemm(&one, x, M, K, &mat, NULL, out, N);
        double off = 0, all = 0;
        for (size_t i = 0; i < M * N; i++) {
            double sum = 0;
            for (size_t kk = 0; kk < K; kk++)
                sum += (double)x[i / N * K + kk] * w[i % N * K + kk];
            off += (out[i] - sum) * (out[i] - sum);
            all += sum * sum;
        }
        if (sqrt(off / all) > most[mode])
            fail_msg("%s bits: off by %g", mode ? "4" : "8", sqrt(off / all));
        free_mat(&mat);
        ocrvl_free(w), ocrvl_free(x);
    }
    ocrvl_work_free(&one);
}

static void zeros_stay_zeros(void **state)
{
    (void)state;
    ocrvl_work one;
    assert_ok(ocrvl_work_init(&one, NULL, err));
    assert_ok(ocrvl_work_reserve_rounded(&one, err));
    for (size_t mode = 0; mode < 2; mode++) {
        float w[16 * 64] = {0}, x[64] = {0}, out[16];
        ocrvl_mat mat = packed(modes[mode], w, 16, 64);
        ocrvl_gemm(&one, x, 1, 64, &mat, NULL, out, 16);
        for (size_t i = 0; i < 16; i++)
            assert_true(out[i] == 0);
        x[3] = 1;
        ocrvl_gemm(&one, x, 1, 64, &mat, NULL, out, 16);
        for (size_t i = 0; i < 16; i++)
            assert_true(out[i] == 0);
        free_mat(&mat);
    }
    ocrvl_work_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables_and_rows_change_no_bit),
                                       cmocka_unit_test(extremes_change_no_bit), cmocka_unit_test(products_are_right),
                                       cmocka_unit_test(rounding_costs_little), cmocka_unit_test(zeros_stay_zeros)};
    return cmocka_run_group_tests_name("kern_quant", tests, NULL, NULL);
}
