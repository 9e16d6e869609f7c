/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * xoshiro256** 1.0, seeded by splitmix64.
 */
#include "base/random.h"

#define DEC_NANO INT64_C(1000000000) /* v of 10^-9, and 10^9. */

static uint64_t rotate_left(uint64_t x, int count)
{
    return x << count | x >> (64 - count);
}

/* Output function of splitmix64; a bijection with mix(0) == 0. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void tt_random_init(tt_random *random, uint64_t seed, uint64_t stream)
{
    const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
    for (uint64_t i = 0; i < 4; i++) {
        // An odd factor and mix() are bijections: the streams of one seed differ in all four words.
        random->s[i] = mix(seed + golden * (i + 1)) ^ mix(stream * (2 * i + 1));
    }
    if ((random->s[0] | random->s[1] | random->s[2] | random->s[3]) == 0) {
        random->s[0] = golden;
    }
}

uint64_t tt_random_u64(tt_random *random)
{
    uint64_t *s = random->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t tt_random_below(tt_random *random, uint64_t bound)
{
    TT_ASSERT(bound > 0);
    // Lemire, "Fast random integer generation in an interval", 2019: the high half of a product is
    // the draw; low halves below 2^64 mod bound are drawn again, which takes the bias out.
    tt_u128 product = (tt_u128)tt_random_u64(random) * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = -bound % bound;
        while ((uint64_t)product < threshold) {
            product = (tt_u128)tt_random_u64(random) * bound;
        }
    }
    return (uint64_t)(product >> 64);
}

int64_t tt_random_between(tt_random *random, int64_t low, int64_t high)
{
    TT_ASSERT(low <= high);
    uint64_t span = (uint64_t)high - (uint64_t)low;
    if (span == UINT64_MAX) {
        return (int64_t)tt_random_u64(random);
    }
    return (int64_t)((uint64_t)low + tt_random_below(random, span + 1));
}

tt_dec tt_random_unit(tt_random *random)
{
    return (tt_dec){(tt_i128)tt_random_below(random, (uint64_t)DEC_NANO) * DEC_NANO};
}

bool tt_random_chance(tt_random *random, tt_dec probability)
{
    return tt_dec_lt(tt_random_unit(random), probability);
}
