/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The inbox on one thread: what comes out is what was posted, lanes, bounds, limits, the end.
 * Covers: inbox_post.c
 */
#include "fixture.h"

static fixture fix;

static void open_default(void)
{
    fixture_open(&fix, &(fixture_options){0});
}

static tt_publisher *publisher_named(const char *name)
{
    return fixture_publisher(&fix, &(tt_publisher_options){.name = name});
}

static tt_publisher_stats stats_of(const tt_publisher *publisher)
{
    tt_publisher_stats stats;
    tt_publisher_stats_get(publisher, &stats);
    return stats;
}

static tutti_status try_priority(tt_publisher *publisher, uint64_t number, uint8_t priority)
{
    tt_bus_post post = fixture_post(number, 0);
    post.priority = priority;
    return tt_inbox_post_try(publisher, &post, 0);
}

static uint64_t take_number(void)
{
    tt_inbox_record record;
    assert_true(tt_inbox_peek(fix.inbox, &record));
    assert_int_equal(record.kind, TT_INBOX_POST);
    assert_int_equal((uintptr_t)record.post.payload % 16, 0);
    uint64_t number = fixture_number(record.post.payload);
    tt_inbox_release(fix.inbox);
    return number;
}

static void a_record_is_what_was_posted(void **state)
{
    (void)state;
    open_default();
    tt_quote quote = {.feed_seq = 42};
    const tt_bus_post post = {
        .topic = TT_TOPIC_MARKET_QUOTE,
        .source = TT_SOURCE_FEED,
        .key = 7,
        .payload = &quote,
        .priority = TT_priority_HIGH,
        .kind = TT_msg_kind_ALERT + 1,
        .ttl_ms = 4321,
        .target = TT_SOURCE_RISK,
        .cause = 99,
        .correlation = {{1, 2, 3}},
    };
    tt_publisher *publisher = publisher_named("feed");
    assert_int_equal(tt_inbox_post_try(publisher, &post, 0), TUTTI_OK);
    quote.feed_seq = 43; // a copy was taken
    tt_inbox_record record;
    assert_true(tt_inbox_has_record(fix.inbox));
    assert_true(tt_inbox_peek(fix.inbox, &record));
    assert_int_equal(record.payload_size, sizeof quote);
    assert_int_equal(record.post.topic, post.topic);
    assert_int_equal(record.post.source, post.source);
    assert_int_equal(record.post.key, 7);
    assert_int_equal(record.post.priority, TT_priority_HIGH);
    assert_int_equal(record.post.flags, 0);
    assert_int_equal(record.post.kind, TT_msg_kind_ALERT + 1);
    assert_int_equal(record.post.ttl_ms, 4321);
    assert_int_equal(record.post.target, TT_SOURCE_RISK);
    assert_int_equal(record.post.cause, 99);
    assert_memory_equal(&record.post.correlation, &post.correlation, 16);
    assert_int_equal(fixture_number(record.post.payload), 42);
    tt_inbox_release(fix.inbox);
    assert_false(tt_inbox_peek(fix.inbox, &record));
    TT_EXPECT_ABORT((tt_inbox_release(fix.inbox), 0));
    fixture_close(&fix);
}

static void only_the_used_items_of_a_list_travel(void **state)
{
    (void)state;
    open_default();
    static tt_agent_answer answer;
    answer.count = 3;
    const tt_bus_post post = {
        .topic = TT_TOPIC_AGENT_ANSWERS, .source = TT_SOURCE_HOST, .payload = &answer};
    tt_publisher *publisher = publisher_named("pool");
    assert_int_equal(tt_inbox_post_try(publisher, &post, 0), TUTTI_OK);
    tt_inbox_record record;
    assert_true(tt_inbox_peek(fix.inbox, &record));
    assert_true(record.payload_size < sizeof answer);
    assert_int_equal(
        record.payload_size, tt_layout_used_size(&tt_layout_agent_answer, record.post.payload));
    tt_inbox_release(fix.inbox);
    answer.count = TT_MAX_answer_byte + 1;
    assert_int_equal(tt_inbox_post_try(publisher, &post, 0), TUTTI_INVALID);
    fixture_close(&fix);
}

static void what_no_bus_would_take_is_refused(void **state)
{
    (void)state;
    open_default();
    tt_publisher *publisher = publisher_named("feed");
    tt_publisher *venue = fixture_publisher(
        &fix, &(tt_publisher_options){.name = "venue", .source = TT_SOURCE_VENUE});
    const tt_bus_post good = fixture_post(1, 0);
    tt_bus_post bad[5] = {good, good, good, good, good};
    bad[0].topic = TT_TOPIC_NONE;
    bad[1].topic = TT_TOPIC_COUNT;
    bad[2].source = TT_SOURCE_NONE;
    bad[3].payload = NULL;
    bad[4].priority = TT_priority_COUNT;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(tt_inbox_post_try(publisher, &bad[i], 0), TUTTI_INVALID);
    }
    tt_bus_post core_only = good;
    core_only.topic = TT_TOPIC_FILLS; // no thread may say that an order was filled
    assert_int_equal(tt_inbox_post_try(publisher, &core_only, 0), TUTTI_INVALID);
    assert_int_equal(tt_inbox_post_try(publisher, &good, 16), TUTTI_INVALID);
    assert_int_equal(tt_inbox_post_try(venue, &good, 0), TUTTI_INVALID); // another's name
    assert_int_equal(stats_of(publisher).invalid, 7);
    assert_int_equal(stats_of(publisher).posted, 0);
    assert_int_equal(stats_of(venue).invalid, 1);
    tt_bus_post unnamed = good;
    unnamed.source = TT_SOURCE_NONE;
    assert_int_equal(tt_inbox_post_try(venue, &unnamed, 0), TUTTI_OK);
    tt_inbox_record record;
    assert_true(tt_inbox_peek(fix.inbox, &record));
    assert_int_equal(record.post.source, TT_SOURCE_VENUE);
    fixture_close(&fix);
}

static void contents_are_checked_where_they_come_from(void **state)
{
    (void)state;
    tt_bar bar;
    memset(&bar, 0xff, sizeof bar);
    const tt_bus_post post = {
        .topic = TT_TOPIC_MARKET_BAR, .source = TT_SOURCE_FEED, .payload = &bar};
    open_default();
    assert_int_equal(tt_inbox_post_try(publisher_named("feed"), &post, 0), TUTTI_INVALID);
    fixture_close(&fix);
    fixture_open(&fix, &(fixture_options){.inbox.is_unchecked = true});
    assert_int_equal(tt_inbox_post_try(publisher_named("feed"), &post, 0), TUTTI_OK);
    fixture_close(&fix);
}

static void urgent_overtakes_a_flood_at_its_limit(void **state)
{
    (void)state;
    open_default();
    tt_publisher *feed = publisher_named("feed");
    tt_publisher *person = publisher_named("person");
    uint64_t flood = 0;
    while (fixture_try(feed, flood, 0) == TUTTI_OK) {
        flood++;
    }
    assert_true(flood > 1000);
    assert_int_equal(stats_of(feed).refused, 1);
    assert_int_equal(take_number(), 0);
    assert_int_equal(try_priority(person, 1000001, TT_priority_LOW), TUTTI_OK);
    assert_int_equal(try_priority(person, 1000002, TT_priority_HIGH), TUTTI_OK);
    assert_int_equal(try_priority(person, 1000003, TT_priority_URGENT), TUTTI_OK);
    assert_int_equal(take_number(), 1000003);
    assert_int_equal(take_number(), 1000002);
    assert_int_equal(take_number(), 1);
    assert_int_equal(try_priority(person, 1000004, TT_priority_URGENT), TUTTI_OK);
    assert_int_equal(take_number(), 1000004);
    for (uint64_t number = 2; number < flood; number++) {
        assert_int_equal(take_number(), number);
    }
    assert_int_equal(take_number(), 1000001);
    tt_inbox_stats stats;
    tt_inbox_stats_get(fix.inbox, &stats);
    assert_int_equal(stats.lanes[TT_priority_NORMAL].pushed, flood);
    assert_int_equal(stats.lanes[TT_priority_NORMAL].popped, flood);
    assert_int_equal(stats.lanes[TT_priority_URGENT].popped, 2);
    assert_int_equal(stats.lanes[TT_priority_LOW].bytes_used, 0);
    fixture_close(&fix);
}

static void the_lane_of_a_topic_is_its_priority(void **state)
{
    (void)state;
    open_default();
    tt_publisher *feed = publisher_named("feed");
    assert_int_equal(fixture_try(feed, 1, 0), TUTTI_OK);
    assert_int_equal(
        tt_inbox_set_topic_priority(fix.inbox, TT_TOPIC_MARKET_QUOTE, TT_priority_URGENT),
        TUTTI_OK);
    assert_int_equal(fixture_try(feed, 2, 0), TUTTI_OK);
    assert_int_equal(take_number(), 2);
    assert_int_equal(take_number(), 1);
    assert_int_equal(
        tt_inbox_set_topic_priority(fix.inbox, TT_TOPIC_COUNT, TT_priority_LOW), TUTTI_INVALID);
    assert_int_equal(
        tt_inbox_set_topic_priority(fix.inbox, TT_TOPIC_CLOCK, TT_priority_COUNT), TUTTI_INVALID);
    fixture_close(&fix);
}

static void a_ring_of_its_own_takes_turns_with_the_shared_one(void **state)
{
    (void)state;
    fixture_open(&fix, &(fixture_options){.inbox.ring_bytes = 64 << 10});
    tt_publisher *own =
        fixture_publisher(&fix, &(tt_publisher_options){.name = "own", .ring_bytes = 32 << 10});
    tt_publisher *other = publisher_named("other");
    for (uint64_t i = 0; i < 100; i++) {
        assert_int_equal(fixture_try(own, i, 0), TUTTI_OK);
        assert_int_equal(fixture_try(other, 1000 + i, 0), TUTTI_OK);
    }
    // Each keeps its order, and neither waits for more than a turn of the other.
    uint64_t next_own = 0;
    uint64_t next_other = 1000;
    for (int i = 0; i < 200; i++) {
        uint64_t number = take_number();
        bool is_other = (i < 192 ? i / 32 : (i - 192) / 4) % 2 == 0;
        assert_int_equal(number, is_other ? next_other : next_own);
        next_own += number < 1000;
        next_other += number >= 1000;
    }
    // What does not belong into its lane goes the way of all others.
    assert_int_equal(fixture_try(own, 1, 0), TUTTI_OK);
    assert_int_equal(try_priority(own, 2, TT_priority_URGENT), TUTTI_OK);
    assert_int_equal(take_number(), 2);
    assert_int_equal(take_number(), 1);
    uint64_t filled = 0;
    while (fixture_try(own, filled, 0) == TUTTI_OK) {
        filled++;
    }
    assert_in_range(filled, 100, (32 << 10) / 64);
    assert_int_equal(fixture_try(other, 0, 0), TUTTI_OK); // a full ring is its owner's alone
    fixture_close(&fix);
}

static void urgent_overtakes_a_flood_of_a_ring_of_its_own(void **state)
{
    (void)state;
    fixture_open(&fix, &(fixture_options){.inbox.ring_bytes = 96 << 10});
    tt_publisher *feed =
        fixture_publisher(&fix, &(tt_publisher_options){.name = "feed", .ring_bytes = 32 << 10});
    tt_publisher *person = publisher_named("person");
    for (uint64_t i = 0; i < 20; i++) {
        assert_int_equal(fixture_try(feed, i, 0), TUTTI_OK);
    }
    for (uint64_t i = 0; i < 10; i++) { // the feed's turn goes on meanwhile
        assert_int_equal(take_number(), i);
        assert_int_equal(try_priority(person, 100 + i, TT_priority_HIGH), TUTTI_OK);
        assert_int_equal(try_priority(person, 200 + i, TT_priority_URGENT), TUTTI_OK);
        assert_int_equal(take_number(), 200 + i);
        assert_int_equal(take_number(), 100 + i);
    }
    // One that opens later, in the same lane and in a higher one.
    const tt_publisher_options late = {.name = "late", .ring_bytes = 16 << 10};
    const tt_publisher_options desk = {
        .name = "desk", .ring_bytes = 16 << 10, .ring_lane = TT_priority_URGENT};
    tt_publisher *late_one = fixture_publisher(&fix, &late);
    tt_publisher *desk_one = fixture_publisher(&fix, &desk);
    assert_int_equal(fixture_try(late_one, 300, 0), TUTTI_OK);
    assert_int_equal(take_number(), 10);
    assert_int_equal(try_priority(desk_one, 400, TT_priority_URGENT), TUTTI_OK);
    assert_int_equal(try_priority(desk_one, 401, TT_priority_URGENT), TUTTI_OK);
    assert_int_equal(take_number(), 400);
    assert_int_equal(try_priority(person, 402, TT_priority_URGENT), TUTTI_OK);
    assert_int_equal(take_number(), 401);
    assert_int_equal(take_number(), 402);
    for (uint64_t i = 11; i < 20; i++) {
        assert_int_equal(take_number(), i);
    }
    assert_int_equal(take_number(), 300);
    assert_false(tt_inbox_has_record(fix.inbox));
    assert_int_equal(try_priority(desk_one, 403, TT_priority_URGENT), TUTTI_OK);
    assert_int_equal(take_number(), 403);
    fixture_close(&fix);
}

static void publishers_are_bounded(void **state)
{
    (void)state;
    fixture_open(&fix, &(fixture_options){.inbox = {.publishers_max = 3, .ring_bytes = 16 << 10}});
    const tt_publisher_options wrong[] = {
        {.name = NULL},
        {.name = ""},
        {.name = "12345678901234567890123456789012"},
        {.name = "x", .burst = 1000001},
        {.name = "x", .ring_bytes = 3 << 13},
        {.name = "x", .ring_bytes = 8 << 10},
        {.name = "x", .ring_bytes = 16 << 10, .is_shared = true},
        {.name = "x", .ring_lane = TT_priority_COUNT},
    };
    tt_publisher *publisher = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(tt_inbox_open(fix.inbox, &wrong[i], &publisher), TUTTI_INVALID);
    }
    const tt_publisher_options own = {.name = "own", .ring_bytes = 16 << 10};
    assert_int_equal(tt_inbox_open(fix.inbox, &own, &publisher), TUTTI_OK);
    assert_int_equal(tt_inbox_open(fix.inbox, &own, &publisher), TUTTI_LIMIT); // no ring left
    assert_non_null(publisher_named("third"));
    assert_int_equal(
        tt_inbox_open(fix.inbox, &(tt_publisher_options){.name = "x"}, &publisher), TUTTI_LIMIT);
    assert_string_equal(stats_of(tt_inbox_publisher(fix.inbox, 2)).name, "third");
    assert_null(tt_inbox_publisher(fix.inbox, 3));
    fixture_close(&fix);
}

static void wrong_sizes_are_refused(void **state)
{
    (void)state;
    open_default();
    tt_inbox *inbox = NULL;
    const tt_idle_options idle = {.clock = &fixture_real_clock};
    tt_inbox_options wrong[5] = {{.idle = idle}, {.idle = idle}, {.idle = idle}, {.idle = idle}};
    wrong[0].lane_bytes[TT_priority_LOW] = 8 << 10;
    wrong[1].lane_bytes[TT_priority_URGENT] = 48 << 10;
    wrong[2].publishers_max = 1025;
    wrong[3].topics_max = TT_TOPIC_COUNT - 1;
    for (int i = 0; i < 5; i++) { // the last has no clock
        assert_int_equal(tt_inbox_new(&wrong[i], &fix.arena, &inbox), TUTTI_INVALID);
    }
    const tt_inbox_options fine = {.idle = idle};
    tt_arena small;
    assert_int_equal(tt_arena_init(&small, tt_inbox_memory(&fine)), TUTTI_OK);
    assert_int_equal(tt_inbox_new(&fine, &small, &inbox), TUTTI_OK);
    assert_int_equal(tt_inbox_new(&fine, &small, &inbox), TUTTI_NO_MEMORY);
    tt_arena_fini(&small);
    fixture_close(&fix);
}

static void limits_of_rate_are_exact_and_told(void **state)
{
    (void)state;
    open_default();
    fix.clock.step_ns = 0;
    tt_publisher *slow = fixture_publisher(
        &fix, &(tt_publisher_options){.name = "slow", .rate_per_s = 100, .burst = 5});
    tt_publisher *trusted = fixture_publisher(
        &fix,
        &(tt_publisher_options){
            .name = "trusted", .rate_per_s = 100, .burst = 5, .is_trusted = true});
    tt_publisher *free_one = publisher_named("free");
    for (uint64_t i = 0; i < 8; i++) {
        assert_int_equal(fixture_try(slow, i, 0), i < 5 ? TUTTI_OK : TUTTI_LIMIT);
        assert_int_equal(fixture_try(trusted, i, 0), TUTTI_OK);
    }
    assert_int_equal(stats_of(slow).rate_limited, 3);
    assert_int_equal(stats_of(slow).posted, 5);
    assert_int_equal(stats_of(slow).refused, 0);
    assert_int_equal(tt_inbox_set_topic_rate(fix.inbox, TT_TOPIC_MARKET_QUOTE, 1000, 2), TUTTI_OK);
    tt_fake_timepiece_advance(&fix.clock.fake, (tt_dur){TT_NS_PER_S});
    // The topic allows two, to all publishers together; a refused post costs no token.
    assert_int_equal(fixture_try(slow, 1, 0), TUTTI_OK);
    assert_int_equal(fixture_try(free_one, 1, 0), TUTTI_OK);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(fixture_try(slow, 1, 0), TUTTI_LIMIT);
        assert_int_equal(fixture_try(free_one, 1, 0), TUTTI_LIMIT);
        assert_int_equal(fixture_try(trusted, 1, 0), TUTTI_OK);
    }
    assert_int_equal(tt_inbox_set_topic_rate(fix.inbox, TT_TOPIC_MARKET_QUOTE, 0, 0), TUTTI_OK);
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(fixture_try(slow, i, 0), i < 4 ? TUTTI_OK : TUTTI_LIMIT);
    }
    assert_int_equal(tt_inbox_set_topic_rate(fix.inbox, TT_TOPIC_COUNT, 1, 1), TUTTI_INVALID);
    assert_int_equal(tt_inbox_set_topic_rate(fix.inbox, 0, 1, 1), TUTTI_INVALID);
    fixture_close(&fix);
}

static void a_full_lane_costs_no_token(void **state)
{
    (void)state;
    open_default();
    fix.clock.step_ns = 0;
    tt_publisher *slow = fixture_publisher(
        &fix, &(tt_publisher_options){.name = "slow", .rate_per_s = 1, .burst = 3});
    tt_publisher *feed = publisher_named("feed");
    while (fixture_try(feed, 0, 0) == TUTTI_OK) {
    }
    for (int i = 0; i < 10; i++) {
        assert_int_equal(fixture_try(slow, 1, 0), TUTTI_LIMIT);
    }
    assert_int_equal(stats_of(slow).refused, 10);
    assert_int_equal(stats_of(slow).rate_limited, 0);
    for (int i = 0; i < 4; i++) {
        (void)take_number();
    }
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(fixture_try(slow, i, 0), i < 3 ? TUTTI_OK : TUTTI_LIMIT);
    }
    assert_int_equal(stats_of(slow).rate_limited, 1);
    fixture_close(&fix);
}

static void a_timed_post_gives_up_in_time(void **state)
{
    (void)state;
    open_default();
    tt_publisher *feed = publisher_named("feed");
    while (fixture_try(feed, 0, 0) == TUTTI_OK) {
    }
    const tt_bus_post post = fixture_post(1, 0);
    int64_t before = fix.clock.fake.monotonic.ns;
    assert_int_equal(
        tt_inbox_post_timed(feed, &post, 0, (tt_dur){30 * TT_NS_PER_US}), TUTTI_TIMEOUT);
    assert_in_range(fix.clock.fake.monotonic.ns - before, 30000, 32000);
    assert_int_equal(stats_of(feed).timed_out, 1);
    assert_int_equal(stats_of(feed).waited, 1);
    (void)take_number();
    assert_int_equal(tt_inbox_post_timed(feed, &post, 0, (tt_dur){TT_NS_PER_S}), TUTTI_OK);
    assert_int_equal(stats_of(feed).waited, 1);
    fixture_close(&fix);
}

static void after_the_close_nothing_comes_in_and_all_comes_out(void **state)
{
    (void)state;
    fixture_open(&fix, &(fixture_options){.inbox.ring_bytes = 16 << 10});
    tt_publisher *own =
        fixture_publisher(&fix, &(tt_publisher_options){.name = "own", .ring_bytes = 16 << 10});
    tt_publisher *feed = publisher_named("feed");
    assert_int_equal(fixture_try(feed, 1, 0), TUTTI_OK);
    assert_int_equal(fixture_try(own, 2, 0), TUTTI_OK);
    assert_false(tt_inbox_is_drained(fix.inbox));
    tt_inbox_close(fix.inbox);
    tt_inbox_close(fix.inbox);
    assert_true(tt_inbox_is_closed(fix.inbox));
    assert_int_equal(fixture_try(feed, 3, 0), TUTTI_STATE);
    assert_int_equal(fixture_try(own, 3, 0), TUTTI_STATE);
    const tt_bus_post post = fixture_post(3, 0);
    assert_int_equal(tt_inbox_post_wait(feed, &post, 0), TUTTI_STATE);
    assert_int_equal(stats_of(feed).after_stop, 2);
    tt_publisher *late = NULL;
    assert_int_equal(
        tt_inbox_open(fix.inbox, &(tt_publisher_options){.name = "late"}, &late), TUTTI_STATE);
    assert_false(tt_inbox_is_drained(fix.inbox));
    assert_int_equal(take_number() + take_number(), 3);
    assert_true(tt_inbox_is_drained(fix.inbox));
    assert_false(tt_inbox_wait(
        fix.inbox,
        &(tt_idle_options){.strategy = TT_idle_BLOCK, .park_max_ns = 1, .clock = &fix.clock.clock},
        (tt_dur){TT_IDLE_FOR_EVER}));
    fixture_close(&fix);
}

static void a_dead_report_brings_the_whole_message_back(void **state)
{
    (void)state;
    open_default();
    const tt_dead_report report = {
        .reason = TT_dead_reason_HANDLER_FAILED, .attempts = 4, .handler = "h", .text = "t"};
    for (uint16_t size = 16; size <= TT_PAYLOAD_MAX; size = (uint16_t)(size + 1000 / 16 * 16)) {
        const tt_msg *msg = fixture_msg(77, 5, size);
        assert_int_equal(tt_inbox_post_dead(fix.dead, msg, &report), TUTTI_OK);
        tt_inbox_record record;
        assert_true(tt_inbox_peek(fix.inbox, &record));
        assert_int_equal(record.kind, TT_INBOX_DEAD);
        assert_memory_equal(&record.dead_report, &report, sizeof report);
        assert_memory_equal(record.dead, msg, tt_msg_bytes(msg));
        assert_int_equal(fixture_msg_number(record.dead), 77);
        tt_inbox_release(fix.inbox);
    }
    fixture_close(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_what_was_posted),
        cmocka_unit_test(only_the_used_items_of_a_list_travel),
        cmocka_unit_test(what_no_bus_would_take_is_refused),
        cmocka_unit_test(contents_are_checked_where_they_come_from),
        cmocka_unit_test(urgent_overtakes_a_flood_at_its_limit),
        cmocka_unit_test(the_lane_of_a_topic_is_its_priority),
        cmocka_unit_test(a_ring_of_its_own_takes_turns_with_the_shared_one),
        cmocka_unit_test(urgent_overtakes_a_flood_of_a_ring_of_its_own),
        cmocka_unit_test(publishers_are_bounded),
        cmocka_unit_test(wrong_sizes_are_refused),
        cmocka_unit_test(limits_of_rate_are_exact_and_told),
        cmocka_unit_test(a_full_lane_costs_no_token),
        cmocka_unit_test(a_timed_post_gives_up_in_time),
        cmocka_unit_test(after_the_close_nothing_comes_in_and_all_comes_out),
        cmocka_unit_test(a_dead_report_brings_the_whole_message_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
