/* SPDX-License-Identifier: Apache-2.0 */
/* Words for tests of amends. */
#ifndef TESTS_UNIT_TRADE_AMEND_FIXTURE_H
#define TESTS_UNIT_TRADE_AMEND_FIXTURE_H

#include "fixture.h"

/** An entry of instrument 1 that the venue has acknowledged. */
static inline uint64_t working(fixture *f, const char *qty, const char *price)
{
    uint64_t id = approve(f, &(entry){.qty = qty, .price = price, .side = TT_side_BUY});
    say(f, id, TT_report_kind_ACCEPTED);
    assert_state(f, id, TT_order_state_SUBMITTED);
    return id;
}

/** Asks for an amend; NULL = as it is. */
static inline void
step_amend(fixture *f, uint64_t id, const char *qty, const char *price, const char *trigger)
{
    tt_coordinator_command payload = {
        .request_id = 77,
        .command = TT_command_AMEND_ORDER,
        .subject_seq = id,
        .actor = "anna",
        .qty.d = dec(qty == NULL ? "0" : qty),
        .price.d = dec(price == NULL ? "0" : price),
        .trigger_price.d = dec(trigger == NULL ? "0" : trigger),
    };
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &payload);
}

/** The same, answered in the same step. */
static inline const tt_command_reply *
amend(fixture *f, uint64_t id, const char *qty, const char *price, const char *trigger)
{
    step_amend(f, id, qty, price, trigger);
    const tt_command_reply *reply = sent_one(f, TT_TOPIC_COMMAND_REPLIES);
    assert_true(reply->request_id == 77);
    assert_int_equal(reply->command, TT_command_AMEND_ORDER);
    return reply;
}

/** Risk answers the proposal of the newest step. */
static inline void judge(fixture *f, tt_verdict status, tt_risk_code code, const char *qty)
{
    const tt_msg *msg = sent(f, TT_TOPIC_TRADE_PROPOSALS, 0);
    assert_non_null(msg);
    const tt_trade_proposal *proposal = tt_msg_payload(msg);
    tt_risk_verdict verdict = {
        .size_before = proposal->size,
        .qty.d = dec(qty),
        .entry_price = proposal->entry_price,
        .reference_price = proposal->entry_price,
        .proposal_seq = msg->seq,
        .status = (uint8_t)status,
        .code = (uint8_t)code,
        .kind = TT_proposal_kind_ENTRY,
        .side = proposal->side,
    };
    verdict.size_after.d = tt_dec_xmul(verdict.qty.d, proposal->entry_price.d);
    step(f, TT_TOPIC_RISK_VERDICTS, msg->key, &verdict);
}

/** A limit order of instrument 1 gets other values, through risk if need be; returns the amend. */
static inline uint64_t amend_to(fixture *f, uint64_t id, const char *qty, const char *price)
{
    step_amend(f, id, qty, price, NULL);
    if (sent_count(f, TT_TOPIC_TRADE_PROPOSALS) != 0) {
        char open[TT_DEC_TEXT_MAX];
        const tt_trade_proposal *proposal = sent_one(f, TT_TOPIC_TRADE_PROPOSALS);
        tt_dec_format(proposal->amended_qty.d, open);
        judge(f, TT_verdict_APPROVED, TT_risk_code_NONE, open);
    }
    uint64_t amend_id = ((const tt_order_amend *)sent_one(f, TT_TOPIC_ORDER_AMENDS))->amend_id;
    assert_true(order(f, id)->amend.id == amend_id);
    return amend_id;
}

/** The venue answers the amend that is on its way, with these values in force. */
static inline void
answer(fixture *f, uint64_t id, tt_report_kind kind, const char *qty, const char *price)
{
    tt_venue_report what = report(f, id, kind);
    what.amend_id = order(f, id)->amend.id;
    what.order_qty.d = dec(qty);
    what.order_price.d = dec(price);
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
}

/** The venue answers a query, with the newest amend that is in force. */
static inline void status_with(
    fixture *f,
    uint64_t id,
    tt_order_state state,
    uint64_t amend_id,
    const char *qty,
    const char *price)
{
    tt_venue_report what = report(f, id, TT_report_kind_STATUS);
    what.venue_state = (uint8_t)state;
    what.is_query_reply = 1;
    what.amend_id = amend_id;
    what.order_qty.d = dec(qty);
    what.order_price.d = dec(price);
    what.cumulative_qty = order(f, id)->filled_qty;
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
}

#endif
