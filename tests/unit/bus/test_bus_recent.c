/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Windows of topics and subscriptions: at the edges of parts, over a restart, and beside a list.
 */
#include "base/random.h"
#include "bus_fixture.h"

enum {
    PART_S = 2 /* a window of 16 s has 8 parts */
};

static fixture fix;
static tutti_status answer;
static const tt_bus_options options = {.window_ms = 16000, .queue_messages = 64};

static tutti_status handle(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    (void)msg;
    return answer;
}

static uint64_t subscribe(void)
{
    uint64_t id = 0;
    const tt_bus_subscription request = {
        .name = "handler", .topic = TT_TOPIC_CLOCK, .handler = handle, .ctx = NULL};
    assert_int_equal(tt_bus_subscribe_to(fix.bus, &request, &id), TUTTI_OK);
    return id;
}

static int setup(void **state)
{
    (void)state;
    fixture_open(&fix, &options); // T0_NS is the start of a part
    answer = TUTTI_OK;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tt_arena_fini(&fix.arena);
    return 0;
}

static void publish(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        fixture_publish(&fix, TT_TOPIC_CLOCK);
        tt_bus_run(fix.bus);
    }
}

static tt_bus_topic_stats window_of(tt_topic topic)
{
    tt_bus_topic_stats stats;
    tt_bus_topic_window(fix.bus, topic, &stats);
    return stats;
}

static tt_bus_topic_stats window_totals(void)
{
    tt_bus_topic_stats stats;
    tt_bus_window_totals(fix.bus, &stats);
    return stats;
}

static void a_topic_is_seen_for_eight_parts(void **state)
{
    (void)state;
    publish(3);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 3);
    fixture_later(&fix, 7 * PART_S);
    publish(2);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 5);
    fixture_later(&fix, PART_S - 1);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 5);
    fixture_later(&fix, 1);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 2);
    fixture_later(&fix, 1000);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 0);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).published, 5);
    publish(1);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 1);
}

static void all_counters_and_what_is_no_counter(void **state)
{
    (void)state;
    subscribe();
    publish(1);
    answer = TUTTI_BUSY;
    publish(2);
    const tt_bus_topic_stats clock = window_of(TT_TOPIC_CLOCK);
    assert_int_equal(clock.delivered, 1);
    assert_int_equal(clock.failed, 2);
    assert_int_equal(clock.dead_lettered, 2);
    assert_int_equal(clock.subscribers, 1);
    fixture_later(&fix, 100);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).failed, 0);
    assert_int_equal(
        window_of(TT_TOPIC_CLOCK).history_count, fixture_stats(&fix, TT_TOPIC_CLOCK).history_count);
}

static void totals_are_the_sum(void **state)
{
    (void)state;
    subscribe();
    publish(1);
    answer = TUTTI_BUSY;
    publish(1);
    fixture_publish(&fix, TT_TOPIC_FILLS);
    tt_bus_run(fix.bus);
    const tt_bus_topic_stats totals = window_totals();
    assert_int_equal(totals.published, 4); // two, one fill, one dead letter
    assert_int_equal(totals.delivered, 1);
    assert_int_equal(totals.failed, 1);
    assert_int_equal(totals.subscribers, 1);
}

static void a_subscription_has_a_window_of_its_own(void **state)
{
    (void)state;
    uint64_t first = subscribe();
    tt_bus_subscriber_stats stats;
    publish(2);
    fixture_later(&fix, 8 * PART_S);
    uint64_t second = subscribe();
    publish(3);
    assert_true(tt_bus_subscriber_window(fix.bus, first, &stats));
    assert_int_equal(stats.delivered, 3);
    assert_string_equal(stats.name, "handler");
    assert_int_equal(stats.id, first);
    assert_true(tt_bus_unsubscribe_id(fix.bus, second));
    assert_false(tt_bus_subscriber_window(fix.bus, second, &stats));
    fixture_later(&fix, PART_S);
    uint64_t third = subscribe(); // in the slot of the second
    publish(1);
    assert_true(tt_bus_subscriber_window(fix.bus, third, &stats));
    assert_int_equal(stats.delivered, 1);
}

/* Whoever takes the place of another sees nothing of what was counted there, in no part. */
static void a_new_subscription_has_no_past(void **state)
{
    (void)state;
    uint64_t old = subscribe();
    for (int part = 0; part < 8; part++) {
        publish(1);
        fixture_later(&fix, PART_S);
    }
    assert_true(tt_bus_unsubscribe_id(fix.bus, old));
    uint64_t next = subscribe();
    publish(1);
    tt_bus_subscriber_stats stats;
    for (int part = 0; part < 8; part++) {
        assert_true(tt_bus_subscriber_window(fix.bus, next, &stats));
        assert_int_equal(stats.delivered, 1);
        fixture_later(&fix, PART_S);
    }
    assert_true(tt_bus_subscriber_window(fix.bus, next, &stats));
    assert_int_equal(stats.delivered, 0);
}

/* Nor does anybody else gain or lose anything, whichever place is taken. */
static void a_new_subscription_takes_no_past_of_others(void **state)
{
    (void)state;
    uint64_t ids[4];
    tt_bus_subscriber_stats stats;
    for (uint32_t i = 0; i < 4; i++) {
        ids[i] = subscribe();
    }
    for (uint32_t part = 0; part < 8; part++) {
        publish(part + 1);
        fixture_later(&fix, PART_S);
    }
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(tt_bus_unsubscribe_id(fix.bus, ids[i]));
        ids[i] = subscribe();
        fixture_later(&fix, 0); // Its place is its own from the next step on.
        for (uint32_t other = 0; other < 4; other++) {
            assert_true(tt_bus_subscriber_window(fix.bus, ids[other], &stats));
            assert_int_equal(stats.delivered, other <= i ? 0 : 35); // 2 to 8
        }
    }
}

static void a_restart_begins_anew(void **state)
{
    (void)state;
    publish(3);
    tt_error error;
    assert_int_equal(tt_bus_restore(fix.bus, &error), TUTTI_OK); // as after loading this state
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 0);
    publish(1);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 1);
    fixture_later(&fix, 7 * PART_S);
    publish(1);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 2);
    fixture_later(&fix, PART_S);
    assert_int_equal(window_of(TT_TOPIC_CLOCK).published, 1);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).published, 5);
}

static void agrees_with_a_list(void **state)
{
    (void)state;
    enum {
        CHANGES = 3000
    };
    static int64_t parts[CHANGES];
    tt_random random;
    tt_random_init(&random, 11, 0);
    for (uint32_t i = 0; i < CHANGES; i++) {
        fixture_later(
            &fix, tt_random_below(&random, 4) == 0 ? tt_random_between(&random, 0, 30) : 0);
        publish(1);
        parts[i] = tt_bus_now(fix.bus).ns / (PART_S * TT_NS_PER_S);
        uint64_t expected = 0;
        for (uint32_t j = i + 1; j-- > 0 && parts[j] > parts[i] - 8;) {
            expected++;
        }
        assert_int_equal(window_of(TT_TOPIC_CLOCK).published, expected);
    }
}

static tt_bus_lane_stats lane(tt_priority priority)
{
    tt_bus_lane_stats stats = {0};
    assert_true(tt_bus_lane_stats_get(fix.bus, priority, &stats));
    return stats;
}

static void lanes_tell_depth_and_high_water(void **state)
{
    (void)state;
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.priority = TT_priority_HIGH;
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    }
    assert_int_equal(lane(TT_priority_HIGH).depth, 5);
    assert_int_equal(lane(TT_priority_LOW).depth, 0);
    tt_bus_run(fix.bus);
    assert_int_equal(lane(TT_priority_HIGH).depth, 0);
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    assert_int_equal(lane(TT_priority_HIGH).depth, 1);
    assert_int_equal(lane(TT_priority_HIGH).high_water, 5);
    assert_int_equal(lane(TT_priority_HIGH).max, 64);
    assert_int_equal(lane(TT_priority_LOW).high_water, 0);
    tt_bus_lane_stats none;
    assert_false(tt_bus_lane_stats_get(fix.bus, TT_priority_NONE, &none));
    assert_false(tt_bus_lane_stats_get(fix.bus, TT_priority_COUNT, &none));
}

#define RECENT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECENT_TEST(a_topic_is_seen_for_eight_parts),
        RECENT_TEST(all_counters_and_what_is_no_counter),
        RECENT_TEST(totals_are_the_sum),
        RECENT_TEST(a_subscription_has_a_window_of_its_own),
        RECENT_TEST(a_new_subscription_has_no_past),
        RECENT_TEST(a_new_subscription_takes_no_past_of_others),
        RECENT_TEST(a_restart_begins_anew),
        RECENT_TEST(agrees_with_a_list),
        RECENT_TEST(lanes_tell_depth_and_high_water),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
