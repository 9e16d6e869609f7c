/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a trial has ready of the equity, and the rows of a verdict whose limits the facts hold too
 * coarsely.
 */
#include "risk/risk_trial.h"

/* The stricter of the account's limit and that of the symbol. */
static tt_money stricter(tt_money limit, tt_money equity, tt_ratio share)
{
    bool has_own = !tt_dec_is_zero(share.d);
    return has_own ? (tt_money){tt_dec_min(limit.d, tt_risk_share_of(equity, share).d)} : limit;
}

/* No stop is farther than the largest of the symbol (10^-6 percent): size x stop_max <= limit x
 * 10^8. Nothing is free where that cannot be told within 128 bits. */
static tt_dec loss_free(tt_money limit, uint32_t stop_max)
{
    if (stop_max == 0 || !tt_risk_is_within(limit.d, TT_RISK_MICRO_MAX)) {
        return (tt_dec){-1};
    }
    tt_dec size = {limit.d.v * TT_RISK_MICRO_PERCENT / stop_max};
    return tt_dec_min(size, TT_RISK_MICRO_MAX);
}

void tt_risk_ready_refresh(tt_risk_trial *trial)
{
    const tt_risk_money_limits *limits = &trial->state->limits;
    const tt_money equity = trial->state->account.equity;
    const tt_ratio share = trial->tables->symbols[trial->symbol_index].position;
    tt_risk_ready *ready = trial->ready;
    ready->for_equity = equity;
    ready->position = stricter(limits->position, equity, share);
    ready->rebalance = stricter(limits->rebalance, equity, share);
    ready->loss_free =
        loss_free(limits->loss, trial->tables->symbols[trial->symbol_index].stop_max);
    ready->is_equity_within =
        tt_dec_sign(equity.d) > 0 && tt_risk_is_within(equity.d, TT_RISK_MICRO_MAX);
    ready->is_valid = true;
    if (ready->is_equity_within) {
        ready->equity_whole = tt_risk_divide_micro((tt_u128)equity.d.v, &ready->equity_rest);
    }
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
