/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Which prices concern the open orders of an instrument at all. Most quotes and trades come while
 * the orders wait far away; a look at four bounds spares looking at each order.
 *
 * The bounds are those of all open orders; they are found again when they are asked for after an
 * order came, went or was triggered. Passing over data changes nothing that looking at it would
 * have changed: a waiting stop that is not reached, and a limit order that neither trades nor
 * stands at or before the best price of its side.
 */
#include "venue/sim_priv.h"

static void widen(tt_sim_reach *reach, const tt_sim_order *order)
{
    bool is_buy = order->intent.side == TT_side_BUY;
    bool is_limit = tt_sim_is_limit(order);
    bool is_stop = tt_sim_waits(order);
    if (is_limit && order->is_resting) {
        tt_dec price = order->intent.price.d;
        if (is_buy) {
            reach->falls_to.d = tt_dec_max(reach->falls_to.d, price);
        } else {
            reach->rises_to.d = tt_dec_min(reach->rises_to.d, price);
        }
    } else if (is_stop) {
        tt_dec trigger = order->intent.trigger_price.d;
        if (is_buy) {
            reach->rises_to.d = tt_dec_min(reach->rises_to.d, trigger);
        } else {
            reach->falls_to.d = tt_dec_max(reach->falls_to.d, trigger);
        }
    } else {
        reach->has_urgent = true;
    }
}

static const tt_sim_reach *find_reach(const tt_sim *sim, tt_sim_market *market)
{
    tt_sim_reach *reach = &market->reach;
    if (!reach->is_known) {
        *reach = (tt_sim_reach){.is_known = true, .rises_to.d = TT_PRICE_MAX};
        for (uint32_t i = market->first_order; i != TT_SIM_NONE; i = sim->orders[i].next) {
            widen(reach, &sim->orders[i]);
        }
    }
    return reach;
}

void tt_sim_reach_rest(tt_sim_market *market, tt_sim_order *order)
{
    if (!order->is_resting) {
        order->is_resting = 1;
        market->reach.is_known = false;
    }
}

bool tt_sim_reach_price(const tt_sim *sim, tt_sim_market *market, tt_price price)
{
    const tt_sim_reach *reach = find_reach(sim, market);
    return reach->has_urgent || tt_dec_le(price.d, reach->falls_to.d) ||
           tt_dec_le(reach->rises_to.d, price.d);
}

bool tt_sim_reach_touch(const tt_sim *sim, tt_sim_market *market)
{
    const tt_sim_reach *reach = find_reach(sim, market);
    if (reach->has_urgent) {
        return true;
    }
    tt_sim_touch touch = tt_sim_book_peek(market);
    bool is_whole = !tt_dec_is_zero(touch.bid.d) && !tt_dec_is_zero(touch.ask.d);
    // The bid is the lower of the two, and the ask the higher: each is what the bounds ask for.
    return !is_whole || tt_dec_le(touch.bid.d, reach->falls_to.d) ||
           tt_dec_le(reach->rises_to.d, touch.ask.d);
}
