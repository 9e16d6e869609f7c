/* SPDX-License-Identifier: Apache-2.0 */
/* Executions: booked once, whenever they come. */
#include "fixture.h"

#include <stdio.h>

static tt_trade_status numbers(const fixture *f)
{
    tt_trade_status out;
    tt_trade_status_get(f->trade, &out);
    return out;
}

static tt_dec held(const fixture *f)
{
    return f->trade->books->positions[0].qty.d;
}

static const tt_risk_alert *alert_of(const fixture *f, tt_alert_type type)
{
    for (unsigned i = 0; i < sent_count(f, TT_TOPIC_RISK_ALERTS); i++) {
        const tt_risk_alert *alert = tt_msg_payload(sent(f, TT_TOPIC_RISK_ALERTS, i));
        if (alert->alert_type == type) {
            return alert;
        }
    }
    return NULL;
}

static void every_fill_is_an_event_a_row_and_an_account(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100", .leverage = 4});
    say(f, id, TT_report_kind_ACCEPTED);
    fill(f, id, 1, "0.4", "99.5");
    const tt_execution_event *event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_int_equal(event->event, TT_execution_event_type_ORDER_PARTIAL_FILL);
    assert_int_equal(event->old_state, TT_order_state_SUBMITTED);
    assert_int_equal(event->new_state, TT_order_state_PARTIALLY_FILLED);
    assert_dec(event->filled_qty.d, "0.4");
    assert_dec(event->filled_notional.d, "39.8");
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 1);
    const tt_account_update *now = sent_one(f, TT_TOPIC_ACCOUNT_UPDATES);
    assert_true(now->cause_fill == sent(f, TT_TOPIC_FILLS, 0)->seq);
    assert_dec(now->pending_exposure.d, "60");
    assert_dec(now->exposure.d, "39.8");
    assert_dec(now->margin_used.d, "9.95");
    assert_dec(now->margin_available.d, "9975.05");
    fill(f, id, 2, "0.1", "99.5");
    event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_int_equal(event->old_state, TT_order_state_PARTIALLY_FILLED);
    assert_int_equal(event->new_state, TT_order_state_PARTIALLY_FILLED);
    fill(f, id, 3, "0.5", "99");
    event = sent_one(f, TT_TOPIC_EXECUTION_EVENTS);
    assert_int_equal(event->event, TT_execution_event_type_ORDER_FILLED);
    assert_dec(account(f).pending_exposure.d, "0");
    assert_int_equal(numbers(f).fills, 3);
}

static void a_repeat_is_dropped_and_counted(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    fill_cum(f, id, 1, "0.4", "100", "0.4");
    fill_cum(f, id, 1, "0.4", "100", "0.4");
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_EXECUTION_EVENTS), 0);
    assert_int_equal(numbers(f).duplicate_reports, 1);
    fill_cum(f, id, 2, "0.6", "100", "1");
    fill_cum(f, id, 2, "0.6", "100", "1"); /* After the end of the order, too. */
    fill_cum(f, id, 1, "0.4", "100", "0.4");
    assert_dec(held(f), "1");
    assert_int_equal(numbers(f).duplicate_reports, 3);
    assert_int_equal(numbers(f).overfills, 0);
}

static void executions_may_come_in_any_order(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    fill_cum(f, id, 2, "0.6", "101", "1");
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    fill_cum(f, id, 1, "0.4", "100", "0.4");
    assert_state(f, id, TT_order_state_FILLED);
    assert_dec(held(f), "1");
    assert_dec(f->trade->books->positions[0].cost.d, "100.6");
}

static void a_gap_that_stays_is_asked_about(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    fill_cum(f, id, 2, "0.6", "101", "1");
    pass(f, 4999);
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
    pass(f, 1);
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_QUERIES), 1);
    fill_cum(f, id, 1, "0.4", "100", "0.4");
    assert_state(f, id, TT_order_state_FILLED);
    fill_cum(f, id, 2, "0.6", "101", "1");
    assert_dec(held(f), "1");
}

static void a_gap_that_closes_is_forgotten(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    fill_cum(f, id, 2, "0.2", "101", "0.4");
    fill_cum(f, id, 1, "0.2", "101", "0.2");
    assert_int_equal(tt_timers_next(f->core.timers).ns, TT_TIME_NEVER.ns);
    pass(f, 10000);
    assert_state(f, id, TT_order_state_PARTIALLY_FILLED);
}

static void a_part_does_not_resolve_an_unknown_order(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    say(f, id, TT_report_kind_TIMEOUT);
    fill(f, id, 1, "0.4", "100");
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_dec(account(f).pending_exposure.d, "60");
    assert_int_equal(account(f).unknown_orders, 1);
    fill(f, id, 2, "0.6", "100");
    assert_state(f, id, TT_order_state_FILLED);
    assert_int_equal(account(f).unknown_orders, 0);
}

static void more_than_ordered_is_booked_with_an_alert(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    fill(f, id, 1, "1.5", "100");
    assert_state(f, id, TT_order_state_FILLED);
    assert_dec(held(f), "1.5");
    const tt_risk_alert *alert = alert_of(f, TT_alert_type_FILL_HANDLING_FAILURE);
    assert_non_null(alert);
    assert_int_equal(alert->severity, TT_severity_CRITICAL);
    assert_int_equal(numbers(f).overfills, 1);
    assert_dec(account(f).pending_exposure.d, "0");
}

static void a_fill_after_the_end_is_booked_and_the_state_stays(void **state)
{
    fixture *f = *state;
    static const tt_report_kind ends[] = {
        TT_report_kind_CANCELLED,
        TT_report_kind_REJECTED,
        TT_report_kind_EXPIRED,
        TT_report_kind_SEND_FAILED,
    };
    char total[8];
    for (unsigned i = 0; i < 4; i++) {
        uint64_t id = approve(f, &(entry){.qty = "1"});
        say(f, id, ends[i]);
        uint8_t before = order(f, id)->state;
        fill(f, id, 1, "1", "100");
        assert_state(f, id, (tt_order_state)before);
        const tt_execution_event *event = tt_msg_payload(sent(f, TT_TOPIC_EXECUTION_EVENTS, 0));
        assert_int_equal(event->event, TT_execution_event_type_ORDER_ERROR);
        assert_int_equal(event->old_state, before);
        assert_int_equal(event->new_state, before);
        assert_dec(event->filled_qty.d, "1");
        assert_non_null(alert_of(f, TT_alert_type_FILL_HANDLING_FAILURE));
        snprintf(total, sizeof total, "%u", i + 1);
        assert_dec(held(f), total);
        assert_dec(account(f).pending_exposure.d, "0");
    }
    assert_int_equal(numbers(f).overfills, 4);
}

static void assert_refused(fixture *f, const tt_venue_report *what, const char *reason)
{
    tt_trade_status before = numbers(f);
    tt_dec qty = held(f);
    step(f, TT_TOPIC_VENUE_REPORTS, 1, what);
    const tt_dead_letter *dead = sent_one(f, TT_TOPIC_DEAD_LETTERS);
    assert_int_equal(dead->reason, TT_dead_reason_INVALID_INPUT);
    assert_string_equal(dead->message, reason);
    assert_non_null(alert_of(f, TT_alert_type_FILL_HANDLING_FAILURE));
    assert_int_equal(sent_count(f, TT_TOPIC_FILLS), 0);
    assert_int_equal(numbers(f).refused_reports, before.refused_reports + 1);
    assert_true(tt_dec_eq(held(f), qty));
}

static tt_venue_report good_fill(fixture *f)
{
    uint64_t id = approve(f, &(entry){.qty = "1"});
    tt_venue_report what = report(f, id, TT_report_kind_FILL);
    what.exec_id = 9;
    what.qty.d = dec("0.5");
    what.cumulative_qty.d = dec("0.5");
    what.price.d = dec("100");
    return what;
}

static void a_fill_that_cannot_be_true_is_refused(void **state)
{
    fixture *f = *state;
    tt_venue_report what = good_fill(f);
    what.exec_id = 0;
    assert_refused(f, &what, "a fill without exec_id cannot be told from its repeat");
    assert_state(f, what.order_id, TT_order_state_UNKNOWN);
    what = good_fill(f);
    what.price.d = TT_DEC_ZERO;
    assert_refused(f, &what, "a fill needs a price and a quantity above zero");
    what = good_fill(f);
    what.qty.d = dec("-0.5");
    assert_refused(f, &what, "a fill needs a price and a quantity above zero");
    what = good_fill(f);
    what.cumulative_qty.d = dec("0.4");
    assert_refused(f, &what, "cumulative_qty of a fill must be at least its qty");
    what = good_fill(f);
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    what.exec_id = 10;
    assert_refused(f, &what, "a new exec_id for a quantity that is booked already");
}

static void too_many_ahead_of_a_gap_are_refused_until_it_closes(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    char cumulative[16];
    for (unsigned i = 2; i <= TT_ORDER_AHEAD + 2; i++) {
        snprintf(cumulative, sizeof cumulative, "0.%02u", i);
        fill_cum(f, id, i, "0.01", "100", cumulative);
    }
    /* Eight were booked, the ninth was not. */
    assert_dec(held(f), "0.08");
    assert_state(f, id, TT_order_state_UNKNOWN);
    assert_int_equal(numbers(f).refused_reports, 1);
    for (unsigned i = 1; i <= TT_ORDER_AHEAD + 2; i++) {
        snprintf(cumulative, sizeof cumulative, "0.%02u", i);
        fill_cum(f, id, i, "0.01", "100", cumulative);
    }
    assert_dec(held(f), "0.1");
    assert_false(tt_order_has_gap(order(f, id)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_fill_is_an_event_a_row_and_an_account),
        TEST(a_repeat_is_dropped_and_counted),
        TEST(executions_may_come_in_any_order),
        TEST(a_gap_that_stays_is_asked_about),
        TEST(a_gap_that_closes_is_forgotten),
        TEST(a_part_does_not_resolve_an_unknown_order),
        TEST(more_than_ordered_is_booked_with_an_alert),
        TEST(a_fill_after_the_end_is_booked_and_the_state_stays),
        TEST(a_fill_that_cannot_be_true_is_refused),
        TEST(too_many_ahead_of_a_gap_are_refused_until_it_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
