/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the exchange rejects, with the words that it uses, and how orders end.
 */
#include "fixture.h"

static void test_quantities(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_market(bench, 1, TT_side_BUY, "0");
    expect(bench, "1 rejected cum 0: quantity 0 is not above 0 and up to 10000000000");
    floor_market(bench, 2, TT_side_BUY, "-1");
    expect(bench, "2 rejected cum 0: quantity -1 is not above 0 and up to 10000000000");
    floor_market(bench, 3, TT_side_BUY, "10000000000.001");
    expect(
        bench, "3 rejected cum 0: quantity 10000000000.001 is not above 0 and up to 10000000000");
    floor_market(bench, 4, TT_side_BUY, "1.0005");
    expect(bench, "4 rejected cum 0: quantity 1.0005 is no multiple of 0.001");
    floor_market(bench, 5, TT_side_BUY, "0.001");
    expect(bench, "5 rejected cum 0: quantity 0.001 is below 0.002");
    floor_market(bench, 6, TT_side_BUY, "0.002");
    expect(bench, "6 accepted");
}

static void test_prices(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "1", "0");
    expect(bench, "1 rejected cum 0: price 0 is not above 0 and up to 1000000000");
    floor_limit(bench, 2, TT_side_BUY, "1", "1000000000.1");
    expect(bench, "2 rejected cum 0: price 1000000000.1 is not above 0 and up to 1000000000");
    floor_limit(bench, 3, TT_side_BUY, "1", "100.05");
    expect(bench, "3 rejected cum 0: price 100.05 is no multiple of 0.1");
    floor_stop(bench, 4, TT_side_BUY, "1", "0");
    expect(bench, "4 rejected cum 0: trigger 0 is not above 0 and up to 1000000000");
    floor_stop(bench, 5, TT_side_BUY, "1", "100.05");
    expect(bench, "5 rejected cum 0: trigger 100.05 is no multiple of 0.1");
    // The price of a stop and the trigger of a limit order mean nothing.
    floor_order(bench, 6, TT_side_BUY, TT_order_type_STOP, "1", "100")->price.d = num("0.05");
    floor_send(bench);
    expect(bench, "6 accepted");
}

static void test_value(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "0.049", "100");
    expect(bench, "1 rejected cum 0: the order is worth less than 5");
    floor_limit(bench, 2, TT_side_BUY, "0.05", "100");
    expect(bench, "2 accepted");
    floor_limit(bench, 3, TT_side_BUY, "1000000.001", "1000000000");
    expect(bench, "3 rejected cum 0: the order is worth more than 1000000000000000");
    floor_stop(bench, 4, TT_side_BUY, "0.049", "100");
    expect(bench, "4 rejected cum 0: the order is worth less than 5");
    // A market order has the value of the last price; before there is one, of what sized it.
    floor_order(bench, 5, TT_side_BUY, TT_order_type_MARKET, "0.049", "")->reference_price.d =
        num("100");
    floor_send(bench);
    expect(bench, "5 rejected cum 0: the order is worth less than 5");
    floor_bar(bench, "200", "200", "200", "200");
    floor_order(bench, 6, TT_side_BUY, TT_order_type_MARKET, "0.049", "")->reference_price.d =
        num("100");
    floor_send(bench);
    expect(bench, "6 accepted");
    floor_market(bench, 7, TT_side_BUY, "0.024");
    expect(bench, "7 rejected cum 0: the order is worth less than 5");
}

static void test_forms(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_market(bench, 1, TT_side_NONE, "1");
    expect(bench, "1 rejected cum 0: the side is neither buy nor sell");
    floor_order(bench, 2, TT_side_BUY, TT_order_type_MARKET, "1", "")->type = TT_order_type_COUNT;
    floor_send(bench);
    expect(bench, "2 rejected cum 0: type or time in force is unknown");
    floor_order(bench, 3, TT_side_BUY, TT_order_type_MARKET, "1", "")->tif = TT_tif_COUNT;
    floor_send(bench);
    expect(bench, "3 rejected cum 0: type or time in force is unknown");
    tt_sim_stats stats;
    tt_sim_venue_stats_get(&bench->venue, &stats);
    assert_int_equal(stats.rejected, 3);
    assert_int_equal(stats.open_orders, 0);
}

static void test_unknown_instrument(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    const uint32_t keys[] = {0, INSTRUMENTS + 1, UINT32_MAX};
    for (uint64_t i = 0; i < 3; i++) {
        (void)floor_order(bench, i + 1, TT_side_BUY, TT_order_type_MARKET, "1", "");
        floor_send_key(bench, keys[i]);
        assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
        assert_int_equal(bench->output.report.kind, TT_report_kind_REJECTED);
        assert_string_equal(bench->output.report.reason, "no instrument has this key");
    }
}

static void test_reduce_only(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_order(bench, 1, TT_side_SELL, TT_order_type_MARKET, "1", "")->reduce_only = 1;
    floor_send(bench);
    expect(bench, "1 rejected cum 0: reduce only, but there is no position on the other side");
    floor_market(bench, 2, TT_side_BUY, "1");
    floor_bar(bench, "100", "100", "100", "100");
    expect(bench, "2 accepted");
    expect(bench, "2 fill 1 @ 100 taker fee 0.05 cum 1");
    floor_order(bench, 3, TT_side_BUY, TT_order_type_MARKET, "1", "")->reduce_only = 1;
    floor_send(bench);
    expect(bench, "3 rejected cum 0: reduce only, but there is no position on the other side");
    // A rest below the smallest order and value may be closed.
    floor_order(bench, 4, TT_side_SELL, TT_order_type_MARKET, "0.001", "")->reduce_only = 1;
    floor_send(bench);
    expect(bench, "4 accepted");
    floor_order(bench, 5, TT_side_SELL, TT_order_type_MARKET, "7", "")->reduce_only = 1;
    floor_send(bench);
    expect(bench, "5 accepted");
    floor_bar(bench, "100", "100", "100", "100");
    expect(bench, "4 fill 0.001 @ 100 taker fee 0.00005 cum 0.001");
    expect(bench, "5 fill 0.999 @ 100 taker fee 0.04995 cum 0.999"); // It never turns around.
    expect(bench, "5 cancelled cum 0.999: reduce only, and the position is closed");
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "0");
}

static void test_bound_of_open_orders(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    for (uint64_t id = 1; id <= TT_ORDERS_MAX; id++) {
        floor_limit(bench, id, TT_side_BUY, "1", "50");
        assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
        assert_int_equal(bench->output.report.kind, TT_report_kind_ACCEPTED);
    }
    floor_limit(bench, 5000, TT_side_BUY, "1", "50");
    expect(bench, "5000 rejected cum 0: there are 4096 open orders already");
    floor_cancel(bench, 17);
    expect(bench, "17 cancelled cum 0: cancelled as asked");
    floor_limit(bench, 5001, TT_side_BUY, "1", "50");
    expect(bench, "5001 accepted");
}

static void test_rejected_by_chance(void **state)
{
    floor_bench *bench = *state;
    bench->config.reject_probability.d = num("0.25");
    floor_open(bench);
    int rejected = 0;
    for (uint64_t id = 1; id <= 1000; id++) {
        floor_limit(bench, id, TT_side_BUY, "1", "50");
        assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
        if (bench->output.report.kind == TT_report_kind_REJECTED) {
            rejected++;
            assert_string_equal(
                bench->output.report.reason, "rejected by chance (venue.reject_probability)");
        }
    }
    assert_in_range(rejected, 200, 300);
}

static void test_expiry(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    tt_time start = bench->now;
    for (uint64_t id = 1; id <= 3; id++) {
        floor_order(bench, id, TT_side_BUY, TT_order_type_LIMIT, "1", "50")->expire_time.ns =
            start.ns + (int64_t)(4 - id) * TT_NS_PER_S;
        floor_send(bench);
    }
    floor_order(bench, 4, TT_side_BUY, TT_order_type_LIMIT, "1", "50")->expire_time = start;
    floor_send(bench);
    expect(bench, "1 accepted");
    expect(bench, "2 accepted");
    expect(bench, "3 accepted");
    expect(bench, "4 expired cum 0: its time has passed"); // Before it arrived.
    assert_int_equal(
        bench->venue.next(bench->venue.ctx).ns, start.ns + TT_NS_PER_S); // Known in advance.
    floor_wait(bench, 999);
    expect_nothing(bench);
    floor_wait(bench, 1);
    expect(bench, "3 expired cum 0: its time has passed");
    floor_wait(bench, 5000);
    expect(bench, "2 expired cum 0: its time has passed");
    assert_int_equal(bench->output.report.venue_time.ns, start.ns + 2 * TT_NS_PER_S);
    expect(bench, "1 expired cum 0: its time has passed");
    expect_nothing(bench);
    assert_int_equal(bench->venue.next(bench->venue.ctx).ns, TT_TIME_NEVER.ns);
    floor_bar(bench, "40", "40", "40", "40"); // What has expired does not fill.
    expect_nothing(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_quantities),
        FLOOR_TEST(test_prices),
        FLOOR_TEST(test_value),
        FLOOR_TEST(test_forms),
        FLOOR_TEST(test_unknown_instrument),
        FLOOR_TEST(test_reduce_only),
        FLOOR_TEST(test_bound_of_open_orders),
        FLOOR_TEST(test_rejected_by_chance),
        FLOOR_TEST(test_expiry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
