/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commands of people about one position, one order, or the cash: each gets exactly one reply. The
 * others of that topic are not for this module.
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

/* --- levels set by hand --- */

/* What a person asks of one level: a stop or a target. */
typedef struct level_wish {
    const char *name;
    tt_price before;
    tt_price level;   /* 0 = as it is. */
    bool is_below;    /* Below the mark; otherwise above it. */
    bool is_loosened; /* The position may lose more than before. */
} level_wish;

static bool is_asked(const level_wish *wish)
{
    return !tt_dec_is_zero(wish->level.d);
}

static bool is_on_its_side(const level_wish *wish, tt_price mark)
{
    return wish->is_below ? tt_dec_lt(wish->level.d, mark.d) : tt_dec_lt(mark.d, wish->level.d);
}

/* Writes why a level cannot be; false if it can. */
static bool find_fault(
    const tt_trade_module *trade, uint32_t leg, const level_wish *wish, char *text, size_t size)
{
    const tt_instrument *info = &trade->core->instruments->list[tt_leg_instrument(leg) - 1];
    tt_price mark = trade->books->positions[leg - 1].mark;
    char numbers[2][TT_DEC_TEXT_MAX];
    tt_dec_format(wish->level.d, numbers[0]);
    if (!is_asked(wish)) {
        return false;
    }
    if (tt_dec_sign(wish->level.d) < 0 || tt_dec_lt(TT_PRICE_MAX, wish->level.d)) {
        tt_text_format(text, size, "the %s %s is no price", wish->name, numbers[0]);
        return true;
    }
    if (!tt_dec_is_multiple(wish->level.d, info->price_increment.d)) {
        tt_dec_format(info->price_increment.d, numbers[1]);
        tt_text_format(
            text, size, "the %s %s is no multiple of %s", wish->name, numbers[0], numbers[1]);
        return true;
    }
    if (!is_on_its_side(wish, mark)) {
        const char *side = wish->is_below ? "below" : "above";
        tt_dec_format(mark.d, numbers[1]);
        tt_text_format(
            text,
            size,
            "the %s %s must be %s the mark %s",
            wish->name,
            numbers[0],
            side,
            numbers[1]);
        return true;
    }
    return false;
}

/* Why a position cannot be protected by hand now; NULL if it can. */
static const char *find_obstacle(const tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = &trade->books->positions[leg - 1];
    if (position->is_external != 0) {
        return "it was opened outside: assign it first";
    }
    if (tt_dec_is_zero(tt_sub_traded(trade, leg).d)) {
        return "the portfolio has allocated it: it has no stop and no target";
    }
    return tt_close_is_of_all(trade, leg) ? "it is being closed" : NULL;
}

/* "stop 95 -> 94 (loosened)"; "" if it stays. */
static void describe(const level_wish *wish, char *text, size_t size)
{
    text[0] = 0;
    if (is_asked(wish)) {
        char numbers[2][TT_DEC_TEXT_MAX];
        tt_dec_format(wish->before.d, numbers[0]);
        tt_dec_format(wish->level.d, numbers[1]);
        const char *before = tt_dec_is_zero(wish->before.d) ? "none" : numbers[0];
        const char *loosened = wish->is_loosened ? " (loosened)" : "";
        tt_text_format(text, size, "%s %s -> %s%s", wish->name, before, numbers[1], loosened);
    }
}

/* From now on these levels are in force; a rule may still bring the stop closer. */
static void
set_levels(tt_trade_module *trade, uint32_t leg, const level_wish *stop, const level_wish *target)
{
    tt_position *position = tt_trade_position(trade, leg);
    if (is_asked(stop)) {
        position->stop_loss = stop->level;
        trade->exits[leg - 1].level = stop->level;
        trade->exits[leg - 1].level_reason = TT_exit_reason_STOP_LOSS;
    }
    if (is_asked(target)) {
        position->take_profit = target->level;
        position->target_failed = 0;
    }
}

static void
protect_position(tt_trade_module *trade, const tt_msg *msg, const tt_coordinator_command *command)
{
    unsigned long long id = command->subject_seq;
    uint32_t leg = find_open(trade, id);
    if (leg == 0) {
        reply(trade, msg, TT_reply_status_NOT_FOUND, "no open position %llu", id);
        return;
    }
    const tt_position *position = tt_trade_position(trade, leg);
    bool is_long = tt_dec_sign(position->qty.d) > 0;
    level_wish stop = {"stop", position->stop_loss, command->stop_loss, is_long, false};
    level_wish target = {"target", position->take_profit, command->take_profit, !is_long, false};
    stop.is_loosened =
        !tt_dec_is_zero(stop.before.d) &&
        (is_long ? tt_dec_lt(stop.level.d, stop.before.d) : tt_dec_lt(stop.before.d, stop.level.d));
    char text[112];
    const char *obstacle = find_obstacle(trade, leg);
    if (obstacle != NULL) {
        reply(trade, msg, TT_reply_status_REFUSED, "position %llu: %s", id, obstacle);
    } else if (!is_asked(&stop) && !is_asked(&target)) {
        reply(trade, msg, TT_reply_status_REFUSED, "name a stop_loss, a take_profit, or both");
    } else if (
        find_fault(trade, leg, &stop, text, sizeof text) ||
        find_fault(trade, leg, &target, text, sizeof text)) {
        reply(trade, msg, TT_reply_status_REFUSED, "%s", text);
    } else {
        char parts[2][112];
        describe(&stop, parts[0], sizeof parts[0]);
        describe(&target, parts[1], sizeof parts[1]);
        const char *comma = is_asked(&stop) && is_asked(&target) ? ", " : "";
        tt_text_format(text, sizeof text, "%s%s%s", parts[0], comma, parts[1]);
        set_levels(trade, leg, &stop, &target);
        const tt_exit_decision decision = {
            .action = TT_exit_action_SET_BY_HAND,
            .reason = TT_exit_reason_OPERATOR,
            .stop_before = stop.before,
            .message = text,
        };
        tt_exit_decide(trade, leg, &decision);
        reply(trade, msg, TT_reply_status_DONE, "%s", text);
    }
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

/* What the venue has more than the books is a transfer, or a cost, a person says. */
static void acknowledge(tt_trade_module *trade, const tt_msg *msg)
{
    char text[128];
    tt_reply_status status = tt_cash_acknowledge(trade, msg, text, sizeof text);
    reply(trade, msg, status, "%s", text);
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
    } else if (command->command == TT_command_PROTECT_POSITION) {
        protect_position(ctx, msg, command);
    } else if (command->command == TT_command_CANCEL_ORDER) {
        cancel_order(ctx, msg, command->subject_seq);
    } else if (command->command == TT_command_AMEND_ORDER) {
        tt_amend_on_command(ctx, msg, command);
    } else if (
        command->command == TT_command_ACKNOWLEDGE_TRANSFER ||
        command->command == TT_command_ACKNOWLEDGE_COST) {
        acknowledge(ctx, msg);
    }
    return TUTTI_OK;
}
