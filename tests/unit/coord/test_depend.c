/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a task waits for: other tasks, bars, room.
 *
 * Covers: coord_depend.c
 */
#include "schedules.h"

#include <string.h>

static void disable_all(struct desk *desk)
{
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk->config.schedules[i].enabled = false;
        desk->config.schedules[i].run_on_start = false;
    }
    desk->config.coordinator.bar_grace.ns = 0;
}

static void enable(struct desk *desk, tt_task task, int64_t interval_s, const char *depends_on)
{
    tt_schedule_config *schedule = &desk->config.schedules[task];
    schedule->enabled = true;
    schedule->interval.ns = interval_s * TT_NS_PER_S;
    memset(schedule->depends_on, 0, sizeof schedule->depends_on);
    TT_TEXT_SET(schedule->depends_on, depends_on);
}

static tutti_status check(const char *depends_on, tt_task task, tt_error *error)
{
    struct desk desk;
    desk_init(&desk);
    enable(&desk, task, 60, depends_on);
    return tt_coord_config_check(&desk.config, error);
}

static void lists_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t bits;
    } rows[] = {
        {"", 0},
        {"none", 0},
        {" none", 0},
        {"ta_analysis", 1},
        {"ta_analysis,regime_detection", 3},
        {" regime_detection ,\tta_analysis ", 3},
        {"portfolio_check", 16},
        {"ta_analysis, ta_analysis", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tt_coord_depends_bits(rows[i].text), rows[i].bits);
    }
}

/* There an unknown name was a warning, and then counted as satisfied. */
static void unknown_names_and_circles_are_refused(void **state)
{
    (void)state;
    tt_error error = {0};
    assert_int_equal(check("ta_analysis, ta", DECISION, &error), TUTTI_INVALID);
    assert_string_equal(
        error.message,
        "coordinator.schedules.trading_decision.depends_on names `ta`, which is no task");
    assert_non_null(strstr(error.hint, "regime_detection"));
    assert_int_equal(check("ta_analysis,", DECISION, &error), TUTTI_INVALID);
    assert_int_equal(check("none, ta_analysis", DECISION, &error), TUTTI_INVALID);
    assert_int_equal(check("trading_decision", DECISION, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "leads back"));
    // The decision builds on the technical analysis already, by way of the regime.
    assert_int_equal(check("trading_decision", TA, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "ta_analysis.depends_on leads back to ta_analysis"));
    assert_int_equal(check("portfolio_check", TA, &error), TUTTI_OK);
}

static void bars_need_a_symbol(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[DECISION].start = TT_task_start_BAR;
    tt_error error = {0};
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_OK);
    desk.config.schedules[PORTFOLIO].start = TT_task_start_BAR;
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "portfolio_check.start cannot be bar"));
}

/* What is configured is what is waited for, of the same symbol. */
static void a_configured_dependency(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, SENTIMENT, 60, "none");
    enable(&desk, TA, 60, "sentiment_analysis");
    open_warm(&desk);
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    // It is optional: that it was tried is enough.
    desk_answer(&desk, desk_call(&desk, SENTIMENT, BTC), TT_answer_status_ERROR, 0, NULL);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 0);
    desk_close(&desk);
}

/* The portfolio waits for every symbol; a task of a symbol waits for the one portfolio. */
static void dependencies_across_the_portfolio(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, SENTIMENT, 60, "portfolio_check");
    enable(&desk, PORTFOLIO, 60, "ta_analysis");
    enable(&desk, TA, 60, "none");
    open_warm(&desk);
    desk_wait(&desk, "60");
    desk_answer_task(&desk, TA, BTC);
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), 0);
    desk_answer_task(&desk, TA, XRP);
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), 1);
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 0);
    const tt_portfolio_update update = {.action = TT_portfolio_action_NO_ACTION};
    desk_answer(
        &desk,
        desk_call(&desk, PORTFOLIO, 0),
        TT_answer_status_OK,
        TT_TOPIC_PORTFOLIO_UPDATES,
        &update);
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 1);
    assert_int_equal(desk_calls(&desk, SENTIMENT, XRP), 1);
    desk_close(&desk);
}

/* A regime that waits 2 s for an analysis that hangs: it uses the last one while that may vote. */
static void patience_ends_with_what_there_is(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, TA, 60, "none");
    enable(&desk, REGIME, 60, "ta_analysis");
    desk.config.schedules[REGIME].dependency_wait.ns = 2 * TT_NS_PER_S;
    open_warm(&desk);
    desk_wait(&desk, "60");
    desk_answer_all(&desk);
    desk_wait(&desk, "60");
    desk_forget(&desk);
    desk_wait(&desk, "1.999999999");
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 0);
    assert_int_equal(desk_status(&desk).tasks[REGIME].waiting[TT_COORD_WAIT_DEPENDENCY], 2);
    desk_wait(&desk, "0.000000001");
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 1);
    assert_int_equal(desk_calls(&desk, REGIME, XRP), 1);
    assert_int_equal(desk_events(&desk, TT_system_event_type_TASK_ERROR), 0);
    desk_close(&desk);
}

/* Nothing that may vote is there: the turn is left out, said so, and the next one comes. */
static void patience_ends_without_anything(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, TA, 60, "none");
    enable(&desk, REGIME, 60, "ta_analysis");
    desk.config.schedules[REGIME].dependency_wait.ns = 2 * TT_NS_PER_S;
    open_warm(&desk);
    desk_wait(&desk, "62");
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 0);
    assert_int_equal(desk_status(&desk).tasks[REGIME].skipped, 2);
    assert_string_equal(
        desk_event(&desk, TT_system_event_type_TASK_ERROR)->message,
        "XRP/USDT: left out, nothing of ta_analysis to use");
    assert_int_equal(desk_status(&desk).tasks[REGIME].errors, 0);
    desk_answer_all(&desk);
    desk_wait(&desk, "58");
    desk_answer_all(&desk);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 1);
    tt_timers_stats
        timers; // a turn of each of the four slots, the health check, and nothing left behind
    tt_timers_stats_get(desk.core.timers, &timers);
    assert_int_equal(timers.armed, 5);
    desk_close(&desk);
}

/* What waits for its indicators loses no patience with others meanwhile. */
static void patience_does_not_end_before_the_indicators_are_warm(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, TA, 60, "none");
    enable(&desk, REGIME, 60, "ta_analysis");
    desk.config.schedules[REGIME].dependency_wait.ns = 2 * TT_NS_PER_S;
    desk.is_warm = false;
    open_warm(&desk);
    desk_wait(&desk, "70");
    assert_int_equal(desk_status(&desk).tasks[REGIME].waiting[TT_COORD_WAIT_INDICATORS], 2);
    assert_int_equal(desk_status(&desk).tasks[REGIME].skipped, 0);
    desk.is_warm = true;
    desk_bar(&desk, BTC);
    desk_answer_all(&desk);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 1);
    desk_close(&desk);
}

/* Each bar is a turn; tasks of one bar run in the order of their dependencies. */
static void bars_start_a_task(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, TA, 60, "none");
    enable(&desk, REGIME, 150, "ta_analysis");
    desk.config.schedules[TA].start = TT_task_start_BAR;
    desk.config.schedules[REGIME].start = TT_task_start_BAR;
    open_warm(&desk);
    desk_wait(&desk, "59");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    desk_wait(&desk, "1");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 0);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 0);
    desk_answer_all(&desk);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 1);
    // The regime asks for 150 s between two runs: it leaves out two bars.
    for (uint32_t minute = 1; minute <= 3; minute++) {
        desk_wait(&desk, "60");
        desk_bar(&desk, BTC);
        desk_answer_all(&desk);
        assert_int_equal(desk_calls(&desk, TA, BTC), 1 + minute);
        assert_int_equal(desk_calls(&desk, REGIME, BTC), 1 + (minute == 3));
    }
    // Without bars nothing runs, and a switched-off task has no turns.
    desk_forget(&desk);
    desk_wait(&desk, "3600");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    desk_command(&desk, TT_command_DISABLE_TASK, TA, 0);
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 1);
    desk_close(&desk);
}

/* What waited for another task ran a little after its bar: the bar counts, or every second one
 * would pass. */
static void a_late_run_takes_the_next_bar(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, TA, 60, "none");
    enable(&desk, REGIME, 120, "ta_analysis");
    desk.config.schedules[TA].start = TT_task_start_BAR;
    desk.config.schedules[REGIME].start = TT_task_start_BAR;
    open_warm(&desk);
    for (uint32_t minute = 0; minute <= 4; minute++) {
        desk_bar(&desk, BTC);
        desk_wait(&desk, "0.5");
        desk_answer_all(&desk);
        assert_int_equal(desk_calls(&desk, TA, BTC), 1 + minute);
        assert_int_equal(desk_calls(&desk, REGIME, BTC), 1 + minute / 2);
        desk_wait(&desk, "59.5");
    }
    desk_close(&desk);
}

static void bars_and_the_start(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, TA, 60, "none");
    desk.config.schedules[TA].start = TT_task_start_BAR;
    desk.config.schedules[TA].run_on_start = true;
    open_warm(&desk);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_answer_all(&desk);
    desk_session(&desk, TT_session_event_type_RECOVERED);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_close(&desk);
}

/* A bar while the call of the bar before is in flight: the turn passes. */
static void bars_do_not_overlap(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, TA, 1, "none");
    desk.config.schedules[TA].start = TT_task_start_BAR;
    desk.config.schedules[TA].timeout.ns = 120 * TT_NS_PER_S;
    open_warm(&desk);
    desk_bar(&desk, BTC);
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_status(&desk).tasks[TA].skipped, 1);
    // Its time is over at this very moment: it is given up, and the bar is a turn.
    desk_sleep(&desk, "60");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    assert_int_equal(desk_status(&desk).tasks[TA].errors, 1);
    desk_close(&desk);
}

/* Catches up without end: each firing arms the next for a time that has come. */
static void fire_again(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline)
{
    struct desk *desk = ctx;
    tt_timer_id id;
    assert_int_equal(
        tt_timers_arm(desk->core.timers, TT_TIMER_TRADE, kind, subject, deadline, &id), TUTTI_OK);
}

/* A step fires so many timers and no more. The time-out of a call that is left over must not cost
 * the turn of the bar that came with it. */
static void a_bar_gives_up_a_call_whose_timer_is_left_over(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, TA, 1, "none");
    desk.config.schedules[TA].start = TT_task_start_BAR;
    desk.config.schedules[TA].timeout.ns = 120 * TT_NS_PER_S;
    open_warm(&desk);
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    tt_time before = {desk.now.ns + 60 * TT_NS_PER_S};
    tt_timers_set_handler(desk.core.timers, TT_TIMER_TRADE, fire_again, &desk);
    fire_again(&desk, 0, 0, before);
    desk_sleep(&desk, "120");
    desk_bar(&desk, BTC);
    tt_timers_stats timers;
    tt_timers_stats_get(desk.core.timers, &timers);
    assert_true(timers.deferred > 0);
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    assert_int_equal(desk_status(&desk).tasks[TA].errors, 1);
    assert_int_equal(desk_status(&desk).tasks[TA].skipped, 0);
    desk_close(&desk);
}

/* At most max_parallel symbols of a task, however many calls are free. */
static void parallel_symbols_are_bounded(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, SENTIMENT, 60, "none");
    enable(&desk, TA, 60, "none");
    desk.config.schedules[SENTIMENT].max_parallel = 1;
    open_warm(&desk);
    desk_wait(&desk, "60");
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, 1);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].waiting[TT_COORD_WAIT_CAPACITY], 1);
    assert_int_equal(desk_status(&desk).tasks[TA].in_flight, 2);
    desk_answer_task(&desk, SENTIMENT, BTC);
    assert_int_equal(desk_calls(&desk, SENTIMENT, XRP), 1);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, 1);
    desk_close(&desk);
}

/* At most max_concurrent_tasks tasks; a second symbol of a task in flight is no second task. */
static void parallel_tasks_are_bounded(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    disable_all(&desk);
    enable(&desk, SENTIMENT, 60, "none");
    enable(&desk, TA, 60, "none");
    desk.config.coordinator.max_concurrent_tasks = 1;
    open_warm(&desk);
    desk_wait(&desk, "60");
    assert_int_equal(desk_status(&desk).tasks[TA].in_flight, 2);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].waiting[TT_COORD_WAIT_CAPACITY], 2);
    desk_answer_task(&desk, TA, BTC);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, 0);
    desk_answer_task(&desk, TA, XRP);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, 2);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(unknown_names_and_circles_are_refused),
        cmocka_unit_test(bars_need_a_symbol),
        cmocka_unit_test(a_configured_dependency),
        cmocka_unit_test(dependencies_across_the_portfolio),
        cmocka_unit_test(patience_ends_with_what_there_is),
        cmocka_unit_test(patience_ends_without_anything),
        cmocka_unit_test(patience_does_not_end_before_the_indicators_are_warm),
        cmocka_unit_test(bars_start_a_task),
        cmocka_unit_test(a_late_run_takes_the_next_bar),
        cmocka_unit_test(bars_and_the_start),
        cmocka_unit_test(bars_do_not_overlap),
        cmocka_unit_test(a_bar_gives_up_a_call_whose_timer_is_left_over),
        cmocka_unit_test(parallel_symbols_are_bounded),
        cmocka_unit_test(parallel_tasks_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
