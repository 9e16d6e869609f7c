/* SPDX-License-Identifier: Apache-2.0 */
/* After a restart everything is asked and nothing is sent twice. */
#include "fixture.h"

static void recover(fixture *f)
{
    tt_session_event recovered = {.event = TT_session_event_type_RECOVERED};
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &recovered);
    assert_true(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES) >= 1);
}

static void an_order_without_acknowledgement_becomes_unknown(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    recover(f);
    assert_state(f, id, TT_order_state_UNKNOWN);
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_string_equal(event->reason, "restarted before the venue acknowledged");
    const tt_order_query *query = sent_one(f, TT_TOPIC_ORDER_QUERIES);
    assert_true(query->order_id == id && query->attempt == 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    /* It never left: two answers, then it is failed and its exposure released. */
    say(f, id, TT_report_kind_NOT_FOUND);
    pass(f, 7000);
    say(f, id, TT_report_kind_NOT_FOUND);
    assert_state(f, id, TT_order_state_FAILED);
    assert_dec(account(f).pending_exposure.d, "0");
}

static void an_acknowledged_order_is_asked_about_and_keeps_its_state(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_ACCEPTED);
    recover(f);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    say_status(f, id, TT_order_state_SUBMITTED, NULL);
    pass(f, 60000);
    assert_state(f, id, TT_order_state_SUBMITTED);
    /* Without an answer it becomes unknown. */
    recover(f);
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
}

static void fills_missed_meanwhile_are_booked(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100", .stop = "95"});
    say(f, id, TT_report_kind_ACCEPTED);
    fill(f, id, 1, "0.2", "100");
    recover(f);
    fill_cum(f, id, 1, "0.2", "100", "0.2");
    fill_cum(f, id, 2, "0.5", "100", "0.7");
    say_status(f, id, TT_order_state_PARTIALLY_FILLED, "0.7");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    assert_dec(f->trade->books->positions[0].qty.d, "0.7");
    assert_int_equal(f->trade->books->counters.duplicate_reports, 1);
}

static void an_unknown_order_is_asked_about_again(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    pass(f, 5000);
    recover(f);
    const tt_order_query *query = sent_one(f, TT_TOPIC_ORDER_QUERIES);
    assert_int_equal(query->attempt, 2);
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_int_equal(sent_count(f, TT_TOPIC_EXECUTION_EVENTS), 0);
}

static void a_not_found_of_an_acknowledged_order_is_asked_twice(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_ACCEPTED);
    recover(f);
    say(f, id, TT_report_kind_NOT_FOUND);
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    say(f, id, TT_report_kind_NOT_FOUND);
    assert_state(f, id, TT_order_state_FAILED);
}

static void final_orders_and_books_are_left_alone(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    tt_account_update before = account(f);
    recover(f);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 2);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    tt_account_update after = account(f);
    after.cause_fill = before.cause_fill;
    assert_memory_equal(&before, &after, sizeof before);
}

static void closings_go_on(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL);
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    uint64_t id = live(f, 1, TT_order_role_CLOSE)->intent.order_id;
    recover(f);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    say(f, id, TT_report_kind_NOT_FOUND);
    pass(f, 7000);
    say(f, id, TT_report_kind_NOT_FOUND);
    pass(f, 7000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 1);
    assert_non_null(live(f, 1, TT_order_role_CLOSE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_order_without_acknowledgement_becomes_unknown),
        TEST(an_acknowledged_order_is_asked_about_and_keeps_its_state),
        TEST(fills_missed_meanwhile_are_booked),
        TEST(an_unknown_order_is_asked_about_again),
        TEST(a_not_found_of_an_acknowledged_order_is_asked_twice),
        TEST(final_orders_and_books_are_left_alone),
        TEST(closings_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
