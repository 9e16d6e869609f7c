/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the exchange says: reports made from its records, with latency, and lost or doubled by
 * faults.
 */
#include "venue/sim_priv.h"

#include <string.h>

void tt_sim_say_at(tt_sim *sim, tt_venue_output *output)
{
    if (tt_sim_is_cut(sim, output->time) || tt_sim_take_fault(sim, TT_SIM_FAULT_DROP_NEXT_REPORT)) {
        sim->stats.lost_reports++;
        return;
    }
    if (tt_sim_take_fault(sim, TT_SIM_FAULT_DELAY_NEXT_REPORT)) {
        output->time.ns += TT_SIM_FAULT_DELAY_S * TT_NS_PER_S;
    }
    bool is_doubled = tt_sim_take_fault(sim, TT_SIM_FAULT_DUPLICATE_NEXT_REPORT);
    tutti_status status = tt_sim_reports_push(&sim->reports, output);
    if (status == TUTTI_OK && is_doubled) {
        status = tt_sim_reports_push(&sim->reports, output);
    }
    if (status != TUTTI_OK) {
        (void)tt_sim_fail(sim, status, "no memory for the reports of the exchange");
    }
}

/** Draws how long a report takes. Not from the order: what happens to it must not hang on it. */
static int64_t draw_report_latency(tt_sim *sim)
{
    int64_t jitter = sim->config.latency_jitter.ns;
    if (jitter == 0) {
        return sim->config.report_latency.ns;
    }
    tt_random random = tt_sim_draw(sim, NULL);
    return sim->config.report_latency.ns + tt_random_between(&random, 0, jitter);
}

/** Works out when a report of an order arrives: never before an earlier one of that order. */
static tt_time report_time(tt_sim *sim, tt_sim_order *order, tt_time time)
{
    int64_t at = time.ns + draw_report_latency(sim);
    if (at < order->last_report.ns) {
        at = order->last_report.ns;
    }
    order->last_report.ns = at;
    return (tt_time){at};
}

/** Starts a report on an order; `request` may be NULL. */
static tt_venue_output
start_output(const tt_sim *sim, uint32_t index, const tt_sim_request *request)
{
    const tt_sim_order *order = &sim->orders[index];
    tt_venue_output output = {
        .key = order->key,
        .cause = request == NULL ? order->cause : request->cause,
        .correlation = request == NULL ? order->correlation : request->correlation,
    };
    output.report.order_id = order->intent.order_id;
    output.report.venue_order_id = index + 1;
    output.report.cumulative_qty = order->filled;
    memcpy(
        output.report.client_order_id,
        order->intent.client_order_id,
        sizeof output.report.client_order_id);
    return output;
}

/** The values that the order has now. */
static void put_values(const tt_sim_order *order, tt_venue_report *report)
{
    report->order_qty = order->intent.qty;
    report->order_price = order->intent.price;
    report->order_trigger = order->intent.trigger_price;
    report->amend_id = order->amend_id;
}

void tt_sim_say_amend(
    tt_sim *sim, const tt_sim_request *request, tt_report_kind kind, const char *reason)
{
    tt_sim_order *order = &sim->orders[request->order];
    tt_venue_output output = start_output(sim, request->order, request);
    output.time = report_time(sim, order, request->arrival);
    output.report.kind = (uint8_t)kind;
    output.report.venue_time = request->arrival;
    put_values(order, &output.report);
    output.report.amend_id = request->terms.amend_id;
    TT_TEXT_SET(output.report.reason, reason);
    tt_sim_say_at(sim, &output);
}

void tt_sim_say_order(
    tt_sim *sim, uint32_t index, tt_report_kind kind, tt_time time, const tt_sim_request *request)
{
    tt_sim_order *order = &sim->orders[index];
    tt_venue_output output = start_output(sim, index, request);
    output.time = report_time(sim, order, time);
    output.report.kind = (uint8_t)kind;
    output.report.venue_time = time;
    tt_sim_reason_text(sim, order, output.report.reason);
    if (kind == TT_report_kind_ACCEPTED && tt_sim_take_fault(sim, TT_SIM_FAULT_DROP_NEXT_ACK)) {
        sim->stats.lost_reports++;
        return;
    }
    tt_sim_say_at(sim, &output);
}

/** Fills in what a report says of an execution. */
static void describe_exec(const tt_sim *sim, uint32_t index, tt_venue_report *ret_report)
{
    const tt_sim_exec *exec = &sim->execs[index];
    ret_report->kind = TT_report_kind_FILL;
    ret_report->price = exec->price;
    ret_report->qty = exec->qty;
    ret_report->cumulative_qty = exec->cumulative;
    ret_report->fee = exec->fee;
    ret_report->exec_id = (uint64_t)index + 1;
    ret_report->venue_time = exec->time;
    ret_report->liquidity = exec->liquidity;
}

/** An execution that no order of the client caused. */
static void describe_external(const tt_sim *sim, uint32_t index, tt_venue_output *output)
{
    const tt_sim_exec *exec = &sim->execs[index];
    const tt_sim_order *order = &sim->orders[exec->order];
    tt_external_kind kind = tt_sim_external_kind(order);
    output->topic = TT_TOPIC_VENUE_TRADES;
    output->trade = (tt_venue_trade){
        .price = exec->price,
        .qty = exec->qty,
        .fee = exec->fee,
        .exec_id = (uint64_t)index + 1,
        .venue_order_id = (uint64_t)exec->order + 1,
        .venue_time = exec->time,
        .side = order->intent.side,
        .kind = (uint8_t)kind,
        .position_side = order->intent.position_side,
    };
    TT_TEXT_SET(output->trade.reason, tt_enum_text(&tt_enum_external_kind, (uint8_t)kind));
}

void tt_sim_say(tt_sim *sim, tt_venue_output *output, tt_time time)
{
    output->time.ns = time.ns + draw_report_latency(sim);
    tt_sim_say_at(sim, output);
}

void tt_sim_say_exec(tt_sim *sim, uint32_t index, tt_time report_at)
{
    const tt_sim_exec *exec = &sim->execs[index];
    tt_sim_order *order = &sim->orders[exec->order];
    tt_venue_output output = start_output(sim, exec->order, NULL);
    if (tt_sim_external_kind(order) == TT_external_kind_NONE) {
        describe_exec(sim, index, &output.report);
        if (tt_sim_take_fault(sim, TT_SIM_FAULT_LOSE_NEXT_FEE)) {
            output.report.fee = (tt_money){TT_DEC_ZERO};
        }
    } else {
        describe_external(sim, index, &output);
    }
    if (report_at.ns != 0) {
        output.time.ns =
            report_at.ns > order->last_report.ns ? report_at.ns : order->last_report.ns;
        order->last_report = output.time;
    } else {
        output.time = report_time(sim, order, exec->time);
    }
    if (tt_sim_take_fault(sim, TT_SIM_FAULT_DROP_NEXT_FILL)) {
        sim->stats.lost_reports++;
        return;
    }
    tt_sim_say_at(sim, &output);
}

/** The open orders of a position, as far as they fit. */
static void list_orders(
    const tt_sim *sim, const tt_sim_market *market, tt_side side, tt_venue_position *position)
{
    for (uint32_t i = market->first_order; i != TT_SIM_NONE; i = sim->orders[i].next) {
        const tt_sim_order *order = &sim->orders[i];
        if (order->intent.position_side != side) {
            continue;
        }
        if (position->count < TT_MAX_venue_order) {
            position->orders[position->count++] =
                (tt_venue_order){order->intent.order_id, (uint64_t)i + 1};
        }
        position->order_count++;
    }
}

static void describe_position(
    const tt_sim *sim, const tt_sim_market *market, tt_side side, tt_venue_position *ret_position)
{
    const tt_sim_holding *held = &market->holdings[side];
    *ret_position = (tt_venue_position){
        .qty = held->qty,
        .mark = market->last_price,
        .external_qty = held->external,
        .external_price = held->external_price,
        .position_side = (uint8_t)side,
        .last_external = held->last_external,
    };
    if (!tt_dec_is_zero(held->qty.d)) {
        ret_position->entry_price.d = tt_dec_xdiv(held->cost.d, held->qty.d);
    }
    list_orders(sim, market, side, ret_position);
}

/** The payments go ahead of the positions: the last of these says that all is there. */
static tt_venue_position say_payments(
    tt_sim *sim,
    const tt_sim_request *request,
    const tt_side *sides,
    uint32_t side_count,
    tt_time at)
{
    bool is_cut = false;
    tt_venue_position summary = {0};
    for (uint32_t i = 0; i < sim->instruments.count * side_count; i++) {
        const tt_sim_market *market = &sim->markets[i / side_count];
        summary.payments +=
            tt_sim_funding_list(sim, market, sides[i % side_count], request, at, &is_cut);
    }
    summary.payments += tt_sim_cash_list(sim, request, at, &is_cut);
    summary.payments_cut = is_cut;
    return summary;
}

void tt_sim_say_positions(tt_sim *sim, const tt_sim_request *request, tt_time time)
{
    static const tt_side netting[] = {TT_side_NONE};
    static const tt_side hedging[] = {TT_side_BUY, TT_side_SELL};
    const tt_side *sides = request->order == 1 ? hedging : netting;
    uint32_t side_count = request->order == 1 ? 2 : 1;
    uint32_t count = sim->instruments.count * side_count;
    tt_time at = {time.ns + draw_report_latency(sim)};
    tt_venue_position summary = say_payments(sim, request, sides, side_count, at);
    for (uint32_t i = 0; i < count; i++) {
        const tt_sim_market *market = &sim->markets[i / side_count];
        tt_venue_output output = {
            .time = at,
            .key = market->instrument->id.n,
            .cause = request->cause,
            .correlation = request->correlation,
            .topic = TT_TOPIC_VENUE_POSITIONS,
        };
        describe_position(sim, market, sides[i % side_count], &output.position);
        output.position.query_id = request->order_id;
        output.position.venue_time = time;
        output.position.is_last = i + 1 == count;
        if (output.position.is_last) {
            tt_sim_cash_say(sim, request, time, at);
            output.position.payments = summary.payments;
            output.position.payments_cut = summary.payments_cut;
        }
        tt_sim_say_at(sim, &output);
    }
}

static void say_not_found(tt_sim *sim, const tt_sim_request *request, tt_time time)
{
    tt_sim_say_failed(
        sim, request, TT_report_kind_NOT_FOUND, time, "no order has this client order id");
}

void tt_sim_say_status(tt_sim *sim, const tt_sim_request *request, tt_time time)
{
    if (request->order == TT_SIM_NONE) {
        say_not_found(sim, request, time);
        return;
    }
    tt_sim_order *order = &sim->orders[request->order];
    tt_time at = report_time(sim, order, time);
    for (uint32_t i = order->first_exec; i != TT_SIM_NONE; i = sim->execs[i].next) {
        tt_venue_output fill = start_output(sim, request->order, request);
        describe_exec(sim, i, &fill.report);
        fill.time = at;
        fill.report.is_query_reply = 1;
        tt_sim_say_at(sim, &fill);
    }
    tt_venue_output output = start_output(sim, request->order, request);
    output.time = at;
    output.report.kind = TT_report_kind_STATUS;
    output.report.venue_state = order->state;
    output.report.venue_time = time;
    output.report.is_query_reply = 1;
    put_values(order, &output.report);
    tt_sim_reason_text(sim, order, output.report.reason);
    tt_sim_say_at(sim, &output);
}

void tt_sim_say_failed(
    tt_sim *sim,
    const tt_sim_request *request,
    tt_report_kind kind,
    tt_time time,
    const char *reason)
{
    tt_venue_output output = {
        .time.ns = time.ns + draw_report_latency(sim),
        .key = request->key,
        .cause = request->cause,
        .correlation = request->correlation,
    };
    output.report.kind = (uint8_t)kind;
    output.report.order_id = request->order_id;
    output.report.amend_id = request->terms.amend_id;
    output.report.venue_time = time;
    output.report.is_query_reply = kind == TT_report_kind_NOT_FOUND;
    TT_TEXT_SET(output.report.client_order_id, request->client_order_id);
    TT_TEXT_SET(output.report.reason, reason);
    tt_sim_say_at(sim, &output);
}
