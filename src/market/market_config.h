/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of bars and indicators.
 */
#ifndef TT_MARKET_MARKET_CONFIG_H
#define TT_MARKET_MARKET_CONFIG_H

#include "model/config_kinds.h"

// clang-format off
#define TT_CONFIG_market(K)                                                                        \
    K(flag, aggregate_bars, 0, "false", "", "",                                                    \
      "Build bars from trades (or from the middle of quotes where a feed has no trades).")         \
    K(dur, bar_grace, 0, "0.25", "0", "60",                                                        \
      "Seconds that an aggregated bar waits for late ticks after the end of its interval.")        \
    K(flag, publish_indicators, 0, "true", "", "",                                                 \
      "Publish the indicator set at each bar; the built-in agents need it.")
// clang-format on

TT_CONFIG_DECLARE(market)

#endif
