/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Technical analysis by rules: exact outputs, both sides of every cut, symmetry, declining.
 */
#include "fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static tt_ta_signal analyse(tt_indicators indicators)
{
    tt_agent_request request = fixture_request(indicators);
    tt_agent_answer answer = fixture_ask(tt_agent_rules_ta, NULL, &request);
    tt_ta_signal signal;
    FIXTURE_BODY(answer, TA_SIGNALS, signal);
    assert_string_equal(answer.model, "rules-ta-1");
    assert_int_equal(signal.call_seq, FIXTURE_CALL);
    assert_int_equal(signal.indicators_seq, FIXTURE_SET);
    return signal;
}

static void test_a_quiet_market(void **state)
{
    (void)state;
    tt_ta_signal signal = analyse(fixture_indicators());
    assert_int_equal(signal.trend_direction, TT_trend_NEUTRAL);
    assert_int_equal(signal.bias, TT_bias_NEUTRAL);
    assert_int_equal(signal.rsi_signal, TT_rsi_signal_NEUTRAL);
    assert_int_equal(signal.macd_signal, TT_macd_signal_NEUTRAL);
    assert_int_equal(signal.current_position, TT_level_position_MID_RANGE);
    assert_int_equal(signal.timeframes_aligned, 0);
    assert_true(is_score(signal.trend_strength, 3000));
    assert_true(is_score(signal.momentum_score, 0));
    assert_true(is_score(signal.confidence, 6500)); // nothing speaks against doing nothing
    assert_true(is_price(signal.support, 9800));
    assert_true(is_price(signal.resistance, 10200));
    assert_string_equal(signal.primary_signal, "no_trend");
    assert_string_equal(
        signal.reasoning,
        "EMA stack +0.00, DI 20.0/20.0, ADX 15.0: trend +0.00; RSI 50.0, MACD hist 0, "
        "ROC 0.00%: momentum +0.00; total +0.00");
}

static void test_a_clear_rise(void **state)
{
    (void)state;
    tt_ta_signal signal = analyse(fixture_rise());
    // stack 1, direction 20/40, trend 0.75; momentum: RSI 0.5, MACD 0.2/0.4, ROC 2 / (4 x
    // 0.985...).
    assert_int_equal(signal.trend_direction, TT_trend_BULLISH);
    assert_int_equal(signal.bias, TT_bias_LONG);
    assert_int_equal(signal.timeframes_aligned, 4);
    assert_true(is_score(signal.trend_strength, 7000));
    assert_true(is_score(signal.momentum_score, 5025));
    assert_true(is_score(signal.confidence, 9400)); // 0.35 + 0.45 + 0.2 x 0.7
    assert_true(is_ratio(signal.rsi, 6000));
    assert_true(is_ratio(signal.macd_hist, 20));
    assert_int_equal(signal.macd_signal, TT_macd_signal_BULLISH);
    assert_int_equal(signal.current_position, TT_level_position_NEAR_RESISTANCE);
    assert_string_equal(signal.primary_signal, "trend_bullish");
}

static void test_a_fall_is_the_mirror_of_a_rise(void **state)
{
    (void)state;
    tt_ta_signal signal = analyse(fixture_mirror(fixture_rise()));
    assert_int_equal(signal.trend_direction, TT_trend_BEARISH);
    assert_int_equal(signal.bias, TT_bias_SHORT);
    assert_int_equal(signal.timeframes_aligned, 4);
    assert_true(is_score(signal.trend_strength, 7000));
    assert_true(is_score(signal.confidence, 9400));
    assert_int_equal(signal.macd_signal, TT_macd_signal_BEARISH);
    assert_int_equal(signal.current_position, TT_level_position_NEAR_SUPPORT);
    assert_string_equal(signal.primary_signal, "trend_bearish");
}

static void test_cuts_of_the_trend(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.plus_di_14 = ratio_of(3000); // direction 0.5, trend 0.25
    indicators.minus_di_14 = ratio_of(1000);
    assert_int_equal(analyse(indicators).trend_direction, TT_trend_BULLISH);
    assert_int_equal(analyse(fixture_mirror(indicators)).trend_direction, TT_trend_BEARISH);
    indicators.plus_di_14 = ratio_of(2999);
    assert_int_equal(analyse(indicators).trend_direction, TT_trend_NEUTRAL);
    assert_int_equal(analyse(fixture_mirror(indicators)).trend_direction, TT_trend_NEUTRAL);
}

static void test_cuts_of_the_bias(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.plus_di_14 = ratio_of(4000); // direction 1, trend 0.5, total 0.3
    indicators.minus_di_14 = ratio_of(0);
    tt_ta_signal signal = analyse(indicators);
    assert_int_equal(signal.bias, TT_bias_LONG);
    assert_true(is_score(signal.confidence, 5000)); // 0.35 + 0.45 / 5 + 0.2 x 0.3
    assert_int_equal(analyse(fixture_mirror(indicators)).bias, TT_bias_SHORT);
    indicators.minus_di_14 = ratio_of(10);
    signal = analyse(indicators);
    assert_int_equal(signal.bias, TT_bias_NEUTRAL);
    assert_true(is_score(signal.confidence, 3515)); // next to a bias: least sure
    assert_int_equal(analyse(fixture_mirror(indicators)).bias, TT_bias_NEUTRAL);
}

static void test_cuts_of_the_rsi(void **state)
{
    (void)state;
    const struct {
        int64_t rsi;
        tt_rsi_signal signal;
    } rows[] = {
        {2999, TT_rsi_signal_OVERSOLD},
        {3000, TT_rsi_signal_OVERSOLD},
        {3001, TT_rsi_signal_NEUTRAL},
        {6999, TT_rsi_signal_NEUTRAL},
        {7000, TT_rsi_signal_OVERBOUGHT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_indicators indicators = fixture_indicators();
        indicators.rsi_14 = ratio_of(rows[i].rsi);
        tt_ta_signal signal = analyse(indicators);
        assert_int_equal(signal.rsi_signal, rows[i].signal);
        const char *primary = rows[i].signal == TT_rsi_signal_OVERSOLD     ? "rsi_oversold"
                              : rows[i].signal == TT_rsi_signal_OVERBOUGHT ? "rsi_overbought"
                                                                           : "no_trend";
        assert_string_equal(signal.primary_signal, primary);
    }
}

static void test_crosses_of_the_macd(void **state)
{
    (void)state;
    const struct {
        int64_t before;
        int64_t now;
        tt_macd_signal signal;
        const char *primary;
    } rows[] = {
        {0, 1, TT_macd_signal_BULLISH_CROSS, "macd_bullish_cross"},
        {-1, 1, TT_macd_signal_BULLISH_CROSS, "macd_bullish_cross"},
        {1, 2, TT_macd_signal_BULLISH, "no_trend"},
        {0, -1, TT_macd_signal_BEARISH_CROSS, "macd_bearish_cross"},
        {1, -1, TT_macd_signal_BEARISH_CROSS, "macd_bearish_cross"},
        {-2, -1, TT_macd_signal_BEARISH, "no_trend"},
        {1, 0, TT_macd_signal_NEUTRAL, "no_trend"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_indicators indicators = fixture_indicators();
        indicators.macd_hist_prev = ratio_of(rows[i].before);
        indicators.macd_hist = ratio_of(rows[i].now);
        tt_ta_signal signal = analyse(indicators);
        assert_int_equal(signal.macd_signal, rows[i].signal);
        assert_string_equal(signal.primary_signal, rows[i].primary);
    }
}

static void test_cuts_of_the_levels(void **state)
{
    (void)state;
    const struct {
        int64_t close;
        tt_level_position position;
    } rows[] = {
        {9880, TT_level_position_NEAR_SUPPORT}, // a fifth of 98..102 is 0.8
        {9881, TT_level_position_MID_RANGE},
        {10119, TT_level_position_MID_RANGE},
        {10120, TT_level_position_NEAR_RESISTANCE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_indicators indicators = fixture_indicators();
        indicators.close = price_of(rows[i].close);
        assert_int_equal(analyse(indicators).current_position, rows[i].position);
    }
    tt_indicators flat = fixture_indicators();
    flat.high_20 = flat.low_20;
    assert_int_equal(analyse(flat).current_position, TT_level_position_MID_RANGE);
}

static void test_levels_lie_on_the_tick(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.low_20.d = TT_DEC_C(98019, 3);
    indicators.high_20.d = TT_DEC_C(102001, 3);
    tt_ta_signal signal = analyse(indicators);
    assert_true(is_price(signal.support, 9801));
    assert_true(is_price(signal.resistance, 10201));
}

static void test_a_market_without_any_range(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.atr_14 = ratio_of(0);
    indicators.adx_14 = ratio_of(0);
    indicators.plus_di_14 = ratio_of(0);
    indicators.minus_di_14 = ratio_of(0);
    indicators.macd_hist = ratio_of(7); // no scale, so it says nothing
    tt_ta_signal signal = analyse(indicators);
    assert_int_equal(signal.bias, TT_bias_NEUTRAL);
    assert_true(is_score(signal.momentum_score, 0));
    assert_true(is_score(signal.trend_strength, 0));
}

static void test_declines_without_what_it_needs(void **state)
{
    (void)state;
    tt_agent_request request = fixture_request(fixture_indicators());
    request.key = 3;
    tt_agent_answer answer = fixture_ask(tt_agent_rules_ta, NULL, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
    assert_string_equal(answer.error, "the call names no configured instrument");
    assert_int_equal(answer.count, 0);
    request.key = 1;
    request.indicators.is_warm = 0;
    answer = fixture_ask(tt_agent_rules_ta, NULL, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
    assert_string_equal(answer.error, "the indicators do not have their history yet");
    request.indicators.is_warm = 1;
    request.has_indicators = false;
    answer = fixture_ask(tt_agent_rules_ta, NULL, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
    request.has_indicators = true;
    request.indicators.close = price_of(0);
    answer = fixture_ask(tt_agent_rules_ta, NULL, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
    assert_string_equal(answer.error, "the indicators have no close");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_quiet_market),
        cmocka_unit_test(test_a_clear_rise),
        cmocka_unit_test(test_a_fall_is_the_mirror_of_a_rise),
        cmocka_unit_test(test_cuts_of_the_trend),
        cmocka_unit_test(test_cuts_of_the_bias),
        cmocka_unit_test(test_cuts_of_the_rsi),
        cmocka_unit_test(test_crosses_of_the_macd),
        cmocka_unit_test(test_cuts_of_the_levels),
        cmocka_unit_test(test_levels_lie_on_the_tick),
        cmocka_unit_test(test_a_market_without_any_range),
        cmocka_unit_test(test_declines_without_what_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
