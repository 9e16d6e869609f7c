/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Orders of a symbol that fail one after the other.
 *
 * Covers: coord_hold.c
 */
#include "fixture.h"

#include <string.h>

static void say_order(struct desk *desk, uint32_t key, tt_execution_event_type event)
{
    const tt_execution_event payload = {
        .event = (uint8_t)event, .old_state = TT_order_state_PENDING, .reason = "no such pair"};
    desk_say(desk, TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, key, &payload);
}

static void fail_orders(struct desk *desk, uint32_t key, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        say_order(desk, key, TT_execution_event_type_ORDER_REJECTED);
    }
}

/* What fails alone must not change the level here. */
static void open_desk(struct desk *desk)
{
    desk_start_quiet(desk);
    desk->coord->config.degradation.step_failures = 1000;
    desk->coord->config.degradation.max_failures = 3000;
}

static uint32_t proposals(struct desk *desk, uint32_t key)
{
    desk_forget(desk);
    desk_signal(desk, key, TT_action_BUY, "0.9");
    return desk_count(desk, TT_TOPIC_TRADE_PROPOSALS);
}

static void three_in_a_row_hold_the_symbol(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    fail_orders(&desk, BTC, 2);
    assert_int_equal(proposals(&desk, BTC), 1);
    desk_forget(&desk);
    say_order(&desk, BTC, TT_execution_event_type_ORDER_ERROR);
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_SYMBOL_PAUSED);
    assert_string_equal(event->subject, "BTC/USDT");
    assert_string_equal(
        event->message, "3 orders in a row failed; no entries for 900 s: no such pair");
    const tt_msg *command = desk_last(&desk, TT_TOPIC_POSITION_COMMANDS);
    assert_int_equal(command->key, BTC);
    assert_int_equal(
        PAYLOAD(command, position_command)->command, TT_position_command_type_CANCEL_ENTRIES);
    assert_int_equal(desk_count(&desk, TT_TOPIC_NOTIFICATIONS), 1);
    // No entry, with the reason; another symbol trades, and so does a close.
    assert_int_equal(proposals(&desk, BTC), 0);
    const tt_conflict_decision *end =
        PAYLOAD(desk_last(&desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision);
    assert_non_null(strstr(end->reasoning, "orders of this symbol failed"));
    assert_int_equal(proposals(&desk, XRP), 1);
    desk_position(&desk, BTC, "1");
    desk_forget(&desk);
    desk_signal(&desk, BTC, TT_action_SELL, "0.9");
    assert_int_equal(
        PAYLOAD(desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS), trade_proposal)->kind,
        TT_proposal_kind_CLOSE);
    desk_position(&desk, BTC, "0");
    desk_wait(&desk, "899.999999999");
    assert_int_equal(proposals(&desk, BTC), 0);
    desk_wait(&desk, "0.000000001");
    assert_int_equal(desk_events(&desk, TT_system_event_type_SYMBOL_RESUMED), 1);
    assert_int_equal(proposals(&desk, BTC), 1);
    desk_close(&desk);
}

static void an_order_that_works_ends_the_series(void **state)
{
    (void)state;
    static const tt_execution_event_type good[] = {
        TT_execution_event_type_ORDER_PLACED,
        TT_execution_event_type_ORDER_PARTIAL_FILL,
        TT_execution_event_type_ORDER_FILLED,
    };
    struct desk desk;
    open_desk(&desk);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        fail_orders(&desk, BTC, 2);
        say_order(&desk, BTC, good[i]);
    }
    // What we asked for ourselves, and what happens by the way, is neither.
    say_order(&desk, BTC, TT_execution_event_type_ORDER_UNKNOWN);
    say_order(&desk, BTC, TT_execution_event_type_ORDER_CREATED);
    say_order(&desk, BTC, TT_execution_event_type_ORDER_SENT);
    say_order(&desk, BTC, TT_execution_event_type_ORDER_CANCELLED);
    say_order(&desk, BTC, TT_execution_event_type_ORDER_EXPIRED);
    fail_orders(&desk, XRP, 2);
    fail_orders(&desk, BTC, 1);
    assert_int_equal(desk_events(&desk, TT_system_event_type_SYMBOL_PAUSED), 0);
    fail_orders(&desk, BTC, 1);
    assert_int_equal(desk_events(&desk, TT_system_event_type_SYMBOL_PAUSED), 1);
    desk_close(&desk);
}

/* Another series while held begins the time anew. */
static void a_hold_can_begin_anew(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    fail_orders(&desk, BTC, 3);
    desk_wait(&desk, "800");
    fail_orders(&desk, BTC, 3);
    desk_wait(&desk, "800");
    assert_int_equal(desk_events(&desk, TT_system_event_type_SYMBOL_RESUMED), 0);
    assert_int_equal(proposals(&desk, BTC), 0);
    desk_wait(&desk, "100");
    assert_int_equal(proposals(&desk, BTC), 1);
    desk_close(&desk);
}

static void the_configuration_is_read(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk.coord->config.execution_errors.count = 0;
    fail_orders(&desk, BTC, 20);
    assert_int_equal(proposals(&desk, BTC), 1);
    desk.coord->config.execution_errors.count = 1;
    desk.coord->config.execution_errors.pause.ns = 5 * TT_NS_PER_S;
    desk.coord->config.execution_errors.notify = false;
    desk_forget(&desk);
    fail_orders(&desk, BTC, 1);
    assert_int_equal(desk_count(&desk, TT_TOPIC_NOTIFICATIONS), 0);
    assert_int_equal(proposals(&desk, BTC), 0);
    desk_wait(&desk, "5");
    assert_int_equal(proposals(&desk, BTC), 1);
    desk_close(&desk);
}

/* Without a timer the hold still ends, in silence. */
static void a_hold_without_a_timer(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk.config.schedules[i].enabled = false;
    }
    desk.config.degradation.step_failures = 1000;
    desk.config.degradation.max_failures = 3000;
    desk.timer_capacity = 1; // The one of the quiet time.
    desk_open(&desk);
    desk_session(&desk, TT_session_event_type_STARTED);
    fail_orders(&desk, BTC, 3);
    assert_int_equal(desk.coord->symbols[BTC - 1].hold_timer.n, 0);
    assert_int_equal(proposals(&desk, BTC), 0);
    desk_wait(&desk, "900");
    assert_int_equal(proposals(&desk, BTC), 1);
    desk_close(&desk);
}

static void failing_orders_degrade(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk.coord->config.execution_errors.count = 0;
    fail_orders(&desk, BTC, 6);
    assert_int_equal(desk_status(&desk).degradation, TT_degradation_LIMITED);
    // Orders that work take them off, three each; agents that answer would as well.
    for (uint32_t i = 0; i < 3; i++) {
        say_order(&desk, BTC, TT_execution_event_type_ORDER_FILLED);
    }
    assert_int_equal(desk_status(&desk).degradation, TT_degradation_REDUCED);
    assert_int_equal(desk.coord->state->order_failures, 5);
    say_order(&desk, BTC, TT_execution_event_type_ORDER_FILLED);
    say_order(&desk, BTC, TT_execution_event_type_ORDER_FILLED);
    fail_orders(&desk, BTC, 1);
    say_order(&desk, BTC, TT_execution_event_type_ORDER_FILLED);
    assert_int_equal(desk.coord->state->order_failures, 6);
    desk_close(&desk);
}

/* A restart or an outage asks for orders that the venue had taken: none of them failed. */
static void orders_that_were_taken_do_not_fail(void **state)
{
    (void)state;
    static const struct {
        tt_order_state before;
        uint32_t failures;
    } rows[] = {
        {TT_order_state_NEW, 1},
        {TT_order_state_PENDING, 1},
        {TT_order_state_SUBMITTED, 0},
        {TT_order_state_PARTIALLY_FILLED, 0},
    };
    struct desk desk;
    desk_start_quiet(&desk);
    uint32_t expected = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const tt_execution_event event = {
            .event = TT_execution_event_type_ORDER_UNKNOWN, .old_state = (uint8_t)rows[i].before};
        desk_say(&desk, TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, BTC, &event);
        expected += rows[i].failures;
        assert_int_equal(desk.coord->state->order_failures, expected);
    }
    desk_close(&desk);
}

static void unknown_symbols_are_refused(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    fail_orders(&desk, 3, 1);
    assert_int_equal(desk_count(&desk, TT_TOPIC_DEAD_LETTERS), 1);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_in_a_row_hold_the_symbol),
        cmocka_unit_test(an_order_that_works_ends_the_series),
        cmocka_unit_test(a_hold_can_begin_anew),
        cmocka_unit_test(the_configuration_is_read),
        cmocka_unit_test(a_hold_without_a_timer),
        cmocka_unit_test(failing_orders_degrade),
        cmocka_unit_test(orders_that_were_taken_do_not_fail),
        cmocka_unit_test(unknown_symbols_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
