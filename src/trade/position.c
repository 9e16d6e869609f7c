/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Positions: every execution is booked here, once, to the last digit.
 *
 * A fill that opens or increases adds its signed notional to the cost. A fill that reduces takes
 * the share closed / held of the cost, rounded half to even, and realises the difference; the rest
 * of the cost is a subtraction, so that nothing is lost to rounding. A fill that crosses zero is
 * booked as two: the part that closes and the part that opens a new position with a new id. In
 * hedging, what an unfilled entry may explain of the second part waits for its fill (waiting.c).
 */
#include "trade/trade_priv.h"

/* One part of an execution: on one side of zero. */
typedef struct booking {
    const tt_order *order;
    const tt_venue_report *report;
    tt_qty qty;        /* Positive. */
    tt_money notional; /* Positive. */
    tt_money fee;
    tt_money realized;
    tt_price entry_price; /* Before the fill, for the display of a closed position. */
    tt_seq cause;         /* Of the fill; 0 = the message in delivery. */
    uint32_t leg;
    tt_fill_effect effect;
} booking;

static int side_sign(uint8_t side)
{
    TT_ASSERT(side == TT_side_BUY || side == TT_side_SELL);
    return side == TT_side_BUY ? 1 : -1;
}

static tt_dec signed_as(tt_dec value, int sign)
{
    return sign > 0 ? value : tt_dec_xneg(value);
}

/* Tells whether |a| + |b| stays within a bound, without overflow. */
static bool fits(tt_dec a, tt_dec b, tt_dec bound)
{
    tt_dec sum = TT_DEC_ZERO;
    return tt_dec_add(tt_dec_xabs(a), tt_dec_xabs(b), &sum) == TUTTI_OK && tt_dec_le(sum, bound);
}

/* What an execution makes of one position at most: less of it, or the other side; or more. */
static tt_dec most_after(tt_dec held, tt_dec traded, bool adds)
{
    tt_dec before = tt_dec_xabs(held);
    return adds ? tt_dec_xadd(before, traded) : tt_dec_max(before, traded);
}

/* Tells whether one position can take so much of an execution. What reduces always fits: a position
 * that the books hold can be closed. */
static bool leg_can_hold(
    const tt_trade_module *trade,
    uint32_t leg,
    const tt_order *order,
    const tt_venue_report *report,
    tt_qty qty)
{
    const tt_position *position = &trade->books->positions[leg - 1];
    int sign = side_sign(order->intent.side);
    bool adds = tt_dec_sign(position->qty.d) != -sign;
    tt_dec value = TT_DEC_ZERO;
    if (!tt_dec_le(qty.d, TT_QTY_MAX)) {
        return false;
    }
    tt_dec most = most_after(position->qty.d, qty.d, adds);
    tt_dec mark = tt_dec_max(position->mark.d, report->price.d);
    tt_dec notional = tt_dec_xmul(report->price.d, qty.d);
    return tt_dec_le(most, TT_QTY_MAX) &&
           tt_dec_mul(most, mark, TT_ROUND_HALF_EVEN, &value) == TUTTI_OK &&
           tt_dec_le(value, TT_POSITION_VALUE_MAX) &&
           tt_dec_le(most_after(position->cost.d, notional, adds), TT_POSITION_VALUE_MAX);
}

/* What of an execution lands on the other position of its instrument, if nothing waits. */
static tt_qty
excess_of(const tt_trade_module *trade, uint32_t leg, const tt_order *order, tt_qty qty)
{
    if (!tt_trade_is_hedging(trade) || tt_leg_side(trade, leg) == order->intent.side) {
        return (tt_qty){TT_DEC_ZERO};
    }
    tt_dec held = tt_dec_xabs(trade->books->positions[leg - 1].qty.d);
    return (tt_qty){tt_dec_max(tt_dec_xsub(qty.d, held), TT_DEC_ZERO)};
}

bool tt_position_can_book(
    const tt_trade_module *trade, const tt_order *order, const tt_venue_report *report)
{
    const tt_account *account = &trade->books->account;
    uint32_t leg = tt_order_leg(trade, order);
    tt_dec notional = TT_DEC_ZERO;
    bool is_sane =
        tt_dec_mul(report->price.d, report->qty.d, TT_ROUND_HALF_EVEN, &notional) == TUTTI_OK &&
        tt_dec_le(notional, TT_NOTIONAL_MAX) && fits(report->fee.d, TT_DEC_ZERO, TT_NOTIONAL_MAX);
    tt_qty excess = is_sane ? excess_of(trade, leg, order, report->qty) : report->qty;
    return is_sane && leg_can_hold(trade, leg, order, report, report->qty) &&
           leg_can_hold(trade, tt_leg_of_excess(trade, leg), order, report, excess) &&
           fits(account->cash_flow.d, notional, TT_ACCOUNT_SUM_MAX) &&
           fits(account->fees.d, report->fee.d, TT_ACCOUNT_SUM_MAX);
}

static tt_price average_price(const tt_position *position)
{
    if (tt_dec_is_zero(position->qty.d)) {
        return (tt_price){TT_DEC_ZERO};
    }
    return (tt_price){tt_dec_xdiv(position->cost.d, position->qty.d)};
}

static void open_position(const tt_trade_module *trade, tt_position *position, const booking *part)
{
    const tt_order_intent *intent = &part->order->intent;
    bool is_entry = intent->role == TT_order_role_ENTRY;
    *position = (tt_position){
        .mark = position->mark,
        .has_trades = position->has_trades,
        .priced_at = position->priced_at,
        .opened_by = intent->order_id,
        .opened_at = tt_trade_now(trade),
        .correlation = part->order->correlation,
        .leverage = intent->leverage,
        .is_external = intent->role == TT_order_role_ADJUSTMENT,
        .stop_loss = is_entry ? intent->stop_loss : (tt_price){TT_DEC_ZERO},
        .take_profit = is_entry ? intent->take_profit : (tt_price){TT_DEC_ZERO},
    };
    if (tt_dec_is_zero(position->mark.d)) {
        position->mark = part->report->price;
    }
}

/* Tells whether a stop is farther from the price than the one in force. */
static bool is_looser(const tt_position *position, tt_price stop)
{
    bool is_long = tt_dec_sign(position->qty.d) > 0;
    return is_long ? tt_dec_lt(stop.d, position->stop_loss.d)
                   : tt_dec_lt(position->stop_loss.d, stop.d);
}

/* The newest levels protect the whole position, but nobody loosens the stop of another source; the
 * lower leverage binds more margin. */
static void join_position(const tt_trade_module *trade, tt_position *position, const booking *part)
{
    const tt_order_intent *intent = &part->order->intent;
    if (intent->role != TT_order_role_ENTRY) {
        return;
    }
    bool is_kept = !tt_dec_is_zero(position->stop_loss.d) &&
                   is_looser(position, intent->stop_loss) &&
                   tt_sub_others_trade(trade, part->leg, part->order->account);
    if (!tt_dec_is_zero(intent->stop_loss.d) && !is_kept) {
        position->stop_loss = intent->stop_loss;
    }
    if (!tt_dec_is_zero(intent->take_profit.d) &&
        !tt_dec_eq(intent->take_profit.d, position->take_profit.d)) {
        position->take_profit = intent->take_profit;
        position->target_failed = 0;
    }
    if (intent->leverage < position->leverage) {
        position->leverage = intent->leverage;
    }
}

static tt_fill_effect effect_of(const tt_position *position, const booking *part)
{
    int held = tt_dec_sign(position->qty.d);
    if (held == 0) {
        return TT_fill_effect_OPEN;
    }
    if (held == side_sign(part->order->intent.side)) {
        return TT_fill_effect_INCREASE;
    }
    bool is_all = tt_dec_eq(tt_dec_xabs(position->qty.d), part->qty.d);
    return is_all ? TT_fill_effect_CLOSE : TT_fill_effect_REDUCE;
}

/* Returns the realised profit of the part that leaves the position. */
static tt_money take_cost(tt_position *position, const booking *part, tt_dec signed_notional)
{
    tt_dec share = position->cost.d;
    if (part->effect == TT_fill_effect_REDUCE) {
        tt_dec held = tt_dec_xabs(position->qty.d);
        tutti_status status =
            tt_dec_muldiv(position->cost.d, part->qty.d, held, TT_ROUND_HALF_EVEN, &share);
        TT_ASSERT(status == TUTTI_OK);
    }
    position->cost.d = tt_dec_xsub(position->cost.d, share);
    return (tt_money){tt_dec_xneg(tt_dec_xadd(signed_notional, share))};
}

static void apply_part(tt_trade_module *trade, tt_position *position, booking *part)
{
    tt_account *account = &trade->books->account;
    int sign = side_sign(part->order->intent.side);
    tt_dec notional = signed_as(part->notional.d, sign);
    bool adds = part->effect == TT_fill_effect_OPEN || part->effect == TT_fill_effect_INCREASE;
    if (adds) {
        position->cost.d = tt_dec_xadd(position->cost.d, notional);
    } else {
        part->realized = take_cost(position, part, notional);
    }
    position->qty.d = tt_dec_xadd(position->qty.d, signed_as(part->qty.d, sign));
    position->max_qty.d = tt_dec_max(position->max_qty.d, tt_dec_xabs(position->qty.d));
    position->value.d = tt_dec_xmul(position->qty.d, position->mark.d);
    position->realized_pnl.d = tt_dec_xadd(position->realized_pnl.d, part->realized.d);
    position->fees.d = tt_dec_xadd(position->fees.d, part->fee.d);
    position->marked_at = tt_trade_now(trade);
    trade->books->sync.legs[part->leg - 1].changed_at = tt_trade_now(trade);
    trade->books->sync.balance.changed_at = tt_trade_now(trade);
    tt_liquidation_update(trade, part->leg, position);
    account->realized_pnl.d = tt_dec_xadd(account->realized_pnl.d, part->realized.d);
    account->fees.d = tt_dec_xadd(account->fees.d, part->fee.d);
    tt_dec paid = tt_dec_xadd(notional, part->fee.d);
    account->cash_flow.d = tt_dec_xsub(account->cash_flow.d, paid);
    tt_qty change = {signed_as(part->qty.d, sign)};
    tt_sub_book(
        trade, part->leg, part->order->account, !adds, change, (tt_money){notional}, part->fee);
}

static bool reduces(const booking *part)
{
    return part->effect == TT_fill_effect_REDUCE || part->effect == TT_fill_effect_CLOSE;
}

/* An entry that reduces what is held on the other side was a signal. */
static uint8_t exit_reason_of(const booking *part)
{
    if (!reduces(part)) {
        return TT_exit_reason_NONE;
    }
    uint8_t reason = part->order->intent.exit_reason;
    return reason == TT_exit_reason_NONE ? (uint8_t)TT_exit_reason_SIGNAL : reason;
}

static tt_seq publish_fill(tt_trade_module *trade, const tt_position *position, const booking *part)
{
    const tt_order_intent *intent = &part->order->intent;
    tt_seq fill_id = tt_bus_next_seq(trade->core->bus);
    tt_fill payload = {
        .price = part->report->price,
        .qty = part->qty,
        .notional = part->notional,
        .fee = part->fee,
        .realized_pnl = part->realized,
        .position_qty = position->qty,
        .position_cost = position->cost,
        .balance = tt_account_balance(&trade->books->account),
        .fill_id = fill_id,
        .order_id = intent->order_id,
        .position_id = position->position_id,
        .exec_id = part->report->exec_id,
        .venue_time = part->report->venue_time,
        .side = intent->side,
        .liquidity = part->report->liquidity,
        .role = intent->role,
        .effect = (uint8_t)part->effect,
        .exit_reason = exit_reason_of(part),
        .position_side = tt_leg_side(trade, part->leg),
    };
    uint32_t key = part->order->instrument;
    const tt_uuid *correlation = &part->order->correlation;
    tt_trade_post post = {TT_TOPIC_FILLS, key, correlation, &payload};
    (void)tt_trade_publish_for(trade, &post, part->cause, NULL);
    trade->books->counters.fills++;
    return fill_id;
}

static tt_position_update
describe(const tt_trade_module *trade, uint32_t leg, const tt_position *position)
{
    return (tt_position_update){
        .qty = position->qty,
        .cost = position->cost,
        .entry_price = average_price(position),
        .mark = position->mark,
        .unrealized_pnl = {tt_dec_xsub(position->value.d, position->cost.d)},
        .realized_pnl = position->realized_pnl,
        .fees = position->fees,
        .stop_loss = position->stop_loss,
        .take_profit = position->take_profit,
        .max_qty = position->max_qty,
        .position_id = position->position_id,
        .opened_at = position->opened_at,
        .side = tt_dec_sign(position->qty.d) >= 0 ? TT_side_BUY : TT_side_SELL,
        .leverage = position->leverage,
        .position_side = tt_leg_side(trade, leg),
        .is_external = position->is_external,
    };
}

static tt_position_event event_of(tt_fill_effect effect)
{
    switch (effect) {
    case TT_fill_effect_OPEN:
        return TT_position_event_OPENED;
    case TT_fill_effect_INCREASE:
        return TT_position_event_INCREASED;
    case TT_fill_effect_REDUCE:
        return TT_position_event_REDUCED;
    case TT_fill_effect_CLOSE:
        return TT_position_event_CLOSED;
    case TT_fill_effect_NONE:
    case TT_fill_effect_COUNT:
        break;
    }
    return TT_position_event_NONE;
}

static void publish_change(
    tt_trade_module *trade, const tt_position *position, const booking *part, tt_seq cause_fill)
{
    tt_position_update payload = describe(trade, part->leg, position);
    payload.event = (uint8_t)event_of(part->effect);
    payload.cause_fill = cause_fill;
    payload.exit_reason = exit_reason_of(part);
    if (part->effect == TT_fill_effect_CLOSE) {
        bool was_long = part->order->intent.side == TT_side_SELL;
        payload.side = was_long ? TT_side_BUY : TT_side_SELL;
        payload.entry_price = part->entry_price;
    }
    uint32_t key = part->order->instrument;
    const tt_uuid *correlation = &part->order->correlation;
    (void)tt_trade_publish(
        trade, &(tt_trade_post){TT_TOPIC_POSITION_UPDATES, key, correlation, &payload}, NULL);
}

static void book_part(tt_trade_module *trade, booking *part)
{
    tt_position *position = tt_trade_position(trade, part->leg);
    part->effect = effect_of(position, part);
    part->entry_price = average_price(position);
    if (part->effect == TT_fill_effect_OPEN) {
        open_position(trade, position, part);
    } else if (part->effect == TT_fill_effect_INCREASE) {
        join_position(trade, position, part);
    } else if (part->effect == TT_fill_effect_CLOSE) {
        trade->books->account.closed_trades++;
    }
    apply_part(trade, position, part);
    if (part->effect == TT_fill_effect_OPEN) {
        /* Named by its first fill; the parts of sub-accounts have been told before it. */
        position->position_id = tt_bus_next_seq(trade->core->bus);
    }
    tt_seq fill_id = publish_fill(trade, position, part);
    publish_change(trade, position, part, fill_id);
    tt_account_publish(trade, fill_id);
}

/* A part of an execution; its share of the fee is rounded half to even. */
static booking part_of(const booking *whole, tt_qty qty)
{
    booking part = *whole;
    part.qty = qty;
    part.notional.d = tt_dec_xmul(whole->report->price.d, qty.d);
    tutti_status status =
        tt_dec_muldiv(whole->fee.d, qty.d, whole->qty.d, TT_ROUND_HALF_EVEN, &part.fee.d);
    TT_ASSERT(status == TUTTI_OK);
    return part;
}

/* Takes a part off what is left of an execution. */
static void take_off(booking *left, const booking *part)
{
    left->qty.d = tt_dec_xsub(left->qty.d, part->qty.d);
    left->notional.d = tt_dec_xsub(left->notional.d, part->notional.d);
    left->fee.d = tt_dec_xsub(left->fee.d, part->fee.d);
}

/* Books what closes, puts aside what waits, and books the rest as what opens. */
static void book_crossing(tt_trade_module *trade, const booking *whole, tt_qty held)
{
    booking left = *whole;
    booking closes = part_of(whole, held);
    take_off(&left, &closes);
    booking waits = part_of(whole, tt_waiting_room(trade, whole->leg, left.qty));
    take_off(&left, &waits);
    if (!tt_dec_is_zero(closes.qty.d)) {
        book_part(trade, &closes);
    }
    if (!tt_dec_is_zero(waits.qty.d)) {
        waits.fee.d =
            tt_dec_is_zero(left.qty.d) ? tt_dec_xadd(waits.fee.d, left.fee.d) : waits.fee.d;
        tt_waiting_put(trade, whole->order, whole->report, waits.qty, waits.fee);
    }
    if (!tt_dec_is_zero(left.qty.d)) {
        left.leg = tt_leg_of_excess(trade, whole->leg);
        book_part(trade, &left);
    }
}

static void follow_booking(tt_trade_module *trade, uint32_t leg)
{
    tt_liquidation_watch(trade, leg, true);
    tt_sync_follow(trade, leg);
}

void tt_position_book(tt_trade_module *trade, const tt_order *order, const tt_venue_report *report)
{
    booking whole = {
        .order = order,
        .report = report,
        .qty = report->qty,
        .notional = {tt_dec_xmul(report->price.d, report->qty.d)},
        .fee = report->fee,
        .leg = tt_order_leg(trade, order),
    };
    const tt_position *position = tt_trade_position(trade, whole.leg);
    tt_qty held = {tt_dec_xabs(position->qty.d)};
    int sign = tt_dec_sign(position->qty.d);
    bool reduces_leg = tt_trade_is_hedging(trade) && order->intent.reduce_only != 0;
    bool is_against = sign == -side_sign(order->intent.side) || reduces_leg;
    bool is_crossing = is_against && tt_dec_lt(held.d, report->qty.d);
    if (is_crossing) {
        book_crossing(trade, &whole, held);
    } else {
        book_part(trade, &whole);
    }
    tt_waiting_book(trade, whole.leg);
    follow_booking(trade, whole.leg);
    uint32_t other = tt_leg_of_excess(trade, whole.leg);
    if (is_crossing && other != whole.leg) {
        tt_waiting_book(trade, other);
        follow_booking(trade, other);
    }
}

void tt_position_book_waited(
    tt_trade_module *trade, const tt_waiting_exec *what, uint32_t leg, tt_seq cause)
{
    const tt_order order = {
        .intent =
            {
                .order_id = what->order_id,
                .side = what->side,
                .role = what->role,
                .reduce_only = 1,
                .leverage = what->leverage,
                .exit_reason = what->exit_reason,
            },
        .correlation = what->correlation,
        .instrument = tt_leg_instrument(leg),
        .account = what->account,
    };
    const tt_venue_report report = {
        .price = what->price,
        .qty = what->qty,
        .exec_id = what->exec_id,
        .venue_time = what->venue_time,
        .liquidity = what->liquidity,
    };
    booking part = {
        .order = &order,
        .report = &report,
        .qty = what->qty,
        .notional = {tt_dec_xmul(what->price.d, what->qty.d)},
        .fee = what->fee,
        .cause = cause,
        .leg = leg,
    };
    book_part(trade, &part);
}

void tt_position_publish(tt_trade_module *trade, uint32_t leg, tt_position_event event)
{
    tt_position *position = tt_trade_position(trade, leg);
    tt_position_update payload = describe(trade, leg, position);
    payload.event = (uint8_t)event;
    position->marked_at = tt_trade_now(trade);
    tt_trade_post post = {
        TT_TOPIC_POSITION_UPDATES, tt_leg_instrument(leg), &position->correlation, &payload};
    (void)tt_trade_publish(trade, &post, NULL);
}
