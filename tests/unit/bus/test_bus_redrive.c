/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The dead-letter queue: what it keeps, what is delivered again and to whom, its bounds.
 */
#include "base/uuid.h"
#include "bus_fixture.h"

/** What a handler answers while it fails, and what it got last. */
static tutti_status answer;
static tt_msg last_msg;
static unsigned char last_payload[TT_PAYLOAD_MAX];

static tutti_status fail_as_told(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    assert_ptr_equal(tt_bus_current(bus), msg);
    fixture_note(ctx, 'f', msg);
    last_msg = *msg;
    memcpy(last_payload, msg + 1, msg->size);
    return answer;
}

static tutti_status note(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'n', msg);
    return TUTTI_OK;
}

static void subscribe(fixture *fix, tt_topic topic, const char *name, tt_bus_handler_fn handler)
{
    assert_int_equal(tt_bus_subscribe(fix->bus, topic, name, handler, fix), TUTTI_OK);
}

static uint64_t only_dead(const fixture *fix)
{
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_count(fix->bus), 1);
    assert_true(tt_bus_dead_next(fix->bus, 0, &dead));
    return dead.id;
}

static tt_seq publish_clock(fixture *fix, uint64_t tick)
{
    const tt_clock clock = {.tick = tick};
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    tt_seq seq = 0;
    post.payload = &clock;
    assert_int_equal(tt_bus_publish(fix->bus, &post, &seq), TUTTI_OK);
    return seq;
}

/** Fails, and throws the letter about it away, if there is one. */
static tutti_status fail_and_discard(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)msg;
    const uint64_t *letter = ctx;
    if (*letter != 0) {
        assert_int_equal(tt_bus_dead_discard(bus, *letter), TUTTI_OK);
    }
    return TUTTI_RANGE;
}

static void a_letter_thrown_away_by_its_handler_stays_away(void **state)
{
    fixture *fix = *state;
    uint64_t letter = 0;
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "thrower", fail_and_discard, &letter), TUTTI_OK);
    publish_clock(fix, 77);
    tt_bus_run(fix->bus);
    letter = only_dead(fix);
    const uint64_t told = fixture_stats(fix, TT_TOPIC_DEAD_LETTERS).published;
    fixture_later(fix, 1);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, letter), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_DEAD_LETTERS).published, told);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).failed, 2);
}

/** Of a handler that delivers a letter again, at the end of a chain of causes. */
static struct deep {
    uint64_t letter;
    tutti_status told;
    tutti_status status;
    char text[64];
} deep;

static tutti_status pass_on(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    const tt_bus_post post = fixture_post(TT_TOPIC_MARKET_QUOTE);
    return msg->key == 0 ? tt_bus_publish(bus, &post, NULL) : TUTTI_OK;
}

static tutti_status redrive_deep(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)msg;
    deep.told = tt_bus_dead_obstacle(bus, deep.letter, deep.text, sizeof deep.text);
    deep.status = tt_bus_dead_redrive(bus, deep.letter);
    return TUTTI_OK;
}

/** What a letter causes goes on with the chain of who asked for it, which has its bound. */
static void a_redrive_keeps_the_bound_of_causes(void **state)
{
    (void)state;
    for (uint32_t depth_max = 1; depth_max <= 2; depth_max++) {
        fixture fix;
        fixture_open(&fix, &(tt_bus_options){.depth_max = depth_max});
        answer = TUTTI_RANGE;
        subscribe(&fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
        publish_clock(&fix, 77);
        tt_bus_run(fix.bus);
        deep = (struct deep){.letter = only_dead(&fix), .status = TUTTI_BUSY};
        subscribe(&fix, TT_TOPIC_FILLS, "first", pass_on);
        subscribe(&fix, TT_TOPIC_MARKET_QUOTE, "second", redrive_deep);
        fixture_later(&fix, 1);
        fixture_publish(&fix, TT_TOPIC_FILLS);
        tt_bus_run(fix.bus);
        // The fill is at depth 0, the quote at 1, what the redrive causes would be at 2.
        assert_int_equal(deep.told, depth_max == 1 ? TUTTI_LIMIT : TUTTI_OK);
        assert_int_equal(deep.status, deep.told);
        assert_string_equal(deep.text, depth_max == 1 ? "the chain of causes is too long" : "");
        tt_arena_fini(&fix.arena);
    }
}

static void a_failed_message_is_kept_whole(void **state)
{
    fixture *fix = *state;
    answer = TUTTI_RANGE;
    subscribe(fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
    tt_seq seq = publish_clock(fix, 77);
    tt_bus_run(fix->bus);
    uint64_t id = only_dead(fix);
    assert_int_equal(fixture_dead(fix).dead_id, id); // the announcement says where
    _Alignas(16) unsigned char whole[TT_MSG_BYTES_MAX];
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(fix->bus, id, &dead, whole), TUTTI_OK);
    assert_memory_equal(whole, tt_bus_find(fix->bus, TT_TOPIC_CLOCK, seq), 64 + dead.payload_size);
    assert_int_equal(((const tt_clock *)(const void *)(whole + 64))->tick, 77);
    assert_int_equal(dead.attempts, 1);
    assert_int_equal(dead.reason, TT_dead_reason_HANDLER_FAILED);
    assert_int_equal(dead.first_failure.ns, T0_NS);
    assert_int_equal(dead.last_failure.ns, T0_NS);
    assert_string_equal(dead.handler, "failing");
    assert_string_equal(dead.text, tutti_status_text(TUTTI_RANGE));
    assert_int_equal(tt_bus_dead_get(fix->bus, id + 1, &dead, NULL), TUTTI_NOT_FOUND);
    assert_false(tt_bus_dead_next(fix->bus, id, &dead));
    assert_false(tt_bus_dead_next(fix->bus, 12345, &dead));
}

static void it_goes_again_to_the_handler_that_failed_alone(void **state)
{
    fixture *fix = *state;
    answer = TUTTI_BUSY;
    subscribe(fix, TT_TOPIC_CLOCK, "well", note);
    subscribe(fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
    publish_clock(fix, 5);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n1 f1 ");
    uint64_t id = only_dead(fix);
    fixture_later(fix, 1000000); // far beyond its time to live
    answer = TUTTI_OK;
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_OK);
    assert_string_equal(fix->log, "n1 f1 "); // queued, not called
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_BUSY);
    assert_int_equal(tt_bus_dead_discard(fix->bus, id), TUTTI_BUSY);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n1 f1 f1 ");
    assert_int_equal(((const tt_clock *)(const void *)last_payload)->tick, 5);
    assert_int_equal(last_msg.time.ns, T0_NS); // the same message, not a new one
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_NOT_FOUND);
    size_t bytes = 0;
    (void)tt_bus_outbox(fix->bus, &bytes);
    assert_int_equal(bytes, 0);
}

/** Where only inputs may begin something it is refused and counted: a replay would not know of it.
 */
static void it_is_no_input(void **state)
{
    fixture *fix = *state;
    answer = TUTTI_BUSY;
    subscribe(fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
    publish_clock(fix, 5);
    tt_bus_run(fix->bus);
    const uint64_t id = only_dead(fix);
    fixture_later(fix, 1);
    tt_bus_inputs_begin(fix->bus);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_INVALID);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_INVALID);
    assert_int_equal(tt_bus_inputs_end(fix->bus), 2);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "f1 ");
    assert_int_equal(only_dead(fix), id);
    tt_bus_inputs_begin(fix->bus);
    assert_int_equal(tt_bus_inputs_end(fix->bus), 0);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_OK);
}

static void another_failure_is_one_more_attempt(void **state)
{
    fixture *fix = *state;
    answer = TUTTI_BUSY;
    subscribe(fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
    publish_clock(fix, 5);
    tt_bus_run(fix->bus);
    uint64_t id = only_dead(fix);
    fixture_later(fix, 10);
    answer = TUTTI_IO;
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_int_equal(only_dead(fix), id);
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(fix->bus, id, &dead, NULL), TUTTI_OK);
    assert_int_equal(dead.attempts, 2);
    assert_int_equal(dead.first_failure.ns, T0_NS);
    assert_int_equal(dead.last_failure.ns, T0_NS + 10 * TT_NS_PER_S);
    assert_string_equal(dead.text, tutti_status_text(TUTTI_IO));
    assert_int_equal(fixture_dead(fix).attempts, 2);
    assert_int_equal(fixture_dead(fix).dead_id, id);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).failed, 2);
}

static void a_handler_that_has_gone_gets_nothing(void **state)
{
    fixture *fix = *state;
    answer = TUTTI_BUSY;
    subscribe(fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
    publish_clock(fix, 5);
    tt_bus_run(fix->bus);
    assert_int_equal(tt_bus_unsubscribe(fix->bus, TT_TOPIC_CLOCK, "failing"), 1);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, only_dead(fix)), TUTTI_STATE);
    assert_int_equal(tt_bus_dead_count(fix->bus), 1);
    subscribe(fix, TT_TOPIC_CLOCK, "failing", note); // the name decides, not the handler
    assert_int_equal(tt_bus_dead_redrive(fix->bus, only_dead(fix)), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "f1 n1 ");
}

static void a_message_that_expired_goes_to_all(void **state)
{
    fixture *fix = *state;
    answer = TUTTI_OK;
    subscribe(fix, TT_TOPIC_MARKET_BAR, "one", note);
    subscribe(fix, TT_TOPIC_MARKET_BAR, "two", fail_as_told);
    fixture_publish(fix, TT_TOPIC_MARKET_BAR);
    fixture_later(fix, 301); // it was still queued
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "");
    answer = TUTTI_BUSY;
    assert_int_equal(tt_bus_dead_redrive(fix->bus, only_dead(fix)), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n1 f1 ");
    tt_bus_dead dead; // a letter of its own for the one that failed
    assert_int_equal(tt_bus_dead_get(fix->bus, only_dead(fix), &dead, NULL), TUTTI_OK);
    assert_string_equal(dead.handler, "two");
    assert_int_equal(dead.attempts, 1);
}

static void what_never_was_a_message_becomes_one(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.queue_messages = 1});
    fixture_publish(&fix, TT_TOPIC_CLOCK);
    const tt_clock clock = {.tick = 9};
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.payload = &clock;
    post.key = 3;
    post.correlation = tt_uuid_make(1, 2, 3);
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_LIMIT);
    tt_bus_run(fix.bus);
    uint64_t id = only_dead(&fix);
    fixture_later(&fix, 1);
    tt_seq next = tt_bus_next_seq(fix.bus);
    assert_int_equal(tt_bus_dead_redrive(fix.bus, id), TUTTI_OK);
    const tt_msg *msg = tt_bus_find(fix.bus, TT_TOPIC_CLOCK, next);
    assert_non_null(msg);
    assert_int_equal(TT_PAYLOAD(msg, CLOCK, clock)->tick, 9);
    assert_int_equal(msg->key, 3);
    assert_int_equal(msg->source, TT_SOURCE_FEED);
    assert_true(tt_uuid_eq(msg->correlation, post.correlation));
    assert_int_equal(tt_bus_dead_count(fix.bus), 0);
    tt_arena_fini(&fix.arena);
}

static bool keep_from_all(void *ctx, const tt_msg *msg, const char *subscriber)
{
    (void)ctx;
    (void)msg;
    (void)subscriber;
    return true;
}

static void what_is_blocked_or_guarded_stays(void **state)
{
    fixture *fix = *state;
    answer = TUTTI_BUSY;
    subscribe(fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
    publish_clock(fix, 5);
    tt_bus_run(fix->bus);
    uint64_t id = only_dead(fix);
    answer = TUTTI_OK;
    assert_int_equal(tt_bus_block(fix->bus, last_msg.correlation), TUTTI_OK);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_STATE);
    assert_true(tt_bus_unblock(fix->bus, last_msg.correlation));
    tt_bus_set_guard(fix->bus, keep_from_all, NULL);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_int_equal(only_dead(fix), id);
    assert_string_equal(fix->log, "f1 ");
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(fix->bus, id, &dead, NULL), TUTTI_OK);
    assert_int_equal(dead.attempts, 1);
    assert_false(dead.is_queued);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).guarded, 1);
    tt_bus_set_guard(fix->bus, NULL, NULL);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "f1 f1 ");
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);
}

static void one_for_all_that_is_blocked_at_its_turn_stays(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_MARKET_BAR, "well", note);
    fixture_publish(fix, TT_TOPIC_MARKET_BAR);
    fixture_later(fix, 301);
    tt_bus_run(fix->bus); // expired: for nobody
    uint64_t id = only_dead(fix);
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(fix->bus, id, &dead, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_OK);
    assert_int_equal(tt_bus_block(fix->bus, dead.head.correlation), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_int_equal(only_dead(fix), id);
    assert_string_equal(fix->log, "");
    assert_true(tt_bus_unblock(fix->bus, dead.head.correlation));
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n1 ");
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);
}

static void a_new_refusal_is_kept_anew(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.queue_messages = 1});
    fixture_publish(&fix, TT_TOPIC_CLOCK);
    const tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_LIMIT);
    uint64_t id = only_dead(&fix);
    assert_int_equal(tt_bus_dead_redrive(fix.bus, id), TUTTI_LIMIT); // still no room
    assert_true(only_dead(&fix) != id);
    tt_arena_fini(&fix.arena);
}

static void what_was_not_right_cannot_be_delivered(void **state)
{
    fixture *fix = *state;
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.key = 1000000;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_INVALID);
    uint64_t id = only_dead(fix);
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(fix->bus, id, &dead, NULL), TUTTI_OK);
    assert_int_equal(dead.payload_size, 0);
    assert_int_equal(dead.head.key, 1000000);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, id), TUTTI_INVALID);
    assert_int_equal(tt_bus_dead_discard(fix->bus, id), TUTTI_OK);
    assert_int_equal(tt_bus_dead_discard(fix->bus, id), TUTTI_NOT_FOUND);
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);
}

static uint32_t count_alerts(const fixture *fix, bool is_raised)
{
    uint32_t count = 0;
    for (const tt_msg *msg = tt_bus_history(fix->bus, TT_TOPIC_BUS_ALERTS, NULL); msg;
         msg = tt_bus_history(fix->bus, TT_TOPIC_BUS_ALERTS, msg)) {
        const tt_bus_alert *alert = TT_PAYLOAD(msg, BUS_ALERTS, bus_alert);
        assert_int_equal(alert->alert, TT_bus_alert_type_DEAD_LETTERS_FULL);
        count += alert->is_raised == is_raised;
    }
    return count;
}

static void at_the_bound_the_oldest_leaves_with_an_alert(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.dead_max = 4});
    answer = TUTTI_BUSY;
    subscribe(&fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
    for (uint64_t i = 0; i < 4; i++) {
        publish_clock(&fix, i);
    }
    tt_bus_run(fix.bus);
    assert_int_equal(tt_bus_dead_count(fix.bus), 4);
    assert_int_equal(count_alerts(&fix, true), 0);
    publish_clock(&fix, 4);
    publish_clock(&fix, 5);
    tt_bus_run(fix.bus);
    assert_int_equal(tt_bus_dead_count(fix.bus), 4);
    assert_int_equal(count_alerts(&fix, true), 1); // once, until there is room again
    assert_int_equal(fix.bus->state->dead_lost, 2);
    tt_bus_dead dead;
    assert_true(tt_bus_dead_next(fix.bus, 0, &dead));
    assert_int_equal(dead.head.seq, 3); // the first two have gone
    assert_int_equal(tt_bus_dead_discard(fix.bus, dead.id), TUTTI_OK);
    assert_int_equal(count_alerts(&fix, false), 0);
    assert_true(tt_bus_dead_next(fix.bus, 0, &dead));
    assert_int_equal(tt_bus_dead_discard(fix.bus, dead.id), TUTTI_OK);
    assert_int_equal(count_alerts(&fix, false), 1); // half is free
    tt_arena_fini(&fix.arena);
}

static void what_is_queued_is_not_dropped(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.dead_max = 1});
    answer = TUTTI_BUSY;
    subscribe(&fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
    publish_clock(&fix, 1);
    tt_bus_run(fix.bus);
    uint64_t id = only_dead(&fix);
    assert_int_equal(tt_bus_dead_redrive(fix.bus, id), TUTTI_OK);
    const tt_bus_post bad = fixture_post(TT_TOPIC_NONE);
    assert_int_equal(tt_bus_publish(fix.bus, &bad, NULL), TUTTI_INVALID);
    assert_int_equal(only_dead(&fix), id);
    assert_int_equal(fixture_dead(&fix).dead_id, 0); // the newcomer is told, not kept
    assert_int_equal(fix.bus->state->dead_lost, 1);
    tt_bus_run(fix.bus);
    assert_int_equal(only_dead(&fix), id);
    tt_arena_fini(&fix.arena);
}

/** Throws its own letter away while it is delivered again. */
static tutti_status discard_itself(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    fixture *fix = ctx;
    fixture_note(fix, 'd', msg);
    tt_bus_dead dead;
    if (tt_bus_dead_next(bus, 0, &dead)) {
        assert_int_equal(tt_bus_dead_discard(bus, dead.id), TUTTI_OK);
    }
    return TUTTI_BUSY;
}

static void a_handler_may_throw_away_what_it_gets(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_CLOCK, "own", discard_itself);
    publish_clock(fix, 1);
    tt_bus_run(fix->bus);
    assert_int_equal(tt_bus_dead_redrive(fix->bus, only_dead(fix)), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "d1 d1 ");
    assert_int_equal(tt_bus_dead_count(fix->bus), 0);
}

/** Sends every dead letter back at once: the loop that the depth limit must end. */
static tutti_status redrive_at_once(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    const tt_dead_letter *letter = TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter);
    fixture_note(ctx, 'r', msg);
    tutti_status status = tt_bus_dead_redrive(bus, letter->dead_id);
    assert_true(status == TUTTI_OK || status == TUTTI_LIMIT);
    return TUTTI_OK;
}

static void a_loop_of_redrives_ends_at_the_depth_limit(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.depth_max = 4});
    answer = TUTTI_BUSY;
    subscribe(&fix, TT_TOPIC_CLOCK, "failing", fail_as_told);
    subscribe(&fix, TT_TOPIC_DEAD_LETTERS, "again", redrive_at_once);
    publish_clock(&fix, 1);
    tt_bus_run(fix.bus);
    assert_string_equal(fix.log, "f1 r2 f1 r3 f1 r4 ");
    assert_int_equal(tt_bus_dead_count(fix.bus), 1);
    tt_arena_fini(&fix.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_redrive_keeps_the_bound_of_causes),
        FIXTURE_TEST(a_letter_thrown_away_by_its_handler_stays_away),
        FIXTURE_TEST(a_failed_message_is_kept_whole),
        FIXTURE_TEST(it_goes_again_to_the_handler_that_failed_alone),
        FIXTURE_TEST(it_is_no_input),
        FIXTURE_TEST(another_failure_is_one_more_attempt),
        FIXTURE_TEST(a_handler_that_has_gone_gets_nothing),
        FIXTURE_TEST(a_message_that_expired_goes_to_all),
        cmocka_unit_test(what_never_was_a_message_becomes_one),
        cmocka_unit_test(a_new_refusal_is_kept_anew),
        FIXTURE_TEST(what_is_blocked_or_guarded_stays),
        FIXTURE_TEST(one_for_all_that_is_blocked_at_its_turn_stays),
        FIXTURE_TEST(what_was_not_right_cannot_be_delivered),
        cmocka_unit_test(at_the_bound_the_oldest_leaves_with_an_alert),
        cmocka_unit_test(what_is_queued_is_not_dropped),
        FIXTURE_TEST(a_handler_may_throw_away_what_it_gets),
        cmocka_unit_test(a_loop_of_redrives_ends_at_the_depth_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
