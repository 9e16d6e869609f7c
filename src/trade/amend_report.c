/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the venue says of amends. The rules:
 *  - In force: the values become those of the order. What the venue says counts, also if it is not
 * what was asked; then an alert tells. An answer that is older than what is in force says nothing.
 *  - Rejected, or certainly not sent: the order stays as it was.
 *  - No answer in time: the order is unknown and asked about (order_timeout.c). The answer shows
 * the values; two that show the old ones, to two queries behind the amend, mean that the venue
 * never had it. The order stays unknown until then.
 *  - Nothing is left to fill at the values in force: the order is filled.
 *  - The order ends otherwise: so does the amend.
 */
#include "trade/report.h"

bool tt_amend_is_meant(const tt_reading *in)
{
    uint64_t id = in->order->amend.id;
    bool is_named = in->report->amend_id != 0;
    return id != 0 && (is_named ? in->report->amend_id == id : in->msg->cause == id);
}

static bool is_amended_to(const tt_reading *in, tt_qty qty, tt_price price, tt_price trigger)
{
    const tt_venue_report *report = in->report;
    return tt_dec_eq(report->order_qty.d, qty.d) && tt_dec_eq(report->order_price.d, price.d) &&
           tt_dec_eq(report->order_trigger.d, trigger.d);
}

static bool is_as_asked(const tt_reading *in)
{
    const tt_amend *amend = &in->order->amend;
    return amend->id != 0 && is_amended_to(in, amend->qty, amend->price, amend->trigger_price);
}

static bool is_as_known(const tt_reading *in)
{
    const tt_order_intent *intent = &in->order->intent;
    return is_amended_to(in, intent->qty, intent->price, intent->trigger_price);
}

static bool is_price_or_none(tt_price price)
{
    return tt_dec_sign(price.d) >= 0 && tt_dec_le(price.d, TT_PRICE_MAX);
}

/* Values that an order can have: as many prices as it had, within the bounds of the books. */
static bool is_possible(const tt_reading *in)
{
    const tt_venue_report *report = in->report;
    const tt_order_intent *intent = &in->order->intent;
    bool is_qty =
        tt_dec_sign(report->order_qty.d) > 0 && tt_dec_le(report->order_qty.d, TT_QTY_MAX);
    bool is_form =
        tt_dec_is_zero(report->order_price.d) == tt_dec_is_zero(intent->price.d) &&
        tt_dec_is_zero(report->order_trigger.d) == tt_dec_is_zero(intent->trigger_price.d);
    if (!is_qty || !is_form || !is_price_or_none(report->order_price) ||
        !is_price_or_none(report->order_trigger)) {
        return false;
    }
    tt_price value =
        tt_order_value_price(report->order_price, report->order_trigger, intent->reference_price);
    return tt_dec_le(tt_dec_xmul(value.d, report->order_qty.d), TT_NOTIONAL_MAX);
}

static void refuse_values(const tt_reading *in)
{
    const char *what = "values that the order cannot have";
    in->trade->books->counters.refused_reports++;
    tt_bus_dead_letter(
        in->trade->core->bus, in->msg, TT_dead_reason_INVALID_INPUT, "trade.report", what);
    tt_report_raise(in, TT_alert_type_POSITION_SYNC_DISCREPANCY, what);
    tt_order_doubt(in->trade, in->order, (tt_report_kind)in->report->kind, what);
}

/* The amend that was on its way has its answer. */
static void close_amend(const tt_reading *in, tt_execution_event_type event, const char *reason)
{
    in->order->amend = (tt_amend){0};
    tt_account_order_amended(in->trade, in->order);
    tt_amend_publish(in->trade, in->order, event, (tt_report_kind)in->report->kind, reason);
}

/* From now on the order has the values of the report. */
static void take_values(const tt_reading *in, bool is_asked, const char *reason)
{
    tt_order *order = in->order;
    const tt_venue_report *report = in->report;
    order->intent.qty = report->order_qty;
    order->intent.price = report->order_price;
    order->intent.trigger_price = report->order_trigger;
    order->intent.reference_price = tt_order_value_price(
        report->order_price, report->order_trigger, order->intent.reference_price);
    if (!is_asked) {
        tt_report_raise(
            in,
            TT_alert_type_POSITION_SYNC_DISCREPANCY,
            "the venue has given it values that were not asked for");
    }
    bool is_answered = order->amend.id != 0 && order->amend.id <= order->amended_by;
    if (is_answered) {
        order->amend = (tt_amend){0};
    }
    tt_account_order_amended(in->trade, order);
    tt_amend_publish(
        in->trade,
        order,
        TT_execution_event_type_ORDER_AMENDED,
        (tt_report_kind)report->kind,
        reason);
}

/* What follows once the values are settled. */
static void go_on(const tt_reading *in)
{
    if (!tt_report_end_if_full(in)) {
        tt_order_settle(in->trade, in->order);
        tt_order_follow_up(in->trade, in->order, false);
    }
}

void tt_amend_on_amended(const tt_reading *in)
{
    tt_order *order = in->order;
    bool is_repeat = in->report->amend_id <= order->amended_by;
    if (tt_order_state_is_final(order->state) || is_repeat) {
        tt_report_count_late(in);
        return;
    }
    if (!is_possible(in)) {
        refuse_values(in);
        return;
    }
    bool is_asked = tt_amend_is_meant(in) && is_as_asked(in);
    tt_report_note_venue(in);
    order->amended_by = in->report->amend_id;
    take_values(in, is_asked, in->report->reason);
    go_on(in);
}

void tt_amend_on_rejected(const tt_reading *in)
{
    if (tt_order_state_is_final(in->order->state) || !tt_amend_is_meant(in)) {
        tt_report_count_late(in);
        return;
    }
    in->trade->amends->rejected++;
    close_amend(in, TT_execution_event_type_ORDER_AMEND_REJECTED, in->report->reason);
    go_on(in);
}

static bool is_over_at_venue(const tt_reading *in)
{
    return tt_order_state_is_final(in->report->venue_state);
}

/* One query counts once, and only if it was asked after the amend was sent. */
static void count_unseen(const tt_reading *in)
{
    tt_order *order = in->order;
    tt_amend *amend = &order->amend;
    bool is_answer = amend->id != 0 && in->report->is_query_reply != 0;
    if (!is_answer || !tt_report_is_news(in, amend->id, &amend->seen_query)) {
        return;
    }
    amend->unseen++;
    if (amend->unseen >= 2 || is_over_at_venue(in)) {
        in->trade->amends->lost++;
        close_amend(
            in,
            TT_execution_event_type_ORDER_AMEND_LOST,
            is_over_at_venue(in) ? "the order is over at the venue"
                                 : "the venue never had the amend");
    }
}

void tt_amend_on_status(const tt_reading *in)
{
    tt_order *order = in->order;
    const tt_venue_report *report = in->report;
    if (tt_dec_is_zero(report->order_qty.d) || report->amend_id < order->amended_by) {
        return; // It does not say, or says what was.
    }
    if (!is_possible(in)) {
        refuse_values(in);
        return;
    }
    bool is_asked = is_as_asked(in);
    if (is_as_known(in)) {
        count_unseen(in);
        return;
    }
    // Not every venue can name the amend: its values tell as much.
    order->amended_by = is_asked ? order->amend.id : report->amend_id;
    take_values(in, is_asked, is_asked ? "found by a query" : "the venue has other values");
    (void)tt_report_end_if_full(in);
}
