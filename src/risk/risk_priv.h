/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The module inside: wiring, and the parts that publish. Inside of risk only.
 */
#ifndef TT_RISK_RISK_PRIV_H
#define TT_RISK_RISK_PRIV_H

#include "risk/risk.h"
#include "risk/risk_state.h"
#include "risk/risk_trial.h"

/** Where the plans of amends begin. */
#define TT_RISK_PLANS_OF_AMENDS 2u

/** Where the prices of a symbol come; its bars are state. */
typedef struct tt_risk_prices {
    tt_bus_newest quote;
    tt_bus_newest trade;
} tt_risk_prices;

/** What hears a topic, but for the proposals. */
typedef struct tt_risk_ear {
    tt_risk *risk;
    tt_bus_handler_fn handler; /**< Its `ctx` is the module. */
} tt_risk_ear;
#define TT_RISK_EARS 13

struct tt_risk {
    tt_core *core;
    tt_risk_state *state; /**< The only thing that messages change. */
    tt_risk_parts *parts; /**< State, too. */
    tt_risk_tables *tables;
    tt_risk_module_config config;
    tt_risk_plan plans[2 * TT_RISK_PLANS_OF_AMENDS]; /**< Without a check of budgets, and with it;
                                                         behind them the same of amends. */
    uint64_t changes; /**< No state: grows with whatever may change state or parts. */
    tt_risk_ear ears[TT_RISK_EARS];
    tt_risk_prices prices[TT_INSTRUMENTS_MAX];
    tt_risk_ready ready[TT_INSTRUMENTS_MAX]; /**< No state: each follows from its numbers. */
    tt_risk_verdict verdict;    /**< Under construction; meaningless between messages. */
    tt_trade_proposal proposal; /**< The same: a proposal that got a stop. */
    tt_trade_proposal amend;    /**< The same: one that got the regime of its order. */
};

/** Tells whether `key` names an instrument. */
static inline bool tt_risk_knows(const tt_risk *risk, uint32_t key)
{
    return key >= 1 && key <= risk->core->instruments->count;
}

/** Judges a proposal on the instrument `key`, as the state stands: the verdict is risk->verdict.
 * Of `ret_trial` those fields are set by which a caller tells what the verdict binds. */
void tt_risk_try(
    tt_risk *risk, uint32_t key, const tt_trade_proposal *proposal, tt_risk_trial *ret_trial);
/** Asserts that what is said to be ready is what would be made now, and makes what is not; for
 * tests. */
void tt_risk_ready_check(tt_risk *risk);

/** Publishes an alert about an instrument (`key`; 0 = the account). */
TUTTI_NODISCARD tutti_status tt_risk_raise(tt_risk *risk, uint32_t key, const tt_risk_alert *alert);

/** Gives the proposal of a trial a stop if it has none (risk.atr_stops is on); its prices are
 * known.
 */
void tt_risk_stop_fill_in(tt_risk *risk, tt_risk_trial *trial);
/** Raises each breaker that the present equity trips and that is not yet in force.
 * `msg` is the account_updates message. */
TUTTI_NODISCARD tutti_status tt_risk_breakers_watch(tt_risk *risk, const tt_msg *msg);
/** Raises an alert when the free margin of an account_updates message has become worse. */
TUTTI_NODISCARD tutti_status tt_risk_margin_watch(tt_risk *risk, const tt_msg *msg);
/** Handles RESET_RISK and replies to it. */
TUTTI_NODISCARD tutti_status
tt_risk_breakers_command(tt_risk *risk, const tt_coordinator_command *command);
/** Handles RESERVE_BUDGET and RELEASE_BUDGET and replies to them. */
TUTTI_NODISCARD tutti_status
tt_risk_budgets_command(tt_risk *risk, const tt_coordinator_command *command);
/** Answers a command. */
TUTTI_NODISCARD tutti_status tt_risk_reply(tt_risk *risk, const tt_command_reply *reply);

/** Counts a closed trade: win or loss, its cooldowns, the breaker of losses in a row. `msg` is the
 * position_updates message. */
TUTTI_NODISCARD tutti_status
tt_risk_cooldowns_closed(tt_risk *risk, const tt_msg *msg, const tt_position_update *update);
/** Begins the cooldown after a rebalance. `msg` is the proposal of one of its trades. */
TUTTI_NODISCARD tutti_status tt_risk_cooldowns_rebalance(tt_risk *risk, const tt_msg *msg);
/** Compares the close of a bar (`msg`, noted already) with the one `before`. */
TUTTI_NODISCARD tutti_status
tt_risk_cooldowns_movement(tt_risk *risk, const tt_msg *msg, tt_price before);
/** Notes a closed trade and judges the rules of risk.protections. */
TUTTI_NODISCARD tutti_status
tt_risk_protections_closed(tt_risk *risk, const tt_msg *msg, const tt_position_update *update);
/** Follows the average true range of a symbol; a spike that begins starts a cooldown. */
TUTTI_NODISCARD tutti_status
tt_risk_cooldowns_volatility(tt_risk *risk, const tt_msg *msg, const tt_indicators *indicators);

/** Brings the correlations of a symbol with all that is held or in flight up to date. */
void tt_risk_correlation_refresh(tt_risk *risk, uint32_t symbol_index);

/** Finds out where the prices of each instrument will come. @thread{setup} */
void tt_risk_prices_find(const tt_core *core, tt_risk_prices *prices);
/** Notes the close of a bar. */
void tt_risk_price_bar(tt_risk_symbol *symbol, const tt_msg *msg, const tt_bar *bar);
/** Finds the newest price of the symbol of `trial` that is fresh, else the last bar's. */
void tt_risk_price_find(const tt_risk *risk, tt_risk_trial *trial);

/** Writes why a verdict refused, with all broken rules of a proposal that is not well formed. */
void tt_risk_message_refused(const tt_risk_trial *trial, char *text, size_t size);

#endif
