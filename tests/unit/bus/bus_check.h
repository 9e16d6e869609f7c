/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The invariants of what a topic keeps (bus_priv.h, 1 to 3), asserted by looking at everything.
 */
#ifndef TT_TESTS_UNIT_BUS_CHECK_H
#define TT_TESTS_UNIT_BUS_CHECK_H

#include "bus_fixture.h"

/** Ring and pins hold each slot once; the ring is in order; the pins know their places. */
static inline void check_places(const struct topic *topic)
{
    static bool is_seen[1u << 16];
    const struct topic_state *state = topic->state;
    memset(is_seen, 0, slot_count(topic) * sizeof is_seen[0]);
    for (uint32_t i = 0; i < slot_count(topic); i++) {
        const struct slot_link *link = &topic->links[i];
        assert_true(link->at < slot_count(topic) && !is_seen[link->at]);
        is_seen[link->at] = true;
        if (link->pin_place != 0) {
            assert_in_range(link->pin_place, 1, state->pin_count);
            assert_int_equal(*pin_at(topic, link->pin_place - 1), i);
        }
    }
    for (uint32_t i = 0; i < state->pin_count; i++) {
        assert_int_equal(topic->links[*pin_at(topic, i)].pin_place, i + 1);
    }
    assert_in_range(state->ring_count, 0, topic->history_max);
    for (uint32_t age = 1; age < state->ring_count; age++) {
        const tt_msg *younger = slot_msg(topic, ring_slot(topic, age - 1));
        assert_true(slot_msg(topic, ring_slot(topic, age))->seq < younger->seq);
    }
}

/** The newest message of a key in a topic without an index: slot plus one, 0 = none. */
static inline uint32_t check_newest_of(const struct topic *topic, uint32_t key)
{
    for (uint32_t age = 0; age < topic->state->ring_count; age++) {
        if (slot_msg(topic, ring_slot(topic, age))->key == key) {
            return ring_slot(topic, age) + 1;
        }
    }
    for (uint32_t i = 0; i < topic->state->pin_count; i++) {
        if (slot_msg(topic, *pin_at(topic, i))->key == key) {
            return *pin_at(topic, i) + 1;
        }
    }
    return 0;
}

/** What an index would have written is as it was made. */
static inline void check_no_index(const struct topic *topic)
{
    for (uint32_t i = 0; i < slot_count(topic); i++) {
        const struct slot_link *link = &topic->links[i];
        assert_true(link->pair == 0 && link->older == 0 && link->newer == 0);
        assert_true(i >= topic->history_max || link->at == i);
        assert_true(link->pin_place != 0 || link->timer == 0);
    }
    for (uint32_t i = 0; i < topic->source_max * topic->key_count; i++) {
        assert_int_equal(latest_of(topic)[i], 0);
    }
    assert_int_equal(topic->state->hole_count, 0);
    assert_int_equal(topic->state->aged_count, 0);
}

/** Several keys, one source, no index. */
static inline void check_keys(const tt_bus *bus, const struct topic *topic)
{
    const struct topic_state *state = topic->state;
    const uint32_t source = state->sole_pair - PAIR_KEYED;
    assert_true(state->ring_count + state->pin_count > 0);
    assert_in_range(topic->history_max, 2 * topic->key_count, KEYED_HISTORY_MAX);
    for (uint32_t key = 0; key < KEYED_KEYS_MAX; key++) {
        uint32_t newest = topic->newest[key];
        assert_int_equal(newest, key < topic->key_count ? check_newest_of(topic, key) : 0);
        uint32_t from = newest != 0 ? slot_msg(topic, newest - 1)->source : 0;
        assert_true(newest == 0 || known_source(bus, from) == source);
    }
    for (uint32_t place = state->ring_head; place != state->next_slot;) {
        for (uint32_t key = 0; key < topic->key_count; key++) {
            assert_int_not_equal(topic->newest[key], place + 1);
        }
        place = place + 1 == topic->history_max ? 0 : place + 1;
    }
}

/** The list of each key, and the table of the latest. */
static inline void check_lists(const struct topic *topic)
{
    const struct topic_state *state = topic->state;
    uint32_t listed = 0;
    for (uint32_t key = 0; key < topic->key_count; key++) {
        const uint32_t *latest = latest_of(topic) + (size_t)key * topic->source_max;
        uint32_t newer = 0;
        for (uint32_t at = latest[0]; at != 0; at = topic->links[at - 1].older) {
            const struct slot_link *link = &topic->links[at - 1];
            const tt_msg *msg = slot_msg(topic, at - 1);
            assert_int_equal(link->newer, newer);
            assert_int_equal(msg->key, key);
            assert_int_equal(link->pair / topic->source_max, key);
            assert_true(newer == 0 || msg->seq < slot_msg(topic, newer - 1)->seq);
            uint32_t of_source = latest[link->pair % topic->source_max];
            assert_true(of_source != 0 && slot_msg(topic, of_source - 1)->seq >= msg->seq);
            newer = at;
            listed++;
        }
    }
    assert_int_equal(listed, state->ring_count - state->hole_count + state->pin_count);
    assert_int_equal(state->next_slot, *ring_at(topic, state->ring_head));
}

/** Asserts all of it. */
static inline void check_kept(const tt_bus *bus, const struct topic *topic)
{
    static const uint16_t none[KEYED_KEYS_MAX];
    check_places(topic);
    if (is_indexed(topic)) {
        check_lists(topic);
    } else {
        check_no_index(topic);
    }
    if (is_keyed(topic)) {
        check_keys(bus, topic);
    } else {
        assert_memory_equal(topic->newest, none, sizeof none);
    }
    if (!is_indexed(topic) && !is_keyed(topic)) {
        assert_int_equal(topic->state->pin_count, 0);
        assert_int_equal(topic->state->sole_pair == PAIR_NONE, topic->state->ring_count == 0);
    }
}

#endif
