/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define NORMAL    TT_degradation_NORMAL
#define REDUCED   TT_degradation_REDUCED
#define LIMITED   TT_degradation_LIMITED
#define EMERGENCY TT_degradation_EMERGENCY

/* One call of the sentiment agent by hand, and how it ends. */
static void call(struct desk *desk, tt_answer_status status)
{
    desk_command(desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
    if (status == TT_answer_status_OK) {
        desk_answer_task(desk, TT_task_SENTIMENT_ANALYSIS, BTC);
    } else {
        desk_answer(desk, desk_call(desk, TT_task_SENTIMENT_ANALYSIS, BTC), status, 0, NULL);
    }
    desk_forget(desk);
}

static void fail_times(struct desk *desk, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        call(desk, TT_answer_status_ERROR);
    }
}

static void succeed_times(struct desk *desk, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        call(desk, TT_answer_status_OK);
    }
}

static tt_degradation level(const struct desk *desk)
{
    return desk_status(desk).degradation;
}

static void levels(void **state)
{
    (void)state;
    static const tt_degradation expected[] = {
        NORMAL,
        NORMAL,
        NORMAL,
        REDUCED,
        REDUCED,
        REDUCED,
        LIMITED,
        LIMITED,
        LIMITED,
        EMERGENCY,
        EMERGENCY,
        EMERGENCY,
        EMERGENCY};
    struct desk desk;
    desk_start_quiet(&desk);
    for (uint32_t failures = 0; failures < 13; failures++) {
        assert_int_equal(level(&desk), expected[failures]);
        assert_int_equal(desk_status(&desk).consecutive_api_failures, failures);
        call(&desk, TT_answer_status_ERROR);
    }
    // No more than that is remembered, or recovery would move out of reach.
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 12);
    desk_close(&desk);
}

/* Both kinds of failure add up. */
static void kinds_add_up(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    call(&desk, TT_answer_status_ERROR);
    call(&desk, TT_answer_status_INVALID);
    assert_int_equal(level(&desk), NORMAL);
    call(&desk, TT_answer_status_TIMEOUT);
    assert_int_equal(level(&desk), REDUCED);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 2);
    assert_int_equal(desk_status(&desk).consecutive_llm_failures, 1);
    // Failures without an answer are taken off first, then the others.
    succeed_times(&desk, 3);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 1);
    succeed_times(&desk, 6);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 0);
    assert_int_equal(desk_status(&desk).consecutive_llm_failures, 0);
    desk_close(&desk);
}

/* From ten failures it takes 24 successes to be normal again. */
static void recovery_takes_three_successes_a_failure(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    fail_times(&desk, 10);
    assert_int_equal(level(&desk), EMERGENCY);
    for (uint32_t successes = 1; successes <= 24; successes++) {
        call(&desk, TT_answer_status_OK);
        uint32_t failures = 10 - successes / 3;
        assert_int_equal(desk_status(&desk).consecutive_api_failures, failures);
        tt_degradation expected = (tt_degradation)(failures / 3 > 3 ? 3 : failures / 3);
        assert_int_equal(level(&desk), expected);
        assert_int_equal(level(&desk) == NORMAL, successes == 24);
    }
    succeed_times(&desk, 10);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 0);
    desk_close(&desk);
}

static void a_failure_restarts_the_recovery(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    fail_times(&desk, 3);
    succeed_times(&desk, 2);
    fail_times(&desk, 1);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 4);
    succeed_times(&desk, 2);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 4);
    succeed_times(&desk, 1);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 3);
    desk_close(&desk);
}

/* Each change is told: up, down, and back to normal. All rows of the table are taken. */
static void changes_are_told(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    fail_times(&desk, 2);
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
    desk_wait(&desk, "60");
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_DEGRADATION_INCREASED);
    assert_string_equal(
        event->message,
        "normal -> reduced: 0 unusable answers, 3 calls without an answer, 0 failed orders, "
        "outages "
        "count as 0");
    assert_string_equal(event->subject, "reduced");
    assert_int_equal(event->old_value, NORMAL);
    assert_int_equal(event->new_value, REDUCED);
    assert_int_equal(desk_count(&desk, TT_TOPIC_NOTIFICATIONS), 0);
    fail_times(&desk, 2);
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
    desk_wait(&desk, "60");
    assert_int_equal(desk_events(&desk, TT_system_event_type_DEGRADATION_INCREASED), 1);
    assert_int_equal(desk_count(&desk, TT_TOPIC_NOTIFICATIONS), 1);
    fail_times(&desk, 3);
    assert_int_equal(level(&desk), EMERGENCY);
    succeed_times(&desk, 2);
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
    desk_answer_task(&desk, TT_task_SENTIMENT_ANALYSIS, BTC);
    assert_int_equal(desk_events(&desk, TT_system_event_type_DEGRADATION_DECREASED), 1);
    succeed_times(&desk, 17);
    assert_int_equal(level(&desk), REDUCED);
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
    desk_answer_task(&desk, TT_task_SENTIMENT_ANALYSIS, BTC);
    assert_int_equal(desk_events(&desk, TT_system_event_type_DEGRADATION_RECOVERY), 1);
    assert_int_equal(level(&desk), NORMAL);
    const tt_sm_def *def = tt_coord_machine_def(TT_COORD_MACHINE_DEGRADATION);
    const tt_sm_counts *counts = tt_coord_machine_counts(desk.coord, TT_COORD_MACHINE_DEGRADATION);
    assert_int_equal(tt_sm_find_untaken(def, counts, 0), def->row_count);
    desk_close(&desk);
}

/* Time alone leads back, too: no level is for ever. */
static void quiet_time_takes_failures_off(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    fail_times(&desk, 12);
    desk_wait(&desk, "3599.999999999");
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 12);
    desk_wait(&desk, "0.000000001");
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 11);
    desk_wait(&desk, "1800");
    fail_times(&desk, 1); // The time begins anew.
    desk_wait(&desk, "1800");
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 12);
    desk_wait(&desk, "43200");
    assert_int_equal(level(&desk), NORMAL);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 0);
    assert_int_equal(desk.coord->state->quiet_timer.n, 0);
    desk_close(&desk);
}

/* At LIMITED no language model is asked, unless nothing else is heard. */
static void limited_asks_no_models(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk.config.schedules[i].enabled =
            i == TT_task_TA_ANALYSIS || i == TT_task_REGIME_DETECTION;
        desk.config.schedules[i].run_on_start = false;
        desk.config.schedules[i].interval.ns = 60 * TT_NS_PER_S;
    }
    desk.config.is_model[TT_task_REGIME_DETECTION] = true;
    desk_open(&desk);
    desk_bar(&desk, BTC);
    desk_bar(&desk, XRP);
    desk_session(&desk, TT_session_event_type_STARTED);
    fail_times(&desk, 5);
    desk_live(&desk, 1);
    assert_int_equal(desk_calls(&desk, TT_task_REGIME_DETECTION, BTC), 1);
    desk.coord->config.degradation.recovery_successes = 1000;
    fail_times(&desk, 2);
    assert_int_equal(level(&desk), LIMITED);
    desk_forget(&desk);
    desk_live(&desk, 5);
    assert_int_equal(desk_calls(&desk, TT_task_TA_ANALYSIS, BTC), 5);
    assert_int_equal(desk_calls(&desk, TT_task_REGIME_DETECTION, BTC), 0);
    desk_command(&desk, TT_command_DISABLE_TASK, TT_task_TA_ANALYSIS, 0);
    desk_forget(&desk);
    desk_live(&desk, 5);
    assert_true(desk_calls(&desk, TT_task_REGIME_DETECTION, BTC) > 0);
    desk_close(&desk);
}

static void configuration_is_read(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk.coord->config.degradation.step_failures = 1;
    desk.coord->config.degradation.recovery_successes = 2;
    desk.coord->config.degradation.max_failures = 4;
    fail_times(&desk, 1);
    assert_int_equal(level(&desk), REDUCED);
    fail_times(&desk, 2);
    assert_int_equal(level(&desk), EMERGENCY);
    fail_times(&desk, 5);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 4);
    succeed_times(&desk, 7);
    assert_int_equal(level(&desk), REDUCED);
    succeed_times(&desk, 1);
    assert_int_equal(level(&desk), NORMAL);
    desk_close(&desk);
}

/* REDUCED leaves the sentiment out, and nobody waits for it. */
static void reduced_skips_sentiment(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[TT_task_SENTIMENT_ANALYSIS].enabled = true;
    desk.config.schedules[TT_task_SENTIMENT_ANALYSIS].interval.ns = 120 * TT_NS_PER_S;
    desk.config.schedules[TT_task_TRADING_DECISION].interval.ns = 300 * TT_NS_PER_S;
    desk_open(&desk);
    desk_bar(&desk, BTC);
    desk_bar(&desk, XRP);
    desk_session(&desk, TT_session_event_type_STARTED);
    desk_answer_all(&desk);
    desk.coord->config.degradation.recovery_successes = 1000;
    fail_times(&desk, 3);
    desk_live(&desk, 12);
    assert_int_equal(desk_calls(&desk, TT_task_SENTIMENT_ANALYSIS, BTC), 0);
    assert_int_equal(desk_calls(&desk, TT_task_TA_ANALYSIS, BTC), 12);
    assert_int_equal(desk_calls(&desk, TT_task_TRADING_DECISION, BTC), 2);
    assert_int_equal(desk_status(&desk).tasks[TT_task_SENTIMENT_ANALYSIS].skipped, 12);
    desk.coord->state->api_failures = 0;
    desk.coord->state->degradation = NORMAL;
    desk_live(&desk, 2);
    assert_int_equal(desk_calls(&desk, TT_task_SENTIMENT_ANALYSIS, BTC), 1);
    desk_close(&desk);
}

/* Regression: a level that silences the only voice can be left. With nothing but the sentiment
 * enabled, every second turn is a probe, and its successes lead back to normal. */
static void recovery_is_always_reachable(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk.config.schedules[i].enabled = i == TT_task_SENTIMENT_ANALYSIS;
    }
    desk.instruments.count = 1;
    desk_open(&desk);
    desk_session(&desk, TT_session_event_type_STARTED);
    fail_times(&desk, 20);
    assert_int_equal(level(&desk), EMERGENCY);
    for (uint32_t turns = 0; turns < 200 && level(&desk) != NORMAL; turns++) {
        desk_wait(&desk, "1800");
        desk_answer_all(&desk);
    }
    assert_int_equal(level(&desk), NORMAL);
    desk_close(&desk);
}

/* LIMITED and above: no new entries; closes and reductions go on. */
static void limited_takes_no_entries(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    fail_times(&desk, 5);
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    fail_times(&desk, 1);
    for (uint32_t i = 0; i < 2; i++) {
        desk_forget(&desk);
        desk_position(&desk, BTC, "0");
        desk_signal(&desk, BTC, TT_action_BUY, "0.9");
        assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
        assert_int_equal(desk_count(&desk, TT_TOPIC_CONSENSUS), 1);
        assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 1);
        desk_position(&desk, BTC, "2");
        desk_signal(&desk, BTC, TT_action_BUY, "0.9");
        assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
        desk_signal(&desk, BTC, TT_action_SELL, "0.9");
        assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 1);
        assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 0);
        fail_times(&desk, 3);
        assert_int_equal(level(&desk), EMERGENCY);
    }
    desk_close(&desk);
}

static void emergency_closes_if_configured(void **state)
{
    (void)state;
    for (int configured = 0; configured < 2; configured++) {
        struct desk desk;
        desk_start_quiet(&desk);
        desk.coord->config.degradation.close_on_emergency = configured;
        desk_position(&desk, BTC, "2");
        fail_times(&desk, 8);
        desk_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
        desk_wait(&desk, "60");
        assert_int_equal(level(&desk), EMERGENCY);
        assert_int_equal(desk_count_key(&desk, TT_TOPIC_POSITION_COMMANDS, 0), configured);
        assert_int_equal(desk_status(&desk).state, TT_coordinator_state_RUNNING);
        desk_close(&desk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels),
        cmocka_unit_test(kinds_add_up),
        cmocka_unit_test(recovery_takes_three_successes_a_failure),
        cmocka_unit_test(a_failure_restarts_the_recovery),
        cmocka_unit_test(changes_are_told),
        cmocka_unit_test(quiet_time_takes_failures_off),
        cmocka_unit_test(limited_asks_no_models),
        cmocka_unit_test(configuration_is_read),
        cmocka_unit_test(reduced_skips_sentiment),
        cmocka_unit_test(recovery_is_always_reachable),
        cmocka_unit_test(limited_takes_no_entries),
        cmocka_unit_test(emergency_closes_if_configured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
