/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Token bucket in one word.
 */
#include "mailbox/rate.h"

#include "base/error.h"

/** Sixteenths of a nanosecond: an interval is exact to 0.1 % at ten million a second, and the time
 * of eighteen years still fits. */
#define UNITS_PER_NS 16

void tt_rate_set(tt_rate *rate, uint32_t per_s, uint32_t burst)
{
    TT_ASSERT(per_s <= TT_RATE_PER_S_MAX && burst <= TT_RATE_BURST_MAX);
    int64_t interval = per_s == 0 ? 0 : TT_NS_PER_S * UNITS_PER_NS / per_s;
    int64_t depth = interval * (burst == 0 ? 1 : (int64_t)burst);
    atomic_store_explicit(&rate->depth, depth, memory_order_relaxed);
    atomic_store_explicit(&rate->interval, interval, memory_order_relaxed);
}

bool tt_rate_take(tt_rate *rate, tt_dur now)
{
    int64_t interval = atomic_load_explicit(&rate->interval, memory_order_relaxed);
    int64_t depth = atomic_load_explicit(&rate->depth, memory_order_relaxed);
    int64_t moment = now.ns * UNITS_PER_NS;
    int64_t full_at = atomic_load_explicit(&rate->full_at, memory_order_relaxed);
    int64_t next = 0;
    do {
        next = (full_at > moment ? full_at : moment) + interval;
        if (next - moment > depth) {
            return interval == 0;
        }
    } while (!atomic_compare_exchange_weak_explicit(
        &rate->full_at, &full_at, next, memory_order_relaxed, memory_order_relaxed));
    return true;
}

void tt_rate_give_back(tt_rate *rate)
{
    int64_t interval = atomic_load_explicit(&rate->interval, memory_order_relaxed);
    (void)atomic_fetch_sub_explicit(&rate->full_at, interval, memory_order_relaxed);
}
