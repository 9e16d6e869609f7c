/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Limits in money follow equity and peak, and every key of the configuration.
 */
#include "fixture.h"

static const tt_risk_money_limits *limits_of(risk_court *court)
{
    tt_trade_proposal proposal = good_proposal();
    (void)court_judge(court, ETH, &proposal);
    return &court->risk->state->limits;
}

static void limits_follow_equity(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    const tt_risk_money_limits *limits = limits_of(&court);
    assert_num(limits->position, "2000");
    assert_num(limits->exposure, "8000");
    assert_num(limits->loss, "200");
    assert_num(limits->correlated, "4000");
    assert_num(limits->correlated_warn, "3200");
    assert_num(limits->drawdown_pct, "0");
    court_account(&court, "12345.67");
    limits = limits_of(&court);
    assert_num(limits->position, "2469.134");
    assert_num(limits->exposure, "9876.536");
    assert_num(limits->loss, "246.9134");
    court_account(&court, "11728.3865"); // 5 % below the peak.
    limits = limits_of(&court);
    assert_num(limits->drawdown_pct, "5");
    assert_int_equal(limits->drawdown_leverage, 3);
    court_close(&court);
}

static void limits_follow_the_peak_alone_too(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_account(&court, "9600");
    assert_num(limits_of(&court)->drawdown_pct, "4");
    court_account(&court, "20000");
    court_account(&court, "9600"); // The same equity below another peak.
    assert_num(limits_of(&court)->drawdown_pct, "52");
    assert_int_equal(limits_of(&court)->drawdown_leverage, 1);
    court_close(&court);
}

static void limits_follow_the_configuration(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.max_position_pct = RATIO("7");
    court.config.limits.max_total_exposure_pct = RATIO("300");
    court.config.limits.max_risk_per_trade_pct = RATIO("0.5");
    court.config.correlation.max_exposure_pct = RATIO("11");
    court.config.correlation.warn_exposure_pct = RATIO("10");
    court.config.leverage.drawdown_low_pct = RATIO("1");
    court.config.leverage.drawdown_low = 4;
    court.config.leverage.drawdown_mid_pct = RATIO("2");
    court.config.leverage.drawdown_mid = 3;
    court.config.leverage.drawdown_high_pct = RATIO("3");
    court.config.leverage.drawdown_high = 2;
    court_open(&court);
    court_account(&court, "10000");
    const tt_risk_money_limits *limits = limits_of(&court);
    assert_num(limits->position, "700");
    assert_num(limits->exposure, "30000");
    assert_num(limits->loss, "50");
    assert_num(limits->correlated, "1100");
    assert_num(limits->correlated_warn, "1000");
    assert_int_equal(limits->drawdown_leverage, UINT32_MAX);
    const char *equities[] = {"9900", "9800", "9700"};
    for (uint32_t i = 0; i < 3; i++) {
        court_account(&court, equities[i]);
        assert_int_equal(limits_of(&court)->drawdown_leverage, 4 - i);
    }
    court_close(&court);
}

static void cuts_follow_the_configuration(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.loss_size_cut_pct = RATIO("25");
    court.config.volatility.spike_size_cut_pct = RATIO("10");
    court.config.volatility.spike_ratio = RATIO("2");
    court.config.cooldowns.volatility_spike.ns = 0;
    court.config.cooldowns.post_loss.ns = 0;
    court.config.cooldowns.consecutive_losses_3.ns = 0;
    court.config.cooldowns.consecutive_losses_5.ns = 0;
    court_open(&court);
    court_account(&court, "10000");
    for (int i = 0; i < 5; i++) {
        court_closed(&court, BTC, "-1");
    }
    tt_indicators indicators = {.atr_14 = RATIO("21"), .atr_avg_20 = RATIO("10")};
    court_say(&court, TT_TOPIC_INDICATORS, TT_SOURCE_MARKET, ETH, &indicators);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.size_after, "675"); // 1000 x 0.75 x 0.9
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_follow_equity),
        cmocka_unit_test(limits_follow_the_peak_alone_too),
        cmocka_unit_test(limits_follow_the_configuration),
        cmocka_unit_test(cuts_follow_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
