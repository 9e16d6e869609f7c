/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the bus remembers: history, latest by source and key, and how the latest survives the
 * history.
 */
#include "bus_fixture.h"

static void the_latest_is_the_second_of_two(void **state)
{
    fixture *fix = *state;
    fixture_publish(fix, TT_TOPIC_TA_SIGNALS);
    fixture_publish(fix, TT_TOPIC_TA_SIGNALS);
    fixture_publish(fix, TT_TOPIC_REGIME_UPDATES);
    assert_int_equal(fixture_latest(fix, TT_TOPIC_TA_SIGNALS, TT_SOURCE_NONE, 0)->seq, 2);
    assert_null(fixture_latest(fix, TT_TOPIC_SENTIMENT_UPDATES, TT_SOURCE_NONE, 0));
}

static void the_latest_is_kept_by_source_and_key(void **state)
{
    fixture *fix = *state;
    const tt_topic topic = TT_TOPIC_TRADING_SIGNALS;
    fixture_publish_keyed(fix, topic, TT_SOURCE_STRATEGY, 1);       // 1
    fixture_publish_keyed(fix, topic, TT_SOURCE_AGENT_DECISION, 1); // 2
    fixture_publish_keyed(fix, topic, TT_SOURCE_STRATEGY, 2);       // 3
    fixture_publish_keyed(fix, topic, TT_SOURCE_STRATEGY, 1);       // 4
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_STRATEGY, 1)->seq, 4);
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_AGENT_DECISION, 1)->seq, 2);
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_STRATEGY, 2)->seq, 3);
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_NONE, 1)->seq, 4);
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_NONE, 2)->seq, 3);
    assert_null(fixture_latest(fix, topic, TT_SOURCE_AGENT_DECISION, 2));
    assert_null(fixture_latest(fix, topic, TT_SOURCE_NONE, 3));
    assert_null(fixture_latest(fix, topic, TT_SOURCE_NONE, TT_INSTRUMENTS_MAX + 1));
    assert_null(fixture_latest(fix, topic, TT_SOURCE_COUNT, 1));
    assert_null(fixture_latest(fix, TT_TOPIC_NONE, TT_SOURCE_NONE, 1));
    assert_null(fixture_latest(fix, TT_TOPIC_COUNT, TT_SOURCE_NONE, 1));
}

/* Where the newest of a key stands is found once, before there is any. */
static void the_newest_is_found_where_it_stands(void **state)
{
    fixture *fix = *state;
    const tt_topic topic = TT_TOPIC_TRADING_SIGNALS;
    const tt_bus_newest first = tt_bus_newest_of(fix->bus, topic, 1);
    const tt_bus_newest second = tt_bus_newest_of(fix->bus, topic, 2);
    const tt_bus_newest beyond = tt_bus_newest_of(fix->bus, topic, TT_INSTRUMENTS_MAX + 1);
    const tt_bus_newest nothing = tt_bus_newest_of(fix->bus, TT_TOPIC_NONE, 1);
    assert_null(tt_bus_newest_msg(&first));
    fixture_publish_keyed(fix, topic, TT_SOURCE_STRATEGY, 1);       // 1
    fixture_publish_keyed(fix, topic, TT_SOURCE_AGENT_DECISION, 1); // 2
    fixture_publish_keyed(fix, topic, TT_SOURCE_STRATEGY, 2);       // 3
    assert_int_equal(tt_bus_newest_msg(&first)->seq, 2);
    assert_int_equal(tt_bus_newest_msg(&second)->seq, 3);
    fixture_publish_keyed(fix, topic, TT_SOURCE_STRATEGY, 1); // 4
    assert_int_equal(tt_bus_newest_msg(&first)->seq, 4);
    assert_ptr_equal(tt_bus_newest_msg(&first), fixture_latest(fix, topic, TT_SOURCE_NONE, 1));
    assert_null(tt_bus_newest_msg(&beyond));
    assert_null(tt_bus_newest_msg(&nothing));
}

static void the_latest_respects_a_largest_age(void **state)
{
    fixture *fix = *state;
    const tt_dur minute = {60 * TT_NS_PER_S};
    fixture_publish(fix, TT_TOPIC_TA_SIGNALS);
    tt_bus_run(fix->bus);
    fixture_later(fix, 60);
    assert_non_null(
        tt_bus_latest(fix->bus, TT_TOPIC_TA_SIGNALS, TT_SOURCE_NONE, 0, minute)); // age == limit
    tt_bus_begin(fix->bus, (tt_time){T0_NS + minute.ns + 1});
    assert_null(tt_bus_latest(fix->bus, TT_TOPIC_TA_SIGNALS, TT_SOURCE_NONE, 0, minute));
    assert_non_null(fixture_latest(fix, TT_TOPIC_TA_SIGNALS, TT_SOURCE_NONE, 0));
}

static void the_latest_expires_with_its_ttl(void **state)
{
    fixture *fix = *state;
    const tt_dur hour = {3600 * TT_NS_PER_S};
    fixture_publish(fix, TT_TOPIC_TA_SIGNALS); // 300 s
    fixture_publish(fix, TT_TOPIC_FILLS);      // for ever
    tt_bus_run(fix->bus);
    fixture_later(fix, 300);
    assert_non_null(tt_bus_latest(fix->bus, TT_TOPIC_TA_SIGNALS, TT_SOURCE_NONE, 0, hour));
    tt_bus_begin(fix->bus, (tt_time){T0_NS + 300 * TT_NS_PER_S + 1});
    assert_null(tt_bus_latest(fix->bus, TT_TOPIC_TA_SIGNALS, TT_SOURCE_NONE, 0, hour));
    assert_null(fixture_latest(fix, TT_TOPIC_TA_SIGNALS, TT_SOURCE_FEED, 0));
    fixture_later(fix, 100000000);
    assert_non_null(fixture_latest(fix, TT_TOPIC_FILLS, TT_SOURCE_NONE, 0));
    assert_null(tt_bus_history(fix->bus, TT_TOPIC_TA_SIGNALS, NULL)); // it has left
    assert_int_equal(fixture_stats(fix, TT_TOPIC_TA_SIGNALS).aged_out, 1);
}

static void expired_messages_can_be_kept(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.keep_expired = true});
    fixture_publish(&fix, TT_TOPIC_TA_SIGNALS);
    tt_bus_run(fix.bus);
    fixture_later(&fix, 301);
    assert_null(fixture_latest(&fix, TT_TOPIC_TA_SIGNALS, TT_SOURCE_FEED, 0));
    assert_non_null(tt_bus_history(fix.bus, TT_TOPIC_TA_SIGNALS, NULL)); // history tells all
    assert_non_null(tt_bus_find(fix.bus, TT_TOPIC_TA_SIGNALS, 1));
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_TA_SIGNALS).aged_out, 0);
    tt_arena_fini(&fix.arena);
}

static void history_is_bounded_and_newest_first(void **state)
{
    fixture *fix = *state;
    for (int i = 0; i < 20; i++) { // the topic keeps 16
        fixture_publish(fix, TT_TOPIC_CLOCK);
    }
    const tt_msg *msg = NULL;
    for (tt_seq seq = 20; seq > 4; seq--) {
        msg = tt_bus_history(fix->bus, TT_TOPIC_CLOCK, msg);
        assert_non_null(msg);
        assert_int_equal(msg->seq, seq);
        assert_ptr_equal(tt_bus_find(fix->bus, TT_TOPIC_CLOCK, seq), msg);
    }
    assert_null(tt_bus_history(fix->bus, TT_TOPIC_CLOCK, msg));
    assert_null(tt_bus_find(fix->bus, TT_TOPIC_CLOCK, 4));
    assert_null(tt_bus_find(fix->bus, TT_TOPIC_CLOCK, 21));
    assert_null(tt_bus_find(fix->bus, TT_TOPIC_CLOCK, 0));
    assert_null(tt_bus_find(fix->bus, TT_TOPIC_NONE, 20));
    assert_null(tt_bus_history(fix->bus, TT_TOPIC_COUNT, NULL));
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).history_count, 16);
}

static void a_walk_may_start_at_a_message_of_the_outbox(void **state)
{
    fixture *fix = *state;
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_FILLS);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    const tt_msg *first = tt_bus_outbox_next(fix->bus, NULL);
    const tt_msg *fill = tt_bus_outbox_next(fix->bus, first);
    assert_null(tt_bus_history(fix->bus, TT_TOPIC_CLOCK, first));
    assert_int_equal(tt_bus_history(fix->bus, TT_TOPIC_CLOCK, fill)->seq, 1); // older than 2
    assert_null(tt_bus_find(fix->bus, TT_TOPIC_CLOCK, 2));                    // another topic's
}

static void the_latest_of_a_key_survives_the_history(void **state)
{
    fixture *fix = *state;
    const tt_topic topic = TT_TOPIC_CLOCK; // 16 messages
    fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 7);
    fixture_publish_keyed(fix, topic, TT_SOURCE_HOST, 7);
    for (int i = 0; i < 1000; i++) {
        fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 8);
    }
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_FEED, 7)->seq, 1);
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_HOST, 7)->seq, 2);
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_NONE, 7)->seq, 2);
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_NONE, 8)->seq, 1002);
    assert_int_equal(tt_bus_find(fix->bus, topic, 1)->seq, 1); // found though not in the ring
    assert_null(tt_bus_find(fix->bus, topic, 3));
    assert_int_equal(fixture_stats(fix, topic).history_count, 16);
    fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 7);
    assert_null(tt_bus_find(fix->bus, topic, 1)); // superseded: forgotten at once
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_FEED, 7)->seq, 1003);
    assert_int_equal(fixture_stats(fix, topic).latest_lost, 0);
}

/** With one key there is room for two (source, key) pairs outside the ring. */
static void beyond_its_room_the_oldest_pair_is_lost_but_never_a_key(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.key_max = 1, .history_scale_pct = 1});
    const tt_topic topic = TT_TOPIC_CLOCK; // keeps 1 message, pins 4 for the keys 0 and 1
    for (uint32_t source = 1; source <= 5; source++) {
        fixture_publish_keyed(&small, topic, (tt_source)source, 0);
    }
    fixture_publish_keyed(&small, topic, TT_SOURCE_FEED, 1); // pins 5: source 1 is lost
    assert_int_equal(fixture_stats(&small, topic).latest_lost, 1);
    assert_null(fixture_latest(&small, topic, (tt_source)1, 0));
    for (uint32_t source = 2; source <= 5; source++) {
        assert_int_equal(fixture_latest(&small, topic, (tt_source)source, 0)->seq, source);
    }
    for (uint32_t source = 6; source <= 12; source++) {
        fixture_publish_keyed(&small, topic, (tt_source)source, 1);
    }
    assert_int_equal(fixture_latest(&small, topic, TT_SOURCE_NONE, 0)->seq, 5);
    assert_int_equal(fixture_latest(&small, topic, (tt_source)5, 0)->seq, 5);
    assert_int_equal(fixture_latest(&small, topic, TT_SOURCE_NONE, 1)->seq, 13);
    assert_int_equal(fixture_stats(&small, topic).latest_lost, 8);
    tt_arena_fini(&small.arena);
}

static void a_scaled_history_keeps_at_least_one_message(void **state)
{
    (void)state;
    fixture scaled;
    fixture_open(&scaled, &(tt_bus_options){.history_scale_pct = 50});
    for (int i = 0; i < 100; i++) {
        fixture_publish(&scaled, TT_TOPIC_CLOCK);
    }
    assert_int_equal(fixture_stats(&scaled, TT_TOPIC_CLOCK).history_count, 8);
    tt_arena_fini(&scaled.arena);
    fixture_open(&scaled, &(tt_bus_options){.history_scale_pct = 1});
    fixture_publish(&scaled, TT_TOPIC_CLOCK);
    fixture_publish(&scaled, TT_TOPIC_CLOCK);
    assert_int_equal(fixture_stats(&scaled, TT_TOPIC_CLOCK).history_count, 1);
    assert_int_equal(tt_bus_history(scaled.bus, TT_TOPIC_CLOCK, NULL)->seq, 2);
    tt_arena_fini(&scaled.arena);
}

/** A message with a time to live of its own, which needs a node of the wheel. */
static tt_seq publish_brief(fixture *fix)
{
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    tt_seq seq = 0;
    post.ttl_ms = 1000;
    assert_int_equal(tt_bus_publish(fix->bus, &post, &seq), TUTTI_OK);
    return seq;
}

/** With no node left a message is counted and keeps its place, but no reader gets it too old. */
static void nodes_for_what_expires_are_bounded(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.expiry_max = 2});
    (void)publish_brief(&fix);
    (void)publish_brief(&fix);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).expiry_untimed, 0);
    tt_seq third = publish_brief(&fix);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).expiry_untimed, 1);
    tt_bus_run(fix.bus);
    fixture_later(&fix, 2);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).aged_out, 2);
    assert_non_null(tt_bus_find(fix.bus, TT_TOPIC_CLOCK, third));
    assert_null(fixture_latest(&fix, TT_TOPIC_CLOCK, TT_SOURCE_NONE, 0));
    (void)publish_brief(&fix); // both nodes are free again
    (void)publish_brief(&fix);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).expiry_untimed, 1);
    (void)publish_brief(&fix);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).expiry_untimed, 2);
    tt_arena_fini(&fix.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(the_latest_is_the_second_of_two),
        FIXTURE_TEST(the_latest_is_kept_by_source_and_key),
        FIXTURE_TEST(the_newest_is_found_where_it_stands),
        FIXTURE_TEST(the_latest_respects_a_largest_age),
        FIXTURE_TEST(the_latest_expires_with_its_ttl),
        cmocka_unit_test(expired_messages_can_be_kept),
        cmocka_unit_test(nodes_for_what_expires_are_bounded),
        FIXTURE_TEST(history_is_bounded_and_newest_first),
        FIXTURE_TEST(a_walk_may_start_at_a_message_of_the_outbox),
        FIXTURE_TEST(the_latest_of_a_key_survives_the_history),
        cmocka_unit_test(beyond_its_room_the_oldest_pair_is_lost_but_never_a_key),
        cmocka_unit_test(a_scaled_history_keeps_at_least_one_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
