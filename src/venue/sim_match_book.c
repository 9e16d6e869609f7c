/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Matching on quotes, depth and trades.
 *
 * What takes liquidity takes what the book shows, level by level; the rest of a market order waits
 * for the next change. What it takes is gone from the book until the feed shows that level again. A
 * resting limit order is filled when others trade through its price, when its turn in the queue
 * comes, or when the other side of the book reaches it. Where there are trades but no book, a trade
 * stands for the price, and takers pay half of the spread on it.
 */
#include "venue/sim_priv.h"

static tt_side other_side(const tt_sim_order *order)
{
    return order->intent.side == TT_side_BUY ? TT_side_SELL : TT_side_BUY;
}

/** Tells whether the order may trade at a price: a limit order not beyond its own. */
static bool is_within_limit(const tt_sim_order *order, tt_price price)
{
    if (!tt_sim_is_limit(order)) {
        return true;
    }
    return order->intent.side == TT_side_BUY ? tt_dec_le(price.d, order->intent.price.d)
                                             : tt_dec_le(order->intent.price.d, price.d);
}

/** Adds up what the book shows for the order, up to `wanted`, in whole lots a level. */
static tt_dec visible_qty(const tt_sim_market *market, const tt_sim_order *order, tt_dec wanted)
{
    const tt_dec lot = market->instrument->qty_increment.d;
    tt_dec sum = TT_DEC_ZERO;
    for (uint32_t i = 0; tt_dec_lt(sum, wanted); i++) {
        const tt_book_level *level = tt_book_level_at(&market->book, other_side(order), i);
        if (level == NULL || !is_within_limit(order, level->price)) {
            break;
        }
        sum.v += level->qty.d.v - level->qty.d.v % lot.v;
    }
    return sum;
}

/** How one order trades against the book. */
typedef struct book_take {
    uint32_t order;
    tt_qty wanted;
    tt_time time;
    bool is_maker; /**< The book came to the order: its own price, and the fee of a maker. */
} book_take;

/** Price of a fill: of a maker its own; of a taker that of the level, made worse by slippage. */
static tt_price level_price(tt_sim *sim, const book_take *take, tt_price level)
{
    tt_sim_order *order = &sim->orders[take->order];
    if (take->is_maker) {
        return order->intent.price;
    }
    tt_price price = tt_sim_taker_price(sim, order, level, false);
    return is_within_limit(order, price) ? price : order->intent.price;
}

/** Trades level by level until the wanted quantity is reached or nothing more is in reach. */
static tutti_status trade_levels(tt_sim *sim, tt_sim_market *market, const book_take *take)
{
    const tt_sim_order *order = &sim->orders[take->order];
    const tt_dec lot = market->instrument->qty_increment.d;
    tt_side side = other_side(order);
    tt_dec left = take->wanted.d;
    while (tt_dec_sign(left) > 0 && tt_sim_is_open(order)) {
        const tt_book_level *level = tt_book_best(&market->book, side);
        if (level == NULL || !is_within_limit(order, level->price)) {
            break;
        }
        tt_qty qty = {tt_dec_min(left, level->qty.d)};
        qty.d.v -= qty.d.v % lot.v;
        if (tt_dec_is_zero(qty.d)) {
            // Less than a lot is left here: nobody can trade it.
            tt_sim_book_consume(market, side, level->qty);
            continue;
        }
        const tt_sim_fill fill = {
            .price = level_price(sim, take, level->price),
            .qty = qty,
            .liquidity = take->is_maker ? TT_liquidity_MAKER : TT_liquidity_TAKER,
            .is_from_book = true,
            .time = take->time,
        };
        tt_sim_book_consume(market, side, qty);
        left = tt_dec_xsub(left, qty.d);
        TUTTI_TRY(tt_sim_execute(sim, take->order, &fill));
    }
    return TUTTI_OK;
}

/** Tells whether the other side of the book is in reach of the order. */
static bool is_in_reach(const tt_sim_order *order, tt_sim_touch touch)
{
    tt_price best = order->intent.side == TT_side_BUY ? touch.ask : touch.bid;
    return !tt_dec_is_zero(best.d) && is_within_limit(order, best);
}

static tutti_status
trade_book(tt_sim *sim, tt_sim_market *market, uint32_t index, tt_time time, bool is_maker)
{
    tt_sim_order *order = &sim->orders[index];
    if (!is_in_reach(order, tt_sim_book_touch(market))) {
        return TUTTI_OK;
    }
    book_take take = {.order = index, .time = time, .is_maker = is_maker};
    take.wanted = tt_sim_draw_part(sim, order, tt_sim_open_qty(order));
    if (order->intent.reduce_only) {
        tt_qty reducible = tt_sim_reducible(market, order);
        if (tt_dec_is_zero(reducible.d)) {
            return tt_sim_end_order(
                sim, index, TT_order_state_CANCELLED, TT_SIM_REASON_POSITION_CLOSED, time, NULL);
        }
        // What it may not have must not be taken out of the book.
        take.wanted.d = tt_dec_min(take.wanted.d, reducible.d);
    }
    bool is_all_or_none = order->intent.tif == TT_tif_FOK;
    if (is_all_or_none && tt_dec_lt(visible_qty(market, order, take.wanted.d), take.wanted.d)) {
        return TUTTI_OK;
    }
    return trade_levels(sim, market, &take);
}

/** One order against the book: at its arrival, or after the book changed. */
static tutti_status match_touch(tt_sim *sim, tt_sim_market *market, uint32_t index, tt_time time)
{
    tt_sim_order *order = &sim->orders[index];
    if (tt_sim_waits(order)) {
        tt_sim_touch touch = tt_sim_book_touch(market);
        if (!tt_sim_has_reached(order, order->intent.side == TT_side_BUY ? touch.ask : touch.bid)) {
            return TUTTI_OK;
        }
        TUTTI_TRY(tt_sim_trigger(sim, index));
    }
    bool is_limit = tt_sim_is_limit(order);
    bool is_maker = is_limit && order->is_resting;
    tt_sim_reach_rest(market, order);
    if (is_maker) {
        tt_sim_queue_follow(sim, market, order);
    }
    TUTTI_TRY(trade_book(sim, market, index, time, is_maker));
    return is_maker ? TUTTI_OK : tt_sim_end_unfilled(sim, index, time);
}

tutti_status tt_sim_match_arrival(tt_sim *sim, uint32_t index, tt_time time)
{
    tt_sim_market *market = tt_sim_market_of(sim, &sim->orders[index]);
    if (sim->is_data_over) {
        return tt_sim_match_end(sim, market, time);
    }
    if (!market->has_touch) {
        return TUTTI_OK;
    }
    TUTTI_TRY(match_touch(sim, market, index, time));
    // That it rests from now on must not be forgotten: what comes to it later pays a maker's fee.
    bool is_resting = tt_sim_is_limit(&sim->orders[index]) && tt_sim_is_open(&sim->orders[index]);
    return is_resting ? tt_sim_log_state(sim, index) : TUTTI_OK;
}

tutti_status tt_sim_match_book(tt_sim *sim, tt_sim_market *market, tt_time time)
{
    uint32_t next = TT_SIM_NONE;
    for (uint32_t i = market->first_order; i != TT_SIM_NONE; i = next) {
        next = sim->orders[i].next;
        TUTTI_TRY(match_touch(sim, market, i, time));
    }
    return TUTTI_OK;
}

/** Where there is no book, a trade is the price for what takes. */
static tutti_status take_trade_price(
    tt_sim *sim, tt_sim_market *market, uint32_t index, const tt_trade *trade, tt_time time)
{
    tt_sim_order *order = &sim->orders[index];
    if (market->has_touch) {
        return trade_book(sim, market, index, time, false);
    }
    tt_price price = tt_sim_taker_price(sim, order, trade->price, true);
    const tt_sim_fill fill = {
        .price = is_within_limit(order, price) ? price : order->intent.price,
        .qty = tt_sim_draw_part(sim, order, tt_sim_open_qty(order)),
        .liquidity = TT_liquidity_TAKER,
        .time = time,
    };
    return tt_sim_execute(sim, index, &fill);
}

/** A resting limit order when others trade. */
static tutti_status match_resting(tt_sim *sim, uint32_t index, const tt_trade *trade, tt_time time)
{
    tt_sim_order *order = &sim->orders[index];
    bool is_buy = order->intent.side == TT_side_BUY;
    bool is_through = is_buy ? tt_dec_lt(trade->price.d, order->intent.price.d)
                             : tt_dec_lt(order->intent.price.d, trade->price.d);
    tt_qty reached = is_through ? tt_sim_open_qty(order) : tt_sim_queue_trade(order, trade);
    reached.d.v -= reached.d.v % tt_sim_market_of(sim, order)->instrument->qty_increment.d.v;
    if (tt_dec_is_zero(reached.d)) {
        return TUTTI_OK;
    }
    const tt_sim_fill fill = {
        .price = order->intent.price,
        .qty = tt_sim_draw_part(sim, order, reached),
        .liquidity = TT_liquidity_MAKER,
        .time = time,
    };
    return tt_sim_execute(sim, index, &fill);
}

static tutti_status match_one_trade(
    tt_sim *sim, tt_sim_market *market, uint32_t index, const tt_trade *trade, tt_time time)
{
    tt_sim_order *order = &sim->orders[index];
    if (tt_sim_is_limit(order) && order->is_resting) {
        return match_resting(sim, index, trade, time);
    }
    tt_sim_reach_rest(market, order);
    if (tt_sim_waits(order)) {
        if (!tt_sim_has_reached(order, trade->price)) {
            return TUTTI_OK;
        }
        TUTTI_TRY(tt_sim_trigger(sim, index));
        tt_sim_reach_rest(market, order);
    }
    if (is_within_limit(order, trade->price)) {
        TUTTI_TRY(take_trade_price(sim, market, index, trade, time));
    }
    return tt_sim_end_unfilled(sim, index, time);
}

tutti_status
tt_sim_match_trade(tt_sim *sim, tt_sim_market *market, const tt_trade *trade, tt_time time)
{
    uint32_t next = TT_SIM_NONE;
    for (uint32_t i = market->first_order; i != TT_SIM_NONE; i = next) {
        next = sim->orders[i].next;
        TUTTI_TRY(match_one_trade(sim, market, i, trade, time));
    }
    return TUTTI_OK;
}

/** Best price that an order could take now: of the book, else the last of the market. */
static tt_price end_price(tt_sim_market *market, const tt_sim_order *order, bool *ret_is_book)
{
    tt_sim_touch touch = market->has_touch ? tt_sim_book_touch(market) : (tt_sim_touch){0};
    tt_price best = order->intent.side == TT_side_BUY ? touch.ask : touch.bid;
    *ret_is_book = !tt_dec_is_zero(best.d);
    return *ret_is_book ? best : market->last_price;
}

tutti_status tt_sim_match_end(tt_sim *sim, tt_sim_market *market, tt_time time)
{
    uint32_t next = TT_SIM_NONE;
    for (uint32_t i = market->first_order; i != TT_SIM_NONE; i = next) {
        tt_sim_order *order = &sim->orders[i];
        next = order->next;
        bool is_market = !tt_sim_is_limit(order) && !tt_sim_waits(order);
        bool is_book = false;
        tt_price last = end_price(market, order, &is_book);
        if (!is_market || tt_dec_is_zero(last.d)) {
            continue;
        }
        const tt_sim_fill fill = {
            .price = tt_sim_taker_price(sim, order, last, !is_book),
            .qty = tt_sim_open_qty(order),
            .liquidity = TT_liquidity_TAKER,
            .time = time,
        };
        TUTTI_TRY(tt_sim_execute(sim, i, &fill));
    }
    return TUTTI_OK;
}
