/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The aggregator on a bus: bars end by a tick or by a timer, venue time, late and bad ticks,
 * bounds.
 */
#include "market/market.h"
#include "rig.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static rig bench;
static tt_market *market;
static tt_market_config config;

static int setup(void **state)
{
    (void)state;
    rig_init(&bench);
    config = (tt_market_config){
        .aggregate_bars = true, .bar_grace = {TT_NS_PER_S / 4}, .publish_indicators = true};
    rig_must(tt_market_setup(&bench.core, &config, &bench.arena, &market));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_fini(&bench);
    return 0;
}

static void trade_at(int64_t now_ms, int64_t venue_ms, uint32_t key, int64_t price, int64_t qty)
{
    tt_trade trade = {
        .price = {tt_dec_from_i64(price, 2)},
        .qty = {tt_dec_from_i64(qty, 3)},
        .venue_time = {venue_ms * TT_NS_PER_MS}};
    rig_step(&bench, now_ms * TT_NS_PER_MS, TT_TOPIC_MARKET_TRADE, key, &trade);
}

static void quote_at(int64_t now_ms, int64_t bid, int64_t ask)
{
    tt_quote quote = {.bid = {tt_dec_from_i64(bid, 2)}, .ask = {tt_dec_from_i64(ask, 2)}};
    rig_step(&bench, now_ms * TT_NS_PER_MS, TT_TOPIC_MARKET_QUOTE, 1, &quote);
}

static void clock_at(int64_t now_ms)
{
    rig_step(&bench, now_ms * TT_NS_PER_MS, TT_TOPIC_NONE, 0, NULL);
}

static const tt_bar *expect_bar(uint32_t key, int64_t open_s, int64_t close)
{
    assert_int_equal(rig_count(&bench, TT_TOPIC_MARKET_BAR), 1);
    const tt_msg *msg = rig_out(&bench, TT_TOPIC_MARKET_BAR, 0);
    assert_int_equal(msg->key, key);
    assert_int_equal(msg->source, TT_SOURCE_MARKET);
    const tt_bar *bar = tt_msg_payload(msg);
    assert_int_equal(bar->open_time.ns, open_s * TT_NS_PER_S);
    assert_true(tt_dec_eq(bar->close.d, tt_dec_from_i64(close, 2)));
    // The bar came back to the module and made its indicators.
    const tt_msg *indicators = rig_out(&bench, TT_TOPIC_INDICATORS, 0);
    assert_non_null(indicators);
    assert_int_equal(indicators->cause, msg->seq);
    return bar;
}

static void expect_no_bar(void)
{
    assert_int_equal(rig_count(&bench, TT_TOPIC_MARKET_BAR), 0);
}

static tt_market_status status_now(void)
{
    tt_market_status status;
    tt_market_status_get(market, &status);
    return status;
}

static void test_a_later_tick_ends_the_bar(void **state)
{
    (void)state;
    trade_at(60000, 0, 1, 1000, 5);
    expect_no_bar();
    trade_at(119000, 0, 1, 1010, 2);
    expect_no_bar();
    trade_at(120000, 0, 1, 1020, 1);
    const tt_bar *bar = expect_bar(1, 60, 1010);
    assert_true(tt_dec_eq(bar->volume.d, TT_DEC_C(7, 3)));
    assert_int_equal(bar->trade_count, 2);
    assert_int_equal(
        rig_out(&bench, TT_TOPIC_MARKET_BAR, 0)->cause,
        rig_out(&bench, TT_TOPIC_MARKET_TRADE, 0)->seq);
    // Its timer went with it: only that of the new bar is left.
    assert_int_equal(tt_timers_next(bench.core.timers).ns, 180250 * TT_NS_PER_MS);
    clock_at(121000);
    expect_no_bar();
    assert_int_equal(status_now().bars_built, 1);
    assert_int_equal(status_now().ticks, 3);
}

static void test_a_timer_ends_the_bar_after_the_grace(void **state)
{
    (void)state;
    trade_at(60000, 0, 1, 1000, 5);
    assert_int_equal(tt_timers_next(bench.core.timers).ns, 120250 * TT_NS_PER_MS);
    clock_at(120249);
    expect_no_bar();
    clock_at(120250);
    expect_bar(1, 60, 1000);
    assert_int_equal(
        rig_out(&bench, TT_TOPIC_MARKET_BAR, 0)->cause, rig_out(&bench, TT_TOPIC_CLOCK, 0)->seq);
    assert_int_equal(tt_timers_next(bench.core.timers).ns, TT_TIME_NEVER.ns);
    clock_at(400000); // nothing happened: no bar
    expect_no_bar();
    trade_at(400000, 0, 1, 1100, 1);
    clock_at(480000);
    expect_bar(1, 360, 1100);
}

static void test_venue_time_decides_within_the_grace(void **state)
{
    (void)state;
    trade_at(60100, 60000, 1, 1000, 5);
    trade_at(120100, 119950, 1, 1005, 2); // arrived after the end, belongs before it
    expect_no_bar();
    clock_at(120250);
    const tt_bar *bar = expect_bar(1, 60, 1005);
    assert_true(tt_dec_eq(bar->volume.d, TT_DEC_C(7, 3)));
    trade_at(120300, 119990, 1, 9999, 2); // too late
    expect_no_bar();
    assert_int_equal(status_now().ticks_late, 1);
    assert_int_equal(status_now().ticks, 2);
    clock_at(300000);
    expect_no_bar();
}

static void test_venue_time_of_the_future_is_not_believed(void **state)
{
    (void)state;
    trade_at(60000, INT64_C(4000000000000), 1, 1000, 5);
    trade_at(61000, 0, 1, 1001, 5);
    clock_at(120250);
    const tt_bar *bar = expect_bar(1, 60, 1001);
    assert_int_equal(bar->trade_count, 2);
}

static void test_timer_and_tick_of_the_next_interval_in_one_step(void **state)
{
    (void)state;
    trade_at(60000, 0, 1, 1000, 5);
    trade_at(130000, 0, 1, 2000, 1); // the timer is due with this input and fires first
    expect_bar(1, 60, 1000);
    clock_at(180250);
    expect_bar(1, 120, 2000);
}

static void test_each_instrument_has_its_interval(void **state)
{
    (void)state;
    trade_at(60000, 0, 1, 1000, 5);
    trade_at(60000, 0, 2, 3000, 5);
    clock_at(120250);
    expect_bar(1, 60, 1000);
    clock_at(300250);
    const tt_bar *bar = expect_bar(2, 0, 3000);
    assert_int_equal(bar->interval_s, 300);
}

static void test_quotes_make_bars_where_there_are_no_trades(void **state)
{
    (void)state;
    quote_at(60000, 1000, 1003);
    quote_at(61000, 0, 1003);    // one side: no middle
    quote_at(62000, 1000, 0);    // the other
    quote_at(63000, 1010, 1000); // crossed
    assert_int_equal(status_now().ticks, 1);
    clock_at(120250);
    assert_int_equal(rig_count(&bench, TT_TOPIC_MARKET_BAR), 1);
    const tt_bar *bar = tt_msg_payload(rig_out(&bench, TT_TOPIC_MARKET_BAR, 0));
    assert_true(tt_dec_eq(bar->open.d, TT_DEC_C(10015, 3)));
    assert_true(tt_dec_eq(bar->close.d, TT_DEC_C(10015, 3)));
    assert_true(tt_dec_is_zero(bar->volume.d));
}

static void test_bad_ticks_are_dead_letters(void **state)
{
    (void)state;
    trade_at(60000, 0, 1, 0, 5);
    assert_int_equal(rig_count(&bench, TT_TOPIC_DEAD_LETTERS), 1);
    trade_at(60000, 0, 1, -1, 5);
    trade_at(60000, 0, 1, 100, -5);
    trade_at(60000, 0, 3, 100, 5);
    trade_at(60000, 0, 0, 100, 5);
    tt_quote quote = {.bid = {TT_DEC_C(1, 0)}, .ask = {TT_DEC_C(1, 0)}};
    rig_step(&bench, 60000 * TT_NS_PER_MS, TT_TOPIC_MARKET_QUOTE, 9, &quote);
    assert_int_equal(rig_count(&bench, TT_TOPIC_DEAD_LETTERS), 1);
    assert_int_equal(status_now().ticks_refused, 6);
    clock_at(200000);
    expect_no_bar();
}

static void test_without_a_free_timer_the_next_tick_ends_the_bar(void **state)
{
    (void)state;
    tt_timer_id id;
    for (int i = 0; i < 64; i++) {
        rig_must(
            tt_timers_arm(bench.core.timers, TT_TIMER_MARKET, 1, 1, (tt_time){INT64_MAX - 1}, &id));
    }
    trade_at(60000, 0, 1, 1000, 5);
    assert_int_equal(status_now().timers_refused, 1);
    clock_at(125000);
    expect_no_bar();
    trade_at(126000, 0, 1, 1001, 5);
    expect_bar(1, 60, 1000);
}

static void test_state_is_a_copy_of_its_regions(void **state)
{
    (void)state;
    trade_at(60000, 0, 1, 1000, 5);
    unsigned char *copy = rig_save(&bench);
    trade_at(61000, 0, 1, 5000, 5);
    clock_at(120250);
    expect_bar(1, 60, 5000);
    rig_load(&bench, copy);
    clock_at(120250);
    expect_bar(1, 60, 1000); // timer, bar and order of bars are back
    free(copy);
}

static void test_setup_needs_an_interval(void **state)
{
    (void)state;
    rig other;
    rig_init(&other);
    other.instruments.list[1].bar_interval_s = 0;
    tt_market *none = NULL;
    assert_int_equal(tt_market_setup(&other.core, &config, &other.arena, &none), TUTTI_INVALID);
    rig_fini(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_later_tick_ends_the_bar, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_timer_ends_the_bar_after_the_grace, setup, teardown),
        cmocka_unit_test_setup_teardown(test_venue_time_decides_within_the_grace, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_venue_time_of_the_future_is_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_timer_and_tick_of_the_next_interval_in_one_step, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_instrument_has_its_interval, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_quotes_make_bars_where_there_are_no_trades, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_ticks_are_dead_letters, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_without_a_free_timer_the_next_tick_ends_the_bar, setup, teardown),
        cmocka_unit_test_setup_teardown(test_state_is_a_copy_of_its_regions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_setup_needs_an_interval, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
