/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Time in the life of an order: the acknowledgement that does not come, the query loop, the expiry
 * of entries.
 *
 * An order has up to four deadlines and one timer, armed at the earliest:
 *  - doubt_at: an answer is due (to the intent, to a cancel, to a query after a restart, or the
 * missing part of a cumulative quantity). Without it the order becomes UNKNOWN.
 *  - query_at: the order is unknown and is asked about again, after query_interval; each query that
 *    was not answered doubles it, up to 2^BACKOFF_MAX intervals. An answer makes it short again,
 * and when the venue answers a comparison after a silence, all unknown orders are asked about at
 * once.
 *  - status_at: the order works, but nothing was heard of it for long: a report may have been lost,
 *    so it is asked about, and an answer is due.
 *  - expire_at: an entry has waited long enough and is cancelled.
 */
#include "trade/trade_priv.h"

/* As the comparison with the venue (sync.c). */
#define BACKOFF_MAX 4u

static void take_earlier(tt_time *earliest, tt_time deadline)
{
    if (deadline.ns != 0 && (earliest->ns == 0 || deadline.ns < earliest->ns)) {
        *earliest = deadline;
    }
}

static void cancel_timer(tt_trade_module *trade, tt_order *order)
{
    if (order->timer.n != 0) {
        (void)tt_timers_cancel(trade->core->timers, order->timer);
        order->timer = (tt_timer_id){0};
    }
}

/* One timer for each live order, each closing, each leg's exits and what waits for it, beside those
 * of the other modules: there is always one free, so that running out of timers is a broken
 * invariant. */
_Static_assert(
    TT_ORDER_SLOTS + 3 * TT_LEGS_MAX + 2 * TT_CALLS_MAX + 1 <= TT_TIMERS_MAX,
    "every live order can have a timer");

void tt_order_arm(tt_trade_module *trade, tt_order *order)
{
    tt_time earliest = {0};
    take_earlier(&earliest, order->doubt_at);
    take_earlier(&earliest, order->query_at);
    take_earlier(&earliest, order->status_at);
    take_earlier(&earliest, order->expire_at);
    if (order->timer.n != 0 && order->armed_at.ns == earliest.ns) {
        return;
    }
    cancel_timer(trade, order);
    if (earliest.ns == 0) {
        return;
    }
    order->armed_at = earliest;
    tutti_status status = tt_timers_arm(
        trade->core->timers,
        TT_TIMER_TRADE,
        TT_TRADE_TIMER_ORDER,
        order->intent.order_id,
        earliest,
        &order->timer);
    TT_ASSERT(status == TUTTI_OK);
}

void tt_order_disarm(tt_trade_module *trade, tt_order *order)
{
    cancel_timer(trade, order);
    order->doubt_at = (tt_time){0};
    order->query_at = (tt_time){0};
    order->status_at = (tt_time){0};
    order->expire_at = (tt_time){0};
}

void tt_order_send_query(tt_trade_module *trade, tt_order *order)
{
    tt_trade_rate_take(trade, TT_SEND_REQUESTS);
    order->query_count++;
    order->query_open = 1;
    trade->books->counters.queries++;
    tt_order_query payload = {
        .order_id = order->intent.order_id,
        .attempt = order->query_count,
    };
    TT_TEXT_SET(payload.client_order_id, order->intent.client_order_id);
    tt_trade_post post = {TT_TOPIC_ORDER_QUERIES, order->instrument, &order->correlation, &payload};
    (void)tt_trade_publish(trade, &post, NULL);
}

/* A query can wait for its turn; an order stays in doubt until then. */
static void query_again(tt_trade_module *trade, tt_order *order)
{
    if (!tt_trade_rate_has(trade, TT_SEND_REQUESTS, 1)) {
        order->query_at = tt_trade_rate_ready_at(trade, TT_SEND_REQUESTS, 1);
        return;
    }
    if (order->query_open == 0) {
        order->silent_queries = 0;
    } else if (order->silent_queries < BACKOFF_MAX) {
        order->silent_queries++;
    }
    int64_t wait_ns = trade->config.orders.query_interval.ns << order->silent_queries;
    order->query_at.ns = tt_trade_now(trade).ns + wait_ns;
    tt_order_send_query(trade, order);
}

void tt_order_doubt(
    tt_trade_module *trade, tt_order *order, tt_report_kind kind, const char *reason)
{
    if (!tt_order_step(trade, order, TT_ORDER_EVENT_DOUBT, kind, reason)) {
        return;
    }
    tt_trade_alert alert = {
        .type = TT_alert_type_ORDER_UNKNOWN,
        .severity = TT_severity_HIGH,
        .key = order->instrument,
        .subject = order->intent.order_id,
        .correlation = &order->correlation,
    };
    tt_trade_raise(trade, &alert, "order %s is unknown: %s", order->intent.client_order_id, reason);
    order->doubt_at = (tt_time){0};
    order->status_at = (tt_time){0};
    tt_order_ask_again(trade, order);
}

void tt_order_ask_again(tt_trade_module *trade, tt_order *order)
{
    order->query_open = 0; /* Whatever was asked before: this begins anew. */
    query_again(trade, order);
    tt_order_arm(trade, order);
}

static void schedule_status(const tt_trade_module *trade, tt_order *order)
{
    int64_t interval_ns = trade->config.orders.status_interval.ns;
    if (interval_ns != 0) {
        order->status_at.ns = tt_trade_now(trade).ns + interval_ns;
    }
}

void tt_order_check_status(tt_trade_module *trade, tt_order *order)
{
    if (!tt_trade_rate_has(trade, TT_SEND_REQUESTS, 1)) {
        order->status_at = tt_trade_rate_ready_at(trade, TT_SEND_REQUESTS, 1);
        tt_order_arm(trade, order);
        return;
    }
    order->status_at = (tt_time){0};
    order->doubt_at.ns = tt_trade_now(trade).ns + trade->config.orders.ack_timeout.ns;
    tt_order_send_query(trade, order);
    tt_order_arm(trade, order);
}

void tt_order_settle(tt_trade_module *trade, tt_order *order)
{
    bool is_open = !order->acked || order->query_open || tt_order_has_gap(order) ||
                   order->cancel_reason != TT_CANCEL_NONE || order->amend.id != 0;
    if (order->state == TT_order_state_UNKNOWN) {
        return;
    }
    order->query_at = (tt_time){0};
    order->status_at = (tt_time){0};
    if (!is_open) {
        order->doubt_at = (tt_time){0};
        schedule_status(trade, order);
    } else if (order->doubt_at.ns == 0) {
        order->doubt_at.ns = tt_trade_now(trade).ns + trade->config.orders.ack_timeout.ns;
    }
    tt_order_arm(trade, order);
}

static bool is_due(tt_time deadline, tt_time now)
{
    return deadline.ns != 0 && deadline.ns <= now.ns;
}

static const char *doubt_text(const tt_order *order)
{
    if (!order->acked) {
        return "the venue did not acknowledge in time";
    }
    if (tt_order_has_gap(order)) {
        return "the venue has filled more than it reported";
    }
    if (order->query_open) {
        return "the venue did not answer a query";
    }
    return order->amend.id != 0 ? "an amend was not answered" : "a cancel was not answered";
}

void tt_order_on_timer(tt_trade_module *trade, uint64_t order_id)
{
    tt_order *order = tt_order_find(&trade->orders, order_id);
    if (order == NULL || tt_order_state_is_final(order->state)) {
        return;
    }
    tt_time now = tt_trade_now(trade);
    order->timer = (tt_timer_id){0};
    if (is_due(order->expire_at, now)) {
        tt_order_request_cancel(trade, order, TT_CANCEL_EXPIRED);
    }
    if (is_due(order->doubt_at, now)) {
        tt_order_doubt(trade, order, TT_report_kind_NONE, doubt_text(order));
    }
    if (is_due(order->query_at, now)) {
        query_again(trade, order);
    }
    if (is_due(order->status_at, now)) {
        tt_order_check_status(trade, order);
    }
    tt_order_arm(trade, order);
    tt_order_follow_up(trade, order, false);
}
