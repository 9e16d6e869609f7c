/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The stop of an entry that has none.
 */
#include "fixture.h"

static risk_court court;

static void start(void)
{
    court_init(&court);
    court.config.atr_stops = (tt_atr_stops_config){
        .enabled = true,
        .trending_bull = RATIO("2"),
        .trending_bear = RATIO("2"),
        .ranging = RATIO("2.5"),
        .volatile_market = RATIO("3"),
        .choppy = RATIO("1.5"),
        .other = RATIO("2.25"),
    };
    court_open(&court);
    court_account(&court, "10000");
}

static void say_range(const char *range)
{
    tt_indicators indicators = {.atr_14 = RATIO(range), .atr_avg_20 = RATIO(range)};
    court_say(&court, TT_TOPIC_INDICATORS, TT_SOURCE_MARKET, ETH, &indicators);
}

static tt_trade_proposal without_stop(tt_side side, tt_regime regime)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.side = (uint8_t)side;
    proposal.regime = (uint8_t)regime;
    proposal.confidence = RATIO("0.95");
    proposal.stop_loss = PRICE("0");
    proposal.take_profit = PRICE("0");
    return proposal;
}

static void each_regime_has_its_distance(void **unused)
{
    (void)unused;
    static const struct {
        tt_regime regime;
        const char *buy;
        const char *sell;
    } rows[] = {
        {TT_regime_TRENDING_BULL, "98", "102"},
        {TT_regime_TRENDING_BEAR, "98", "102"},
        {TT_regime_RANGING, "97.5", "102.5"},
        {TT_regime_VOLATILE_BULL, "97", "103"},
        {TT_regime_VOLATILE_BEAR, "97", "103"},
        {TT_regime_CHOPPY, "98.5", "101.5"},
        {TT_regime_BREAKOUT_POTENTIAL, "97.75", "102.25"},
        {TT_regime_UNKNOWN, "97.75", "102.25"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned sells = 0; sells < 2; sells++) {
            start();
            say_range("1");
            tt_trade_proposal proposal =
                without_stop(sells ? TT_side_SELL : TT_side_BUY, rows[i].regime);
            assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
            assert_num(court.verdict.stop_loss, sells ? rows[i].sell : rows[i].buy);
            court_close(&court);
        }
    }
}

static void the_stop_is_judged_like_any_other(void **unused)
{
    (void)unused;
    start();
    tt_trade_proposal proposal = without_stop(TT_side_BUY, TT_regime_TRENDING_BULL);
    say_range("0.2");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_STOP_TOO_TIGHT);
    say_range("3");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_STOP_TOO_WIDE);
    court_close(&court);
}

static void a_stop_that_is_given_stays(void **unused)
{
    (void)unused;
    start();
    say_range("1");
    tt_trade_proposal proposal = without_stop(TT_side_BUY, TT_regime_TRENDING_BULL);
    proposal.stop_loss = PRICE("99");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.stop_loss, "99");
    court_close(&court);
}

static void without_range_or_switch_there_is_none(void **unused)
{
    (void)unused;
    start();
    tt_trade_proposal proposal = without_stop(TT_side_BUY, TT_regime_TRENDING_BULL);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_STOP_LOSS_REQUIRED);
    /* Below zero there is no price. */
    say_range("60");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_STOP_LOSS_REQUIRED);
    court_close(&court);
    court_init(&court);
    court_open(&court);
    court_account(&court, "10000");
    say_range("1");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_STOP_LOSS_REQUIRED);
    court_close(&court);
}

static void it_is_on_the_tick_and_farther(void **unused)
{
    (void)unused;
    start();
    say_range("1.0001");
    tt_trade_proposal proposal = without_stop(TT_side_BUY, TT_regime_TRENDING_BULL);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.stop_loss, "97.99");
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_regime_has_its_distance),
        cmocka_unit_test(the_stop_is_judged_like_any_other),
        cmocka_unit_test(a_stop_that_is_given_stays),
        cmocka_unit_test(without_range_or_switch_there_is_none),
        cmocka_unit_test(it_is_on_the_tick_and_farther),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
