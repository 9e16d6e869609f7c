/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * An open position when the regime changes: if the new regime does not speak for its side, the
 * position is judged anew, by the same chain as a conflict of a trade.
 *
 *   proceed, wait   it stays as it is
 *   modify          it is reduced by size_reduction_pct, until that is seen
 *   abort           it is closed until it is flat
 *
 * Each change of the regime is judged once. While a conflict of a trade of the symbol is being
 * settled, or the coordinator is not running, the judgement waits. A newer decision to trade or to
 * close ends it; a hold does not: it says nothing about the position.
 */
#include "coord/coord_priv.h"

void tt_coord_review_position(tt_coord *coord, uint32_t key, bool was_open)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    bool is_open = !tt_dec_is_zero(symbol->position_qty.d);
    if (is_open && !was_open) {
        symbol->held_regime = symbol->regime;
    }
    if (!is_open) {
        symbol->held_regime = TT_regime_UNKNOWN;
        symbol->is_review = 0;
    }
}

void tt_coord_review_regime(tt_coord *coord, uint32_t key)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    tt_side side = tt_coord_side_of(symbol);
    if (side == TT_side_NONE || symbol->regime == symbol->held_regime) {
        return;
    }
    bool was_known = symbol->held_regime != TT_regime_UNKNOWN;
    symbol->held_regime = symbol->regime;
    bool is_against = !tt_coord_regime_agrees(symbol->regime, side);
    symbol->is_review = coord->config.conflicts.regime_change && was_known && is_against;
}

static void describe(const tt_coord *coord, uint32_t key, tt_conflict_decision *conflict)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    tt_conflict_item *item = tt_coord_conflict_add(
        conflict,
        TT_conflict_type_REGIME_CHANGE,
        symbol->regime_confidence,
        symbol->regime_confidence);
    item->agent_a = TT_agent_REGIME_DETECTION;
    item->agent_b = TT_agent_TRADING_DECISION;
    item->seq_a = symbol->regime_seq;
    item->seq_b = symbol->position_seq;
    tt_text_format(
        item->detail,
        sizeof item->detail,
        "%s does not support the open %s position",
        tt_enum_text(&tt_enum_regime, symbol->regime),
        tt_coord_side_of(symbol) == TT_side_BUY ? "long" : "short");
}

static void decide_by_rules(tt_coord *coord, uint32_t key, tt_conflict_decision *conflict)
{
    tt_ratio confidence = tt_coord_symbol_get(coord, key)->regime_confidence;
    tt_coord_arbiter_decide(&coord->config.arbiter, confidence, conflict);
    coord->state->conflicts_resolved++;
    (void)tt_coord_publish(coord, TT_TOPIC_CONFLICT_DECISIONS, key, conflict);
    tt_coord_review_act(coord, key, conflict);
}

/* The position as a trade that asks for nothing, as far as the chain needs one. */
static void ask_arbiters(tt_coord *coord, uint32_t key, const tt_conflict_decision *conflict)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    const tt_trading_signal signal = {
        .confidence = symbol->regime_confidence, .action = TT_action_HOLD, .leverage = 1};
    const tt_coord_decision decision = {
        .signal = &signal,
        .confidence = symbol->regime_confidence,
        .key = key,
        .side = tt_coord_side_of(symbol),
    };
    const tt_uuid inherited = {0};
    tt_coord_case_get(coord, key)->is_review = 1;
    tt_coord_case_open(coord, &decision, conflict, &inherited);
}

void tt_coord_review_run(tt_coord *coord, uint32_t key)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    bool is_free = tt_coord_case_get(coord, key)->state == COORD_CASE_NONE;
    if (!symbol->is_review || !is_free || !tt_coord_is_running(coord) || symbol->closing != 0) {
        return;
    }
    symbol->is_review = 0;
    tt_conflict_decision conflict = {0};
    describe(coord, key, &conflict);
    coord->state->conflicts_detected++;
    if (coord->config.arbiter_count > 0) {
        ask_arbiters(coord, key, &conflict);
    } else {
        decide_by_rules(coord, key, &conflict);
    }
}

void tt_coord_review_act(tt_coord *coord, uint32_t key, const tt_conflict_decision *decision)
{
    switch ((tt_resolution)decision->action) {
    case TT_resolution_MODIFY:
        tt_coord_reduce_one(coord, key, decision->size_reduction_pct);
        return;
    case TT_resolution_ABORT:
        tt_coord_close(coord, key, TT_exit_reason_SIGNAL);
        return;
    case TT_resolution_PROCEED:
    case TT_resolution_WAIT:
    case TT_resolution_COUNT:
        return;
    }
}
