/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Matching on quotes, depth and trades.
 */
#include "fixture.h"

static void test_market_order_takes_the_quote(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "2");
    floor_market(bench, 1, TT_side_BUY, "1.5");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 1.5 @ 100.2 taker fee 0.07515 cum 1.5");
    // What was taken is gone until the feed shows the level again.
    floor_market(bench, 2, TT_side_BUY, "1");
    expect(bench, "2 accepted");
    expect(bench, "2 fill 0.5 @ 100.2 taker fee 0.02505 cum 0.5");
    expect_nothing(bench);
    floor_quote(bench, "100", "3", "100.3", "0.4");
    expect(bench, "2 fill 0.4 @ 100.3 taker fee 0.02006 cum 0.9");
    floor_quote(bench, "100", "3", "100.4", "5");
    expect(bench, "2 fill 0.1 @ 100.4 taker fee 0.00502 cum 1");
    expect_nothing(bench);
}

static void test_market_order_waits_for_a_first_quote(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_market(bench, 1, TT_side_SELL, "1");
    expect(bench, "1 accepted");
    floor_quote(bench, "0", "0", "100.2", "2"); // No bid yet.
    expect_nothing(bench);
    floor_quote(bench, "100", "3", "0", "0");
    expect(bench, "1 fill 1 @ 100 taker fee 0.05 cum 1");
}

static void test_market_order_walks_the_depth(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_depth(bench, true, "b 99 1 b 98 1 a 101 0.5 a 102 0.0005 a 103 0.25 a 104 9");
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 0.5 @ 101 taker fee 0.02525 cum 0.5");
    expect(bench, "1 fill 0.25 @ 103 taker fee 0.012875 cum 0.75"); // 102 has less than a lot.
    expect(bench, "1 fill 0.25 @ 104 taker fee 0.013 cum 1");
}

static void test_slippage_is_adverse_and_bounded(void **state)
{
    floor_bench *bench = *state;
    bench->config.slippage_bps.d = num("50");
    floor_open(bench);
    bool did_slip = false;
    for (uint64_t id = 1; id <= 100; id += 2) {
        floor_quote(bench, "1000", "5", "1000.1", "5");
        floor_market(bench, id, TT_side_BUY, "1");
        floor_market(bench, id + 1, TT_side_SELL, "1");
        tt_dec bought = TT_DEC_ZERO;
        tt_dec sold = TT_DEC_ZERO;
        while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
            const tt_venue_report *report = &bench->output.report;
            if (report->kind == TT_report_kind_FILL) {
                *(report->order_id == id ? &bought : &sold) = report->price.d;
            }
        }
        assert_true(tt_dec_le(num("1000.1"), bought) && tt_dec_le(bought, num("1005.2")));
        assert_true(tt_dec_le(sold, num("1000")) && tt_dec_le(num("995"), sold));
        did_slip |= tt_dec_lt(num("1003"), bought);
    }
    assert_true(did_slip);
}

static void test_limit_that_crosses_takes_to_its_price(void **state)
{
    floor_bench *bench = *state;
    bench->config.slippage_bps.d = num("100");
    floor_open(bench);
    floor_depth(bench, true, "b 99 1 a 101 0.5 a 101.1 0.5 a 102 5");
    floor_limit(bench, 1, TT_side_BUY, "2", "101.1");
    expect(bench, "1 accepted");
    for (int i = 0; i < 2; i++) {
        assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
        assert_int_equal(bench->output.report.liquidity, TT_liquidity_TAKER);
        assert_num(bench->output.report.qty, "0.5");
        assert_true(tt_dec_le(bench->output.report.price.d, num("101.1")));
    }
    expect_nothing(bench); // One unit rests at 101.1 now.
    floor_depth(bench, false, "a 101.1 0.4 a 101 0");
    expect(bench, "1 fill 0.4 @ 101.1 maker fee 0.008088 cum 1.4"); // It came to the order.
    expect_nothing(bench);
}

static void test_queue_before_a_limit(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "2");
    floor_limit(bench, 1, TT_side_BUY, "1", "100");
    expect(bench, "1 accepted");
    floor_trade(bench, "100", "2", TT_side_SELL); // 1 is still ahead.
    floor_trade(bench, "100", "5", TT_side_BUY);  // Not on this side.
    expect_nothing(bench);
    floor_trade(bench, "100", "1.4", TT_side_SELL);
    expect(bench, "1 fill 0.4 @ 100 maker fee 0.008 cum 0.4");
    floor_trade(bench, "100", "0.1", TT_side_NONE); // Nobody is ahead any more.
    expect(bench, "1 fill 0.1 @ 100 maker fee 0.002 cum 0.5");
    floor_trade(bench, "99.9", "0.01", TT_side_SELL); // Through the price: all of it.
    expect(bench, "1 fill 0.5 @ 100 maker fee 0.01 cum 1");
}

static void test_limit_that_the_market_reaches(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "2");
    floor_limit(bench, 1, TT_side_SELL, "1", "101");
    expect(bench, "1 accepted");
    floor_quote(bench, "100.9", "3", "101.2", "2");
    expect_nothing(bench);
    floor_quote(bench, "101.3", "0.25", "101.5", "2");
    expect(bench, "1 fill 0.25 @ 101 maker fee 0.00505 cum 0.25"); // As much as is bid for.
    floor_quote(bench, "101.3", "3", "101.5", "2");
    expect(bench, "1 fill 0.75 @ 101 maker fee 0.01515 cum 1");
}

static void test_stop_triggers(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "2");
    floor_stop(bench, 1, TT_side_SELL, "1", "99.5");
    floor_stop(bench, 2, TT_side_BUY, "1", "101");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    floor_quote(bench, "99.6", "3", "100.9", "2");
    expect_nothing(bench);
    floor_quote(bench, "99.3", "3", "100.9", "2"); // Past the trigger: at the bid, which is worse.
    expect(bench, "1 fill 1 @ 99.3 taker fee 0.04965 cum 1");
    floor_trade(bench, "101", "1", TT_side_BUY); // A trade triggers as well; the book fills.
    expect(bench, "2 fill 1 @ 100.9 taker fee 0.05045 cum 1");
    floor_stop(bench, 3, TT_side_SELL, "1", "99.4"); // Reached already when it arrives.
    expect(bench, "3 accepted");
    expect(bench, "3 fill 1 @ 99.3 taker fee 0.04965 cum 1");
}

/* A triggered stop that finds too little goes on as a market order. */
static void test_triggered_stop_waits_for_more(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "0.2", "100.2", "2");
    floor_stop(bench, 1, TT_side_SELL, "1", "100");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 0.2 @ 100 taker fee 0.01 cum 0.2");
    floor_quote(bench, "105", "3", "105.2", "2"); // Above the trigger again.
    expect(bench, "1 fill 0.8 @ 105 taker fee 0.042 cum 1");
}

static void test_trades_alone(void **state)
{
    floor_bench *bench = *state;
    bench->config.half_spread_bps.d = num("10");
    floor_open(bench);
    floor_market(bench, 1, TT_side_BUY, "1");
    floor_limit(bench, 2, TT_side_BUY, "1", "100");
    floor_stop(bench, 3, TT_side_SELL, "1", "99");
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    expect(bench, "3 accepted");
    floor_trade(bench, "100.5", "0.001", TT_side_BUY);
    expect(bench, "1 fill 1 @ 100.7 taker fee 0.05035 cum 1"); // 100.6005 up.
    expect_nothing(bench);
    floor_trade(
        bench, "100", "50", TT_side_SELL); // The queue is not known: at the price is not enough.
    expect_nothing(bench);
    floor_trade(bench, "99", "1", TT_side_SELL);
    expect(bench, "2 fill 1 @ 100 maker fee 0.02 cum 1");
    expect(bench, "3 fill 1 @ 98.9 taker fee 0.04945 cum 1"); // 98.901 down.
    floor_limit(bench, 4, TT_side_BUY, "1", "99.05");
    expect(bench, "4 rejected cum 0: price 99.05 is no multiple of 0.1");
    floor_limit(bench, 5, TT_side_BUY, "1", "99.1");
    expect(bench, "5 accepted");
    floor_trade(bench, "99", "1", TT_side_SELL); // A new order that crosses takes, to its price.
    expect(bench, "5 fill 1 @ 99.1 taker fee 0.04955 cum 1");
}

static void test_time_in_force(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_depth(bench, true, "b 99 1 a 101 0.5 a 101.1 0.5 a 102 5");
    floor_order(bench, 1, TT_side_BUY, TT_order_type_LIMIT, "2", "101.1")->tif = TT_tif_FOK;
    floor_send(bench);
    expect(bench, "1 accepted");
    expect(bench, "1 expired cum 0: not filled at once, as its time in force asks");
    floor_order(bench, 2, TT_side_BUY, TT_order_type_LIMIT, "1", "101.1")->tif = TT_tif_FOK;
    floor_send(bench);
    expect(bench, "2 accepted");
    expect(bench, "2 fill 0.5 @ 101 taker fee 0.02525 cum 0.5");
    expect(bench, "2 fill 0.5 @ 101.1 taker fee 0.025275 cum 1");
    floor_order(bench, 3, TT_side_SELL, TT_order_type_LIMIT, "2", "99")->tif = TT_tif_IOC;
    floor_send(bench);
    expect(bench, "3 accepted");
    expect(bench, "3 fill 1 @ 99 taker fee 0.0495 cum 1");
    expect(bench, "3 expired cum 1: not filled at once, as its time in force asks");
    floor_order(bench, 4, TT_side_SELL, TT_order_type_MARKET, "2", "")->tif = TT_tif_IOC;
    floor_send(bench);
    expect(bench, "4 accepted"); // The bids are all taken.
    expect(bench, "4 expired cum 0: not filled at once, as its time in force asks");
}

static tt_order_intent *
stop_limit(floor_bench *bench, uint64_t id, tt_side side, const char *trigger, const char *limit)
{
    tt_order_intent *intent = floor_order(bench, id, side, TT_order_type_STOP_LIMIT, "1", limit);
    intent->price.d = num(limit);
    intent->trigger_price.d = num(trigger);
    return intent;
}

static void test_stop_limit(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "3");
    stop_limit(bench, 1, TT_side_SELL, "99", "98.5");
    floor_send(bench);
    expect(bench, "1 accepted");
    floor_quote(bench, "99.1", "3", "99.2", "3");
    expect_nothing(bench);
    floor_quote(bench, "99", "0.4", "99.2", "3"); // Triggered: it takes what its limit allows,
    expect(bench, "1 fill 0.4 @ 99 taker fee 0.0198 cum 0.4");
    floor_quote(bench, "98.4", "3", "98.6", "3"); // rests where there is nothing in its reach,
    expect_nothing(bench);
    floor_quote(bench, "98.5", "3", "98.6", "3"); // and is a maker when the market comes back.
    expect(bench, "1 fill 0.6 @ 98.5 maker fee 0.01182 cum 1");
    stop_limit(bench, 2, TT_side_BUY, "99", "99.5");
    floor_send(bench);
    expect(bench, "2 accepted");
    floor_trade(bench, "98.9", "1", TT_side_BUY);
    expect_nothing(bench);
    floor_quote(bench, "98.8", "3", "99", "3");
    expect(bench, "2 fill 1 @ 99 taker fee 0.0495 cum 1");
}

static void test_post_only(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "3");
    floor_order(bench, 1, TT_side_BUY, TT_order_type_LIMIT, "1", "100.2")->tif = TT_tif_POST_ONLY;
    floor_send(bench);
    expect(bench, "1 rejected cum 0: post only, but it would take at once");
    floor_order(bench, 2, TT_side_BUY, TT_order_type_LIMIT, "1", "100.1")->tif = TT_tif_POST_ONLY;
    floor_send(bench);
    expect(bench, "2 accepted");
    floor_quote(bench, "100", "3", "100.1", "3");
    expect(bench, "2 fill 1 @ 100.1 maker fee 0.02002 cum 1");
    floor_order(bench, 3, TT_side_SELL, TT_order_type_LIMIT, "1", "100")->tif = TT_tif_POST_ONLY;
    floor_send(bench);
    expect(bench, "3 rejected cum 0: post only, but it would take at once");
    floor_order(bench, 4, TT_side_SELL, TT_order_type_MARKET, "1", "")->tif = TT_tif_POST_ONLY;
    floor_send(bench);
    expect(bench, "4 rejected cum 0: type or time in force is unknown");
}

/* From the first quote on, bars do not fill: they tell the same story a second time. */
static void test_bars_beside_quotes(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "0.5");
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 0.5 @ 100.2 taker fee 0.02505 cum 0.5");
    floor_bar(bench, "100", "110", "90", "100");
    expect_nothing(bench);
}

static void test_end_of_data(void **state)
{
    floor_bench *bench = *state;
    bench->config.half_spread_bps.d = num("10");
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "0.5");
    floor_market(bench, 1, TT_side_BUY, "1");
    floor_limit(bench, 2, TT_side_BUY, "1", "90");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 0.5 @ 100.2 taker fee 0.02505 cum 0.5");
    expect(bench, "2 accepted");
    floor_end_data(bench);
    // No ask is left: the last price is the middle, 100.1, and the spread makes it 100.2001.
    expect(bench, "1 fill 0.5 @ 100.3 taker fee 0.025075 cum 1");
    expect_nothing(bench);
    floor_wait(bench, 10);
    floor_market(bench, 3, TT_side_SELL, "7"); // More than is bid for: the data is over.
    expect(bench, "3 accepted");
    expect(bench, "3 fill 7 @ 100 taker fee 0.35 cum 7");
}

static void test_end_of_bars(void **state)
{
    floor_bench *bench = *state;
    bench->config.half_spread_bps.d = num("10");
    floor_open(bench);
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 accepted");
    floor_end_data(bench); // There was no price at all.
    expect_nothing(bench);
    floor_cancel(bench, 1);
    expect(bench, "1 cancelled cum 0: cancelled as asked");
    floor_close(bench);
    floor_open(bench);
    floor_bar(bench, "100", "110", "90", "104");
    floor_end_data(bench);
    floor_market(bench, 2, TT_side_SELL, "1");
    expect(bench, "2 accepted");
    expect(bench, "2 fill 1 @ 103.8 taker fee 0.0519 cum 1"); // 103.896 down.
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_market_order_takes_the_quote),
        FLOOR_TEST(test_market_order_waits_for_a_first_quote),
        FLOOR_TEST(test_market_order_walks_the_depth),
        FLOOR_TEST(test_slippage_is_adverse_and_bounded),
        FLOOR_TEST(test_limit_that_crosses_takes_to_its_price),
        FLOOR_TEST(test_queue_before_a_limit),
        FLOOR_TEST(test_limit_that_the_market_reaches),
        FLOOR_TEST(test_stop_triggers),
        FLOOR_TEST(test_triggered_stop_waits_for_more),
        FLOOR_TEST(test_trades_alone),
        FLOOR_TEST(test_time_in_force),
        FLOOR_TEST(test_stop_limit),
        FLOOR_TEST(test_post_only),
        FLOOR_TEST(test_bars_beside_quotes),
        FLOOR_TEST(test_end_of_data),
        FLOOR_TEST(test_end_of_bars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
