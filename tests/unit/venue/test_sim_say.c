/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Faults of the way between client and exchange, each followed by what a query tells.
 */
#include "fixture.h"

static void start(floor_bench *bench)
{
    floor_open(bench);
    floor_quote(bench, "100", "30", "100.2", "20");
}

static void fault(const floor_bench *bench, tt_sim_fault kind)
{
    tt_sim_venue_fault(&bench->venue, kind);
}

static uint64_t lost(const floor_bench *bench)
{
    tt_sim_stats stats;
    tt_sim_venue_stats_get(&bench->venue, &stats);
    return stats.lost_reports;
}

static void test_reject_next(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    fault(bench, TT_SIM_FAULT_REJECT_NEXT);
    floor_market(bench, 1, TT_side_BUY, "1");
    floor_market(bench, 2, TT_side_BUY, "1");
    expect(bench, "1 rejected cum 0: rejected as asked (fault)");
    expect(bench, "2 accepted");
    expect(bench, "2 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    floor_query(bench, 1);
    expect(bench, "1 status rejected cum 0");
    assert_string_equal(bench->output.report.reason, "rejected as asked (fault)");
}

static void test_drop_next_ack(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    fault(bench, TT_SIM_FAULT_DROP_NEXT_ACK);
    floor_limit(bench, 1, TT_side_BUY, "1", "90");
    expect_nothing(bench);
    floor_query(bench, 1); // The order is at the exchange all the same.
    expect(bench, "1 status submitted cum 0");
    floor_limit(bench, 2, TT_side_BUY, "1", "90");
    expect(bench, "2 accepted");
    assert_int_equal(lost(bench), 1);
}

static void test_drop_next_fill(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    fault(bench, TT_SIM_FAULT_DROP_NEXT_FILL);
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 accepted");
    expect_nothing(bench);
    assert_int_equal(lost(bench), 1);
    floor_query(bench, 1);
    expect(bench, "1 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    expect(bench, "1 status filled cum 1");
}

static void test_drop_next_report(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    fault(bench, TT_SIM_FAULT_DROP_NEXT_REPORT);
    fault(bench, TT_SIM_FAULT_DROP_NEXT_REPORT);
    floor_market(bench, 1, TT_side_BUY, "1");
    expect_nothing(bench); // Neither acceptance nor execution is told.
    floor_query(bench, 1);
    expect(bench, "1 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    expect(bench, "1 status filled cum 1");
    assert_int_equal(lost(bench), 2);
}

static void test_lose_next_order_and_cancel(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    fault(bench, TT_SIM_FAULT_LOSE_NEXT_ORDER);
    floor_market(bench, 1, TT_side_BUY, "1");
    expect_nothing(bench);
    floor_query(bench, 1);
    expect(bench, "1 not_found cum 0: no order has this client order id");
    floor_market(bench, 1, TT_side_BUY, "1"); // So the id is still free.
    expect(bench, "1 accepted");
    expect(bench, "1 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    floor_limit(bench, 2, TT_side_BUY, "1", "90");
    expect(bench, "2 accepted");
    fault(bench, TT_SIM_FAULT_LOSE_NEXT_CANCEL);
    floor_cancel(bench, 2);
    expect_nothing(bench);
    floor_cancel(bench, 2);
    expect(bench, "2 cancelled cum 0: cancelled as asked");
}

static void test_duplicate_next_report(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 accepted");
    expect(bench, "1 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    fault(bench, TT_SIM_FAULT_DROP_NEXT_ACK);
    fault(bench, TT_SIM_FAULT_DUPLICATE_NEXT_REPORT);
    floor_market(bench, 2, TT_side_BUY, "1");
    expect(bench, "2 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    uint64_t exec_id = bench->output.report.exec_id;
    expect(bench, "2 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    assert_int_equal(bench->output.report.exec_id, exec_id);
    expect_nothing(bench);
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "2");
}

static void test_delay_next_report(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    fault(bench, TT_SIM_FAULT_DELAY_NEXT_REPORT);
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 fill 1 @ 100.2 taker fee 0.0501 cum 1"); // The execution comes first.
    expect_nothing(bench);
    floor_wait(bench, TT_SIM_FAULT_DELAY_S * 1000 - 1);
    expect_nothing(bench);
    floor_wait(bench, 1);
    expect(bench, "1 accepted");
}

static void test_disconnect(void **state)
{
    floor_bench *bench = *state;
    bench->config.report_latency.ns = 10 * TT_NS_PER_MS;
    start(bench);
    floor_limit(bench, 1, TT_side_BUY, "1", "99");
    fault(bench, TT_SIM_FAULT_DISCONNECT);
    floor_wait(bench, 10);
    expect_nothing(bench); // What was under way is lost.
    floor_market(bench, 2, TT_side_BUY, "1");
    expect(bench, "2 send_failed cum 0: there is no connection to the exchange");
    assert_int_equal(bench->output.cause, 2);
    floor_cancel(bench, 1);
    expect(bench, "1 send_failed cum 0: there is no connection to the exchange");
    assert_int_equal(bench->output.cause, 101);
    floor_query(bench, 1);
    expect(bench, "1 send_failed cum 0: there is no connection to the exchange");
    floor_quote(bench, "98", "30", "98.5", "20"); // The order works on at the exchange.
    floor_wait(bench, 10);
    expect_nothing(bench);
    fault(bench, TT_SIM_FAULT_CONNECT);
    floor_query(bench, 1);
    floor_query(bench, 2);
    floor_wait(bench, 10);
    expect(bench, "1 fill 1 @ 99 maker fee 0.0198 cum 1");
    expect(bench, "1 status filled cum 1");
    expect(bench, "2 not_found cum 0: no order has this client order id");
    assert_int_equal(lost(bench), 2);
}

/* 100 s with a connection, 20 s without, again and again; 2024-01-01 is a whole number of turns. */
static void test_planned_outages(void **state)
{
    floor_bench *bench = *state;
    bench->config.outage_every.ns = 100 * TT_NS_PER_S;
    bench->config.outage_length.ns = 20 * TT_NS_PER_S;
    bench->config.report_latency.ns = TT_NS_PER_S;
    start(bench); // One second has passed.
    floor_wait(bench, 97999);
    floor_limit(bench, 1, TT_side_BUY, "1", "90"); // The last that is told: at 99.999 s.
    floor_wait(bench, 1);
    floor_limit(bench, 2, TT_side_BUY, "1", "90"); // Sent in time, told too late.
    floor_wait(bench, 999);
    expect(bench, "1 accepted");
    floor_wait(bench, 1);
    floor_limit(bench, 3, TT_side_BUY, "1", "90"); // At 100 s: not sent.
    assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
    assert_int_equal(bench->output.report.kind, TT_report_kind_SEND_FAILED);
    assert_int_equal(bench->output.report.order_id, 3);
    floor_wait(bench, 19999);
    floor_query(bench, 2); // At 119.999 s.
    assert_true(bench->venue.poll(bench->venue.ctx, bench->now, &bench->output));
    assert_int_equal(bench->output.report.kind, TT_report_kind_SEND_FAILED);
    expect_nothing(bench);
    floor_wait(bench, 1);
    floor_query(bench, 2);
    floor_query(bench, 3);
    floor_wait(bench, 1000);
    expect(bench, "2 status submitted cum 0");
    expect(bench, "3 not_found cum 0: no order has this client order id");
    assert_int_equal(lost(bench), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_reject_next),
        FLOOR_TEST(test_drop_next_ack),
        FLOOR_TEST(test_drop_next_fill),
        FLOOR_TEST(test_drop_next_report),
        FLOOR_TEST(test_lose_next_order_and_cancel),
        FLOOR_TEST(test_duplicate_next_report),
        FLOOR_TEST(test_delay_next_report),
        FLOOR_TEST(test_disconnect),
        FLOOR_TEST(test_planned_outages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
