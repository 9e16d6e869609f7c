/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Amends at the exchange: values, places in the queue, what is refused, what comes twice, restarts.
 *
 * Covers: sim_amend.c
 */
#include "fixture.h"

static const tt_sim_order *order_of(const floor_bench *bench, uint64_t id)
{
    return &floor_sim(bench)->orders[id - 1];
}

/** What the last output says of the order. */
static void assert_values(const floor_bench *bench, const char *qty, const char *price)
{
    assert_num(bench->output.report.order_qty, qty);
    assert_num(bench->output.report.order_price, price);
}

static void test_values_change_in_place(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "1", "100");
    expect(bench, "1 accepted");
    floor_amend(bench, 1, 50, "0.6", "99");
    expect(bench, "1 amended cum 0");
    assert_values(bench, "0.6", "99");
    assert_int_equal(bench->output.report.amend_id, 50);
    assert_int_equal(bench->output.report.venue_order_id, 1);
    assert_int_equal(bench->output.cause, 50);
    floor_query(bench, 1);
    expect(bench, "1 status submitted cum 0");
    assert_values(bench, "0.6", "99");
    assert_int_equal(bench->output.report.amend_id, 50);
    floor_bar(bench, "100", "100", "99.5", "99.5"); // Through the old price alone.
    expect_nothing(bench);
    floor_bar(bench, "99.5", "99.5", "98", "98");
    expect(bench, "1 fill 0.6 @ 99 maker fee 0.01188 cum 0.6");
    expect_nothing(bench);
}

/** A cut keeps the place; a raise and another price go behind what is visible. */
static void test_places_in_the_queue(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "101", "3");
    floor_limit(bench, 1, TT_side_BUY, "2", "100");
    expect(bench, "1 accepted");
    floor_trade(bench, "100", "1", TT_side_SELL);
    assert_num(order_of(bench, 1)->queue_ahead, "2");
    floor_amend(bench, 1, 50, "1", "100");
    expect(bench, "1 amended cum 0");
    assert_num(order_of(bench, 1)->queue_ahead, "2");
    floor_amend(bench, 1, 51, "1.5", "100");
    expect(bench, "1 amended cum 0");
    assert_num(order_of(bench, 1)->queue_ahead, "3");
    floor_trade(bench, "100", "1", TT_side_SELL);
    assert_num(order_of(bench, 1)->queue_ahead, "2");
    floor_amend(bench, 1, 52, "1.5", "99.9");
    expect(bench, "1 amended cum 0");
    assert_num(order_of(bench, 1)->queue_ahead, "-1"); // Behind what can be seen.
    floor_amend(bench, 1, 53, "1.5", "100");
    expect(bench, "1 amended cum 0");
    assert_num(order_of(bench, 1)->queue_ahead, "3");
}

/** A price that crosses takes at once, as an order that arrives. */
static void test_a_price_that_crosses_takes(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "101", "3");
    floor_limit(bench, 1, TT_side_BUY, "2", "100");
    expect(bench, "1 accepted");
    floor_amend(bench, 1, 50, "2", "101");
    expect(bench, "1 amended cum 0");
    expect(bench, "1 fill 2 @ 101 taker fee 0.101 cum 2");
    floor_order(bench, 2, TT_side_BUY, TT_order_type_LIMIT, "1", "100")->tif = TT_tif_POST_ONLY;
    floor_send(bench);
    expect(bench, "2 accepted");
    floor_amend(bench, 2, 51, "1", "101");
    expect(bench, "2 amend_rejected cum 0: post only, but it would take at once");
    assert_values(bench, "1", "100");
}

static void test_values_are_checked(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_amend(bench, 9, 50, "1", "100");
    expect(bench, "9 amend_rejected cum 0: no order has this client order id");
    floor_limit(bench, 1, TT_side_BUY, "1", "100");
    expect(bench, "1 accepted");
    floor_amend(bench, 1, 51, "1.0001", "100");
    expect(bench, "1 amend_rejected cum 0: quantity 1.0001 is no multiple of 0.001");
    floor_amend(bench, 1, 52, "1", "100.05");
    expect(bench, "1 amend_rejected cum 0: price 100.05 is no multiple of 0.1");
    floor_amend(bench, 1, 53, "0.01", "100");
    expect(bench, "1 amend_rejected cum 0: the order is worth less than 5");
    floor_amend(bench, 1, 54, "1", "0");
    expect(bench, "1 amend_rejected cum 0: price 0 is not above 0 and up to 1000000000");
    assert_values(bench, "1", "100");
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_REJECT_NEXT_AMEND);
    floor_amend(bench, 1, 55, "2", "100");
    expect(bench, "1 amend_rejected cum 0: rejected as asked (fault)");
    floor_cancel(bench, 1);
    expect(bench, "1 cancelled cum 0: cancelled as asked");
    floor_amend(bench, 1, 56, "2", "100");
    expect(bench, "1 amend_rejected cum 0: the order is cancelled already");
    expect_nothing(bench);
}

static void test_a_stop(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_bar(bench, "100", "100", "100", "100");
    floor_stop(bench, 1, TT_side_BUY, "1", "110");
    expect(bench, "1 accepted");
    floor_amend_stop(bench, 1, 50, "1", "120");
    expect(bench, "1 amended cum 0");
    assert_num(bench->output.report.order_trigger, "120");
    floor_bar(bench, "100", "115", "100", "115");
    expect_nothing(bench);
    floor_bar(bench, "115", "121", "115", "121");
    expect(bench, "1 fill 1 @ 120 taker fee 0.06 cum 1");
}

/** To no more than what is filled: the rest is cancelled. */
static void test_below_what_is_filled(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "101", "1");
    floor_limit(bench, 1, TT_side_BUY, "2", "101");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 1 @ 101 taker fee 0.0505 cum 1");
    floor_amend(bench, 1, 50, "1", "101");
    expect(bench, "1 cancelled cum 1: amended to no more than what is filled");
    expect_nothing(bench);
}

/** The same amend again does nothing again; an older one is out of date. */
static void test_an_amend_is_done_once(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_quote(bench, "100", "3", "101", "3");
    floor_limit(bench, 1, TT_side_BUY, "2", "100");
    expect(bench, "1 accepted");
    floor_amend(bench, 1, 50, "3", "100");
    expect(bench, "1 amended cum 0");
    floor_trade(bench, "100", "1", TT_side_SELL);
    floor_amend(bench, 1, 50, "3", "100");
    expect(bench, "1 amended cum 0");
    assert_num(order_of(bench, 1)->queue_ahead, "2"); // It lost no place.
    floor_amend(bench, 1, 51, "2", "100");
    expect(bench, "1 amended cum 0");
    floor_amend(bench, 1, 50, "3", "100");
    expect(bench, "1 amend_rejected cum 0: this amend, or one after it, was answered already");
    assert_values(bench, "2", "100");
}

static void test_faults(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "1", "100");
    expect(bench, "1 accepted");
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_LOSE_NEXT_AMEND);
    floor_amend(bench, 1, 50, "2", "100");
    expect_nothing(bench);
    assert_num(order_of(bench, 1)->intent.qty, "1");
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_DISCONNECT);
    floor_amend(bench, 1, 51, "2", "100");
    expect(bench, "1 send_failed cum 0: there is no connection to the exchange");
    assert_int_equal(bench->output.report.amend_id, 51);
    assert_int_equal(bench->output.cause, 51);
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_CONNECT);
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_DUPLICATE_NEXT_REPORT);
    floor_amend(bench, 1, 52, "2", "100");
    expect(bench, "1 amended cum 0");
    expect(bench, "1 amended cum 0");
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_DROP_NEXT_REPORT);
    floor_amend(bench, 1, 53, "3", "100");
    expect_nothing(bench);
    assert_num(order_of(bench, 1)->intent.qty, "3");
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_DELAY_NEXT_REPORT);
    floor_amend(bench, 1, 54, "4", "100");
    expect_nothing(bench);
    floor_wait(bench, TT_SIM_FAULT_DELAY_S * 1000);
    expect(bench, "1 amended cum 0");
}

static void reopen(floor_bench *bench)
{
    while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
    }
    floor_close(bench);
    floor_open(bench);
}

/** The log has the values, and what is on its way; what was refused is not looked at again. */
static void test_a_restart_knows_amends(void **state)
{
    floor_bench *bench = *state;
    bench->config.order_latency.ns = 100 * TT_NS_PER_MS;
    floor_use_log(bench);
    floor_open(bench);
    floor_limit(bench, 1, TT_side_BUY, "2", "100");
    floor_limit(bench, 2, TT_side_BUY, "2", "100");
    floor_wait(bench, 100);
    floor_amend(bench, 1, 50, "1.5", "99");
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_REJECT_NEXT_AMEND);
    floor_wait(bench, 100);
    floor_amend(bench, 2, 51, "3", "98"); // Under way when the process ends.
    reopen(bench);
    floor_query(bench, 1);
    floor_wait(bench, 100);
    expect(bench, "2 amended cum 0"); // The fault went with the process.
    assert_values(bench, "3", "98");
    assert_int_equal(bench->output.report.amend_id, 51);
    expect(bench, "1 status submitted cum 0");
    assert_values(bench, "2", "100"); // Refused by the fault: it was the first to arrive.
    floor_amend(bench, 1, 52, "1", "99");
    floor_wait(bench, 100);
    expect(bench, "1 amended cum 0");
    reopen(bench);
    floor_query(bench, 1);
    floor_query(bench, 2);
    floor_wait(bench, 100);
    expect(bench, "1 status submitted cum 0");
    assert_values(bench, "1", "99");
    assert_int_equal(bench->output.report.amend_id, 52);
    expect(bench, "2 status submitted cum 0");
    assert_values(bench, "3", "98");
    expect_nothing(bench);
    floor_bar(bench, "98.5", "98.5", "98.5", "98.5");
    expect(bench, "1 fill 1 @ 98.5 taker fee 0.04925 cum 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_values_change_in_place),
        FLOOR_TEST(test_places_in_the_queue),
        FLOOR_TEST(test_a_price_that_crosses_takes),
        FLOOR_TEST(test_values_are_checked),
        FLOOR_TEST(test_a_stop),
        FLOOR_TEST(test_below_what_is_filled),
        FLOOR_TEST(test_an_amend_is_done_once),
        FLOOR_TEST(test_faults),
        FLOOR_TEST(test_a_restart_knows_amends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
