/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Division of 256 by 128 bits: schoolbook in base 2^64 (Knuth, volume 2, 4.3.1, algorithm D).
 */
#include "base/dec_wide.h"

#include "base/error.h"

const uint64_t tt_powers_of_ten[TT_DEC_DIGITS + 1] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
};
/* One quotient digit of (top, next) / d, where d has its top bit set and top < d. */
static uint64_t divide_step(tt_u128 top, uint64_t next, tt_u128 d, tt_u128 *remainder)
{
    uint64_t d1 = (uint64_t)(d >> 64);
    uint64_t d0 = (uint64_t)d;
    tt_u128 digit = top / d1;
    tt_u128 rest = top % d1;
    // The estimate is at most two too large.
    while (digit >> 64 || digit * d0 > (rest << 64 | next)) {
        digit--;
        rest += d1;
        if (rest >> 64) {
            break;
        }
    }
    *remainder = (top << 64 | next) - digit * d;
    return (uint64_t)digit;
}

static tt_u128 divide_by_64(tt_u256 n, uint64_t d, tt_u128 *remainder)
{
    tt_u128 top = n.high << 64 | (uint64_t)(n.low >> 64);
    tt_u128 q1 = top / d;
    tt_u128 bottom = (top % d) << 64 | (uint64_t)n.low;
    *remainder = bottom % d;
    return q1 << 64 | bottom / d;
}

tt_u128 tt_u256_divide(tt_u256 n, tt_u128 d, tt_u128 *remainder)
{
    TT_ASSERT(n.high < d);
    if (n.high == 0) {
        *remainder = n.low % d;
        return n.low / d;
    }
    if (d >> 64 == 0) {
        return divide_by_64(n, (uint64_t)d, remainder);
    }
    int shift = __builtin_clzll((uint64_t)(d >> 64));
    if (shift > 0) {
        n.high = n.high << shift | n.low >> (128 - shift);
        n.low <<= shift;
        d <<= shift;
    }
    tt_u128 rest = 0;
    uint64_t q1 = divide_step(n.high, (uint64_t)(n.low >> 64), d, &rest);
    uint64_t q0 = divide_step(rest, (uint64_t)n.low, d, &rest);
    *remainder = rest >> shift;
    return (tt_u128)q1 << 64 | q0;
}
