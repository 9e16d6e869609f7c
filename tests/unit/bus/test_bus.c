/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Publishing and delivery: order, chains of causes, reentrancy, bounds.
 * Covers: bus_deliver.c
 */
#include "base/uuid.h"
#include "bus_fixture.h"

static tutti_status note_a(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'a', msg);
    return TUTTI_OK;
}

static tutti_status note_b(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'b', msg);
    return TUTTI_OK;
}

static void subscribe(fixture *fix, tt_topic topic, tt_bus_handler_fn handler)
{
    assert_int_equal(tt_bus_subscribe(fix->bus, topic, "test", handler, fix), TUTTI_OK);
}

static void publishing_without_subscribers_delivers_nothing(void **state)
{
    fixture *fix = *state;
    assert_int_equal(fixture_publish(fix, TT_TOPIC_CLOCK), 1);
    tt_bus_run(fix->bus);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).published, 1);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).delivered, 0);
}

static void a_message_keeps_what_was_posted(void **state)
{
    fixture *fix = *state;
    tt_bar bar = {.open = {tt_dec_from_i64(42, 0)}, .feed_seq = 9};
    const tt_bus_post post = {
        .topic = TT_TOPIC_MARKET_BAR,
        .source = TT_SOURCE_MARKET,
        .key = 3,
        .payload = &bar,
        .priority = TT_priority_URGENT,
        .flags = TT_MSG_INPUT,
        .cause = 17,
        .correlation = {{1, 2, 3}},
    };
    tt_seq seq = 0;
    assert_int_equal(tt_bus_next_seq(fix->bus), 1);
    assert_int_equal(tt_bus_publish(fix->bus, &post, &seq), TUTTI_OK);
    assert_int_equal(seq, 1);
    assert_int_equal(tt_bus_next_seq(fix->bus), 2);
    bar.feed_seq = 10; // the message is a value: it does not follow
    const tt_msg *msg = tt_bus_outbox_next(fix->bus, NULL);
    const tt_msg expected = {
        .seq = 1,
        .time = {T0_NS},
        .cause = 17,
        .correlation = {{1, 2, 3}},
        .key = 3,
        .ttl_ms = 300000,
        .topic = TT_TOPIC_MARKET_BAR,
        .source = TT_SOURCE_MARKET,
        .size = sizeof bar,
        .kind = TT_msg_kind_EVENT,
        .priority = TT_priority_URGENT,
        .flags = TT_MSG_INPUT,
    };
    assert_memory_equal(msg, &expected, sizeof expected);
    assert_int_equal(TT_PAYLOAD(msg, MARKET_BAR, bar)->feed_seq, 9);
    const tt_msg *kept = tt_bus_history(fix->bus, TT_TOPIC_MARKET_BAR, NULL);
    assert_memory_equal(kept, msg, tt_msg_bytes(msg));
}

static void defaults_come_from_the_topic(void **state)
{
    fixture *fix = *state;
    fixture_publish(fix, TT_TOPIC_RISK_ALERTS);
    const tt_msg *msg = tt_bus_outbox_next(fix->bus, NULL);
    assert_int_equal(msg->priority, TT_priority_URGENT);
    assert_int_equal(msg->kind, TT_msg_kind_ALERT);
    assert_int_equal(msg->ttl_ms, 300000);
    assert_int_equal(msg->cause, 0);
}

static void handlers_are_called_in_the_order_of_subscription(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_CLOCK, note_b);
    subscribe(fix, TT_TOPIC_CLOCK, note_a);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "b1 a1 b2 a2 ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).delivered, 4);
}

static void lanes_are_emptied_from_urgent_to_low(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_DEAD_LETTERS, note_a);   // low
    subscribe(fix, TT_TOPIC_CLOCK, note_a);          // normal
    subscribe(fix, TT_TOPIC_FILLS, note_a);          // high
    subscribe(fix, TT_TOPIC_SESSION_EVENTS, note_a); // urgent
    fixture_publish(fix, TT_TOPIC_DEAD_LETTERS);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_FILLS);
    fixture_publish(fix, TT_TOPIC_SESSION_EVENTS);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_FILLS);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "a4 a3 a6 a2 a5 a1 ");
}

static void the_priority_of_a_post_chooses_the_lane(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_CLOCK, note_a);
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    for (int priority = TT_priority_LOW; priority <= TT_priority_URGENT; priority++) {
        post.priority = (uint8_t)priority;
        assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    }
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "a4 a3 a2 a1 ");
}

/** Publishes one fill (high) and one clock (normal) on each bar. */
static tutti_status publish_two(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    fixture_note(ctx, 'p', msg);
    const tt_bus_post clock = fixture_post(TT_TOPIC_CLOCK);
    const tt_bus_post fill = fixture_post(TT_TOPIC_FILLS);
    assert_int_equal(tt_bus_publish(bus, &clock, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_publish(bus, &fill, NULL), TUTTI_OK);
    return TUTTI_OK;
}

static void what_a_handler_publishes_waits_its_turn(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_MARKET_BAR, publish_two);
    subscribe(fix, TT_TOPIC_MARKET_BAR, note_b);
    subscribe(fix, TT_TOPIC_CLOCK, note_a);
    subscribe(fix, TT_TOPIC_FILLS, note_a);
    fixture_publish(fix, TT_TOPIC_MARKET_BAR);
    fixture_publish(fix, TT_TOPIC_MARKET_BAR);
    tt_bus_run(fix->bus);
    // No recursion: b sees bar 1 before anything that p published on it. The fills overtake bar 2.
    assert_string_equal(fix->log, "p1 b1 a4 p2 b2 a6 a3 a5 ");
}

/** Does within a handler everything that deadlocked or recursed in systems with a lock. */
static tutti_status use_the_bus(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    fixture *fix = ctx;
    fixture_note(fix, 'u', msg);
    assert_ptr_equal(tt_bus_current(bus), msg);
    if (msg->seq == 1) {
        assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_CLOCK, "late", note_b, fix), TUTTI_OK);
        fixture_publish(fix, TT_TOPIC_CLOCK);
        tt_bus_run(bus); // nothing happens: there is no recursion
        assert_string_equal(fix->log, "u1 ");
    }
    assert_int_equal(tt_bus_latest(bus, TT_TOPIC_CLOCK, TT_SOURCE_NONE, 0, (tt_dur){0})->seq, 2);
    assert_int_equal(tt_bus_history(bus, TT_TOPIC_CLOCK, NULL)->seq, 2);
    assert_non_null(tt_bus_find(bus, TT_TOPIC_CLOCK, 1));
    assert_int_equal(tt_bus_subscriber_count(bus, TT_TOPIC_CLOCK), 3);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).published, 2);
    return TUTTI_OK;
}

static void a_handler_may_publish_subscribe_and_read(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_CLOCK, use_the_bus);
    subscribe(fix, TT_TOPIC_CLOCK, note_a);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    // b came during the delivery of 1: it does not get 1, but 2.
    assert_string_equal(fix->log, "u1 a1 u2 a2 b2 ");
    assert_null(tt_bus_current(fix->bus));
}

static tutti_status unsubscribe_both(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    fixture_note(ctx, 'x', msg);
    assert_int_equal(tt_bus_unsubscribe(bus, TT_TOPIC_CLOCK, "gone"), msg->seq == 1 ? 2 : 0);
    return TUTTI_OK;
}

static void who_unsubscribes_in_a_delivery_still_gets_that_message(void **state)
{
    fixture *fix = *state;
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "gone", unsubscribe_both, fix), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "stays", note_a, fix), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "gone", note_b, fix), TUTTI_OK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "x1 a1 b1 a2 ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).delivered, 4);
    assert_int_equal(tt_bus_subscriber_count(fix->bus, TT_TOPIC_CLOCK), 1);
}

static tt_bus_match is_urgent(void *ctx, const tt_msg *msg)
{
    (void)ctx;
    return msg->priority == TT_priority_URGENT;
}

static tt_bus_match is_of_key_2(void *ctx, const tt_msg *msg)
{
    (void)ctx;
    return msg->key == 2;
}

static void a_filter_lets_through_what_it_wants(void **state)
{
    fixture *fix = *state;
    assert_int_equal(
        tt_bus_subscribe_filtered(fix->bus, TT_TOPIC_RISK_ALERTS, "urgent", note_a, is_urgent, fix),
        TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe_filtered(fix->bus, TT_TOPIC_RISK_ALERTS, "key", note_b, is_of_key_2, fix),
        TUTTI_OK);
    tt_bus_post post = fixture_post(TT_TOPIC_RISK_ALERTS);
    post.priority = TT_priority_NORMAL;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    post.key = 2;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    post.priority = TT_priority_URGENT;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "a3 b3 b2 ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_RISK_ALERTS).delivered, 3);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_RISK_ALERTS).failed, 0);
}

static tutti_status chain(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    fixture_note(ctx, 'c', msg);
    tt_bus_post post = fixture_post(TT_TOPIC_CONSENSUS);
    post.source = TT_SOURCE_COORDINATOR;
    assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_OK);
    post.cause = 1;
    post.correlation.bytes[15] = 9;
    assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_OK);
    return TUTTI_OK;
}

static void cause_and_correlation_are_inherited_or_given(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_TRADING_SIGNALS, chain);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_TRADING_SIGNALS);
    tt_bus_run(fix->bus);
    const tt_msg *clock = tt_bus_outbox_next(fix->bus, NULL);
    const tt_msg *signal = tt_bus_outbox_next(fix->bus, clock);
    const tt_msg *inherited = tt_bus_outbox_next(fix->bus, signal);
    const tt_msg *given = tt_bus_outbox_next(fix->bus, inherited);
    assert_null(tt_bus_outbox_next(fix->bus, given));
    assert_int_equal(signal->cause, 0);
    assert_false(tt_uuid_eq(signal->correlation, clock->correlation)); // two chains
    assert_int_equal(inherited->cause, 2);
    assert_true(tt_uuid_eq(inherited->correlation, signal->correlation));
    assert_int_equal(given->cause, 1);
    assert_int_equal(given->correlation.bytes[15], 9);
}

static void a_new_chain_gets_an_id_of_time_and_sequence(void **state)
{
    fixture *fix = *state;
    tt_bus_begin(fix->bus, (tt_time){T0_NS + 500 * TT_NS_PER_MS + 250000}); // a quarter ms
    tt_bus_set_next_seq(fix->bus, 0x1234);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    const tt_msg *msg = tt_bus_outbox_next(fix->bus, NULL);
    char text[TT_UUID_TEXT_MAX];
    (void)tt_uuid_format(msg->correlation, text);
    // 1700000000500 ms = 0x18bcfe56af4; 0.25 x 4096 = 0x400; variant 10.
    assert_string_equal(text, "018bcfe5-69f4-7400-8000-000000001234");
    assert_int_equal(msg->seq, 0x1234);
}

static void outside_a_delivery_the_input_of_the_step_is_the_parent(void **state)
{
    fixture *fix = *state;
    tt_bus_post input = fixture_post(TT_TOPIC_CLOCK);
    input.flags = TT_MSG_INPUT;
    assert_int_equal(tt_bus_publish(fix->bus, &input, NULL), TUTTI_OK);
    fixture_publish(fix, TT_TOPIC_AGENT_CALLS); // as the handler of a timer does
    tt_bus_run(fix->bus);
    fixture_publish(fix, TT_TOPIC_SYSTEM_EVENTS);
    assert_int_equal(tt_bus_publish(fix->bus, &input, NULL), TUTTI_OK); // a second one
    const tt_msg *first = tt_bus_outbox_next(fix->bus, NULL);
    const tt_msg *call = tt_bus_outbox_next(fix->bus, first);
    const tt_msg *event = tt_bus_outbox_next(fix->bus, call);
    const tt_msg *second = tt_bus_outbox_next(fix->bus, event);
    assert_int_equal(call->cause, 1);
    assert_true(tt_uuid_eq(call->correlation, first->correlation));
    assert_int_equal(event->cause, 1);
    assert_int_equal(second->cause, 0);
    assert_false(tt_uuid_eq(second->correlation, first->correlation));
    fixture_later(fix, 1);
    fixture_publish(fix, TT_TOPIC_AGENT_CALLS);
    assert_int_equal(tt_bus_outbox_next(fix->bus, NULL)->cause, 0); // another step
}

static void the_outbox_holds_the_step_and_no_more(void **state)
{
    fixture *fix = *state;
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_MARKET_BAR);
    size_t bytes = 0;
    const void *outbox = tt_bus_outbox(fix->bus, &bytes);
    assert_int_equal(bytes, 64 + 16 + 64 + 112);
    assert_ptr_equal(outbox, tt_bus_outbox_next(fix->bus, NULL));
    tt_bus_run(fix->bus);
    fixture_later(fix, 0);
    (void)tt_bus_outbox(fix->bus, &bytes);
    assert_int_equal(bytes, 0);
    assert_null(tt_bus_outbox_next(fix->bus, NULL));
    assert_int_equal(fixture_publish(fix, TT_TOPIC_CLOCK), 3);
}

static void only_the_used_items_of_a_list_are_carried(void **state)
{
    fixture *fix = *state;
    tt_depth depth = {.count = 2, .is_last = 1};
    memset(depth.levels, 0xEE, sizeof depth.levels);
    tt_bus_post post = fixture_post(TT_TOPIC_MARKET_DEPTH);
    post.payload = &depth;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    const tt_msg *msg = tt_bus_outbox_next(fix->bus, NULL);
    assert_int_equal(msg->size, 48 + 2 * 48);
    assert_memory_equal(tt_msg_payload(msg), &depth, msg->size);
    const tt_msg *kept = tt_bus_history(fix->bus, TT_TOPIC_MARKET_DEPTH, NULL);
    assert_memory_equal(kept, msg, tt_msg_bytes(msg));
}

static void a_list_of_bytes_is_filled_up_with_zeros(void **state)
{
    fixture *fix = *state;
    tt_agent_answer answer = {.count = 16};
    memset(answer.body, 0xEE, sizeof answer.body);
    tt_bus_post post = fixture_post(TT_TOPIC_AGENT_ANSWERS);
    post.payload = &answer;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    tt_bus_run(fix->bus);
    fixture_later(fix, 1); // the next step uses memory that is not zero
    answer.count = 3;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    const tt_msg *msg = tt_bus_outbox_next(fix->bus, NULL);
    const unsigned char *body = (const unsigned char *)tt_msg_payload(msg) + 208;
    assert_int_equal(msg->size, 224);
    assert_memory_equal(body, "\xEE\xEE\xEE\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    const tt_msg *kept = tt_bus_history(fix->bus, TT_TOPIC_AGENT_ANSWERS, NULL);
    assert_memory_equal(kept, msg, tt_msg_bytes(msg));
}

static void
expect_refusal(fixture *fix, const tt_bus_post *post, tutti_status status, tt_dead_reason reason)
{
    tt_seq seq = 77;
    tt_seq next = tt_bus_next_seq(fix->bus);
    assert_int_equal(tt_bus_publish(fix->bus, post, &seq), status);
    assert_int_equal(seq, 77);
    assert_int_equal(tt_bus_next_seq(fix->bus), next + 1); // the dead letter alone
    const tt_dead_letter letter = fixture_dead(fix);
    assert_int_equal(letter.reason, reason);
    assert_int_equal(letter.dead_seq, 0);
    assert_true(strlen(letter.message) > 0);
    if ((uint32_t)post->topic < TT_TOPIC_COUNT) {
        assert_int_equal(letter.dead_topic, post->topic);
    }
}

static void what_is_not_a_message_is_refused(void **state)
{
    fixture *fix = *state;
    tt_bus_post post = fixture_post(TT_TOPIC_NONE);
    expect_refusal(fix, &post, TUTTI_INVALID, TT_dead_reason_INVALID_INPUT);
    post.topic = TT_TOPIC_COUNT;
    expect_refusal(fix, &post, TUTTI_INVALID, TT_dead_reason_INVALID_INPUT);
    assert_int_equal(fixture_dead(fix).dead_topic, TT_TOPIC_NONE);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_NONE).invalid, 2);
    post = fixture_post(TT_TOPIC_CLOCK);
    post.source = TT_SOURCE_NONE;
    expect_refusal(fix, &post, TUTTI_INVALID, TT_dead_reason_INVALID_INPUT);
    post.source = TT_SOURCE_COUNT;
    expect_refusal(fix, &post, TUTTI_INVALID, TT_dead_reason_INVALID_INPUT);
    post = fixture_post(TT_TOPIC_CLOCK);
    post.key = TT_INSTRUMENTS_MAX + 1;
    expect_refusal(fix, &post, TUTTI_INVALID, TT_dead_reason_INVALID_INPUT);
    post.key = 0;
    post.priority = TT_priority_COUNT;
    expect_refusal(fix, &post, TUTTI_INVALID, TT_dead_reason_INVALID_INPUT);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).invalid, 4);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).published, 0);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).history_count, 0);
}

static void a_list_beyond_its_capacity_is_refused(void **state)
{
    fixture *fix = *state;
    tt_depth depth = {.count = TT_MAX_depth_level + 1};
    tt_bus_post post = fixture_post(TT_TOPIC_MARKET_DEPTH);
    post.payload = &depth;
    expect_refusal(fix, &post, TUTTI_INVALID, TT_dead_reason_INVALID_INPUT);
    assert_null(tt_bus_history(fix->bus, TT_TOPIC_MARKET_DEPTH, NULL));
}

static void a_full_lane_refuses_and_says_so(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.queue_messages = 3});
    subscribe(&small, TT_TOPIC_CLOCK, note_a);
    for (int i = 0; i < 3; i++) {
        fixture_publish(&small, TT_TOPIC_CLOCK);
    }
    const tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    expect_refusal(&small, &post, TUTTI_LIMIT, TT_dead_reason_QUEUE_FULL);
    fixture_publish(&small, TT_TOPIC_FILLS); // another lane has room
    assert_int_equal(fixture_stats(&small, TT_TOPIC_CLOCK).dropped, 1);
    assert_int_equal(fixture_stats(&small, TT_TOPIC_CLOCK).dead_lettered, 1);
    tt_bus_run(small.bus);
    assert_string_equal(small.log, "a1 a2 a3 ");
    fixture_publish(&small, TT_TOPIC_CLOCK);
    assert_int_equal(tt_bus_queue_high_water(small.bus), 5);
    tt_arena_fini(&small.arena);
}

static void a_message_alone_in_the_queue_counts_and_gives_way(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.queue_messages = 1});
    subscribe(&small, TT_TOPIC_CLOCK, note_a);
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.priority = TT_priority_LOW;
    assert_int_equal(tt_bus_publish(small.bus, &post, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_queue_high_water(small.bus), 1);
    assert_int_equal(tt_bus_publish(small.bus, &post, NULL), TUTTI_LIMIT); // its lane is full
    tt_bus_begin(small.bus, tt_bus_now(small.bus));
    post.priority = TT_priority_NORMAL;
    assert_int_equal(tt_bus_publish(small.bus, &post, NULL), TUTTI_OK);
    tt_bus_run(small.bus);
    assert_string_equal(small.log, "a3 a1 ");
    assert_int_equal(tt_bus_publish(small.bus, &post, NULL), TUTTI_OK);
    tt_bus_begin(
        small.bus, tt_bus_now(small.bus)); // it stays queued, and where it is in the outbox
    tt_bus_run(small.bus);
    assert_string_equal(small.log, "a3 a1 a4 ");
    tt_arena_fini(&small.arena);
}

static void a_full_outbox_refuses_and_says_so(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.outbox_bytes = 4096});
    for (int i = 0; i < 4096 / 80; i++) { // 51 clocks of 80 bytes, 16 bytes are left
        fixture_publish(&small, TT_TOPIC_CLOCK);
    }
    const tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    expect_refusal(&small, &post, TUTTI_LIMIT, TT_dead_reason_QUEUE_FULL);
    tt_bus_run(small.bus);
    expect_refusal(&small, &post, TUTTI_LIMIT, TT_dead_reason_QUEUE_FULL); // until the step ends
    tt_bus_run(small.bus);
    fixture_later(&small, 1);
    fixture_publish(&small, TT_TOPIC_CLOCK);
    tt_arena_fini(&small.arena);
}

static void the_outbox_is_filled_to_its_last_byte(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.outbox_bytes = 4160});
    for (int i = 0; i < 52; i++) {
        fixture_publish(&small, TT_TOPIC_CLOCK);
    }
    size_t bytes = 0;
    (void)tt_bus_outbox(small.bus, &bytes);
    assert_int_equal(bytes, 4160);
    tt_arena_fini(&small.arena);
}

/** Publishes on the topic that it hears: a chain without end. */
static tutti_status repeat(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    fixture *fix = ctx;
    fixture_note(fix, 'r', msg);
    const tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    tutti_status status = tt_bus_publish(bus, &post, NULL);
    assert_true(status == TUTTI_OK || status == TUTTI_LIMIT);
    return TUTTI_OK;
}

static void a_chain_without_end_is_cut(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.depth_max = 3});
    subscribe(&small, TT_TOPIC_CLOCK, repeat);
    subscribe(&small, TT_TOPIC_DEAD_LETTERS, note_b);
    fixture_publish(&small, TT_TOPIC_CLOCK);
    tt_bus_run(small.bus);
    assert_string_equal(small.log, "r1 r2 r3 r4 b5 "); // three causes behind the fourth
    assert_int_equal(fixture_dead(&small).reason, TT_dead_reason_DEPTH_LIMIT);
    assert_int_equal(tt_bus_history(small.bus, TT_TOPIC_DEAD_LETTERS, NULL)->cause, 4);
    assert_int_equal(fixture_stats(&small, TT_TOPIC_CLOCK).dropped, 1);
    fixture_later(&small, 1);
    fixture_publish(&small, TT_TOPIC_CLOCK); // the next step starts afresh
    tt_bus_run(small.bus);
    assert_int_equal(fixture_stats(&small, TT_TOPIC_CLOCK).published, 8);
    tt_arena_fini(&small.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(publishing_without_subscribers_delivers_nothing),
        FIXTURE_TEST(a_message_keeps_what_was_posted),
        FIXTURE_TEST(defaults_come_from_the_topic),
        FIXTURE_TEST(handlers_are_called_in_the_order_of_subscription),
        FIXTURE_TEST(lanes_are_emptied_from_urgent_to_low),
        FIXTURE_TEST(the_priority_of_a_post_chooses_the_lane),
        FIXTURE_TEST(what_a_handler_publishes_waits_its_turn),
        FIXTURE_TEST(a_handler_may_publish_subscribe_and_read),
        FIXTURE_TEST(who_unsubscribes_in_a_delivery_still_gets_that_message),
        FIXTURE_TEST(a_filter_lets_through_what_it_wants),
        FIXTURE_TEST(cause_and_correlation_are_inherited_or_given),
        FIXTURE_TEST(a_new_chain_gets_an_id_of_time_and_sequence),
        FIXTURE_TEST(outside_a_delivery_the_input_of_the_step_is_the_parent),
        FIXTURE_TEST(the_outbox_holds_the_step_and_no_more),
        FIXTURE_TEST(only_the_used_items_of_a_list_are_carried),
        FIXTURE_TEST(a_list_of_bytes_is_filled_up_with_zeros),
        FIXTURE_TEST(what_is_not_a_message_is_refused),
        FIXTURE_TEST(a_list_beyond_its_capacity_is_refused),
        cmocka_unit_test(a_full_lane_refuses_and_says_so),
        cmocka_unit_test(a_message_alone_in_the_queue_counts_and_gives_way),
        cmocka_unit_test(a_full_outbox_refuses_and_says_so),
        cmocka_unit_test(the_outbox_is_filled_to_its_last_byte),
        cmocka_unit_test(a_chain_without_end_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
