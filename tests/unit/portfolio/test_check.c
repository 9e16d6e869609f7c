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
    (void)close_desk(state);
    (void)open_desk(state);
    setup_module();
    session(TT_session_event_type_STARTED);
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: the account has no state yet");
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
        .action = TT_portfolio_action_REBALANCE, .confidence.d = num("0.8")};
    add_trade(&update, 1, TT_side_BUY, "11");
    add_trade(&update, 2, TT_side_SELL, "12");
    add_trade(&update, 3, TT_side_SELL, "700");
    add_trade(&update, 5, TT_side_SELL, "15"); // would increase a short
    add_trade(&update, 6, TT_side_SELL, "16"); // nothing is held
    add_trade(&update, 2, TT_side_SELL, "17"); // a second time
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
    assert_int_equal(plan()->count, 3);
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
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(a_plan_waits_for_the_pause_between_plans),
        DESK_TEST(a_forced_plan_ignores_the_threshold),
        DESK_TEST(nothing_is_planned_without_targets_account_or_switch),
        DESK_TEST(without_targets_positions_are_cut_back),
        DESK_TEST(a_cancel_ends_what_is_not_on_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
