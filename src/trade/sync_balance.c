/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What an answer of the venue means for the cash of the account.
 *
 * The cash is compared when the positions are: with its last one, as of the same moment. An answer
 * says nothing if the cash has changed here since, and a difference says nothing while something
 * else may explain it: a position that is suspected, an order that may hide a fill, an execution
 * that waits, a payment of the answer that got lost.
 *
 * Else a difference beyond the tolerance is suspected, and entries of all instruments are held
 * back. If the next answer shows the same one it is confirmed, and it is what the venue's own sums
 * make of it:
 *
 *     | its sum of fees has grown by just that more        | fee         | booked |
 *     | its sum of funding has grown by just that more     | funding     | booked |
 *     | both sums are as here                              | a deposit, or withdrawal    |
 *     | anything else, or the venue tells no sums          | unexplained                 |
 *
 * What is not booked waits, with entries held back and people told, until an answer agrees, the
 * venue tells of the transfer, or a person says what it was (cash.c). A difference that is accepted
 * without a booking would leave risk with money that is not there.
 */
#include "trade/trade_priv.h"

#include <string.h>

static tt_sync_balance *balance_of(tt_trade_module *trade)
{
    return &trade->books->sync.balance;
}

static tt_money local_cash(const tt_trade_module *trade)
{
    const tt_account *account = &trade->books->account;
    return (tt_money){tt_dec_xadd(tt_account_endowment(account).d, account->cash_flow.d)};
}

static bool is_within(const tt_trade_module *trade, tt_dec difference)
{
    return tt_dec_le(tt_dec_xabs(difference), trade->config.reconciliation.balance_tolerance.d);
}

static bool must_look_again(const tt_sync_balance *balance)
{
    return balance->query_id != 0 && balance->is_confirmed == 0;
}

/* --- what is told --- */

static const char *fault_of(const tt_trade_module *trade, const tt_msg *msg)
{
    const tt_venue_balance *told = TT_PAYLOAD(msg, VENUE_BALANCES, venue_balance);
    if (told->query_id == 0 || told->query_id != trade->books->sync.query_id) {
        return "it answers no query that is open";
    }
    if (strcmp(told->currency, trade->config.account.currency) != 0) {
        return "the currency must be that of the account (account.currency)";
    }
    return tt_dec_le(tt_dec_xabs(told->cash.d), TT_ACCOUNT_SUM_MAX)
               ? NULL
               : "the cash is larger than the books can hold";
}

tutti_status tt_trade_on_venue_balance(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_trade_module *trade = ctx;
    const tt_venue_balance *told = TT_PAYLOAD(msg, VENUE_BALANCES, venue_balance);
    if (told->query_id != 0 && told->query_id == trade->books->sync.late_id) {
        trade->books->counters.venue_late++;
        return TUTTI_OK;
    }
    const char *fault = fault_of(trade, msg);
    if (fault != NULL) {
        tt_bus_dead_letter(bus, msg, TT_dead_reason_INVALID_INPUT, "trade.venue_balance", fault);
        return TUTTI_OK;
    }
    tt_sync_balance *balance = balance_of(trade);
    balance->told_cash = told->cash;
    balance->told_fees = told->fees;
    balance->told_funding = told->funding;
    balance->told_time = told->venue_time;
    balance->told_query = told->query_id;
    balance->tells_sums = told->tells_sums;
    return TUTTI_OK;
}

/* --- events --- */

static void publish(tt_trade_module *trade, tt_reconcile_stage stage, tt_cash_kind cause)
{
    const tt_sync_balance *balance = balance_of(trade);
    const tt_money local = local_cash(trade);
    tt_balance_reconciliation payload = {
        .local_cash = local,
        .venue_cash = {tt_dec_xadd(local.d, balance->difference.d)},
        .difference = balance->difference,
        .tolerance = trade->config.reconciliation.balance_tolerance,
        .query_id = balance->told_query,
        .stage = (uint8_t)stage,
        .cause = (uint8_t)cause,
        .blocks_entries = balance->query_id != 0,
    };
    tt_seq seq = 0;
    (void)tt_trade_publish(
        trade, &(tt_trade_post){TT_TOPIC_BALANCE_RECONCILIATIONS, 0, NULL, &payload}, &seq);
    balance_of(trade)->found_seq = seq;
}

static void settle(tt_trade_module *trade, tt_reconcile_stage stage, tt_money difference)
{
    tt_sync_balance *balance = balance_of(trade);
    tt_cash_kind cause = balance->is_confirmed != 0 ? balance->cause : TT_cash_kind_NONE;
    balance->query_id = 0;
    balance->is_confirmed = 0;
    balance->cause = TT_cash_kind_NONE;
    balance->difference = difference;
    publish(trade, stage, cause);
}

static void tell(tt_trade_module *trade, const tt_msg *msg, tt_severity severity)
{
    const tt_sync_balance *balance = balance_of(trade);
    char amount[TT_DEC_TEXT_MAX];
    tt_dec_format(balance->difference.d, amount);
    tt_trade_alert alert = {
        .type = TT_alert_type_BALANCE_DISCREPANCY,
        .severity = severity,
        .subject = msg->seq,
    };
    bool is_booked = severity != TT_severity_CRITICAL;
    tt_trade_raise(
        trade,
        &alert,
        is_booked ? "%s: the venue has %s more than the books, by its own sums: it is booked now"
                  : "%s: the venue has %s more than the books: entries are held until it agrees or "
                    "a person acknowledges it",
        tt_enum_text(&tt_enum_cash_kind, balance->cause),
        amount);
}

/* --- the comparison --- */

/* Nothing else explains a difference. */
static bool can_judge(tt_trade_module *trade, const tt_venue_position *told)
{
    const tt_books *books = trade->books;
    if (books->waiting.count != 0 || !tt_sync_has_payments(trade, told)) {
        return false;
    }
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t leg = 1; leg <= last; leg++) {
        if (books->sync.legs[leg - 1].query_id != 0 || tt_sync_awaits_word(trade, leg)) {
            return false;
        }
    }
    return true;
}

/* By how much a sum of the venue has grown more than that of the books since they agreed. */
static tt_dec grown(tt_money told, tt_money local, tt_money apart)
{
    return tt_dec_xsub(tt_dec_xsub(told.d, local.d), apart.d);
}

static tt_cash_kind cause_of(tt_trade_module *trade)
{
    const tt_sync_balance *balance = balance_of(trade);
    const tt_account *account = &trade->books->account;
    if (balance->tells_sums == 0) {
        return TT_cash_kind_UNEXPLAINED;
    }
    tt_dec fees = grown(balance->told_fees, account->fees, balance->fees_apart);
    tt_dec funding = grown(balance->told_funding, account->funding, balance->funding_apart);
    bool has_fees = !is_within(trade, fees);
    bool has_funding = !is_within(trade, funding);
    if (has_fees && !has_funding && is_within(trade, tt_dec_xadd(balance->difference.d, fees))) {
        return TT_cash_kind_FEE;
    }
    if (has_funding && !has_fees && is_within(trade, tt_dec_xsub(balance->difference.d, funding))) {
        return TT_cash_kind_FUNDING;
    }
    if (has_fees || has_funding) {
        return TT_cash_kind_UNEXPLAINED;
    }
    bool is_in = tt_dec_sign(balance->difference.d) > 0;
    return is_in ? TT_cash_kind_DEPOSIT : TT_cash_kind_WITHDRAWAL;
}

static void agree(tt_trade_module *trade, tt_money difference)
{
    tt_sync_balance *balance = balance_of(trade);
    const tt_account *account = &trade->books->account;
    balance->fees_apart.d = tt_dec_xsub(balance->told_fees.d, account->fees.d);
    balance->funding_apart.d = tt_dec_xsub(balance->told_funding.d, account->funding.d);
    balance->agreed_at = balance->told_time;
    if (balance->query_id != 0) {
        settle(trade, TT_reconcile_stage_CLEARED, difference);
    }
}

static void suspect(tt_trade_module *trade, tt_money difference)
{
    tt_sync_balance *balance = balance_of(trade);
    balance->difference = difference;
    balance->query_id = balance->told_query;
    balance->seen_at = balance->told_time;
    balance->is_confirmed = 0;
    balance->cause = TT_cash_kind_NONE;
    publish(trade, TT_reconcile_stage_SUSPECTED, TT_cash_kind_NONE);
}

static void confirm(tt_trade_module *trade, const tt_msg *msg)
{
    tt_sync_balance *balance = balance_of(trade);
    const tt_cash_change change = {
        .amount = balance->difference,
        .kind = cause_of(trade),
        .venue_time = balance->told_time,
        .subject_seq = msg->seq,
        .found_seq = balance->found_seq,
    };
    bool is_explained = change.kind == TT_cash_kind_FEE || change.kind == TT_cash_kind_FUNDING;
    balance->is_confirmed = 1;
    balance->cause = (uint8_t)change.kind;
    trade->books->counters.balance_discrepancies++;
    if (is_explained && tt_cash_can_book(trade, change.amount)) {
        tell(trade, msg, TT_severity_HIGH);
        (void)tt_cash_book(trade, &change);
        return;
    }
    tell(trade, msg, TT_severity_CRITICAL);
    publish(trade, TT_reconcile_stage_CONFIRMED, change.kind);
}

bool tt_sync_compare_balance(tt_trade_module *trade, const tt_msg *msg)
{
    const tt_venue_position *told = TT_PAYLOAD(msg, VENUE_POSITIONS, venue_position);
    tt_sync_balance *balance = balance_of(trade);
    bool is_told = balance->told_query == told->query_id;
    if (!is_told || balance->told_time.ns < balance->changed_at.ns) {
        return must_look_again(balance);
    }
    tt_money difference = {tt_dec_xsub(balance->told_cash.d, local_cash(trade).d)};
    if (is_within(trade, difference.d)) {
        agree(trade, difference);
        return false;
    }
    if (!can_judge(trade, told)) {
        return must_look_again(balance);
    }
    bool is_seen_twice = balance->query_id != 0 && tt_dec_eq(balance->difference.d, difference.d);
    if (!is_seen_twice) {
        suspect(trade, difference);
    } else if (balance->is_confirmed == 0) {
        confirm(trade, msg);
    }
    return must_look_again(balance);
}

void tt_sync_note_cash(tt_trade_module *trade, tt_money amount)
{
    tt_sync_balance *balance = balance_of(trade);
    if (balance->query_id == 0) {
        return;
    }
    tt_money left = {tt_dec_xsub(balance->difference.d, amount.d)};
    if (is_within(trade, left.d)) {
        settle(trade, TT_reconcile_stage_REPAIRED, left);
    }
}
