/* The elementary functions beside libm's of long double, which have 11 bits more than a double: errors in units of the
 * double's last place. */
#include <float.h>
#include <math.h>

#include "base/maths.h"
#include "testing.h"

#define MANY 400000

static uint64_t state = 88172645463325252u;

static double uniform(double from, double to)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return from + (to - from) * ((double)(state >> 11) * 0x1p-53);
}

static double ulps(double got, long double truth)
{
    double nearest = (double)truth, next = nextafter(fabs(nearest), (double)INFINITY) - fabs(nearest);
    return (double)fabsl(((long double)got - truth) / (long double)next);
}

/* The greatest error over random numbers between the bounds. */
static double worst(double (*ours)(double), long double (*truth)(long double), double from, double to)
{
    double most = 0;
    for (int i = 0; i < MANY; i++) {
        double x = uniform(from, to);
        most = fmax(most, ulps(ours(x), truth((long double)x)));
    }
    return most;
}

static double sine(double x)
{
    double s, c;
    ocrvl_sincos(x, &s, &c);
    return s;
}

static double cosine(double x)
{
    double s, c;
    ocrvl_sincos(x, &s, &c);
    return c;
}

static void exponentials(void **unused)
{
    (void)unused;
    assert_true(worst(ocrvl_exp, expl, -1, 1) < 1);
    assert_true(worst(ocrvl_exp, expl, -708, 709.7) < 1);
    assert_true(worst(ocrvl_exp, expl, -745, -708) < 1.01); /* without a full mantissa: rounded twice */
    assert_true(ocrvl_exp(0) == 1 && ocrvl_exp(-1e9) == 0 && isinf(ocrvl_exp(710)) && isnan(ocrvl_exp((double)NAN)));
    assert_true(isfinite(ocrvl_exp(709.78)) && ocrvl_exp(-(double)INFINITY) == 0);
}

static void logarithms(void **unused)
{
    (void)unused;
    assert_true(worst(ocrvl_log, logl, 0.5, 2) < 1);
    assert_true(worst(ocrvl_log, logl, 0.999, 1.001) < 1);
    assert_true(worst(ocrvl_log, logl, 0, 1e-300) < 1);
    assert_true(worst(ocrvl_log, logl, 1, 1e6) < 1);
    assert_true(worst(ocrvl_log1p, log1pl, -0.999, 3) < 1);
    assert_true(worst(ocrvl_log1p, log1pl, -1e-5, 1e-5) < 1);
    assert_true(worst(ocrvl_log1p, log1pl, 0, 1e13) < 1);
    assert_true(ocrvl_log(1) == 0 && isinf(ocrvl_log(0)) && isnan(ocrvl_log(-1)) && isinf(ocrvl_log1p(-1)));
    assert_true(ulps(ocrvl_log(0x1p-1074), logl(0x1p-1074L)) < 1 && ocrvl_log1p(1e-300) == 1e-300);
    assert_true(isnan(ocrvl_log((double)NAN)) && isnan(ocrvl_log1p((double)NAN)) && isnan(ocrvl_log1p(-2)));
}

static void circular(void **unused)
{
    (void)unused;
    assert_true(worst(sine, sinl, -4, 4) < 1 && worst(cosine, cosl, -4, 4) < 1);
    assert_true(worst(sine, sinl, -1.6e6, 1.6e6) < 1 && worst(cosine, cosl, -1.6e6, 1.6e6) < 1);
    assert_true(sine(0) == 0 && cosine(0) == 1 && isnan(sine((double)INFINITY)) && isnan(cosine((double)NAN)));
    assert_true(fabs(sine(1e300)) <= 1 && fabs(cosine(1e300)) <= 1);
    for (int i = -4000; i < 4000; i++) { /* next to the zeros */
        double x = i * 1.57079632679489662;
        assert_true(ulps(sine(x), sinl((long double)x)) < 1 && ulps(cosine(x), cosl((long double)x)) < 1);
    }
}

static void powers(void **unused)
{
    (void)unused;
    for (int i = 0; i < MANY; i++) {
        double base = uniform(1e-4, 1e7), e = uniform(-1, 1);
        long double truth = powl((long double)base, (long double)e);
        assert_true(fabsl((long double)ocrvl_pow(base, e) / truth - 1) < 0x1p-47L);
    }
    for (int e = -330; e <= 310; e++) {
        long double truth = powl(10, e);
        double v = ocrvl_power_of_ten(e);
        if (e >= 0 && e <= 22)
            assert_true(v == (double)truth);
        else if (e > -308 && e <= 308)
            assert_true(fabsl((long double)v / truth - 1) < 0x1p-44L);
        else
            assert_true(e > 0 ? isinf(v) : v <= (double)powl(10, -307));
    }
    assert_true(ocrvl_pow(0, 2) == 0 && ocrvl_power_of_ten(INT32_MAX) > DBL_MAX && ocrvl_power_of_ten(-INT32_MAX) == 0);
}

/* Every float of a sample: at most one in a thousand isn't the true value's own rounding, none is further than the
 * next float. */
static void error_function(void **unused)
{
    (void)unused;
    size_t off = 0;
    for (int i = 0; i < MANY; i++) {
        float x = (float)(i % 4 ? uniform(-4.2, 4.2) : ocrvl_exp(uniform(-40, 1)));
        long double truth = erfl((long double)x);
        float near = (float)truth, got = ocrvl_erff(x);
        off += got != near;
        assert_true(got == near || got == nextafterf(near, got));
    }
    assert_true(off < MANY / 1000);
    assert_true(ocrvl_erff(0) == 0 && ocrvl_erff(9) == 1 && ocrvl_erff(-9) == -1 && isnan(ocrvl_erff((float)NAN)));
}

/* The frequencies of the published configurations, as the reference computes them from its own pow. */
static void frequencies(void **unused)
{
    (void)unused;
    const double bases[] = {10000, 1000000, 5000000};
    for (size_t b = 0; b < 3; b++)
        for (int n = 16; n <= 128; n++)
            for (int i = 0; i < n; i++) {
                double e = (double)((float)i / (float)n);
                assert_true((float)ocrvl_pow(bases[b], e) == (float)powl((long double)bases[b], (long double)e));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(exponentials),   cmocka_unit_test(logarithms),
                                       cmocka_unit_test(circular),       cmocka_unit_test(powers),
                                       cmocka_unit_test(error_function), cmocka_unit_test(frequencies)};
    return cmocka_run_group_tests_name("maths", tests, NULL, NULL);
}
