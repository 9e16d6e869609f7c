/* SPDX-License-Identifier: Apache-2.0 */
/* The account: every number exact. */
#include "fixture.h"

static void a_session_starts_with_the_account(void **state)
{
    fixture *f = *state;
    tt_session_event started = {.event = TT_session_event_type_STARTED};
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &started);
    const tt_account_update *now = sent_one(f, TT_TOPIC_ACCOUNT_UPDATES);
    assert_dec(now->initial.d, "10000");
    assert_dec(now->balance.d, "10000");
    assert_dec(now->equity.d, "10000");
    assert_dec(now->margin_available.d, "10000");
    assert_dec(now->cash_flow.d, "0");
    assert_int_equal(now->open_orders, 0);
}

static void numbers_of_two_positions(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "2", .leverage = 4});
    fill(f, a, 1, "2", "100");
    uint64_t b = approve(
        f, &(entry){.qty = "10", .side = TT_side_SELL, .reference = "50", .leverage = 2, .key = 2});
    fill(f, b, 1, "10", "50");
    f->now.ns += 2 * TT_NS_PER_S;
    bar(f, 1, "110");
    const tt_account_update *now = sent_one(f, TT_TOPIC_ACCOUNT_UPDATES);
    assert_dec(now->unrealized_pnl.d, "20");
    assert_dec(now->exposure.d, "720");
    assert_dec(now->margin_used.d, "305"); /* 220 / 4 + 500 / 2 */
    assert_dec(now->equity.d, "10020");
    assert_dec(now->margin_available.d, "9715");
    assert_dec(now->cash_flow.d, "300");
    assert_int_equal(now->open_positions, 2);
    assert_true(now->cause_fill == 0);
    bar(f, 2, "55");
    assert_dec(account(f).unrealized_pnl.d, "-30");
    assert_dec(account(f).exposure.d, "770");
}

static void pending_is_the_worst_case_of_entries(void **state)
{
    fixture *f = *state;
    uint64_t limit = approve(f, &(entry){.qty = "2", .price = "90", .leverage = 3});
    assert_dec(account(f).pending_exposure.d, "180");
    assert_dec(account(f).margin_available.d, "9940");
    uint64_t market = approve(f, &(entry){.qty = "1", .reference = "105"});
    assert_dec(account(f).pending_exposure.d, "285");
    assert_dec(account(f).margin_available.d, "9835");
    assert_int_equal(account(f).open_orders, 2);
    fill(f, limit, 1, "0.5", "90");
    assert_dec(account(f).pending_exposure.d, "240");
    /* Unknown counts in full, until it is known. */
    pass(f, 5000);
    assert_int_equal(account(f).unknown_orders, 1);
    assert_dec(account(f).pending_exposure.d, "240");
    say(f, market, TT_report_kind_REJECTED);
    assert_dec(account(f).pending_exposure.d, "135");
    assert_int_equal(account(f).unknown_orders, 0);
    say(f, limit, TT_report_kind_CANCELLED);
    assert_dec(account(f).pending_exposure.d, "0");
    assert_int_equal(account(f).open_orders, 0);
}

static void shares_of_margin_add_up_to_zero(void **state)
{
    fixture *f = *state;
    uint64_t ids[7];
    for (unsigned i = 0; i < 7; i++) {
        ids[i] =
            approve(f, &(entry){.qty = "0.001", .price = "99.99", .leverage = (uint8_t)(i + 1)});
    }
    for (unsigned i = 0; i < 7; i++) {
        say(f, ids[i], TT_report_kind_CANCELLED);
    }
    assert_dec(f->trade->books->account.pending_margin.d, "0");
    assert_dec(account(f).margin_available.d, "10000");
}

static void margin_is_never_below_zero(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "99"});
    fill(f, a, 1, "99", "100");
    f->now.ns += 2 * TT_NS_PER_S;
    bar(f, 1, "40");
    assert_dec(account(f).equity.d, "4060");
    assert_dec(account(f).margin_available.d, "100");
    approve(f, &(entry){.qty = "2", .price = "80"});
    assert_dec(account(f).margin_available.d, "0");
}

static void losses_beyond_the_balance_are_told(void **state)
{
    fixture *f = *state;
    uint64_t a = approve(f, &(entry){.qty = "300", .side = TT_side_SELL, .leverage = 5});
    fill(f, a, 1, "300", "100");
    f->now.ns += 2 * TT_NS_PER_S;
    bar(f, 1, "150");
    assert_dec(account(f).equity.d, "-5000");
    assert_dec(account(f).margin_available.d, "0");
}

static void only_what_matters_is_published(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 1);
    say(f, id, TT_report_kind_ACCEPTED);
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 0);
    bar(f, 1, "101");
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 0);
    say(f, id, TT_report_kind_CANCELLED);
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 1);
}

static void status_copies_the_numbers(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    approve_close(f, 1);
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 2, "1", "103");
    tt_trade_status numbers;
    tt_trade_status_get(f->trade, &numbers);
    assert_int_equal(numbers.orders, 3);
    assert_int_equal(numbers.fills, 2);
    assert_int_equal(numbers.closed_trades, 1);
    assert_int_equal(numbers.live_orders, 1);
    assert_dec(numbers.account.balance.d, "10003");
    assert_int_equal(numbers.account.open_positions, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_starts_with_the_account),
        TEST(numbers_of_two_positions),
        TEST(pending_is_the_worst_case_of_entries),
        TEST(shares_of_margin_add_up_to_zero),
        TEST(margin_is_never_below_zero),
        TEST(losses_beyond_the_balance_are_told),
        TEST(only_what_matters_is_published),
        TEST(status_copies_the_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
