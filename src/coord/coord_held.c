/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A trade of which risk would take much: more than risk_modification_pct of what arbiters and the
 * regime left of its size, or of its leverage.
 *
 * The proposal says how much may be taken unseen; when risk takes more, its verdict is `held`, and
 * nothing is ordered. The trade then is a conflict like others: the rules or the chain of arbiters
 * decide, and if it goes on it is proposed again, as it was, with what risk takes accepted. Risk
 * judges it anew, with the prices and the equity of that moment.
 */
#include "coord/coord_priv.h"

#include <string.h>

/* What the case of a trade starts from: the signal with everything taken off that was taken. */
void tt_coord_held_remember(
    tt_coord *coord,
    const tt_coord_decision *decision,
    const tt_trade_proposal *proposal,
    tt_seq proposal_seq)
{
    tt_coord_case *open = tt_coord_case_get(coord, decision->key);
    if (open->state != COORD_CASE_NONE || tt_dec_is_zero(proposal->hold_reduction_pct.d)) {
        return;
    }
    const tt_dec hundred = TT_DEC_C(100, 0);
    tt_dec kept = tt_dec_xsub(hundred, proposal->size_reduction_pct.d);
    tt_dec size = {0};
    tutti_status status =
        tt_dec_muldiv(proposal->size_pct.d, kept, hundred, TT_ROUND_HALF_EVEN, &size);
    TT_ASSERT(status == TUTTI_OK); // Both are at most 100.
    tt_coord_case_keep(open, decision->signal);
    open->signal.position_size_pct.d = size;
    open->signal.leverage = proposal->leverage;
    open->confidence = decision->confidence;
    open->correlation = decision->correlation;
    open->side = (uint8_t)decision->side;
    open->is_opposed = proposal->is_opposed;
    open->proposal_seq = proposal_seq;
    memset(&open->decision, 0, sizeof open->decision);
    open->decision.signal_seq = decision->signal_seq;
    open->decision.consensus_seq = decision->consensus_seq;
}

static void describe(
    const tt_coord_case *open,
    const tt_msg *msg,
    const tt_risk_verdict *verdict,
    tt_conflict_decision *conflict)
{
    tt_conflict_item *item = tt_coord_conflict_add(
        conflict, TT_conflict_type_RISK_MODIFICATION, open->confidence, open->confidence);
    char before[TT_DEC_TEXT_MAX];
    char after[TT_DEC_TEXT_MAX];
    item->agent_a = TT_agent_TRADING_DECISION;
    item->agent_b = TT_agent_TRADING_DECISION;
    item->seq_a = open->decision.signal_seq;
    item->seq_b = msg->seq;
    (void)tt_dec_format_fixed(verdict->size_before.d, 2, before);
    (void)tt_dec_format_fixed(verdict->size_after.d, 2, after);
    tt_text_format(
        item->detail,
        sizeof item->detail,
        "risk leaves %s of %s, leverage %u of %u",
        after,
        before,
        verdict->leverage_after,
        verdict->leverage_before);
}

static void settle(tt_coord *coord, const tt_msg *msg, const tt_risk_verdict *verdict)
{
    tt_coord_case *open = tt_coord_case_get(coord, msg->key);
    tt_conflict_decision conflict = {
        .signal_seq = open->decision.signal_seq,
        .consensus_seq = open->decision.consensus_seq,
    };
    describe(open, msg, verdict, &conflict);
    coord->state->conflicts_detected++;
    tt_trading_signal signal = open->signal;
    const tt_coord_decision decision = {
        .signal = &signal,
        .confidence = open->confidence,
        .signal_seq = conflict.signal_seq,
        .consensus_seq = conflict.consensus_seq,
        .key = msg->key,
        .side = (tt_side)open->side,
    };
    const tt_uuid correlation = open->correlation;
    open->is_accepted = 1;
    if (coord->config.arbiter_count > 0) {
        tt_coord_case_open(coord, &decision, &conflict, &correlation);
        return;
    }
    open->decision = conflict;
    tt_coord_arbiter_decide(&coord->config.arbiter, open->confidence, &open->decision);
    tt_coord_case_conclude(coord, msg->key);
}

tutti_status tt_coord_on_verdict(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    const tt_risk_verdict *verdict = TT_PAYLOAD(msg, RISK_VERDICTS, risk_verdict);
    if (verdict->status != TT_verdict_HELD) {
        return TUTTI_OK;
    }
    if (!tt_coord_is_symbol(coord, msg->key)) {
        return TUTTI_INVALID;
    }
    const tt_coord_case *open = tt_coord_case_get(coord, msg->key);
    bool is_ours = open->state == COORD_CASE_NONE && open->proposal_seq == verdict->proposal_seq;
    if (is_ours && verdict->proposal_seq != 0) {
        settle(coord, msg, verdict);
    }
    return TUTTI_OK; // Else a newer signal has taken its place: nothing is ordered.
}
