/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Who waits for whom, and what happens at the bounds.
 *
 * Covers: coord_dispatch.c
 */
#include "schedules.h"

#include <string.h>

/* ---- dependencies ---- */

/* Due together: the analysis is asked, the regime waits for its answer and refers to it, and so
 * does the decision to both. */
static void chain_of_one_moment(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (tt_task task = TA; task <= DECISION; task++) {
        desk.config.schedules[task].interval.ns = 60 * TT_NS_PER_S;
        desk.config.schedules[task].run_on_start = false;
    }
    open_warm(&desk);
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 0);
    assert_waiting(&desk, REGIME, TT_COORD_WAIT_DEPENDENCY, 1);
    desk_sleep(&desk, "1");
    desk_answer_task(&desk, TA, BTC);
    tt_seq ta = desk_last(&desk, TT_TOPIC_TA_SIGNALS)->seq;
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 1);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 0);
    assert_int_equal(PAYLOAD(desk_call(&desk, REGIME, BTC), agent_call)->ta_seq, ta);
    desk_sleep(&desk, "1");
    desk_answer_task(&desk, REGIME, BTC);
    tt_seq regime = desk_last(&desk, TT_TOPIC_REGIME_UPDATES)->seq;
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 1);
    const tt_agent_call *call = PAYLOAD(desk_call(&desk, DECISION, BTC), agent_call);
    assert_int_equal(call->ta_seq, ta);
    assert_int_equal(call->regime_seq, regime);
    // The other symbol waits for its own.
    assert_int_equal(desk_calls(&desk, REGIME, XRP), 0);
    desk_close(&desk);
}

static void dependency_that_never_succeeded(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[TA].run_on_start = false;
    desk.config.schedules[TA].interval.ns = 1000 * TT_NS_PER_S;
    desk.config.schedules[REGIME].interval.ns = 60 * TT_NS_PER_S;
    open_warm(&desk);
    desk_live(&desk, 16);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 0);
    assert_waiting(&desk, REGIME, TT_COORD_WAIT_DEPENDENCY, 2);
    // The success comes after 1000 s. It allows the run that waited for it, and, being as old as
    // that run, the next one; then nothing until the next success.
    desk_live(&desk, 1);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 2);
    desk_live(&desk, 16);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 2);
    desk_live(&desk, 1);
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 4);
    desk_close(&desk);
}

static void failed_dependency_keeps_waiting(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[TA].run_on_start = false;
    desk.config.schedules[REGIME].interval.ns = 60 * TT_NS_PER_S;
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    desk_wait(&desk, "60");
    desk_answer(&desk, desk_call(&desk, TA, BTC), TT_answer_status_ERROR, 0, NULL);
    desk_wait(&desk, "1");
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 0);
    desk_wait(&desk, "59");
    desk_answer_task(&desk, TA, BTC);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 1);
    desk_close(&desk);
}

/* Two turns of one moment: who builds on the other waits for it, although its timer is earlier. */
static void order_of_timers_does_not_matter(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, REGIME);
    desk.config.schedules[REGIME].interval.ns = 60 * TT_NS_PER_S;
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    desk_command(&desk, TT_command_ENABLE_TASK, TA, 0);
    desk_wait(&desk, "60");
    desk_answer_all(&desk);
    desk_wait(&desk, "60");
    desk_forget(&desk);
    desk_wait(&desk, "0");
    assert_int_equal(desk_status(&desk).tasks[TA].in_flight, 2);
    assert_int_equal(desk_status(&desk).tasks[REGIME].in_flight, 0);
    assert_waiting(&desk, REGIME, TT_COORD_WAIT_DEPENDENCY, 2);
    desk_close(&desk);
}

/* A success at the very moment of the own last run is enough. */
static void equal_times_satisfy(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_command(&desk, TT_command_ENABLE_TASK, TA, 0);
    desk_answer_all(&desk);
    tt_coord_slot *ta = &desk.coord->slots[tt_coord_slot_find(desk.coord, TA, BTC)];
    uint32_t index = tt_coord_slot_find(desk.coord, REGIME, BTC);
    tt_coord_slot *regime = &desk.coord->slots[index];
    regime->last_run.ns = desk.now.ns;
    ta->last_success.ns = desk.now.ns;
    assert_int_equal(tt_coord_dispatch_reason(desk.coord, index), TT_COORD_WAIT_NONE);
    ta->last_success.ns = desk.now.ns - 1;
    assert_int_equal(tt_coord_dispatch_reason(desk.coord, index), TT_COORD_WAIT_DEPENDENCY);
    ta->last_success.ns = 0;
    assert_int_equal(tt_coord_dispatch_reason(desk.coord, index), TT_COORD_WAIT_DEPENDENCY);
    desk_command(&desk, TT_command_DISABLE_TASK, TA, 0);
    assert_int_equal(tt_coord_dispatch_reason(desk.coord, index), TT_COORD_WAIT_NONE);
    desk_close(&desk);
}

/* The sentiment counts only while it is enabled, and it must have been tried, not have succeeded:
 * an optional agent that fails does not silence the decisions. */
static void sentiment_is_optional(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[DECISION].interval.ns = 300 * TT_NS_PER_S;
    desk.config.schedules[SENTIMENT].interval.ns = 600 * TT_NS_PER_S;
    desk.config.schedules[SENTIMENT].enabled = true;
    open_and_answer(&desk);
    desk_live(&desk, 9);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 0);
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    while (desk.coord->slots[tt_coord_slot_find(desk.coord, TA, BTC)].state ==
           COORD_SLOT_IN_FLIGHT) {
        desk_answer_task(&desk, TA, BTC);
    }
    desk_answer_task(&desk, REGIME, BTC);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 0);
    desk_answer(&desk, desk_call(&desk, SENTIMENT, BTC), TT_answer_status_ERROR, 0, NULL);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 1);
    desk_close(&desk);
}

static void disabled_dependency_is_not_waited_for(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, DECISION);
    open_warm(&desk);
    desk_live(&desk, 60);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 1);
    desk_close(&desk);
}

/* ---- bounds ---- */

/* Calls beyond the bound wait, and are made in the order in which they came due. */
static void capacity(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, SENTIMENT);
    desk.config.schedules[PORTFOLIO] = desk.config.schedules[SENTIMENT];
    desk.config.coordinator.max_concurrent_calls = 1;
    open_warm(&desk);
    desk_wait(&desk, "1800");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 1);
    assert_waiting(&desk, SENTIMENT, TT_COORD_WAIT_CAPACITY, 1);
    assert_waiting(&desk, PORTFOLIO, TT_COORD_WAIT_CAPACITY, 1);
    desk_answer_task(&desk, SENTIMENT, BTC);
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 2);
    assert_int_equal(desk_calls(&desk, SENTIMENT, XRP), 1);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, 1);
    // A timeout frees the place as well.
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), 1);
    desk_close(&desk);
}

static void many_instruments(struct desk *desk, uint32_t count)
{
    while (desk->instruments.count < count) {
        uint32_t i = desk->instruments.count++;
        desk->instruments.list[i] = desk->instruments.list[0];
        desk->instruments.list[i].id.n = i + 1;
        tt_text_format(desk->instruments.list[i].symbol, 24, "SYM%u/USDT", i);
    }
}

/* All instruments, all tasks: nothing is lost at the largest size. */
static void full_house(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    many_instruments(&desk, TT_INSTRUMENTS_MAX);
    desk.config.schedules[SENTIMENT].enabled = true;
    desk.config.coordinator.max_concurrent_calls = 7;
    open_and_answer(&desk);
    for (uint32_t i = 0; i < 31; i++) {
        desk_live(&desk, 1);
        desk_forget(&desk);
    }
    for (tt_task task = TA; task <= SENTIMENT; task++) {
        uint32_t expected[] = {32, 6, 1};
        for (uint32_t key = 1; key <= TT_INSTRUMENTS_MAX; key++) {
            uint32_t slot = tt_coord_slot_find(desk.coord, task, key);
            assert_int_equal(desk.coord->slots[slot].runs, expected[task]);
        }
    }
    desk_close(&desk);
}

/* Too few timers: a call that could not time out is not made; it waits for one. */
static void timers_run_out(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, SENTIMENT);
    desk.timer_capacity = 3;
    open_warm(&desk);
    desk_wait(&desk, "1800");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 1);
    assert_true(desk_status(&desk).total_calls_deferred > 0);
    desk_answer_task(&desk, SENTIMENT, BTC);
    assert_int_equal(desk_calls(&desk, SENTIMENT, XRP), 1);
    desk_close(&desk);
}

/* A turn that found no timer is armed as soon as there is one. */
static void turn_without_timer_is_armed_later(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, SENTIMENT);
    desk.timer_capacity = 2;
    desk_open(&desk);
    tt_timer_id other;
    assert_int_equal(
        tt_timers_arm(
            desk.core.timers, TT_TIMER_COORDINATOR, COORD_TIMER_GRACE, BTC, TT_TIME_NEVER, &other),
        TUTTI_OK);
    desk_session(&desk, TT_session_event_type_STARTED);
    uint32_t second = tt_coord_slot_find(desk.coord, SENTIMENT, XRP);
    assert_int_equal(desk.coord->slots[second].due_timer.n, 0);
    assert_true(tt_timers_cancel(desk.core.timers, other));
    desk_bar(&desk, BTC);
    assert_true(desk.coord->slots[second].due_timer.n != 0);
    desk_close(&desk);
}

/* No room on the bus: the call is made when there is. */
static void bus_is_full(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    many_instruments(&desk, 40);
    only(&desk, SENTIMENT);
    desk.config.schedules[SENTIMENT].run_on_start = true;
    desk.config.schedules[SENTIMENT].max_parallel = 40;
    desk.bus.outbox_bytes = 4096;
    desk_open(&desk);
    desk_session(&desk, TT_session_event_type_STARTED);
    uint32_t first = desk_count(&desk, TT_TOPIC_AGENT_CALLS);
    assert_in_range(first, 10, 30);
    assert_true(desk_status(&desk).total_calls_deferred > 0);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, first);
    tt_timers_stats timers; // one a turn, one a call: none for a call that was not made
    tt_timers_stats_get(desk.core.timers, &timers);
    assert_int_equal(timers.armed, 40 + first);
    desk_bar(&desk, BTC);
    desk_bar(&desk, BTC);
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 40);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, 40);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_of_one_moment),
        cmocka_unit_test(dependency_that_never_succeeded),
        cmocka_unit_test(failed_dependency_keeps_waiting),
        cmocka_unit_test(order_of_timers_does_not_matter),
        cmocka_unit_test(equal_times_satisfy),
        cmocka_unit_test(sentiment_is_optional),
        cmocka_unit_test(disabled_dependency_is_not_waited_for),
        cmocka_unit_test(capacity),
        cmocka_unit_test(full_house),
        cmocka_unit_test(timers_run_out),
        cmocka_unit_test(turn_without_timer_is_armed_later),
        cmocka_unit_test(bus_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
