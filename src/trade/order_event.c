/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What happens around a transition of an order: the execution event, the account's sums, the end of
 * the order, cancels, and what follows for stops, targets and closings.
 */
#include "trade/trade_priv.h"

#include <string.h>

static const char *const cancel_texts[TT_CANCEL_COUNT] = {
    [TT_CANCEL_NONE] = "",
    [TT_CANCEL_EXPIRED] = "entry expired",
    [TT_CANCEL_CLOSING] = "the position is being closed",
    [TT_CANCEL_COMMAND] = "cancelled by command",
    [TT_CANCEL_REPLACED] = "replaced for another quantity or level",
    [TT_CANCEL_FLAT] = "the position is closed",
    [TT_CANCEL_STOPPING] = "the session stops",
    [TT_CANCEL_WITHDRAWN] = "the order was given up and must not work",
    [TT_CANCEL_GROUP] = "the other entry of its group filled or ended",
};

void tt_order_publish_event(
    tt_trade_module *trade, const tt_order *order, tt_execution_event *change, const char *reason)
{
    const tt_order_intent *intent = &order->intent;
    bool is_stop = tt_dec_sign(intent->trigger_price.d) > 0;
    change->qty = intent->qty;
    change->filled_qty = order->filled_qty;
    change->filled_notional = order->filled_notional;
    change->price = is_stop ? intent->trigger_price : intent->price;
    change->order_id = intent->order_id;
    change->position_id = intent->position_id;
    change->parent_order_id = intent->parent_order_id;
    change->venue_order_id = order->venue_order_id;
    change->intent_seq = intent->order_id;
    change->side = intent->side;
    change->type = intent->type;
    change->role = intent->role;
    _Static_assert(sizeof change->client_order_id == sizeof intent->client_order_id, "one text");
    memcpy(change->client_order_id, intent->client_order_id, sizeof change->client_order_id);
    TT_TEXT_SET(change->reason, reason);
    tt_trade_post post = {
        TT_TOPIC_EXECUTION_EVENTS, order->instrument, &order->correlation, change};
    (void)tt_trade_publish(trade, &post, NULL);
}

bool tt_order_step(
    tt_trade_module *trade,
    tt_order *order,
    tt_order_event event,
    tt_report_kind kind,
    const char *reason)
{
    tt_orders *orders = &trade->orders;
    uint8_t old_state = order->state;
    const tt_sm_row *row = NULL;
    tt_sm_result result = tt_sm_step(
        &orders->machine, &orders->table->transitions, &order->state, (uint8_t)event, 0, &row);
    if (result != TT_SM_TAKEN) {
        return false;
    }
    bool has_ended = tt_order_state_is_final(order->state);
    if (has_ended) {
        order->amend = (tt_amend){0};
        tt_order_disarm(trade, order);
        tt_order_retire(orders, order);
    }
    tt_account_order_changed(trade, order, old_state);
    tt_execution_event change = {
        .event = (uint8_t)row->flags,
        .old_state = old_state,
        .new_state = order->state,
        .report_kind = (uint8_t)kind,
    };
    tt_order_publish_event(trade, order, &change, reason);
    return true;
}

void tt_order_repeat_cancel(tt_trade_module *trade, tt_order *order)
{
    tt_order_cancel payload = {
        .order_id = order->intent.order_id,
        .venue_order_id = order->venue_order_id,
    };
    TT_TEXT_SET(payload.client_order_id, order->intent.client_order_id);
    TT_TEXT_SET(payload.reason, cancel_texts[order->cancel_reason]);
    tt_trade_rate_take(trade, TT_SEND_REQUESTS);
    tt_trade_post post = {TT_TOPIC_ORDER_CANCELS, order->instrument, &order->correlation, &payload};
    (void)tt_trade_publish(trade, &post, NULL);
    if (tt_order_state_is_final(order->state)) {
        return;
    }
    order->status_at = (tt_time){0};
    if (order->state != TT_order_state_UNKNOWN) {
        order->doubt_at.ns = tt_trade_now(trade).ns + trade->config.orders.ack_timeout.ns;
    }
    tt_order_arm(trade, order);
}

void tt_order_request_cancel(tt_trade_module *trade, tt_order *order, tt_cancel_reason reason)
{
    if (order->cancel_reason != TT_CANCEL_NONE || tt_order_state_is_final(order->state)) {
        return;
    }
    order->cancel_reason = (uint8_t)reason;
    order->expire_at = (tt_time){0};
    tt_order_repeat_cancel(trade, order);
}

/* Orders that ended last, of which a fill may still be told. */
#define LATE_MAX 64u

/* An end may be told before a fill: what such an entry still opens is closed as well. `account`
 * TT_SUB_ACCOUNTS_MAX = all. */
static void
close_late_fills(tt_trade_module *trade, uint32_t leg, uint8_t account, tt_exit_reason close_reason)
{
    tt_order_table *table = trade->orders.table;
    uint32_t seen = 0;
    for (uint32_t slot = table->recent_last; slot != 0 && seen < LATE_MAX; seen++) {
        tt_order *order = &table->records[slot - 1];
        bool is_of = account == TT_SUB_ACCOUNTS_MAX || order->account == account;
        bool is_entry = order->intent.role == TT_order_role_ENTRY && is_of;
        if (is_entry && order->close_reason == TT_exit_reason_NONE &&
            tt_order_leg(trade, order) == leg) {
            order->close_reason = (uint8_t)close_reason;
        }
        slot = order->previous;
    }
}

void tt_order_cancel_entries(
    tt_trade_module *trade, uint32_t leg, tt_cancel_reason reason, tt_exit_reason close_reason)
{
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        if (order->intent.role != TT_order_role_ENTRY) {
            continue;
        }
        tt_order_request_cancel(trade, order, reason);
        if (close_reason != TT_exit_reason_NONE) {
            order->close_reason = (uint8_t)close_reason;
        }
    }
    if (close_reason != TT_exit_reason_NONE) {
        close_late_fills(trade, leg, TT_SUB_ACCOUNTS_MAX, close_reason);
    }
}

void tt_order_cancel_entries_of(
    tt_trade_module *trade, uint32_t leg, uint8_t account, tt_exit_reason close_reason)
{
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        if (order->intent.role == TT_order_role_ENTRY && order->account == account) {
            tt_order_request_cancel(trade, order, TT_CANCEL_CLOSING);
            order->close_reason = (uint8_t)close_reason;
        }
    }
    close_late_fills(trade, leg, account, close_reason);
}

void tt_leg_follow_up(tt_trade_module *trade, uint32_t leg)
{
    tt_exits_follow(trade, leg);
    tt_close_step(trade, leg);
    tt_protect_sync(trade, leg);
}

void tt_order_follow_up(tt_trade_module *trade, tt_order *order, bool has_ended)
{
    uint32_t leg = tt_order_leg(trade, order);
    if (has_ended) {
        switch ((tt_order_role)order->intent.role) {
        case TT_order_role_STOP_LOSS:
        case TT_order_role_TAKE_PROFIT:
            tt_protect_on_end(trade, order);
            break;
        case TT_order_role_CLOSE:
        case TT_order_role_REDUCE:
        case TT_order_role_REBALANCE:
            tt_close_on_end(trade, order);
            break;
        case TT_order_role_ENTRY:
            tt_group_on_end(trade, order);
            break;
        case TT_order_role_ADJUSTMENT: /* Never an order. */
        case TT_order_role_COUNT:
            break;
        }
    }
    tt_leg_follow_up(trade, leg);
    uint32_t other = tt_leg_of_excess(trade, leg);
    if (order->intent.reduce_only != 0 && other != leg) {
        tt_leg_follow_up(trade, other);
    }
}
