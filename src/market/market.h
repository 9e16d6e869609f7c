/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Market module: checks the order of market data, builds bars from ticks, computes indicators.
 * Consumes market_data.*; publishes market_data.bar (aggregated) and indicators.
 */
#ifndef TT_MARKET_MARKET_H
#define TT_MARKET_MARKET_H

#include "bus/core.h"
#include "market/market_config.h"

typedef struct tt_market tt_market;

TUTTI_NODISCARD tutti_status tt_market_setup(
    tt_core *core, const tt_market_config *config, tt_arena *arena, tt_market **result);

#endif
