/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the exchange does by itself: its own positions, their liquidation, and trades that no order
 * of the client caused.
 *
 * Such a trade is an order that the exchange makes and fills at once, so that the log, the numbers
 * of executions and the restoring know only one kind of thing. Its client order id tells what it
 * is: "liquidation-1", "adl-2", "trade-3"; those of a client have a run id and the same form, so
 * the exchange's own begin with '!', which no run id may contain.
 */
#include "venue/sim_priv.h"

#include <inttypes.h>
#include <string.h>

tt_external_kind tt_sim_external_kind(const tt_sim_order *order)
{
    const char *id = order->intent.client_order_id;
    const char *dash = strchr(id, '-');
    uint8_t kind = TT_external_kind_NONE;
    bool is_own = id[0] == '!' && dash != NULL;
    if (!is_own || !tt_enum_find(&tt_enum_external_kind, id + 1, (size_t)(dash - id - 1), &kind)) {
        return TT_external_kind_NONE;
    }
    return (tt_external_kind)kind;
}

tt_sim_holding *tt_sim_holding_of(tt_sim *sim, const tt_sim_order *order)
{
    return &tt_sim_market_of(sim, order)->holdings[order->intent.position_side];
}

static void update_liquidation(tt_sim_market *market, tt_sim_holding *held)
{
    held->liquidation = (tt_price){0};
    if (!tt_dec_is_zero(held->qty.d)) {
        tt_price entry = {tt_dec_xdiv(held->cost.d, held->qty.d)};
        bool is_long = tt_dec_sign(held->qty.d) > 0;
        held->liquidation =
            tt_liquidation_price(market->instrument, entry, held->leverage, is_long);
    }
    market->can_liquidate = false;
    for (int i = 0; i < TT_side_COUNT; i++) {
        market->can_liquidate |= !tt_dec_is_zero(market->holdings[i].liquidation.d);
    }
}

/** What opens or increases brings its price and its leverage; the lower leverage counts. */
static void
increase(tt_sim_holding *held, const tt_order_intent *intent, tt_price price, tt_dec signed_qty)
{
    bool is_first = tt_dec_is_zero(held->qty.d);
    uint8_t leverage = intent->leverage == 0 ? 1 : intent->leverage;
    held->leverage = is_first || leverage < held->leverage ? leverage : held->leverage;
    held->qty.d = tt_dec_xadd(held->qty.d, signed_qty);
    held->cost.d = tt_dec_xadd(held->cost.d, tt_dec_xmul(price.d, signed_qty));
}

static void reduce(tt_sim_holding *held, tt_dec signed_qty)
{
    tt_dec share = held->cost.d;
    tt_dec rest = tt_dec_xadd(held->qty.d, signed_qty);
    if (!tt_dec_is_zero(rest)) {
        TT_ASSERT(
            tt_dec_muldiv(
                held->cost.d,
                tt_dec_xabs(signed_qty),
                tt_dec_xabs(held->qty.d),
                TT_ROUND_HALF_EVEN,
                &share) == TUTTI_OK);
    }
    held->qty.d = rest;
    held->cost.d = tt_dec_xsub(held->cost.d, share);
}

void tt_sim_hold(tt_sim *sim, const tt_sim_order *order, const tt_sim_exec *exec)
{
    tt_sim_market *market = tt_sim_market_of(sim, order);
    tt_sim_holding *held = tt_sim_holding_of(sim, order);
    bool is_buy = order->intent.side == TT_side_BUY;
    tt_dec left = is_buy ? exec->qty.d : tt_dec_xneg(exec->qty.d);
    bool is_against = tt_dec_sign(held->qty.d) == -tt_dec_sign(left);
    if (is_against) {
        tt_dec taken = tt_dec_min(tt_dec_xabs(left), tt_dec_xabs(held->qty.d));
        taken = is_buy ? taken : tt_dec_xneg(taken);
        reduce(held, taken);
        left = tt_dec_xsub(left, taken);
    }
    if (!tt_dec_is_zero(left)) {
        increase(held, &order->intent, exec->price, left);
    }
    tt_external_kind kind = tt_sim_external_kind(order);
    if (kind != TT_external_kind_NONE) {
        tt_dec change = is_buy ? exec->qty.d : tt_dec_xneg(exec->qty.d);
        held->external.d = tt_dec_xadd(held->external.d, change);
        held->external_price = exec->price;
        held->last_external = (uint8_t)kind;
    }
    update_liquidation(market, held);
    tt_sim_cash_trade(sim, order, exec);
    if (sim->next_funding.ns == TT_TIME_NEVER.ns) {
        tt_sim_funding_plan(sim, exec->time.ns > sim->now.ns ? exec->time : sim->now);
    }
}

/** Makes the order of the exchange; it works until its execution. */
static tutti_status
make_order(tt_sim *sim, uint32_t key, const tt_sim_external *trade, uint32_t *ret_index)
{
    const tt_sim_holding *held = &sim->markets[key - 1].holdings[trade->position_side];
    tt_order_intent intent = {
        .qty = trade->qty,
        .side = (uint8_t)trade->side,
        .type = TT_order_type_MARKET,
        .position_side = (uint8_t)trade->position_side,
        .leverage = held->leverage == 0 ? 1 : held->leverage,
    };
    tt_text_format(
        intent.client_order_id,
        sizeof intent.client_order_id,
        "!%s-%" PRIu64,
        tt_enum_text(&tt_enum_external_kind, (uint8_t)trade->kind),
        ++sim->externals);
    tutti_status status = tt_sim_add_order(sim, &intent, key, ret_index);
    if (status != TUTTI_OK) {
        return tt_sim_fail(
            sim, status, "no room for a trade of the exchange itself (venue.orders_max)");
    }
    tt_sim_order *order = &sim->orders[*ret_index];
    order->arrival = trade->time;
    order->state = TT_order_state_SUBMITTED;
    tt_sim_link(sim, *ret_index);
    return tt_sim_log_order(sim, *ret_index);
}

tutti_status tt_sim_execute_external(tt_sim *sim, uint32_t key, const tt_sim_external *trade)
{
    uint32_t index = 0;
    TUTTI_TRY(make_order(sim, key, trade, &index));
    const tt_sim_fill fill = {
        .price = trade->price,
        .qty = trade->qty,
        .liquidity = TT_liquidity_TAKER,
        .time = trade->time,
    };
    return tt_sim_execute(sim, index, &fill);
}

static bool has_passed(const tt_sim_holding *held, tt_price low, tt_price high)
{
    if (tt_dec_is_zero(held->liquidation.d)) {
        return false;
    }
    bool is_long = tt_dec_sign(held->qty.d) > 0;
    return is_long ? tt_dec_le(low.d, held->liquidation.d) : tt_dec_le(held->liquidation.d, high.d);
}

/** The exchange takes the position over at the price of liquidation, on the tick against it. */
static tt_price price_of(const tt_instrument *instrument, const tt_sim_holding *held)
{
    bool is_long = tt_dec_sign(held->qty.d) > 0;
    tt_dec tick = instrument->price_increment.d;
    tt_dec price = held->liquidation.d;
    TT_ASSERT(
        tt_dec_quantize(price, tick, is_long ? TT_ROUND_FLOOR : TT_ROUND_CEILING, &price) ==
        TUTTI_OK);
    return (tt_price){tt_dec_max(price, tick)};
}

tutti_status
tt_sim_liquidate(tt_sim *sim, tt_sim_market *market, tt_price low, tt_price high, tt_time time)
{
    for (int i = 0; i < TT_side_COUNT; i++) {
        const tt_sim_holding *held = &market->holdings[i];
        if (!has_passed(held, low, high)) {
            continue;
        }
        const tt_sim_external trade = {
            .kind = TT_external_kind_LIQUIDATION,
            .side = tt_dec_sign(held->qty.d) > 0 ? TT_side_SELL : TT_side_BUY,
            .position_side = (tt_side)i,
            .qty = {tt_dec_xabs(held->qty.d)},
            .price = price_of(market->instrument, held),
            .time = time,
        };
        TUTTI_TRY(tt_sim_execute_external(sim, market->instrument->id.n, &trade));
    }
    return TUTTI_OK;
}
