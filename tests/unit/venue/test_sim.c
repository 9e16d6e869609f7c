/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of functions: what it refuses, its bounds, and how time passes.
 *
 * Covers: sim_reason.c sim_reach.c
 */
#include "fixture.h"

static void test_what_is_refused(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    tt_msg msg = {.seq = 1, .topic = TT_TOPIC_FILLS};
    assert_int_equal(
        bench->venue.effect(bench->venue.ctx, bench->now, &msg, &bench->error), TUTTI_INVALID);
    tt_bar bar = {0};
    bar.open.d = bar.high.d = bar.low.d = bar.close.d = num("100");
    const struct {
        tt_topic topic;
        uint32_t key;
    } bad[] = {
        {TT_TOPIC_MARKET_BAR, 0},
        {TT_TOPIC_MARKET_BAR, INSTRUMENTS + 1},
        {TT_TOPIC_CLOCK, BTC},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(
            bench->venue.market(
                bench->venue.ctx, bench->now, bad[i].topic, bad[i].key, &bar, &bench->error),
            TUTTI_INVALID);
    }
    assert_int_equal(
        bench->venue.market(
            bench->venue.ctx, bench->now, TT_TOPIC_MARKET_BAR, BTC, &bar, &bench->error),
        TUTTI_OK);
}

static void expect_bad(floor_bench *bench, tt_topic topic, const void *payload)
{
    assert_int_equal(
        bench->venue.market(bench->venue.ctx, bench->now, topic, BTC, payload, &bench->error),
        TUTTI_INVALID);
    assert_string_equal(bench->error.message, "a price or quantity is out of range");
}

static void test_bad_data(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    tt_bar bar = {0};
    bar.open.d = bar.high.d = bar.close.d = num("100");
    expect_bad(bench, TT_TOPIC_MARKET_BAR, &bar); // The low is 0.
    tt_quote quote = {.bid.d = num("-1")};
    expect_bad(bench, TT_TOPIC_MARKET_QUOTE, &quote);
    quote = (tt_quote){.ask_qty.d = num("10000000001")};
    expect_bad(bench, TT_TOPIC_MARKET_QUOTE, &quote);
    tt_trade trade = {.qty.d = num("1")};
    expect_bad(bench, TT_TOPIC_MARKET_TRADE, &trade);
    trade = (tt_trade){.price.d = num("1000000001")};
    expect_bad(bench, TT_TOPIC_MARKET_TRADE, &trade);
    tt_depth depth = {.count = 1, .is_last = 1};
    expect_bad(bench, TT_TOPIC_MARKET_DEPTH, &depth);
}

static void test_queue_bound(void **state)
{
    floor_bench *bench = *state;
    bench->config.orders_max = 1;
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "1", "50");
    for (int i = 0; i < TT_SIM_QUEUE_MAX - 1; i++) {
        floor_limit(bench, 2, TT_side_BUY, "1", "50"); // Rejected, for want of memory.
    }
    tt_bar bar = {0};
    bar.open.d = bar.high.d = bar.low.d = bar.close.d = num("100");
    // One is still on its way, and becomes the report that fills the queue.
    bench->now.ns += 1;
    assert_int_equal(
        bench->venue.market(
            bench->venue.ctx, bench->now, TT_TOPIC_MARKET_BAR, BTC, &bar, &bench->error),
        TUTTI_LIMIT);
    assert_int_equal(
        bench->venue.effect(bench->venue.ctx, bench->now, &bench->order.head, &bench->error),
        TUTTI_LIMIT);
    assert_non_null(strstr(bench->error.message, "65536 reports and 0 requests"));
    assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
    assert_int_equal(
        bench->venue.market(
            bench->venue.ctx, bench->now, TT_TOPIC_MARKET_BAR, BTC, &bar, &bench->error),
        TUTTI_OK);
    int count = 1;
    while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
        count++;
    }
    assert_int_equal(count, TT_SIM_QUEUE_MAX);
}

static void test_request_bound(void **state)
{
    floor_bench *bench = *state;
    bench->config.order_latency.ns = TT_NS_PER_S;
    floor_open(bench);
    for (int i = 0; i < TT_SIM_QUEUE_MAX; i++) {
        floor_query(bench, 1);
    }
    (void)floor_order(bench, 1, TT_side_BUY, TT_order_type_MARKET, "1", "");
    assert_int_equal(
        bench->venue.effect(bench->venue.ctx, bench->now, &bench->order.head, &bench->error),
        TUTTI_LIMIT);
}

static void test_next_leads_to_every_report(void **state)
{
    floor_bench *bench = *state;
    bench->config.order_latency.ns = 10 * TT_NS_PER_MS;
    bench->config.report_latency.ns = 5 * TT_NS_PER_MS;
    floor_open(bench);
    assert_int_equal(bench->venue.next(bench->venue.ctx).ns, TT_TIME_NEVER.ns);
    floor_quote(bench, "100", "3", "100.2", "5");
    int64_t sent = bench->now.ns;
    floor_market(bench, 1, TT_side_BUY, "1");
    floor_query(bench, 1);
    int reports = 0;
    for (int turns = 0; turns < 20; turns++) {
        tt_time next = bench->venue.next(bench->venue.ctx);
        if (next.ns == TT_TIME_NEVER.ns) {
            break;
        }
        assert_true(next.ns == sent + 10 * TT_NS_PER_MS || next.ns == sent + 15 * TT_NS_PER_MS);
        reports += bench->venue.poll(bench->venue.ctx, next, &bench->output);
    }
    assert_int_equal(reports, 4); // Accepted, filled, filled again, status.
    assert_int_equal(bench->venue.next(bench->venue.ctx).ns, TT_TIME_NEVER.ns);
}

/* Feed events other than the end mean nothing to the exchange. */
static void test_other_feed_events(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_bar(bench, "100", "100", "100", "100");
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 accepted");
    tt_feed_event event = {.event = TT_feed_event_type_GAP};
    assert_int_equal(
        bench->venue.market(
            bench->venue.ctx, bench->now, TT_TOPIC_FEED_EVENTS, 0, &event, &bench->error),
        TUTTI_OK);
    expect_nothing(bench);
    floor_end_data(bench);
    expect(bench, "1 fill 1 @ 100 taker fee 0.05 cum 1");
}

/* Data without a feed_seq (0) is always new. */
static void test_data_without_number(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 accepted");
    bench->feed_seq = UINT64_MAX; // The next is 0.
    floor_bar(bench, "100", "100", "100", "100");
    expect(bench, "1 fill 1 @ 100 taker fee 0.05 cum 1");
    assert_int_equal(tt_sim_venue_position(&bench->venue), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_what_is_refused),
        FLOOR_TEST(test_bad_data),
        FLOOR_TEST(test_queue_bound),
        FLOOR_TEST(test_request_bound),
        FLOOR_TEST(test_next_leads_to_every_report),
        FLOOR_TEST(test_other_feed_events),
        FLOOR_TEST(test_data_without_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
