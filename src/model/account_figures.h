/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Figures of an account over time: daily returns, drawdowns, time with an open position. Brought up
 * to date record by record, so that whoever sees the records as they come (a report, the read
 * model) has the figures at any moment, and the same ones. Exact. All functions:
 * one thread, no allocation.
 *
 * A transfer is no result: the peak and the equity that the day began with change in the same
 * proportion as the equity, as if each unit of the account had kept its worth.
 */
#ifndef TT_MODEL_ACCOUNT_FIGURES_H
#define TT_MODEL_ACCOUNT_FIGURES_H

#include "base/types.h"

/** An account record: equity with positions at their marks. */
typedef struct tt_account_record {
    tt_time time;
    tt_money initial;
    tt_money transfers; /**< Deposits less withdrawals so far. */
    tt_money equity;
    uint32_t open_positions;
} tt_account_record;

/** A fall of the equity from its peak so far. */
typedef struct tt_drawdown {
    tt_money amount;
    tt_ratio pct;   /**< Of the peak. */
    tt_time since;  /**< When the peak was last held; 0 = there is no fall. */
    tt_time trough; /**< When it was deepest. */
    tt_time until;  /**< When the peak was reached again; 0 = it was not. */
} tt_drawdown;

/** Returns of whole days, as sums of whole numbers of 10^-10: exact, in any order. */
typedef struct tt_return_sums {
    tt_i128 sum;
    tt_i128 squares;
    tt_i128 downside; /**< Squares of the negative ones. */
    uint32_t count;
} tt_return_sums;

/** What the records so far came to; starts as zero. */
typedef struct tt_account_figures {
    tt_return_sums returns; /**< Of the days before that of the last record. */
    tt_money day_start;     /**< Equity at the end of the last day before. */
    tt_account_record last;
    tt_time first; /**< 0 = there was no record. */
    tt_money peak;
    tt_drawdown worst; /**< The one with the largest share of its peak. */
    tt_drawdown current;
    int64_t exposed_ns; /**< With an open position. */
} tt_account_figures;

/** What `base` becomes when a transfer makes `after` of an equity of `before`: base x after /
 * before, rounded up; where there was or is no equity to be a part of, it moves by the same amount.
 */
tt_money tt_account_moved(tt_money base, tt_money before, tt_money after);
/** Takes the next record. Records come in the order of their time. */
void tt_account_figures_add(tt_account_figures *figures, const tt_account_record *record);
/** The returns with that of the day of the last record, which is not over. */
tt_return_sums tt_account_figures_returns(const tt_account_figures *figures);

#endif
