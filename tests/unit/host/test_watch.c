/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The watch over the parts of a session: each measure at its bounds, hysteresis, what is told once,
 * and a way back out of every level. Numbers of seconds are real time unless event time is named.
 */
#include "../../lib/config_defaults.h"
#include "../../lib/test.h"
#include "host/watch.h"

#define S TT_NS_PER_S

static tt_watch watch;
static tt_health_config config;
static tt_instruments instruments;
static tt_watch_sample sample;
static tt_health_report report;
static uint32_t key;

static const tt_time t0 = {1000 * TT_NS_PER_S};
static const int64_t m0 = 50 * TT_NS_PER_S;

static void begin(void)
{
    TT_TEST_DEFAULTS(health, &config);
    instruments.count = 2;
    TT_TEXT_SET(instruments.list[0].symbol, "BTC/USDT");
    TT_TEXT_SET(instruments.list[1].symbol, "ETH/USDT");
    instruments.list[0].bar_interval_s = 60;
    instruments.list[1].bar_interval_s = 60;
    tt_watch_init(&watch, &config, &instruments, false, t0, m0);
    sample = (tt_watch_sample){.now = t0, .mono_ns = m0, .market_ns = m0, .has_store = true};
}

static void look(void)
{
    tt_watch_look(&watch, &sample);
}

/** A look after which nothing is told. */
static void expect_silence(void)
{
    look();
    if (tt_watch_next(&watch, &report, &key)) {
        fail_msg("told: %s", report.message);
    }
}

/** A look after which one change is told. */
static void
expect(tt_health_measure measure, tt_health_level level, bool is_up, int64_t value, int64_t limit)
{
    look();
    assert_true(tt_watch_next(&watch, &report, &key));
    assert_int_equal(report.measure, measure);
    assert_int_equal(report.level, level);
    assert_int_equal(report.is_up, is_up);
    assert_int_equal(report.value, value);
    assert_int_equal(report.limit, limit);
    tt_health_report more;
    uint32_t more_key;
    assert_false(tt_watch_next(&watch, &more, &more_key));
}

static void market(uint32_t symbol, int64_t at_ns)
{
    const tt_input input = {
        .time = {at_ns},
        .topic = TT_TOPIC_MARKET_BAR,
        .source = TT_SOURCE_FEED,
        .key = symbol,
    };
    tt_watch_input(&watch, &input, input.time, 0);
}

static void says(tt_seq order, tt_source source, int64_t event_ns, int64_t mono_ns)
{
    const tt_venue_report said = {.order_id = order};
    const tt_input input = {
        .topic = TT_TOPIC_VENUE_REPORTS,
        .source = source,
        .payload = &said,
        .payload_size = sizeof said,
    };
    tt_watch_input(&watch, &input, (tt_time){event_ns}, mono_ns);
}

static void a_silent_symbol(void **state)
{
    (void)state;
    begin();
    market(2, t0.ns + 600 * S);
    sample.now.ns = t0.ns + 180 * S - 1; // three bars
    expect_silence();
    sample.now.ns++;
    expect(TT_health_measure_FEED_AGE, TT_health_level_WARN, true, 180 * S, 180 * S);
    assert_int_equal(key, 1);
    assert_int_equal(report.part, TT_part_FEED);
    assert_string_equal(report.message, "feed_age of BTC/USDT: 180.000 s, limit 180.000 s");
    expect_silence(); // told once
    sample.now.ns = t0.ns + 600 * S - 1;
    expect_silence();
    sample.now.ns++;
    expect(TT_health_measure_FEED_AGE, TT_health_level_CRITICAL, true, 600 * S, 600 * S);
    assert_int_equal(key, 1);
    assert_int_equal(report.failures, 0); // the other symbol speaks: the feed is up
    market(1, t0.ns + 599 * S);
    expect(TT_health_measure_FEED_AGE, TT_health_level_OK, true, 1 * S, 600 * S);
    assert_int_equal(key, 1);
    assert_int_equal(report.failures, 0);
    assert_string_equal(report.message, "feed_age of BTC/USDT: 1.000 s, well below 600.000 s");
}

/** With a share the feed is down as soon as so many symbols are silent; as delivered that is all.
 */
static void the_feed_is_down_by_its_share(void **state)
{
    (void)state;
    begin();
    sample.now.ns = t0.ns + 600 * S;
    look();
    assert_true(tt_watch_next(&watch, &report, &key));
    assert_int_equal(key, 1);
    assert_false(report.is_up); // both are silent, the second is only told later
    assert_true(tt_watch_next(&watch, &report, &key));
    assert_int_equal(key, 2);
    assert_int_equal(report.failures, 2);
    assert_false(tt_watch_next(&watch, &report, &key));
    market(2, t0.ns + 600 * S);
    expect(TT_health_measure_FEED_AGE, TT_health_level_OK, true, 0, 600 * S);
    assert_int_equal(key, 2);
    config.feed_down_share.d = TT_DEC_C(51, 2); // of two: two
    tt_watch_init(&watch, &config, &instruments, false, t0, m0);
    market(2, t0.ns + 600 * S);
    expect(TT_health_measure_FEED_AGE, TT_health_level_CRITICAL, true, 600 * S, 600 * S);
    config.feed_down_share.d = TT_DEC_C(50, 2); // one
    tt_watch_init(&watch, &config, &instruments, false, t0, m0);
    market(2, t0.ns + 600 * S);
    expect(TT_health_measure_FEED_AGE, TT_health_level_CRITICAL, false, 600 * S, 600 * S);
    assert_int_equal(report.failures, 1);
    market(1, t0.ns + 600 * S);
    expect(TT_health_measure_FEED_AGE, TT_health_level_OK, true, 0, 600 * S);
}

/** What was told before the process ended may be that a part is down: the first look says what is.
 */
static void after_a_restart_all_is_told(void **state)
{
    (void)state;
    static const struct {
        tt_health_measure measure;
        tt_part part;
        uint32_t key;
    } rows[] = {
        {TT_health_measure_FEED_AGE, TT_part_FEED, 1},
        {TT_health_measure_FEED_AGE, TT_part_FEED, 2},
        {TT_health_measure_VENUE_ANSWER, TT_part_VENUE, 0},
        {TT_health_measure_JOURNAL_LAG, TT_part_JOURNAL, 0},
        {TT_health_measure_STORE_LAG, TT_part_STORE, 0},
    };
    begin();
    tt_watch_init(&watch, &config, &instruments, true, t0, m0);
    look();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(tt_watch_next(&watch, &report, &key));
        assert_int_equal(report.measure, rows[i].measure);
        assert_int_equal(report.part, rows[i].part);
        assert_int_equal(key, rows[i].key);
        assert_int_equal(report.level, TT_health_level_OK);
        assert_true(report.is_up);
    }
    expect_silence();
}

static void hysteresis(void **state)
{
    (void)state;
    begin();
    config.feed_critical_bars = 0;
    tt_watch_init(&watch, &config, &instruments, false, t0, m0);
    market(2, t0.ns + 1000 * S);
    sample.now.ns = t0.ns + 180 * S;
    expect(TT_health_measure_FEED_AGE, TT_health_level_WARN, true, 180 * S, 180 * S);
    market(1, t0.ns + 36 * S); // 144 s = 0.8 of the limit: stands
    expect_silence();
    market(1, t0.ns + 36 * S + 1);
    expect(TT_health_measure_FEED_AGE, TT_health_level_OK, true, 144 * S - 1, 180 * S);
    sample.now.ns += 36 * S; // below the limit: does not come back by itself
    expect_silence();
    sample.now.ns += 10000 * S; // without a limit nothing is critical
    market(2, sample.now.ns);
    look();
    assert_true(tt_watch_next(&watch, &report, &key));
    assert_int_equal(report.level, TT_health_level_WARN);
}

/** The market thread hangs: event time stands, real time does not. */
static void a_feed_that_hangs(void **state)
{
    (void)state;
    begin();
    config.feed_critical_bars = 0;
    tt_watch_init(&watch, &config, &instruments, false, t0, m0);
    sample.mono_ns = m0 + 180 * S - 1;
    expect_silence();
    sample.mono_ns++;
    look();
    assert_true(tt_watch_next(&watch, &report, &key));
    assert_int_equal(report.value, 180 * S);
    assert_true(tt_watch_next(&watch, &report, &key));
    assert_int_equal(key, 2);
    sample.has_ended = true; // what has no more data is not silent
    look();
    assert_true(tt_watch_next(&watch, &report, &key));
    assert_int_equal(report.level, TT_health_level_OK);
}

static void an_order_without_an_answer(void **state)
{
    (void)state;
    begin();
    market(1, t0.ns + 40 * S);
    market(2, t0.ns + 40 * S);
    tt_watch_sent(&watch, 7, t0, m0);
    sample.now.ns = t0.ns + 40 * S;
    sample.mono_ns = m0 + 5 * S - 1; // the shorter one counts
    sample.market_ns = sample.mono_ns;
    expect_silence();
    sample.mono_ns++;
    expect(TT_health_measure_VENUE_ANSWER, TT_health_level_WARN, true, 5 * S, 5 * S);
    sample.mono_ns = sample.market_ns = m0 + 30 * S;
    expect(TT_health_measure_VENUE_ANSWER, TT_health_level_CRITICAL, false, 30 * S, 30 * S);
    assert_int_equal(report.part, TT_part_VENUE);
    // It is answered: as slow as it was, for a minute, then no longer.
    says(8, TT_SOURCE_VENUE, t0.ns + 40 * S, m0 + 31 * S);
    expect_silence();
    says(7, TT_SOURCE_VENUE, t0.ns + 40 * S, m0 + 31 * S);
    sample.mono_ns = sample.market_ns = m0 + 91 * S - 1;
    expect_silence();
    assert_int_equal(watch.rows[TT_health_measure_VENUE_ANSWER].now.value, 31 * S);
    sample.mono_ns = sample.market_ns = m0 + 91 * S;
    expect(TT_health_measure_VENUE_ANSWER, TT_health_level_OK, true, 0, 30 * S);
}

static void a_quick_answer_ends_a_slow_one(void **state)
{
    (void)state;
    begin();
    tt_watch_sent(&watch, 7, t0, m0);
    says(7, TT_SOURCE_VENUE, t0.ns + 9 * S, m0 + 6 * S);
    expect(TT_health_measure_VENUE_ANSWER, TT_health_level_WARN, true, 6 * S, 5 * S);
    tt_watch_sent(&watch, 8, t0, m0);
    says(8, TT_SOURCE_VENUE, t0.ns + 1 * S, m0 + 2 * S);
    expect(TT_health_measure_VENUE_ANSWER, TT_health_level_OK, true, 1 * S, 5 * S);
    assert_int_equal(watch.order_count, 0);
}

static void more_orders_than_are_watched(void **state)
{
    (void)state;
    begin();
    for (tt_seq id = 1; id <= TT_WATCH_ORDERS_MAX + 1; id++) {
        tt_watch_sent(&watch, id, t0, m0);
    }
    assert_int_equal(watch.order_count, TT_WATCH_ORDERS_MAX);
    assert_int_equal(watch.orders[0].id, 2);
    says(TT_WATCH_ORDERS_MAX + 1, TT_SOURCE_VENUE, t0.ns, m0);
    says(2, TT_SOURCE_VENUE, t0.ns, m0);
    assert_int_equal(watch.order_count, TT_WATCH_ORDERS_MAX - 2);
    assert_int_equal(watch.orders[0].id, 3);
}

static void sends_that_fail(void **state)
{
    (void)state;
    begin();
    for (int i = 1; i <= 2; i++) {
        says(7, TT_SOURCE_HOST, t0.ns, m0);
    }
    expect_silence();
    says(7, TT_SOURCE_HOST, t0.ns, m0);
    expect(TT_health_measure_VENUE_FAILURES, TT_health_level_WARN, true, 3, 3);
    assert_string_equal(report.message, "venue_failures: 3, limit 3");
    for (int i = 4; i <= 10; i++) {
        says(7, TT_SOURCE_HOST, t0.ns, m0 + 9 * S);
    }
    expect(TT_health_measure_VENUE_FAILURES, TT_health_level_CRITICAL, false, 10, 10);
    // Nothing is sent at that level: a minute without a failure ends it.
    sample.mono_ns = sample.market_ns = m0 + 69 * S - 1;
    expect_silence();
    sample.mono_ns++;
    expect(TT_health_measure_VENUE_FAILURES, TT_health_level_OK, true, 0, 10);
    for (int i = 1; i <= 3; i++) {
        says(7, TT_SOURCE_HOST, t0.ns, sample.mono_ns);
    }
    says(9, TT_SOURCE_VENUE, t0.ns, sample.mono_ns); // the venue speaks: the row ends
    expect_silence();
}

static void what_is_not_durable(void **state)
{
    (void)state;
    begin();
    sample.last_seq = 10;
    sample.durable_seq = 10;
    sample.stored_seq = 10;
    expect_silence();
    sample.last_seq = 12;
    expect_silence();
    sample.mono_ns = sample.market_ns = m0 + 1 * S - 1;
    expect_silence();
    sample.mono_ns++;
    expect(TT_health_measure_JOURNAL_LAG, TT_health_level_WARN, true, 1 * S, 1 * S);
    assert_int_equal(report.part, TT_part_JOURNAL);
    sample.mono_ns = sample.market_ns = m0 + 10 * S;
    expect(TT_health_measure_JOURNAL_LAG, TT_health_level_CRITICAL, false, 10 * S, 10 * S);
    sample.durable_seq = 11; // 12 still waits
    sample.stored_seq = 11;
    expect_silence();
    // It goes on, though not to the end: what is new has not waited long.
    sample.last_seq = 20;
    sample.durable_seq = 12;
    sample.stored_seq = 12;
    expect(TT_health_measure_JOURNAL_LAG, TT_health_level_OK, true, 0, 10 * S);
}

static void a_slow_commit(void **state)
{
    (void)state;
    begin();
    sample.flush_ns = 1 * S - 1;
    expect_silence();
    sample.flush_ns = 1 * S;
    expect(TT_health_measure_JOURNAL_FLUSH, TT_health_level_WARN, true, 1 * S, 1 * S);
    sample.flush_ns = 1000 * S; // no critical limit as delivered
    expect_silence();
    sample.flush_ns = 0;
    expect(TT_health_measure_JOURNAL_FLUSH, TT_health_level_OK, true, 0, 1 * S);
}

/** A late read model is told and is no outage; one that cannot be written is, by its thread. */
static void a_late_read_model(void **state)
{
    (void)state;
    begin();
    sample.last_seq = sample.durable_seq = 5;
    look();
    sample.mono_ns = sample.market_ns = m0 + 300 * S;
    expect(TT_health_measure_STORE_LAG, TT_health_level_CRITICAL, true, 300 * S, 300 * S);
    assert_int_equal(report.failures, 0);
    sample.is_store_down = true;
    sample.stored_seq = 5;
    expect(TT_health_measure_STORE_LAG, TT_health_level_OK, false, 0, 300 * S);
    sample.stored_seq = 0;
    sample.has_store = false;
    sample.mono_ns = sample.market_ns = m0 + 900 * S;
    expect_silence();
}

static void workers_and_memory(void **state)
{
    (void)state;
    begin();
    sample.pool_ns = 60 * S;
    expect(TT_health_measure_POOL_WAIT, TT_health_level_WARN, true, 60 * S, 60 * S);
    sample.pool_ns = 300 * S;
    expect(TT_health_measure_POOL_WAIT, TT_health_level_CRITICAL, false, 300 * S, 300 * S);
    assert_int_equal(report.part, TT_part_POOL);
    sample.pool_ns = 0;
    expect(TT_health_measure_POOL_WAIT, TT_health_level_OK, true, 0, 300 * S);
    sample.resident_bytes = (INT64_C(512) << 20) - 1;
    expect_silence();
    sample.resident_bytes++;
    expect(
        TT_health_measure_MEMORY,
        TT_health_level_WARN,
        true,
        INT64_C(512) << 20,
        INT64_C(512) << 20);
    assert_string_equal(report.message, "memory: 512 MiB, limit 512 MiB");
    assert_int_equal(report.part, TT_part_MEMORY);
}

static void the_worst_symbol_is_shown(void **state)
{
    (void)state;
    static tt_health_row rows[TT_health_measure_COUNT];
    begin();
    market(1, t0.ns + 5 * S);
    market(2, t0.ns + 3 * S);
    sample.now.ns = t0.ns + 6 * S;
    look();
    tt_watch_rows(&watch, rows);
    assert_int_equal(rows[TT_health_measure_FEED_AGE].key, 2);
    assert_int_equal(rows[TT_health_measure_FEED_AGE].value, 3 * S);
    assert_int_equal(rows[TT_health_measure_FEED_AGE].warn, 180 * S);
    assert_int_equal(rows[TT_health_measure_MEMORY].critical, INT64_C(2048) << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_symbol),
        cmocka_unit_test(the_feed_is_down_by_its_share),
        cmocka_unit_test(after_a_restart_all_is_told),
        cmocka_unit_test(hysteresis),
        cmocka_unit_test(a_feed_that_hangs),
        cmocka_unit_test(an_order_without_an_answer),
        cmocka_unit_test(a_quick_answer_ends_a_slow_one),
        cmocka_unit_test(more_orders_than_are_watched),
        cmocka_unit_test(sends_that_fail),
        cmocka_unit_test(what_is_not_durable),
        cmocka_unit_test(a_slow_commit),
        cmocka_unit_test(a_late_read_model),
        cmocka_unit_test(workers_and_memory),
        cmocka_unit_test(the_worst_symbol_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
