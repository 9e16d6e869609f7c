/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The trade module: approved verdicts become orders, venue reports become fills, and the books
 * follow.
 */
#ifndef TT_TRADE_TRADE_H
#define TT_TRADE_TRADE_H

#include "bus/core.h"
#include "trade/trade_config.h"

typedef struct tt_trade_module tt_trade_module;

/** Tells whether a configuration can be used with these instruments and this run id: every symbol
 * of the form BASE/QUOTE must be quoted in the account currency, and a client order id must fit its
 * field.
 * @retval TUTTI_INVALID with the offending name in `error` (may be NULL). @thread{setup} */
TUTTI_NODISCARD tutti_status tt_trade_config_check(
    const tt_trade_config *config,
    const tt_instruments *instruments,
    const char *run_id,
    tt_error *error);

/** Registers orders, positions and the account.
 * @retval TUTTI_INVALID see tt_trade_config_check.  @retval TUTTI_NO_MEMORY the arena is full.
 * @retval TUTTI_LIMIT too many regions or subscriptions. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_trade_setup(
    tt_core *core, const tt_trade_config *config, tt_arena *arena, tt_trade_module **result);

/** Numbers for status pages; a copy. */
typedef struct tt_trade_status {
    tt_account_update account;
    uint64_t orders;            /**< Intents published. */
    uint64_t fills;             /**< Rows booked; an execution that crosses zero counts twice. */
    uint64_t closed_trades;     /**< Positions that became flat. */
    uint64_t duplicate_reports; /**< Executions that were reported again and dropped. */
    uint64_t
        late_reports; /**< Reports that changed nothing: repeated, stale, or about a final order. */
    uint64_t unknown_reports; /**< Reports of orders that are not ours; dead-lettered. */
    uint64_t refused_reports; /**< Fills that cannot be true; dead-lettered. */
    uint64_t refused_entries; /**< Approved entries that were not sent. */
    uint64_t overfills;     /**< Fills beyond the ordered quantity or after the end of an order. */
    uint64_t refused_marks; /**< Prices that would make a position worth more than the bound. */
    uint64_t publish_failures; /**< Messages that the bus had no room for. */
    uint64_t queries;
    uint64_t rate_refused;     /**< Entries that the rate of orders or requests did not allow. */
    uint64_t overdrawn_sends;  /**< Exits and cancels that went out beyond it. */
    uint64_t groups_sent;      /**< Groups of two entries that went out. */
    uint64_t groups_refused;   /**< Groups of which nothing was sent. */
    uint64_t group_repairs;    /**< Fills of both entries of a group that an order had to undo. */
    uint64_t waiting_fills;    /**< Closes that were told before their entry and waited for it. */
    uint64_t waiting_refused;  /**< That could not wait for want of a place. */
    uint64_t waiting_released; /**< That no entry explained. */
    uint64_t amends;           /**< Sent. */
    uint64_t amends_refused;   /**< Asked for and not sent. */
    uint64_t amends_rejected;  /**< The venue would not, or they could not be sent. */
    uint64_t amends_lost;      /**< The venue never had them. */
    uint64_t balance_discrepancies; /**< Differences of the cash that were confirmed. */
    uint64_t transfers;             /**< Deposits and withdrawals booked. */
    tt_money
        balance_difference; /**< What the venue has more, and holds entries back; 0 = nothing. */
    tt_cash_kind balance_cause; /**< What it is, once it is confirmed. */
    bool is_balance_confirmed;
    uint32_t comparisons_failed; /**< Queries of positions without an answer in time, in a row, once
                                      people were told; 0 = the books are compared. */
    bool is_venue_late;          /**< Their answers came, but later than reconciliation.timeout. */
    uint32_t live_waiting;       /**< That wait now. */
    uint32_t live_groups;
    uint32_t live_orders;
} tt_trade_status;
/** Copies the numbers. @thread{owner} @alloc{never} */
void tt_trade_status_get(const tt_trade_module *trade, tt_trade_status *ret_status);

#endif
