/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Building a bus: bounds of the options, memory, subscriptions and their end, what a restart keeps.
 */
#include "bus_fixture.h"

static tutti_status note(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'n', msg);
    return TUTTI_OK;
}

static tutti_status new_with(const tt_bus_options *options, size_t arena_bytes)
{
    tt_arena arena = {0};
    tt_bus *bus = NULL;
    assert_int_equal(tt_arena_init(&arena, arena_bytes), TUTTI_OK);
    tutti_status status = tt_bus_new(options, &arena, &bus);
    assert_true((status == TUTTI_OK) == (bus != NULL));
    tt_arena_fini(&arena);
    return status;
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    const size_t room = (size_t)64 << 20;
    assert_int_equal(new_with(&(tt_bus_options){.outbox_bytes = 4095}, room), TUTTI_INVALID);
    assert_int_equal(new_with(&(tt_bus_options){.outbox_bytes = 4096}, room), TUTTI_OK);
    assert_int_equal(
        new_with(&(tt_bus_options){.outbox_bytes = (1u << 30) + 1}, room), TUTTI_INVALID);
    assert_int_equal(
        new_with(&(tt_bus_options){.queue_messages = (1u << 20) + 1}, room), TUTTI_INVALID);
    assert_int_equal(new_with(&(tt_bus_options){.depth_max = 10001}, room), TUTTI_INVALID);
    assert_int_equal(new_with(&(tt_bus_options){.history_scale_pct = 10001}, room), TUTTI_INVALID);
    assert_int_equal(new_with(&(tt_bus_options){.key_max = 65536}, room), TUTTI_INVALID);
    assert_int_equal(new_with(&(tt_bus_options){.window_ms = 99}, room), TUTTI_INVALID);
    assert_int_equal(new_with(&(tt_bus_options){.window_ms = 100}, room), TUTTI_OK);
    assert_int_equal(new_with(&(tt_bus_options){.window_ms = 86400001}, room), TUTTI_INVALID);
    assert_int_equal(new_with(&(tt_bus_options){.timings_max = 4097}, room), TUTTI_INVALID);
}

/** A number of the options, and its bounds. */
struct bound {
    size_t offset;
    uint32_t min; /**< 0: there is none below the maximum. */
    uint32_t max;
    uint32_t by_default; /**< What 0 stands for; 0: nothing else. */
};
#define BOUND(field_, ...)                                                                         \
    {                                                                                              \
        offsetof(tt_bus_options, field_), __VA_ARGS__                                              \
    }
static const struct bound bounds[] = {
    BOUND(outbox_bytes, 4096, 1u << 30, 4u << 20),
    BOUND(queue_messages, 0, 1u << 20, 8192),
    BOUND(depth_max, 0, 10000, 64),
    BOUND(history_scale_pct, 0, 10000, 100),
    BOUND(key_max, 0, 65535, 64),
    BOUND(topics_max, 0, 4096, 0),
    BOUND(sources_max, 0, 256, 0),
    BOUND(topic_bytes, 0, 1u << 30, 0),
    BOUND(requests_max, 0, 65535, 256),
    BOUND(blocked_max, 0, 65535, 256),
    BOUND(subscriptions_max, 0, 65535, 1024),
    BOUND(expiry_max, 0, 1u << 20, 8192),
    BOUND(dead_max, 0, 16384, 256),
    BOUND(dead_bytes, 4032, 256u << 20, 1u << 20),
    BOUND(idempotency_max, 0, 1u << 24, 4096),
    BOUND(limits_max, 0, 4096, 16),
    BOUND(retries_max, 0, 16384, 64),
    BOUND(retry_bytes, 4032, 256u << 20, 256u << 10),
    BOUND(cares_max, 0, 4096, 64),
    BOUND(window_ms, 100, 86400000, 10000),
    BOUND(timings_max, 0, 4096, 64),
};
#define BOUND_COUNT (sizeof bounds / sizeof bounds[0])

/** Options of which one number is set. */
static tt_bus_options options_with(const struct bound *bound, uint32_t value)
{
    tt_bus_options options = {0};
    memcpy((unsigned char *)&options + bound->offset, &value, sizeof value);
    return options;
}

/** At its bounds a number may be too much for the memory there is, but is not refused; nobody is
 * told how much memory a number beyond them would take. */
static void each_option_is_refused_beyond_its_bounds(void **state)
{
    (void)state;
    const size_t little = 4096;
    for (size_t i = 0; i < BOUND_COUNT; i++) {
        const struct bound *bound = &bounds[i];
        const tt_bus_options most = options_with(bound, bound->max);
        const tt_bus_options more = options_with(bound, bound->max + 1);
        assert_int_equal(new_with(&most, little), TUTTI_NO_MEMORY);
        assert_true(tt_bus_memory(&most) > little);
        assert_int_equal(new_with(&more, little), TUTTI_INVALID);
        assert_int_equal(tt_bus_memory(&more), 0);
        if (bound->min > 0) {
            const tt_bus_options least = options_with(bound, bound->min);
            const tt_bus_options less = options_with(bound, bound->min - 1);
            assert_int_equal(new_with(&least, little), TUTTI_NO_MEMORY);
            assert_int_equal(new_with(&less, little), TUTTI_INVALID);
            assert_int_equal(tt_bus_memory(&less), 0);
        }
    }
}

static void what_is_not_asked_for_has_its_default(void **state)
{
    (void)state;
    const size_t bytes = tt_bus_memory(&(tt_bus_options){0});
    tt_bus_options all = {0};
    for (size_t i = 0; i < BOUND_COUNT; i++) {
        const struct bound *bound = &bounds[i];
        const tt_bus_options same = options_with(bound, bound->by_default);
        assert_int_equal(tt_bus_memory(&same), bytes);
        memcpy((unsigned char *)&all + bound->offset, &bound->by_default, sizeof bound->by_default);
    }
    assert_int_equal(tt_bus_memory(&all), bytes);
    tt_bus_options one_more = all; // the sum tells of each number by itself
    one_more.dead_max++;
    assert_true(tt_bus_memory(&one_more) > bytes);
    tt_arena arena = {0};
    tt_bus *bus = NULL;
    assert_int_equal(tt_arena_init(&arena, bytes), TUTTI_OK);
    assert_int_equal(tt_bus_new(&(tt_bus_options){0}, &arena, &bus), TUTTI_OK);
    assert_int_equal(bus->depth_max, 64); // what the sum of memory does not tell
    assert_int_equal(bus->ttl_default_ms, 300000);
    assert_int_equal(bus->blocked_max, 256);
    assert_int_equal(bus->requests_max, 256);
    assert_int_equal(tt_bus_window_ms(bus), 10000);
    tt_arena_fini(&arena);
    // A pool for declared topics of 32 KiB for each of them.
    const tt_bus_options declared = {.topics_max = 3};
    const tt_bus_options spelled = {.topics_max = 3, .topic_bytes = 3 * 32768};
    assert_int_equal(tt_bus_memory(&declared), tt_bus_memory(&spelled));
}

static void a_topic_that_states_no_time_to_live_has_that_of_the_bus(void **state)
{
    (void)state;
    fixture fix;
    fixture_open(&fix, &(tt_bus_options){.topics_max = 1, .ttl_default_ms = 7000});
    const tt_bus_topic_decl decl = {.name = "brief", .schema = "n:u8", .history_count = 1};
    tt_topic topic = TT_TOPIC_NONE;
    assert_int_equal(tt_bus_declare(fix.bus, &decl, &topic, NULL), TUTTI_OK);
    fixture_publish(&fix, topic);
    assert_int_equal(fixture_latest(&fix, topic, TT_SOURCE_NONE, 0)->ttl_ms, 7000);
    tt_arena_fini(&fix.arena);
}

static void the_stated_memory_suffices_and_is_not_wasted(void **state)
{
    (void)state;
    const tt_bus_options all[] = {
        {0},
        {.outbox_bytes = 4096, .queue_messages = 1, .history_scale_pct = 1, .key_max = 1},
        {.outbox_bytes = 5000, .queue_messages = 100, .history_scale_pct = 333, .key_max = 200},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        size_t bytes = tt_bus_memory(&all[i]);
        assert_int_equal(new_with(&all[i], bytes), TUTTI_OK);
        assert_int_equal(new_with(&all[i], bytes - 2881), TUTTI_NO_MEMORY);
    }
}

static void every_shortage_of_memory_is_told(void **state)
{
    (void)state;
    const tt_bus_options small = {
        .outbox_bytes = 4096, .queue_messages = 1, .history_scale_pct = 1, .key_max = 1};
    size_t bytes = tt_bus_memory(&small);
    for (size_t room = 64; room < bytes - 2048; room += 4001) {
        assert_int_equal(new_with(&small, room), TUTTI_NO_MEMORY);
    }
}

static void subscriptions_are_bounded_and_checked(void **state)
{
    fixture *fix = *state;
    tt_bus *bus = fix->bus;
    for (int i = 0; i < TT_BUS_SUBSCRIBERS_MAX; i++) {
        assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_CLOCK, "n", note, fix), TUTTI_OK);
    }
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_CLOCK, "n", note, fix), TUTTI_LIMIT);
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_NONE, "n", note, fix), TUTTI_INVALID);
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_COUNT, "n", note, fix), TUTTI_INVALID);
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_FILLS, NULL, note, fix), TUTTI_INVALID);
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_FILLS, "n", NULL, fix), TUTTI_INVALID);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(bus);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).delivered, TT_BUS_SUBSCRIBERS_MAX);
}

static void subscriptions_end_by_topic_or_everywhere(void **state)
{
    fixture *fix = *state;
    tt_bus *bus = fix->bus;
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_CLOCK, "one", note, fix), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_CLOCK, "two", note, fix), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_FILLS, "one", note, fix), TUTTI_OK);
    assert_int_equal(tt_bus_subscriber_count(bus, TT_TOPIC_CLOCK), 2);
    assert_int_equal(tt_bus_subscriber_count(bus, TT_TOPIC_NONE), 3);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(bus);
    assert_int_equal(tt_bus_unsubscribe(bus, TT_TOPIC_CLOCK, "one"), 1);
    assert_int_equal(tt_bus_unsubscribe(bus, TT_TOPIC_CLOCK, "one"), 0);
    assert_int_equal(tt_bus_unsubscribe(bus, TT_TOPIC_COUNT, "one"), 0);
    assert_int_equal(tt_bus_subscriber_count(bus, TT_TOPIC_CLOCK), 1);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(bus);
    assert_string_equal(fix->log, "n1 n1 n2 ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).delivered, 3); // counts outlive the end
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_CLOCK, "one", note, fix), TUTTI_OK);
    assert_int_equal(tt_bus_unsubscribe(bus, TT_TOPIC_NONE, "one"), 2);
    assert_int_equal(tt_bus_subscriber_count(bus, TT_TOPIC_NONE), 1);
}

static void ends_make_room_for_new_subscriptions(void **state)
{
    fixture *fix = *state;
    for (int i = 0; i < 3 * TT_BUS_SUBSCRIBERS_MAX; i++) {
        assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "brief", note, fix), TUTTI_OK);
        assert_int_equal(tt_bus_unsubscribe(fix->bus, TT_TOPIC_CLOCK, "brief"), 1);
    }
    assert_int_equal(tt_bus_subscriber_count(fix->bus, TT_TOPIC_NONE), 0);
}

static void copy_regions(const fixture *from, fixture *to)
{
    assert_int_equal(from->core.region_count, to->core.region_count);
    for (uint32_t i = 0; i < from->core.region_count; i++) {
        assert_string_equal(from->core.regions[i].name, to->core.regions[i].name);
        assert_int_equal(from->core.regions[i].size, to->core.regions[i].size);
        memcpy(to->core.regions[i].data, from->core.regions[i].data, to->core.regions[i].size);
    }
}

static void run_some(fixture *fix, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        fixture_later(fix, 1);
        fixture_publish_keyed(
            fix, (tt_topic)(1 + i % 5), (tt_source)(1 + i % 3), i % (i % 100 == 0 ? 60 : 4));
        tt_bus_run(fix->bus);
    }
}

/** A restart in the middle changes nothing: same bytes as without it. */
static void regions_carry_all_that_matters(void **state)
{
    fixture *original = *state;
    fixture restarted;
    fixture_open(&restarted, &(tt_bus_options){0});
    run_some(original, 5000);
    copy_regions(original, &restarted);
    assert_int_equal(tt_bus_next_seq(restarted.bus), tt_bus_next_seq(original->bus));
    assert_int_equal(tt_bus_now(restarted.bus).ns, tt_bus_now(original->bus).ns);
    run_some(original, 3000);
    run_some(&restarted, 3000);
    for (uint32_t i = 0; i < restarted.core.region_count; i++) {
        const tt_region *one = &original->core.regions[i];
        assert_memory_equal(one->data, restarted.core.regions[i].data, one->size);
    }
    tt_arena_fini(&restarted.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(each_option_is_refused_beyond_its_bounds),
        cmocka_unit_test(what_is_not_asked_for_has_its_default),
        cmocka_unit_test(a_topic_that_states_no_time_to_live_has_that_of_the_bus),
        cmocka_unit_test(the_stated_memory_suffices_and_is_not_wasted),
        cmocka_unit_test(every_shortage_of_memory_is_told),
        FIXTURE_TEST(subscriptions_are_bounded_and_checked),
        FIXTURE_TEST(subscriptions_end_by_topic_or_everywhere),
        FIXTURE_TEST(ends_make_room_for_new_subscriptions),
        FIXTURE_TEST(regions_carry_all_that_matters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
