/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Cash that no trade moved, booked by its own event: deposits and withdrawals, and what a
 * comparison with the venue has found of fees and funding that were lost.
 *
 * A transfer is no result: it changes balance and equity, and everything that measures results
 * leaves it out. A fee and funding are results like any other. With sub-accounts all of it is of
 * the house: nobody can say which source of trades a transfer, or a lost fee, belongs to.
 *
 * The venue tells of a transfer by itself and lists it in its answers. It is booked once: it is
 * known by its id, of which the newest TT_TRANSFERS_SEEN are kept. One that is not newer than those
 * which have left cannot be told from a repeat and is refused with a dead letter.
 *
 * It may be told after a person has acknowledged what it did to the cash. What was acknowledged is
 * the sum of all that happened between the last answer that agreed and the first that did not, so a
 * transfer of that time is a part of it, and is booked already.
 */
#include "trade/trade_priv.h"

#include <string.h>

static uint32_t kept(const tt_transfers *transfers)
{
    return transfers->count < TT_TRANSFERS_SEEN ? (uint32_t)transfers->count : TT_TRANSFERS_SEEN;
}

/* Place of a transfer that is remembered; TT_TRANSFERS_SEEN = it is not. */
static uint32_t place_of(const tt_transfers *transfers, uint64_t transfer_id)
{
    uint32_t place = 0;
    while (place < kept(transfers) && transfers->ids[place] != transfer_id) {
        place++;
    }
    return place < kept(transfers) ? place : TT_TRANSFERS_SEEN;
}

/* One that is booked, now or before, is counted once in an answer, however often it comes. */
static void count(tt_trade_module *trade, const tt_venue_transfer *transfer)
{
    tt_transfers *transfers = &trade->books->transfers;
    bool is_listed = transfer->query_id != 0 && transfer->query_id == trade->books->sync.query_id;
    uint32_t place = place_of(transfers, transfer->transfer_id);
    TT_ASSERT(place < TT_TRANSFERS_SEEN);
    uint32_t bit = 1u << place;
    tt_sync_count_listed(trade, transfer->query_id, (transfers->listed & bit) == 0);
    transfers->listed |= is_listed ? bit : 0;
}

static bool is_too_old(const tt_transfers *transfers, tt_time moment)
{
    return transfers->count > TT_TRANSFERS_SEEN && moment.ns <= transfers->forgotten.ns;
}

static void note_transfer(tt_transfers *transfers, const tt_venue_transfer *transfer)
{
    uint64_t place = transfers->count % TT_TRANSFERS_SEEN;
    if (transfers->count >= TT_TRANSFERS_SEEN &&
        transfers->moments[place].ns > transfers->forgotten.ns) {
        transfers->forgotten = transfers->moments[place];
    }
    transfers->ids[place] = transfer->transfer_id;
    transfers->moments[place] = transfer->venue_time;
    transfers->listed &= ~(1u << place);
    transfers->count++;
}

bool tt_cash_can_book(const tt_trade_module *trade, tt_money amount)
{
    const tt_account *account = &trade->books->account;
    tt_dec sums[2] = {TT_DEC_ZERO, TT_DEC_ZERO};
    return tt_dec_le(tt_dec_xabs(amount.d), TT_NOTIONAL_MAX) &&
           tt_dec_add(account->cash_flow.d, amount.d, &sums[0]) == TUTTI_OK &&
           tt_dec_add(account->transfers.d, amount.d, &sums[1]) == TUTTI_OK &&
           tt_dec_le(tt_dec_xabs(sums[0]), TT_ACCOUNT_SUM_MAX) &&
           tt_dec_le(tt_dec_xabs(sums[1]), TT_ACCOUNT_SUM_MAX);
}

static void apply(tt_account *account, const tt_cash_change *what)
{
    tt_dec amount = what->amount.d;
    if (what->kind == TT_cash_kind_FEE) {
        account->fees.d = tt_dec_xsub(account->fees.d, amount);
        account->cash_flow.d = tt_dec_xadd(account->cash_flow.d, amount);
    } else if (what->kind == TT_cash_kind_FUNDING) {
        account->funding.d = tt_dec_xadd(account->funding.d, amount);
        account->realized_pnl.d = tt_dec_xadd(account->realized_pnl.d, amount);
        account->cash_flow.d = tt_dec_xadd(account->cash_flow.d, amount);
    } else {
        account->transfers.d = tt_dec_xadd(account->transfers.d, amount);
    }
}

/* Capitals are promises to sources: a withdrawal may leave less than was promised. */
static void watch_capitals(tt_trade_module *trade, const tt_cash_change *what)
{
    const tt_sub_account *house = &trade->sub_accounts->list[0];
    tt_dec left = tt_dec_xadd(house->initial.d, house->transfers.d);
    bool is_short = trade->config.capital_count > 0 && tt_dec_sign(left) < 0;
    if (what->kind != TT_cash_kind_WITHDRAWAL || !is_short) {
        return;
    }
    char missing[TT_DEC_TEXT_MAX];
    tt_dec_format(tt_dec_xneg(left), missing);
    tt_trade_alert alert = {
        .type = TT_alert_type_CASH_TRANSFER,
        .severity = TT_severity_HIGH,
        .subject = what->subject_seq,
    };
    tt_trade_raise(
        trade,
        &alert,
        "the capitals of account.capital are %s more than what was paid in: trades of their "
        "sources may ask for money that is not there",
        missing);
}

tt_seq tt_cash_book(tt_trade_module *trade, const tt_cash_change *what)
{
    tt_account *account = &trade->books->account;
    bool is_transfer = what->kind == TT_cash_kind_DEPOSIT || what->kind == TT_cash_kind_WITHDRAWAL;
    TT_ASSERT(is_transfer || what->kind == TT_cash_kind_FEE || what->kind == TT_cash_kind_FUNDING);
    apply(account, what);
    trade->books->counters.transfers += is_transfer;
    trade->books->sync.balance.changed_at = tt_trade_now(trade);
    tt_sub_cash(trade, what->kind, what->amount);
    const tt_cash_booking payload = {
        .amount = what->amount,
        .transfers = account->transfers,
        .account_fees = account->fees,
        .account_funding = account->funding,
        .balance = tt_account_balance(account),
        .transfer_id = what->transfer_id,
        .venue_time = what->venue_time,
        .subject_seq = what->subject_seq,
        .found_seq = what->found_seq,
        .kind = (uint8_t)what->kind,
        .is_acknowledged = what->is_acknowledged,
    };
    tt_seq seq = 0;
    (void)tt_trade_publish(
        trade, &(tt_trade_post){TT_TOPIC_CASH_BOOKINGS, 0, NULL, &payload}, &seq);
    tt_account_publish(trade, 0);
    watch_capitals(trade, what);
    tt_sync_note_cash(trade, what->amount);
    return seq;
}

/* --- transfers that the venue tells of --- */

static const char *fault_of(const tt_trade_module *trade, const tt_venue_transfer *transfer)
{
    if (strcmp(transfer->currency, trade->config.account.currency) != 0) {
        return "the currency must be that of the account (account.currency)";
    }
    if (transfer->transfer_id == 0 || transfer->venue_time.ns <= 0) {
        return "a transfer without transfer_id or venue_time cannot be told from its repeat";
    }
    if (tt_dec_is_zero(transfer->amount.d)) {
        return "the amount must be above 0 (a deposit) or below 0 (a withdrawal)";
    }
    if (!tt_cash_can_book(trade, transfer->amount)) {
        return "the amount is larger than the books can hold";
    }
    if (is_too_old(&trade->books->transfers, transfer->venue_time)) {
        return "older than the transfers that are remembered: it may be a repeat";
    }
    return NULL;
}

static tt_trade_alert transfer_alert(const tt_msg *msg)
{
    return (tt_trade_alert){
        .type = TT_alert_type_CASH_TRANSFER,
        .severity = TT_severity_WARNING,
        .subject = msg->seq,
    };
}

static void raise_transfer(tt_trade_module *trade, const tt_msg *msg, const tt_cash_change *what)
{
    char amount[TT_DEC_TEXT_MAX];
    tt_dec_format(what->amount.d, amount);
    const tt_trade_alert alert = transfer_alert(msg);
    tt_trade_raise(
        trade,
        &alert,
        "%s of %s %s, told by the venue: results do not count it",
        tt_enum_text(&tt_enum_cash_kind, (uint8_t)what->kind),
        amount,
        trade->config.account.currency);
}

/* Whether a transfer of this time is a part of what was acknowledged, and all of it is. */
static bool is_part(
    const tt_trade_module *trade, const tt_acknowledged *known, const tt_venue_transfer *transfer)
{
    const tt_dec rest = known->rest.d;
    const tt_dec beyond = tt_dec_xsub(tt_dec_xabs(transfer->amount.d), tt_dec_xabs(rest));
    return !tt_dec_is_zero(rest) && tt_dec_sign(rest) == tt_dec_sign(transfer->amount.d) &&
           transfer->venue_time.ns > known->since.ns &&
           transfer->venue_time.ns <= known->until.ns &&
           tt_dec_le(beyond, trade->config.reconciliation.balance_tolerance.d);
}

/* What stays within the tolerance is no transfer any more. */
static void
take_part(const tt_trade_module *trade, tt_acknowledged *known, const tt_venue_transfer *transfer)
{
    const tt_dec left = tt_dec_xsub(known->rest.d, transfer->amount.d);
    const bool is_told =
        tt_dec_le(tt_dec_xabs(left), trade->config.reconciliation.balance_tolerance.d);
    known->rest.d = is_told ? TT_DEC_ZERO : left;
}

static void raise_known(
    tt_trade_module *trade,
    const tt_msg *msg,
    const tt_acknowledged *known,
    const tt_venue_transfer *transfer)
{
    char amount[TT_DEC_TEXT_MAX];
    tt_dec_format(transfer->amount.d, amount);
    const tt_trade_alert alert = transfer_alert(msg);
    tt_trade_raise(
        trade,
        &alert,
        "transfer of %s %s, told by the venue: it is in the %s that a person acknowledged (message "
        "%llu), and is not booked again",
        amount,
        trade->config.account.currency,
        tt_enum_text(&tt_enum_cash_kind, known->kind),
        (unsigned long long)known->booked_seq);
}

/* Tells whether a person has acknowledged it before. */
static bool
is_acknowledged(tt_trade_module *trade, const tt_msg *msg, const tt_venue_transfer *transfer)
{
    for (uint32_t i = 0; i < TT_ACKNOWLEDGED_MAX; i++) {
        tt_acknowledged *known = &trade->books->acknowledged[i];
        if (is_part(trade, known, transfer)) {
            take_part(trade, known, transfer);
            trade->books->counters.known_transfers++;
            raise_known(trade, msg, known, transfer);
            return true;
        }
    }
    return false;
}

tutti_status tt_trade_on_venue_transfer(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_trade_module *trade = ctx;
    const tt_venue_transfer *transfer = TT_PAYLOAD(msg, VENUE_TRANSFERS, venue_transfer);
    tt_transfers *transfers = &trade->books->transfers;
    if (place_of(transfers, transfer->transfer_id) != TT_TRANSFERS_SEEN) {
        trade->books->counters.repeated_transfers++;
        count(trade, transfer);
        return TUTTI_OK;
    }
    const char *fault = fault_of(trade, transfer);
    if (fault != NULL) {
        trade->books->counters.refused_transfers++;
        tt_sync_count_listed(trade, transfer->query_id, true);
        tt_bus_dead_letter(bus, msg, TT_dead_reason_INVALID_INPUT, "trade.venue_transfer", fault);
        return TUTTI_OK;
    }
    bool is_in = tt_dec_sign(transfer->amount.d) > 0;
    const tt_cash_change change = {
        .amount = transfer->amount,
        .kind = is_in ? TT_cash_kind_DEPOSIT : TT_cash_kind_WITHDRAWAL,
        .transfer_id = transfer->transfer_id,
        .venue_time = transfer->venue_time,
        .subject_seq = msg->seq,
    };
    note_transfer(transfers, transfer);
    count(trade, transfer);
    if (is_acknowledged(trade, msg, transfer)) {
        return TUTTI_OK;
    }
    raise_transfer(trade, msg, &change);
    (void)tt_cash_book(trade, &change);
    return TUTTI_OK;
}

/* --- what a person acknowledges --- */

/* The books and the venue agree as of the answer that showed the difference first. */
static void note_acknowledged(tt_trade_module *trade, const tt_cash_change *what, tt_seq seq)
{
    tt_acknowledged *list = trade->books->acknowledged;
    tt_sync_balance *balance = &trade->books->sync.balance;
    uint32_t place = 0;
    while (place < TT_ACKNOWLEDGED_MAX && !tt_dec_is_zero(list[place].rest.d)) {
        place++;
    }
    if (place == TT_ACKNOWLEDGED_MAX) { // The oldest is the least likely to be told of.
        place--;
        memmove(list, list + 1, place * sizeof *list);
        trade->books->counters.acknowledged_left++;
    }
    list[place] = (tt_acknowledged){
        .rest = what->amount,
        .since = balance->agreed_at,
        .until = balance->seen_at,
        .booked_seq = seq,
        .kind = (uint8_t)what->kind,
    };
    balance->agreed_at = balance->seen_at;
}

tt_reply_status
tt_cash_acknowledge(tt_trade_module *trade, const tt_msg *msg, char *ret_text, size_t size)
{
    const tt_coordinator_command *command =
        TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command);
    const tt_sync_balance *balance = &trade->books->sync.balance;
    char amounts[2][TT_DEC_TEXT_MAX];
    tt_dec_format(balance->difference.d, amounts[0]);
    tt_dec_format(command->amount.d, amounts[1]);
    if (balance->query_id == 0 || balance->is_confirmed == 0) {
        const char *why =
            balance->query_id == 0
                ? "the cash of the books is that of the venue: there is nothing to "
                  "acknowledge"
                : "the difference is not confirmed yet: ask again after the next answer";
        tt_text_format(ret_text, size, "%s", why);
        return TT_reply_status_REFUSED;
    }
    if (!tt_dec_eq(command->amount.d, balance->difference.d)) {
        tt_text_format(
            ret_text,
            size,
            "the venue has %s more than the books: acknowledge just that, not %s",
            amounts[0],
            amounts[1]);
        return TT_reply_status_REFUSED;
    }
    if (!tt_cash_can_book(trade, command->amount)) {
        tt_text_format(ret_text, size, "%s is larger than the books can hold", amounts[1]);
        return TT_reply_status_REFUSED;
    }
    bool is_cost = command->command == TT_command_ACKNOWLEDGE_COST;
    bool is_in = tt_dec_sign(command->amount.d) > 0;
    const tt_cash_change change = {
        .amount = command->amount,
        .kind =
            is_cost ? TT_cash_kind_FEE : (is_in ? TT_cash_kind_DEPOSIT : TT_cash_kind_WITHDRAWAL),
        .is_acknowledged = true,
        .venue_time = balance->told_time,
        .subject_seq = msg->seq,
        .found_seq = balance->found_seq,
    };
    note_acknowledged(trade, &change, tt_cash_book(trade, &change));
    tt_text_format(
        ret_text,
        size,
        "%s of %s is booked; the cash holds no entries back",
        tt_enum_text(&tt_enum_cash_kind, (uint8_t)change.kind),
        amounts[1]);
    return TT_reply_status_DONE;
}
