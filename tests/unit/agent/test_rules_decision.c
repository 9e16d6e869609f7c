/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The trading decision: exact answers, every rule of the count and both sides of its cuts,
 * positions, sizes, and the order of prices over random requests.
 */
#include "decision_fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>

static tt_decision_config config;

static int setup(void **state)
{
    (void)state;
    config = decision_defaults();
    return 0;
}

static tt_trading_signal decide(const tt_agent_request *request)
{
    tt_agent_answer answer = fixture_ask(tt_agent_rules_decision, &config, request);
    tt_trading_signal signal;
    FIXTURE_BODY(answer, TRADING_SIGNALS, signal);
    assert_string_equal(answer.model, "rules-decision-1");
    assert_int_equal(signal.call_seq, FIXTURE_CALL);
    assert_int_equal(signal.indicators_seq, FIXTURE_SET);
    assert_int_equal(signal.ta_seq, 38);
    assert_int_equal(signal.regime_seq, 39);
    assert_int_equal(signal.count, signal.valid_votes);
    assert_true(tt_dec_is_zero(signal.entry_price.d)); // entries are at market
    return signal;
}

/** A rise that trend (0.725), momentum (0.6375), analysis (0.8) and regime (0.8) follow: 4 of 6. */
static tt_agent_request rise(void)
{
    tt_agent_request request = fixture_request(fixture_rise());
    request.indicators.atr_14 = ratio_of(20);
    request.indicators.bb_upper = ratio_of(10300);
    request.has_ta = true;
    request.ta = (tt_ta_signal){.bias = TT_bias_LONG, .confidence = ratio_of(80)};
    request.has_regime = true;
    request.regime = (tt_regime_update){
        .confidence = ratio_of(80),
        .stop_loss_multiplier = ratio_of(120),
        .take_profit_multiplier = ratio_of(200),
        .regime = TT_regime_TRENDING_BULL,
        .max_leverage = 5};
    return request;
}

static tt_agent_request fall(void)
{
    tt_agent_request request = rise();
    request.indicators = fixture_mirror(request.indicators);
    request.ta.bias = TT_bias_SHORT;
    request.regime.regime = TT_regime_TRENDING_BEAR;
    return request;
}

static void expect_hold(const tt_trading_signal *signal)
{
    assert_int_equal(signal->action, TT_action_HOLD);
    assert_true(tt_dec_is_zero(signal->stop_loss.d));
    assert_true(tt_dec_is_zero(signal->take_profit.d));
    assert_true(tt_dec_is_zero(signal->position_size_pct.d));
    assert_int_equal(signal->leverage, 1);
}

static void test_four_of_six_buy(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    tt_trading_signal signal = decide(&request);
    assert_int_equal(signal.action, TT_action_BUY);
    assert_int_equal(signal.valid_votes, 6);
    assert_true(is_score(signal.agreement, 6667));
    // (0.725 + 0.6375 + 0.8 + 0.8) / 4 = 0.740625, to four digits 0.7406; two thirds give 0.05.
    assert_true(is_score(signal.confidence, 7906));
    assert_true(is_ratio(signal.position_size_pct, 750)); // three quarters of 10 %
    // Stops: 6 x 0.20 x 1.2 = 1.44, that of the regime 1.80; medians of 144 144 144 180 ticks.
    assert_true(is_price(signal.stop_loss, 10150 - 144));
    assert_true(is_price(signal.take_profit, 10150 + 288));
    assert_string_equal(
        signal.reasoning, "4 buy: trend momentum ta regime; 2 hold: reversion breakout");
    assert_string_equal(signal.votes[0].model, "trend");
    assert_int_equal(signal.votes[0].action, TT_action_BUY);
    assert_true(is_price(signal.votes[0].entry_price, 10150));
    assert_true(is_price(signal.votes[0].stop_loss, 10150 - 144));
    assert_true(is_price(signal.votes[5].stop_loss, 10150 - 180));
    assert_true(is_price(signal.votes[5].take_profit, 10150 + 360));
    assert_int_equal(signal.votes[2].action, TT_action_HOLD);
    assert_true(tt_dec_is_zero(signal.votes[2].stop_loss.d));
}

static void test_four_of_six_sell(void **state)
{
    (void)state;
    tt_agent_request request = fall();
    tt_trading_signal signal = decide(&request);
    assert_int_equal(signal.action, TT_action_SELL);
    assert_true(is_score(signal.confidence, 7906));
    // Around 98.50: 0.6 % is 0.591, so volatility decides as before.
    assert_true(is_price(signal.stop_loss, 9850 + 144));
    assert_true(is_price(signal.take_profit, 9850 - 288));
    assert_string_equal(
        signal.reasoning, "4 sell: trend momentum ta regime; 2 hold: reversion breakout");
}

static void test_boosts(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    request.has_regime = false; // 3 of 5 is below two thirds: no boost
    tt_trading_signal signal = decide(&request);
    assert_int_equal(signal.action, TT_action_BUY);
    assert_true(is_score(signal.confidence, 7208)); // (0.725 + 0.6375 + 0.8) / 3
    assert_true(is_score(signal.agreement, 6000));
    request = rise();
    request.indicators.high_20 = ratio_of(10150); // breakout joins with 0.55: 5 of 6
    request.indicators.volume = ratio_of(1200);
    signal = decide(&request);
    assert_true(is_score(signal.agreement, 8333));
    assert_true(is_score(signal.confidence, 8025)); // 3.5125 / 5 + 0.10
    request.has_sentiment = true;                   // six of seven is above five sixths
    request.sentiment = (tt_sentiment_update){.score = ratio_of(50), .confidence = ratio_of(80)};
    signal = decide(&request);
    assert_int_equal(signal.valid_votes, 7);
    assert_true(is_score(signal.agreement, 8571));
    assert_true(is_score(signal.confidence, 8188)); // 4.3125 / 6 = 0.71875 + 0.10
    request.sentiment.score = ratio_of(0);          // five of seven is above two thirds
    signal = decide(&request);
    assert_true(is_score(signal.agreement, 7143));
    assert_true(is_score(signal.confidence, 7525));
}

static void test_all_agree(void **state)
{
    (void)state;
    config.min_votes = 3;
    tt_agent_request request = fixture_request(fixture_indicators());
    request.indicators.volume_avg_20 = ratio_of(0); // breakout abstains
    tt_trading_signal signal = decide(&request);
    expect_hold(&signal);
    assert_int_equal(signal.valid_votes, 3);
    assert_true(is_score(signal.agreement, 10000));
    assert_true(is_score(signal.confidence, 6500)); // 0.5 + 0.15
    assert_string_equal(signal.reasoning, "3 hold: trend momentum reversion");
}

static void test_confidence_stops_at_one(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    request.indicators.adx_14 = ratio_of(9000);
    request.indicators.rsi_14 = ratio_of(6999);
    request.indicators.high_20 = ratio_of(10150);
    request.indicators.volume = ratio_of(9000);
    request.ta.confidence = ratio_of(100);
    request.regime.confidence = ratio_of(100);
    tt_trading_signal signal = decide(&request);
    assert_true(tt_dec_le(signal.confidence.d, TT_DEC_C(1, 0)));
    assert_true(is_score(signal.confidence, 10000));
    assert_true(is_ratio(signal.position_size_pct, 1000));
}

static void test_too_few_votes(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    request.has_regime = false;
    request.has_ta = false;
    request.indicators.volume_avg_20 = ratio_of(0);
    tt_trading_signal signal = decide(&request);
    expect_hold(&signal);
    assert_int_equal(signal.valid_votes, 3);
    assert_true(is_score(signal.confidence, 0));
    assert_string_equal(
        signal.reasoning,
        "2 buy: trend momentum; 1 hold: reversion; too few models have an opinion");
    config.min_votes = 3; // the bound is what the configuration says
    signal = decide(&request);
    assert_int_equal(signal.action, TT_action_BUY);
}

static void test_half_is_no_majority(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    request.indicators.macd_hist = ratio_of(0); // momentum leaves: 3 of 6
    tt_trading_signal signal = decide(&request);
    expect_hold(&signal);
    assert_true(is_score(signal.confidence, 0));
    assert_true(is_score(signal.agreement, 5000));
    assert_string_equal(
        signal.reasoning,
        "3 buy: trend ta regime; 3 hold: momentum reversion breakout; no side has a majority");
    request.indicators.volume_avg_20 = ratio_of(0); // 3 of 5 is one
    signal = decide(&request);
    assert_int_equal(signal.action, TT_action_BUY);
}

static void test_opposed_votes(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    request.ta.bias = TT_bias_SHORT;
    request.regime.regime = TT_regime_TRENDING_BEAR;
    tt_trading_signal signal = decide(&request);
    expect_hold(&signal);
    assert_string_equal(
        signal.reasoning,
        "2 buy: trend momentum; 2 sell: ta regime; 2 hold: reversion breakout; no side has a "
        "majority");
}

static void hold_position(tt_agent_request *request, int64_t qty)
{
    request->has_position = true;
    request->position.qty.d = tt_dec_from_i64(qty, 3);
}

static void test_own_side_is_held(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    hold_position(&request, 1);
    tt_trading_signal signal = decide(&request);
    expect_hold(&signal);
    assert_true(is_score(signal.confidence, 7906));
    assert_string_equal(
        signal.reasoning,
        "4 buy: trend momentum ta regime; 2 hold: reversion breakout; the position is long "
        "already");
    request = fall();
    hold_position(&request, -1);
    signal = decide(&request);
    expect_hold(&signal);
}

static void test_the_other_side_closes(void **state)
{
    (void)state;
    tt_agent_request request = fall();
    hold_position(&request, 1);
    tt_trading_signal signal = decide(&request);
    assert_int_equal(signal.action, TT_action_CLOSE_LONG);
    assert_int_equal(signal.votes[0].action, TT_action_CLOSE_LONG);
    assert_int_equal(signal.votes[2].action, TT_action_HOLD);
    assert_true(is_score(signal.confidence, 7906));
    assert_true(tt_dec_is_zero(signal.stop_loss.d));
    assert_true(tt_dec_is_zero(signal.position_size_pct.d));
    request = rise();
    hold_position(&request, -1);
    signal = decide(&request);
    assert_int_equal(signal.action, TT_action_CLOSE_SHORT);
    hold_position(&request, 0); // a closed position is none
    assert_int_equal(decide(&request).action, TT_action_BUY);
}

static void test_sizes_by_confidence(void **state)
{
    (void)state;
    // Trend gives 0.725, momentum 0.6375; x of analysis and regime sets the mean; boost 0.05.
    const struct {
        int64_t confidence; // of both followers, in ten-thousandths
        int64_t result;
        int64_t size;
    } rows[] = {
        {9188, 8500, 1000},
        {9186, 8499, 750},
        {7188, 7500, 750},
        {7186, 7499, 500},
        {6000, 6906, 500},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_agent_request request = rise();
        request.ta.confidence.d = tt_dec_from_i64(rows[i].confidence, 4);
        request.regime.confidence.d = tt_dec_from_i64(rows[i].confidence, 4);
        tt_trading_signal signal = decide(&request);
        assert_true(is_score(signal.confidence, rows[i].result));
        assert_true(is_ratio(signal.position_size_pct, rows[i].size));
    }
}

static void test_low_confidence_is_no_entry(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    request.indicators.adx_14 = ratio_of(2000); // trend 0.55
    request.indicators.rsi_14 = ratio_of(5500); // momentum 0.55
    request.ta.confidence.d = TT_DEC_C(6, 1);
    request.regime.confidence.d = TT_DEC_C(4998, 4);
    tt_trading_signal signal = decide(&request);
    assert_true(is_score(signal.confidence, 6000));
    assert_int_equal(signal.action, TT_action_BUY);
    assert_true(is_ratio(signal.position_size_pct, 250));
    request.regime.confidence.d = TT_DEC_C(4990, 4);
    signal = decide(&request);
    expect_hold(&signal);
    assert_true(is_score(signal.confidence, 5998));
    assert_non_null(strstr(signal.reasoning, "; the confidence is below 0.60"));
    hold_position(&request, -1); // to close takes no size
    assert_int_equal(decide(&request).action, TT_action_CLOSE_SHORT);
}

static void test_leverage(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    config.leverage = 4;
    assert_int_equal(decide(&request).leverage, 4);
    request.regime.max_leverage = 3;
    assert_int_equal(decide(&request).leverage, 3);
    request.regime.max_leverage = 0;
    assert_int_equal(decide(&request).leverage, 1);
}

static void test_no_stop_on_a_tick(void **state)
{
    (void)state;
    tt_instruments instruments = fixture_instruments();
    instruments.list[0].price_increment.d = TT_DEC_C(100, 0);
    tt_agent_request request = rise();
    tt_agent_answer answer = {0};
    tt_agent_rules_decision(&config, &instruments, &request, &answer);
    tt_trading_signal signal;
    FIXTURE_BODY(answer, TRADING_SIGNALS, signal);
    expect_hold(&signal);
    assert_non_null(strstr(signal.reasoning, "; no allowed stop falls on a tick"));
    assert_true(tt_dec_is_zero(signal.votes[0].stop_loss.d));
}

static void test_declines_before_the_indicators_are_warm(void **state)
{
    (void)state;
    tt_agent_request request = rise();
    request.indicators.is_warm = 0;
    tt_agent_answer answer = fixture_ask(tt_agent_rules_decision, &config, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
}

static tt_agent_request random_request(tt_random *random)
{
    tt_agent_request request = fixture_request(fixture_indicators());
    tt_indicators *set = &request.indicators;
    int64_t close = tt_random_between(random, 100, 5000000);
    tt_ratio *near[] = {&set->ema_9, &set->ema_21, &set->ema_50, &set->ema_200, &set->sma_20};
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
        *near[i] = ratio_of(close + tt_random_between(random, -close / 50, close / 50));
    }
    set->close = price_of(close);
    set->atr_14 = ratio_of(tt_random_between(random, 0, close / 20));
    set->adx_14 = ratio_of(tt_random_between(random, 0, 6000));
    set->plus_di_14 = ratio_of(tt_random_between(random, 0, 4000));
    set->minus_di_14 = ratio_of(tt_random_between(random, 0, 4000));
    set->rsi_14 = ratio_of(tt_random_between(random, 1000, 9000));
    set->macd_hist = ratio_of(tt_random_between(random, -100, 100));
    set->roc_10 = ratio_of(tt_random_between(random, -500, 500));
    set->high_20 = ratio_of(close + tt_random_between(random, 0, close / 50));
    set->low_20 = ratio_of(close - tt_random_between(random, 0, close / 50));
    set->bb_upper = ratio_of(close + tt_random_between(random, -10, close / 50));
    set->bb_lower = ratio_of(close - tt_random_between(random, -10, close / 50));
    set->volume = ratio_of(tt_random_between(random, 0, 4000));
    request.has_ta = tt_random_below(random, 8) != 0;
    request.ta.bias = (uint8_t)tt_random_below(random, TT_bias_COUNT);
    request.ta.confidence = ratio_of(tt_random_between(random, 0, 100));
    request.has_regime = tt_random_below(random, 8) != 0;
    request.regime.regime = (uint8_t)tt_random_below(random, TT_regime_COUNT);
    request.regime.confidence = ratio_of(tt_random_between(random, 0, 100));
    request.regime.stop_loss_multiplier = ratio_of(tt_random_between(random, 50, 200));
    request.regime.take_profit_multiplier = ratio_of(tt_random_between(random, 50, 300));
    request.has_sentiment = tt_random_below(random, 3) == 0;
    request.sentiment.score = ratio_of(tt_random_between(random, -100, 100));
    request.sentiment.confidence = ratio_of(tt_random_between(random, 0, 100));
    if (tt_random_below(random, 3) == 0) {
        hold_position(&request, tt_random_between(random, -1, 1));
    }
    return request;
}

/** Turns most of what the models look at to one side, so that majorities are not rare. */
static void lean(tt_agent_request *request, int side, int64_t strength)
{
    tt_indicators *set = &request->indicators;
    set->rsi_14 = ratio_of(5000 + side * strength);
    set->macd_hist = ratio_of(side * strength);
    set->roc_10 = ratio_of(side * strength);
    set->ema_9.d = tt_dec_xadd(set->ema_21.d, tt_dec_from_i64(side, 2));
    set->ema_50.d = tt_dec_xsub(set->ema_21.d, tt_dec_from_i64(side, 2));
    request->ta.bias = side > 0 ? TT_bias_LONG : TT_bias_SHORT;
    request->regime.regime = side > 0 ? TT_regime_TRENDING_BULL : TT_regime_TRENDING_BEAR;
}

/** Counts the listed votes anew and compares with what the rules make of them. */
static void expect_rules(const tt_trading_signal *signal, int position)
{
    uint32_t buys = 0;
    uint32_t sells = 0;
    for (uint8_t i = 0; i < signal->count; i++) {
        uint8_t action = signal->votes[i].action;
        buys += action == TT_action_BUY || action == TT_action_CLOSE_SHORT;
        sells += action == TT_action_SELL || action == TT_action_CLOSE_LONG;
        assert_true(action != TT_action_CLOSE_LONG || position > 0);
        assert_true(action != TT_action_CLOSE_SHORT || position < 0);
    }
    bool buy_wins = buys * 2 > signal->count;
    bool sell_wins = sells * 2 > signal->count;
    switch ((tt_action)signal->action) {
    case TT_action_BUY:
        assert_true(buy_wins && position == 0 && signal->valid_votes >= 4);
        return;
    case TT_action_SELL:
        assert_true(sell_wins && position == 0 && signal->valid_votes >= 4);
        return;
    case TT_action_CLOSE_SHORT:
        assert_true(buy_wins && position < 0);
        return;
    case TT_action_CLOSE_LONG:
        assert_true(sell_wins && position > 0);
        return;
    case TT_action_HOLD:
    case TT_action_COUNT:
        assert_false(buy_wins && position < 0);
        assert_false(sell_wins && position > 0);
        return;
    }
}

static void expect_prices(const tt_trading_signal *signal, tt_dec close)
{
    bool is_buy = signal->action == TT_action_BUY;
    if (!is_buy && signal->action != TT_action_SELL) {
        assert_true(tt_dec_is_zero(signal->stop_loss.d));
        return;
    }
    tt_dec stop = signal->stop_loss.d;
    tt_dec target = signal->take_profit.d;
    assert_true(is_buy ? tt_dec_lt(stop, close) : tt_dec_lt(close, stop));
    assert_true(is_buy ? tt_dec_lt(close, target) : tt_dec_lt(target, close));
    tt_dec risk = tt_dec_xabs(tt_dec_xsub(close, stop));
    tt_dec reward = tt_dec_xabs(tt_dec_xsub(target, close));
    assert_true(risk.v * 1000 >= close.v * 6 && risk.v * 1000 <= close.v * 45);
    assert_true(reward.v * 10 >= risk.v * 16);
    assert_true(tt_dec_sign(signal->position_size_pct.d) > 0);
}

static void test_rules_hold_over_random_requests(void **state)
{
    (void)state;
    const uint64_t seed = 4711;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    uint32_t counts[TT_action_COUNT] = {0};
    for (int i = 0; i < 30000; i++) {
        tt_agent_request request = random_request(&random);
        if (tt_random_below(&random, 2) == 0) {
            int side = tt_random_below(&random, 2) == 0 ? 1 : -1;
            lean(&request, side, tt_random_between(&random, 1, 2500));
        }
        tt_trading_signal signal = decide(&request);
        int position = request.has_position ? tt_dec_sign(request.position.qty.d) : 0;
        expect_rules(&signal, position);
        expect_prices(&signal, request.indicators.close.d);
        counts[signal.action]++;
        tt_agent_answer again = fixture_ask(tt_agent_rules_decision, &config, &request);
        assert_memory_equal(again.body, &signal, again.count);
    }
    for (int i = 0; i < TT_action_COUNT; i++) {
        assert_true(counts[i] > 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_four_of_six_buy, setup),
        cmocka_unit_test_setup(test_four_of_six_sell, setup),
        cmocka_unit_test_setup(test_boosts, setup),
        cmocka_unit_test_setup(test_all_agree, setup),
        cmocka_unit_test_setup(test_confidence_stops_at_one, setup),
        cmocka_unit_test_setup(test_too_few_votes, setup),
        cmocka_unit_test_setup(test_half_is_no_majority, setup),
        cmocka_unit_test_setup(test_opposed_votes, setup),
        cmocka_unit_test_setup(test_own_side_is_held, setup),
        cmocka_unit_test_setup(test_the_other_side_closes, setup),
        cmocka_unit_test_setup(test_sizes_by_confidence, setup),
        cmocka_unit_test_setup(test_low_confidence_is_no_entry, setup),
        cmocka_unit_test_setup(test_leverage, setup),
        cmocka_unit_test_setup(test_no_stop_on_a_tick, setup),
        cmocka_unit_test_setup(test_declines_before_the_indicators_are_warm, setup),
        cmocka_unit_test_setup(test_rules_hold_over_random_requests, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
