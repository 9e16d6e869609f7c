/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What market.c and aggregate.c share.
 */
#ifndef TT_MARKET_MARKET_PRIV_H
#define TT_MARKET_MARKET_PRIV_H

#include "market/bar_builder.h"
#include "market/indicators.h"
#include "market/market.h"

/** State of one instrument; no pointers, no padding. */
typedef struct tt_market_slot {
    tt_indicator_set indicators;
    tt_bar_builder builder;
    tt_timer_id close_timer; /**< 0 = none. */
    tt_time last_open;       /**< Start of the last bar that counted. */
    uint64_t bar_count;
    uint64_t reserved;
} tt_market_slot;

struct tt_market {
    tt_core *core;
    const tt_market_config *config;
    tt_market_slot *slots;    /**< Region; [i] is instrument i + 1. */
    tt_market_status *status; /**< Region. */
};

/** Returns the slot of an instrument id, or NULL. */
tt_market_slot *tt_market_slot_of(tt_market *market, uint32_t key);

/** Subscribes the aggregator to ticks and its timer. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_market_start_aggregator(tt_market *market);

#endif
