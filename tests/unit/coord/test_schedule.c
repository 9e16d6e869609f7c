/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Schedules: when tasks run, wait and time out.
 *
 * Covers: coord_dispatch.c coord_call.c
 */
#include "schedules.h"

#include <string.h>

static void defaults_of_the_five_tasks(void **state)
{
    (void)state;
    static const struct {
        int64_t interval_s;
        int64_t timeout_s;
        bool run_on_start;
        bool enabled;
        uint32_t max_parallel;
        const char *depends_on;
    } rows[TT_task_COUNT] = {
        [TA] = {60, 30, true, true, 3, "none"},
        [REGIME] = {300, 30, false, true, 3, "ta_analysis"},
        [SENTIMENT] = {1800, 60, false, false, 3, "none"},
        [DECISION] =
            {3600, 60, false, true, 3, "ta_analysis, regime_detection, sentiment_analysis"},
        [PORTFOLIO] = {3600, 30, false, true, 1, "none"},
    };
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        tt_schedule_config schedule;
        tt_coord_schedule_defaults((tt_task)i, &schedule);
        assert_int_equal(schedule.interval.ns, rows[i].interval_s * TT_NS_PER_S);
        assert_int_equal(schedule.timeout.ns, rows[i].timeout_s * TT_NS_PER_S);
        assert_int_equal(schedule.run_on_start, rows[i].run_on_start);
        assert_int_equal(schedule.enabled, rows[i].enabled);
        assert_int_equal(schedule.max_parallel, rows[i].max_parallel);
        assert_string_equal(schedule.depends_on, rows[i].depends_on);
    }
}

static void slots_are_numbered_by_task_and_symbol(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    uint32_t next = 0;
    for (tt_task task = TA; task < PORTFOLIO; task++) {
        for (uint32_t key = BTC; key <= XRP; key++) {
            assert_int_equal(tt_coord_slot_find(desk.coord, task, key), next);
            assert_int_equal(tt_coord_slot_task(desk.coord, next), task);
            assert_int_equal(tt_coord_slot_key(desk.coord, next), key);
            next++;
        }
        assert_int_equal(tt_coord_slot_find(desk.coord, task, 0), COORD_NO_SLOT);
        assert_int_equal(tt_coord_slot_find(desk.coord, task, 3), COORD_NO_SLOT);
    }
    assert_int_equal(tt_coord_slot_find(desk.coord, PORTFOLIO, 0), next);
    assert_int_equal(tt_coord_slot_find(desk.coord, PORTFOLIO, BTC), COORD_NO_SLOT);
    assert_int_equal(tt_coord_slot_task(desk.coord, next), PORTFOLIO);
    assert_int_equal(tt_coord_slot_key(desk.coord, next), 0);
    desk_close(&desk);
}

/* run_on_start: at the start; otherwise one interval later, and not a moment before. */
static void first_run(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, TA);
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_wait(&desk, "59.999999999");
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_wait(&desk, "0.000000001");
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 1);
    desk_close(&desk);

    desk_init(&desk);
    only(&desk, TA);
    desk.config.schedules[TA].run_on_start = true;
    open_warm(&desk);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_close(&desk);
}

/* Regression: with the defaults every task runs, and as often as its interval says. */
static void every_task_starts(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[SENTIMENT].enabled = true;
    open_and_answer(&desk);
    desk_live(&desk, 120);
    static const uint32_t runs[TT_task_COUNT] = {120, 24, 4, 2, 2};
    for (tt_task task = TA; task < PORTFOLIO; task++) {
        // The analysis ran at the start as well.
        uint32_t expected = runs[task] + (task == TA);
        assert_int_equal(desk_calls(&desk, task, BTC), expected);
        assert_int_equal(desk_calls(&desk, task, XRP), expected);
        assert_int_equal(desk_status(&desk).tasks[task].errors, 0);
    }
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), runs[PORTFOLIO]);
    assert_int_equal(desk_status(&desk).total_task_runs, 2 * (121 + 24 + 4 + 2) + 2);
    desk_close(&desk);
}

static void custom_interval_is_kept(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, TA);
    desk.config.schedules[TA].interval.ns = 30 * TT_NS_PER_S;
    open_warm(&desk);
    desk_live(&desk, 10);
    assert_int_equal(desk_calls(&desk, TA, BTC), 20);
    desk_close(&desk);
}

/* A call names its agent, its deadline and what it may see, and starts a correlation of its own. */
static void contents_of_a_call(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_position(&desk, BTC, "1");
    tt_seq position = desk_last(&desk, TT_TOPIC_POSITION_UPDATES)->seq;
    const tt_account_update account = {.equity = MONEY("1000")};
    desk_say(&desk, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &account);
    tt_seq account_seq = desk_last(&desk, TT_TOPIC_ACCOUNT_UPDATES)->seq;
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    tt_seq indicators = desk_last(&desk, TT_TOPIC_INDICATORS)->seq;
    const tt_msg *msg = desk_call(&desk, TA, BTC);
    const tt_agent_call *call = PAYLOAD(msg, agent_call);
    assert_int_equal(call->agent, TT_agent_TECHNICAL_ANALYSIS);
    assert_int_equal(call->deadline.ns, desk.now.ns + 30 * TT_NS_PER_S);
    assert_int_equal(call->attempt, 1);
    assert_int_equal(call->indicators_seq, indicators);
    assert_int_equal(call->position_seq, position);
    assert_int_equal(call->account_seq, account_seq);
    assert_int_equal(call->ta_seq, 0);
    assert_int_equal(msg->cause, indicators);
    assert_int_equal(msg->correlation.bytes[6] >> 4, 7);
    tt_uuid first = msg->correlation;
    assert_true(!tt_uuid_eq(first, desk_last(&desk, TT_TOPIC_INDICATORS)->correlation));
    desk_answer_task(&desk, TA, BTC);
    tt_seq ta = desk_last(&desk, TT_TOPIC_TA_SIGNALS)->seq;
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    msg = desk_call(&desk, TA, BTC);
    assert_int_equal(PAYLOAD(msg, agent_call)->ta_seq, ta);
    assert_false(tt_uuid_eq(first, msg->correlation));
    desk_close(&desk);
}

static void waits_for_warm_indicators(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.is_warm = false;
    only(&desk, TA);
    desk.config.schedules[TA].run_on_start = true;
    open_warm(&desk);
    assert_waiting(&desk, TA, TT_COORD_WAIT_INDICATORS, 2);
    desk_live(&desk, 5);
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    desk_wait(&desk, "60");
    desk.is_warm = true;
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 0);
    assert_waiting(&desk, TA, TT_COORD_WAIT_INDICATORS, 1);
    desk_close(&desk);
}

/* Sentiment and portfolio do not look at indicators. */
static void some_tasks_need_no_indicators(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.is_warm = false;
    only(&desk, SENTIMENT);
    desk.config.schedules[PORTFOLIO].enabled = true;
    open_warm(&desk);
    desk_wait(&desk, "3600");
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 2);
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), 1);
    desk_close(&desk);
}

/* At the moment at which a bar closes an agent is asked about that bar, not the one before. */
static void waits_for_the_bar_of_the_moment(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_wait(&desk, "60");
    assert_waiting(&desk, TA, TT_COORD_WAIT_BAR, 2);
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_sleep(&desk, "0.3");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 0);
    // Who has his bar needs no timer for it any more: no clock input is spent on that.
    assert_int_equal(desk.coord->symbols[BTC - 1].grace_timer.n, 0);
    assert_int_not_equal(desk.coord->symbols[XRP - 1].grace_timer.n, 0);
    tt_timers_stats timers; // seven turns, one call, one bar, the health check
    tt_timers_stats_get(desk.core.timers, &timers);
    assert_int_equal(timers.armed, 10);
    desk_close(&desk);
}

/* The bar does not come: after the grace the agent is asked with what there is; and while the feed
 * is silent, nobody waits for it again. */
static void grace_is_bounded(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    tt_seq indicators = desk.coord->symbols[BTC - 1].indicators_seq;
    desk_wait(&desk, "61.999999999");
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_wait(&desk, "0.000000001");
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 1);
    assert_int_equal(PAYLOAD(desk_call(&desk, TA, BTC), agent_call)->indicators_seq, indicators);
    desk_answer_all(&desk);
    desk_wait(&desk, "58");
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    desk_close(&desk);
}

/* A bar that was late does not shift the schedule, nor the next expected close. */
static void late_bar_keeps_the_grid(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_wait(&desk, "60");
    desk_sleep(&desk, "1");
    tt_bar bar = {.close = PRICE("100"), .interval_s = 60};
    bar.open_time.ns = desk.now.ns - 61 * TT_NS_PER_S;
    desk_say(&desk, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, BTC, &bar);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_answer_task(&desk, TA, BTC);
    desk_wait(&desk, "59");
    assert_waiting(&desk, TA, TT_COORD_WAIT_BAR, 1);
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    desk_close(&desk);
}

/* Turns that the clock jumped over are not made up for, and the grid stays. */
static void missed_turns_are_not_made_up(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    tt_time start = desk.now;
    desk_sleep(&desk, "1000");
    const tt_clock tick = {0};
    desk_say(&desk, TT_TOPIC_CLOCK, TT_SOURCE_HOST, 0, &tick);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_status(&desk).tasks[TA].next_run.ns, start.ns + 1020 * TT_NS_PER_S);
    assert_int_equal(desk_status(&desk).tasks[TA].last_run.ns, desk.now.ns);
    assert_int_equal(desk_status(&desk).tasks[TA].skipped, 0);
    desk_close(&desk);
}

/* One task of one symbol is never asked twice at once: the turn passes. */
static void no_overlap(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, TA);
    desk.config.schedules[TA].timeout.ns = 150 * TT_NS_PER_S;
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_answer_task(&desk, TA, XRP);
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 2);
    assert_int_equal(desk_status(&desk).tasks[TA].skipped, 1);
    desk_answer_task(&desk, TA, BTC);
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    desk_close(&desk);
}

/* When the time of a call runs out at the moment of the next turn, the turn takes place. */
static void timeout_goes_before_the_turn(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, TA);
    desk.config.schedules[TA].timeout.ns = 60 * TT_NS_PER_S;
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    desk_wait(&desk, "300");
    assert_int_equal(desk_calls(&desk, TA, BTC), 5);
    assert_int_equal(desk_status(&desk).tasks[TA].errors, 8);
    assert_int_equal(desk_status(&desk).tasks[TA].skipped, 0);
    desk_close(&desk);
}

/* A slow agent delays nobody else. */
static void slow_task_starves_nobody(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[PORTFOLIO].run_on_start = true;
    desk.config.schedules[PORTFOLIO].timeout.ns = 3600 * TT_NS_PER_S;
    open_warm(&desk);
    for (uint32_t i = 0; i < 10; i++) {
        desk_answer_task(&desk, TA, BTC);
        desk_wait(&desk, "60");
        desk_bar(&desk, BTC);
    }
    assert_int_equal(desk_calls(&desk, TA, BTC), 11);
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), 1);
    desk_close(&desk);
}

/* ---- switching ---- */

static void disabled_task_does_not_run(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_command(&desk, TT_command_DISABLE_TASK, TA, 0);
    assert_false(desk_status(&desk).tasks[TA].enabled);
    assert_int_equal(desk_status(&desk).tasks[TA].next_run.ns, 0);
    desk_live(&desk, 10);
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_close(&desk);
}

static void disabling_drops_what_waits_and_keeps_what_flies(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_status(&desk).tasks[TA].in_flight, 1);
    assert_waiting(&desk, TA, TT_COORD_WAIT_BAR, 1);
    desk_command(&desk, TT_command_DISABLE_TASK, TA, 0);
    assert_waiting(&desk, TA, TT_COORD_WAIT_BAR, 0);
    desk_bar(&desk, XRP);
    assert_int_equal(desk_calls(&desk, TA, XRP), 0);
    desk_answer_task(&desk, TA, BTC);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TA_SIGNALS), 1);
    desk_close(&desk);
}

/* Enabled anew: a task that never ran runs one interval later, one that is overdue at once. */
static void enabling(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_command(&desk, TT_command_ENABLE_TASK, SENTIMENT, 0);
    desk_wait(&desk, "1799");
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 0);
    desk_wait(&desk, "1");
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 1);
    desk_answer_all(&desk);
    desk_command(&desk, TT_command_DISABLE_TASK, SENTIMENT, 0);
    desk_wait(&desk, "1000");
    desk_command(&desk, TT_command_ENABLE_TASK, SENTIMENT, 0);
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 1);
    desk_wait(&desk, "800");
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 2);
    desk_answer_all(&desk);
    desk_command(&desk, TT_command_DISABLE_TASK, SENTIMENT, 0);
    desk_wait(&desk, "5000");
    desk_command(&desk, TT_command_ENABLE_TASK, SENTIMENT, 0);
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 3);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_of_the_five_tasks),
        cmocka_unit_test(slots_are_numbered_by_task_and_symbol),
        cmocka_unit_test(first_run),
        cmocka_unit_test(every_task_starts),
        cmocka_unit_test(custom_interval_is_kept),
        cmocka_unit_test(contents_of_a_call),
        cmocka_unit_test(waits_for_warm_indicators),
        cmocka_unit_test(some_tasks_need_no_indicators),
        cmocka_unit_test(waits_for_the_bar_of_the_moment),
        cmocka_unit_test(grace_is_bounded),
        cmocka_unit_test(late_bar_keeps_the_grid),
        cmocka_unit_test(missed_turns_are_not_made_up),
        cmocka_unit_test(no_overlap),
        cmocka_unit_test(timeout_goes_before_the_turn),
        cmocka_unit_test(slow_task_starves_nobody),
        cmocka_unit_test(disabled_task_does_not_run),
        cmocka_unit_test(disabling_drops_what_waits_and_keeps_what_flies),
        cmocka_unit_test(enabling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
