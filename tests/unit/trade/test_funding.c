/* SPDX-License-Identifier: Apache-2.0 */
/* Funding: booked once, to the last digit, to account and position. */
#include "fixture.h"

static tt_funding_payment payment(const char *amount, int64_t hour)
{
    return (tt_funding_payment){
        .amount = {dec(amount)},
        .rate = {dec("0.0001")},
        .mark = {dec("100")},
        .qty = {dec("1")},
        .venue_time = {FIXTURE_START_NS + hour * 3600 * TT_NS_PER_S},
    };
}

static void pay(fixture *f, const char *amount, int64_t hour)
{
    tt_funding_payment what = payment(amount, hour);
    step(f, TT_TOPIC_FUNDING_PAYMENTS, 1, &what);
}

static const struct tt_trade_counters *counters(const fixture *f)
{
    return &f->trade->books->counters;
}

static void a_payment_changes_balance_and_position(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    pay(f, "-0.000000000000000001", 8);
    const tt_funding *booked = sent_one(f, TT_TOPIC_FUNDING);
    assert_dec(booked->amount.d, "-0.000000000000000001");
    assert_dec(booked->balance.d, "9999.999999999999999999");
    assert_int_equal(booked->side, TT_side_BUY);
    const tt_position_update *position = sent_one(f, TT_TOPIC_POSITION_UPDATES);
    assert_int_equal(position->event, TT_position_event_FUNDED);
    assert_dec(position->realized_pnl.d, "-0.000000000000000001");
    assert_dec(position->fees.d, "0");
    assert_dec(booked->position_funding.d, "-0.000000000000000001");
    assert_dec(booked->account_funding.d, "-0.000000000000000001");
    assert_dec(account(f).realized_pnl.d, "-0.000000000000000001");
    assert_dec(account(f).cash_flow.d, "-100.000000000000000001");
    assert_dec(account(f).equity.d, "9999.999999999999999999");
    pay(f, "2.5", 16);
    assert_dec(f->trade->books->account.funding.d, "2.499999999999999999");
}

static void a_repeat_is_dropped(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    pay(f, "-1", 8);
    pay(f, "-1", 8);
    assert_int_equal(sent_count(f, TT_TOPIC_FUNDING), 0);
    assert_int_equal(counters(f)->repeated_payments, 1);
    /* Late, but not a repeat. */
    pay(f, "-1", 4);
    assert_dec(f->trade->books->account.funding.d, "-2");
}

static void what_may_be_a_repeat_is_refused(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    for (int64_t hour = 1; hour <= TT_FUNDING_SEEN; hour++) {
        pay(f, "-1", 10 * hour);
    }
    assert_dec(f->trade->books->account.funding.d, "-8");
    pay(f, "-1", 5);
    const tt_dead_letter *dead = sent_one(f, TT_TOPIC_DEAD_LETTERS);
    assert_int_equal(dead->reason, TT_dead_reason_INVALID_INPUT);
    assert_int_equal(counters(f)->refused_payments, 1);
    assert_dec(f->trade->books->account.funding.d, "-8");
    /* Between two that are remembered: it cannot be one of them. */
    pay(f, "-1", 15);
    assert_dec(f->trade->books->account.funding.d, "-9");
}

static void a_closed_position_gets_what_came_late(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    uint64_t position_id = f->trade->books->positions[0].position_id;
    approve_close(f, 1);
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 2, "1", "100");
    pay(f, "-3", 8);
    const tt_funding *booked = sent_one(f, TT_TOPIC_FUNDING);
    assert_true(booked->position_id == position_id);
    assert_int_equal(booked->side, TT_side_NONE);
    assert_int_equal(sent_count(f, TT_TOPIC_POSITION_UPDATES), 0);
    assert_dec(account(f).balance.d, "9997");
    /* The next position starts without it. */
    open_long(f, NULL, NULL);
    assert_dec(f->trade->books->positions[0].funding.d, "0");
}

static void what_cannot_be_booked_is_refused(void **state)
{
    fixture *f = *state;
    tt_funding_payment wrong[] = {payment("1", 8), payment("1", 8), payment("1", 8)};
    wrong[0].venue_time.ns = 0;
    wrong[1].side = TT_side_BUY; /* Netting has no sides. */
    wrong[2].amount.d = dec("1000000000000001");
    for (size_t i = 0; i < 3; i++) {
        step(f, TT_TOPIC_FUNDING_PAYMENTS, 1, &wrong[i]);
        assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
        assert_int_equal(sent_count(f, TT_TOPIC_FUNDING), 0);
    }
    tt_funding_payment strange = payment("1", 8);
    step(f, TT_TOPIC_FUNDING_PAYMENTS, 3, &strange);
    assert_int_equal(counters(f)->refused_payments, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_payment_changes_balance_and_position),
        TEST(a_repeat_is_dropped),
        TEST(what_may_be_a_repeat_is_refused),
        TEST(a_closed_position_gets_what_came_late),
        TEST(what_cannot_be_booked_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
