/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Requests under way: latency, their order, cancels, queries, and ids that come twice.
 */
#include "fixture.h"

static void test_latency(void **state)
{
    floor_bench *bench = *state;
    bench->config.order_latency.ns = 50 * TT_NS_PER_MS;
    bench->config.report_latency.ns = 30 * TT_NS_PER_MS;
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "2");
    tt_time sent = bench->now;
    floor_market(bench, 1, TT_side_BUY, "1");
    assert_int_equal(bench->venue.next(bench->venue.ctx).ns, sent.ns + 50 * TT_NS_PER_MS);
    floor_wait(bench, 50);
    expect_nothing(bench);
    assert_int_equal(bench->venue.next(bench->venue.ctx).ns, sent.ns + 80 * TT_NS_PER_MS);
    floor_wait(bench, 29);
    expect_nothing(bench);
    floor_wait(bench, 1);
    expect(bench, "1 accepted");
    assert_int_equal(bench->output.time.ns, sent.ns + 80 * TT_NS_PER_MS);
    assert_int_equal(bench->output.report.venue_time.ns, sent.ns + 50 * TT_NS_PER_MS);
    expect(bench, "1 fill 1 @ 100.2 taker fee 0.0501 cum 1");
}

/* The quote that stands when the order arrives counts, not the one when it was sent. */
static void test_market_moves_under_way(void **state)
{
    floor_bench *bench = *state;
    bench->config.order_latency.ns = 1500 * TT_NS_PER_MS;
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "2");
    floor_market(bench, 1, TT_side_BUY, "1");
    floor_quote(bench, "105", "3", "105.2", "2"); // One second later.
    floor_quote(bench, "109", "3", "109.2", "2"); // Two seconds: it has arrived before.
    expect(bench, "1 accepted");
    expect(bench, "1 fill 1 @ 105.2 taker fee 0.0526 cum 1");
}

static void test_jitter_keeps_the_order(void **state)
{
    floor_bench *bench = *state;
    bench->config.order_latency.ns = 10 * TT_NS_PER_MS;
    bench->config.report_latency.ns = 10 * TT_NS_PER_MS;
    bench->config.latency_jitter.ns = 100 * TT_NS_PER_MS;
    floor_open(bench);
    tt_time sent = bench->now;
    for (uint64_t id = 1; id <= 200; id++) {
        floor_limit(bench, id, TT_side_BUY, "1", "50");
        floor_cancel(bench, id);
    }
    floor_wait(bench, 1000);
    int accepted[201] = {0};
    int64_t last = 0;
    int64_t least = INT64_MAX;
    int64_t most = 0;
    for (int i = 0; i < 400; i++) {
        assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
        const tt_venue_report *report = &bench->output.report;
        bool is_end = report->kind == TT_report_kind_CANCELLED;
        assert_true(is_end || report->kind == TT_report_kind_ACCEPTED);
        assert_int_equal(accepted[report->order_id], is_end); // Never the end before the start.
        accepted[report->order_id] = 1;
        assert_true(bench->output.time.ns >= last); // Handed out by time.
        last = bench->output.time.ns;
        least = last < least ? last : least;
        most = last > most ? last : most;
    }
    expect_nothing(bench);
    assert_true(least - sent.ns >= 20 * TT_NS_PER_MS && most - sent.ns <= 220 * TT_NS_PER_MS);
    assert_true(most - least > 50 * TT_NS_PER_MS);
}

static void test_cancels(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_cancel(bench, 9);
    expect(bench, "9 cancel_rejected cum 0: no order has this client order id");
    assert_int_equal(bench->output.cause, 109);
    floor_limit(bench, 1, TT_side_BUY, "1", "100");
    floor_cancel(bench, 1);
    expect(bench, "1 accepted");
    expect(bench, "1 cancelled cum 0: cancelled as asked");
    assert_int_equal(bench->output.cause, 101);
    floor_cancel(bench, 1);
    expect(bench, "1 cancel_rejected cum 0: the order is cancelled already");
    floor_market(bench, 2, TT_side_BUY, "1");
    floor_bar(bench, "90", "90", "90", "90"); // The cancelled order does not fill.
    expect(bench, "2 accepted");
    expect(bench, "2 fill 1 @ 90 taker fee 0.045 cum 1");
    floor_cancel(bench, 2);
    expect(bench, "2 cancel_rejected cum 0: the order is filled already");
    expect_nothing(bench);
}

static void test_queries(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_query(bench, 9);
    expect(bench, "9 not_found cum 0: no order has this client order id");
    assert_int_equal(bench->output.report.is_query_reply, 1);
    assert_int_equal(bench->output.cause, 209);
    floor_limit(bench, 1, TT_side_BUY, "1", "100");
    floor_query(bench, 1);
    expect(bench, "1 accepted");
    expect(bench, "1 status submitted cum 0");
    assert_int_equal(bench->output.report.is_query_reply, 1);
    assert_int_equal(bench->output.report.venue_order_id, 1);
    floor_quote(bench, "99", "1", "99.5", "0.3");
    expect(bench, "1 fill 0.3 @ 99.5 taker fee 0.014925 cum 0.3");
    floor_quote(bench, "99", "1", "99.5", "0.2");
    expect(bench, "1 fill 0.2 @ 100 maker fee 0.004 cum 0.5");
    floor_query(bench, 1);
    // What was filled is told again, with the same execution ids, before the state.
    expect(bench, "1 fill 0.3 @ 99.5 taker fee 0.014925 cum 0.3");
    assert_int_equal(bench->output.report.exec_id, 1);
    assert_int_equal(bench->output.report.is_query_reply, 1);
    assert_int_equal(bench->output.cause, 201);
    expect(bench, "1 fill 0.2 @ 100 maker fee 0.004 cum 0.5");
    assert_int_equal(bench->output.report.exec_id, 2);
    expect(bench, "1 status partially_filled cum 0.5");
    floor_cancel(bench, 1);
    floor_query(bench, 1);
    expect(bench, "1 cancelled cum 0.5: cancelled as asked");
    expect(bench, "1 fill 0.3 @ 99.5 taker fee 0.014925 cum 0.3");
    expect(bench, "1 fill 0.2 @ 100 maker fee 0.004 cum 0.5");
    expect(bench, "1 status cancelled cum 0.5");
    assert_string_equal(bench->output.report.reason, "cancelled as asked");
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "0.5");
}

static void test_same_id_twice(void **state)
{
    floor_bench *bench = *state;
    bench->config.order_latency.ns = 10 * TT_NS_PER_MS;
    floor_open(bench);
    floor_quote(bench, "100", "30", "100.2", "20");
    floor_market(bench, 1, TT_side_BUY, "1");
    bench->order.head.seq = 77; // The same id while the first is still under way.
    floor_send(bench);
    floor_wait(bench, 10);
    expect(bench, "1 accepted");
    expect(bench, "1 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    expect(bench, "1 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    assert_int_equal(bench->output.report.exec_id, 1);
    assert_int_equal(bench->output.report.is_query_reply, 1);
    expect(bench, "1 status filled cum 1");
    assert_int_equal(bench->output.cause, 77);
    expect_nothing(bench);
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "1");
    tt_sim_stats stats;
    tt_sim_venue_stats_get(&bench->venue, &stats);
    assert_int_equal(stats.duplicates, 1);
    assert_int_equal(stats.orders, 1);
    assert_int_equal(stats.executions, 1);
}

/* The whole text counts: ids that begin alike are other orders. */
static void test_ids_are_compared_whole(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    static const char *const ids[] = {
        "run-1",
        "run-10",
        "run-100",
        "Run-1",
        "",
        "0123456789012345678901234567890123456789012345a",
        "0123456789012345678901234567890123456789012345b"};
    for (uint64_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        tt_order_intent *intent =
            floor_order(bench, i + 1, TT_side_BUY, TT_order_type_LIMIT, "1", "50");
        TT_TEXT_SET(intent->client_order_id, ids[i]);
        floor_send(bench);
        assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
        assert_int_equal(bench->output.report.kind, TT_report_kind_ACCEPTED);
        assert_string_equal(bench->output.report.client_order_id, ids[i]);
    }
}

static void test_memory_of_orders_is_bounded(void **state)
{
    floor_bench *bench = *state;
    bench->config.orders_max = 2;
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "1", "50");
    floor_limit(bench, 2, TT_side_BUY, "1", "50");
    floor_limit(bench, 3, TT_side_BUY, "1", "50");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    expect(
        bench,
        "3 rejected cum 0: the exchange remembers as many orders as venue.orders_max allows");
    assert_int_equal(bench->output.cause, 3);
    floor_query(bench, 3); // It was never taken, and is not remembered.
    expect(bench, "3 not_found cum 0: no order has this client order id");
    floor_limit(bench, 1, TT_side_BUY, "1", "50"); // Known ids are still recognized.
    expect(bench, "1 status submitted cum 0");
}

/* More requests than the ring holds at first, and around its end. */
static void test_many_requests_under_way(void **state)
{
    floor_bench *bench = *state;
    bench->config.order_latency.ns = TT_NS_PER_S;
    floor_open(bench);
    uint64_t sent = 0;
    uint64_t arrived = 0;
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 7 * round; i++) {
            floor_query(bench, ++sent);
        }
        floor_wait(bench, 400);
        while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
            assert_int_equal(bench->output.report.order_id, ++arrived);
        }
    }
    floor_wait(bench, 1000);
    while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
        assert_int_equal(bench->output.report.order_id, ++arrived);
    }
    assert_int_equal(arrived, sent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_latency),
        FLOOR_TEST(test_market_moves_under_way),
        FLOOR_TEST(test_jitter_keeps_the_order),
        FLOOR_TEST(test_cancels),
        FLOOR_TEST(test_queries),
        FLOOR_TEST(test_same_id_twice),
        FLOOR_TEST(test_ids_are_compared_whole),
        FLOOR_TEST(test_memory_of_orders_is_bounded),
        FLOOR_TEST(test_many_requests_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
