/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Amends at the exchange. An order keeps its id. A cut of the quantity keeps its place in the
 * queue; another price or trigger, or a larger quantity, is as new to the market as an order that
 * arrives then, with the same checks. To no more than what is filled: the rest is cancelled.
 *
 * An amend is done once: the newest number that was looked at is part of the order and of the log,
 * and what comes again is answered with what is in force.
 */
#include "venue/sim_priv.h"

/** Tells whether a new value makes the order new to the market. */
static bool loses_place(const tt_order_intent *before, const tt_sim_terms *after)
{
    return tt_dec_lt(before->qty.d, after->qty.d) || !tt_dec_eq(before->price.d, after->price.d) ||
           !tt_dec_eq(before->trigger_price.d, after->trigger_price.d);
}

/** Why the values cannot be; NONE if they can. */
static tt_sim_reason
check_amend(tt_sim *sim, const tt_sim_order *order, const tt_sim_order *amended)
{
    bool has_new_trigger =
        !tt_dec_eq(order->intent.trigger_price.d, amended->intent.trigger_price.d);
    if (has_new_trigger && !tt_sim_waits(order)) {
        return TT_SIM_REASON_TRIGGERED;
    }
    if (tt_sim_take_fault(sim, TT_SIM_FAULT_REJECT_NEXT_AMEND)) {
        return TT_SIM_REASON_FAULT;
    }
    return tt_sim_check_values(sim, amended);
}

static tutti_status reject(tt_sim *sim, const tt_sim_request *request, const char *reason)
{
    tt_sim_order *order = &sim->orders[request->order];
    if (request->terms.amend_id > order->amend_seen) {
        order->amend_seen = request->terms.amend_id;
        TUTTI_TRY(tt_sim_log_terms(sim, request->order));
    }
    tt_sim_say_amend(sim, request, TT_report_kind_AMEND_REJECTED, reason);
    return sim->failed;
}

static void take_terms(tt_sim *sim, tt_sim_order *order, const tt_sim_request *request)
{
    const tt_sim_terms *terms = &request->terms;
    bool is_new = loses_place(&order->intent, terms);
    order->intent.qty = terms->qty;
    order->intent.price = terms->price;
    order->intent.trigger_price = terms->trigger_price;
    order->amend_id = order->amend_seen = terms->amend_id;
    tt_sim_market_of(sim, order)->reach.is_known = false;
    if (is_new) {
        order->arrival = request->arrival;
        tt_sim_queue_join(sim, order);
        order->is_resting = order->intent.tif == TT_tif_POST_ONLY;
    }
}

static tutti_status apply(tt_sim *sim, const tt_sim_request *request)
{
    tt_sim_order *order = &sim->orders[request->order];
    bool is_new = loses_place(&order->intent, &request->terms);
    take_terms(sim, order, request);
    TUTTI_TRY(tt_sim_log_terms(sim, request->order));
    tt_sim_say_amend(sim, request, TT_report_kind_AMENDED, "");
    TUTTI_TRY(sim->failed);
    return is_new ? tt_sim_match_arrival(sim, request->order, request->arrival) : TUTTI_OK;
}

static tutti_status amend_open(tt_sim *sim, const tt_sim_request *request)
{
    const tt_sim_order *order = &sim->orders[request->order];
    tt_sim_order amended = *order;
    char reason[96];
    if (tt_dec_le(request->terms.qty.d, order->filled.d)) {
        return tt_sim_end_order(
            sim,
            request->order,
            TT_order_state_CANCELLED,
            TT_SIM_REASON_AMENDED_BELOW,
            request->arrival,
            request);
    }
    amended.intent.qty = request->terms.qty;
    amended.intent.price = request->terms.price;
    amended.intent.trigger_price = request->terms.trigger_price;
    amended.reason = (uint8_t)check_amend(sim, order, &amended);
    if (amended.reason != TT_SIM_REASON_NONE) {
        tt_sim_reason_text(sim, &amended, reason);
        return reject(sim, request, reason);
    }
    return apply(sim, request);
}

tutti_status tt_sim_amend(tt_sim *sim, const tt_sim_request *request)
{
    if (request->order == TT_SIM_NONE) {
        tt_sim_say_failed(
            sim,
            request,
            TT_report_kind_AMEND_REJECTED,
            request->arrival,
            "no order has this client order id");
        return sim->failed;
    }
    const tt_sim_order *order = &sim->orders[request->order];
    if (request->terms.amend_id == order->amend_id) {
        tt_sim_say_amend(sim, request, TT_report_kind_AMENDED, "");
        return sim->failed;
    }
    if (request->terms.amend_id <= order->amend_seen) {
        return reject(sim, request, "this amend, or one after it, was answered already");
    }
    if (tt_sim_is_open(order)) {
        return amend_open(sim, request);
    }
    char reason[64];
    tt_text_format(
        reason,
        sizeof reason,
        "the order is %s already",
        tt_enum_text(&tt_enum_order_state, order->state));
    tt_sim_say_amend(sim, request, TT_report_kind_AMEND_REJECTED, reason);
    return sim->failed;
}
