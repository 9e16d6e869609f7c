/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Stop and target in ticks: bounds, rounding, ratio of reward to risk, medians, coarse and tiny
 * ticks, and all of it over random inputs.
 */
#include "agent/decision_prices.h"
#include "decision_fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static tt_decision_config config;

static tt_decision_frame frame_of(int64_t close, int64_t atr, int64_t tick)
{
    config = decision_defaults();
    tt_agent_request request = fixture_request(fixture_indicators());
    request.indicators.close = price_of(close);
    request.indicators.atr_14 = ratio_of(atr);
    tt_instrument instrument = {.price_increment = price_of(tick)};
    tt_decision_frame frame;
    tt_decision_frame_fill(&frame, &config, &instrument, &request);
    return frame;
}

static void
expect_exit(const tt_decision_frame *frame, uint32_t scale, int64_t stop, int64_t target)
{
    tt_decision_exit exit = tt_decision_exit_of(frame, scale);
    assert_int_equal(exit.stop_ticks, stop);
    assert_int_equal(exit.target_ticks, target);
}

static void test_stop_from_volatility(void **state)
{
    (void)state;
    tt_decision_frame frame = frame_of(10000, 30, 1); // 6 x 0.30, bounds 0.60 and 4.50
    assert_true(frame.is_tradable);
    expect_exit(&frame, 100, 180, 360);
    expect_exit(&frame, 75, 135, 270);
    expect_exit(&frame, 125, 225, 450);
}

static void test_stop_stays_within_its_bounds(void **state)
{
    (void)state;
    tt_decision_frame frame = frame_of(10000, 1, 1);
    expect_exit(&frame, 100, 60, 120);
    frame = frame_of(10000, 1000, 1);
    expect_exit(&frame, 100, 450, 900);
    frame = frame_of(10000, 0, 1); // a market that does not move
    expect_exit(&frame, 100, 60, 120);
}

static void test_bounds_are_rounded_inwards(void **state)
{
    (void)state;
    tt_decision_frame frame = frame_of(10001, 1, 1); // 0.60006 and 4.50045
    expect_exit(&frame, 100, 61, 122);
    frame = frame_of(10001, 1000, 1);
    expect_exit(&frame, 100, 450, 900);
}

static void test_regime_scales_stop_and_target(void **state)
{
    (void)state;
    config = decision_defaults();
    tt_agent_request request = fixture_request(fixture_indicators());
    request.indicators.atr_14 = ratio_of(20);
    request.has_regime = true;
    request.regime.stop_loss_multiplier = ratio_of(150);
    request.regime.take_profit_multiplier = ratio_of(250);
    tt_instrument instrument = {.price_increment = price_of(1)};
    tt_decision_frame frame;
    tt_decision_frame_fill(&frame, &config, &instrument, &request);
    expect_exit(&frame, 100, 180, 450);
    request.regime.take_profit_multiplier = ratio_of(100); // never below the least ratio
    tt_decision_frame_fill(&frame, &config, &instrument, &request);
    expect_exit(&frame, 100, 180, 288);
    request.regime.take_profit_multiplier = ratio_of(99999); // nor beyond what keeps it a price
    tt_decision_frame_fill(&frame, &config, &instrument, &request);
    expect_exit(&frame, 100, 180, 900);
}

static void test_prices_of_both_sides(void **state)
{
    (void)state;
    tt_decision_frame frame = frame_of(10000, 30, 50);
    tt_decision_exit exit = tt_decision_exit_of(&frame, 100); // 1.80 is 4 ticks of 0.50
    assert_int_equal(exit.stop_ticks, 4);
    assert_true(is_price(tt_decision_stop(&frame, 1, exit), 9800));
    assert_true(is_price(tt_decision_target(&frame, 1, exit), 10400));
    assert_true(is_price(tt_decision_stop(&frame, -1, exit), 10200));
    assert_true(is_price(tt_decision_target(&frame, -1, exit), 9600));
}

static void test_a_coarse_tick_leaves_no_stop(void **state)
{
    (void)state;
    assert_true(frame_of(10000, 30, 400).is_tradable);  // one tick is 4 %
    assert_false(frame_of(10000, 30, 500).is_tradable); // one tick is 5 %
    assert_false(frame_of(3, 1, 100).is_tradable);      // the price rounds to nothing
    tt_decision_frame frame = frame_of(10000, 30, 300);
    expect_exit(&frame, 100, 1, 2);
}

static void test_tiny_ticks_and_huge_prices(void **state)
{
    (void)state;
    config = decision_defaults();
    tt_agent_request request = fixture_request(fixture_indicators());
    request.indicators.close.d = (tt_dec){TT_PRICE_MAX.v / 2};
    tt_instrument instrument = {.price_increment = {{1}}};
    tt_decision_frame frame;
    tt_decision_frame_fill(&frame, &config, &instrument, &request);
    tt_decision_exit exit = tt_decision_exit_of(&frame, 100);
    assert_true(exit.stop_ticks > 0 && exit.target_ticks > exit.stop_ticks);
    request.indicators.close.d.v += TT_DEC_ONE_I64; // no room for a target above
    tt_decision_frame_fill(&frame, &config, &instrument, &request);
    assert_false(frame.is_tradable);
}

static void test_medians(void **state)
{
    (void)state;
    tt_decision_frame frame = frame_of(10000, 30, 1);
    const tt_decision_exit odd[] = {{300, 480}, {100, 900}, {200, 320}};
    tt_decision_exit exit = tt_decision_median(&frame, odd, 3);
    assert_int_equal(exit.stop_ticks, 200);
    assert_int_equal(exit.target_ticks, 480);
    const tt_decision_exit even[] = {{101, 162}, {100, 160}};
    exit = tt_decision_median(&frame, even, 2);
    assert_int_equal(exit.stop_ticks, 101); // 100.5, rounded up
    assert_int_equal(exit.target_ticks, 162);
    const tt_decision_exit one[] = {{7, 70}};
    exit = tt_decision_median(&frame, one, 1);
    assert_int_equal(exit.stop_ticks, 7);
    assert_int_equal(exit.target_ticks, 70);
}

static tt_agent_request random_request(tt_random *random)
{
    tt_agent_request request = fixture_request(fixture_indicators());
    int digits = (int)tt_random_below(random, 12);
    request.indicators.close.d = tt_dec_from_i64(tt_random_between(random, 1, 99999999), digits);
    request.indicators.atr_14.d = tt_dec_from_i64(tt_random_between(random, 0, 9999999), digits);
    request.has_regime = tt_random_below(random, 4) != 0;
    request.regime.stop_loss_multiplier = ratio_of(tt_random_between(random, 50, 200));
    request.regime.take_profit_multiplier = ratio_of(tt_random_between(random, 50, 300));
    return request;
}

/** |distance| x 100 between low and high percent of the price, in exact integers. */
static void expect_share(tt_dec distance, tt_dec price, int64_t low, int64_t high)
{
    tt_i128 scaled = distance.v * 1000;
    assert_true(scaled >= price.v * low);
    assert_true(scaled <= price.v * high);
}

static void expect_order(const tt_decision_frame *frame, int side, tt_decision_exit exit)
{
    tt_price stop = tt_decision_stop(frame, side, exit);
    tt_price target = tt_decision_target(frame, side, exit);
    tt_dec below = side > 0 ? stop.d : target.d;
    tt_dec above = side > 0 ? target.d : stop.d;
    assert_true(tt_dec_sign(below) > 0);
    assert_true(tt_dec_lt(below, frame->price));
    assert_true(tt_dec_lt(frame->price, above));
    assert_true(tt_dec_is_multiple(stop.d, frame->tick));
    assert_true(tt_dec_is_multiple(target.d, frame->tick));
    tt_dec risk = tt_dec_xabs(tt_dec_xsub(frame->price, stop.d));
    tt_dec reward = tt_dec_xabs(tt_dec_xsub(target.d, frame->price));
    expect_share(risk, frame->price, 6, 45); // thousandths of the price
    assert_true(reward.v * 10 >= risk.v * 16);
}

static void test_order_and_ratio_over_random_inputs(void **state)
{
    (void)state;
    const uint64_t seed = 31;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    config = decision_defaults();
    int tradable = 0;
    for (int i = 0; i < 20000; i++) {
        tt_agent_request request = random_request(&random);
        tt_instrument instrument = {
            .price_increment = {tt_dec_from_i64(
                tt_random_between(&random, 1, 50), (int)tt_random_below(&random, 10))}};
        tt_decision_frame frame;
        tt_decision_frame_fill(&frame, &config, &instrument, &request);
        if (!frame.is_tradable) {
            continue;
        }
        tradable++;
        tt_decision_exit exits[8];
        uint32_t count = (uint32_t)tt_random_between(&random, 1, 8);
        for (uint32_t k = 0; k < count; k++) {
            uint32_t scale = (uint32_t)tt_random_between(&random, 10, 400);
            exits[k] = tt_decision_exit_of(&frame, scale);
            expect_order(&frame, 1, exits[k]);
        }
        tt_decision_exit exit = tt_decision_median(&frame, exits, count);
        expect_order(&frame, 1, exit);
        expect_order(&frame, -1, exit);
    }
    assert_true(tradable > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stop_from_volatility),
        cmocka_unit_test(test_stop_stays_within_its_bounds),
        cmocka_unit_test(test_bounds_are_rounded_inwards),
        cmocka_unit_test(test_regime_scales_stop_and_target),
        cmocka_unit_test(test_prices_of_both_sides),
        cmocka_unit_test(test_a_coarse_tick_leaves_no_stop),
        cmocka_unit_test(test_tiny_ticks_and_huge_prices),
        cmocka_unit_test(test_medians),
        cmocka_unit_test(test_order_and_ratio_over_random_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
