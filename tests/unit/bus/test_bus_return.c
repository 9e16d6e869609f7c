/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages that come back from outside of the core.
 */
#include "../../lib/test.h"
#include "bus/bus_dead.h"
#include "bus/core.h"

static tt_arena arena;
static tt_bus *bus;
static bool is_there;

static void open_bus(const tt_bus_options *options)
{
    assert_int_equal(tt_arena_init(&arena, (size_t)128 << 20), TUTTI_OK);
    assert_int_equal(tt_bus_new(options, &arena, &bus), TUTTI_OK);
}

static void step(void)
{
    tt_bus_run(bus);
    tt_bus_begin(bus, (tt_time){tt_bus_now(bus).ns + 1});
}

/** A message of `size` bytes of payload that begin with its number. */
static const tt_msg *message(uint64_t number, uint16_t size)
{
    static _Alignas(16) unsigned char memory[TT_MSG_BYTES_MAX];
    const tt_msg head = {
        .seq = number,
        .key = 1,
        .topic = TT_TOPIC_MARKET_QUOTE,
        .source = TT_SOURCE_FEED,
        .size = size,
        .priority = TT_priority_NORMAL,
    };
    memset(memory, (int)number, sizeof memory);
    memcpy(memory, &head, sizeof head);
    return (const tt_msg *)(const void *)memory;
}

static tt_bus_returned about(const tt_msg *msg)
{
    return (tt_bus_returned){
        .msg = msg,
        .reason = TT_dead_reason_HANDLER_FAILED,
        .attempts = 4,
        .handler = "disk",
        .text = "no space left"};
}

static void give_back(const tt_msg *msg)
{
    const tt_bus_returned returned = about(msg);
    assert_int_equal(tt_bus_return(bus, &returned), TUTTI_OK);
}

static const tt_dead_letter *told(void)
{
    const tt_msg *msg = tt_bus_history(bus, TT_TOPIC_DEAD_LETTERS, NULL);
    assert_non_null(msg);
    assert_true((msg->flags & TT_MSG_INPUT) != 0);
    return TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter);
}

static void the_whole_message_is_kept(void **state)
{
    (void)state;
    _Alignas(16) unsigned char copy[TT_MSG_BYTES_MAX];
    open_bus(&(tt_bus_options){.key_max = 10});
    step();
    give_back(message(7, 208));
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(bus, told()->dead_id, &dead, copy), TUTTI_OK);
    assert_memory_equal(copy, message(7, 208), sizeof(tt_msg) + 208);
    assert_int_equal(dead.attempts, 4);
    assert_true(dead.is_outside && !dead.is_queued);
    assert_string_equal(dead.handler, "disk");
    assert_string_equal(dead.text, "no space left");
    assert_int_equal(told()->dead_size, 208);
    tt_arena_fini(&arena);
}

/** A letter from outside, as a recorded input is: about a message of that size. */
static void publish_letter(uint16_t dead_size)
{
    const tt_dead_letter letter = {
        .dead_id = 5,
        .dead_seq = 9,
        .dead_topic = TT_TOPIC_MARKET_QUOTE,
        .dead_source = TT_SOURCE_FEED,
        .dead_size = dead_size};
    const tt_bus_post post = {
        .topic = TT_TOPIC_DEAD_LETTERS,
        .source = TT_SOURCE_HOST,
        .payload = &letter,
        .flags = TT_MSG_INPUT};
    assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_OK);
}

static void a_letter_about_a_larger_message_than_any_is_not_kept(void **state)
{
    (void)state;
    open_bus(&(tt_bus_options){.key_max = 10});
    step();
    publish_letter(TT_PAYLOAD_MAX + 1);
    assert_int_equal(tt_bus_dead_count(bus), 0);
    step();
    publish_letter(TT_PAYLOAD_MAX);
    assert_int_equal(tt_bus_dead_count(bus), 1);
    tt_arena_fini(&arena);
}

static void what_never_was_a_message_is_told_and_not_kept(void **state)
{
    (void)state;
    open_bus(&(tt_bus_options){.key_max = 10});
    step();
    tt_msg never = {.topic = 60000, .source = 60001};
    give_back(&never);
    assert_int_equal(told()->dead_id, 0);
    assert_int_equal(told()->dead_topic, 0);
    assert_int_equal(told()->dead_source, 0);
    step();
    tt_msg letter = *message(3, 16);
    letter.topic = TT_TOPIC_DEAD_LETTERS;
    give_back(&letter);
    assert_int_equal(told()->dead_id, 0);
    assert_int_equal(tt_bus_dead_count(bus), 0);
    tt_arena_fini(&arena);
}

static void the_oldest_go_for_it_and_an_alert_tells(void **state)
{
    (void)state;
    open_bus(&(tt_bus_options){.key_max = 10, .dead_max = 4, .dead_bytes = 4032});
    for (uint64_t i = 1; i <= 4; i++) {
        step();
        give_back(message(i, 64));
    }
    assert_null(tt_bus_history(bus, TT_TOPIC_BUS_ALERTS, NULL));
    step();
    give_back(message(5, 4032)); // needs all the room there is
    assert_int_equal(tt_bus_dead_count(bus), 1);
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(bus, told()->dead_id, &dead, NULL), TUTTI_OK);
    assert_int_equal(dead.head.seq, 5);
    // The letter is the input; what else the step tells comes after it.
    const tt_msg *first = tt_bus_outbox_next(bus, NULL);
    const tt_msg *second = tt_bus_outbox_next(bus, first);
    assert_int_equal(first->topic, TT_TOPIC_DEAD_LETTERS);
    assert_int_equal(second->topic, TT_TOPIC_BUS_ALERTS);
    tt_bus_store_check(bus->dead);
    tt_arena_fini(&arena);
}

static bool ask(void *ctx, const char *handler)
{
    (void)ctx;
    assert_string_equal(handler, "disk");
    return is_there;
}

static void a_redriven_letter_leaves_with_the_next_step(void **state)
{
    (void)state;
    _Alignas(16) unsigned char copy[TT_MSG_BYTES_MAX];
    tt_bus_dead dead = {0};
    open_bus(&(tt_bus_options){.key_max = 10});
    tt_bus_set_outlet(bus, ask, NULL);
    uint64_t ids[3];
    for (uint64_t i = 0; i < 3; i++) {
        step();
        give_back(message(i + 1, 32));
        ids[i] = told()->dead_id;
    }
    is_there = false;
    assert_int_equal(tt_bus_dead_redrive(bus, ids[0]), TUTTI_STATE);
    is_there = true;
    assert_false(tt_bus_redriven_next(bus, 0, &dead, copy));
    assert_int_equal(tt_bus_dead_redrive(bus, ids[2]), TUTTI_OK);
    assert_int_equal(tt_bus_dead_redrive(bus, ids[0]), TUTTI_OK);
    assert_int_equal(tt_bus_dead_redrive(bus, ids[0]), TUTTI_BUSY);
    assert_int_equal(tt_bus_dead_discard(bus, ids[0]), TUTTI_BUSY);
    assert_true(tt_bus_redriven_next(bus, 0, &dead, copy));
    assert_int_equal(dead.id, ids[0]);
    assert_memory_equal(copy, message(1, 32), sizeof(tt_msg) + 32);
    assert_true(tt_bus_redriven_next(bus, dead.id, &dead, copy));
    assert_int_equal(dead.id, ids[2]);
    assert_false(tt_bus_redriven_next(bus, dead.id, &dead, copy));
    step();
    assert_int_equal(tt_bus_dead_count(bus), 1);
    assert_false(tt_bus_redriven_next(bus, 0, &dead, copy));
    assert_int_equal(tt_bus_dead_redrive(bus, ids[0]), TUTTI_NOT_FOUND);
    tt_bus_store_check(bus->dead);
    tt_arena_fini(&arena);
}

static void a_recorded_letter_keeps_its_place(void **state)
{
    (void)state;
    _Alignas(16) unsigned char copy[TT_MSG_BYTES_MAX];
    tt_bus_dead dead;
    const tt_dead_letter recorded = {
        .dead_seq = 9,
        .dead_id = UINT64_C(1) << 16,
        .dead_topic = TT_TOPIC_MARKET_QUOTE,
        .dead_source = TT_SOURCE_FEED,
        .attempts = 2,
        .reason = TT_dead_reason_MAILBOX_FULL,
        .dead_size = 48,
        .handler = "disk",
        .message = "the mailbox is full"};
    open_bus(&(tt_bus_options){.key_max = 10});
    step();
    const tt_bus_post post = {
        .topic = TT_TOPIC_DEAD_LETTERS,
        .source = TT_SOURCE_HOST,
        .key = 3,
        .payload = &recorded,
        .flags = TT_MSG_INPUT};
    assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_dead_get(bus, recorded.dead_id, &dead, copy), TUTTI_OK);
    assert_int_equal(dead.payload_size, 48);
    assert_int_equal(dead.head.seq, 9);
    assert_int_equal(dead.head.key, 3);
    assert_int_equal(dead.attempts, 2);
    assert_string_equal(dead.handler, "disk");
    assert_int_equal(tt_bus_dead_redrive(bus, dead.id), TUTTI_OK); // nobody has to be there
    step();
    assert_int_equal(tt_bus_dead_count(bus), 0);
    tt_dead_letter wrong = recorded; // hostile: larger than a payload can be
    wrong.dead_size = 65520;
    tt_bus_post hostile = post;
    hostile.payload = &wrong;
    assert_int_equal(tt_bus_publish(bus, &hostile, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_dead_count(bus), 0);
    tt_arena_fini(&arena);
}

static void a_refused_input_is_told_by_an_input(void **state)
{
    (void)state;
    open_bus(&(tt_bus_options){.key_max = 10});
    static const tt_quote quote = {0};
    step();
    tt_bus_post post = {
        .topic = TT_TOPIC_MARKET_QUOTE,
        .source = TT_SOURCE_FEED,
        .key = 11,
        .payload = &quote,
        .flags = TT_MSG_INPUT};
    assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_INVALID);
    assert_int_equal(told()->reason, TT_dead_reason_INVALID_INPUT);
    assert_int_equal(told()->dead_id, 0);
    assert_int_equal(tt_bus_dead_count(bus), 0);
    step();
    post.flags = 0; // of the core itself: kept
    assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_INVALID);
    assert_int_equal(tt_bus_dead_count(bus), 1);
    tt_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_message_is_kept),
        cmocka_unit_test(a_letter_about_a_larger_message_than_any_is_not_kept),
        cmocka_unit_test(what_never_was_a_message_is_told_and_not_kept),
        cmocka_unit_test(the_oldest_go_for_it_and_an_alert_tells),
        cmocka_unit_test(a_redriven_letter_leaves_with_the_next_step),
        cmocka_unit_test(a_recorded_letter_keeps_its_place),
        cmocka_unit_test(a_refused_input_is_told_by_an_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
