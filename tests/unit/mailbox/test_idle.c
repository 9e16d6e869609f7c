/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Waiting and waking, and the barrier below: limits of time, strategies, no lost wake-up, the gate.
 * Covers: barrier.c
 */
#include "fixture.h"
#include "mailbox/idle.h"

#include <pthread.h>
#include <sched.h>

static bool never(void *ctx)
{
    ++*(uint64_t *)ctx;
    return false;
}

static bool at_last(void *ctx)
{
    uint64_t *left = ctx;
    return --*left == 0;
}

static void defaults_are_filled_in(void **state)
{
    (void)state;
    tt_idle_options idle = tt_idle_defaults(&(tt_idle_options){.clock = &fixture_real_clock});
    assert_int_equal(idle.strategy, TT_idle_BACKOFF);
    assert_int_equal(idle.spin_ns, 50000);
    assert_int_equal(idle.park_max_ns, 100000000);
    idle.spin_ns = 7;
    assert_int_equal(tt_idle_defaults(&idle).spin_ns, 7);
    TT_EXPECT_ABORT(tt_idle_defaults(&(tt_idle_options){0}).spin_ns);
}

static void the_limit_ends_a_wait(void **state)
{
    (void)state;
    for (uint32_t strategy = 0; strategy < TT_idle_COUNT; strategy++) {
        fixture_clock clock;
        tt_park park;
        uint64_t asked = 0;
        fixture_clock_init(&clock, TT_NS_PER_MS);
        tt_park_init(&park);
        const tt_idle_options idle = tt_idle_defaults(&(tt_idle_options){
            .strategy = (tt_idle)strategy, .park_max_ns = 1000, .clock = &clock.clock});
        assert_false(tt_idle_wait(&idle, &park, 10 * TT_NS_PER_MS, never, &asked));
        assert_true(asked > 10);
        assert_int_equal(clock.fake.monotonic.ns, 11 * TT_NS_PER_MS); // one look to start with
        assert_int_equal(atomic_load(&park.parks) > 0, strategy != TT_idle_SPIN);
        asked = 0;
        assert_false(tt_idle_wait(&idle, &park, 0, never, &asked));
        assert_int_equal(asked, 1);
    }
}

static void backing_off_spins_first(void **state)
{
    (void)state;
    fixture_clock clock;
    tt_park park;
    uint64_t left = 40;
    fixture_clock_init(&clock, TT_NS_PER_US);
    tt_park_init(&park);
    const tt_idle_options idle =
        tt_idle_defaults(&(tt_idle_options){.park_max_ns = 1000, .clock = &clock.clock});
    assert_true(tt_idle_wait(&idle, &park, TT_IDLE_FOR_EVER, at_last, &left));
    assert_int_equal(atomic_load(&park.parks), 0);
    left = 50 * 32 + 10; // more than fits into 50 us at a look each 32 times
    assert_true(tt_idle_wait(&idle, &park, TT_IDLE_FOR_EVER, at_last, &left));
    assert_true(atomic_load(&park.parks) > 0);
}

static void nobody_asleep_costs_no_system_call(void **state)
{
    (void)state;
    tt_park park;
    tt_park_init(&park);
    for (int i = 0; i < 1000; i++) {
        tt_park_wake(&park);
    }
    assert_int_equal(atomic_load(&park.wakes), 0);
    assert_int_equal(atomic_load(&park.epoch), 0);
}

enum {
    ROUNDS = 100000
};

/** Two threads that hand a number to and fro and sleep whenever it is not their turn. */
struct pair {
    _Atomic uint64_t number;
    tt_park parks[2];
    tt_idle_options idle;
};
struct player {
    struct pair *pair;
    uint64_t next;
    uint32_t side;
};

static bool is_my_turn(void *ctx)
{
    const struct player *player = ctx;
    return atomic_load_explicit(&player->pair->number, memory_order_acquire) == player->next;
}

static void *play(void *ctx)
{
    struct player *player = ctx;
    struct pair *pair = player->pair;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        // Longer than the test may take: a wake-up that is lost makes it fail.
        if (!tt_idle_wait(
                &pair->idle, &pair->parks[player->side], 60 * TT_NS_PER_S, is_my_turn, player)) {
            return player;
        }
        player->next += 2;
        atomic_store_explicit(&pair->number, player->next - 1, memory_order_release);
        tt_park_wake(&pair->parks[1 - player->side]);
    }
    return NULL;
}

static void play_all_rounds(bool is_asymmetric)
{
    static struct pair pair;
    memset(&pair, 0, sizeof pair);
    struct player players[2] = {{.pair = &pair, .side = 0}, {.pair = &pair, .side = 1, .next = 1}};
    pthread_t threads[2];
    void *lost[2];
    pair.idle = tt_idle_defaults(&(tt_idle_options){
        .strategy = TT_idle_BLOCK, .park_max_ns = 90 * TT_NS_PER_S, .clock = &fixture_real_clock});
    tt_park_init(&pair.parks[0]);
    tt_park_init(&pair.parks[1]);
    atomic_store(&tt_barrier_is_asymmetric, is_asymmetric);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, play, &players[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], &lost[i]), 0);
        assert_null(lost[i]);
    }
    assert_int_equal(atomic_load(&pair.number), 2 * ROUNDS);
    // At most one system call for each sleep.
    for (int i = 0; i < 2; i++) {
        assert_true(atomic_load(&pair.parks[i].wakes) <= ROUNDS);
    }
    assert_true(atomic_load(&pair.parks[0].parks) > 0);
    tt_barrier_setup();
}

static void no_wake_up_is_lost(void **state)
{
    (void)state;
    tt_barrier_setup();
    play_all_rounds(atomic_load(&tt_barrier_is_asymmetric));
}

static void no_wake_up_is_lost_with_fences_alone(void **state)
{
    (void)state;
    play_all_rounds(false);
}

/** A thread that goes in and out of a gate and changes what is inside. */
struct visitor {
    tt_section gate;
    uint64_t inside; // plain: the gate alone orders it
    _Atomic int has_begun;
};

static void *visit(void *ctx)
{
    struct visitor *visitor = ctx;
    while (tt_section_enter(&visitor->gate)) {
        visitor->inside++;
        tt_section_leave(&visitor->gate);
        atomic_store(&visitor->has_begun, 1);
    }
    return NULL;
}

static void a_closed_gate_lets_nobody_in(void **state)
{
    (void)state;
    tt_barrier_setup();
    for (int round = 0; round < 200; round++) {
        struct visitor visitor = {0};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, visit, &visitor), 0);
        while (!atomic_load(&visitor.has_begun)) {
            (void)sched_yield();
        }
        tt_section_close(&visitor.gate);
        while (!tt_section_is_empty(&visitor.gate)) {
            (void)sched_yield();
        }
        uint64_t seen = visitor.inside++; // ours alone now
        assert_true(seen > 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(visitor.inside, seen + 1);
        assert_false(tt_section_enter(&visitor.gate));
        assert_true(tt_section_is_empty(&visitor.gate));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_filled_in),
        cmocka_unit_test(the_limit_ends_a_wait),
        cmocka_unit_test(backing_off_spins_first),
        cmocka_unit_test(nobody_asleep_costs_no_system_call),
        cmocka_unit_test(no_wake_up_is_lost),
        cmocka_unit_test(no_wake_up_is_lost_with_fences_alone),
        cmocka_unit_test(a_closed_gate_lets_nobody_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
