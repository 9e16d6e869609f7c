/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the exchange checks of an order that arrives, and how orders end.
 */
#include "venue/sim_priv.h"

static tt_sim_reason check_form(const tt_order_intent *intent)
{
    if (intent->side != TT_side_BUY && intent->side != TT_side_SELL) {
        return TT_SIM_REASON_SIDE;
    }
    if (intent->type >= TT_order_type_COUNT || intent->tif >= TT_tif_COUNT ||
        intent->position_side >= TT_side_COUNT) {
        return TT_SIM_REASON_TYPE;
    }
    /* What waits for a trigger is meant to take. */
    bool can_post = intent->type == TT_order_type_LIMIT;
    return intent->tif == TT_tif_POST_ONLY && !can_post ? TT_SIM_REASON_TYPE : TT_SIM_REASON_NONE;
}

static tt_sim_reason check_qty(const tt_instrument *instrument, const tt_order_intent *intent)
{
    if (tt_dec_sign(intent->qty.d) <= 0 || tt_dec_lt(TT_QTY_MAX, intent->qty.d)) {
        return TT_SIM_REASON_QTY_RANGE;
    }
    if (!tt_dec_is_multiple(intent->qty.d, instrument->qty_increment.d)) {
        return TT_SIM_REASON_QTY_LOT;
    }
    // A rest that is smaller than the smallest order must still be closable.
    bool is_small = tt_dec_lt(intent->qty.d, instrument->min_qty.d);
    return is_small && !intent->reduce_only ? TT_SIM_REASON_QTY_MIN : TT_SIM_REASON_NONE;
}

static bool is_price(tt_price price)
{
    return tt_dec_sign(price.d) > 0 && tt_dec_le(price.d, TT_PRICE_MAX);
}

static tt_sim_reason check_prices(const tt_instrument *instrument, const tt_order_intent *intent)
{
    tt_dec tick = instrument->price_increment.d;
    bool is_stop_limit = intent->type == TT_order_type_STOP_LIMIT;
    if (intent->type == TT_order_type_LIMIT || is_stop_limit) {
        if (!is_price(intent->price)) {
            return TT_SIM_REASON_PRICE_RANGE;
        }
        if (!tt_dec_is_multiple(intent->price.d, tick)) {
            return TT_SIM_REASON_PRICE_TICK;
        }
    }
    if (intent->type == TT_order_type_STOP || is_stop_limit) {
        if (!is_price(intent->trigger_price)) {
            return TT_SIM_REASON_TRIGGER_RANGE;
        }
        if (!tt_dec_is_multiple(intent->trigger_price.d, tick)) {
            return TT_SIM_REASON_TRIGGER_TICK;
        }
    }
    return TT_SIM_REASON_NONE;
}

/** Price that values the order: its own, else the last of the market, else what sized it. */
static tt_dec value_price(const tt_sim_market *market, const tt_order_intent *intent)
{
    if (intent->type == TT_order_type_LIMIT || intent->type == TT_order_type_STOP_LIMIT) {
        return intent->price.d;
    }
    if (intent->type == TT_order_type_STOP) {
        return intent->trigger_price.d;
    }
    bool has_last = tt_dec_sign(market->last_price.d) > 0;
    return has_last ? market->last_price.d : intent->reference_price.d;
}

static tt_sim_reason check_value(const tt_sim_market *market, const tt_order_intent *intent)
{
    tt_dec price = value_price(market, intent);
    if (tt_dec_sign(price) <= 0 || !is_price((tt_price){price})) {
        return TT_SIM_REASON_NONE;
    }
    tt_dec value = tt_dec_xmul(price, intent->qty.d);
    if (tt_dec_lt(TT_NOTIONAL_MAX, value)) {
        return TT_SIM_REASON_NOTIONAL_MAX;
    }
    bool is_small = tt_dec_lt(value, market->instrument->min_notional.d);
    return is_small && !intent->reduce_only ? TT_SIM_REASON_NOTIONAL_MIN : TT_SIM_REASON_NONE;
}

/** Tells whether a limit order that arrives would trade at once: with the other side of the book,
 * or, where there is none, at the last price. */
static bool would_take(tt_sim *sim, const tt_sim_order *order)
{
    tt_sim_market *market = tt_sim_market_of(sim, order);
    bool is_buy = order->intent.side == TT_side_BUY;
    tt_price price = market->last_price;
    if (market->has_touch) {
        tt_sim_touch touch = tt_sim_book_touch(market);
        price = is_buy ? touch.ask : touch.bid;
    }
    bool is_crossed = is_buy ? tt_dec_le(price.d, order->intent.price.d)
                             : tt_dec_le(order->intent.price.d, price.d);
    return tt_dec_sign(price.d) > 0 && is_crossed;
}

/** Rejections that do not depend on the order alone. */
static tt_sim_reason check_state(tt_sim *sim, const tt_sim_market *market, tt_sim_order *order)
{
    if (order->intent.reduce_only && tt_dec_is_zero(tt_sim_reducible(market, order).d)) {
        return TT_SIM_REASON_NOTHING_TO_REDUCE;
    }
    if (order->intent.tif == TT_tif_POST_ONLY && would_take(sim, order)) {
        return TT_SIM_REASON_WOULD_TAKE;
    }
    if (sim->stats.open_orders >= TT_ORDERS_MAX) {
        return TT_SIM_REASON_OPEN_ORDERS;
    }
    if (tt_sim_take_fault(sim, TT_SIM_FAULT_REJECT_NEXT)) {
        return TT_SIM_REASON_FAULT;
    }
    if (!tt_dec_is_zero(sim->config.reject_probability.d)) {
        tt_random random = tt_sim_draw(sim, order);
        if (tt_random_chance(&random, sim->config.reject_probability.d)) {
            return TT_SIM_REASON_RANDOM;
        }
    }
    return TT_SIM_REASON_NONE;
}

/** Of an instrument that is there. */
static tt_sim_reason check_form_and_values(tt_sim *sim, const tt_sim_order *order)
{
    const tt_sim_market *market = tt_sim_market_of(sim, order);
    const tt_instrument *instrument = market->instrument;
    tt_sim_reason reason = check_form(&order->intent);
    reason = reason == TT_SIM_REASON_NONE ? check_qty(instrument, &order->intent) : reason;
    reason = reason == TT_SIM_REASON_NONE ? check_prices(instrument, &order->intent) : reason;
    return reason == TT_SIM_REASON_NONE ? check_value(market, &order->intent) : reason;
}

static tt_sim_reason check_order(tt_sim *sim, tt_sim_order *order)
{
    if (tt_instrument_find(&sim->instruments, (tt_instrument_id){order->key}) == NULL) {
        return TT_SIM_REASON_INSTRUMENT;
    }
    tt_sim_reason reason = check_form_and_values(sim, order);
    return reason == TT_SIM_REASON_NONE ? check_state(sim, tt_sim_market_of(sim, order), order)
                                        : reason;
}

tt_sim_reason tt_sim_check_values(tt_sim *sim, const tt_sim_order *order)
{
    tt_sim_reason reason = check_form_and_values(sim, order);
    bool must_rest = order->intent.tif == TT_tif_POST_ONLY;
    if (reason == TT_SIM_REASON_NONE && must_rest && would_take(sim, order)) {
        return TT_SIM_REASON_WOULD_TAKE;
    }
    return reason;
}

static tt_report_kind end_report(tt_order_state state)
{
    return state == TT_order_state_REJECTED    ? TT_report_kind_REJECTED
           : state == TT_order_state_CANCELLED ? TT_report_kind_CANCELLED
                                               : TT_report_kind_EXPIRED;
}

tutti_status tt_sim_end_order(
    tt_sim *sim,
    uint32_t index,
    tt_order_state state,
    tt_sim_reason reason,
    tt_time time,
    const tt_sim_request *request)
{
    tt_sim_order *order = &sim->orders[index];
    if (tt_sim_is_open(order)) {
        tt_sim_unlink(sim, index);
    }
    order->state = (uint8_t)state;
    order->reason = (uint8_t)reason;
    if (state == TT_order_state_REJECTED) {
        sim->stats.rejected++;
    } else {
        sim->stats.cancelled++;
    }
    TUTTI_TRY(tt_sim_log_state(sim, index));
    tt_sim_say_order(sim, index, end_report(state), time, request);
    return sim->failed;
}

tutti_status tt_sim_end_unfilled(tt_sim *sim, uint32_t index, tt_time time)
{
    const tt_sim_order *order = &sim->orders[index];
    bool may_rest = order->intent.tif == TT_tif_GTC || order->intent.tif == TT_tif_POST_ONLY;
    if (may_rest || !tt_sim_is_open(order)) {
        return TUTTI_OK;
    }
    return tt_sim_end_order(
        sim, index, TT_order_state_EXPIRED, TT_SIM_REASON_NOT_FILLED_NOW, time, NULL);
}

tutti_status tt_sim_trigger(tt_sim *sim, uint32_t index)
{
    tt_sim_order *order = &sim->orders[index];
    order->is_triggered = 1;
    if (order->intent.type == TT_order_type_STOP_LIMIT) {
        order->is_resting = 0;
        tt_sim_queue_join(sim, order);
    }
    tt_sim_market_of(sim, order)->reach.is_known = false;
    return tt_sim_log_state(sim, index);
}

bool tt_sim_has_reached(const tt_sim_order *order, tt_price price)
{
    if (tt_dec_is_zero(price.d)) {
        return false;
    }
    tt_price trigger = order->intent.trigger_price;
    return order->intent.side == TT_side_BUY ? tt_dec_le(trigger.d, price.d)
                                             : tt_dec_le(price.d, trigger.d);
}

tutti_status tt_sim_accept(tt_sim *sim, uint32_t index, tt_time time)
{
    tt_sim_order *order = &sim->orders[index];
    tt_sim_reason reason = check_order(sim, order);
    if (reason != TT_SIM_REASON_NONE) {
        return tt_sim_end_order(sim, index, TT_order_state_REJECTED, reason, time, NULL);
    }
    int64_t expire = order->intent.expire_time.ns;
    if (expire != 0 && expire <= time.ns) {
        return tt_sim_end_order(
            sim, index, TT_order_state_EXPIRED, TT_SIM_REASON_EXPIRED, time, NULL);
    }
    order->state = TT_order_state_SUBMITTED;
    tt_sim_queue_join(sim, order);
    /* It would not have taken, so it rests before any data comes. */
    order->is_resting = order->intent.tif == TT_tif_POST_ONLY;
    tt_sim_link(sim, index);
    TUTTI_TRY(tt_sim_log_state(sim, index));
    tt_sim_say_order(sim, index, TT_report_kind_ACCEPTED, time, NULL);
    TUTTI_TRY(sim->failed);
    if (expire != 0 && expire < sim->next_expiry.ns) {
        sim->next_expiry.ns = expire;
    }
    return tt_sim_match_arrival(sim, index, time);
}
