/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the strategies that run inside the core.
 */
#ifndef TT_STRATEGY_STRATEGY_CONFIG_H
#define TT_STRATEGY_STRATEGY_CONFIG_H

#include "model/config_kinds.h"

#define TT_CONFIG_ma_cross(K)                                                                      \
    K(flag, enabled, 0, "false", "", "", "Run the moving-average crossover strategy in the core.") \
    K(u32, fast, 0, "20", "1", "5000", "Bars of the fast simple moving average.")                  \
    K(u32, slow, 0, "100", "2", "5000", "Bars of the slow simple moving average.")                 \
    K(ratio, stop_loss_pct, 0, "2", "0.1", "50", "Stop distance in percent of the entry price.")   \
    K(ratio, take_profit_pct, 0, "4", "0.1", "500", "Target distance in percent of the entry.")    \
    K(ratio, position_size_pct, 0, "10", "0.01", "100", "Size in percent of equity.")              \
    K(ratio, confidence, 0, "0.8", "0", "1", "Confidence stated in the signals.")

TT_CONFIG_DECLARE(ma_cross)

#endif
