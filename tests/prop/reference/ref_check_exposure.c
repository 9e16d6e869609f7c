/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of leverage, exposure, correlation and margin, on the size that the clamps have left.
 *
 * Leverage multiplies neither exposure nor loss: size is notional. It decides the margin alone.
 */
#include "base/error.h"
#include "ref_trial.h"

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

tt_check_outcome ref_check_leverage(ref_trial *trial, tt_risk_check *row)
{
    tt_risk_loss_level level = tt_risk_loss_level_of(trial->state->consecutive_losses);
    uint32_t cap = trial->tables->leverage_max[trial->proposal->regime][level];
    cap = smaller(cap, trial->tables->symbols[trial->symbol_index].leverage);
    cap = smaller(cap, trial->state->limits.drawdown_leverage);
    if (trial->config->sizing.enabled) {
        const tt_risk_tier *tier = ref_tier_of(trial->tables, trial->confidence);
        cap = tier ? smaller(cap, tier->leverage) : 1;
    }
    uint32_t asked = trial->leverage;
    trial->leverage = smaller(asked, cap);
    row->value = ref_number(asked);
    row->limit = ref_number(cap);
    row->before = row->value;
    row->after = ref_number(trial->leverage);
    return trial->leverage < asked ? TT_check_outcome_CLAMP : TT_check_outcome_PASS;
}

tt_money ref_exposure_used(const tt_risk_state *state)
{
    tt_dec counted = tt_dec_xadd(state->exposure.d, state->pending.d);
    tt_dec stated = tt_dec_xadd(state->account.exposure.d, state->account.pending_exposure.d);
    return (tt_money){tt_dec_max(counted, stated)};
}

tt_money ref_margin_free(const tt_risk_state *state)
{
    tt_dec counted = tt_dec_xsub(state->account.equity.d, state->margin.d);
    counted = tt_dec_xsub(counted, state->pending_margin.d);
    return (tt_money){tt_dec_min(counted, state->account.margin_available.d)};
}

tt_check_outcome ref_check_exposure(ref_trial *trial, tt_risk_check *row)
{
    row->value.d = tt_dec_xadd(ref_exposure_used(trial->state).d, trial->size.d);
    row->limit.d = trial->state->limits.exposure.d;
    bool is_over = tt_dec_lt(row->limit.d, row->value.d);
    return is_over ? TT_check_outcome_REJECT : TT_check_outcome_PASS;
}

/* How far another symbol moves with this one: as configured, or the larger of that and what its
 * bars show. */
static tt_dec weight_of(const ref_trial *trial, uint32_t other)
{
    uint32_t index = trial->symbol_index;
    if (trial->config->correlation.window == 0 || other == index) {
        return trial->tables->correlation[index][other].d;
    }
    return tt_risk_pair_of(&trial->state->correlations, index, other)->weight.d;
}

/* Exposure of every active symbol, weighted by its correlation with this one. */
static tt_dec correlated_exposure(const ref_trial *trial)
{
    const tt_risk_state *state = trial->state;
    tt_dec sum = TT_DEC_ZERO;
    for (uint32_t i = 0; i < state->active_count; i++) {
        uint32_t other = state->active[i];
        tt_dec weight = weight_of(trial, other);
        if (!tt_dec_is_zero(weight)) {
            const tt_risk_symbol *symbol = &state->symbols[other];
            tt_dec exposure = tt_dec_xadd(symbol->exposure.d, symbol->pending.d);
            bool is_itself = other == trial->symbol_index;
            sum = tt_dec_xadd(sum, is_itself ? exposure : tt_dec_xmul(exposure, weight));
        }
    }
    return sum;
}

tt_check_outcome ref_check_correlation(ref_trial *trial, tt_risk_check *row)
{
    const tt_risk_money_limits *limits = &trial->state->limits;
    row->limit.d = limits->correlated.d;
    if (trial->state->active_count == 0) {
        return TT_check_outcome_SKIP;
    }
    row->value.d = tt_dec_xadd(correlated_exposure(trial), trial->size.d);
    if (tt_dec_lt(row->limit.d, row->value.d)) {
        return TT_check_outcome_REJECT;
    }
    if (tt_dec_lt(limits->correlated_warn.d, row->value.d)) {
        row->code = TT_risk_code_HIGH_CORRELATION;
        return TT_check_outcome_WARN;
    }
    return TT_check_outcome_PASS;
}

tt_check_outcome ref_check_margin(ref_trial *trial, tt_risk_check *row)
{
    row->value.d = ref_margin(trial->size, (uint8_t)trial->leverage).d;
    const tt_risk_state *state = trial->state;
    tt_dec used = tt_dec_xadd(state->margin.d, state->pending_margin.d);
    tt_dec left = tt_dec_xsub(state->limits.margin.d, used);
    row->limit.d = tt_dec_min(trial->margin_available.d, left);
    bool is_short = tt_dec_lt(row->limit.d, row->value.d);
    return is_short ? TT_check_outcome_REJECT : TT_check_outcome_PASS;
}
