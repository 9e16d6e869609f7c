/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dead letters: what they say, that a failing handler stops nobody, and that there is never a loop.
 */
#include "base/uuid.h"
#include "bus_fixture.h"

static tutti_status fail_always(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'f', msg);
    return TUTTI_RANGE;
}

static tutti_status note(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'n', msg);
    return TUTTI_OK;
}

static tutti_status publish_invalid(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    fixture_note(ctx, 'i', msg);
    const tt_bus_post post = fixture_post(TT_TOPIC_NONE);
    assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_INVALID);
    return TUTTI_OK;
}

static void subscribe(fixture *fix, tt_topic topic, const char *name, tt_bus_handler_fn handler)
{
    assert_int_equal(tt_bus_subscribe(fix->bus, topic, name, handler, fix), TUTTI_OK);
}

static void a_failing_handler_does_not_stop_the_next(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_CLOCK, "failing", fail_always);
    subscribe(fix, TT_TOPIC_CLOCK, "next", note);
    subscribe(fix, TT_TOPIC_DEAD_LETTERS, "dead", note);
    fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_HOST, 3);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "f1 n1 n2 ");
    const tt_bus_topic_stats stats = fixture_stats(fix, TT_TOPIC_CLOCK);
    assert_int_equal(stats.delivered, 1);
    assert_int_equal(stats.failed, 1);
    assert_int_equal(stats.dead_lettered, 1);
}

static void a_dead_letter_says_what_happened(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_CLOCK, "failing", fail_always);
    fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_HOST, 3);
    const tt_msg *clock = tt_bus_outbox_next(fix->bus, NULL);
    tt_bus_run(fix->bus);
    const tt_dead_letter letter = fixture_dead(fix);
    assert_int_equal(letter.dead_seq, 1);
    assert_int_equal(letter.dead_topic, TT_TOPIC_CLOCK);
    assert_int_equal(letter.dead_source, TT_SOURCE_HOST);
    assert_int_equal(letter.attempts, 1);
    assert_int_equal(letter.reason, TT_dead_reason_HANDLER_FAILED);
    assert_string_equal(letter.handler, "failing");
    assert_string_equal(letter.message, tutti_status_text(TUTTI_RANGE));
    const tt_msg *msg = tt_bus_history(fix->bus, TT_TOPIC_DEAD_LETTERS, NULL);
    assert_int_equal(msg->source, TT_SOURCE_BUS);
    assert_int_equal(msg->key, 3);
    assert_int_equal(msg->cause, 1);
    assert_true(tt_uuid_eq(msg->correlation, clock->correlation));
    tt_error error;
    assert_int_equal(
        tt_payload_check(&tt_layout_dead_letter, tt_msg_payload(msg), msg->size, &error), TUTTI_OK);
}

static void a_failing_reader_of_dead_letters_makes_no_loop(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_CLOCK, "failing", fail_always);
    subscribe(fix, TT_TOPIC_DEAD_LETTERS, "failing", fail_always);
    subscribe(fix, TT_TOPIC_DEAD_LETTERS, "invalid", publish_invalid);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "f1 f2 i2 ");
    const tt_bus_topic_stats dead = fixture_stats(fix, TT_TOPIC_DEAD_LETTERS);
    assert_int_equal(dead.published, 1);
    assert_int_equal(dead.failed, 1);
    assert_int_equal(dead.dead_unsent, 1);
    assert_int_equal(dead.dead_lettered, 0);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_NONE).invalid, 1);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_NONE).dead_unsent, 1);
}

/** Publishes on the topic whose handler fails: the loop through two topics. */
static tutti_status answer_with_clock(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    fixture_note(ctx, 'd', msg);
    const tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    (void)tt_bus_publish(bus, &post, NULL);
    return TUTTI_OK;
}

static void a_loop_over_another_topic_ends_at_the_depth_limit(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.depth_max = 4});
    subscribe(&small, TT_TOPIC_CLOCK, "failing", fail_always);
    subscribe(&small, TT_TOPIC_DEAD_LETTERS, "dead", answer_with_clock);
    fixture_publish(&small, TT_TOPIC_CLOCK);
    tt_bus_run(small.bus);
    assert_string_equal(small.log, "f1 d2 f3 d4 f5 d6 ");
    assert_int_equal(fixture_stats(&small, TT_TOPIC_CLOCK).dropped, 1);
    assert_int_equal(fixture_stats(&small, TT_TOPIC_CLOCK).dead_unsent, 1);
    tt_arena_fini(&small.arena);
}

static void a_module_may_bury_a_message_or_something_that_never_was_one(void **state)
{
    fixture *fix = *state;
    fixture_publish(fix, TT_TOPIC_VENUE_REPORTS);
    const tt_msg *report = tt_bus_outbox_next(fix->bus, NULL);
    tt_bus_dead_letter(fix->bus, report, TT_dead_reason_UNKNOWN_ORDER, "trade", "order 9");
    tt_dead_letter letter = fixture_dead(fix);
    assert_int_equal(letter.dead_seq, 1);
    assert_int_equal(letter.reason, TT_dead_reason_UNKNOWN_ORDER);
    assert_int_equal(letter.attempts, 0);
    assert_string_equal(letter.handler, "trade");
    assert_string_equal(letter.message, "order 9");
    tt_bus_dead_letter(fix->bus, NULL, TT_dead_reason_INVALID_INPUT, "feed", "row 7");
    letter = fixture_dead(fix);
    assert_int_equal(letter.dead_seq, 0);
    assert_int_equal(letter.dead_topic, TT_TOPIC_NONE);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_VENUE_REPORTS).dead_lettered, 1);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_NONE).dead_lettered, 1);
}

static void a_published_dead_letter_counts_for_its_topic(void **state)
{
    fixture *fix = *state;
    const tt_dead_letter letter = {.dead_topic = TT_TOPIC_MARKET_BAR};
    tt_bus_post post = fixture_post(TT_TOPIC_DEAD_LETTERS);
    post.payload = &letter;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_MARKET_BAR).dead_lettered, 1);
}

/** The reserve keeps room for 256 dead letters when all other room is used up. */
static void dead_letters_have_room_of_their_own_and_a_bound(void **state)
{
    (void)state;
    fixture small;
    fixture_open(
        &small, &(tt_bus_options){.outbox_bytes = 4160, .queue_messages = 52, .dead_max = 1000});
    for (int i = 0; i < 52; i++) {
        fixture_publish(&small, TT_TOPIC_CLOCK);
    }
    const tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    for (unsigned i = 0; i < DEAD_RESERVE_MESSAGES + 10; i++) {
        assert_int_equal(tt_bus_publish(small.bus, &post, NULL), TUTTI_LIMIT);
    }
    const tt_bus_topic_stats stats = fixture_stats(&small, TT_TOPIC_CLOCK);
    assert_int_equal(stats.dropped, DEAD_RESERVE_MESSAGES + 10);
    assert_int_equal(stats.dead_lettered, DEAD_RESERVE_MESSAGES);
    assert_int_equal(stats.dead_unsent, 10);
    tt_bus_run(small.bus);
    assert_int_equal(fixture_stats(&small, TT_TOPIC_DEAD_LETTERS).history_count, 256);
    tt_arena_fini(&small.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_failing_handler_does_not_stop_the_next),
        FIXTURE_TEST(a_dead_letter_says_what_happened),
        FIXTURE_TEST(a_failing_reader_of_dead_letters_makes_no_loop),
        cmocka_unit_test(a_loop_over_another_topic_ends_at_the_depth_limit),
        FIXTURE_TEST(a_module_may_bury_a_message_or_something_that_never_was_one),
        FIXTURE_TEST(a_published_dead_letter_counts_for_its_topic),
        cmocka_unit_test(dead_letters_have_room_of_their_own_and_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
