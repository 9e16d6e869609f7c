/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the exchange does by itself: its positions, their liquidation, trades of others, funding.
 * Covers: sim_funding.c
 */
#include "fixture.h"

static const tt_sim_holding *held(const floor_bench *bench, tt_side side)
{
    return &floor_sim(bench)->markets[BTC - 1].holdings[side];
}

static bool take(floor_bench *bench)
{
    return bench->venue.poll(bench->venue.ctx, bench->now, &bench->output);
}

/* Lets what was sent arrive; what is said of it does not matter. */
static void settle(floor_bench *bench)
{
    floor_send(bench);
    while (take(bench)) {
    }
}

/* A derivative: leverage is allowed. */
static void start(floor_bench *bench)
{
    bench->instruments.list[BTC - 1].max_leverage.d = num("10");
    floor_open(bench);
}

static void enter(floor_bench *bench, uint64_t id, tt_side side, const char *qty, uint8_t leverage)
{
    floor_order(bench, id, side, TT_order_type_MARKET, qty, "")->leverage = leverage;
    settle(bench);
}

/* Skips reports; the next output of a topic. */
static bool next_of(floor_bench *bench, tt_topic topic)
{
    while (take(bench)) {
        if (bench->output.topic == topic) {
            return true;
        }
    }
    return false;
}

static void test_cost_and_liquidation(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    enter(bench, 1, TT_side_BUY, "2", 4);
    assert_num(held(bench, TT_side_NONE)->qty, "2");
    assert_num(held(bench, TT_side_NONE)->cost, "200");
    assert_num(held(bench, TT_side_NONE)->liquidation, "75");
    enter(bench, 2, TT_side_SELL, "0.5", 4);
    assert_num(held(bench, TT_side_NONE)->cost, "150");
    assert_num(held(bench, TT_side_NONE)->liquidation, "75");
    // Through zero: what is left is a new position with its own leverage.
    enter(bench, 3, TT_side_SELL, "2.5", 2);
    assert_num(held(bench, TT_side_NONE)->qty, "-1");
    assert_num(held(bench, TT_side_NONE)->cost, "-99.9");
    assert_num(held(bench, TT_side_NONE)->liquidation, "149.85");
}

static void test_a_mark_beyond_liquidates(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    enter(bench, 1, TT_side_BUY, "2", 4);
    floor_trade(bench, "75.1", "1", TT_side_SELL);
    assert_false(next_of(bench, TT_TOPIC_VENUE_TRADES));
    floor_trade(bench, "75", "1", TT_side_SELL);
    assert_true(next_of(bench, TT_TOPIC_VENUE_TRADES));
    const tt_venue_trade *trade = &bench->output.trade;
    assert_int_equal(trade->kind, TT_external_kind_LIQUIDATION);
    assert_int_equal(trade->side, TT_side_SELL);
    assert_num(trade->qty, "2");
    assert_num(trade->price, "75");
    assert_num(trade->fee, "0.075"); // 5 bps of 150
    assert_num(held(bench, TT_side_NONE)->qty, "0");
    assert_false(next_of(bench, TT_TOPIC_VENUE_TRADES));
}

static void test_the_range_of_a_bar_liquidates(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    floor_bar(bench, "100", "100", "100", "100");
    enter(bench, 1, TT_side_SELL, "1", 5);
    floor_bar(bench, "100", "100", "100", "100");
    floor_bar(bench, "100", "119.9", "100", "100");
    assert_false(next_of(bench, TT_TOPIC_VENUE_TRADES));
    floor_bar(bench, "100", "120", "100", "100");
    assert_true(next_of(bench, TT_TOPIC_VENUE_TRADES));
    assert_num(bench->output.trade.price, "120");
    assert_int_equal(bench->output.trade.side, TT_side_BUY);
}

static void test_two_sides_are_two_positions(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    floor_order(bench, 1, TT_side_BUY, TT_order_type_MARKET, "2", "")->position_side = TT_side_BUY;
    settle(bench);
    floor_order(bench, 2, TT_side_SELL, TT_order_type_MARKET, "3", "")->position_side =
        TT_side_SELL;
    settle(bench);
    assert_num(held(bench, TT_side_BUY)->qty, "2");
    assert_num(held(bench, TT_side_SELL)->qty, "-3");
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "-1");
    // A reduction reaches no further than the position that it names.
    tt_order_intent *intent = floor_order(bench, 3, TT_side_SELL, TT_order_type_MARKET, "5", "");
    intent->position_side = TT_side_BUY;
    intent->reduce_only = 1;
    settle(bench);
    assert_num(held(bench, TT_side_BUY)->qty, "0");
    assert_num(held(bench, TT_side_SELL)->qty, "-3");
}

static void test_others_trade_and_the_log_knows(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    start(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    const tt_venue_trade what = {
        .price = {num("101")},
        .qty = {num("1.5")},
        .side = TT_side_SELL,
        .kind = TT_external_kind_ADL,
    };
    assert_int_equal(
        tt_sim_venue_external(&bench->venue, bench->now, BTC, &what, &bench->error), TUTTI_OK);
    assert_true(next_of(bench, TT_TOPIC_VENUE_TRADES));
    uint64_t exec_id = bench->output.trade.exec_id;
    floor_close(bench);
    start(bench);
    assert_num(held(bench, TT_side_NONE)->qty, "-1.5");
    assert_int_equal(tt_sim_find(floor_sim(bench), "!adl-1"), 0);
    assert_int_equal(
        tt_sim_venue_external(&bench->venue, bench->now, BTC, &what, &bench->error), TUTTI_OK);
    assert_true(next_of(bench, TT_TOPIC_VENUE_TRADES));
    assert_true(bench->output.trade.exec_id != exec_id);
    assert_num(held(bench, TT_side_NONE)->qty, "-3");
}

static void test_wrong_trades_are_refused(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    const tt_venue_trade right = {
        .price = {num("101")},
        .qty = {num("1")},
        .side = TT_side_SELL,
        .kind = TT_external_kind_ADL};
    tt_venue_trade wrong[4] = {right, right, right, right};
    wrong[0].kind = TT_external_kind_NONE;
    wrong[1].side = TT_side_NONE;
    wrong[2].qty.d = num("0");
    wrong[3].price.d = num("-1");
    for (int i = 0; i < 4; i++) {
        assert_int_equal(
            tt_sim_venue_external(&bench->venue, bench->now, BTC, &wrong[i], &bench->error),
            TUTTI_INVALID);
    }
    assert_int_equal(
        tt_sim_venue_external(&bench->venue, bench->now, INSTRUMENTS + 1, &right, &bench->error),
        TUTTI_INVALID);
}

static void test_funding_at_each_interval(void **state)
{
    floor_bench *bench = *state;
    bench->config.funding_rate.d = num("0.0001");
    bench->config.funding_interval.ns = 28800 * TT_NS_PER_S;
    start(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    floor_wait(bench, 8 * 3600 * 1000);
    assert_false(next_of(bench, TT_TOPIC_FUNDING_PAYMENTS)); // Nothing is held.
    enter(bench, 1, TT_side_BUY, "2", 4);
    floor_trade(bench, "110", "1", TT_side_SELL);
    floor_wait(bench, 8 * 3600 * 1000);
    assert_true(next_of(bench, TT_TOPIC_FUNDING_PAYMENTS));
    const tt_funding_payment *payment = &bench->output.funding;
    assert_num(payment->amount, "-0.022");
    assert_num(payment->mark, "110");
    assert_num(payment->qty, "2");
    assert_int_equal(payment->venue_time.ns % (28800 * TT_NS_PER_S), 0);
    assert_false(next_of(bench, TT_TOPIC_FUNDING_PAYMENTS));
    // A short one receives it.
    enter(bench, 2, TT_side_SELL, "3", 4);
    floor_wait(bench, 8 * 3600 * 1000);
    assert_true(next_of(bench, TT_TOPIC_FUNDING_PAYMENTS));
    assert_int_equal(tt_dec_sign(payment->amount.d), 1);
}

static void test_funding_is_not_paid_again_after_a_restart(void **state)
{
    floor_bench *bench = *state;
    bench->config.funding_rate.d = num("0.0001");
    bench->config.funding_interval.ns = 28800 * TT_NS_PER_S;
    floor_use_log(bench);
    start(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    enter(bench, 1, TT_side_BUY, "2", 4);
    floor_wait(bench, 8 * 3600 * 1000);
    assert_true(next_of(bench, TT_TOPIC_FUNDING_PAYMENTS));
    tt_time now = bench->now;
    floor_close(bench);
    start(bench);
    bench->now = now;
    assert_false(next_of(bench, TT_TOPIC_FUNDING_PAYMENTS));
    floor_wait(bench, 8 * 3600 * 1000);
    floor_quote(bench, "109.9", "30", "110.1", "30");
    assert_true(next_of(bench, TT_TOPIC_FUNDING_PAYMENTS));
    assert_num(bench->output.funding.mark, "110");
}

static void test_spot_is_neither_funded_nor_liquidated(void **state)
{
    floor_bench *bench = *state;
    bench->config.funding_rate.d = num("0.0001");
    bench->config.funding_interval.ns = 28800 * TT_NS_PER_S;
    bench->instruments.list[BTC - 1].max_leverage.d = num("1");
    floor_open(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    enter(bench, 1, TT_side_BUY, "2", 4);
    floor_trade(bench, "1", "1", TT_side_SELL);
    floor_wait(bench, 24 * 3600 * 1000);
    while (take(bench)) {
        assert_int_equal(bench->output.topic, TT_TOPIC_NONE);
    }
}

static void query_positions(floor_bench *bench, bool is_hedging)
{
    struct {
        tt_msg head;
        tt_venue_query query;
    } what = {
        .head = {.topic = TT_TOPIC_VENUE_QUERIES, .seq = 70, .size = sizeof what.query},
        .query = {.query_id = 70, .is_hedging = is_hedging},
    };
    assert_int_equal(
        bench->venue.effect(bench->venue.ctx, bench->now, &what.head, &bench->error), TUTTI_OK);
}

static void test_positions_are_told_with_their_orders(void **state)
{
    floor_bench *bench = *state;
    start(bench);
    floor_quote(bench, "99.9", "30", "100", "30");
    enter(bench, 1, TT_side_BUY, "2", 4);
    floor_limit(bench, 2, TT_side_BUY, "1", "90");
    while (take(bench)) {
    }
    const tt_venue_trade other = {
        .price = {num("98")},
        .qty = {num("0.5")},
        .side = TT_side_SELL,
        .kind = TT_external_kind_TRADE,
    };
    assert_int_equal(
        tt_sim_venue_external(&bench->venue, bench->now, BTC, &other, &bench->error), TUTTI_OK);
    while (take(bench)) {
    }
    query_positions(bench, false);
    assert_true(next_of(bench, TT_TOPIC_VENUE_POSITIONS));
    const tt_venue_position *told = &bench->output.position;
    assert_int_equal(bench->output.key, BTC);
    assert_num(told->qty, "1.5");
    assert_num(told->entry_price, "100");
    assert_num(told->external_qty, "-0.5");
    assert_num(told->external_price, "98");
    assert_int_equal(told->last_external, TT_external_kind_TRADE);
    assert_int_equal(told->query_id, 70);
    assert_int_equal(told->order_count, 1);
    assert_int_equal(told->orders[0].order_id, 2);
    assert_int_equal(told->is_last, 0);
    assert_true(next_of(bench, TT_TOPIC_VENUE_POSITIONS));
    assert_int_equal(bench->output.key, ETH);
    assert_num(told->qty, "0");
    assert_int_equal(told->is_last, 1);
    assert_false(next_of(bench, TT_TOPIC_VENUE_POSITIONS));
    // In hedging each instrument has two answers; without a connection there is none.
    query_positions(bench, true);
    for (int i = 0; i < 4; i++) {
        assert_true(next_of(bench, TT_TOPIC_VENUE_POSITIONS));
        assert_int_equal(told->position_side, i % 2 == 0 ? TT_side_BUY : TT_side_SELL);
        assert_int_equal(told->is_last, i == 3);
    }
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_DISCONNECT);
    query_positions(bench, false);
    assert_false(take(bench));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_cost_and_liquidation),
        FLOOR_TEST(test_a_mark_beyond_liquidates),
        FLOOR_TEST(test_the_range_of_a_bar_liquidates),
        FLOOR_TEST(test_two_sides_are_two_positions),
        FLOOR_TEST(test_others_trade_and_the_log_knows),
        FLOOR_TEST(test_wrong_trades_are_refused),
        FLOOR_TEST(test_funding_at_each_interval),
        FLOOR_TEST(test_funding_is_not_paid_again_after_a_restart),
        FLOOR_TEST(test_positions_are_told_with_their_orders),
        FLOOR_TEST(test_spot_is_neither_funded_nor_liquidated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
