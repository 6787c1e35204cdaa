/* Elementary functions that give the same bits on every machine. libm's differ from version to version, and within a
 * version by the processor's features; whatever decides or prints a number uses these, which are made of IEEE sums,
 * products and quotients alone. Of libm only what is exact by definition is called besides (sqrt, fabs, floor, ceil,
 * rint, fmod, fma and their like). */
#ifndef OCRVL_BASE_MATHS_H
#define OCRVL_BASE_MATHS_H

/* Each is within one unit in the last place of the true value, infinities and NaN as in C. */
double ocrvl_exp(double x);
double ocrvl_log(double x);
double ocrvl_log1p(double x); /* log(1 + x), exact for small x too */

/* x in radians, within one unit in the last place to |x| = 1.6e6 (2^20 quarter turns); beyond it x is taken modulo the
 * double next to 2 pi, as a whole. Infinities give NaN. */
void ocrvl_sincos(double x, double *sin, double *cos);

/* base^exponent for base > 0, to 2^-47 of the result where that lies between 2^-40 and 2^40; 0 for a base of 0 or
 * less. */
double ocrvl_pow(double base, double exponent);
/* 10^exponent, rounded once up to 22; 0 and infinity beyond double's range. */
double ocrvl_power_of_ten(int exponent);

/* The error function, the true value rounded to float but for one case in some thousands, where it is the next one. */
float ocrvl_erff(float x);

#endif
