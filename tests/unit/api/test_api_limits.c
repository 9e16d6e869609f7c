/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The limits of requests: a window that slides, clients apart, bounded tables.
 */
#include "../../lib/test.h"
#include "api/api_limits.h"

#define SECOND INT64_C(1000000000)

static const uint32_t usual[TT_TIER_COUNT] = {60, 30, 5, 120};

static int make(void **state)
{
    return tt_limits_new(usual, (tt_limits **)state) != TUTTI_OK;
}

static int unmake(void **state)
{
    tt_limits_free(*state);
    return 0;
}

static void each_tier_has_its_limit(void **state)
{
    for (int tier = 0; tier < TT_TIER_COUNT; tier++) {
        for (uint32_t i = 0; i < usual[tier]; i++) {
            tt_limit_verdict verdict =
                tt_limits_take(*state, "a", "::1", (tt_tier)tier, 100 * SECOND + i);
            assert_true(verdict.is_allowed);
            assert_int_equal(verdict.limit, usual[tier]);
            assert_int_equal(verdict.remaining, usual[tier] - 1 - i);
        }
        tt_limit_verdict verdict = tt_limits_take(*state, "a", "::1", (tt_tier)tier, 101 * SECOND);
        assert_false(verdict.is_allowed);
        assert_false(verdict.is_table_full);
        assert_int_equal(verdict.remaining, 0);
        assert_int_equal(verdict.reset_s, 59);
    }
}

static void the_window_slides(void **state)
{
    // One each 12 s fills a window of five; the sixth fits exactly 60 s after the first.
    for (int i = 0; i < 5; i++) {
        assert_true(
            tt_limits_take(*state, "a", "p", TT_TIER_EXPENSIVE, i * 12 * SECOND + 1).is_allowed);
    }
    assert_false(tt_limits_take(*state, "a", "p", TT_TIER_EXPENSIVE, 60 * SECOND).is_allowed);
    assert_true(tt_limits_take(*state, "a", "p", TT_TIER_EXPENSIVE, 60 * SECOND + 1).is_allowed);
    assert_false(tt_limits_take(*state, "a", "p", TT_TIER_EXPENSIVE, 60 * SECOND + 2).is_allowed);
    // What was refused does not count: the next place comes 60 s after the second.
    assert_true(tt_limits_take(*state, "a", "p", TT_TIER_EXPENSIVE, 72 * SECOND + 1).is_allowed);
}

static void tokens_addresses_and_tiers_are_apart(void **state)
{
    for (int i = 0; i < 5; i++) {
        assert_true(tt_limits_take(*state, "a", "p", TT_TIER_EXPENSIVE, 1).is_allowed);
    }
    assert_false(tt_limits_take(*state, "a", "p", TT_TIER_EXPENSIVE, 1).is_allowed);
    assert_true(tt_limits_take(*state, "b", "p", TT_TIER_EXPENSIVE, 1).is_allowed);
    assert_true(tt_limits_take(*state, "a", "q", TT_TIER_EXPENSIVE, 1).is_allowed);
    assert_true(tt_limits_take(*state, "a", "p", TT_TIER_MODERATE, 1).is_allowed);
    assert_true(tt_limits_take(*state, "", "p", TT_TIER_EXPENSIVE, 1).is_allowed);
}

static void a_full_table_refuses_strangers_and_keeps_who_is_in(void **state)
{
    char peer[16];
    for (uint32_t i = 0; i < TT_LIMIT_UNKNOWN_MAX; i++) {
        snprintf(peer, sizeof peer, "10.0.0.%u", i);
        assert_true(tt_limits_take(*state, "", peer, TT_TIER_DEFAULT, i).is_allowed);
    }
    tt_limit_verdict verdict = tt_limits_take(*state, "", "10.1.1.1", TT_TIER_DEFAULT, SECOND);
    assert_false(verdict.is_allowed);
    assert_true(verdict.is_table_full);
    assert_true(tt_limits_take(*state, "", "10.0.0.7", TT_TIER_DEFAULT, SECOND).is_allowed);
    // Strangers take no place of those who have a token.
    for (uint32_t i = 0; i < TT_LIMIT_KNOWN_MAX; i++) {
        snprintf(peer, sizeof peer, "10.0.1.%u", i);
        assert_true(tt_limits_take(*state, "a", peer, TT_TIER_DEFAULT, SECOND).is_allowed);
    }
    assert_true(tt_limits_take(*state, "a", "new", TT_TIER_DEFAULT, SECOND).is_table_full);
    // Who has a token may end trading even then; a stranger may not use that to get in.
    assert_true(tt_limits_take(*state, "a", "new", TT_TIER_PROTECTIVE, SECOND).is_allowed);
    assert_true(tt_limits_take(*state, "", "new", TT_TIER_PROTECTIVE, SECOND).is_table_full);
    // Who has been silent for a window makes room.
    assert_true(tt_limits_take(*state, "", "10.1.1.1", TT_TIER_DEFAULT, 60 * SECOND).is_allowed);
}

static void zero_is_no_limit(void **state)
{
    (void)state;
    static const uint32_t none[TT_TIER_COUNT] = {0};
    tt_limits *limits = NULL;
    assert_int_equal(tt_limits_new(none, &limits), TUTTI_OK);
    for (int i = 0; i < 2000; i++) {
        assert_true(tt_limits_take(limits, "a", "p", TT_TIER_EXPENSIVE, 1).is_allowed);
    }
    tt_limits_free(limits);
}

#define LIMITED(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIMITED(each_tier_has_its_limit),
        LIMITED(the_window_slides),
        LIMITED(tokens_addresses_and_tiers_are_apart),
        LIMITED(a_full_table_refuses_strangers_and_keeps_who_is_in),
        cmocka_unit_test(zero_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
