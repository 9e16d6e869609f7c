/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Letters of mailboxes in the queue of the bus, keys of posts, refused posts, blocked correlations.
 * Covers: loop.c loop_feed.c
 */
#include "fixture.h"

static fixture fix;
static tt_publisher *feed;
static const tt_mailbox_retry no_retry = {.count = 0};

static tt_mailbox *box_named(const char *name, tt_mailbox_policy policy)
{
    tt_mailbox *box = fixture_box(
        &fix,
        &(tt_mailbox_options){.name = name, .policy = policy, .count_max = 1, .retry = &no_retry});
    const tt_mailbox_subscription quotes = {.topic = TT_TOPIC_MARKET_QUOTE};
    assert_int_equal(tt_mailbox_subscribe(box, &quotes), TUTTI_OK);
    assert_int_equal(tt_bus_loop_attach(fix.loop, box), TUTTI_OK);
    return box;
}

static void open_all(void)
{
    fixture_open(&fix, &(fixture_options){.bus.key_max = 100});
    fix.clock.step_ns = 0;
    feed = fixture_publisher(&fix, &(tt_publisher_options){.name = "feed"});
}

static void turn(uint32_t steps)
{
    assert_int_equal(tt_bus_loop_turn(fix.loop), steps);
}

static void post_quote(uint64_t number)
{
    assert_int_equal(fixture_try(feed, number, 1), TUTTI_OK);
}

static void command(tt_bus_command_type type, uint64_t id, tt_uuid correlation)
{
    const tt_bus_command what = {
        .dead_id = id, .correlation = correlation, .command = (uint8_t)type};
    const tt_bus_post post = {
        .topic = TT_TOPIC_BUS_COMMANDS, .source = TT_SOURCE_OPERATOR, .payload = &what};
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    turn(1);
}

static tt_bus_dead oldest_letter(void *ret_msg)
{
    tt_bus_dead dead = {0};
    assert_true(tt_bus_dead_next(fix.bus, 0, &dead));
    assert_int_equal(tt_bus_dead_get(fix.bus, dead.id, &dead, ret_msg), TUTTI_OK);
    return dead;
}

static const tt_msg *newest(tt_topic topic)
{
    const tt_msg *msg = tt_bus_history(fix.bus, topic, NULL);
    assert_non_null(msg);
    return msg;
}

static void take_and_fail(tt_mailbox *box)
{
    const tt_msg *msg = NULL;
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(tt_mailbox_failed(box, "no space left"), TUTTI_OK);
    turn(1);
}

static void a_letter_of_a_mailbox_is_kept_whole_and_goes_again(void **state)
{
    (void)state;
    _Alignas(16) unsigned char copy[TT_MSG_BYTES_MAX];
    open_all();
    tt_mailbox *disk = box_named("disk", TT_MAILBOX_BLOCK);
    tt_mailbox *other = box_named("other", TT_MAILBOX_DROP_NEWEST);
    post_quote(9);
    turn(1);
    const tt_msg first = *newest(TT_TOPIC_MARKET_QUOTE);
    take_and_fail(disk);
    tt_bus_dead dead = oldest_letter(copy);
    assert_memory_equal(copy, &first, sizeof first);
    assert_int_equal(fixture_number(copy + sizeof(tt_msg)), 9);
    assert_string_equal(dead.handler, "disk");
    assert_string_equal(dead.text, "no space left");
    assert_int_equal(dead.attempts, 1);
    assert_int_equal(dead.reason, TT_dead_reason_HANDLER_FAILED);
    assert_true(dead.is_outside);
    const tt_msg *told = newest(TT_TOPIC_DEAD_LETTERS);
    const tt_dead_letter *letter = TT_PAYLOAD(told, DEAD_LETTERS, dead_letter);
    assert_true((told->flags & TT_MSG_INPUT) != 0);
    assert_int_equal(letter->dead_id, dead.id);
    assert_int_equal(letter->dead_size, first.size);
    assert_int_equal(told->key, 1);
    command(TT_bus_command_type_REDRIVE, dead.id, (tt_uuid){0});
    const tt_msg *msg = NULL;
    assert_int_equal(tt_mailbox_take_try(disk, &msg), TUTTI_OK);
    assert_memory_equal(msg, copy, tt_msg_bytes(msg));
    assert_int_equal(tt_mailbox_attempt(disk), 1);
    assert_int_equal(tt_mailbox_done(disk), TUTTI_OK);
    assert_int_equal(fixture_box_stats(other).put, 1); // the letter was for the other alone
    post_quote(10);
    turn(1);
    assert_int_equal(tt_bus_dead_count(fix.bus), 0);
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(fix.loop, &stats);
    assert_int_equal(stats.redriven, 1);
    fixture_close(&fix);
}

static void a_letter_can_be_discarded(void **state)
{
    (void)state;
    open_all();
    tt_mailbox *box = box_named("slow", TT_MAILBOX_DEAD_LETTER);
    post_quote(1);
    post_quote(2);
    turn(3);
    tt_bus_dead dead = oldest_letter(NULL);
    assert_int_equal(dead.reason, TT_dead_reason_MAILBOX_FULL);
    assert_int_equal(dead.attempts, 0);
    command(TT_bus_command_type_DISCARD, dead.id, (tt_uuid){0});
    assert_int_equal(tt_bus_dead_count(fix.bus), 0);
    const tt_msg *reply = newest(TT_TOPIC_COMMAND_REPLIES);
    assert_int_equal(
        TT_PAYLOAD(reply, COMMAND_REPLIES, command_reply)->status, TT_reply_status_DONE);
    assert_int_equal(fixture_box_stats(box).waiting, 1);
    fixture_close(&fix);
}

/** Who asked is told so, and the letter stays as it is. */
static void check_vain(const tt_bus_dead *dead, uint64_t request_id, const char *why)
{
    const tt_bus_command redrive = {
        .request_id = request_id, .dead_id = dead->id, .command = TT_bus_command_type_REDRIVE};
    const tt_bus_post post = {
        .topic = TT_TOPIC_BUS_COMMANDS, .source = TT_SOURCE_OPERATOR, .payload = &redrive};
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    turn(1);
    const tt_dead_letter *letter =
        TT_PAYLOAD(newest(TT_TOPIC_DEAD_LETTERS), DEAD_LETTERS, dead_letter);
    assert_int_equal(letter->dead_topic, TT_TOPIC_BUS_COMMANDS);
    assert_non_null(strstr(letter->message, why));
    const tt_msg *told = newest(TT_TOPIC_COMMAND_REPLIES);
    assert_true((told->flags & TT_MSG_INPUT) != 0); // a replay has it
    const tt_command_reply *reply = TT_PAYLOAD(told, COMMAND_REPLIES, command_reply);
    assert_true(reply->request_id == request_id);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_non_null(strstr(reply->message, why));
    assert_int_equal(tt_bus_dead_count(fix.bus), 1);
    assert_int_equal(oldest_letter(NULL).id, dead->id);
}

static void a_redrive_to_a_full_mailbox_is_refused(void **state)
{
    (void)state;
    static const tt_mailbox_policy policies[] = {
        TT_MAILBOX_DEAD_LETTER, TT_MAILBOX_DROP_NEWEST, TT_MAILBOX_BLOCK};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        open_all();
        tt_mailbox *box = box_named("slow", policies[i]);
        post_quote(1);
        turn(1);
        take_and_fail(box); // its letter
        post_quote(2);
        turn(1);
        const tt_bus_dead dead = oldest_letter(NULL);
        check_vain(&dead, 5, "the mailbox of that dead letter is full: take from it");
        const tt_msg *msg = NULL;
        assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
        assert_int_equal(fixture_number(tt_msg_payload(msg)), 2);
        assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
        command(TT_bus_command_type_REDRIVE, dead.id, (tt_uuid){0});
        assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
        assert_int_equal(fixture_number(tt_msg_payload(msg)), 1);
        assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
        fixture_close(&fix);
    }
}

static void a_redrive_to_a_mailbox_that_is_gone_is_refused(void **state)
{
    (void)state;
    open_all();
    tt_mailbox *box = box_named("gone", TT_MAILBOX_BLOCK);
    post_quote(1);
    turn(1);
    take_and_fail(box);
    tt_bus_dead dead = oldest_letter(NULL);
    tt_mailbox_close(box);
    turn(0);
    assert_int_equal(tt_bus_dead_redrive(fix.bus, dead.id), TUTTI_STATE);
    check_vain(&dead, 6, "not attached");
    command(TT_bus_command_type_REDRIVE, dead.id, (tt_uuid){0});
    const tt_msg *told = newest(TT_TOPIC_DEAD_LETTERS);
    const tt_dead_letter *letter = TT_PAYLOAD(told, DEAD_LETTERS, dead_letter);
    assert_int_equal(letter->dead_topic, TT_TOPIC_BUS_COMMANDS);
    assert_int_equal(letter->reason, TT_dead_reason_INVALID_INPUT);
    assert_true(strstr(letter->message, "not attached") != NULL);
    assert_int_equal(tt_bus_dead_count(fix.bus), 1);
    (void)box_named("gone", TT_MAILBOX_BLOCK); // a new one of that name gets it
    turn(0);
    command(TT_bus_command_type_REDRIVE, dead.id, (tt_uuid){0});
    assert_int_equal(fixture_box_stats(box).put, 1);
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(fix.loop, &stats);
    assert_int_equal(stats.redriven, 1);
    fixture_close(&fix);
}

static void what_a_stop_leaves_over_is_kept_whole(void **state)
{
    (void)state;
    _Alignas(16) unsigned char copy[TT_MSG_BYTES_MAX];
    static tt_loop_report report;
    open_all();
    (void)box_named("slow", TT_MAILBOX_BLOCK);
    post_quote(5);
    turn(1);
    assert_int_equal(tt_bus_loop_stop(fix.loop, (tt_dur){0}, &report), TUTTI_TIMEOUT);
    tt_bus_dead dead = oldest_letter(copy);
    assert_int_equal(dead.reason, TT_dead_reason_UNDELIVERED_AT_STOP);
    assert_string_equal(dead.handler, "slow");
    assert_int_equal(fixture_number(copy + sizeof(tt_msg)), 5);
    fixture_close(&fix);
}

static void a_refused_post_is_the_input_of_its_step(void **state)
{
    (void)state;
    open_all();
    const tt_bus_limits limits = {.topic = {.per_s = 1, .burst = 1}};
    assert_int_equal(tt_bus_limit(fix.bus, TT_TOPIC_MARKET_QUOTE, &limits), TUTTI_OK);
    post_quote(1);
    post_quote(2);
    turn(2);
    const tt_msg *told = newest(TT_TOPIC_DEAD_LETTERS);
    const tt_dead_letter *letter = TT_PAYLOAD(told, DEAD_LETTERS, dead_letter);
    assert_true((told->flags & TT_MSG_INPUT) != 0);
    assert_int_equal(letter->reason, TT_dead_reason_RATE_LIMIT);
    assert_int_equal(letter->dead_topic, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(letter->dead_id, 0);
    assert_int_equal(tt_bus_dead_count(fix.bus), 0);
    fixture_close(&fix);
}

static void dead_letters_are_not_posted_like_others(void **state)
{
    (void)state;
    open_all();
    static const tt_dead_letter forged = {.dead_seq = 1, .dead_id = 1, .dead_size = 4032};
    const tt_bus_post post = {
        .topic = TT_TOPIC_DEAD_LETTERS, .source = TT_SOURCE_HOST, .payload = &forged};
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_INVALID);
    fixture_close(&fix);
}

static void blocked_correlations_come_to_no_mailbox(void **state)
{
    (void)state;
    open_all();
    tt_mailbox *box = box_named("box", TT_MAILBOX_BLOCK);
    tt_bus_post post = fixture_post(1, 1);
    post.correlation.bytes[0] = 5;
    const tt_uuid failed = post.correlation;
    command(TT_bus_command_type_BLOCK, 0, failed);
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    turn(1);
    fixture_expect_none(box);
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(fix.loop, &stats);
    assert_int_equal(stats.guarded, 1);
    command(TT_bus_command_type_UNBLOCK, 0, failed);
    post = fixture_post(2, 1);
    post.correlation = failed;
    assert_int_equal(tt_inbox_post_try(feed, &post, 0), TUTTI_OK);
    turn(1);
    take_and_fail(box);
    // A letter of a blocked correlation goes nowhere either, and stays.
    tt_bus_dead dead = oldest_letter(NULL);
    command(TT_bus_command_type_BLOCK, 0, failed);
    command(TT_bus_command_type_REDRIVE, dead.id, (tt_uuid){0});
    const tt_msg *reply = newest(TT_TOPIC_COMMAND_REPLIES);
    assert_int_equal(
        TT_PAYLOAD(reply, COMMAND_REPLIES, command_reply)->status, TT_reply_status_REFUSED);
    fixture_expect_none(box);
    assert_int_equal(oldest_letter(NULL).id, dead.id);
    fixture_close(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_of_a_mailbox_is_kept_whole_and_goes_again),
        cmocka_unit_test(a_letter_can_be_discarded),
        cmocka_unit_test(a_redrive_to_a_full_mailbox_is_refused),
        cmocka_unit_test(a_redrive_to_a_mailbox_that_is_gone_is_refused),
        cmocka_unit_test(what_a_stop_leaves_over_is_kept_whole),
        cmocka_unit_test(a_refused_post_is_the_input_of_its_step),
        cmocka_unit_test(dead_letters_are_not_posted_like_others),
        cmocka_unit_test(blocked_correlations_come_to_no_mailbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
