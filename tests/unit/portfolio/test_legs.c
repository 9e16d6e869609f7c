/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The batches of a plan: when they are due, what they wait for, what their buys may cost.
 *
 * Covers: portfolio_legs.c portfolio_publish.c
 */
#include "fixture.h"

static void batches_run_on_their_time(void **state)
{
    (void)state;
    start();
    advise(TT_portfolio_action_REBALANCE, TT_rebalance_strategy_NONE);
    const int64_t first = desk.now.ns;
    assert_int_equal(plan()->batches, 6);
    assert_num(plan()->buys, "800");
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
    assert_num(proposal(XRP)->size, "66.7");
    assert_num(proposal(XRP)->confidence, "0.9");
    assert_int_equal(proposal(XRP)->leverage, 1);
    assert_int_equal(proposal(XRP)->kind, TT_proposal_kind_REBALANCE);
    assert_int_equal(proposal(XRP)->signal_seq, newest(TT_TOPIC_REBALANCE_PLANS)->seq);
    for (uint64_t batch = 0; batch < 6; batch++) {
        assert_int_equal(status().batches[batch].open, 2);
        assert_int_equal(
            status().batches[batch].due.ns, first + (int64_t)batch * 14400 * TT_NS_PER_S);
        fill(BTC, 100 + batch, "66.6", false);
        fill(XRP, 200 + batch, "66.6", false);
        assert_int_equal(status().batches[batch].done, 2);
        forget();
        wait_s(14399);
        assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 0);
        wait_s(1);
        assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), batch < 5 ? 2 : 0);
    }
    assert_int_equal(plan()->outcome, TT_plan_outcome_COMPLETED);
    assert_num(plan()->buys, "799.2");
    assert_int_equal(status().trades_done, 12);
    assert_int_equal(status().plan_seq, 0);
    assert_int_equal(tt_timers_next(desk.core.timers).ns, TT_TIME_NEVER.ns);
}

/* One trade of 500 is 83.35 and five times 83.33; one of a cent less is one batch. */
static void batches_begin_at_a_total(void **state)
{
    (void)state;
    set_targets("50", "0", "50");
    start();
    command(TT_command_REBALANCE);
    assert_int_equal(plan()->batches, 6);
    assert_int_equal(plan()->interval.ns, 14400 * TT_NS_PER_S);
    assert_num(proposal(BTC)->size, "83.35");
    fill(BTC, 1, "83.35", false);
    wait_s(14400);
    assert_num(proposal(BTC)->size, "83.33");
    (void)close_desk(state);
    (void)open_desk(state);
    set_targets("50", "0", "50");
    start();
    account("999.98");
    command(TT_command_REBALANCE);
    assert_int_equal(plan()->batches, 1);
    assert_num(proposal(BTC)->size, "499.99");
}

static void a_pause_keeps_batches_and_late_ones_are_skipped(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    system_event(TT_system_event_type_COORDINATOR_PAUSED, 1);
    forget();
    wait_s(2 * 14400); // batch 1 is due for exactly the limit, batch 2 now
    assert_int_equal(count_of(TT_TOPIC_REBALANCE_BATCHES), 0);
    system_event(TT_system_event_type_COORDINATOR_RESUMED, 0);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
    fill(BTC, 3, "66.66", false);
    fill(XRP, 4, "66.66", false);
    fill(BTC, 5, "66.66", false); // batch 2 follows at once: it is due, too
    fill(XRP, 6, "66.66", false);
    system_event(TT_system_event_type_COORDINATOR_HALTED, 2);
    wait_s(2 * 14400 + 1); // batch 3 is late by a second
    forget();
    system_event(TT_system_event_type_COORDINATOR_RESUMED, 0);
    assert_int_equal(status().batches[3].skipped, 2);
    assert_int_equal(status().batches[4].open, 2);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
}

static void late_batches_run_if_configured(void **state)
{
    (void)state;
    desk.config.allocation.late_policy = TT_late_policy_RUN;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    session(TT_session_event_type_STOPPED);
    wait_s(10 * 14400);
    forget();
    session(TT_session_event_type_RECOVERED);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2); // one batch, not all
    assert_int_equal(leg()->batch, 1);
    fill(BTC, 3, "66.66", false);
    fill(XRP, 4, "66.66", false);
    assert_int_equal(leg()->batch, 2);
}

/* Other trades of the symbol, other than stops and targets, go first. */
static void a_busy_symbol_is_waited_for(void **state)
{
    (void)state;
    start();
    const tt_execution_event stop = {
        .order_id = 8,
        .old_state = TT_order_state_NONE,
        .new_state = TT_order_state_NEW,
        .role = TT_order_role_STOP_LOSS,
    };
    say(TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, XRP, &stop);
    desk.verdict = 0;
    order(BTC, 9, false);
    command(TT_command_REBALANCE);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    assert_num(proposal(XRP)->size, "66.7");
    end_order(BTC, 9, TT_order_state_UNKNOWN, "0");
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    end_order(BTC, 9, TT_order_state_CANCELLED, "0");
    assert_num(proposal(BTC)->size, "66.7");
    // One that never comes free is skipped when it is late.
    fill(BTC, 10, "66.7", false);
    fill(XRP, 11, "66.7", false);
    desk.verdict = 0;
    order(XRP, 12, false);
    wait_s(14400);
    fill(BTC, 13, "66.66", false);
    wait_s(14400 + 7200);
    assert_int_equal(status().batches[1].skipped, 0);
    assert_int_equal(tt_timers_next(desk.core.timers).ns, desk.now.ns + 1); // as late as it may be
    wait_s(1);
    assert_int_equal(status().batches[1].skipped, 1);
}

static void degradation_holds_back_what_adds(void **state)
{
    (void)state;
    start();
    position(BTC, "800");
    system_event(TT_system_event_type_DEGRADATION_INCREASED, TT_degradation_EMERGENCY);
    command(TT_command_REBALANCE);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 0);
    system_event(TT_system_event_type_DEGRADATION_DECREASED, TT_degradation_LIMITED);
    assert_int_equal(proposal(BTC)->side, TT_side_SELL);
    fill(BTC, 1, "66.7", true);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    system_event(TT_system_event_type_DEGRADATION_DECREASED, TT_degradation_REDUCED);
    assert_int_equal(proposal(XRP)->side, TT_side_BUY);
}

/* A thousand in BTC: 600 are to be sold, 400 of XRP bought. */
static void start_with_a_sale(void)
{
    desk.config.allocation.strategy = TT_rebalance_strategy_IMMEDIATE;
    start();
    position(BTC, "1000");
    command(TT_command_REBALANCE);
    assert_num(proposal(BTC)->size, "600");
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
}

static void buys_wait_for_sells(void **state)
{
    (void)state;
    start_with_a_sale();
    judge(BTC, TT_risk_code_NONE);
    order(BTC, 1, true);
    wait_s(7199);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    end_order(BTC, 1, TT_order_state_FILLED, "599.5");
    assert_num(proposal(XRP)->size, "400");
}

/* A sale that brings less leaves less; one that is given up, nothing. */
static void buys_are_cut_to_what_sells_brought(void **state)
{
    (void)state;
    start_with_a_sale();
    judge(BTC, TT_risk_code_NONE);
    order(BTC, 1, true);
    end_order(BTC, 1, TT_order_state_CANCELLED, "100"); // trade tries again
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    order(BTC, 2, true);
    end_order(BTC, 2, TT_order_state_PARTIALLY_FILLED, "50.55");
    wait_s(7200);
    assert_num(proposal(XRP)->size, "150.55");
    fill(XRP, 3, "150.55", false);
    assert_num(plan()->sells, "150.55");
    (void)close_desk(state);
    (void)open_desk(state);
    start_with_a_sale();
    judge(BTC, TT_risk_code_NONE);
    wait_s(7200);
    assert_int_equal(leg()->state, TT_batch_state_SKIPPED);
    assert_string_equal(leg()->reason, "the sells leave only 0.00 for buys");
    assert_int_equal(status().trades_failed, 1);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    assert_int_equal(plan()->outcome, TT_plan_outcome_COMPLETED);
}

static void a_position_that_is_gone_is_not_sold(void **state)
{
    (void)state;
    start();
    position(BTC, "1000");
    command(TT_command_REBALANCE);
    fill(BTC, 1, "100", true);
    fill(XRP, 2, "66.7", false);
    position(BTC, "0");
    wait_s(14400);
    assert_int_equal(status().batches[1].skipped, 2);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
}

/* The last batch of a sale of everything is a close, so that no dust stays. */
static void an_exit_ends_with_a_close(void **state)
{
    (void)state;
    set_targets("0", "40", "60");
    start();
    position(BTC, "600");
    position(XRP, "400");
    command(TT_command_REBALANCE);
    for (uint64_t batch = 0; batch < 6; batch++) {
        assert_int_equal(
            proposal(BTC)->kind, batch < 5 ? TT_proposal_kind_REBALANCE : TT_proposal_kind_CLOSE);
        assert_int_equal(proposal(BTC)->exit_reason, TT_exit_reason_REBALANCE);
        fill(BTC, 1 + batch, "100", true);
        wait_s(14400);
    }
    assert_num(plan()->sells, "600");
}

static void limit_orders_are_for_buys(void **state)
{
    (void)state;
    desk.config.allocation.strategy = TT_rebalance_strategy_LIMIT_ORDERS;
    start();
    position(BTC, "1000");
    const tt_bar bar = {.close.d = num("1.5")};
    say(TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, BTC, &bar);
    say(TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, XRP, &bar);
    command(TT_command_REBALANCE);
    assert_num(proposal(BTC)->entry_price, "0");
    fill(BTC, 1, "100", true);
    assert_num(proposal(XRP)->entry_price, "1.5");
    // It may rest: a purchase is never given up while its order lives.
    judge(XRP, TT_risk_code_NONE);
    order(XRP, 2, false);
    wait_s(100000);
    assert_int_equal(leg()->state, TT_batch_state_SENT);
    end_order(XRP, 2, TT_order_state_EXPIRED, "20");
    assert_int_equal(status().batches[0].done, 2);
}

static void whoever_closes_ends_the_plan(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    tt_position_command close = {.command = TT_position_command_type_CANCEL_ENTRIES};
    say(TT_TOPIC_POSITION_COMMANDS, TT_SOURCE_COORDINATOR, 0, &close);
    assert_int_equal(status().trades_skipped, 0);
    close.command = TT_position_command_type_CLOSE;
    say(TT_TOPIC_POSITION_COMMANDS, TT_SOURCE_COORDINATOR, XRP, &close);
    assert_int_equal(status().trades_skipped, 5);
    assert_string_equal(leg()->reason, "positions are being closed");
    say(TT_TOPIC_POSITION_COMMANDS, TT_SOURCE_COORDINATOR, 0, &close);
    assert_int_equal(status().trades_skipped, 10);
    assert_int_equal(plan()->outcome, TT_plan_outcome_COMPLETED);
    assert_string_equal(plan()->reason, "2 trades done, 0 failed, 10 skipped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(batches_run_on_their_time),
        DESK_TEST(batches_begin_at_a_total),
        DESK_TEST(a_pause_keeps_batches_and_late_ones_are_skipped),
        DESK_TEST(late_batches_run_if_configured),
        DESK_TEST(a_busy_symbol_is_waited_for),
        DESK_TEST(degradation_holds_back_what_adds),
        DESK_TEST(buys_wait_for_sells),
        DESK_TEST(buys_are_cut_to_what_sells_brought),
        DESK_TEST(a_position_that_is_gone_is_not_sold),
        DESK_TEST(an_exit_ends_with_a_close),
        DESK_TEST(limit_orders_are_for_buys),
        DESK_TEST(whoever_closes_ends_the_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
