/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Operating a bus of the library: quarantines, blocked correlations, guards, limits, and what can
 * be looked up.
 */
#include "fixture.h"

#include <tutti/operate.h>

static tutti_subscriber find_subscriber(const struct plant *plant, const char *name)
{
    tutti_subscriber row;
    uint32_t cursor = 0;
    while (tutti_bus_subscriber_next(plant->bus, &cursor, &row)) {
        if (strcmp(row.name, name) == 0) {
            return row;
        }
    }
    fail_msg("no subscriber %s", name);
    return row;
}

static tutti_bus_stats stats_of(const struct plant *plant)
{
    tutti_bus_stats stats;
    tutti_bus_stats_get(plant->bus, plant->readings, &stats);
    return stats;
}

static void who_fails_is_left_alone_until_released(void **state)
{
    (void)state;
    struct plant plant;
    struct seen seen = {.answer = TUTTI_IO};
    const tutti_bus_options options = {.quarantine_after = 2, .probe_ms = UINT32_MAX};
    plant_open(&plant, &options);
    uint64_t id = plant_watch(&plant, "plant.readings", &seen);
    assert_int_equal(tutti_bus_release(plant.bus, "watcher"), TUTTI_NOT_FOUND);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(plant_say(&plant, 1, i, NULL), TUTTI_OK);
    }
    assert_int_equal(seen.count, 2);
    tutti_subscriber row = find_subscriber(&plant, "watcher");
    assert_int_equal(row.id, id);
    assert_string_equal(row.pattern, "plant.readings");
    assert_int_equal(row.topic, 0);
    assert_true(row.is_quarantined);
    assert_int_equal(row.failed, 2);
    assert_int_equal(row.failures_in_row, 2);
    assert_int_equal(row.quarantined, 1);
    assert_int_equal(stats_of(&plant).quarantined, 1);
    seen.answer = TUTTI_OK;
    assert_int_equal(tutti_bus_release(plant.bus, "watcher"), TUTTI_OK);
    assert_int_equal(tutti_bus_release(plant.bus, "watcher"), TUTTI_NOT_FOUND);
    assert_int_equal(plant_say(&plant, 1, 4, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 3);
    row = find_subscriber(&plant, "watcher");
    assert_false(row.is_quarantined);
    assert_int_equal(row.delivered, 1);
    plant_close(&plant);
}

/** A bus that says nothing of trials has them; the subscription may say when. */
static void a_quarantine_ends_with_a_trial(void **state)
{
    (void)state;
    struct plant plant;
    struct seen seen = {.answer = TUTTI_IO};
    tutti_error error = {0};
    uint64_t id = 0;
    plant_open(&plant, NULL);
    const tutti_subscription request = {
        .name = "probed",
        .topic = plant.readings,
        .handler = see,
        .ctx = &seen,
        .quarantine_after = 1,
        .probe_ns = 1};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_true(find_subscriber(&plant, "probed").is_quarantined);
    seen.answer = TUTTI_OK;
    while (tutti_bus_turn(plant.bus) == 0) {
    }
    assert_int_equal(plant_say(&plant, 1, 2, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 2);
    assert_false(find_subscriber(&plant, "probed").is_quarantined);
    plant_close(&plant);
}

static void a_blocked_workflow_reaches_nobody(void **state)
{
    (void)state;
    struct plant plant;
    struct seen seen = {0};
    tutti_error error = {0};
    tutti_mailbox *mailbox = NULL;
    const tutti_bus_options options = {.blocked_max = 1};
    plant_open(&plant, &options);
    plant_watch(&plant, "plant.readings", &seen);
    const tutti_mailbox_options all = {.name = "all", .pattern = "*"};
    assert_int_equal(tutti_mailbox_open(plant.bus, &all, &mailbox, &error), TUTTI_OK);
    const struct reading reading = {0};
    const tutti_post post = {
        .topic = plant.readings,
        .source = plant.source,
        .payload = &reading,
        .size = sizeof reading,
        .correlation = {1, 2, 3}};
    const uint8_t other[16] = {9};
    const uint8_t zero[16] = {0};
    assert_int_equal(tutti_bus_unblock(plant.bus, post.correlation), TUTTI_NOT_FOUND);
    assert_int_equal(tutti_bus_block(plant.bus, zero), TUTTI_INVALID);
    assert_int_equal(tutti_bus_block(plant.bus, post.correlation), TUTTI_OK);
    assert_int_equal(tutti_bus_block(plant.bus, post.correlation), TUTTI_OK);
    assert_int_equal(tutti_bus_block(plant.bus, other), TUTTI_LIMIT);
    assert_true(tutti_bus_is_blocked(plant.bus, post.correlation));
    const tutti_message *message = NULL;
    while (tutti_mailbox_take(mailbox, TUTTI_NO_WAIT, &message) == TUTTI_OK) {
        assert_int_equal(tutti_mailbox_done(mailbox), TUTTI_OK); // the command and its reply
    }
    assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 0);
    assert_int_equal(tutti_mailbox_take(mailbox, TUTTI_NO_WAIT, &message), TUTTI_NOT_FOUND);
    assert_true(stats_of(&plant).guarded > 0);
    assert_int_equal(tutti_bus_unblock(plant.bus, post.correlation), TUTTI_OK);
    assert_false(tutti_bus_is_blocked(plant.bus, post.correlation));
    assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 1);
    plant_close(&plant);
}

static bool keep_hot(void *ctx, const tutti_message *message, const char *subscriber)
{
    (void)ctx;
    const struct reading *reading = tutti_message_payload(message);
    return strcmp(subscriber, "watcher") == 0 && reading->celsius > 90;
}

static void a_guard_keeps_messages_away(void **state)
{
    (void)state;
    struct plant plant;
    struct seen seen = {0};
    plant_open(&plant, NULL);
    plant_watch(&plant, "plant.readings", &seen);
    tutti_bus_set_guard(plant.bus, keep_hot, NULL);
    assert_int_equal(plant_say(&plant, 1, 91, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 90, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.value[0], 90);
    assert_int_equal(stats_of(&plant).guarded, 1);
    assert_int_equal(stats_of(&plant).failed, 0);
    tutti_bus_set_guard(plant.bus, NULL, NULL);
    assert_int_equal(plant_say(&plant, 1, 92, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 2);
    plant_close(&plant);
}

static void sources_have_limits_of_their_own(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    tutti_source other = 0;
    const struct reading reading = {0};
    plant_open(&plant, NULL);
    assert_int_equal(tutti_bus_declare_source(plant.bus, "other", &other, &error), TUTTI_OK);
    const tutti_rate none = {0};
    const tutti_rate rare = {.per_s = 1, .burst = 2};
    const tutti_rate absurd = {.per_s = 1000001};
    assert_int_equal(tutti_bus_limit(plant.bus, plant.readings, absurd, none), TUTTI_INVALID);
    assert_int_equal(tutti_bus_limit(plant.bus, 9999, rare, none), TUTTI_INVALID);
    assert_int_equal(tutti_bus_limit(plant.bus, plant.readings, none, rare), TUTTI_OK);
    tutti_post post = {
        .topic = plant.readings, .payload = &reading, .size = sizeof reading, .source = other};
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(plant_say(&plant, 1, i, NULL), TUTTI_OK);
        assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_OK);
    }
    assert_int_equal(plant_say(&plant, 1, 2, NULL), TUTTI_LIMIT);
    assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_LIMIT);
    assert_int_equal(stats_of(&plant).rate_limited, 2);
    assert_int_equal(tutti_bus_exempt(plant.bus, other, true), TUTTI_OK);
    assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 3, NULL), TUTTI_LIMIT);
    assert_int_equal(tutti_bus_exempt(plant.bus, 9999, true), TUTTI_INVALID);
    plant_close(&plant);
}

static tutti_match is_odd(void *ctx, const tutti_message *message)
{
    (*(uint32_t *)ctx)++;
    const struct reading *reading = tutti_message_payload(message);
    return reading->celsius % 2 == 1 ? TUTTI_MATCH_YES : TUTTI_MATCH_NO;
}

static void a_history_is_read_page_by_page(void **state)
{
    (void)state;
    struct plant plant;
    uint32_t asked = 0;
    uint64_t seq[8];
    plant_open(&plant, NULL);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(plant_say(&plant, 1, i, &seq[i]), TUTTI_OK);
    }
    const tutti_message *page[3];
    tutti_query query = {.topic = plant.readings};
    assert_int_equal(tutti_bus_query(plant.bus, &query, 3, page), 3);
    assert_int_equal(page[2]->seq, seq[5]);
    query.until_seq = page[2]->seq - 1;
    assert_int_equal(tutti_bus_query(plant.bus, &query, 3, page), 3);
    assert_int_equal(page[0]->seq, seq[4]);
    query.filter = is_odd;
    query.ctx = &asked;
    assert_int_equal(tutti_bus_query(plant.bus, &query, 3, page), 2);
    assert_int_equal(page[0]->seq, seq[3]);
    assert_int_equal(page[1]->seq, seq[1]);
    assert_int_equal(asked, 5);
    assert_int_equal(tutti_bus_find(plant.bus, plant.readings, seq[6])->seq, seq[6]);
    assert_null(tutti_bus_find(plant.bus, plant.notes, seq[6]));
    assert_int_equal(tutti_bus_clear_history(plant.bus, plant.readings), 8);
    assert_null(tutti_bus_find(plant.bus, plant.readings, seq[6]));
    assert_null(tutti_bus_latest(plant.bus, plant.readings, 0, 1, 0));
    plant_close(&plant);
}

static void names_can_be_looked_up(void **state)
{
    (void)state;
    struct plant plant;
    tutti_topic_options options;
    plant_open(&plant, NULL);
    assert_int_equal(tutti_bus_find_source(plant.bus, "plant"), plant.source);
    assert_int_equal(tutti_bus_find_source(plant.bus, "nobody"), 0);
    assert_string_equal(tutti_bus_source_name(plant.bus, plant.source), "plant");
    assert_null(tutti_bus_source_name(plant.bus, 9999));
    assert_int_equal(tutti_bus_topic_next(plant.bus, 0), plant.readings);
    assert_int_equal(tutti_bus_topic_next(plant.bus, plant.readings), plant.notes);
    assert_int_equal(tutti_bus_topic_next(plant.bus, plant.notes), 0);
    assert_int_equal(tutti_bus_topic_options(plant.bus, plant.readings, &options), TUTTI_OK);
    assert_string_equal(options.name, "plant.readings");
    assert_string_equal(options.schema, "sensor:u32 celsius:i64");
    assert_int_equal(options.key_max, 9);
    assert_int_equal(options.history_count, 8);
    assert_int_equal(options.ttl_ms, 300000);
    assert_int_equal(options.priority, TUTTI_PRIORITY_NORMAL);
    tutti_topic same = 0;
    tutti_error error = {0};
    assert_int_equal(tutti_bus_declare_topic(plant.bus, &options, &same, &error), TUTTI_OK);
    assert_int_equal(same, plant.readings);
    assert_int_equal(tutti_bus_topic_options(plant.bus, 1, &options), TUTTI_NOT_FOUND);
    plant_close(&plant);
}

/** What an interceptor was told. */
struct wrapped {
    char name[32];
};

static tutti_status
remember(void *ctx, tutti_bus *bus, const tutti_message *message, const tutti_next *next)
{
    (void)bus;
    struct wrapped *wrapped = ctx;
    snprintf(wrapped->name, sizeof wrapped->name, "%s", tutti_next_name(next));
    return tutti_bus_proceed(next, message);
}

static void an_interceptor_knows_whom_it_wraps(void **state)
{
    (void)state;
    struct plant plant;
    struct seen seen = {0};
    struct wrapped wrapped = {0};
    plant_open(&plant, NULL);
    plant_watch(&plant, "plant.readings", &seen);
    plant_watch(&plant, "plant.r*", &seen);
    assert_int_equal(tutti_bus_wrap(plant.bus, "plant.*", "wrap", remember, &wrapped), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_string_equal(wrapped.name, "watcher");
    assert_int_equal(seen.count, 2);
    assert_int_equal(tutti_bus_unsubscribe_name(plant.bus, "nobody"), 0);
    assert_int_equal(tutti_bus_unsubscribe_name(plant.bus, "watcher"), 2);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 2);
    plant_close(&plant);
}

static tutti_status look_at_lane(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)message;
    assert_int_equal(tutti_bus_lane(bus, TUTTI_PRIORITY_NORMAL, ctx), TUTTI_OK);
    return TUTTI_OK;
}

static void what_waits_is_told(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    tutti_lane lane = {0};
    uint64_t id = 0;
    tutti_publisher *publisher = NULL;
    const struct reading reading = {0};
    const tutti_bus_options options = {.queue_messages = 64};
    plant_open(&plant, &options);
    const tutti_publisher_options name = {.name = "feed", .source = plant.source, .rate_per_s = 1};
    assert_int_equal(tutti_publisher_open(plant.bus, &name, &publisher, &error), TUTTI_OK);
    const tutti_post post = {.topic = plant.readings, .payload = &reading, .size = sizeof reading};
    assert_int_equal(tutti_publisher_post(publisher, &post, TUTTI_NO_WAIT), TUTTI_OK);
    assert_int_equal(tutti_publisher_post(publisher, &post, TUTTI_NO_WAIT), TUTTI_LIMIT);
    assert_int_equal(tutti_bus_lane(plant.bus, TUTTI_PRIORITY_NORMAL, &lane), TUTTI_OK);
    assert_true(lane.inbox_bytes > 0);
    assert_int_equal(lane.depth, 0);
    assert_int_equal(lane.max, 64);
    const tutti_subscription request = {
        .name = "looker", .topic = plant.readings, .handler = look_at_lane, .ctx = &lane};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_turn(plant.bus), 1);
    assert_int_equal(tutti_bus_lane(plant.bus, TUTTI_PRIORITY_NORMAL, &lane), TUTTI_OK);
    assert_int_equal(lane.inbox_bytes, 0);
    assert_true(lane.high_water >= 1);
    assert_int_equal(tutti_bus_lane(plant.bus, TUTTI_PRIORITY_DEFAULT, &lane), TUTTI_INVALID);
    assert_int_equal(tutti_bus_lane(plant.bus, TUTTI_PRIORITY_URGENT + 1, &lane), TUTTI_INVALID);
    tutti_publisher_stats posts;
    tutti_publisher_stats_get(publisher, &posts);
    assert_int_equal(posts.posted, 1);
    assert_int_equal(posts.rate_limited, 1);
    tutti_bus_stats recent;
    tutti_bus_recent(plant.bus, plant.readings, &recent);
    assert_int_equal(recent.published, 1);
    tutti_bus_recent(plant.bus, 0, &recent);
    assert_true(recent.published >= 1);
    tutti_bus_state whole;
    tutti_bus_state_get(plant.bus, &whole);
    assert_int_equal(whole.steps, 4); // three declarations and the post
    plant_close(&plant);
}

static void a_mailbox_chooses_and_counts(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    tutti_mailbox *mailbox = NULL;
    uint32_t asked = 0;
    tutti_source robot = 0;
    plant_open(&plant, NULL);
    assert_int_equal(tutti_bus_declare_source(plant.bus, "robot", &robot, &error), TUTTI_OK);
    const tutti_mailbox_options options = {
        .name = "odd",
        .topic = plant.readings,
        .address = robot,
        .filter = is_odd,
        .ctx = &asked,
        .policy = TUTTI_MAILBOX_DROP_OLDEST,
        .count_max = 1};
    assert_int_equal(tutti_mailbox_open(plant.bus, &options, &mailbox, &error), TUTTI_OK);
    for (uint32_t i = 1; i <= 4; i++) {
        const struct reading reading = {.celsius = i};
        const tutti_post post = {
            .topic = plant.readings,
            .source = plant.source,
            .payload = &reading,
            .size = sizeof reading,
            .target = i == 4   ? plant.source
                      : i == 3 ? robot
                               : 0}; // 4 is for somebody else
        assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_OK);
    }
    assert_int_equal(asked, 3);
    const tutti_message *message = NULL;
    assert_int_equal(tutti_mailbox_take(mailbox, TUTTI_NO_WAIT, &message), TUTTI_OK);
    assert_int_equal(((const struct reading *)tutti_message_payload(message))->celsius, 3);
    assert_int_equal(tutti_mailbox_done(mailbox), TUTTI_OK);
    tutti_mailbox_stats stats;
    tutti_mailbox_stats_get(mailbox, &stats);
    assert_int_equal(stats.put, 2);
    assert_int_equal(stats.dropped_oldest, 1);
    assert_int_equal(stats.done, 1);
    assert_int_equal(stats.waiting, 0);
    assert_int_equal(stats.count_max, 1);
    plant_close(&plant);
}

static tutti_status ask_for_the_end(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)ctx;
    (void)message;
    tutti_bus_request_stop(bus);
    return TUTTI_OK;
}

static void a_handler_may_ask_for_the_end(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    uint64_t id = 0;
    tutti_publisher *publisher = NULL;
    const struct reading reading = {0};
    plant_open(&plant, NULL);
    const tutti_publisher_options name = {.name = "feed", .source = plant.source};
    assert_int_equal(tutti_publisher_open(plant.bus, &name, &publisher, &error), TUTTI_OK);
    const tutti_subscription request = {
        .name = "ender", .topic = plant.readings, .handler = ask_for_the_end};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_start(plant.bus, &error), TUTTI_OK);
    const tutti_post post = {.topic = plant.readings, .payload = &reading, .size = sizeof reading};
    tutti_status status = TUTTI_OK;
    while (status == TUTTI_OK) {
        status = tutti_publisher_post(publisher, &post, TUTTI_NO_WAIT);
        status = status == TUTTI_LIMIT ? TUTTI_OK : status;
    }
    assert_int_equal(status, TUTTI_STATE);
    tutti_stop_report report;
    assert_int_equal(tutti_bus_stop(plant.bus, INT64_C(10000000000), &report), TUTTI_OK);
    assert_int_equal(report.undelivered, 0);
    assert_false(report.has_halted);
    plant_close(&plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_fails_is_left_alone_until_released),
        cmocka_unit_test(a_quarantine_ends_with_a_trial),
        cmocka_unit_test(a_blocked_workflow_reaches_nobody),
        cmocka_unit_test(a_guard_keeps_messages_away),
        cmocka_unit_test(sources_have_limits_of_their_own),
        cmocka_unit_test(a_history_is_read_page_by_page),
        cmocka_unit_test(names_can_be_looked_up),
        cmocka_unit_test(an_interceptor_knows_whom_it_wraps),
        cmocka_unit_test(what_waits_is_told),
        cmocka_unit_test(a_mailbox_chooses_and_counts),
        cmocka_unit_test(a_handler_may_ask_for_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
