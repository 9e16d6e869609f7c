/* SPDX-License-Identifier: Apache-2.0 */
/* What is published around a transition, and cancels. */
#include "fixture.h"

#include <string.h>

static const tt_execution_event *event_of(const fixture *f, uint64_t id)
{
    const tt_execution_event *found = NULL;
    for (unsigned i = 0; i < sent_count(f, TT_TOPIC_EXECUTION_EVENTS); i++) {
        const tt_execution_event *event = tt_msg_payload(sent(f, TT_TOPIC_EXECUTION_EVENTS, i));
        found = event->order_id == id && found == NULL ? event : found;
    }
    assert_non_null(found);
    return found;
}

static void an_event_describes_its_order(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .stop = "95", .target = "110"});
    fill(f, id, 1, "1", "100");
    uint64_t stop = sent_intent(f, TT_order_role_STOP_LOSS)->order_id;
    uint64_t target = sent_intent(f, TT_order_role_TAKE_PROFIT)->order_id;
    uint64_t position = f->trade->books->positions[0].position_id;
    const tt_execution_event *event = event_of(f, stop);
    assert_dec(event->price.d, "95");
    assert_int_equal(event->type, TT_order_type_STOP);
    assert_int_equal(event->role, TT_order_role_STOP_LOSS);
    assert_int_equal(event->side, TT_side_SELL);
    assert_true(event->parent_order_id == id && event->position_id == position);
    assert_true(event->intent_seq == stop);
    assert_dec(event_of(f, target)->price.d, "110");
    assert_int_equal(event_of(f, target)->type, TT_order_type_LIMIT);
}

/* Everything about a trade carries the correlation of the decision behind it. */
static void a_trade_has_one_correlation(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .stop = "95", .target = "110"});
    tt_uuid correlation = order(f, id)->correlation;
    fill(f, id, 1, "1", "100");
    uint64_t target = sent_intent(f, TT_order_role_TAKE_PROFIT)->order_id;
    say(f, target, TT_report_kind_ACCEPTED);
    fill(f, target, 2, "1", "110");
    unsigned seen = 0;
    const tt_msg *msg = NULL;
    while ((msg = tt_bus_outbox_next(f->core.bus, msg)) != NULL) {
        bool is_ours = msg->topic == TT_TOPIC_EXECUTION_EVENTS || msg->topic == TT_TOPIC_FILLS ||
                       msg->topic == TT_TOPIC_POSITION_UPDATES ||
                       msg->topic == TT_TOPIC_ORDER_CANCELS;
        if (is_ours) {
            assert_memory_equal(&msg->correlation, &correlation, sizeof correlation);
            seen++;
        }
    }
    assert_int_equal(seen, 4);
}

static void a_cancel_names_the_order_in_every_way(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    tt_venue_report what = report(f, id, TT_report_kind_ACCEPTED);
    what.venue_order_id = 4711;
    step(f, TT_TOPIC_VENUE_REPORTS, 1, &what);
    command(f, 1, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_NONE, NULL);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == id);
    assert_int_equal(cancel->venue_order_id, 4711);
    assert_string_equal(cancel->client_order_id, order(f, id)->intent.client_order_id);
    assert_string_equal(cancel->reason, "cancelled by command");
    assert_int_equal(sent(f, TT_TOPIC_ORDER_CANCELS, 0)->key, 1);
    assert_state(f, id, TT_order_state_SUBMITTED);
    assert_int_equal(sent_count(f, TT_TOPIC_EXECUTION_EVENTS), 0);
}

static void an_order_that_is_just_born_can_be_cancelled(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "100"});
    command(f, 1, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_NONE, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 1);
    assert_state(f, id, TT_order_state_PENDING);
    say(f, id, TT_report_kind_ACCEPTED);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    say(f, id, TT_report_kind_CANCELLED);
    assert_state(f, id, TT_order_state_CANCELLED);
}

static void only_entries_are_withdrawn(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    command(f, 0, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_NONE, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
}

static void transitions_are_counted(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1"});
    fill(f, id, 1, "1", "100");
    const tt_sm_counts *counts = &f->trade->orders.table->transitions;
    uint64_t total = 0;
    for (uint8_t i = 0; i < tt_order_machine.row_count; i++) {
        total += counts->taken[i];
    }
    assert_int_equal(total, 3); /* created, sent, filled */
    say(f, id, TT_report_kind_CANCELLED);
    assert_int_equal(f->trade->books->counters.late_reports, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_describes_its_order),
        TEST(a_trade_has_one_correlation),
        TEST(a_cancel_names_the_order_in_every_way),
        TEST(an_order_that_is_just_born_can_be_cancelled),
        TEST(only_entries_are_withdrawn),
        TEST(transitions_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
