/* Products with matrices of FP8: every table against plain C, bit for bit, over odd sizes and tails; rows alone and in
 * company, on one thread and on three; and the plain ones against sums of doubles. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "kern/fp8.h"
#include "kern/gemm.h"
#include "testing.h"

static uint32_t seed = 1;

static float noise(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(int32_t)seed / 2147483648.0f;
}

static uint8_t code(void)
{
    seed = seed * 1664525u + 1013904223u;
    uint8_t c = (uint8_t)(seed >> 24);
    return (c & 0x7F) == 0x7F ? 0 : c;
}

static void each_table(void (*test)(const ocrvl_kern *kern))
{
    static const char *const names[] = {"avx2", "avx512", "bf16", "bf16_fma", "neon", "neon_dot", "neon_mm", "blas"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ocrvl_kern_by_name(names[i]))
            test(ocrvl_kern_by_name(names[i]));
}

static void widened(const ocrvl_kern *kern)
{
    uint8_t codes[300];
    for (size_t i = 0; i < sizeof codes; i++)
        codes[i] = (uint8_t)(i * 7 + 1);
    for (size_t from = 0; from < 40; from++)
        for (size_t n = 0; n < 260; n += 1 + n / 40) {
            uint16_t a[300] = {0}, b[300] = {0};
            kern->widen_fp8(a, codes + from, n);
            ocrvl_kern_plain.widen_fp8(b, codes + from, n);
            assert_memory_equal(a, b, sizeof a);
        }
}

static void every_table_widens(void **state)
{
    (void)state;
    each_table(widened);
    for (unsigned i = 0; i < 256; i++) { /* the sum of what it stands for, bit by bit */
        uint8_t c = (uint8_t)i;
        uint16_t half;
        float wide;
        double e = (i >> 3 & 15) ? (double)(i >> 3 & 15) - 7 : -6;
        double want = ((i >> 3 & 15 ? 1 : 0) + (i & 7) / 8.0) * pow(2, e) * (i & 0x80 ? -1 : 1);
        ocrvl_kern_plain.widen_fp8(&half, &c, 1);
        ocrvl_kern_plain.widen(&wide, &half, OCRVL_BF16, 1);
        assert_true((i & 0x7F) == 0x7F ? isnan(wide) : (double)wide == want);
    }
}

typedef struct matrix {
    ocrvl_mat w;
    uint8_t *codes;
} matrix;

static matrix make(size_t n, size_t k, size_t block, ocrvl_gemm_mode mode)
{
    matrix m = {.w = {.n = n, .k = k, .type = OCRVL_FP8, .mode = mode, .fp8_block = block}};
    size_t scales = (k + block - 1) / block * n;
    m.codes = ocrvl_alloc_array(n, k);
    m.w.fp8_scales = ocrvl_alloc_array(scales, sizeof *m.w.fp8_scales);
    assert_true(m.codes && m.w.fp8_scales);
    for (size_t i = 0; i < n * k; i++)
        m.codes[i] = code();
    for (size_t i = 0; i < scales; i++)
        m.w.fp8_scales[i] = 0.002f + 0.001f * noise();
    m.w.data = m.codes;
    return m;
}

static void drop(matrix *m)
{
    ocrvl_free(m->codes);
    ocrvl_free(m->w.fp8_scales);
    ocrvl_free(m->w.packed);
}

static const size_t sizes[][4] = {{1, 5, 3, 3},      {3, 64, 16, 16},       {70, 130, 1500, 1500}, {17, 33, 1024, 128},
                                  {13, 48, 261, 64}, {130, 48, 2049, 2049}, {2, 300, 700, 48},     {60, 37, 96, 2}};

static double exact(const matrix *m, const float *x, size_t row)
{
    double sum = 0;
    for (size_t i = 0; i < m->w.k; i++)
        sum += (double)ocrvl_fp8_widen(m->codes[row * m->w.k + i]) *
               (double)m->w.fp8_scales[i / m->w.fp8_block * m->w.n + row] * (double)x[i];
    return sum;
}

/* Of all tables the bits are the same, but for BFMMLA's and OpenBLAS'; a row's are so in any company. */
static void products(ocrvl_gemm_mode mode, double allowed)
{
    ocrvl_pool *pool;
    ocrvl_work one, three;
    assert_ok(ocrvl_pool_new(&pool, 3, err));
    assert_ok(ocrvl_work_init(&one, NULL, err));
    assert_ok(ocrvl_work_init(&three, pool, err));
    assert_ok(ocrvl_work_reserve_rounded(&one, err));
    assert_ok(ocrvl_work_reserve_rounded(&three, err));
    bool same = strcmp(three.kern->name, "neon_mm") != 0 && strcmp(three.kern->name, "blas") != 0;
    if (same)
        one.kern = &ocrvl_kern_plain;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
        matrix w = make(n, k, sizes[s][3], mode);
        float *x = ocrvl_alloc_array(m * k, sizeof *x), *a = ocrvl_alloc_array(m * n, sizeof *a);
        float *b = ocrvl_alloc_array(m * n, sizeof *b);
        assert_true(x && a && b);
        for (size_t i = 0; i < m * k; i++)
            x[i] = noise();
        ocrvl_gemm(&three, x, m, k, &w.w, NULL, a, n);
        for (size_t i = 0; i < m; i++)
            ocrvl_gemm(&one, x + i * k, 1, k, &w.w, NULL, b + i * n, n);
        if (strcmp(three.kern->name, "blas") != 0)
            assert_memory_equal(a, b, m * n * sizeof *a);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                double d = fabs((double)a[i * n + j] - exact(&w, x + i * k, j));
                if (!(d <= allowed * sqrt((double)k)))
                    fail_msg("%zu x %zu x %zu: row %zu, column %zu is off by %g", m, n, k, i, j, d);
            }
        if (mode == OCRVL_GEMM_FLOAT) {
            assert_true(ocrvl_mat_pack(one.kern, &w.w));
            ocrvl_gemm(&three, x, m, k, &w.w, NULL, b, n);
            assert_memory_equal(a, b, m * n * sizeof *a);
        }
        drop(&w);
        ocrvl_free(x), ocrvl_free(a), ocrvl_free(b);
    }
    ocrvl_work_free(&one);
    ocrvl_work_free(&three);
    ocrvl_pool_free(pool);
}

static void float_products(void **state)
{
    (void)state;
    products(OCRVL_GEMM_FLOAT, 1e-5);
}

static void bf16_products(void **state)
{
    (void)state;
    products(OCRVL_GEMM_BF16, 1e-2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_table_widens), cmocka_unit_test(float_products),
                                       cmocka_unit_test(bf16_products)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
