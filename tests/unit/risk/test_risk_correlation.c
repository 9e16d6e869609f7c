/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Correlation from bars: exact values, gaps, bounds, and what counts while nothing is known.
 */
#include "fixture.h"

#include <string.h>

/* Feeds closes of bars that follow each other from interval `first` on; 0 = no bar. */
static void feed(
    tt_risk_returns *returns, int64_t first, const int64_t *closes, size_t count, uint32_t interval)
{
    tt_price before = {TT_DEC_ZERO};
    for (size_t i = 0; i < count; i++) {
        if (closes[i] == 0) {
            continue;
        }
        tt_bar bar = {
            .close.d = tt_dec_from_i64(closes[i], 0),
            .open_time.ns = (first + (int64_t)i) * interval * TT_NS_PER_S,
            .interval_s = interval,
        };
        tt_risk_returns_note(returns, &bar, before);
        before = bar.close;
    }
}

static int32_t
measure(const int64_t *first, const int64_t *second, size_t count, uint32_t samples_min)
{
    tt_risk_returns a = {0};
    tt_risk_returns b = {0};
    feed(&a, 1000, first, count, 60);
    feed(&b, 1000, second, count, 60);
    int32_t correlation = tt_risk_correlation_measure(&a, &b, 20, samples_min);
    assert_int_equal(correlation, tt_risk_correlation_measure(&b, &a, 20, samples_min));
    return correlation;
}
#define MEASURE(first, second, samples_min)                                                        \
    measure((first), (second), sizeof(first) / sizeof(first)[0], (samples_min))

/* Returns of 1, 2 and 3 % against 1, 3 and 2 %: 0.5 to the digit. */
static void vectors_are_exact(void **unused)
{
    (void)unused;
    const int64_t rising[] = {1000000, 1010000, 1030200, 1061106};
    const int64_t other[] = {1000000, 1010000, 1040300, 1061106};
    const int64_t falling[] = {1000000, 990000, 970200, 941094}; // -1, -2, -3 %
    const int64_t up_down[] = {100, 110, 99, 108, 97};
    assert_int_equal(MEASURE(rising, other, 3), 500000);
    assert_int_equal(MEASURE(rising, rising, 3), 1000000);
    assert_int_equal(MEASURE(rising, falling, 3), 1000000); // Against each other counts too.
    assert_int_equal(MEASURE(other, falling, 3), 500000);
    assert_true(MEASURE(up_down, up_down, 4) == 1000000);
}

static void what_is_not_known_is_told(void **unused)
{
    (void)unused;
    const int64_t rising[] = {1000000, 1010000, 1030200, 1061106};
    const int64_t flat[] = {100, 100, 100, 100};
    assert_int_equal(MEASURE(rising, rising, 4), TT_RISK_CORRELATION_UNKNOWN);
    assert_int_equal(MEASURE(rising, flat, 3), TT_RISK_CORRELATION_UNKNOWN);
    tt_risk_returns a = {0};
    tt_risk_returns b = {0};
    assert_int_equal(tt_risk_correlation_measure(&a, &b, 20, 2), TT_RISK_CORRELATION_UNKNOWN);
    feed(&a, 1000, rising, 4, 60);
    feed(&b, 1000, rising, 4, 300);
    assert_int_equal(tt_risk_correlation_measure(&a, &b, 20, 2), TT_RISK_CORRELATION_UNKNOWN);
}

static void a_missing_bar_breaks_the_return(void **unused)
{
    (void)unused;
    const int64_t whole[] = {100, 101, 103, 102, 104, 107};
    const int64_t gap[] = {100, 101, 0, 102, 104, 107};
    assert_int_equal(MEASURE(whole, whole, 5), 1000000);
    assert_int_equal(MEASURE(whole, gap, 3), 1000000); // Of intervals 1, 4 and 5.
    assert_int_equal(MEASURE(whole, gap, 4), TT_RISK_CORRELATION_UNKNOWN);
}

static void only_the_window_counts(void **unused)
{
    (void)unused;
    int64_t first[40];
    int64_t second[40];
    for (int i = 0; i < 40; i++) {
        // Together in the last 20 intervals, apart before.
        first[i] = 1000 + (i * 7) % 11;
        second[i] = i < 19 ? 1030 + (i * 3) % 7 : first[i];
    }
    assert_int_equal(measure(first, second, 40, 20), 1000000);
    assert_true(measure(first, second, 39, 19) < 1000000);
}

static void a_ring_forgets_and_old_bars_change_nothing(void **unused)
{
    (void)unused;
    tt_risk_returns a = {0};
    int64_t closes[300];
    for (int i = 0; i < 300; i++) {
        closes[i] = 1000 + i % 9;
    }
    feed(&a, 5, closes, 300, 60);
    assert_int_equal(a.generation, 300);
    tt_risk_returns before = a;
    tt_bar old = {.close = PRICE("1"), .open_time.ns = 60 * TT_NS_PER_S, .interval_s = 60};
    tt_risk_returns_note(&a, &old, PRICE("2"));
    assert_memory_equal(&a, &before, sizeof a);
    tt_risk_returns b = {0};
    feed(&b, 400, closes, 100, 60); // None of its intervals is one of the other's.
    assert_int_equal(tt_risk_correlation_measure(&a, &b, 128, 2), TT_RISK_CORRELATION_UNKNOWN);
}

static void the_largest_numbers_fit(void **unused)
{
    (void)unused;
    tt_risk_returns a = {.last_slot = 128, .interval_s = 60};
    for (uint32_t slot = 1; slot <= 128; slot++) {
        int32_t nano = slot % 2 == 0 ? 1000000000 : -1000000000;
        a.ring[slot % 128] = (tt_risk_return){.slot = slot, .nano = nano};
    }
    assert_int_equal(tt_risk_correlation_measure(&a, &a, 128, 128), 1000000);
    tt_price tiny = {{1}};
    tt_bar jump = {.close = PRICE("1000000000"), .open_time.ns = 0, .interval_s = 1};
    tt_risk_returns b = {0};
    tt_risk_returns_note(&b, &jump, tiny);
    jump.open_time.ns = TT_NS_PER_S;
    tt_risk_returns_note(&b, &jump, tiny); // Counts as 100 %.
    assert_int_equal(b.ring[2].nano, 1000000000);
}

static void bar(risk_court *court, uint32_t key, int64_t close)
{
    tt_bar payload = {
        .close.d = tt_dec_from_i64(close, 2),
        .open_time.ns = court->now.ns - 60 * TT_NS_PER_S,
        .interval_s = 60,
    };
    court_say(court, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, key, &payload);
}

static void open_measuring(risk_court *court)
{
    court_init(court);
    court->config.correlation.window = 20;
    court->config.correlation.min_samples = 5;
    court_open(court);
    court_account(court, "10000");
}

static void expect_weight(risk_court *court, uint32_t held, uint32_t key, const char *value)
{
    court_position(court, held, "10", "100");
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(court, key, &proposal), TT_risk_code_NONE);
    assert_num(court_row(court, TT_risk_code_CORRELATED_EXPOSURE)->value, value);
    court_position(court, held, "0", "100");
    tt_bus_begin(court->core.bus, court->now);
}

/* Weight x 1000 that are held, and 1000 that are asked for. */
static void the_larger_of_listed_and_measured_counts(void **unused)
{
    (void)unused;
    risk_court court;
    open_measuring(&court);
    expect_weight(&court, SOL, ETH, "2000"); // Neither listed nor measured: all of it.
    expect_weight(&court, BTC, XRP, "1750"); // Listed with 0.75, not measured.
    for (int i = 0; i < 8; i++) {
        court_wait(&court, 60);
        bar(&court, SOL, 10000 + 7 * (i % 3));
        bar(&court, ETH, 10000 + 7 * (i % 3));
        bar(&court, ADA, 10000 + 5 * (i % 2));
        bar(&court, BTC, 10000 + 5 * (i % 2));
        bar(&court, XRP, 10000 + 7 * (i % 3));
    }
    expect_weight(&court, SOL, ETH, "2000");
    expect_weight(&court, SOL, ADA, "1000"); // Measured below 0.5: it does not count.
    expect_weight(&court, BTC, XRP, "1750"); // The listed one is larger.
    expect_weight(&court, BTC, ADA, "2000");
    tt_risk_state_check(court.risk->state);
    court_close(&court);
}

static void a_measurement_holds_until_the_next_bar(void **unused)
{
    (void)unused;
    risk_court court;
    open_measuring(&court);
    for (int i = 0; i < 8; i++) {
        court_wait(&court, 60);
        bar(&court, SOL, 10000 + 7 * (i % 3));
        bar(&court, ADA, 10000 + 7 * (i % 3));
    }
    expect_weight(&court, SOL, ADA, "2000");
    for (int i = 0; i < 30; i++) {
        court_wait(&court, 60);
        bar(&court, SOL, 10000 + 7 * (i % 3));
        bar(&court, ADA, 10000 + 5 * (i % 2));
    }
    expect_weight(&court, SOL, ADA, "1000");
    court_close(&court);
}

static void a_window_shorter_than_its_samples_is_refused(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.correlation.window = 20;
    tt_error error = {0};
    assert_int_equal(
        tt_risk_config_check(&court.config, &court.instruments, &error), TUTTI_INVALID);
    assert_string_equal(
        error.message,
        "risk.correlation.min_samples is above risk.correlation.window: nothing would be measured");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_exact),
        cmocka_unit_test(what_is_not_known_is_told),
        cmocka_unit_test(a_missing_bar_breaks_the_return),
        cmocka_unit_test(only_the_window_counts),
        cmocka_unit_test(a_ring_forgets_and_old_bars_change_nothing),
        cmocka_unit_test(the_largest_numbers_fit),
        cmocka_unit_test(the_larger_of_listed_and_measured_counts),
        cmocka_unit_test(a_measurement_holds_until_the_next_bar),
        cmocka_unit_test(a_window_shorter_than_its_samples_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
