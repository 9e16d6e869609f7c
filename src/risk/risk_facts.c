/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The facts of a verdict: what is known before the checks run, each once. They are there for
 * refusals too, whichever check it was.
 */
#include "risk/risk_trial.h"

#include <string.h>

/* Money free for margin: the smaller of the account's word and our own count. */
static inline tt_dec margin_free(const tt_risk_state *state, tt_dec used)
{
    tt_dec counted = tt_dec_xsub(state->account.equity.d, used);
    return tt_dec_min(counted, state->account.margin_available.d);
}

/* The stricter of the account's limit and that of the symbol. */
static inline tt_money position_limit(const tt_risk_trial *trial)
{
    const tt_risk_money_limits *limits = &trial->state->limits;
    bool is_rebalance = trial->proposal->kind == TT_proposal_kind_REBALANCE;
    tt_money limit = is_rebalance ? limits->rebalance : limits->position;
    tt_ratio share = trial->tables->symbols[trial->symbol_index].position;
    if (tt_dec_is_zero(share.d)) {
        return limit;
    }
    tt_money equity = trial->state->account.equity;
    tt_risk_own_limit *own = trial->own_limit;
    if (!own->is_valid || !tt_dec_eq(own->for_equity.d, equity.d)) {
        *own = (tt_risk_own_limit){
            .for_equity = equity, .position = tt_risk_share_of(equity, share), .is_valid = true};
    }
    return (tt_money){tt_dec_min(limit.d, own->position.d)};
}

static inline void write_amounts(const tt_risk_trial *trial, tt_risk_verdict *verdict)
{
    const tt_risk_state *state = trial->state;
    const tt_risk_money_limits *limits = &state->limits;
    tt_dec margin = tt_dec_xadd(state->margin.d, state->pending_margin.d);
    verdict->size_before = trial->size;
    verdict->size_after.d = TT_DEC_ZERO;
    verdict->qty.d = TT_DEC_ZERO;
    verdict->equity = state->account.equity;
    verdict->margin_available.d = margin_free(state, margin);
    verdict->exposure_used = tt_risk_exposure_used(state);
    verdict->exposure_limit = limits->exposure;
    verdict->position_used.d = tt_dec_xadd(trial->symbol->exposure.d, trial->symbol->pending.d);
    verdict->position_limit = position_limit(trial);
    verdict->loss_limit = limits->loss;
    verdict->correlated_used.d = TT_DEC_ZERO;
    verdict->correlated_limit = limits->correlated;
    tt_dec left = tt_dec_xsub(limits->margin.d, margin);
    verdict->margin_limit.d = tt_dec_min(verdict->margin_available.d, left);
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
    verdict->price_age_max = trial->config->limits.max_price_age;
}

static inline void write_numbers(const tt_risk_trial *trial, tt_risk_verdict *verdict)
{
    const tt_risk_millionths *millionths = &trial->tables->millionths;
    const tt_trade_proposal *proposal = trial->proposal;
    verdict->proposal_seq = 0;
    verdict->position_id = 0;
    verdict->locked_until.ns = 0;
    verdict->entries_today = trial->state->entries_today;
    verdict->entries_max = trial->config->limits.max_trades_per_day;
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
    verdict->positions_max = (uint8_t)trial->config->limits.max_open_positions;
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

void tt_risk_facts_write(tt_risk_trial *trial)
{
    tt_risk_verdict *verdict = trial->verdict;
    write_amounts(trial, verdict);
    write_prices(trial, verdict);
    write_numbers(trial, verdict);
}

/* The limit that the facts hold too coarsely. */
static tt_ratio exact_limit(const tt_risk_trial *trial, tt_risk_place place)
{
    const tt_risk_module_config *config = trial->config;
    switch ((int)place) {
    case TT_RISK_PLACE_TRADING_HALTED:
        return config->breakers.max_drawdown_pct;
    case TT_RISK_PLACE_STOP_TOO_TIGHT:
        return config->limits.min_stop_pct;
    case TT_RISK_PLACE_STOP_TOO_WIDE:
        return trial->tables->symbols[trial->symbol_index].max_stop_pct;
    case TT_RISK_PLACE_LOW_RR:
        return config->limits.min_reward_risk;
    default:
        return config->confidence.disagreement;
    }
}

void tt_risk_facts_list(tt_risk_trial *trial)
{
    const tt_risk_symbol_table *symbol = &trial->tables->symbols[trial->symbol_index];
    uint32_t coarse = trial->tables->millionths.coarse;
    coarse |= symbol->is_stop_coarse ? TT_RISK_PLACE_BIT(STOP_TOO_WIDE) : 0;
    coarse &= trial->verdict->checks_run & ~trial->listed;
    if (coarse == 0) {
        return;
    }
    tt_verdict_view view;
    tt_verdict_show(trial->verdict, &view);
    for (uint8_t i = 0; i < view.count; i++) {
        for (int place = 0; place < TT_RISK_PLACE_COUNT; place++) {
            bool is_it = view.checks[i].code == tt_risk_code_at((tt_risk_place)place);
            if (is_it && (coarse >> place & 1u) != 0) {
                view.checks[i].limit = exact_limit(trial, (tt_risk_place)place);
                tt_risk_list(trial, (tt_risk_place)place, view.checks[i]);
            }
        }
    }
}
