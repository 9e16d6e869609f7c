/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of the size: each can only take away.
 */
#include "base/error.h"
#include "ref_trial.h"

/* Sets the size to `size` if that is less, and fills the row. */
static tt_check_outcome clamp_size(ref_trial *trial, tt_risk_check *row, tt_dec size)
{
    row->before.d = trial->size.d;
    bool is_less = tt_dec_lt(size, trial->size.d);
    if (is_less) {
        trial->size.d = size;
    }
    row->after.d = trial->size.d;
    return is_less ? TT_check_outcome_CLAMP : TT_check_outcome_PASS;
}

/* A share of at most one: no overflow. */
static tt_dec part_of(tt_dec size, tt_dec share)
{
    tt_dec part = TT_DEC_ZERO;
    TT_ASSERT(tt_dec_mul(size, share, TT_ROUND_DOWN, &part) == TUTTI_OK);
    return part;
}

/* What arbiter and regime took off. A regime may ask for more than was proposed; it gets no more.
 */
tt_check_outcome ref_check_advised(ref_trial *trial, tt_risk_check *row)
{
    tt_dec reduction = trial->proposal->size_reduction_pct.d;
    tt_dec factor = tt_dec_min(trial->proposal->size_multiplier.d, TT_DEC_C(1, 0));
    tt_dec size = trial->size.d;
    row->value.d = reduction;
    row->limit.d = factor;
    if (!tt_dec_is_zero(reduction)) {
        tt_dec kept = tt_dec_xsub(TT_DEC_C(100, 0), reduction);
        size = tt_dec_xdiv(tt_dec_xmul(size, kept), TT_DEC_C(100, 0));
    }
    if (!tt_dec_eq(factor, TT_DEC_C(1, 0))) {
        size = part_of(size, factor);
    }
    tt_check_outcome outcome = clamp_size(trial, row, size);
    trial->advised = trial->size;
    return outcome;
}

/* The whole position on the symbol counts: what is held, what is in flight, and this. */
tt_check_outcome ref_check_position_size(ref_trial *trial, tt_risk_check *row)
{
    tt_dec held = tt_dec_xadd(trial->symbol->exposure.d, trial->symbol->pending.d);
    bool is_rebalance = trial->proposal->kind == TT_proposal_kind_REBALANCE;
    const tt_risk_money_limits *limits = &trial->state->limits;
    tt_dec limit = is_rebalance ? limits->rebalance.d : limits->position.d;
    tt_ratio own = trial->tables->symbols[trial->symbol_index].position;
    if (!tt_dec_is_zero(own.d)) {
        limit = tt_dec_min(limit, tt_risk_share_of(trial->state->account.equity, own).d);
    }
    row->value.d = tt_dec_xadd(held, trial->size.d);
    row->limit.d = limit;
    return clamp_size(trial, row, tt_dec_max(tt_dec_xsub(limit, held), TT_DEC_ZERO));
}

/* The tier of a confidence; NULL below the last one. */
const tt_risk_tier *ref_tier_of(const tt_risk_tables *tables, tt_ratio confidence)
{
    for (int i = 0; i < TT_RISK_TIERS; i++) {
        if (tt_dec_le(tables->tiers[i].confidence.d, confidence.d)) {
            return &tables->tiers[i];
        }
    }
    return NULL;
}

/* What confidence and regime leave of the loss that a trade may make. */
static tt_dec scaled_loss(const ref_trial *trial, tt_dec limit)
{
    const tt_risk_tier *tier = ref_tier_of(trial->tables, trial->confidence);
    tt_dec regime = trial->tables->regime_size[trial->proposal->regime].d;
    return tier ? part_of(part_of(limit, tier->size.d), regime) : TT_DEC_ZERO;
}

/* size x share, rounded half to even like any product, without a division by more than 64 bits:
 * the share is a whole number of 10^-8. */
static tt_dec loss_of(tt_dec size, tt_i128 stop_micro)
{
    tt_i128 scaled = size.v * stop_micro;
    tt_i128 loss = scaled / REF_MICRO_PERCENT;
    int64_t rest = (int64_t)(scaled - loss * REF_MICRO_PERCENT);
    int64_t half = REF_MICRO_PERCENT / 2;
    bool goes_up = rest > half || (rest == half && (loss & 1) != 0);
    return (tt_dec){loss + goes_up};
}

tt_money ref_loss_of(ref_trial *trial)
{
    tt_dec size = trial->size.d;
    if (tt_dec_is_zero(trial->stop_share.d)) {
        return (tt_money){TT_DEC_ZERO};
    }
    if (tt_dec_is_zero(trial->loss_size.d) || !tt_dec_eq(trial->loss_size.d, size)) {
        bool is_small = tt_dec_le(size, REF_MICRO_MAX) && trial->stop_micro <= REF_MICRO_PERCENT;
        trial->loss.d =
            is_small ? loss_of(size, trial->stop_micro) : tt_dec_xmul(size, trial->stop_share.d);
        trial->loss_size = trial->size;
    }
    return trial->loss;
}

tt_check_outcome ref_check_loss_at_stop(ref_trial *trial, tt_risk_check *row)
{
    tt_dec limit = trial->state->limits.loss.d;
    tt_dec size = trial->size.d;
    if (trial->config->sizing.enabled) {
        limit = scaled_loss(trial, limit);
    }
    row->limit.d = limit;
    if (tt_dec_is_zero(trial->stop_share.d)) {
        return TT_check_outcome_SKIP;
    }
    row->value.d = ref_loss_of(trial).d;
    if (tt_dec_lt(limit, row->value.d)) {
        // Less than the size: the quotient cannot overflow.
        TT_ASSERT(tt_dec_div(limit, trial->stop_share.d, TT_ROUND_DOWN, &size) == TUTTI_OK);
    }
    return clamp_size(trial, row, size);
}

tt_check_outcome ref_check_loss_row(ref_trial *trial, tt_risk_check *row)
{
    uint32_t losses = trial->state->consecutive_losses;
    row->value = ref_number(losses);
    row->limit = ref_number(TT_RISK_LOSSES_HIGH);
    bool is_high = losses >= TT_RISK_LOSSES_HIGH;
    tt_dec share = trial->tables->shares.loss_cut.d;
    return clamp_size(trial, row, is_high ? part_of(trial->size.d, share) : trial->size.d);
}

tt_check_outcome ref_check_spike(ref_trial *trial, tt_risk_check *row)
{
    row->value = trial->symbol->atr;
    row->limit = trial->symbol->atr_limit;
    tt_dec share = trial->tables->shares.spike_cut.d;
    bool is_spike = trial->symbol->is_spike;
    return clamp_size(trial, row, is_spike ? part_of(trial->size.d, share) : trial->size.d);
}

/* Whole lots that the size buys at the reference price, up to the largest quantity: a price below
 * 10^-5 could ask for more. */
static tt_qty lots_of(const ref_trial *trial)
{
    const tt_risk_lot *lot = &trial->tables->lots[trial->symbol_index];
    tt_qty qty = {TT_QTY_MAX};
    if (lot->per_unit != 0 && tt_dec_le(trial->size.d, REF_MICRO_MAX)) {
        tt_i128 count = trial->size.d.v * lot->per_unit / trial->reference.d.v;
        qty.d.v = (count < lot->count_max ? count : lot->count_max) * lot->size.d.v;
        return qty;
    }
    if (tt_dec_div(trial->size.d, trial->reference.d, TT_ROUND_DOWN, &qty.d) != TUTTI_OK) {
        qty.d = TT_QTY_MAX;
    }
    qty.d = tt_dec_min(qty.d, TT_QTY_MAX);
    TT_ASSERT(tt_dec_quantize(qty.d, lot->size.d, TT_ROUND_DOWN, &qty.d) == TUTTI_OK);
    return qty;
}

/* A reduction ends at flat: what is asked beyond the position is cut off. */
tt_check_outcome ref_check_held_size(ref_trial *trial, tt_risk_check *row)
{
    tt_qty held = trial->qty;
    tt_dec value = tt_dec_xmul(held.d, trial->reference.d);
    row->value.d = trial->size.d;
    row->limit.d = value;
    tt_check_outcome outcome = clamp_size(trial, row, value);
    trial->qty = held;
    if (tt_dec_lt(trial->size.d, value)) {
        trial->qty = lots_of(trial);
    }
    return outcome;
}

static bool closes_all(const ref_trial *trial)
{
    return !trial->opens && tt_dec_eq(trial->qty.d, tt_dec_xabs(trial->leg.qty.d));
}

/* Whole lots cost at least the size less one lot: so the least notional is there for sure where the
 * size is above it by a lot. */
static bool is_clearly_enough(const ref_trial *trial)
{
    const tt_risk_lot *lot = &trial->tables->lots[trial->symbol_index];
    if (!trial->opens || lot->per_unit == 0 || tt_dec_le(TT_QTY_MAX, trial->qty.d) ||
        tt_dec_lt(REF_MICRO_MAX, trial->size.d)) {
        return false;
    }
    tt_dec above = tt_dec_xsub(trial->size.d, trial->instrument->min_notional.d);
    return above.v * lot->per_unit > trial->reference.d.v;
}

tt_check_outcome ref_check_least_size(ref_trial *trial, tt_risk_check *row)
{
    const tt_instrument *instrument = trial->instrument;
    if (trial->opens) {
        trial->qty = lots_of(trial);
    }
    row->value.d = trial->qty.d;
    row->limit.d = instrument->min_qty.d;
    if (closes_all(trial)) {
        return TT_check_outcome_PASS;
    }
    if (tt_dec_lt(row->value.d, row->limit.d) || tt_dec_is_zero(row->value.d)) {
        return TT_check_outcome_REJECT;
    }
    if (is_clearly_enough(trial)) {
        return TT_check_outcome_PASS;
    }
    tt_dec notional = tt_dec_xmul(trial->qty.d, trial->reference.d);
    if (tt_dec_lt(notional, instrument->min_notional.d)) {
        row->value.d = notional;
        row->limit.d = instrument->min_notional.d;
        return TT_check_outcome_REJECT;
    }
    return TT_check_outcome_PASS;
}
