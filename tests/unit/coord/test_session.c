/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#define TA TT_task_TA_ANALYSIS

static void start_is_told_once(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk_open(&desk);
    desk_bar(&desk, BTC);
    desk_bar(&desk, XRP);
    desk_session(&desk, TT_session_event_type_STARTED);
    assert_int_equal(desk_events(&desk, TT_system_event_type_SESSION_STARTED), 1);
    assert_string_equal(
        desk_event(&desk, TT_system_event_type_SESSION_STARTED)->message,
        "scenario; the coordinator is running");
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_session(&desk, TT_session_event_type_STARTED);
    assert_int_equal(desk_events(&desk, TT_system_event_type_SESSION_STARTED), 1);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_count(&desk, TT_TOPIC_DEAD_LETTERS), 1);
    desk_close(&desk);
}

static void nothing_runs_before_the_start(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk_open(&desk);
    desk_bar(&desk, BTC);
    desk_wait(&desk, "86400");
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    assert_true(tt_timers_next(desk.core.timers).ns == TT_TIME_NEVER.ns);
    desk_close(&desk);
}

/* Stopped: no turns, no timers of turns; what flies is still taken. A restart goes on. */
static void stop_and_restart(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_live(&desk, 3);
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_status(&desk).tasks[TA].in_flight, 1);
    desk_session(&desk, TT_session_event_type_STOPPING);
    assert_int_equal(desk_status(&desk).tasks[TA].waiting[TT_COORD_WAIT_BAR], 0);
    desk_answer_task(&desk, TA, BTC);
    desk_session(&desk, TT_session_event_type_STOPPED);
    assert_int_equal(desk_events(&desk, TT_system_event_type_SESSION_STOPPED), 1);
    assert_true(tt_timers_next(desk.core.timers).ns == TT_TIME_NEVER.ns);
    desk_forget(&desk);
    desk_command(&desk, TT_command_ENABLE_TASK, TT_task_SENTIMENT_ANALYSIS, 0);
    assert_true(tt_timers_next(desk.core.timers).ns == TT_TIME_NEVER.ns);
    desk_command(&desk, TT_command_DISABLE_TASK, TT_task_SENTIMENT_ANALYSIS, 0);
    desk_wait(&desk, "100000");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    desk_session(&desk, TT_session_event_type_RECOVERED);
    assert_int_equal(desk_events(&desk, TT_system_event_type_SESSION_RECOVERED), 1);
    assert_int_equal(desk_events(&desk, TT_system_event_type_IN_FLIGHT_TASKS_RECOVERED), 0);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1); // overdue: at once, and once
    assert_int_equal(desk_calls(&desk, TA, XRP), 1);
    desk_answer_all(&desk);
    desk_forget(&desk);
    desk_live(&desk, 10);
    assert_int_equal(desk_calls(&desk, TA, BTC), 10);
    assert_int_equal(desk_calls(&desk, TT_task_REGIME_DETECTION, BTC), 2);
    desk_close(&desk);
}

static void restart_without_a_state_is_a_start(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk_open(&desk);
    desk_bar(&desk, BTC);
    desk_bar(&desk, XRP);
    desk_session(&desk, TT_session_event_type_RECOVERED);
    assert_int_equal(desk_events(&desk, TT_system_event_type_SESSION_STARTED), 1);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_close(&desk);
}

/* A crash with calls in flight: their timers ran out long ago when the process is back, but that is
 * nobody's failure. They are asked again, once, and the old answers are late. */
static void calls_in_flight_are_asked_again(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_live(&desk, 4);
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    desk_bar(&desk, XRP);
    const tt_msg *old = desk_call(&desk, TA, BTC);
    assert_int_equal(desk_status(&desk).tasks[TA].in_flight, 2);
    // The regime is due as well and waits for the analysis.
    assert_int_equal(
        desk_status(&desk).tasks[TT_task_REGIME_DETECTION].waiting[TT_COORD_WAIT_DEPENDENCY], 2);
    size_t size = 0;
    unsigned char *saved = desk_save(&desk, &size);

    struct desk back;
    desk_init(&back);
    back.config = desk.config;
    desk_open(&back);
    desk_load(&back, saved);
    back.now.ns = desk.now.ns + 1000 * TT_NS_PER_S;
    desk_session(&back, TT_session_event_type_RECOVERED);
    assert_int_equal(desk_events(&back, TT_system_event_type_TASK_ERROR), 0);
    assert_int_equal(desk_status(&back).consecutive_api_failures, 0);
    const tt_system_event *event =
        desk_event(&back, TT_system_event_type_IN_FLIGHT_TASKS_RECOVERED);
    assert_int_equal(event->new_value, 2);
    assert_int_equal(event->severity, TT_severity_HIGH);
    assert_int_equal(desk_calls(&back, TA, BTC), 1);
    assert_int_equal(desk_calls(&back, TA, XRP), 1);
    assert_int_equal(desk_calls(&back, TT_task_REGIME_DETECTION, BTC), 0);
    assert_int_equal(PAYLOAD(desk_call(&back, TA, BTC), agent_call)->attempt, 2);
    const tt_msg first = *desk_nth(&back, TT_TOPIC_SESSION_EVENTS, 0);
    assert_int_equal(desk_call(&back, TA, BTC)->cause, first.seq);
    const tt_ta_signal ta = good_ta();
    desk_answer(&back, old, TT_answer_status_OK, TT_TOPIC_TA_SIGNALS, &ta);
    assert_int_equal(desk_count(&back, TT_TOPIC_TA_SIGNALS), 0);
    assert_int_equal(desk_status(&back).total_late_answers, 1);
    const tt_dead_letter *letter = PAYLOAD(desk_last(&back, TT_TOPIC_DEAD_LETTERS), dead_letter);
    assert_non_null(strstr(letter->message, "given up"));
    desk_answer_task(&back, TA, BTC);
    assert_int_equal(desk_calls(&back, TT_task_REGIME_DETECTION, BTC), 1);
    desk_answer_all(&back);
    assert_int_equal(desk_calls(&back, TA, BTC), 1);
    desk_forget(&back);
    desk_wait(&back, "30"); // no timer of the old calls is left
    assert_int_equal(desk_events(&back, TT_system_event_type_TASK_ERROR), 0);
    free(saved);
    desk_close(&back);
    desk_close(&desk);
}

/* A forced run that is lost is forced again: its dependencies never succeeded. */
static void forced_runs_stay_forced(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_TRADING_DECISION, BTC);
    assert_int_equal(desk_calls(&desk, TT_task_TRADING_DECISION, BTC), 1);
    desk_session(&desk, TT_session_event_type_RECOVERED);
    assert_int_equal(desk_calls(&desk, TT_task_TRADING_DECISION, BTC), 2);
    desk_close(&desk);
}

/* A second crash before the answers: asked a third time. */
static void two_restarts(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_TRADING_DECISION, BTC);
    desk_session(&desk, TT_session_event_type_RECOVERED);
    desk_session(&desk, TT_session_event_type_RECOVERED);
    assert_int_equal(desk_calls(&desk, TT_task_TRADING_DECISION, BTC), 3);
    const tt_msg *call = desk_call(&desk, TT_task_TRADING_DECISION, BTC);
    assert_int_equal(PAYLOAD(call, agent_call)->attempt, 3);
    assert_int_equal(desk_status(&desk).tasks[TT_task_TRADING_DECISION].in_flight, 1);
    desk_answer_task(&desk, TT_task_TRADING_DECISION, BTC);
    desk_command(&desk, TT_command_FORCE_RUN, TT_task_TRADING_DECISION, BTC);
    call = desk_call(&desk, TT_task_TRADING_DECISION, BTC);
    assert_int_equal(PAYLOAD(call, agent_call)->attempt, 1);
    desk_close(&desk);
}

/* Turns that ran out while the process was down are taken once, after the restart is known. */
static void overdue_turns_after_a_crash(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_live(&desk, 3);
    desk_forget(&desk);
    desk_sleep(&desk, "1000");
    desk_session(&desk, TT_session_event_type_RECOVERED);
    assert_int_equal(desk_events(&desk, TT_system_event_type_IN_FLIGHT_TASKS_RECOVERED), 0);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 1);
    assert_int_equal(PAYLOAD(desk_call(&desk, TA, BTC), agent_call)->attempt, 1);
    assert_int_equal(desk_status(&desk).tasks[TA].in_flight, 2);
    desk_close(&desk);
}

/* The run that was cut off does not count as a run: what it built on still satisfies. */
static void a_lost_run_asks_for_no_new_success(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[TA].run_on_start = false;
    desk.config.schedules[TA].interval.ns = 250 * TT_NS_PER_S;
    desk_open(&desk);
    desk_bar(&desk, BTC);
    desk_bar(&desk, XRP);
    desk_session(&desk, TT_session_event_type_STARTED);
    desk_live(&desk, 4);
    desk_wait(&desk, "10");
    desk_answer_all(&desk); // the analysis, after 250 s
    desk_wait(&desk, "50");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TT_task_REGIME_DETECTION, BTC), 1);
    desk_forget(&desk);
    desk_sleep(&desk, "10");
    desk_session(&desk, TT_session_event_type_RECOVERED);
    assert_int_equal(desk_calls(&desk, TT_task_REGIME_DETECTION, BTC), 1);
    desk_close(&desk);
}

/* State, level, switches and what must be flat survive; a halted coordinator stays silent. */
static void what_survives_a_restart(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_position(&desk, BTC, "2");
    desk_command(&desk, TT_command_DISABLE_TASK, TT_task_PORTFOLIO_CHECK, 0);
    desk_command(&desk, TT_command_FORCE_RUN, TA, BTC);
    desk_wait(&desk, "40");
    desk_command(&desk, TT_command_FORCE_RUN, TA, BTC);
    desk_alert(&desk, TT_breach_type_MAX_DRAWDOWN, TT_severity_CRITICAL);
    size_t size = 0;
    unsigned char *saved = desk_save(&desk, &size);

    struct desk back;
    desk_init(&back);
    back.config = desk.config;
    desk_open(&back);
    desk_load(&back, saved);
    back.now.ns = desk.now.ns + 86400 * TT_NS_PER_S;
    desk_session(&back, TT_session_event_type_RECOVERED);
    assert_int_equal(desk_status(&back).state, TT_coordinator_state_HALTED);
    assert_int_equal(desk_status(&back).consecutive_api_failures, 1);
    assert_false(desk_status(&back).tasks[TT_task_PORTFOLIO_CHECK].enabled);
    assert_int_equal(desk_count(&back, TT_TOPIC_AGENT_CALLS), 0);
    assert_int_equal(desk_status(&back).tasks[TA].in_flight, 0);
    assert_int_equal(back.coord->state->waiting_count, 0);
    // The close was overdue: asked again with the restart, and again after it.
    assert_int_equal(desk_count_key(&back, TT_TOPIC_POSITION_COMMANDS, BTC), 1);
    desk_wait(&back, "10");
    assert_int_equal(desk_count_key(&back, TT_TOPIC_POSITION_COMMANDS, BTC), 2);
    desk_live(&back, 5);
    assert_int_equal(desk_count(&back, TT_TOPIC_AGENT_CALLS), 0);
    free(saved);
    desk_close(&back);
    desk_close(&desk);
}

/* ---- random lives ---- */

static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

static void answer_one(struct desk *desk, uint64_t random)
{
    uint32_t count = desk->coord->slot_count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = (uint32_t)((random + i) % count);
        const tt_coord_slot *slot = &desk->coord->slots[index];
        if (slot->state != COORD_SLOT_IN_FLIGHT) {
            continue;
        }
        tt_task task = tt_coord_slot_task(desk->coord, index);
        uint32_t key = tt_coord_slot_key(desk->coord, index);
        if (random >> 32 & 1) {
            desk_answer_task(desk, task, key);
        } else {
            const tt_msg call = {.seq = slot->call_seq, .key = key};
            tt_answer_status status = (tt_answer_status)(1 + (random >> 34) % 4);
            desk_answer(desk, &call, status, 0, NULL);
        }
        return;
    }
}

static const char *const waits[] = {"0.000000001", "0.7", "13", "60", "61.5", "600"};

/* One thing that may happen; the same number is the same thing. */
static void live_once(struct desk *desk, uint64_t random)
{
    uint32_t key = (uint32_t)(random >> 8 & 1) + 1;
    switch (random % 16) {
    case 0:
    case 1:
    case 2:
        desk_wait(desk, waits[(random >> 16) % 6]);
        return;
    case 3:
        desk_sleep(desk, waits[(random >> 16) % 6]);
        return;
    case 4:
    case 5:
        desk_bar(desk, key);
        return;
    case 6:
    case 7:
    case 8:
        answer_one(desk, random >> 16);
        return;
    case 9:
        desk_signal(desk, key, (tt_action)((random >> 16) % TT_action_COUNT), "0.8");
        return;
    case 10:
        desk_position(desk, key, random >> 20 & 1 ? "0" : random >> 21 & 1 ? "3" : "-2");
        return;
    case 11:
    case 12: {
        tt_command command = (tt_command)((random >> 16) % TT_command_RESET_RISK);
        desk_command(desk, command, (tt_task)((random >> 24) % TT_task_COUNT), key);
        return;
    }
    case 13: {
        const tt_command_reply reply = {
            .command = TT_command_RESET_RISK, .status = TT_reply_status_DONE};
        desk_say(desk, TT_TOPIC_COMMAND_REPLIES, TT_SOURCE_RISK, 0, &reply);
        return;
    }
    case 14:
        if (random >> 20 & 1) {
            desk_alert(
                desk, (tt_breach_type)((random >> 24) % TT_breach_type_COUNT), TT_severity_HIGH);
        }
        return;
    default:
        if ((random >> 20) % 4 == 0) {
            desk_session(desk, TT_session_event_type_RECOVERED);
        }
        return;
    }
}

/* The invariants of the module, from its regions alone. */
static void check_invariants(const struct desk *desk)
{
    const tt_coord *coord = desk->coord;
    uint32_t in_flight = 0;
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        const tt_coord_slot *slot = &coord->slots[i];
        bool flies = slot->state == COORD_SLOT_IN_FLIGHT;
        in_flight += flies;
        waiting += slot->state == COORD_SLOT_WAITING;
        assert_int_equal(slot->call_seq != 0, flies);
        assert_int_equal(slot->timeout_timer.n != 0, flies);
        bool enabled = coord->state->enabled[tt_coord_slot_task(coord, i)];
        assert_int_equal(slot->due_timer.n != 0, enabled && coord->state->is_active);
        assert_int_equal(slot->next_due.ns != 0, slot->due_timer.n != 0);
    }
    assert_int_equal(coord->state->in_flight, in_flight);
    assert_int_equal(coord->state->waiting_count, waiting);
    for (uint32_t i = 0; i < waiting; i++) {
        assert_int_equal(coord->slots[coord->waiting[i]].state, COORD_SLOT_WAITING);
    }
    tt_timers_stats timers;
    tt_timers_stats_get(desk->core.timers, &timers);
    uint32_t others = TT_part_COUNT + 4; // closing, day, health, quiet
    assert_true(timers.armed <= 3 * coord->slot_count + 2 * coord->symbol_count + others);
    const tt_degradation_config *config = &coord->config.degradation;
    uint32_t failures = coord->state->llm_failures + coord->state->api_failures;
    assert_true(failures <= config->max_failures);
    uint32_t outages = tt_coord_outage_weight(coord);
    uint32_t level = (failures + outages) / config->step_failures;
    assert_int_equal(coord->state->degradation, level < 3 ? level : 3);
}

static void open_random(struct desk *desk)
{
    desk_init(desk);
    desk->config.schedules[TT_task_SENTIMENT_ANALYSIS].enabled = true;
    desk->config.schedules[TT_task_TRADING_DECISION].interval.ns = 300 * TT_NS_PER_S;
    desk->config.coordinator.max_concurrent_calls = 3;
    desk_open(desk);
    desk_bar(desk, BTC);
    desk_bar(desk, XRP);
    desk_session(desk, TT_session_event_type_STARTED);
}

static void assert_same_regions(const struct desk *a, const struct desk *b)
{
    for (uint32_t i = 0; i < a->core.region_count; i++) {
        assert_int_equal(a->core.regions[i].size, b->core.regions[i].size);
        if (memcmp(a->core.regions[i].data, b->core.regions[i].data, a->core.regions[i].size)) {
            fail_msg("region %s differs", a->core.regions[i].name);
        }
    }
}

/* Random lives keep the invariants, and a life that is saved at any moment and continued elsewhere
 * is the same life, byte for byte. */
static void random_lives(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t random = seed * 0x9e3779b97f4a7c15;
        struct desk desk;
        open_random(&desk);
        for (uint32_t i = 0; i < 300; i++) {
            live_once(&desk, next_random(&random));
            check_invariants(&desk);
            desk_forget(&desk);
        }
        size_t size = 0;
        unsigned char *saved = desk_save(&desk, &size);
        struct desk copy;
        open_random(&copy);
        desk_load(&copy, saved);
        desk_forget(&copy);
        copy.now = desk.now;
        copy.request_id = desk.request_id;
        for (uint32_t i = 0; i < 200; i++) {
            uint64_t number = next_random(&random);
            live_once(&desk, number);
            live_once(&copy, number);
        }
        bool is_same =
            desk.log_used == copy.log_used && memcmp(desk.log, copy.log, desk.log_used) == 0;
        if (!is_same) {
            fail_msg("seed %llu: the copy lives otherwise", (unsigned long long)seed);
        }
        assert_same_regions(&desk, &copy);
        check_invariants(&copy);
        free(saved);
        desk_close(&copy);
        desk_close(&desk);
    }
}

/* No money moves while not running, in any life: proposals come from RUNNING alone. */
static void random_lives_propose_only_while_running(void **state)
{
    (void)state;
    for (uint64_t seed = 100; seed <= 120; seed++) {
        uint64_t random = seed * 0x9e3779b97f4a7c15;
        struct desk desk;
        open_random(&desk);
        for (uint32_t i = 0; i < 400; i++) {
            tt_coordinator_state before = desk_status(&desk).state;
            desk_forget(&desk);
            live_once(&desk, next_random(&random));
            uint32_t proposals = desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS);
            if (before != TT_coordinator_state_RUNNING && proposals > 0) {
                fail_msg("seed %llu step %u: a proposal", (unsigned long long)seed, i);
            }
            uint32_t calls = desk_count(&desk, TT_TOPIC_AGENT_CALLS);
            if (before == TT_coordinator_state_HALTED &&
                desk_status(&desk).state == TT_coordinator_state_HALTED && calls > 0) {
                fail_msg("seed %llu step %u: a call", (unsigned long long)seed, i);
            }
        }
        desk_close(&desk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_is_told_once),
        cmocka_unit_test(nothing_runs_before_the_start),
        cmocka_unit_test(stop_and_restart),
        cmocka_unit_test(restart_without_a_state_is_a_start),
        cmocka_unit_test(calls_in_flight_are_asked_again),
        cmocka_unit_test(overdue_turns_after_a_crash),
        cmocka_unit_test(a_lost_run_asks_for_no_new_success),
        cmocka_unit_test(forced_runs_stay_forced),
        cmocka_unit_test(two_restarts),
        cmocka_unit_test(what_survives_a_restart),
        cmocka_unit_test(random_lives),
        cmocka_unit_test(random_lives_propose_only_while_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
