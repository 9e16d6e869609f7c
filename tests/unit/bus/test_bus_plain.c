/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A post that asks for nothing special goes to the bus in registers (tt_bus_publish_plain, or
 * tt_bus_publish_named), all others by pointer: what is published is the same, byte for byte. And
 * what the bus knows of a message that is queued alone without keeping it: its lane, and the length
 * of its chain of causes. Covers: bus_post.h bus_any.c bus_append.h
 */
#include "bus_fixture.h"

/** A bus whose handlers publish, too, all of them one way. */
struct way {
    fixture fix;
    bool is_plain;
    uint32_t left; /**< Messages that handlers may still publish. */
};

static bool is_named(const tt_bus_post *post)
{
    return post->cause != 0 || !tt_uuid_is_zero(post->correlation);
}

/** Asks for the priority that the topic has, so that the general way is taken. */
static tutti_status publish_fully(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
    tt_bus_post asking = *post;
    if ((uint32_t)post->topic - 1 < TT_TOPIC_COUNT - 1) {
        asking.priority = tt_topic_info_get((uint16_t)post->topic)->priority;
        assert_int_not_equal(asking.priority, 0);
    }
    return tt_bus_publish_any(bus, &asking, ret_seq);
}

static tutti_status publish_as(tt_bus *bus, const tt_bus_post *post, bool is_plain, tt_seq *ret_seq)
{
    if (!is_plain) {
        return publish_fully(bus, post, ret_seq);
    }
    uint64_t where = tt_bus_where(post);
    if (is_named(post)) {
        return tt_bus_publish_named(bus, post, where, ret_seq);
    }
    tutti_status status = tt_bus_publish_plain(bus, post->payload, where, post->key, post->flags);
    if (ret_seq && status == TUTTI_OK) {
        *ret_seq = tt_bus_next_seq(bus) - 1;
    }
    return status;
}

/** Gives a post bytes that are not zero, also where no field is, a list that has some items (or one
 * more than it can have), and sometimes a name. The bus reads what is about itself: not that. */
static void dress(tt_bus_post *post, uint32_t number)
{
    static _Alignas(16) unsigned char bytes[8][TT_PAYLOAD_MAX];
    const tt_topic_info *info =
        (uint32_t)post->topic < TT_TOPIC_COUNT ? tt_topic_info_get((uint16_t)post->topic) : NULL;
    if (number % 4 == 1) {
        post->correlation = tt_uuid_make(number, number, number);
    }
    post->cause = number % 5 == 2 ? 1 : 0;
    if (!info || post->topic == TT_TOPIC_NONE || post->topic == TT_TOPIC_DEAD_LETTERS ||
        post->topic == TT_TOPIC_BUS_COMMANDS) {
        return;
    }
    const tt_layout *layout = info->layout;
    unsigned char *payload = bytes[number % 8];
    for (uint32_t i = 0; i < layout->size; i++) {
        payload[i] = (unsigned char)(1 + (i * 7 + number) % 255);
    }
    if (layout->item_size != 0) {
        uint32_t count = number % 29 == 11 ? layout->item_max + 1u : number * 5 % layout->item_max;
        payload[layout->count_offset] = (unsigned char)count;
        if (layout->count_size == 2) {
            payload[layout->count_offset + 1] = (unsigned char)(count >> 8);
        }
    }
    post->payload = payload;
}

/** Publishes one or two messages on the next topics. */
static tutti_status go_on(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct way *way = ctx;
    for (uint32_t i = 0; i < 1 + msg->seq % 2 && way->left != 0; i++) {
        tt_bus_post post = fixture_post((tt_topic)(1 + (msg->topic + i) % (TT_TOPIC_COUNT - 1)));
        post.source = TT_SOURCE_ENGINE;
        post.key = (uint32_t)(msg->seq + i) % 3;
        dress(&post, (uint32_t)msg->seq + i);
        way->left--;
        (void)publish_as(bus, &post, way->is_plain, NULL);
    }
    return TUTTI_OK;
}

static void open_way(struct way *way, bool is_plain)
{
    memset(way, 0, sizeof *way);
    way->is_plain = is_plain;
    fixture_open(&way->fix, &(tt_bus_options){.depth_max = 3});
    for (uint32_t i = 1; i < TT_TOPIC_COUNT; i++) {
        assert_int_equal(
            tt_bus_subscribe(way->fix.bus, (tt_topic)i, "go_on", go_on, way), TUTTI_OK);
    }
}

/** A step with an input, what it causes, and what is published after it. */
static void take_step(struct way *way, uint32_t number)
{
    static const tt_source sources[] = {TT_SOURCE_FEED, TT_SOURCE_NONE, (tt_source)200};
    tt_bus_post post = fixture_post((tt_topic)(number % (TT_TOPIC_COUNT + 2)));
    post.source = number % 11 == 3 ? sources[number % 3] : TT_SOURCE_FEED;
    post.key = number % 13 == 5 ? UINT32_MAX : number % 4;
    post.flags = number % 17 == 2 ? 0 : (uint8_t)TT_MSG_INPUT;
    dress(&post, number);
    way->left = number % 9;
    fixture_later(&way->fix, number % 3);
    (void)publish_as(way->fix.bus, &post, way->is_plain, NULL);
    if (number % 5 == 0) {
        post.flags = number % 2 == 0 ? (uint8_t)TT_MSG_INPUT : 0;
        (void)publish_as(way->fix.bus, &post, way->is_plain, NULL);
    }
    if (number % 7 != 1) { // or it stays queued until the next step
        tt_bus_run(way->fix.bus);
        post = fixture_post(TT_TOPIC_INDICATORS);
        (void)publish_as(way->fix.bus, &post, way->is_plain, NULL);
        tt_bus_run(way->fix.bus);
    }
}

static void assert_same_outbox(const tt_bus *one, const tt_bus *other)
{
    size_t bytes[2];
    const void *outboxes[2] = {tt_bus_outbox(one, &bytes[0]), tt_bus_outbox(other, &bytes[1])};
    assert_int_equal(bytes[0], bytes[1]);
    assert_memory_equal(outboxes[0], outboxes[1], bytes[0]);
}

/** Items of lists that were published, and posts that named something: that the ways were taken. */
static void assert_variety(const tt_bus *bus)
{
    uint32_t listed = 0;
    const tt_msg *msg = NULL;
    for (uint32_t i = 1; i < TT_TOPIC_COUNT; i++) {
        const tt_layout *layout = tt_topic_info_get((uint16_t)i)->layout;
        for (msg = tt_bus_history(bus, (tt_topic)i, NULL); msg && layout->item_size != 0;
             msg = tt_bus_history(bus, (tt_topic)i, msg)) {
            listed += msg->size > layout->fixed_size;
        }
    }
    assert_true(listed > 100);
}

static void both_ways_publish_the_same(void **state)
{
    static struct way ways[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        open_way(&ways[i], i == 0);
    }
    for (uint32_t number = 0; number < 3000; number++) {
        take_step(&ways[0], number);
        take_step(&ways[1], number);
        assert_same_outbox(ways[0].fix.bus, ways[1].fix.bus);
    }
    tt_bus_topic_stats totals;
    tt_bus_totals(ways[0].fix.bus, &totals);
    assert_true(totals.invalid > 100 && totals.too_deep > 100 && totals.delivered > 10000);
    assert_variety(ways[0].fix.bus);
    for (uint32_t i = 0; i < ways[0].fix.core.region_count; i++) {
        const tt_region *one = &ways[0].fix.core.regions[i];
        const tt_region *other = &ways[1].fix.core.regions[i];
        assert_int_equal(one->size, other->size);
        assert_memory_equal(one->data, other->data, one->size);
    }
    tt_arena_fini(&ways[0].fix.arena);
    tt_arena_fini(&ways[1].fix.arena);
}

/** Asks for something, which the compiler cannot know. */
static void a_post_that_asks_is_not_taken_as_plain(void **state)
{
    fixture *fix = *state;
    const uint32_t one = (uint32_t)tt_bus_next_seq(fix->bus); // 1
    const tt_uuid id = tt_uuid_make(one, one, one);
    tt_bus_post posts[7];
    for (uint32_t i = 0; i < 7; i++) {
        posts[i] = fixture_post(TT_TOPIC_INDICATORS);
    }
    posts[0].cause = one;
    posts[1].ttl_ms = 7 * one;
    posts[2].target = (tt_source)(one + 1);
    posts[3].priority = TT_priority_URGENT;
    posts[4].kind = TT_msg_kind_ALERT + 1;
    posts[5].correlation = id;
    posts[6].idempotency = id;
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(tt_bus_publish(fix->bus, &posts[i], NULL), TUTTI_OK);
    }
    const tt_msg *msg = tt_bus_outbox_next(fix->bus, NULL);
    assert_int_equal(msg->cause, one);
    msg = tt_bus_outbox_next(fix->bus, msg);
    assert_int_equal(msg->ttl_ms, 7);
    msg = tt_bus_outbox_next(fix->bus, msg);
    assert_int_equal(msg->target, 2);
    msg = tt_bus_outbox_next(fix->bus, msg);
    assert_int_equal(msg->priority, TT_priority_URGENT);
    msg = tt_bus_outbox_next(fix->bus, msg);
    assert_int_equal(msg->kind, TT_msg_kind_ALERT);
    msg = tt_bus_outbox_next(fix->bus, msg);
    assert_memory_equal(&msg->correlation, &id, sizeof id);
    assert_int_equal(tt_bus_publish(fix->bus, &posts[6], NULL), TUTTI_EXISTS);
}

static uint32_t high_water(fixture *fix, tt_priority priority)
{
    tt_bus_lane_stats stats;
    assert_true(tt_bus_lane_stats_get(fix->bus, priority, &stats));
    return stats.high_water;
}

static void a_message_queued_alone_counts_in_the_lane_that_it_had(void **state)
{
    fixture *fix = *state;
    const tt_priority own = (tt_priority)tt_topic_info_get(TT_TOPIC_INDICATORS)->priority;
    tt_bus_post post = fixture_post(TT_TOPIC_INDICATORS);
    post.priority = TT_priority_URGENT;
    assert_int_not_equal(own, TT_priority_URGENT);
    assert_int_equal(tt_bus_publish_post(fix->bus, &post, NULL), TUTTI_OK);
    tt_bus_run(fix->bus);
    assert_int_equal(high_water(fix, TT_priority_URGENT), 1);
    assert_int_equal(high_water(fix, own), 0); // none of its own priority has come
    for (int i = 0; i < 3; i++) {
        (void)fixture_publish(fix, TT_TOPIC_INDICATORS);
        tt_bus_run(fix->bus);
        assert_int_equal(high_water(fix, own), 1);
    }
}

/** Publishes one message more, and keeps what becomes of it. */
static tutti_status publish_next(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)msg;
    const tt_bus_post post = fixture_post(TT_TOPIC_TA_SIGNALS);
    *(tutti_status *)ctx = tt_bus_publish(bus, &post, NULL);
    return TUTTI_OK;
}

/** What a message is caused by. */
enum parent {
    BY_NOTHING,
    IS_INPUT,
    BY_INPUT, /**< That has been delivered. */
};

/** Publishes a message alone, and tells how its child ends, where chains may have one cause. */
static tutti_status depth_of_a_child(enum parent parent, bool is_left)
{
    static fixture fix;
    tutti_status status = TUTTI_END;
    fixture_open(&fix, &(tt_bus_options){.depth_max = 1});
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_INDICATORS, "next", publish_next, &status), TUTTI_OK);
    if (parent == BY_INPUT) {
        tt_bus_post input = fixture_post(TT_TOPIC_CLOCK);
        input.flags = TT_MSG_INPUT;
        assert_int_equal(tt_bus_publish(fix.bus, &input, NULL), TUTTI_OK);
        tt_bus_run(fix.bus);
    }
    tt_bus_post post = fixture_post(TT_TOPIC_INDICATORS);
    post.flags = parent == IS_INPUT ? (uint8_t)TT_MSG_INPUT : 0;
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    if (is_left) {
        fixture_later(&fix, 0);
    }
    tt_bus_run(fix.bus);
    tt_arena_fini(&fix.arena);
    return status;
}

static void the_chain_of_a_message_queued_alone_is_as_long_as_in_a_lane(void **state)
{
    (void)state;
    for (int is_left = 0; is_left < 2; is_left++) {
        assert_int_equal(depth_of_a_child(BY_NOTHING, is_left != 0), TUTTI_OK);
        assert_int_equal(depth_of_a_child(IS_INPUT, is_left != 0), TUTTI_OK);
        assert_int_equal(depth_of_a_child(BY_INPUT, is_left != 0), TUTTI_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_publish_the_same),
        FIXTURE_TEST(a_post_that_asks_is_not_taken_as_plain),
        FIXTURE_TEST(a_message_queued_alone_counts_in_the_lane_that_it_had),
        cmocka_unit_test(the_chain_of_a_message_queued_alone_is_as_long_as_in_a_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
