/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Deposits and withdrawals that the venue tells of. Covers: cash.c.
 */
#include "fixture.h"

#include <string.h>

static int set_up(void **state)
{
    static fixture f;
    tt_trade_config config = fixture_config();
    config.account.sub_accounts = true;
    config.capital[0] = (tt_capital_config){.strategy = "strategy", .amount = {dec("4000")}};
    config.capital_count = 1;
    fixture_init_with(&f, &config);
    *state = &f;
    return 0;
}

static tt_venue_transfer transfer(const fixture *f, uint64_t id, const char *amount)
{
    tt_venue_transfer what = {.transfer_id = id, .venue_time = f->now, .currency = "USDT"};
    what.amount.d = dec(amount);
    return what;
}

static void tell(fixture *f, uint64_t id, const char *amount)
{
    tt_venue_transfer what = transfer(f, id, amount);
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &what);
}

static void expect_dead(fixture *f, const tt_venue_transfer *what, const char *why)
{
    uint64_t before = f->trade->books->counters.refused_transfers;
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, what);
    const tt_dead_letter *letter = sent_one(f, TT_TOPIC_DEAD_LETTERS);
    assert_non_null(strstr(letter->message, why));
    assert_int_equal(sent_count(f, TT_TOPIC_CASH_BOOKINGS), 0);
    assert_int_equal(f->trade->books->counters.refused_transfers, before + 1);
}

static void a_transfer_is_booked_and_is_no_result(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    tt_account_update before = account(f);
    tell(f, 1, "-2500");
    const tt_cash_booking *booked = sent_one(f, TT_TOPIC_CASH_BOOKINGS);
    assert_int_equal(booked->kind, TT_cash_kind_WITHDRAWAL);
    assert_dec(booked->amount.d, "-2500");
    assert_dec(booked->transfers.d, "-2500");
    assert_dec(booked->balance.d, "7500");
    assert_int_equal(booked->transfer_id, 1);
    assert_int_equal(booked->is_acknowledged, 0);
    assert_true(booked->venue_time.ns == f->now.ns);
    tt_account_update after = account(f);
    assert_dec(after.transfers.d, "-2500");
    assert_dec(tt_dec_xsub(after.equity.d, before.equity.d), "-2500");
    assert_true(tt_dec_eq(after.cash_flow.d, before.cash_flow.d));
    assert_true(tt_dec_eq(after.realized_pnl.d, before.realized_pnl.d));
    assert_true(tt_dec_eq(after.fees.d, before.fees.d));
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_CASH_TRANSFER);
    assert_string_equal(
        alert->message, "withdrawal of -2500 USDT, told by the venue: results do not count it");
    tell(f, 2, "100.000000000000000001");
    assert_dec(account(f).transfers.d, "-2399.999999999999999999");
}

/* All of it is of the house; capitals stay. */
static void a_transfer_is_of_the_house(void **state)
{
    fixture *f = *state;
    tell(f, 1, "-2500");
    const tt_sub_account_update *house = sent_one(f, TT_TOPIC_SUB_ACCOUNT_UPDATES);
    assert_int_equal(house->account, 0);
    assert_dec(house->initial.d, "6000");
    assert_dec(house->transfers.d, "-2500");
    assert_dec(house->balance.d, "3500");
    assert_dec(house->equity.d, "3500");
    assert_dec(f->trade->sub_accounts->list[1].initial.d, "4000");
    assert_dec(f->trade->sub_accounts->list[1].transfers.d, "0");
}

/* 6000 are nobody's; what leaves beyond them was promised to the source with a capital. */
static void a_withdrawal_of_what_was_promised_is_told(void **state)
{
    fixture *f = *state;
    tell(f, 1, "-6000");
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 1);
    tell(f, 2, "-0.5");
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 2);
    const tt_msg *second = sent(f, TT_TOPIC_RISK_ALERTS, 1);
    const tt_risk_alert *alert = TT_PAYLOAD(second, RISK_ALERTS, risk_alert);
    assert_int_equal(alert->severity, TT_severity_HIGH);
    assert_non_null(strstr(alert->message, "are 0.5 more than what was paid in"));
    tell(f, 3, "0.25"); // A deposit makes it better, even if not good.
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 1);
}

static void a_repeat_is_dropped(void **state)
{
    fixture *f = *state;
    for (uint64_t id = 1; id <= TT_TRANSFERS_SEEN; id++) {
        tell(f, id, "1");
        pass(f, 1000);
    }
    // The oldest that is remembered, and the newest.
    tell(f, 1, "1");
    assert_int_equal(sent_count(f, TT_TOPIC_CASH_BOOKINGS), 0);
    tell(f, TT_TRANSFERS_SEEN, "1");
    assert_int_equal(sent_count(f, TT_TOPIC_CASH_BOOKINGS), 0);
    assert_int_equal(f->trade->books->counters.repeated_transfers, 2);
    // One more: the first is forgotten, and what is not newer than it may be its repeat.
    tell(f, 100, "1");
    assert_dec(account(f).transfers.d, "33");
    tt_venue_transfer first = transfer(f, 1, "1");
    first.venue_time.ns = FIXTURE_START_NS;
    assert_true(first.venue_time.ns <= f->trade->books->transfers.forgotten.ns);
    first.venue_time = f->trade->books->transfers.forgotten;
    expect_dead(f, &first, "it may be a repeat");
    first.venue_time.ns++;
    first.transfer_id = 200;
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &first);
    assert_dec(account(f).transfers.d, "34");
    assert_int_equal(f->trade->books->counters.transfers, 34);
}

/* A doubled one of an answer does not stand for one that got lost. */
static void a_listed_transfer_counts_once(void **state)
{
    fixture *f = *state;
    tt_sync *sync = &f->trade->books->sync;
    tell(f, 1, "1");
    sync->query_id = 7;
    tt_venue_transfer first = transfer(f, 1, "1");
    tt_venue_transfer second = transfer(f, 2, "2");
    first.query_id = second.query_id = 7;
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &first);
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &first);
    assert_int_equal(sync->payments, 1);
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &second);
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &second);
    assert_int_equal(sync->payments, 2);
    assert_dec(account(f).transfers.d, "3");
    // Of another query it counts for nothing, and what is refused counts: it came.
    second.query_id = 6;
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &second);
    assert_int_equal(sync->payments, 2);
    tt_venue_transfer bad = transfer(f, 3, "0");
    bad.query_id = 7;
    expect_dead(f, &bad, "above 0");
    assert_int_equal(sync->payments, 3);
    tt_sync_clear_listed(f->trade);
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &first);
    assert_int_equal(sync->payments, 1);
}

/* Nor does one that has left stand for the one that took its place. */
static void a_place_that_is_taken_again_is_not_listed(void **state)
{
    fixture *f = *state;
    tt_sync *sync = &f->trade->books->sync;
    for (uint64_t id = 1; id <= TT_TRANSFERS_SEEN; id++) {
        tell(f, id, "1");
    }
    pass(f, 1000);
    sync->query_id = 7;
    tt_venue_transfer first = transfer(f, 1, "1");
    tt_venue_transfer next = transfer(f, 99, "1");
    first.query_id = next.query_id = 7;
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &first);
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &next);
    assert_int_equal(sync->payments, 2);
}

static void what_cannot_be_a_transfer_is_refused(void **state)
{
    fixture *f = *state;
    tt_venue_transfer what = transfer(f, 0, "1");
    expect_dead(f, &what, "transfer_id");
    what = transfer(f, 1, "1");
    what.venue_time.ns = 0;
    expect_dead(f, &what, "venue_time");
    what = transfer(f, 1, "0");
    expect_dead(f, &what, "above 0");
    what = transfer(f, 1, "1");
    TT_TEXT_SET(what.currency, "BTC");
    expect_dead(f, &what, "account.currency");
    what = transfer(f, 1, "1000000000000000.000000000000000001");
    expect_dead(f, &what, "larger than the books can hold");
    what = transfer(f, 1, "1000000000000000");
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &what);
    assert_int_equal(sent_count(f, TT_TOPIC_CASH_BOOKINGS), 1);
    // The sum has a bound, too.
    f->trade->books->account.transfers.d = dec("0");
    f->trade->sub_accounts->list[0].transfers.d = dec("0");
    assert_true(tt_cash_can_book(f->trade, (tt_money){dec("1000000000000000")}));
    f->trade->books->account.transfers.d = dec("999000000000000000.1");
    assert_false(tt_cash_can_book(f->trade, (tt_money){dec("1000000000000000")}));
    f->trade->books->account.transfers.d = dec("0");
}

/* The venue tells of what the comparison had found: it is not in the way any more. */
static void what_is_told_late_settles_the_difference(void **state)
{
    fixture *f = *state;
    tt_sync_balance *balance = &f->trade->books->sync.balance;
    balance->difference.d = dec("-700");
    balance->query_id = 9;
    balance->is_confirmed = 1;
    balance->cause = TT_cash_kind_WITHDRAWAL;
    assert_true(tt_sync_blocks(f->trade, 1));
    tell(f, 4, "-200"); // Only a part of it.
    assert_int_equal(sent_count(f, TT_TOPIC_BALANCE_RECONCILIATIONS), 0);
    assert_true(tt_sync_blocks(f->trade, 1));
    balance->difference.d = dec("-500"); // As the next answer would show.
    tell(f, 5, "-500");
    const tt_balance_reconciliation *told = sent_one(f, TT_TOPIC_BALANCE_RECONCILIATIONS);
    assert_int_equal(told->stage, TT_reconcile_stage_REPAIRED);
    assert_int_equal(told->cause, TT_cash_kind_WITHDRAWAL);
    assert_int_equal(told->blocks_entries, 0);
    assert_false(tt_sync_blocks(f->trade, 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_transfer_is_booked_and_is_no_result),
        TEST(a_transfer_is_of_the_house),
        TEST(a_withdrawal_of_what_was_promised_is_told),
        TEST(a_repeat_is_dropped),
        TEST(a_listed_transfer_counts_once),
        TEST(a_place_that_is_taken_again_is_not_listed),
        TEST(what_cannot_be_a_transfer_is_refused),
        TEST(what_is_told_late_settles_the_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
