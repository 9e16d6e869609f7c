/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The monitor: each threshold at its bound, windows, changes and clearing, without a clock; then
 * the watch over a bus. Covers: monitor_times.c monitor_watch.c
 */
#include "fixture.h"
#include "mailbox/monitor.h"

static tt_monitor monitor;
static tt_monitor_sample sample;
static tt_monitor_change changes[TT_MONITOR_CHANGES_MAX];

static void begin(void)
{
    static const tt_monitor_limits defaults = {0};
    memset(&sample, 0, sizeof sample);
    tt_monitor_init(&monitor, &defaults, (tt_time){T0_NS}, &sample);
}

/** Judges the sample some seconds after the start. */
static uint32_t judge(int64_t seconds)
{
    return tt_monitor_judge(&monitor, (tt_time){T0_NS + seconds * TT_NS_PER_S}, &sample, changes);
}

static void
expect_one(uint32_t count, tt_bus_alert_type alert, bool is_raised, int64_t value, int64_t limit)
{
    assert_int_equal(count, 1);
    assert_int_equal(changes[0].alert, alert);
    assert_int_equal(changes[0].is_raised, is_raised);
    assert_int_equal(changes[0].value, value);
    assert_int_equal(changes[0].limit, limit);
}

static void silence_raises_after_300_seconds_and_a_publish_clears(void **state)
{
    (void)state;
    begin();
    assert_int_equal(judge(300), 0);
    expect_one(
        judge(301), TT_bus_alert_type_INACTIVITY, true, 301 * TT_NS_PER_S, 300 * TT_NS_PER_S);
    assert_int_equal(judge(900), 0); // told once
    sample.published = 1;
    expect_one(judge(901), TT_bus_alert_type_INACTIVITY, false, 0, 300 * TT_NS_PER_S);
    assert_int_equal(judge(1201), 0);
    assert_int_equal(judge(1202), 1);
}

static void the_success_rate_is_that_of_the_window(void **state)
{
    (void)state;
    begin();
    sample.delivered = 171;
    sample.failed = 9;
    assert_int_equal(judge(1), 0); // 0.95 exactly
    sample.delivered = 170;
    expect_one(judge(2), TT_bus_alert_type_SUCCESS_RATE, true, 949720, 950000);
    for (int64_t second = 3; second < 60; second++) {
        assert_int_equal(judge(second), 0);
    }
    // The old failures leave the window, and with them the alert.
    uint32_t cleared = 0;
    for (int64_t second = 60; second <= 80; second++) {
        cleared += judge(second);
    }
    assert_int_equal(cleared, 1);
    assert_int_equal(monitor.raised, 0);
    sample.failed = 10; // one alone, and nothing delivered
    expect_one(judge(81), TT_bus_alert_type_SUCCESS_RATE, true, 0, 950000);
    sample.delivered += 19;
    expect_one(judge(82), TT_bus_alert_type_SUCCESS_RATE, false, 950000, 950000);
    const tt_monitor_limits never = {.success_ppm_min = 1000001};
    memset(&sample, 0, sizeof sample);
    tt_monitor_init(&monitor, &never, (tt_time){T0_NS}, &sample);
    sample.failed = 1;
    assert_int_equal(judge(1), 0);
}

static void ten_failures_a_minute_raise(void **state)
{
    (void)state;
    begin();
    sample.delivered = 100000;
    sample.failed = 9;
    assert_int_equal(judge(1), 0);
    sample.failed = 10;
    expect_one(judge(2), TT_bus_alert_type_FAILURE_RATE, true, 10, 10);
    uint32_t cleared = 0;
    for (int64_t second = 3; second <= 80; second++) {
        cleared += judge(second);
    }
    assert_int_equal(cleared, 1);
    // Nine each minute never raise it.
    for (int64_t minute = 2; minute < 4; minute++) {
        sample.failed += 9;
        sample.delivered += 1000;
        for (int64_t second = 1; second <= 90; second++) {
            sample.published++;
            assert_int_equal(judge(minute * 90 + second), 0);
        }
    }
}

static void a_window_passes_even_when_looks_are_rare(void **state)
{
    (void)state;
    begin();
    sample.delivered = 1000;
    sample.failed = 10;
    assert_int_equal(judge(10), 1);
    assert_int_equal(judge(50), 0);
    assert_int_equal(monitor.raised, 1u << TT_bus_alert_type_FAILURE_RATE);
    expect_one(judge(120), TT_bus_alert_type_FAILURE_RATE, false, 0, 10);
}

static void the_other_thresholds_stand_at_their_bounds(void **state)
{
    (void)state;
    begin();
    sample.in_row = 4;
    sample.queue_size = 1000;
    sample.queue_used = 899;
    sample.handler_mean_ns = 100 * TT_NS_PER_MS;
    sample.handler_max_ns = 500 * TT_NS_PER_MS;
    assert_int_equal(judge(1), 0);
    sample.in_row = 5;
    expect_one(judge(2), TT_bus_alert_type_CONSECUTIVE_FAILURES, true, 5, 5);
    sample.queue_used = 900;
    expect_one(judge(3), TT_bus_alert_type_QUEUE_FILL, true, 90, 90);
    sample.handler_mean_ns++;
    expect_one(
        judge(4),
        TT_bus_alert_type_HANDLER_TIME_MEAN,
        true,
        100 * TT_NS_PER_MS + 1,
        100 * TT_NS_PER_MS);
    sample.handler_max_ns++;
    expect_one(
        judge(5),
        TT_bus_alert_type_HANDLER_TIME_MAX,
        true,
        500 * TT_NS_PER_MS + 1,
        500 * TT_NS_PER_MS);
    memset(&sample, 0, sizeof sample);
    assert_int_equal(judge(6), 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_false(changes[i].is_raised);
    }
    assert_int_equal(monitor.raised, 0);
}

static void limits_can_be_set(void **state)
{
    (void)state;
    const tt_monitor_limits limits = {.in_row_max = 2, .window_ns = TT_NS_PER_S};
    memset(&sample, 0, sizeof sample);
    tt_monitor_init(&monitor, &limits, (tt_time){T0_NS}, &sample);
    sample.in_row = 2;
    expect_one(judge(1), TT_bus_alert_type_CONSECUTIVE_FAILURES, true, 2, 2);
    tt_monitor_forget(&monitor, &changes[0]);
    expect_one(judge(2), TT_bus_alert_type_CONSECUTIVE_FAILURES, true, 2, 2); // told again
}

static tutti_status refuse(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    (void)msg;
    return TUTTI_IO;
}

/** A stopwatch: each look takes `*ctx` longer. */
static uint64_t stopwatch_ns;
static uint64_t read_stopwatch(void *ctx)
{
    stopwatch_ns += *(const uint64_t *)ctx;
    return stopwatch_ns;
}

static uint32_t bit(tt_bus_alert_type alert)
{
    return UINT32_C(1) << alert;
}

static void the_watch_posts_changes_as_inputs(void **state)
{
    (void)state;
    static fixture fix;
    uint64_t handler_ns = 0;
    tt_bus_monitor *watch = NULL;
    fixture_open(&fix, &(fixture_options){0});
    fix.clock.step_ns = 0;
    assert_int_equal(
        tt_bus_monitor_new(&(tt_bus_monitor_options){.bus = fix.bus}, &fix.arena, &watch),
        TUTTI_INVALID);
    const tt_bus_monitor_options options = {
        .bus = fix.bus,
        .inbox = fix.inbox,
        .publisher = fixture_publisher(&fix, &(tt_publisher_options){.name = "monitor"}),
    };
    tt_bus_set_stopwatch(fix.bus, read_stopwatch, &handler_ns, 1);
    tt_arena own;
    assert_int_equal(tt_arena_init(&own, tt_bus_monitor_memory()), TUTTI_OK);
    assert_int_equal(tt_bus_monitor_new(&options, &own, &watch), TUTTI_OK);
    assert_int_equal(tt_bus_monitor_new(&options, &own, &watch), TUTTI_NO_MEMORY);
    tt_publisher *feed = fixture_publisher(&fix, &(tt_publisher_options){.name = "feed"});
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_MARKET_QUOTE, "bad", refuse, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(fix.bus, TT_TOPIC_BUS_ALERTS, "bad", refuse, NULL), TUTTI_OK);
    tt_time now = {T0_NS};
    tt_bus_monitor_look(watch, now);
    assert_int_equal(tt_bus_monitor_raised(watch), 0);
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(fixture_try(feed, i, 1), TUTTI_OK);
        (void)tt_bus_loop_turn(fix.loop);
        tt_bus_monitor_look(watch, now);
        (void)tt_bus_loop_turn(fix.loop);
    }
    uint32_t expected =
        bit(TT_bus_alert_type_SUCCESS_RATE) | bit(TT_bus_alert_type_CONSECUTIVE_FAILURES);
    assert_int_equal(tt_bus_monitor_raised(watch), expected);
    const tt_msg *msg = tt_bus_history(fix.bus, TT_TOPIC_BUS_ALERTS, NULL);
    const tt_bus_alert *alert = TT_PAYLOAD(msg, BUS_ALERTS, bus_alert);
    assert_int_equal(alert->alert, TT_bus_alert_type_CONSECUTIVE_FAILURES);
    assert_true(alert->is_raised);
    assert_int_equal(alert->value, 5);
    assert_int_equal(alert->limit, 5);
    assert_string_equal(alert->subject, "bus");
    assert_true(msg->flags & TT_MSG_INPUT);
    // The handler of the alerts failed, too. That raises nothing more, however often it looks.
    for (int i = 0; i < 20; i++) {
        tt_bus_monitor_look(watch, now);
        assert_int_equal(tt_bus_loop_turn(fix.loop), 0);
    }
    handler_ns = 500 * TT_NS_PER_MS + 1;
    assert_int_equal(fixture_try(feed, 6, 1), TUTTI_OK);
    (void)tt_bus_loop_turn(fix.loop);
    tt_bus_monitor_look(watch, now);
    expected |= bit(TT_bus_alert_type_HANDLER_TIME_MAX); // with the five before, the mean is less
    assert_int_equal(tt_bus_monitor_raised(watch), expected);
    // A full lane is seen while it is full.
    while (fixture_try(feed, 1, 1) == TUTTI_OK) {
    }
    tt_bus_monitor_look(watch, now);
    assert_true(tt_bus_monitor_raised(watch) & bit(TT_bus_alert_type_QUEUE_FILL));
    tt_arena_fini(&own);
    fixture_close(&fix);
}

/** Slow handlers of alerts, and of the dead letters that these cause, are no slow handlers. */
static void handlers_of_alerts_raise_none(void **state)
{
    (void)state;
    static fixture fix;
    uint64_t handler_ns = 2 * TT_NS_PER_S;
    tt_bus_monitor *watch = NULL;
    fixture_open(&fix, &(fixture_options){0});
    fix.clock.step_ns = 0;
    tt_bus_set_stopwatch(fix.bus, read_stopwatch, &handler_ns, 1);
    const tt_bus_monitor_options options = {
        .bus = fix.bus,
        .inbox = fix.inbox,
        .publisher = fixture_publisher(&fix, &(tt_publisher_options){.name = "monitor"})};
    assert_int_equal(tt_bus_monitor_new(&options, &fix.arena, &watch), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(fix.bus, TT_TOPIC_BUS_ALERTS, "bad", refuse, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(fix.bus, TT_TOPIC_DEAD_LETTERS, "d", refuse, NULL), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_MARKET_QUOTE, "bad", refuse, NULL), TUTTI_OK);
    tt_bus_monitor_look(watch, (tt_time){T0_NS});
    tt_bus_monitor_look(watch, (tt_time){T0_NS + 301 * TT_NS_PER_S});
    assert_int_equal(tt_bus_monitor_raised(watch), bit(TT_bus_alert_type_INACTIVITY));
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1); // both handlers were slow, and failed
    assert_int_equal(tt_bus_take_recent_times(fix.bus).count, 0);
    tt_publisher *feed = fixture_publisher(&fix, &(tt_publisher_options){.name = "feed"});
    assert_int_equal(fixture_try(feed, 1, 1), TUTTI_OK);
    (void)tt_bus_loop_turn(fix.loop); // a quote, and the dead letter that it causes
    assert_int_equal(tt_bus_take_recent_times(fix.bus).count, 2);
    fixture_close(&fix);
}

/** A mailbox for everything: what alerts fill or cost is no full mailbox. */
static void mailboxes_full_of_alerts_raise_none(void **state)
{
    (void)state;
    static fixture fix;
    tt_bus_monitor *watch = NULL;
    fixture_open(&fix, &(fixture_options){0});
    fix.clock.step_ns = 0;
    const tt_bus_monitor_options options = {
        .bus = fix.bus,
        .inbox = fix.inbox,
        .loop = fix.loop,
        .publisher = fixture_publisher(&fix, &(tt_publisher_options){.name = "monitor"})};
    assert_int_equal(tt_bus_monitor_new(&options, &fix.arena, &watch), TUTTI_OK);
    tt_publisher *feed = fixture_publisher(&fix, &(tt_publisher_options){.name = "feed"});
    tt_mailbox *box =
        fixture_box(&fix, &(tt_mailbox_options){.policy = TT_MAILBOX_DROP_NEWEST, .count_max = 1});
    const tt_mailbox_subscription all = {.pattern = "*"};
    assert_int_equal(tt_mailbox_subscribe(box, &all), TUTTI_OK);
    assert_int_equal(tt_bus_loop_attach(fix.loop, box), TUTTI_OK);
    int64_t now_ns = T0_NS;
    tt_bus_monitor_look(watch, (tt_time){now_ns});
    assert_int_equal(fixture_try(feed, 1, 1), TUTTI_OK);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1);
    now_ns += 1;
    tt_bus_monitor_look(watch, (tt_time){now_ns});
    assert_int_equal(tt_bus_monitor_raised(watch), bit(TT_bus_alert_type_QUEUE_FILL));
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1); // the alert finds no room: not told of
    tt_bus_monitor_look(watch, (tt_time){now_ns});
    assert_int_equal(tt_bus_monitor_raised(watch), bit(TT_bus_alert_type_QUEUE_FILL));
    const tt_msg *msg = NULL;
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(msg->topic, TT_TOPIC_MARKET_QUOTE);
    assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    tt_bus_monitor_look(watch, (tt_time){now_ns});
    assert_int_equal(tt_bus_monitor_raised(watch), 0);
    // That it is over fills the mailbox again: with an alert, which raises none.
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1);
    for (int i = 0; i < 5; i++) {
        tt_bus_monitor_look(watch, (tt_time){now_ns});
        assert_int_equal(tt_bus_loop_turn(fix.loop), 0);
    }
    assert_int_equal(tt_bus_monitor_raised(watch), 0);
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(msg->topic, TT_TOPIC_BUS_ALERTS);
    assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    // A message that is none counts as before.
    assert_int_equal(fixture_try(feed, 2, 1), TUTTI_OK);
    assert_int_equal(tt_bus_loop_turn(fix.loop), 1);
    tt_bus_monitor_look(watch, (tt_time){now_ns});
    assert_int_equal(tt_bus_monitor_raised(watch), bit(TT_bus_alert_type_QUEUE_FILL));
    fixture_close(&fix);
}

static void an_alert_that_finds_no_room_is_told_later(void **state)
{
    (void)state;
    static fixture fix;
    tt_bus_monitor *watch = NULL;
    fixture_open(&fix, &(fixture_options){0});
    fix.clock.step_ns = 0;
    tt_publisher *slow = fixture_publisher(
        &fix, &(tt_publisher_options){.name = "monitor", .rate_per_s = 1, .burst = 1});
    const tt_bus_monitor_options options = {
        .bus = fix.bus, .inbox = fix.inbox, .publisher = slow, .limits.silence_ns_max = 1};
    assert_int_equal(tt_bus_monitor_new(&options, &fix.arena, &watch), TUTTI_OK);
    assert_int_equal(fixture_try(slow, 1, 1), TUTTI_OK); // the only token
    tt_bus_monitor_look(watch, (tt_time){T0_NS});
    tt_bus_monitor_look(watch, (tt_time){T0_NS + 2});
    assert_int_equal(tt_bus_monitor_raised(watch), 0);
    tt_fake_timepiece_advance(&fix.clock.fake, (tt_dur){TT_NS_PER_S});
    tt_bus_monitor_look(watch, (tt_time){T0_NS + 3});
    assert_int_equal(tt_bus_monitor_raised(watch), bit(TT_bus_alert_type_INACTIVITY));
    fixture_close(&fix);
}

/** Alerts that wait to be delivered are in a ring of the monitor, which it does not watch. */
static void its_own_ring_raises_none(void **state)
{
    (void)state;
    static fixture fix;
    tt_bus_monitor *watch = NULL;
    fixture_open(&fix, &(fixture_options){.inbox.ring_bytes = 32768});
    fix.clock.step_ns = 0;
    const tt_bus_monitor_options options = {
        .bus = fix.bus,
        .inbox = fix.inbox,
        .publisher = fixture_publisher(
            &fix, &(tt_publisher_options){.name = "monitor", .ring_bytes = 16384})};
    tt_publisher *other =
        fixture_publisher(&fix, &(tt_publisher_options){.name = "feed", .ring_bytes = 16384});
    assert_int_equal(tt_bus_monitor_new(&options, &fix.arena, &watch), TUTTI_OK);
    while (fixture_try(options.publisher, 1, 1) == TUTTI_OK) {
    }
    tt_bus_monitor_look(watch, (tt_time){T0_NS});
    assert_int_equal(tt_bus_monitor_raised(watch), 0);
    (void)tt_bus_loop_turn(fix.loop);
    while (fixture_try(other, 1, 1) == TUTTI_OK) {
    }
    tt_bus_monitor_look(watch, (tt_time){T0_NS});
    assert_int_equal(tt_bus_monitor_raised(watch), bit(TT_bus_alert_type_QUEUE_FILL));
    fixture_close(&fix);
}

/** A loop looks by itself, also when nothing happens. */
static void a_loop_looks_while_it_is_idle(void **state)
{
    (void)state;
    static fixture fix;
    tt_bus_monitor *watch = NULL;
    tt_bus_loop *loop = NULL;
    fixture_open(&fix, &(fixture_options){0});
    fix.clock.step_ns = 0;
    const tt_bus_monitor_options options = {
        .bus = fix.bus,
        .inbox = fix.inbox,
        .publisher = fixture_publisher(&fix, &(tt_publisher_options){.name = "monitor"})};
    assert_int_equal(tt_bus_monitor_new(&options, &fix.arena, &watch), TUTTI_OK);
    const tt_bus_loop_options looking = {
        .bus = fix.bus,
        .inbox = fix.inbox,
        .clock = &fix.clock.clock,
        .look = tt_bus_monitor_look,
        .look_ctx = watch,
    };
    assert_int_equal(tt_bus_loop_new(&looking, &fix.arena, &loop), TUTTI_OK);
    for (int64_t second = 0; second <= 301; second++) {
        assert_int_equal(tt_bus_loop_turn(loop), 0);
        assert_int_equal(tt_bus_monitor_raised(watch), second == 301 ? 1u << 7 : 0);
        tt_fake_timepiece_advance(&fix.clock.fake, (tt_dur){TT_NS_PER_S});
        // Somebody sets the clock of the machine: that is no silence, and no reason to look.
        tt_fake_timepiece_set_wall(
            &fix.clock.fake, (tt_time){T0_NS + (second % 2 ? 3600 : -3600) * TT_NS_PER_S});
    }
    assert_int_equal(TT_bus_alert_type_INACTIVITY, 7);
    assert_int_equal(tt_bus_loop_turn(loop), 1);
    fixture_close(&fix);
}

static void full_mailboxes_are_told_until_a_window_has_passed(void **state)
{
    (void)state;
    static fixture fix;
    tt_bus_monitor *watch = NULL;
    fixture_open(&fix, &(fixture_options){0});
    fix.clock.step_ns = 0;
    const tt_bus_monitor_options options = {
        .bus = fix.bus,
        .inbox = fix.inbox,
        .loop = fix.loop,
        .publisher = fixture_publisher(&fix, &(tt_publisher_options){.name = "monitor"})};
    assert_int_equal(tt_bus_monitor_new(&options, &fix.arena, &watch), TUTTI_OK);
    tt_publisher *feed = fixture_publisher(&fix, &(tt_publisher_options){.name = "feed"});
    tt_mailbox *box =
        fixture_box(&fix, &(tt_mailbox_options){.policy = TT_MAILBOX_DROP_NEWEST, .count_max = 10});
    const tt_mailbox_subscription quotes = {.topic = TT_TOPIC_MARKET_QUOTE};
    assert_int_equal(tt_mailbox_subscribe(box, &quotes), TUTTI_OK);
    assert_int_equal(tt_bus_loop_attach(fix.loop, box), TUTTI_OK);
    tt_bus_monitor_look(watch, (tt_time){T0_NS});
    static const uint32_t queue = 1u << TT_bus_alert_type_QUEUE_FILL;
    static const uint32_t lost = 1u << TT_bus_alert_type_MAILBOX_OVERFLOW;
    for (uint64_t i = 1; i <= 11; i++) {
        assert_int_equal(fixture_try(feed, i, 1), TUTTI_OK);
        assert_int_equal(tt_bus_loop_turn(fix.loop), 1);
        tt_bus_monitor_look(watch, (tt_time){T0_NS + 1});
        assert_int_equal(tt_bus_monitor_raised(watch), i < 9 ? 0 : i < 11 ? queue : queue | lost);
        (void)tt_bus_loop_turn(fix.loop); // the alerts
    }
    const tt_msg *msg = tt_bus_history(fix.bus, TT_TOPIC_BUS_ALERTS, NULL);
    const tt_bus_alert *alert = TT_PAYLOAD(msg, BUS_ALERTS, bus_alert);
    assert_int_equal(alert->alert, TT_bus_alert_type_MAILBOX_OVERFLOW);
    assert_int_equal(alert->value, 1);
    assert_int_equal(alert->limit, 1);
    const tt_msg *taken = NULL;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(tt_mailbox_take_try(box, &taken), TUTTI_OK);
        assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    }
    tt_bus_monitor_look(watch, (tt_time){T0_NS + 30 * TT_NS_PER_S});
    assert_int_equal(tt_bus_monitor_raised(watch), lost);
    tt_bus_monitor_look(watch, (tt_time){T0_NS + 95 * TT_NS_PER_S});
    assert_int_equal(tt_bus_monitor_raised(watch), 0);
    fixture_close(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_raises_after_300_seconds_and_a_publish_clears),
        cmocka_unit_test(the_success_rate_is_that_of_the_window),
        cmocka_unit_test(ten_failures_a_minute_raise),
        cmocka_unit_test(a_window_passes_even_when_looks_are_rare),
        cmocka_unit_test(the_other_thresholds_stand_at_their_bounds),
        cmocka_unit_test(limits_can_be_set),
        cmocka_unit_test(the_watch_posts_changes_as_inputs),
        cmocka_unit_test(handlers_of_alerts_raise_none),
        cmocka_unit_test(mailboxes_full_of_alerts_raise_none),
        cmocka_unit_test(an_alert_that_finds_no_room_is_told_later),
        cmocka_unit_test(its_own_ring_raises_none),
        cmocka_unit_test(a_loop_looks_while_it_is_idle),
        cmocka_unit_test(full_mailboxes_are_told_until_a_window_has_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
