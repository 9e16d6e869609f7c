/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Whether a proposal is well formed, and whether there is a position for one that reduces.
 *
 * A rule stands once, in a list: whether any is broken is asked of every proposal, which ones only
 * of one that is refused.
 */
#ifndef TT_RISK_RISK_CHECK_PROPOSAL_H
#define TT_RISK_RISK_CHECK_PROPOSAL_H

#include "risk/risk_trial.h"

/* A size_pct beyond this is no size but a mistake; it also bounds the product with the equity. */
#define SIZE_PCT_MAX TT_DEC_C(10000, 0)

static inline bool is_size_broken(const tt_trade_proposal *proposal)
{
    if (!tt_dec_is_zero(proposal->size.d)) {
        return !tt_risk_is_within(proposal->size.d, TT_NOTIONAL_MAX);
    }
    tt_dec pct = proposal->size_pct.d;
    return tt_dec_is_zero(pct) || !tt_risk_is_within(pct, SIZE_PCT_MAX);
}

/* Tells whether `level`, if there is one, is no price or not below (above) the reference. Without a
 * reference its side cannot be judged. */
static inline bool is_level_broken(tt_price level, tt_price reference, bool must_be_below)
{
    if (tt_dec_is_zero(level.d)) {
        return false;
    }
    bool is_side_wrong =
        must_be_below ? tt_dec_le(reference.d, level.d) : tt_dec_le(level.d, reference.d);
    return !tt_risk_is_within(level.d, TT_PRICE_MAX) ||
           (is_side_wrong && !tt_dec_is_zero(reference.d));
}

static inline bool is_unknown(const tt_trade_proposal *proposal)
{
    return proposal->regime >= TT_regime_COUNT || proposal->entry_strictness >= TT_strictness_COUNT;
}

static inline bool is_opposite(const tt_risk_trial *trial)
{
    if (tt_dec_is_zero(trial->held.qty.d)) {
        return false;
    }
    bool is_long = tt_dec_sign(trial->held.qty.d) > 0;
    return trial->proposal->side == (is_long ? TT_side_SELL : TT_side_BUY);
}

static inline bool is_no_side(uint8_t side)
{
    return side != TT_side_BUY && side != TT_side_SELL;
}

/* What an entry (trial t, proposal p) must not be. */
#define ENTRY_RULES(R, t, p)                                                                       \
    R(!(t)->instrument, INSTRUMENT)                                                                \
    R(is_unknown(p), KIND)                                                                         \
    R(is_no_side((p)->side), SIDE)                                                                 \
    R(is_size_broken(p), SIZE)                                                                     \
    R(!tt_risk_is_within((p)->entry_price.d, TT_PRICE_MAX), ENTRY)                                 \
    R(is_level_broken((p)->stop_loss, (t)->reference, (p)->side == TT_side_BUY), STOP)             \
    R(is_level_broken((p)->take_profit, (t)->reference, (p)->side != TT_side_BUY), TARGET)         \
    R((p)->leverage < 1, LEVERAGE)                                                                 \
    R((tt_u128)(p)->confidence.d.v > TT_DEC_ONE_I64, CONFIDENCE)                                   \
    R(!tt_risk_is_within((p)->size_reduction_pct.d, TT_DEC_C(100, 0)), REDUCTION)                  \
    R(tt_dec_sign((p)->size_multiplier.d) <= 0, MULTIPLIER)                                        \
    R(is_opposite(t), OPPOSITE)

#define REBALANCE_RULES(R, t, p)                                                                   \
    R(!(t)->instrument, INSTRUMENT)                                                                \
    R(is_size_broken(p), SIZE)                                                                     \
    R(!tt_risk_is_within((p)->entry_price.d, TT_PRICE_MAX), ENTRY)

#define OR_BROKEN(is_broken, rule)  || (is_broken)
#define BIT_BROKEN(is_broken, rule) | (uint32_t)(is_broken) << TT_RISK_RULE_##rule

static inline bool is_entry_broken(const tt_risk_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    return false ENTRY_RULES(OR_BROKEN, trial, proposal);
}

TT_RISK_COLD uint32_t rules_broken(const tt_risk_trial *trial)
{
    const tt_trade_proposal *proposal = trial->proposal;
    uint32_t no_instrument = (uint32_t)!trial->instrument << TT_RISK_RULE_INSTRUMENT;
    switch ((tt_proposal_kind)proposal->kind) {
    case TT_proposal_kind_ENTRY:
        return 0u ENTRY_RULES(BIT_BROKEN, trial, proposal);
    case TT_proposal_kind_REBALANCE:
        return 0u REBALANCE_RULES(BIT_BROKEN, trial, proposal);
    case TT_proposal_kind_CLOSE:
        return no_instrument;
    case TT_proposal_kind_COUNT:
        break;
    }
    return no_instrument | 1u << TT_RISK_RULE_KIND;
}

/* Refuses what breaks a rule. */
TT_RISK_COLD bool pass_proposal(tt_risk_trial *trial)
{
    trial->broken_rules = rules_broken(trial);
    if (trial->broken_rules == 0) {
        return true;
    }
    tt_ratio broken = tt_risk_number((uint32_t)__builtin_popcount(trial->broken_rules));
    return tt_risk_refuse(trial, TT_RISK_PLACE_INVALID_PROPOSAL, broken.d, TT_DEC_ZERO);
}

static inline bool pass_entry_rules(tt_risk_trial *trial)
{
    return !is_entry_broken(trial) || pass_proposal(trial);
}

/* A close without a side means whatever is open. */
TT_RISK_COLD bool pass_position(tt_risk_trial *trial)
{
    int held = tt_dec_sign(trial->held.qty.d);
    tt_side closing = held > 0 ? TT_side_SELL : TT_side_BUY;
    bool is_meant = trial->proposal->side == closing || trial->proposal->side == TT_side_NONE;
    tt_dec qty = tt_dec_xabs(trial->held.qty.d);
    if (held == 0 || !is_meant) {
        return tt_risk_refuse(trial, TT_RISK_PLACE_NO_POSITION, qty, TT_DEC_ZERO);
    }
    tt_risk_list(
        trial,
        TT_RISK_PLACE_NO_POSITION,
        (tt_risk_check){.value.d = qty, .outcome = TT_check_outcome_PASS});
    trial->verdict->side = (uint8_t)closing;
    trial->verdict->position_id = trial->held.position_id;
    trial->leverage = trial->held.leverage;
    trial->qty.d = qty;
    return true;
}

#endif
