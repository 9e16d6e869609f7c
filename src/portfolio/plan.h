/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The rebalance planner: from what is held and what is wanted to a list of trades, and from trades
 * to batches. Pure functions over values; who holds what, and who executes, is not known here.
 *
 * All amounts are whole cents of the account currency, so that what a person reads is what is
 * traded.
 */
#ifndef TT_PORTFOLIO_PLAN_H
#define TT_PORTFOLIO_PLAN_H

#include "model/payloads.h"

/** Most symbols with a target. */
#define TT_PLAN_ROWS_MAX TT_MAX_plan_row

/** One symbol: what is held and what is wanted. */
typedef struct tt_plan_holding {
    tt_money value;      /**< Of the position, signed. */
    tt_ratio target_pct; /**< Share of the whole; 0 = sell all of it. */
    tt_money min_trade;  /**< Smaller trades are not made, but to sell all. */
    uint32_t instrument;
} tt_plan_holding;

/** What a plan is made from. */
typedef struct tt_plan_input {
    tt_money equity; /**< What is allocated: cash and holdings. */
    tt_ratio cash_target_pct;
    tt_plan_holding holdings[TT_PLAN_ROWS_MAX];
    uint32_t count;
} tt_plan_input;

/** A plan: one row a holding, sells first, then buys, then what stays; larger amounts before
 * smaller, equal ones as they were listed. */
typedef struct tt_plan {
    tt_money cash;
    tt_ratio max_deviation_pct; /**< Largest distance of a share from its target, cash included. */
    tt_money sells;             /**< Sums. */
    tt_money buys;
    tt_plan_row rows[TT_PLAN_ROWS_MAX];
    uint32_t count;       /**< Rows. */
    uint32_t trade_count; /**< Rows that trade; they come first. */
} tt_plan;

/** Plans the trades that lead to the targets. Without equity everything is on target. Buys are
 * never more than cash and sells together can pay. */
void tt_plan_make(const tt_plan_input *input, tt_plan *ret_plan);
/** Sorts the rows again and sums them up, after amounts were changed. */
void tt_plan_settle(tt_plan *plan);
/** Takes a trade out of a row. */
void tt_plan_drop(tt_plan_row *row);
/** Cuts `amount` in the proportion `budget` / `sum`, to whole cents downwards; unchanged if the
 * budget suffices, 0 if there is none. */
tt_money tt_plan_cut(tt_money amount, tt_money budget, tt_money sum);

/** How many batches of equal size the trades can be split into, at most `batches_max`, so that no
 * batch of a trade is smaller than its minimum; 1 if there is no such number. */
uint32_t tt_plan_batches(
    const tt_money *amounts, const tt_money *minimums, uint32_t count, uint32_t batches_max);
/** Amount of a trade in batch `index` of `batches`: rounded down to cents; batch 0 has the rest. */
tt_money tt_plan_batch_amount(tt_money amount, uint32_t batches, uint32_t index);

/** Rounds to whole cents. */
tt_dec tt_plan_cents(tt_dec amount, tt_round round);

#endif
