/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the venue says: reports become transitions, executions, and the books.
 *
 * The rules, in order:
 *  - A report of an order that is not ours changes nothing: dead letter and alert.
 *  - An execution is money: it is booked in every state, once (order_fill.c).
 *  - A final word (cancelled, rejected, expired, filled) counts only when all that the venue says
 * it filled is booked; until then the order is unknown and is queried for the missing part.
 *  - A certain failure to send is final; a doubtful one makes the order unknown. Two answers in a
 *    row that the venue does not know an unknown order make it failed.
 *  - Whatever the machine does not list is stale: counted, nothing changed.
 */
#include "trade/report.h"

#include <string.h>

void tt_report_count_late(const tt_reading *in)
{
    in->trade->books->counters.late_reports++;
}

void tt_report_raise(const tt_reading *in, tt_alert_type type, const char *what)
{
    tt_trade_alert alert = {
        .type = type,
        .severity = TT_severity_CRITICAL,
        .key = in->order->instrument,
        .subject = in->msg->seq,
        .correlation = &in->order->correlation,
    };
    tt_trade_raise(in->trade, &alert, "order %s: %s", in->order->intent.client_order_id, what);
}

bool tt_report_step(const tt_reading *in, tt_order_event event)
{
    return tt_order_step(
        in->trade, in->order, event, (tt_report_kind)in->report->kind, in->report->reason);
}

static void step_to_end(const tt_reading *in, tt_order_event event)
{
    if (tt_report_step(in, event)) {
        tt_order_follow_up(in->trade, in->order, true);
    } else {
        tt_report_count_late(in);
    }
}

/* After a positive word no query before it has anything negative to say. An execution in an answer
 * is followed by the status of the same answer, which is to count. */
static void note_word(const tt_reading *in)
{
    bool is_reply = in->report->is_query_reply != 0;
    tt_seq word = is_reply && in->msg->cause != 0 ? in->msg->cause : in->msg->seq;
    bool has_status = is_reply && in->report->kind == TT_report_kind_FILL;
    if (!has_status && word > in->order->counted_query) {
        in->order->counted_query = word;
    }
}

void tt_report_note_venue(const tt_reading *in)
{
    tt_order *order = in->order;
    order->acked = 1;
    order->not_found_count = 0;
    note_word(in);
    if (in->report->venue_order_id != 0) {
        order->venue_order_id = in->report->venue_order_id;
    }
    order->venue_filled.d = tt_dec_max(order->venue_filled.d, in->report->cumulative_qty.d);
}

static void apply_accepted(const tt_reading *in)
{
    tt_order *order = in->order;
    bool is_first = !order->acked;
    if (tt_order_state_is_final(order->state)) {
        tt_report_count_late(in);
        return;
    }
    tt_report_note_venue(in);
    /* A repeated acknowledgement of an order that became unknown later says nothing new. */
    if (!is_first || !tt_report_step(in, TT_ORDER_EVENT_ACCEPTED)) {
        tt_report_count_late(in);
    }
    tt_order_settle(in->trade, order);
    tt_order_follow_up(in->trade, order, false);
}

static void apply_end(const tt_reading *in, tt_order_event event)
{
    tt_order *order = in->order;
    if (tt_order_state_is_final(order->state)) {
        tt_report_count_late(in);
        return;
    }
    tt_report_note_venue(in);
    order->query_open = 0;
    if (!tt_order_has_gap(order)) {
        step_to_end(in, event);
        return;
    }
    if (order->state != TT_order_state_UNKNOWN) {
        tt_order_doubt(
            in->trade,
            order,
            (tt_report_kind)in->report->kind,
            "the venue ended it with more filled than it reported");
    }
}

static void apply_working(const tt_reading *in)
{
    tt_order *order = in->order;
    tt_report_note_venue(in);
    order->query_open = 0;
    if (order->state == TT_order_state_PENDING) {
        (void)tt_report_step(in, TT_ORDER_EVENT_ACCEPTED);
    } else if (
        order->state == TT_order_state_UNKNOWN && !tt_order_has_gap(order) &&
        order->amend.id == 0) {
        bool is_part = tt_dec_sign(order->filled_qty.d) > 0;
        (void)tt_report_step(in, is_part ? TT_ORDER_EVENT_WORKING_PART : TT_ORDER_EVENT_WORKING);
        if (order->cancel_reason != TT_CANCEL_NONE) {
            tt_order_repeat_cancel(in->trade, order);
        }
    }
    tt_order_settle(in->trade, order);
    tt_order_follow_up(in->trade, order, false);
}

bool tt_report_end_if_full(const tt_reading *in)
{
    tt_order *order = in->order;
    bool is_full = !tt_dec_is_zero(order->filled_qty.d) && !tt_order_has_gap(order) &&
                   tt_dec_le(tt_order_full_qty(order).d, order->filled_qty.d);
    if (is_full) {
        step_to_end(in, TT_ORDER_EVENT_FILL_REST);
    }
    return is_full;
}

/* The venue claims a full fill of which we have booked less, or nothing more than we know. */
static void apply_status_filled(const tt_reading *in)
{
    tt_order *order = in->order;
    if (tt_order_state_is_final(order->state)) {
        tt_report_count_late(in);
        return;
    }
    tt_report_note_venue(in);
    order->query_open = 0;
    if (tt_report_end_if_full(in)) {
        return; // An amend was on its way, so that the fill of all did not end it.
    }
    order->venue_filled.d = tt_dec_max(order->venue_filled.d, order->intent.qty.d);
    if (order->state != TT_order_state_UNKNOWN) {
        tt_order_doubt(
            in->trade,
            order,
            TT_report_kind_STATUS,
            "filled at the venue, but not all is reported");
    }
}

/* We gave the order up, but the venue works it: it must not trade behind our back. */
static void apply_working_after_end(const tt_reading *in)
{
    tt_order *order = in->order;
    tt_report_count_late(in);
    if (order->state != TT_order_state_FAILED) {
        return;
    }
    tt_report_raise(
        in, TT_alert_type_POSITION_SYNC_DISCREPANCY, "works at the venue after it was given up");
    order->cancel_reason = TT_CANCEL_WITHDRAWN;
    tt_order_repeat_cancel(in->trade, order);
}

static void apply_status(const tt_reading *in)
{
    if (!tt_order_state_is_final(in->order->state)) {
        tt_amend_on_status(in);
    }
    bool is_final = tt_order_state_is_final(in->order->state);
    switch ((tt_order_state)in->report->venue_state) {
    case TT_order_state_NEW:
    case TT_order_state_PENDING:
    case TT_order_state_SUBMITTED:
    case TT_order_state_PARTIALLY_FILLED:
        if (is_final) {
            apply_working_after_end(in);
        } else {
            apply_working(in);
        }
        break;
    case TT_order_state_FILLED:
        apply_status_filled(in);
        break;
    case TT_order_state_CANCELLED:
        apply_end(in, TT_ORDER_EVENT_CANCELLED);
        break;
    case TT_order_state_REJECTED:
        apply_end(in, TT_ORDER_EVENT_REJECTED);
        break;
    case TT_order_state_EXPIRED:
        apply_end(in, TT_ORDER_EVENT_EXPIRED);
        break;
    case TT_order_state_NONE:
    case TT_order_state_FAILED:
    case TT_order_state_UNKNOWN:
    case TT_order_state_COUNT:
        tt_report_count_late(in); /* No answer: the query loop goes on. */
        break;
    }
}

bool tt_report_is_news(const tt_reading *in, tt_seq since, uint32_t *counted)
{
    tt_order *order = in->order;
    tt_seq query = in->msg->cause;
    bool is_news =
        query == 0 ? *counted != order->query_count : query > since && query > order->counted_query;
    if (is_news) {
        *counted = order->query_count;
        order->counted_query = query == 0 ? order->counted_query : query;
    }
    return is_news;
}

/* One query counts once, however often its answer is delivered: the order may still be under way.
 */
static void apply_not_found(const tt_reading *in)
{
    tt_order *order = in->order;
    bool is_live = !tt_order_state_is_final(order->state) && order->query_count != 0;
    if (!is_live || !tt_report_is_news(in, order->intent.order_id, &order->not_found_query)) {
        tt_report_count_late(in);
        return;
    }
    order->query_open = 0;
    if (order->state != TT_order_state_UNKNOWN) {
        tt_order_doubt(in->trade, order, TT_report_kind_NOT_FOUND, "the venue does not know it");
    }
    order->not_found_count++;
    if (order->not_found_count < 2) {
        return;
    }
    if (order->acked) {
        tt_report_raise(
            in,
            TT_alert_type_POSITION_SYNC_DISCREPANCY,
            "the venue had it and does not know it now");
    }
    step_to_end(in, TT_ORDER_EVENT_FAILED);
}

/* Tells whether a failure is about the intent; else it is about a cancel or a query. */
static bool is_about_intent(const tt_reading *in)
{
    const tt_order *order = in->order;
    if (in->msg->cause != 0) {
        return in->msg->cause == order->intent.order_id;
    }
    return order->state == TT_order_state_PENDING && order->cancel_reason == TT_CANCEL_NONE;
}

static void apply_send_failed(const tt_reading *in)
{
    if (tt_amend_is_meant(in)) {
        tt_amend_on_rejected(in);
        return;
    }
    bool is_failure = is_about_intent(in) && !in->order->acked;
    if (is_failure && !tt_order_state_is_final(in->order->state)) {
        step_to_end(in, TT_ORDER_EVENT_FAILED);
    } else {
        tt_report_count_late(
            in); /* A cancel or query did not leave: its deadline brings the next try. */
    }
}

static void apply_timeout(const tt_reading *in)
{
    tt_order *order = in->order;
    bool is_unanswered = is_about_intent(in) ? !order->acked : order->doubt_at.ns != 0;
    bool is_live = !tt_order_state_is_final(order->state);
    if (is_live && is_unanswered && order->state != TT_order_state_UNKNOWN) {
        tt_order_doubt(in->trade, order, TT_report_kind_TIMEOUT, "the venue did not answer");
    } else {
        tt_report_count_late(in);
    }
}

/* The cancel had no effect: either a final report is under way, or the order works on. Its deadline
 * is armed; when it passes, the order is queried, and cancelled again if it still works. */
static void apply_cancel_rejected(const tt_reading *in)
{
    bool is_live = !tt_order_state_is_final(in->order->state);
    if (!is_live || in->order->cancel_reason == TT_CANCEL_NONE) {
        tt_report_count_late(in);
    }
}

static void apply_report(const tt_reading *in)
{
    switch ((tt_report_kind)in->report->kind) {
    case TT_report_kind_ACCEPTED:
        if (in->order->state == TT_order_state_FAILED) {
            apply_working_after_end(in);
        } else {
            apply_accepted(in);
        }
        break;
    case TT_report_kind_REJECTED:
        apply_end(in, TT_ORDER_EVENT_REJECTED);
        break;
    case TT_report_kind_FILL:
        tt_report_fill(in);
        break;
    case TT_report_kind_CANCELLED:
        apply_end(in, TT_ORDER_EVENT_CANCELLED);
        break;
    case TT_report_kind_CANCEL_REJECTED:
        apply_cancel_rejected(in);
        break;
    case TT_report_kind_EXPIRED:
        apply_end(in, TT_ORDER_EVENT_EXPIRED);
        break;
    case TT_report_kind_NOT_FOUND:
        apply_not_found(in);
        break;
    case TT_report_kind_STATUS:
        apply_status(in);
        break;
    case TT_report_kind_SEND_FAILED:
        apply_send_failed(in);
        break;
    case TT_report_kind_TIMEOUT:
        apply_timeout(in);
        break;
    case TT_report_kind_AMENDED:
        tt_amend_on_amended(in);
        break;
    case TT_report_kind_AMEND_REJECTED:
        tt_amend_on_rejected(in);
        break;
    case TT_report_kind_NONE:
    case TT_report_kind_COUNT:
        tt_report_count_late(in);
        break;
    }
}

static void apply_unknown(tt_trade_module *trade, const tt_msg *msg, const tt_venue_report *report)
{
    bool is_money = report->kind == TT_report_kind_FILL;
    trade->books->counters.unknown_reports++;
    tt_bus_dead_letter(
        trade->core->bus,
        msg,
        TT_dead_reason_UNKNOWN_ORDER,
        "trade.report",
        "no order of this run has this id, client order id and instrument");
    tt_trade_alert alert = {
        .type = TT_alert_type_POSITION_SYNC_DISCREPANCY,
        .severity = is_money ? TT_severity_CRITICAL : TT_severity_WARNING,
        .key = msg->key,
        .subject = msg->seq,
    };
    tt_trade_raise(
        trade,
        &alert,
        "the venue reports \"%s\" for order %s, which is not known here",
        tt_enum_text(&tt_enum_report_kind, report->kind),
        report->client_order_id);
}

static bool is_meant(const tt_order *order, const tt_msg *msg, const tt_venue_report *report)
{
    bool has_client_id = report->client_order_id[0] != '\0';
    return order->instrument == msg->key &&
           (!has_client_id || strcmp(report->client_order_id, order->intent.client_order_id) == 0);
}

tutti_status tt_trade_on_report(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    const tt_venue_report *report = TT_PAYLOAD(msg, VENUE_REPORTS, venue_report);
    tt_order *order = tt_order_find(&trade->orders, report->order_id);
    if (order == NULL || !is_meant(order, msg, report)) {
        apply_unknown(trade, msg, report);
    } else {
        apply_report(&(tt_reading){trade, order, report, msg});
        tt_waiting_on_report(trade, order, msg);
    }
    tt_account_flush(trade);
    return TUTTI_OK;
}
