/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A bus for tests, and handlers that write down what they get.
 */
#ifndef TT_TESTS_UNIT_BUS_FIXTURE_H
#define TT_TESTS_UNIT_BUS_FIXTURE_H

#include "../../lib/test.h"
#include "bus/bus_index.h"
#include "bus/core.h"

#define T0_NS (INT64_C(1700000000) * TT_NS_PER_S)

typedef struct fixture {
    tt_arena arena;
    tt_bus *bus;
    tt_core core;
    char log[4096]; /**< "<handler><seq> " for each delivery. */
} fixture;

static inline void fixture_open(fixture *fix, const tt_bus_options *options)
{
    memset(fix, 0, sizeof *fix);
    assert_int_equal(tt_arena_init(&fix->arena, tt_bus_memory(options)), TUTTI_OK);
    assert_int_equal(tt_bus_new(options, &fix->arena, &fix->bus), TUTTI_OK);
    assert_int_equal(tt_bus_register(fix->bus, &fix->core), TUTTI_OK);
    tt_bus_begin(fix->bus, (tt_time){T0_NS});
}

static inline int fixture_setup(void **state)
{
    static fixture fix;
    fixture_open(&fix, &(tt_bus_options){0});
    *state = &fix;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    fixture *fix = *state;
    tt_arena_fini(&fix->arena);
    return 0;
}

/** Begins the next step `seconds` after the current time. */
static inline void fixture_later(fixture *fix, int64_t seconds)
{
    tt_bus_begin(fix->bus, (tt_time){tt_bus_now(fix->bus).ns + seconds * TT_NS_PER_S});
}

static inline void fixture_note(fixture *fix, char name, const tt_msg *msg)
{
    size_t used = strlen(fix->log);
    (void)snprintf(
        fix->log + used, sizeof fix->log - used, "%c%llu ", name, (unsigned long long)msg->seq);
}

/** A post of an empty payload from the feed; change what a test is about. */
static inline tt_bus_post fixture_post(tt_topic topic)
{
    static const _Alignas(16) unsigned char zeros[TT_PAYLOAD_MAX];
    return (tt_bus_post){.topic = topic, .source = TT_SOURCE_FEED, .payload = zeros};
}

static inline tt_seq fixture_publish(fixture *fix, tt_topic topic)
{
    tt_seq seq = 0;
    const tt_bus_post post = fixture_post(topic);
    assert_int_equal(tt_bus_publish(fix->bus, &post, &seq), TUTTI_OK);
    return seq;
}

static inline tt_seq
fixture_publish_keyed(fixture *fix, tt_topic topic, tt_source source, uint32_t key)
{
    tt_seq seq = 0;
    tt_bus_post post = fixture_post(topic);
    post.source = source;
    post.key = key;
    assert_int_equal(tt_bus_publish(fix->bus, &post, &seq), TUTTI_OK);
    return seq;
}

static inline const tt_msg *
fixture_latest(fixture *fix, tt_topic topic, tt_source source, uint32_t key)
{
    return tt_bus_latest(fix->bus, topic, source, key, (tt_dur){0});
}

/** Newest dead letter; there must be one. */
static inline tt_dead_letter fixture_dead(fixture *fix)
{
    const tt_msg *msg = tt_bus_history(fix->bus, TT_TOPIC_DEAD_LETTERS, NULL);
    assert_non_null(msg);
    return *TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter);
}

static inline tt_bus_topic_stats fixture_stats(fixture *fix, tt_topic topic)
{
    tt_bus_topic_stats stats;
    tt_bus_topic_stats_get(fix->bus, topic, &stats);
    return stats;
}

#define FIXTURE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

#endif
