/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bars from ticks: intervals, trades before quotes, late ticks, bounds, and a check against a plain
 * grouping of random ticks.
 */
#include "base/random.h"
#include "market/bar_builder.h"
#include "model/limits.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static tt_tick trade(int64_t ms, int64_t price, int64_t qty)
{
    return (tt_tick){
        .time = {ms * TT_NS_PER_MS},
        .price = {tt_dec_from_i64(price, 2)},
        .qty = {tt_dec_from_i64(qty, 3)},
        .is_trade = true};
}

static tt_tick quote(int64_t ms, int64_t price)
{
    tt_tick tick = trade(ms, price, 0);
    tick.is_trade = false;
    return tick;
}

static void add(tt_bar_builder *builder, tt_tick tick, tt_tick_fate expected)
{
    assert_int_equal(tt_bar_builder_add(builder, &tick), expected);
}

static void expect_bar(const tt_bar *bar, int64_t o, int64_t h, int64_t l, int64_t c)
{
    assert_true(tt_dec_eq(bar->open.d, tt_dec_from_i64(o, 2)));
    assert_true(tt_dec_eq(bar->high.d, tt_dec_from_i64(h, 2)));
    assert_true(tt_dec_eq(bar->low.d, tt_dec_from_i64(l, 2)));
    assert_true(tt_dec_eq(bar->close.d, tt_dec_from_i64(c, 2)));
}

static void test_trades_make_a_bar(void **state)
{
    (void)state;
    tt_bar_builder builder;
    tt_bar bar;
    tt_bar_builder_init(&builder, 60);
    add(&builder, trade(120000, 100, 5), TT_TICK_TAKEN); // the first moment belongs to the interval
    add(&builder, trade(130000, 130, 1), TT_TICK_TAKEN);
    add(&builder, trade(125000, 90, 2), TT_TICK_TAKEN); // out of order within the interval is fine
    add(&builder, trade(179999, 110, 7), TT_TICK_TAKEN);
    add(&builder, trade(180000, 111, 1), TT_TICK_NEXT); // the end belongs to the next
    tt_bar_builder_close(&builder, &bar);
    expect_bar(&bar, 100, 130, 90, 110);
    assert_true(tt_dec_eq(bar.volume.d, TT_DEC_C(15, 3)));
    assert_int_equal(bar.trade_count, 4);
    assert_int_equal(bar.open_time.ns, 120 * TT_NS_PER_S);
    assert_int_equal(bar.interval_s, 60);
    assert_int_equal(bar.feed_seq, 0);
    add(&builder, trade(180000, 111, 1), TT_TICK_TAKEN);
}

static void test_late_ticks_are_dropped(void **state)
{
    (void)state;
    tt_bar_builder builder;
    tt_bar bar;
    tt_bar_builder_init(&builder, 60);
    add(&builder, trade(120000, 100, 5), TT_TICK_TAKEN);
    add(&builder, trade(119999, 500, 5), TT_TICK_LATE); // before the open interval
    tt_bar_builder_close(&builder, &bar);
    add(&builder, trade(179999, 500, 5), TT_TICK_LATE); // of the interval that is closed
    expect_bar(&bar, 100, 100, 100, 100);
    assert_false(builder.is_open);
    add(&builder, trade(400000, 90, 1), TT_TICK_TAKEN); // intervals without ticks make no bars
    tt_bar_builder_close(&builder, &bar);
    assert_int_equal(bar.open_time.ns, 360 * TT_NS_PER_S);
}

static void test_quotes_give_way_to_trades(void **state)
{
    (void)state;
    tt_bar_builder builder;
    tt_bar bar;
    tt_bar_builder_init(&builder, 60);
    add(&builder, quote(1000, 50), TT_TICK_TAKEN);
    add(&builder, quote(2000, 60), TT_TICK_TAKEN);
    add(&builder, quote(61000, 70), TT_TICK_NEXT);
    tt_bar_builder_close(&builder, &bar);
    expect_bar(&bar, 50, 60, 50, 60);
    assert_true(tt_dec_is_zero(bar.volume.d));
    assert_int_equal(bar.trade_count, 0);
    add(&builder, quote(61000, 70), TT_TICK_TAKEN);
    add(&builder, trade(62000, 65, 3), TT_TICK_TAKEN); // the bar starts over
    add(&builder, quote(63000, 99), TT_TICK_IGNORED);
    add(&builder, quote(123000, 99), TT_TICK_IGNORED); // and quotes count no more
    tt_bar_builder_close(&builder, &bar);
    expect_bar(&bar, 65, 65, 65, 65);
    assert_true(tt_dec_eq(bar.volume.d, TT_DEC_C(3, 3)));
    assert_int_equal(bar.open_time.ns, 60 * TT_NS_PER_S);
}

static void test_times_before_1970_round_down(void **state)
{
    (void)state;
    tt_bar_builder builder;
    tt_bar bar;
    tt_bar_builder_init(&builder, 60);
    add(&builder, trade(-1, 1, 1), TT_TICK_TAKEN);
    add(&builder, trade(0, 1, 1), TT_TICK_NEXT);
    tt_bar_builder_close(&builder, &bar);
    assert_int_equal(bar.open_time.ns, -60 * TT_NS_PER_S);
}

static void test_volume_stops_at_its_bound(void **state)
{
    (void)state;
    tt_bar_builder builder;
    tt_bar bar;
    tt_bar_builder_init(&builder, 60);
    tt_tick tick = trade(0, 1, 1);
    tick.qty.d = TT_QTY_MAX;
    for (int i = 0; i < 3; i++) {
        add(&builder, tick, TT_TICK_TAKEN);
    }
    tt_bar_builder_close(&builder, &bar);
    assert_true(tt_dec_eq(bar.volume.d, TT_QTY_MAX));
    assert_int_equal(bar.trade_count, 3);
}

#define TICKS 5000

/** Groups the ticks of one interval afresh, as the definition says. */
static void expect_group(const tt_bar *bar, const tt_tick *ticks)
{
    int64_t start = bar->open_time.ns;
    tt_dec high = TT_DEC_ZERO;
    tt_dec low = TT_PRICE_MAX;
    tt_dec volume = TT_DEC_ZERO;
    const tt_tick *first = NULL;
    const tt_tick *last = NULL;
    for (int i = 0; i < TICKS; i++) {
        if (ticks[i].time.ns >= start && ticks[i].time.ns < start + 60 * TT_NS_PER_S) {
            first = first != NULL ? first : &ticks[i];
            last = &ticks[i];
            high = tt_dec_max(high, ticks[i].price.d);
            low = tt_dec_min(low, ticks[i].price.d);
            volume = tt_dec_xadd(volume, ticks[i].qty.d);
        }
    }
    assert_true(first != NULL && last != NULL);
    assert_true(tt_dec_eq(bar->open.d, first->price.d));
    assert_true(tt_dec_eq(bar->close.d, last->price.d));
    assert_true(tt_dec_eq(bar->high.d, high));
    assert_true(tt_dec_eq(bar->low.d, low));
    assert_true(tt_dec_eq(bar->volume.d, volume));
}

static void test_random_trades_match_a_plain_grouping(void **state)
{
    (void)state;
    const uint64_t seed = 5;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    static tt_tick ticks[TICKS];
    int64_t ms = 0;
    for (int i = 0; i < TICKS; i++) {
        ms += tt_random_below(&random, 50) == 0 ? tt_random_between(&random, 0, 200000)
                                                : tt_random_between(&random, 0, 2000);
        ticks[i] =
            trade(ms, tt_random_between(&random, 1, 1000), tt_random_between(&random, 0, 99));
    }
    tt_bar_builder builder;
    tt_bar bar;
    int bars = 0;
    tt_bar_builder_init(&builder, 60);
    for (int i = 0; i < TICKS; i++) {
        if (tt_bar_builder_add(&builder, &ticks[i]) == TT_TICK_NEXT) {
            tt_bar_builder_close(&builder, &bar);
            expect_group(&bar, ticks);
            bars++;
            add(&builder, ticks[i], TT_TICK_TAKEN);
        }
    }
    assert_true(bars > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trades_make_a_bar),
        cmocka_unit_test(test_late_ticks_are_dropped),
        cmocka_unit_test(test_quotes_give_way_to_trades),
        cmocka_unit_test(test_times_before_1970_round_down),
        cmocka_unit_test(test_volume_stops_at_its_bound),
        cmocka_unit_test(test_random_trades_match_a_plain_grouping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
