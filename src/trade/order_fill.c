/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Executions: each is booked once, in whatever state its order is.
 *
 * A repeat is recognised by its execution id, or by a cumulative quantity that is booked already.
 * An execution beyond the ordered quantity, or after the end of its order, is booked as well,
 * because it happened; it raises a critical alert, and the state of the order does not move. An
 * execution that cannot be true is refused: dead letter, critical alert, and the order is unknown
 * until the venue has been asked.
 */
#include "trade/report.h"

static void refuse_fill(const tt_reading *in, const char *what)
{
    in->trade->books->counters.refused_reports++;
    tt_bus_dead_letter(
        in->trade->core->bus, in->msg, TT_dead_reason_INVALID_INPUT, "trade.report", what);
    tt_report_raise(in, TT_alert_type_FILL_HANDLING_FAILURE, what);
    if (!tt_order_state_is_final(in->order->state)) {
        tt_order_doubt(in->trade, in->order, (tt_report_kind)in->report->kind, what);
    }
}

static const char *fault_of_fill(const tt_reading *in)
{
    const tt_venue_report *report = in->report;
    if (report->exec_id == 0) {
        return "a fill without exec_id cannot be told from its repeat";
    }
    if (tt_dec_sign(report->price.d) <= 0 || tt_dec_sign(report->qty.d) <= 0) {
        return "a fill needs a price and a quantity above zero";
    }
    if (tt_dec_lt(report->cumulative_qty.d, report->qty.d)) {
        return "cumulative_qty of a fill must be at least its qty";
    }
    return NULL;
}

static void step_of_fill(const tt_reading *in, bool was_final)
{
    tt_order *order = in->order;
    if (was_final) {
        tt_execution_event change = {
            .event = TT_execution_event_type_ORDER_ERROR,
            .old_state = order->state,
            .new_state = order->state,
            .report_kind = TT_report_kind_FILL,
        };
        tt_order_publish_event(
            in->trade, order, &change, "filled after its end; booked, the state stays");
        return;
    }
    bool is_rest = tt_dec_le(tt_order_full_qty(order).d, order->filled_qty.d);
    bool is_legal =
        tt_report_step(in, is_rest ? TT_ORDER_EVENT_FILL_REST : TT_ORDER_EVENT_FILL_PART);
    TT_ASSERT(is_legal);
}

static void book_execution(const tt_reading *in)
{
    tt_trade_module *trade = in->trade;
    tt_order *order = in->order;
    bool was_final = tt_order_state_is_final(order->state);
    tt_money notional = {tt_dec_xmul(in->report->price.d, in->report->qty.d)};
    tt_report_note_venue(in);
    tt_order_note_execution(order, in->report, notional);
    bool is_over = tt_dec_lt(tt_order_full_qty(order).d, order->filled_qty.d);
    step_of_fill(in, was_final);
    tt_position_book(trade, order, in->report);
    if (is_over || was_final) {
        trade->books->counters.overfills++;
        const char *what = is_over ? "filled more than ordered" : "filled after its end";
        tt_report_raise(in, TT_alert_type_FILL_HANDLING_FAILURE, what);
    }
    tt_close_unwanted_fill(trade, order, in->report->qty);
    tt_group_on_fill(trade, order, in->report->qty);
    bool is_final = tt_order_state_is_final(order->state);
    if (!is_final) {
        tt_order_settle(trade, order);
    }
    tt_order_follow_up(trade, order, is_final && !was_final);
}

void tt_report_fill(const tt_reading *in)
{
    const char *fault = fault_of_fill(in);
    if (fault != NULL) {
        refuse_fill(in, fault);
        return;
    }
    switch (tt_order_check_execution(in->order, in->report)) {
    case TT_EXECUTION_NEW:
        if (tt_position_can_book(in->trade, in->order, in->report)) {
            book_execution(in);
        } else { // Asked of new ones alone: the room for a repeat is taken, by itself.
            refuse_fill(in, "the fill is larger than the books can hold");
        }
        break;
    case TT_EXECUTION_REPEATED:
        in->trade->books->counters.duplicate_reports++;
        break;
    case TT_EXECUTION_CONTRADICTED:
        refuse_fill(in, "a new exec_id for a quantity that is booked already");
        break;
    case TT_EXECUTION_UNTRACKED:
        refuse_fill(in, "too many fills ahead of a missing one");
        break;
    }
}
