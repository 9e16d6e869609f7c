/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the portfolio module.
 */
#ifndef TT_PORTFOLIO_PORTFOLIO_CONFIG_H
#define TT_PORTFOLIO_PORTFOLIO_CONFIG_H

#include "model/config_kinds.h"
#include "model/payloads.h"

// clang-format off
/* Key: portfolio. */
#define TT_CONFIG_allocation(K)                                                                    \
    K(flag, enabled, 0, "true", "", "",                                                            \
      "Act on what the portfolio check says; false = its answers are recorded and nothing more.")  \
    K(ratio, cash_target_pct, 0, "0", "0", "100",                                                  \
      "Percent of what is allocated that stays cash; with portfolio.targets exactly 100.")         \
    K(ratio, threshold_pct, 0, "5", "0", "100",                                                    \
      "Distance of a share from its target, in percent points, from which is rebalanced.")         \
    K(ratio, warn_pct, 0, "8", "0", "100",                                                         \
      "Distance from which a warning is raised; not below threshold_pct.")                         \
    K(ratio, high_pct, 0, "15", "0", "100",                                                        \
      "Distance from which a person is notified; not below warn_pct.")                             \
    K(money, min_trade, 0, "10", "0", "1000000000",                                                \
      "Smallest trade of a rebalance, and of each batch of it, in account currency.")              \
    K(dur, min_interval, 0, "86400", "0", "31536000",                                              \
      "Seconds between two plans; force_rebalance does not wait.")                                 \
    K(enum, strategy, rebalance_strategy, "dca_24h", "", "",                                       \
      "How to trade where the agent names nothing: immediate, dca_24h (batches from dca_total "    \
      "on), limit_orders (as dca_24h, buys at the last price or better); not none, not defer.")    \
    K(money, dca_total, 0, "500", "0", "1000000000",                                               \
      "Sum of a plan from which it is split into batches.")                                        \
    K(u32, dca_batches, 0, "6", "1", "12",                                                         \
      "Batches; fewer where a batch of a trade would be smaller than min_trade.")                  \
    K(dur, dca_interval, 0, "14400", "1", "604800", "Seconds between two batches.")                \
    K(enum, late_policy, late_policy, "skip", "", "",                                              \
      "What becomes of a batch later than late_limit: skip it, or run it when it can.")            \
    K(dur, late_limit, 0, "14400", "1", "604800",                                                  \
      "Seconds after which a batch that could not run, because of a pause or of other trades of "  \
      "the symbol, is late.")                                                                      \
    K(u32, max_attempts, 0, "3", "1", "10", "Proposals of one trade of a batch.")                  \
    K(dur, retry_delay, 0, "60", "1", "86400", "Seconds between two of them.")                     \
    K(dur, fill_timeout, 0, "7200", "1", "86400",                                                  \
      "Seconds after which a sale without an outcome is given up: buys wait for it so long.")
TT_CONFIG_DECLARE(allocation)

/* One row of the list portfolio.targets. */
#define TT_CONFIG_allocation_target(K)                                                             \
    K(text, symbol, 24, "", "", "", "One of the instruments.")                                     \
    K(ratio, target_pct, 0, "0", "0", "100",                                                       \
      "Percent of what is allocated; 0 = sell whatever is held.")
TT_CONFIG_DECLARE(allocation_target)

/* Key: profit_bags. */
#define TT_CONFIG_profit_bags(K)                                                                   \
    K(flag, enabled, 0, "false", "", "", "Set a share of each profit aside; needs rows in bags.")  \
    K(ratio, share_pct, 0, "10", "0.01", "100",                                                    \
      "Percent of the profit of a closed position, after fees, that is set aside.")                \
    K(money, min_profit, 0, "1", "0", "1000000000", "Smallest profit of which a share is taken.")  \
    K(money, max_per_event, 0, "1000", "0.01", "1000000000", "Most that one profit may give.")     \
    K(money, max_per_day, 0, "5000", "0.01", "1000000000",                                         \
      "Most that the profits of a UTC day may give; not below max_per_event.")
TT_CONFIG_DECLARE(profit_bags)

/* One row of the list profit_bags.bags; the first one takes the cents that rounding leaves. */
#define TT_CONFIG_bag(K)                                                                           \
    K(text, name, 16, "", "", "", "Name of the bag, such as USDT; unique.")                        \
    K(ratio, share_pct, 0, "", "0.01", "100",                                                      \
      "Percent of what is set aside; all rows together exactly 100.")                              \
    K(money, threshold, 0, "1", "0", "1000000000", "What is pending is booked from this on.")
TT_CONFIG_DECLARE(bag)
// clang-format on

/** All of it. */
typedef struct tt_portfolio_module_config {
    tt_allocation_config allocation;
    tt_allocation_target_config targets[TT_MAX_plan_row];
    uint32_t target_count;
    tt_profit_bags_config profit_bags;
    tt_bag_config bags[TT_MAX_bag_part];
    uint32_t bag_count;
} tt_portfolio_module_config;

#endif
