/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The account: balance, equity, margin, exposure, and what open orders may still add in the worst
 * case.
 *
 * Sums that fills change (realised, fees, cash flow) are kept; what depends on marks is summed over
 * the positions when an account_update is due. Sums over orders are kept by difference: an order
 * remembers its share, so that the sum is exactly zero when no order is left.
 */
#include "trade/trade_priv.h"

static bool is_live(uint8_t state)
{
    return state != TT_order_state_NONE && !tt_order_state_is_final(state);
}

static tt_dec ratio_of_leverage(uint8_t leverage)
{
    return tt_dec_from_i64(leverage == 0 ? 1 : leverage, 0);
}

/* What is left of an order once the amend that is on its way is in force. */
static tt_dec worth_if_amended(const tt_order *order)
{
    const tt_amend *amend = &order->amend;
    tt_dec rest = tt_dec_max(tt_dec_xsub(amend->qty.d, order->filled_qty.d), TT_DEC_ZERO);
    tt_price price =
        tt_order_value_price(amend->price, amend->trigger_price, order->intent.reference_price);
    return tt_dec_xmul(rest, price.d);
}

/* A market order is worth its reference price: the price that risk used to size it. */
static tt_money worst_case(const tt_order *order)
{
    if (order->intent.reduce_only != 0 || !is_live(order->state)) {
        return (tt_money){TT_DEC_ZERO};
    }
    bool is_limit = tt_dec_sign(order->intent.price.d) > 0;
    tt_price price = is_limit ? order->intent.price : order->intent.reference_price;
    tt_dec worth = tt_dec_xmul(tt_order_remaining(order).d, price.d);
    if (order->amend.id != 0) {
        worth = tt_dec_max(worth, worth_if_amended(order));
    }
    return (tt_money){worth};
}

static void replace_share(tt_account *account, tt_order *order, tt_money exposure)
{
    tt_money margin = {tt_dec_xdiv(exposure.d, ratio_of_leverage(order->intent.leverage))};
    tt_dec change = tt_dec_xsub(exposure.d, order->pending_exposure.d);
    account->pending_exposure.d = tt_dec_xadd(account->pending_exposure.d, change);
    change = tt_dec_xsub(margin.d, order->pending_margin.d);
    account->pending_margin.d = tt_dec_xadd(account->pending_margin.d, change);
    order->pending_exposure = exposure;
    order->pending_margin = margin;
}

void tt_account_order_changed(tt_trade_module *trade, tt_order *order, uint8_t old_state)
{
    tt_account *account = &trade->books->account;
    bool was_live = is_live(old_state);
    bool was_unknown = old_state == TT_order_state_UNKNOWN;
    bool is_live_now = is_live(order->state);
    bool is_unknown = order->state == TT_order_state_UNKNOWN;
    account->open_orders += (uint32_t)is_live_now - (uint32_t)was_live;
    account->unknown_orders += (uint32_t)is_unknown - (uint32_t)was_unknown;
    // What is filled never becomes less: a live order of which nothing is filled has its share.
    bool is_same = was_live && is_live_now && tt_dec_is_zero(order->filled_qty.d);
    tt_money exposure = is_same ? order->pending_exposure : worst_case(order);
    bool is_changed = was_live != is_live_now || was_unknown != is_unknown ||
                      !tt_dec_eq(exposure.d, order->pending_exposure.d);
    if (is_changed) {
        replace_share(account, order, exposure);
        account->is_dirty = 1;
    }
}

void tt_account_order_amended(tt_trade_module *trade, tt_order *order)
{
    replace_share(&trade->books->account, order, worst_case(order));
    trade->books->account.is_dirty = 1;
}

/* What was paid in, less what was taken out. */
tt_money tt_account_endowment(const tt_account *account)
{
    return (tt_money){tt_dec_xadd(account->initial.d, account->transfers.d)};
}

tt_money tt_account_balance(const tt_account *account)
{
    tt_dec earned = tt_dec_xsub(account->realized_pnl.d, account->fees.d);
    return (tt_money){tt_dec_xadd(tt_account_endowment(account).d, earned)};
}

static void add_position(const tt_position *position, tt_account_update *sums)
{
    tt_dec size = tt_dec_xabs(position->value.d);
    tt_dec unrealized = tt_dec_xsub(position->value.d, position->cost.d);
    tt_dec margin = tt_dec_xdiv(size, ratio_of_leverage(position->leverage));
    sums->unrealized_pnl.d = tt_dec_xadd(sums->unrealized_pnl.d, unrealized);
    sums->exposure.d = tt_dec_xadd(sums->exposure.d, size);
    sums->margin_used.d = tt_dec_xadd(sums->margin_used.d, margin);
    sums->open_positions++;
}

void tt_account_compute(const tt_trade_module *trade, tt_account_update *ret_account)
{
    const tt_account *account = &trade->books->account;
    tt_account_update out = {
        .initial = account->initial,
        .transfers = account->transfers,
        .realized_pnl = account->realized_pnl,
        .fees = account->fees,
        .pending_exposure = account->pending_exposure,
        .cash_flow = account->cash_flow,
        .open_orders = account->open_orders,
        .unknown_orders = account->unknown_orders,
        .closed_trades = account->closed_trades,
    };
    tt_money waiting = {TT_DEC_ZERO};
    tt_money waiting_margin = {TT_DEC_ZERO};
    tt_waiting_worst(trade, &waiting, &waiting_margin);
    out.pending_exposure.d = tt_dec_xadd(out.pending_exposure.d, waiting.d);
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t i = 0; i < last; i++) {
        if (!tt_dec_is_zero(trade->books->positions[i].qty.d)) {
            add_position(&trade->books->positions[i], &out);
        }
    }
    out.balance = tt_account_balance(account);
    out.equity.d = tt_dec_xadd(out.balance.d, out.unrealized_pnl.d);
    tt_dec bound_margin = tt_dec_xadd(out.margin_used.d, account->pending_margin.d);
    bound_margin = tt_dec_xadd(bound_margin, waiting_margin.d);
    tt_dec margin_left = tt_dec_xsub(out.equity.d, bound_margin);
    out.margin_available.d = tt_dec_max(margin_left, TT_DEC_ZERO);
    *ret_account = out;
}

/* The two ways to the equity meet, and nothing that must not be negative is. */
static void check_identities(const tt_trade_module *trade, const tt_account_update *now)
{
    const tt_account *account = &trade->books->account;
    tt_dec by_cash = tt_dec_xadd(tt_account_endowment(account).d, account->cash_flow.d);
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t i = 0; i < last; i++) {
        const tt_position *position = &trade->books->positions[i];
        by_cash = tt_dec_xadd(by_cash, position->value.d);
        if (tt_dec_is_zero(position->qty.d)) {
            TT_ASSERT(tt_dec_is_zero(position->cost.d) && tt_dec_is_zero(position->value.d));
        }
    }
    TT_ASSERT(tt_dec_eq(now->equity.d, by_cash));
    TT_ASSERT(tt_dec_sign(account->pending_exposure.d) >= 0);
    TT_ASSERT(tt_dec_sign(account->pending_margin.d) >= 0);
    TT_ASSERT(account->unknown_orders <= account->open_orders);
    TT_ASSERT(account->open_orders == trade->orders.table->live_count);
}

void tt_account_publish(tt_trade_module *trade, tt_seq cause_fill)
{
    tt_account_update payload;
    tt_account_compute(trade, &payload);
    payload.cause_fill = cause_fill;
    check_identities(trade, &payload);
    trade->books->account.is_dirty = 0;
    (void)tt_trade_publish(
        trade, &(tt_trade_post){TT_TOPIC_ACCOUNT_UPDATES, 0, NULL, &payload}, NULL);
}

void tt_account_flush(tt_trade_module *trade)
{
    if (trade->books->account.is_dirty != 0) {
        tt_account_publish(trade, 0);
    }
}

static void check_instrument(tt_trade_module *trade, uint32_t instrument, tt_account *sums)
{
    for (tt_order *order = tt_order_first(&trade->orders, instrument); order != NULL;
         order = tt_order_after(&trade->orders, order)) {
        tt_money exposure = worst_case(order);
        TT_ASSERT(tt_dec_eq(exposure.d, order->pending_exposure.d));
        sums->pending_exposure.d = tt_dec_xadd(sums->pending_exposure.d, exposure.d);
        sums->pending_margin.d = tt_dec_xadd(sums->pending_margin.d, order->pending_margin.d);
        sums->unknown_orders += order->state == TT_order_state_UNKNOWN;
        bool awaits_word = order->state != TT_order_state_SUBMITTED &&
                           order->state != TT_order_state_PARTIALLY_FILLED;
        TT_ASSERT(!awaits_word || order->timer.n != 0);
    }
}

/* In hedging each position keeps to its side. */
static void check_leg(tt_trade_module *trade, uint32_t leg)
{
    int sign = tt_dec_sign(tt_trade_position(trade, leg)->qty.d);
    uint8_t side = tt_leg_side(trade, leg);
    TT_ASSERT(side != TT_side_BUY || sign >= 0);
    TT_ASSERT(side != TT_side_SELL || sign <= 0);
}

void tt_trade_check(tt_trade_module *trade)
{
    tt_account sums = {0};
    tt_sub_check(trade);
    tt_order_table_check(&trade->orders);
    tt_waiting_check(trade);
    for (uint32_t i = 1; i <= trade->core->instruments->count; i++) {
        check_instrument(trade, i, &sums);
    }
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t leg = 1; leg <= last; leg++) {
        tt_protect_check(trade, leg);
        check_leg(trade, leg);
    }
    const tt_account *account = &trade->books->account;
    TT_ASSERT(tt_dec_eq(sums.pending_exposure.d, account->pending_exposure.d));
    TT_ASSERT(tt_dec_eq(sums.pending_margin.d, account->pending_margin.d));
    TT_ASSERT(sums.unknown_orders == account->unknown_orders);
    tt_account_update now;
    tt_account_compute(trade, &now);
    check_identities(trade, &now);
}
