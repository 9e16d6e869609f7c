/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commands of people about one position or one order: each gets exactly one reply. The others of
 * that topic are not for this module.
 *
 * A position and an order are named by their id, never by their symbol alone: what a person has
 * seen and what is there now may differ. Orders that reduce a position cannot be cancelled by
 * themselves: that would leave it without its stop, or a closing without its end.
 */
#include "trade/trade_priv.h"

#include <string.h>

__attribute__((format(printf, 4, 5))) static void
reply(tt_trade_module *trade, const tt_msg *msg, tt_reply_status status, const char *format, ...)
{
    const tt_coordinator_command *command =
        TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command);
    tt_command_reply payload = {
        .request_id = command->request_id,
        .command = command->command,
        .status = (uint8_t)status,
    };
    va_list args;
    va_start(args, format);
    tt_text_vformat(payload.message, sizeof payload.message, format, args);
    va_end(args);
    (void)tt_trade_publish(
        trade, &(tt_trade_post){TT_TOPIC_COMMAND_REPLIES, msg->key, NULL, &payload}, NULL);
}

/** Leg of an open position; 0 = none has this id. */
static uint32_t find_open(tt_trade_module *trade, uint64_t position_id)
{
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t i = 1; i <= last && position_id != 0; i++) {
        const tt_position *position = tt_trade_position(trade, i);
        if (position->position_id == position_id && !tt_dec_is_zero(position->qty.d)) {
            return i;
        }
    }
    return 0;
}

static void close_position(tt_trade_module *trade, const tt_msg *msg, uint64_t position_id)
{
    uint32_t leg = find_open(trade, position_id);
    if (leg == 0) {
        reply(
            trade,
            msg,
            TT_reply_status_NOT_FOUND,
            "no open position %llu",
            (unsigned long long)position_id);
        return;
    }
    tt_close_request request = {
        .role = TT_order_role_CLOSE,
        .reason = TT_exit_reason_OPERATOR,
        .correlation = msg->correlation,
    };
    tt_order_cancel_entries(trade, leg, TT_CANCEL_CLOSING, request.reason);
    tt_close_begin(trade, leg, &request);
    tt_account_flush(trade);
    reply(
        trade,
        msg,
        TT_reply_status_DONE,
        "closing position %llu of %s until flat",
        (unsigned long long)position_id,
        trade->core->instruments->list[tt_leg_instrument(leg) - 1].symbol);
}

/* From now on strategies and exit rules may act on a position that was opened outside. */
static void assign_position(tt_trade_module *trade, const tt_msg *msg, uint64_t position_id)
{
    unsigned long long id = position_id;
    uint32_t leg = find_open(trade, position_id);
    if (leg == 0) {
        reply(trade, msg, TT_reply_status_NOT_FOUND, "no open position %llu", id);
        return;
    }
    tt_position *position = tt_trade_position(trade, leg);
    if (position->is_external == 0) {
        reply(trade, msg, TT_reply_status_REFUSED, "position %llu is managed already", id);
        return;
    }
    position->is_external = 0;
    tt_position_publish(trade, leg, TT_position_event_MARKED);
    tt_sync_follow(trade, leg);
    reply(trade, msg, TT_reply_status_DONE, "position %llu is managed from now on", id);
}

static void cancel_order(tt_trade_module *trade, const tt_msg *msg, uint64_t order_id)
{
    unsigned long long id = order_id;
    tt_order *order = tt_order_find(&trade->orders, order_id);
    if (order == NULL) {
        reply(trade, msg, TT_reply_status_NOT_FOUND, "no order %llu is remembered", id);
    } else if (tt_order_state_is_final(order->state)) {
        const char *state = tt_enum_text(&tt_enum_order_state, order->state);
        reply(trade, msg, TT_reply_status_REFUSED, "order %llu is over: %s", id, state);
    } else if (order->intent.reduce_only != 0) {
        const char *role = tt_enum_text(&tt_enum_order_role, order->intent.role);
        reply(
            trade,
            msg,
            TT_reply_status_REFUSED,
            "order %llu (%s) reduces a position: close the position instead",
            id,
            role);
    } else if (order->cancel_reason != TT_CANCEL_NONE) {
        reply(trade, msg, TT_reply_status_DONE, "order %llu was being cancelled already", id);
    } else {
        tt_order_request_cancel(trade, order, TT_CANCEL_COMMAND);
        tt_account_flush(trade);
        reply(trade, msg, TT_reply_status_DONE, "cancel of order %llu is on its way", id);
    }
}

tutti_status tt_trade_on_person(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    const tt_coordinator_command *command =
        TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command);
    if (command->command == TT_command_CLOSE_POSITION) {
        close_position(ctx, msg, command->subject_seq);
    } else if (command->command == TT_command_ASSIGN_POSITION) {
        assign_position(ctx, msg, command->subject_seq);
    } else if (command->command == TT_command_CANCEL_ORDER) {
        cancel_order(ctx, msg, command->subject_seq);
    }
    return TUTTI_OK;
}
