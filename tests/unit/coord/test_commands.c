/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commands and the states they lead to.
 *
 * Covers: coord_state.c
 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#define RUNNING TT_coordinator_state_RUNNING
#define PAUSED  TT_coordinator_state_PAUSED
#define HALTED  TT_coordinator_state_HALTED

static void command(struct desk *desk, tt_command command)
{
    desk_forget(desk);
    desk_command(desk, command, 0, 0);
}

static void assert_reply(const struct desk *desk, tt_reply_status status, const char *part)
{
    assert_int_equal(desk_count(desk, TT_TOPIC_COMMAND_REPLIES), 1);
    assert_int_equal(desk_reply(desk)->status, status);
    if (strstr(desk_reply(desk)->message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", desk_reply(desk)->message, part);
    }
}

/* Risk answers a reset, as risk does. */
static void reset_risk(struct desk *desk, tt_reply_status status, tt_source source)
{
    desk_forget(desk);
    desk_command(desk, TT_command_RESET_RISK, 0, 0);
    assert_int_equal(desk_count(desk, TT_TOPIC_COMMAND_REPLIES), 0);
    const tt_command_reply reply = {
        .command = TT_command_RESET_RISK, .status = (uint8_t)status, .message = "reset"};
    desk_say(desk, TT_TOPIC_COMMAND_REPLIES, source, 0, &reply);
}

static tt_coordinator_state now_in(const struct desk *desk)
{
    return desk_status(desk).state;
}

static void starts_running(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    assert_int_equal(now_in(&desk), RUNNING);
    desk_close(&desk);
}

static void pause_and_resume(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    command(&desk, TT_command_PAUSE);
    assert_int_equal(now_in(&desk), PAUSED);
    assert_reply(&desk, TT_reply_status_DONE, "paused");
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_COORDINATOR_PAUSED);
    assert_string_equal(event->message, "running -> paused: ada: because");
    assert_int_equal(event->old_value, RUNNING);
    assert_int_equal(event->new_value, PAUSED);
    command(&desk, TT_command_PAUSE);
    assert_reply(&desk, TT_reply_status_DONE, "was paused already");
    assert_int_equal(desk_count(&desk, TT_TOPIC_SYSTEM_EVENTS), 0);
    command(&desk, TT_command_RESUME);
    assert_int_equal(now_in(&desk), RUNNING);
    assert_reply(&desk, TT_reply_status_DONE, "running");
    assert_int_equal(desk_events(&desk, TT_system_event_type_COORDINATOR_RESUMED), 1);
    command(&desk, TT_command_RESUME);
    assert_reply(&desk, TT_reply_status_REFUSED, "not paused");
    assert_int_equal(desk_count(&desk, TT_TOPIC_SYSTEM_EVENTS), 0);
    desk_close(&desk);
}

/* Regression: a halt is not released by a pause followed by a resume. */
static void pause_does_not_release_a_halt(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    command(&desk, TT_command_HALT);
    assert_int_equal(now_in(&desk), HALTED);
    command(&desk, TT_command_PAUSE);
    assert_reply(&desk, TT_reply_status_REFUSED, "halted");
    assert_int_equal(now_in(&desk), HALTED);
    command(&desk, TT_command_RESUME);
    assert_reply(&desk, TT_reply_status_REFUSED, "release first");
    assert_int_equal(now_in(&desk), HALTED);
    desk_alert(&desk, TT_breach_type_DAILY_LOSS, TT_severity_HIGH);
    assert_int_equal(now_in(&desk), HALTED);
    command(&desk, TT_command_RESUME);
    assert_int_equal(now_in(&desk), HALTED);
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    desk_close(&desk);
}

static void halt_cancels_entries_and_stops_tasks(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    command(&desk, TT_command_HALT);
    assert_reply(&desk, TT_reply_status_DONE, "halted");
    assert_int_equal(desk_events(&desk, TT_system_event_type_COORDINATOR_HALTED), 1);
    const tt_msg *msg = desk_last(&desk, TT_TOPIC_POSITION_COMMANDS);
    assert_int_equal(msg->key, 0);
    assert_int_equal(
        PAYLOAD(msg, position_command)->command, TT_position_command_type_CANCEL_ENTRIES);
    desk_live(&desk, 10);
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    command(&desk, TT_command_HALT);
    assert_reply(&desk, TT_reply_status_DONE, "was halted already");
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 0);
    desk_close(&desk);
}

/* What waits when the halt comes is dropped; what flies is taken, and leads to no trade. */
static void halt_drops_what_waits(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.coordinator.max_concurrent_calls = 1;
    desk_open(&desk);
    desk_bar(&desk, BTC);
    desk_bar(&desk, XRP);
    desk_session(&desk, TT_session_event_type_STARTED);
    assert_int_equal(
        desk_status(&desk).tasks[TT_task_TA_ANALYSIS].waiting[TT_COORD_WAIT_CAPACITY], 1);
    command(&desk, TT_command_HALT);
    assert_int_equal(
        desk_status(&desk).tasks[TT_task_TA_ANALYSIS].waiting[TT_COORD_WAIT_CAPACITY], 0);
    assert_int_equal(desk_status(&desk).tasks[TT_task_TA_ANALYSIS].skipped, 1);
    desk_answer_task(&desk, TT_task_TA_ANALYSIS, BTC);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TA_SIGNALS), 1);
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    desk_close(&desk);
}

static void paused_tasks_run(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    command(&desk, TT_command_PAUSE);
    desk_live(&desk, 5);
    assert_int_equal(desk_calls(&desk, TT_task_TA_ANALYSIS, BTC), 5);
    assert_int_equal(desk_calls(&desk, TT_task_REGIME_DETECTION, BTC), 1);
    desk_close(&desk);
}

/* The one way out of a halt: risk is reset, then a person resumes. */
static void reset_releases_into_paused(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    command(&desk, TT_command_HALT);
    reset_risk(&desk, TT_reply_status_REFUSED, TT_SOURCE_RISK);
    assert_int_equal(now_in(&desk), HALTED);
    reset_risk(&desk, TT_reply_status_DONE, TT_SOURCE_HOST);
    assert_int_equal(now_in(&desk), HALTED);
    reset_risk(&desk, TT_reply_status_DONE, TT_SOURCE_RISK);
    assert_int_equal(now_in(&desk), PAUSED);
    assert_int_equal(desk_event(&desk, TT_system_event_type_COORDINATOR_PAUSED)->old_value, HALTED);
    desk_live(&desk, 2);
    assert_true(desk_calls(&desk, TT_task_TA_ANALYSIS, BTC) > 0);
    command(&desk, TT_command_RESUME);
    assert_int_equal(now_in(&desk), RUNNING);
    // A reset without a halt changes nothing.
    reset_risk(&desk, TT_reply_status_DONE, TT_SOURCE_RISK);
    assert_int_equal(now_in(&desk), RUNNING);
    desk_close(&desk);
}

/* What a person halted a person releases; what a breaker halted only a reset of risk does. */
static void release(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    command(&desk, TT_command_RELEASE);
    assert_reply(&desk, TT_reply_status_REFUSED, "not halted");
    command(&desk, TT_command_HALT);
    command(&desk, TT_command_RELEASE);
    assert_reply(&desk, TT_reply_status_DONE, "released into paused");
    assert_int_equal(now_in(&desk), PAUSED);
    command(&desk, TT_command_RELEASE);
    assert_reply(&desk, TT_reply_status_REFUSED, "not halted");
    command(&desk, TT_command_RESUME);
    assert_int_equal(now_in(&desk), RUNNING);
    // A breaker that comes into a halt by a person makes it one of risk.
    command(&desk, TT_command_HALT);
    desk_alert(&desk, TT_breach_type_MAX_DRAWDOWN, TT_severity_CRITICAL);
    command(&desk, TT_command_RELEASE);
    assert_reply(&desk, TT_reply_status_REFUSED, "reset risk instead");
    command(&desk, TT_command_RESUME);
    assert_reply(&desk, TT_reply_status_REFUSED, "reset risk first");
    assert_int_equal(now_in(&desk), HALTED);
    reset_risk(&desk, TT_reply_status_DONE, TT_SOURCE_RISK);
    assert_int_equal(now_in(&desk), PAUSED);
    // So does one that had paused before: nothing of why the coordinator stopped is forgotten.
    command(&desk, TT_command_RESUME);
    desk_alert(&desk, TT_breach_type_NONE, TT_severity_INFO);
    assert_int_equal(now_in(&desk), PAUSED);
    command(&desk, TT_command_HALT);
    command(&desk, TT_command_RELEASE);
    assert_reply(&desk, TT_reply_status_REFUSED, "reset risk instead");
    assert_int_equal(now_in(&desk), HALTED);
    desk_close(&desk);
}

/* Who asked, and what he may do, is told with what it did. */
static void the_role_is_told(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_coordinator_command pause = {
        .request_id = 7,
        .command = TT_command_PAUSE,
        .role = TT_role_ADMIN,
        .actor = "ada",
        .reason = "lunch",
    };
    desk_say(&desk, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, 0, &pause);
    assert_int_equal(desk_reply(&desk)->request_id, 7);
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_COORDINATOR_PAUSED);
    assert_string_equal(event->message, "running -> paused: ada (admin): lunch");
    desk_close(&desk);
}

static char page[1 << 16];

/* The page shows each table as it is. */
static void the_page_shows_the_tables(void **state)
{
    (void)state;
    FILE *file = fopen(TT_TEST_SOURCE_DIR "/docs/spec/coordinator.md", "r");
    assert_non_null(file);
    size_t length = fread(page, 1, sizeof page - 1, file);
    assert_int_equal(fclose(file), 0);
    page[length] = '\0';
    for (uint32_t i = 0; i < TT_COORD_MACHINE_COUNT; i++) {
        char table[4096];
        tt_text_buf text;
        tt_text_init(&text, table, sizeof table);
        tt_sm_render_markdown(tt_coord_machine_def((tt_coord_machine)i), &text);
        assert_false(text.truncated);
        if (strstr(page, table) == NULL) {
            fail_msg("docs/spec/coordinator.md lacks:\n%s", table);
        }
    }
}

/* Every event in every state: what the table says and nothing else. */
static void every_transition(void **state)
{
    (void)state;
    static const int expected[TT_coordinator_state_COUNT][4] = {
        [RUNNING] = {PAUSED, -1, HALTED, -1},
        [PAUSED] = {-1, RUNNING, HALTED, -1},
        [HALTED] = {-1, -1, -1, PAUSED},
    };
    struct desk desk;
    desk_start_quiet(&desk);
    for (uint8_t from = 0; from < TT_coordinator_state_COUNT; from++) {
        for (uint8_t event = 0; event < 4; event++) {
            desk.coord->state->state = from;
            desk_forget(&desk);
            tt_bus_begin(desk.core.bus, desk.now);
            bool taken = tt_coord_state_step(desk.coord, event, COORD_CAUSE_PERSON, "test");
            tt_bus_run(desk.core.bus);
            assert_int_equal(taken, expected[from][event] >= 0);
            assert_int_equal(now_in(&desk), taken ? expected[from][event] : from);
        }
    }
    const tt_sm_def *def = tt_coord_machine_def(TT_COORD_MACHINE_STATE);
    const tt_sm_counts *counts = tt_coord_machine_counts(desk.coord, TT_COORD_MACHINE_STATE);
    assert_int_equal(tt_sm_find_untaken(def, counts, 0), def->row_count);
    assert_int_equal(counts->refused_no_row, 12 - def->row_count);
    desk_close(&desk);
}

static void tables_are_sound(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < TT_COORD_MACHINE_COUNT; i++) {
        tt_error error = {0};
        assert_int_equal(tt_sm_check(tt_coord_machine_def((tt_coord_machine)i), &error), TUTTI_OK);
    }
}

/* ---- tasks ---- */

static void task_command(struct desk *desk, tt_command command, tt_task task, uint32_t key)
{
    desk_forget(desk);
    desk_command(desk, command, task, key);
}

static void enable_and_disable(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    for (tt_task task = 0; task < TT_task_COUNT; task++) {
        task_command(&desk, TT_command_ENABLE_TASK, task, 0);
        assert_reply(&desk, TT_reply_status_DONE, "is now enabled");
        assert_true(desk_status(&desk).tasks[task].enabled);
        task_command(&desk, TT_command_ENABLE_TASK, task, 0);
        assert_reply(&desk, TT_reply_status_DONE, "was already enabled");
        task_command(&desk, TT_command_DISABLE_TASK, task, 0);
        assert_reply(&desk, TT_reply_status_DONE, "is now disabled");
        assert_false(desk_status(&desk).tasks[task].enabled);
        task_command(&desk, TT_command_DISABLE_TASK, task, 0);
        assert_reply(&desk, TT_reply_status_DONE, "was already disabled");
    }
    desk_close(&desk);
}

/* By hand: at once, although disabled and without its dependencies; the schedule is not moved. */
static void force_run(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    task_command(&desk, TT_command_FORCE_RUN, TT_task_TRADING_DECISION, XRP);
    assert_reply(&desk, TT_reply_status_DONE, "asked");
    assert_int_equal(desk_calls(&desk, TT_task_TRADING_DECISION, XRP), 1);
    assert_int_equal(desk_status(&desk).tasks[TT_task_TRADING_DECISION].last_run.ns, 0);
    task_command(&desk, TT_command_FORCE_RUN, TT_task_TRADING_DECISION, XRP);
    assert_reply(&desk, TT_reply_status_REFUSED, "in flight");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    task_command(&desk, TT_command_FORCE_RUN, TT_task_PORTFOLIO_CHECK, 0);
    assert_reply(&desk, TT_reply_status_DONE, "asked");
    assert_int_equal(desk_calls(&desk, TT_task_PORTFOLIO_CHECK, 0), 1);
    desk_close(&desk);
}

static void force_run_of_nothing(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    task_command(&desk, TT_command_FORCE_RUN, TT_task_TA_ANALYSIS, 0);
    assert_reply(&desk, TT_reply_status_NOT_FOUND, "ta_analysis runs for one symbol: name it");
    task_command(&desk, TT_command_FORCE_RUN, TT_task_TA_ANALYSIS, 3);
    assert_reply(
        &desk, TT_reply_status_NOT_FOUND, "ta_analysis has no such symbol: name an instrument");
    task_command(&desk, TT_command_FORCE_RUN, TT_task_PORTFOLIO_CHECK, BTC);
    assert_reply(&desk, TT_reply_status_NOT_FOUND, "portfolio_check is not of a symbol: name none");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    desk_close(&desk);
}

static void force_run_is_refused(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk.is_warm = false;
    desk_bar(&desk, BTC);
    task_command(&desk, TT_command_FORCE_RUN, TT_task_TA_ANALYSIS, BTC);
    assert_reply(&desk, TT_reply_status_REFUSED, "not warm");
    desk_command(&desk, TT_command_HALT, 0, 0);
    task_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
    assert_reply(&desk, TT_reply_status_REFUSED, "halted");
    desk_session(&desk, TT_session_event_type_STOPPED);
    task_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
    assert_reply(&desk, TT_reply_status_REFUSED, "session is not running");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    desk_close(&desk);
}

/* A forced run obeys the bound on calls, and overtakes what its own turn waits for. */
static void force_run_waits_for_a_free_call(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk.coord->config.coordinator.max_concurrent_calls = 1;
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
    task_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, XRP);
    assert_reply(&desk, TT_reply_status_DONE, "waits for one of the calls");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    desk_answer_task(&desk, TT_task_SENTIMENT_ANALYSIS, BTC);
    assert_int_equal(desk_calls(&desk, TT_task_SENTIMENT_ANALYSIS, XRP), 1);
    desk_close(&desk);

    desk_start(&desk);
    desk_wait(&desk, "60"); // the analysis is due and waits for its bar
    task_command(&desk, TT_command_FORCE_RUN, TT_task_TA_ANALYSIS, BTC);
    assert_reply(&desk, TT_reply_status_DONE, "asked");
    desk_answer_task(&desk, TT_task_TA_ANALYSIS, BTC);
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TT_task_TA_ANALYSIS, BTC), 1);
    desk_close(&desk);
}

/* A forced run that is dropped while it waits leaves nothing behind: the next turn is an ordinary
 * one and waits for its bar. */
static void a_dropped_force_run_is_forgotten(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_answer_all(&desk);
    desk.coord->config.coordinator.max_concurrent_calls = 1;
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_SENTIMENT_ANALYSIS, BTC);
    task_command(&desk, TT_command_FORCE_RUN, TT_task_TA_ANALYSIS, BTC);
    assert_reply(&desk, TT_reply_status_DONE, "waits for one of the calls");
    desk_command(&desk, TT_command_DISABLE_TASK, TT_task_TA_ANALYSIS, 0);
    desk_command(&desk, TT_command_ENABLE_TASK, TT_task_TA_ANALYSIS, 0);
    desk_answer_task(&desk, TT_task_SENTIMENT_ANALYSIS, BTC);
    desk.coord->config.coordinator.max_concurrent_calls = 8;
    desk_forget(&desk);
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, TT_task_TA_ANALYSIS, BTC), 0);
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TT_task_TA_ANALYSIS, BTC), 1);
    desk_close(&desk);
}

static void command_without_a_name(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    command(&desk, TT_command_NONE);
    assert_reply(&desk, TT_reply_status_REFUSED, "no command");
    desk_close(&desk);
}

/* All rows of the table of a task: due, forced, called, dropped, answered, failed, timed out,
 * recovered. */
static void every_transition_of_a_task(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_wait(&desk, "60");                                              // due
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_TA_ANALYSIS, BTC); // forced while waiting
    desk_answer_task(&desk, TT_task_TA_ANALYSIS, BTC);                   // call, answer
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_TA_ANALYSIS, BTC); // forced while idle
    desk_answer(&desk, desk_call(&desk, TT_task_TA_ANALYSIS, BTC), TT_answer_status_ERROR, 0, NULL);
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_TA_ANALYSIS, BTC);
    desk_session(&desk, TT_session_event_type_RECOVERED);
    desk_wait(&desk, "40"); // timeout
    desk_wait(&desk, "20");
    desk_bar(&desk, BTC);
    desk_wait(&desk, "60"); // due again, waits for the bar of the moment
    desk_command(&desk, TT_command_DISABLE_TASK, TT_task_TA_ANALYSIS, 0); // dropped
    const tt_sm_def *def = tt_coord_machine_def(TT_COORD_MACHINE_TASK);
    const tt_sm_counts *counts = tt_coord_machine_counts(desk.coord, TT_COORD_MACHINE_TASK);
    uint32_t untaken = tt_sm_find_untaken(def, counts, 0);
    if (untaken != def->row_count) {
        fail_msg(
            "%s on %s was not taken",
            def->states[def->rows[untaken].from],
            def->events[def->rows[untaken].event]);
    }
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_running),
        cmocka_unit_test(pause_and_resume),
        cmocka_unit_test(pause_does_not_release_a_halt),
        cmocka_unit_test(halt_cancels_entries_and_stops_tasks),
        cmocka_unit_test(halt_drops_what_waits),
        cmocka_unit_test(paused_tasks_run),
        cmocka_unit_test(reset_releases_into_paused),
        cmocka_unit_test(release),
        cmocka_unit_test(the_role_is_told),
        cmocka_unit_test(the_page_shows_the_tables),
        cmocka_unit_test(every_transition),
        cmocka_unit_test(tables_are_sound),
        cmocka_unit_test(enable_and_disable),
        cmocka_unit_test(force_run),
        cmocka_unit_test(force_run_of_nothing),
        cmocka_unit_test(force_run_is_refused),
        cmocka_unit_test(force_run_waits_for_a_free_call),
        cmocka_unit_test(a_dropped_force_run_is_forgotten),
        cmocka_unit_test(command_without_a_name),
        cmocka_unit_test(every_transition_of_a_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
