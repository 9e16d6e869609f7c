/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * log10(x) = e log10(2) + log10(m) with x = m 2^e and m in [sqrt(1/2), sqrt(2)).
 *
 * ln(m) = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.1716: the series s + s^3/3 + ... + s^21/21
 * leaves an error below 1e-19 of the sum. Near x = 1 the exponent e is 0, so nothing cancels.
 */
#include "market/logarithm.h"

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// log10(2) in two parts: the first has 38 bits, so that its product with an exponent is exact.
#define LOG10_2_HIGH 0x1.34413509f8p-2
#define LOG10_2_LOW  -0x1.80433b83b532ap-44
#define TWO_LOG10_E  0x1.bcb7b1526e50ep-1
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

static double atanh_series(double s)
{
    double square = s * s;
    double sum = 0;
    for (int n = 21; n >= 3; n -= 2) {
        sum = (sum + 1.0 / n) * square;
    }
    return s + s * sum;
}

static bool is_finite_positive(double x)
{
    return x > 0 && x <= 0x1.fffffffffffffp+1023;
}

double tt_log10(double x)
{
    TT_ASSERT(is_finite_positive(x));
    int shift = 0;
    if (x < 0x1p-1022) { // subnormal: its exponent field says nothing
        x *= 0x1p54;
        shift = -54;
    }
    int exponent = 0;
    double factor = split(x, &exponent);
    double e = exponent + shift;
    double fraction = TWO_LOG10_E * atanh_series((factor - 1) / (factor + 1));
    return e * LOG10_2_HIGH + (e * LOG10_2_LOW + fraction);
}
