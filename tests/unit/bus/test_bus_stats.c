/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Counters of the bus.
 */
#include "base/uuid.h"
#include "bus_fixture.h"

static tutti_status fail_on_odd(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    return msg->seq % 2 == 1 ? TUTTI_INVALID : TUTTI_OK;
}

static tutti_status accept_all(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    (void)msg;
    return TUTTI_OK;
}

static void one_publish_is_counted_once(void **state)
{
    fixture *fix = *state;
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "a", accept_all, fix), TUTTI_OK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    const tt_bus_topic_stats expected = {
        .published = 1, .delivered = 1, .history_count = 1, .subscribers = 1};
    tt_bus_topic_stats stats = fixture_stats(fix, TT_TOPIC_CLOCK);
    assert_memory_equal(&stats, &expected, sizeof expected);
    tt_bus_totals(fix->bus, &stats);
    assert_memory_equal(&stats, &expected, sizeof expected);
    stats = fixture_stats(fix, TT_TOPIC_FILLS);
    assert_memory_equal(&stats, &(tt_bus_topic_stats){0}, sizeof stats);
}

static void totals_are_the_sums_of_the_topics(void **state)
{
    fixture *fix = *state;
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "odd", fail_on_odd, fix), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_FILLS, "all", accept_all, fix), TUTTI_OK);
    for (int i = 0; i < 5; i++) {
        fixture_publish(fix, TT_TOPIC_CLOCK); // 1 3 5 7 9: all fail
        fixture_publish(fix, TT_TOPIC_FILLS);
    }
    const tt_bus_post bad = fixture_post(TT_TOPIC_NONE);
    assert_int_equal(tt_bus_publish(fix->bus, &bad, NULL), TUTTI_INVALID);
    tt_bus_run(fix->bus);
    tt_bus_topic_stats sum;
    tt_bus_totals(fix->bus, &sum);
    assert_int_equal(sum.published, 10 + 1 + 5); // and the dead letters
    assert_int_equal(sum.delivered, 5);
    assert_int_equal(sum.failed, 5);
    assert_int_equal(sum.invalid, 1);
    assert_int_equal(sum.dead_lettered, 6);
    assert_int_equal(sum.history_count, 16);
    assert_int_equal(sum.subscribers, 2);
    assert_int_equal(tt_bus_queue_high_water(fix->bus), 11);
}

static void each_subscription_has_counters_of_its_own(void **state)
{
    fixture *fix = *state;
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "odd", fail_on_odd, fix), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "all", accept_all, fix), TUTTI_OK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    tt_bus_subscriber_stats stats;
    assert_true(tt_bus_subscriber_stats_get(fix->bus, TT_TOPIC_CLOCK, 0, &stats));
    assert_string_equal(stats.name, "odd");
    assert_int_equal(stats.delivered, 1);
    assert_int_equal(stats.failed, 2);
    assert_true(tt_bus_subscriber_stats_get(fix->bus, TT_TOPIC_CLOCK, 1, &stats));
    assert_string_equal(stats.name, "all");
    assert_int_equal(stats.delivered, 3);
    assert_false(tt_bus_subscriber_stats_get(fix->bus, TT_TOPIC_CLOCK, 2, &stats));
    assert_int_equal(tt_bus_unsubscribe(fix->bus, TT_TOPIC_CLOCK, "odd"), 1);
    assert_true(tt_bus_subscriber_stats_get(fix->bus, TT_TOPIC_CLOCK, 0, &stats));
    assert_string_equal(stats.name, "all");
    assert_int_equal(stats.delivered, 3);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).failed, 2);
}

static void all_subscriptions_can_be_walked(void **state)
{
    fixture *fix = *state;
    uint64_t ids[3];
    tt_bus_subscription request = {.name = "a", .topic = TT_TOPIC_CLOCK, .handler = accept_all};
    assert_int_equal(tt_bus_subscribe_to(fix->bus, &request, &ids[0]), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe_to(fix->bus, &request, &ids[1]), TUTTI_OK);
    request.topic = TT_TOPIC_NONE;
    request.pattern = "*";
    assert_int_equal(tt_bus_subscribe_to(fix->bus, &request, &ids[2]), TUTTI_OK);
    assert_true(tt_bus_unsubscribe_id(fix->bus, ids[1]));
    tt_bus_subscriber_stats stats;
    uint32_t cursor = 0;
    assert_true(tt_bus_subscriber_next(fix->bus, &cursor, &stats));
    assert_int_equal(stats.id, ids[0]);
    assert_int_equal(stats.topic, TT_TOPIC_CLOCK);
    assert_null(stats.pattern);
    assert_true(tt_bus_subscriber_next(fix->bus, &cursor, &stats));
    assert_int_equal(stats.id, ids[2]);
    assert_int_equal(stats.topic, TT_TOPIC_NONE);
    assert_string_equal(stats.pattern, "*");
    assert_false(tt_bus_subscriber_next(fix->bus, &cursor, &stats));
}

static void failures_have_totals(void **state)
{
    fixture *fix = *state;
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "odd", fail_on_odd, fix), TUTTI_OK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_FILLS);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    tt_bus_dead dead;
    assert_true(tt_bus_dead_next(fix->bus, 0, &dead));
    assert_int_equal(tt_bus_dead_discard(fix->bus, dead.id), TUTTI_OK);
    assert_int_equal(tt_bus_block(fix->bus, tt_uuid_make(1, 2, 3)), TUTTI_OK);
    tt_bus_failure_stats stats;
    tt_bus_failure_stats_get(fix->bus, &stats);
    assert_int_equal(stats.dead_discarded, 1);
    assert_int_equal(stats.dead_count, 1);
    assert_int_equal(stats.dead_lost, 0);
    assert_int_equal(stats.redriven, 0);
    assert_int_equal(stats.retry_count, 0);
    assert_int_equal(stats.blocked_count, 1);
}

static tutti_status publish_again(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)msg;
    const tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    return tt_bus_publish(bus, &post, NULL);
}

static void refusals_tell_their_reason(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.depth_max = 3, .queue_messages = 2});
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_CLOCK, "again", publish_again, NULL), TUTTI_OK);
    fixture_publish(&fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix.bus);
    tt_bus_topic_stats stats = fixture_stats(&fix, TT_TOPIC_CLOCK);
    assert_int_equal(stats.dropped, 1);
    assert_int_equal(stats.too_deep, 1);
    const tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), i < 2 ? TUTTI_OK : TUTTI_LIMIT);
    }
    stats = fixture_stats(&fix, TT_TOPIC_CLOCK);
    assert_int_equal(stats.dropped, 2); // no room in the lane
    assert_int_equal(stats.too_deep, 1);
    tt_arena_fini(&fix.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(one_publish_is_counted_once),
        FIXTURE_TEST(totals_are_the_sums_of_the_topics),
        FIXTURE_TEST(all_subscriptions_can_be_walked),
        FIXTURE_TEST(failures_have_totals),
        cmocka_unit_test(refusals_tell_their_reason),
        FIXTURE_TEST(each_subscription_has_counters_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
