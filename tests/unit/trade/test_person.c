/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of people about one position or one order. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

/** Sends a command of a person; returns its only reply. */
static const tt_command_reply *ask(fixture *f, tt_command what, uint64_t subject)
{
    tt_coordinator_command payload = {
        .request_id = 77, .command = (uint8_t)what, .subject_seq = subject, .actor = "anna"};
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &payload);
    const tt_command_reply *reply = sent_one(f, TT_TOPIC_COMMAND_REPLIES);
    assert_true(reply->request_id == 77);
    assert_int_equal(reply->command, what);
    return reply;
}

static void a_position_is_closed_by_its_id(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    uint64_t id = f->trade->books->positions[0].position_id;
    const tt_command_reply *reply = ask(f, TT_command_CLOSE_POSITION, id);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    const tt_order_intent *intent = sent_one(f, TT_TOPIC_ORDER_INTENTS);
    assert_int_equal(intent->role, TT_order_role_CLOSE);
    assert_int_equal(intent->exit_reason, TT_exit_reason_OPERATOR);
    assert_int_equal(intent->reduce_only, 1);
    assert_dec(intent->qty.d, "1");
    // Asked again while it works: nothing is sent twice.
    assert_int_equal(ask(f, TT_command_CLOSE_POSITION, id)->status, TT_reply_status_DONE);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
}

static void a_position_that_is_not_open_is_not_found(void **state)
{
    fixture *f = *state;
    assert_int_equal(ask(f, TT_command_CLOSE_POSITION, 0)->status, TT_reply_status_NOT_FOUND);
    open_long(f, NULL, NULL);
    uint64_t id = f->trade->books->positions[0].position_id;
    assert_int_equal(ask(f, TT_command_CLOSE_POSITION, id + 1)->status, TT_reply_status_NOT_FOUND);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_int_equal(ask(f, TT_command_CLOSE_POSITION, id)->status, TT_reply_status_DONE);
    fill(f, live(f, 1, TT_order_role_CLOSE)->intent.order_id, 2, "1", "101");
    assert_int_equal(ask(f, TT_command_CLOSE_POSITION, id)->status, TT_reply_status_NOT_FOUND);
}

static void an_entry_is_cancelled_once(void **state)
{
    fixture *f = *state;
    uint64_t id = approve(f, &(entry){.qty = "1", .price = "90", .side = TT_side_BUY});
    say(f, id, TT_report_kind_ACCEPTED);
    assert_int_equal(ask(f, TT_command_CANCEL_ORDER, id)->status, TT_reply_status_DONE);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == id);
    assert_int_equal(ask(f, TT_command_CANCEL_ORDER, id)->status, TT_reply_status_DONE);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    say(f, id, TT_report_kind_CANCELLED);
    const tt_command_reply *reply = ask(f, TT_command_CANCEL_ORDER, id);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_non_null(strstr(reply->message, "cancelled"));
}

static void what_protects_cannot_be_cancelled(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    uint64_t id = live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id;
    const tt_command_reply *reply = ask(f, TT_command_CANCEL_ORDER, id);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_non_null(strstr(reply->message, "close the position"));
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    assert_int_equal(ask(f, TT_command_CANCEL_ORDER, 4711)->status, TT_reply_status_NOT_FOUND);
}

static void what_is_managed_cannot_be_assigned(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    uint64_t id = f->trade->books->positions[0].position_id;
    const tt_command_reply *reply = ask(f, TT_command_ASSIGN_POSITION, id);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_non_null(strstr(reply->message, "is managed already"));
    assert_int_equal(sent_count(f, TT_TOPIC_POSITION_UPDATES), 0);
}

/** Asks for levels; NULL = as it is. */
static const tt_command_reply *
protect(fixture *f, uint64_t position, const char *stop, const char *target)
{
    tt_coordinator_command payload = {
        .request_id = 77,
        .command = TT_command_PROTECT_POSITION,
        .subject_seq = position,
        .stop_loss.d = dec(stop == NULL ? "0" : stop),
        .take_profit.d = dec(target == NULL ? "0" : target),
    };
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &payload);
    return sent_one(f, TT_TOPIC_COMMAND_REPLIES);
}

static void refuses(fixture *f, const char *stop, const char *target, const char *why)
{
    const tt_position *position = &f->trade->books->positions[0];
    const tt_command_reply *reply = protect(f, position->position_id, stop, target);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_string_equal(reply->message, why);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    assert_int_equal(sent_count(f, TT_TOPIC_EXIT_EVENTS), 0);
}

static void a_stop_set_by_hand_is_placed_before_the_old_one_goes(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    uint64_t old = live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id;
    say(f, old, TT_report_kind_ACCEPTED);
    uint64_t id = f->trade->books->positions[0].position_id;
    assert_string_equal(protect(f, id, "96", NULL)->message, "stop 95 -> 96");
    const tt_exit_event *event = sent_one(f, TT_TOPIC_EXIT_EVENTS);
    assert_int_equal(event->action, TT_exit_action_SET_BY_HAND);
    assert_int_equal(event->reason, TT_exit_reason_OPERATOR);
    assert_dec(event->stop_before.d, "95");
    assert_dec(event->stop_after.d, "96");
    const tt_order_intent *intent = sent_one(f, TT_TOPIC_ORDER_INTENTS);
    uint64_t placed = intent->order_id;
    assert_dec(intent->trigger_price.d, "96");
    assert_dec(intent->qty.d, "1");
    assert_int_equal(intent->reduce_only, 1);
    assert_int_equal(intent->exit_reason, TT_exit_reason_STOP_LOSS);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    say(f, placed, TT_report_kind_ACCEPTED);
    assert_true(((const tt_order_cancel *)sent_one(f, TT_TOPIC_ORDER_CANCELS))->order_id == old);
}

static void a_stop_may_be_loosened_and_that_is_told(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    uint64_t id = f->trade->books->positions[0].position_id;
    const tt_command_reply *reply = protect(f, id, "90", "120");
    assert_int_equal(reply->status, TT_reply_status_DONE);
    assert_string_equal(reply->message, "stop 95 -> 90 (loosened), target none -> 120");
    assert_string_equal(
        ((const tt_exit_event *)sent_one(f, TT_TOPIC_EXIT_EVENTS))->message, reply->message);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 2);
    assert_dec(live(f, 1, TT_order_role_TAKE_PROFIT)->intent.price.d, "120");
    assert_string_equal(protect(f, id, NULL, "110")->message, "target 120 -> 110");
    assert_dec(f->trade->books->positions[0].stop_loss.d, "90");
}

static void levels_that_cannot_be_are_refused_with_the_reason(void **state)
{
    fixture *f = *state;
    open_long(f, "95", NULL);
    refuses(f, NULL, NULL, "name a stop_loss, a take_profit, or both");
    refuses(f, "100", NULL, "the stop 100 must be below the mark 100");
    refuses(f, NULL, "100", "the target 100 must be above the mark 100");
    refuses(f, "96", "99", "the target 99 must be above the mark 100");
    refuses(f, "96.0000001", NULL, "the stop 96.0000001 is no multiple of 0.01");
    refuses(f, "-1", NULL, "the stop -1 is no price");
    assert_dec(f->trade->books->positions[0].stop_loss.d, "95");
    uint64_t id = f->trade->books->positions[0].position_id;
    assert_int_equal(protect(f, id + 1, "96", NULL)->status, TT_reply_status_NOT_FOUND);
    f->trade->books->positions[0].is_external = 1;
    char text[96];
    snprintf(
        text,
        sizeof text,
        "position %llu: it was opened outside: assign it first",
        (unsigned long long)id);
    refuses(f, "96", NULL, text);
    f->trade->books->positions[0].is_external = 0;
    assert_int_equal(ask(f, TT_command_CLOSE_POSITION, id)->status, TT_reply_status_DONE);
    snprintf(text, sizeof text, "position %llu: it is being closed", (unsigned long long)id);
    refuses(f, "96", NULL, text);
}

static void other_commands_are_for_others(void **state)
{
    fixture *f = *state;
    tt_coordinator_command payload = {.request_id = 1, .command = TT_command_HALT};
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &payload);
    assert_int_equal(sent_count(f, TT_TOPIC_COMMAND_REPLIES), 0);
}

#define STORY(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_position_is_closed_by_its_id),
        STORY(a_position_that_is_not_open_is_not_found),
        STORY(an_entry_is_cancelled_once),
        STORY(what_protects_cannot_be_cancelled),
        STORY(what_is_managed_cannot_be_assigned),
        STORY(a_stop_set_by_hand_is_placed_before_the_old_one_goes),
        STORY(a_stop_may_be_loosened_and_that_is_told),
        STORY(levels_that_cannot_be_are_refused_with_the_reason),
        STORY(other_commands_are_for_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
