/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Proposals: what risk is asked to judge. They carry what the decision said, what the arbiter took
 * off, and what the other agents of the symbol know; sizes and clamps are computed by risk, which
 * records them.
 */
#include "coord/coord_priv.h"

static inline tt_ratio ratio_of(int64_t number)
{
    return (tt_ratio){{number * (tt_i128)TT_DEC_ONE_I64}};
}

/* What the agents of the symbol contribute, as far as it is within its window. */
void tt_coord_proposal_context(
    const tt_coord *coord, uint32_t key, const tt_coord_known *known, tt_trade_proposal *proposal)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    proposal->ta_confidence = known->has_ta ? symbol->ta_confidence : ratio_of(-1);
    proposal->sentiment_confidence =
        known->has_sentiment ? symbol->sentiment_confidence : ratio_of(-1);
    bool is_settled = proposal->conflict_seq != 0;
    proposal->is_opposed =
        known->has_ta && known->has_sentiment && !is_settled && tt_coord_is_opposed(symbol);
    proposal->size_multiplier = ratio_of(1);
    proposal->regime = TT_regime_UNKNOWN;
    proposal->entry_strictness = TT_strictness_NORMAL;
    if (known->has_regime) {
        proposal->size_multiplier = symbol->size_multiplier;
        proposal->regime = symbol->regime;
        proposal->entry_strictness = symbol->strictness;
    }
}

/* The least of what was wanted, what the regime allows, and what the arbiter left. */
static uint8_t choose_leverage(
    const tt_coord *coord, const tt_coord_decision *decision, const tt_coord_known *known)
{
    uint8_t leverage = decision->signal->leverage > 1 ? decision->signal->leverage : 1;
    uint8_t regime_cap = tt_coord_symbol_get(coord, decision->key)->max_leverage;
    if (known->has_regime && leverage > regime_cap) {
        leverage = regime_cap > 1 ? regime_cap : 1;
    }
    if (decision->leverage_cap != 0 && leverage > decision->leverage_cap) {
        leverage = decision->leverage_cap;
    }
    return leverage;
}

static void fill_entry(
    const tt_coord *coord,
    const tt_coord_decision *decision,
    const tt_coord_known *known,
    tt_trade_proposal *proposal)
{
    const tt_trading_signal *signal = decision->signal;
    bool has_size = tt_dec_sign(signal->position_size_pct.d) > 0;
    proposal->kind = TT_proposal_kind_ENTRY;
    proposal->size_pct =
        has_size ? signal->position_size_pct : coord->config.coordinator.default_size_pct;
    proposal->entry_price = signal->entry_price;
    proposal->stop_loss = signal->stop_loss;
    proposal->take_profit = signal->take_profit;
    proposal->size_reduction_pct = decision->size_reduction_pct;
    proposal->leverage = choose_leverage(coord, decision, known);
    if (decision->is_accepted) {
        // That what risk takes is settled says nothing about who is opposed.
        proposal->is_opposed = tt_coord_case_get(coord, decision->key)->is_opposed;
    } else if (coord->config.conflicts.risk_modification) {
        proposal->hold_reduction_pct = coord->config.conflicts.risk_modification_pct;
    }
}

/* A close is of the whole position: size, stops and the regime's multiplier do not apply. */
static void fill_close(tt_trade_proposal *proposal)
{
    proposal->kind = TT_proposal_kind_CLOSE;
    proposal->exit_reason = TT_exit_reason_SIGNAL;
    proposal->size_multiplier = ratio_of(1);
    proposal->leverage = 1;
}

static tt_seq publish_proposal(
    tt_coord *coord, uint32_t key, const tt_trade_proposal *proposal, const tt_uuid *correlation)
{
    tt_seq seq = tt_coord_publish_as(
        coord, TT_TOPIC_TRADE_PROPOSALS, TT_SOURCE_COORDINATOR, key, proposal, correlation);
    coord->state->trades_routed += seq != 0;
    return seq;
}

void tt_coord_propose(tt_coord *coord, const tt_coord_decision *decision)
{
    tt_trade_proposal proposal = {
        .confidence = decision->confidence,
        .signal_seq = decision->signal_seq,
        .consensus_seq = decision->consensus_seq,
        .conflict_seq = decision->conflict_seq,
        .side = (uint8_t)decision->side,
    };
    tt_coord_known known;
    tt_coord_known_get(coord, decision->key, &known);
    tt_coord_proposal_context(coord, decision->key, &known, &proposal);
    if (decision->intent == COORD_INTENT_CLOSE) {
        fill_close(&proposal);
    } else {
        fill_entry(coord, decision, &known, &proposal);
    }
    tt_seq seq = publish_proposal(coord, decision->key, &proposal, &decision->correlation);
    if (decision->intent == COORD_INTENT_ENTRY) {
        tt_coord_held_remember(coord, decision, &proposal, seq);
    }
}
