/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Whether a proposal is well formed, and whether there is a position for one that reduces.
 */
#include "ref_trial.h"

/* A size_pct beyond this is no size but a mistake; it also bounds the product with the equity. */
#define SIZE_PCT_MAX TT_DEC_C(10000, 0)

static bool is_size_broken(const tt_trade_proposal *proposal)
{
    if (!tt_dec_is_zero(proposal->size.d)) {
        return tt_dec_sign(proposal->size.d) < 0 || tt_dec_lt(TT_NOTIONAL_MAX, proposal->size.d);
    }
    return tt_dec_sign(proposal->size_pct.d) <= 0 || tt_dec_lt(SIZE_PCT_MAX, proposal->size_pct.d);
}

static bool is_price_broken(tt_price price)
{
    return tt_dec_sign(price.d) < 0 || tt_dec_lt(TT_PRICE_MAX, price.d);
}

/* Tells whether `level`, if there is one, is no price or not below (above) the reference. Without a
 * reference its side cannot be judged. */
static bool is_level_broken(tt_price level, tt_price reference, bool must_be_below)
{
    if (tt_dec_is_zero(level.d) || is_price_broken(level)) {
        return !tt_dec_is_zero(level.d);
    }
    if (tt_dec_is_zero(reference.d)) {
        return false;
    }
    return must_be_below ? tt_dec_le(reference.d, level.d) : tt_dec_le(level.d, reference.d);
}

static bool is_outside(tt_ratio value, tt_dec low, tt_dec high)
{
    return tt_dec_lt(value.d, low) || tt_dec_lt(high, value.d);
}

static bool is_opposite(const tt_risk_held *leg, uint8_t side)
{
    int held = tt_dec_sign(leg->qty.d);
    return (held > 0 && side == TT_side_SELL) || (held < 0 && side == TT_side_BUY);
}

static uint32_t bit(bool is_broken, tt_risk_rule rule)
{
    return (uint32_t)is_broken << rule;
}

static uint32_t rules_of_entry(const ref_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    bool is_buy = proposal->side == TT_side_BUY;
    bool is_unknown =
        proposal->regime >= TT_regime_COUNT || proposal->entry_strictness >= TT_strictness_COUNT;
    return bit(is_unknown, TT_RISK_RULE_KIND) |
           bit(proposal->side != TT_side_BUY && proposal->side != TT_side_SELL, TT_RISK_RULE_SIDE) |
           bit(is_size_broken(proposal), TT_RISK_RULE_SIZE) |
           bit(is_price_broken(proposal->entry_price), TT_RISK_RULE_ENTRY) |
           bit(is_level_broken(proposal->stop_loss, trial->reference, is_buy), TT_RISK_RULE_STOP) |
           bit(is_level_broken(proposal->take_profit, trial->reference, !is_buy),
               TT_RISK_RULE_TARGET) |
           bit(proposal->leverage < 1, TT_RISK_RULE_LEVERAGE) |
           bit(is_outside(proposal->confidence, TT_DEC_ZERO, TT_DEC_C(1, 0)),
               TT_RISK_RULE_CONFIDENCE) |
           bit(is_outside(proposal->size_reduction_pct, TT_DEC_ZERO, TT_DEC_C(100, 0)),
               TT_RISK_RULE_REDUCTION) |
           bit(tt_dec_sign(proposal->size_multiplier.d) <= 0, TT_RISK_RULE_MULTIPLIER) |
           bit(is_opposite(&trial->leg, proposal->side), TT_RISK_RULE_OPPOSITE);
}

static uint32_t rules_of(const ref_trial *trial)
{
    switch ((tt_proposal_kind)trial->proposal->kind) {
    case TT_proposal_kind_ENTRY:
        return rules_of_entry(trial);
    case TT_proposal_kind_REBALANCE:
        return bit(is_size_broken(trial->proposal), TT_RISK_RULE_SIZE) |
               bit(is_price_broken(trial->proposal->entry_price), TT_RISK_RULE_ENTRY);
    case TT_proposal_kind_CLOSE:
        return 0;
    case TT_proposal_kind_COUNT:
        break;
    }
    return bit(true, TT_RISK_RULE_KIND);
}

tt_check_outcome ref_check_proposal(ref_trial *trial, tt_risk_check *row)
{
    trial->broken_rules = bit(!trial->instrument, TT_RISK_RULE_INSTRUMENT) | rules_of(trial);
    if (trial->broken_rules == 0) {
        return TT_check_outcome_PASS;
    }
    row->value = ref_number((uint32_t)__builtin_popcount(trial->broken_rules));
    return TT_check_outcome_REJECT;
}

/* A close without a side means whatever is open. */
tt_check_outcome ref_check_position(ref_trial *trial, tt_risk_check *row)
{
    int held = tt_dec_sign(trial->leg.qty.d);
    tt_side closing = held > 0 ? TT_side_SELL : TT_side_BUY;
    bool is_meant = trial->proposal->side == closing || trial->proposal->side == TT_side_NONE;
    row->value.d = tt_dec_xabs(trial->leg.qty.d);
    if (held == 0 || !is_meant) {
        return TT_check_outcome_REJECT;
    }
    trial->verdict->side = (uint8_t)closing;
    trial->verdict->position_id = trial->leg.position_id;
    trial->leverage = trial->leg.leverage;
    trial->qty.d = row->value.d;
    return TT_check_outcome_PASS;
}
