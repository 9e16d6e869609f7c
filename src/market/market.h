/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Market module: checks the order of market data, builds bars from ticks, computes indicators.
 * Consumes market_data.*; publishes market_data.bar (aggregated) and indicators.
 *
 * A bar counts if it is whole (0 < low <= open, close <= high), has the interval of its instrument,
 * and opens after the last one that counted. Any other is a dead letter and changes nothing here.
 *
 * Aggregated bars end when a tick of a later interval arrives, or by a timer `bar_grace` after the
 * end of the interval. A tick belongs where its venue time says, or where the engine time says if
 * the venue gave none or is ahead of it. A tick of an interval that is over is dropped and counted.
 */
#ifndef TT_MARKET_MARKET_H
#define TT_MARKET_MARKET_H

#include "bus/core.h"
#include "market/market_config.h"

typedef struct tt_market tt_market;

/** Creates the module in `arena` and subscribes it. `core` and `config` are lent for its life.
 * @retval TUTTI_NO_MEMORY the arena is full.  @retval TUTTI_LIMIT too many regions or handlers.
 * @retval TUTTI_INVALID aggregation is on and an instrument has no bar interval.
 * @thread{setup} @alloc{setup} */
TUTTI_NODISCARD tutti_status
tt_market_setup(tt_core *core, const tt_market_config *config, tt_arena *arena, tt_market **result);

/** Tells whether a bar is whole: 0 < low <= open, close <= high and volume >= 0. @thread{any} */
bool tt_market_bar_is_whole(const tt_bar *bar);

/** Counters since the start. */
typedef struct tt_market_status {
    uint64_t bars;           /**< Bars that counted. */
    uint64_t bars_refused;   /**< Bars that became dead letters. */
    uint64_t bars_built;     /**< Bars published by the aggregator. */
    uint64_t ticks;          /**< Ticks that went into a bar. */
    uint64_t ticks_late;     /**< Ticks dropped because their interval was over. */
    uint64_t ticks_refused;  /**< Ticks without a usable price; dead letters. */
    uint64_t timers_refused; /**< Bars without a timer: they end with the next tick. */
} tt_market_status;

/** Copies the counters. @thread{owner} */
void tt_market_status_get(const tt_market *market, tt_market_status *ret_status);

#endif
