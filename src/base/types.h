/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Value types that must never be swapped: prices, quantities, money, ratios, times and ids are
 * distinct structs, so that passing one for another does not compile.
 */
#ifndef TT_BASE_TYPES_H
#define TT_BASE_TYPES_H

#include "base/dec.h"

#include <stdint.h>

/** Price of one unit, in quote currency. */
typedef struct tt_price {
    tt_dec d;
} tt_price;
/** Quantity in units of the instrument; signed where a position is meant. */
typedef struct tt_qty {
    tt_dec d;
} tt_qty;
/** An amount in account currency. */
typedef struct tt_money {
    tt_dec d;
} tt_money;
/** A plain number: confidence, percentage, indicator value, multiplier. */
typedef struct tt_ratio {
    tt_dec d;
} tt_ratio;

/** A moment: nanoseconds since 1970-01-01 UTC. */
typedef struct tt_time {
    int64_t ns;
} tt_time;
/** A span: nanoseconds. */
typedef struct tt_dur {
    int64_t ns;
} tt_dur;

#define TT_NS_PER_US  INT64_C(1000)
#define TT_NS_PER_MS  INT64_C(1000000)
#define TT_NS_PER_S   INT64_C(1000000000)
#define TT_TIME_NEVER ((tt_time){INT64_MAX})

/** 128-bit id in UUID form (big-endian bytes, as RFC 9562 prints them). */
typedef struct tt_uuid {
    uint8_t bytes[16];
} tt_uuid;

/** Position of a message in the total order of one engine; 1 is the first, 0 means none. */
typedef uint64_t tt_seq;

/** An instrument: index into the configured list plus one; 0 means none. Used as message key. */
typedef struct tt_instrument_id {
    uint32_t n;
} tt_instrument_id;

#endif
