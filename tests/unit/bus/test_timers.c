/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Timers: order, ties, cancelling, arming while firing, bounds; against a plain list under random
 * operations.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "bus/timers.h"

#define CAPACITY 64u

typedef struct fixture {
    tt_arena arena;
    tt_timers *timers;
    char log[1024];
    tt_timer_id to_cancel;
    int64_t rearm_ns; /**< Kind 9 arms itself again for this time. */
    uint32_t fired;
} fixture;

static void on_timer(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline)
{
    fixture *fix = ctx;
    size_t used = strlen(fix->log);
    fix->fired++;
    if (used + 40 < sizeof fix->log) {
        (void)snprintf(
            fix->log + used,
            sizeof fix->log - used,
            "%u/%llu@%lld ",
            kind,
            (unsigned long long)subject,
            (long long)deadline.ns);
    }
    if (kind == 8) {
        (void)tt_timers_cancel(fix->timers, fix->to_cancel);
    }
    if (kind == 9) {
        assert_int_equal(
            tt_timers_arm(fix->timers, TT_TIMER_RISK, 9, 0, (tt_time){fix->rearm_ns}, NULL),
            TUTTI_OK);
    }
}

static int setup(void **state)
{
    static fixture fix;
    memset(&fix, 0, sizeof fix);
    assert_int_equal(tt_arena_init(&fix.arena, 1u << 20), TUTTI_OK);
    assert_int_equal(tt_timers_new(CAPACITY, &fix.arena, &fix.timers), TUTTI_OK);
    tt_timers_set_handler(fix.timers, TT_TIMER_RISK, on_timer, &fix);
    tt_timers_set_handler(fix.timers, TT_TIMER_TRADE, on_timer, &fix);
    *state = &fix;
    return 0;
}

static int teardown(void **state)
{
    fixture *fix = *state;
    tt_arena_fini(&fix->arena);
    return 0;
}

static tt_timer_id arm(fixture *fix, uint32_t kind, uint64_t subject, int64_t deadline_ns)
{
    tt_timer_id id = {0};
    assert_int_equal(
        tt_timers_arm(fix->timers, TT_TIMER_TRADE, kind, subject, (tt_time){deadline_ns}, &id),
        TUTTI_OK);
    assert_true(id.n != 0);
    return id;
}

static void fire(fixture *fix, int64_t now_ns)
{
    tt_timers_fire(fix->timers, (tt_time){now_ns});
}

static void timers_fire_by_deadline_and_ties_by_order(void **state)
{
    fixture *fix = *state;
    assert_int_equal(tt_timers_next(fix->timers).ns, TT_TIME_NEVER.ns);
    arm(fix, 1, 10, 300);
    arm(fix, 2, 20, 100);
    arm(fix, 3, 30, 300);
    arm(fix, 4, 40, 100);
    arm(fix, 5, 50, 301);
    assert_int_equal(tt_timers_next(fix->timers).ns, 100);
    fire(fix, 99);
    assert_string_equal(fix->log, "");
    fire(fix, 300);
    assert_string_equal(fix->log, "2/20@100 4/40@100 1/10@300 3/30@300 ");
    assert_int_equal(tt_timers_next(fix->timers).ns, 301);
}

static void a_cancelled_timer_does_not_fire(void **state)
{
    fixture *fix = *state;
    tt_timer_id one = arm(fix, 1, 0, 100);
    tt_timer_id two = arm(fix, 2, 0, 100);
    assert_true(tt_timers_cancel(fix->timers, one));
    assert_false(tt_timers_cancel(fix->timers, one));
    assert_false(tt_timers_cancel(fix->timers, (tt_timer_id){0}));
    assert_false(tt_timers_cancel(fix->timers, (tt_timer_id){UINT64_MAX}));
    tt_timer_id three = arm(fix, 3, 0, 50); // takes the slot of the first
    assert_false(tt_timers_cancel(fix->timers, one));
    fire(fix, 100);
    assert_string_equal(fix->log, "3/0@50 2/0@100 ");
    assert_false(tt_timers_cancel(fix->timers, two));
    assert_false(tt_timers_cancel(fix->timers, three));
}

static void a_handler_may_cancel_another_timer(void **state)
{
    fixture *fix = *state;
    arm(fix, 8, 0, 100);
    fix->to_cancel = arm(fix, 1, 0, 100);
    arm(fix, 2, 0, 100);
    fire(fix, 100);
    assert_string_equal(fix->log, "8/0@100 2/0@100 ");
}

static void what_a_handler_arms_for_now_fires_at_once(void **state)
{
    fixture *fix = *state;
    fix->rearm_ns = 150;
    arm(fix, 9, 0, 100);
    arm(fix, 1, 0, 120);
    fire(fix, 149);
    assert_string_equal(fix->log, "9/0@100 1/0@120 ");
    assert_int_equal(tt_timers_next(fix->timers).ns, 150);
}

static void a_handler_that_arms_for_the_past_without_end_is_bounded(void **state)
{
    fixture *fix = *state;
    fix->rearm_ns = 100;
    arm(fix, 9, 0, 100);
    fire(fix, 100);
    assert_int_equal(fix->fired, TT_TIMERS_FIRE_MAX);
    tt_timers_stats stats;
    tt_timers_stats_get(fix->timers, &stats);
    assert_int_equal(stats.deferred, 1);
    assert_int_equal(stats.fired, TT_TIMERS_FIRE_MAX);
    assert_int_equal(tt_timers_next(fix->timers).ns, 100); // waits for the next step
}

static void the_number_of_timers_is_bounded(void **state)
{
    fixture *fix = *state;
    for (uint32_t i = 0; i < CAPACITY; i++) {
        arm(fix, 1, i, (int64_t)(CAPACITY - i));
    }
    tt_timer_id id = {77};
    assert_int_equal(
        tt_timers_arm(fix->timers, TT_TIMER_TRADE, 1, 0, (tt_time){5}, &id), TUTTI_LIMIT);
    assert_int_equal(id.n, 77);
    tt_timers_stats stats;
    tt_timers_stats_get(fix->timers, &stats);
    assert_int_equal(stats.refused, 1);
    assert_int_equal(stats.armed, CAPACITY);
    assert_int_equal(stats.high_water, CAPACITY);
    fire(fix, 1);
    arm(fix, 1, 0, 1);
    tt_arena arena = {0};
    tt_timers *timers = NULL;
    assert_int_equal(tt_arena_init(&arena, 4096), TUTTI_OK);
    assert_int_equal(tt_timers_new(0, &arena, &timers), TUTTI_INVALID);
    assert_int_equal(tt_timers_new(65536, &arena, &timers), TUTTI_INVALID);
    assert_int_equal(tt_timers_new(10000, &arena, &timers), TUTTI_NO_MEMORY);
    tt_arena_fini(&arena);
}

static void a_deadline_at_the_end_of_time_is_kept(void **state)
{
    fixture *fix = *state;
    arm(fix, 1, 0, INT64_MAX);
    fire(fix, INT64_MAX - 1);
    assert_string_equal(fix->log, "");
    fire(fix, INT64_MAX);
    assert_int_equal(fix->fired, 1);
    fire(fix, INT64_MAX); // nothing is left, and it returns
    assert_int_equal(fix->fired, 1);
}

static void a_timer_without_handler_is_a_broken_invariant(void **state)
{
    fixture *fix = *state;
    assert_int_equal(
        tt_timers_arm(fix->timers, TT_TIMER_MARKET, 1, 0, (tt_time){5}, NULL), TUTTI_OK);
    TT_EXPECT_ABORT((fire(fix, 5), 0));
}

/** The same timers in an array, found by looking at all. */
typedef struct model {
    struct {
        tt_timer_id id;
        int64_t deadline_ns;
        uint64_t subject;
        bool is_armed;
    } timers[8192];
    uint32_t count;
    uint64_t expected[8192]; /**< Subjects in the order of firing. */
    uint32_t expected_count;
    uint64_t fired[8192];
    uint32_t fired_count;
} model;

static void record(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline)
{
    (void)kind;
    (void)deadline;
    model *plain = ctx;
    plain->fired[plain->fired_count++] = subject;
}

/** Earliest armed timer not after `now_ns`; the first armed one of equals; count if there is none.
 */
static uint32_t earliest(const model *plain, int64_t now_ns)
{
    uint32_t best = plain->count;
    for (uint32_t i = 0; i < plain->count; i++) {
        if (plain->timers[i].is_armed && plain->timers[i].deadline_ns <= now_ns &&
            (best == plain->count ||
             plain->timers[i].deadline_ns < plain->timers[best].deadline_ns)) {
            best = i;
        }
    }
    return best;
}

static void random_arm(fixture *fix, model *plain, tt_random *random, int64_t now_ns)
{
    int64_t deadline_ns = now_ns + tt_random_between(random, -5, 30);
    uint32_t at = plain->count;
    if (tt_timers_arm(
            fix->timers, TT_TIMER_RISK, 0, at, (tt_time){deadline_ns}, &plain->timers[at].id) ==
        TUTTI_OK) {
        plain->timers[at].deadline_ns = deadline_ns;
        plain->timers[at].is_armed = true;
        plain->count++;
    }
}

static void random_step(fixture *fix, model *plain, tt_random *random, int64_t *now_ns)
{
    uint64_t choice = tt_random_below(random, 10);
    if (choice < 5) {
        random_arm(fix, plain, random, *now_ns);
        return;
    }
    if (choice < 7 && plain->count > 0) {
        uint64_t at = tt_random_below(random, plain->count);
        assert_int_equal(
            tt_timers_cancel(fix->timers, plain->timers[at].id), plain->timers[at].is_armed);
        plain->timers[at].is_armed = false;
        return;
    }
    *now_ns += tt_random_between(random, 0, 10);
    for (uint32_t at = earliest(plain, *now_ns); at < plain->count; at = earliest(plain, *now_ns)) {
        plain->timers[at].is_armed = false;
        plain->expected[plain->expected_count++] = at;
    }
    fire(fix, *now_ns);
    assert_int_equal(plain->fired_count, plain->expected_count);
    uint32_t next = earliest(plain, INT64_MAX);
    assert_int_equal(
        tt_timers_next(fix->timers).ns,
        next == plain->count ? INT64_MAX : plain->timers[next].deadline_ns);
}

static void random_operations_match_a_plain_list(void **state)
{
    fixture *fix = *state;
    static model plain;
    const uint64_t seed = 20240611;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    memset(&plain, 0, sizeof plain);
    tt_timers_set_handler(fix->timers, TT_TIMER_RISK, record, &plain);
    int64_t now_ns = 1000;
    for (int i = 0; i < 8000; i++) {
        random_step(fix, &plain, &random, &now_ns);
    }
    assert_true(plain.fired_count > 1000);
    assert_memory_equal(plain.fired, plain.expected, plain.fired_count * sizeof plain.expected[0]);
}

static void the_state_can_be_copied(void **state)
{
    fixture *fix = *state;
    arm(fix, 1, 0, 10);
    tt_timer_id second = arm(fix, 2, 0, 5);
    size_t size = 0;
    void *region = tt_timers_state(fix->timers, &size);
    void *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, region, size);
    fire(fix, 20);
    memcpy(region, copy, size);
    free(copy);
    fix->log[0] = 0;
    assert_true(tt_timers_cancel(fix->timers, second));
    fire(fix, 20);
    assert_string_equal(fix->log, "1/0@10 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(timers_fire_by_deadline_and_ties_by_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_timer_does_not_fire, setup, teardown),
        cmocka_unit_test_setup_teardown(a_handler_may_cancel_another_timer, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_handler_arms_for_now_fires_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_handler_that_arms_for_the_past_without_end_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(the_number_of_timers_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_deadline_at_the_end_of_time_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_timer_without_handler_is_a_broken_invariant, setup, teardown),
        cmocka_unit_test_setup_teardown(random_operations_match_a_plain_list, setup, teardown),
        cmocka_unit_test_setup_teardown(the_state_can_be_copied, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
