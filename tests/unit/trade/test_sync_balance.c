/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The cash of the books against that of the venue. Covers: sync_balance.c.
 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static int set_up(void **state)
{
    (void)fixture_setup_sync(state);
    (void)fixture_start_paper(*state);
    return 0;
}

static const tt_sync *sync_of(const fixture *f)
{
    return &f->trade->books->sync;
}

/* What the venue tells; NULL sums: it tells none. */
static tt_venue_balance balance(const fixture *f, const char *cash, const char *fees)
{
    tt_venue_balance told = {
        .cash = {dec(cash)},
        .query_id = sync_of(f)->query_id,
        .venue_time = f->now,
        .tells_sums = fees != NULL,
        .currency = "USDT",
    };
    told.fees.d = dec(fees != NULL ? fees : "0");
    return told;
}

static void end_answer(fixture *f, const char *qty)
{
    tt_venue_position what = {
        .query_id = sync_of(f)->query_id, .venue_time = f->now, .mark = {dec("100")}, .is_last = 1};
    what.qty.d = dec(qty);
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &what);
}

/* A whole answer to the open query, of an account that holds nothing. */
static void answer(fixture *f, const char *cash, const char *fees)
{
    tt_venue_balance told = balance(f, cash, fees);
    step(f, TT_TOPIC_VENUE_BALANCES, 0, &told);
    end_answer(f, "0");
}

static void ask_again(fixture *f, int64_t seconds)
{
    pass(f, seconds * 1000);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 1);
}

static const tt_balance_reconciliation *said(const fixture *f)
{
    return sent_one(f, TT_TOPIC_BALANCE_RECONCILIATIONS);
}

static void ask_for(fixture *f, tt_command what, const char *amount, const char *reply)
{
    tt_coordinator_command asked = {.request_id = 7, .command = (uint8_t)what};
    asked.amount.d = dec(amount);
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &asked);
    const tt_command_reply *told = sent_one(f, TT_TOPIC_COMMAND_REPLIES);
    assert_string_equal(told->message, reply);
    assert_int_equal(told->request_id, 7);
}

static void expect_dead(fixture *f, const tt_venue_balance *told, uint32_t key, const char *why)
{
    step(f, TT_TOPIC_VENUE_BALANCES, key, told);
    const tt_dead_letter *letter = sent_one(f, TT_TOPIC_DEAD_LETTERS);
    assert_non_null(strstr(letter->message, why));
}

static void what_agrees_within_the_tolerance_says_nothing(void **state)
{
    fixture *f = *state;
    const char *const fine[] = {"10000", "10000.01", "9999.99"};
    for (size_t i = 0; i < 3; i++) {
        answer(f, fine[i], "0");
        assert_int_equal(sent_count(f, TT_TOPIC_BALANCE_RECONCILIATIONS), 0);
        ask_again(f, 60);
    }
    answer(f, "10000.010000000000000001", "0");
    assert_dec(said(f)->difference.d, "0.010000000000000001");
    ask_again(f, 2);
    answer(f, "9999.99", "0");
    assert_int_equal(said(f)->stage, TT_reconcile_stage_CLEARED);
    assert_dec(said(f)->difference.d, "-0.01");
    assert_int_equal(said(f)->blocks_entries, 0);
}

static void a_difference_is_confirmed_by_the_next_answer(void **state)
{
    fixture *f = *state;
    answer(f, "9000", "0");
    const tt_balance_reconciliation *found = said(f);
    assert_int_equal(found->stage, TT_reconcile_stage_SUSPECTED);
    assert_int_equal(found->cause, TT_cash_kind_NONE);
    assert_dec(found->local_cash.d, "10000");
    assert_dec(found->venue_cash.d, "9000");
    assert_dec(found->difference.d, "-1000");
    assert_int_equal(found->blocks_entries, 1);
    assert_true(tt_sync_blocks(f->trade, 1) && tt_sync_blocks(f->trade, 2));
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    // Another difference begins anew.
    ask_again(f, 2);
    answer(f, "9000.5", "0");
    assert_int_equal(said(f)->stage, TT_reconcile_stage_SUSPECTED);
    ask_again(f, 2);
    answer(f, "9000.5", "0");
    assert_int_equal(said(f)->stage, TT_reconcile_stage_CONFIRMED);
    assert_int_equal(said(f)->cause, TT_cash_kind_WITHDRAWAL);
    assert_dec(said(f)->difference.d, "-999.5");
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_BALANCE_DISCREPANCY);
    assert_int_equal(alert->severity, TT_severity_CRITICAL);
    // It waits for a person: it is looked at as often as all else, and told no more.
    pass(f, 2000);
    assert_int_equal(sent_count(f, TT_TOPIC_VENUE_QUERIES), 0);
    ask_again(f, 58);
    answer(f, "9000.5", "0");
    assert_int_equal(sent_count(f, TT_TOPIC_BALANCE_RECONCILIATIONS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    assert_true(tt_sync_blocks(f->trade, 1));
    tt_trade_status status;
    tt_trade_status_get(f->trade, &status);
    assert_dec(status.balance_difference.d, "-999.5");
    assert_true(status.is_balance_confirmed);
    assert_int_equal(status.balance_cause, TT_cash_kind_WITHDRAWAL);
    assert_int_equal(status.balance_discrepancies, 1);
    // Another amount is confirmed, and told, anew.
    ask_again(f, 60);
    answer(f, "9001", "0");
    assert_int_equal(said(f)->stage, TT_reconcile_stage_SUSPECTED);
    assert_int_equal(said(f)->blocks_entries, 1);
    ask_again(f, 2);
    answer(f, "9001", "0");
    assert_int_equal(said(f)->stage, TT_reconcile_stage_CONFIRMED);
    assert_dec(said(f)->difference.d, "-999");
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 1);
    ask_again(f, 60);
    answer(f, "10000", "0");
    assert_int_equal(said(f)->stage, TT_reconcile_stage_CLEARED);
    assert_int_equal(said(f)->cause, TT_cash_kind_WITHDRAWAL);
    assert_false(tt_sync_blocks(f->trade, 1));
    ask_again(f, 60);
}

static void entries_wait_and_a_verdict_is_not_sent(void **state)
{
    fixture *f = *state;
    answer(f, "9000", "0");
    const entry want = {"1", NULL, "100", "90", NULL, TT_side_BUY, 1, 2};
    assert_int_equal(approve(f, &want), 0);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->code, TT_risk_code_UNRESOLVED_ORDER);
    ask_again(f, 2);
    answer(f, "10000", "0");
    assert_int_not_equal(approve(f, &want), 0);
}

static void the_sums_of_the_venue_say_what_it_is(void **state)
{
    static const struct {
        const char *cash;
        const char *fees; /* NULL = no sums. */
        const char *funding;
        tt_cash_kind kind;
    } cases[] = {
        {"9999.5", "0.5", "0", TT_cash_kind_FEE},
        {"10000.5", "-0.5", "0", TT_cash_kind_FEE},
        {"9999.51", "0.5", "0", TT_cash_kind_FEE}, // To the tolerance.
        {"9998", "0", "-2", TT_cash_kind_FUNDING},
        {"10002", "0", "2", TT_cash_kind_FUNDING},
        {"10100", "0", "0", TT_cash_kind_DEPOSIT},
        {"9900", "0", "0", TT_cash_kind_WITHDRAWAL},
        {"9999", "0.5", "0", TT_cash_kind_UNEXPLAINED},
        {"9998", "0.5", "-2", TT_cash_kind_UNEXPLAINED},
        {"9997.5", "0.5", "-2", TT_cash_kind_UNEXPLAINED}, // Both, but which part of it is what?
        {"10001", "1", "0", TT_cash_kind_UNEXPLAINED},     // The wrong way.
        {"10100", NULL, "0", TT_cash_kind_UNEXPLAINED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_up(state);
        fixture *f = *state;
        for (int turn = 0; turn < 2; turn++) {
            tt_venue_balance told = balance(f, cases[i].cash, cases[i].fees);
            told.funding.d = dec(cases[i].funding);
            step(f, TT_TOPIC_VENUE_BALANCES, 0, &told);
            end_answer(f, "0");
            if (turn == 0) {
                ask_again(f, 2);
            }
        }
        bool is_booked = cases[i].kind == TT_cash_kind_FEE || cases[i].kind == TT_cash_kind_FUNDING;
        assert_int_equal(said(f)->cause, cases[i].kind);
        assert_int_equal(said(f)->blocks_entries, !is_booked);
        assert_int_equal(sent_count(f, TT_TOPIC_CASH_BOOKINGS), is_booked);
        const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
        assert_int_equal(alert->severity, is_booked ? TT_severity_HIGH : TT_severity_CRITICAL);
        if (is_booked) {
            assert_true(tt_dec_eq(account(f).balance.d, dec(cases[i].cash)));
            assert_dec(account(f).transfers.d, "0");
            assert_int_equal(said(f)->stage, TT_reconcile_stage_REPAIRED);
        }
        if (i + 1 < sizeof cases / sizeof cases[0]) {
            fixture_fini(f);
        }
    }
}

/* A cost that a person acknowledged is none of the venue's fees: what comes later is told apart. */
static void sums_count_from_where_both_agreed(void **state)
{
    fixture *f = *state;
    answer(f, "9990", "3");
    ask_again(f, 2);
    answer(f, "9990", "3");
    assert_int_equal(said(f)->cause, TT_cash_kind_UNEXPLAINED);
    ask_for(
        f,
        TT_command_ACKNOWLEDGE_COST,
        "-10",
        "fee of -10 is booked; the cash holds no entries back");
    const tt_cash_booking *booked = sent_one(f, TT_TOPIC_CASH_BOOKINGS);
    assert_int_equal(booked->kind, TT_cash_kind_FEE);
    assert_int_equal(booked->is_acknowledged, 1);
    assert_dec(booked->account_fees.d, "10");
    assert_dec(account(f).cash_flow.d, "-10");
    pass(f, 60000);
    answer(f, "9990", "3"); // They agree: 3 and 10 from now on.
    assert_int_equal(sent_count(f, TT_TOPIC_BALANCE_RECONCILIATIONS), 0);
    ask_again(f, 60);
    answer(f, "9989", "4");
    ask_again(f, 2);
    answer(f, "9989", "4");
    assert_int_equal(said(f)->cause, TT_cash_kind_FEE);
    assert_dec(account(f).fees.d, "11");
}

/* Nothing is made of it while something else may explain it. */
static void what_is_not_settled_comes_first(void **state)
{
    fixture *f = *state;
    answer(f, "10000", "0");
    uint64_t id = open_long(f, NULL, NULL); // 1 at 100
    assert_int_not_equal(id, 0);
    pass(f, 60000);
    // The position differs.
    tt_venue_balance told = balance(f, "9000", "0");
    step(f, TT_TOPIC_VENUE_BALANCES, 0, &told);
    end_answer(f, "2");
    assert_int_equal(sent_count(f, TT_TOPIC_BALANCE_RECONCILIATIONS), 0);
    ask_again(f, 2);
    told = balance(f, "9000", "0");
    step(f, TT_TOPIC_VENUE_BALANCES, 0, &told);
    end_answer(f, "1");
    assert_int_equal(said(f)->stage, TT_reconcile_stage_SUSPECTED);
    assert_dec(said(f)->difference.d, "-900");
    // A payment of the answer was lost.
    ask_again(f, 2);
    told = balance(f, "8000", "0");
    step(f, TT_TOPIC_VENUE_BALANCES, 0, &told);
    tt_venue_position last = {
        .qty = {dec("1")},
        .mark = {dec("100")},
        .query_id = sync_of(f)->query_id,
        .venue_time = f->now,
        .payments = 1,
        .is_last = 1,
    };
    step(f, TT_TOPIC_VENUE_POSITIONS, 1, &last);
    assert_int_equal(sent_count(f, TT_TOPIC_BALANCE_RECONCILIATIONS), 0);
    // An order whose outcome is not known.
    ask_again(f, 2);
    const entry want = {"1", "90", NULL, NULL, NULL, TT_side_BUY, 1, 2};
    f->trade->books->sync.balance.query_id = 0; // Else it would not be sent.
    uint64_t unknown = approve(f, &want);
    say(f, unknown, TT_report_kind_TIMEOUT);
    assert_state(f, unknown, TT_order_state_UNKNOWN);
    told = balance(f, "9000", "0");
    step(f, TT_TOPIC_VENUE_BALANCES, 0, &told);
    end_answer(f, "1");
    assert_int_equal(sent_count(f, TT_TOPIC_BALANCE_RECONCILIATIONS), 0);
}

/* A moment before the last change here says nothing, and neither does an answer without a balance.
 */
static void an_old_or_a_missing_balance_says_nothing(void **state)
{
    fixture *f = *state;
    answer(f, "9000", "0");
    ask_again(f, 2);
    end_answer(f, "0"); // Without one: it is asked again soon.
    assert_int_equal(sent_count(f, TT_TOPIC_BALANCE_RECONCILIATIONS), 0);
    ask_again(f, 2);
    tt_venue_balance told = balance(f, "9000", "0");
    told.venue_time.ns -= 1;
    f->trade->books->sync.balance.changed_at = f->now;
    step(f, TT_TOPIC_VENUE_BALANCES, 0, &told);
    end_answer(f, "0");
    assert_int_equal(sent_count(f, TT_TOPIC_BALANCE_RECONCILIATIONS), 0);
    ask_again(f, 2);
    answer(f, "9000", "0");
    assert_int_equal(said(f)->stage, TT_reconcile_stage_CONFIRMED);
}

static void what_cannot_be_a_balance_is_refused(void **state)
{
    fixture *f = *state;
    tt_venue_balance told = balance(f, "9000", "0");
    TT_TEXT_SET(told.currency, "EUR");
    expect_dead(f, &told, 0, "account.currency");
    told = balance(f, "1000000000000000000.1", "0");
    expect_dead(f, &told, 0, "larger than the books can hold");
    told = balance(f, "9000", "0");
    told.query_id++;
    expect_dead(f, &told, 0, "no query that is open");
    told.query_id = 0;
    expect_dead(f, &told, 0, "no query that is open");
    // Of a query that was given up: counted, nobody's fault.
    told = balance(f, "9000", "0");
    pass(f, 5000);
    step(f, TT_TOPIC_VENUE_BALANCES, 0, &told);
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 0);
    assert_int_equal(f->trade->books->counters.venue_late, 1);
}

static void a_person_acknowledges_just_what_is_confirmed(void **state)
{
    fixture *f = *state;
    const char *nothing =
        "the cash of the books is that of the venue: there is nothing to acknowledge";
    ask_for(f, TT_command_ACKNOWLEDGE_TRANSFER, "5", nothing);
    answer(f, "10005", "0");
    const char *early = "the difference is not confirmed yet: ask again after the next answer";
    ask_for(f, TT_command_ACKNOWLEDGE_TRANSFER, "5", early);
    ask_again(f, 2);
    answer(f, "10005", "0");
    const char *other = "the venue has 5 more than the books: acknowledge just that, not -5";
    ask_for(f, TT_command_ACKNOWLEDGE_COST, "-5", other);
    assert_int_equal(sent_count(f, TT_TOPIC_CASH_BOOKINGS), 0);
    tt_seq found = sync_of(f)->balance.found_seq;
    const char *done = "deposit of 5 is booked; the cash holds no entries back";
    ask_for(f, TT_command_ACKNOWLEDGE_TRANSFER, "5", done);
    const tt_cash_booking *booked = sent_one(f, TT_TOPIC_CASH_BOOKINGS);
    assert_int_equal(booked->kind, TT_cash_kind_DEPOSIT);
    assert_dec(booked->amount.d, "5");
    assert_dec(booked->transfers.d, "5");
    assert_dec(booked->balance.d, "10005");
    assert_int_equal(booked->is_acknowledged, 1);
    assert_true(booked->found_seq == found && found != 0);
    assert_int_equal(said(f)->stage, TT_reconcile_stage_REPAIRED);
    assert_int_equal(said(f)->blocks_entries, 0);
    ask_for(f, TT_command_ACKNOWLEDGE_TRANSFER, "5", nothing); // Not twice.
}

/* Lets a difference be confirmed, and a person say that it was a transfer. */
static void acknowledge(fixture *f, const char *cash, const char *amount)
{
    answer(f, cash, "0");
    ask_again(f, 2);
    answer(f, cash, "0");
    tt_coordinator_command asked = {
        .request_id = 7, .command = (uint8_t)TT_command_ACKNOWLEDGE_TRANSFER};
    asked.amount.d = dec(amount);
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &asked);
    assert_int_equal(sent_count(f, TT_TOPIC_CASH_BOOKINGS), 1);
}

/* Whether it is booked when the venue tells of it. */
static bool is_booked(fixture *f, uint64_t id, const char *amount, tt_time made)
{
    tt_venue_transfer what = {.transfer_id = id, .venue_time = made, .currency = "USDT"};
    what.amount.d = dec(amount);
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &what);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 1);
    return sent_count(f, TT_TOPIC_CASH_BOOKINGS) == 1;
}

static void what_was_acknowledged_is_not_booked_again(void **state)
{
    fixture *f = *state;
    answer(f, "10000", "0");
    const tt_time agreed = f->now;
    ask_again(f, 60);
    const tt_time seen = f->now;
    acknowledge(f, "9000", "-1000");
    const tt_seq booked = sent(f, TT_TOPIC_CASH_BOOKINGS, 0)->seq;
    // Made before both agreed, or behind the first answer that showed it; of the other sign.
    assert_true(is_booked(f, 1, "-10", agreed));
    assert_true(is_booked(f, 2, "-10", (tt_time){seen.ns + 1}));
    assert_true(is_booked(f, 3, "10", seen));
    assert_true(is_booked(f, 4, "-1000.010000000000000001", seen)); // Beyond the tolerance.
    const tt_account_update before = account(f);
    assert_dec(before.transfers.d, "-2010.010000000000000001");
    assert_false(is_booked(f, 5, "-600", (tt_time){agreed.ns + 1}));
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    char text[160];
    snprintf(
        text,
        sizeof text,
        "transfer of -600 USDT, told by the venue: it is in the withdrawal that a person "
        "acknowledged (message %llu), and is not booked again",
        (unsigned long long)booked);
    assert_string_equal(alert->message, text);
    assert_int_equal(alert->alert_type, TT_alert_type_CASH_TRANSFER);
    assert_false(is_booked(f, 6, "-399.995", seen)); // What is left is within the tolerance.
    assert_int_equal(f->trade->books->counters.known_transfers, 2);
    assert_true(is_booked(f, 7, "-0.005", seen));
    // Known by their ids from now on.
    tt_venue_transfer again = {.transfer_id = 5, .venue_time = seen, .currency = "USDT"};
    again.amount.d = dec("-600");
    step(f, TT_TOPIC_VENUE_TRANSFERS, 0, &again);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    assert_int_equal(f->trade->books->counters.repeated_transfers, 1);
    assert_dec(f->trade->books->account.transfers.d, "-2010.015000000000000001");
}

/* One more: the oldest is forgotten. */
static void eight_acknowledgements_are_remembered(void **state)
{
    fixture *f = *state;
    tt_time seen[TT_ACKNOWLEDGED_MAX + 1];
    for (uint32_t i = 0; i <= TT_ACKNOWLEDGED_MAX; i++) {
        char cash[32];
        snprintf(cash, sizeof cash, "%u", 10000 - (i + 1) * 100);
        seen[i] = f->now;
        acknowledge(f, cash, "-100");
        assert_int_equal(
            f->trade->books->counters.acknowledged_left, i == TT_ACKNOWLEDGED_MAX ? 1 : 0);
        ask_again(f, 60);
    }
    assert_true(is_booked(f, 100, "-100", seen[0]));
    for (uint32_t i = 1; i <= TT_ACKNOWLEDGED_MAX; i++) {
        assert_false(is_booked(f, i, "-100", seen[i]));
    }
    assert_true(is_booked(f, 101, "-100", seen[1])); // Each is told of once.
    acknowledge(f, "9000", "100");                   // There is room again.
    assert_int_equal(f->trade->books->counters.acknowledged_left, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_agrees_within_the_tolerance_says_nothing),
        TEST(a_difference_is_confirmed_by_the_next_answer),
        TEST(entries_wait_and_a_verdict_is_not_sent),
        TEST(the_sums_of_the_venue_say_what_it_is),
        TEST(sums_count_from_where_both_agreed),
        TEST(what_is_not_settled_comes_first),
        TEST(an_old_or_a_missing_balance_says_nothing),
        TEST(what_cannot_be_a_balance_is_refused),
        TEST(a_person_acknowledges_just_what_is_confirmed),
        TEST(what_was_acknowledged_is_not_booked_again),
        TEST(eight_acknowledgements_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
