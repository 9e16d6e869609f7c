/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the risk module. Limits are in force from the first message and can only be
 * widened; counts of trades, windows, tiers and protections are off until they are configured.
 */
#ifndef TT_RISK_RISK_CONFIG_H
#define TT_RISK_RISK_CONFIG_H

#include "model/config_kinds.h"

// clang-format off
#define TT_CONFIG_risk(K)                                                                          \
    K(ratio, max_leverage, 0, "5", "1", "10", "Highest leverage.")                                 \
    K(ratio, max_position_pct, 0, "20", "0.01", "1000",                                            \
      "Largest position of one symbol, in percent of equity.")                                     \
    K(ratio, max_rebalance_position_pct, 0, "40", "0.01", "1000",                                  \
      "Largest position of one symbol that a rebalance may build, in percent of equity.")          \
    K(ratio, max_total_exposure_pct, 0, "80", "0.01", "10000",                                     \
      "Largest sum of positions and open entries, in percent of equity.")                          \
    K(ratio, max_risk_per_trade_pct, 0, "2", "0.01", "100",                                        \
      "Largest loss at the stop, in percent of equity.")                                           \
    K(ratio, max_margin_pct, 0, "80", "0.01", "100",                                               \
      "Largest margin of positions and open entries, in percent of equity.")                       \
    K(ratio, margin_warn_pct, 0, "25", "0", "50",                                                  \
      "Free margin, in percent of equity, at or below which an alert warns.")                      \
    K(ratio, margin_critical_pct, 0, "15", "0", "50",                                              \
      "Free margin, in percent of equity, at or below which an alert is critical.")                \
    K(u32, max_trades_per_day, 0, "0", "0", "100000",                                              \
      "Entries approved in a UTC day; 0 = no limit.")                                              \
    K(u32, max_trades_per_strategy, 0, "0", "0", "100000",                                         \
      "Entries of one source of signals approved in a UTC day; 0 = no limit.")                     \
    K(ratio, min_confidence, 0, "0.50", "0", "1",                                                  \
      "Least confidence of any entry, whatever regime and strictness.")                            \
    K(flag, require_fresh_data, 0, "true", "", "",                                                 \
      "Refuse entries at a limit price too while the market data of the symbol is older than "     \
      "max_price_age.")                                                                            \
    K(u32, max_open_positions, 0, "5", "1", "64", "Positions and open entries at once.")           \
    K(flag, require_stop_loss, 0, "true", "", "", "Refuse entries without a stop.")                \
    K(ratio, min_stop_pct, 0, "0.5", "0", "100", "Nearest stop, in percent of the entry price.")   \
    K(ratio, max_stop_pct, 0, "5", "0.01", "100", "Farthest stop, in percent of the entry price.") \
    K(ratio, min_reward_risk, 0, "1.5", "0", "100",                                                \
      "Least ratio of target distance to stop distance.")                                          \
    K(ratio, loss_size_cut_pct, 0, "50", "0", "100",                                               \
      "Cut of every size from five losses in a row, in percent.")                                  \
    K(dur, max_price_age, 0, "300", "0.001", "300",                                                \
      "Seconds for which a quote or trade, or a bar after its interval, may price a trade.")
TT_CONFIG_DECLARE(risk)

#define TT_CONFIG_confidence(K)                                                                    \
    K(ratio, trending, 0, "0.55", "0", "1", "Least confidence in a trending market.")              \
    K(ratio, ranging, 0, "0.60", "0", "1", "Least confidence in a ranging market.")                \
    K(ratio, breakout_potential, 0, "0.60", "0", "1", "Least confidence before a breakout.")       \
    K(ratio, volatile_market, 0, "0.65", "0", "1", "Least confidence in a volatile market.")       \
    K(ratio, choppy, 0, "0.75", "0", "1", "Least confidence in a choppy market.")                  \
    K(ratio, unknown, 0, "0.70", "0", "1", "Least confidence while the regime is unknown.")        \
    K(ratio, relaxed, 0, "-0.05", "-1", "1", "Added when the regime's entries are relaxed.")       \
    K(ratio, strict, 0, "0.05", "-1", "1", "Added when the regime's entries are strict.")          \
    K(ratio, very_strict, 0, "0.10", "-1", "1", "Added when the regime's entries are very strict.")\
    K(ratio, losses_3, 0, "0.10", "0", "1", "Added from three losses in a row.")                   \
    K(ratio, losses_5, 0, "0.20", "0", "1", "Added from five losses in a row, instead.")           \
    K(ratio, disagreement, 0, "0.20", "0", "1",                                                    \
      "Distance of TA and sentiment confidence above which a verdict warns.")                      \
    K(ratio, opposed, 0, "0.50", "0", "1",                                                         \
      "Largest confidence of an entry while TA and sentiment take opposite sides and no arbiter "  \
      "has settled it; 1 = their word stands.")
TT_CONFIG_DECLARE(confidence)

#define TT_CONFIG_leverage(K)                                                                      \
    K(u32, trending_bull, 0, "5", "1", "10", "Highest leverage in a rising trend.")                \
    K(u32, trending_bear, 0, "3", "1", "10", "Highest leverage in a falling trend.")               \
    K(u32, ranging, 0, "2", "1", "10", "Highest leverage in a ranging market.")                    \
    K(u32, volatile_market, 0, "2", "1", "10", "Highest leverage in a volatile market.")           \
    K(u32, choppy, 0, "1", "1", "10", "Highest leverage in a choppy market.")                      \
    K(u32, breakout_potential, 0, "3", "1", "10", "Highest leverage before a breakout.")           \
    K(u32, unknown, 0, "1", "1", "10", "Highest leverage while the regime is unknown.")            \
    K(u32, losses_3, 0, "2", "1", "10", "Highest leverage from three losses in a row.")            \
    K(u32, losses_5, 0, "1", "1", "10", "Highest leverage from five losses in a row.")             \
    K(ratio, drawdown_low_pct, 0, "5", "0.01", "100", "Low drawdown, in percent of the peak.")     \
    K(u32, drawdown_low, 0, "3", "1", "10", "Highest leverage from the low drawdown.")             \
    K(ratio, drawdown_mid_pct, 0, "10", "0.01", "100", "Middle drawdown, in percent of the peak.") \
    K(u32, drawdown_mid, 0, "2", "1", "10", "Highest leverage from the middle drawdown.")          \
    K(ratio, drawdown_high_pct, 0, "15", "0.01", "100", "High drawdown, in percent of the peak.")  \
    K(u32, drawdown_high, 0, "1", "1", "10", "Highest leverage from the high drawdown.")
TT_CONFIG_DECLARE(leverage)

#define TT_CONFIG_correlation(K)                                                                   \
    K(ratio, max_exposure_pct, 0, "40", "0.01", "10000",                                           \
      "Largest exposure weighted by correlation, in percent of equity.")                           \
    K(ratio, warn_exposure_pct, 0, "32", "0.01", "10000", "From where a verdict warns of it.")     \
    K(ratio, counted_above, 0, "0.5", "0", "1", "A correlation counts only above this.")           \
    K(ratio, unlisted, 0, "0", "0", "1", "Correlation of a pair that is listed nowhere.")          \
    K(u32, window, 0, "60", "0", "128",                                                            \
      "Bars over which correlations are measured; the larger of measured and listed counts. 0 = "  \
      "the listed ones alone.")                                                                    \
    K(u32, min_samples, 0, "30", "2", "128",                                                       \
      "Bars that both symbols must have within the window.")                                       \
    K(ratio, unmeasured, 0, "1", "0", "1",                                                         \
      "Correlation of a pair that is neither listed nor measured yet, if there is a window.")
TT_CONFIG_DECLARE(correlation)

/* One row of the list risk.correlation_pairs; the order of the two symbols does not matter. */
#define TT_CONFIG_correlation_pair(K)                                                              \
    K(text, first, 24, "", "", "", "One symbol.")                                                  \
    K(text, second, 24, "", "", "", "The other symbol.")                                           \
    K(ratio, correlation, 0, "0", "0", "1", "How far they move together.")
TT_CONFIG_DECLARE(correlation_pair)

#define TT_CONFIG_volatility(K)                                                                    \
    K(ratio, spike_ratio, 0, "3", "1", "1000",                                                     \
      "A spike is an average true range above this many times its mean of 20 bars.")               \
    K(ratio, spike_size_cut_pct, 0, "50", "0", "100",                                              \
      "Cut of every size on the symbol while a spike lasts, in percent.")                          \
    K(ratio, unusual_move_pct, 0, "5", "0.01", "1000",                                             \
      "Change from one close of a bar to the next, in percent, that is unusual.")
TT_CONFIG_DECLARE(volatility)

#define TT_CONFIG_atr_stops(K)                                                                     \
    K(flag, enabled, 0, "false", "", "", "Give an entry without a stop one.")                      \
    K(ratio, trending_bull, 0, "2", "0.01", "100",                                                 \
      "Its distance in a rising trend, in average true ranges.")                                   \
    K(ratio, trending_bear, 0, "2", "0.01", "100", "The same in a falling trend.")                 \
    K(ratio, ranging, 0, "2.5", "0.01", "100", "The same in a ranging market.")                    \
    K(ratio, volatile_market, 0, "3", "0.01", "100", "The same in a volatile market.")             \
    K(ratio, choppy, 0, "1.5", "0.01", "100", "The same in a choppy market.")                      \
    K(ratio, other, 0, "2", "0.01", "100",                                                         \
      "The same before a breakout, and while the regime is unknown.")
TT_CONFIG_DECLARE(atr_stops)

#define TT_CONFIG_breakers(K)                                                                      \
    K(ratio, daily_loss_pct, 0, "5", "0.01", "100",                                                \
      "Loss of a UTC day, in percent of its starting equity, that ends entries for the day.")      \
    K(ratio, weekly_loss_pct, 0, "10", "0.01", "100",                                              \
      "Loss of an ISO week that reduces positions and ends entries for the week.")                 \
    K(ratio, max_drawdown_pct, 0, "20", "0.01", "100",                                             \
      "Fall from the peak that closes all and halts until risk is reset by a person.")             \
    K(ratio, warn_at_pct, 0, "80", "1", "100",                                                     \
      "Part of each limit at which an alert warns, in percent of the limit; 100 = never.")
TT_CONFIG_DECLARE(breakers)

#define TT_CONFIG_cooldowns(K)                                                                     \
    K(dur, post_trade, 0, "300", "0", "604800", "Seconds without entries after a trade.")          \
    K(dur, post_loss, 0, "600", "0", "604800", "Seconds after a losing trade.")                    \
    K(dur, consecutive_losses_3, 0, "1800", "0", "604800",                                         \
      "Seconds from the third loss in a row, renewed by each further one.")                        \
    K(dur, consecutive_losses_5, 0, "3600", "0", "604800",                                         \
      "Seconds from the fifth loss in a row, renewed by each further one.")                        \
    K(dur, volatility_spike, 0, "900", "0", "604800",                                              \
      "Seconds without entries on a symbol after a volatility spike of it.")                       \
    K(dur, unusual_movement, 0, "600", "0", "604800",                                              \
      "Seconds without entries on a symbol after an unusual move of its price.")                   \
    K(dur, post_rebalance, 0, "1800", "0", "604800",                                               \
      "Seconds without entries, rebalances apart, after a trade of a rebalance.")
TT_CONFIG_DECLARE(cooldowns)

/* What a confidence and a regime are worth; off unless enabled. */
#define TT_CONFIG_sizing(K)                                                                        \
    K(flag, enabled, 0, "false", "", "",                                                           \
      "Scale the largest loss per trade by confidence and regime, and cap leverage by confidence.")\
    K(ratio, confidence_1, 0, "0.85", "0", "1", "Confidence from which tier 1 holds.")             \
    K(ratio, size_1, 0, "1", "0", "1", "Part of risk.max_risk_per_trade_pct in tier 1.")           \
    K(u32, leverage_1, 0, "5", "1", "10", "Highest leverage in tier 1.")                           \
    K(ratio, confidence_2, 0, "0.75", "0", "1", "Confidence from which tier 2 holds.")             \
    K(ratio, size_2, 0, "0.75", "0", "1", "Likewise.")                                             \
    K(u32, leverage_2, 0, "4", "1", "10", "Likewise.")                                             \
    K(ratio, confidence_3, 0, "0.65", "0", "1", "Confidence from which tier 3 holds.")             \
    K(ratio, size_3, 0, "0.50", "0", "1", "Likewise.")                                             \
    K(u32, leverage_3, 0, "3", "1", "10", "Likewise.")                                             \
    K(ratio, confidence_4, 0, "0.60", "0", "1",                                                    \
      "Confidence from which tier 4 holds; nothing is traded below it.")                           \
    K(ratio, size_4, 0, "0.25", "0", "1", "Likewise.")                                             \
    K(u32, leverage_4, 0, "2", "1", "10", "Likewise.")                                             \
    K(ratio, trending_bull, 0, "1", "0", "1", "Part of the loss in a rising trend.")               \
    K(ratio, trending_bear, 0, "0.80", "0", "1", "Part of the loss in a falling trend.")           \
    K(ratio, ranging, 0, "0.60", "0", "1", "Part of the loss in a ranging market.")                \
    K(ratio, volatile_market, 0, "0.40", "0", "1", "Part of the loss in a volatile market.")       \
    K(ratio, choppy, 0, "0.25", "0", "1", "Part of the loss in a choppy market.")                  \
    K(ratio, breakout_potential, 0, "0.75", "0", "1", "Part of the loss before a breakout.")       \
    K(ratio, unknown, 0, "0.50", "0", "1", "Part of the loss while the regime is unknown.")
TT_CONFIG_DECLARE(sizing)

/* One row of the list risk.symbols: what holds for one symbol if it is stricter. */
#define TT_CONFIG_symbol_limit(K)                                                                  \
    K(text, symbol, 24, "", "", "", "The symbol.")                                                 \
    K(ratio, max_stop_pct, 0, "100", "0.01", "100",                                                \
      "Farthest stop, in percent of the entry price.")                                             \
    K(ratio, max_position_pct, 0, "1000", "0.01", "1000",                                          \
      "Largest position, in percent of equity; of a rebalance too.")                               \
    K(u32, max_trades_per_day, 0, "0", "0", "100000",                                              \
      "Entries approved in a UTC day; 0 = no limit.")
TT_CONFIG_DECLARE(symbol_limit)

/* One row of the list risk.entry_windows. */
#define TT_CONFIG_entry_window(K)                                                                  \
    K(text, from, 6, "", "", "", "Time of day in UTC at which it begins, as 22:00.")               \
    K(text, to, 6, "", "", "", "Time of day at which it ends; before `from` = on the next day.")   \
    K(flag, allow, 0, "false", "", "",                                                             \
      "Entries are allowed in windows of this kind alone, if there is one; false: never in it.")
TT_CONFIG_DECLARE(entry_window)

/* One row of the list risk.budgets: capital of the account that only one source of trades may
 * use. */
#define TT_CONFIG_budget(K)                                                                        \
    K(text, strategy, 32, "", "", "",                                                              \
      "The source of trades: trading_decision, strategy, portfolio; rows of one source add up.")   \
    K(money, amount, 0, "0", "0", "1000000000000",                                                 \
      "Margin that it may have in use, held and in flight; above 0. Needs account.sub_accounts.")
TT_CONFIG_DECLARE(budget)

/* One row of the list risk.protections. */
#define TT_CONFIG_protection(K)                                                                    \
    K(enum, kind, protection, "stoploss_guard", "", "", "What is looked for.")                     \
    K(enum, scope, protection_scope, "all", "", "",                                                \
      "Trades that count together, and entries that are held back: all, those of the symbol, of "  \
      "the side, or of both.")                                                                     \
    K(dur, lookback, 0, "86400", "1", "31536000", "Seconds to look back over closed trades.")      \
    K(dur, stop_duration, 0, "3600", "1", "31536000", "Seconds without entries.")                  \
    K(u32, trade_limit, 0, "4", "1", "512",                                                        \
      "Stop-losses from which stoploss_guard acts; trades from which max_drawdown and low_profit " \
      "judge.")                                                                                    \
    K(ratio, required_profit_pct, 0, "0", "-1000", "1000",                                         \
      "Profit in percent of the cost below which a stop-loss counts (stoploss_guard), or which "   \
      "the trades must reach together (low_profit).")                                              \
    K(ratio, max_drawdown_pct, 0, "10", "0", "100",                                                \
      "Drawdown of the trades in percent of the equity above which max_drawdown acts.")
TT_CONFIG_DECLARE(protection)
// clang-format on

/** Rows that risk.correlation_pairs may have. */
#define TT_RISK_CORRELATION_PAIRS_MAX 256

/** Rows that risk.symbols and risk.entry_windows may have. */
#define TT_RISK_SYMBOLS_MAX       64
#define TT_RISK_ENTRY_WINDOWS_MAX 8
/** Rows that risk.budgets may have. */
#define TT_RISK_BUDGETS_MAX 8
/** Rows that risk.protections may have. */
#define TT_RISK_PROTECTIONS_MAX 16

/** All of it. Sections: risk, and below it confidence, leverage, correlation, volatility, breakers,
 * cooldowns, sizing; the lists risk.correlation_pairs, symbols, entry_windows, budgets and
 * protections. */
typedef struct tt_risk_module_config {
    tt_risk_config limits;
    tt_confidence_config confidence;
    tt_leverage_config leverage;
    tt_correlation_config correlation;
    tt_volatility_config volatility;
    tt_atr_stops_config atr_stops;
    tt_breakers_config breakers;
    tt_cooldowns_config cooldowns;
    tt_correlation_pair_config correlation_pairs[TT_RISK_CORRELATION_PAIRS_MAX];
    uint32_t correlation_pair_count;
    tt_sizing_config sizing;
    tt_symbol_limit_config symbols[TT_RISK_SYMBOLS_MAX];
    uint32_t symbol_count;
    tt_entry_window_config windows[TT_RISK_ENTRY_WINDOWS_MAX];
    uint32_t window_count;
    tt_budget_config budgets[TT_RISK_BUDGETS_MAX];
    uint32_t budget_count;
    bool has_parts;   /**< Risk is told who holds what (account.sub_accounts). */
    bool has_capital; /**< Sub-accounts have a capital of their own (account.capital). */
    tt_protection_config protections[TT_RISK_PROTECTIONS_MAX];
    uint32_t protection_count;
} tt_risk_module_config;

#endif
