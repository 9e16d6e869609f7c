/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The health check: required tasks that do not succeed.
 *
 * Covers: coord_watch.c
 */
#include "fixture.h"

#include <string.h>

#define TA     TT_task_TA_ANALYSIS
#define REGIME TT_task_REGIME_DETECTION

/* Only the technical analysis runs, every 60 s with 30 s to answer: missing after 210 s. */
static void open_desk(struct desk *desk)
{
    desk_init(desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk->config.schedules[i].enabled = i == TA;
        desk->config.schedules[i].run_on_start = false;
    }
    desk->config.coordinator.bar_grace.ns = 0;
    desk->config.degradation.step_failures = 3;
    desk->config.degradation.outage_hold.ns = 0;
    desk_open(desk);
    desk_bar(desk, BTC);
    desk_bar(desk, XRP);
    desk_session(desk, TT_session_event_type_STARTED);
    desk_forget(desk);
}

static void assert_missing(const struct desk *desk, uint32_t failed, uint32_t passed)
{
    assert_int_equal(desk_events(desk, TT_system_event_type_HEALTH_CHECK_FAILED), failed);
    assert_int_equal(desk_events(desk, TT_system_event_type_HEALTH_CHECK_PASSED), passed);
}

/* Lives until `minutes` with every call of one symbol answered with NO_OPINION. */
static void live_with_one_answering(struct desk *desk, uint32_t minutes)
{
    for (uint32_t i = 0; i < minutes; i++) {
        desk_wait(desk, "60");
        const tt_msg *call = desk_call(desk, TA, BTC);
        desk_answer(desk, call, TT_answer_status_NO_OPINION, 0, NULL);
    }
}

static void a_task_that_never_answers(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    live_with_one_answering(&desk, 3);
    assert_missing(&desk, 0, 0);
    live_with_one_answering(&desk, 1); // 240 s
    assert_missing(&desk, 1, 0);
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_HEALTH_CHECK_FAILED);
    assert_string_equal(event->subject, "ta_analysis");
    assert_string_equal(event->message, "ta_analysis of XRP/USDT has not succeeded for 240 s");
    assert_string_equal(desk_event(&desk, TT_system_event_type_PART_DOWN)->subject, "agents");
    // It is told once, however long it lasts.
    live_with_one_answering(&desk, 3);
    assert_missing(&desk, 1, 0);
    const tt_msg *call = desk_call(&desk, TA, XRP);
    desk_answer(&desk, call, TT_answer_status_NO_OPINION, 0, NULL);
    live_with_one_answering(&desk, 1);
    assert_missing(&desk, 1, 1);
    assert_int_equal(desk_events(&desk, TT_system_event_type_PART_UP), 1);
    desk_close(&desk);
}

/* Outages count: the level follows, and comes back. */
static void the_level_follows(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk.coord->config.degradation.step_failures = 20; // Time-outs alone do not reach it.
    desk.coord->config.degradation.max_failures = 60;
    desk.coord->config.degradation.agents_outage = 20;
    live_with_one_answering(&desk, 4);
    assert_int_equal(desk_status(&desk).degradation, TT_degradation_REDUCED);
    desk_answer(&desk, desk_call(&desk, TA, XRP), TT_answer_status_NO_OPINION, 0, NULL);
    live_with_one_answering(&desk, 1);
    desk_wait(&desk, "0");
    assert_int_equal(desk_status(&desk).degradation, TT_degradation_NORMAL);
    desk_close(&desk);
}

/* What could not run is not missed: cold indicators, a halt, the time before a restart. */
static void what_could_not_run_is_not_missed(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.is_warm = false;
    desk_open(&desk);
    desk_bar(&desk, BTC);
    desk_session(&desk, TT_session_event_type_STARTED);
    desk_wait(&desk, "3600");
    assert_missing(&desk, 0, 0);
    desk.is_warm = true;
    desk_bar(&desk, BTC);
    desk_wait(&desk, "209");
    assert_missing(&desk, 0, 0);
    desk_command(&desk, TT_command_HALT, 0, 0);
    desk_wait(&desk, "3600");
    assert_missing(&desk, 0, 0);
    desk_command(&desk, TT_command_RELEASE, 0, 0);
    desk_wait(&desk, "180");
    assert_missing(&desk, 0, 0);
    desk_sleep(&desk, "86400");
    desk_session(&desk, TT_session_event_type_RECOVERED);
    desk_wait(&desk, "180");
    assert_missing(&desk, 0, 0);
    desk_wait(&desk, "60");
    assert_missing(&desk, 1, 0);
    desk_close(&desk);
}

static void what_is_off_or_not_required_is_not_missed(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk_command(&desk, TT_command_DISABLE_TASK, TA, 0);
    desk_wait(&desk, "3600");
    assert_missing(&desk, 0, 0);
    // Switched on again it is not missed for the time before.
    desk_command(&desk, TT_command_ENABLE_TASK, TA, 0);
    desk_wait(&desk, "200");
    assert_missing(&desk, 0, 0);
    desk_wait(&desk, "100");
    assert_missing(&desk, 2, 0);
    desk_close(&desk);

    desk_init(&desk);
    memset(desk.config.health_check.required, 0, sizeof desk.config.health_check.required);
    TT_TEXT_SET(desk.config.health_check.required, "none");
    desk_open(&desk);
    desk_bar(&desk, BTC);
    desk_session(&desk, TT_session_event_type_STARTED);
    assert_int_equal(desk.coord->state->health_timer.n, 0);
    desk_close(&desk);
}

static void the_configuration_is_read(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk.coord->config.health_check.max_missed = 1;
    desk_wait(&desk, "119");
    assert_missing(&desk, 0, 0);
    desk_wait(&desk, "1"); // Later than 60 + 30 s, at the next check.
    assert_missing(&desk, 2, 0);
    desk_close(&desk);

    desk_init(&desk);
    desk.config.health_check.interval.ns = 0;
    desk_open(&desk);
    desk_session(&desk, TT_session_event_type_STARTED);
    assert_int_equal(desk.coord->state->health_timer.n, 0);
    tt_error error = {0};
    memset(desk.config.health_check.required, 0, sizeof desk.config.health_check.required);
    TT_TEXT_SET(desk.config.health_check.required, "risk_engine");
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_INVALID);
    assert_string_equal(
        error.message,
        "coordinator.emergency.health_check.required names `risk_engine`, which is no task");
    desk_close(&desk);
}

/* Bars of an hour, with an interval of a minute: three bars may pass, and where there are none,
 * nothing is missed. */
static void what_bars_start_is_missed_by_bars(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk.config.schedules[i].enabled = i == TA;
    }
    desk.config.schedules[TA].start = TT_task_start_BAR;
    desk.config.schedules[TA].run_on_start = false;
    desk.instruments.list[0].bar_interval_s = 3600;
    desk.instruments.list[1].bar_interval_s = 3600;
    desk_open(&desk);
    desk_session(&desk, TT_session_event_type_STARTED);
    desk_bar(&desk, BTC);
    desk_wait(&desk, "259200"); // A weekend without bars.
    assert_missing(&desk, 0, 0);
    desk_bar(&desk, BTC);
    desk_answer_all(&desk);
    for (uint32_t hour = 1; hour <= 4; hour++) {
        desk_wait(&desk, "3540");
        desk_bar(&desk, BTC);
        desk_wait(&desk, "60");
        assert_missing(&desk, hour == 4, 0);
    }
    assert_string_equal(
        desk_event(&desk, TT_system_event_type_HEALTH_CHECK_FAILED)->subject, "ta_analysis");
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_that_never_answers),
        cmocka_unit_test(the_level_follows),
        cmocka_unit_test(what_could_not_run_is_not_missed),
        cmocka_unit_test(what_is_off_or_not_required_is_not_missed),
        cmocka_unit_test(the_configuration_is_read),
        cmocka_unit_test(what_bars_start_is_missed_by_bars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
