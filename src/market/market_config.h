/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of bars and indicators.
 */
#ifndef TT_MARKET_MARKET_CONFIG_H
#define TT_MARKET_MARKET_CONFIG_H

#include "model/config_kinds.h"

#define TT_CONFIG_market(K)                                                                        \
    K(flag, aggregate_bars, 0, "false", "", "",                                                    \
      "Build bars from trades (or from the middle of quotes where a feed has no trades).")         \
    K(flag, publish_indicators, 0, "true", "", "",                                                 \
      "Publish the indicator set at each bar; the built-in agents need it.")

TT_CONFIG_DECLARE(market)

#endif
