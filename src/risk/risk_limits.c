/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The limits in money that the present equity allows. They change with equity and peak alone, so
 * that a proposal costs comparisons instead of products.
 */
#include "risk/risk_state.h"

static uint32_t leverage_at(const tt_leverage_config *config, tt_ratio drawdown)
{
    if (tt_dec_le(config->drawdown_high_pct.d, drawdown.d)) {
        return config->drawdown_high;
    }
    if (tt_dec_le(config->drawdown_mid_pct.d, drawdown.d)) {
        return config->drawdown_mid;
    }
    if (tt_dec_le(config->drawdown_low_pct.d, drawdown.d)) {
        return config->drawdown_low;
    }
    return UINT32_MAX;
}

void tt_risk_limits_refresh(
    tt_risk_state *state, const tt_risk_shares *shares, const tt_leverage_config *leverage)
{
    const tt_risk_account *account = &state->account;
    tt_risk_money_limits *limits = &state->limits;
    if (limits->is_valid && tt_dec_eq(limits->for_equity.d, account->equity.d) &&
        tt_dec_eq(limits->for_peak.d, account->peak.d)) {
        return;
    }
    limits->for_equity = account->equity;
    limits->for_peak = account->peak;
    limits->position = tt_risk_share_of(account->equity, shares->position);
    limits->rebalance = tt_risk_share_of(account->equity, shares->rebalance);
    limits->exposure = tt_risk_share_of(account->equity, shares->exposure);
    limits->margin = tt_risk_share_of(account->equity, shares->margin);
    limits->loss = tt_risk_share_of(account->equity, shares->loss_per_trade);
    limits->correlated = tt_risk_share_of(account->equity, shares->correlated);
    limits->correlated_warn = tt_risk_share_of(account->equity, shares->correlated_warn);
    limits->drawdown_pct = tt_risk_drawdown(account->peak, account->equity);
    limits->drawdown_leverage = leverage_at(leverage, limits->drawdown_pct);
    limits->is_valid = true;
}
