/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Pseudo-random numbers: published vectors, bounds, rough shape of the distributions.
 */
#include "../../lib/test.h"
#include "base/random.h"

/* First outputs from the state 1, 2, 3, 4; the vector that the reference implementation gives. */
static void xoshiro_vector(void **state)
{
    (void)state;
    static const uint64_t expected[] = {
        UINT64_C(11520),
        UINT64_C(0),
        UINT64_C(1509978240),
        UINT64_C(1215971899390074240),
        UINT64_C(1216172134540287360),
        UINT64_C(607988272756665600),
        UINT64_C(16172922978634559625),
        UINT64_C(8476171486693032832),
        UINT64_C(10595114339597558777),
        UINT64_C(2904607092377533576),
    };
    tt_random random = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_true(tt_random_u64(&random) == expected[i]);
    }
}

/* The state after seeding is the published splitmix64 sequence for the seed 1234567. */
static void splitmix_vector(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 1234567, 0);
    assert_true(random.s[0] == UINT64_C(6457827717110365317));
    assert_true(random.s[1] == UINT64_C(3203168211198807973));
    assert_true(random.s[2] == UINT64_C(9817491932198370423));
    assert_true(random.s[3] == UINT64_C(4593380528125082431));
}

static void streams_differ_and_repeat(void **state)
{
    (void)state;
    enum {
        streams = 100
    };
    uint64_t first[streams];
    for (uint64_t i = 0; i < streams; i++) {
        tt_random random;
        tt_random_init(&random, 42, i);
        first[i] = tt_random_u64(&random);
        for (uint64_t j = 0; j < i; j++) {
            assert_true(first[i] != first[j]);
        }
        tt_random_init(&random, 42, i);
        assert_true(tt_random_u64(&random) == first[i]);
    }
}

static void bounded_draws_cover_their_range_evenly(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 7, 1);
    uint32_t counts[6] = {0};
    for (int i = 0; i < 60000; i++) {
        counts[tt_random_below(&random, 6)]++;
    }
    for (int i = 0; i < 6; i++) {
        assert_in_range(counts[i], 9600, 10400);
    }
    assert_int_equal(tt_random_below(&random, 1), 0);
    TT_EXPECT_ABORT(tt_random_below(&random, 0));
}

/* With a bound of 3/4 of 2^64 an unbiased method must draw again for a quarter of the draws:
 * without that, every third result would come twice as often. */
static void huge_bounds_are_not_biased(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 8, 1);
    const uint64_t bound = UINT64_C(3) << 62;
    int low = 0;
    int thirds[3] = {0};
    for (int i = 0; i < 30000; i++) {
        uint64_t draw = tt_random_below(&random, bound);
        assert_true(draw < bound);
        low += draw < bound / 3;
        thirds[draw % 3]++;
    }
    assert_in_range(low, 9600, 10400);
    assert_in_range(thirds[0], 9600, 10400);
    assert_in_range(thirds[1], 9600, 10400);
}

static void ranges_include_both_ends(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 9, 0);
    bool seen[5] = {false};
    for (int i = 0; i < 200; i++) {
        int64_t draw = tt_random_between(&random, -2, 2);
        assert_true(draw >= -2 && draw <= 2);
        seen[draw + 2] = true;
    }
    assert_true(seen[0] && seen[1] && seen[2] && seen[3] && seen[4]);
    assert_int_equal(tt_random_between(&random, 5, 5), 5);
    (void)tt_random_between(&random, INT64_MIN, INT64_MAX);
    int64_t edge = tt_random_between(&random, INT64_MIN, INT64_MIN + 1);
    assert_true(edge <= INT64_MIN + 1);
}

static void unit_draws(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 10, 0);
    tt_dec sum = {0};
    for (int i = 0; i < 10000; i++) {
        tt_dec draw = tt_random_unit(&random);
        assert_true(tt_dec_le(TT_DEC_ZERO, draw) && tt_dec_lt(draw, TT_DEC_C(1, 0)));
        assert_true(tt_dec_is_multiple(draw, TT_DEC_C(1, 9)));
        sum = tt_dec_xadd(sum, draw);
    }
    assert_true(tt_dec_lt(TT_DEC_C(4900, 0), sum) && tt_dec_lt(sum, TT_DEC_C(5100, 0)));
}

static void chances(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 12, 0);
    int hits = 0;
    for (int i = 0; i < 10000; i++) {
        assert_false(tt_random_chance(&random, TT_DEC_ZERO));
        assert_true(tt_random_chance(&random, TT_DEC_C(1, 0)));
        hits += tt_random_chance(&random, TT_DEC_C(25, 2));
    }
    assert_in_range(hits, 2350, 2650);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xoshiro_vector),
        cmocka_unit_test(splitmix_vector),
        cmocka_unit_test(streams_differ_and_repeat),
        cmocka_unit_test(bounded_draws_cover_their_range_evenly),
        cmocka_unit_test(huge_bounds_are_not_biased),
        cmocka_unit_test(ranges_include_both_ends),
        cmocka_unit_test(unit_draws),
        cmocka_unit_test(chances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
