/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From a command or the word of an agent to a plan, or to the reason why not.
 *
 * Covers: portfolio_check.c
 */
#include "fixture.h"

static void a_plan_waits_for_the_pause_between_plans(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_DONE, "planned: 2 trades");
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: no new plan for another 86400 s");
    command(TT_command_FORCE_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: trades of the plan before are on their way");
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    // What is left of the plan before is dropped, and its end is told.
    forget();
    command(TT_command_FORCE_REBALANCE);
    assert_reply(TT_reply_status_DONE, "planned: 2 trades");
    assert_int_equal(count_of(TT_TOPIC_REBALANCE_PLANS), 2);
    assert_int_equal(status().trades_skipped, 10);
    wait_s(86399);
    command(TT_command_CANCEL_REBALANCE);
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: no new plan for another 1 s");
}

static void a_forced_plan_ignores_the_threshold(void **state)
{
    (void)state;
    start();
    position(BTC, "420");
    position(XRP, "380");
    command(TT_command_REBALANCE);
    assert_reply(
        TT_reply_status_DONE,
        "on_target: every share is nearer to its target than the threshold, in percent: 5");
    command(TT_command_FORCE_REBALANCE);
    assert_int_equal(plan()->outcome, TT_plan_outcome_PLANNED);
    assert_int_equal(plan()->is_forced, 1);
    assert_num(plan()->sells, "20");
    assert_num(plan()->buys, "20");
    assert_int_equal(plan()->batches, 1);
}

static void nothing_is_planned_without_targets_account_or_switch(void **state)
{
    (void)state;
    desk.config.target_count = 0;
    desk.config.allocation.cash_target_pct.d = TT_DEC_ZERO;
    start();
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: portfolio.targets is empty");
    assert_false(status().has_targets);
    (void)close_desk(state);
    (void)open_desk(state);
    setup_module();
    session(TT_session_event_type_STARTED);
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: the account has no state yet");
    assert_true(status().has_targets);
    (void)close_desk(state);
    (void)open_desk(state);
    desk.config.allocation.enabled = false;
    start();
    command(TT_command_FORCE_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: portfolio.enabled is false");
    command(TT_command_CANCEL_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "no plan is in work");
    assert_int_equal(status().refused_plans, 1);
}

static void add_trade(tt_portfolio_update *update, uint32_t key, tt_side side, const char *amount)
{
    update->trades[update->count++] =
        (tt_rebalance_trade){.amount.d = num(amount), .instrument = key, .side = (uint8_t)side};
}

/* Without targets: only what reduces a position, sells first, no more than is held. */
static void without_targets_positions_are_cut_back(void **state)
{
    (void)state;
    desk.config.target_count = 0;
    desk.config.allocation.cash_target_pct.d = TT_DEC_ZERO;
    start();
    position(1, "-100");
    position(2, "50");
    position(3, "600");
    position(5, "-50");
    tt_portfolio_update update = {
        .action = TT_portfolio_action_REBALANCE,
        .confidence.d = num("0.8"),
        .max_deviation_pct.d = num("7.5"),
    };
    add_trade(&update, 1, TT_side_BUY, "11");
    add_trade(&update, 2, TT_side_SELL, "12");
    add_trade(&update, 3, TT_side_SELL, "700");
    add_trade(&update, 5, TT_side_SELL, "15"); // would increase a short
    add_trade(&update, 6, TT_side_SELL, "16"); // nothing is held
    add_trade(&update, 2, TT_side_SELL, "17"); // a second time
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
    assert_int_equal(plan()->count, 3);
    assert_num(
        plan()->max_deviation_pct, "7.5"); // what the agent says: there is nothing to compare
    assert_int_equal(plan()->agent_refused, 3);
    assert_int_equal(plan()->agent_cuts, 1);
    assert_int_equal(plan()->batches, 1);
    assert_num(plan()->rows[0].amount, "600");
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
    assert_num(proposal(2)->size, "12");
    fill(3, 1, "600", true);
    fill(2, 2, "12", true);
    // A short that is bought back needs no money from the sells.
    assert_num(proposal(1)->size, "11");
    assert_int_equal(status().last_plan.ns, 0);
}

/* What the agent lists takes from the plan: a smaller amount, or a trade altogether. */
static void an_agent_takes_from_the_plan(void **state)
{
    (void)state;
    desk.config.allocation.strategy = TT_rebalance_strategy_IMMEDIATE;
    start();
    position(BTC, "1000"); // computed: 600 sold, 400 of XRP bought
    tt_portfolio_update update = {
        .action = TT_portfolio_action_REBALANCE, .confidence.d = num("0.8")};
    add_trade(&update, BTC, TT_side_SELL, "300.019");
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
    assert_int_equal(plan()->outcome, TT_plan_outcome_PLANNED);
    assert_num(plan()->rows[0].amount, "300.01");
    assert_int_equal(plan()->rows[1].side, TT_side_NONE);
    assert_num(plan()->buys, "0");
    assert_int_equal(plan()->agent_cuts, 2);
    assert_int_equal(plan()->agent_refused, 0);
    assert_num(proposal(BTC)->size, "300.01");
    fill(BTC, 1, "300.01", true);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    assert_int_equal(plan()->outcome, TT_plan_outcome_COMPLETED);
}

static void the_same_trades_are_no_cut(void **state)
{
    (void)state;
    desk.config.allocation.strategy = TT_rebalance_strategy_IMMEDIATE;
    start();
    position(BTC, "1000");
    tt_portfolio_update update = {
        .action = TT_portfolio_action_REBALANCE, .confidence.d = num("0.8")};
    add_trade(&update, BTC, TT_side_SELL, "600");
    add_trade(&update, XRP, TT_side_BUY, "400");
    add_trade(&update, 3, TT_side_BUY, "50"); // no plan has it
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
    assert_num(plan()->sells, "600");
    assert_num(plan()->buys, "400");
    assert_int_equal(plan()->agent_cuts, 0);
    assert_int_equal(plan()->agent_refused, 1);
    assert_int_equal(status().agent_refused, 1);
}

/* Fewer sells pay for fewer buys, in proportion; what falls below the smallest trade is left out.
 */
static void fewer_sells_pay_for_fewer_buys(void **state)
{
    (void)state;
    desk.config.allocation.strategy = TT_rebalance_strategy_IMMEDIATE;
    set_targets("20", "60", "0");
    TT_TEXT_SET(desk.config.targets[2].symbol, "X3/USDT");
    desk.config.targets[2].target_pct.d = num("20");
    desk.config.target_count = 3;
    start();
    position(BTC, "1000"); // computed: 800 sold, 600 and 200 bought
    tt_portfolio_update update = {
        .action = TT_portfolio_action_REBALANCE, .confidence.d = num("0.8")};
    add_trade(&update, BTC, TT_side_SELL, "39.98");
    add_trade(&update, XRP, TT_side_BUY, "600");
    add_trade(&update, 3, TT_side_BUY, "200");
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
    assert_num(plan()->sells, "39.98");
    assert_int_equal(plan()->rows[1].instrument, XRP);
    assert_num(plan()->rows[1].amount, "29.98"); // 29.985
    assert_num(plan()->buys, "29.98");           // 9.995 is less than 10
    assert_int_equal(plan()->agent_cuts, 1);
}

/* A listed trade of the wrong side, or below the smallest one, is no trade. */
static void nothing_may_be_left_of_a_plan(void **state)
{
    (void)state;
    desk.config.allocation.strategy = TT_rebalance_strategy_IMMEDIATE;
    start();
    position(BTC, "1000");
    tt_portfolio_update update = {
        .action = TT_portfolio_action_REBALANCE, .confidence.d = num("0.8")};
    add_trade(&update, BTC, TT_side_SELL, "9.99");
    add_trade(&update, XRP, TT_side_SELL, "400");
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
    assert_int_equal(plan()->outcome, TT_plan_outcome_ON_TARGET);
    assert_string_equal(plan()->reason, "no trade is left that is large enough");
    assert_int_equal(plan()->agent_refused, 1);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 0);
    update.trades[0].amount.d = num("10"); // the first that is large enough
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
    assert_num(proposal(BTC)->size, "10");
}

/* The larger of the portfolio's bound, the venue's and the price of the smallest lot. */
static void the_smallest_trade_is_the_largest_bound(void **state)
{
    (void)state;
    desk.instruments.list[XRP - 1].min_notional.d = num("400.01");
    start();
    command(TT_command_REBALANCE);
    assert_num(plan()->buys, "400");
    assert_int_equal(plan()->rows[0].instrument, BTC);
    (void)close_desk(state);
    (void)open_desk(state);
    desk.instruments.list[XRP - 1].min_notional.d = num("400");
    start();
    command(TT_command_REBALANCE);
    assert_num(plan()->buys, "800");
    (void)close_desk(state);
    (void)open_desk(state);
    start();
    const tt_bar bar = {.close.d = num("40000.1")}; // a lot of 0.01 costs 400.001
    say(TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, BTC, &bar);
    command(TT_command_REBALANCE);
    assert_num(plan()->buys, "400");
    assert_int_equal(plan()->rows[0].instrument, XRP);
}

static void a_cancel_ends_what_is_not_on_its_way(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    command(TT_command_CANCEL_REBALANCE);
    assert_reply(TT_reply_status_DONE, "10 trades cancelled; what is on its way goes on");
    fill(XRP, 2, "66.7", false);
    assert_int_equal(plan()->outcome, TT_plan_outcome_CANCELLED);
    assert_int_equal(tt_timers_next(desk.core.timers).ns, TT_TIME_NEVER.ns);
    assert_int_equal(desk.portfolio->state->timer.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(a_plan_waits_for_the_pause_between_plans),
        DESK_TEST(a_forced_plan_ignores_the_threshold),
        DESK_TEST(nothing_is_planned_without_targets_account_or_switch),
        DESK_TEST(without_targets_positions_are_cut_back),
        DESK_TEST(an_agent_takes_from_the_plan),
        DESK_TEST(the_same_trades_are_no_cut),
        DESK_TEST(fewer_sells_pay_for_fewer_buys),
        DESK_TEST(nothing_may_be_left_of_a_plan),
        DESK_TEST(the_smallest_trade_is_the_largest_bound),
        DESK_TEST(a_cancel_ends_what_is_not_on_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
