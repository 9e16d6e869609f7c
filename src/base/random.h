/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Seeded pseudo-random numbers: xoshiro256** of Blackman and Vigna. The state is plain data, so
 * that it can stand in a region and be snapshot. Integer arithmetic alone: the same draws on every
 * machine. Not for secrets. All functions: @thread{owner} @alloc{never}
 */
#ifndef TT_BASE_RANDOM_H
#define TT_BASE_RANDOM_H

#include "base/dec.h"

#include <stdbool.h>
#include <stdint.h>

/** A generator; never all zero. */
typedef struct tt_random {
    uint64_t s[4];
} tt_random;

/**
 * Seeds a generator. Each (seed, stream) gives its own sequence; the parts of a run that draw take
 * different streams of one seed, so that one part never shifts the draws of another. Stream 0 is
 * the seeding that the authors of xoshiro recommend: four draws of splitmix64.
 */
void tt_random_init(tt_random *random, uint64_t seed, uint64_t stream);
/** Returns 64 uniform bits. */
uint64_t tt_random_u64(tt_random *random);
/** Returns a uniform integer in [0, bound), without bias. `bound` > 0. */
uint64_t tt_random_below(tt_random *random, uint64_t bound);
/** Returns a uniform integer in [low, high], both included. `low` <= `high`. */
int64_t tt_random_between(tt_random *random, int64_t low, int64_t high);
/** Returns a uniform decimal in [0, 1) with 9 digits. */
tt_dec tt_random_unit(tt_random *random);
/** Returns true with `probability` (0 never, 1 always), to 9 digits; draws once in any case. */
bool tt_random_chance(tt_random *random, tt_dec probability);

#endif
