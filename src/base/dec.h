/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checked 128-bit fixed-point decimal with one scale: a value is `v` x 10^-18.
 *
 * Range about +-1.7e20. No operation rounds unless its name or an argument says how, and none
 * overflows in silence: each returns TUTTI_RANGE and leaves the result unwritten.
 * A product of two values whose decimals add up to at most 18 is exact.
 */
#ifndef TT_BASE_DEC_H
#define TT_BASE_DEC_H

#include "base/error.h"

#include <tutti/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 tt_i128;
__extension__ typedef unsigned __int128 tt_u128;

/** A decimal number: v x 10^-18. */
typedef struct tt_dec {
    tt_i128 v;
} tt_dec;

#define TT_DEC_DIGITS  18
#define TT_DEC_ONE_I64 INT64_C(1000000000000000000)
#define TT_DEC_ZERO    ((tt_dec){0})
/** Builds a constant from an integer and a power of ten: TT_DEC_C(66, 2) is 0.66. 0 <= digits
 * <= 18. */
#define TT_DEC_C(integer, digits) ((tt_dec){(tt_i128)(integer)*TT_DEC_POW10_(18 - (digits))})
#define TT_DEC_POW10_(n)                                                                           \
    ((tt_i128)((n) >= 9 ? INT64_C(1000000000) : 1) * TT_DEC_POW10_SMALL_((n) % 9) *                \
     ((n) >= 18 ? INT64_C(1000000000) : 1))
#define TT_DEC_POW10_SMALL_(n)                                                                     \
    ((n) == 0   ? 1                                                                                \
     : (n) == 1 ? 10                                                                               \
     : (n) == 2 ? 100                                                                              \
     : (n) == 3 ? 1000                                                                             \
     : (n) == 4 ? 10000                                                                            \
     : (n) == 5 ? 100000                                                                           \
     : (n) == 6 ? 1000000                                                                          \
     : (n) == 7 ? 10000000                                                                         \
                : 100000000)

/** How a result that has more digits than fit is made to fit. */
typedef enum tt_round {
    TT_ROUND_EXACT,     /**< Losing a digit is TUTTI_RANGE. */
    TT_ROUND_DOWN,      /**< Toward zero. */
    TT_ROUND_UP,        /**< Away from zero. */
    TT_ROUND_FLOOR,     /**< Toward minus infinity. */
    TT_ROUND_CEILING,   /**< Toward plus infinity. */
    TT_ROUND_HALF_EVEN, /**< To nearest, ties to the even neighbour (IEEE 754 default). */
    TT_ROUND_HALF_UP,   /**< To nearest, ties away from zero. */
} tt_round;

/** Longest text that tt_dec_format writes, with the final NUL. */
#define TT_DEC_TEXT_MAX 48

static inline int tt_dec_cmp(tt_dec a, tt_dec b)
{
    return (a.v > b.v) - (a.v < b.v);
}
static inline bool tt_dec_eq(tt_dec a, tt_dec b)
{
    return a.v == b.v;
}
static inline bool tt_dec_lt(tt_dec a, tt_dec b)
{
    return a.v < b.v;
}
static inline bool tt_dec_le(tt_dec a, tt_dec b)
{
    return a.v <= b.v;
}
static inline bool tt_dec_is_zero(tt_dec a)
{
    return a.v == 0;
}
/* Written so that a comparison with 0 becomes one of the number itself. */
static inline int tt_dec_sign(tt_dec a)
{
    if (a.v < 0) {
        return -1;
    }
    return a.v > 0 ? 1 : 0;
}
static inline tt_dec tt_dec_min(tt_dec a, tt_dec b)
{
    return a.v < b.v ? a : b;
}
static inline tt_dec tt_dec_max(tt_dec a, tt_dec b)
{
    return a.v > b.v ? a : b;
}

/** Sum, difference. @retval TUTTI_RANGE on overflow; `result` is then unchanged. */
TUTTI_NODISCARD tutti_status tt_dec_add(tt_dec a, tt_dec b, tt_dec *result);
TUTTI_NODISCARD tutti_status tt_dec_sub(tt_dec a, tt_dec b, tt_dec *result);
/** Product and quotient, rounded to 18 digits as named. @retval TUTTI_RANGE overflow, a lost digit
 * under TT_ROUND_EXACT, or a zero divisor. The product is formed in 256 bits. */
TUTTI_NODISCARD tutti_status tt_dec_mul(tt_dec a, tt_dec b, tt_round round, tt_dec *result);
TUTTI_NODISCARD tutti_status tt_dec_div(tt_dec a, tt_dec b, tt_round round, tt_dec *result);
/** a x b / c in one step, rounded once (256-bit intermediate). */
TUTTI_NODISCARD tutti_status
tt_dec_muldiv(tt_dec a, tt_dec b, tt_dec c, tt_round round, tt_dec *result);
/** Rounds to a multiple of `step` (> 0), such as a price tick or a lot. */
TUTTI_NODISCARD tutti_status tt_dec_quantize(tt_dec a, tt_dec step, tt_round round, tt_dec *result);
/** Tells whether `a` is a whole multiple of `step` (> 0). */
bool tt_dec_is_multiple(tt_dec a, tt_dec step);
/** Negation and absolute value. @retval TUTTI_RANGE for the one value without a negative. */
TUTTI_NODISCARD tutti_status tt_dec_neg(tt_dec a, tt_dec *result);
TUTTI_NODISCARD tutti_status tt_dec_abs(tt_dec a, tt_dec *result);

/**
 * Arithmetic for the core where overflow is a broken invariant, not an outcome: asserts instead of
 * returning. Inputs of the core are bounded on entry (see model/limits.h), so that these cannot
 * overflow unless the code is wrong. tt_dec_xmul and tt_dec_xdiv round half to even at 18 digits.
 */
static inline tt_dec tt_dec_xadd(tt_dec a, tt_dec b)
{
    tt_dec sum = {0};
    TT_ASSERT(!__builtin_add_overflow(a.v, b.v, &sum.v));
    return sum;
}
static inline tt_dec tt_dec_xsub(tt_dec a, tt_dec b)
{
    tt_dec difference = {0};
    TT_ASSERT(!__builtin_sub_overflow(a.v, b.v, &difference.v));
    return difference;
}
tt_dec tt_dec_xmul(tt_dec a, tt_dec b);
tt_dec tt_dec_xdiv(tt_dec a, tt_dec b);
tt_dec tt_dec_xneg(tt_dec a);
tt_dec tt_dec_xabs(tt_dec a);
/** [n] is 10^n. */
extern const uint64_t tt_powers_of_ten[TT_DEC_DIGITS + 1];
/** `count` x 10^-`digits`; 0 <= digits <= 18. */
static inline tt_dec tt_dec_from_i64(int64_t count, int digits)
{
    TT_ASSERT(digits >= 0 && digits <= TT_DEC_DIGITS);
    return (tt_dec){(tt_i128)count * tt_powers_of_ten[TT_DEC_DIGITS - digits]};
}
/** Converts to `count` x 10^-digits. @retval TUTTI_RANGE does not fit, or a digit would be lost
 * under TT_ROUND_EXACT. */
TUTTI_NODISCARD tutti_status tt_dec_to_i64(tt_dec a, int digits, tt_round round, int64_t *result);

/** Parses `[+-]digits[.digits][e[+-]digits]`; the whole text. @retval TUTTI_PARSE no such number.
 * @retval TUTTI_RANGE too large, or more than 18 decimals that are not zero. */
TUTTI_NODISCARD tutti_status tt_dec_parse(const char *text, size_t length, tt_dec *result);
/** Writes the shortest exact text, such as "-0.25" or "42"; returns its length without the NUL. */
size_t tt_dec_format(tt_dec a, char text[TT_DEC_TEXT_MAX]);
/** Writes the value rounded half-even to `digits` decimals, zero padded: for tables and reports. */
size_t tt_dec_format_fixed(tt_dec a, int digits, char text[TT_DEC_TEXT_MAX]);

/** Analytics only (indicators, charts): nearest double, and a double rounded to 9 decimals.
 * tt_dec_from_double uses basic IEEE arithmetic alone: the same bits on every build.
 * @retval TUTTI_RANGE not finite, or |value| > 9e9. */
double tt_dec_to_double(tt_dec a);
TUTTI_NODISCARD tutti_status tt_dec_from_double(double value, tt_dec *result);

#endif
