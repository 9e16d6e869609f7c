/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Strategies inside the core: pure rules on bars, for what needs no agent.
 * Consumes market_data.bar; publishes trading_signals.
 *
 * ma_cross: when the simple moving average of the last `fast` closes crosses that of the last
 * `slow`, it signals BUY (from below) or SELL (from above) at market, with stop and target in
 * percent of the close. The averages are compared as exact integer sums, cross-multiplied; equal
 * averages are no side, so touching and parting again is no cross. Bars that the market module
 * refuses do not count here either.
 */
#ifndef TT_STRATEGY_STRATEGY_H
#define TT_STRATEGY_STRATEGY_H

#include "bus/core.h"
#include "strategy/strategy_config.h"

typedef struct tt_strategy tt_strategy;

/** Creates the strategies in `arena` and subscribes those that are enabled. `core` and `config` are
 * lent for their life.  @retval TUTTI_INVALID enabled, and fast is not below slow.
 * @retval TUTTI_NO_MEMORY the arena is full.  @retval TUTTI_LIMIT too many regions or handlers.
 * @thread{setup} @alloc{setup} */
TUTTI_NODISCARD tutti_status tt_strategy_setup(
    tt_core *core, const tt_ma_cross_config *config, tt_arena *arena, tt_strategy **result);

/** Counters since the start. */
typedef struct tt_strategy_status {
    uint64_t bars;    /**< Bars that counted. */
    uint64_t signals; /**< Crosses that were signalled. */
    uint64_t skipped; /**< Crosses at prices too low for a stop on the tick; no signal. */
} tt_strategy_status;

/** Copies the counters. @thread{owner} */
void tt_strategy_status_get(const tt_strategy *strategy, tt_strategy_status *ret_status);

#endif
