/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Regimes by rules: each regime, both sides of every cut, its adjustments and confidence.
 */
#include "fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static tt_regime_update detect(tt_indicators indicators)
{
    tt_agent_request request = fixture_request(indicators);
    tt_agent_answer answer = fixture_ask(tt_agent_rules_regime, NULL, &request);
    tt_regime_update update;
    FIXTURE_BODY(answer, REGIME_UPDATES, update);
    assert_string_equal(answer.model, "rules-regime-1");
    assert_int_equal(update.call_seq, FIXTURE_CALL);
    assert_int_equal(update.indicators_seq, FIXTURE_SET);
    assert_int_equal(update.regime, update.candidate);
    assert_int_equal(update.candidate_count, 0); // hysteresis is the coordinator's
    return update;
}

static void expect_adjustments(
    const tt_regime_update *update, tt_regime regime, int64_t size, int64_t stop, int64_t target)
{
    assert_int_equal(update->regime, regime);
    assert_true(is_ratio(update->position_size_multiplier, size));
    assert_true(is_ratio(update->stop_loss_multiplier, stop));
    assert_true(is_ratio(update->take_profit_multiplier, target));
}

/** A rise with ADX 30 and nothing else of note. */
static tt_indicators rise(void)
{
    tt_indicators indicators = fixture_rise();
    indicators.adx_14 = ratio_of(3000);
    return indicators;
}

static void test_trends(void **state)
{
    (void)state;
    tt_regime_update update = detect(rise());
    expect_adjustments(&update, TT_regime_TRENDING_BULL, 100, 120, 200);
    assert_int_equal(update.entry_strictness, TT_strictness_NORMAL);
    assert_int_equal(update.max_leverage, 5);
    assert_true(is_score(update.confidence, 7000)); // enough to change the regime
    assert_true(is_score(update.trend_strength, 6000));
    assert_true(is_ratio(update.adx_value, 3000));
    assert_true(is_ratio(update.choppiness, 5000));
    assert_string_equal(
        update.reasoning,
        "ADX 30.0, DI 30.0/10.0, EMA 21-50 +0.5, chop 50.0, ATR 1 of usual 1, bands 2.00 ATR");
    update = detect(fixture_mirror(rise()));
    expect_adjustments(&update, TT_regime_TRENDING_BEAR, 100, 120, 200);
    assert_int_equal(update.entry_strictness, TT_strictness_NORMAL);
    assert_int_equal(update.max_leverage, 3);
    assert_true(is_score(update.confidence, 7000));
}

static void test_cut_of_the_trend(void **state)
{
    (void)state;
    tt_indicators indicators = rise();
    indicators.adx_14 = ratio_of(2501);
    tt_regime_update update = detect(indicators);
    assert_int_equal(update.regime, TT_regime_TRENDING_BULL);
    assert_true(is_score(update.confidence, 6002));
    indicators.adx_14 = ratio_of(2500); // above 25, not at it
    update = detect(indicators);
    assert_int_equal(update.regime, TT_regime_RANGING);
    assert_true(is_score(update.confidence, 6000));
    indicators.adx_14 = ratio_of(10000);
    assert_true(is_score(detect(indicators).confidence, 9500));
}

static void test_sides_that_contradict_are_no_trend(void **state)
{
    (void)state;
    tt_indicators indicators = rise();
    indicators.plus_di_14 = ratio_of(1000);
    indicators.minus_di_14 = ratio_of(3000);
    tt_regime_update update = detect(indicators);
    assert_int_equal(update.regime, TT_regime_RANGING);
    assert_true(is_score(update.confidence, 5000));
    indicators.minus_di_14 = ratio_of(1000); // no side at all
    assert_int_equal(detect(indicators).regime, TT_regime_RANGING);
}

static void test_volatile_markets(void **state)
{
    (void)state;
    tt_indicators indicators = rise();
    indicators.atr_14 = ratio_of(250);
    tt_regime_update update = detect(indicators);
    expect_adjustments(&update, TT_regime_VOLATILE_BULL, 50, 150, 250);
    assert_int_equal(update.entry_strictness, TT_strictness_STRICT);
    assert_int_equal(update.max_leverage, 2);
    assert_true(is_score(update.confidence, 7000));
    assert_int_equal(update.volatility, TT_volatility_EXTREME);
    update = detect(fixture_mirror(indicators));
    expect_adjustments(&update, TT_regime_VOLATILE_BEAR, 50, 150, 250);
    indicators.atr_14 = ratio_of(200); // above twice, not at it
    assert_int_equal(detect(indicators).regime, TT_regime_TRENDING_BULL);
    indicators.atr_14 = ratio_of(2000);
    assert_true(is_score(detect(indicators).confidence, 9500));
}

static void test_choppy_markets(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.chop_14 = ratio_of(6680); // 5 above the cut
    indicators.adx_14 = ratio_of(1500);  // 5 below it
    tt_regime_update update = detect(indicators);
    expect_adjustments(&update, TT_regime_CHOPPY, 25, 100, 100);
    assert_int_equal(update.entry_strictness, TT_strictness_VERY_STRICT);
    assert_int_equal(update.max_leverage, 1);
    assert_true(is_score(update.confidence, 7500));
    indicators.chop_14 = ratio_of(6180); // above 61.8, not at it
    assert_int_equal(detect(indicators).regime, TT_regime_RANGING);
    indicators.chop_14 = ratio_of(6181);
    assert_int_equal(detect(indicators).regime, TT_regime_CHOPPY);
    indicators.adx_14 = ratio_of(2000); // below 20, not at it
    assert_int_equal(detect(indicators).regime, TT_regime_RANGING);
}

static void test_a_squeeze(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.bb_upper = ratio_of(10125); // 1.25 ATR
    indicators.bb_lower = ratio_of(9875);
    tt_regime_update update = detect(indicators);
    expect_adjustments(&update, TT_regime_BREAKOUT_POTENTIAL, 75, 100, 300);
    assert_int_equal(update.entry_strictness, TT_strictness_STRICT);
    assert_int_equal(update.max_leverage, 3);
    assert_true(is_score(update.confidence, 7500));
    indicators.bb_upper = ratio_of(10150); // within 1.5, not at it
    indicators.bb_lower = ratio_of(9850);
    assert_int_equal(detect(indicators).regime, TT_regime_RANGING);
    indicators.bb_upper = ratio_of(10149);
    assert_int_equal(detect(indicators).regime, TT_regime_BREAKOUT_POTENTIAL);
}

static void test_a_ranging_market(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.adx_14 = ratio_of(2000);
    tt_regime_update update = detect(indicators);
    expect_adjustments(&update, TT_regime_RANGING, 75, 80, 150);
    assert_int_equal(update.entry_strictness, TT_strictness_STRICT);
    assert_int_equal(update.max_leverage, 2);
    assert_true(is_score(update.confidence, 7000));
}

static void test_order_of_the_rules(void **state)
{
    (void)state;
    tt_indicators indicators = rise(); // all of them at once, but ADX
    indicators.atr_14 = ratio_of(201);
    indicators.chop_14 = ratio_of(9000);
    indicators.bb_upper = ratio_of(10001);
    indicators.bb_lower = ratio_of(9999);
    assert_int_equal(detect(indicators).regime, TT_regime_VOLATILE_BULL);
    indicators.atr_14 = ratio_of(100);
    assert_int_equal(detect(indicators).regime, TT_regime_TRENDING_BULL);
    indicators.adx_14 = ratio_of(1900);
    assert_int_equal(detect(indicators).regime, TT_regime_CHOPPY);
    indicators.chop_14 = ratio_of(6000);
    assert_int_equal(detect(indicators).regime, TT_regime_BREAKOUT_POTENTIAL);
}

static void test_volatility_and_volume(void **state)
{
    (void)state;
    const struct {
        int64_t atr;
        tt_volatility volatility;
        int64_t volume;
        tt_volume_profile profile;
    } rows[] = {
        {79, TT_volatility_LOW, 500, TT_volume_profile_DECREASING},
        {80, TT_volatility_NORMAL, 501, TT_volume_profile_STABLE},
        {124, TT_volatility_NORMAL, 1499, TT_volume_profile_STABLE},
        {125, TT_volatility_HIGH, 1500, TT_volume_profile_INCREASING},
        {200, TT_volatility_HIGH, 2999, TT_volume_profile_INCREASING},
        {201, TT_volatility_EXTREME, 3000, TT_volume_profile_SPIKE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_indicators indicators = fixture_indicators();
        indicators.atr_14 = ratio_of(rows[i].atr);
        indicators.volume = ratio_of(rows[i].volume);
        tt_regime_update update = detect(indicators);
        assert_int_equal(update.volatility, rows[i].volatility);
        assert_int_equal(update.volume_profile, rows[i].profile);
    }
}

static void test_a_market_without_any_range_or_volume(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.atr_14 = ratio_of(0);
    indicators.atr_avg_20 = ratio_of(0);
    indicators.adx_14 = ratio_of(0);
    indicators.bb_upper = ratio_of(10000);
    indicators.bb_lower = ratio_of(10000);
    indicators.volume = ratio_of(0);
    indicators.volume_avg_20 = ratio_of(0);
    tt_regime_update update = detect(indicators);
    assert_int_equal(update.regime, TT_regime_RANGING);
    assert_int_equal(update.volatility, TT_volatility_NORMAL);
    assert_int_equal(update.volume_profile, TT_volume_profile_STABLE);
}

static void test_declines_before_the_indicators_are_warm(void **state)
{
    (void)state;
    tt_agent_request request = fixture_request(fixture_indicators());
    request.indicators.is_warm = 0;
    tt_agent_answer answer = fixture_ask(tt_agent_rules_regime, NULL, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
    assert_string_equal(answer.error, "the indicators do not have their history yet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trends),
        cmocka_unit_test(test_cut_of_the_trend),
        cmocka_unit_test(test_sides_that_contradict_are_no_trend),
        cmocka_unit_test(test_volatile_markets),
        cmocka_unit_test(test_choppy_markets),
        cmocka_unit_test(test_a_squeeze),
        cmocka_unit_test(test_a_ranging_market),
        cmocka_unit_test(test_order_of_the_rules),
        cmocka_unit_test(test_volatility_and_volume),
        cmocka_unit_test(test_a_market_without_any_range_or_volume),
        cmocka_unit_test(test_declines_before_the_indicators_are_warm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
