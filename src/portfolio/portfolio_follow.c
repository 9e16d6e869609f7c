/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What becomes of a trade that was proposed: verdict, order, executions.
 *
 * A sale is a closing of the trade module, which sends order after order until it is done; a sale
 * is therefore only over when it is filled, or given up by its deadline. A purchase is one order:
 * what becomes of the order becomes of the purchase, however long that takes, so that nothing is
 * bought twice.
 */
#include "portfolio/portfolio_priv.h"

static tt_leg *find_sent(const tt_portfolio *portfolio, uint32_t instrument)
{
    for (uint32_t i = 0; i < portfolio->state->plan.leg_count; i++) {
        tt_leg *leg = &portfolio->legs[i];
        if (leg->state == TT_batch_state_SENT && leg->instrument == instrument) {
            return leg; // a batch has one trade a symbol
        }
    }
    return NULL;
}

/* Refusals that no later attempt can change. */
static bool is_hopeless(uint8_t code)
{
    return code == TT_risk_code_NO_POSITION || code == TT_risk_code_SIZE_TOO_SMALL ||
           code == TT_risk_code_INVALID_PROPOSAL;
}

static void take_refusal(tt_portfolio *portfolio, tt_leg *leg, const tt_risk_verdict *verdict)
{
    char reason[96];
    leg->code = verdict->code;
    tt_text_format(
        reason, sizeof reason, "risk: %s", tt_enum_text(&tt_enum_risk_code, verdict->code));
    if (is_hopeless(verdict->code)) {
        tt_leg_step(portfolio, leg, TT_LEG_EVENT_SKIP, reason);
    } else {
        tt_leg_fail_attempt(portfolio, leg, (tt_dur){0}, reason);
    }
}

tutti_status tt_portfolio_on_verdict(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    const tt_risk_verdict *verdict = TT_PAYLOAD(msg, RISK_VERDICTS, risk_verdict);
    tt_leg *leg = find_sent(portfolio, msg->key);
    if (leg == NULL || leg->proposal_seq != verdict->proposal_seq) {
        return TUTTI_OK;
    }
    leg->verdict_seq = msg->seq;
    bool is_approved =
        verdict->status == TT_verdict_APPROVED || verdict->status == TT_verdict_MODIFIED;
    if (!is_approved) {
        take_refusal(portfolio, leg, verdict);
        tt_legs_work(portfolio);
    }
    return TUTTI_OK;
}

/* The trade module did not send what risk had approved. */
tutti_status tt_portfolio_on_alert(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    const tt_risk_alert *alert = TT_PAYLOAD(msg, RISK_ALERTS, risk_alert);
    if (msg->source != TT_SOURCE_TRADE || alert->alert_type != TT_alert_type_TRADE_REJECTED ||
        !tt_portfolio_knows(portfolio, msg->key)) {
        return TUTTI_OK;
    }
    tt_leg *leg = find_sent(portfolio, msg->key);
    if (leg != NULL && leg->verdict_seq != 0 && leg->verdict_seq == alert->subject_seq) {
        leg->code = alert->code;
        tt_leg_fail_attempt(portfolio, leg, (tt_dur){0}, "the approved order was not sent");
        tt_legs_work(portfolio);
    }
    return TUTTI_OK;
}

tutti_status tt_portfolio_on_intent(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    const tt_order_intent *intent = TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
    tt_leg *leg = find_sent(portfolio, msg->key);
    if (leg == NULL || intent->verdict_seq == 0 || intent->verdict_seq != leg->verdict_seq) {
        return TUTTI_OK;
    }
    leg->order_id = intent->order_id;
    leg->filled_before = leg->filled;
    if (intent->reduce_only == 0) {
        leg->deadline = TT_TIME_NEVER; // it may fill until it ends, and the trade module ends it
        tt_legs_work(portfolio);
    }
    return TUTTI_OK;
}

/* Stops and targets stand beside a position for as long as it lives: they keep nobody waiting. */
static void count_live(tt_holding *holding, const tt_execution_event *event)
{
    if (event->role == TT_order_role_STOP_LOSS || event->role == TT_order_role_TAKE_PROFIT) {
        return;
    }
    bool was_live =
        event->old_state != TT_order_state_NONE && !tt_order_state_is_final(event->old_state);
    bool is_live = !tt_order_state_is_final(event->new_state);
    if (is_live && !was_live) {
        holding->live_orders++;
    } else if (was_live && !is_live && holding->live_orders > 0) {
        holding->live_orders--;
    }
}

static void take_end(tt_portfolio *portfolio, tt_leg *leg, const tt_execution_event *event)
{
    if (event->new_state == TT_order_state_FILLED) {
        tt_leg_step(portfolio, leg, TT_LEG_EVENT_FINISH, "filled");
        return;
    }
    if (leg->side == TT_side_SELL) {
        return; // the trade module tries again
    }
    char reason[96];
    const char *state = tt_enum_text(&tt_enum_order_state, event->new_state);
    if (tt_dec_sign(leg->filled.d) > 0) {
        tt_text_format(reason, sizeof reason, "filled in part, then %s", state);
        tt_leg_step(portfolio, leg, TT_LEG_EVENT_FINISH, reason);
        return;
    }
    tt_text_format(reason, sizeof reason, "the order was %s", state);
    tt_leg_fail_attempt(portfolio, leg, (tt_dur){0}, reason);
}

tutti_status tt_portfolio_on_execution(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    if (!tt_portfolio_knows(portfolio, msg->key)) {
        return TUTTI_OK;
    }
    const tt_execution_event *event = TT_PAYLOAD(msg, EXECUTION_EVENTS, execution_event);
    tt_holding *holding = tt_portfolio_holding(portfolio, msg->key);
    count_live(holding, event);
    tt_leg *leg = find_sent(portfolio, msg->key);
    bool is_ours = leg != NULL && leg->order_id != 0 && leg->order_id == event->order_id;
    if (is_ours) {
        leg->filled.d = tt_dec_xadd(leg->filled_before.d, event->filled_notional.d);
    }
    if (!tt_order_state_is_final(event->new_state) || event->old_state == event->new_state) {
        return TUTTI_OK;
    }
    if (is_ours) {
        take_end(portfolio, leg, event);
    }
    if (portfolio->state->plan.is_active) {
        tt_legs_work(portfolio);
    }
    return TUTTI_OK;
}
