/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The stopwatch: what is measured, how often, where it is counted, and at the bounds.
 */
#include "bus_fixture.h"

static fixture fix;
static uint64_t clock_ns; /* what the stopwatch says */
static uint64_t reads;
static uint64_t takes_ns; /* how long a handler takes */

static uint64_t read_clock(void *ctx)
{
    assert_ptr_equal(ctx, &clock_ns);
    reads++;
    return clock_ns;
}

static tutti_status work(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    clock_ns += takes_ns;
    fixture_note(ctx, 'w', msg);
    return TUTTI_OK;
}

static tutti_status fail_slowly(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)work(ctx, bus, msg);
    return TUTTI_BUSY;
}

static void open_with(const tt_bus_options *options)
{
    fixture_open(&fix, options);
    clock_ns = 1000000;
    reads = 0;
    takes_ns = 50;
}

static int setup(void **state)
{
    (void)state;
    open_with(&(tt_bus_options){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tt_arena_fini(&fix.arena);
    return 0;
}

static uint64_t subscribe(tt_bus_handler_fn handler)
{
    uint64_t id = 0;
    const tt_bus_subscription request = {
        .name = "worker", .topic = TT_TOPIC_CLOCK, .handler = handler, .ctx = &fix};
    assert_int_equal(tt_bus_subscribe_to(fix.bus, &request, &id), TUTTI_OK);
    return id;
}

static void start(uint32_t sample_every)
{
    tt_bus_set_stopwatch(fix.bus, read_clock, &clock_ns, sample_every);
}

static void publish(void)
{
    fixture_publish(&fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix.bus);
}

static tt_priority clock_lane(void)
{
    return (tt_priority)tt_topic_info_get(TT_TOPIC_CLOCK)->priority;
}

static uint64_t count_of(const tt_histogram *histogram)
{
    assert_non_null(histogram);
    return histogram->count;
}

static void nothing_is_measured_without_a_stopwatch(void **state)
{
    (void)state;
    uint64_t id = subscribe(work);
    publish();
    assert_int_equal(reads, 0);
    assert_null(tt_bus_handler_times(fix.bus, id));
    assert_int_equal(count_of(tt_bus_queue_delays(fix.bus, clock_lane())), 0);
}

static void handler_time_and_queue_delay_are_exact(void **state)
{
    (void)state;
    uint64_t first = subscribe(work);
    uint64_t second = subscribe(fail_slowly); // failed calls took time, too
    start(1);
    fixture_publish(&fix, TT_TOPIC_CLOCK);
    clock_ns += 30;
    tt_bus_run(fix.bus);
    const tt_histogram *times = tt_bus_handler_times(fix.bus, first);
    assert_int_equal(count_of(times), 1);
    assert_int_equal(times->min, 50);
    assert_int_equal(times->max, 50);
    assert_int_equal(tt_bus_handler_times(fix.bus, second)->sum, 50);
    const tt_histogram *delays = tt_bus_queue_delays(fix.bus, clock_lane());
    assert_int_equal(count_of(delays), 1);
    assert_int_equal(delays->max, 30);
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, 0)), 0);
}

/** The only handler of a topic is measured by a way of its own: it counts and fails as others do.
 */
static void an_only_handler_is_measured_and_may_fail(void **state)
{
    (void)state;
    uint64_t id = subscribe(fail_slowly);
    start(1);
    for (int i = 0; i < 3; i++) {
        publish();
    }
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, id)), 3);
    assert_int_equal(tt_bus_handler_times(fix.bus, id)->sum, 150);
    tt_bus_subscriber_stats stats;
    assert_true(tt_bus_subscriber_stats_get(fix.bus, TT_TOPIC_CLOCK, 0, &stats));
    assert_int_equal(stats.failed, 3);
    assert_int_equal(stats.delivered, 0);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).failed, 3);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_DEAD_LETTERS).published, 3);
}

/** Publishes what follows from its message, and ends. */
static tutti_status say_and_end(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)work(ctx, bus, msg);
    tt_bus_post post = fixture_post(TT_TOPIC_FILLS);
    tt_seq seq = 0;
    assert_int_equal(tt_bus_publish(bus, &post, &seq), TUTTI_OK);
    assert_int_equal(tt_bus_find(bus, TT_TOPIC_FILLS, seq)->cause, msg->seq);
    assert_int_equal(tt_bus_unsubscribe(bus, TT_TOPIC_CLOCK, "worker"), 1);
    return TUTTI_OK;
}

static void an_only_handler_may_end_while_it_is_measured(void **state)
{
    (void)state;
    publish(); // the first one of a topic is never plain
    (void)subscribe(say_and_end);
    uint64_t read_before = reads;
    start(1);
    publish();
    assert_int_equal(reads - read_before, 6); // two messages queued and taken, one of them handled
    assert_int_equal(tt_bus_subscriber_count(fix.bus, TT_TOPIC_CLOCK), 0);
    assert_int_equal(tt_bus_subscriber_count(fix.bus, TT_TOPIC_NONE), 0);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).delivered, 1);
    publish();
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).delivered, 1);
}

static void delays_are_by_lane_and_in_order(void **state)
{
    (void)state;
    start(1);
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    subscribe(work);
    takes_ns = 100;
    for (uint32_t i = 0; i < 3; i++) {
        post.priority = TT_priority_LOW;
        assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    }
    post.priority = TT_priority_URGENT;
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    tt_bus_run(fix.bus);
    assert_string_equal(fix.log, "w4 w1 w2 w3 ");
    assert_int_equal(tt_bus_queue_delays(fix.bus, TT_priority_URGENT)->sum, 0);
    const tt_histogram *low = tt_bus_queue_delays(fix.bus, TT_priority_LOW);
    assert_int_equal(low->count, 3);
    assert_int_equal(low->min, 100);
    assert_int_equal(low->sum, 100 + 200 + 300);
    assert_null(tt_bus_queue_delays(fix.bus, TT_priority_COUNT));
}

static void one_in_n_is_measured(void **state)
{
    (void)state;
    uint64_t id = subscribe(work);
    start(4);
    for (uint32_t i = 0; i < 9; i++) {
        publish();
    }
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, id)), 3); // the 1st, 5th, 9th
    assert_int_equal(reads, 3 * 4);
    assert_string_equal(fix.log, "w1 w2 w3 w4 w5 w6 w7 w8 w9 ");
}

static void every_queued_message_has_room_for_its_start(void **state)
{
    (void)state;
    teardown(NULL);
    open_with(&(tt_bus_options){.queue_messages = 10});
    uint64_t id = subscribe(work);
    start(1);
    for (uint32_t round = 0; round < 200; round++) { // around the ring more than once
        for (uint32_t i = 0; i < 10; i++) {
            fixture_publish(&fix, TT_TOPIC_CLOCK);
        }
        fix.log[0] = '\0';
        tt_bus_run(fix.bus);
        fixture_later(&fix, 1);
    }
    const tt_histogram *delays = tt_bus_queue_delays(fix.bus, clock_lane());
    assert_int_equal(delays->count, 2000);
    assert_int_equal(delays->sum, 200 * 50 * 45); // each waits for those before it
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, id)), 2000);
}

static void beyond_the_bound_the_rest_counts_together(void **state)
{
    (void)state;
    teardown(NULL);
    open_with(&(tt_bus_options){.timings_max = 1});
    uint64_t first = subscribe(work);
    uint64_t second = subscribe(work);
    uint64_t third = subscribe(work);
    start(1);
    publish();
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, first)), 1);
    assert_null(tt_bus_handler_times(fix.bus, second));
    assert_null(tt_bus_handler_times(fix.bus, third));
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, 0)), 2);
    assert_true(tt_bus_unsubscribe_id(fix.bus, first));
    assert_null(tt_bus_handler_times(fix.bus, first));
    uint64_t fourth = subscribe(work);
    takes_ns = 7;
    publish();
    assert_int_equal(tt_bus_handler_times(fix.bus, fourth)->count, 1); // emptied for the next owner
    assert_int_equal(tt_bus_handler_times(fix.bus, fourth)->max, 7);
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, 0)), 4);
}

static void a_change_of_stopwatch_voids_what_waits(void **state)
{
    (void)state;
    uint64_t id = subscribe(work);
    start(1);
    fixture_publish(&fix, TT_TOPIC_CLOCK);
    tt_bus_set_stopwatch(fix.bus, NULL, NULL, 0);
    tt_bus_run(fix.bus);
    assert_null(tt_bus_handler_times(fix.bus, id));
    assert_int_equal(count_of(tt_bus_queue_delays(fix.bus, clock_lane())), 0);
    fixture_publish(&fix, TT_TOPIC_CLOCK); // not measured, between two that are
    start(0);
    fixture_publish(&fix, TT_TOPIC_CLOCK);
    clock_ns += 11;
    tt_bus_run(fix.bus);
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, id)), 1);
    assert_int_equal(tt_bus_queue_delays(fix.bus, clock_lane())->max, 11 + 50);
}

static void a_clock_that_goes_back_counts_as_nothing(void **state)
{
    (void)state;
    uint64_t id = subscribe(work);
    start(1);
    takes_ns = (uint64_t)-500;
    publish();
    assert_int_equal(tt_bus_handler_times(fix.bus, id)->max, 0);
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, id)), 1);
}

static void an_expired_message_waited_but_was_not_handled(void **state)
{
    (void)state;
    uint64_t id = subscribe(work);
    start(1);
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.ttl_ms = 1;
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    fixture_later(&fix, 1);
    tt_bus_run(fix.bus);
    assert_string_equal(fix.log, "");
    assert_null(tt_bus_handler_times(fix.bus, id));
    assert_int_equal(count_of(tt_bus_queue_delays(fix.bus, clock_lane())), 1);
}

static void reset_forgets(void **state)
{
    (void)state;
    uint64_t id = subscribe(work);
    start(1);
    publish();
    tt_bus_reset_times(fix.bus);
    assert_int_equal(count_of(tt_bus_handler_times(fix.bus, id)), 0);
    assert_int_equal(count_of(tt_bus_queue_delays(fix.bus, clock_lane())), 0);
}

/** All bytes of the state, as a snapshot would hold them. */
static uint64_t state_sum(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < fix.core.region_count; i++) {
        const unsigned char *bytes = fix.core.regions[i].data;
        for (size_t at = 0; at < fix.core.regions[i].size; at++) {
            sum = sum * 31 + bytes[at];
        }
    }
    return sum;
}

static void what_was_taken_is_not_taken_again(void **state)
{
    (void)state;
    subscribe(work);
    start(1);
    publish();
    takes_ns = 70;
    publish();
    tt_bus_recent_times times = tt_bus_take_recent_times(fix.bus);
    assert_int_equal(times.count, 2);
    assert_int_equal(times.sum_ns, 120);
    assert_int_equal(times.max_ns, 70);
    takes_ns = 30;
    publish();
    times = tt_bus_take_recent_times(fix.bus);
    assert_int_equal(times.count, 1);
    assert_int_equal(times.sum_ns, 30);
    assert_int_equal(times.max_ns, 30);
    assert_int_equal(tt_bus_take_recent_times(fix.bus).count, 0);
}

static void times_never_reach_the_state(void **state)
{
    (void)state;
    uint64_t sums[2];
    for (uint32_t run = 0; run < 2; run++) {
        teardown(NULL);
        open_with(&(tt_bus_options){.queue_messages = 64});
        subscribe(work);
        subscribe(fail_slowly);
        if (run == 1) {
            start(2);
        }
        for (uint32_t i = 0; i < 20; i++) {
            publish();
        }
        sums[run] = state_sum();
    }
    assert_true(reads > 0);
    assert_int_equal(sums[0], sums[1]);
}

#define TIMING_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TIMING_TEST(nothing_is_measured_without_a_stopwatch),
        TIMING_TEST(handler_time_and_queue_delay_are_exact),
        TIMING_TEST(an_only_handler_is_measured_and_may_fail),
        TIMING_TEST(an_only_handler_may_end_while_it_is_measured),
        TIMING_TEST(delays_are_by_lane_and_in_order),
        TIMING_TEST(one_in_n_is_measured),
        TIMING_TEST(every_queued_message_has_room_for_its_start),
        TIMING_TEST(beyond_the_bound_the_rest_counts_together),
        TIMING_TEST(a_change_of_stopwatch_voids_what_waits),
        TIMING_TEST(a_clock_that_goes_back_counts_as_nothing),
        TIMING_TEST(an_expired_message_waited_but_was_not_handled),
        TIMING_TEST(reset_forgets),
        TIMING_TEST(what_was_taken_is_not_taken_again),
        TIMING_TEST(times_never_reach_the_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
