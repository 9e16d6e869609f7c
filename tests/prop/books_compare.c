/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The module against the model, after every event and to the last digit, and the laws.
 */
#include "books_world.h"

#include <stdlib.h>
#include <string.h>

static void
same(const bw_world *w, const char *what, uint32_t index, tt_dec actual, bm_money wanted)
{
    if (actual.v == wanted) {
        return;
    }
    char is[TT_DEC_TEXT_MAX];
    char ought[TT_DEC_TEXT_MAX];
    tt_dec_format(actual, is);
    tt_dec_format((tt_dec){wanted}, ought);
    print_error("%s (%u) is %s, must be %s\n", what, index, is, ought);
    bw_fail(w, what);
}

static bm_money quantity(int64_t thousandths)
{
    return (bm_money)thousandths * 1000000 * BM_VALUE_UNIT;
}

static bm_money price_of(int64_t millionths)
{
    return (bm_money)millionths * 1000 * BM_VALUE_UNIT;
}

/* --- messages --- */

static bool is_legal(uint8_t from, uint8_t to)
{
    /* By the specification; only an unknown order and a partly filled one may stay what they are.
     */
    static const char *const followers[TT_order_state_COUNT] = {
        [TT_order_state_NONE] = "N",
        [TT_order_state_NEW] = "P",
        [TT_order_state_PENDING] = "SpFCRXDU",
        [TT_order_state_SUBMITTED] = "pFCRXU",
        [TT_order_state_PARTIALLY_FILLED] = "pFCRXU",
        [TT_order_state_UNKNOWN] = "SpFCRXDU",
    };
    static const char letters[TT_order_state_COUNT] = {
        [TT_order_state_NONE] = '-',
        [TT_order_state_NEW] = 'N',
        [TT_order_state_PENDING] = 'P',
        [TT_order_state_SUBMITTED] = 'S',
        [TT_order_state_PARTIALLY_FILLED] = 'p',
        [TT_order_state_FILLED] = 'F',
        [TT_order_state_CANCELLED] = 'C',
        [TT_order_state_REJECTED] = 'R',
        [TT_order_state_EXPIRED] = 'X',
        [TT_order_state_FAILED] = 'D',
        [TT_order_state_UNKNOWN] = 'U',
    };
    return followers[from] != NULL && strchr(followers[from], letters[to]) != NULL;
}

static void read_event(bw_world *w, const tt_msg *msg)
{
    const tt_execution_event *event = TT_PAYLOAD(msg, EXECUTION_EVENTS, execution_event);
    bw_order *order = bw_find(w, event->order_id);
    BW_CHECK(w, order != NULL && event->old_state == order->state);
    bool is_final = tt_order_state_is_final(order->state);
    bool is_late_fill =
        is_final && event->new_state == order->state && w->expected_order == order->id;
    BW_CHECK(w, is_late_fill || is_legal(event->old_state, event->new_state));
    same(w, "filled_qty of an order", 0, event->filled_qty.d, quantity(order->booked));
    bool is_ended = tt_order_state_is_final(event->new_state);
    if (is_ended && !is_final) {
        order->ended_at = ++w->ended;
        /* What the venue says of the end is what is true there. */
        BW_CHECK(
            w,
            event->new_state == TT_order_state_FAILED   ? !order->is_known
            : event->new_state == TT_order_state_FILLED ? order->booked >= order->qty
                                                        : event->new_state == order->venue_state);
    }
    w->unknown += event->new_state == TT_order_state_UNKNOWN;
    order->state = event->new_state;
}

static tt_fill_effect effect_of(bm_effect effect)
{
    switch (effect) {
    case BM_OPEN:
        return TT_fill_effect_OPEN;
    case BM_INCREASE:
        return TT_fill_effect_INCREASE;
    case BM_REDUCE:
        return TT_fill_effect_REDUCE;
    case BM_CLOSE:
        break;
    }
    return TT_fill_effect_CLOSE;
}

static void read_fill(bw_world *w, const tt_msg *msg, uint32_t number)
{
    const tt_fill *row = TT_PAYLOAD(msg, FILLS, fill);
    BW_CHECK(w, number < w->expected_count);
    const bm_part *part = &w->expected[number];
    BW_CHECK(w, row->order_id == part->order_id && row->exec_id == part->exec_id);
    BW_CHECK(w, row->effect == effect_of(part->effect));
    BW_CHECK(w, msg->key == part->leg % BM_INSTRUMENTS + 1);
    same(w, "qty of a fill", number, row->qty.d, quantity(part->qty));
    same(w, "notional of a fill", number, row->notional.d, part->notional);
    same(w, "fee of a fill", number, row->fee.d, part->fee);
    same(w, "realized_pnl of a fill", number, row->realized_pnl.d, part->realized);
    same(w, "position_qty of a fill", number, row->position_qty.d, quantity(part->position_qty));
    same(w, "position_cost of a fill", number, row->position_cost.d, part->position_cost);
    same(w, "balance of a fill", number, row->balance.d, part->balance);
}

/* An update that a fill caused shows the position after it; others show it as it is. */
static void check_position_message(const bw_world *w, const tt_msg *msg, const bm_part *part)
{
    const tt_position_update *row = TT_PAYLOAD(msg, POSITION_UPDATES, position_update);
    bool is_short = row->position_side == TT_side_SELL;
    uint32_t leg = msg->key - 1 + (is_short ? BM_INSTRUMENTS : 0);
    const bm_position *position = &w->model.positions[leg];
    bm_part now = {
        .leg = leg,
        .position_qty = position->qty,
        .max_qty = position->max_qty,
        .position_cost = position->cost,
        .position_realized = position->realized,
        .position_fees = position->fees,
    };
    part = row->cause_fill != 0 ? part : &now;
    BW_CHECK(w, part != NULL && part->leg == leg);
    same(w, "qty of an update", leg, row->qty.d, quantity(part->position_qty));
    same(w, "cost of an update", leg, row->cost.d, part->position_cost);
    same(w, "realized_pnl of an update", leg, row->realized_pnl.d, part->position_realized);
    same(w, "fees of an update", leg, row->fees.d, part->position_fees);
    same(w, "max_qty of an update", leg, row->max_qty.d, quantity(part->max_qty));
    if (part->position_qty != 0) {
        bm_money average = bm_divide(part->position_cost * 1000, part->position_qty);
        same(w, "entry_price of an update", leg, row->entry_price.d, average);
    }
}

void bw_expect(bw_world *w)
{
    BW_CHECK(w, w->expected_count + w->model.part_count <= BM_PARTS_MAX);
    for (uint32_t i = 0; i < w->model.part_count; i++) {
        w->expected[w->expected_count++] = w->model.parts[i];
    }
    w->fills += w->model.part_count;
}

/* The module decides when no entry explains what waits; where none can be without one, never. */
static void read_waiting(bw_world *w, const tt_msg *msg)
{
    const tt_waiting_fill *row = TT_PAYLOAD(msg, WAITING_FILLS, waiting_fill);
    BW_CHECK(w, row->position_side == TT_side_BUY || row->position_side == TT_side_SELL);
    if (row->event != TT_waiting_event_RELEASED) {
        return;
    }
    int64_t qty = 0;
    bool is_short = row->position_side == TT_side_SELL;
    BW_CHECK(w, !w->is_honest);
    BW_CHECK(w, tt_dec_to_i64(row->qty.d, 3, TT_ROUND_EXACT, &qty) == TUTTI_OK);
    bm_release(&w->model, msg->key - 1 + (is_short ? BM_INSTRUMENTS : 0), qty);
    bw_expect(w);
    w->releases++;
}

static void check_account(const bw_world *w, const tt_account_update *row);

static void check_sub_message(const bw_world *w, const tt_msg *msg)
{
    const tt_sub_account_update *row = TT_PAYLOAD(msg, SUB_ACCOUNT_UPDATES, sub_account_update);
    const bm_sub *sub = &w->model.subs[row->account];
    bm_money balance = sub->initial + sub->transfers + sub->realized - sub->fees;
    same(w, "initial of a part", row->account, row->initial.d, sub->initial);
    same(w, "transfers of a part", row->account, row->transfers.d, sub->transfers);
    same(w, "balance of a part", row->account, row->balance.d, balance);
    same(w, "cash_flow of a part", row->account, row->cash_flow.d, sub->cash_flow);
}

static void read_message(bw_world *w, const tt_msg *msg, uint32_t *fills)
{
    switch (msg->topic) {
    case TT_TOPIC_ORDER_INTENTS:
        bw_receive(w, msg);
        break;
    case TT_TOPIC_ORDER_CANCELS:
        bw_cancel(w, msg);
        break;
    case TT_TOPIC_ORDER_QUERIES:
        bw_query(w, msg);
        break;
    case TT_TOPIC_EXECUTION_EVENTS:
        read_event(w, msg);
        break;
    case TT_TOPIC_FILLS:
        read_fill(w, msg, (*fills)++);
        break;
    case TT_TOPIC_POSITION_UPDATES:
        check_position_message(w, msg, *fills == 0 ? NULL : &w->expected[*fills - 1]);
        break;
    case TT_TOPIC_WAITING_FILLS:
        read_waiting(w, msg);
        break;
    default:
        break;
    }
}

/* The auditor of journals, which shares no code with the books either, finds nothing wrong. */
static void audit(bw_world *w)
{
    tt_error error = {0};
    size_t size = 0;
    const void *messages = tt_bus_outbox(w->f->core.bus, &size);
    if (tt_books_check_step(w->auditor, messages, size, &error) != TUTTI_OK) {
        bw_fail(w, error.message);
    }
}

void bw_read(bw_world *w)
{
    const tt_bus *bus = w->f->core.bus;
    const tt_account_update *account = NULL;
    const tt_msg *last_sub[BM_SUBS] = {NULL};
    uint32_t fills = 0;
    uint32_t fundings = 0;
    uint32_t bookings = 0;
    for (const tt_msg *msg = tt_bus_outbox_next(bus, NULL); msg != NULL;
         msg = tt_bus_outbox_next(bus, msg)) {
        read_message(w, msg, &fills);
        if (msg->topic == TT_TOPIC_ACCOUNT_UPDATES) {
            account = tt_msg_payload(msg);
        } else if (msg->topic == TT_TOPIC_SUB_ACCOUNT_UPDATES) {
            uint8_t number = TT_PAYLOAD(msg, SUB_ACCOUNT_UPDATES, sub_account_update)->account;
            last_sub[number] = msg;
        }
        fundings += msg->topic == TT_TOPIC_FUNDING;
        bookings += msg->topic == TT_TOPIC_CASH_BOOKINGS;
    }
    BW_CHECK(w, fills == w->expected_count && fundings == w->is_funded);
    BW_CHECK(w, bookings == w->is_transferred);
    audit(w);
    if (account != NULL) {
        check_account(w, account);
    }
    for (uint32_t i = 0; i < BM_SUBS; i++) {
        if (last_sub[i] != NULL) {
            check_sub_message(w, last_sub[i]);
        }
    }
}

/* --- state --- */

/* Orders: what may still be filled, in full when nobody knows. */
typedef struct pending {
    bm_money exposure;
    bm_money margin;
    uint32_t open;
    uint32_t unknown;
} pending;

static void add_waiting(const bw_world *w, pending *sums)
{
    for (uint32_t i = 0; i < w->model.waiting_count; i++) {
        const bm_trade *one = &w->model.waiting[i];
        bm_money value = bm_value(one->qty, one->price);
        sums->exposure += value;
        sums->margin += bm_divide(value, one->leverage);
    }
}

static void pending_of(const bw_world *w, pending *ret_sums)
{
    *ret_sums = (pending){0};
    for (uint32_t i = 0; i < w->active_count; i++) {
        const bw_order *order = &w->orders[w->active[i]];
        if (tt_order_state_is_final(order->state)) {
            continue;
        }
        ret_sums->open++;
        ret_sums->unknown += order->state == TT_order_state_UNKNOWN;
        if (order->is_entry && order->booked < order->qty) {
            bm_money worst = bm_value(order->qty - order->booked, order->worst_price);
            ret_sums->exposure += worst;
            ret_sums->margin += bm_divide(worst, order->leverage);
        }
    }
}

static void check_account(const bw_world *w, const tt_account_update *row)
{
    const bm_model *model = &w->model;
    bm_sums sums;
    pending open;
    bm_sum_up(model, &sums);
    pending_of(w, &open);
    add_waiting(w, &open);
    bm_money balance = model->initial + model->transfers + model->realized - model->fees;
    bm_money equity = balance + sums.unrealized;
    bm_money left = equity - sums.margin - open.margin;
    same(w, "initial", 0, row->initial.d, model->initial);
    same(w, "transfers", 0, row->transfers.d, model->transfers);
    same(w, "realized_pnl", 0, row->realized_pnl.d, model->realized);
    same(w, "fees", 0, row->fees.d, model->fees);
    same(w, "cash_flow", 0, row->cash_flow.d, model->cash_flow);
    same(w, "balance", 0, row->balance.d, balance);
    same(w, "unrealized_pnl", 0, row->unrealized_pnl.d, sums.unrealized);
    same(w, "equity", 0, row->equity.d, equity);
    same(w, "exposure", 0, row->exposure.d, sums.exposure);
    same(w, "margin_used", 0, row->margin_used.d, sums.margin);
    same(w, "margin_available", 0, row->margin_available.d, left > 0 ? left : 0);
    same(w, "pending_exposure", 0, row->pending_exposure.d, open.exposure);
    BW_CHECK(w, row->open_positions == sums.open && row->closed_trades == model->closed);
    BW_CHECK(w, row->open_orders == open.open && row->unknown_orders == open.unknown);
}

static void check_position(const bw_world *w, uint32_t leg)
{
    const bm_position *position = &w->model.positions[leg];
    const tt_position *is = &w->f->trade->books->positions[bw_leg_number(leg) - 1];
    same(w, "qty", leg, is->qty.d, quantity(position->qty));
    same(w, "max_qty", leg, is->max_qty.d, quantity(position->max_qty));
    same(w, "cost", leg, is->cost.d, position->cost);
    same(w, "value", leg, is->value.d, bm_value(position->qty, position->mark));
    same(w, "mark", leg, is->mark.d, price_of(position->mark));
    same(w, "realized_pnl of a position", leg, is->realized_pnl.d, position->realized);
    same(w, "fees of a position", leg, is->fees.d, position->fees);
    same(w, "funding of a position", leg, is->funding.d, position->funding);
    if (position->qty == 0) {
        return;
    }
    BW_CHECK(w, is->leverage == position->leverage && is->is_external == position->is_external);
    uint32_t instrument = leg % BM_INSTRUMENTS;
    int64_t rate_inverse = instrument == 0 ? 200 : 0;
    same(
        w,
        "liquidation_price",
        leg,
        is->liquidation_price.d,
        bm_liquidation_price(position, rate_inverse, w->is_spot));
    /* An average lies between what was paid, but for what rounding may leave. */
    bm_money average = bm_divide(position->cost * 1000, position->qty);
    BW_CHECK(w, average >= price_of(position->lowest) - 1000000);
    BW_CHECK(w, average <= price_of(position->highest) + 1000000);
}

static void check_sub(const bw_world *w, uint32_t number)
{
    const bm_sub *sub = &w->model.subs[number];
    const tt_sub_account *is = &w->f->trade->sub_accounts->list[number];
    same(w, "initial of a part", number, is->initial.d, sub->initial);
    same(w, "transfers of a part", number, is->transfers.d, sub->transfers);
    same(w, "realized_pnl of a part", number, is->realized_pnl.d, sub->realized);
    same(w, "fees of a part", number, is->fees.d, sub->fees);
    same(w, "funding of a part", number, is->funding.d, sub->funding);
    same(w, "cash_flow of a part", number, is->cash_flow.d, sub->cash_flow);
    BW_CHECK(w, is->fills == sub->fills && is->source == w->source_of[number]);
    for (uint32_t leg = 0; leg < BM_LEGS; leg++) {
        const tt_sub_position *held = &is->positions[bw_leg_number(leg) - 1];
        same(w, "qty of a part", number, held->qty.d, quantity(sub->qty[leg]));
        same(w, "cost of a part", number, held->cost.d, sub->cost[leg]);
    }
}

/* --- laws, of the model itself and of the venue --- */

static void check_sums_of_parts(const bw_world *w)
{
    const bm_model *model = &w->model;
    bm_money cash_flow = 0;
    bm_money fees = 0;
    bm_money funding = 0;
    for (uint32_t i = 0; i < BM_SUBS; i++) {
        cash_flow += model->subs[i].cash_flow;
        fees += model->subs[i].fees;
        funding += model->subs[i].funding;
    }
    BW_CHECK(w, cash_flow == model->cash_flow && fees == model->fees && funding == model->funding);
    bm_money value = model->initial + model->transfers + model->cash_flow;
    for (uint32_t leg = 0; leg < BM_LEGS; leg++) {
        const bm_position *position = &model->positions[leg];
        int64_t qty = 0;
        for (uint32_t i = 0; i < BM_SUBS; i++) {
            qty += model->subs[i].qty[leg];
        }
        BW_CHECK(w, qty == position->qty);
        BW_CHECK(w, !w->is_hedging || (leg < BM_INSTRUMENTS ? qty >= 0 : qty <= 0));
        value += bm_value(position->qty, position->mark);
    }
    bm_sums sums;
    bm_sum_up(model, &sums);
    bm_money balance = model->initial + model->transfers + model->realized - model->fees;
    BW_CHECK(w, value == balance + sums.unrealized);
}

/* What works at the venue, or was executed and is not told yet, counts as open here. */
static void check_orders(const bw_world *w, int64_t flying[BM_INSTRUMENTS])
{
    for (uint32_t i = 0; i < w->active_count; i++) {
        const bw_order *order = &w->orders[w->active[i]];
        bool is_final = tt_order_state_is_final(order->state);
        bool is_told = order->executed == order->booked || order->executed > order->qty;
        BW_CHECK(w, !is_final || (!order->works && is_told));
        flying[order->instrument] += order->sign * (order->executed - order->booked);
    }
}

static void check_conservation(const bw_world *w)
{
    int64_t flying[BM_INSTRUMENTS] = {0};
    check_orders(w, flying);
    for (uint32_t i = 0; i < BW_EXTERNAL; i++) {
        const bw_external *trade = &w->external[i];
        bool is_flying = trade->exec_id != 0 && trade->booked_as == 0;
        flying[trade->leg % BM_INSTRUMENTS] += is_flying ? trade->sign * trade->qty : 0;
    }
    for (uint32_t i = 0; i < BM_INSTRUMENTS; i++) {
        const bm_position *positions = w->model.positions;
        int64_t held = positions[i].qty + positions[i + BM_INSTRUMENTS].qty;
        held -= bm_waiting(&w->model, i) - bm_waiting(&w->model, i + BM_INSTRUMENTS);
        BW_CHECK(w, held + flying[i] == w->net[i] + w->net[i + BM_INSTRUMENTS]);
    }
}

/* Bought with what is there: neither the books nor the venue owe anything. */
static void check_cash(const bw_world *w)
{
    pending open;
    pending_of(w, &open);
    bm_money cash = w->model.initial + w->model.transfers + w->model.cash_flow;
    BW_CHECK(w, cash >= open.exposure);
    BW_CHECK(w, w->cash >= 0);
}

/* What was told before its entry: list against list. */
static void check_waiting(const bw_world *w)
{
    const tt_waiting *is = &w->f->trade->books->waiting;
    BW_CHECK(w, is->count == w->model.waiting_count);
    for (uint32_t i = 0; i < is->count; i++) {
        const bm_trade *one = &w->model.waiting[i];
        same(w, "qty that waits", i, is->list[i].qty.d, quantity(one->qty));
        same(w, "price of what waits", i, is->list[i].price.d, price_of(one->price));
        same(w, "fee of what waits", i, is->list[i].fee.d, one->fee);
        BW_CHECK(w, is->list[i].leg == bw_leg_number(one->leg));
        BW_CHECK(w, is->list[i].order_id == one->order_id);
        BW_CHECK(w, w->model.positions[one->leg].qty == 0);
    }
}

void bw_compare(bw_world *w)
{
    const tt_trade_module *trade = w->f->trade;
    check_waiting(w);
    for (uint32_t leg = 0; leg < BM_LEGS; leg++) {
        check_position(w, leg);
    }
    for (uint32_t i = 0; i < BM_SUBS; i++) {
        check_sub(w, i);
    }
    tt_account_update account;
    tt_account_compute(trade, &account);
    check_account(w, &account);
    same(w, "funding", 0, trade->books->account.funding.d, w->model.funding);
    check_sums_of_parts(w);
    check_conservation(w);
    if (w->is_spot) {
        check_cash(w);
    }
}
