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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_that_stops_is_told_with_its_reason),
        cmocka_unit_test(its_return_is_told_and_trading_never_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
