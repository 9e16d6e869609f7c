/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Requests on their way to the exchange, and the passing of time.
 *
 * There is one connection: requests arrive in the order in which they were sent, each after its
 * latency, never before one that was sent earlier.
 */
#include "venue/sim_priv.h"

#include <stdlib.h>
#include <string.h>

/** Doubles the ring and lays it out from its first entry. */
static tutti_status grow_ring(tt_sim_requests *requests)
{
    uint32_t capacity = requests->capacity == 0 ? 64 : requests->capacity * 2;
    tt_sim_request *ring = calloc(capacity, sizeof *ring);
    if (ring == NULL) {
        return TUTTI_NO_MEMORY;
    }
    for (uint32_t i = 0; i < requests->count; i++) {
        ring[i] = requests->ring[(requests->first + i) & (requests->capacity - 1)];
    }
    free(requests->ring);
    requests->ring = ring;
    requests->capacity = capacity;
    requests->first = 0;
    return TUTTI_OK;
}

tutti_status tt_sim_request_push(tt_sim *sim, const tt_sim_request *request)
{
    tt_sim_requests *requests = &sim->requests;
    if (requests->count == requests->capacity) {
        TUTTI_TRY(grow_ring(requests));
    }
    requests->ring[(requests->first + requests->count) & (requests->capacity - 1)] = *request;
    requests->count++;
    return TUTTI_OK;
}

tt_sim_request tt_sim_request_pop(tt_sim *sim)
{
    tt_sim_requests *requests = &sim->requests;
    TT_ASSERT(requests->count > 0);
    tt_sim_request request = requests->ring[requests->first];
    requests->first = (requests->first + 1) & (requests->capacity - 1);
    requests->count--;
    return request;
}

/** Works out when something that is sent at `now` arrives. */
static tt_time draw_arrival(tt_sim *sim, tt_sim_order *order, tt_time now)
{
    int64_t sent = now.ns > sim->now.ns ? now.ns : sim->now.ns;
    int64_t at = sent + sim->config.order_latency.ns;
    if (sim->config.latency_jitter.ns > 0) {
        tt_random random = tt_sim_draw(sim, order);
        at += tt_random_between(&random, 0, sim->config.latency_jitter.ns);
    }
    sim->last_arrival.ns = at > sim->last_arrival.ns ? at : sim->last_arrival.ns;
    return sim->last_arrival;
}

static tutti_status push_request(tt_sim *sim, const tt_sim_request *request)
{
    tutti_status status = tt_sim_request_push(sim, request);
    return status == TUTTI_OK ? TUTTI_OK
                              : tt_sim_fail(sim, status, "no memory for requests to the exchange");
}

/** An order that is new: it gets its record before it arrives, so that a repeat is recognized. */
static tutti_status
take_new_order(tt_sim *sim, tt_time now, const tt_order_intent *intent, tt_sim_request *request)
{
    if (tt_sim_take_fault(sim, TT_SIM_FAULT_LOSE_NEXT_ORDER)) {
        return TUTTI_OK;
    }
    tutti_status status = tt_sim_add_order(sim, intent, request->key, &request->order);
    if (status == TUTTI_LIMIT) {
        sim->stats.rejected++;
        const char *reason = tt_sim_reason_plain(TT_SIM_REASON_MEMORY);
        tt_sim_say_failed(sim, request, TT_report_kind_REJECTED, now, reason);
        return sim->failed;
    }
    if (status != TUTTI_OK) {
        return tt_sim_fail(sim, status, "no memory for the orders of the exchange");
    }
    tt_sim_order *order = &sim->orders[request->order];
    order->cause = request->cause;
    order->correlation = request->correlation;
    order->arrival = request->arrival = draw_arrival(sim, order, now);
    TUTTI_TRY(tt_sim_log_order(sim, request->order));
    return push_request(sim, request);
}

static tutti_status
take_intent(tt_sim *sim, tt_time now, const tt_msg *msg, tt_sim_request *request)
{
    const tt_order_intent *intent = TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
    request->kind = TT_SIM_REQUEST_ORDER;
    request->order_id = intent->order_id;
    TT_TEXT_SET(request->client_order_id, intent->client_order_id);
    request->order = tt_sim_find(sim, intent->client_order_id);
    if (request->order == TT_SIM_NONE) {
        return take_new_order(sim, now, intent, request);
    }
    sim->stats.duplicates++;
    request->kind = TT_SIM_REQUEST_QUERY;
    request->arrival = draw_arrival(sim, NULL, now);
    return push_request(sim, request);
}

static tutti_status
take_cancel(tt_sim *sim, tt_time now, const tt_msg *msg, tt_sim_request *request)
{
    const tt_order_cancel *cancel = TT_PAYLOAD(msg, ORDER_CANCELS, order_cancel);
    if (tt_sim_take_fault(sim, TT_SIM_FAULT_LOSE_NEXT_CANCEL)) {
        return TUTTI_OK;
    }
    request->kind = TT_SIM_REQUEST_CANCEL;
    request->order_id = cancel->order_id;
    TT_TEXT_SET(request->client_order_id, cancel->client_order_id);
    request->order = tt_sim_find(sim, cancel->client_order_id);
    request->arrival = draw_arrival(sim, NULL, now);
    if (request->order != TT_SIM_NONE) {
        TUTTI_TRY(tt_sim_log_cancel(sim, request));
    }
    return push_request(sim, request);
}

static tutti_status take_amend(tt_sim *sim, tt_time now, const tt_msg *msg, tt_sim_request *request)
{
    const tt_order_amend *amend = TT_PAYLOAD(msg, ORDER_AMENDS, order_amend);
    if (tt_sim_take_fault(sim, TT_SIM_FAULT_LOSE_NEXT_AMEND)) {
        return TUTTI_OK;
    }
    request->kind = TT_SIM_REQUEST_AMEND;
    request->order_id = amend->order_id;
    request->terms =
        (tt_sim_terms){amend->qty, amend->price, amend->trigger_price, amend->amend_id};
    TT_TEXT_SET(request->client_order_id, amend->client_order_id);
    request->order = tt_sim_find(sim, amend->client_order_id);
    request->arrival = draw_arrival(sim, NULL, now);
    if (request->order != TT_SIM_NONE) {
        TUTTI_TRY(tt_sim_log_amend(sim, request));
    }
    return push_request(sim, request);
}

static tutti_status take_query(tt_sim *sim, tt_time now, const tt_msg *msg, tt_sim_request *request)
{
    const tt_order_query *query = TT_PAYLOAD(msg, ORDER_QUERIES, order_query);
    request->kind = TT_SIM_REQUEST_QUERY;
    request->order_id = query->order_id;
    TT_TEXT_SET(request->client_order_id, query->client_order_id);
    request->order = tt_sim_find(sim, query->client_order_id);
    request->arrival = draw_arrival(sim, NULL, now);
    return push_request(sim, request);
}

/** While disconnected nothing leaves, and the sender knows it. */
static tutti_status refuse_sending(tt_sim *sim, tt_time now, const tt_msg *msg)
{
    tt_venue_output output = {
        .time = now, .key = msg->key, .cause = msg->seq, .correlation = msg->correlation};
    const char *id = "";
    if (msg->topic == TT_TOPIC_ORDER_INTENTS) {
        const tt_order_intent *intent = TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
        output.report.order_id = intent->order_id;
        id = intent->client_order_id;
    } else if (msg->topic == TT_TOPIC_ORDER_CANCELS) {
        const tt_order_cancel *cancel = TT_PAYLOAD(msg, ORDER_CANCELS, order_cancel);
        output.report.order_id = cancel->order_id;
        id = cancel->client_order_id;
    } else if (msg->topic == TT_TOPIC_ORDER_AMENDS) {
        const tt_order_amend *amend = TT_PAYLOAD(msg, ORDER_AMENDS, order_amend);
        output.report.order_id = amend->order_id;
        output.report.amend_id = amend->amend_id;
        id = amend->client_order_id;
    } else {
        const tt_order_query *query = TT_PAYLOAD(msg, ORDER_QUERIES, order_query);
        output.report.order_id = query->order_id;
        id = query->client_order_id;
    }
    output.report.kind = TT_report_kind_SEND_FAILED;
    output.report.venue_time = now;
    TT_TEXT_SET(output.report.client_order_id, id);
    TT_TEXT_SET(output.report.reason, "there is no connection to the exchange");
    tutti_status status = tt_sim_reports_push(&sim->reports, &output);
    return status == TUTTI_OK ? TUTTI_OK : tt_sim_fail(sim, status, "no memory for the reports");
}

bool tt_sim_is_cut(const tt_sim *sim, tt_time at)
{
    int64_t every = sim->config.outage_every.ns;
    if (every == 0) {
        return sim->is_disconnected;
    }
    return sim->is_disconnected || at.ns % (every + sim->config.outage_length.ns) >= every;
}

/** A query of positions; without a connection there is no answer. */
static tutti_status
take_positions(tt_sim *sim, tt_time now, const tt_msg *msg, tt_sim_request *request)
{
    const tt_venue_query *query = TT_PAYLOAD(msg, VENUE_QUERIES, venue_query);
    if (tt_sim_is_cut(sim, now)) {
        return TUTTI_OK;
    }
    request->kind = TT_SIM_REQUEST_POSITIONS;
    request->order_id = query->query_id;
    request->order = query->is_hedging;
    request->funding_since = query->funding_since;
    request->arrival = draw_arrival(sim, NULL, now);
    return push_request(sim, request);
}

tutti_status tt_sim_request_take(tt_sim *sim, tt_time now, const tt_msg *msg)
{
    if (msg->topic == TT_TOPIC_VENUE_QUERIES) {
        tt_sim_request positions = {.correlation = msg->correlation, .cause = msg->seq};
        return take_positions(sim, now, msg, &positions);
    }
    if (tt_sim_is_cut(sim, now)) {
        return refuse_sending(sim, now, msg);
    }
    tt_sim_request request = {.correlation = msg->correlation, .cause = msg->seq, .key = msg->key};
    if (msg->topic == TT_TOPIC_ORDER_INTENTS) {
        return take_intent(sim, now, msg, &request);
    }
    if (msg->topic == TT_TOPIC_ORDER_CANCELS) {
        return take_cancel(sim, now, msg, &request);
    }
    if (msg->topic == TT_TOPIC_ORDER_AMENDS) {
        return take_amend(sim, now, msg, &request);
    }
    return take_query(sim, now, msg, &request);
}

static tutti_status cancel_order(tt_sim *sim, const tt_sim_request *request)
{
    if (request->order == TT_SIM_NONE) {
        tt_sim_say_failed(
            sim,
            request,
            TT_report_kind_CANCEL_REJECTED,
            request->arrival,
            "no order has this client order id");
        return sim->failed;
    }
    const tt_sim_order *order = &sim->orders[request->order];
    if (tt_sim_is_open(order)) {
        return tt_sim_end_order(
            sim,
            request->order,
            TT_order_state_CANCELLED,
            TT_SIM_REASON_CANCELLED,
            request->arrival,
            request);
    }
    char reason[64];
    tt_text_format(
        reason,
        sizeof reason,
        "the order is %s already",
        tt_enum_text(&tt_enum_order_state, order->state));
    tt_sim_say_failed(sim, request, TT_report_kind_CANCEL_REJECTED, request->arrival, reason);
    return sim->failed;
}

/** The first request arrives. */
static tutti_status handle_request(tt_sim *sim)
{
    tt_sim_request request = tt_sim_request_pop(sim);
    if (request.kind == TT_SIM_REQUEST_ORDER) {
        return tt_sim_accept(sim, request.order, request.arrival);
    }
    if (request.kind == TT_SIM_REQUEST_CANCEL) {
        return cancel_order(sim, &request);
    }
    if (request.kind == TT_SIM_REQUEST_AMEND) {
        return tt_sim_amend(sim, &request);
    }
    if (request.kind == TT_SIM_REQUEST_POSITIONS) {
        tt_sim_say_positions(sim, &request, request.arrival);
        return sim->failed;
    }
    tt_sim_say_status(sim, &request, request.arrival);
    return sim->failed;
}

/** Ends the open orders of an instrument whose time has passed; finds the next to expire. */
static tutti_status expire_orders(tt_sim *sim, const tt_sim_market *market, tt_time time)
{
    uint32_t next = TT_SIM_NONE;
    for (uint32_t i = market->first_order; i != TT_SIM_NONE; i = next) {
        const tt_sim_order *order = &sim->orders[i];
        next = order->next;
        int64_t expire = order->intent.expire_time.ns;
        if (expire == 0) {
            continue;
        }
        if (expire > time.ns) {
            sim->next_expiry.ns = expire < sim->next_expiry.ns ? expire : sim->next_expiry.ns;
            continue;
        }
        TUTTI_TRY(
            tt_sim_end_order(sim, i, TT_order_state_EXPIRED, TT_SIM_REASON_EXPIRED, time, NULL));
    }
    return TUTTI_OK;
}

static tutti_status expire_due(tt_sim *sim)
{
    tt_time time = sim->next_expiry;
    sim->next_expiry = TT_TIME_NEVER;
    for (uint32_t i = 0; i < sim->instruments.count; i++) {
        TUTTI_TRY(expire_orders(sim, &sim->markets[i], time));
    }
    return TUTTI_OK;
}

tt_time tt_sim_next_due(const tt_sim *sim)
{
    const tt_sim_requests *requests = &sim->requests;
    int64_t arrival = requests->count == 0 ? INT64_MAX : requests->ring[requests->first].arrival.ns;
    int64_t due = arrival <= sim->next_expiry.ns ? arrival : sim->next_expiry.ns;
    return (tt_time){due <= sim->next_funding.ns ? due : sim->next_funding.ns};
}

/** What is due first: a request before an expiry before funding of the same moment. */
static tutti_status do_next(tt_sim *sim, tt_time due)
{
    const tt_sim_requests *requests = &sim->requests;
    if (requests->count > 0 && requests->ring[requests->first].arrival.ns == due.ns) {
        return handle_request(sim);
    }
    return sim->next_expiry.ns == due.ns ? expire_due(sim) : tt_sim_funding_pay(sim);
}

tutti_status tt_sim_advance(tt_sim *sim, tt_time until)
{
    for (;;) {
        tt_time due = tt_sim_next_due(sim);
        if (due.ns > until.ns || due.ns == TT_TIME_NEVER.ns) {
            break;
        }
        sim->now.ns = due.ns > sim->now.ns ? due.ns : sim->now.ns;
        TUTTI_TRY(do_next(sim, due));
    }
    sim->now.ns = until.ns > sim->now.ns ? until.ns : sim->now.ns;
    return TUTTI_OK;
}
