/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The module on a bus: which bars count, what is published, dead letters, state as a copy.
 */
#include "market/indicators.h"
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

static int setup_with(bool publish_indicators)
{
    rig_init(&bench);
    config = (tt_market_config){.publish_indicators = publish_indicators};
    rig_must(tt_market_setup(&bench.core, &config, &bench.arena, &market));
    return 0;
}

static int setup(void **state)
{
    (void)state;
    return setup_with(true);
}

static int setup_quiet(void **state)
{
    (void)state;
    return setup_with(false);
}

static int teardown(void **state)
{
    (void)state;
    rig_fini(&bench);
    return 0;
}

/** Bar number `i` of one minute; its prices move a little. */
static tt_bar minute_bar(int64_t i)
{
    int64_t close = 1000 + i % 7;
    return (tt_bar){
        .open = {tt_dec_from_i64(1000, 2)},
        .high = {tt_dec_from_i64(1010, 2)},
        .low = {tt_dec_from_i64(990, 2)},
        .close = {tt_dec_from_i64(close, 2)},
        .volume = {tt_dec_from_i64(3, 0)},
        .open_time = {i * 60 * TT_NS_PER_S},
        .interval_s = 60};
}

static int64_t close_of(const tt_bar *bar)
{
    return bar->open_time.ns + bar->interval_s * TT_NS_PER_S;
}

static void send(const tt_bar *bar, uint32_t key)
{
    rig_step(&bench, close_of(bar), TT_TOPIC_MARKET_BAR, key, bar);
}

static void test_each_bar_gives_one_set(void **state)
{
    (void)state;
    tt_indicator_set expected;
    tt_indicator_set_init(&expected);
    for (int64_t i = 0; i < 100; i++) {
        tt_bar bar = minute_bar(i);
        send(&bar, 1);
        assert_int_equal(rig_count(&bench, TT_TOPIC_INDICATORS), 1);
        const tt_msg *msg = rig_out(&bench, TT_TOPIC_INDICATORS, 0);
        const tt_msg *cause = rig_out(&bench, TT_TOPIC_MARKET_BAR, 0);
        assert_int_equal(msg->cause, cause->seq);
        assert_int_equal(msg->key, 1);
        assert_int_equal(msg->source, TT_SOURCE_MARKET);
        tt_indicators want;
        tt_indicator_set_update(&expected, &bar);
        tt_indicator_set_read(&expected, &want);
        want.bar_seq = cause->seq;
        assert_memory_equal(tt_msg_payload(msg), &want, sizeof want);
        assert_int_equal(want.is_warm, i >= 59);
    }
    tt_market_status status;
    tt_market_status_get(market, &status);
    assert_int_equal(status.bars, 100);
    assert_int_equal(status.bars_refused, 0);
}

static void test_instruments_do_not_mix(void **state)
{
    (void)state;
    tt_bar first = minute_bar(0);
    tt_bar other = minute_bar(0);
    other.interval_s = 300;
    other.close.d = other.high.d;
    send(&first, 1);
    send(&other, 2);
    const tt_indicators *indicators = tt_msg_payload(rig_out(&bench, TT_TOPIC_INDICATORS, 0));
    assert_int_equal(indicators->bar_count, 1);
    assert_true(tt_dec_eq(indicators->ema_9.d, other.high.d));
}

static void expect_refused(const tt_bar *bar, uint32_t key, int64_t time_ns, const char *text)
{
    tt_market_status before;
    tt_market_status after;
    tt_market_status_get(market, &before);
    rig_step(&bench, time_ns, TT_TOPIC_MARKET_BAR, key, bar);
    tt_market_status_get(market, &after);
    assert_int_equal(after.bars, before.bars);
    assert_int_equal(after.bars_refused, before.bars_refused + 1);
    assert_int_equal(rig_count(&bench, TT_TOPIC_INDICATORS), 0);
    const tt_msg *msg = rig_out(&bench, TT_TOPIC_DEAD_LETTERS, 0);
    assert_non_null(msg);
    const tt_dead_letter *dead = tt_msg_payload(msg);
    assert_int_equal(dead->reason, TT_dead_reason_INVALID_INPUT);
    assert_int_equal(dead->dead_seq, rig_out(&bench, TT_TOPIC_MARKET_BAR, 0)->seq);
    assert_string_equal(dead->message, text);
}

static void test_bars_must_go_forward(void **state)
{
    (void)state;
    tt_bar bar = minute_bar(10);
    send(&bar, 1);
    expect_refused(
        &bar,
        1,
        close_of(&bar),
        "a bar that opens at 1970-01-01T00:10:00Z; the one before opened at "
        "1970-01-01T00:10:00Z and bars must go forward");
    tt_bar old = minute_bar(9);
    expect_refused(
        &old,
        1,
        close_of(&bar),
        "a bar that opens at 1970-01-01T00:09:00Z; the one before opened at "
        "1970-01-01T00:10:00Z and bars must go forward");
    tt_bar next = minute_bar(20); // a gap is no error
    send(&next, 1);
    assert_int_equal(rig_count(&bench, TT_TOPIC_INDICATORS), 1);
}

static void test_bars_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    tt_bar bar = minute_bar(1);
    int64_t time_ns = close_of(&bar);
    tt_bar bad = bar;
    bad.interval_s = 3600;
    expect_refused(&bad, 1, time_ns, "a bar of 3600 s; bar_interval_s of the instrument is 60");
    expect_refused(&bar, 3, time_ns, "a bar of no configured instrument");
    expect_refused(&bar, 0, time_ns, "a bar of no configured instrument");
    bad = bar;
    bad.open_time.ns = time_ns;
    expect_refused(&bad, 1, time_ns, "a bar that opens after the time of its message");
}

static void test_bars_that_are_not_whole_are_refused(void **state)
{
    (void)state;
    static const char text[] = "a bar needs 0 < low <= open, close <= high and volume >= 0";
    tt_bar bar = minute_bar(1);
    int64_t time_ns = close_of(&bar);
    tt_bar bad = bar;
    bad.low.d = TT_DEC_ZERO;
    expect_refused(&bad, 1, time_ns, text);
    bad = bar;
    bad.open.d = tt_dec_xsub(bar.low.d, TT_DEC_C(1, 2));
    expect_refused(&bad, 1, time_ns, text);
    bad = bar;
    bad.close.d = tt_dec_xadd(bar.high.d, TT_DEC_C(1, 2));
    expect_refused(&bad, 1, time_ns, text);
    bad = bar;
    bad.open.d = tt_dec_xadd(bar.high.d, TT_DEC_C(1, 2));
    expect_refused(&bad, 1, time_ns, text);
    bad = bar;
    bad.close.d = tt_dec_xsub(bar.low.d, TT_DEC_C(1, 2));
    expect_refused(&bad, 1, time_ns, text);
    bad = bar;
    bad.volume.d = TT_DEC_C(-1, 0);
    expect_refused(&bad, 1, time_ns, text);
}

static void test_without_need_no_indicators(void **state)
{
    (void)state;
    tt_bar bar = minute_bar(1);
    send(&bar, 1);
    assert_int_equal(rig_count(&bench, TT_TOPIC_INDICATORS), 0);
    expect_refused( // the order of bars is checked all the same
        &bar,
        1,
        close_of(&bar),
        "a bar that opens at 1970-01-01T00:01:00Z; the one before opened at "
        "1970-01-01T00:01:00Z and bars must go forward");
}

static void test_state_is_a_copy_of_its_regions(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 70; i++) {
        tt_bar bar = minute_bar(i);
        send(&bar, 1);
    }
    unsigned char *copy = rig_save(&bench);
    tt_bar next = minute_bar(70);
    send(&next, 1);
    tt_indicators first =
        *(const tt_indicators *)tt_msg_payload(rig_out(&bench, TT_TOPIC_INDICATORS, 0));
    rig_load(&bench, copy);
    send(&next, 1); // would be a repeat if the copy were not complete
    tt_indicators second =
        *(const tt_indicators *)tt_msg_payload(rig_out(&bench, TT_TOPIC_INDICATORS, 0));
    second.bar_seq = first.bar_seq;
    assert_memory_equal(&first, &second, sizeof first);
    free(copy);
}

static void test_setup_reports_a_full_arena(void **state)
{
    (void)state;
    tt_arena small;
    rig_must(tt_arena_init(&small, 4096));
    tt_market *none = NULL;
    assert_int_equal(tt_market_setup(&bench.core, &config, &small, &none), TUTTI_NO_MEMORY);
    assert_null(none);
    tt_arena_fini(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_bar_gives_one_set, setup, teardown),
        cmocka_unit_test_setup_teardown(test_instruments_do_not_mix, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bars_must_go_forward, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bars_that_do_not_fit_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bars_that_are_not_whole_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_need_no_indicators, setup_quiet, teardown),
        cmocka_unit_test_setup_teardown(test_state_is_a_copy_of_its_regions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_setup_reports_a_full_arena, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
