/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The place of a resting limit order in the queue at its price. What was visible there when it
 * arrived is ahead of it; trades at the price, and cancels that make the level smaller than what is
 * ahead, let it move up. A price that cannot be seen has an unknown queue: there the order is
 * filled only when the market goes through its price.
 */
#include "venue/sim_priv.h"

#define UNKNOWN_QUEUE ((tt_qty){TT_DEC_C(-1, 0)})

/** Finds what rests at the price of an order, on its own side. False if that cannot be seen. */
static bool find_visible(tt_sim_market *market, const tt_sim_order *order, tt_qty *ret_qty)
{
    if (!market->has_touch) {
        return false;
    }
    (void)tt_sim_book_touch(market);
    tt_side side = (tt_side)order->intent.side;
    tt_price price = order->intent.price;
    uint32_t count = tt_book_count(&market->book, side);
    if (count == 0) {
        return false;
    }
    tt_price deepest = tt_book_level_at(&market->book, side, count - 1)->price;
    bool is_behind =
        side == TT_side_BUY ? tt_dec_lt(price.d, deepest.d) : tt_dec_lt(deepest.d, price.d);
    if (is_behind) {
        return false;
    }
    *ret_qty = tt_book_qty_at(&market->book, side, price);
    return true;
}

static tt_qty ahead_of(const tt_sim *sim, tt_qty visible)
{
    return (tt_qty){tt_dec_xmul(visible.d, sim->config.queue_ahead.d)};
}

void tt_sim_queue_join(tt_sim *sim, tt_sim_order *order)
{
    tt_qty visible = {0};
    bool is_visible =
        tt_sim_is_limit(order) && find_visible(tt_sim_market_of(sim, order), order, &visible);
    order->queue_ahead = is_visible ? ahead_of(sim, visible) : UNKNOWN_QUEUE;
}

void tt_sim_queue_follow(const tt_sim *sim, tt_sim_market *market, tt_sim_order *order)
{
    tt_qty visible = {0};
    if (!tt_sim_is_limit(order) || !find_visible(market, order, &visible)) {
        return;
    }
    tt_qty ahead = ahead_of(sim, visible);
    bool is_unknown = tt_dec_sign(order->queue_ahead.d) < 0;
    if (is_unknown || tt_dec_lt(ahead.d, order->queue_ahead.d)) {
        order->queue_ahead = ahead;
    }
}

tt_qty tt_sim_queue_trade(tt_sim_order *order, const tt_trade *trade)
{
    bool is_known = tt_dec_sign(order->queue_ahead.d) >= 0;
    bool is_at_price = tt_dec_eq(trade->price.d, order->intent.price.d);
    // Who takes on the side of the order does not trade with it.
    bool is_other_side = trade->aggressor != order->intent.side;
    if (!is_known || !is_at_price || !is_other_side) {
        return (tt_qty){0};
    }
    tt_dec past = tt_dec_xsub(trade->qty.d, order->queue_ahead.d);
    if (tt_dec_sign(past) <= 0) {
        order->queue_ahead.d = tt_dec_xneg(past);
        return (tt_qty){0};
    }
    order->queue_ahead = (tt_qty){0};
    return (tt_qty){past};
}

/** Takes out of the books what executions up to `feed_seq` took, of orders before `order` alone. */
static void rebuild_execs(tt_sim *sim, uint64_t feed_seq, uint32_t order_end)
{
    for (; sim->rebuilt_execs < sim->exec_count; sim->rebuilt_execs++) {
        const tt_sim_exec *exec = &sim->execs[sim->rebuilt_execs];
        if (exec->position > feed_seq || exec->order >= order_end) {
            break;
        }
        const tt_sim_order *order = &sim->orders[exec->order];
        if (exec->is_from_book) {
            tt_side side = order->intent.side == TT_side_BUY ? TT_side_SELL : TT_side_BUY;
            tt_sim_book_consume(tt_sim_market_of(sim, order), side, exec->qty);
        }
    }
}

void tt_sim_book_rebuild(tt_sim *sim, uint64_t feed_seq)
{
    rebuild_execs(sim, feed_seq, TT_SIM_NONE);
}

void tt_sim_queue_rebuild(
    tt_sim *sim, tt_sim_market *market, const tt_trade *trade, uint64_t feed_seq)
{
    for (uint32_t i = market->first_order; i != TT_SIM_NONE; i = sim->orders[i].next) {
        tt_sim_order *order = &sim->orders[i];
        if (feed_seq <= order->logged_at || !tt_sim_is_limit(order)) {
            continue;
        }
        /* Orders trade in the order of their numbers: what those before it took it did not see. */
        rebuild_execs(sim, feed_seq, i);
        tt_sim_reach_rest(market, order);
        if (trade == NULL) {
            tt_sim_queue_follow(sim, market, order);
        } else {
            (void)tt_sim_queue_trade(order, trade);
        }
    }
}
