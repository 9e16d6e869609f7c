/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of exposure, correlation and margin, on the size that the clamps have left.
 *
 * Leverage multiplies neither exposure nor loss: size is notional. It decides the margin alone.
 */
#ifndef TT_RISK_RISK_CHECK_EXPOSURE_H
#define TT_RISK_RISK_CHECK_EXPOSURE_H

#include "risk/risk_trial.h"

static inline bool pass_exposure(tt_risk_trial *trial)
{
    tt_dec after = tt_dec_xadd(trial->verdict->exposure_used.d, trial->size.d);
    tt_dec limit = trial->state->limits.exposure.d;
    return tt_risk_is_below(after, limit) ||
           tt_risk_refuse(trial, TT_RISK_PLACE_EXPOSURE_LIMIT, after, limit);
}

/* How far another symbol moves with this one: as configured, or the larger of that and what its
 * bars show. */
static inline tt_dec weight_of(const tt_risk_trial *trial, uint32_t other)
{
    uint32_t index = trial->symbol_index;
    if (trial->config->correlation.window == 0 || other == index) {
        return trial->tables->correlation[index][other].d;
    }
    return tt_risk_pair_of(&trial->state->correlations, index, other)->weight.d;
}

/* Exposure of every active symbol, weighted by its correlation with this one. */
TT_RISK_COLD tt_dec correlated_exposure(const tt_risk_trial *trial)
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

TT_RISK_COLD bool pass_correlation_beside(tt_risk_trial *trial)
{
    const tt_risk_money_limits *limits = &trial->state->limits;
    tt_dec used = correlated_exposure(trial);
    tt_dec after = tt_dec_xadd(used, trial->size.d);
    trial->verdict->correlated_used.d = used;
    if (tt_dec_lt(limits->correlated.d, after)) {
        return tt_risk_refuse(
            trial, TT_RISK_PLACE_CORRELATED_EXPOSURE, after, limits->correlated.d);
    }
    if (tt_dec_lt(limits->correlated_warn.d, after)) {
        tt_risk_check *row = tt_risk_append(
            trial,
            TT_RISK_PLACE_CORRELATED_EXPOSURE,
            TT_risk_code_HIGH_CORRELATION,
            TT_check_outcome_WARN);
        *row = (tt_risk_check){
            .value.d = after,
            .limit.d = limits->correlated.d,
            .code = row->code,
            .outcome = row->outcome,
        };
    }
    return true;
}

static inline bool pass_correlation(tt_risk_trial *trial)
{
    if (trial->state->active_count == 0) {
        trial->skipped |= TT_RISK_PLACE_BIT(CORRELATED_EXPOSURE);
        return true;
    }
    return pass_correlation_beside(trial);
}

/* The margin is at most the size; only where that is beyond the limit it is worked out. */
static inline bool pass_margin(tt_risk_trial *trial)
{
    tt_dec limit = trial->verdict->margin_limit.d;
    if (tt_risk_is_below(trial->size.d, limit)) {
        return true;
    }
    tt_dec margin = tt_risk_margin(trial->size, (uint8_t)trial->leverage).d;
    return !tt_dec_lt(limit, margin) ||
           tt_risk_refuse(trial, TT_RISK_PLACE_INSUFFICIENT_MARGIN, margin, limit);
}

/* From EXPOSURE_LIMIT to INSUFFICIENT_MARGIN. */
static inline bool pass_limits(tt_risk_trial *trial)
{
    return pass_exposure(trial) && pass_correlation(trial) && pass_margin(trial);
}

static inline bool pass_limits_of_increase(tt_risk_trial *trial)
{
    return pass_exposure(trial) && pass_margin(trial);
}

#endif
