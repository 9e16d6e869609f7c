/* SPDX-License-Identifier: Apache-2.0 */
/* Reference books: every published message is checked against whole-number arithmetic. */
#include "prop_world.h"

static int64_t thousandths(world *w, tt_dec value)
{
    int64_t out = 0;
    CHECK(w, tt_dec_to_i64(value, 3, TT_ROUND_EXACT, &out) == TUTTI_OK);
    return out;
}

static bool is_final(uint8_t state)
{
    return tt_order_state_is_final(state);
}

static bool is_live(uint8_t state)
{
    return state != TT_order_state_NONE && !is_final(state);
}

static bool has_row(uint8_t from, uint8_t to, uint8_t says)
{
    for (uint8_t i = 0; i < tt_order_machine.row_count; i++) {
        const tt_sm_row *row = &tt_order_machine.rows[i];
        if (row->from == from && row->to == to && row->flags == says) {
            return true;
        }
    }
    return false;
}

/* What is said of amends follows from the report that is delivered, and moves no state. */
static void read_amend_event(world *w, model_order *order, const tt_execution_event *event)
{
    bool is_sent = event->event == TT_execution_event_type_ORDER_AMENDING;
    CHECK(w, event->new_state == event->old_state);
    if (is_sent) {
        CHECK(w, order->amend_id != 0);
        return;
    }
    w->amend_events[event->event - TT_execution_event_type_ORDER_AMENDING]++;
    CHECK(w, w->mail != NULL && w->mail->order_id == order->id);
    if (event->event != TT_execution_event_type_ORDER_AMENDED) {
        CHECK(w, order->amend_id != 0);
        order->amend_id = 0; /* The values stay, see the caller. */
        return;
    }
    int64_t price = 0;
    CHECK(w, tt_dec_to_i64(event->price.d, 2, TT_ROUND_EXACT, &price) == TUTTI_OK);
    CHECK(w, tt_dec_eq(event->qty.d, w->mail->terms.qty.d));
    order->qty = thousandths(w, event->qty.d);
    order->worst_price = price == 0 ? order->worst_price : price;
    if (w->mail->amend_id >= order->amend_id) {
        order->amend_id = 0;
    }
}

static void read_event(world *w, const tt_msg *msg)
{
    const tt_execution_event *event = TT_PAYLOAD(msg, EXECUTION_EVENTS, execution_event);
    model_order *order = world_order(w, event->order_id);
    CHECK(w, order != NULL);
    CHECK(w, event->old_state == order->state);
    bool is_amend = event->event >= TT_execution_event_type_ORDER_AMENDING;
    bool is_late_fill = event->event == TT_execution_event_type_ORDER_ERROR &&
                        event->report_kind == TT_report_kind_FILL;
    if (is_final(event->old_state)) {
        /* Nothing comes back to life. */
        CHECK(w, event->new_state == event->old_state && is_late_fill);
    } else if (is_amend) {
        read_amend_event(w, order, event);
    } else {
        CHECK(w, has_row(event->old_state, event->new_state, event->event));
    }
    int64_t filled = thousandths(w, event->filled_qty.d);
    CHECK(w, filled >= order->filled && thousandths(w, event->qty.d) == order->qty);
    if (event->new_state == TT_order_state_FILLED) {
        /* Whether an order is over at less than a raise asks for is not known before its answer. */
        bool is_raised = order->amend_id != 0 && order->amend_qty > order->qty;
        CHECK(w, filled >= (is_raised ? order->amend_qty : order->qty));
    }
    order->filled = filled;
    if (is_final(event->new_state)) {
        order->amend_id = 0;
    }
    if (is_final(event->new_state) && !is_final(order->state)) {
        order->ended_at = ++w->ended;
    }
    order->state = event->new_state;
}

static void read_fill(world *w, const tt_msg *msg)
{
    const tt_fill *row = TT_PAYLOAD(msg, FILLS, fill);
    const model_order *order = world_order(w, row->order_id);
    CHECK(w, order != NULL && row->exec_id >= 1 && row->exec_id <= order->exec_count);
    const model_exec *exec = &order->execs[row->exec_id - 1];
    int64_t qty = thousandths(w, row->qty.d);
    int64_t *held = &w->held[order->instrument - 1];
    int64_t fee = 0;
    CHECK(w, tt_dec_eq(row->price.d, tt_dec_from_i64(exec->price, 2)));
    CHECK(w, tt_dec_eq(row->notional.d, tt_dec_from_i64(exec->price * qty, 5)));
    int64_t before = *held;
    *held += order->sign * qty;
    CHECK(w, before == 0 || *held == 0 || (before > 0) == (*held > 0)); /* Zero is never crossed. */
    CHECK(w, thousandths(w, row->position_qty.d) == *held);
    bool reduces = before != 0 && (before > 0) != (order->sign > 0);
    tt_fill_effect effect = before == 0  ? TT_fill_effect_OPEN
                            : !reduces   ? TT_fill_effect_INCREASE
                            : *held == 0 ? TT_fill_effect_CLOSE
                                         : TT_fill_effect_REDUCE;
    CHECK(w, row->effect == effect && row->fill_id == msg->seq);
    CHECK(w, reduces || tt_dec_is_zero(row->realized_pnl.d));
    CHECK(w, (row->exit_reason != TT_exit_reason_NONE) == reduces);
    w->cash_flow -= order->sign * exec->price * qty;
    w->realized = tt_dec_xadd(w->realized, row->realized_pnl.d);
    /* A crossing splits the fee at 18 digits: only the sum over the step is whole. */
    if (tt_dec_to_i64(row->fee.d, 5, TT_ROUND_EXACT, &fee) == TUTTI_OK && qty == exec->qty) {
        CHECK(w, fee == exec->fee);
    }
    w->step_filled += qty;
    w->fill_rows++;
    if (tt_dec_is_zero(w->mark[order->instrument - 1])) {
        w->mark[order->instrument - 1] = row->price.d;
    }
}

static tt_dec value_of(const world *w, uint32_t index)
{
    return tt_dec_xmul(tt_dec_from_i64(w->held[index], 3), w->mark[index]);
}

static void read_position(world *w, const tt_msg *msg)
{
    const tt_position_update *row = TT_PAYLOAD(msg, POSITION_UPDATES, position_update);
    uint32_t index = msg->key - 1;
    CHECK(w, thousandths(w, row->qty.d) == w->held[index]);
    tt_dec unrealized = tt_dec_xsub(value_of(w, index), row->cost.d);
    CHECK(w, tt_dec_eq(row->unrealized_pnl.d, unrealized));
    CHECK(w, (row->event == TT_position_event_CLOSED) == (w->held[index] == 0));
    CHECK(w, (row->cause_fill == 0) == (row->event == TT_position_event_MARKED));
    CHECK(w, tt_dec_le(tt_dec_xabs(row->qty.d), row->max_qty.d));
    CHECK(w, !tt_dec_is_zero(row->qty.d) || tt_dec_is_zero(row->cost.d));
}

static void check_orders(world *w, const tt_account_update *row)
{
    int64_t pending = 0;
    uint32_t open = 0;
    uint32_t unknown = 0;
    for (uint32_t i = 0; i < MODEL_ORDERS; i++) {
        const model_order *order = &w->orders[i];
        if (order->id == 0 || !is_live(order->state)) {
            continue;
        }
        open++;
        unknown += order->state == TT_order_state_UNKNOWN;
        if (!order->reduce_only) {
            pending += model_pending(order);
        }
    }
    CHECK(w, row->open_orders == open && row->unknown_orders == unknown);
    CHECK(w, tt_dec_eq(row->pending_exposure.d, tt_dec_from_i64(pending, 5)));
    CHECK(w, tt_dec_sign(row->pending_exposure.d) >= 0);
}

static void read_account(world *w, const tt_msg *msg)
{
    const tt_account_update *row = TT_PAYLOAD(msg, ACCOUNT_UPDATES, account_update);
    tt_dec value = TT_DEC_ZERO;
    tt_dec exposure = TT_DEC_ZERO;
    uint32_t open = 0;
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        value = tt_dec_xadd(value, value_of(w, i));
        exposure = tt_dec_xadd(exposure, tt_dec_xabs(value_of(w, i)));
        open += w->held[i] != 0;
    }
    /* cash_flow = -sum(signed quantity x price) - fees, exactly. */
    tt_dec cash = tt_dec_xsub(tt_dec_from_i64(w->cash_flow, 5), row->fees.d);
    CHECK(w, tt_dec_eq(row->cash_flow.d, cash));
    CHECK(w, tt_dec_eq(row->realized_pnl.d, w->realized));
    tt_dec balance = tt_dec_xsub(tt_dec_xadd(row->initial.d, w->realized), row->fees.d);
    CHECK(w, tt_dec_eq(row->balance.d, balance));
    CHECK(w, tt_dec_eq(row->equity.d, tt_dec_xadd(row->balance.d, row->unrealized_pnl.d)));
    tt_dec by_cash = tt_dec_xadd(tt_dec_xadd(row->initial.d, row->cash_flow.d), value);
    CHECK(w, tt_dec_eq(row->equity.d, by_cash));
    CHECK(w, tt_dec_eq(row->exposure.d, exposure) && row->open_positions == open);
    CHECK(w, tt_dec_sign(row->margin_available.d) >= 0);
}

void world_read(world *w)
{
    const tt_bus *bus = w->f.core.bus;
    const tt_account_update *last_account = NULL;
    w->dead_letters = 0;
    w->step_filled = 0;
    for (const tt_msg *msg = tt_bus_outbox_next(bus, NULL); msg != NULL;
         msg = tt_bus_outbox_next(bus, msg)) {
        switch (msg->topic) {
        case TT_TOPIC_ORDER_INTENTS:
            world_receive(w, msg);
            break;
        case TT_TOPIC_ORDER_CANCELS:
            world_cancel(w, msg);
            break;
        case TT_TOPIC_ORDER_AMENDS:
            world_amend(w, msg);
            break;
        case TT_TOPIC_ORDER_QUERIES:
            world_query(w, msg);
            break;
        case TT_TOPIC_EXECUTION_EVENTS:
            read_event(w, msg);
            break;
        case TT_TOPIC_FILLS:
            read_fill(w, msg);
            break;
        case TT_TOPIC_POSITION_UPDATES:
            read_position(w, msg);
            break;
        case TT_TOPIC_ACCOUNT_UPDATES:
            read_account(w, msg);
            last_account = tt_msg_payload(msg);
            break;
        case TT_TOPIC_DEAD_LETTERS:
            w->dead_letters++;
            break;
        default:
            break;
        }
    }
    /* At the end of a step the newest account shows every order as it is now. */
    if (last_account != NULL) {
        check_orders(w, last_account);
    }
}
