/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines of an order: acknowledgement, query, expiry, cancel. */
#include "fixture.h"

static void no_acknowledgement_makes_it_unknown(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    assert_int_equal(tt_timers_next(f->core.timers).ns, FIXTURE_START_NS + 5 * TT_NS_PER_S);
    pass(f, 4999);
    assert_state(f, id, TT_order_state_PENDING);
    pass(f, 1);
    assert_state(f, id, TT_order_state_UNKNOWN);
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_int_equal(event->event, TT_execution_event_type_ORDER_UNKNOWN);
    assert_string_equal(event->reason, "the venue did not acknowledge in time");
    const tt_order_query *query = sent_one(f, TT_TOPIC_ORDER_QUERIES);
    assert_int_equal(query->attempt, 1);
    const tt_msg *msg = sent(f, TT_TOPIC_ORDER_QUERIES, 0);
    assert_memory_equal(&msg->correlation, &order(f, id)->correlation, sizeof msg->correlation);
}

static void an_unknown_order_is_asked_about_until_resolved(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    pass(f, 5000);
    /* Each silence doubles the wait, up to sixteen times the interval. */
    static const int64_t waits_ms[] = {7000, 14000, 28000, 56000, 112000, 112000, 112000};
    for (uint32_t attempt = 2; attempt < 9; attempt++) {
        pass(f, waits_ms[attempt - 2] - 1);
        assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 0);
        pass(f, 1);
        const tt_order_query *query = sent_one(f, TT_TOPIC_ORDER_QUERIES);
        assert_int_equal(query->attempt, attempt);
        assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    }
    say_status(f, id, TT_order_state_SUBMITTED, NULL);
    assert_state(f, id, TT_order_state_SUBMITTED);
    pass(f, 60000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 0);
    assert_state(f, id, TT_order_state_SUBMITTED);
}

/* The venue answers, if only that it cannot say yet: the wait is short again. */
static void an_answer_makes_the_wait_short_again(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    pass(f, 5000);
    pass(f, 7000);
    pass(f, 14000);
    pass(f, 28000);
    assert_int_equal(order(f, id)->query_count, 4);
    say(f, id, TT_report_kind_NOT_FOUND);
    assert_state(f, id, TT_order_state_UNKNOWN);
    pass(f, 55999);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 0);
    pass(f, 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    pass(f, 7000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
}

static void a_late_acknowledgement_resolves(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    pass(f, 5000);
    say(f, id, TT_report_kind_ACCEPTED);
    assert_state(f, id, TT_order_state_SUBMITTED);
    /* The query is still open: its answer is waited for. */
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
    /* A second acknowledgement is not an answer. */
    say(f, id, TT_report_kind_ACCEPTED);
    assert_state(f, id, TT_order_state_UNKNOWN);
    say_status(f, id, TT_order_state_SUBMITTED, NULL);
    assert_state(f, id, TT_order_state_SUBMITTED);
    pass(f, 60000);
    assert_state(f, id, TT_order_state_SUBMITTED);
}

static void a_limit_entry_expires(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_ACCEPTED);
    fill(f, id, 1, "0.25", "100");
    pass(f, 3599999);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    pass(f, 1);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == id);
    assert_string_equal(cancel->reason, "entry expired");
    assert_int_equal(tt_timers_next(f->core.timers).ns, f->now.ns + 5 * TT_NS_PER_S);
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    say(f, id, TT_report_kind_CANCELLED);
    assert_state(f, id, TT_order_state_CANCELLED);
    assert_int_equal(tt_timers_next(f->core.timers).ns, TT_TIME_NEVER.ns);
}

static void an_unknown_entry_expires_too(void **state)
{
    tt_trade_config config = fixture_config();
    config.orders.entry_expiry.ns = 6 * TT_NS_PER_S;
    fixture g;
    (void)state;
    fixture_init_with(&g, &config);
    uint64_t id = approve(&g, &(entry){.qty = "1", .price = "100"});
    pass(&g, 5000);
    assert_state(&g, id, TT_order_state_UNKNOWN);
    pass(&g, 1000);
    assert_int_equal(sent_count(&g, TT_TOPIC_ORDER_CANCELS), 1);
    assert_state(&g, id, TT_order_state_UNKNOWN);
    say(&g, id, TT_report_kind_CANCELLED);
    assert_state(&g, id, TT_order_state_CANCELLED);
    fixture_fini(&g);
}

static void an_unanswered_cancel_makes_it_unknown_and_is_repeated(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_ACCEPTED);
    command(f, 1, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_NONE, NULL);
    command(f, 1, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_NONE, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_string_equal(event->reason, "a cancel was not answered");
    say_status(f, id, TT_order_state_SUBMITTED, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 1);
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
    say_status(f, id, TT_order_state_CANCELLED, NULL);
    assert_state(f, id, TT_order_state_CANCELLED);
}

static void the_settings_are_in_force(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    config.orders.ack_timeout.ns = 250 * TT_NS_PER_MS;
    config.orders.query_interval.ns = 100 * TT_NS_PER_MS;
    fixture g;
    fixture_init_with(&g, &config);
    uint64_t id = approve(&g, &(entry){.qty = "1"});
    pass(&g, 250);
    assert_state(&g, id, TT_order_state_UNKNOWN);
    pass(&g, 100);
    assert_int_equal(sent_count(&g, TT_TOPIC_ORDER_QUERIES), 1);
    fixture_fini(&g);
}

/* A report was lost: the order is asked about after the interval, and the fill is found. */
static void a_long_silence_is_asked_about(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    config.orders.status_interval.ns = 60 * TT_NS_PER_S;
    config.orders.entry_expiry.ns = 100000 * TT_NS_PER_S;
    fixture g;
    fixture_init_with(&g, &config);
    uint64_t id = approve(&g, &(entry){.qty = "1", .price = "100"});
    say(&g, id, TT_report_kind_ACCEPTED);
    pass(&g, 30000);
    fill(&g, id, 1, "0.2", "100");
    pass(&g, 59999);
    assert_int_equal(sent_count(&g, TT_TOPIC_ORDER_QUERIES), 0);
    pass(&g, 1);
    assert_int_equal(sent_count(&g, TT_TOPIC_ORDER_QUERIES), 1);
    assert_state(&g, id, TT_order_state_PARTIALLY_FILLED);
    say_status(&g, id, TT_order_state_PARTIALLY_FILLED, "0.2");
    /* Again after the same time; now the answer is that more was filled. */
    pass(&g, 60000);
    assert_int_equal(sent_count(&g, TT_TOPIC_ORDER_QUERIES), 1);
    fill_cum(&g, id, 2, "0.8", "100", "1");
    assert_state(&g, id, TT_order_state_FILLED);
    assert_int_equal(tt_timers_next(g.core.timers).ns, TT_TIME_NEVER.ns);
    /* No answer: unknown. */
    id = approve(&g, &(entry){.qty = "1", .price = "100"});
    say(&g, id, TT_report_kind_ACCEPTED);
    pass(&g, 60000);
    pass(&g, 5000);
    assert_state(&g, id, TT_order_state_UNKNOWN);
    fixture_fini(&g);
}

static void an_order_that_ended_leaves_no_timer(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    pass(f, 5000);
    fill(f, id, 1, "1", "100");
    assert_int_equal(tt_timers_next(f->core.timers).ns, TT_TIME_NEVER.ns);
    pass(f, 4000000);
    assert_state(f, id, TT_order_state_FILLED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_acknowledgement_makes_it_unknown),
        TEST(an_unknown_order_is_asked_about_until_resolved),
        TEST(an_answer_makes_the_wait_short_again),
        TEST(a_late_acknowledgement_resolves),
        TEST(a_limit_entry_expires),
        TEST(an_unknown_entry_expires_too),
        TEST(an_unanswered_cancel_makes_it_unknown_and_is_repeated),
        TEST(the_settings_are_in_force),
        TEST(a_long_silence_is_asked_about),
        TEST(an_order_that_ended_leaves_no_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
