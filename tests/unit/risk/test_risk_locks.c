/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of locks: several at once, scopes, ends, and its bound.
 */
#include "fixture.h"

static const tt_time NOW = {1000};

static bool begin(tt_risk_locks *locks, uint8_t reason, uint32_t key, tt_side side, int64_t until)
{
    tt_risk_lock lock = {.until.ns = until, .key = key, .reason = reason, .side = (uint8_t)side};
    bool is_new = tt_risk_lock_begin(locks, &lock, NOW);
    tt_risk_locks_check(locks);
    return is_new;
}

static int64_t end_of(const tt_risk_locks *locks, uint32_t key, tt_side side, tt_time now)
{
    uint32_t all = TT_RISK_LOCKS_COOLDOWN | TT_RISK_LOCKS_PROTECTION;
    const tt_risk_lock *lock = tt_risk_lock_find(locks, all, key, (uint8_t)side, now);
    return lock ? lock->until.ns : 0;
}

static void the_longest_of_several_is_found(void **unused)
{
    (void)unused;
    tt_risk_locks locks = {0};
    assert_true(begin(&locks, TT_lock_reason_POST_TRADE, 0, TT_side_NONE, 1300));
    assert_true(begin(&locks, TT_lock_reason_POST_LOSS, 0, TT_side_NONE, 1600));
    assert_true(begin(&locks, TT_lock_reason_VOLATILITY_SPIKE, 2, TT_side_NONE, 1900));
    assert_int_equal(end_of(&locks, 1, TT_side_BUY, NOW), 1600);
    assert_int_equal(end_of(&locks, 2, TT_side_BUY, NOW), 1900);
    assert_int_equal(end_of(&locks, 1, TT_side_BUY, (tt_time){1599}), 1600);
    assert_int_equal(end_of(&locks, 1, TT_side_BUY, (tt_time){1600}), 0); // Its end is outside.
}

static void only_reasons_that_are_asked_for_count(void **unused)
{
    (void)unused;
    tt_risk_locks locks = {0};
    (void)begin(&locks, TT_lock_reason_LOW_PROFIT, 0, TT_side_NONE, 1300);
    assert_null(tt_risk_lock_find(&locks, TT_RISK_LOCKS_COOLDOWN, 1, TT_side_BUY, NOW));
    assert_non_null(tt_risk_lock_find(&locks, TT_RISK_LOCKS_PROTECTION, 1, TT_side_BUY, NOW));
}

static void a_side_holds_only_that_side_back(void **unused)
{
    (void)unused;
    tt_risk_locks locks = {0};
    (void)begin(&locks, TT_lock_reason_STOPLOSS_GUARD, 3, TT_side_SELL, 1300);
    assert_int_equal(end_of(&locks, 3, TT_side_SELL, NOW), 1300);
    assert_int_equal(end_of(&locks, 3, TT_side_BUY, NOW), 0);
    assert_int_equal(end_of(&locks, 4, TT_side_SELL, NOW), 0);
}

static void the_same_lock_only_becomes_longer(void **unused)
{
    (void)unused;
    tt_risk_locks locks = {0};
    assert_true(begin(&locks, TT_lock_reason_POST_TRADE, 0, TT_side_NONE, 1300));
    assert_false(begin(&locks, TT_lock_reason_POST_TRADE, 0, TT_side_NONE, 1500));
    assert_false(begin(&locks, TT_lock_reason_POST_TRADE, 0, TT_side_NONE, 1200));
    assert_int_equal(locks.count, 1);
    assert_int_equal(end_of(&locks, 1, TT_side_BUY, NOW), 1500);
    assert_int_equal(locks.list[0].since.ns, NOW.ns);
}

static void nothing_begins_that_ends_at_once(void **unused)
{
    (void)unused;
    tt_risk_locks locks = {0};
    assert_false(begin(&locks, TT_lock_reason_POST_TRADE, 0, TT_side_NONE, NOW.ns));
    assert_int_equal(locks.count, 0);
}

static void an_ended_lock_makes_room_and_begins_anew(void **unused)
{
    (void)unused;
    tt_risk_locks locks = {0};
    (void)begin(&locks, TT_lock_reason_POST_TRADE, 0, TT_side_NONE, 1001);
    tt_risk_lock lock = {.until.ns = 2000, .reason = TT_lock_reason_POST_TRADE};
    assert_true(tt_risk_lock_begin(&locks, &lock, (tt_time){1001}));
    assert_int_equal(locks.count, 1);
    assert_int_equal(locks.list[0].since.ns, 1001);
    tt_risk_locks_end(&locks);
    assert_int_equal(end_of(&locks, 1, TT_side_BUY, NOW), 0);
}

/* Every lock of a symbol that finds no room holds all symbols back, and is counted. */
static void without_room_the_whole_account_is_held_back(void **unused)
{
    (void)unused;
    tt_risk_locks locks = {0};
    for (uint32_t key = 1; key <= TT_RISK_LOCKS_MAX - TT_RISK_LOCKS_OF_ACCOUNT; key++) {
        assert_true(begin(&locks, TT_lock_reason_VOLATILITY_SPIKE, key, TT_side_NONE, 1300));
    }
    assert_int_equal(locks.widened, 0);
    assert_int_equal(end_of(&locks, 5000, TT_side_BUY, NOW), 0);
    assert_true(begin(&locks, TT_lock_reason_VOLATILITY_SPIKE, 1000, TT_side_BUY, 1400));
    assert_int_equal(locks.widened, 1);
    assert_int_equal(end_of(&locks, 5000, TT_side_SELL, NOW), 1400);
    assert_false(begin(&locks, TT_lock_reason_VOLATILITY_SPIKE, 1001, TT_side_NONE, 1500));
    assert_int_equal(locks.widened, 2);
    assert_int_equal(end_of(&locks, 5000, TT_side_SELL, NOW), 1500);
    // Locks of the account have their own room.
    assert_true(begin(&locks, TT_lock_reason_POST_LOSS, 0, TT_side_NONE, 1600));
    assert_int_equal(locks.widened, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_of_several_is_found),
        cmocka_unit_test(only_reasons_that_are_asked_for_count),
        cmocka_unit_test(a_side_holds_only_that_side_back),
        cmocka_unit_test(the_same_lock_only_becomes_longer),
        cmocka_unit_test(nothing_begins_that_ends_at_once),
        cmocka_unit_test(an_ended_lock_makes_room_and_begins_anew),
        cmocka_unit_test(without_room_the_whole_account_is_held_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
