/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A topic whose messages are all of one source has no index, however many keys they have, as long
 * as few are kept. What can be read of it is the same as with one: two buses get the same messages,
 * and one of them keeps its index from the start.
 * Covers: bus_keyed.c bus_keep.c bus_expire.c bus_history.c bus_append.h
 */
#include "base/random.h"
#include "bus_check.h"
#include "bus_twins.h"

enum {
    KEYS = 4,
    KEPT = 2 * KEYS,
    TIMERS = 2, /**< For messages of their own age: fewer than may be pinned. */
    SEEDS = 150
};

static const tt_source sources[] = {TT_SOURCE_FEED, TT_SOURCE_ENGINE};

static tt_topic open_bus(fixture *fix)
{
    const tt_bus_options options = {
        .topics_max = 8, .topic_bytes = 1u << 20, .sources_max = 2, .expiry_max = TIMERS};
    fixture_open(fix, &options);
    return twins_declare(fix, "keyed.test", KEPT, KEYS);
}

static tt_seq publish(fixture *fix, tt_topic topic, uint32_t key)
{
    tt_seq seq = fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, key);
    tt_bus_run(fix->bus);
    check_kept(fix->bus, topic_of(fix, topic));
    return seq;
}

static void expect_keyed(const fixture *fix, tt_topic topic, bool is_so)
{
    assert_int_equal(is_keyed(topic_of(fix, topic)), is_so);
}

static void another_key_makes_no_index(void **state)
{
    (void)state;
    fixture fix;
    tt_topic topic = open_bus(&fix);
    tt_seq latest[KEYS] = {0};
    for (uint32_t i = 0; i < 5 * KEPT; i++) {
        uint32_t key = i < 3 ? 1 : i % KEYS;
        latest[key] = publish(&fix, topic, key);
        expect_keyed(&fix, topic, i >= 3);
        for (uint32_t j = 0; j < KEYS; j++) {
            assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_FEED, j), latest[j]);
            assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_NONE, j), latest[j]);
            assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_ENGINE, j), 0);
            const tt_bus_newest newest = tt_bus_newest_of(fix.bus, topic, j);
            const tt_msg *msg = tt_bus_newest_msg(&newest);
            assert_int_equal(msg ? msg->seq : 0, latest[j]);
        }
        assert_int_equal(state_at(&fix, topic)->ring_count, i < KEPT ? i + 1 : KEPT);
        assert_int_equal(state_at(&fix, topic)->pin_count, 0);
    }
    tt_arena_fini(&fix.arena);
}

/** Lets the ring go by the only message of key 2; returns its number. */
static tt_seq pin_one(fixture *fix, tt_topic topic, uint64_t number)
{
    tt_bus_post post = fixture_post(topic);
    const uint64_t payload[2] = {number, ~number};
    tt_seq seq = 0;
    publish(fix, topic, 1);
    publish(fix, topic, 1);
    post.payload = payload;
    post.key = 2;
    assert_int_equal(tt_bus_publish(fix->bus, &post, &seq), TUTTI_OK);
    for (uint32_t i = 0; i < KEPT; i++) {
        assert_int_equal(state_at(fix, topic)->pin_count, 0);
        publish(fix, topic, i & 1);
    }
    assert_int_equal(state_at(fix, topic)->pin_count, 1);
    expect_keyed(fix, topic, true);
    return seq;
}

/** The first place from `place` on that holds the newest message of a key. */
static uint32_t next_newest(const fixture *fix, tt_topic topic, uint32_t place)
{
    for (uint32_t i = 0; i < KEPT; i++) {
        for (uint32_t key = 0; key < KEYS; key++) {
            if (topic_of(fix, topic)->newest[key] == (place + i) % KEPT + 1) {
                return (place + i) % KEPT;
            }
        }
    }
    return KEPT;
}

static void the_ring_is_looked_at_when_a_latest_message_is_next(void **state)
{
    (void)state;
    fixture fix;
    tt_topic topic = open_bus(&fix);
    const struct topic_state *kept = state_at(&fix, topic);
    (void)pin_one(&fix, topic, 1); // it has just been looked at
    assert_int_equal(kept->next_slot, next_newest(&fix, topic, kept->ring_head));
    uint32_t place = kept->next_slot;
    for (uint32_t i = 0; kept->ring_head != place; i++) {
        assert_int_equal(kept->next_slot, place);
        publish(&fix, topic, 1);
    }
    publish(&fix, topic, 1); // pins the last one of key 0
    assert_int_equal(kept->pin_count, 2);
    assert_int_equal(kept->next_slot, place);
    tt_arena_fini(&fix.arena);
}

static void the_latest_of_a_slow_key_is_pinned(void **state)
{
    (void)state;
    fixture fix;
    tt_topic topic = open_bus(&fix);
    tt_seq seq = pin_one(&fix, topic, 77);
    for (uint32_t i = 0; i < 3 * KEPT; i++) {
        publish(&fix, topic, i & 1);
        const tt_msg *msg = fixture_latest(&fix, topic, TT_SOURCE_FEED, 2);
        assert_non_null(msg);
        assert_int_equal(msg->seq, seq);
        const uint64_t *words = tt_msg_payload(msg);
        assert_int_equal(words[0], 77);
        assert_int_equal(words[1], ~UINT64_C(77));
        assert_ptr_equal(tt_bus_find(fix.bus, topic, seq), msg);
    }
    assert_int_equal(state_at(&fix, topic)->pin_count, 1);
    assert_int_equal(fixture_stats(&fix, topic).history_count, KEPT);
    tt_seq next = publish(&fix, topic, 2);
    assert_int_equal(state_at(&fix, topic)->pin_count, 0);
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_FEED, 2), next);
    assert_null(tt_bus_find(fix.bus, topic, seq));
    expect_keyed(&fix, topic, true);
    tt_arena_fini(&fix.arena);
}

static void a_pinned_message_leaves_by_its_age(void **state)
{
    (void)state;
    fixture fix;
    tt_topic topic = open_bus(&fix);
    tt_seq seq = pin_one(&fix, topic, 1);
    fixture_later(&fix, TWINS_TTL_MS / 1000);
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_NONE, 2), seq);
    tt_bus_begin(fix.bus, (tt_time){tt_bus_now(fix.bus).ns + TT_NS_PER_MS});
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_NONE, 2), 0);
    assert_null(tt_bus_find(fix.bus, topic, seq));
    assert_int_equal(state_at(&fix, topic)->pin_count, 0);
    assert_int_equal(state_at(&fix, topic)->ring_count, 0);
    assert_int_equal(state_at(&fix, topic)->aged_out, KEPT + 1);
    assert_int_equal(state_at(&fix, topic)->sole_pair, PAIR_NONE);
    check_kept(fix.bus, topic_of(&fix, topic));
    tt_arena_fini(&fix.arena);
}

static void what_is_cleared_is_gone(void **state)
{
    (void)state;
    fixture fix;
    tt_topic topic = open_bus(&fix);
    (void)pin_one(&fix, topic, 1);
    assert_int_equal(tt_bus_clear_history(fix.bus, topic), KEPT + 1);
    assert_int_equal(state_at(&fix, topic)->sole_pair, PAIR_NONE);
    check_kept(fix.bus, topic_of(&fix, topic));
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_NONE, i), 0);
    }
    publish(&fix, topic, 3);
    publish(&fix, topic, 1);
    expect_keyed(&fix, topic, true);
    tt_arena_fini(&fix.arena);
}

/** Publishes what needs the index where there are several keys, one of them pinned. */
static void expect_index_after(tt_source source, uint32_t ttl_ms)
{
    fixture fix;
    tt_topic topic = open_bus(&fix);
    tt_seq pinned = pin_one(&fix, topic, 1);
    tt_seq zero = latest_seq(&fix, topic, TT_SOURCE_FEED, 0);
    tt_bus_post post = fixture_post(topic);
    post.source = source;
    post.key = 1;
    post.ttl_ms = ttl_ms;
    tt_seq last = 0;
    assert_int_equal(tt_bus_publish(fix.bus, &post, &last), TUTTI_OK);
    assert_int_equal(state_at(&fix, topic)->sole_pair, PAIR_MANY);
    check_kept(fix.bus, topic_of(&fix, topic));
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_NONE, 1), last);
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_FEED, 0), zero);
    assert_int_equal(latest_seq(&fix, topic, TT_SOURCE_FEED, 2), pinned);
    for (uint32_t i = 0; i < KEPT; i++) {
        assert_non_null(tt_bus_find(fix.bus, topic, last - i));
    }
    tt_arena_fini(&fix.arena);
}

static void another_source_or_age_makes_the_index(void **state)
{
    (void)state;
    expect_index_after(TT_SOURCE_ENGINE, 0);
    expect_index_after(TT_SOURCE_FEED, TWINS_TTL_MS - 1);
    expect_index_after(TT_SOURCE_FEED, TT_TTL_NEVER);
}

/** Tells whether a topic does without an index when a second key comes. */
static void expect_bound(fixture *fix, const char *name, uint32_t history, uint32_t keys, bool fits)
{
    tt_topic topic = twins_declare(fix, name, history, keys);
    publish(fix, topic, 0);
    publish(fix, topic, keys - 1);
    expect_keyed(fix, topic, fits);
    assert_int_equal(is_indexed(topic_of(fix, topic)), !fits);
}

static void long_histories_and_many_keys_have_their_index(void **state)
{
    (void)state;
    fixture fix;
    (void)open_bus(&fix);
    expect_bound(&fix, "keyed.most", KEYED_HISTORY_MAX, KEYED_KEYS_MAX, true);
    expect_bound(&fix, "keyed.long", KEYED_HISTORY_MAX + 1, KEYED_KEYS_MAX, false);
    expect_bound(&fix, "keyed.many", KEYED_HISTORY_MAX, KEYED_KEYS_MAX + 1, false);
    expect_bound(&fix, "keyed.least", 10, 5, true);
    expect_bound(&fix, "keyed.short", 9, 5, false);
    tt_arena_fini(&fix.arena);
}

/** What a random run is like. */
struct mood {
    uint32_t variety;    /**< One message in so many may be of another source or age. */
    uint32_t usual_keys; /**< Most are of so many keys. */
    uint32_t pause_in;   /**< One step in so many is after a pause. */
};

static void do_something(
    fixture fixes[2], tt_topic topic, tt_random *random, const struct mood *mood, uint32_t *cleared)
{
    tt_bus_post post = fixture_post(topic);
    const uint64_t payload[2] = {tt_random_below(random, 1000), 1};
    uint64_t what = tt_random_below(random, mood->variety);
    bool is_rare = tt_random_below(random, 12) == 0;
    post.payload = payload;
    post.source = what == 0 ? TT_SOURCE_ENGINE : TT_SOURCE_FEED;
    post.ttl_ms = what == 1 ? 1000u + (uint32_t)tt_random_below(random, 4000) : 0;
    post.key = (uint32_t)tt_random_below(random, is_rare ? KEYS : mood->usual_keys);
    if (tt_random_below(random, 150) == 0) {
        uint32_t count = tt_bus_clear_history(fixes[0].bus, topic);
        assert_int_equal(tt_bus_clear_history(fixes[1].bus, topic), count);
        *cleared += count;
    } else {
        publish_both(fixes, &post);
    }
    bool is_pause = tt_random_below(random, mood->pause_in) == 0;
    int64_t pause_s = is_pause ? (int64_t)tt_random_below(random, 6) : 0;
    fixture_later(&fixes[0], pause_s);
    fixture_later(&fixes[1], pause_s);
}

/** What the random runs have seen. */
struct seen {
    uint32_t keyed;   /**< Steps without an index. */
    uint32_t pinned;  /**< Of them with something pinned. */
    uint32_t indexed; /**< Runs in which the index was made while there were several keys. */
    uint32_t untimed; /**< Messages that found no timer, while there was no index. */
    uint32_t cleared;
};

static void expect_both_ways_the_same(uint64_t seed, struct seen *seen)
{
    static fixture fixes[2];
    tt_random random;
    tt_random_init(&random, seed, 0);
    tt_topic topic = open_bus(&fixes[0]);
    assert_int_equal(open_bus(&fixes[1]), topic);
    tt_bus_index(topic_of(&fixes[1], topic)); // from the start
    const struct mood mood = {
        .variety = 20 << tt_random_below(&random, 6),
        .usual_keys = 1 + (uint32_t)tt_random_below(&random, KEYS),
        .pause_in = 4 << tt_random_below(&random, 4),
    };
    const struct topic_state *state = state_at(&fixes[0], topic);
    uint32_t steps = 1 + (uint32_t)tt_random_below(&random, 200);
    for (uint32_t i = 0; i < steps; i++) {
        bool was_keyed = is_keyed(topic_of(&fixes[0], topic));
        do_something(fixes, topic, &random, &mood, &seen->cleared);
        expect_same(fixes, topic);
        expect_same_latest(fixes, topic, sources, 3 * KEPT);
        check_kept(fixes[0].bus, topic_of(&fixes[0], topic));
        check_kept(fixes[1].bus, topic_of(&fixes[1], topic));
        assert_int_equal(state_at(&fixes[1], topic)->sole_pair, PAIR_MANY);
        assert_int_equal(state->pin_count, state_at(&fixes[1], topic)->pin_count);
        bool is_now = is_keyed(topic_of(&fixes[0], topic));
        seen->keyed += is_now;
        seen->pinned += is_now && state->pin_count > 0;
        seen->indexed += was_keyed && is_indexed(topic_of(&fixes[0], topic));
        seen->untimed += is_now && state->expiry_untimed > 0;
    }
    tt_arena_fini(&fixes[0].arena);
    tt_arena_fini(&fixes[1].arena);
}

static void what_can_be_read_is_the_same_with_an_index(void **state)
{
    (void)state;
    struct seen seen = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        expect_both_ways_the_same(seed, &seen);
    }
    print_message(
        "keyed %u, pinned %u, indexed %u, untimed %u, cleared %u\n",
        seen.keyed,
        seen.pinned,
        seen.indexed,
        seen.untimed,
        seen.cleared);
    assert_true(seen.keyed > SEEDS * 20 && seen.pinned > SEEDS * 5 && seen.indexed > SEEDS / 8);
    assert_true(seen.untimed > SEEDS / 8 && seen.cleared > SEEDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_key_makes_no_index),
        cmocka_unit_test(the_ring_is_looked_at_when_a_latest_message_is_next),
        cmocka_unit_test(the_latest_of_a_slow_key_is_pinned),
        cmocka_unit_test(a_pinned_message_leaves_by_its_age),
        cmocka_unit_test(what_is_cleared_is_gone),
        cmocka_unit_test(another_source_or_age_makes_the_index),
        cmocka_unit_test(long_histories_and_many_keys_have_their_index),
        cmocka_unit_test(what_can_be_read_is_the_same_with_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
