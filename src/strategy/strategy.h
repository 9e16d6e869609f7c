/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Strategies inside the core: pure rules on bars, for what needs no agent.
 * Consumes market_data.bar; publishes trading_signals.
 */
#ifndef TT_STRATEGY_STRATEGY_H
#define TT_STRATEGY_STRATEGY_H

#include "bus/core.h"
#include "strategy/strategy_config.h"

typedef struct tt_strategy tt_strategy;

TUTTI_NODISCARD tutti_status tt_strategy_setup(
    tt_core *core, const tt_ma_cross_config *config, tt_arena *arena, tt_strategy **result);

#endif
