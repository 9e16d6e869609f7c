/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Funding: what the venue pays or takes for holding a position.
 *
 * A payment is booked once, to the account and to the position that it is for (the last one of the
 * leg when it is closed meanwhile), where it counts as realised profit or loss. It is known by its
 * moment: a venue funds a position once at a time. The newest TT_FUNDING_SEEN moments of a leg are
 * kept; a payment older than all of them cannot be told from a repeat and is refused with a dead
 * letter.
 *
 * The answer to a query of the venue lists the payments again (sync_funding.c): one that was lost
 * on its way is booked then.
 */
#include "trade/trade_priv.h"

static bool is_repeat(const tt_venue_side *side, tt_time moment)
{
    for (uint32_t i = 0; i < side->funded_count; i++) {
        if (side->funded_at[i].ns == moment.ns) {
            return true;
        }
    }
    return false;
}

static bool is_too_old(const tt_venue_side *side, tt_time moment)
{
    return side->funded_count == TT_FUNDING_SEEN &&
           moment.ns < side->funded_at[TT_FUNDING_SEEN - 1].ns;
}

/* Keeps the moments sorted, newest first; the oldest leaves. */
static void note_moment(tt_venue_side *side, tt_time moment)
{
    if (side->funded_count < TT_FUNDING_SEEN) {
        side->funded_count++;
    }
    uint32_t place = side->funded_count - 1;
    while (place > 0 && side->funded_at[place - 1].ns < moment.ns) {
        side->funded_at[place] = side->funded_at[place - 1];
        place--;
    }
    side->funded_at[place] = moment;
    uint8_t newer = (uint8_t)((1u << place) - 1); // The bits of what is older move with it.
    side->listed = (uint8_t)((side->listed & newer) | (side->listed & ~newer) << 1);
}

static const char *fault_of(const tt_trade_module *trade, const tt_msg *msg)
{
    const tt_funding_payment *payment = TT_PAYLOAD(msg, FUNDING_PAYMENTS, funding_payment);
    if (!tt_trade_has_instrument(trade, msg->key)) {
        return "no instrument has this key";
    }
    bool names_side = payment->side == TT_side_BUY || payment->side == TT_side_SELL;
    if (names_side != tt_trade_is_hedging(trade)) {
        return "side is none for a netting position, buy or sell in hedging";
    }
    if (payment->venue_time.ns <= 0) {
        return "a payment without venue_time cannot be told from its repeat";
    }
    tt_dec sum = TT_DEC_ZERO;
    tt_dec cash = trade->books->account.cash_flow.d;
    bool is_sane = tt_dec_le(tt_dec_xabs(payment->amount.d), TT_NOTIONAL_MAX) &&
                   tt_dec_add(cash, payment->amount.d, &sum) == TUTTI_OK &&
                   tt_dec_le(tt_dec_xabs(sum), TT_ACCOUNT_SUM_MAX);
    if (!is_sane) {
        return "the amount is larger than the books can hold";
    }
    uint32_t leg = tt_trade_leg(trade, msg->key, payment->side);
    if (is_too_old(&trade->books->venue_sides[leg - 1], payment->venue_time)) {
        return "older than every payment that is remembered: it may be a repeat";
    }
    return NULL;
}

static void book(tt_trade_module *trade, const tt_msg *msg, uint32_t leg)
{
    const tt_funding_payment *payment = TT_PAYLOAD(msg, FUNDING_PAYMENTS, funding_payment);
    tt_account *account = &trade->books->account;
    tt_position *position = tt_trade_position(trade, leg);
    note_moment(&trade->books->venue_sides[leg - 1], payment->venue_time);
    account->funding.d = tt_dec_xadd(account->funding.d, payment->amount.d);
    account->realized_pnl.d = tt_dec_xadd(account->realized_pnl.d, payment->amount.d);
    account->cash_flow.d = tt_dec_xadd(account->cash_flow.d, payment->amount.d);
    position->funding.d = tt_dec_xadd(position->funding.d, payment->amount.d);
    position->realized_pnl.d = tt_dec_xadd(position->realized_pnl.d, payment->amount.d);
    trade->books->sync.balance.changed_at = tt_trade_now(trade);
    tt_sub_fund(trade, leg, payment->amount);
    int sign = tt_dec_sign(position->qty.d);
    tt_funding out = {
        .amount = payment->amount,
        .rate = payment->rate,
        .mark = payment->mark,
        .qty = payment->qty,
        .position_funding = position->funding,
        .account_funding = account->funding,
        .balance = tt_account_balance(account),
        .position_id = position->position_id,
        .venue_time = payment->venue_time,
        .payment_seq = msg->seq,
        .side = sign == 0 ? TT_side_NONE : (sign > 0 ? TT_side_BUY : TT_side_SELL),
        .position_side = tt_leg_side(trade, leg),
    };
    const tt_uuid *correlation = &position->correlation;
    tt_trade_post post = {TT_TOPIC_FUNDING, msg->key, correlation, &out};
    (void)tt_trade_publish(trade, &post, NULL);
    if (sign != 0) {
        tt_position_publish(trade, leg, TT_position_event_FUNDED);
    }
    tt_account_publish(trade, 0);
}

tutti_status tt_trade_on_funding(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_trade_module *trade = ctx;
    const tt_funding_payment *payment = TT_PAYLOAD(msg, FUNDING_PAYMENTS, funding_payment);
    const char *fault = fault_of(trade, msg);
    if (fault != NULL) {
        trade->books->counters.refused_payments++;
        tt_sync_count_payment(trade, NULL, payment);
        tt_bus_dead_letter(bus, msg, TT_dead_reason_INVALID_INPUT, "trade.funding", fault);
        return TUTTI_OK;
    }
    uint32_t leg = tt_trade_leg(trade, msg->key, payment->side);
    tt_venue_side *side = &trade->books->venue_sides[leg - 1];
    if (is_repeat(side, payment->venue_time)) {
        trade->books->counters.repeated_payments++;
    } else {
        tt_sync_note_missed(trade, msg);
        book(trade, msg, leg);
    }
    tt_sync_count_payment(trade, side, payment);
    return TUTTI_OK;
}
