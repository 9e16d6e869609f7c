/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Hedging: executions that were told before the fill of the entry that they close.
 *
 * Reports of different orders come in any order. When an execution reduces a leg by more than is
 * held, either the venue has filled too much, and the rest opened the other leg there, or an entry
 * of the leg has filled and its report is still under way. To book the first for the second leaves
 * both legs open here and flat there, and an order goes out for a leg that the venue does not hold.
 * So the part that unfilled entries of the leg may explain waits, and the rest is excess:
 *
 *  1. What waits for a leg is never more than its entries may hide: of a live one the unfilled
 *     rest, of the ENDED_MAX that ended last likewise, because a cancel can be told before a fill.
 *  2. While something waits, the leg is flat: whatever is added to it is closed by it at once, at
 *     the prices of both, as if they had been told in order. Cost, fee and result are those then.
 *  3. All these entries are asked about. An answer to a question that was put after the execution
 *     was told is conclusive: what the venue has not filled by then has not hidden anything. An
 *     ended entry that does not answer within ack_timeout hides nothing, a live one becomes unknown
 *     and is asked until it answers (order_timeout.c).
 *  4. What no entry explains any more is released: booked as an excess, closed at once, alert.
 *
 * Meanwhile entries of the instrument are held back, its quantities are not repaired by those of
 * the venue (sync_repair.c), and the account counts what waits in its pending exposure, in full.
 * Every change is a waiting_fills message. At most TT_WAITING_MAX wait; beyond that an execution is
 * an excess at once, and counted.
 */
#include "trade/trade_priv.h"

#include <string.h>

/* Ended entries of a leg that may hide a fill, the newest. */
#define ENDED_MAX 8u

/* Entries of a leg: the live ones, then those that ended last. */
typedef struct entry_walk {
    tt_order *order;
    uint32_t slot; /* Of the ended ones that come next. */
    uint32_t ended;
    bool is_ended;
} entry_walk;

static tt_dec rest_of(const tt_order *order)
{
    tt_dec most = tt_dec_max(tt_order_full_qty(order).d, order->venue_filled.d);
    return tt_dec_max(tt_dec_xsub(most, order->filled_qty.d), TT_DEC_ZERO);
}

static bool is_open_entry(const tt_trade_module *trade, uint32_t leg, const tt_order *order)
{
    return order->intent.role == TT_order_role_ENTRY && tt_order_leg(trade, order) == leg &&
           !tt_dec_is_zero(rest_of(order));
}

static bool next_ended(tt_trade_module *trade, uint32_t leg, entry_walk *walk)
{
    while (walk->slot != 0 && walk->ended < ENDED_MAX) {
        walk->order = &trade->orders.table->records[walk->slot - 1];
        walk->slot = walk->order->previous;
        if (is_open_entry(trade, leg, walk->order)) {
            walk->ended++;
            return true;
        }
    }
    return false;
}

/* The next entry with an unfilled rest; false at the end. Start with zeros. */
static bool next_entry(tt_trade_module *trade, uint32_t leg, entry_walk *walk)
{
    while (!walk->is_ended) {
        walk->order =
            walk->order == NULL ? tt_leg_first(trade, leg) : tt_leg_after(trade, leg, walk->order);
        if (walk->order == NULL) {
            walk->is_ended = true;
            walk->slot = trade->orders.table->recent_last;
        } else if (is_open_entry(trade, leg, walk->order)) {
            return true;
        }
    }
    return next_ended(trade, leg, walk);
}

/* --- the list --- */

static tt_waiting_exec *first_of(tt_trade_module *trade, uint32_t leg)
{
    tt_waiting *waiting = &trade->books->waiting;
    for (uint32_t i = 0; i < waiting->count; i++) {
        if (waiting->list[i].leg == leg) {
            return &waiting->list[i];
        }
    }
    return NULL;
}

static tt_waiting_exec *last_of(tt_trade_module *trade, uint32_t leg)
{
    tt_waiting *waiting = &trade->books->waiting;
    for (uint32_t i = waiting->count; i > 0; i--) {
        if (waiting->list[i - 1].leg == leg) {
            return &waiting->list[i - 1];
        }
    }
    return NULL;
}

static tt_qty waiting_of(const tt_trade_module *trade, uint32_t leg)
{
    const tt_waiting *waiting = &trade->books->waiting;
    tt_qty sum = {TT_DEC_ZERO};
    for (uint32_t i = 0; i < waiting->count; i++) {
        if (waiting->list[i].leg == leg) {
            sum.d = tt_dec_xadd(sum.d, waiting->list[i].qty.d);
        }
    }
    return sum;
}

bool tt_waiting_blocks(const tt_trade_module *trade, uint32_t instrument)
{
    const tt_waiting *waiting = &trade->books->waiting;
    for (uint32_t i = 0; i < waiting->count; i++) {
        if (tt_leg_instrument(waiting->list[i].leg) == instrument) {
            return true;
        }
    }
    return false;
}

void tt_waiting_worst(const tt_trade_module *trade, tt_money *ret_exposure, tt_money *ret_margin)
{
    const tt_waiting *waiting = &trade->books->waiting;
    *ret_exposure = *ret_margin = (tt_money){TT_DEC_ZERO};
    for (uint32_t i = 0; i < waiting->count; i++) {
        const tt_waiting_exec *one = &waiting->list[i];
        tt_dec value = tt_dec_xmul(one->qty.d, one->price.d);
        tt_dec leverage = tt_dec_from_i64(one->leverage == 0 ? 1 : one->leverage, 0);
        ret_exposure->d = tt_dec_xadd(ret_exposure->d, value);
        ret_margin->d = tt_dec_xadd(ret_margin->d, tt_dec_xdiv(value, leverage));
    }
}

/* Takes a part out of the list; `one` is a place of it and may hold another one afterwards. */
static tt_waiting_exec take_out(tt_waiting *waiting, tt_waiting_exec *one, tt_qty qty)
{
    tt_waiting_exec part = *one;
    if (!tt_dec_eq(qty.d, one->qty.d)) {
        part.qty = qty;
        tutti_status status =
            tt_dec_muldiv(one->fee.d, qty.d, one->qty.d, TT_ROUND_HALF_EVEN, &part.fee.d);
        TT_ASSERT(status == TUTTI_OK);
        one->qty.d = tt_dec_xsub(one->qty.d, qty.d);
        one->fee.d = tt_dec_xsub(one->fee.d, part.fee.d);
        return part;
    }
    waiting->count--;
    size_t behind = (size_t)(&waiting->list[waiting->count] - one);
    memmove(one, one + 1, behind * sizeof *one);
    waiting->list[waiting->count] = (tt_waiting_exec){.qty = {TT_DEC_ZERO}};
    return part;
}

static tt_seq publish(tt_trade_module *trade, const tt_waiting_exec *what, tt_waiting_event event)
{
    tt_seq seq = tt_bus_next_seq(trade->core->bus);
    tt_waiting_fill payload = {
        .qty = what->qty,
        .waiting_qty = waiting_of(trade, what->leg),
        .price = what->price,
        .fee = what->fee,
        .put_seq = what->put_seq,
        .order_id = what->order_id,
        .exec_id = what->exec_id,
        .event = (uint8_t)event,
        .side = what->side,
        .role = what->role,
        .position_side = tt_leg_side(trade, what->leg),
    };
    uint32_t key = tt_leg_instrument(what->leg);
    tt_trade_post post = {TT_TOPIC_WAITING_FILLS, key, &what->correlation, &payload};
    (void)tt_trade_publish(trade, &post, NULL);
    trade->books->account.is_dirty = 1;
    return seq;
}

/* --- in and out --- */

tt_qty tt_waiting_room(tt_trade_module *trade, uint32_t leg, tt_qty excess)
{
    tt_qty none = {TT_DEC_ZERO};
    if (!tt_trade_is_hedging(trade)) {
        return none;
    }
    tt_dec hidden = TT_DEC_ZERO;
    entry_walk walk = {0};
    while (next_entry(trade, leg, &walk)) {
        hidden = tt_dec_xadd(hidden, rest_of(walk.order));
    }
    tt_dec room = tt_dec_xsub(hidden, waiting_of(trade, leg).d);
    if (tt_dec_sign(room) <= 0) {
        return none;
    }
    if (trade->books->waiting.count == TT_WAITING_MAX) {
        trade->books->counters.waiting_full++;
        return none;
    }
    return (tt_qty){tt_dec_min(room, excess.d)};
}

/* Asks once: nothing but the timer waits for the answer of an order that is over. */
static void ask_ended(tt_trade_module *trade, uint32_t leg)
{
    entry_walk walk = {.is_ended = true, .slot = trade->orders.table->recent_last};
    while (next_ended(trade, leg, &walk)) {
        if (walk.order->may_hide != 0 && tt_trade_rate_has(trade, TT_SEND_REQUESTS, 1)) {
            tt_order_send_query(trade, walk.order);
            walk.order->query_open = 0;
        }
    }
    tt_timer_id *timer = &trade->books->waiting.timers[leg - 1];
    tt_time due = {tt_trade_now(trade).ns + trade->config.orders.ack_timeout.ns};
    tutti_status status =
        tt_timers_arm(trade->core->timers, TT_TIMER_TRADE, TT_TRADE_TIMER_WAITING, leg, due, timer);
    TT_ASSERT(status == TUTTI_OK);
}

static void stop_timer(tt_trade_module *trade, uint32_t leg)
{
    tt_timer_id *timer = &trade->books->waiting.timers[leg - 1];
    if (timer->n != 0) {
        (void)tt_timers_cancel(trade->core->timers, *timer);
        *timer = (tt_timer_id){0};
    }
}

/* What an entry may have filled before what waits. Once it has answered that is what it has named
 * and not told yet. */
static tt_dec hidden_by(const tt_order *order)
{
    if (order->may_hide != 0) {
        return rest_of(order);
    }
    bool is_over = tt_order_state_is_final(order->state);
    tt_dec gap = tt_dec_xsub(order->venue_filled.d, order->filled_qty.d);
    return is_over ? TT_DEC_ZERO : tt_dec_max(gap, TT_DEC_ZERO);
}

/* Asks about what may hide a fill and is not asked about yet; returns how much may be hidden. */
static tt_dec ask(tt_trade_module *trade, uint32_t leg)
{
    tt_dec hidden = TT_DEC_ZERO;
    bool has_ended = false;
    entry_walk walk = {0};
    while (next_entry(trade, leg, &walk)) {
        tt_order *order = walk.order;
        bool works = order->state == TT_order_state_SUBMITTED ||
                     order->state == TT_order_state_PARTIALLY_FILLED;
        hidden = tt_dec_xadd(hidden, hidden_by(order));
        has_ended |= walk.is_ended && order->may_hide != 0;
        if (works && order->may_hide != 0 && order->query_open == 0) {
            tt_order_check_status(trade, order);
        }
    }
    if (has_ended && trade->books->waiting.timers[leg - 1].n == 0) {
        ask_ended(trade, leg);
    }
    return hidden;
}

void tt_waiting_put(
    tt_trade_module *trade,
    const tt_order *order,
    const tt_venue_report *report,
    tt_qty qty,
    tt_money fee)
{
    tt_waiting *waiting = &trade->books->waiting;
    uint32_t leg = tt_order_leg(trade, order);
    TT_ASSERT(waiting->count < TT_WAITING_MAX);
    tt_waiting_exec *one = &waiting->list[waiting->count++];
    *one = (tt_waiting_exec){
        .qty = qty,
        .price = report->price,
        .fee = fee,
        .correlation = order->correlation,
        .put_seq = tt_bus_next_seq(trade->core->bus),
        .order_id = order->intent.order_id,
        .exec_id = report->exec_id,
        .venue_time = report->venue_time,
        .leg = leg,
        .side = order->intent.side,
        .role = order->intent.role,
        .exit_reason = order->intent.exit_reason,
        .leverage = order->intent.leverage,
        .liquidity = report->liquidity,
        .account = order->account,
    };
    trade->books->counters.waiting++;
    (void)publish(trade, one, TT_waiting_event_PUT_ASIDE);
    stop_timer(trade, leg);
    entry_walk walk = {0};
    while (next_entry(trade, leg, &walk)) {
        walk.order->may_hide = 1;
    }
    (void)ask(trade, leg);
}

void tt_waiting_book(tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = tt_trade_position(trade, leg);
    for (;;) {
        tt_waiting_exec *one = first_of(trade, leg);
        if (one == NULL || tt_dec_is_zero(position->qty.d)) {
            return;
        }
        tt_qty qty = {tt_dec_min(one->qty.d, tt_dec_xabs(position->qty.d))};
        tt_waiting_exec part = take_out(&trade->books->waiting, one, qty);
        tt_position_book_waited(trade, &part, leg, publish(trade, &part, TT_waiting_event_BOOKED));
    }
}

/* --- what no entry explains --- */

static void raise_release(tt_trade_module *trade, const tt_waiting_exec *part)
{
    char qty[TT_DEC_TEXT_MAX];
    tt_dec_format(part->qty.d, qty);
    tt_trade_alert alert = {
        .type = TT_alert_type_FILL_HANDLING_FAILURE,
        .severity = TT_severity_CRITICAL,
        .key = tt_leg_instrument(part->leg),
        .subject = part->put_seq,
        .correlation = &part->correlation,
    };
    tt_trade_raise(
        trade,
        &alert,
        "%s more than held was closed, and no entry explains it: it is booked on the other side",
        qty);
}

static void release(tt_trade_module *trade, tt_waiting_exec *one, tt_qty qty)
{
    tt_waiting_exec part = take_out(&trade->books->waiting, one, qty);
    uint32_t other = tt_leg_of_excess(trade, part.leg);
    trade->books->counters.released++;
    tt_seq cause = publish(trade, &part, TT_waiting_event_RELEASED);
    tt_position_book_waited(trade, &part, other, cause);
    tt_waiting_book(trade, other);
    tt_liquidation_watch(trade, other, true);
    tt_sync_follow(trade, other);
    raise_release(trade, &part);
    tt_order *order = tt_order_find(&trade->orders, part.order_id);
    if (order != NULL) {
        tt_close_unwanted_fill(trade, order, part.qty);
    }
    tt_leg_follow_up(trade, other);
}

static void look(tt_trade_module *trade, uint32_t leg)
{
    tt_dec hidden = ask(trade, leg);
    for (;;) {
        tt_waiting_exec *newest = last_of(trade, leg);
        if (newest == NULL) {
            stop_timer(trade, leg);
            return;
        }
        tt_dec beyond = tt_dec_xsub(waiting_of(trade, leg).d, hidden);
        if (tt_dec_sign(beyond) <= 0) {
            return;
        }
        release(trade, newest, (tt_qty){tt_dec_min(beyond, newest->qty.d)});
    }
}

/* The venue says what it has filled of an order that was asked about after the newest execution
 * that waits was told. Who does not say what he answers is believed. */
static bool is_conclusive(tt_trade_module *trade, uint32_t leg, const tt_msg *msg)
{
    const tt_venue_report *report = TT_PAYLOAD(msg, VENUE_REPORTS, venue_report);
    bool is_word = report->kind == TT_report_kind_STATUS &&
                   report->venue_state != TT_order_state_NONE &&
                   report->venue_state != TT_order_state_FAILED &&
                   report->venue_state != TT_order_state_UNKNOWN;
    bool is_unknown = report->kind == TT_report_kind_NOT_FOUND;
    const tt_waiting_exec *newest = last_of(trade, leg);
    return (is_word || is_unknown) && (msg->cause == 0 || msg->cause > newest->put_seq);
}

void tt_waiting_on_report(tt_trade_module *trade, tt_order *order, const tt_msg *msg)
{
    uint32_t leg = tt_order_leg(trade, order);
    if (trade->books->waiting.count == 0 || first_of(trade, leg) == NULL) {
        return;
    }
    bool is_over = tt_order_state_is_final(order->state);
    const tt_venue_report *report = TT_PAYLOAD(msg, VENUE_REPORTS, venue_report);
    if (order->may_hide != 0 && is_conclusive(trade, leg, msg)) {
        /* That it is not known may pass, until the order is given up (order_report.c). */
        bool is_final_word = is_over || report->kind == TT_report_kind_STATUS;
        bool has_gap = tt_dec_lt(order->filled_qty.d, report->cumulative_qty.d);
        order->may_hide = !is_final_word || (is_over && has_gap);
    }
    look(trade, leg);
}

void tt_waiting_on_timer(tt_trade_module *trade, uint32_t leg)
{
    trade->books->waiting.timers[leg - 1] = (tt_timer_id){0};
    entry_walk walk = {.is_ended = true, .slot = trade->orders.table->recent_last};
    while (next_ended(trade, leg, &walk)) {
        walk.order->may_hide = 0;
    }
    look(trade, leg);
}

void tt_waiting_recover(tt_trade_module *trade)
{
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t leg = 1; leg <= last && trade->books->waiting.count != 0; leg++) {
        if (first_of(trade, leg) != NULL) {
            look(trade, leg);
        }
    }
}

void tt_waiting_check(tt_trade_module *trade)
{
    const tt_waiting *waiting = &trade->books->waiting;
    TT_ASSERT(waiting->count <= TT_WAITING_MAX);
    for (uint32_t i = 0; i < waiting->count; i++) {
        const tt_waiting_exec *one = &waiting->list[i];
        TT_ASSERT(tt_trade_is_hedging(trade) && tt_dec_sign(one->qty.d) > 0);
        TT_ASSERT(tt_dec_is_zero(tt_trade_position(trade, one->leg)->qty.d));
        TT_ASSERT(one->put_seq != 0 && one->put_seq < tt_bus_next_seq(trade->core->bus));
    }
}
