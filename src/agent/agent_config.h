/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the built-in agents.
 */
#ifndef TT_AGENT_AGENT_CONFIG_H
#define TT_AGENT_AGENT_CONFIG_H

#include "model/config_kinds.h"
#include "portfolio/portfolio_config.h"

// clang-format off
#define TT_CONFIG_agents(K)                                                                        \
    K(dur, latency, 0, "0.1", "0", "3600",                                                         \
      "Seconds of event time from call to answer of an agent in a backtest.")
TT_CONFIG_DECLARE(agents)

/* Key: agents.decision. */
#define TT_CONFIG_decision(K)                                                                      \
    K(u32, min_votes, 0, "4", "1", "7",                                                            \
      "Models that must have an opinion; with fewer the decision is HOLD.")                        \
    K(ratio, atr_multiple, 0, "6", "0.1", "100",                                                   \
      "Stop distance in average true ranges, before the regime's multiplier.")                     \
    K(ratio, min_stop_pct, 0, "0.6", "0.05", "15", "Nearest stop in percent of the price.")        \
    K(ratio, max_stop_pct, 0, "4.5", "0.05", "15",                                                 \
      "Farthest stop in percent of the price; not below min_stop_pct.")                            \
    K(ratio, min_reward_risk, 0, "1.6", "1", "5",                                                  \
      "Least ratio of target distance to stop distance.")                                          \
    K(ratio, size_pct, 0, "10", "0.01", "100",                                                     \
      "Size in percent of equity at a confidence of 0.85 or more; less confidence takes less.")    \
    K(u32, leverage, 0, "1", "1", "10", "Leverage that decisions ask for; 1 = none.")
TT_CONFIG_DECLARE(decision)

/* Key: agents.sentiment. */
#define TT_CONFIG_sentiment(K)                                                                     \
    K(text, path, 256, "", "", "",                                                                 \
      "CSV file with recorded sentiment; empty = the agent has no opinion.")                       \
    K(dur, max_age, 0, "3600", "1", "604800", "Seconds for which a recorded entry counts.")
TT_CONFIG_DECLARE(sentiment)

/* Key: agents.portfolio. */
#define TT_CONFIG_portfolio(K)                                                                     \
    K(ratio, target_pct, 0, "20", "0.01", "1000",                                                  \
      "Largest share of one position in percent of equity; larger ones are cut back to it.")       \
    K(ratio, threshold_pct, 0, "5", "0", "1000",                                                   \
      "Excess over the target, in percent of equity, from which positions are cut back.")          \
    K(money, min_trade, 0, "10", "0", "1000000000", "Smallest cut, in account currency.")
TT_CONFIG_DECLARE(portfolio)
// clang-format on

/** All of it. */
typedef struct tt_agent_module_config {
    tt_agents_config agents;
    tt_decision_config decision;
    tt_sentiment_config sentiment;
    tt_portfolio_config portfolio;
    tt_portfolio_module_config allocation; /**< That of the engine; not a section of its own. */
} tt_agent_module_config;

#endif
