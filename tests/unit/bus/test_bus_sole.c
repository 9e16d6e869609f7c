/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A topic whose messages are all of one source and key has no index until another one comes. What
 * can be read of it is the same as with one: two buses get the same messages, and one of them keeps
 * its index from the start.
 * Covers: bus_keep.c bus_expire.c bus_history.c bus_append.h
 */
#include "base/random.h"
#include "bus_check.h"
#include "bus_twins.h"

enum {
    KEPT = 5,
    KEYS = 3,
    SEEDS = 100
};

static const tt_source sources[] = {TT_SOURCE_FEED, TT_SOURCE_ENGINE};
enum {
    SOURCES = sizeof sources / sizeof sources[0]
};

static tt_topic open_bus(fixture *fix, uint32_t history)
{
    const tt_bus_options options = {.topics_max = 2, .topic_bytes = 1u << 20, .sources_max = 2};
    fixture_open(fix, &options);
    return twins_declare(fix, "sole.test", history, KEYS);
}

/** Tells whether nothing has been written to the index of a topic. */
static bool has_no_index(const fixture *fix, tt_topic id)
{
    const struct topic *topic = topic_of(fix, id);
    for (uint32_t i = 0; i < slot_count(topic); i++) {
        const struct slot_link none = {.at = i};
        if (memcmp(&topic->links[i], &none, sizeof none) != 0) {
            return false;
        }
    }
    for (uint32_t i = 0; i < topic->source_max * topic->key_count; i++) {
        if (latest_of(topic)[i] != 0) {
            return false;
        }
    }
    return true;
}

static uint32_t pair_of(const fixture *fix, tt_source source, uint32_t key)
{
    return pair_index(fix->bus, (uint32_t)source, key);
}

static void one_pair_needs_no_index(void **state)
{
    (void)state;
    fixture fix;
    tt_topic topic = open_bus(&fix, KEPT);
    tt_seq seq = 0;
    for (uint32_t i = 1; i <= 3 * KEPT; i++) {
        seq = fixture_publish_keyed(&fix, topic, TT_SOURCE_FEED, 1);
        assert_true(has_no_index(&fix, topic));
        assert_int_equal(state_at(&fix, topic)->sole_pair, pair_of(&fix, TT_SOURCE_FEED, 1));
        assert_int_equal(state_at(&fix, topic)->ring_count, i < KEPT ? i : KEPT);
        assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_FEED, 1), seq);
        assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_NONE, 1), seq);
        assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_NONE, 0), 0);
        assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_NONE, 2), 0);
        assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_ENGINE, 1), 0);
    }
    const tt_msg *msg = NULL;
    for (uint32_t i = 0; i < KEPT; i++) {
        msg = tt_bus_history(fix.bus, topic, msg);
        assert_int_equal(msg->seq, seq - i);
        assert_ptr_equal(tt_bus_find(fix.bus, topic, seq - i), msg);
    }
    assert_null(tt_bus_history(fix.bus, topic, msg));
    assert_null(tt_bus_find(fix.bus, topic, seq - KEPT));
    tt_arena_fini(&fix.arena);
}

/** Fills a topic with one pair, then publishes what needs the index. */
static void expect_index_after(tt_source source, uint32_t key, uint32_t ttl_ms)
{
    fixture fix;
    tt_topic topic = open_bus(&fix, KEPT);
    tt_seq seq = 0;
    for (uint32_t i = 0; i < KEPT + 2; i++) {
        seq = fixture_publish_keyed(&fix, topic, TT_SOURCE_FEED, 1);
    }
    assert_true(has_no_index(&fix, topic));
    tt_bus_post post = fixture_post(topic);
    post.source = source;
    post.key = key;
    post.ttl_ms = ttl_ms;
    tt_seq last = 0;
    assert_int_equal(tt_bus_publish(fix.bus, &post, &last), TUTTI_OK);
    assert_int_equal(state_at(&fix, topic)->sole_pair, PAIR_MANY);
    assert_false(has_no_index(&fix, topic));
    assert_int_equal(latest_seq(&fix, topic, source, key), last);
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_NONE, key), last);
    bool is_same = source == TT_SOURCE_FEED && key == 1;
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_FEED, 1), is_same ? last : seq);
    for (uint32_t i = 0; i < KEPT; i++) {
        assert_non_null(tt_bus_find(fix.bus, topic, last - i));
    }
    assert_null(tt_bus_find(fix.bus, topic, last - KEPT));
    tt_arena_fini(&fix.arena);
}

static void another_message_makes_the_index(void **state)
{
    (void)state;
    expect_index_after(TT_SOURCE_FEED, 2, 0);
    expect_index_after(TT_SOURCE_ENGINE, 1, 0);
    expect_index_after(TT_SOURCE_FEED, 1, TWINS_TTL_MS + 1);
    expect_index_after(TT_SOURCE_FEED, 1, TT_TTL_NEVER);
}

static void what_holds_nothing_may_have_another_pair(void **state)
{
    (void)state;
    fixture fix;
    tt_topic topic = open_bus(&fix, KEPT);
    (void)fixture_publish_keyed(&fix, topic, TT_SOURCE_FEED, 1);
    (void)fixture_publish_keyed(&fix, topic, TT_SOURCE_FEED, 1);
    tt_bus_run(fix.bus);
    assert_int_equal(tt_bus_clear_history(fix.bus, topic), 2);
    assert_int_equal(state_at(&fix, topic)->sole_pair, PAIR_NONE);
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_FEED, 1), 0);
    (void)fixture_publish_keyed(&fix, topic, TT_SOURCE_FEED, 2);
    assert_int_equal(state_at(&fix, topic)->sole_pair, pair_of(&fix, TT_SOURCE_FEED, 2));
    tt_bus_run(fix.bus);
    fixture_later(&fix, TWINS_TTL_MS / 1000);
    tt_seq seq = fixture_publish_keyed(&fix, topic, TT_SOURCE_FEED, 2);
    tt_bus_run(fix.bus);
    fixture_later(&fix, 1); // the former one has expired
    assert_int_equal(state_at(&fix, topic)->ring_count, 1);
    assert_int_equal(state_at(&fix, topic)->aged_out, 1);
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_FEED, 2), seq);
    fixture_later(&fix, TWINS_TTL_MS / 1000);
    assert_int_equal(state_at(&fix, topic)->ring_count, 0);
    assert_int_equal(state_at(&fix, topic)->aged_out, 2);
    assert_int_equal(state_at(&fix, topic)->sole_pair, PAIR_NONE);
    (void)fixture_publish_keyed(&fix, topic, TT_SOURCE_ENGINE, 0);
    assert_int_equal(state_at(&fix, topic)->sole_pair, pair_of(&fix, TT_SOURCE_ENGINE, 0));
    assert_true(has_no_index(&fix, topic));
    tt_arena_fini(&fix.arena);
}

static void a_long_history_has_its_index_from_the_start(void **state)
{
    (void)state;
    fixture fix;
    tt_topic topic = open_bus(&fix, SOLE_HISTORY_MAX);
    assert_int_equal(state_at(&fix, topic)->sole_pair, PAIR_NONE);
    topic = twins_declare(&fix, "sole.long", SOLE_HISTORY_MAX + 1, KEYS);
    assert_int_equal(state_at(&fix, topic)->sole_pair, PAIR_MANY);
    tt_arena_fini(&fix.arena);
}

/** Something that happens to the topic: mostly one more message of its pair. */
static void do_something(fixture fixes[2], tt_topic topic, tt_random *random, uint32_t variety)
{
    tt_bus_post post = fixture_post(topic);
    const uint64_t payload[2] = {tt_random_below(random, 1000), 1};
    uint64_t what = tt_random_below(random, variety);
    post.payload = payload;
    post.source = what == 0 ? sources[tt_random_below(random, SOURCES)] : TT_SOURCE_FEED;
    post.key = what == 1 ? (uint32_t)tt_random_below(random, KEYS) : 1;
    post.ttl_ms = what == 2 ? 1000u + (uint32_t)tt_random_below(random, 4000) : 0;
    if (what == 3) {
        assert_int_equal(
            tt_bus_clear_history(fixes[0].bus, topic), tt_bus_clear_history(fixes[1].bus, topic));
    } else if (tt_random_below(random, 4) != 0) {
        publish_both(fixes, &post);
    }
    int64_t pause_s = tt_random_below(random, 8) == 0 ? (int64_t)tt_random_below(random, 6) : 0;
    fixture_later(&fixes[0], pause_s);
    fixture_later(&fixes[1], pause_s);
}

/** Returns how often it was read without an index. */
static uint32_t expect_both_ways_the_same(uint64_t seed)
{
    static fixture fixes[2];
    tt_random random;
    tt_random_init(&random, seed, 0);
    tt_topic topic = open_bus(&fixes[0], KEPT);
    assert_int_equal(open_bus(&fixes[1], KEPT), topic);
    tt_bus_index(topic_of(&fixes[1], topic)); // from the start
    uint32_t sole = 0;
    uint32_t steps = 1 + (uint32_t)tt_random_below(&random, 60);
    for (uint32_t i = 0; i < steps; i++) {
        do_something(fixes, topic, &random, 40);
        expect_same(fixes, topic);
        expect_same_latest(fixes, topic, sources, 3 * KEPT);
        check_kept(fixes[0].bus, topic_of(&fixes[0], topic));
        check_kept(fixes[1].bus, topic_of(&fixes[1], topic));
        sole += state_at(&fixes[0], topic)->sole_pair != PAIR_MANY;
        assert_int_equal(state_at(&fixes[1], topic)->sole_pair, PAIR_MANY);
    }
    tt_arena_fini(&fixes[0].arena);
    tt_arena_fini(&fixes[1].arena);
    return sole;
}

static void what_can_be_read_is_the_same_with_an_index(void **state)
{
    (void)state;
    uint32_t sole = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        sole += expect_both_ways_the_same(seed);
    }
    assert_in_range(sole, SEEDS * 5, SEEDS * 25); // of some 30 each
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_pair_needs_no_index),
        cmocka_unit_test(another_message_makes_the_index),
        cmocka_unit_test(what_holds_nothing_may_have_another_pair),
        cmocka_unit_test(a_long_history_has_its_index_from_the_start),
        cmocka_unit_test(what_can_be_read_is_the_same_with_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
