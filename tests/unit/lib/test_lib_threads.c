/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The library with several threads. Covers: lib_mailbox.c lib_publish.c
 */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#define POSTS 20000

struct producer {
    struct plant *plant;
    tutti_publisher *publisher;
    uint32_t key;
    uint64_t posted;
};

static void *produce(void *ctx)
{
    struct producer *producer = ctx;
    for (int64_t i = 1; i <= POSTS; i++) {
        const struct reading reading = {.sensor = producer->key, .celsius = i};
        const tutti_post post = {
            .topic = producer->plant->readings,
            .key = producer->key,
            .payload = &reading,
            .size = sizeof reading};
        if (tutti_publisher_post(producer->publisher, &post, TUTTI_WAIT_FOREVER) != TUTTI_OK) {
            break;
        }
        producer->posted++;
    }
    return NULL;
}

struct consumer {
    tutti_mailbox *mailbox;
    uint64_t taken;
    int64_t last[3]; /**< Of each key: order is kept. */
    bool is_ordered;
};

static void *consume(void *ctx)
{
    struct consumer *consumer = ctx;
    const tutti_message *message = NULL;
    consumer->is_ordered = true;
    while (tutti_mailbox_take(consumer->mailbox, TUTTI_WAIT_FOREVER, &message) == TUTTI_OK) {
        const struct reading *reading = tutti_message_payload(message);
        consumer->is_ordered &= reading->celsius == consumer->last[message->key] + 1;
        consumer->last[message->key] = reading->celsius;
        consumer->taken++;
        (void)tutti_mailbox_done(consumer->mailbox);
    }
    return NULL;
}

static void open_producer(struct plant *plant, struct producer *producer, uint32_t key)
{
    tutti_error error = {0};
    char name[16];
    snprintf(name, sizeof name, "producer %u", key);
    const tutti_publisher_options options = {
        .name = name, .source = plant->source, .ring_bytes = key == 1 ? 65536 : 0};
    *producer = (struct producer){.plant = plant, .key = key};
    assert_int_equal(
        tutti_publisher_open(plant->bus, &options, &producer->publisher, &error), TUTTI_OK);
}

static void nothing_is_lost_between_threads(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    tutti_error error = {0};
    struct seen seen = {0};
    plant_watch(&plant, "plant.readings", &seen);
    struct consumer consumer = {0};
    // Blocks for as long as it takes: a slow machine must not turn messages into dead letters.
    const tutti_mailbox_options options = {
        .name = "all",
        .pattern = "plant.*",
        .policy = TUTTI_MAILBOX_BLOCK,
        .block_ns = INT64_C(60000000000)};
    assert_int_equal(tutti_mailbox_open(plant.bus, &options, &consumer.mailbox, &error), TUTTI_OK);
    struct producer producers[2];
    open_producer(&plant, &producers[0], 1);
    open_producer(&plant, &producers[1], 2);
    assert_int_equal(tutti_bus_start(plant.bus, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_start(plant.bus, &error), TUTTI_STATE);
    pthread_t threads[3];
    assert_int_equal(pthread_create(&threads[0], NULL, produce, &producers[0]), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, produce, &producers[1]), 0);
    assert_int_equal(pthread_create(&threads[2], NULL, consume, &consumer), 0);
    (void)pthread_join(threads[0], NULL);
    (void)pthread_join(threads[1], NULL);
    tutti_stop_report report;
    assert_int_equal(tutti_bus_stop(plant.bus, INT64_C(60000000000), &report), TUTTI_OK);
    (void)pthread_join(threads[2], NULL);
    assert_int_equal(report.undelivered, 0);
    assert_int_equal(producers[0].posted + producers[1].posted, 2 * POSTS);
    assert_int_equal(seen.count, 2 * POSTS);
    assert_int_equal(consumer.taken, 2 * POSTS);
    assert_true(consumer.is_ordered);
    const tutti_post late = {.topic = plant.readings};
    assert_int_equal(
        tutti_publisher_post(producers[0].publisher, &late, TUTTI_NO_WAIT), TUTTI_INVALID);
    const struct reading reading = {0};
    const tutti_post later = {.topic = plant.readings, .payload = &reading, .size = sizeof reading};
    assert_int_equal(
        tutti_publisher_post(producers[0].publisher, &later, TUTTI_NO_WAIT), TUTTI_STATE);
    plant_close(&plant);
}

/** What a call finds on the thread of the bus. */
struct visit {
    struct plant *plant;
    pthread_t caller;
    uint64_t seq;
    bool is_elsewhere;
};

static void visit(void *ctx, tutti_bus *bus)
{
    struct visit *found = ctx;
    found->is_elsewhere = !pthread_equal(found->caller, pthread_self());
    tutti_error error;
    tutti_topic topic = 0;
    const tutti_topic_options late = {.name = "plant.late", .schema = "a:u8"};
    assert_int_equal(tutti_bus_declare_topic(bus, &late, &topic, &error), TUTTI_OK);
    assert_int_equal(plant_say(found->plant, 4, 44, &found->seq), TUTTI_OK);
}

static void another_thread_calls_into_the_bus(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    struct seen seen = {0};
    plant_watch(&plant, "plant.readings", &seen);
    tutti_error error;
    struct visit found = {.plant = &plant, .caller = pthread_self()};
    assert_int_equal(tutti_bus_start(plant.bus, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_call(plant.bus, visit, &found), TUTTI_OK);
    assert_true(found.is_elsewhere);
    assert_int_equal(tutti_bus_stop(plant.bus, INT64_C(10000000000), NULL), TUTTI_OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.seq[0], found.seq);
    assert_true(tutti_bus_find_topic(plant.bus, "plant.late") != 0);
    assert_int_equal(tutti_bus_call(plant.bus, visit, &found), TUTTI_STATE);
    plant_close(&plant);
}

static void a_stop_reports_what_nobody_took(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    tutti_error error;
    tutti_mailbox *mailbox = NULL;
    const tutti_mailbox_options options = {.name = "idle", .topic = plant.readings};
    assert_int_equal(tutti_mailbox_open(plant.bus, &options, &mailbox, &error), TUTTI_OK);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(plant_say(&plant, i, i, NULL), TUTTI_OK);
    }
    const tutti_message *message = NULL;
    assert_int_equal(tutti_mailbox_take(mailbox, TUTTI_NO_WAIT, &message), TUTTI_OK);
    assert_int_equal(message->key, 1);
    assert_int_equal(tutti_mailbox_done(mailbox), TUTTI_OK);
    tutti_stop_report report;
    assert_int_equal(tutti_bus_stop(plant.bus, 0, &report), TUTTI_TIMEOUT);
    assert_int_equal(report.undelivered, 2);
    assert_int_equal(report.row_count, 1);
    assert_string_equal(report.rows[0].mailbox, "idle");
    assert_int_equal(report.rows[0].topic, plant.readings);
    assert_int_equal(report.rows[0].count, 2);
    assert_int_equal(tutti_mailbox_take(mailbox, TUTTI_NO_WAIT, &message), TUTTI_END);
    plant_close(&plant);
}

static void a_mailbox_gives_up_after_its_tries(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    tutti_error error;
    tutti_mailbox *mailbox = NULL;
    const tutti_retry once = {.count = 1, .delay_ns = {0}};
    const tutti_mailbox_options options = {.name = "sink", .topic = plant.readings, .retry = &once};
    assert_int_equal(tutti_mailbox_open(plant.bus, &options, &mailbox, &error), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    const tutti_message *message = NULL;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tutti_mailbox_take(mailbox, INT64_C(5000000000), &message), TUTTI_OK);
        assert_int_equal(tutti_mailbox_failed(mailbox, "disk full"), TUTTI_OK);
    }
    (void)tutti_bus_turn(plant.bus);
    tutti_bus_stats stats;
    tutti_bus_stats_get(plant.bus, plant.readings, &stats);
    assert_int_equal(stats.dead_lettered, 1);
    plant_close(&plant);
}

/** Takes what waits: the numbers behind each other, as text. */
static void expect_taken(const struct plant *plant, tutti_mailbox *mailbox, const char *wanted)
{
    char taken[256] = "";
    const tutti_message *message = NULL;
    while (tutti_mailbox_take(mailbox, TUTTI_NO_WAIT, &message) == TUTTI_OK) {
        const struct reading *reading = tutti_message_payload(message);
        size_t length = strlen(taken);
        if (message->topic == plant->readings) {
            snprintf(taken + length, sizeof taken - length, "%d ", (int)reading->celsius);
        } else {
            snprintf(taken + length, sizeof taken - length, "note ");
        }
        assert_int_equal(tutti_mailbox_done(mailbox), TUTTI_OK);
    }
    assert_string_equal(taken, wanted);
}

static tutti_match is_above(void *ctx, const tutti_message *message)
{
    const struct reading *reading = tutti_message_payload(message);
    return reading->celsius > *(const int64_t *)ctx ? TUTTI_MATCH_YES : TUTTI_MATCH_NO;
}

/** Each with a rule of its own; what several fit comes once, in the order of the bus. */
static void a_mailbox_may_have_several_subscriptions(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    tutti_error error = {0};
    tutti_mailbox *mailbox = NULL;
    int64_t hot = 100;
    int64_t hotter = 200;
    tutti_mailbox_want more[] = {
        {.pattern = "plant.n?tes"},
        {.topic = plant.readings, .key = 3, .filter = is_above, .ctx = &hot},
        {.pattern = "plant.*", .key = 4, .filter = is_above, .ctx = &hotter},
    };
    const tutti_mailbox_options options = {
        .name = "several",
        .topic = plant.readings,
        .key = 2,
        .more = more,
        .more_count = 3,
    };
    assert_int_equal(tutti_mailbox_open(plant.bus, &options, &mailbox, &error), TUTTI_OK);
    memset(more, 0, sizeof more); // It was borrowed for the call.
    const tutti_post note = {
        .topic = plant.notes, .source = plant.source, .payload = "x", .size = 1};
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 2, 2, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 3, 3, NULL), TUTTI_OK);
    assert_int_equal(tutti_bus_publish(plant.bus, &note, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 3, 103, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 4, 104, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 4, 204, NULL), TUTTI_OK);
    expect_taken(&plant, mailbox, "2 note 103 204 ");
    tutti_mailbox_stats stats;
    tutti_mailbox_stats_get(mailbox, &stats);
    assert_int_equal(stats.put, 4);
    // Wanted by all of them: it comes once.
    const tutti_mailbox_want again[] = {{.pattern = "*"}, {.pattern = "plant.*"}};
    const tutti_mailbox_options all = {
        .name = "all", .topic = plant.readings, .more = again, .more_count = 2};
    assert_int_equal(tutti_mailbox_open(plant.bus, &all, &mailbox, &error), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 5, 5, NULL), TUTTI_OK);
    expect_taken(&plant, mailbox, "5 ");
    plant_close(&plant);
}

static void expect_refused(
    struct plant *plant, const tutti_mailbox_options *options, tutti_status status, const char *why)
{
    tutti_error error = {0};
    tutti_mailbox *mailbox = NULL;
    assert_int_equal(tutti_mailbox_open(plant->bus, options, &mailbox, &error), status);
    assert_null(mailbox);
    if (strstr(error.message, why) == NULL) {
        fail_msg("%s", error.message);
    }
}

static void the_subscriptions_of_a_mailbox_have_a_bound(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    tutti_error error = {0};
    tutti_mailbox *mailbox = NULL;
    tutti_mailbox_want more[TUTTI_MAILBOX_SUBSCRIPTIONS_MAX] = {0};
    for (uint32_t i = 0; i < TUTTI_MAILBOX_SUBSCRIPTIONS_MAX; i++) {
        more[i] = (tutti_mailbox_want){.topic = plant.readings, .key = i % 9 + 1};
    }
    tutti_mailbox_options options = {
        .name = "wide",
        .topic = plant.notes,
        .more = more,
        .more_count = TUTTI_MAILBOX_SUBSCRIPTIONS_MAX,
    };
    expect_refused(
        &plant, &options, TUTTI_LIMIT, "the mailbox \"wide\" wants 17 subscriptions; at most 16");
    options.more_count = UINT32_MAX;
    expect_refused(&plant, &options, TUTTI_LIMIT, "at most 16");
    options.more_count = TUTTI_MAILBOX_SUBSCRIPTIONS_MAX - 1;
    assert_int_equal(tutti_mailbox_open(plant.bus, &options, &mailbox, &error), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 6, 6, NULL), TUTTI_OK);
    expect_taken(&plant, mailbox, "6 ");
    options.name = "wrong";
    more[14].topic = 0;
    more[14].pattern =
        "a pattern that is far longer than any name of a topic could ever be, and then some";
    expect_refused(&plant, &options, TUTTI_INVALID, "more than 63 bytes");
    more[14] = (tutti_mailbox_want){.key = 3};
    expect_refused(
        &plant,
        &options,
        TUTTI_INVALID,
        "subscription 16 of the mailbox \"wrong\" needs a topic, or a pattern");
    options.more = NULL;
    expect_refused(&plant, &options, TUTTI_INVALID, "has a more_count, but no more");
    plant_close(&plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_between_threads),
        cmocka_unit_test(another_thread_calls_into_the_bus),
        cmocka_unit_test(a_stop_reports_what_nobody_took),
        cmocka_unit_test(a_mailbox_gives_up_after_its_tries),
        cmocka_unit_test(a_mailbox_may_have_several_subscriptions),
        cmocka_unit_test(the_subscriptions_of_a_mailbox_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
