/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The cash of the account: what it began with and what trades, fees, funding and transfers made of
 * it, exact. All of it follows from the log, so that it survives a restart.
 *
 * Answers to queries of positions tell it, ahead of the last position, with the sums of fees and
 * funding. A transfer that the exchange tells of is told when it is made and listed in the answers
 * as funding payments are; one that it does not tell of shows in the balance alone.
 */
#include "venue/sim_priv.h"

static void add(tt_sim_cash *cash, tt_money *sum, tt_dec amount)
{
    tt_dec total = TT_DEC_ZERO;
    bool is_kept = tt_dec_add(sum->d, amount, &total) == TUTTI_OK;
    sum->d = is_kept ? total : sum->d;
    cash->is_lost |= !is_kept; // Nobody has so much: better no balance than a wrong one.
}

void tt_sim_cash_trade(tt_sim *sim, const tt_sim_order *order, const tt_sim_exec *exec)
{
    tt_sim_cash *cash = &sim->cash;
    tt_dec notional = tt_dec_xmul(exec->price.d, exec->qty.d);
    bool is_buy = order->intent.side == TT_side_BUY;
    add(cash, &cash->flow, is_buy ? tt_dec_xneg(notional) : notional);
    add(cash, &cash->flow, tt_dec_xneg(exec->fee.d));
    add(cash, &cash->fees, exec->fee.d);
}

void tt_sim_cash_fund(tt_sim *sim, tt_money amount)
{
    add(&sim->cash, &sim->cash.flow, amount.d);
    add(&sim->cash, &sim->cash.funding, amount.d);
}

void tt_sim_cash_transfer(tt_sim *sim, const tt_venue_transfer *transfer, bool is_told)
{
    tt_sim_cash *cash = &sim->cash;
    add(cash, &cash->flow, transfer->amount.d);
    cash->last_transfer_id = transfer->transfer_id;
    if (!is_told) {
        return;
    }
    tt_venue_transfer *place = &cash->transfers[cash->transfer_count % TT_SIM_TRANSFERS_KEPT];
    if (cash->transfer_count >= TT_SIM_TRANSFERS_KEPT) {
        cash->transfers_left = place->venue_time;
    }
    *place = *transfer;
    cash->transfer_count++;
}

uint32_t tt_sim_cash_list(tt_sim *sim, const tt_sim_request *request, tt_time at, bool *ret_is_cut)
{
    const tt_sim_cash *cash = &sim->cash;
    bool has_left = cash->transfer_count > TT_SIM_TRANSFERS_KEPT;
    uint32_t count = 0;
    for (uint64_t n = has_left ? cash->transfer_count - TT_SIM_TRANSFERS_KEPT : 0;
         n < cash->transfer_count;
         n++) {
        const tt_venue_transfer *transfer = &cash->transfers[n % TT_SIM_TRANSFERS_KEPT];
        if (transfer->venue_time.ns < request->funding_since.ns) {
            continue;
        }
        tt_venue_output output = {
            .time = at,
            .cause = request->cause,
            .correlation = request->correlation,
            .topic = TT_TOPIC_VENUE_TRANSFERS,
            .transfer = *transfer,
        };
        output.transfer.query_id = request->order_id;
        tt_sim_say_at(sim, &output);
        count++;
    }
    *ret_is_cut |= has_left && cash->transfers_left.ns >= request->funding_since.ns;
    return count;
}

void tt_sim_cash_say(tt_sim *sim, const tt_sim_request *request, tt_time time, tt_time at)
{
    const tt_sim_cash *cash = &sim->cash;
    tt_venue_output output = {
        .time = at,
        .cause = request->cause,
        .correlation = request->correlation,
        .topic = TT_TOPIC_VENUE_BALANCES,
    };
    bool is_known = cash->is_endowed && !cash->is_lost &&
                    tt_dec_add(cash->initial.d, cash->flow.d, &output.balance.cash.d) == TUTTI_OK;
    if (!is_known || tt_sim_take_fault(sim, TT_SIM_FAULT_DROP_NEXT_BALANCE)) {
        return;
    }
    if (tt_sim_take_fault(sim, TT_SIM_FAULT_WRONG_NEXT_BALANCE)) {
        output.balance.cash.d = tt_dec_xadd(output.balance.cash.d, TT_SIM_FAULT_CASH);
    }
    output.balance.fees = cash->fees;
    output.balance.funding = cash->funding;
    output.balance.query_id = request->order_id;
    output.balance.venue_time = time;
    output.balance.tells_sums = 1;
    TT_TEXT_SET(output.balance.currency, cash->currency);
    tt_sim_say_at(sim, &output);
}

void tt_sim_venue_endow(const tt_venue *venue, tt_money cash, const char *currency)
{
    tt_sim *sim = venue->ctx;
    TT_ASSERT(!sim->cash.is_endowed);
    sim->cash.initial = cash;
    sim->cash.is_endowed = true;
    TT_TEXT_SET(sim->cash.currency, currency);
}

tutti_status tt_sim_venue_transfer(
    const tt_venue *venue, tt_time now, tt_money amount, bool is_told, tt_error *error)
{
    tt_sim *sim = venue->ctx;
    if (!sim->cash.is_endowed) {
        return tt_error_set(
            error, TUTTI_STATE, "the simulated exchange does not know the cash of the account");
    }
    if (tt_dec_is_zero(amount.d) || tt_dec_lt(TT_NOTIONAL_MAX, tt_dec_xabs(amount.d))) {
        return tt_error_set(
            error, TUTTI_INVALID, "a transfer needs an amount above or below 0, at most 1e15");
    }
    tt_venue_output output = {.topic = TT_TOPIC_VENUE_TRANSFERS};
    output.transfer = (tt_venue_transfer){
        .amount = amount,
        .transfer_id = sim->cash.last_transfer_id + 1,
        .venue_time = now,
    };
    TT_TEXT_SET(output.transfer.currency, sim->cash.currency);
    bool is_made = tt_sim_advance(sim, now) == TUTTI_OK &&
                   tt_sim_log_transfer(sim, &output.transfer, is_told) == TUTTI_OK;
    if (is_made) {
        tt_sim_cash_transfer(sim, &output.transfer, is_told);
    }
    if (is_made && is_told) {
        tt_sim_say(sim, &output, now);
    }
    if (sim->failed != TUTTI_OK && error != NULL) {
        *error = sim->failure;
    }
    return sim->failed;
}
