/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of the idea itself: stop, target and confidence.
 *
 * Distances are compared as whole multiples of 10^-6 percent, rounded against the trade: exact
 * wherever a limit has at most six decimals. No quotient is formed: see risk_trial.h.
 */
#ifndef TT_RISK_RISK_CHECK_SIGNAL_H
#define TT_RISK_RISK_CHECK_SIGNAL_H

#include "risk/risk_trial.h"

static inline bool pass_stop_required(tt_risk_trial *trial)
{
    tt_dec stop = trial->proposal->stop_loss.d;
    bool is_fine = !tt_dec_is_zero(stop) || !trial->config->limits.require_stop_loss;
    return is_fine || tt_risk_refuse(trial, TT_RISK_PLACE_STOP_LOSS_REQUIRED, stop, TT_DEC_ZERO);
}

/* `scaled` is the distance x 10^8. */
static inline bool pass_stop_tight(tt_risk_trial *trial, tt_i128 scaled)
{
    tt_i128 least = (tt_i128)trial->tables->millionths.stop_min * trial->reference.d.v;
    bool is_tight = scaled < least;
    return !is_tight ||
           tt_risk_refuse(
               trial,
               TT_RISK_PLACE_STOP_TOO_TIGHT,
               tt_risk_micro(tt_risk_distance_of(trial->reference, trial->stop_distance).down).d,
               trial->config->limits.min_stop_pct.d);
}

static inline bool pass_stop_wide(tt_risk_trial *trial, tt_i128 scaled)
{
    const tt_risk_symbol_table *symbol = &trial->tables->symbols[trial->symbol_index];
    tt_i128 most = (tt_i128)symbol->stop_max * trial->reference.d.v;
    bool is_wide = scaled > most;
    return !is_wide ||
           tt_risk_refuse(
               trial,
               TT_RISK_PLACE_STOP_TOO_WIDE,
               tt_risk_micro(tt_risk_distance_of(trial->reference, trial->stop_distance).up).d,
               symbol->max_stop_pct.d);
}

static inline bool pass_reward(tt_risk_trial *trial)
{
    tt_dec target = trial->proposal->take_profit.d;
    if (tt_dec_is_zero(target)) {
        trial->skipped |= TT_RISK_PLACE_BIT(LOW_RR);
        return true;
    }
    tt_i128 way = target.v - trial->reference.d.v; // Both are prices: no overflow.
    tt_i128 scaled = (way < 0 ? -way : way) * 1000000;
    tt_i128 least = (tt_i128)trial->tables->millionths.reward_min * trial->stop_distance.d.v;
    return scaled >= least || tt_risk_refuse(
                                  trial,
                                  TT_RISK_PLACE_LOW_RR,
                                  tt_risk_micro(scaled / trial->stop_distance.d.v).d,
                                  trial->config->limits.min_reward_risk.d);
}

/* Three checks of the stop, if there is one. */
static inline bool pass_stop(tt_risk_trial *trial)
{
    if (tt_dec_is_zero(trial->stop_distance.d)) {
        trial->skipped |= TT_RISK_PLACE_BIT(STOP_TOO_TIGHT) | TT_RISK_PLACE_BIT(STOP_TOO_WIDE) |
                          TT_RISK_PLACE_BIT(LOW_RR);
        return true;
    }
    tt_i128 scaled = trial->stop_distance.d.v * TT_RISK_MICRO_PERCENT;
    return pass_stop_tight(trial, scaled) && pass_stop_wide(trial, scaled) && pass_reward(trial);
}

/* Lists the row of a confidence whose numbers the facts do not hold. */
TT_RISK_COLD void list_confidence(tt_risk_trial *trial, const tt_risk_confidence_min *least)
{
    const tt_trade_proposal *proposal = trial->proposal;
    tt_risk_check *row = TT_RISK_APPEND(trial, CONFIDENCE_TOO_LOW, PASS);
    row->value = trial->confidence;
    row->limit = least->ratio;
    row->before = proposal->is_opposed ? proposal->confidence : (tt_ratio){TT_DEC_ZERO};
    row->after = proposal->is_opposed ? trial->confidence : (tt_ratio){TT_DEC_ZERO};
}

static inline bool pass_confidence(tt_risk_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    const tt_risk_confidence_min *least =
        &trial->tables
             ->confidence_min[proposal->regime][proposal->entry_strictness][trial->loss_level];
    tt_ratio confidence = proposal->confidence;
    if (proposal->is_opposed) {
        confidence.d = tt_dec_min(confidence.d, trial->config->confidence.opposed.d);
    }
    trial->confidence = confidence;
    trial->verdict->confidence = confidence;
    trial->verdict->confidence_min_micro = least->micro;
    if (tt_dec_lt(confidence.d, least->ratio.d)) {
        list_confidence(trial, least);
        return tt_risk_refuse_listed(trial, TT_RISK_PLACE_CONFIDENCE_TOO_LOW);
    }
    if (proposal->is_opposed || least->micro == TT_RISK_MICRO_NONE) {
        list_confidence(trial, least);
    }
    return true;
}

static inline bool pass_disagreement(tt_risk_trial *trial)
{
    tt_dec ta = trial->proposal->ta_confidence.d;
    tt_dec sentiment = trial->proposal->sentiment_confidence.d;
    if (tt_dec_sign(ta) < 0 || tt_dec_sign(sentiment) < 0) {
        trial->skipped |= TT_RISK_PLACE_BIT(AGENT_DISAGREEMENT);
        return true;
    }
    tt_i128 way = ta.v - sentiment.v; // Neither is negative: no overflow.
    tt_ratio apart = {{way < 0 ? -way : way}};
    trial->verdict->disagreement = apart;
    tt_ratio most = trial->config->confidence.disagreement;
    if (tt_dec_lt(most.d, apart.d)) {
        tt_risk_check row = {.value = apart, .limit = most, .outcome = TT_check_outcome_WARN};
        tt_risk_list(trial, TT_RISK_PLACE_AGENT_DISAGREEMENT, row);
    }
    return true;
}

/* From STOP_LOSS_REQUIRED to AGENT_DISAGREEMENT. */
static inline bool pass_idea(tt_risk_trial *trial)
{
    return pass_stop_required(trial) && pass_stop(trial) && pass_confidence(trial) &&
           pass_disagreement(trial);
}

#endif
