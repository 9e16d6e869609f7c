/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Matching on bars: what fills where, the pessimistic order within a bar, gaps, late orders.
 */
#include "fixture.h"

static void test_market_order_fills_at_the_next_open(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_bar(bench, "100", "110", "90", "105");
    floor_market(bench, 1, TT_side_BUY, "2");
    expect(bench, "1 accepted");
    expect_nothing(bench);
    tt_time sent = bench->now;
    floor_bar(bench, "106", "120", "95", "101");
    expect(bench, "1 fill 2 @ 106 taker fee 0.106 cum 2");
    assert_int_equal(bench->output.report.venue_time.ns, sent.ns); // At the open ...
    assert_int_equal(bench->output.time.ns, bench->now.ns);        // ... known at the close.
    assert_int_equal(bench->output.cause, 1);
    assert_int_equal(bench->output.key, BTC);
    assert_int_equal(bench->output.correlation.bytes[0], 1);
    assert_int_equal(bench->output.report.exec_id, 1);
    assert_int_equal(bench->output.report.venue_order_id, 1);
    assert_string_equal(bench->output.report.client_order_id, "run-1");
    expect_nothing(bench);
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "2");
}

/* Half spread and slippage make the price worse, and the tick rounds away from the order. */
static void test_costs_of_a_taker(void **state)
{
    floor_bench *bench = *state;
    bench->config.half_spread_bps.d = num("10");
    floor_open(bench);
    floor_market(bench, 1, TT_side_BUY, "1");
    floor_market(bench, 2, TT_side_SELL, "1");
    floor_bar(bench, "101.23", "110", "90", "105");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    expect(bench, "1 fill 1 @ 101.4 taker fee 0.0507 cum 1");  // 101.33123 up.
    expect(bench, "2 fill 1 @ 101.1 taker fee 0.05055 cum 1"); // 101.12877 down.
}

static void test_stop_within_the_bar(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_stop(bench, 1, TT_side_SELL, "1", "95");
    floor_stop(bench, 2, TT_side_BUY, "1", "108");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    floor_bar(bench, "100", "107.9", "95.1", "101"); // Neither is reached.
    expect_nothing(bench);
    floor_bar(bench, "100", "108", "95", "101"); // A touch is enough for a stop.
    expect(bench, "1 fill 1 @ 95 taker fee 0.0475 cum 1");
    assert_int_equal(bench->output.report.venue_time.ns, bench->now.ns);
    expect(bench, "2 fill 1 @ 108 taker fee 0.054 cum 1");
}

static void test_stop_at_a_gap(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_stop(bench, 1, TT_side_SELL, "1", "95");
    expect(bench, "1 accepted");
    tt_time open = bench->now;
    floor_bar(bench, "90", "99", "85", "97");
    expect(bench, "1 fill 1 @ 90 taker fee 0.045 cum 1"); // At the open, not at the trigger.
    assert_int_equal(bench->output.report.venue_time.ns, open.ns);
}

static void test_limit_needs_a_trade_through(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "1", "95");
    floor_limit(bench, 2, TT_side_SELL, "1", "110");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    floor_bar(bench, "100", "110", "95", "101"); // Touched only.
    expect_nothing(bench);
    floor_bar(bench, "100", "110.1", "94.9", "101");
    expect(bench, "1 fill 1 @ 95 maker fee 0.019 cum 1");
    expect(bench, "2 fill 1 @ 110 maker fee 0.022 cum 1");
}

/* A resting limit order that the open passes is filled at its own price, not at the better one. */
static void test_resting_limit_at_a_gap(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "1", "95");
    expect(bench, "1 accepted");
    floor_bar(bench, "100", "110", "99", "101");
    floor_bar(bench, "80", "85", "79", "84");
    expect(bench, "1 fill 1 @ 95 maker fee 0.019 cum 1");
}

/* A new limit order that crosses the open takes, never beyond its price. */
static void test_new_limit_that_crosses(void **state)
{
    floor_bench *bench = *state;
    bench->config.half_spread_bps.d = num("10");
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "1", "105");
    floor_limit(bench, 2, TT_side_BUY, "1", "100");
    floor_limit(bench, 3, TT_side_SELL, "1", "99.95");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    expect(bench, "3 rejected cum 0: price 99.95 is no multiple of 0.1");
    floor_limit(bench, 4, TT_side_SELL, "1", "100");
    expect(bench, "4 accepted");
    floor_bar(bench, "100", "100", "100", "100");
    expect(bench, "1 fill 1 @ 100.1 taker fee 0.05005 cum 1");
    expect(bench, "2 fill 1 @ 100 taker fee 0.05 cum 1");
    expect(bench, "4 fill 1 @ 100 taker fee 0.05 cum 1");
}

/* Stop and target of one position in one bar: the stop is taken, the target finds nothing. */
static void test_stop_comes_before_limit(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_market(bench, 1, TT_side_BUY, "1");
    floor_bar(bench, "100", "100", "100", "100");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 1 @ 100 taker fee 0.05 cum 1");
    floor_order(bench, 2, TT_side_SELL, TT_order_type_LIMIT, "1", "105")->reduce_only = 1;
    floor_send(bench);
    floor_order(bench, 3, TT_side_SELL, TT_order_type_STOP, "1", "95")->reduce_only = 1;
    floor_send(bench);
    expect(bench, "2 accepted");
    expect(bench, "3 accepted");
    floor_bar(bench, "100", "106", "94", "101"); // The bar reaches both.
    expect(bench, "3 fill 1 @ 95 taker fee 0.0475 cum 1");
    expect(bench, "2 cancelled cum 0: reduce only, and the position is closed");
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "0");
}

/* What arrives after the grace sees the close alone: open, high and low may be older. */
static void test_late_orders_see_the_close(void **state)
{
    floor_bench *bench = *state;
    bench->config.bar_open_grace.ns = 5 * TT_NS_PER_S;
    bench->config.report_latency.ns = TT_NS_PER_MS;
    floor_open(bench);
    tt_time open = bench->now;
    floor_wait(bench, 5000);
    floor_market(bench, 1, TT_side_BUY, "1"); // In time.
    floor_wait(bench, 1);
    floor_market(bench, 2, TT_side_BUY, "1"); // Late.
    floor_stop(bench, 3, TT_side_SELL, "1", "95");
    floor_limit(bench, 4, TT_side_BUY, "1", "98");
    floor_stop(bench, 5, TT_side_BUY, "1", "101.5");
    bench->now = open;
    floor_bar(bench, "100", "110", "90", "102");
    floor_wait(bench, 2);
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    expect(bench, "3 accepted");
    expect(bench, "4 accepted");
    expect(bench, "5 accepted");
    expect(bench, "1 fill 1 @ 100 taker fee 0.05 cum 1");
    assert_int_equal(bench->output.report.venue_time.ns, open.ns + 5 * TT_NS_PER_S);
    assert_int_equal(bench->output.time.ns, open.ns + 60 * TT_NS_PER_S);
    expect(bench, "2 fill 1 @ 102 taker fee 0.051 cum 1");
    assert_int_equal(bench->output.report.venue_time.ns, open.ns + 60 * TT_NS_PER_S);
    assert_int_equal(bench->output.time.ns, open.ns + 60 * TT_NS_PER_S + TT_NS_PER_MS);
    expect(bench, "5 fill 1 @ 102 taker fee 0.051 cum 1");
    expect_nothing(bench);
    floor_bar(bench, "102", "103", "90", "102"); // The next bar is theirs as a whole.
    floor_wait(bench, 2);
    expect(bench, "3 fill 1 @ 95 taker fee 0.0475 cum 1");
    expect(bench, "4 fill 1 @ 98 maker fee 0.0196 cum 1");
}

static void test_split_fills(void **state)
{
    floor_bench *bench = *state;
    bench->config.partial_fill_probability.d = num("1");
    floor_open(bench);
    floor_market(bench, 1, TT_side_BUY, "1");
    floor_bar(bench, "100", "100", "100", "100");
    expect(bench, "1 accepted");
    assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
    tt_dec first = bench->output.report.qty.d;
    assert_true(tt_dec_sign(first) > 0 && tt_dec_lt(first, num("1")));
    assert_true(tt_dec_is_multiple(first, num("0.001")));
    expect_nothing(bench);
    floor_bar(bench, "200", "200", "200", "200"); // The rest follows in the next bar, whole.
    assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
    assert_true(tt_dec_eq(tt_dec_xadd(first, bench->output.report.qty.d), num("1")));
    assert_num(bench->output.report.cumulative_qty, "1");
    assert_num(bench->output.report.price, "200");
    expect_nothing(bench);
}

static void test_time_in_force(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_order(bench, 1, TT_side_BUY, TT_order_type_LIMIT, "1", "99")->tif = TT_tif_IOC;
    floor_send(bench);
    floor_order(bench, 2, TT_side_BUY, TT_order_type_LIMIT, "1", "100")->tif = TT_tif_FOK;
    floor_send(bench);
    floor_bar(bench, "100", "100", "90", "100");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    expect(bench, "1 expired cum 0: not filled at once, as its time in force asks");
    expect(bench, "2 fill 1 @ 100 taker fee 0.05 cum 1");
    // An immediate order that is split loses its rest; one of fill or kill is never split.
    floor_close(bench);
    bench->config.partial_fill_probability.d = num("1");
    floor_open(bench);
    floor_order(bench, 3, TT_side_BUY, TT_order_type_MARKET, "0.002", "")->tif = TT_tif_IOC;
    bench->order.intent.qty.d = num("0.1");
    floor_send(bench);
    floor_order(bench, 4, TT_side_BUY, TT_order_type_MARKET, "0.1", "")->tif = TT_tif_FOK;
    floor_send(bench);
    floor_bar(bench, "100", "100", "90", "100");
    expect(bench, "3 accepted");
    expect(bench, "4 accepted");
    assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
    assert_int_equal(bench->output.report.kind, TT_report_kind_FILL);
    assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
    assert_int_equal(bench->output.report.kind, TT_report_kind_EXPIRED);
    assert_int_equal(bench->output.report.order_id, 3);
    expect(bench, "4 fill 0.1 @ 100 taker fee 0.005 cum 0.1");
}

static void test_stop_limit(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_bar(bench, "100", "100", "100", "100");
    for (uint64_t id = 1; id <= 3; id++) {
        tt_order_intent *intent =
            floor_order(bench, id, TT_side_SELL, TT_order_type_STOP_LIMIT, "1", "94.5");
        intent->trigger_price.d = num(id == 3 ? "90" : "95");
        intent->price.d = num(id == 2 ? "96" : "94.5");
        floor_send(bench);
    }
    // The first takes at its trigger. The second would rest at 96, but the high was before.
    floor_bar(bench, "99", "99", "94", "95");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    expect(bench, "3 accepted");
    expect(bench, "1 fill 1 @ 95 taker fee 0.0475 cum 1");
    expect_nothing(bench);
    floor_bar(bench, "95", "97", "95", "96");
    expect(bench, "2 fill 1 @ 96 maker fee 0.0192 cum 1");
    // The open is beyond trigger and limit: nothing sells below the limit.
    floor_bar(bench, "89", "94.5", "88", "94");
    expect_nothing(bench);
    floor_bar(bench, "94", "94.6", "94", "94");
    expect(bench, "3 fill 1 @ 94.5 maker fee 0.0189 cum 1");
}

static void test_post_only(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_bar(bench, "100", "100", "100", "100");
    floor_order(bench, 1, TT_side_BUY, TT_order_type_LIMIT, "1", "100")->tif = TT_tif_POST_ONLY;
    floor_send(bench);
    expect(bench, "1 rejected cum 0: post only, but it would take at once");
    floor_order(bench, 2, TT_side_BUY, TT_order_type_LIMIT, "1", "99")->tif = TT_tif_POST_ONLY;
    floor_send(bench);
    expect(bench, "2 accepted");
    floor_bar(bench, "98", "98", "97", "98"); // The open comes to it: its own price.
    expect(bench, "2 fill 1 @ 99 maker fee 0.0198 cum 1");
}

static void test_other_instruments_are_not_touched(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    (void)floor_order(bench, 1, TT_side_BUY, TT_order_type_MARKET, "1", "");
    floor_send_key(bench, ETH);
    expect(bench, "1 accepted");
    assert_int_equal(bench->output.key, ETH);
    floor_bar(bench, "100", "100", "90", "100");
    expect_nothing(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_market_order_fills_at_the_next_open),
        FLOOR_TEST(test_costs_of_a_taker),
        FLOOR_TEST(test_stop_within_the_bar),
        FLOOR_TEST(test_stop_at_a_gap),
        FLOOR_TEST(test_limit_needs_a_trade_through),
        FLOOR_TEST(test_resting_limit_at_a_gap),
        FLOOR_TEST(test_new_limit_that_crosses),
        FLOOR_TEST(test_stop_comes_before_limit),
        FLOOR_TEST(test_late_orders_see_the_close),
        FLOOR_TEST(test_split_fills),
        FLOOR_TEST(test_time_in_force),
        FLOOR_TEST(test_stop_limit),
        FLOOR_TEST(test_post_only),
        FLOOR_TEST(test_other_instruments_are_not_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
