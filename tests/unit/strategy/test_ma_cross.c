/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Moving-average crossover: when it signals, what the signal says, prices on the tick, bars that do
 * not count, state as a copy, and a check against sums formed anew.
 */
#include "../market/btc_bars.h"
#include "../market/rig.h"
#include "base/random.h"
#include "strategy/strategy.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static rig bench;
static tt_strategy *strategy;
static tt_ma_cross_config config;

static void start(uint32_t fast, uint32_t slow)
{
    rig_init(&bench);
    config = (tt_ma_cross_config){
        .enabled = true,
        .fast = fast,
        .slow = slow,
        .stop_loss_pct = {TT_DEC_C(2, 0)},
        .take_profit_pct = {TT_DEC_C(4, 0)},
        .position_size_pct = {TT_DEC_C(10, 0)},
        .confidence = {TT_DEC_C(8, 1)}};
    rig_must(tt_strategy_setup(&bench.core, &config, &bench.arena, &strategy));
}

static int setup(void **state)
{
    (void)state;
    start(2, 4);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_fini(&bench);
    return 0;
}

static tt_bar bar_at(int64_t i, tt_dec close)
{
    return (tt_bar){
        .open = {close},
        .high = {close},
        .low = {close},
        .close = {close},
        .open_time = {i * 60 * TT_NS_PER_S},
        .interval_s = 60};
}

static void send(const tt_bar *bar, uint32_t key)
{
    int64_t close_ns = bar->open_time.ns + 60 * TT_NS_PER_S;
    rig_step(&bench, close_ns, TT_TOPIC_MARKET_BAR, key, bar);
}

/** Sends a bar of instrument 1 and returns its signal, or NULL. */
static const tt_trading_signal *close_at(int64_t i, int64_t cents)
{
    tt_bar bar = bar_at(i, tt_dec_from_i64(cents, 2));
    send(&bar, 1);
    const tt_msg *msg = rig_out(&bench, TT_TOPIC_TRADING_SIGNALS, 0);
    return msg != NULL ? tt_msg_payload(msg) : NULL;
}

static void expect_prices(const tt_trading_signal *signal, int64_t stop, int64_t target)
{
    assert_true(tt_dec_is_zero(signal->entry_price.d));
    assert_true(tt_dec_eq(signal->stop_loss.d, tt_dec_from_i64(stop, 2)));
    assert_true(tt_dec_eq(signal->take_profit.d, tt_dec_from_i64(target, 2)));
}

static void test_signals_on_the_cross(void **state)
{
    (void)state;
    const int64_t falling[] = {1000, 990, 980, 970, 960};
    for (int64_t i = 0; i < 5; i++) {
        assert_null(close_at(i, falling[i])); // the first side is no cross
    }
    assert_null(close_at(5, 970));
    const tt_trading_signal *signal = close_at(6, 1001); // 985.5 against 975.25
    assert_non_null(signal);
    assert_int_equal(signal->action, TT_action_BUY);
    expect_prices(signal, 981, 1042); // 980.98 and 1041.04, both rounded up
    assert_true(tt_dec_eq(signal->confidence.d, TT_DEC_C(8, 1)));
    assert_true(tt_dec_eq(signal->position_size_pct.d, TT_DEC_C(10, 0)));
    assert_true(tt_dec_eq(signal->agreement.d, TT_DEC_C(1, 0)));
    assert_int_equal(signal->leverage, 1);
    assert_int_equal(signal->call_seq, 0);
    assert_int_equal(signal->valid_votes, 1);
    assert_int_equal(signal->count, 1);
    assert_string_equal(signal->votes[0].model, "ma_cross");
    assert_int_equal(signal->votes[0].action, TT_action_BUY);
    assert_string_equal(signal->reasoning, "SMA 2 9.86 crossed above SMA 4 9.75 at close 10.01");
    const tt_msg *msg = rig_out(&bench, TT_TOPIC_TRADING_SIGNALS, 0);
    assert_int_equal(msg->source, TT_SOURCE_STRATEGY);
    assert_int_equal(msg->key, 1);
    assert_int_equal(msg->cause, rig_out(&bench, TT_TOPIC_MARKET_BAR, 0)->seq);
    assert_null(close_at(7, 1010)); // still above
    signal = close_at(8, 900);      // 955 against 970.25
    assert_non_null(signal);
    assert_int_equal(signal->action, TT_action_SELL);
    expect_prices(signal, 918, 864);
    assert_string_equal(signal->reasoning, "SMA 2 9.55 crossed below SMA 4 9.7 at close 9");
}

static void test_touching_is_no_cross(void **state)
{
    (void)state;
    const int64_t closes[] = {100, 100, 100, 100, 110, 90, 130, 91};
    // From the fourth on: equal, above, equal, above, above.
    for (int64_t i = 0; i < 8; i++) {
        assert_null(close_at(i, closes[i]));
    }
    tt_strategy_status status;
    tt_strategy_status_get(strategy, &status);
    assert_int_equal(status.bars, 8);
    assert_int_equal(status.signals, 0);
}

/** Makes a cross whose last close is `cents` and returns the signal. */
static const tt_trading_signal *cross_at(int64_t cents, bool is_up)
{
    static int64_t next = 0; // times only go forward; each test has its own bus
    int64_t other = is_up ? cents / 2 : cents * 2;
    for (int i = 0; i < 8; i++) {
        (void)close_at(next++, is_up ? other + 8 - i : other - 8 + i);
    }
    return close_at(next++, cents);
}

static void test_prices_are_rounded_for_reward_over_risk(void **state)
{
    (void)state;
    expect_prices(cross_at(10001, true), 9801, 10402); // 98.0098, 104.0104
    expect_prices(cross_at(9999, false), 10198, 9599); // 101.9898, 95.9904
    expect_prices(cross_at(10000, true), 9800, 10400); // on the tick already
    expect_prices(cross_at(10000, false), 10200, 9600);
}

static void test_a_stop_on_the_close_moves_a_tick(void **state)
{
    (void)state;
    expect_prices(cross_at(40, true), 39, 42);  // 0.392 would round up to the close
    expect_prices(cross_at(40, false), 41, 38); // 0.408 would round down to it
}

static void test_no_room_for_a_stop_is_no_signal(void **state)
{
    (void)state;
    const int64_t closes[] = {4, 3, 2, 1, 1, 1, 1};
    int64_t next = 0;
    for (int i = 0; i < 7; i++) {
        assert_null(close_at(next++, closes[i]));
    }
    // Down to one tick: a stop would be at 0, which means none. From below the averages meet at 1.
    bench.instruments.list[0].price_increment.d = TT_DEC_C(1, 0);
    assert_null(close_at(next++, 3));
    tt_strategy_status status;
    tt_strategy_status_get(strategy, &status);
    assert_int_equal(status.skipped, 1);
    assert_int_equal(status.signals, 0);
}

static void test_targets_that_are_no_price_are_none(void **state)
{
    (void)state;
    config.take_profit_pct.d = TT_DEC_C(100, 0);
    expect_prices(cross_at(10000, false), 10200, 0);
    config.take_profit_pct.d = TT_DEC_C(500, 0);
    expect_prices(cross_at(10000, true), 9800, 60000);
    bench.instruments.list[0].price_increment.d = TT_DEC_C(1, 2);
    tt_bar bar = bar_at(1000, TT_DEC_C(1, 0));
    for (int i = 0; i < 4; i++) { // six times 5e8 is above the largest price
        bar = bar_at(1000 + i, (tt_dec){TT_PRICE_MAX.v / 2 - TT_DEC_ONE_I64 * (tt_i128)i});
        send(&bar, 1);
    }
    bar = bar_at(1005, TT_PRICE_MAX);
    send(&bar, 1);
    const tt_trading_signal *signal = tt_msg_payload(rig_out(&bench, TT_TOPIC_TRADING_SIGNALS, 0));
    assert_int_equal(signal->action, TT_action_BUY);
    assert_true(tt_dec_is_zero(signal->take_profit.d));
    assert_true(tt_dec_lt(signal->stop_loss.d, TT_PRICE_MAX));
}

static void test_bars_that_do_not_count(void **state)
{
    (void)state;
    tt_bar bar = bar_at(5, TT_DEC_C(10, 0));
    send(&bar, 1);
    send(&bar, 1); // the same again
    tt_bar bad = bar_at(4, TT_DEC_C(10, 0));
    rig_step(&bench, 400 * TT_NS_PER_S, TT_TOPIC_MARKET_BAR, 1, &bad); // older
    bad = bar_at(6, TT_DEC_C(10, 0));
    bad.interval_s = 300;
    send(&bad, 1);
    bad = bar_at(7, TT_DEC_ZERO);
    send(&bad, 1);
    bad = bar_at(8, TT_DEC_C(10, 0));
    send(&bad, 3);
    send(&bad, 0);
    bad = bar_at(9, TT_DEC_C(10, 0));
    rig_step(&bench, 540 * TT_NS_PER_S, TT_TOPIC_MARKET_BAR, 1, &bad); // opens now
    tt_strategy_status status;
    tt_strategy_status_get(strategy, &status);
    assert_int_equal(status.bars, 1);
    assert_int_equal(rig_count(&bench, TT_TOPIC_DEAD_LETTERS), 0); // the market module's business
}

static void test_instruments_do_not_mix(void **state)
{
    (void)state;
    bench.instruments.list[1].bar_interval_s = 60;
    for (int64_t i = 0; i < 8; i++) {
        tt_bar up = bar_at(i, tt_dec_from_i64(100 + i, 0));
        tt_bar down = bar_at(i, tt_dec_from_i64(100 - i, 0));
        send(&up, 1);
        assert_int_equal(rig_count(&bench, TT_TOPIC_TRADING_SIGNALS), 0);
        send(&down, 2);
        assert_int_equal(rig_count(&bench, TT_TOPIC_TRADING_SIGNALS), 0);
    }
    tt_bar jump = bar_at(8, TT_DEC_C(200, 0));
    send(&jump, 2);
    assert_int_equal(rig_out(&bench, TT_TOPIC_TRADING_SIGNALS, 0)->key, 2);
}

/** Sign of the difference of the averages of closes[0 .. count-1], from sums formed anew. */
static int side_of(const tt_dec *closes, uint32_t count)
{
    tt_i128 fast = 0;
    tt_i128 slow = 0;
    for (uint32_t i = count - config.slow; i < count; i++) {
        slow += closes[i].v;
        fast += i >= count - config.fast ? closes[i].v : 0;
    }
    fast *= config.slow;
    slow *= config.fast;
    return (fast > slow) - (fast < slow);
}

static uint32_t expect_as_anew(const tt_dec *closes, uint32_t count)
{
    int side = 0;
    uint32_t signals = 0;
    for (uint32_t i = 0; i < count; i++) {
        tt_bar bar = bar_at(i, closes[i]);
        send(&bar, 1);
        const tt_msg *msg = rig_out(&bench, TT_TOPIC_TRADING_SIGNALS, 0);
        int now = i + 1 >= config.slow ? side_of(closes, i + 1) : 0;
        bool is_cross = now != 0 && side != 0 && now != side;
        side = now != 0 ? now : side;
        assert_int_equal(msg != NULL, is_cross);
        if (msg != NULL) {
            const tt_trading_signal *signal = tt_msg_payload(msg);
            assert_int_equal(signal->action, now > 0 ? TT_action_BUY : TT_action_SELL);
            signals++;
        }
    }
    return signals;
}

static void test_random_closes_match_sums_formed_anew(void **state)
{
    (void)state;
    const uint64_t seed = 9;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    for (int run = 0; run < 30; run++) {
        rig_fini(&bench);
        uint32_t slow = (uint32_t)tt_random_between(&random, 2, 40);
        start((uint32_t)tt_random_between(&random, 1, slow - 1), slow);
        tt_dec closes[600];
        tt_dec price = TT_DEC_C(100, 0);
        for (int i = 0; i < 600; i++) {
            tt_dec step = tt_dec_from_i64(tt_random_between(&random, -3, 3), 1);
            price = tt_dec_max(tt_dec_xadd(price, step), TT_DEC_C(50, 0));
            closes[i] = price;
        }
        assert_true(expect_as_anew(closes, 600) > 2);
    }
}

static void test_recorded_closes_match_sums_formed_anew(void **state)
{
    (void)state;
    uint32_t count = 0;
    tt_bar *bars = btc_load(&count);
    if (bars == NULL) {
        skip();
        return;
    }
    rig_fini(&bench);
    start(20, 100);
    tt_dec *closes = calloc(count, sizeof *closes);
    assert_non_null(closes);
    for (uint32_t i = 0; i < count; i++) {
        closes[i] = bars[i].close.d;
    }
    assert_int_equal(expect_as_anew(closes, count), 639);
    free(closes);
    free(bars);
}

/** Near the largest price a sell has no room for its stop, so crosses are counted, not signals. */
static void test_largest_sums_do_not_overflow(void **state)
{
    (void)state;
    rig_fini(&bench);
    start(4999, 5000);
    tt_dec *closes = calloc(6000, sizeof *closes);
    assert_non_null(closes);
    uint64_t crosses = 0;
    int side = 0;
    for (uint32_t i = 0; i < 6000; i++) {
        closes[i] = (tt_dec){TT_PRICE_MAX.v - (i % 1500 == 0 ? 7 : i % 400)};
        tt_bar bar = bar_at(i, closes[i]);
        send(&bar, 1);
        int now = i + 1 >= config.slow ? side_of(closes, i + 1) : 0;
        crosses += now != 0 && side != 0 && now != side;
        side = now != 0 ? now : side;
    }
    tt_strategy_status status;
    tt_strategy_status_get(strategy, &status);
    assert_true(crosses > 2);
    assert_int_equal(status.signals + status.skipped, crosses);
    free(closes);
}

static void test_state_is_a_copy_of_its_regions(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 6; i++) {
        assert_null(close_at(i, 1000 - i));
    }
    unsigned char *copy = rig_save(&bench);
    assert_non_null(close_at(6, 1100));
    assert_null(close_at(7, 1200));
    rig_load(&bench, copy);
    assert_non_null(close_at(6, 1100));
    free(copy);
}

static void test_setup(void **state)
{
    (void)state;
    tt_strategy *none = NULL;
    rig other;
    rig_init(&other);
    tt_ma_cross_config bad = config;
    bad.fast = bad.slow;
    assert_int_equal(tt_strategy_setup(&other.core, &bad, &other.arena, &none), TUTTI_INVALID);
    rig_fini(&other);
    rig_init(&other);
    bad.enabled = false; // what is off is neither checked nor subscribed
    assert_int_equal(tt_strategy_setup(&other.core, &bad, &other.arena, &none), TUTTI_OK);
    assert_int_equal(tt_bus_subscriber_count(other.core.bus, TT_TOPIC_MARKET_BAR), 0);
    rig_fini(&other);
    rig_init(&other);
    tt_arena small;
    rig_must(tt_arena_init(&small, 1024));
    bad = config;
    bad.slow = 5000;
    assert_int_equal(tt_strategy_setup(&other.core, &bad, &small, &none), TUTTI_NO_MEMORY);
    tt_arena_fini(&small);
    rig_fini(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_signals_on_the_cross, setup, teardown),
        cmocka_unit_test_setup_teardown(test_touching_is_no_cross, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_prices_are_rounded_for_reward_over_risk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stop_on_the_close_moves_a_tick, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_room_for_a_stop_is_no_signal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_targets_that_are_no_price_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bars_that_do_not_count, setup, teardown),
        cmocka_unit_test_setup_teardown(test_instruments_do_not_mix, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random_closes_match_sums_formed_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_recorded_closes_match_sums_formed_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(test_largest_sums_do_not_overflow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_state_is_a_copy_of_its_regions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_setup, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
