/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Counters of the bus.
 */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(one_publish_is_counted_once),
        FIXTURE_TEST(totals_are_the_sums_of_the_topics),
        FIXTURE_TEST(each_subscription_has_counters_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
