/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of the idea itself: stop, target and confidence.
 *
 * Distances are compared as whole multiples of 10^-6 percent, rounded against the trade: one
 * 128-bit division each, and exact wherever a limit has at most six decimals.
 */
#include "ref_trial.h"

tt_check_outcome ref_check_stop_required(ref_trial *trial, tt_risk_check *row)
{
    row->value.d = trial->proposal->stop_loss.d;
    bool is_fine = !tt_dec_is_zero(row->value.d) || !trial->config->limits.require_stop_loss;
    return is_fine ? TT_check_outcome_PASS : TT_check_outcome_REJECT;
}

tt_check_outcome ref_check_stop_tight(ref_trial *trial, tt_risk_check *row)
{
    row->limit = trial->config->limits.min_stop_pct;
    if (tt_dec_is_zero(trial->stop_distance.d)) {
        return TT_check_outcome_SKIP;
    }
    tt_i128 scaled = trial->stop_distance.d.v * REF_MICRO_PERCENT;
    tt_i128 distance = scaled / trial->reference.d.v;
    bool is_exact = distance * trial->reference.d.v == scaled;
    row->value = ref_micro(distance);
    // Rounded up for the checks that a wider stop makes harder.
    trial->stop_micro = distance + !is_exact;
    bool is_tight = tt_dec_lt(row->value.d, row->limit.d);
    return is_tight ? TT_check_outcome_REJECT : TT_check_outcome_PASS;
}

tt_check_outcome ref_check_stop_wide(ref_trial *trial, tt_risk_check *row)
{
    row->limit = trial->tables->symbols[trial->symbol_index].max_stop_pct;
    if (tt_dec_is_zero(trial->stop_distance.d)) {
        return TT_check_outcome_SKIP;
    }
    row->value = ref_micro(trial->stop_micro);
    if (tt_dec_lt(row->limit.d, row->value.d)) {
        return TT_check_outcome_REJECT;
    }
    trial->stop_share.d.v = trial->stop_micro * (TT_DEC_ONE_I64 / REF_MICRO_PERCENT);
    return TT_check_outcome_PASS;
}

tt_check_outcome ref_check_reward(ref_trial *trial, tt_risk_check *row)
{
    tt_dec target = trial->proposal->take_profit.d;
    row->limit = trial->config->limits.min_reward_risk;
    if (tt_dec_is_zero(target) || tt_dec_is_zero(trial->stop_distance.d)) {
        return TT_check_outcome_SKIP;
    }
    tt_dec reward = tt_dec_xabs(tt_dec_xsub(target, trial->reference.d));
    row->value = ref_micro(reward.v * 1000000 / trial->stop_distance.d.v);
    bool is_low = tt_dec_lt(row->value.d, row->limit.d);
    return is_low ? TT_check_outcome_REJECT : TT_check_outcome_PASS;
}

tt_check_outcome ref_check_confidence(ref_trial *trial, tt_risk_check *row)
{
    const tt_trade_proposal *proposal = trial->proposal;
    tt_risk_loss_level level = tt_risk_loss_level_of(trial->state->consecutive_losses);
    trial->confidence = proposal->confidence;
    if (proposal->is_opposed) {
        tt_dec cap = trial->config->confidence.opposed.d;
        trial->confidence.d = tt_dec_min(trial->confidence.d, cap);
        row->before = proposal->confidence;
        row->after = trial->confidence;
    }
    row->value = trial->confidence;
    row->limit =
        trial->tables->confidence_min[proposal->regime][proposal->entry_strictness][level].ratio;
    bool is_low = tt_dec_lt(row->value.d, row->limit.d);
    return is_low ? TT_check_outcome_REJECT : TT_check_outcome_PASS;
}

tt_check_outcome ref_check_disagreement(ref_trial *trial, tt_risk_check *row)
{
    tt_dec ta = trial->proposal->ta_confidence.d;
    tt_dec sentiment = trial->proposal->sentiment_confidence.d;
    row->limit = trial->config->confidence.disagreement;
    if (tt_dec_sign(ta) < 0 || tt_dec_sign(sentiment) < 0) {
        return TT_check_outcome_SKIP;
    }
    row->value.d = tt_dec_xabs(tt_dec_xsub(ta, sentiment));
    bool is_apart = tt_dec_lt(row->limit.d, row->value.d);
    return is_apart ? TT_check_outcome_WARN : TT_check_outcome_PASS;
}
