/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * log10(x) = e log10(2) + log10(1 + f) with x = (1 + f) 2^e and 1 + f in [sqrt(1/2), sqrt(2)).
 *
 * With s = f / (2 + f), |s| < 0.1716: ln(1 + f) = 2 atanh(s) = f - h + s (h + R), where h = f^2 / 2
 * and R = 2 s^2 / 3 + 2 s^4 / 5 + ... + 2 s^20 / 21; what is left out is below 1e-18 of the sum. f
 * is exact, so nothing cancels near x = 1. The last product with log10(e) is formed in two parts,
 * because one rounding of f - h would be seen in the result.
 */
#include "market/logarithm.h"

#include "base/error.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

// Two parts each; the first is short, so that its products below are exact.
#define LOG10_2_HIGH 0x1.34413509f8p-2
#define LOG10_2_LOW  -0x1.80433b83b532ap-44
#define LOG10_E_HIGH 0x1.bcb7b15p-2
#define LOG10_E_LOW  0x1.37287195355bbp-33
#define SQRT_2       0x1.6a09e667f3bcdp+0

#define MANTISSA_BITS 52
#define EXPONENT_MASK UINT64_C(0x7ff)
#define EXPONENT_BIAS 1023

/** Splits x into a factor in [sqrt(1/2), sqrt(2)) and a power of two. */
static double split(double x, int *exponent)
{
    uint64_t bits = 0;
    memcpy(&bits, &x, sizeof bits);
    *exponent = (int)(bits >> MANTISSA_BITS & EXPONENT_MASK) - EXPONENT_BIAS;
    bits &= ~(EXPONENT_MASK << MANTISSA_BITS);
    bits |= (uint64_t)EXPONENT_BIAS << MANTISSA_BITS;
    double factor = 0;
    memcpy(&factor, &bits, sizeof factor);
    if (factor >= SQRT_2) {
        factor /= 2;
        *exponent += 1;
    }
    return factor;
}

/** Takes the lower 32 bits off: what is left has 21 bits. */
static double shorten(double x)
{
    uint64_t bits = 0;
    memcpy(&bits, &x, sizeof bits);
    bits &= ~UINT64_C(0xffffffff);
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** R of the head comment, of s squared. */
static double series(double square)
{
    double sum = 0;
    for (int n = 21; n >= 3; n -= 2) {
        sum = (sum + 2.0 / n) * square;
    }
    return sum;
}

double tt_log10(double x)
{
    TT_ASSERT(x > 0 && x <= DBL_MAX);
    int shift = 0;
    if (x < 0x1p-1022) { // subnormal: its exponent field says nothing
        x *= 0x1p54;
        shift = -54;
    }
    int exponent = 0;
    double f = split(x, &exponent) - 1;
    double e = exponent + shift;
    double s = f / (2 + f);
    double h = 0.5 * f * f;
    double high = shorten(f - h);
    double low = (f - high) - h + s * (h + series(s * s));
    double large = e * LOG10_2_HIGH;
    double small = e * LOG10_2_LOW + (high + low) * LOG10_E_LOW + low * LOG10_E_HIGH;
    double main_part = high * LOG10_E_HIGH;
    double sum = large + main_part;
    double lost = (large - sum) + main_part;
    return sum + (lost + small);
}
