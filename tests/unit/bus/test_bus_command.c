/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commands to the bus as messages: what they do, and what is answered.
 */
#include "bus_fixture.h"

static tutti_status answer;

static tutti_status fail_as_told(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'f', msg);
    return answer;
}

static const tt_command_reply *ask(fixture *fix, const tt_bus_command *command)
{
    const tt_bus_post post = {
        .topic = TT_TOPIC_BUS_COMMANDS,
        .source = TT_SOURCE_OPERATOR,
        .payload = command,
        .flags = TT_MSG_INPUT,
    };
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    tt_bus_run(fix->bus);
    const tt_msg *msg = tt_bus_history(fix->bus, TT_TOPIC_COMMAND_REPLIES, NULL);
    assert_non_null(msg);
    const tt_command_reply *reply = TT_PAYLOAD(msg, COMMAND_REPLIES, command_reply);
    assert_int_equal(reply->request_id, command->request_id);
    assert_int_equal(msg->source, TT_SOURCE_BUS);
    return reply;
}

static uint64_t bury_one(fixture *fix)
{
    answer = TUTTI_BUSY;
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    tt_bus_dead dead;
    assert_true(tt_bus_dead_next(fix->bus, 0, &dead));
    fixture_later(fix, 1);
    return dead.id;
}

static void redrive_and_discard(void **state)
{
    fixture *fix = *state;
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "failing", fail_as_told, fix), TUTTI_OK);
    tt_bus_command command = {.request_id = 1, .command = TT_bus_command_type_REDRIVE};
    command.dead_id = bury_one(fix);
    answer = TUTTI_OK;
    const tt_command_reply *reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    assert_string_equal(reply->message, "redrive: it is delivered again");
    assert_string_equal(fix->log, "f1 f1 ");
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);

    command = (tt_bus_command){.request_id = 2, .command = TT_bus_command_type_DISCARD};
    command.dead_id = bury_one(fix);
    reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    assert_string_equal(reply->message, "discard: it is thrown away");
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);

    command.request_id = 3;
    reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_NOT_FOUND);
    const char *gone = "discard: it is not kept: delivered, thrown away, dropped for room, or none";
    assert_string_equal(reply->message, gone);
    command.request_id = 4;
    command.command = TT_bus_command_type_REDRIVE;
    reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_NOT_FOUND);
    assert_string_equal(reply->message + strlen("redrive"), gone + strlen("discard"));
}

static void why_not_is_told(void **state)
{
    fixture *fix = *state;
    const tt_bus_care care = {.quarantine_after = 1};
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "failing", fail_as_told, fix), TUTTI_OK);
    assert_int_equal(tt_bus_set_care(fix->bus, "failing", &care), TUTTI_OK);
    tt_bus_command command = {.request_id = 1, .command = TT_bus_command_type_REDRIVE};
    command.dead_id = bury_one(fix);
    const tt_command_reply *reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_string_equal(
        reply->message, "redrive: subscriber failing is in quarantine: release it first");
    assert_string_equal(fix->log, "f1 "); // and it got nothing
    assert_int_equal(tt_bus_release(fix->bus, "failing"), TUTTI_OK);

    assert_int_equal(tt_bus_unsubscribe(fix->bus, TT_TOPIC_CLOCK, "failing"), 1);
    command.request_id = 2;
    reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_string_equal(reply->message, "redrive: subscriber failing is gone");
    assert_int_equal(tt_bus_dead_count(fix->bus), 1);
}

/** Letters about two topics; returns the number of the last. */
static uint64_t bury_some(fixture *fix)
{
    static const tt_topic topics[] = {TT_TOPIC_CLOCK, TT_TOPIC_SYSTEM_EVENTS, TT_TOPIC_CLOCK};
    answer = TUTTI_BUSY;
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        fixture_publish(fix, topics[i]);
        tt_bus_run(fix->bus);
        fixture_later(fix, 1);
    }
    tt_bus_dead dead = {0};
    while (tt_bus_dead_next(fix->bus, dead.id, &dead)) {
    }
    return dead.id;
}

static void all_of_a_topic_or_all(void **state)
{
    fixture *fix = *state;
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "clocks", fail_as_told, fix), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_SYSTEM_EVENTS, "events", fail_as_told, fix), TUTTI_OK);
    (void)bury_some(fix);
    answer = TUTTI_OK;
    tt_bus_command command = {
        .request_id = 1,
        .command = TT_bus_command_type_REDRIVE_ALL,
        .dead_topic = TT_TOPIC_CLOCK,
    };
    const tt_command_reply *reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    assert_string_equal(reply->message, "redrive_all: 2 delivered again");
    assert_int_equal(tt_bus_dead_count(fix->bus), 1);
    command.request_id = 2;
    reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_NOT_FOUND);
    assert_string_equal(reply->message, "redrive_all: there is no such dead letter");
    (void)bury_some(fix);
    command = (tt_bus_command){.request_id = 3, .command = TT_bus_command_type_DISCARD_ALL};
    reply = ask(fix, &command);
    assert_string_equal(reply->message, "discard_all: 4 thrown away");
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);
}

static void of_all_those_that_cannot_go_stay(void **state)
{
    fixture *fix = *state;
    const tt_bus_care care = {.quarantine_after = 2};
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "clocks", fail_as_told, fix), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_SYSTEM_EVENTS, "events", fail_as_told, fix), TUTTI_OK);
    assert_int_equal(tt_bus_set_care(fix->bus, "clocks", &care), TUTTI_OK);
    (void)bury_some(fix);
    tt_bus_dead first;
    assert_true(tt_bus_dead_next(fix->bus, 0, &first));
    answer = TUTTI_OK;
    tt_bus_command command = {.request_id = 1, .command = TT_bus_command_type_REDRIVE_ALL};
    const tt_command_reply *reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    char expected[128];
    snprintf(
        expected,
        sizeof expected,
        "redrive_all: 1 delivered again, 2 not; %llu: "
        "subscriber clocks is in quarantine: release it first",
        (unsigned long long)first.id);
    assert_string_equal(reply->message, expected);
    assert_int_equal(tt_bus_dead_count(fix->bus), 2);
    command.request_id = 2;
    reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
}

/** Letters of mailboxes are not delivered by a command about all; that they stay is told. */
static void of_all_those_of_mailboxes_are_told(void **state)
{
    fixture *fix = *state;
    const tt_msg quote = {.seq = 7, .topic = TT_TOPIC_MARKET_QUOTE, .source = TT_SOURCE_FEED};
    const tt_bus_returned returned = {
        .msg = &quote,
        .reason = TT_dead_reason_MAILBOX_FULL,
        .attempts = 1,
        .handler = "disk",
        .text = "no space left"};
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "clocks", fail_as_told, fix), TUTTI_OK);
    (void)bury_one(fix);
    assert_int_equal(tt_bus_return(fix->bus, &returned), TUTTI_OK);
    tt_bus_run(fix->bus);
    fixture_later(fix, 1);
    tt_bus_dead first;
    tt_bus_dead second;
    assert_true(tt_bus_dead_next(fix->bus, 0, &first));
    assert_true(tt_bus_dead_next(fix->bus, first.id, &second));
    assert_true(second.is_outside);
    answer = TUTTI_OK;
    tt_bus_command command = {.request_id = 1, .command = TT_bus_command_type_REDRIVE_ALL};
    const tt_command_reply *reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    char expected[128];
    snprintf(
        expected,
        sizeof expected,
        "redrive_all: 1 delivered again, 1 not; %llu: mailbox disk: redrive it by number",
        (unsigned long long)second.id);
    assert_string_equal(reply->message, expected);
    command.request_id = 2;
    reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    command = (tt_bus_command){.request_id = 3, .command = TT_bus_command_type_DISCARD_ALL};
    reply = ask(fix, &command);
    assert_string_equal(reply->message, "discard_all: 1 thrown away");
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);
}

/** What is refused anew comes behind those that were there: the act ends, and each is answered for.
 */
static void what_is_refused_again_is_told_and_kept(void **state)
{
    fixture *fix = *state;
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    const tt_bus_limits one = {.topic = {.per_s = 1, .burst = 1}};
    assert_int_equal(tt_bus_limit(fix->bus, TT_TOPIC_CLOCK, &one), TUTTI_OK);
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_LIMIT);
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_LIMIT);
    tt_bus_run(fix->bus);
    assert_int_equal(tt_bus_dead_count(fix->bus), 2);
    tt_bus_command command = {.request_id = 1, .command = TT_bus_command_type_REDRIVE_ALL};
    const tt_command_reply *reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_non_null(strstr(reply->message, "0 delivered again, 2 not; "));
    assert_non_null(strstr(reply->message, "it was refused again, and is a new dead letter"));
    assert_int_equal(tt_bus_dead_count(fix->bus), 2);
}

static void block_and_unblock(void **state)
{
    fixture *fix = *state;
    tt_bus_command command = {.request_id = 4, .command = TT_bus_command_type_BLOCK};
    command.correlation.bytes[0] = 7;
    assert_int_equal(ask(fix, &command)->status, TT_reply_status_DONE);
    assert_true(tt_bus_is_blocked(fix->bus, command.correlation));
    command.command = TT_bus_command_type_UNBLOCK;
    assert_int_equal(ask(fix, &command)->status, TT_reply_status_DONE);
    assert_false(tt_bus_is_blocked(fix->bus, command.correlation));
    assert_int_equal(ask(fix, &command)->status, TT_reply_status_NOT_FOUND);
}

static void release_brings_a_subscriber_back(void **state)
{
    fixture *fix = *state;
    const tt_bus_care care = {.quarantine_after = 1};
    tt_bus_care_stats stats;
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "failing", fail_as_told, fix), TUTTI_OK);
    assert_int_equal(tt_bus_set_care(fix->bus, "failing", &care), TUTTI_OK);
    (void)bury_one(fix);
    assert_true(tt_bus_care_get(fix->bus, "failing", &stats) && stats.is_quarantined);
    tt_bus_command command = {.request_id = 5, .command = TT_bus_command_type_RELEASE};
    TT_TEXT_SET(command.subscriber, "failing");
    assert_int_equal(ask(fix, &command)->status, TT_reply_status_DONE);
    assert_true(tt_bus_care_get(fix->bus, "failing", &stats) && !stats.is_quarantined);
    assert_int_equal(ask(fix, &command)->status, TT_reply_status_NOT_FOUND);
}

static void limits_are_set_and_taken_away(void **state)
{
    fixture *fix = *state;
    tt_bus_command limit = {
        .request_id = 6,
        .command = TT_bus_command_type_LIMIT,
        .limited_topic = TT_TOPIC_CLOCK,
        .topic_per_s = 5,
        .topic_burst = 7,
        .source_per_s = 2,
        .source_burst = 3,
    };
    const tt_command_reply *reply = ask(fix, &limit);
    assert_int_equal(reply->status, TT_reply_status_DONE);
    assert_string_equal(reply->message, "limit: the limit is in force");
    const tt_bus_limits limits = tt_bus_limits_get(fix->bus, TT_TOPIC_CLOCK);
    assert_int_equal(limits.topic.per_s, 5);
    assert_int_equal(limits.topic.burst, 7);
    assert_int_equal(limits.source.per_s, 2);
    assert_int_equal(limits.source.burst, 3);
    limit.source_per_s = TT_BUS_RATE_MAX + 1; // Refused, and nothing is changed.
    assert_int_equal(ask(fix, &limit)->status, TT_reply_status_REFUSED);
    assert_int_equal(tt_bus_limits_get(fix->bus, TT_TOPIC_CLOCK).source.per_s, 2);
    tt_bus_command exempt = {
        .request_id = 7,
        .command = TT_bus_command_type_EXEMPT,
        .exempt_source = TT_SOURCE_FEED,
        .is_exempt = true,
    };
    assert_int_equal(ask(fix, &exempt)->status, TT_reply_status_DONE);
    assert_true(tt_bus_is_exempt(fix->bus, TT_SOURCE_FEED));
    exempt.is_exempt = false;
    assert_string_equal(ask(fix, &exempt)->message, "exempt: limits count");
    assert_false(tt_bus_is_exempt(fix->bus, TT_SOURCE_FEED));
    exempt.exempt_source = 9999;
    assert_int_equal(ask(fix, &exempt)->status, TT_reply_status_REFUSED);
}

static void what_is_no_command_is_refused(void **state)
{
    fixture *fix = *state;
    const tt_bus_command command = {.request_id = 9};
    const tt_command_reply *reply = ask(fix, &command);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(redrive_and_discard),
        FIXTURE_TEST(limits_are_set_and_taken_away),
        FIXTURE_TEST(why_not_is_told),
        FIXTURE_TEST(all_of_a_topic_or_all),
        FIXTURE_TEST(of_all_those_that_cannot_go_stay),
        FIXTURE_TEST(of_all_those_of_mailboxes_are_told),
        FIXTURE_TEST(what_is_refused_again_is_told_and_kept),
        FIXTURE_TEST(block_and_unblock),
        FIXTURE_TEST(release_brings_a_subscriber_back),
        FIXTURE_TEST(what_is_no_command_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
