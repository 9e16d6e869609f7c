/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The monitor of a session's bus: handler times of the window, rings that fill up, messages that
 * found no room; each alert comes once and goes again.
 */
#include "../../lib/config_defaults.h"
#include "../../lib/test.h"
#include "engine/engine_config.h"
#include "host/bus_watch.h"

#define S  TT_NS_PER_S
#define MS TT_NS_PER_MS

static tt_bus_watch watch;
static tt_bus_health_config config;
static tt_hub hub;
static tt_bus *bus;
static tt_arena arena;
static tt_monitor_change changes[TT_MONITOR_CHANGES_MAX];

static int begin(void **state)
{
    (void)state;
    static const tt_bus_options options = {0};
    assert_int_equal(tt_arena_init(&arena, tt_bus_memory(&options)), TUTTI_OK);
    assert_int_equal(tt_bus_new(&options, &arena, &bus), TUTTI_OK);
    assert_int_equal(tt_hub_init(&hub), TUTTI_OK);
    TT_TEST_DEFAULTS(bus_health, &config);
    tt_bus_watch_init(&watch, &config, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tt_hub_fini(&hub);
    tt_arena_fini(&arena);
    return 0;
}

static uint32_t look(int64_t at_ns, const tt_bus_recent_times *times)
{
    static const tt_bus_recent_times none = {0};
    return tt_bus_watch_look(&watch, bus, times == NULL ? &none : times, &hub, at_ns, changes);
}

static void expect(tt_bus_alert_type alert, bool is_raised, int64_t value, int64_t limit)
{
    assert_int_equal(changes[0].alert, alert);
    assert_int_equal(changes[0].is_raised, is_raised);
    assert_int_equal(changes[0].value, value);
    assert_int_equal(changes[0].limit, limit);
}

/** The longest handler of the last minute, even if an earlier one was longer. */
static void slow_handlers(void **state)
{
    (void)state;
    const tt_bus_recent_times slow = {.count = 10, .sum_ns = 600 * MS, .max_ns = 501 * MS};
    const tt_bus_recent_times edge = {.count = 10, .sum_ns = 1000 * MS, .max_ns = 500 * MS};
    assert_int_equal(look(1 * S, &edge), 0); // at the limits is no alert
    assert_int_equal(look(2 * S, &slow), 1);
    expect(TT_bus_alert_type_HANDLER_TIME_MAX, true, 501 * MS, 500 * MS);
    assert_int_equal(look(3 * S, NULL), 0);
    assert_int_equal(look(60 * S, NULL), 0);
    assert_int_equal(look(61 * S, NULL), 1); // the part that began with the watch has passed
    expect(TT_bus_alert_type_HANDLER_TIME_MAX, false, 0, 500 * MS);
    assert_int_equal(look(62 * S, &slow), 1);
    expect(TT_bus_alert_type_HANDLER_TIME_MAX, true, 501 * MS, 500 * MS);
}

static void the_mean_is_that_of_the_window(void **state)
{
    (void)state;
    const tt_bus_recent_times half = {.count = 1, .sum_ns = 201 * MS, .max_ns = 201 * MS};
    const tt_bus_recent_times quick = {.count = 1, .sum_ns = 1 * MS, .max_ns = 1 * MS};
    assert_int_equal(look(1 * S, &half), 1);
    expect(TT_bus_alert_type_HANDLER_TIME_MEAN, true, 201 * MS, 100 * MS);
    assert_int_equal(look(2 * S, &quick), 0);  // in the same part: 202 / 2 is above
    assert_int_equal(look(40 * S, &quick), 1); // 203 / 3 is not
    expect(TT_bus_alert_type_HANDLER_TIME_MEAN, false, 203 * MS / 3, 100 * MS);
}

static void a_ring_that_is_full(void **state)
{
    (void)state;
    static unsigned char record[1000];
    assert_int_equal(look(1 * S, NULL), 0);
    uint32_t size = 0;
    while (tt_ring_push(&hub.replies_out, record, sizeof record) == TUTTI_OK) {
    }
    uint64_t used = tt_ring_stats_get(&hub.replies_out).bytes_used;
    assert_int_equal(look(2 * S, NULL), 1);
    expect(TT_bus_alert_type_QUEUE_FILL, true, (int64_t)(used * 100 / (128 * 1024)), 90);
    while (tt_ring_peek(&hub.replies_out, &size) != NULL) {
        tt_ring_release(&hub.replies_out);
    }
    assert_int_equal(look(3 * S, NULL), 1);
    expect(TT_bus_alert_type_QUEUE_FILL, false, 0, 90);
}

static void messages_without_room(void **state)
{
    (void)state;
    assert_int_equal(look(1 * S, NULL), 0);
    atomic_store(&hub.dropped_events, 2);
    assert_int_equal(look(2 * S, NULL), 1);
    expect(TT_bus_alert_type_MAILBOX_OVERFLOW, true, 2, 1);
    assert_int_equal(look(30 * S, NULL), 0);
    assert_int_equal(look(130 * S, NULL), 1);
    expect(TT_bus_alert_type_MAILBOX_OVERFLOW, false, 0, 1);
    atomic_store(&hub.dropped_activity, 1);
    assert_int_equal(look(131 * S, NULL), 1);
    expect(TT_bus_alert_type_MAILBOX_OVERFLOW, true, 1, 1);
}

static void nothing_is_published(void **state)
{
    (void)state;
    assert_int_equal(look(1 * S, NULL), 0);
    assert_int_equal(look(301 * S, NULL), 0);
    assert_int_equal(look(302 * S, NULL), 1);
    expect(TT_bus_alert_type_INACTIVITY, true, 301 * S, 300 * S);
}

static void every_ring_has_a_row(void **state)
{
    (void)state;
    tt_ring_row rows[TT_RING_ROWS_MAX];
    uint32_t count = tt_hub_rings(&hub, rows);
    assert_int_equal(count, 12);
    for (uint32_t i = 0; i < count; i++) {
        assert_non_null(rows[i].name);
        assert_true(rows[i].size >= 64 * 1024);
        for (uint32_t j = 0; j < i; j++) {
            assert_string_not_equal(rows[i].name, rows[j].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slow_handlers, begin, end),
        cmocka_unit_test_setup_teardown(the_mean_is_that_of_the_window, begin, end),
        cmocka_unit_test_setup_teardown(a_ring_that_is_full, begin, end),
        cmocka_unit_test_setup_teardown(messages_without_room, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_published, begin, end),
        cmocka_unit_test_setup_teardown(every_ring_has_a_row, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
