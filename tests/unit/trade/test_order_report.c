/* SPDX-License-Identifier: Apache-2.0 */
/* What the venue says, in every order it may say it. */
#include "fixture.h"

#include <string.h>

static uint64_t working(fixture *f)
{
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_ACCEPTED);
    return id;
}

static void assert_event(const fixture *f, tt_execution_event_type type, tt_report_kind kind)
{
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_string_equal(
        tt_enum_text(&tt_enum_execution_event_type, event->event),
        tt_enum_text(&tt_enum_execution_event_type, (uint8_t)type));
    assert_int_equal(event->report_kind, kind);
}

static void assert_quiet(const fixture *f)
{
    assert_int_equal(sent_count(f, TT_TOPIC_EXECUTION_EVENTS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
}

static void acknowledgement_names_the_venue_id(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    tt_venue_report what = report(f, id, TT_report_kind_ACCEPTED);
    what.venue_order_id = 4711;
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_event(f, TT_execution_event_type_ORDER_PLACED, TT_report_kind_ACCEPTED);
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_int_equal(event->venue_order_id, 4711);
    assert_int_equal(sent_count(f, TT_TOPIC_ACCOUNT_UPDATES), 0);
    assert_int_equal(tt_timers_next(f->core.timers).ns, order(f, id)->intent.expire_time.ns);
}

static void ends_of_a_pending_order(void **state)
{
    fixture *f = *state;
    static const struct {
        tt_report_kind kind;
        tt_order_state to;
        tt_execution_event_type event;
    } cases[] = {
        {TT_report_kind_REJECTED, TT_order_state_REJECTED, TT_execution_event_type_ORDER_REJECTED},
        {TT_report_kind_CANCELLED,
         TT_order_state_CANCELLED,
         TT_execution_event_type_ORDER_CANCELLED},
        {TT_report_kind_EXPIRED, TT_order_state_EXPIRED, TT_execution_event_type_ORDER_EXPIRED},
        {TT_report_kind_SEND_FAILED, TT_order_state_FAILED, TT_execution_event_type_ORDER_ERROR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
        tt_venue_report what = report(f, id, cases[i].kind);
        TT_TEXT_SET(what.reason, "because");
        step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
        assert_state(f, id, cases[i].to);
        assert_event(f, cases[i].event, cases[i].kind);
        const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
        assert_string_equal(event->reason, "because");
        assert_dec(account(f).pending_exposure.d, "0");
        assert_int_equal(account(f).open_orders, 0);
        assert_int_equal(tt_timers_next(f->core.timers).ns, TT_TIME_NEVER.ns);
    }
}

static void late_acknowledgement_after_a_fill_changes_nothing(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    fill(f, id, 1, "0.5", "100");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    say(f, id, TT_report_kind_ACCEPTED);
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    assert_quiet(f);
    fill(f, id, 2, "0.5", "100");
    assert_state(f, id, TT_order_state_FILLED);
    say(f, id, TT_report_kind_ACCEPTED);
    assert_state(f, id, TT_order_state_FILLED);
    assert_quiet(f);
    assert_int_equal(f->trade->books->counters.late_reports, 2);
}

static void fill_after_a_cancel_request(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f);
    command(f, 1, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_NONE, NULL);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == id);
    fill(f, id, 1, "1", "100");
    assert_state(f, id, TT_order_state_FILLED);
    say(f, id, TT_report_kind_CANCEL_REJECTED);
    assert_state(f, id, TT_order_state_FILLED);
    assert_quiet(f);
    assert_dec(f->trade->books->positions[0].qty.d, "1");
}

static void cancel_with_a_partial_fill(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f);
    fill(f, id, 1, "0.4", "100");
    tt_venue_report what = report(f, id, TT_report_kind_CANCELLED);
    what.cumulative_qty.d = dec("0.4");
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    assert_state(f, id, TT_order_state_CANCELLED);
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_dec(event->filled_qty.d, "0.4");
    assert_dec(event->filled_notional.d, "40");
    assert_dec(account(f).pending_exposure.d, "0");
    assert_dec(account(f).exposure.d, "40");
}

static void an_end_with_missing_fills_waits_for_them(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f);
    tt_venue_report what = report(f, id, TT_report_kind_CANCELLED);
    what.cumulative_qty.d = dec("0.7");
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    assert_state(f, id, TT_order_state_UNKNOWN);
    const tt_order_query *query = sent_one(f, TT_TOPIC_ORDER_QUERIES);
    assert_true(query->order_id == id && query->attempt == 1);
    /* The answer comes before the fill: still not settled. */
    say_status(f, id, TT_order_state_CANCELLED, "0.7");
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_dec(account(f).pending_exposure.d, "100");
    fill_cum(f, id, 1, "0.7", "100", "0.7");
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_dec(account(f).pending_exposure.d, "30");
    say_status(f, id, TT_order_state_CANCELLED, "0.7");
    assert_state(f, id, TT_order_state_CANCELLED);
    assert_dec(account(f).pending_exposure.d, "0");
}

static void rejected_after_acceptance(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f);
    say(f, id, TT_report_kind_REJECTED);
    assert_state(f, id, TT_order_state_REJECTED);
    say(f, id, TT_report_kind_CANCELLED);
    assert_state(f, id, TT_order_state_REJECTED);
    assert_quiet(f);
}

static void timeout_makes_a_pending_order_unknown(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    say(f, id, TT_report_kind_TIMEOUT);
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_event(f, TT_execution_event_type_ORDER_UNKNOWN, TT_report_kind_TIMEOUT);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_ORDER_UNKNOWN);
    assert_true(alert->subject_seq == id);
    const tt_order_query *query = sent_one(f, TT_TOPIC_ORDER_QUERIES);
    assert_string_equal(query->client_order_id, order(f, id)->intent.client_order_id);
    assert_int_equal(account(f).unknown_orders, 1);
    assert_dec(account(f).pending_exposure.d, "100");
    /* Of an order that the venue acknowledged, a late time-out of the intent says nothing. */
    say(f, id, TT_report_kind_ACCEPTED);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_event(f, TT_execution_event_type_ORDER_RESOLVED, TT_report_kind_ACCEPTED);
    tt_venue_report late = report(f, id, TT_report_kind_TIMEOUT);
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &late, id);
    assert_state(f, id, TT_order_state_SUBMITTED);
}

static void a_failure_of_a_cancel_is_not_one_of_the_order(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    command(f, 1, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_NONE, NULL);
    tt_seq cancel_seq = sent(f, TT_TOPIC_ORDER_CANCELS, 0)->seq;
    tt_venue_report what = report(f, id, TT_report_kind_SEND_FAILED);
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &what, cancel_seq);
    assert_state(f, id, TT_order_state_PENDING);
    /* Without a cause it might be either: not enough to give the order up. */
    say(f, id, TT_report_kind_SEND_FAILED);
    assert_state(f, id, TT_order_state_PENDING);
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &what, id);
    assert_state(f, id, TT_order_state_FAILED);
}

static void a_timeout_of_a_cancel_makes_it_unknown(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f);
    command(f, 1, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_NONE, NULL);
    tt_venue_report what = report(f, id, TT_report_kind_TIMEOUT);
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &what, sent(f, TT_TOPIC_ORDER_CANCELS, 0)->seq);
    assert_state(f, id, TT_order_state_UNKNOWN);
    /* The venue had acknowledged it: a failure to send the intent cannot be true. */
    tt_venue_report wrong = report(f, id, TT_report_kind_SEND_FAILED);
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &wrong, id);
    assert_state(f, id, TT_order_state_UNKNOWN);
    /* It still works: the cancel is sent again. */
    say_status(f, id, TT_order_state_SUBMITTED, NULL);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 1);
    say(f, id, TT_report_kind_CANCELLED);
    assert_state(f, id, TT_order_state_CANCELLED);
}

static void status_resolves_an_unknown_order(void **state)
{
    fixture *f = *state;
    static const struct {
        tt_order_state said;
        tt_order_state to;
    } cases[] = {
        {TT_order_state_NEW, TT_order_state_SUBMITTED},
        {TT_order_state_PENDING, TT_order_state_SUBMITTED},
        {TT_order_state_SUBMITTED, TT_order_state_SUBMITTED},
        {TT_order_state_CANCELLED, TT_order_state_CANCELLED},
        {TT_order_state_REJECTED, TT_order_state_REJECTED},
        {TT_order_state_EXPIRED, TT_order_state_EXPIRED},
        {TT_order_state_NONE, TT_order_state_UNKNOWN},
        {TT_order_state_UNKNOWN, TT_order_state_UNKNOWN},
        {TT_order_state_FILLED, TT_order_state_UNKNOWN}, /* The fill itself is missing. */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
        say(f, id, TT_report_kind_TIMEOUT);
        say_status(f, id, cases[i].said, NULL);
        assert_state(f, id, cases[i].to);
    }
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_TIMEOUT);
    fill(f, id, 5, "0.5", "100");
    assert_state(f, id, TT_order_state_UNKNOWN);
    say_status(f, id, TT_order_state_PARTIALLY_FILLED, "0.5");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    assert_event(f, TT_execution_event_type_ORDER_RESOLVED, TT_report_kind_STATUS);
}

static void a_status_acknowledges_a_pending_order(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say_status(f, id, TT_order_state_SUBMITTED, NULL);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_event(f, TT_execution_event_type_ORDER_PLACED, TT_report_kind_STATUS);
}

static void working_with_missing_fills_stays_unknown(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_TIMEOUT);
    say_status(f, id, TT_order_state_PARTIALLY_FILLED, "0.5");
    assert_state(f, id, TT_order_state_UNKNOWN);
    fill_cum(f, id, 5, "0.5", "100", "0.5");
    say_status(f, id, TT_order_state_PARTIALLY_FILLED, "0.5");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
}

static void filled_status_before_its_fill(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f);
    say_status(f, id, TT_order_state_FILLED, NULL);
    assert_state(f, id, TT_order_state_UNKNOWN);
    /* An older answer does not take the claim back. */
    say_status(f, id, TT_order_state_SUBMITTED, NULL);
    assert_state(f, id, TT_order_state_UNKNOWN);
    fill_cum(f, id, 1, "1", "99", "1");
    assert_state(f, id, TT_order_state_FILLED);
    say_status(f, id, TT_order_state_FILLED, "1");
    assert_quiet(f);
}

static void two_answers_not_found_fail_an_order(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_NOT_FOUND); /* Nobody asked. */
    assert_state(f, id, TT_order_state_PENDING);
    say(f, id, TT_report_kind_TIMEOUT);
    say(f, id, TT_report_kind_NOT_FOUND);
    assert_state(f, id, TT_order_state_UNKNOWN);
    say(f, id, TT_report_kind_NOT_FOUND); /* The same answer again. */
    assert_state(f, id, TT_order_state_UNKNOWN);
    pass(f, 7000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    say(f, id, TT_report_kind_NOT_FOUND);
    assert_state(f, id, TT_order_state_FAILED);
    assert_event(f, TT_execution_event_type_ORDER_ERROR, TT_report_kind_NOT_FOUND);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
}

static tt_seq query_seq(const fixture *f)
{
    const tt_msg *msg = sent(f, TT_TOPIC_ORDER_QUERIES, 0);
    assert_non_null(msg);
    return msg->seq;
}

static void say_not_found(fixture *f, uint64_t id, tt_seq query)
{
    tt_venue_report what = report(f, id, TT_report_kind_NOT_FOUND);
    what.is_query_reply = 1;
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &what, query);
}

/* Two queries are open. What answers the first one, twice, is one answer; the second one that
 * counts is to another query. */
static void one_answer_not_found_counts_once_beside_a_second_query(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_TIMEOUT);
    tt_seq first = query_seq(f);
    pass(f, 7000);
    tt_seq second = query_seq(f);
    say_not_found(f, id, first);
    say_not_found(f, id, first);
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_int_equal(order(f, id)->not_found_count, 1);
    say_not_found(f, id, second);
    assert_state(f, id, TT_order_state_FAILED);
}

/* Two answers "not found" that the acknowledgement has overtaken: they tell what was. Taken for
 * news they would give up an order that works. */
static void not_founds_from_before_a_word_say_nothing(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_TIMEOUT);
    tt_seq first = query_seq(f);
    pass(f, 7000);
    tt_seq second = query_seq(f);
    say(f, id, TT_report_kind_ACCEPTED);
    assert_state(f, id, TT_order_state_SUBMITTED);
    say_not_found(f, id, first);
    say_not_found(f, id, second);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_int_equal(order(f, id)->not_found_count, 0);
}

/* So does one that the answer to a later query has overtaken. */
static void a_not_found_behind_a_later_status_says_nothing(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_TIMEOUT);
    tt_seq first = query_seq(f);
    pass(f, 7000);
    tt_seq second = query_seq(f);
    tt_venue_report works = report(f, id, TT_report_kind_STATUS);
    works.venue_state = TT_order_state_SUBMITTED;
    works.is_query_reply = 1;
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &works, second);
    assert_state(f, id, TT_order_state_SUBMITTED);
    say_not_found(f, id, first);
    assert_state(f, id, TT_order_state_SUBMITTED);
}

static void a_word_between_two_not_founds_starts_the_count_again(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_TIMEOUT);
    say(f, id, TT_report_kind_NOT_FOUND);
    fill(f, id, 5, "0.5", "100");
    pass(f, 7000);
    say(f, id, TT_report_kind_NOT_FOUND);
    assert_state(f, id, TT_order_state_UNKNOWN);
    pass(f, 7000);
    say(f, id, TT_report_kind_NOT_FOUND);
    assert_state(f, id, TT_order_state_FAILED);
    /* The venue had it: that is worth an alert. */
    const tt_risk_alert *alert = tt_msg_payload(sent(f, TT_TOPIC_RISK_ALERTS, 0));
    assert_int_equal(alert->alert_type, TT_alert_type_POSITION_SYNC_DISCREPANCY);
    assert_int_equal(alert->severity, TT_severity_CRITICAL);
}

static void an_order_given_up_that_works_is_withdrawn(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    say(f, id, TT_report_kind_SEND_FAILED);
    assert_state(f, id, TT_order_state_FAILED);
    say(f, id, TT_report_kind_ACCEPTED);
    assert_state(f, id, TT_order_state_FAILED);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_POSITION_SYNC_DISCREPANCY);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == id);
    say_status(f, id, TT_order_state_SUBMITTED, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 1);
}

static void a_timeout_of_an_answered_order_is_late(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f);
    say(f, id, TT_report_kind_TIMEOUT);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_int_equal(f->trade->books->counters.late_reports, 1);
    assert_int_equal(sent_count(f, TT_TOPIC_EXECUTION_EVENTS), 0);
}

static void cancel_rejected_of_a_working_order(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f);
    say(f, id, TT_report_kind_CANCEL_REJECTED); /* Nobody cancelled. */
    assert_int_equal(f->trade->books->counters.late_reports, 1);
    command(f, 1, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_NONE, NULL);
    say(f, id, TT_report_kind_CANCEL_REJECTED);
    assert_state(f, id, TT_order_state_SUBMITTED);
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
    say_status(f, id, TT_order_state_SUBMITTED, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 1);
}

static void assert_unknown_order(fixture *f, const tt_venue_report *what, uint32_t key)
{
    step(f, TT_TOPIC_VENUE_REPORTS, key, what);
    const tt_dead_letter *dead = sent_one(f, TT_TOPIC_DEAD_LETTERS);
    assert_int_equal(dead->reason, TT_dead_reason_UNKNOWN_ORDER);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->alert_type, TT_alert_type_POSITION_SYNC_DISCREPANCY);
    assert_int_equal(alert->severity, TT_severity_CRITICAL);
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
}

static void reports_of_other_orders_change_nothing(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f);
    tt_venue_report what = report(f, id, TT_report_kind_FILL);
    what.exec_id = 1;
    what.qty.d = dec("1");
    what.cumulative_qty.d = dec("1");
    what.price.d = dec("100");
    tt_venue_report other = what;
    other.order_id = 999;
    assert_unknown_order(f, &other, 1);
    other = what;
    TT_TEXT_SET(other.client_order_id, "run6-1");
    assert_unknown_order(f, &other, 1);
    assert_unknown_order(f, &what, 2);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_int_equal(f->trade->books->counters.unknown_reports, 3);
    /* A venue that does not echo the client id is still understood. */
    what.client_order_id[0] = '\0';
    memset(what.client_order_id, 0, sizeof what.client_order_id);
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    assert_state(f, id, TT_order_state_FILLED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(acknowledgement_names_the_venue_id),
        TEST(ends_of_a_pending_order),
        TEST(late_acknowledgement_after_a_fill_changes_nothing),
        TEST(fill_after_a_cancel_request),
        TEST(cancel_with_a_partial_fill),
        TEST(an_end_with_missing_fills_waits_for_them),
        TEST(rejected_after_acceptance),
        TEST(timeout_makes_a_pending_order_unknown),
        TEST(a_failure_of_a_cancel_is_not_one_of_the_order),
        TEST(a_timeout_of_a_cancel_makes_it_unknown),
        TEST(status_resolves_an_unknown_order),
        TEST(a_status_acknowledges_a_pending_order),
        TEST(working_with_missing_fills_stays_unknown),
        TEST(filled_status_before_its_fill),
        TEST(two_answers_not_found_fail_an_order),
        TEST(one_answer_not_found_counts_once_beside_a_second_query),
        TEST(not_founds_from_before_a_word_say_nothing),
        TEST(a_not_found_behind_a_later_status_says_nothing),
        TEST(a_word_between_two_not_founds_starts_the_count_again),
        TEST(an_order_given_up_that_works_is_withdrawn),
        TEST(a_timeout_of_an_answered_order_is_late),
        TEST(cancel_rejected_of_a_working_order),
        TEST(reports_of_other_orders_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
