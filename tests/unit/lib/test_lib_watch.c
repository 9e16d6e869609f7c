/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The watch over a bus of the library: alerts that come and go, on one thread and on several.
 */
#include "fixture.h"

#include <tutti/operate.h>

#include <pthread.h>

#define BIT(kind) (UINT32_C(1) << (kind))

/** Limits that nothing reaches, at each turn: a test sets the one that it is about. */
static const tutti_watch_options never = {
    .every_ns = 1,
    .success_ppm_min = UINT32_MAX,
    .queue_pct_max = UINT32_MAX,
    .handler_mean_ns_max = INT64_MAX,
    .handler_max_ns_max = INT64_MAX,
    .silence_ns_max = INT64_MAX,
    .failures_in_row_max = UINT64_MAX,
    .failures_max = UINT64_MAX,
    .overflows_max = UINT64_MAX,
};

/** Alerts that were told. */
struct told {
    uint32_t count;
    tutti_alert last;
    char subject[64];
    uint8_t flags;
};

static tutti_status note(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)bus;
    struct told *told = ctx;
    assert_true(tutti_alert_read(message, &told->last));
    told->count++;
    told->flags = message->flags;
    snprintf(told->subject, sizeof told->subject, "%s", told->last.subject);
    return TUTTI_OK;
}

static void listen(struct plant *plant, struct told *told)
{
    tutti_error error = {0};
    uint64_t id = 0;
    const tutti_subscription request = {
        .name = "listener", .pattern = "bus_alerts", .handler = note, .ctx = told};
    assert_int_equal(tutti_bus_subscribe(plant->bus, &request, &id, &error), TUTTI_OK);
}

/** Looks, and lets the alerts be delivered. */
static void look(struct plant *plant)
{
    (void)tutti_bus_turn(plant->bus);
    (void)tutti_bus_turn(plant->bus);
}

static void failures_in_a_row_are_told_once_and_pass(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    struct told told = {0};
    struct seen seen = {.answer = TUTTI_IO};
    tutti_watch_options options = never;
    options.failures_in_row_max = 3;
    plant_open(&plant, NULL);
    listen(&plant, &told);
    plant_watch(&plant, "plant.readings", &seen);
    assert_int_equal(tutti_bus_alerts(plant.bus), 0);
    assert_int_equal(tutti_bus_watch(plant.bus, &options, &error), TUTTI_OK);
    look(&plant);
    for (uint32_t i = 1; i <= 4; i++) {
        assert_int_equal(plant_say(&plant, 1, i, NULL), TUTTI_OK);
        look(&plant);
        assert_int_equal(told.count, i < 3 ? 0 : 1);
    }
    assert_int_equal(told.last.kind, TUTTI_ALERT_CONSECUTIVE_FAILURES);
    assert_string_equal(told.last.name, "consecutive_failures");
    assert_string_equal(told.subject, "bus");
    assert_true(told.last.is_raised);
    assert_int_equal(told.last.value, 3);
    assert_int_equal(told.last.limit, 3);
    assert_int_equal(told.flags, 1); // an input: a journal has it
    assert_int_equal(tutti_bus_alerts(plant.bus), BIT(TUTTI_ALERT_CONSECUTIVE_FAILURES));
    seen.answer = TUTTI_OK;
    assert_int_equal(plant_say(&plant, 1, 5, NULL), TUTTI_OK);
    look(&plant);
    assert_int_equal(told.count, 2);
    assert_false(told.last.is_raised);
    assert_int_equal(told.last.value, 0);
    assert_int_equal(tutti_bus_alerts(plant.bus), 0);
    plant_close(&plant);
}

static void silence_is_told_and_ends_with_a_publish(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    struct told told = {0};
    tutti_watch_options options = never;
    options.silence_ns_max = 2000000;
    plant_open(&plant, NULL);
    listen(&plant, &told);
    assert_int_equal(tutti_bus_watch(plant.bus, &options, &error), TUTTI_OK);
    while (told.count == 0) {
        (void)tutti_bus_turn(plant.bus);
    }
    assert_int_equal(told.last.kind, TUTTI_ALERT_INACTIVITY);
    assert_true(told.last.value > 2000000);
    assert_int_equal(told.last.limit, 2000000);
    look(&plant);
    assert_int_equal(told.count, 1); // the alert itself is no activity
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    look(&plant);
    assert_true(told.count >= 2);
    plant_close(&plant);
}

static void it_begins_anew_with_other_limits(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    struct told told = {0};
    struct seen seen = {.answer = TUTTI_IO};
    tutti_watch_options options = never;
    options.failures_max = 2;
    plant_open(&plant, NULL);
    listen(&plant, &told);
    plant_watch(&plant, "plant.readings", &seen);
    assert_int_equal(tutti_bus_watch(plant.bus, &options, &error), TUTTI_OK);
    look(&plant);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(plant_say(&plant, 1, i, NULL), TUTTI_OK);
    }
    look(&plant);
    assert_int_equal(tutti_bus_alerts(plant.bus), BIT(TUTTI_ALERT_FAILURE_RATE));
    options.failures_max = 3;
    assert_int_equal(tutti_bus_watch(plant.bus, &options, &error), TUTTI_OK);
    look(&plant);
    assert_int_equal(tutti_bus_alerts(plant.bus), 0); // what was before does not count
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(plant_say(&plant, 1, i, NULL), TUTTI_OK);
    }
    look(&plant);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.last.value, 3);
    plant_close(&plant);
}

static void what_cannot_be_watched_is_refused(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    plant_open(&plant, NULL);
    const tutti_watch_options negative = {.silence_ns_max = -1};
    assert_int_equal(tutti_bus_watch(plant.bus, &negative, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "a time of the watch is negative");
    const tutti_watch_options rare = {.every_ns = INT64_C(60000000001)};
    assert_int_equal(tutti_bus_watch(plant.bus, &rare, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "60000000001 ns between two looks"));
    const tutti_watch_options edge = {.every_ns = INT64_C(60000000000)};
    assert_int_equal(tutti_bus_watch(plant.bus, &edge, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_watch(plant.bus, NULL, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_stop(plant.bus, 0, NULL), TUTTI_OK);
    assert_int_equal(tutti_bus_watch(plant.bus, NULL, &error), TUTTI_STATE);
    tutti_alert alert;
    tutti_message reading = {.topic = plant.readings};
    assert_false(tutti_alert_read(&reading, &alert));
    plant_close(&plant);
}

/** Posts urgently until nothing goes in any more. */
struct flood {
    struct plant *plant;
    tutti_publisher *publisher;
};

static void fill(struct flood *flood)
{
    const struct reading reading = {0};
    const tutti_post post = {
        .topic = flood->plant->readings,
        .payload = &reading,
        .size = sizeof reading,
        .priority = TUTTI_PRIORITY_HIGH};
    while (tutti_publisher_post(flood->publisher, &post, TUTTI_NO_WAIT) == TUTTI_OK) {
    }
}

static tutti_status fill_again(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)bus;
    (void)message;
    fill(ctx);
    return TUTTI_OK;
}

/** The lane that alerts go through is the one that is full. */
static void a_full_inbox_does_not_keep_its_alert_back(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    struct told told = {0};
    tutti_watch_options options = never;
    options.queue_pct_max = 90;
    const tutti_bus_options small = {.inbox_bytes = 16384};
    plant_open(&plant, &small);
    struct flood flood = {.plant = &plant};
    listen(&plant, &told);
    const tutti_publisher_options name = {.name = "flood", .source = plant.source};
    assert_int_equal(tutti_publisher_open(plant.bus, &name, &flood.publisher, &error), TUTTI_OK);
    uint64_t id = 0;
    const tutti_subscription again = {
        .name = "again", .topic = plant.readings, .handler = fill_again, .ctx = &flood};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &again, &id, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_watch(plant.bus, &options, &error), TUTTI_OK);
    look(&plant);
    fill(&flood);
    look(&plant);
    assert_int_equal(tutti_bus_alerts(plant.bus), BIT(TUTTI_ALERT_QUEUE_FILL));
    assert_int_equal(told.count, 1);
    assert_int_equal(told.last.kind, TUTTI_ALERT_QUEUE_FILL);
    assert_true(told.last.value >= 90 && told.last.value <= 100);
    plant_close(&plant);
}

struct producer {
    struct plant *plant;
    tutti_publisher *publisher;
};

static void *produce(void *ctx)
{
    struct producer *producer = ctx;
    const struct reading reading = {0};
    const tutti_post post = {
        .topic = producer->plant->readings, .payload = &reading, .size = sizeof reading};
    for (int i = 0; i < 2000; i++) {
        if (tutti_publisher_post(producer->publisher, &post, TUTTI_WAIT_FOREVER) != TUTTI_OK) {
            break;
        }
    }
    return NULL;
}

/** The bus has a thread, another posts, a mailbox overflows, the alert comes out of a second one,
 * and after the window that it is over. */
static void threads_are_told_of_a_full_mailbox(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    tutti_watch_options options = never;
    options.overflows_max = 1;
    options.every_ns = 1000000;
    options.window_ns = 50000000;
    plant_open(&plant, NULL);
    tutti_mailbox *lazy = NULL;
    tutti_mailbox *alerts = NULL;
    const tutti_mailbox_options small = {
        .name = "lazy", .pattern = "*", .policy = TUTTI_MAILBOX_DROP_NEWEST, .count_max = 4};
    const tutti_mailbox_options listener = {.name = "alerts", .pattern = "bus_alerts"};
    assert_int_equal(tutti_mailbox_open(plant.bus, &small, &lazy, &error), TUTTI_OK);
    assert_int_equal(tutti_mailbox_open(plant.bus, &listener, &alerts, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_watch(plant.bus, &options, &error), TUTTI_OK);
    struct producer producer = {.plant = &plant};
    const tutti_publisher_options name = {.name = "producer", .source = plant.source};
    assert_int_equal(tutti_publisher_open(plant.bus, &name, &producer.publisher, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_start(plant.bus, &error), TUTTI_OK);
    pthread_t thread;
    // The windows begin with the first look: only what comes behind it counts.
    const tutti_message *message = NULL;
    tutti_alert alert = {0};
    for (bool is_told = false; !is_told;) {
        assert_int_equal(pthread_create(&thread, NULL, produce, &producer), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        is_told = tutti_mailbox_take(alerts, INT64_C(100000000), &message) == TUTTI_OK;
    }
    assert_true(tutti_alert_read(message, &alert));
    assert_int_equal(alert.kind, TUTTI_ALERT_MAILBOX_OVERFLOW);
    assert_true(alert.is_raised);
    assert_true(alert.value >= 1);
    assert_int_equal(tutti_mailbox_done(alerts), TUTTI_OK);
    assert_int_equal(tutti_mailbox_take(alerts, INT64_C(60000000000), &message), TUTTI_OK);
    assert_true(tutti_alert_read(message, &alert));
    assert_int_equal(alert.kind, TUTTI_ALERT_MAILBOX_OVERFLOW);
    assert_false(alert.is_raised);
    assert_int_equal(tutti_mailbox_done(alerts), TUTTI_OK);
    tutti_mailbox_close(lazy);
    (void)tutti_bus_stop(plant.bus, INT64_C(10000000000), NULL);
    plant_close(&plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_in_a_row_are_told_once_and_pass),
        cmocka_unit_test(silence_is_told_and_ends_with_a_publish),
        cmocka_unit_test(it_begins_anew_with_other_limits),
        cmocka_unit_test(what_cannot_be_watched_is_refused),
        cmocka_unit_test(a_full_inbox_does_not_keep_its_alert_back),
        cmocka_unit_test(threads_are_told_of_a_full_mailbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
