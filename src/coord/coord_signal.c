/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The way of a trading signal: consensus, then what it means for the position, then conflicts, then
 * the proposal to risk.
 *
 *   not RUNNING, or HOLD                      -> counted, nothing else
 *   against an open position, or CLOSE_*      -> consensus, CLOSE proposal
 *   otherwise                                 -> consensus, [conflict decision,] ENTRY proposal
 *
 * With a chain of arbiters the conflict decision and the proposal come later (coord_case.c); a
 * newer signal of the symbol, whatever it says, ends a case that is still open.
 *
 * An entry is suppressed at degradation LIMITED and above, and while the position of the symbol is
 * being closed. Then, and when there is nothing to close, a conflict decision without conflicts
 * says why nothing follows: no signal of a running coordinator ends without a trace.
 */
#include "coord/coord_priv.h"

/* Side of the order that an action asks for. */
static tt_side side_of_action(uint8_t action)
{
    bool buys = action == TT_action_BUY || action == TT_action_CLOSE_SHORT;
    return buys ? TT_side_BUY : TT_side_SELL;
}

tt_side tt_coord_side_of(const tt_coord_symbol *symbol)
{
    // Of two positions the larger one counts.
    tt_dec net = symbol->is_hedging ? tt_dec_xadd(symbol->long_qty.d, symbol->short_qty.d)
                                    : symbol->position_qty.d;
    int sign = tt_dec_sign(net);
    return sign > 0 ? TT_side_BUY : sign < 0 ? TT_side_SELL : TT_side_NONE;
}

void tt_coord_signal_classify(const tt_coord *coord, tt_coord_decision *decision)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, decision->key);
    uint8_t action = decision->signal->action;
    bool only_closes = action == TT_action_CLOSE_LONG || action == TT_action_CLOSE_SHORT;
    tt_side held = tt_coord_held_against(symbol, (uint8_t)decision->side, only_closes);
    // Where nothing is held it does not matter who asks.
    uint32_t source = held == TT_side_NONE ? 0 : tt_coord_source_of(coord, decision->signal_seq);
    if (held != TT_side_NONE && tt_coord_parts_apply(coord, source)) {
        bool is_short = symbol->is_hedging && held == TT_side_SELL;
        tt_side own = tt_coord_parts_side(coord, decision->key, source, held, is_short);
        decision->waits_for_others = !only_closes && own == TT_side_NONE && held != decision->side;
        held = own;
    }
    if (decision->waits_for_others) {
        decision->intent = COORD_INTENT_NOTHING;
    } else if (held != TT_side_NONE && held != decision->side) {
        decision->intent = COORD_INTENT_CLOSE;
    } else {
        decision->intent = only_closes ? COORD_INTENT_NOTHING : COORD_INTENT_ENTRY;
    }
}

/* Publishes why nothing follows from a signal. */
static void explain_end(tt_coord *coord, const tt_coord_decision *decision, const char *why)
{
    tt_conflict_decision end = {
        .signal_seq = decision->signal_seq,
        .consensus_seq = decision->consensus_seq,
        .action = TT_resolution_WAIT,
    };
    TT_TEXT_SET(end.arbiter, "coordinator");
    TT_TEXT_SET(end.reasoning, why);
    (void)tt_coord_publish(coord, TT_TOPIC_CONFLICT_DECISIONS, decision->key, &end);
}

const char *tt_coord_reason_against_entry(const tt_coord *coord, uint32_t key)
{
    if (coord->state->degradation >= TT_degradation_LIMITED) {
        return "no new entries at this degradation level";
    }
    if (tt_coord_symbol_get(coord, key)->closing != 0) {
        return "the position of this symbol is being closed";
    }
    if (tt_coord_symbol_get(coord, key)->is_reducing) {
        return "the position of this symbol is being reduced";
    }
    if (tt_coord_symbol_get(coord, key)->is_silent) {
        return "this symbol has no market data: no entries until it has";
    }
    if (tt_coord_is_held(coord, key)) {
        return "orders of this symbol failed one after the other: no entries for a time";
    }
    return NULL;
}

/* Settles the conflicts of an entry; false if it must not go on now. */
static bool
settle_conflicts(tt_coord *coord, tt_coord_decision *decision, const tt_uuid *correlation)
{
    tt_conflict_decision conflict = {
        .signal_seq = decision->signal_seq,
        .consensus_seq = decision->consensus_seq,
    };
    tt_coord_conflict_detect(coord, decision, &conflict);
    if (conflict.count == 0) {
        return true;
    }
    coord->state->conflicts_detected++;
    if (coord->config.arbiter_count > 0) {
        tt_coord_case_open(coord, decision, &conflict, correlation);
        return false;
    }
    tt_coord_arbiter_decide(&coord->config.arbiter, decision->confidence, &conflict);
    coord->state->conflicts_resolved++;
    decision->conflict_seq =
        tt_coord_publish(coord, TT_TOPIC_CONFLICT_DECISIONS, decision->key, &conflict);
    decision->size_reduction_pct = conflict.size_reduction_pct;
    decision->leverage_cap = conflict.leverage_cap;
    return conflict.action == TT_resolution_PROCEED || conflict.action == TT_resolution_MODIFY;
}

static void route_entry(tt_coord *coord, tt_coord_decision *decision, const tt_uuid *correlation)
{
    const char *against = tt_coord_reason_against_entry(coord, decision->key);
    if (against != NULL) {
        coord->state->entries_suppressed++;
        explain_end(coord, decision, against);
    } else if (settle_conflicts(coord, decision, correlation)) {
        tt_coord_propose(coord, decision);
    }
}

static void route_signal(tt_coord *coord, const tt_msg *msg, const tt_trading_signal *signal)
{
    tt_coord_decision decision = {
        .signal = signal,
        .signal_seq = msg->seq,
        .key = msg->key,
        .side = side_of_action(signal->action),
        .correlation = msg->correlation,
    };
    tt_coord_consensus_run(coord, &decision);
    tt_coord_signal_classify(coord, &decision);
    switch (decision.intent) {
    case COORD_INTENT_ENTRY:
        route_entry(coord, &decision, &msg->correlation);
        return;
    case COORD_INTENT_CLOSE:
        tt_coord_propose(coord, &decision);
        return;
    case COORD_INTENT_NOTHING:
        explain_end(
            coord,
            &decision,
            decision.waits_for_others ? "others hold the other side of this symbol: no entry yet"
                                      : "there is no such position to close");
        return;
    }
}

/* A newer signal ends what is still being settled; a hold says nothing about a position. */
static void drop_older(tt_coord *coord, uint32_t key, const tt_trading_signal *signal)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    if (signal->action == TT_action_HOLD && open->state != COORD_CASE_NONE && open->is_review) {
        return;
    }
    tt_coord_case_drop(coord, key, "a newer signal of this symbol came first");
    open->proposal_seq = 0;
}

tutti_status tt_coord_on_signal(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    if (!tt_coord_is_symbol(coord, msg->key)) {
        return TUTTI_INVALID;
    }
    const tt_trading_signal *signal = TT_PAYLOAD(msg, TRADING_SIGNALS, trading_signal);
    coord->state->signals++;
    tt_coord_related_remember(coord, msg->key, msg->seq, signal);
    drop_older(coord, msg->key, signal);
    if (signal->action == TT_action_HOLD) {
        coord->state->holds++;
    } else if (!tt_coord_is_running(coord)) {
        coord->state->signals_dropped++;
    } else {
        route_signal(coord, msg, signal);
    }
    return TUTTI_OK;
}
