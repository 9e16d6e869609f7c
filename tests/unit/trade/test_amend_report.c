/* SPDX-License-Identifier: Apache-2.0 */
/* What the venue says of amends: in force, rejected, unknown, lost, late, twice; and the races of
 * amends with fills and cancels. */
#include "amend_fixture.h"

static const tt_execution_event *event_at(const fixture *f, unsigned index)
{
    const tt_msg *msg = sent(f, TT_TOPIC_EXECUTION_EVENTS, index);
    assert_non_null(msg);
    return tt_msg_payload(msg);
}

static void assert_event(const fixture *f, tt_execution_event_type type)
{
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_int_equal(event->event, type);
}

static unsigned alerts_of(const fixture *f, tt_alert_type type)
{
    unsigned count = 0;
    for (unsigned i = 0; i < sent_count(f, TT_TOPIC_RISK_ALERTS); i++) {
        const tt_risk_alert *alert = tt_msg_payload(sent(f, TT_TOPIC_RISK_ALERTS, i));
        count += alert->alert_type == type;
    }
    return count;
}

static void an_amend_in_force_gives_the_order_its_values(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    uint64_t amend_id = amend_to(f, id, "3", "80");
    assert_dec(account(f).pending_exposure.d, "240");
    answer(f, id, TT_report_kind_AMENDED, "3", "80");
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_int_equal(event->event, TT_execution_event_type_ORDER_AMENDED);
    assert_dec(event->qty.d, "3");
    assert_dec(event->price.d, "80");
    assert_int_equal(event->new_state, TT_order_state_SUBMITTED);
    assert_dec(order(f, id)->intent.qty.d, "3");
    assert_dec(order(f, id)->intent.price.d, "80");
    assert_dec(order(f, id)->intent.reference_price.d, "80");
    assert_int_equal(order(f, id)->amend.id, 0);
    assert_true(order(f, id)->amended_by == amend_id);
    assert_dec(account(f).pending_exposure.d, "240");
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    /* The answer is there: nothing is asked, whatever time passes. */
    pass(f, 60000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 0);
    fill(f, id, 1, "2", "80");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    fill(f, id, 2, "1", "80");
    assert_state(f, id, TT_order_state_FILLED);
}

static void a_second_answer_changes_nothing(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    uint64_t first = amend_to(f, id, "1.5", NULL);
    answer(f, id, TT_report_kind_AMENDED, "1.5", "90");
    amend_to(f, id, "1", NULL);
    answer(f, id, TT_report_kind_AMENDED, "1", "90");
    tt_venue_report again = report(f, id, TT_report_kind_AMENDED);
    again.amend_id = first;
    again.order_qty.d = dec("1.5");
    again.order_price.d = dec("90");
    uint64_t late = f->trade->books->counters.late_reports;
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &again);
    assert_true(f->trade->books->counters.late_reports == late + 1);
    assert_int_equal(sent_count(f, TT_TOPIC_EXECUTION_EVENTS), 0);
    assert_dec(order(f, id)->intent.qty.d, "1");
}

static void a_rejected_amend_leaves_the_order_as_it_was(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "3", "91");
    assert_dec(account(f).pending_exposure.d, "273");
    answer(f, id, TT_report_kind_AMEND_REJECTED, "2", "90");
    assert_event(f, TT_execution_event_type_ORDER_AMEND_REJECTED);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_dec(order(f, id)->intent.qty.d, "2");
    assert_dec(order(f, id)->intent.price.d, "90");
    assert_dec(account(f).pending_exposure.d, "180");
    assert_true(f->trade->amends->rejected == 1);
    pass(f, 60000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 0);
    amend_to(f, id, "1", NULL); /* Another one may be tried. */
}

static void what_did_not_leave_is_rejected(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    uint64_t amend_id = amend_to(f, id, "1", NULL);
    tt_venue_report what = report(f, id, TT_report_kind_SEND_FAILED);
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &what, amend_id);
    assert_event(f, TT_execution_event_type_ORDER_AMEND_REJECTED);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_dec(order(f, id)->intent.qty.d, "2");
}

/* An answer to one query, with the values that the order had. */
static void status_as_it_was(fixture *f, uint64_t id, tt_seq query)
{
    tt_venue_report what = report(f, id, TT_report_kind_STATUS);
    what.venue_state = TT_order_state_SUBMITTED;
    what.is_query_reply = 1;
    what.order_qty = order(f, id)->intent.qty;
    what.order_price = order(f, id)->intent.price;
    what.cumulative_qty = order(f, id)->filled_qty;
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &what, query);
}

static tt_seq query_seq(const fixture *f)
{
    const tt_msg *msg = sent(f, TT_TOPIC_ORDER_QUERIES, 0);
    assert_non_null(msg);
    return msg->seq;
}

/* A query is open when the amend leaves, and a second one follows: the answer to the first one
 * says nothing of the amend, whenever it comes. Nor do two answers to one query say more than one.
 */
static void answers_to_queries_before_an_amend_do_not_judge_it(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    bar(f, 1, "95");
    tt_seq before = tt_bus_next_seq(f->core.bus) - 1; // As of a query behind the acknowledgement.
    tt_seq amend_id = amend_to(f, id, "3", "91");
    assert_true(before < amend_id);
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
    tt_seq first = query_seq(f);
    status_as_it_was(f, id, before);
    assert_int_equal(order(f, id)->amend.unseen, 0);
    pass(f, 7000);
    tt_seq second = query_seq(f);
    status_as_it_was(f, id, first);
    status_as_it_was(f, id, first);
    assert_int_equal(order(f, id)->amend.unseen, 1);
    assert_true(order(f, id)->amend.id == amend_id);
    status_as_it_was(f, id, second);
    assert_int_equal(order(f, id)->amend.id, 0);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_int_equal(f->trade->amends->lost, 1);
}

/* An answer that brings a fill before its status counts as any other. */
static void an_answer_with_its_fills_counts(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "3", "91");
    pass(f, 5000);
    tt_seq first = query_seq(f);
    tt_venue_report filled = report(f, id, TT_report_kind_FILL);
    filled.exec_id = 7;
    filled.qty.d = dec("0.5");
    filled.price.d = dec("90");
    filled.cumulative_qty.d = dec("0.5");
    filled.is_query_reply = 1;
    step_caused(f, TT_TOPIC_VENUE_REPORTS, 1, &filled, first);
    status_as_it_was(f, id, first);
    assert_int_equal(order(f, id)->amend.unseen, 1);
}

/* Unknown until it is asked: the amend is found, or two answers in a row do not show it. */
static void an_answer_that_does_not_come_is_asked_for(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    uint64_t amend_id = amend_to(f, id, "3", "91");
    pass(f, 4999);
    assert_state(f, id, TT_order_state_SUBMITTED);
    pass(f, 1);
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_string_equal(event_at(f, 0)->reason, "an amend was not answered");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 0);
    assert_int_equal(account(f).unknown_orders, 1);
    assert_dec(account(f).pending_exposure.d, "273");
    status_with(f, id, TT_order_state_SUBMITTED, amend_id, "3", "91");
    assert_int_equal(event_at(f, 0)->event, TT_execution_event_type_ORDER_AMENDED);
    assert_int_equal(event_at(f, 1)->event, TT_execution_event_type_ORDER_RESOLVED);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_dec(order(f, id)->intent.qty.d, "3");
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
}

static void two_answers_that_do_not_show_it_are_certain(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "3", "91");
    pass(f, 5000);
    status_with(f, id, TT_order_state_SUBMITTED, 0, "2", "90");
    assert_state(f, id, TT_order_state_UNKNOWN); /* It may still be under way. */
    assert_int_equal(order(f, id)->amend.unseen, 1);
    status_with(f, id, TT_order_state_SUBMITTED, 0, "2", "90");
    assert_int_equal(order(f, id)->amend.unseen, 1); /* The same query counts once. */
    pass(f, 7000);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    status_with(f, id, TT_order_state_SUBMITTED, 0, "2", "90");
    assert_int_equal(event_at(f, 0)->event, TT_execution_event_type_ORDER_AMEND_LOST);
    assert_int_equal(event_at(f, 1)->event, TT_execution_event_type_ORDER_RESOLVED);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_dec(order(f, id)->intent.qty.d, "2");
    assert_dec(account(f).pending_exposure.d, "180");
    assert_true(f->trade->amends->lost == 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 0); /* Never sent again. */
}

/* A query that was asked before the amend was sent says nothing of it. */
static void an_answer_to_an_earlier_query_says_nothing(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    tt_order_check_status(f->trade, order(f, id));
    assert_int_equal(order(f, id)->query_count, 1);
    amend_to(f, id, "1", NULL);
    status_with(f, id, TT_order_state_SUBMITTED, 0, "2", "90");
    assert_int_equal(order(f, id)->amend.unseen, 0);
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
}

/* It was taken for lost, and came after all: the venue wins, and an alert tells. */
static void a_lost_amend_that_comes_is_taken(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    uint64_t amend_id = amend_to(f, id, "1", NULL);
    pass(f, 5000);
    status_with(f, id, TT_order_state_SUBMITTED, 0, "2", "90");
    pass(f, 7000);
    status_with(f, id, TT_order_state_SUBMITTED, 0, "2", "90");
    assert_true(f->trade->amends->lost == 1);
    tt_venue_report what = report(f, id, TT_report_kind_AMENDED);
    what.amend_id = amend_id;
    what.order_qty.d = dec("1");
    what.order_price.d = dec("90");
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    assert_dec(order(f, id)->intent.qty.d, "1");
    assert_int_equal(alerts_of(f, TT_alert_type_POSITION_SYNC_DISCREPANCY), 1);
}

static void other_values_than_were_asked_for_are_told(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "3", "91");
    answer(f, id, TT_report_kind_AMENDED, "2.5", "91");
    assert_event(f, TT_execution_event_type_ORDER_AMENDED);
    assert_dec(order(f, id)->intent.qty.d, "2.5");
    assert_dec(account(f).pending_exposure.d, "227.5");
    assert_int_equal(order(f, id)->amend.id, 0);
    assert_int_equal(alerts_of(f, TT_alert_type_POSITION_SYNC_DISCREPANCY), 1);
    /* Without any amend of ours: an answer to a query shows other values. */
    status_with(f, id, TT_order_state_SUBMITTED, order(f, id)->amended_by, "2", "91");
    assert_dec(order(f, id)->intent.qty.d, "2");
    assert_int_equal(alerts_of(f, TT_alert_type_POSITION_SYNC_DISCREPANCY), 1);
    /* An answer that is older than what is in force says nothing. */
    status_with(f, id, TT_order_state_SUBMITTED, 0, "2", "90");
    assert_dec(order(f, id)->intent.price.d, "91");
}

static void values_that_cannot_be_are_refused(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "1", NULL);
    answer(f, id, TT_report_kind_AMENDED, "1", "0"); /* A limit order without a limit. */
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_dec(order(f, id)->intent.qty.d, "2");
    answer(f, id, TT_report_kind_AMENDED, "1000000000000", "1000000000");
    assert_int_equal(sent_count(f, TT_TOPIC_DEAD_LETTERS), 1);
    assert_dec(order(f, id)->intent.qty.d, "2");
    assert_true(f->trade->books->counters.refused_reports == 2);
}

/* --- races with fills --- */

/* The venue fills all of the old quantity: whether the order is over depends on the answer. */
static void a_fill_up_to_the_old_quantity_waits_for_the_raise(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "3", NULL);
    fill(f, id, 1, "2", "90");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    assert_dec(account(f).pending_exposure.d, "90");
    answer(f, id, TT_report_kind_AMENDED, "3", "90");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    fill(f, id, 2, "1", "90");
    assert_state(f, id, TT_order_state_FILLED);
}

static void a_raise_that_came_too_late_ends_the_order(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "3", NULL);
    fill(f, id, 1, "2", "90");
    answer(f, id, TT_report_kind_AMEND_REJECTED, "2", "90");
    assert_state(f, id, TT_order_state_FILLED);
    assert_int_equal(event_at(f, 0)->event, TT_execution_event_type_ORDER_AMEND_REJECTED);
    assert_int_equal(event_at(f, 1)->event, TT_execution_event_type_ORDER_FILLED);
    assert_dec(account(f).pending_exposure.d, "0");
}

static void a_cut_below_what_has_filled_ends_the_order(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "1", NULL);
    fill(f, id, 1, "1.5", "90");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    assert_int_equal(sent_count(f, TT_TOPIC_RISK_ALERTS), 0);
    /* A venue that says so with an amend. */
    answer(f, id, TT_report_kind_AMENDED, "1.5", "90");
    assert_state(f, id, TT_order_state_FILLED);
    assert_dec(f->trade->books->positions[0].qty.d, "1.5");
}

static void a_cut_below_what_has_filled_may_be_a_cancel(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "1", NULL);
    fill(f, id, 1, "1.5", "90");
    tt_venue_report what = report(f, id, TT_report_kind_CANCELLED);
    what.cumulative_qty.d = dec("1.5");
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    assert_state(f, id, TT_order_state_CANCELLED);
    assert_int_equal(order(f, id)->amend.id, 0);
    assert_dec(account(f).pending_exposure.d, "0");
}

/* The fill comes first, and what the amend has made of the order after it. */
static void a_fill_that_completes_the_cut_order_waits_for_the_answer(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    uint64_t amend_id = amend_to(f, id, "1", NULL);
    fill(f, id, 1, "1", "90");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    pass(f, 5000); /* The answer is lost: found by a query. */
    assert_state(f, id, TT_order_state_UNKNOWN);
    status_with(f, id, TT_order_state_FILLED, amend_id, "1", "90");
    assert_state(f, id, TT_order_state_FILLED);
    assert_dec(account(f).pending_exposure.d, "0");
}

/* The venue filled the old quantity before the amend came; its answer is lost. */
static void an_order_that_filled_first_is_found_by_a_query(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "3", NULL);
    fill(f, id, 1, "2", "90");
    pass(f, 5000);
    assert_state(f, id, TT_order_state_UNKNOWN);
    status_with(f, id, TT_order_state_FILLED, 0, "2", "90");
    assert_state(f, id, TT_order_state_FILLED);
    assert_true(f->trade->amends->lost == 1);
}

/* A fill that is missing is waited for, as ever. */
static void a_gap_keeps_the_order_open(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    uint64_t amend_id = amend_to(f, id, "1", NULL);
    tt_venue_report what = report(f, id, TT_report_kind_AMENDED);
    what.amend_id = amend_id;
    what.order_qty.d = dec("1");
    what.order_price.d = dec("90");
    what.cumulative_qty.d = dec("1");
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_true(tt_order_has_gap(order(f, id)));
    fill_cum(f, id, 1, "1", "90", "1");
    assert_state(f, id, TT_order_state_FILLED);
}

/* --- races with cancels --- */

static void a_cancel_may_overtake_an_amend(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    amend_to(f, id, "1", NULL);
    tt_order_request_cancel(f->trade, order(f, id), TT_CANCEL_COMMAND);
    answer(f, id, TT_report_kind_AMENDED, "1", "90");
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_dec(order(f, id)->intent.qty.d, "1");
    say(f, id, TT_report_kind_CANCELLED);
    assert_state(f, id, TT_order_state_CANCELLED);
}

static void the_end_of_an_order_ends_its_amend(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    uint64_t amend_id = amend_to(f, id, "3", "91");
    tt_order_request_cancel(f->trade, order(f, id), TT_CANCEL_COMMAND);
    say(f, id, TT_report_kind_CANCELLED);
    assert_state(f, id, TT_order_state_CANCELLED);
    assert_int_equal(order(f, id)->amend.id, 0);
    assert_dec(account(f).pending_exposure.d, "0");
    uint64_t late = f->trade->books->counters.late_reports;
    tt_venue_report what = report(f, id, TT_report_kind_AMEND_REJECTED);
    what.amend_id = amend_id;
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    assert_true(f->trade->books->counters.late_reports == late + 1);
    assert_int_equal(sent_count(f, TT_TOPIC_EXECUTION_EVENTS), 0);
}

/* A restart asks; it sends nothing again. */
static void a_restart_asks_about_the_amend(void **state)
{
    fixture *f = *state;
    uint64_t id = working(f, "2", "90");
    uint64_t amend_id = amend_to(f, id, "3", NULL);
    tt_session_event event = {.event = TT_session_event_type_RECOVERED};
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &event);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_AMENDS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    status_with(f, id, TT_order_state_SUBMITTED, amend_id, "3", "90");
    assert_event(f, TT_execution_event_type_ORDER_AMENDED);
    assert_dec(order(f, id)->intent.qty.d, "3");
    assert_state(f, id, TT_order_state_SUBMITTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(an_amend_in_force_gives_the_order_its_values),
        TEST(a_second_answer_changes_nothing),
        TEST(a_rejected_amend_leaves_the_order_as_it_was),
        TEST(what_did_not_leave_is_rejected),
        TEST(answers_to_queries_before_an_amend_do_not_judge_it),
        TEST(an_answer_with_its_fills_counts),
        TEST(an_answer_that_does_not_come_is_asked_for),
        TEST(two_answers_that_do_not_show_it_are_certain),
        TEST(an_answer_to_an_earlier_query_says_nothing),
        TEST(a_lost_amend_that_comes_is_taken),
        TEST(other_values_than_were_asked_for_are_told),
        TEST(values_that_cannot_be_are_refused),
        TEST(a_fill_up_to_the_old_quantity_waits_for_the_raise),
        TEST(a_raise_that_came_too_late_ends_the_order),
        TEST(a_cut_below_what_has_filled_ends_the_order),
        TEST(a_cut_below_what_has_filled_may_be_a_cancel),
        TEST(a_fill_that_completes_the_cut_order_waits_for_the_answer),
        TEST(an_order_that_filled_first_is_found_by_a_query),
        TEST(a_gap_keeps_the_order_open),
        TEST(a_cancel_may_overtake_an_amend),
        TEST(the_end_of_an_order_ends_its_amend),
        TEST(a_restart_asks_about_the_amend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
