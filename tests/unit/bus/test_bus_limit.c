/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Limits of rate by topic and by source, and idempotency keys: what a publish refuses.
 */
#include "bus_fixture.h"

static tutti_status publish_from(fixture *fix, tt_source source)
{
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.source = source;
    return tt_bus_publish(fix->bus, &post, NULL);
}

static void limit(fixture *fix, tt_bus_rate topic, tt_bus_rate source)
{
    const tt_bus_limits limits = {.topic = topic, .source = source};
    assert_int_equal(tt_bus_limit(fix->bus, TT_TOPIC_CLOCK, &limits), TUTTI_OK);
}

static void a_topic_refuses_what_is_too_much(void **state)
{
    fixture *fix = *state;
    limit(fix, (tt_bus_rate){.per_s = 2, .burst = 3}, (tt_bus_rate){0});
    for (int i = 0; i < 3; i++) {
        assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_OK);
    }
    assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_LIMIT);
    assert_int_equal(publish_from(fix, TT_SOURCE_HOST), TUTTI_LIMIT); // the topic as a whole
    const tt_bus_topic_stats stats = fixture_stats(fix, TT_TOPIC_CLOCK);
    assert_int_equal(stats.published, 3);
    assert_int_equal(stats.rate_limited, 2);
    assert_int_equal(stats.dropped, 2);
    assert_int_equal(stats.dead_lettered, 2);
    const tt_dead_letter letter = fixture_dead(fix);
    assert_int_equal(letter.reason, TT_dead_reason_RATE_LIMIT);
    assert_int_equal(letter.dead_source, TT_SOURCE_HOST);
    fixture_publish(fix, TT_TOPIC_MARKET_BAR); // other topics are free
    tt_bus_run(fix->bus);
    tt_bus_begin(fix->bus, (tt_time){T0_NS + 499999999});
    assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_LIMIT);
    tt_bus_run(fix->bus);
    tt_bus_begin(fix->bus, (tt_time){T0_NS + 500000000});
    assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_OK);
    assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_LIMIT);
}

static void a_limit_can_be_asked_without_a_trace(void **state)
{
    fixture *fix = *state;
    const tt_time now = {T0_NS};
    assert_false(tt_bus_would_limit(fix->bus, TT_TOPIC_CLOCK, TT_SOURCE_FEED, now));
    limit(fix, (tt_bus_rate){.per_s = 10, .burst = 2}, (tt_bus_rate){.per_s = 1, .burst = 1});
    for (int i = 0; i < 10; i++) {
        assert_false(tt_bus_would_limit(fix->bus, TT_TOPIC_CLOCK, TT_SOURCE_FEED, now));
    }
    assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_OK);
    assert_true(tt_bus_would_limit(fix->bus, TT_TOPIC_CLOCK, TT_SOURCE_FEED, now));
    assert_false(tt_bus_would_limit(fix->bus, TT_TOPIC_CLOCK, TT_SOURCE_HOST, now));
    assert_int_equal(publish_from(fix, TT_SOURCE_HOST), TUTTI_OK);
    assert_true(tt_bus_would_limit(fix->bus, TT_TOPIC_CLOCK, TT_SOURCE_VENUE, now)); // the topic
    assert_int_equal(tt_bus_exempt(fix->bus, TT_SOURCE_VENUE, true), TUTTI_OK);
    assert_false(tt_bus_would_limit(fix->bus, TT_TOPIC_CLOCK, TT_SOURCE_VENUE, now));
    const tt_time later = {T0_NS + TT_NS_PER_S};
    assert_true(
        tt_bus_would_limit(fix->bus, TT_TOPIC_CLOCK, TT_SOURCE_FEED, (tt_time){later.ns - 1}));
    assert_false(tt_bus_would_limit(fix->bus, TT_TOPIC_CLOCK, TT_SOURCE_FEED, later));
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).rate_limited, 0);
    const tt_bus_limits limits = {.topic = {.per_s = 1, .burst = 1}};
    assert_int_equal(tt_bus_limit(fix->bus, TT_TOPIC_DEAD_LETTERS, &limits), TUTTI_INVALID);
}

static void each_source_has_its_own(void **state)
{
    fixture *fix = *state;
    limit(fix, (tt_bus_rate){.per_s = 100, .burst = 3}, (tt_bus_rate){.per_s = 1, .burst = 1});
    assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_OK);
    for (int i = 0; i < 10; i++) { // what a source may not costs the topic nothing
        assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_LIMIT);
    }
    assert_int_equal(publish_from(fix, TT_SOURCE_HOST), TUTTI_OK);
    assert_int_equal(publish_from(fix, TT_SOURCE_VENUE), TUTTI_OK);
    assert_int_equal(publish_from(fix, TT_SOURCE_TRADE), TUTTI_LIMIT); // now the topic
    tt_bus_run(fix->bus);
    tt_bus_begin(fix->bus, (tt_time){T0_NS + 10000000});
    assert_int_equal(publish_from(fix, TT_SOURCE_TRADE), TUTTI_OK); // nor the other way round
}

static void a_trusted_source_is_exempt(void **state)
{
    fixture *fix = *state;
    limit(fix, (tt_bus_rate){.per_s = 1, .burst = 1}, (tt_bus_rate){.per_s = 1, .burst = 1});
    assert_int_equal(tt_bus_exempt(fix->bus, TT_SOURCE_VENUE, true), TUTTI_OK);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(publish_from(fix, TT_SOURCE_VENUE), TUTTI_OK);
    }
    assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_OK);
    assert_int_equal(publish_from(fix, TT_SOURCE_FEED), TUTTI_LIMIT);
    assert_int_equal(tt_bus_exempt(fix->bus, TT_SOURCE_VENUE, false), TUTTI_OK);
    assert_int_equal(publish_from(fix, TT_SOURCE_VENUE), TUTTI_LIMIT);
}

static void limits_that_cannot_be_kept_are_refused(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.limits_max = 1});
    const tt_bus_limits no_burst = {.topic = {.per_s = 1}};
    const tt_bus_limits right = {.topic = {.per_s = 1, .burst = 1}};
    assert_int_equal(tt_bus_limit(fix.bus, TT_TOPIC_CLOCK, &no_burst), TUTTI_INVALID);
    assert_int_equal(tt_bus_limit(fix.bus, TT_TOPIC_NONE, &right), TUTTI_INVALID);
    assert_int_equal(tt_bus_limit(fix.bus, TT_TOPIC_CLOCK, &right), TUTTI_OK);
    assert_int_equal(tt_bus_limit(fix.bus, TT_TOPIC_CLOCK, &right), TUTTI_OK); // the same row
    assert_int_equal(tt_bus_limit(fix.bus, TT_TOPIC_FILLS, &right), TUTTI_LIMIT);
    assert_int_equal(tt_bus_exempt(fix.bus, TT_SOURCE_NONE, true), TUTTI_INVALID);
    assert_int_equal(tt_bus_exempt(fix.bus, (tt_source)9999, true), TUTTI_INVALID);
    tt_arena_fini(&fix.arena);
}

static void a_declared_topic_brings_its_limit(void **state)
{
    (void)state;
    fixture fix;
    tt_error error;
    fixture_open(&fix, &(tt_bus_options){.limits_max = 1, .topics_max = 4});
    tt_bus_topic_decl decl = {
        .name = "orders", .schema = "n:u64", .kind = TT_msg_kind_EVENT, .rate_per_s = 2};
    tt_topic topic = TT_TOPIC_NONE;
    assert_int_equal(tt_bus_declare(fix.bus, &decl, &topic, &error), TUTTI_OK);
    const tt_bus_post post = fixture_post(topic);
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_LIMIT);
    decl.name = "more"; // there is room for one limit
    assert_int_equal(tt_bus_declare(fix.bus, &decl, &topic, &error), TUTTI_LIMIT);
    assert_string_equal(error.hint, "raise limits_max");
    decl.rate_per_s = TT_BUS_RATE_MAX + 1;
    assert_int_equal(tt_bus_declare(fix.bus, &decl, &topic, &error), TUTTI_INVALID);
    decl.rate_per_s = 0;
    assert_int_equal(tt_bus_declare(fix.bus, &decl, &topic, &error), TUTTI_OK);
    tt_arena_fini(&fix.arena);
}

static tutti_status publish_with_key(fixture *fix, uint8_t key, tt_seq *ret_seq)
{
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.idempotency.bytes[15] = key;
    return tt_bus_publish(fix->bus, &post, ret_seq);
}

static void three_times_the_same_is_one_message(void **state)
{
    fixture *fix = *state;
    tt_seq seq = 0;
    assert_int_equal(publish_with_key(fix, 7, &seq), TUTTI_OK);
    assert_int_equal(seq, 1);
    for (int i = 0; i < 2; i++) {
        seq = 0;
        assert_int_equal(publish_with_key(fix, 7, &seq), TUTTI_EXISTS);
        assert_int_equal(seq, 1);
        fixture_later(fix, 1000000); // a key does not age
    }
    assert_int_equal(publish_with_key(fix, 8, &seq), TUTTI_OK);
    assert_int_equal(seq, 2);
    const tt_bus_topic_stats stats = fixture_stats(fix, TT_TOPIC_CLOCK);
    assert_int_equal(stats.published, 2);
    assert_int_equal(stats.duplicates, 2);
    assert_int_equal(stats.dead_lettered, 0);
}

static void a_refused_message_leaves_no_key(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.queue_messages = 1, .idempotency_max = 2});
    assert_int_equal(publish_with_key(&fix, 1, NULL), TUTTI_OK);
    assert_int_equal(publish_with_key(&fix, 2, NULL), TUTTI_LIMIT);
    tt_bus_run(fix.bus);
    assert_int_equal(publish_with_key(&fix, 2, NULL), TUTTI_OK);
    tt_bus_run(fix.bus);
    assert_int_equal(publish_with_key(&fix, 3, NULL), TUTTI_OK); // two are remembered
    tt_bus_run(fix.bus);
    assert_int_equal(publish_with_key(&fix, 2, NULL), TUTTI_EXISTS);
    assert_int_equal(publish_with_key(&fix, 1, NULL), TUTTI_OK);
    tt_arena_fini(&fix.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_topic_refuses_what_is_too_much),
        FIXTURE_TEST(a_limit_can_be_asked_without_a_trace),
        FIXTURE_TEST(each_source_has_its_own),
        FIXTURE_TEST(a_trusted_source_is_exempt),
        cmocka_unit_test(limits_that_cannot_be_kept_are_refused),
        cmocka_unit_test(a_declared_topic_brings_its_limit),
        FIXTURE_TEST(three_times_the_same_is_one_message),
        cmocka_unit_test(a_refused_message_leaves_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
