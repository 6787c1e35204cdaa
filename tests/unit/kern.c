/* Kernel tables against plain C: bit for bit, over odd sizes and tails; OpenBLAS within rounding. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "kern/attend.h"
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
    float *p = ocrvl_alloc_aligned(n ? n : 1, sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = noise();
    return p;
}

/* Calls test with every table but plain C and OpenBLAS that this processor can run; skips if there is none. */
static void each_table(void (*test)(const ocrvl_kern *kern))
{
    static const char *const fast[] = {"avx2", "avx512", "bf16", "bf16_fma", "neon", "neon_dot", "neon_mm"};
    size_t tables = 0;
    for (size_t t = 0; t < sizeof fast / sizeof *fast; t++) {
        const ocrvl_kern *kern = ocrvl_kern_by_name(fast[t]);
        if (kern) {
            tables++;
            test(kern);
        }
    }
    if (!tables)
        skip();
}

static void tiles_equal(const ocrvl_kern *kern)
{
    for (size_t m = 1; m <= 50; m += m < 27 ? 1 : 23)
        for (size_t panels = 1; panels <= 11; panels++) {
            size_t k = 1 + (m * 7 + panels * 13) % 40, lda = k + m % 3, stride = k * 16 + 16, ldc = panels * 16 + 5;
            float *a = noisy(m * lda), *b = noisy(panels * stride), *c = noisy(m * ldc), *d = noisy(m * ldc);
            memcpy(d, c, m * ldc * sizeof *c);
            bool more = m % 2;
            kern->tile(m, panels, k, a, lda, b, stride, c, ldc, more);
            ocrvl_kern_plain.tile(m, panels, k, a, lda, b, stride, d, ldc, more);
            assert_memory_equal(c, d, m * ldc * sizeof *c);
            ocrvl_free(a), ocrvl_free(b), ocrvl_free(c), ocrvl_free(d);
        }
}

static void tiles_equal_plain(void **state)
{
    (void)state;
    each_table(tiles_equal);
}

/* bfloat16 of many sizes, with zeros and denormals among them */
static uint16_t *noisy_bf16(size_t n)
{
    uint16_t *p = ocrvl_alloc_aligned(n ? n : 1, sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t kind = seed >> 8 & 15, exponent = kind == 0 ? 0 : kind == 1 ? 50 + (seed >> 12 & 31) : 120 + kind % 9;
        p[i] = (uint16_t)((seed >> 16 & 0x807F) | exponent << 7);
    }
    return p;
}

/* ---- the plain twin of BFMMLA ---------------------------------------------------------------------------- */

static float flush(float x) { return fabsf(x) < 1.17549435e-38f ? copysignf(0.0f, x) : x; }

static float wide(uint16_t h)
{
    float f;
    ocrvl_kern_plain.widen(&f, &h, OCRVL_BF16, 1);
    return flush(f);
}

/* x + y rounded to odd: cut off, the last bit set if that lost anything. Two sums give what rounding to nearest lost.
 */
static float add_odd(float x, float y)
{
    float s = x + y, back = s - x, lost = (x - (s - back)) + (y - back);
    if (lost != 0) {
        uint32_t bits;
        memcpy(&bits, &s, sizeof bits);
        if ((lost < 0) != (s < 0))
            bits--;
        bits |= 1;
        memcpy(&s, &bits, sizeof s);
    }
    return flush(s);
}

static float bfdot(float acc, const uint16_t *a, const uint16_t *b)
{
    return add_odd(flush(acc), add_odd(flush(wide(a[0]) * wide(b[0])), flush(wide(a[1]) * wide(b[1]))));
}

/* One chain over pairs, up to a multiple of four of them. */
static float odd_chain(float s, size_t k, const uint16_t *a, const uint16_t *b, size_t step)
{
    for (size_t kk = 0; kk < (k + 7) / 8 * 8; kk += 2) {
        uint16_t x[2] = {kk < k ? a[kk] : 0, kk + 1 < k ? a[kk + 1] : 0}, w[2] = {0};
        memcpy(w, kk < k ? b + kk / 2 * step : w, (kk + 1 < k ? 2 : kk < k ? 1 : 0) * sizeof *w);
        s = bfdot(s, x, w);
    }
    return s;
}

static void odd_dot(size_t m, size_t n, size_t k, const uint16_t *a, size_t lda, const uint16_t *b, size_t ldb,
                    float *c, size_t ldc, bool prefetch)
{
    (void)prefetch;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            c[i * ldc + j] = odd_chain(0, k, a + i * lda, b + j * ldb, 2);
}

static void odd_pair_tile(size_t m, size_t panels, size_t pairs, const uint16_t *a, size_t lda, const uint16_t *b,
                          size_t panel_stride, float *c, size_t ldc, bool more)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < panels * OCRVL_PANEL; j++) {
            const uint16_t *w = b + j / OCRVL_PANEL * panel_stride + j % OCRVL_PANEL * 2;
            c[i * ldc + j] = odd_chain(more ? c[i * ldc + j] : 0, 2 * pairs, a + i * lda, w, 2 * OCRVL_PANEL);
        }
}

static ocrvl_kern bfmmla_twin(void)
{
    ocrvl_kern t = ocrvl_kern_plain;
    t.dot = odd_dot;
    t.pair_tile = odd_pair_tile;
    return t;
}

/* What gives the bits that kern's products of bfloat16 must have. */
static ocrvl_kern twin_of(const ocrvl_kern *kern)
{
    return strcmp(kern->name, "neon_mm") == 0 ? bfmmla_twin() : ocrvl_kern_plain;
}

static void bf16_equal(const ocrvl_kern *kern)
{
    const ocrvl_kern twin = twin_of(kern);
    for (size_t m = 1; m <= 14; m++)
        for (size_t n = 1; n <= 37; n += 1 + n / 12) {
            size_t k = 1 + (m * 7 + n * 13) % 350 + (m == 13 && n % 4 == 1 ? 2000 : 0);
            size_t lda = k + m % 3, ldb = k + n % 5, ldc = n + 5;
            uint16_t *a = noisy_bf16(m * lda), *b = noisy_bf16(n * ldb);
            float *c = noisy(m * ldc), *d = noisy(m * ldc);
            memcpy(d, c, m * ldc * sizeof *c);
            kern->dot(m, n, k, a, lda, b, ldb, c, ldc, m % 2);
            twin.dot(m, n, k, a, lda, b, ldb, d, ldc, false);
            assert_memory_equal(c, d, m * ldc * sizeof *c);
            uint16_t *e = noisy_bf16((k + 1) * 16), *f = noisy_bf16((k + 1) * 16);
            size_t rows = n < 16 ? n : 16;
            kern->pack_pairs(e, b, rows, k, ldb), ocrvl_kern_plain.pack_pairs(f, b, rows, k, ldb);
            assert_memory_equal(e, f, (k + 1) / 2 * 32 * sizeof *e);
            ocrvl_free(e), ocrvl_free(f);
            ocrvl_free(a), ocrvl_free(b), ocrvl_free(c), ocrvl_free(d);
        }
    for (size_t m = 1; m <= 50; m += m < 27 ? 1 : 23)
        for (size_t panels = 1; panels <= 5; panels++) {
            size_t pairs = 1 + (m * 7 + panels * 13) % 40 + (m == 25 ? 600 : 0), lda = 2 * pairs + m % 3,
                   stride = pairs * 32 + 32;
            size_t ldc = panels * 16 + 5;
            uint16_t *a = noisy_bf16(m * lda), *b = noisy_bf16(panels * stride);
            float *c = noisy(m * ldc), *d = noisy(m * ldc);
            memcpy(d, c, m * ldc * sizeof *c);
            kern->pair_tile(m, panels, pairs, a, lda, b, stride, c, ldc, m % 2);
            twin.pair_tile(m, panels, pairs, a, lda, b, stride, d, ldc, m % 2);
            assert_memory_equal(c, d, m * ldc * sizeof *c);
            ocrvl_free(a), ocrvl_free(b), ocrvl_free(c), ocrvl_free(d);
        }
}

static void bf16_equals_plain(void **state)
{
    (void)state;
    each_table(bf16_equal);
}

/* Plain products of bfloat16 against double precision. */
static void bf16_is_right(const ocrvl_kern *kern)
{
    enum { M = 3, N = 16, K = 250 };
    float x[M * K], w[N * K], c[M * N], d[M * N];
    uint16_t a[M * K], b[N * K], panel[K * 16];
    for (size_t i = 0; i < M * K; i++)
        x[i] = noise();
    for (size_t i = 0; i < N * K; i++)
        w[i] = noise();
    ocrvl_kern_plain.narrow(a, x, M * K);
    ocrvl_kern_plain.narrow(b, w, N * K);
    for (size_t i = 0; i < N * K; i++) {
        float back;
        ocrvl_kern_plain.widen(&back, b + i, OCRVL_BF16, 1);
        assert_true(fabsf(back - w[i]) <= fabsf(w[i]) / 256);
        panel[i % K / 2 * 32 + i / K * 2 + i % K % 2] = b[i];
    }
    kern->dot(M, N, K, a, K, b, K, c, N, false);
    kern->pair_tile(M, 1, K / 2, a, K, panel, 0, d, N, false);
    for (size_t i = 0; i < M * N; i++) {
        double sum = 0;
        for (size_t kk = 0; kk < K; kk++) {
            float u, v;
            ocrvl_kern_plain.widen(&u, a + i / N * K + kk, OCRVL_BF16, 1);
            ocrvl_kern_plain.widen(&v, b + i % N * K + kk, OCRVL_BF16, 1);
            sum += (double)u * v;
        }
        assert_true(fabs(c[i] - sum) < 1e-5 && fabs(d[i] - sum) < 1e-5);
    }
}

static void plain_bf16_is_right(void **state)
{
    (void)state;
    const ocrvl_kern twin = bfmmla_twin();
    bf16_is_right(&ocrvl_kern_plain);
    bf16_is_right(&twin);
    static const float ties[] = {1.00390625f, 1.01171875f, -1.00390625f, 3.4e38f, INFINITY, 1e-40f, NAN};
    static const uint16_t to[] = {0x3F80, 0x3F82, 0xBF80, 0x7F80, 0x7F80, 0x0001, 0x7FC0};
    uint16_t got[7];
    ocrvl_kern_plain.narrow(got, ties, 7);
    assert_memory_equal(got, to, sizeof to);
}

static void blas_agrees(void **state)
{
    (void)state;
    size_t m = 19, panels = 3, k = 300;
    float *a = noisy(m * k), *b = noisy(panels * k * 16), *c = noisy(m * 48), *d = noisy(m * 48);
    ocrvl_kern_blas.tile(m, panels, k, a, k, b, k * 16, c, 48, false);
    ocrvl_kern_plain.tile(m, panels, k, a, k, b, k * 16, d, 48, false);
    for (size_t i = 0; i < m * 48; i++)
        assert_true(fabsf(c[i] - d[i]) < 1e-4f);
    ocrvl_free(a), ocrvl_free(b), ocrvl_free(c), ocrvl_free(d);
}

/* One thread or four, OpenBLAS gives the same. */
static void blas_threads(void **state)
{
    (void)state;
    enum { M = 8, N = 2560, K = 64 };
    ocrvl_pool *pool;
    ocrvl_work one, four;
    assert_ok(ocrvl_pool_new(&pool, 4, err));
    assert_ok(ocrvl_work_init(&one, NULL, err));
    assert_ok(ocrvl_work_init(&four, pool, err));
    one.kern = four.kern = &ocrvl_kern_blas;
    float *x = noisy(M * K), *w = noisy(N * K), *a = noisy(M * N), *b = noisy(M * N);
    ocrvl_mat mat = {.n = N, .k = K, .type = OCRVL_F32, .data = w};
    ocrvl_gemm(&one, x, M, K, &mat, NULL, a, N);
    for (int again = 0; again < 400; again++) {
        ocrvl_gemm(&four, x, M, K, &mat, NULL, b, N);
        assert_memory_equal(a, b, M * N * sizeof *a);
    }
    ocrvl_free(x), ocrvl_free(w), ocrvl_free(a), ocrvl_free(b);
    ocrvl_work_free(&one);
    ocrvl_work_free(&four);
    ocrvl_pool_free(pool);
}

static void elements_equal(const ocrvl_kern *f)
{
    const ocrvl_kern *p = &ocrvl_kern_plain;
    for (size_t n = 1; n < 150; n++) {
        size_t bytes = n * sizeof(float);
        float *x = noisy(n), *w = noisy(n), *b = noisy(n), *u = noisy(n), *v = noisy(n);
        for (size_t i = 0; i < n; i++)
            x[i] *= 30;
        f->layer_norm(u, x, w, b, n, 1e-6f), p->layer_norm(v, x, w, b, n, 1e-6f);
        assert_memory_equal(u, v, bytes);
        f->rms_norm(u, x, w, n, 1e-6f), p->rms_norm(v, x, w, n, 1e-6f);
        assert_memory_equal(u, v, bytes);
        memcpy(u, x, bytes), memcpy(v, x, bytes);
        float a = f->softmax(u, n, 0.3f), c = p->softmax(v, n, 0.3f);
        assert_memory_equal(u, v, bytes);
        assert_true(a == c);
        uint16_t pu[150], pv[150];
        float mu = -INFINITY, mv = mu, su = 0, sv = 0;
        for (int again = 0; again < 3; again++) {
            for (size_t i = 0; i < n; i++)
                u[i] = v[i] = x[i] * (float)(1 + again);
            float fu = f->soft_block(u, pu, n, 0.3f, &mu, &su), fv = p->soft_block(v, pv, n, 0.3f, &mv, &sv);
            assert_true(fu == fv && mu == mv && su == sv);
            assert_memory_equal(pu, pv, n * sizeof *pu);
        }
        for (size_t i = 0; i < n; i++) /* to where powers of 2 end, and beyond */
            u[i] = v[i] = x[i] * 6;
        f->soft_block(u, pu, n, 1.0f, &mu, &su), p->soft_block(v, pv, n, 1.0f, &mv, &sv);
        assert_true(mu == mv && su == sv);
        assert_memory_equal(pu, pv, n * sizeof *pu);
        f->narrow(pu, x, n), p->narrow(pv, x, n);
        assert_memory_equal(pu, pv, n * sizeof *pu);
        memcpy(u, x, bytes), memcpy(v, x, bytes);
        f->quick_gelu(u, n), p->quick_gelu(v, n);
        f->tanh_gelu(u, n), p->tanh_gelu(v, n);
        f->silu_mul(u, w, n), p->silu_mul(v, w, n);
        f->add(u, b, n), p->add(v, b, n);
        f->scale(u, 0.7f, n), p->scale(v, 0.7f, n);
        f->rotate(u, w, b, n / 2), p->rotate(v, w, b, n / 2);
        assert_memory_equal(u, v, bytes);
        ocrvl_free(x), ocrvl_free(w), ocrvl_free(b), ocrvl_free(u), ocrvl_free(v);
    }
}

static void elements_equal_plain(void **state)
{
    (void)state;
    each_table(elements_equal);
}

/* The plain functions against libm in double precision. */
static void plain_is_right(void **state)
{
    (void)state;
    enum { N = 61 };
    float x[N], y[N], w[N], b[N];
    double sum = 0, mean = 0, var = 0;
    for (size_t i = 0; i < N; i++) {
        x[i] = noise() * 20, w[i] = noise(), b[i] = noise();
        mean += x[i] / N;
    }
    for (size_t i = 0; i < N; i++)
        var += (x[i] - mean) * (x[i] - mean) / N;
    ocrvl_kern_plain.layer_norm(y, x, w, b, N, 1e-6f);
    for (size_t i = 0; i < N; i++)
        assert_true(fabs(y[i] - ((x[i] - mean) / sqrt(var + 1e-6) * w[i] + b[i])) < 1e-5);
    memcpy(y, x, sizeof y);
    y[7] = -INFINITY;
    double max = -1e9;
    for (size_t i = 0; i < N; i++)
        max = i != 7 && x[i] > max ? x[i] : max;
    float got = ocrvl_kern_plain.softmax(y, N, 1.0f);
    for (size_t i = 0; i < N; i++)
        if (i != 7) {
            double e = exp((double)(x[i] - (float)max)); /* of the float32 difference, as the model computes it */
            sum += e;
            assert_true(fabs(y[i] - e) <= 2.5e-7 * e + 1e-37);
        }
    assert_true(y[7] == 0.0f);
    assert_true(fabs(got - sum) < 1e-5 * sum);
    float most = -INFINITY, all = 0, more[2] = {(float)max + 2, (float)max - 130};
    uint16_t p[N], p2[2];
    memcpy(y, x, sizeof y);
    assert_true(ocrvl_kern_plain.soft_block(y, p, N, 1.0f, &most, &all) == 0);
    sum = 0;
    for (size_t i = 0; i < N; i++) {
        float back;
        ocrvl_kern_plain.widen(&back, p + i, OCRVL_BF16, 1);
        double e = exp2((double)x[i] - most);
        assert_true(fabs(back - e) <= e * (1.0 / 256 + 1.1e-4));
        sum += back;
    }
    assert_true(fabs(all - sum) < 1e-5 * sum);
    double before = all, factor = ocrvl_kern_plain.soft_block(more, p2, 2, 1.0f, &most, &all);
    assert_true(x[7] <= max && fabs(factor - 0.25) < 1e-6);
    assert_true(p2[0] == 0x3F80 && p2[1] == 0 && fabs(all - (before * factor + 1)) < 1e-5);
    memcpy(y, x, sizeof y);
    ocrvl_kern_plain.quick_gelu(y, N);
    for (size_t i = 0; i < N; i++)
        assert_true(fabs(y[i] - x[i] / (1 + exp(-1.702 * x[i]))) < 2e-6 * (1 + fabs(x[i])));
    memcpy(y, x, sizeof y);
    ocrvl_kern_plain.tanh_gelu(y, N);
    for (size_t i = 0; i < N; i++) {
        double v = x[i], want = 0.5 * v * (1 + tanh(sqrt(2 / 3.14159265358979) * (v + 0.044715 * v * v * v)));
        assert_true(fabs(y[i] - want) < 2e-6 * (1 + fabs(v)));
    }
    memcpy(y, x, sizeof y);
    ocrvl_kern_plain.silu_mul(y, w, N);
    for (size_t i = 0; i < N; i++)
        assert_true(fabs(y[i] - x[i] / (1 + exp(-(double)x[i])) * w[i]) < 2e-6 * (1 + fabs(x[i])));
}

static void halves_widen(void **state)
{
    (void)state;
    static const uint16_t f16[] = {0x3C00, 0xC000, 0x7BFF, 0x0001, 0x8400, 0x03FF, 0x0000, 0x7C00};
    static const float want[] = {1, -2, 65504, 5.9604645e-8f, -6.1035156e-5f, 6.0975552e-5f, 0, INFINITY};
    static const uint16_t bf16[] = {0x3F80, 0xC040, 0x7F80};
    float got[8];
    ocrvl_kern_best()->widen(got, f16, OCRVL_F16, 8);
    assert_memory_equal(got, want, sizeof want);
    ocrvl_kern_best()->widen(got, bf16, OCRVL_BF16, 3);
    assert_true(got[0] == 1 && got[1] == -3 && isinf(got[2]));
}

/* Products, packed or not, ragged or not, on one thread or three: the plain sums. */
static void products(void **state)
{
    (void)state;
    static const size_t sizes[][3] = {{1, 5, 3},     {3, 64, 16},     {70, 130, 1500},
                                      {5, 33, 1024}, {130, 48, 2049}, {2, 832, 64}};
    ocrvl_pool *pool;
    ocrvl_work one, three;
    assert_ok(ocrvl_pool_new(&pool, 3, err));
    assert_ok(ocrvl_work_init(&one, NULL, err));
    assert_ok(ocrvl_work_init(&three, pool, err));
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
        float *x = noisy(m * k), *w = noisy(n * k), *bias = noisy(n), *a = noisy(m * n), *b = noisy(m * n);
        ocrvl_mat mat = {.n = n, .k = k, .type = OCRVL_F32, .data = w};
        ocrvl_gemm(&one, x, m, k, &mat, bias, a, n);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                float v = 0;
                for (size_t kk = 0; kk < k; kk++)
                    v = fmaf(x[i * k + kk], w[j * k + kk], v);
                assert_true(one.kern == &ocrvl_kern_blas ? fabsf(a[i * n + j] - v - bias[j]) < 1e-3f
                                                         : a[i * n + j] == v + bias[j]);
            }
        assert_true(ocrvl_mat_pack(one.kern, &mat));
        ocrvl_gemm(&three, x, m, k, &mat, bias, b, n);
        assert_memory_equal(a, b, m * n * sizeof *a);
        ocrvl_free(mat.packed);
        ocrvl_free(x), ocrvl_free(w), ocrvl_free(bias), ocrvl_free(a), ocrvl_free(b);
    }
    ocrvl_work_free(&one);
    ocrvl_work_free(&three);
    ocrvl_pool_free(pool);
}

/* Products of bfloat16: a row's bits are the same on one thread or three, alone or among many, and those of the twin.
 */
static void bf16_products(void **state)
{
    (void)state;
    static const size_t sizes[][3] = {{1, 5, 3}, {3, 64, 16}, {70, 130, 1500}, {17, 33, 1024}, {130, 48, 2049}};
    ocrvl_pool *pool;
    ocrvl_work one, three;
    assert_ok(ocrvl_pool_new(&pool, 3, err));
    assert_ok(ocrvl_work_init(&one, NULL, err));
    assert_ok(ocrvl_work_init(&three, pool, err));
    assert_ok(ocrvl_work_reserve_rounded(&one, err));
    assert_ok(ocrvl_work_reserve_rounded(&three, err));
    const ocrvl_kern twin = twin_of(three.kern);
    one.kern = &twin;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
        uint16_t *w = noisy_bf16(n * k);
        float *x = noisy(m * k), *bias = noisy(n), *a = noisy(m * n), *b = noisy(m * n), *c = noisy(m * n);
        ocrvl_mat mat = {.n = n, .k = k, .type = OCRVL_BF16, .mode = OCRVL_GEMM_BF16, .data = w};
        ocrvl_gemm(&three, x, m, k, &mat, bias, a, n);
        for (size_t i = 0; i < m; i++)
            ocrvl_gemm(&one, x + i * k, 1, k, &mat, bias, b + i * n, n);
        assert_memory_equal(a, b, m * n * sizeof *a);
        ocrvl_product both[2] = {{.w = &mat, .bias = bias, .out = b}, {.w = &mat, .out = c}};
        memset(b, 0, m * n * sizeof *b);
        ocrvl_gemm_many(&three, x, m, k, both, 2);
        assert_memory_equal(a, b, m * n * sizeof *a);
        for (size_t i = 0; i < m * n; i++)
            assert_true(c[i] + bias[i % n] == a[i]);
        ocrvl_free(w), ocrvl_free(x), ocrvl_free(bias), ocrvl_free(a), ocrvl_free(b), ocrvl_free(c);
    }
    ocrvl_work_free(&one);
    ocrvl_work_free(&three);
    ocrvl_pool_free(pool);
}

/* What becomes of sums: added to what is there, or on to the next product's rows; whichever way, ragged or not. */
static void endings(void **state)
{
    (void)state;
    static const size_t sizes[][3] = {{1, 5, 3}, {3, 64, 16}, {70, 130, 301}, {17, 33, 64}, {205, 48, 77}};
    static const ocrvl_gemm_mode modes[][2] = {{OCRVL_GEMM_FLOAT, OCRVL_GEMM_FLOAT},
                                               {OCRVL_GEMM_BF16, OCRVL_GEMM_BF16},
                                               {OCRVL_GEMM_BF16, OCRVL_GEMM_INT8},
                                               {OCRVL_GEMM_FLOAT, OCRVL_GEMM_INT4}};
    ocrvl_pool *pool;
    ocrvl_work three;
    assert_ok(ocrvl_pool_new(&pool, 3, err));
    assert_ok(ocrvl_work_init(&three, pool, err));
    assert_ok(ocrvl_work_reserve_rounded(&three, err));
    for (size_t s = 0; s < 4 * sizeof sizes / sizeof *sizes; s++) {
        ocrvl_gemm_mode mode = modes[s % 4][0], then = modes[s % 4][1];
        size_t m = sizes[s / 4][0], n = sizes[s / 4][1], k = sizes[s / 4][2], bytes = ocrvl_activation_bytes(mode, k);
        uint16_t *w = noisy_bf16(n * k);
        float *x = noisy(m * k), *bias = noisy(n), *sums = noisy(m * n), *sum = noisy(m * n), *start = noisy(m * n);
        ocrvl_mat mat = {.n = n, .k = k, .type = OCRVL_BF16, .mode = mode, .data = w};
        ocrvl_activations rows = {mode, k, bytes, ocrvl_alloc_aligned(m, bytes)};
        ocrvl_activations next = {then, n, ocrvl_activation_bytes(then, n),
                                  ocrvl_alloc_aligned(m, ocrvl_activation_bytes(then, n))};
        ocrvl_activations want = {then, n, next.ld, ocrvl_alloc_aligned(m, next.ld)};
        assert_true(rows.data && next.data && want.data);
        for (size_t i = 0; i < m; i++)
            ocrvl_activations_put(three.kern, &rows, i, 0, x + i * k, k);
        ocrvl_gemm(&three, x, m, k, &mat, bias, sums, n);
        memcpy(sum, start, m * n * sizeof *sum);
        ocrvl_product p[2] = {{.w = &mat, .bias = bias, .out = sum, .end = OCRVL_END_ADD},
                              {.w = &mat, .bias = bias, .end = OCRVL_END_GELU, .next = &next}};
        ocrvl_product silu = {.w = &mat, .up = &mat, .end = OCRVL_END_SILU, .next = &next};
        ocrvl_gemm_activations(&three, &rows, m, p, 2);
        for (size_t i = 0; i < m * n; i++)
            assert_true(sum[i] == start[i] + sums[i]);
        for (size_t i = 0; i < m; i++) {
            three.kern->quick_gelu(sums + i * n, n);
            ocrvl_activations_put(three.kern, &want, i, 0, sums + i * n, n);
        }
        assert_memory_equal(next.data, want.data, m * next.ld);
        ocrvl_gemm_activations(&three, &rows, m, &silu, 1);
        ocrvl_gemm(&three, x, m, k, &mat, NULL, sums, n);
        for (size_t i = 0; i < m; i++) {
            memcpy(sum, sums + i * n, n * sizeof *sum);
            three.kern->silu_mul(sum, sums + i * n, n);
            ocrvl_activations_put(three.kern, &want, i, 0, sum, n);
        }
        assert_memory_equal(next.data, want.data, m * next.ld);
        ocrvl_free(rows.data), ocrvl_free(next.data), ocrvl_free(want.data);
        ocrvl_free(w), ocrvl_free(x), ocrvl_free(bias), ocrvl_free(sums), ocrvl_free(sum), ocrvl_free(start);
    }
    ocrvl_work_free(&three);
    ocrvl_pool_free(pool);
}

/* Attention in blocks against double precision, over odd numbers of keys; keys and values put one by one or by panels
 * lie the same; a row is what it is alone. */
static void attention(void **state)
{
    (void)state;
    enum { HD = 20, KEYS = 1043, ROWS = 5, PANELS = (KEYS + 15) / 16 * 16 };
    float *q = noisy(ROWS * HD), *key = noisy(KEYS * HD), *value = noisy(KEYS * HD),
          *scratch = noisy(ocrvl_attend_scratch(HD));
    uint16_t *k = ocrvl_alloc_aligned(PANELS * HD, 2), *v = ocrvl_alloc_aligned(PANELS * 32, 2);
    uint16_t *k2 = ocrvl_alloc_aligned(PANELS * HD, 2), *v2 = ocrvl_alloc_aligned(PANELS * 32, 2);
    assert_true(k && v && k2 && v2);
    for (size_t i = 0; i < KEYS; i++) {
        ocrvl_attend_put_key(ocrvl_kern_best(), k, HD, i, key + i * HD);
        ocrvl_attend_put_value(ocrvl_kern_best(), v, PANELS * 16, HD, i, value + i * HD);
    }
    for (size_t i = 0; i < KEYS; i += 16)
        ocrvl_attend_put_panel(ocrvl_kern_best(), k2, v2, PANELS * 16, HD, i, KEYS - i < 16 ? KEYS - i : 16,
                               key + i * HD, value + i * HD, HD);
    assert_memory_equal(k, k2, PANELS * HD * 2);
    assert_memory_equal(v, v2, PANELS * 32 * 2);
    ocrvl_attention a = {ocrvl_kern_best(), HD, 0.7f, k, v, PANELS * 16};
    float out[ROWS * HD], one[HD];
    ocrvl_attend(&a, ROWS, q, HD, KEYS - ROWS + 1, 1, out, HD, scratch);
    for (size_t i = 0; i < ROWS; i++) {
        size_t encode = KEYS - ROWS + 1 + i;
        double sum = 0, want[HD] = {0};
        for (size_t j = 0; j < encode; j++) {
            double s = 0;
            for (size_t d = 0; d < HD; d++)
                s += (double)q[i * HD + d] * key[j * HD + d];
            double e = exp(s * 0.7);
            sum += e;
            for (size_t d = 0; d < HD; d++)
                want[d] += e * value[j * HD + d];
        }
        for (size_t d = 0; d < HD; d++)
            assert_true(fabs(out[i * HD + d] - want[d] / sum) < 1e-3);
        ocrvl_attend(&a, 1, q + i * HD, HD, encode, 0, one, HD, scratch);
        assert_memory_equal(one, out + i * HD, sizeof one);
    }
    ocrvl_free(q), ocrvl_free(key), ocrvl_free(value), ocrvl_free(scratch);
    ocrvl_free(k), ocrvl_free(v), ocrvl_free(k2), ocrvl_free(v2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_equal_plain),
        cmocka_unit_test(bf16_equals_plain),
        cmocka_unit_test(plain_bf16_is_right),
        cmocka_unit_test(bf16_products),
        cmocka_unit_test(blas_agrees),
        cmocka_unit_test(blas_threads),
        cmocka_unit_test(elements_equal_plain),
        cmocka_unit_test(plain_is_right),
        cmocka_unit_test(halves_widen),
        cmocka_unit_test(products),
        cmocka_unit_test(endings),
        cmocka_unit_test(attention),
    };
    return cmocka_run_group_tests_name("kern", tests, NULL, NULL);
}
