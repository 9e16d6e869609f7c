/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Risk: nothing is traded unless this module has said yes.
 *
 * It answers each trade_proposals message with exactly one risk_verdicts message that holds every
 * check that ran, follows account, positions and entries in flight, and raises the breakers.
 * Consumes trade_proposals, account_updates, position_updates, order_intents, execution_events,
 * indicators, market_data.bar, coordinator_commands (RESET_RISK and those of budgets),
 * system_events and position_commands (what is halted and being closed); publishes risk_verdicts,
 * risk_alerts, command_replies.
 */
#ifndef TT_RISK_RISK_H
#define TT_RISK_RISK_H

#include "base/error.h"
#include "bus/core.h"
#include "risk/risk_config.h"

typedef struct tt_risk tt_risk;

/** Checks what the tables of the configuration cannot: keys that must fit each other and the
 * instruments. `error` may be NULL. @retval TUTTI_INVALID, TUTTI_LIMIT with the key named.
 * @thread{any} */
TUTTI_NODISCARD tutti_status tt_risk_config_check(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_error *error);

/** Registers risk: judges trade_proposals, watches account and positions, raises breakers.
 * @retval TUTTI_INVALID  see tt_risk_config_check.  @retval TUTTI_NO_MEMORY, TUTTI_LIMIT.
 * @thread{setup} @alloc{setup} */
TUTTI_NODISCARD tutti_status tt_risk_setup(
    tt_core *core, const tt_risk_module_config *config, tt_arena *arena, tt_risk **result);

/** Tells that the regions have been written from outside, as by a snapshot. @thread{owner} */
void tt_risk_changed(tt_risk *risk);

/** Locks that a status shows. */
#define TT_RISK_STATUS_LOCKS 16

/** Something that holds entries back for a time. */
typedef struct tt_risk_lock_status {
    tt_time until;
    tt_time since;
    tt_seq subject_seq; /**< Message that began it, or moved its end. */
    uint32_t key;       /**< Instrument; 0 = all. */
    uint8_t reason;     /**< tt_lock_reason. */
    uint8_t side;       /**< Side of entries; TT_side_NONE = both. */
} tt_risk_lock_status;

/** What is reserved for a source of trades. */
typedef struct tt_risk_budget_status {
    tt_money reserved;
    uint16_t source;
} tt_risk_budget_status;

/** Numbers for status pages; a copy. */
typedef struct tt_risk_status {
    tt_money peak_equity;
    tt_money equity;
    tt_ratio drawdown_pct;
    tt_ratio max_drawdown_pct;
    tt_ratio daily_pnl_pct;  /**< Of the equity at the start of the UTC day. */
    tt_ratio weekly_pnl_pct; /**< Of the equity at the start of the ISO week. */
    tt_time cooldown_until;  /**< Latest end of the account's cooldowns; may lie in the past. */
    uint64_t verdicts;
    uint64_t approved;                               /**< Modified ones included. */
    uint64_t rejected[TT_risk_code_COUNT];           /**< By code. */
    tt_risk_lock_status locks[TT_RISK_STATUS_LOCKS]; /**< In force now, oldest first. */
    tt_risk_budget_status budgets[TT_RISK_BUDGETS_MAX];
    uint32_t budget_count;
    uint32_t lock_count; /**< In force now; more than are shown, if it is larger. */
    uint32_t consecutive_losses;
    uint32_t entries_today; /**< Approved in this UTC day, as far as a message has come in it. */
    uint32_t trades_today;  /**< Closed in this UTC day, likewise. */
    uint32_t closing;       /**< Symbols that must be flat before any entry. */
    bool breached[TT_breach_type_COUNT]; /**< Breakers in force. */
    bool killed;                         /**< The coordinator is halted. */
    bool halted;                         /**< By the drawdown breaker; ends by RESET_RISK alone. */
} tt_risk_status;
/** Copies the numbers. @thread{owner} */
void tt_risk_status_get(const tt_risk *risk, tt_risk_status *ret_status);

#endif
