/* SPDX-License-Identifier: Apache-2.0 */
/* Token buckets: time counts once (D25); exits never wait. */
#include "fixture.h"

static fixture f;

static void start(uint32_t orders, uint32_t burst, uint32_t requests, uint32_t requests_burst)
{
    tt_trade_config config = fixture_config();
    config.orders.orders_per_minute = orders;
    config.orders.orders_burst = burst;
    config.orders.requests_per_minute = requests;
    config.orders.requests_burst = requests_burst;
    fixture_init_with(&f, &config);
}

static tt_time at_ms(int64_t ms)
{
    return (tt_time){FIXTURE_START_NS + ms * TT_NS_PER_MS};
}

static void a_burst_and_then_one_each_interval(void **state)
{
    (void)state;
    tt_send_rate rate = {0};
    tt_send_limit limit = tt_send_limit_of(30, 5);
    assert_true(limit.interval_ns == 2 * TT_NS_PER_S && limit.burst_ns == 10 * TT_NS_PER_S);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(tt_send_rate_has(&rate, limit, 1, at_ms(0)));
        assert_true(tt_send_rate_take(&rate, limit, at_ms(0)));
    }
    assert_false(tt_send_rate_has(&rate, limit, 1, at_ms(1999)));
    assert_true(tt_send_rate_ready_at(&rate, limit, 1, at_ms(1999)).ns == at_ms(2000).ns);
    assert_true(tt_send_rate_take(&rate, limit, at_ms(2000)));
    /* The time that was waited is spent: the next one is not free. */
    assert_false(tt_send_rate_has(&rate, limit, 1, at_ms(2000)));
    assert_false(tt_send_rate_has(&rate, limit, 1, at_ms(3999)));
    assert_true(tt_send_rate_take(&rate, limit, at_ms(4000)));
}

static void asking_gives_nothing(void **state)
{
    (void)state;
    tt_send_rate rate = {0};
    tt_send_limit limit = tt_send_limit_of(60, 1);
    assert_true(tt_send_rate_take(&rate, limit, at_ms(0)));
    for (int64_t ms = 0; ms < 1000; ms++) {
        assert_false(tt_send_rate_has(&rate, limit, 1, at_ms(ms)));
    }
    assert_true(tt_send_rate_has(&rate, limit, 1, at_ms(1000)));
}

static void over_a_long_time_never_more_than_the_rate(void **state)
{
    (void)state;
    tt_send_rate rate = {0};
    tt_send_limit limit = tt_send_limit_of(7, 3);
    uint32_t taken = 0;
    for (int64_t ms = 0; ms < 3600000; ms += 13) {
        if (tt_send_rate_has(&rate, limit, 1, at_ms(ms))) {
            assert_true(tt_send_rate_take(&rate, limit, at_ms(ms)));
            taken++;
        }
    }
    assert_int_equal(taken, 7 * 60 + 3 - 1);
}

static void what_is_idle_does_not_pile_up(void **state)
{
    (void)state;
    tt_send_rate rate = {0};
    tt_send_limit limit = tt_send_limit_of(60, 2);
    assert_true(tt_send_rate_take(&rate, limit, at_ms(0)));
    assert_true(tt_send_rate_take(&rate, limit, at_ms(86400000)));
    assert_true(tt_send_rate_take(&rate, limit, at_ms(86400000)));
    assert_false(tt_send_rate_has(&rate, limit, 1, at_ms(86400000)));
}

static void a_debt_is_bounded_and_paid_back(void **state)
{
    (void)state;
    tt_send_rate rate = {0};
    tt_send_limit limit = tt_send_limit_of(60, 2);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(tt_send_rate_take(&rate, limit, at_ms(0)), i < 2);
    }
    assert_true(rate.credit_ns == -2 * TT_NS_PER_S);
    assert_true(tt_send_rate_ready_at(&rate, limit, 1, at_ms(0)).ns == at_ms(3000).ns);
    assert_false(tt_send_rate_has(&rate, limit, 1, at_ms(2999)));
    assert_true(tt_send_rate_has(&rate, limit, 1, at_ms(3000)));
    /* More than the burst at once is the burst. */
    assert_false(tt_send_rate_has(&rate, limit, 9, at_ms(3999)));
    assert_true(tt_send_rate_has(&rate, limit, 9, at_ms(4000)));
}

static void entries_beyond_the_rate_are_refused(void **state)
{
    (void)state;
    start(30, 5, 0, 10);
    entry what = {.qty = "1", .stop = "95", .target = "110"};
    assert_true(approve(&f, &what) != 0);
    assert_true(approve(&f, &what) != 0);
    assert_true(approve(&f, &what) != 0);
    /* Two are left, and a bracket needs three. */
    assert_true(approve(&f, &what) == 0);
    const tt_risk_alert *alert = sent_one(&f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_TRADE_REJECTED);
    assert_string_equal(
        alert->message, "approved entry not sent: too many orders or requests were sent");
    pass(&f, 1999);
    assert_true(approve(&f, &what) == 0);
    pass(&f, 1);
    assert_true(approve(&f, &what) != 0);
    tt_trade_status numbers;
    tt_trade_status_get(f.trade, &numbers);
    assert_true(numbers.rate_refused == 2 && numbers.refused_entries == 2);
    assert_true(numbers.overdrawn_sends == 0);
    fixture_fini(&f);
}

static void exits_and_cancels_go_out_whatever_is_left(void **state)
{
    (void)state;
    start(1, 3, 1, 3);
    uint64_t id = approve(&f, &(entry){.qty = "1", .stop = "95", .target = "110"});
    fill(&f, id, 1, "1", "100");
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_INTENTS), 2);
    command(&f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    uint64_t close = sent_intent(&f, TT_order_role_CLOSE)->order_id;
    fill(&f, close, 2, "1", "100");
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_CANCELS), 2);
    tt_trade_status numbers;
    tt_trade_status_get(f.trade, &numbers);
    /* One order, and one order and two cancels among the requests. */
    assert_int_equal(numbers.overdrawn_sends, 1 + 3);
    fixture_fini(&f);
}

static void queries_wait_for_their_turn(void **state)
{
    (void)state;
    start(0, 5, 6, 1);
    uint64_t id = approve(&f, &(entry){.qty = "1"});
    pass(&f, 5000);
    assert_state(&f, id, TT_order_state_UNKNOWN);
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_QUERIES), 0);
    pass(&f, 4999);
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_QUERIES), 0);
    pass(&f, 1);
    assert_int_equal(sent_count(&f, TT_TOPIC_ORDER_QUERIES), 1);
    fixture_fini(&f);
}

static void a_trailing_stop_waits_and_catches_up(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    config.orders.orders_per_minute = 6;
    config.orders.orders_burst = 2;
    config.exits.trailing_stop = true;
    config.exits.trailing_activation_pct.d = dec("1");
    config.exits.trailing_distance_pct.d = dec("1.5");
    fixture_init_with(&f, &config);
    open_long(&f, NULL, NULL);
    bar(&f, 1, "102");
    assert_dec(f.trade->books->positions[0].stop_loss.d, "100.47");
    bar(&f, 1, "104");
    assert_dec(f.trade->books->positions[0].stop_loss.d, "100.47");
    pass(&f, 10000);
    /* No new best, but the best was not followed yet. */
    bar(&f, 1, "103");
    assert_dec(f.trade->books->positions[0].stop_loss.d, "102.44");
    fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_and_then_one_each_interval),
        cmocka_unit_test(asking_gives_nothing),
        cmocka_unit_test(over_a_long_time_never_more_than_the_rate),
        cmocka_unit_test(what_is_idle_does_not_pile_up),
        cmocka_unit_test(a_debt_is_bounded_and_paid_back),
        cmocka_unit_test(entries_beyond_the_rate_are_refused),
        cmocka_unit_test(exits_and_cancels_go_out_whatever_is_left),
        cmocka_unit_test(queries_wait_for_their_turn),
        cmocka_unit_test(a_trailing_stop_waits_and_catches_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
