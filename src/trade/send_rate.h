/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How much may be sent to the venue: token buckets, part of the state of the trade module.
 *
 * A bucket holds time: what passed since it was looked at last, up to what its burst is worth, less
 * one interval for each thing that was sent. So time counts once, whatever is asked in between.
 */
#ifndef TT_TRADE_SEND_RATE_H
#define TT_TRADE_SEND_RATE_H

#include "base/types.h"

#include <stdbool.h>

/** What is limited. */
typedef enum tt_send_kind {
    TT_SEND_ORDERS,   /**< Order intents. */
    TT_SEND_REQUESTS, /**< Intents, cancels and queries. */
    TT_SEND_COUNT
} tt_send_kind;

/** One bucket. */
typedef struct tt_send_rate {
    int64_t credit_ns; /**< Below 0: exits have taken what is not there yet. */
    tt_time at;        /**< When it was filled last. */
} tt_send_rate;

/** All of them; a region. */
typedef struct tt_send_rates {
    tt_send_rate buckets[TT_SEND_COUNT];
} tt_send_rates;

/** What a bucket is made of. */
typedef struct tt_send_limit {
    int64_t interval_ns; /**< Time that one is worth; 0 = no limit. */
    int64_t burst_ns;    /**< Most that it holds, and most that it can be short of. */
} tt_send_limit;

/** A limit of so many a minute; 0 = none. An interval is rounded up: never too many. */
tt_send_limit tt_send_limit_of(uint32_t per_minute, uint32_t burst);
/** Tells whether `count` can be taken at `now`; asking for more than the burst asks for all of it.
 */
bool tt_send_rate_has(tt_send_rate *rate, tt_send_limit limit, uint32_t count, tt_time now);
/** Takes one, there or not; false if it was not there. */
bool tt_send_rate_take(tt_send_rate *rate, tt_send_limit limit, tt_time now);
/** When `count` can be taken, if nothing else is; at least `now`. */
tt_time tt_send_rate_ready_at(tt_send_rate *rate, tt_send_limit limit, uint32_t count, tt_time now);

#endif
