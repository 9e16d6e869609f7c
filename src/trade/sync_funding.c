/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Funding that was lost on its way: the answers of the venue list what it paid. Transfers that it
 * tells of are listed, and counted, with the payments (cash.c).
 *
 * A query names the moment from which on it asks. The venue lists its payments, told before or not,
 * ahead of the last position of its answer, and says there how many they were. Those that are
 * known are repeats (funding.c); the others are booked like any payment.
 *
 * The moment moves on to that of the answer when as many payments came as were listed, each counted
 * once, so that an answer of which one was lost is asked for again, though another one of it came
 * twice. A payment that is refused counts as often as it comes: it cannot be told from another. It
 * never stands still for what the venue does not list any more: that cannot be booked, and people
 * are told once.
 */
#include "trade/trade_priv.h"

void tt_sync_start_funding(tt_trade_module *trade)
{
    tt_sync *sync = &trade->books->sync;
    if (sync->funding_since.ns == 0) {
        sync->funding_since = tt_trade_now(trade); // What was paid before is in the start balance.
    }
}

_Static_assert(TT_FUNDING_SEEN <= 8, "each moment of a leg has a bit");

void tt_sync_clear_listed(tt_trade_module *trade)
{
    trade->books->sync.payments = 0;
    trade->books->transfers.listed = 0;
    for (uint32_t i = 0; i < TT_LEGS_MAX; i++) {
        trade->books->venue_sides[i].listed = 0;
    }
}

/* Marks a moment of a leg as listed; false if it was already. */
static bool is_first_time(tt_venue_side *side, tt_time moment)
{
    for (uint32_t i = 0; i < side->funded_count; i++) {
        if (side->funded_at[i].ns == moment.ns) {
            uint8_t bit = (uint8_t)(1u << i);
            bool is_first = (side->listed & bit) == 0;
            side->listed |= bit;
            return is_first;
        }
    }
    return true;
}

void tt_sync_count_listed(tt_trade_module *trade, uint64_t query_id, bool is_first)
{
    tt_sync *sync = &trade->books->sync;
    bool is_of_answer = query_id != 0 && query_id == sync->query_id;
    if (is_of_answer && is_first && sync->payments != UINT32_MAX) {
        sync->payments++;
    }
}

void tt_sync_count_payment(
    tt_trade_module *trade, tt_venue_side *side, const tt_funding_payment *payment)
{
    bool is_listed = payment->query_id != 0 && payment->query_id == trade->books->sync.query_id;
    bool is_first = !is_listed || side == NULL || is_first_time(side, payment->venue_time);
    tt_sync_count_listed(trade, payment->query_id, is_first);
}

bool tt_sync_has_payments(const tt_trade_module *trade, const tt_venue_position *told)
{
    return trade->books->sync.payments >= told->payments;
}

/* A young one may only have been overtaken: its own message can still be on the way. */
static bool is_young(const tt_trade_module *trade, const tt_funding_payment *payment)
{
    int64_t age_ns = tt_trade_now(trade).ns - payment->venue_time.ns;
    return age_ns <= trade->config.reconciliation.timeout.ns;
}

void tt_sync_note_missed(tt_trade_module *trade, const tt_msg *msg)
{
    const tt_funding_payment *payment = TT_PAYLOAD(msg, FUNDING_PAYMENTS, funding_payment);
    if (payment->query_id == 0 || is_young(trade, payment)) {
        return;
    }
    trade->books->counters.missed_payments++;
    tt_trade_alert alert = {
        .type = TT_alert_type_POSITION_SYNC_DISCREPANCY,
        .severity = TT_severity_WARNING,
        .key = msg->key,
        .subject = msg->seq,
    };
    char amount[TT_DEC_TEXT_MAX];
    tt_dec_format(payment->amount.d, amount);
    tt_trade_raise(
        trade, &alert, "a funding payment of %s was missed: it is booked now, late", amount);
}

static void tell_cut(tt_trade_module *trade)
{
    trade->books->counters.cut_payments++;
    tt_trade_alert alert = {
        .type = TT_alert_type_POSITION_SYNC_DISCREPANCY,
        .severity = TT_severity_HIGH,
    };
    tt_trade_raise(
        trade,
        &alert,
        "the venue no longer lists all funding since the last answer: the balance may be off by "
        "payments that were missed");
}

void tt_sync_end_funding(tt_trade_module *trade, const tt_venue_position *told)
{
    tt_sync *sync = &trade->books->sync;
    if (!tt_sync_has_payments(trade, told)) {
        return;
    }
    if (told->payments_cut) {
        tell_cut(trade);
    }
    if (told->venue_time.ns > sync->funding_since.ns) {
        sync->funding_since = told->venue_time;
    }
}
