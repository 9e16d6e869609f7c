/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Matching on bars. What happened within a bar is not known; the order of things is the pessimistic
 * one: first the open (market orders, stops that the open has passed, new limit orders that the
 * open crosses), then the stops, then the resting limit orders.
 *
 * An order that arrived too late for the open (venue.bar_open_grace) takes part with the close
 * alone: the open, the high and the low may have been before it.
 */
#include "venue/sim_priv.h"

/** A bar as one order may see it. */
typedef struct bar_view {
    tt_price open;
    tt_price high;
    tt_price low;
    tt_time open_time;
    tt_time close_time;
    bool is_late; /**< Only the close is left. */
} bar_view;

static bar_view
view_bar(const tt_sim *sim, const tt_sim_order *order, const tt_bar *bar, tt_time close)
{
    bool is_late = order->arrival.ns > bar->open_time.ns + sim->config.bar_open_grace.ns;
    if (is_late) {
        return (bar_view){bar->close, bar->close, bar->close, close, close, true};
    }
    int64_t arrival = order->arrival.ns;
    tt_time open_time = {arrival > bar->open_time.ns ? arrival : bar->open_time.ns};
    // The grace may be longer than the bar: nothing happens after its close.
    open_time.ns = open_time.ns < close.ns ? open_time.ns : close.ns;
    return (bar_view){bar->open, bar->high, bar->low, open_time, close, false};
}

/** A fill within the bar is known at its close; one at the close takes the usual time. */
static tt_time report_at(const bar_view *view)
{
    return view->is_late ? (tt_time){0} : view->close_time;
}

/** Fills an order, or by chance a part of it, at `reference` with the costs of a taker. */
static tutti_status
take(tt_sim *sim, uint32_t index, const bar_view *view, tt_price reference, tt_time time)
{
    tt_sim_order *order = &sim->orders[index];
    tt_price price = tt_sim_taker_price(sim, order, reference, true);
    if (tt_sim_is_limit(order)) {
        bool is_buy = order->intent.side == TT_side_BUY;
        price.d = is_buy ? tt_dec_min(price.d, order->intent.price.d)
                         : tt_dec_max(price.d, order->intent.price.d);
    }
    const tt_sim_fill fill = {
        .price = price,
        .qty = tt_sim_draw_part(sim, order, tt_sim_open_qty(order)),
        .liquidity = TT_liquidity_TAKER,
        .time = time,
        .report_at = report_at(view),
    };
    return tt_sim_execute(sim, index, &fill);
}

static tutti_status match_new_limit(tt_sim *sim, uint32_t index, const bar_view *view)
{
    tt_sim_order *order = &sim->orders[index];
    bool is_buy = order->intent.side == TT_side_BUY;
    bool is_crossed = is_buy ? tt_dec_le(view->open.d, order->intent.price.d)
                             : tt_dec_le(order->intent.price.d, view->open.d);
    tt_sim_reach_rest(tt_sim_market_of(sim, order), order);
    if (is_crossed) {
        TUTTI_TRY(take(sim, index, view, view->open, view->open_time));
    }
    return tt_sim_end_unfilled(sim, index, view->open_time);
}

/** What happens at the open. */
static tutti_status match_open(tt_sim *sim, uint32_t index, const bar_view *view)
{
    tt_sim_order *order = &sim->orders[index];
    if (tt_sim_waits(order)) {
        if (!tt_sim_has_reached(order, view->open)) {
            return TUTTI_OK;
        }
        TUTTI_TRY(tt_sim_trigger(sim, index));
    }
    if (tt_sim_is_limit(order)) {
        return order->is_resting ? TUTTI_OK : match_new_limit(sim, index, view);
    }
    TUTTI_TRY(take(sim, index, view, view->open, view->open_time));
    return tt_sim_end_unfilled(sim, index, view->open_time);
}

/** A stop that the bar reached after its open. With a limit it takes what its limit allows; what it
 * rests for in this bar was there before it, so that it sees the close alone of the rest. */
static tutti_status match_stop(tt_sim *sim, uint32_t index, const bar_view *view)
{
    tt_sim_order *order = &sim->orders[index];
    tt_price reach = order->intent.side == TT_side_BUY ? view->high : view->low;
    if (!tt_sim_waits(order) || !tt_sim_has_reached(order, reach)) {
        return TUTTI_OK;
    }
    TUTTI_TRY(tt_sim_trigger(sim, index));
    tt_price trigger = order->intent.trigger_price;
    if (!tt_sim_is_limit(order)) {
        return take(sim, index, view, trigger, view->close_time);
    }
    order->arrival = view->close_time;
    bar_view rest = *view;
    rest.open = trigger;
    rest.open_time = view->close_time;
    return match_new_limit(sim, index, &rest);
}

/** A resting limit order is filled when the bar traded through its price: a touch is not enough. */
static tutti_status match_limit(tt_sim *sim, uint32_t index, const bar_view *view)
{
    tt_sim_order *order = &sim->orders[index];
    if (!tt_sim_is_limit(order)) {
        return TUTTI_OK;
    }
    bool is_buy = order->intent.side == TT_side_BUY;
    bool is_through = is_buy ? tt_dec_lt(view->low.d, order->intent.price.d)
                             : tt_dec_lt(order->intent.price.d, view->high.d);
    if (!is_through) {
        return TUTTI_OK;
    }
    const tt_sim_fill fill = {
        .price = order->intent.price,
        .qty = tt_sim_draw_part(sim, order, tt_sim_open_qty(order)),
        .liquidity = TT_liquidity_MAKER,
        .time = view->close_time,
        .report_at = report_at(view),
    };
    return tt_sim_execute(sim, index, &fill);
}

tutti_status tt_sim_match_bar(tt_sim *sim, tt_sim_market *market, const tt_bar *bar, tt_time close)
{
    static tutti_status (*const phases[])(tt_sim *, uint32_t, const bar_view *) = {
        match_open, match_stop, match_limit};
    for (size_t phase = 0; phase < sizeof phases / sizeof phases[0]; phase++) {
        uint32_t next = TT_SIM_NONE;
        for (uint32_t i = market->first_order; i != TT_SIM_NONE; i = next) {
            next = sim->orders[i].next;
            const bar_view view = view_bar(sim, &sim->orders[i], bar, close);
            TUTTI_TRY(phases[phase](sim, i, &view));
        }
    }
    return TUTTI_OK;
}
