/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The facts of a verdict: what is known before the checks run, each once. They are there for
 * refusals too, whichever check it was. Part of the trial (risk_trial.c), which is one piece.
 */
#ifndef TT_RISK_RISK_FACTS_H
#define TT_RISK_RISK_FACTS_H

#include "risk/risk_trial.h"

static inline void write_amounts(const tt_risk_trial *trial, tt_risk_verdict *verdict)
{
    const tt_risk_state *state = trial->state;
    const tt_risk_money_limits *limits = &state->limits;
    const tt_risk_ready *ready = trial->ready;
    const bool is_rebalance = trial->proposal->kind == TT_proposal_kind_REBALANCE;
    const tt_dec margin = tt_dec_xadd(state->margin.d, state->pending_margin.d);
    // Free is the smaller of the account's word and our own count.
    const tt_dec counted = tt_dec_xsub(state->account.equity.d, margin);
    const tt_dec available = tt_dec_min(counted, state->account.margin_available.d);
    const tt_dec left = tt_dec_xsub(limits->margin.d, margin);
    verdict->size_before = trial->size;
    verdict->size_after.d = TT_DEC_ZERO;
    verdict->qty.d = TT_DEC_ZERO;
    verdict->equity = state->account.equity;
    verdict->margin_available.d = available;
    verdict->exposure_used = tt_risk_exposure_used(state);
    verdict->exposure_limit = limits->exposure;
    verdict->position_used.d = tt_dec_xadd(trial->symbol->exposure.d, trial->symbol->pending.d);
    verdict->position_limit = is_rebalance ? ready->rebalance : ready->position;
    verdict->loss_limit = limits->loss;
    verdict->correlated_used.d = TT_DEC_ZERO;
    verdict->correlated_limit = limits->correlated;
    verdict->margin_limit.d = tt_dec_min(available, left);
}

static inline void write_prices(const tt_risk_trial *trial, tt_risk_verdict *verdict)
{
    const tt_trade_proposal *proposal = trial->proposal;
    verdict->reference_price = trial->reference;
    verdict->entry_price = proposal->entry_price;
    verdict->stop_loss = proposal->stop_loss;
    verdict->take_profit = proposal->take_profit;
    verdict->drawdown_pct = trial->state->limits.drawdown_pct;
    verdict->confidence.d = TT_DEC_ZERO;
    verdict->disagreement.d = TT_DEC_ZERO;
    verdict->atr = trial->symbol->atr;
    verdict->atr_limit = trial->symbol->atr_limit;
    verdict->min_qty.d = trial->instrument ? trial->instrument->min_qty.d : TT_DEC_ZERO;
}

static inline void write_numbers(const tt_risk_trial *trial, tt_risk_verdict *verdict)
{
    const tt_risk_millionths *millionths = &trial->tables->millionths;
    const tt_trade_proposal *proposal = trial->proposal;
    const tt_risk_config *limits = &trial->config->limits;
    verdict->proposal_seq = 0;
    verdict->position_id = 0;
    verdict->locked_until.ns = 0;
    verdict->price_age_max = limits->max_price_age;
    verdict->checks_run = 0;
    verdict->checks_skipped = 0;
    verdict->entries_today = trial->state->entries_today;
    verdict->entries_max = limits->max_trades_per_day;
    verdict->drawdown_max_micro = millionths->drawdown_max;
    verdict->stop_min_micro = millionths->stop_min;
    verdict->stop_max_micro = trial->tables->symbols[trial->symbol_index].stop_max;
    verdict->reward_min_micro = millionths->reward_min;
    verdict->confidence_min_micro = 0;
    verdict->disagreement_max_micro = millionths->disagreement_max;
    verdict->leverage_before = proposal->leverage;
    verdict->leverage_after = 0;
    verdict->leverage_max = 0;
    verdict->positions = 0;
    verdict->positions_max = (uint8_t)limits->max_open_positions;
    verdict->losses_in_row = 0;
    verdict->status = 0;
    verdict->code = TT_risk_code_NONE;
    verdict->kind = proposal->kind;
    verdict->side = proposal->side;
    verdict->exit_reason = proposal->exit_reason;
    verdict->lock = TT_lock_reason_NONE;
    verdict->count = 0;
    memset(verdict->reserved, 0, sizeof verdict->reserved);
}

/* Writes all fields of the verdict but the list: facts of state, tables and proposal, and zero for
 * what a check adds. */
static inline void write_facts(const tt_risk_trial *trial)
{
    tt_risk_verdict *verdict = trial->verdict;
    write_amounts(trial, verdict);
    write_prices(trial, verdict);
    write_numbers(trial, verdict);
}

#endif
