/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The portfolio: keeps what is held near its targets.
 *
 * A portfolio check (portfolio_updates, by the portfolio agent) or a command leads to a plan
 * (rebalance_plans), a plan to batches of trades (rebalance_batches), a trade to a proposal that
 * risk judges like any other. Sells come before buys, always; buys wait until the sells of their
 * batch are filled or given up, and are cut to what these brought. docs/spec/portfolio.md has the
 * rules.
 *
 * Consumes session_events, system_events, portfolio_updates, position_updates, account_updates,
 * market_data.bar, coordinator_commands (of rebalancing alone), position_commands, risk_verdicts,
 * risk_alerts, order_intents, execution_events. Publishes rebalance_plans,
 * rebalance_batches, profit_bags, trade_proposals, command_replies, system_events, notifications.
 *
 * All functions: @thread{owner of the core} @blocks{never}; @alloc{never} after setup.
 */
#ifndef TT_PORTFOLIO_PORTFOLIO_H
#define TT_PORTFOLIO_PORTFOLIO_H

#include "bus/core.h"
#include "portfolio/portfolio_config.h"
#include "sm/sm.h"

typedef struct tt_portfolio tt_portfolio;

/** Most batches of a plan, and most trades of all its batches. */
#define TT_PORTFOLIO_BATCHES_MAX 12u
#define TT_PORTFOLIO_LEGS_MAX    (TT_MAX_plan_row * TT_PORTFOLIO_BATCHES_MAX)

/** Checks keys that must fit each other and the instruments. `error` may be NULL.
 * @retval TUTTI_INVALID, TUTTI_EXISTS, TUTTI_NOT_FOUND with the key named. @thread{any} */
TUTTI_NODISCARD tutti_status tt_portfolio_config_check(
    const tt_portfolio_module_config *config, const tt_instruments *instruments, tt_error *error);

/** Registers the portfolio with bus, timers and regions. The configuration is copied.
 * @retval TUTTI_INVALID and others of tt_portfolio_config_check. @retval TUTTI_NO_MEMORY,
 * TUTTI_LIMIT. @thread{setup} @alloc{setup} */
TUTTI_NODISCARD tutti_status tt_portfolio_setup(
    tt_core *core,
    const tt_portfolio_module_config *config,
    tt_arena *arena,
    tt_portfolio **result);

/** One symbol with a target, valued now. */
typedef struct tt_allocation_row {
    tt_money value;
    tt_ratio current_pct;
    tt_ratio target_pct;
    uint32_t instrument;
} tt_allocation_row;

/** One batch of the plan. */
typedef struct tt_batch_status {
    tt_time due;
    tt_money planned; /**< Sum of its trades. */
    tt_money filled;
    uint32_t trades;
    uint32_t open; /**< Of them, those that are not final. */
    uint32_t done;
    uint32_t failed;
    uint32_t skipped;
} tt_batch_status;

/** Numbers for status pages; a copy. */
typedef struct tt_portfolio_status {
    bool has_targets;
    bool needs_rebalancing; /**< The drift is at the threshold or beyond. */
    tt_money equity;        /**< What is allocated. */
    tt_money cash;
    tt_ratio cash_pct;
    tt_ratio cash_target_pct;
    tt_ratio max_deviation_pct;
    tt_ratio threshold_pct;
    tt_severity drift; /**< Level of the last check. */
    tt_time last_check;
    tt_time last_plan; /**< ns 0 = none yet. */
    tt_time next_plan; /**< Not before, but by force. */
    tt_seq plan_seq;   /**< Plan in work; 0 = none. */
    tt_rebalance_strategy strategy;
    uint32_t row_count;
    uint32_t batch_count; /**< Of the last plan. */
    tt_allocation_row rows[TT_MAX_plan_row];
    tt_batch_status batches[TT_PORTFOLIO_BATCHES_MAX];
    tt_money set_aside; /**< In all bags; not part of `equity`. */
    tt_money bags_today;
    uint32_t bag_count;
    struct {
        char name[16];
        tt_money pending;
        tt_money booked;
    } bags[TT_MAX_bag_part];
    uint64_t checks;
    uint64_t plans;
    uint64_t refused_plans;
    uint64_t trades_done;
    uint64_t trades_failed;
    uint64_t trades_skipped;
    uint64_t agent_refused;    /**< Trades of an agent that were in no plan. */
    uint64_t publish_failures; /**< Messages that the bus had no room for. */
} tt_portfolio_status;
void tt_portfolio_status_get(const tt_portfolio *portfolio, tt_portfolio_status *ret_status);

/** The life of a trade of a batch, for documents and coverage. @thread{any} */
const tt_sm_def *tt_portfolio_machine_def(void);
/** How often each row was taken. @lends{while `portfolio` lives} */
const tt_sm_counts *tt_portfolio_machine_counts(const tt_portfolio *portfolio);

#endif
