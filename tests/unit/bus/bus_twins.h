/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Two buses that get the same messages: what can be read of a topic must be the same on both,
 * however it is kept.
 */
#ifndef TT_TESTS_UNIT_BUS_TWINS_H
#define TT_TESTS_UNIT_BUS_TWINS_H

#include "bus_fixture.h"

enum {
    TWINS_TTL_MS = 4000
};

/** Declares a topic of that many keys. */
static inline tt_topic
twins_declare(fixture *fix, const char *name, uint32_t history, uint32_t keys)
{
    const tt_bus_topic_decl decl = {
        .name = name,
        .schema = "a:u64 b:u64",
        .history_count = history,
        .key_max = keys - 1,
        .kind = TT_msg_kind_EVENT,
        .ttl_ms = TWINS_TTL_MS,
    };
    tt_topic topic = TT_TOPIC_NONE;
    tt_error error = {0};
    assert_int_equal(tt_bus_declare(fix->bus, &decl, &topic, &error), TUTTI_OK);
    tt_bus_run(fix->bus);
    return topic;
}

static inline struct topic *topic_of(const fixture *fix, tt_topic topic)
{
    return &fix->bus->topics[topic_place((uint32_t)topic)];
}

static inline struct topic_state *state_at(const fixture *fix, tt_topic topic)
{
    return topic_of(fix, topic)->state;
}

/** Number of the latest message; 0: there is none. */
static inline tt_seq latest_seq(fixture *fix, tt_topic topic, tt_source source, uint32_t key)
{
    const tt_msg *msg = fixture_latest(fix, topic, source, key);
    return msg ? msg->seq : 0;
}

/** Reads whatever can be read of a topic on both buses. */
static inline void expect_same(fixture fixes[2], tt_topic topic)
{
    tt_bus_topic_stats stats[2];
    for (uint32_t i = 0; i < 2; i++) {
        tt_bus_topic_stats_get(fixes[i].bus, topic, &stats[i]);
    }
    assert_memory_equal(&stats[0], &stats[1], sizeof stats[0]);
    const tt_msg *msgs[2] = {NULL, NULL};
    do {
        for (uint32_t i = 0; i < 2; i++) {
            msgs[i] = tt_bus_history(fixes[i].bus, topic, msgs[i]);
        }
        assert_int_equal(msgs[0] != NULL, msgs[1] != NULL);
        if (msgs[0]) {
            assert_memory_equal(msgs[0], msgs[1], tt_msg_bytes(msgs[1]));
        }
    } while (msgs[0]);
}

static inline tt_bus_match is_odd(void *ctx, const tt_msg *msg)
{
    (void)ctx;
    return msg->seq % 2 != 0 ? TT_BUS_MATCH_YES : TT_BUS_MATCH_NO;
}

/** `far`: numbers that are looked for behind the newest. */
static inline void
expect_same_latest(fixture fixes[2], tt_topic topic, const tt_source sources[2], tt_seq far)
{
    const tt_bus_latest_filter filter = {.fn = is_odd};
    const uint32_t keys = fixes[0].bus->topics[topic_place((uint32_t)topic)].key_count;
    for (uint32_t key = 0; key < keys; key++) {
        for (uint32_t s = 0; s <= 2; s++) {
            tt_source source = s < 2 ? sources[s] : TT_SOURCE_NONE;
            tt_seq seqs[2];
            tt_seq odd[2];
            for (uint32_t i = 0; i < 2; i++) {
                const tt_msg *msg = tt_bus_latest_where(fixes[i].bus, topic, source, key, &filter);
                seqs[i] = latest_seq(&fixes[i], topic, source, key);
                odd[i] = msg ? msg->seq : 0;
            }
            assert_int_equal(seqs[0], seqs[1]);
            assert_int_equal(odd[0], odd[1]);
        }
    }
    tt_seq next = tt_bus_next_seq(fixes[0].bus);
    for (tt_seq seq = next > far ? next - far : 1; seq < next; seq++) {
        const tt_msg *one = tt_bus_find(fixes[0].bus, topic, seq);
        const tt_msg *other = tt_bus_find(fixes[1].bus, topic, seq);
        assert_int_equal(one != NULL, other != NULL);
    }
}

/** Publishes the same on both. */
static inline void publish_both(fixture fixes[2], const tt_bus_post *post)
{
    tt_seq seqs[2] = {0};
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(tt_bus_publish(fixes[i].bus, post, &seqs[i]), TUTTI_OK);
        tt_bus_run(fixes[i].bus);
    }
    assert_int_equal(seqs[0], seqs[1]);
}

#endif
