/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Performance figures of a run: what trades won and lost, what the account returned for its risk.
 *
 * Filled from closed trades and account records, in their order, whoever has them: messages or the
 * read model. Money is exact; the three ratios alone are floating point. All functions: one thread.
 */
#ifndef TT_REPORT_PERFORMANCE_H
#define TT_REPORT_PERFORMANCE_H

#include "model/account_figures.h"
#include "model/message.h"

#include <stdio.h>

/** Daily returns of a year, for the ratios. */
#define TT_PERFORMANCE_PERIODS 252

/** What closed trades came to. A trade's result is its realised profit with funding, less fees. */
typedef struct tt_trade_figures {
    uint64_t trades;
    uint64_t wins;   /**< Results above zero. */
    uint64_t losses; /**< Results below zero. */
    tt_money gross_profit;
    tt_money gross_loss; /**< Zero or negative, as are all losses here. */
    tt_money largest_win;
    tt_money largest_loss;
    tt_money fees;
    int64_t held_ns; /**< Sum over the trades. */
} tt_trade_figures;

/** A trade that is over. */
typedef struct tt_performance_trade {
    tt_money realized_pnl; /**< With funding, before fees. */
    tt_money fees;
    tt_time opened_at;
    tt_time closed_at;
    uint16_t source; /**< Who decided it; TT_SOURCE_NONE = nobody is known. */
} tt_performance_trade;

typedef struct tt_performance {
    tt_trade_figures all;
    tt_trade_figures sources[TT_SOURCE_COUNT];
    tt_account_figures account;
} tt_performance;

/** What money the account has paid and received so far. */
typedef struct tt_performance_paid {
    tt_money fees;
    tt_money funding; /**< Negative = paid. */
} tt_performance_paid;

void tt_performance_add_trade(tt_performance *performance, const tt_performance_trade *trade);

/** Ratios over the daily returns, that of the last, unfinished day included: 0 with fewer than two
 * returns, or when what they divide by is 0. */
double tt_performance_sharpe(const tt_performance *performance);
double tt_performance_sortino(const tt_performance *performance);
double tt_performance_calmar(const tt_performance *performance);
uint32_t tt_performance_return_count(const tt_performance *performance);

/** Percent of trades won; 0 without trades. */
tt_dec tt_trade_figures_win_rate(const tt_trade_figures *figures);
/** Gross profit by gross loss. False: there is no loss, so there is none. */
bool tt_trade_figures_profit_factor(const tt_trade_figures *figures, tt_dec *ret_factor);
/** Gross profit less gross loss. */
tt_dec tt_trade_figures_net(const tt_trade_figures *figures);

/** Writes one JSON object without a line end. Money and shares are strings when `is_text`, else
 * numbers; both with all their digits. */
void tt_performance_json(
    const tt_performance *performance, const tt_performance_paid *paid, bool is_text, FILE *out);

#endif
