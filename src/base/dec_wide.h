/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Unsigned 256-bit steps behind the decimal: products, division by 10^18 and by 128 bits.
 * Inside of base only.
 */
#ifndef TT_BASE_DEC_WIDE_H
#define TT_BASE_DEC_WIDE_H

#include "base/dec.h"

/** high x 2^128 + low. */
typedef struct tt_u256 {
    tt_u128 high;
    tt_u128 low;
} tt_u256;

#define TT_DEC_ONE_U64 UINT64_C(1000000000000000000)

static inline tt_u256 tt_u256_mul(tt_u128 a, tt_u128 b)
{
    uint64_t a1 = (uint64_t)(a >> 64);
    uint64_t b1 = (uint64_t)(b >> 64);
    uint64_t a0 = (uint64_t)a;
    uint64_t b0 = (uint64_t)b;
    tt_u128 low = (tt_u128)a0 * b0;
    if ((a1 | b1) == 0) {
        return (tt_u256){.low = low};
    }
    tt_u128 cross1 = (tt_u128)a1 * b0 + (low >> 64);
    tt_u128 cross2 = (tt_u128)a0 * b1 + (uint64_t)cross1;
    tt_u256 product = {
        .high = (tt_u128)a1 * b1 + (cross1 >> 64) + (cross2 >> 64),
        .low = cross2 << 64 | (uint64_t)low,
    };
    return product;
}

/* Divides 128 bits by a 64-bit divisor whose top bit is set, with its reciprocal: two products
 * instead of a division (Moller and Granlund, "Improved division by invariant integers", 2011,
 * algorithm 4). Needs high < divisor. */
static inline uint64_t tt_divide_preinverted(
    uint64_t high, uint64_t low, uint64_t divisor, uint64_t reciprocal, uint64_t *remainder)
{
    tt_u128 estimate = (tt_u128)reciprocal * high + ((tt_u128)high << 64 | low);
    uint64_t quotient = (uint64_t)(estimate >> 64) + 1;
    uint64_t rest = low - quotient * divisor;
    if (rest > (uint64_t)estimate) {
        quotient--;
        rest += divisor;
    }
    if (rest >= divisor) {
        quotient++;
        rest -= divisor;
    }
    *remainder = rest;
    return quotient;
}

/** Divides by 10^18. Needs n.high < 10^18, so that the quotient fits 128 bits. */
static inline tt_u128 tt_u256_divide_one(tt_u256 n, uint64_t *remainder)
{
    enum {
        shift = 4
    }; // Brings the top bit of 10^18 to bit 63.
    const uint64_t divisor = TT_DEC_ONE_U64 << shift;
    const uint64_t reciprocal = (uint64_t)(~(tt_u128)0 / divisor);
    uint64_t n2 = (uint64_t)n.high << shift | (uint64_t)(n.low >> (128 - shift));
    tt_u128 rest = n.low << shift;
    uint64_t r = n2;
    uint64_t q1 = 0;
    if ((n2 | (rest >> 64)) != 0) {
        q1 = tt_divide_preinverted(n2, (uint64_t)(rest >> 64), divisor, reciprocal, &r);
    }
    uint64_t q0 = tt_divide_preinverted(r, (uint64_t)rest, divisor, reciprocal, &r);
    *remainder = r >> shift;
    return (tt_u128)q1 << 64 | q0;
}

/** Divides by `d` > 0. Needs n.high < d, so that the quotient fits 128 bits. */
tt_u128 tt_u256_divide(tt_u256 n, tt_u128 d, tt_u128 *remainder);

#endif
