/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Cooldowns: their lengths, that several run at once, and spikes.
 */
#include "fixture.h"

static tt_risk_code judge(risk_court *court, uint32_t key)
{
    tt_trade_proposal proposal = good_proposal();
    return court_judge(court, key, &proposal);
}

/* Fails unless entries are refused for exactly `seconds` from now on. */
static void expect_cooldown(risk_court *court, uint32_t key, int64_t seconds)
{
    tt_time now = court->now;
    if (seconds > 0) {
        court_wait(court, seconds - 1);
        assert_int_equal(judge(court, key), TT_risk_code_IN_COOLDOWN);
        assert_row(court, IN_COOLDOWN, REJECT, "1", "0");
        assert_int_equal(court->verdict.status, TT_verdict_REJECTED);
    }
    court->now.ns = now.ns + seconds * TT_NS_PER_S;
    assert_int_equal(judge(court, key), TT_risk_code_NONE);
}

static void a_win_rests_five_minutes(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_closed(&court, BTC, "1");
    assert_int_equal(court.alert_count, 1);
    assert_int_equal(court.alerts[0].alert_type, TT_alert_type_COOLDOWN);
    assert_int_equal(court.alerts[0].severity, TT_severity_INFO);
    assert_int_equal(court.alerts[0].until.ns, court.now.ns + 300 * TT_NS_PER_S);
    expect_cooldown(&court, ETH, 300); // The account rests, not the symbol alone.
    court_close(&court);
}

static void losses_rest_longer_and_longer(void **unused)
{
    (void)unused;
    const int64_t seconds[] = {600, 600, 1800, 1800, 3600, 3600};
    risk_court court;
    court_start(&court);
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        court_forget(&court);
        court_closed(&court, BTC, "-0.01");
        expect_cooldown(&court, ETH, seconds[i]);
    }
    court_close(&court);
}

static void fees_decide_between_win_and_loss(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_position_update update = {
        .realized_pnl = MONEY("2"), .fees = MONEY("2.01"), .event = TT_position_event_CLOSED};
    court_say(&court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, BTC, &update);
    tt_risk_status status;
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.consecutive_losses, 1);
    update.fees = MONEY("2"); // Even: the row stands.
    court_say(&court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, BTC, &update);
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.consecutive_losses, 1);
    update.fees = MONEY("1.99");
    court_say(&court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, BTC, &update);
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.consecutive_losses, 0);
    court_close(&court);
}

static void only_a_closed_position_is_a_trade(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_position_update update = {
        .qty = QTY("1"),
        .cost = MONEY("100"),
        .realized_pnl = MONEY("-50"),
        .mark = PRICE("100"),
        .position_id = 3,
        .leverage = 1,
    };
    for (int i = 0; i < TT_position_event_COUNT; i++) {
        if (i != TT_position_event_CLOSED) {
            update.event = (uint8_t)i;
            court_say(&court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, ETH, &update);
        }
    }
    assert_int_equal(court.alert_count, 0);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_close(&court);
}

static void a_short_cooldown_does_not_cut_a_long_one(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    for (int i = 0; i < 5; i++) {
        court_closed(&court, BTC, "-1"); // 600, 1800 and 3600 run at once.
    }
    court_wait(&court, 60);
    court_closed(&court, BTC, "5"); // 300: it ends before the others.
    expect_cooldown(&court, ETH, 3540);
    court_close(&court);
}

static void overlapping_cooldowns_end_with_the_last(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_closed(&court, BTC, "-1"); // until 600
    court_wait(&court, 500);
    court_closed(&court, BTC, "1"); // until 800
    expect_cooldown(&court, ETH, 300);
    court_close(&court);
}

static void a_length_of_zero_is_no_cooldown(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.cooldowns.post_trade.ns = 0;
    court_open(&court);
    court_account(&court, "10000");
    court_closed(&court, BTC, "1");
    assert_int_equal(court.alert_count, 0);
    expect_cooldown(&court, ETH, 0);
    court_close(&court);
}

static uint32_t count_losses_breaker(const risk_court *court)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < court->alert_count; i++) {
        count += court->alerts[i].breach_type == TT_breach_type_CONSECUTIVE_LOSSES;
    }
    return count;
}

static void the_fifth_loss_raises_the_breaker_once_a_row(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    for (int i = 0; i < 4; i++) {
        court_closed(&court, BTC, "-1");
    }
    assert_int_equal(count_losses_breaker(&court), 0);
    court_closed(&court, BTC, "-1");
    assert_int_equal(count_losses_breaker(&court), 1);
    const tt_risk_alert *alert = &court.alerts[court.alert_count - 1];
    assert_int_equal(alert->alert_type, TT_alert_type_CIRCUIT_BREAKER);
    assert_int_equal(alert->severity, TT_severity_WARNING);
    assert_num(alert->value, "5");
    assert_int_equal(alert->until.ns, court.now.ns + 3600 * TT_NS_PER_S);
    court_closed(&court, BTC, "-1");
    assert_int_equal(count_losses_breaker(&court), 1);
    court_closed(&court, BTC, "1");
    court_forget(&court);
    for (int i = 0; i < 5; i++) {
        court_closed(&court, BTC, "-1");
    }
    assert_int_equal(count_losses_breaker(&court), 1);
    court_close(&court);
}

static void say_atr(risk_court *court, uint32_t key, const char *atr, const char *average)
{
    tt_indicators indicators = {.atr_14 = RATIO(atr), .atr_avg_20 = RATIO(average)};
    court_say(court, TT_TOPIC_INDICATORS, TT_SOURCE_MARKET, key, &indicators);
}

static void a_spike_rests_its_symbol(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_atr(&court, ETH, "30", "10"); // 3 times is no spike.
    assert_int_equal(court.alert_count, 0);
    say_atr(&court, ETH, "30.01", "10");
    assert_int_equal(court.alert_count, 1);
    assert_int_equal(court.alerts[0].alert_type, TT_alert_type_VOLATILITY_SPIKE);
    assert_int_equal(court.alert_keys[0], ETH);
    assert_num(court.alerts[0].value, "30.01");
    assert_num(court.alerts[0].limit, "30");
    assert_int_equal(judge(&court, SOL), TT_risk_code_NONE);
    expect_cooldown(&court, ETH, 900);
    court_close(&court);
}

static void a_spike_that_lasts_is_one_spike(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_atr(&court, ETH, "40", "10");
    court_wait(&court, 600);
    say_atr(&court, ETH, "50", "10");
    assert_int_equal(court.alert_count, 1);
    expect_cooldown(&court, ETH, 300);
    assert_row(&court, VOLATILITY_SPIKE, CLAMP, "50", "30"); // It halves as long as it lasts.
    say_atr(&court, ETH, "20", "10");
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    assert_row(&court, VOLATILITY_SPIKE, PASS, "20", "30");
    court_forget(&court);
    say_atr(&court, ETH, "40", "10"); // A new one.
    assert_int_equal(court.alert_count, 1);
    expect_cooldown(&court, ETH, 900);
    court_close(&court);
}

static void leaving_a_spike_keeps_its_cooldown(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_atr(&court, ETH, "40", "10");
    court_wait(&court, 60);
    say_atr(&court, ETH, "10", "10");
    expect_cooldown(&court, ETH, 840);
    court_close(&court);
}

static void without_an_average_there_is_no_spike(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_atr(&court, ETH, "40", "0");
    assert_int_equal(court.alert_count, 0);
    expect_cooldown(&court, ETH, 0);
    say_atr(&court, ETH, "40", "10");
    say_atr(&court, ETH, "40", "0"); // And what was one has ended.
    court_wait(&court, 900);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    assert_row(&court, VOLATILITY_SPIKE, PASS, "40", "0");
    court_close(&court);
}

static void bar(risk_court *court, uint32_t key, const char *close)
{
    tt_bar payload = {.close = PRICE(close), .interval_s = 60};
    court_say(court, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, key, &payload);
}

static void an_unusual_move_rests_its_symbol(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    bar(&court, ETH, "100");
    bar(&court, ETH, "104.99");
    assert_int_equal(court.alert_count, 0);
    bar(&court, ETH, "99.7405"); // 5 % to the digit.
    assert_int_equal(court.alert_count, 1);
    assert_int_equal(court.alert_keys[0], ETH);
    assert_int_equal(court.alerts[0].alert_type, TT_alert_type_UNUSUAL_MOVEMENT);
    assert_int_equal(court.alerts[0].severity, TT_severity_WARNING);
    assert_int_equal(court.alerts[0].lock, TT_lock_reason_UNUSUAL_MOVEMENT);
    assert_num(court.alerts[0].value, "5");
    assert_num(court.alerts[0].limit, "5");
    assert_int_equal(judge(&court, BTC), TT_risk_code_NONE);
    expect_cooldown(&court, ETH, 600);
    court_close(&court);
}

static void a_rebalance_rests_entries_and_not_itself(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, BTC, "2", "100");
    tt_trade_proposal sale = {
        .size = MONEY("100"), .kind = TT_proposal_kind_REBALANCE, .side = TT_side_SELL};
    assert_int_equal(court_judge(&court, BTC, &sale), TT_risk_code_NONE);
    assert_int_equal(court.alert_count, 1);
    assert_int_equal(court.alerts[0].lock, TT_lock_reason_POST_REBALANCE);
    assert_int_equal(court.alerts[0].until.ns, court.now.ns + 1800 * TT_NS_PER_S);
    assert_int_equal(court_judge(&court, BTC, &sale), TT_risk_code_NONE);
    assert_int_equal(court.alert_count, 1); // Told once.
    expect_cooldown(&court, ETH, 1800);
    assert_int_equal(court.alerts[1].lock, TT_lock_reason_POST_REBALANCE);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unusual_move_rests_its_symbol),
        cmocka_unit_test(a_rebalance_rests_entries_and_not_itself),
        cmocka_unit_test(a_win_rests_five_minutes),
        cmocka_unit_test(losses_rest_longer_and_longer),
        cmocka_unit_test(fees_decide_between_win_and_loss),
        cmocka_unit_test(only_a_closed_position_is_a_trade),
        cmocka_unit_test(a_short_cooldown_does_not_cut_a_long_one),
        cmocka_unit_test(overlapping_cooldowns_end_with_the_last),
        cmocka_unit_test(a_length_of_zero_is_no_cooldown),
        cmocka_unit_test(the_fifth_loss_raises_the_breaker_once_a_row),
        cmocka_unit_test(a_spike_rests_its_symbol),
        cmocka_unit_test(a_spike_that_lasts_is_one_spike),
        cmocka_unit_test(leaving_a_spike_keeps_its_cooldown),
        cmocka_unit_test(without_an_average_there_is_no_spike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
