/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Executions: price, part, fee, and what they do to the order and to the exchange's own position.
 */
#include "venue/sim_priv.h"

#define BPS TT_DEC_C(1, 4)

tt_price tt_sim_taker_price(tt_sim *sim, tt_sim_order *order, tt_price reference, bool with_spread)
{
    const tt_instrument *instrument = tt_sim_market_of(sim, order)->instrument;
    tt_random random = tt_sim_draw(sim, order);
    tt_dec bps = tt_dec_xmul(sim->config.slippage_bps.d, tt_random_unit(&random));
    if (with_spread) {
        bps = tt_dec_xadd(bps, sim->config.half_spread_bps.d);
    }
    tt_dec worse = tt_dec_xmul(reference.d, tt_dec_xmul(bps, BPS));
    bool is_buy = order->intent.side == TT_side_BUY;
    tt_dec price = is_buy ? tt_dec_xadd(reference.d, worse) : tt_dec_xsub(reference.d, worse);
    tt_dec tick = instrument->price_increment.d;
    tt_round round = is_buy ? TT_ROUND_CEILING : TT_ROUND_FLOOR;
    // Both stay far inside of the range: a price is at most 1e9.
    TT_ASSERT(tt_dec_quantize(price, tick, round, &price) == TUTTI_OK);
    return (tt_price){tt_dec_max(price, tick)};
}

tt_qty tt_sim_draw_part(tt_sim *sim, tt_sim_order *order, tt_qty available)
{
    tt_dec lot = tt_sim_market_of(sim, order)->instrument->qty_increment.d;
    tt_dec qty = tt_dec_min(available.d, tt_sim_open_qty(order).d);
    bool is_whole = order->was_split || order->intent.tif == TT_tif_FOK ||
                    tt_dec_is_zero(sim->config.partial_fill_probability.d);
    if (is_whole) {
        return (tt_qty){qty};
    }
    tt_random random = tt_sim_draw(sim, order);
    bool is_split = tt_random_chance(&random, sim->config.partial_fill_probability.d);
    tt_i128 lots = qty.v / lot.v;
    if (!is_split || lots < 2) {
        return (tt_qty){qty};
    }
    order->was_split = 1;
    uint64_t bound = lots - 1 > INT64_MAX ? INT64_MAX : (uint64_t)(lots - 1);
    uint64_t part = 1 + tt_random_below(&random, bound);
    return (tt_qty){{lot.v * (tt_i128)part}};
}

static tt_money
fee_of(const tt_instrument *instrument, tt_price price, tt_dec qty, tt_liquidity side)
{
    tt_ratio rate =
        side == TT_liquidity_MAKER ? instrument->maker_fee_rate : instrument->taker_fee_rate;
    return (tt_money){tt_dec_xmul(tt_dec_xmul(price.d, qty), rate.d)};
}

tutti_status tt_sim_execute(tt_sim *sim, uint32_t index, const tt_sim_fill *fill)
{
    tt_sim_order *order = &sim->orders[index];
    tt_sim_market *market = tt_sim_market_of(sim, order);
    TT_ASSERT(tt_sim_is_open(order));
    tt_dec wanted = tt_dec_min(fill->qty.d, tt_sim_open_qty(order).d);
    tt_dec qty =
        order->intent.reduce_only ? tt_dec_min(wanted, tt_sim_reducible(market, order).d) : wanted;
    if (tt_dec_sign(qty) <= 0) {
        bool is_flat = tt_dec_sign(wanted) > 0;
        return is_flat ? tt_sim_end_order(
                             sim,
                             index,
                             TT_order_state_CANCELLED,
                             TT_SIM_REASON_POSITION_CLOSED,
                             fill->time,
                             NULL)
                       : TUTTI_OK;
    }
    const tt_sim_exec exec = {
        .price = fill->price,
        .qty.d = qty,
        .cumulative.d = tt_dec_xadd(order->filled.d, qty),
        .fee = fee_of(market->instrument, fill->price, qty, fill->liquidity),
        .time = fill->time,
        .position = sim->position,
        .order = index,
        .liquidity = (uint8_t)fill->liquidity,
        .is_from_book = fill->is_from_book,
    };
    TUTTI_TRY(tt_sim_log_exec(sim, &exec));
    tutti_status status = tt_sim_add_exec(sim, &exec);
    if (status != TUTTI_OK) {
        return tt_sim_fail(sim, status, "no memory for the executions of the exchange");
    }
    tt_sim_say_exec(sim, sim->exec_count - 1, fill->report_at);
    TUTTI_TRY(sim->failed);
    bool has_rest = tt_sim_is_open(order);
    if (has_rest && order->intent.reduce_only &&
        tt_dec_is_zero(tt_sim_holding_of(sim, order)->qty.d)) {
        return tt_sim_end_order(
            sim, index, TT_order_state_CANCELLED, TT_SIM_REASON_POSITION_CLOSED, fill->time, NULL);
    }
    return TUTTI_OK;
}
