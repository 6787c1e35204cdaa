#include "base/maths.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* c[0] + c[1] t + ... of n coefficients, by Horner. */
static double polynomial(const double *c, int n, double t)
{
    double p = c[n - 1];
    for (int i = n - 2; i >= 0; i--)
        p = p * t + c[i];
    return p;
}

/* 2^k for a normal result: -1022 <= k <= 1023. */
static double power_of_two(int k)
{
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* ---- exp and log ---- */

#define LOG2_E 0x1.71547652b82fep+0
#define LN2_HIGH 0x1.62e42feep-1 /* 32 bits of ln 2: a product with a whole number of 11 bits is exact */
#define LN2_LOW 0x1.a39ef35793c76p-33

/* x = k ln 2 + r, |r| <= ln 2 / 2; e^r by its series to r^13, whose first three terms are added last, smallest first.
 * */
double ocrvl_exp(double x)
{
    static const double inverse[] = {1 / 6.0,        1 / 24.0,        1 / 120.0,       1 / 720.0,
                                     1 / 5040.0,     1 / 40320.0,     1 / 362880.0,    1 / 3628800.0,
                                     1 / 39916800.0, 1 / 479001600.0, 1 / 6227020800.0};
    if (isnan(x))
        return x;
    if (x > 709.79)
        return (double)INFINITY;
    if (x < -745.2)
        return 0;
    double k = rint(x * LOG2_E), high = x - k * LN2_HIGH, low = k * LN2_LOW, r = high - low;
    low = (high - r) - low; /* what the subtraction lost */
    double p = polynomial(inverse, 11, r);
    double v = 1 + (r + (r * r * (0.5 + r * p) + (low + low * r)));
    int n = (int)k;
    if (n > 1023)
        return v * 2 * power_of_two(n - 1);
    return n < -1022 ? v * power_of_two(n + 200) * power_of_two(-200) : v * power_of_two(n);
}

/* log m for m in [sqrt(1/2), sqrt 2): with f = m - 1, s = f / (2 + f) and z = s^2, log m = 2 artanh s
 * = f - (f^2/2 - s (f^2/2 + R)), R = 2 z / 3 + 2 z^2 / 5 + ... `lost` is what m - 1 left out. */
static double log_near_one(double f, double lost, double k)
{
    double s = f / (2 + f), z = s * s, rest = 0, half = 0.5 * f * f;
    for (int i = 25; i >= 3; i -= 2)
        rest = z * (rest + 2.0 / i);
    return k * LN2_HIGH - ((half - (s * (half + rest) + (k * LN2_LOW + lost))) - f);
}

/* x = 2^k m with m in [sqrt(1/2), sqrt 2), for a finite x > 0. */
static double reduce(double x, double *k)
{
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752) {
        m *= 2;
        e--;
    }
    *k = e;
    return m;
}

double ocrvl_log(double x)
{
    double k;
    if (isnan(x) || x < 0)
        return (double)NAN;
    if (x == 0 || isinf(x))
        return x == 0 ? -(double)INFINITY : x;
    double m = reduce(x, &k);
    return log_near_one(m - 1, 0, k);
}

double ocrvl_log1p(double x)
{
    double k;
    if (!(x > -1) || isinf(x))
        return x == -1 ? -(double)INFINITY : x > 0 ? x : (double)NAN;
    if (fabs(x) < 0x1p-54)
        return x;
    if (x > -0.29 && x < 0.41)
        return log_near_one(x, 0, 0);
    double u = 1 + x, lost = x >= 1 ? 1 - (u - x) : x - (u - 1), m = reduce(u, &k);
    return log_near_one(m - 1, lost / u, k);
}

double ocrvl_pow(double base, double exponent) { return base > 0 ? ocrvl_exp(exponent * ocrvl_log(base)) : 0; }

double ocrvl_power_of_ten(int exponent)
{
    double v = 1;
    unsigned n = exponent < 0 ? 0 - (unsigned)exponent : (unsigned)exponent;
    for (double square = 10; n > 0 && v <= DBL_MAX; n >>= 1, square *= square)
        v *= n & 1 ? square : 1;
    return exponent < 0 ? 1 / v : v;
}

/* ---- sine and cosine ---- */

#define TWO_PI 0x1.921fb54442d18p+2
#define TWO_OVER_PI 0x1.45f306dc9c883p-1
#define QUARTER_HIGH 0x1.921fb544p+0 /* 33 bits of pi / 2, 33 more, and the rest */
#define QUARTER_MIDDLE 0x1.0b4611a6p-34
#define QUARTER_LOW 0x1.3198a2e037073p-69
#define MOST_QUARTERS 0x1p20

/* The sine of r + low, |r| <= pi / 4. */
static double sine(double r, double low)
{
    static const double c[] = {-1 / 6.0,        1 / 120.0,        -1 / 5040.0,          1 / 362880.0,
                               -1 / 39916800.0, 1 / 6227020800.0, -1 / 1307674368000.0, 1 / 355687428096000.0};
    double z = r * r, p = polynomial(c, 8, z);
    return r + (r * z * p + low * (1 - 0.5 * z));
}

/* The cosine likewise: 1 - z/2 is rounded, and what that lost is added to the smaller terms. */
static double cosine(double r, double low)
{
    static const double c[] = {1 / 24.0,        -1 / 720.0,         1 / 40320.0,          -1 / 3628800.0,
                               1 / 479001600.0, -1 / 87178291200.0, 1 / 20922789888000.0, -1 / 6402373705728000.0};
    double z = r * r, p = polynomial(c, 8, z), half = 0.5 * z, w = 1 - half;
    return w + (((1 - w) - half) + (z * z * p - r * low));
}

void ocrvl_sincos(double x, double *sin, double *cos)
{
    if (!isfinite(x)) {
        *sin = *cos = (double)NAN;
        return;
    }
    if (fabs(x) * TWO_OVER_PI >= MOST_QUARTERS)
        x = fmod(x, TWO_PI);
    double n = rint(x * TWO_OVER_PI), a = x - n * QUARTER_HIGH, b = n * QUARTER_MIDDLE, first = a - b;
    double low = ((a - first) - b) - n * QUARTER_LOW, r = first + low;
    low = (first - r) + low;
    double s = sine(r, low), c = cosine(r, low);
    switch ((int)n & 3) {
    case 0: *sin = s, *cos = c; break;
    case 1: *sin = c, *cos = -s; break;
    case 2: *sin = -s, *cos = -c; break;
    default: *sin = -c, *cos = s; break;
    }
}

/* ---- the error function ---- */

/* Polynomials fitted at Chebyshev's points (mpmath's chebyfit); they miss erf by less than 2e-13, a thousandth of
 * what float's rounding does. */
#define TERMS 11
static const double around_zero[8] = {/* erf(x) / x in x^2, for |x| < 1/2 */
                                      1.128379167095512,      -0.376126389031482,     0.11283791667965472,
                                      -0.026866169686584996,  0.0052239625135716,     -0.0008547030530247074,
                                      0.00011993461301850309, -1.3372691582222139e-05};
static const double along[7][TERMS] =
    {/* erf(x) in x - m, for x from 1/2 to 4 in halves, m the middle of each half */
     {0.7111556336535151, 0.6429310692014678, -0.482198301897455, 0.026788792545698967, 0.15068696967868409,
      -0.053242549424274796, -0.026872539694443875, 0.018428648727252975, 0.002302895117917316, -0.003862425220116379,
      0.0001681921519982261},
     {0.9229001282564583, 0.23652112244406906, -0.2956514030596588, 0.16753579609834043, -0.006159404055921522,
      -0.047181128957358945, 0.021301257336940178, 0.003629376920640926, -0.005697107061635761, 0.000822994927809317,
      0.0007843927180510733},
     {0.9866716712191824, 0.05277499593006401, -0.09235624287706783, 0.09015728474146747, -0.04810221005472265,
      0.006624359048393073, 0.00896306505058002, -0.0060586659635291215, 0.000729320770756159, 0.0008929181264408192,
      -0.0004310347932886678},
     {0.9985372834133188, 0.007142319022682752, -0.0160702177997669, 0.02172455347923012, -0.019083383564458937,
      0.01065769823076172, -0.002904363574656752, -0.0006711534621053016, 0.0009997321485959523, -0.0003582118179078483,
      -1.5302097998728453e-05},
     {0.9998993780778803, 0.0005862772469362118, -0.0016122624295204922, 0.002760388755519901, -0.0032581136556195382,
      0.0027558038871153168, -0.0016573277609408465, 0.000646206981189868, -8.899866130132008e-05,
      -7.389574599647637e-05, 5.479587584580723e-05},
     {0.9999956972205363, 2.918902535328576e-05, -9.486433247713051e-05, 0.00019580972163739597, -0.0002865693439934872,
      0.0003137963586060279, -0.00026352794481995404, 0.00017002302422258875, -8.166808854814121e-05,
      2.541135117260752e-05, -2.001536892811706e-06},
     {0.9999998862727434, 8.814321990712255e-07, -3.3053707179675015e-06, 7.969613553160494e-06, -1.384123960606187e-05,
      1.8371199965841422e-05, -1.9272745908159364e-05, 1.626706500509496e-05, -1.1127325407017157e-05,
      6.241042139468759e-06, -2.618000187168023e-06}};

float ocrvl_erff(float x)
{
    double a = fabs((double)x);
    if (isnan(x))
        return x;
    if (a >= 4)
        return x > 0 ? 1 : -1;
    if (a < 0.5)
        return (float)((double)x * polynomial(around_zero, 8, a * a));
    int half = (int)(a * 2) - 1; /* 0..6 */
    double v = polynomial(along[half], TERMS, a - ((half + 1) * 0.5 + 0.25));
    return (float)(x > 0 ? v : -v);
}
