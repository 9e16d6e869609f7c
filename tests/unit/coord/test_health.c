/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Covers: coord_health.c
 */
#include "fixture.h"

static void a_part_that_stops_is_told_with_its_reason(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_forget(&desk);
    tt_health_report report = {.part = TT_part_STORE, .failures = 3};
    TT_TEXT_SET(report.message, "disk full");
    desk_say(&desk, TT_TOPIC_HEALTH_REPORTS, TT_SOURCE_HOST, 0, &report);
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_PART_DOWN);
    assert_string_equal(event->subject, "store");
    assert_string_equal(event->message, "store: disk full");
    assert_int_equal(event->severity, TT_severity_HIGH);
    assert_int_equal(event->new_value, 3);
    const tt_notification *told = PAYLOAD(desk_last(&desk, TT_TOPIC_NOTIFICATIONS), notification);
    assert_string_equal(told->message, "store: disk full");
    assert_int_equal(told->severity, TT_severity_HIGH);
    desk_close(&desk);
}

static void its_return_is_told_and_trading_never_stopped(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_health_report report = {.part = TT_part_STORE, .failures = 1};
    TT_TEXT_SET(report.message, "disk full");
    desk_say(&desk, TT_TOPIC_HEALTH_REPORTS, TT_SOURCE_HOST, 0, &report);
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_RUNNING);
    desk_forget(&desk);
    report = (tt_health_report){.part = TT_part_STORE, .is_up = 1};
    desk_say(&desk, TT_TOPIC_HEALTH_REPORTS, TT_SOURCE_HOST, 0, &report);
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_PART_UP);
    assert_string_equal(event->message, "store: works again");
    assert_int_equal(event->severity, TT_severity_INFO);
    assert_int_equal(desk_count(&desk, TT_TOPIC_NOTIFICATIONS), 1);
    assert_int_equal(desk_status(&desk).state, TT_coordinator_state_RUNNING);
    desk_close(&desk);
}

static void say(struct desk *desk, tt_part part, bool is_up)
{
    tt_health_report report = {.part = (uint8_t)part, .is_up = is_up, .failures = !is_up};
    TT_TEXT_SET(report.message, is_up ? "" : "gone");
    desk_say(desk, TT_TOPIC_HEALTH_REPORTS, TT_SOURCE_HOST, 0, &report);
}

static tt_degradation level(const struct desk *desk)
{
    return desk_status(desk).degradation;
}

/* Each part counts as its key says, as long as it lasts and a while longer. */
static void each_part_counts(void **state)
{
    (void)state;
    static const struct {
        tt_part part;
        tt_degradation level;
    } rows[] = {
        {TT_part_STORE, TT_degradation_REDUCED},
        {TT_part_FEED, TT_degradation_LIMITED},
        {TT_part_VENUE, TT_degradation_LIMITED},
        {TT_part_JOURNAL, TT_degradation_LIMITED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk desk;
        desk_start_quiet(&desk);
        say(&desk, rows[i].part, false);
        assert_int_equal(level(&desk), rows[i].level);
        desk_wait(&desk, "7200"); // However long: an outage is not forgotten while it lasts.
        assert_int_equal(level(&desk), rows[i].level);
        say(&desk, rows[i].part, true);
        desk_wait(&desk, "59.999999999");
        assert_int_equal(level(&desk), rows[i].level);
        desk_wait(&desk, "0.000000001");
        assert_int_equal(level(&desk), TT_degradation_NORMAL);
        // On the way down one event a level, the last of them a recovery.
        assert_int_equal(desk_events(&desk, TT_system_event_type_DEGRADATION_RECOVERY), 1);
        assert_int_equal(
            desk_events(&desk, TT_system_event_type_DEGRADATION_DECREASED),
            (uint32_t)rows[i].level - 1);
        desk_close(&desk);
    }
}

/* A part that comes and goes keeps the level where it is. */
static void a_part_that_flaps(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    for (uint32_t i = 0; i < 5; i++) {
        say(&desk, TT_part_FEED, false);
        desk_wait(&desk, "30");
        say(&desk, TT_part_FEED, true);
        desk_wait(&desk, "30");
    }
    assert_int_equal(desk_events(&desk, TT_system_event_type_DEGRADATION_INCREASED), 2);
    assert_int_equal(desk_events(&desk, TT_system_event_type_PART_DOWN), 5);
    assert_int_equal(level(&desk), TT_degradation_LIMITED);
    desk_wait(&desk, "30");
    assert_int_equal(level(&desk), TT_degradation_NORMAL);
    desk_close(&desk);
}

static void what_was_known_changes_nothing(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    say(&desk, TT_part_FEED, true);
    assert_int_equal(desk_count(&desk, TT_TOPIC_SYSTEM_EVENTS), 0);
    say(&desk, TT_part_FEED, false);
    desk_forget(&desk);
    say(&desk, TT_part_FEED, false);
    assert_int_equal(desk_count(&desk, TT_TOPIC_SYSTEM_EVENTS), 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_NOTIFICATIONS), 0);
    desk_close(&desk);
}

/* The feed says it itself. */
static void a_feed_that_is_disconnected(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_feed_event event = {.event = TT_feed_event_type_GAP};
    desk_say(&desk, TT_TOPIC_FEED_EVENTS, TT_SOURCE_FEED, 0, &event);
    assert_int_equal(level(&desk), TT_degradation_NORMAL);
    event.event = TT_feed_event_type_DISCONNECTED;
    desk_say(&desk, TT_TOPIC_FEED_EVENTS, TT_SOURCE_FEED, 0, &event);
    assert_int_equal(level(&desk), TT_degradation_LIMITED);
    assert_string_equal(
        desk_event(&desk, TT_system_event_type_PART_DOWN)->message, "feed: disconnected");
    static const tt_feed_event_type others[] = {
        TT_feed_event_type_ROW_REFUSED, TT_feed_event_type_GAP, TT_feed_event_type_END_OF_DATA};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) { // none of them is a connection
        event.event = (uint8_t)others[i];
        desk_say(&desk, TT_TOPIC_FEED_EVENTS, TT_SOURCE_FEED, 0, &event);
    }
    assert_int_equal(desk_events(&desk, TT_system_event_type_PART_UP), 0);
    desk_wait(&desk, "60");
    assert_int_equal(level(&desk), TT_degradation_LIMITED);
    event.event = TT_feed_event_type_CONNECTED;
    desk_say(&desk, TT_TOPIC_FEED_EVENTS, TT_SOURCE_FEED, 0, &event);
    desk_wait(&desk, "60");
    assert_int_equal(level(&desk), TT_degradation_NORMAL);
    desk_close(&desk);
}

/* Weights add up; 0 means that a part does not count. */
static void outages_add_up(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk.coord->config.degradation.venue_outage = 0;
    say(&desk, TT_part_VENUE, false);
    assert_int_equal(level(&desk), TT_degradation_NORMAL);
    say(&desk, TT_part_STORE, false);
    say(&desk, TT_part_JOURNAL, false);
    assert_int_equal(level(&desk), TT_degradation_EMERGENCY);
    desk.coord->config.degradation.outage_hold.ns = 0;
    say(&desk, TT_part_JOURNAL, true);
    desk_wait(&desk, "0");
    assert_int_equal(level(&desk), TT_degradation_REDUCED);
    desk_close(&desk);
}

static void what_nobody_can_report(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    say(&desk, TT_part_NONE, false);
    say(&desk, TT_part_AGENTS, false);
    assert_int_equal(desk_count(&desk, TT_TOPIC_DEAD_LETTERS), 2);
    assert_int_equal(level(&desk), TT_degradation_NORMAL);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_that_stops_is_told_with_its_reason),
        cmocka_unit_test(its_return_is_told_and_trading_never_stopped),
        cmocka_unit_test(each_part_counts),
        cmocka_unit_test(a_part_that_flaps),
        cmocka_unit_test(what_was_known_changes_nothing),
        cmocka_unit_test(a_feed_that_is_disconnected),
        cmocka_unit_test(outages_add_up),
        cmocka_unit_test(what_nobody_can_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
