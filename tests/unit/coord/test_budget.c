/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What calls may cost: exact at the boundary, whatever is in flight, over days and restarts.
 *
 * Covers: coord_budget.c
 */
#include "fixture.h"

#include <string.h>

/* Only technical analysis runs; a call may cost 0.1, the task 0.3 a day, all together 0.35. */
static void open_desk(struct desk *desk)
{
    desk_init(desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk->config.schedules[i].enabled = false;
        desk->config.schedules[i].call_budget = MONEY("0.1");
        desk->config.schedules[i].day_budget = MONEY("0.3");
    }
    desk->config.coordinator.day_budget = MONEY("0.35");
    desk_open(desk);
    desk_bar(desk, BTC);
    desk_bar(desk, XRP);
    desk_session(desk, TT_session_event_type_STARTED);
    desk_forget(desk);
}

static const tt_msg *ask(struct desk *desk, tt_task task, uint32_t key)
{
    uint32_t before = desk_calls(desk, task, key);
    desk_command(desk, TT_command_FORCE_RUN, task, key);
    return desk_calls(desk, task, key) > before ? desk_call(desk, task, key) : NULL;
}

static void answer(struct desk *desk, const tt_msg *call, const char *cost)
{
    tt_agent_answer payload = {
        .call_seq = call->seq, .status = TT_answer_status_NO_OPINION, .cost = MONEY(cost)};
    desk_say(desk, TT_TOPIC_AGENT_ANSWERS, TT_SOURCE_HOST, call->key, &payload);
}

static void calls_at_one_time_cannot_overspend(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    const tt_msg *btc = ask(&desk, TT_task_TA_ANALYSIS, BTC);
    const tt_msg *xrp = ask(&desk, TT_task_TA_ANALYSIS, XRP);
    const tt_msg *third = ask(&desk, TT_task_SENTIMENT_ANALYSIS, BTC);
    assert_non_null(btc);
    assert_non_null(xrp);
    assert_non_null(third);
    assert_num(PAYLOAD(btc, agent_call)->budget, "0.1");
    assert_num(desk_status(&desk).reserved, "0.3");
    // 0.3 of all in flight, 0.35 in all: the fourth does not fit, though its task spent nothing.
    assert_null(ask(&desk, TT_task_SENTIMENT_ANALYSIS, XRP));
    assert_int_equal(desk_reply(&desk)->status, TT_reply_status_REFUSED);
    answer(&desk, third, "0.05"); // Now 0.2 + 0.05 + 0.1 = 0.35 fits exactly.
    assert_non_null(ask(&desk, TT_task_SENTIMENT_ANALYSIS, XRP));
    assert_num(desk_status(&desk).reserved, "0.3");
    assert_num(desk_status(&desk).spent_today, "0.05");
    desk_close(&desk);
}

static void the_boundary_is_exact(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++) {
        struct desk desk;
        open_desk(&desk);
        const tt_msg *call = ask(&desk, TT_task_TA_ANALYSIS, BTC);
        answer(
            &desk, call, over ? "0.200000000000000001" : "0.2"); // More than reserved counts, too.
        assert_num(desk_status(&desk).spent_today, over ? "0.200000000000000001" : "0.2");
        assert_int_equal(ask(&desk, TT_task_TA_ANALYSIS, BTC) == NULL, over);
        desk_close(&desk);
    }
}

static void a_cost_that_cannot_be_is_not_believed(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    answer(&desk, ask(&desk, TT_task_TA_ANALYSIS, BTC), "-100");
    assert_num(desk_status(&desk).spent_today, "0.1");
    answer(&desk, ask(&desk, TT_task_TA_ANALYSIS, BTC), "10000000000000000000");
    assert_num(desk_status(&desk).spent_today, "10000000000000000000");
    assert_null(ask(&desk, TT_task_TA_ANALYSIS, BTC));
    desk_close(&desk);
}

static void a_call_without_answer_counts_whole_until_it_comes(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    tt_msg call = *ask(&desk, TT_task_TA_ANALYSIS, BTC);
    desk_wait(&desk, "30");
    assert_num(desk_status(&desk).reserved, "0");
    assert_num(desk_status(&desk).spent_today, "0.1");
    answer(&desk, &call, "0.02");
    assert_num(desk_status(&desk).spent_today, "0.02");
    answer(&desk, &call, "0.02"); // A repeat changes nothing.
    assert_num(desk_status(&desk).spent_today, "0.02");
    desk_close(&desk);
}

static void a_day_ends_at_midnight_but_calls_do_not(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk); // Noon.
    answer(&desk, ask(&desk, TT_task_TA_ANALYSIS, BTC), "0.25");
    assert_null(ask(&desk, TT_task_TA_ANALYSIS, BTC));
    desk_wait(&desk, "43199.999999999");
    assert_null(ask(&desk, TT_task_TA_ANALYSIS, BTC));
    desk_wait(&desk, "0.000000001");
    tt_msg call = *ask(&desk, TT_task_TA_ANALYSIS, BTC);
    assert_num(desk_status(&desk).spent_today, "0");
    desk_wait(&desk, "1");
    answer(&desk, &call, "0.03");
    assert_num(desk_status(&desk).spent_today, "0.03");
    desk_close(&desk);
}

/* The turn of a schedule is given up, told once a day, and counts as skipped, not as failed. */
static void a_schedule_stops_when_its_budget_is_spent(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk_command(&desk, TT_command_ENABLE_TASK, TT_task_TA_ANALYSIS, 0);
    for (uint32_t minute = 0; minute < 10; minute++) {
        for (uint32_t key = BTC; key <= XRP; key++) {
            uint32_t slot = tt_coord_slot_find(desk.coord, TT_task_TA_ANALYSIS, key);
            if (desk.coord->slots[slot].state == COORD_SLOT_IN_FLIGHT) {
                const tt_msg call = {.seq = desk.coord->slots[slot].call_seq, .key = key};
                answer(&desk, &call, "0.1");
            }
        }
        desk_wait(&desk, "60");
        desk_bar(&desk, BTC);
        desk_bar(&desk, XRP);
    }
    assert_int_equal(
        desk_calls(&desk, TT_task_TA_ANALYSIS, BTC) + desk_calls(&desk, TT_task_TA_ANALYSIS, XRP),
        3);
    assert_num(desk_status(&desk).spent_today, "0.3");
    assert_int_equal(desk_events(&desk, TT_system_event_type_BUDGET_SPENT), 1);
    assert_string_equal(
        desk_event(&desk, TT_system_event_type_BUDGET_SPENT)->subject, "ta_analysis");
    assert_int_equal(desk_events(&desk, TT_system_event_type_TASK_ERROR), 0);
    assert_true(desk_status(&desk).tasks[TT_task_TA_ANALYSIS].skipped >= 10);
    assert_true(desk_status(&desk).total_budget_refusals >= 10);
    desk_close(&desk);
}

static void a_restart_keeps_what_was_reserved(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    assert_non_null(ask(&desk, TT_task_TA_ANALYSIS, BTC));
    desk_session(&desk, TT_session_event_type_RECOVERED);
    // The lost call counts whole, and the one that is asked again is reserved anew.
    assert_num(desk_status(&desk).spent_today, "0.1");
    assert_num(desk_status(&desk).reserved, "0.1");
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_at_one_time_cannot_overspend),
        cmocka_unit_test(the_boundary_is_exact),
        cmocka_unit_test(a_cost_that_cannot_be_is_not_believed),
        cmocka_unit_test(a_call_without_answer_counts_whole_until_it_comes),
        cmocka_unit_test(a_day_ends_at_midnight_but_calls_do_not),
        cmocka_unit_test(a_schedule_stops_when_its_budget_is_spent),
        cmocka_unit_test(a_restart_keeps_what_was_reserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
