/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The models of the decision: when each acts, both sides of every cut, when it abstains.
 */
#include "agent/decision_models.h"
#include "fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

enum {
    TREND,
    MOMENTUM,
    REVERSION,
    BREAKOUT,
    TA,
    REGIME,
    SENTIMENT
};

static tt_decision_vote ask(const tt_agent_request *request, int model)
{
    tt_decision_vote votes[TT_DECISION_MODELS];
    tt_decision_ask(request, votes);
    return votes[model];
}

/** The vote of a model on a set, and that on its mirror image must be its mirror image. */
static tt_decision_vote ask_set(tt_indicators indicators, int model)
{
    tt_agent_request request = fixture_request(indicators);
    tt_decision_vote vote = ask(&request, model);
    request.indicators = fixture_mirror(indicators);
    tt_decision_vote other = ask(&request, model);
    assert_int_equal(other.side, -vote.side);
    assert_true(tt_dec_eq(other.confidence.d, vote.confidence.d));
    return vote;
}

static void expect_vote(tt_decision_vote vote, int side, int64_t confidence)
{
    assert_true(vote.is_valid);
    assert_int_equal(vote.side, side);
    assert_true(is_score(vote.confidence, confidence));
}

static void test_names_and_stops(void **state)
{
    (void)state;
    const struct {
        const char *name;
        uint32_t scale;
    } rows[] = {
        {"trend", 100},
        {"momentum", 100},
        {"reversion", 75},
        {"breakout", 100},
        {"ta", 100},
        {"regime", 125},
        {"sentiment", 100},
    };
    tt_agent_request request = fixture_request(fixture_indicators());
    for (int i = 0; i < TT_DECISION_MODELS; i++) {
        tt_decision_vote vote = ask(&request, i);
        assert_string_equal(vote.model, rows[i].name);
        assert_int_equal(vote.stop_scale, rows[i].scale);
        assert_int_equal(vote.is_valid, i < TA); // the others have nothing to follow
        assert_int_equal(vote.side, 0);
        assert_true(is_score(vote.confidence, 5000));
    }
}

static void test_trend(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_rise();
    expect_vote(ask_set(indicators, TREND), 1, 7250); // ADX 35: half way to 50
    indicators.adx_14 = ratio_of(2000);
    expect_vote(ask_set(indicators, TREND), 1, 5500);
    indicators.adx_14 = ratio_of(1999);
    expect_vote(ask_set(indicators, TREND), 0, 5000);
    indicators.adx_14 = ratio_of(9000);
    expect_vote(ask_set(indicators, TREND), 1, 9000);
    indicators.plus_di_14 = indicators.minus_di_14; // no side
    expect_vote(ask_set(indicators, TREND), 0, 5000);
    indicators = fixture_rise();
    indicators.ema_21 = indicators.ema_9; // not in order
    expect_vote(ask_set(indicators, TREND), 0, 5000);
    indicators = fixture_rise();
    indicators.ema_50 = indicators.ema_21;
    expect_vote(ask_set(indicators, TREND), 0, 5000);
}

static void test_momentum(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_rise();
    expect_vote(ask_set(indicators, MOMENTUM), 1, 6375); // RSI 60: a quarter of the way to 75
    indicators.rsi_14 = ratio_of(5500);
    expect_vote(ask_set(indicators, MOMENTUM), 1, 5500);
    indicators.rsi_14 = ratio_of(5499);
    expect_vote(ask_set(indicators, MOMENTUM), 0, 5000);
    indicators = fixture_rise();
    indicators.macd_hist = ratio_of(0);
    expect_vote(ask_set(indicators, MOMENTUM), 0, 5000);
    indicators = fixture_rise();
    indicators.roc_10 = ratio_of(-1);
    expect_vote(ask_set(indicators, MOMENTUM), 0, 5000);
}

static void test_reversion(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.close = price_of(9800); // at the lower band
    expect_vote(ask_set(indicators, REVERSION), 1, 5500);
    indicators.close = price_of(9801);
    expect_vote(ask_set(indicators, REVERSION), 0, 5000);
    indicators.close = price_of(9750); // half an ATR beyond
    expect_vote(ask_set(indicators, REVERSION), 1, 7250);
    indicators.adx_14 = ratio_of(4000); // never against a strong trend
    expect_vote(ask_set(indicators, REVERSION), 0, 5000);
    indicators.adx_14 = ratio_of(3999);
    expect_vote(ask_set(indicators, REVERSION), 1, 7250);
    indicators = fixture_indicators();
    indicators.rsi_14 = ratio_of(3000);
    expect_vote(ask_set(indicators, REVERSION), 1, 5500);
    indicators.rsi_14 = ratio_of(3001);
    expect_vote(ask_set(indicators, REVERSION), 0, 5000);
    indicators.rsi_14 = ratio_of(1500);
    expect_vote(ask_set(indicators, REVERSION), 1, 9000);
}

static void test_reversion_where_nothing_moved(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators();
    indicators.bb_upper = indicators.bb_lower = ratio_of(10000);
    expect_vote(ask_set(indicators, REVERSION), 0, 5000);
}

static void test_breakout(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_indicators(); // channel 98..102, its outer tenth from 101.6
    indicators.close = price_of(10161);
    indicators.volume = ratio_of(1200);
    expect_vote(ask_set(indicators, BREAKOUT), 1, 5500);
    indicators.volume = ratio_of(1199);
    expect_vote(ask_set(indicators, BREAKOUT), 0, 5000);
    indicators.volume = ratio_of(2200);
    expect_vote(ask_set(indicators, BREAKOUT), 1, 7250);
    indicators.close = price_of(10159);
    expect_vote(ask_set(indicators, BREAKOUT), 0, 5000);
    indicators.close = price_of(10000);
    indicators.high_20 = indicators.low_20 = ratio_of(10000);
    expect_vote(ask_set(indicators, BREAKOUT), 0, 5000);
    indicators.volume = indicators.volume_avg_20 = ratio_of(0);
    assert_false(ask_set(indicators, BREAKOUT).is_valid); // a feed without volume
}

static void test_ta_follower(void **state)
{
    (void)state;
    tt_agent_request request = fixture_request(fixture_indicators());
    assert_false(ask(&request, TA).is_valid);
    request.has_ta = true;
    request.ta = (tt_ta_signal){.bias = TT_bias_LONG, .confidence = ratio_of(60)};
    expect_vote(ask(&request, TA), 1, 6000);
    request.ta.confidence.d = TT_DEC_C(5999, 4);
    expect_vote(ask(&request, TA), 0, 5000);
    request.ta = (tt_ta_signal){.bias = TT_bias_SHORT, .confidence = ratio_of(90)};
    expect_vote(ask(&request, TA), -1, 9000);
    request.ta.bias = TT_bias_NEUTRAL;
    expect_vote(ask(&request, TA), 0, 9000);
}

static void test_regime_follower(void **state)
{
    (void)state;
    const struct {
        tt_regime regime;
        int side;
    } rows[] = {
        {TT_regime_TRENDING_BULL, 1},
        {TT_regime_VOLATILE_BULL, 1},
        {TT_regime_TRENDING_BEAR, -1},
        {TT_regime_VOLATILE_BEAR, -1},
        {TT_regime_RANGING, 0},
        {TT_regime_CHOPPY, 0},
        {TT_regime_BREAKOUT_POTENTIAL, 0},
    };
    tt_agent_request request = fixture_request(fixture_indicators());
    assert_false(ask(&request, REGIME).is_valid);
    request.has_regime = true;
    request.regime.confidence = ratio_of(80);
    request.regime.regime = TT_regime_UNKNOWN;
    assert_false(ask(&request, REGIME).is_valid);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        request.regime.regime = (uint8_t)rows[i].regime;
        expect_vote(ask(&request, REGIME), rows[i].side, 8000);
    }
    request.has_ta = true; // before a breakout the side is that of the analysis
    request.ta.bias = TT_bias_SHORT;
    expect_vote(ask(&request, REGIME), -1, 8000);
}

static void test_sentiment(void **state)
{
    (void)state;
    const struct {
        int64_t score;
        int side;
    } rows[] = {{20, 1}, {19, 0}, {0, 0}, {-19, 0}, {-20, -1}, {-100, -1}};
    tt_agent_request request = fixture_request(fixture_indicators());
    assert_false(ask(&request, SENTIMENT).is_valid);
    request.has_sentiment = true;
    request.sentiment.confidence = ratio_of(70);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        request.sentiment.score = ratio_of(rows[i].score);
        expect_vote(ask(&request, SENTIMENT), rows[i].side, 7000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_stops),
        cmocka_unit_test(test_trend),
        cmocka_unit_test(test_momentum),
        cmocka_unit_test(test_reversion),
        cmocka_unit_test(test_reversion_where_nothing_moved),
        cmocka_unit_test(test_breakout),
        cmocka_unit_test(test_ta_follower),
        cmocka_unit_test(test_regime_follower),
        cmocka_unit_test(test_sentiment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
