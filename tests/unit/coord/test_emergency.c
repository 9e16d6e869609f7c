/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Breakers, and closing until it is seen.
 *
 * Covers: coord_close.c
 */
#include "fixture.h"

#include <string.h>

static uint32_t commands(const struct desk *desk, uint32_t key, tt_position_command_type type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < desk_count(desk, TT_TOPIC_POSITION_COMMANDS); i++) {
        const tt_msg *msg = desk_nth(desk, TT_TOPIC_POSITION_COMMANDS, i);
        count += msg->key == key && PAYLOAD(msg, position_command)->command == type;
    }
    return count;
}
#define CLOSE   TT_position_command_type_CLOSE
#define REDUCE  TT_position_command_type_REDUCE
#define CANCEL  TT_position_command_type_CANCEL_ENTRIES
#define TIGHTEN TT_position_command_type_TIGHTEN_STOPS

/* One event and one notification tell what was done. */
static void assert_told(const struct desk *desk, const char *action, tt_severity severity)
{
    assert_int_equal(desk_events(desk, TT_system_event_type_EMERGENCY_ACTION), 1);
    const tt_system_event *event = desk_event(desk, TT_system_event_type_EMERGENCY_ACTION);
    assert_string_equal(event->subject, action);
    assert_non_null(strstr(event->message, "too much was lost"));
    assert_int_equal(desk_count(desk, TT_TOPIC_NOTIFICATIONS), 1);
    const tt_notification *told = PAYLOAD(desk_last(desk, TT_TOPIC_NOTIFICATIONS), notification);
    assert_non_null(strstr(told->message, action));
    assert_int_equal(told->severity, severity);
    assert_int_equal(event->severity, severity);
}

static void daily_loss_pauses(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_position(&desk, BTC, "2");
    desk_alert(&desk, TT_breach_type_DAILY_LOSS, TT_severity_HIGH);
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_PAUSED);
    assert_told(&desk, "pause_trading", TT_severity_HIGH);
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 2);
    assert_int_equal(commands(&desk, 0, CANCEL), 1);
    const tt_position_command *tighten =
        PAYLOAD(desk_nth(&desk, TT_TOPIC_POSITION_COMMANDS, 0), position_command);
    assert_int_equal(tighten->command, TIGHTEN);
    assert_num(tighten->stop_pct, "1");
    assert_int_equal(tighten->reason, TT_exit_reason_LOSS_BREAKER);
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_EMERGENCY_ACTION);
    assert_string_equal(
        event->message, "daily_loss: pause_trading, stops to 1 %: too much was lost");
    desk_close(&desk);
}

static void weekly_loss_reduces(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_alert(&desk, TT_breach_type_WEEKLY_LOSS, TT_severity_HIGH);
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_RUNNING);
    assert_told(&desk, "reduce_positions", TT_severity_HIGH);
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 1);
    assert_int_equal(commands(&desk, 0, REDUCE), 1);
    const tt_position_command *command =
        PAYLOAD(desk_last(&desk, TT_TOPIC_POSITION_COMMANDS), position_command);
    assert_num(command->reduce_pct, "50");
    assert_int_equal(command->reason, TT_exit_reason_REDUCED);
    desk.coord->config.breaches[TT_breach_type_WEEKLY_LOSS].reduce_pct = RATIO("25");
    desk_alert(&desk, TT_breach_type_WEEKLY_LOSS, TT_severity_HIGH);
    command = PAYLOAD(desk_last(&desk, TT_TOPIC_POSITION_COMMANDS), position_command);
    assert_num(command->reduce_pct, "25");
    desk_close(&desk);
}

static void drawdown_halts_and_closes(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_position(&desk, BTC, "2");
    desk_alert(&desk, TT_breach_type_MAX_DRAWDOWN, TT_severity_CRITICAL);
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_HALTED);
    assert_told(&desk, "halt_all", TT_severity_CRITICAL);
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 1);
    assert_int_equal(commands(&desk, 0, CLOSE), 1);
    const tt_position_command *command =
        PAYLOAD(desk_last(&desk, TT_TOPIC_POSITION_COMMANDS), position_command);
    assert_int_equal(command->reason, TT_exit_reason_EMERGENCY);
    assert_num(command->reduce_pct, "0");
    desk_close(&desk);
}

static void drawdown_without_close(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk.coord->config.breaches[TT_breach_type_MAX_DRAWDOWN].close_positions = false;
    desk_position(&desk, BTC, "2");
    desk_alert(&desk, TT_breach_type_MAX_DRAWDOWN, TT_severity_CRITICAL);
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_HALTED);
    assert_int_equal(commands(&desk, 0, CLOSE), 0);
    assert_int_equal(commands(&desk, 0, CANCEL), 1);
    desk_wait(&desk, "3600");
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 1);
    desk_close(&desk);
}

/* Each breaker does what its section says. */
static void each_breaker_is_configured(void **state)
{
    (void)state;
    for (uint32_t breach = TT_breach_type_DAILY_LOSS; breach < TT_COORD_BREACHES; breach++) {
        for (uint32_t action = 0; action < TT_emergency_action_COUNT; action++) {
            for (uint32_t closes = 0; closes < 2; closes++) {
                struct desk desk;
                desk_start_quiet(&desk);
                desk.coord->config.breaches[breach] = (tt_breach_config){
                    .action = (tt_emergency_action)action,
                    .reduce_pct = RATIO("25"),
                    .close_positions = closes,
                    .tighten_stops_pct = RATIO("2.5"),
                };
                desk_position(&desk, BTC, "2");
                desk_forget(&desk);
                desk_alert(&desk, (tt_breach_type)breach, TT_severity_HIGH);
                bool pauses = action == TT_emergency_action_PAUSE_TRADING;
                bool halts = action == TT_emergency_action_HALT_ALL;
                bool reduces = action == TT_emergency_action_REDUCE_POSITIONS;
                assert_int_equal(
                    desk_status(&desk).state,
                    pauses  ? TT_coordinator_state_PAUSED
                    : halts ? TT_coordinator_state_HALTED
                            : TT_coordinator_state_RUNNING);
                assert_int_equal(commands(&desk, 0, CLOSE), closes);
                assert_int_equal(commands(&desk, 0, REDUCE), reduces && !closes);
                assert_int_equal(commands(&desk, 0, TIGHTEN), !closes);
                assert_int_equal(commands(&desk, 0, CANCEL), (pauses || halts) && !closes);
                assert_int_equal(desk_count(&desk, TT_TOPIC_NOTIFICATIONS), 0);
                assert_int_equal(desk_events(&desk, TT_system_event_type_EMERGENCY_ACTION), 1);
                desk_close(&desk);
            }
        }
    }
}

/* A reduction is asked for again until it is seen, with what is still too much. */
static void reduces_until_it_is_seen(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_position(&desk, BTC, "2");
    desk_position(&desk, XRP, "-3");
    desk_alert(&desk, TT_breach_type_WEEKLY_LOSS, TT_severity_HIGH);
    assert_int_equal(commands(&desk, 0, REDUCE), 1);
    // XRP is reduced, BTC by 0.4 of the 1 it should be.
    desk_position(&desk, XRP, "-1.5");
    desk_position(&desk, BTC, "1.6");
    desk_forget(&desk);
    // While it lasts there are no entries of it.
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    desk_wait(&desk, "5");
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 1);
    assert_int_equal(commands(&desk, BTC, REDUCE), 1);
    const tt_position_command *command =
        PAYLOAD(desk_last(&desk, TT_TOPIC_POSITION_COMMANDS), position_command);
    assert_num(command->reduce_pct, "37.5");
    // Less than a lot (0.001) too much is as good as done.
    desk_position(&desk, BTC, "1.0009");
    desk_forget(&desk);
    desk_wait(&desk, "10");
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 0);
    assert_string_equal(
        desk_event(&desk, TT_system_event_type_EMERGENCY_ACTION)->message,
        "everything that had to be closed or reduced is");
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    desk_close(&desk);
}

/* A tie in the last digit goes to the even one: of what is cut, and of what is asked for again. */
static void a_reduction_rounds_to_the_even_digit(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_position(&desk, BTC, "0.333333333333333333");
    desk_alert(&desk, TT_breach_type_WEEKLY_LOSS, TT_severity_HIGH);
    // Half of it is ...6665: ...666 is cut.
    assert_num(desk.coord->symbols[BTC - 1].reduce_to, "0.166666666666666667");
    desk.coord->symbols[BTC - 1].reduce_to = (tt_qty){num("31.999999999999999992")};
    desk_position(&desk, BTC, "64");
    desk_forget(&desk);
    desk_wait(&desk, "5");
    assert_int_equal(commands(&desk, BTC, REDUCE), 1);
    // 32.000000000000000008 of 64 are 50.0000000000000000125 %.
    assert_num(
        PAYLOAD(desk_last(&desk, TT_TOPIC_POSITION_COMMANDS), position_command)->reduce_pct,
        "50.000000000000000012");
    // 2 of 3: up.
    desk.coord->symbols[BTC - 1].reduce_to = (tt_qty){num("1")};
    desk_position(&desk, BTC, "3");
    desk_forget(&desk);
    desk_wait(&desk, "10");
    assert_num(
        PAYLOAD(desk_last(&desk, TT_TOPIC_POSITION_COMMANDS), position_command)->reduce_pct,
        "66.666666666666666667");
    desk_close(&desk);
}

/* Two reductions: the smaller rest stands. A close outranks both. */
static void the_smaller_rest_stands(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_position(&desk, BTC, "2");
    desk_alert(&desk, TT_breach_type_WEEKLY_LOSS, TT_severity_HIGH);
    desk.coord->config.breaches[TT_breach_type_WEEKLY_LOSS].reduce_pct = RATIO("10");
    desk_alert(&desk, TT_breach_type_WEEKLY_LOSS, TT_severity_HIGH);
    assert_num(desk.coord->symbols[BTC - 1].reduce_to, "1");
    desk.coord->config.breaches[TT_breach_type_WEEKLY_LOSS].reduce_pct = RATIO("75");
    desk_alert(&desk, TT_breach_type_WEEKLY_LOSS, TT_severity_HIGH);
    assert_num(desk.coord->symbols[BTC - 1].reduce_to, "0.5");
    desk_command(&desk, TT_command_FLATTEN, 0, BTC);
    desk_forget(&desk);
    desk_wait(&desk, "5");
    assert_int_equal(commands(&desk, BTC, CLOSE), 1);
    assert_int_equal(commands(&desk, BTC, REDUCE), 0);
    desk_close(&desk);
}

/* The clock stands at noon: the day ends twelve hours later. */
static void a_pause_may_end_with_the_day(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk.coord->config.emergency.resume_next_day = true;
    desk_alert(&desk, TT_breach_type_DAILY_LOSS, TT_severity_HIGH);
    desk_wait(&desk, "43199.999999999");
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_PAUSED);
    desk_wait(&desk, "0.000000001");
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_RUNNING);
    assert_string_equal(
        desk_event(&desk, TT_system_event_type_COORDINATOR_RESUMED)->message,
        "paused -> running: the day of the loss is over (resume_next_day)");
    // Not when a person, or another breaker, paused as well.
    desk_alert(&desk, TT_breach_type_DAILY_LOSS, TT_severity_HIGH);
    desk_command(&desk, TT_command_PAUSE, 0, 0);
    desk_wait(&desk, "86400");
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_PAUSED);
    desk_command(&desk, TT_command_RESUME, 0, 0);
    desk_alert(&desk, TT_breach_type_NONE, TT_severity_INFO);
    desk_alert(&desk, TT_breach_type_DAILY_LOSS, TT_severity_HIGH);
    desk_wait(&desk, "86400");
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_PAUSED);
    desk_close(&desk);
}

static void as_delivered_a_pause_does_not_end_by_itself(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_alert(&desk, TT_breach_type_DAILY_LOSS, TT_severity_HIGH);
    desk_wait(&desk, "172800");
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_PAUSED);
    desk_close(&desk);
}

/* A breach that has no own action: grave ones halt, others pause; nothing is closed. */
static void other_breaches(void **state)
{
    (void)state;
    static const struct {
        tt_breach_type breach;
        tt_severity severity;
        tt_coordinator_state after;
        unsigned cancels;
    } rows[] = {
        /* A series of losses is risk's own matter: a cooldown, no pause that a person must end. */
        {TT_breach_type_CONSECUTIVE_LOSSES, TT_severity_CRITICAL, TT_coordinator_state_RUNNING, 0},
        {TT_breach_type_CONSECUTIVE_LOSSES, TT_severity_WARNING, TT_coordinator_state_RUNNING, 0},
        {TT_breach_type_NONE, TT_severity_CRITICAL, TT_coordinator_state_HALTED, 1},
        {TT_breach_type_NONE, TT_severity_INFO, TT_coordinator_state_PAUSED, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk desk;
        desk_start_quiet(&desk);
        desk_alert(&desk, rows[i].breach, rows[i].severity);
        assert_int_equal(desk_status(&desk).state, rows[i].after);
        assert_int_equal(commands(&desk, 0, CLOSE), 0);
        assert_int_equal(commands(&desk, 0, CANCEL), rows[i].cancels);
        assert_int_equal(desk_events(&desk, TT_system_event_type_EMERGENCY_ACTION), 1);
        assert_int_equal(
            desk_event(&desk, TT_system_event_type_EMERGENCY_ACTION)->severity, rows[i].severity);
        desk_close(&desk);
    }
}

/* Alerts that are no breaker: a critical one is told to a person, none changes the state. */
static void other_alerts(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    for (uint8_t type = 0; type < TT_alert_type_COUNT; type++) {
        if (type == TT_alert_type_CIRCUIT_BREAKER) {
            continue;
        }
        tt_risk_alert alert = {.alert_type = type, .message = "words"};
        for (uint8_t severity = 0; severity < TT_severity_COUNT; severity++) {
            alert.severity = severity;
            desk_forget(&desk);
            desk_say(&desk, TT_TOPIC_RISK_ALERTS, TT_SOURCE_TRADE, BTC, &alert);
            assert_int_equal(
                desk_count(&desk, TT_TOPIC_NOTIFICATIONS), severity == TT_severity_CRITICAL);
            assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 0);
        }
    }
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_RUNNING);
    desk_close(&desk);
}

/* What stays open is asked for again, at doubling intervals up to the longest, until it is flat. */
static void closes_until_flat(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk.coord->config.emergency.close_retry_max.ns = 15 * TT_NS_PER_S;
    desk_position(&desk, BTC, "2");
    desk_position(&desk, XRP, "-3");
    desk_alert(&desk, TT_breach_type_MAX_DRAWDOWN, TT_severity_CRITICAL);
    assert_int_equal(desk_status(&desk).closing_symbols, 2);
    desk_forget(&desk);
    desk_wait(&desk, "4.999999999");
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 0);
    desk_wait(&desk, "0.000000001"); // after 5 s
    assert_int_equal(commands(&desk, BTC, CLOSE), 1);
    assert_int_equal(commands(&desk, XRP, CLOSE), 1);
    assert_int_equal(desk_event(&desk, TT_system_event_type_EMERGENCY_ACTION)->new_value, 2);
    assert_int_equal(desk_count(&desk, TT_TOPIC_NOTIFICATIONS), 1);
    desk_wait(&desk, "9.999999999");
    assert_int_equal(commands(&desk, BTC, CLOSE), 1);
    desk_position(&desk, XRP, "0");
    desk_wait(&desk, "0.000000001"); // after 10 s more
    assert_int_equal(commands(&desk, BTC, CLOSE), 2);
    assert_int_equal(commands(&desk, XRP, CLOSE), 1);
    assert_int_equal(desk_status(&desk).closing_symbols, 1);
    desk_wait(&desk, "15"); // 20 s would be more than the longest
    assert_int_equal(commands(&desk, BTC, CLOSE), 3);
    desk_wait(&desk, "15");
    assert_int_equal(commands(&desk, BTC, CLOSE), 4);
    desk_position(&desk, BTC, "0");
    desk_wait(&desk, "15");
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_EMERGENCY_ACTION);
    assert_string_equal(event->message, "everything that had to be closed or reduced is");
    assert_int_equal(event->severity, TT_severity_INFO);
    assert_int_equal(desk_status(&desk).closing_symbols, 0);
    assert_int_equal(desk_status(&desk).total_close_requests, 5);
    desk_forget(&desk);
    desk_wait(&desk, "3600");
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 0);
    desk_close(&desk);
}

/* Halted with a close: an entry that fills after all is closed as well, at once. */
static void what_opens_while_halted_is_closed(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_alert(&desk, TT_breach_type_MAX_DRAWDOWN, TT_severity_CRITICAL);
    desk_wait(&desk, "60");
    assert_int_equal(desk_status(&desk).closing_symbols, 0);
    desk_forget(&desk);
    desk_position(&desk, XRP, "1");
    assert_int_equal(commands(&desk, XRP, CLOSE), 1);
    assert_int_equal(commands(&desk, BTC, CLOSE), 0);
    desk_wait(&desk, "5");
    assert_int_equal(commands(&desk, XRP, CLOSE), 2);
    desk_position(&desk, XRP, "0");
    desk_wait(&desk, "60");
    assert_int_equal(desk_status(&desk).closing_symbols, 0);
    // Released: what opens now is a trade again.
    const tt_command_reply reply = {
        .command = TT_command_RESET_RISK, .status = TT_reply_status_DONE};
    desk_say(&desk, TT_TOPIC_COMMAND_REPLIES, TT_SOURCE_RISK, 0, &reply);
    desk_forget(&desk);
    desk_position(&desk, XRP, "1");
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 0);
    desk_close(&desk);
}

static void flatten_one_and_all(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_position(&desk, BTC, "2");
    desk_position(&desk, XRP, "2");
    desk_forget(&desk);
    desk_command(&desk, TT_command_FLATTEN, 0, XRP);
    assert_int_equal(desk_reply(&desk)->status, TT_reply_status_DONE);
    assert_string_equal(desk_reply(&desk)->message, "closing XRP/USDT until flat");
    assert_int_equal(commands(&desk, XRP, CLOSE), 1);
    assert_int_equal(desk_count(&desk, TT_TOPIC_POSITION_COMMANDS), 1);
    const tt_position_command *command =
        PAYLOAD(desk_last(&desk, TT_TOPIC_POSITION_COMMANDS), position_command);
    assert_int_equal(command->reason, TT_exit_reason_OPERATOR);
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_RUNNING);
    desk_wait(&desk, "5");
    assert_int_equal(commands(&desk, XRP, CLOSE), 2);
    assert_int_equal(commands(&desk, BTC, CLOSE), 0);
    desk_command(&desk, TT_command_FLATTEN, 0, 0);
    assert_string_equal(desk_reply(&desk)->message, "closing all symbols until flat");
    assert_int_equal(commands(&desk, 0, CLOSE), 1);
    desk_command(&desk, TT_command_FLATTEN, 0, 9);
    assert_int_equal(desk_reply(&desk)->status, TT_reply_status_NOT_FOUND);
    desk_close(&desk);
}

/* A flatten works in every state. */
static void flatten_while_halted(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_position(&desk, BTC, "2");
    desk_command(&desk, TT_command_HALT, 0, 0);
    assert_int_equal(commands(&desk, 0, CLOSE), 0);
    desk_command(&desk, TT_command_FLATTEN, 0, 0);
    assert_int_equal(commands(&desk, 0, CLOSE), 1);
    desk_close(&desk);
}

/* No timer for the second look: the next word on the position finds one. */
static void close_without_a_timer(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk.config.schedules[i].enabled = false;
    }
    desk.timer_capacity = 1;
    desk_open(&desk);
    tt_timer_id other;
    assert_int_equal(
        tt_timers_arm(
            desk.core.timers, TT_TIMER_COORDINATOR, COORD_TIMER_GRACE, BTC, TT_TIME_NEVER, &other),
        TUTTI_OK);
    desk_session(&desk, TT_session_event_type_STARTED);
    desk_position(&desk, BTC, "2");
    desk_command(&desk, TT_command_FLATTEN, 0, 0);
    assert_int_equal(desk.coord->state->closing_timer.n, 0);
    assert_true(tt_timers_cancel(desk.core.timers, other));
    desk_position(&desk, BTC, "2");
    desk_wait(&desk, "5");
    assert_int_equal(commands(&desk, BTC, CLOSE), 1);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(daily_loss_pauses),
        cmocka_unit_test(weekly_loss_reduces),
        cmocka_unit_test(drawdown_halts_and_closes),
        cmocka_unit_test(drawdown_without_close),
        cmocka_unit_test(each_breaker_is_configured),
        cmocka_unit_test(reduces_until_it_is_seen),
        cmocka_unit_test(a_reduction_rounds_to_the_even_digit),
        cmocka_unit_test(the_smaller_rest_stands),
        cmocka_unit_test(a_pause_may_end_with_the_day),
        cmocka_unit_test(as_delivered_a_pause_does_not_end_by_itself),
        cmocka_unit_test(other_breaches),
        cmocka_unit_test(other_alerts),
        cmocka_unit_test(closes_until_flat),
        cmocka_unit_test(what_opens_while_halted_is_closed),
        cmocka_unit_test(flatten_one_and_all),
        cmocka_unit_test(flatten_while_halted),
        cmocka_unit_test(close_without_a_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
