/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages that are queued in a row lie in the outbox and nowhere else: order, chains of causes,
 * bounds, counters and times are those of the lanes. Two buses get the same messages, and one of
 * them sends each at once to its lane.
 * Covers: bus_row.c bus_deliver.c bus.c
 */
#include "base/random.h"
#include "bus_fixture.h"

enum {
    QUEUED_MAX = 6,
    DEPTH_MAX = 2,
    STEPS = 4000
};

static const tt_topic topics[] = {
    TT_TOPIC_INDICATORS, TT_TOPIC_TA_SIGNALS, TT_TOPIC_MARKET_BAR, TT_TOPIC_CLOCK};
enum {
    TOPICS = sizeof topics / sizeof topics[0]
};

/** A bus whose handlers publish, too. */
struct way {
    fixture fix;
    bool uses_lanes; /**< Nothing stays in a row, or alone. */
    uint32_t left;   /**< Messages that handlers may still publish. */
    uint32_t refused;
    uint32_t rows;    /**< Publishes after which a row was queued. */
    uint64_t digest;  /**< Of what handlers saw, in order. */
    uint64_t seconds; /**< Of the stopwatch. */
};

static struct way ways[2];

static void publish(struct way *way, const tt_bus_post *post)
{
    tt_bus *bus = way->fix.bus;
    way->refused += tt_bus_publish(bus, post, NULL) != TUTTI_OK;
    if (way->uses_lanes) {
        tt_bus_use_lanes(bus, bus->used.end);
    }
    way->rows += is_row_queued(bus);
}

/** What is published depends on the number of a message alone. Mostly it is of one priority. */
static tt_bus_post next_post(uint64_t number)
{
    tt_bus_post post = fixture_post(topics[number % 7 == 0 ? number / 7 % TOPICS : 0]);
    post.key = (uint32_t)(number % 3);
    post.priority = number % 23 == 5 ? TT_priority_URGENT : TT_priority_NONE;
    post.flags = number % 31 == 4 ? (uint8_t)TT_MSG_INPUT : 0;
    return post;
}

static tutti_status go_on(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct way *way = ctx;
    uint64_t number = msg->seq * 2654435761u >> 7;
    way->digest = way->digest * 31 + msg->seq * 8 + bus->child_depth;
    for (uint32_t i = 0; i < number % 4 && way->left != 0; i++) {
        const tt_bus_post post = next_post(number / 4 + i);
        way->left--;
        publish(way, &post);
    }
    return number % 97 == 1 ? TUTTI_IO : TUTTI_OK;
}

static uint64_t read_seconds(void *ctx)
{
    return ++*(uint64_t *)ctx;
}

static void open_way(struct way *way, bool uses_lanes)
{
    memset(way, 0, sizeof *way);
    way->uses_lanes = uses_lanes;
    const tt_bus_options options = {.queue_messages = QUEUED_MAX, .depth_max = DEPTH_MAX};
    fixture_open(&way->fix, &options);
    tt_bus_set_stopwatch(way->fix.bus, read_seconds, &way->seconds, 5);
    for (uint32_t i = 0; i < TOPICS; i++) {
        assert_int_equal(tt_bus_subscribe(way->fix.bus, topics[i], "go_on", go_on, way), TUTTI_OK);
    }
}

/** Some messages, what they cause, and sometimes what stays queued until the next step. */
static void take_step(struct way *way, uint64_t number)
{
    way->left = (uint32_t)(number % 17);
    fixture_later(&way->fix, number % 41 == 0 ? 400 : 0); // what was left may be too old
    for (uint64_t i = 0; i < 1 + number % 9; i++) {
        tt_bus_post post = next_post(number / 9 + i);
        post.flags = i == 0 && number % 5 != 0 ? (uint8_t)TT_MSG_INPUT : post.flags;
        publish(way, &post);
    }
    if (number % 13 == 6) {
        tt_bus_set_next_seq(way->fix.bus, tt_bus_next_seq(way->fix.bus) + 3);
        const tt_bus_post post = next_post(0);
        publish(way, &post);
    }
    if (number % 7 != 1) {
        tt_bus_run(way->fix.bus);
    }
}

static void expect_same_lanes(const tt_bus *one, const tt_bus *other)
{
    assert_int_equal(tt_bus_queue_high_water(one), tt_bus_queue_high_water(other));
    for (uint32_t i = TT_priority_LOW; i < TT_priority_COUNT; i++) {
        tt_bus_lane_stats stats[2];
        assert_true(tt_bus_lane_stats_get(one, (tt_priority)i, &stats[0]));
        assert_true(tt_bus_lane_stats_get(other, (tt_priority)i, &stats[1]));
        assert_memory_equal(&stats[0], &stats[1], sizeof stats[0]);
        const tt_histogram *delays[2] = {
            tt_bus_queue_delays(one, (tt_priority)i), tt_bus_queue_delays(other, (tt_priority)i)};
        assert_memory_equal(delays[0], delays[1], sizeof *delays[0]);
    }
}

static void expect_same(const struct way *one, const struct way *other)
{
    size_t bytes[2];
    const void *outboxes[2] = {
        tt_bus_outbox(one->fix.bus, &bytes[0]), tt_bus_outbox(other->fix.bus, &bytes[1])};
    assert_int_equal(bytes[0], bytes[1]);
    assert_memory_equal(outboxes[0], outboxes[1], bytes[0]);
    assert_int_equal(one->digest, other->digest);
    assert_int_equal(one->refused, other->refused);
    expect_same_lanes(one->fix.bus, other->fix.bus);
}

static void a_row_is_as_good_as_lanes(void **state)
{
    (void)state;
    open_way(&ways[0], false);
    open_way(&ways[1], true);
    tt_random random;
    tt_random_init(&random, 7, 0);
    for (uint32_t i = 0; i < STEPS; i++) {
        uint64_t number = tt_random_below(&random, 1u << 20);
        take_step(&ways[0], number);
        take_step(&ways[1], number);
        expect_same(&ways[0], &ways[1]);
    }
    tt_bus_topic_stats totals;
    tt_bus_totals(ways[0].fix.bus, &totals);
    assert_true(totals.delivered > 10000 && totals.too_deep > 100 && totals.failed > 50);
    assert_true(totals.expired > 50 && ways[0].refused > 1000 && ways[0].rows > 5000);
    assert_int_equal(ways[1].rows, 0);
    for (uint32_t i = 0; i < ways[0].fix.core.region_count; i++) {
        const tt_region *one = &ways[0].fix.core.regions[i];
        const tt_region *other = &ways[1].fix.core.regions[i];
        assert_memory_equal(one->data, other->data, one->size);
    }
    tt_arena_fini(&ways[0].fix.arena);
    tt_arena_fini(&ways[1].fix.arena);
}

static tutti_status note_a(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'a', msg);
    return TUTTI_OK;
}

static tt_priority lane_number(tt_topic topic)
{
    return (tt_priority)tt_topic_info_get((uint16_t)topic)->priority;
}

static tt_bus_lane_stats lane_of(const tt_bus *bus, tt_topic topic)
{
    tt_bus_lane_stats stats;
    assert_true(tt_bus_lane_stats_get(bus, lane_number(topic), &stats));
    return stats;
}

static void a_row_is_as_long_as_a_lane(void **state)
{
    (void)state;
    static fixture fix;
    fixture_open(&fix, &(tt_bus_options){.queue_messages = QUEUED_MAX});
    assert_int_equal(tt_bus_subscribe(fix.bus, TT_TOPIC_INDICATORS, "a", note_a, &fix), TUTTI_OK);
    for (uint32_t i = 1; i <= QUEUED_MAX; i++) {
        (void)fixture_publish(&fix, TT_TOPIC_INDICATORS);
        assert_int_equal(is_row_queued(fix.bus), i > 1);
        assert_int_equal(queued_count(fix.bus), 0);
        assert_int_equal(lane_of(fix.bus, TT_TOPIC_INDICATORS).depth, i);
        assert_int_equal(lane_of(fix.bus, TT_TOPIC_INDICATORS).high_water, i);
        assert_int_equal(tt_bus_queue_high_water(fix.bus), i);
        assert_int_equal(fix.bus->busy_lanes, 0);
    }
    const tt_bus_post post = fixture_post(TT_TOPIC_INDICATORS);
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_LIMIT);
    assert_int_equal(fixture_dead(&fix).reason, TT_dead_reason_QUEUE_FULL);
    tt_bus_run(fix.bus);
    assert_string_equal(fix.log, "a1 a2 a3 a4 a5 a6 ");
    assert_int_equal(lane_of(fix.bus, TT_TOPIC_INDICATORS).depth, 0);
    assert_int_equal(lane_of(fix.bus, TT_TOPIC_INDICATORS).high_water, QUEUED_MAX);
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    tt_arena_fini(&fix.arena);
}

/** Publishes one message more for each that it gets. */
static tutti_status keep_going(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    uint32_t *left = ctx;
    (void)msg;
    if (*left == 0) {
        return TUTTI_OK;
    }
    const tt_bus_post post = fixture_post(TT_TOPIC_INDICATORS);
    --*left;
    assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_OK);
    return TUTTI_OK;
}

static void a_row_that_lasts_is_not_full_before_its_time(void **state)
{
    (void)state;
    static fixture fix;
    uint32_t left = 10 * QUEUED_MAX;
    fixture_open(&fix, &(tt_bus_options){.queue_messages = QUEUED_MAX, .depth_max = 1000});
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_INDICATORS, "go", keep_going, &left), TUTTI_OK);
    for (uint32_t i = 0; i < QUEUED_MAX; i++) {
        (void)fixture_publish(&fix, TT_TOPIC_INDICATORS);
    }
    tt_bus_run(fix.bus);
    assert_int_equal(left, 0);
    assert_int_equal(tt_bus_next_seq(fix.bus), 1 + 11 * QUEUED_MAX);
    assert_int_equal(tt_bus_queue_high_water(fix.bus), QUEUED_MAX);
    tt_arena_fini(&fix.arena);
}

static void what_is_more_urgent_ends_a_row(void **state)
{
    fixture *fix = *state;
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_INDICATORS, "a", note_a, fix), TUTTI_OK);
    for (int i = 0; i < 3; i++) {
        (void)fixture_publish(fix, TT_TOPIC_INDICATORS);
    }
    tt_bus_post post = fixture_post(TT_TOPIC_INDICATORS);
    post.priority = TT_priority_URGENT;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    assert_int_equal(queued_count(fix->bus), 4);
    (void)fixture_publish(fix, TT_TOPIC_INDICATORS);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "a4 a1 a2 a3 a5 ");
    assert_int_equal(tt_bus_queue_high_water(fix->bus), 5);
}

/** Does not happen by itself, since chains grow by one message at a time. */
static void a_third_length_of_chains_ends_a_row(void **state)
{
    fixture *fix = *state;
    tt_bus_post input = fixture_post(TT_TOPIC_INDICATORS);
    input.flags = TT_MSG_INPUT;
    assert_int_equal(tt_bus_publish(fix->bus, &input, NULL), TUTTI_OK);
    (void)fixture_publish(fix, TT_TOPIC_INDICATORS);
    (void)fixture_publish(fix, TT_TOPIC_INDICATORS);
    assert_true(is_row_queued(fix->bus));
    assert_int_equal(fix->bus->row.depth, 0);
    assert_int_equal(fix->bus->row.tail_depth, 1);
    set_child_depth(fix->bus, 2);
    (void)fixture_publish(fix, TT_TOPIC_INDICATORS);
    assert_int_equal(queued_count(fix->bus), 4);
    const struct lane *lane = &fix->bus->lanes[lane_number(TT_TOPIC_INDICATORS)];
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t depths[] = {0, 1, 1, 2};
        assert_int_equal(lane->entries[lane->head + i] >> 32 & 0xffff, depths[i]);
    }
    tt_bus_run(fix->bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_as_good_as_lanes),
        cmocka_unit_test(a_row_is_as_long_as_a_lane),
        cmocka_unit_test(a_row_that_lasts_is_not_full_before_its_time),
        FIXTURE_TEST(what_is_more_urgent_ends_a_row),
        FIXTURE_TEST(a_third_length_of_chains_ends_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
