/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Closing and reducing positions: by verdict, by command, at the end of the data, or because a stop
 * cannot be had.
 *
 * A closing is a wish that is kept until it is true: "at most `target` of this position". It sends
 * one reduce-only market order at a time. When that order ends and the wish is not yet true, the
 * next one follows: at once after a fill; after a failure one query_interval later, and twice as
 * long for each further one in a row, up to 2^BACKOFF_MAX intervals; at once when the venue works
 * again. While the outcome of the order is unknown nothing follows: the query decides. A stronger
 * wish replaces a weaker one.
 *
 * Seen by its parts (sub_parts.c), a position has a wish for each sub-account beside that for the
 * whole: one source may close its part while another reduces its own, and neither sells what the
 * other one holds. The wish for the whole comes first, then they take turns by their numbers.
 *
 * Working entries of the position are cancelled when a closing starts; stops and targets stay
 * until the position is flat (protect.c).
 */
#include "trade/trade_priv.h"

#define BACKOFF_MAX 4u

static tt_closing *closing_of(tt_trade_module *trade, uint32_t leg)
{
    return &trade->books->closings[leg - 1];
}

static tt_qty held_of(tt_trade_module *trade, uint32_t leg)
{
    return (tt_qty){tt_dec_xabs(tt_trade_position(trade, leg)->qty.d)};
}

bool tt_close_is_active(const tt_trade_module *trade, uint32_t leg)
{
    return trade->books->closings[leg - 1].is_active != 0;
}

/* True if what is traded of a position is in wishes that are not fulfilled yet. */
bool tt_close_is_of_all(const tt_trade_module *trade, uint32_t leg)
{
    const tt_closing *closing = &trade->books->closings[leg - 1];
    if (!tt_sub_is_parted(trade) || closing->wishes[TT_CLOSE_WHOLE].is_active != 0) {
        return closing->is_active != 0;
    }
    uint8_t allocation = tt_sub_allocation(trade);
    bool is_of_all = closing->is_active != 0;
    for (uint8_t i = 0; i < TT_SUB_ACCOUNTS_MAX; i++) {
        bool is_traded =
            (i == 0 || i != allocation) && !tt_dec_is_zero(tt_sub_held(trade, leg, i).d);
        is_of_all = is_of_all && (!is_traded || closing->wishes[i].is_active != 0);
    }
    return is_of_all;
}

static void cancel_retry(tt_trade_module *trade, tt_closing *closing)
{
    if (closing->timer.n != 0) {
        (void)tt_timers_cancel(trade->core->timers, closing->timer);
        closing->timer = (tt_timer_id){0};
    }
}

static void wait_to_retry(tt_trade_module *trade, uint32_t leg)
{
    tt_closing *closing = closing_of(trade, leg);
    if (closing->timer.n != 0) {
        return;
    }
    TT_ASSERT(closing->attempts > 0);
    uint32_t doublings = closing->attempts - 1 < BACKOFF_MAX ? closing->attempts - 1 : BACKOFF_MAX;
    int64_t wait_ns = trade->config.orders.query_interval.ns << doublings;
    tt_time deadline = {tt_trade_now(trade).ns + wait_ns};
    tutti_status status = tt_timers_arm(
        trade->core->timers, TT_TIMER_TRADE, TT_TRADE_TIMER_CLOSE, leg, deadline, &closing->timer);
    TT_ASSERT(status == TUTTI_OK);
}

static void raise_failure(tt_trade_module *trade, uint32_t leg, tt_seq subject, const char *what)
{
    const tt_closing *closing = closing_of(trade, leg);
    const tt_close_wish *wish = &closing->wishes[closing->order_wish];
    tt_trade_alert alert = {
        .type = TT_alert_type_CONTINGENT_ORDER_FAILURE,
        .severity = TT_severity_CRITICAL,
        .key = tt_leg_instrument(leg),
        .subject = subject,
        .correlation = &wish->correlation,
    };
    tt_trade_raise(
        trade, &alert, "closing, attempt %u: %s; it is tried again", closing->attempts, what);
}

/* What is held beyond a wish. */
static tt_qty excess_of(tt_trade_module *trade, uint32_t leg, uint8_t number)
{
    const tt_close_wish *wish = &closing_of(trade, leg)->wishes[number];
    tt_dec stays = wish->target.d;
    tt_dec held = held_of(trade, leg).d;
    if (number != TT_CLOSE_WHOLE) {
        held = tt_sub_held(trade, leg, number).d;
    } else if (wish->spares_allocation != 0) {
        stays = tt_dec_xadd(stays, tt_sub_allocated(trade, leg).d);
    }
    return (tt_qty){tt_dec_lt(stays, held) ? tt_dec_xsub(held, stays) : TT_DEC_ZERO};
}

static void send_order(tt_trade_module *trade, uint32_t leg, uint8_t number)
{
    tt_closing *closing = closing_of(trade, leg);
    const tt_close_wish *wish = &closing->wishes[number];
    const tt_position *position = tt_trade_position(trade, leg);
    bool is_long = tt_dec_sign(position->qty.d) > 0;
    tt_order_intent intent = {
        .qty = excess_of(trade, leg, number),
        .reference_price = position->mark,
        .verdict_seq = wish->verdict_seq,
        .position_id = position->position_id,
        .side = is_long ? TT_side_SELL : TT_side_BUY,
        .type = TT_order_type_MARKET,
        .tif = TT_tif_GTC,
        .role = wish->role,
        .reduce_only = 1,
        .leverage = position->leverage,
        .exit_reason = wish->reason,
    };
    closing->order_wish = number;
    tt_order *order = tt_order_submit(trade, &intent, tt_leg_instrument(leg), &wish->correlation);
    if (order != NULL) {
        bool is_whole = number == TT_CLOSE_WHOLE;
        order->account = is_whole ? tt_sub_of_source(trade, wish->source) : number;
        closing->order_id = order->intent.order_id;
        return;
    }
    closing->attempts++;
    raise_failure(trade, leg, 0, "the bus has no room for the intent");
    wait_to_retry(trade, leg);
}

/* What works must not reduce the next position, or what another source holds. */
static void cancel_order(tt_trade_module *trade, const tt_closing *closing)
{
    tt_order *order = tt_order_find(&trade->orders, closing->order_id);
    if (order != NULL) {
        tt_order_request_cancel(trade, order, TT_CANCEL_FLAT);
    }
}

/* Something else made the position small enough. */
static void end_closing(tt_trade_module *trade, uint32_t leg)
{
    tt_closing *closing = closing_of(trade, leg);
    cancel_retry(trade, closing);
    cancel_order(trade, closing);
    *closing = (tt_closing){.order_id = closing->order_id};
}

/* Ends the wishes that are true; returns the first of the others, or TT_CLOSE_WHOLE + 1. */
static uint8_t next_wish(tt_trade_module *trade, uint32_t leg)
{
    tt_closing *closing = closing_of(trade, leg);
    bool is_gone = tt_trade_position(trade, leg)->position_id != closing->position_id;
    uint8_t next = TT_CLOSE_WHOLE + 1;
    for (uint8_t i = 0; i <= TT_CLOSE_WHOLE; i++) {
        tt_close_wish *wish = &closing->wishes[i];
        if (wish->is_active == 0) {
            continue;
        }
        if (is_gone || tt_dec_is_zero(excess_of(trade, leg, i).d)) {
            *wish = (tt_close_wish){.target = {TT_DEC_ZERO}};
        } else if (next > TT_CLOSE_WHOLE || i == TT_CLOSE_WHOLE) {
            next = i;
        }
    }
    return next;
}

void tt_close_step(tt_trade_module *trade, uint32_t leg)
{
    const tt_closing *closing = closing_of(trade, leg);
    if (closing->is_active == 0) {
        return;
    }
    uint8_t next = next_wish(trade, leg);
    if (next > TT_CLOSE_WHOLE) {
        end_closing(trade, leg);
    } else if (closing->order_id != 0 && closing->wishes[closing->order_wish].is_active == 0) {
        cancel_order(trade, closing);
    } else if (closing->order_id == 0 && closing->timer.n == 0) {
        send_order(trade, leg, next);
    }
}

void tt_close_wake(tt_trade_module *trade)
{
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t leg = 1; leg <= last; leg++) {
        tt_closing *closing = closing_of(trade, leg);
        if (closing->timer.n != 0) {
            cancel_retry(trade, closing);
            tt_close_step(trade, leg);
        }
    }
}

void tt_close_begin(tt_trade_module *trade, uint32_t leg, const tt_close_request *request)
{
    tt_closing *closing = closing_of(trade, leg);
    if (closing->is_active && next_wish(trade, leg) > TT_CLOSE_WHOLE) {
        end_closing(trade, leg);
    }
    uint8_t number = (uint8_t)(request->part == 0 ? TT_CLOSE_WHOLE : request->part - 1u);
    tt_close_wish *wish = &closing->wishes[number];
    tt_close_wish before = *wish;
    tt_qty excess_before = excess_of(trade, leg, number);
    *wish = (tt_close_wish){
        .target = request->target,
        .correlation = request->correlation,
        .verdict_seq = request->verdict_seq,
        .source = request->source,
        .is_active = 1,
        .role = (uint8_t)request->role,
        .reason = (uint8_t)request->reason,
        .spares_allocation = request->spares_allocation,
    };
    tt_qty excess = excess_of(trade, leg, number);
    bool is_weaker = before.is_active != 0 && tt_dec_le(excess.d, excess_before.d);
    if (tt_dec_is_zero(excess.d) || is_weaker) {
        *wish = before;
        return;
    }
    closing->position_id = tt_trade_position(trade, leg)->position_id;
    closing->is_active = 1;
    tt_close_step(trade, leg);
}

void tt_close_on_end(tt_trade_module *trade, const tt_order *order)
{
    uint32_t leg = tt_order_leg(trade, order);
    tt_closing *closing = closing_of(trade, leg);
    if (closing->order_id != order->intent.order_id) {
        return;
    }
    closing->order_id = 0;
    if (!tt_dec_is_zero(order->filled_qty.d)) {
        closing->attempts = 0;
    }
    bool is_done = closing->wishes[closing->order_wish].is_active == 0 ||
                   tt_dec_is_zero(excess_of(trade, leg, closing->order_wish).d);
    if (order->state == TT_order_state_FILLED || is_done) {
        return;
    }
    closing->attempts++;
    raise_failure(
        trade, leg, order->intent.order_id, tt_enum_text(&tt_enum_order_state, order->state));
    wait_to_retry(trade, leg);
}

/* Position that an order which must only reduce has opened; 0 = none. In hedging it is the other
 * one of the instrument. */
static uint32_t leg_opened_by(tt_trade_module *trade, const tt_order *order)
{
    uint32_t legs[] = {order->instrument, order->instrument + TT_INSTRUMENTS_MAX};
    for (size_t i = 0; order->intent.reduce_only != 0 && i < 2; i++) {
        const tt_position *position = tt_trade_position(trade, legs[i]);
        bool is_held = !tt_dec_is_zero(position->qty.d);
        if (is_held && position->opened_by == order->intent.order_id) {
            return legs[i];
        }
    }
    return 0;
}

/* What has been filled of an order that is to be closed at once; of a part the others stay. */
static tt_close_request
unwanted_of(const tt_trade_module *trade, uint32_t leg, const tt_order *order, tt_qty held)
{
    bool is_parted = tt_sub_is_parted(trade);
    return (tt_close_request){
        .target = is_parted ? tt_sub_held(trade, leg, order->account) : held,
        .role = TT_order_role_CLOSE,
        .reason = (tt_exit_reason)order->close_reason,
        .correlation = order->correlation,
        .part = (uint8_t)(is_parted ? order->account + 1 : 0),
    };
}

void tt_close_unwanted_fill(tt_trade_module *trade, const tt_order *order, tt_qty fill_qty)
{
    uint32_t overshot = leg_opened_by(trade, order);
    if (order->close_reason == TT_exit_reason_NONE && overshot == 0) {
        return;
    }
    uint32_t leg = overshot != 0 ? overshot : tt_order_leg(trade, order);
    tt_close_request request = unwanted_of(trade, leg, order, held_of(trade, leg));
    tt_dec filled = tt_dec_min(request.target.d, fill_qty.d);
    request.target.d = tt_dec_xsub(request.target.d, filled);
    if (overshot != 0) {
        request.target.d = TT_DEC_ZERO;
        request.part = 0;
        request.reason = TT_exit_reason_EMERGENCY;
    }
    tt_close_begin(trade, leg, &request);
}

/* --- who asks --- */

static void refuse_verdict(tt_trade_module *trade, const tt_msg *msg, const char *reason)
{
    tt_trade_alert alert = {
        .type = TT_alert_type_TRADE_REJECTED,
        .severity = TT_severity_WARNING,
        .code = TT_risk_code_NO_POSITION,
        .key = msg->key,
        .subject = msg->seq,
    };
    tt_trade_raise(trade, &alert, "approved close not sent: %s", reason);
}

/* A source gives what it holds itself. Its close takes what nobody stands for as well: somebody
 * must. */
static void close_parts(
    tt_trade_module *trade,
    uint32_t leg,
    const tt_msg *msg,
    const tt_risk_verdict *verdict,
    tt_close_request *request)
{
    bool is_close = verdict->kind == TT_proposal_kind_CLOSE;
    uint8_t number = tt_sub_find(trade, request->source);
    tt_qty own = tt_sub_held(trade, leg, number);
    bool has_house = is_close && !tt_dec_is_zero(tt_sub_held(trade, leg, 0).d);
    if (tt_dec_is_zero(own.d) && !has_house) {
        refuse_verdict(trade, msg, "others hold the position");
        return;
    }
    if (is_close) {
        tt_order_cancel_entries_of(trade, leg, number, request->reason);
    } else {
        request->target.d = tt_dec_xsub(own.d, tt_dec_min(own.d, verdict->qty.d));
    }
    request->part = (uint8_t)(number + 1);
    tt_close_begin(trade, leg, request);
    if (has_house && number != 0) {
        request->part = 1;
        tt_close_begin(trade, leg, request);
    }
}

void tt_close_by_verdict(tt_trade_module *trade, const tt_msg *msg, const tt_risk_verdict *verdict)
{
    uint8_t closed = verdict->side == TT_side_BUY ? TT_side_SELL : TT_side_BUY;
    uint32_t leg = tt_trade_leg(trade, msg->key, closed);
    const tt_position *position = tt_trade_position(trade, leg);
    bool is_close = verdict->kind == TT_proposal_kind_CLOSE;
    tt_qty held = held_of(trade, leg);
    if (tt_dec_is_zero(held.d)) {
        refuse_verdict(trade, msg, "no position is open");
        return;
    }
    if (position->is_external != 0) {
        refuse_verdict(trade, msg, "the position was opened outside: assign it first");
        return;
    }
    if (verdict->position_id != 0 && verdict->position_id != position->position_id) {
        refuse_verdict(trade, msg, "the position that was meant is closed");
        return;
    }
    uint8_t reducing_side = tt_dec_sign(position->qty.d) > 0 ? TT_side_SELL : TT_side_BUY;
    bool is_reduction = verdict->side == reducing_side && tt_dec_sign(verdict->qty.d) > 0;
    if (!is_close && !is_reduction) {
        refuse_verdict(trade, msg, "a rebalance may only reduce a position");
        return;
    }
    bool has_reason = verdict->exit_reason != TT_exit_reason_NONE;
    tt_exit_reason usual = is_close ? TT_exit_reason_SIGNAL : TT_exit_reason_REBALANCE;
    tt_close_request request = {
        .role = is_close ? TT_order_role_CLOSE : TT_order_role_REBALANCE,
        .reason = has_reason ? (tt_exit_reason)verdict->exit_reason : usual,
        .verdict_seq = msg->seq,
        .correlation = msg->correlation,
        .source = tt_sub_source(trade, msg->seq),
    };
    if (tt_sub_is_parted(trade)) {
        close_parts(trade, leg, msg, verdict, &request);
        return;
    }
    tt_dec reduced = tt_dec_xsub(held.d, tt_dec_min(held.d, verdict->qty.d));
    request.target.d = is_close ? TT_DEC_ZERO : reduced;
    if (is_close) {
        tt_order_cancel_entries(trade, leg, TT_CANCEL_CLOSING, request.reason);
    }
    tt_close_begin(trade, leg, &request);
}

static void
close_leg(tt_trade_module *trade, uint32_t leg, tt_exit_reason reason, const tt_uuid *correlation)
{
    tt_close_request request = {
        .role = TT_order_role_CLOSE,
        .reason = reason == TT_exit_reason_NONE ? TT_exit_reason_EMERGENCY : reason,
        .correlation = *correlation,
    };
    tt_order_cancel_entries(trade, leg, TT_CANCEL_CLOSING, request.reason);
    tt_close_begin(trade, leg, &request);
}

/* Rounds the reduction up to the lot, and to everything when the rest could not be ordered: a
 * reduction asked for safety must not fall short. */
static tt_qty target_after(const tt_trade_module *trade, uint32_t leg, tt_qty held, tt_ratio pct)
{
    const tt_instrument *info = &trade->core->instruments->list[tt_leg_instrument(leg) - 1];
    tt_dec part = TT_DEC_ZERO;
    tutti_status status =
        tt_dec_muldiv(held.d, pct.d, tt_dec_from_i64(100, 0), TT_ROUND_CEILING, &part);
    TT_ASSERT(status == TUTTI_OK);
    if (tt_dec_quantize(part, info->qty_increment.d, TT_ROUND_CEILING, &part) != TUTTI_OK) {
        part = held.d;
    }
    part = tt_dec_max(part, info->min_qty.d);
    tt_dec rest = tt_dec_xsub(held.d, tt_dec_min(part, held.d));
    return (tt_qty){tt_dec_lt(rest, info->min_qty.d) ? TT_DEC_ZERO : rest};
}

static void reduce_leg(
    tt_trade_module *trade, uint32_t leg, const tt_msg *msg, const tt_position_command *command)
{
    bool has_reason = command->reason != TT_exit_reason_NONE;
    tt_close_request request = {
        .target = target_after(trade, leg, held_of(trade, leg), command->reduce_pct),
        .role = TT_order_role_REDUCE,
        .reason = has_reason ? (tt_exit_reason)command->reason : TT_exit_reason_REDUCED,
        .correlation = msg->correlation,
    };
    tt_order_cancel_entries(trade, leg, TT_CANCEL_CLOSING, TT_exit_reason_NONE);
    tt_close_begin(trade, leg, &request);
}

static void command_leg(
    tt_trade_module *trade, uint32_t leg, const tt_msg *msg, const tt_position_command *command)
{
    switch ((tt_position_command_type)command->command) {
    case TT_position_command_type_CLOSE:
        close_leg(trade, leg, (tt_exit_reason)command->reason, &msg->correlation);
        break;
    case TT_position_command_type_REDUCE:
        reduce_leg(trade, leg, msg, command);
        break;
    case TT_position_command_type_CANCEL_ENTRIES:
        tt_order_cancel_entries(trade, leg, TT_CANCEL_COMMAND, TT_exit_reason_NONE);
        break;
    case TT_position_command_type_TIGHTEN_STOPS:
        tt_exit_tighten(trade, leg, command->stop_pct);
        break;
    case TT_position_command_type_COUNT:
        break;
    }
}

static const char *fault_of(const tt_trade_module *trade, const tt_msg *msg)
{
    const tt_position_command *command = TT_PAYLOAD(msg, POSITION_COMMANDS, position_command);
    if (msg->key != 0 && !tt_trade_has_instrument(trade, msg->key)) {
        return "no instrument has this key; 0 means all";
    }
    const tt_dec hundred = tt_dec_from_i64(100, 0);
    bool is_share =
        tt_dec_sign(command->reduce_pct.d) > 0 && tt_dec_le(command->reduce_pct.d, hundred);
    if (command->command == TT_position_command_type_REDUCE && !is_share) {
        return "reduce_pct must be above 0 and at most 100";
    }
    bool is_distance =
        tt_dec_sign(command->stop_pct.d) > 0 && tt_dec_lt(command->stop_pct.d, hundred);
    if (command->command == TT_position_command_type_TIGHTEN_STOPS && !is_distance) {
        return "stop_pct must be above 0 and below 100";
    }
    return NULL;
}

tutti_status tt_trade_on_command(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_trade_module *trade = ctx;
    const tt_position_command *command = TT_PAYLOAD(msg, POSITION_COMMANDS, position_command);
    const char *fault = fault_of(trade, msg);
    if (fault != NULL) {
        tt_bus_dead_letter(bus, msg, TT_dead_reason_INVALID_INPUT, "trade.command", fault);
        return TUTTI_OK;
    }
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t leg = 1; leg <= last; leg++) {
        if (msg->key == 0 || msg->key == tt_leg_instrument(leg)) {
            command_leg(trade, leg, msg, command);
        }
    }
    tt_account_flush(trade);
    return TUTTI_OK;
}

tutti_status tt_trade_on_feed_event(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    const tt_feed_event *event = TT_PAYLOAD(msg, FEED_EVENTS, feed_event);
    if (event->event != TT_feed_event_type_END_OF_DATA || !trade->config.orders.close_at_end) {
        return TUTTI_OK;
    }
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t leg = 1; leg <= last; leg++) {
        if (msg->key == 0 || msg->key == tt_leg_instrument(leg)) {
            close_leg(trade, leg, TT_exit_reason_END_OF_RUN, &msg->correlation);
        }
    }
    tt_account_flush(trade);
    return TUTTI_OK;
}
