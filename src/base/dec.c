/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Decimal arithmetic. Works on magnitudes with a sign beside, so that each rounding rule is written
 * once.
 */
#include "base/dec.h"

#include "base/dec_wide.h"

#define DEC_MAGNITUDE_MAX                                                                          \
    (((tt_u128)1 << 127) - 1) /* One less than the magnitude of the minimum. */

static inline tt_u128 magnitude(tt_dec a)
{
    return a.v < 0 ? -(tt_u128)a.v : (tt_u128)a.v;
}

/* Joins sign and magnitude. */
static inline tutti_status join(bool negative, tt_u128 m, tt_dec *result)
{
    if (__builtin_expect(m > DEC_MAGNITUDE_MAX + (negative ? 1 : 0), 0)) {
        return TUTTI_RANGE;
    }
    result->v = (tt_i128)(negative ? -m : m);
    return TUTTI_OK;
}

/* Tells whether a magnitude with a remainder (not zero) grows by one. `half` compares the remainder
 * with half of the divisor: -1, 0 or 1. */
static inline bool rounds_away(tt_round round, bool negative, bool odd, int half)
{
    switch (round) {
    case TT_ROUND_EXACT:
    case TT_ROUND_DOWN:
        return false;
    case TT_ROUND_UP:
        return true;
    case TT_ROUND_FLOOR:
        return negative;
    case TT_ROUND_CEILING:
        return !negative;
    case TT_ROUND_HALF_EVEN:
        return half > 0 || (half == 0 && odd);
    case TT_ROUND_HALF_UP:
        return half >= 0;
    }
    return false;
}

/* Compares 2 x remainder with the divisor, without overflow. */
static inline int compare_half(tt_u128 remainder, tt_u128 divisor)
{
    tt_u128 rest = divisor - remainder;
    return (remainder > rest) - (remainder < rest);
}

/* Finishes a division: rounds the quotient and joins it with the sign. */
static inline tutti_status
finish(bool negative, tt_u128 quotient, int half, tt_round round, tt_dec *result)
{
    if (round == TT_ROUND_EXACT) {
        return TUTTI_RANGE;
    }
    // A quotient at the top of 128 bits cannot wrap: it is far beyond the range and refused first.
    if (quotient <= DEC_MAGNITUDE_MAX && rounds_away(round, negative, quotient & 1, half)) {
        quotient++;
    }
    return join(negative, quotient, result);
}

static inline tutti_status multiply(tt_dec a, tt_dec b, tt_round round, tt_dec *result)
{
    bool negative = (a.v < 0) != (b.v < 0);
    tt_u256 product = tt_u256_mul(magnitude(a), magnitude(b));
    if (__builtin_expect(product.high >= TT_DEC_ONE_U64, 0)) {
        return TUTTI_RANGE;
    }
    uint64_t remainder = 0;
    tt_u128 quotient = tt_u256_divide_one(product, &remainder);
    if (remainder == 0) {
        return join(negative, quotient, result);
    }
    const uint64_t half = TT_DEC_ONE_U64 / 2;
    return finish(negative, quotient, (remainder > half) - (remainder < half), round, result);
}

/* n / d with the sign given apart. */
static tutti_status divide(bool negative, tt_u256 n, tt_u128 d, tt_round round, tt_dec *result)
{
    if (d == 0 || n.high >= d) {
        return TUTTI_RANGE;
    }
    tt_u128 remainder = 0;
    tt_u128 quotient = tt_u256_divide(n, d, &remainder);
    if (remainder == 0) {
        return join(negative, quotient, result);
    }
    return finish(negative, quotient, compare_half(remainder, d), round, result);
}

tutti_status tt_dec_add(tt_dec a, tt_dec b, tt_dec *result)
{
    tt_i128 sum = 0;
    if (__builtin_add_overflow(a.v, b.v, &sum)) {
        return TUTTI_RANGE;
    }
    result->v = sum;
    return TUTTI_OK;
}

tutti_status tt_dec_sub(tt_dec a, tt_dec b, tt_dec *result)
{
    tt_i128 difference = 0;
    if (__builtin_sub_overflow(a.v, b.v, &difference)) {
        return TUTTI_RANGE;
    }
    result->v = difference;
    return TUTTI_OK;
}

tutti_status tt_dec_mul(tt_dec a, tt_dec b, tt_round round, tt_dec *result)
{
    return multiply(a, b, round, result);
}

/* Whole divisors up to 18, such as a leverage or the 2 of a middle: the 10^18 of both sides goes
 * away, and with it most of the work. Quotient, remainder and what half of the divisor is compared
 * with are the same, each of the latter 10^18 times smaller. */
static inline tutti_status
divide_by_whole(bool negative, tt_u128 n, uint64_t d, tt_round round, tt_dec *result)
{
    uint64_t high = (uint64_t)(n >> 64);
    uint64_t left = high % d; // Below 2^5, so that each half of the low word can follow it.
    uint64_t middle = left << 32 | (uint64_t)(n >> 32 & UINT32_MAX);
    uint64_t low = middle % d << 32 | (uint64_t)(n & UINT32_MAX);
    tt_u128 quotient = (tt_u128)(high / d) << 64 | (middle / d << 32) | low / d;
    uint64_t remainder = low % d;
    if (remainder == 0) {
        return join(negative, quotient, result);
    }
    return finish(negative, quotient, compare_half(remainder, d), round, result);
}

tutti_status tt_dec_div(tt_dec a, tt_dec b, tt_round round, tt_dec *result)
{
    if (b.v == TT_DEC_ONE_I64) { // the leverage of most
        *result = a;
        return TUTTI_OK;
    }
    if (b.v > 0 && b.v >> 64 == 0 && (uint64_t)b.v % TT_DEC_ONE_U64 == 0) {
        return divide_by_whole(
            a.v < 0, magnitude(a), (uint64_t)b.v / TT_DEC_ONE_U64, round, result);
    }
    tt_u256 scaled = tt_u256_mul(magnitude(a), TT_DEC_ONE_U64);
    return divide((a.v < 0) != (b.v < 0), scaled, magnitude(b), round, result);
}

tutti_status tt_dec_muldiv(tt_dec a, tt_dec b, tt_dec c, tt_round round, tt_dec *result)
{
    bool negative = ((a.v < 0) != (b.v < 0)) != (c.v < 0);
    tt_u256 product = tt_u256_mul(magnitude(a), magnitude(b));
    return divide(negative, product, magnitude(c), round, result);
}

tutti_status tt_dec_quantize(tt_dec a, tt_dec step, tt_round round, tt_dec *result)
{
    if (step.v <= 0) {
        return TUTTI_RANGE;
    }
    bool negative = a.v < 0;
    tt_u128 m = magnitude(a);
    tt_u128 d = (tt_u128)step.v;
    tt_u128 remainder = m % d;
    if (remainder == 0) {
        *result = a;
        return TUTTI_OK;
    }
    if (round == TT_ROUND_EXACT) {
        return TUTTI_RANGE;
    }
    int half = compare_half(remainder, d);
    // Only a tie under half-even asks whether the quotient is odd; its division is spared
    // otherwise.
    bool odd = half == 0 && ((m / d) & 1) != 0;
    m -= remainder;
    if (rounds_away(round, negative, odd, half)) {
        m += d; // Both below 2^127 + 1: no wrap.
    }
    return join(negative, m, result);
}

bool tt_dec_is_multiple(tt_dec a, tt_dec step)
{
    return step.v > 0 && a.v % step.v == 0;
}

tutti_status tt_dec_neg(tt_dec a, tt_dec *result)
{
    return join(a.v >= 0, magnitude(a), result);
}

tutti_status tt_dec_abs(tt_dec a, tt_dec *result)
{
    return join(false, magnitude(a), result);
}

tt_dec tt_dec_xmul(tt_dec a, tt_dec b)
{
    tt_dec product = {0};
    TT_ASSERT(multiply(a, b, TT_ROUND_HALF_EVEN, &product) == TUTTI_OK);
    return product;
}

tt_dec tt_dec_xdiv(tt_dec a, tt_dec b)
{
    tt_dec quotient = {0};
    TT_ASSERT(tt_dec_div(a, b, TT_ROUND_HALF_EVEN, &quotient) == TUTTI_OK);
    return quotient;
}

tt_dec tt_dec_xneg(tt_dec a)
{
    tt_dec negated = {0};
    TT_ASSERT(tt_dec_neg(a, &negated) == TUTTI_OK);
    return negated;
}

tt_dec tt_dec_xabs(tt_dec a)
{
    return a.v < 0 ? tt_dec_xneg(a) : a;
}

static uint64_t unit_of(int digits)
{
    TT_ASSERT(digits >= 0 && digits <= TT_DEC_DIGITS);
    return tt_powers_of_ten[TT_DEC_DIGITS - digits];
}

tutti_status tt_dec_to_i64(tt_dec a, int digits, tt_round round, int64_t *result)
{
    tt_dec count = {0};
    tt_u256 n = {.low = magnitude(a)};
    tt_u128 unit = unit_of(digits);
    TUTTI_TRY(divide(a.v < 0, n, unit, round, &count));
    if (count.v < INT64_MIN || count.v > INT64_MAX) {
        return TUTTI_RANGE;
    }
    *result = (int64_t)count.v;
    return TUTTI_OK;
}

/* 2^exponent for a normal number, from its bits. */
static double power_of_two(int exponent)
{
    union {
        uint64_t bits;
        double value;
    } power = {.bits = (uint64_t)(1023 + exponent) << 52};
    return power.value;
}

double tt_dec_to_double(tt_dec a)
{
    if (a.v == 0) {
        return 0.0;
    }
    // The magnitude is shifted to 128 bits and divided by 10^18: a quotient of 68 or 69 bits. Its
    // top 61 or 62 bits, with one sticky bit for all that was cut off, round to the nearest double
    // once.
    enum {
        cut = 7
    };
    tt_u128 m = magnitude(a);
    uint64_t high = (uint64_t)(m >> 64);
    int shift = high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)m);
    uint64_t remainder = 0;
    tt_u128 quotient = tt_u256_divide_one((tt_u256){.low = m << shift}, &remainder);
    bool sticky = remainder != 0 || ((uint64_t)quotient & ((1U << cut) - 1)) != 0;
    int64_t significand = (int64_t)(quotient >> cut) | (sticky ? 1 : 0);
    double value = (double)significand * power_of_two(cut - shift);
    return a.v < 0 ? -value : value;
}

tutti_status tt_dec_from_double(double value, tt_dec *result)
{
    const double limit = 9e9;
    if (!(value >= -limit && value <= limit)) {
        return TUTTI_RANGE; // NaN compares false and lands here too.
    }
    double scaled = value * 1e9;
    int64_t count = (int64_t)scaled;
    double rest = scaled - (double)count;
    bool odd = (count & 1) != 0;
    if (rest > 0.5 || (rest >= 0.5 && odd)) {
        count++;
    } else if (rest < -0.5 || (rest <= -0.5 && odd)) {
        count--;
    }
    *result = tt_dec_from_i64(count, 9);
    return TUTTI_OK;
}
