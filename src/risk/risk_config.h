/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the risk module.
 */
#ifndef TT_RISK_RISK_CONFIG_H
#define TT_RISK_RISK_CONFIG_H

#include "model/config_kinds.h"

#define TT_CONFIG_risk(K)                                                                          \
    K(ratio, max_leverage, 0, "5", "1", "10", "Highest leverage.")                                 \
    K(ratio, max_position_pct, 0, "20", "0.01", "1000", "Largest position in percent of equity.")  \
    K(ratio, max_total_exposure_pct, 0, "80", "0.01", "10000", "Largest sum of positions in percent of equity.") \
    K(ratio, max_risk_per_trade_pct, 0, "2", "0.01", "100", "Largest loss at the stop in percent of equity.") \
    K(ratio, max_correlated_exposure_pct, 0, "40", "0.01", "10000", "Largest correlated exposure in percent of equity.") \
    K(u32, max_open_positions, 0, "5", "1", "64", "Positions open at once.")                       \
    K(flag, require_stop_loss, 0, "true", "", "", "Refuse entries without a stop.")                \
    K(ratio, min_stop_pct, 0, "0.5", "0", "100", "Nearest stop in percent of the entry price.")    \
    K(ratio, max_stop_pct, 0, "5", "0.01", "100", "Farthest stop in percent of the entry price.")  \
    K(ratio, min_reward_risk, 0, "1.5", "0", "100", "Least ratio of target distance to stop distance.") \
    K(ratio, min_confidence, 0, "0.60", "0", "1", "Least confidence in a regime that has no own value.")
TT_CONFIG_DECLARE(risk)

#define TT_CONFIG_breakers(K)                                                                      \
    K(ratio, daily_loss_pct, 0, "5", "0.01", "100", "Loss of a UTC day in percent of its starting equity that pauses trading.") \
    K(ratio, weekly_loss_pct, 0, "10", "0.01", "100", "Loss of an ISO week that reduces positions.") \
    K(ratio, max_drawdown_pct, 0, "20", "0.01", "100", "Fall from the peak that halts and closes all.")
TT_CONFIG_DECLARE(breakers)

#define TT_CONFIG_cooldowns(K)                                                                     \
    K(dur, post_trade, 0, "300", "0", "604800", "Seconds without entries after a trade.")          \
    K(dur, post_loss, 0, "600", "0", "604800", "Seconds after a losing trade.")                    \
    K(dur, consecutive_losses_3, 0, "1800", "0", "604800", "Seconds after three losses in a row.") \
    K(dur, consecutive_losses_5, 0, "3600", "0", "604800", "Seconds after five losses in a row.")  \
    K(dur, volatility_spike, 0, "900", "0", "604800", "Seconds after a volatility spike.")
TT_CONFIG_DECLARE(cooldowns)

/** All of it. */
typedef struct tt_risk_module_config {
    tt_risk_config limits;
    tt_breakers_config breakers;
    tt_cooldowns_config cooldowns;
} tt_risk_module_config;

#endif
