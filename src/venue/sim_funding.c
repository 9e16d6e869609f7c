/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Funding of leveraged positions: at each whole interval since midnight UTC, longs pay
 * quantity x last price x rate, and shorts receive it.
 *
 * While nothing is held no moment is planned, so that time without positions costs nothing.
 */
#include "venue/sim_priv.h"

static bool is_funded(const tt_sim_market *market, const tt_sim_holding *held)
{
    bool is_spot = tt_dec_le(market->instrument->max_leverage.d, (tt_dec){TT_DEC_ONE_I64});
    return !is_spot && !tt_dec_is_zero(held->qty.d);
}

static bool holds_anything(const tt_sim *sim)
{
    for (uint32_t i = 0; i < sim->instruments.count; i++) {
        for (int side = 0; side < TT_side_COUNT; side++) {
            if (is_funded(&sim->markets[i], &sim->markets[i].holdings[side])) {
                return true;
            }
        }
    }
    return false;
}

void tt_sim_funding_plan(tt_sim *sim, tt_time now)
{
    bool is_off = tt_dec_is_zero(sim->config.funding_rate.d) || sim->is_data_over;
    sim->next_funding = TT_TIME_NEVER;
    if (!is_off && holds_anything(sim)) {
        int64_t interval = sim->config.funding_interval.ns;
        sim->next_funding.ns = (now.ns / interval + 1) * interval;
    }
}

static void pay(tt_sim *sim, const tt_sim_market *market, tt_side side, tt_time moment)
{
    const tt_sim_holding *held = &market->holdings[side];
    tt_dec value = tt_dec_xmul(held->qty.d, market->last_price.d);
    tt_venue_output output = {.key = market->instrument->id.n, .topic = TT_TOPIC_FUNDING_PAYMENTS};
    output.funding = (tt_funding_payment){
        .amount = {tt_dec_xneg(tt_dec_xmul(value, sim->config.funding_rate.d))},
        .rate = sim->config.funding_rate,
        .mark = market->last_price,
        .qty = held->qty,
        .venue_time = moment,
        .side = (uint8_t)side,
    };
    tt_sim_say(sim, &output, moment);
}

tutti_status tt_sim_funding_pay(tt_sim *sim)
{
    tt_time moment = sim->next_funding;
    TUTTI_TRY(tt_sim_log_funding(sim, moment));
    for (uint32_t i = 0; i < sim->instruments.count; i++) {
        for (int side = 0; side < TT_side_COUNT; side++) {
            if (is_funded(&sim->markets[i], &sim->markets[i].holdings[side])) {
                pay(sim, &sim->markets[i], (tt_side)side, moment);
            }
        }
    }
    tt_sim_funding_plan(sim, moment);
    return sim->failed;
}
