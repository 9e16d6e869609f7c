/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Rate limit that any thread may ask: a token bucket in one word, without a lock. The word is the
 * moment at which the bucket will be full again ("theoretical arrival time" of the generic cell
 * rate algorithm of ATM), so taking a token is one compare-and-swap.
 */
#ifndef TT_MAILBOX_RATE_H
#define TT_MAILBOX_RATE_H

#include "base/types.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** A bucket; zero = no limit. Spans count in sixteenths of a nanosecond. */
typedef struct tt_rate {
    _Atomic int64_t full_at;
    _Atomic int64_t interval; /**< Of one token; 0 = no limit. */
    _Atomic int64_t depth;    /**< Of the bucket. */
} tt_rate;

#define TT_RATE_PER_S_MAX UINT32_C(1000000000)
#define TT_RATE_BURST_MAX UINT32_C(1000000)

/** Allows `per_s` takes a second (0 = without limit; at most TT_RATE_PER_S_MAX), up to `burst` at
 * once (0 = 1; at most TT_RATE_BURST_MAX). The bucket starts full. May be changed at any time.
 * @thread{any} */
void tt_rate_set(tt_rate *rate, uint32_t per_s, uint32_t burst);
/** Takes a token at a monotonic time that is never negative; false when there is none.
 * @thread{any} @blocks{never} */
bool tt_rate_take(tt_rate *rate, tt_dur now);
/** Gives back a token that was not used. @thread{any} @blocks{never} */
void tt_rate_give_back(tt_rate *rate);
/** Tells whether there is a limit at all. @thread{any} */
static inline bool tt_rate_is_limited(const tt_rate *rate)
{
    return atomic_load_explicit(&rate->interval, memory_order_relaxed) != 0;
}

#endif
