/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Funding of leveraged positions: at each whole interval since midnight UTC, longs pay
 * quantity x last price x rate, and shorts receive it. Where depth alone comes, which has no last
 * price, the middle of the book stands for it.
 *
 * After a restart a moment may be due before any data has come. It waits until each position that
 * it funds has a price: the first one behind the moment is nearer to it than any that is
 * remembered. Meanwhile the log stays before the moment, so that it outlives another restart.
 *
 * While nothing is held no moment is planned, so that time without positions costs nothing.
 *
 * The newest payments of each position are kept, here and in the log, and listed in the answers to
 * queries of positions. A moment is over with its own record behind those of its payments: a crash
 * in between pays the rest of them after the restart, and none twice.
 */
#include "venue/sim_priv.h"

static bool is_funded(const tt_sim_market *market, const tt_sim_holding *held)
{
    bool is_spot = tt_dec_le(market->instrument->max_leverage.d, (tt_dec){TT_DEC_ONE_I64});
    return !is_spot && !tt_dec_is_zero(held->qty.d);
}

static tt_price price_of(tt_sim_market *market)
{
    tt_price last = market->last_price;
    if (tt_dec_is_zero(last.d) && market->has_depth) {
        tt_sim_touch touch = tt_sim_book_touch(market);
        bool has_both = !tt_dec_is_zero(touch.bid.d) && !tt_dec_is_zero(touch.ask.d);
        last.d.v = has_both ? (touch.bid.d.v + touch.ask.d.v) / 2 : 0;
    }
    return last;
}

static bool holds_without_price(tt_sim *sim)
{
    for (uint32_t i = 0; i < sim->instruments.count; i++) {
        tt_sim_market *market = &sim->markets[i];
        for (int side = 0; side < TT_side_COUNT; side++) {
            if (is_funded(market, &market->holdings[side]) && tt_dec_is_zero(price_of(market).d)) {
                return true;
            }
        }
    }
    return false;
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
    if (!is_off && sim->funding_waits.ns == 0 && holds_anything(sim)) {
        int64_t interval = sim->config.funding_interval.ns;
        sim->next_funding.ns = (now.ns / interval + 1) * interval;
    }
}

void tt_sim_funding_keep(tt_sim *sim, tt_sim_holding *held, const tt_funding_payment *payment)
{
    tt_funding_payment *place = &held->payments[held->payment_count % TT_SIM_PAYMENTS_KEPT];
    if (held->payment_count >= TT_SIM_PAYMENTS_KEPT) {
        held->payments_left = place->venue_time;
    }
    *place = *payment;
    held->payment_count++;
    tt_sim_cash_fund(sim, payment->amount);
}

static uint64_t first_kept(const tt_sim_holding *held)
{
    return held->payment_count > TT_SIM_PAYMENTS_KEPT ? held->payment_count - TT_SIM_PAYMENTS_KEPT
                                                      : 0;
}

uint32_t tt_sim_funding_list(
    tt_sim *sim,
    const tt_sim_market *market,
    tt_side side,
    const tt_sim_request *request,
    tt_time at,
    bool *ret_is_cut)
{
    const tt_sim_holding *held = &market->holdings[side];
    uint32_t count = 0;
    for (uint64_t n = first_kept(held); n < held->payment_count; n++) {
        const tt_funding_payment *payment = &held->payments[n % TT_SIM_PAYMENTS_KEPT];
        if (payment->venue_time.ns < request->funding_since.ns) {
            continue;
        }
        tt_venue_output output = {
            .time = at,
            .key = market->instrument->id.n,
            .cause = request->cause,
            .correlation = request->correlation,
            .topic = TT_TOPIC_FUNDING_PAYMENTS,
            .funding = *payment,
        };
        output.funding.query_id = request->order_id;
        tt_sim_say_at(sim, &output);
        count++;
    }
    bool has_left = held->payment_count > TT_SIM_PAYMENTS_KEPT;
    *ret_is_cut |= has_left && held->payments_left.ns >= request->funding_since.ns;
    return count;
}

/* By a run that ended before it came to the end of this moment. */
static bool is_paid(const tt_sim_holding *held, tt_time moment)
{
    uint64_t newest = held->payment_count - 1;
    return held->payment_count > 0 &&
           held->payments[newest % TT_SIM_PAYMENTS_KEPT].venue_time.ns == moment.ns;
}

bool tt_sim_funding_is_untold(const tt_sim *sim, tt_time moment)
{
    for (uint32_t i = 0; i < sim->instruments.count; i++) {
        for (int side = 0; side < TT_side_COUNT; side++) {
            const tt_sim_holding *held = &sim->markets[i].holdings[side];
            if (is_funded(&sim->markets[i], held) && !is_paid(held, moment)) {
                return true;
            }
        }
    }
    return false;
}

static tutti_status pay(tt_sim *sim, tt_sim_market *market, tt_side side, tt_time moment)
{
    tt_sim_holding *held = &market->holdings[side];
    if (is_paid(held, moment)) {
        return TUTTI_OK; // Whoever missed it finds it in the next list.
    }
    tt_price mark = price_of(market);
    tt_dec value = tt_dec_xmul(held->qty.d, mark.d);
    tt_venue_output output = {.key = market->instrument->id.n, .topic = TT_TOPIC_FUNDING_PAYMENTS};
    output.funding = (tt_funding_payment){
        .amount = {tt_dec_xneg(tt_dec_xmul(value, sim->config.funding_rate.d))},
        .rate = sim->config.funding_rate,
        .mark = mark,
        .qty = held->qty,
        .venue_time = moment,
        .side = (uint8_t)side,
    };
    TUTTI_TRY(tt_sim_log_payment(sim, output.key, &output.funding));
    tt_sim_funding_keep(sim, held, &output.funding);
    if (tt_sim_take_fault(sim, TT_SIM_FAULT_DROP_NEXT_FUNDING)) {
        sim->stats.lost_reports++;
        return TUTTI_OK;
    }
    tt_sim_say(sim, &output, moment);
    return TUTTI_OK;
}

tutti_status tt_sim_funding_pay(tt_sim *sim)
{
    tt_time moment = sim->next_funding;
    if (holds_without_price(sim)) {
        sim->funding_waits = moment;
        sim->next_funding = TT_TIME_NEVER;
        return TUTTI_OK;
    }
    for (uint32_t i = 0; i < sim->instruments.count; i++) {
        for (int side = 0; side < TT_side_COUNT; side++) {
            if (is_funded(&sim->markets[i], &sim->markets[i].holdings[side])) {
                TUTTI_TRY(pay(sim, &sim->markets[i], (tt_side)side, moment));
            }
        }
    }
    TUTTI_TRY(tt_sim_log_funding(sim, moment));
    tt_sim_funding_plan(sim, moment);
    return sim->failed;
}

tutti_status tt_sim_funding_wake(tt_sim *sim)
{
    if (sim->funding_waits.ns == 0 || holds_without_price(sim)) {
        return TUTTI_OK;
    }
    sim->next_funding = sim->funding_waits;
    sim->funding_waits = (tt_time){0};
    return tt_sim_advance(sim, sim->now);
}
