/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A token bucket in integers on engine time. A bucket holds `burst` tokens and gains `per_s` each
 * second; a message takes one. Nothing is rounded: a token is a thousand million parts, and each
 * nanosecond brings `per_s` of them. All zero = full.
 */
#ifndef TT_BUS_BUS_RATE_H
#define TT_BUS_BUS_RATE_H

#include "base/types.h"

#include <stdbool.h>

/** Largest rate and burst. */
#define TT_BUS_RATE_MAX 1000000u

/** What is allowed; per_s 0 = everything. */
typedef struct tt_bus_rate {
    uint32_t per_s;
    uint32_t burst; /**< 1 to TT_BUS_RATE_MAX. */
} tt_bus_rate;

/** State of one bucket. */
typedef struct tt_bus_bucket {
    uint64_t missing; /**< Parts of tokens that have been taken and did not come back yet. */
    int64_t time_ns;  /**< When that was so. */
} tt_bus_bucket;

/** Tells whether a limit can be kept: both at most TT_BUS_RATE_MAX, a burst where a rate is. */
static inline bool tt_bus_rate_is_valid(tt_bus_rate rate)
{
    return rate.per_s <= TT_BUS_RATE_MAX && rate.burst <= TT_BUS_RATE_MAX &&
           (rate.per_s == 0) == (rate.burst == 0);
}
/** Tells whether a token is there at `now`, which never goes back. Takes none. @thread{owner} */
bool tt_bus_bucket_has(tt_bus_bucket *bucket, tt_bus_rate rate, tt_time now);
/** Takes a token that is there. @thread{owner} */
void tt_bus_bucket_take(tt_bus_bucket *bucket);

#endif
