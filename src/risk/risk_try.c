/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From a proposal to its verdict: the state is brought up to date, then the short way of an entry
 * that passes is tried, with what stands ready of its symbol, and behind it all checks.
 *
 * What stands ready is made at the first proposal behind a change. Every message but a proposal
 * counts as one (risk.c), so do what is changed here, what an approval binds, and a snapshot that
 * is loaded.
 */
#include "base/error.h"
#include "risk/risk_entries.h"
#include "risk/risk_price.h"

#include <string.h>

/* Stands for the symbol of a proposal whose key names no instrument. */
static const tt_risk_symbol NO_SYMBOL;

/* The first message of the step: entries reserved before it belong to earlier steps. */
static tt_seq step_seq(const tt_risk *risk)
{
    const tt_msg *first = tt_bus_outbox_next(risk->core->bus, NULL);
    return first ? first->seq : 0;
}

/* A day that has ended, entries of earlier steps that nobody has claimed. */
TT_RISK_COLD void catch_up(tt_risk *risk)
{
    tt_risk_state *state = risk->state;
    tt_risk_state_roll(state, &risk->tables->shares, tt_bus_now(risk->core->bus));
    if (state->unclaimed_count > 0) {
        tt_risk_entries_expire(state, step_seq(risk));
    }
    risk->changes++;
}

static inline void bring_up_to_date(tt_risk *risk, tt_time now)
{
    const tt_risk_state *state = risk->state;
    bool has_rolled = state->account.is_known && now.ns >= state->account.day_end.ns;
    if (has_rolled || state->unclaimed_count > 0) {
        catch_up(risk);
    }
}

/* Where the signal came from; 0 if that is not known any more. */
static uint32_t source_of(const tt_risk *risk, const tt_trade_proposal *proposal)
{
    tt_seq seq = proposal->signal_seq;
    const tt_msg *signal = seq ? tt_bus_find(risk->core->bus, TT_TOPIC_TRADING_SIGNALS, seq) : NULL;
    return signal ? (uint32_t)signal->source : 0;
}

/* Whether the last market data of the symbol is too old to enter by. A fresh bar answers that; else
 * quotes and trades are looked for. */
static bool is_blind(const tt_risk *risk, tt_risk_trial *trial)
{
    int64_t age_max = risk->config.limits.max_price_age.ns;
    const tt_risk_symbol *symbol = trial->symbol;
    if (symbol->bar_seq != 0 && trial->now.ns - symbol->bar_due.ns <= age_max) {
        return false;
    }
    tt_risk_price_find(risk, trial);
    return tt_dec_is_zero(trial->market_price.d) || trial->market_price_age.ns > age_max;
}

/* Who trades, and of a position that is to be closed or reduced, what that source holds. */
static void look_at_parts(const tt_risk *risk, tt_risk_trial *trial, bool opens)
{
    const tt_trade_proposal *proposal = trial->proposal;
    bool is_close = proposal->kind == TT_proposal_kind_CLOSE;
    trial->source = source_of(risk, proposal);
    if (proposal->kind == TT_proposal_kind_REBALANCE) {
        trial->source = TT_SOURCE_PORTFOLIO;
    }
    if (!risk->parts->is_told || opens || trial->source == 0) {
        return;
    }
    bool is_short = risk->state->is_hedging && tt_dec_sign(trial->held.qty.d) < 0;
    trial->held.qty = tt_risk_parts_held(
        risk->parts, trial->source, trial->symbol_index, is_short, is_close, trial->held.qty);
}

/* What a trial has of the module and of its symbol, whatever is proposed. */
static void frame_trial(tt_risk *risk, uint32_t key, tt_risk_trial *trial)
{
    const bool is_there = tt_risk_knows(risk, key);
    const uint32_t index = is_there ? key - 1 : 0;
    const bool has_budgets = risk->config.has_capital || risk->parts->budget_count > 0;
    trial->config = &risk->config;
    trial->plan = &risk->plans[has_budgets];
    trial->tables = risk->tables;
    trial->state = risk->state;
    trial->parts = risk->parts;
    trial->symbol = is_there ? &risk->state->symbols[index] : &NO_SYMBOL;
    trial->instrument = is_there ? &risk->core->instruments->list[index] : NULL;
    trial->ready = &risk->ready[index];
    trial->verdict = &risk->verdict;
    trial->symbol_index = index;
}

static void
open_trial(tt_risk *risk, uint32_t key, const tt_trade_proposal *proposal, tt_risk_trial *ret_trial)
{
    const bool is_there = tt_risk_knows(risk, key);
    frame_trial(risk, key, ret_trial);
    ret_trial->proposal = proposal;
    ret_trial->source = 0;
    ret_trial->strategy = NULL;
    ret_trial->now = tt_bus_now(risk->core->bus);
    ret_trial->market_price_age.ns = 0;
    ret_trial->market_price.d = TT_DEC_ZERO;
    ret_trial->is_blind = false;
    bool opens = proposal->kind == TT_proposal_kind_ENTRY ||
                 (proposal->kind == TT_proposal_kind_REBALANCE && proposal->side == TT_side_BUY &&
                  tt_dec_sign(ret_trial->symbol->qty.d) >= 0);
    ret_trial->held = tt_risk_state_held(risk->state, ret_trial->symbol, proposal->side, !opens);
    if (risk->parts->is_told || risk->parts->budget_count > 0) {
        look_at_parts(risk, ret_trial, opens);
    }
    bool is_priced =
        tt_dec_sign(proposal->entry_price.d) > 0 && proposal->kind == TT_proposal_kind_ENTRY;
    if (is_there && !is_priced) {
        tt_risk_price_find(risk, ret_trial);
    } else if (is_there && risk->config.limits.require_fresh_data) {
        ret_trial->is_blind = is_blind(risk, ret_trial);
    }
    if (is_there && risk->state->active_count > 0 && risk->config.correlation.window != 0) {
        tt_risk_correlation_refresh(risk, ret_trial->symbol_index);
    }
    if (risk->config.limits.max_trades_per_strategy > 0) {
        ret_trial->strategy = tt_risk_state_strategy(risk->state, source_of(risk, proposal));
    }
    if (risk->config.atr_stops.enabled) {
        tt_risk_stop_fill_in(risk, ret_trial);
    }
}

/* An amend is judged as a new entry without the order itself, in the regime in which that was
 * approved. It is no further trade of the day. */
static void
judge_amend(tt_risk *risk, uint32_t key, const tt_trade_proposal *proposal, tt_risk_trial *trial)
{
    tt_risk_entry *entry = tt_risk_entries_find(risk->state, proposal->amended_order_id);
    tt_risk_lifted lifted = {0};
    if (entry != NULL) {
        risk->amend = *proposal;
        risk->amend.regime = entry->regime;
        risk->amend.entry_strictness = entry->strictness;
        proposal = &risk->amend;
        lifted = tt_risk_entries_lift(risk->state, entry);
    }
    open_trial(risk, key, proposal, trial);
    trial->plan += TT_RISK_PLANS_OF_AMENDS;
    trial->source = entry != NULL ? entry->source : 0;
    tt_risk_judge(trial);
    if (entry != NULL) {
        tt_risk_entries_lower(risk->state, &lifted);
    }
}

/* All checks, one after the other. */
TT_RISK_COLD void
judge_fully(tt_risk *risk, uint32_t key, const tt_trade_proposal *proposal, tt_risk_trial *trial)
{
    tt_risk_limits_refresh(risk->state, &risk->tables->shares, &risk->config.leverage);
    if (proposal->amended_order_id == 0) {
        open_trial(risk, key, proposal, trial);
        tt_risk_judge(trial);
    } else {
        judge_amend(risk, key, proposal, trial);
    }
}

/* Makes what stands ready of a symbol again. */
TT_RISK_COLD void make_ready(tt_risk *risk, uint32_t key)
{
    tt_risk_trial trial;
    tt_risk_limits_refresh(risk->state, &risk->tables->shares, &risk->config.leverage);
    frame_trial(risk, key, &trial);
    if (risk->state->active_count > 0 && risk->config.correlation.window != 0) {
        tt_risk_correlation_refresh(risk, trial.symbol_index);
    }
    tt_risk_ready_plain(&trial);
    trial.ready->plain.changes = risk->changes;
}

/* The short way of an entry that passes. */
static inline bool pass_plainly(
    tt_risk *risk,
    uint32_t key,
    const tt_trade_proposal *proposal,
    tt_time now,
    tt_risk_trial *trial)
{
    tt_risk_ready *ready = &risk->ready[key - 1];
    if (ready->plain.changes != risk->changes) {
        make_ready(risk, key);
    }
    if (!ready->plain.is_possible) {
        return false;
    }
    trial->symbol = &risk->state->symbols[key - 1];
    trial->proposal = proposal;
    trial->strategy = NULL;
    trial->ready = ready;
    trial->verdict = &risk->verdict;
    trial->now = now;
    trial->symbol_index = key - 1;
    trial->source = 0;
    trial->is_blind = false;
    trial->opens = true;
    if (tt_dec_is_zero(proposal->entry_price.d)) {
        find_price(risk, trial);
    } else if (risk->config.limits.require_fresh_data) {
        trial->is_blind = is_blind(risk, trial);
    }
    return tt_risk_pass_plainly(trial);
}

void tt_risk_try(
    tt_risk *risk, uint32_t key, const tt_trade_proposal *proposal, tt_risk_trial *ret_trial)
{
    const tt_time now = tt_bus_now(risk->core->bus);
    bring_up_to_date(risk, now);
    const bool is_entry = tt_risk_knows(risk, key) && proposal->kind == TT_proposal_kind_ENTRY &&
                          proposal->amended_order_id == 0;
    if (!is_entry || !pass_plainly(risk, key, proposal, now, ret_trial)) {
        judge_fully(risk, key, proposal, ret_trial);
    }
}

void tt_risk_ready_check(tt_risk *risk)
{
    for (uint32_t key = 1; key <= risk->core->instruments->count; key++) {
        const tt_risk_ready *ready = &risk->ready[key - 1];
        const tt_risk_ready before = *ready;
        make_ready(risk, key);
        TT_ASSERT(
            before.plain.changes != risk->changes || memcmp(&before, ready, sizeof before) == 0);
    }
}
