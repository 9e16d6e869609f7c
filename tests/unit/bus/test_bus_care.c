/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Retries and quarantine: to the nanosecond, at their bounds, and over a restart.
 */
#include "bus/timers.h"
#include "bus_fixture.h"

static fixture fix;
static tt_arena timers_arena;
static tt_timers *timers;
static tutti_status answer;
static int64_t now_ns;

static const tt_bus_retry three = {
    .count = 3, .delay_ns = {1 * TT_NS_PER_S, 2 * TT_NS_PER_S, 4 * TT_NS_PER_S}};

static tutti_status fail_as_told(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'f', msg);
    return answer;
}

static tutti_status note(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'n', msg);
    return TUTTI_OK;
}

static void open_with(tt_bus_options options)
{
    assert_int_equal(tt_arena_init(&timers_arena, 1 << 20), TUTTI_OK);
    assert_int_equal(tt_timers_new(100, &timers_arena, &timers), TUTTI_OK);
    options.timers = timers;
    fixture_open(&fix, &options);
    now_ns = T0_NS;
    answer = TUTTI_BUSY;
    assert_int_equal(tt_bus_subscribe(fix.bus, TT_TOPIC_CLOCK, "well", note, &fix), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_CLOCK, "failing", fail_as_told, &fix), TUTTI_OK);
}

static int setup(void **state)
{
    (void)state;
    open_with((tt_bus_options){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tt_arena_fini(&fix.arena);
    tt_arena_fini(&timers_arena);
    return 0;
}

static void care_for(const tt_bus_care *care)
{
    assert_int_equal(tt_bus_set_care(fix.bus, "failing", care), TUTTI_OK);
}

static void publish(void)
{
    fixture_publish(&fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix.bus);
}

static void step_to(int64_t after_ns)
{
    now_ns = T0_NS + after_ns;
    tt_bus_begin(fix.bus, (tt_time){now_ns});
    tt_timers_fire(timers, (tt_time){now_ns});
    tt_bus_run(fix.bus);
}

static tt_bus_care_stats care_stats(void)
{
    tt_bus_care_stats stats;
    assert_true(tt_bus_care_get(fix.bus, "failing", &stats));
    return stats;
}

static void a_failure_is_tried_again_after_each_delay(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.retry = &three});
    publish();
    assert_string_equal(fix.log, "n1 f1 ");
    assert_int_equal(tt_bus_retry_count(fix.bus), 1);
    assert_int_equal(tt_bus_dead_count(fix.bus), 0);
    step_to(TT_NS_PER_S - 1);
    assert_string_equal(fix.log, "n1 f1 ");
    step_to(TT_NS_PER_S);
    assert_string_equal(fix.log, "n1 f1 f1 "); // the failing one alone
    step_to(3 * TT_NS_PER_S - 1);
    assert_string_equal(fix.log, "n1 f1 f1 ");
    step_to(3 * TT_NS_PER_S);
    step_to(7 * TT_NS_PER_S - 1);
    assert_string_equal(fix.log, "n1 f1 f1 f1 ");
    assert_int_equal(tt_bus_dead_count(fix.bus), 0);
    step_to(7 * TT_NS_PER_S);
    assert_string_equal(fix.log, "n1 f1 f1 f1 f1 ");
    const tt_dead_letter letter = fixture_dead(&fix);
    assert_int_equal(letter.attempts, 4);
    assert_int_equal(letter.dead_seq, 1);
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(fix.bus, letter.dead_id, &dead, NULL), TUTTI_OK);
    assert_int_equal(dead.first_failure.ns, T0_NS);
    assert_int_equal(dead.last_failure.ns, T0_NS + 7 * TT_NS_PER_S);
    assert_int_equal(tt_bus_retry_count(fix.bus), 0);
    assert_int_equal(care_stats().retried, 3);
}

static void a_retry_that_goes_well_ends_it(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.retry = &three});
    publish();
    answer = TUTTI_OK;
    step_to(TT_NS_PER_S);
    step_to(100 * TT_NS_PER_S);
    assert_string_equal(fix.log, "n1 f1 f1 ");
    assert_int_equal(tt_bus_retry_count(fix.bus), 0);
    assert_int_equal(tt_bus_dead_count(fix.bus), 0);
    assert_int_equal(care_stats().failures_in_a_row, 0);
}

static void no_room_to_wait_is_a_dead_letter_at_once(void **state)
{
    (void)state;
    teardown(NULL);
    open_with((tt_bus_options){.retries_max = 1});
    care_for(&(tt_bus_care){.retry = &three});
    publish();
    publish();
    assert_int_equal(tt_bus_retry_count(fix.bus), 1);
    assert_int_equal(tt_bus_dead_count(fix.bus), 1);
    assert_int_equal(fixture_dead(&fix).attempts, 1);
    assert_int_equal(fix.bus->state->retries_refused, 1);
}

/** Takes every timer there is; returns the last. */
static tt_timer_id fill_timers(void)
{
    tt_timer_id last = {0};
    const tt_time far = {T0_NS + 1000000 * TT_NS_PER_S};
    while (tt_timers_arm(timers, TT_TIMER_TRADE, 0, 0, far, &last) == TUTTI_OK) {
    }
    return last;
}

static void without_a_timer_nothing_is_tried_again(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.retry = &three});
    const tt_timer_id last = fill_timers();
    publish();
    assert_int_equal(tt_bus_retry_count(fix.bus), 0);
    assert_int_equal(tt_bus_dead_count(fix.bus), 1);
    assert_int_equal(care_stats().retried, 0);
    assert_int_equal(fix.bus->state->timers_refused, 1);
    publish();
    assert_int_equal(fix.bus->state->timers_refused, 2);
    assert_true(tt_timers_cancel(timers, last));
    publish();
    assert_int_equal(tt_bus_retry_count(fix.bus), 1);
    assert_int_equal(fix.bus->state->timers_refused, 2);
}

/** The quarantine lasts until a person ends it, and is told like any other. */
static void without_a_timer_there_is_no_trial(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.quarantine_after = 1, .probe_ns = TT_NS_PER_S});
    const tt_timer_id last = fill_timers();
    publish();
    assert_int_equal(fix.bus->state->timers_refused, 1);
    assert_true(tt_timers_cancel(timers, last));
    answer = TUTTI_OK;
    step_to(100 * TT_NS_PER_S);
    publish();
    assert_string_equal(fix.log, "n1 f1 n4 ");
    assert_int_equal(fix.bus->state->timers_refused, 1);
}

static void what_expires_or_ends_meanwhile_is_not_tried(void **state)
{
    (void)state;
    const tt_bus_retry late = {.count = 1, .delay_ns = {2 * TT_NS_PER_S}};
    care_for(&(tt_bus_care){.retry = &late});
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.ttl_ms = 1000;
    assert_int_equal(tt_bus_publish(fix.bus, &post, NULL), TUTTI_OK);
    tt_bus_run(fix.bus);
    step_to(2 * TT_NS_PER_S);
    assert_string_equal(fix.log, "n1 f1 ");
    assert_int_equal(fixture_dead(&fix).reason, TT_dead_reason_EXPIRED);
    assert_int_equal(fixture_dead(&fix).attempts, 1);
    publish();
    assert_int_equal(tt_bus_unsubscribe(fix.bus, TT_TOPIC_CLOCK, "failing"), 1);
    step_to(4 * TT_NS_PER_S);
    assert_int_equal(fixture_dead(&fix).reason, TT_dead_reason_HANDLER_FAILED);
    assert_string_equal(fixture_dead(&fix).message, "the subscription has ended");
    assert_int_equal(tt_bus_retry_count(fix.bus), 0);
}

static uint32_t count_alerts(bool is_raised)
{
    uint32_t count = 0;
    for (const tt_msg *msg = tt_bus_history(fix.bus, TT_TOPIC_BUS_ALERTS, NULL); msg;
         msg = tt_bus_history(fix.bus, TT_TOPIC_BUS_ALERTS, msg)) {
        const tt_bus_alert *alert = TT_PAYLOAD(msg, BUS_ALERTS, bus_alert);
        assert_int_equal(alert->alert, TT_bus_alert_type_QUARANTINE);
        assert_string_equal(alert->subject, "failing");
        count += alert->is_raised == is_raised;
    }
    return count;
}

static void too_many_failures_in_a_row_begin_a_quarantine(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.quarantine_after = 3});
    publish();
    publish();
    answer = TUTTI_OK;
    publish(); // the row is broken
    answer = TUTTI_BUSY;
    publish();
    publish();
    assert_false(care_stats().is_quarantined);
    publish();
    assert_true(care_stats().is_quarantined);
    assert_int_equal(count_alerts(true), 1);
    memset(fix.log, 0, sizeof fix.log);
    tt_seq skipped = fixture_publish(&fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix.bus);
    char expected[32];
    (void)snprintf(expected, sizeof expected, "n%llu ", (unsigned long long)skipped);
    assert_string_equal(fix.log, expected);
    assert_int_equal(care_stats().skipped, 1);
    answer = TUTTI_OK;
    assert_int_equal(tt_bus_release(fix.bus, "failing"), TUTTI_OK);
    assert_int_equal(tt_bus_release(fix.bus, "failing"), TUTTI_NOT_FOUND);
    assert_int_equal(count_alerts(false), 1);
    publish();
    assert_int_equal(care_stats().skipped, 1);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).failed, 5);
}

static void a_trial_brings_back_what_is_well_again(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.quarantine_after = 1, .probe_ns = 10 * TT_NS_PER_S});
    publish();
    assert_true(care_stats().is_quarantined);
    step_to(10 * TT_NS_PER_S - 1);
    publish();
    assert_int_equal(care_stats().skipped, 1);
    step_to(10 * TT_NS_PER_S);
    publish(); // the trial fails
    publish();
    assert_int_equal(care_stats().skipped, 2);
    assert_int_equal(count_alerts(true), 1);
    answer = TUTTI_OK;
    step_to(20 * TT_NS_PER_S);
    publish(); // the trial goes well
    assert_false(care_stats().is_quarantined);
    assert_int_equal(count_alerts(false), 1);
    publish();
    assert_int_equal(care_stats().skipped, 2);
}

static uint64_t newest_dead(void)
{
    tt_bus_dead dead = {0};
    while (tt_bus_dead_next(fix.bus, dead.id, &dead)) {
    }
    return dead.id;
}

static void a_letter_does_not_get_around_a_quarantine(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.quarantine_after = 2, .probe_ns = 10 * TT_NS_PER_S});
    publish();
    uint64_t first = newest_dead();
    // A redrive that fails is none of the failures in a row.
    assert_int_equal(tt_bus_dead_redrive(fix.bus, first), TUTTI_OK);
    tt_bus_run(fix.bus);
    assert_int_equal(care_stats().failures_in_a_row, 1);
    publish();
    assert_true(care_stats().is_quarantined);
    uint64_t second = newest_dead();
    uint64_t failed = fixture_stats(&fix, TT_TOPIC_CLOCK).failed;
    assert_int_equal(tt_bus_dead_redrive(fix.bus, first), TUTTI_STATE);
    // When a trial is due, the letter is the trial; the second one comes too late for it.
    step_to(10 * TT_NS_PER_S);
    assert_int_equal(tt_bus_dead_redrive(fix.bus, first), TUTTI_OK);
    assert_int_equal(tt_bus_dead_redrive(fix.bus, second), TUTTI_OK);
    tt_bus_run(fix.bus);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).failed, failed + 1);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).quarantined, 1);
    assert_int_equal(fixture_dead(&fix).reason, TT_dead_reason_QUARANTINED);
    assert_int_equal(fixture_dead(&fix).dead_id, second);
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(fix.bus, second, &dead, NULL), TUTTI_OK);
    assert_int_equal(dead.attempts, 1);
    assert_int_equal(dead.reason, TT_dead_reason_QUARANTINED);
    assert_int_equal(dead.last_failure.ns, now_ns);
    assert_true(care_stats().is_quarantined);
    // A trial that goes well ends the quarantine.
    step_to(20 * TT_NS_PER_S);
    answer = TUTTI_OK;
    assert_int_equal(tt_bus_dead_redrive(fix.bus, second), TUTTI_OK);
    tt_bus_run(fix.bus);
    assert_false(care_stats().is_quarantined);
    assert_int_equal(count_alerts(false), 1);
    assert_int_equal(tt_bus_dead_redrive(fix.bus, first), TUTTI_OK);
    tt_bus_run(fix.bus);
    assert_int_equal(tt_bus_dead_count(fix.bus), 0);
}

static void the_default_of_the_bus_is_for_everyone(void **state)
{
    (void)state;
    teardown(NULL);
    open_with((tt_bus_options){.quarantine_after = 2, .cares_max = 1});
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_FILLS, "other", fail_as_told, &fix), TUTTI_OK);
    publish();
    publish();
    assert_true(care_stats().is_quarantined);
    fixture_publish(&fix, TT_TOPIC_FILLS);
    tt_bus_run(fix.bus);
    assert_int_equal(fix.bus->state->care_refused, 1); // there was one record
    tt_bus_care_stats stats;
    assert_false(tt_bus_care_get(fix.bus, "other", &stats));
    assert_false(tt_bus_care_get(fix.bus, "well", &stats));
}

static void a_policy_that_cannot_be_kept_is_refused(void **state)
{
    (void)state;
    const tt_bus_retry none = {.count = TT_BUS_RETRIES_MAX + 1};
    const tt_bus_retry zero = {.count = 2, .delay_ns = {1, 0}};
    const tt_bus_care many = {.retry = &none};
    const tt_bus_care at_once = {.retry = &zero};
    const tt_bus_care right = {.retry = &three};
    assert_int_equal(tt_bus_set_care(fix.bus, "a", &many), TUTTI_INVALID);
    assert_int_equal(tt_bus_set_care(fix.bus, "a", &at_once), TUTTI_INVALID);
    assert_int_equal(tt_bus_set_care(fix.bus, NULL, &right), TUTTI_INVALID);
    fixture bare;
    fixture_open(&bare, &(tt_bus_options){0});
    assert_int_equal(tt_bus_set_care(bare.bus, "a", &right), TUTTI_STATE);
    tt_arena_fini(&bare.arena);
}

static void a_restart_goes_on_where_it_was(void **state)
{
    (void)state;
    static unsigned char kept[64][1 << 20];
    static unsigned char kept_timers[1 << 16];
    care_for(&(tt_bus_care){.retry = &three, .quarantine_after = 5});
    publish();
    step_to(TT_NS_PER_S);
    size_t timers_size = 0;
    void *old_timers = tt_timers_state(timers, &timers_size);
    assert_true(timers_size <= sizeof kept_timers);
    memcpy(kept_timers, old_timers, timers_size);
    for (uint32_t i = 0; i < fix.core.region_count; i++) {
        const tt_region *region = &fix.core.regions[i];
        if (region->size <= sizeof kept[0]) {
            memcpy(kept[i], region->data, region->size);
        }
    }
    teardown(NULL);
    setup(NULL);
    care_for(&(tt_bus_care){.retry = &three, .quarantine_after = 5});
    for (uint32_t i = 0; i < fix.core.region_count; i++) {
        const tt_region *region = &fix.core.regions[i];
        if (region->size <= sizeof kept[0]) {
            memcpy(region->data, kept[i], region->size);
        }
    }
    memcpy(tt_timers_state(timers, &timers_size), kept_timers, timers_size);
    tt_error error;
    assert_int_equal(tt_bus_restore(fix.bus, &error), TUTTI_OK);
    assert_int_equal(tt_bus_retry_count(fix.bus), 1);
    assert_int_equal(care_stats().failures_in_a_row, 2);
    answer = TUTTI_OK;
    step_to(3 * TT_NS_PER_S);
    assert_string_equal(fix.log, "f1 ");
    assert_int_equal(tt_bus_retry_count(fix.bus), 0);
}

static tt_bus_subscriber_stats subscriber(uint32_t index)
{
    tt_bus_subscriber_stats stats;
    assert_true(tt_bus_subscriber_stats_get(fix.bus, TT_TOPIC_CLOCK, index, &stats));
    return stats;
}

static void retries_and_skips_are_counted_by_topic_and_subscription(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.retry = &three, .quarantine_after = 2});
    publish();
    step_to(TT_NS_PER_S); // the second failure in a row
    publish();
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).retried, 1);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).quarantined, 1);
    assert_int_equal(subscriber(0).retried, 0);
    assert_int_equal(subscriber(0).quarantined, 0);
    assert_int_equal(subscriber(1).retried, 1);
    assert_int_equal(subscriber(1).quarantined, 1);
    step_to(3 * TT_NS_PER_S); // the second retry meets the quarantine
    assert_int_equal(subscriber(1).retried, 1);
    assert_int_equal(subscriber(1).quarantined, 2);
    assert_int_equal(fixture_dead(&fix).reason, TT_dead_reason_QUARANTINED);
}

static bool keep_from_failing(void *ctx, const tt_msg *msg, const char *subscriber_name)
{
    (void)ctx;
    (void)msg;
    return strcmp(subscriber_name, "failing") == 0;
}

static void a_retry_that_the_guard_keeps_away_is_a_dead_letter(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.retry = &three});
    publish();
    tt_bus_set_guard(fix.bus, keep_from_failing, NULL);
    step_to(TT_NS_PER_S);
    assert_string_equal(fix.log, "n1 f1 ");
    assert_int_equal(tt_bus_retry_count(fix.bus), 0);
    assert_int_equal(tt_bus_dead_count(fix.bus), 1);
    assert_string_equal(fixture_dead(&fix).message, "kept from another attempt");
    assert_int_equal(subscriber(1).guarded, 1);
    assert_int_equal(subscriber(1).retried, 0);
}

static void so_is_one_of_a_blocked_correlation(void **state)
{
    (void)state;
    care_for(&(tt_bus_care){.retry = &three});
    publish();
    const tt_msg *msg = fixture_latest(&fix, TT_TOPIC_CLOCK, TT_SOURCE_NONE, 0);
    assert_int_equal(tt_bus_block(fix.bus, msg->correlation), TUTTI_OK);
    step_to(TT_NS_PER_S);
    assert_string_equal(fix.log, "n1 f1 ");
    assert_int_equal(tt_bus_dead_count(fix.bus), 1);
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_CLOCK).guarded, 1);
}

static void a_subscription_can_say_it_itself(void **state)
{
    (void)state;
    tt_bus_subscription request = {
        .name = "own",
        .topic = TT_TOPIC_FILLS,
        .handler = fail_as_told,
        .ctx = &fix,
        .retry = &three,
        .quarantine_after = 3,
        .probe_ns = 10 * TT_NS_PER_S,
    };
    assert_int_equal(tt_bus_subscribe_to(fix.bus, &request, NULL), TUTTI_OK);
    fixture_publish(&fix, TT_TOPIC_FILLS);
    tt_bus_run(fix.bus);
    step_to(TT_NS_PER_S);
    step_to(3 * TT_NS_PER_S);
    assert_string_equal(fix.log, "f1 f1 f1 ");
    tt_bus_care_stats stats;
    assert_true(tt_bus_care_get(fix.bus, "own", &stats));
    assert_true(stats.is_quarantined);
    answer = TUTTI_OK;
    step_to(13 * TT_NS_PER_S); // the trial
    fixture_publish(&fix, TT_TOPIC_FILLS);
    tt_bus_run(fix.bus);
    assert_true(tt_bus_care_get(fix.bus, "own", &stats));
    assert_false(stats.is_quarantined);
}

static void a_subscription_whose_care_is_refused_is_not_made(void **state)
{
    (void)state;
    const tt_bus_retry too_many = {.count = TT_BUS_RETRIES_MAX + 1};
    tt_bus_subscription request = {
        .name = "own", .topic = TT_TOPIC_FILLS, .handler = note, .retry = &too_many};
    assert_int_equal(tt_bus_subscribe_to(fix.bus, &request, NULL), TUTTI_INVALID);
    request.retry = NULL;
    request.probe_ns = -1;
    assert_int_equal(tt_bus_subscribe_to(fix.bus, &request, NULL), TUTTI_INVALID);
    assert_int_equal(tt_bus_subscriber_count(fix.bus, TT_TOPIC_FILLS), 0);
    teardown(NULL);
    fixture_open(&fix, &(tt_bus_options){0}); // no timers
    assert_int_equal(tt_arena_init(&timers_arena, 1 << 20), TUTTI_OK);
    request.probe_ns = 1;
    assert_int_equal(tt_bus_subscribe_to(fix.bus, &request, NULL), TUTTI_STATE);
    assert_int_equal(tt_bus_subscriber_count(fix.bus, TT_TOPIC_FILLS), 0);
    request.probe_ns = 0;
    request.quarantine_after = 1; // needs none
    assert_int_equal(tt_bus_subscribe_to(fix.bus, &request, NULL), TUTTI_OK);
}

/** Two subscriptions of one name: the one that failed is the one that is tried again. */
static void of_two_with_one_name_the_one_that_failed_tries_again(void **state)
{
    (void)state;
    assert_int_equal(tt_bus_unsubscribe(fix.bus, TT_TOPIC_CLOCK, "failing"), 1);
    assert_int_equal(tt_bus_subscribe(fix.bus, TT_TOPIC_CLOCK, "twin", note, &fix), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_CLOCK, "twin", fail_as_told, &fix), TUTTI_OK);
    assert_int_equal(tt_bus_set_care(fix.bus, "twin", &(tt_bus_care){.retry = &three}), TUTTI_OK);
    publish();
    step_to(TT_NS_PER_S);
    assert_string_equal(fix.log, "n1 n1 f1 f1 ");
    assert_int_equal(subscriber(1).retried, 0);
    assert_int_equal(subscriber(2).retried, 1);
}

static void the_only_handler_of_a_topic_can_be_in_quarantine(void **state)
{
    (void)state;
    const tt_bus_care care = {.quarantine_after = 1};
    assert_int_equal(
        tt_bus_subscribe(fix.bus, TT_TOPIC_FILLS, "single", fail_as_told, &fix), TUTTI_OK);
    assert_int_equal(tt_bus_set_care(fix.bus, "single", &care), TUTTI_OK);
    fixture_publish(&fix, TT_TOPIC_FILLS);
    tt_bus_run(fix.bus);
    assert_string_equal(fix.log, "f1 ");
    fixture_publish(&fix, TT_TOPIC_FILLS);
    tt_bus_run(fix.bus);
    assert_string_equal(fix.log, "f1 "); // it is in quarantine
    assert_int_equal(fixture_stats(&fix, TT_TOPIC_FILLS).quarantined, 1);
}

#define CARE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CARE_TEST(a_failure_is_tried_again_after_each_delay),
        CARE_TEST(a_retry_that_goes_well_ends_it),
        CARE_TEST(no_room_to_wait_is_a_dead_letter_at_once),
        CARE_TEST(without_a_timer_there_is_no_trial),
        CARE_TEST(without_a_timer_nothing_is_tried_again),
        CARE_TEST(what_expires_or_ends_meanwhile_is_not_tried),
        CARE_TEST(too_many_failures_in_a_row_begin_a_quarantine),
        CARE_TEST(the_only_handler_of_a_topic_can_be_in_quarantine),
        CARE_TEST(a_trial_brings_back_what_is_well_again),
        CARE_TEST(a_letter_does_not_get_around_a_quarantine),
        CARE_TEST(the_default_of_the_bus_is_for_everyone),
        CARE_TEST(a_policy_that_cannot_be_kept_is_refused),
        CARE_TEST(a_restart_goes_on_where_it_was),
        CARE_TEST(retries_and_skips_are_counted_by_topic_and_subscription),
        CARE_TEST(a_retry_that_the_guard_keeps_away_is_a_dead_letter),
        CARE_TEST(so_is_one_of_a_blocked_correlation),
        CARE_TEST(a_subscription_can_say_it_itself),
        CARE_TEST(a_subscription_whose_care_is_refused_is_not_made),
        CARE_TEST(of_two_with_one_name_the_one_that_failed_tries_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
