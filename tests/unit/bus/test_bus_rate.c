/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Token buckets to the nanosecond.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "bus/bus_rate.h"

#define T0 (INT64_C(1700000000) * TT_NS_PER_S)

static bool take(tt_bus_bucket *bucket, tt_bus_rate rate, int64_t ns)
{
    bool has = tt_bus_bucket_has(bucket, rate, (tt_time){ns});
    if (has) {
        tt_bus_bucket_take(bucket);
    }
    return has;
}

static void a_burst_and_then_one_an_interval(void **state)
{
    (void)state;
    const tt_bus_rate rate = {.per_s = 10, .burst = 3};
    tt_bus_bucket bucket = {0};
    for (int i = 0; i < 3; i++) {
        assert_true(take(&bucket, rate, T0));
    }
    assert_false(take(&bucket, rate, T0));
    assert_false(take(&bucket, rate, T0 + 99999999));
    assert_true(take(&bucket, rate, T0 + 100000000));
    assert_false(take(&bucket, rate, T0 + 199999999));
    assert_true(take(&bucket, rate, T0 + 200000000));
    assert_false(take(&bucket, rate, T0 + 200000000));
}

/** A third of a second is no whole number of nanoseconds; in a second there are three all the same.
 */
static void rates_that_do_not_divide_a_second_lose_nothing(void **state)
{
    (void)state;
    const tt_bus_rate rate = {.per_s = 3, .burst = 2};
    tt_bus_bucket bucket = {0};
    assert_true(take(&bucket, rate, T0));
    assert_true(take(&bucket, rate, T0));
    assert_false(take(&bucket, rate, T0 + 333333333));
    assert_true(take(&bucket, rate, T0 + 333333334));
    assert_false(take(&bucket, rate, T0 + 666666666)); // the two parts too many were kept
    assert_true(take(&bucket, rate, T0 + 666666667));
    assert_false(take(&bucket, rate, T0 + 999999999));
    assert_true(take(&bucket, rate, T0 + 1000000000));
}

static void a_full_bucket_gets_no_fuller(void **state)
{
    (void)state;
    const tt_bus_rate rate = {.per_s = TT_BUS_RATE_MAX, .burst = 2};
    tt_bus_bucket bucket = {0};
    assert_true(take(&bucket, rate, T0));
    assert_true(take(&bucket, rate, INT64_MAX - 1));
    assert_true(take(&bucket, rate, INT64_MAX - 1));
    assert_false(take(&bucket, rate, INT64_MAX - 1));
    const tt_bus_rate widest = {.per_s = 1, .burst = TT_BUS_RATE_MAX};
    bucket = (tt_bus_bucket){0};
    for (uint32_t i = 0; i < TT_BUS_RATE_MAX; i++) {
        assert_true(take(&bucket, widest, T0));
    }
    assert_false(take(&bucket, widest, T0));
    assert_true(take(&bucket, widest, T0 + TT_NS_PER_S));
    assert_false(take(&bucket, widest, T0 + TT_NS_PER_S));
}

/** What comes back in nine years does not fit into 64 bits. */
static void a_long_time_does_not_overflow(void **state)
{
    (void)state;
    const tt_bus_rate rate = {.per_s = 64, .burst = 1};
    tt_bus_bucket bucket = {0};
    assert_true(take(&bucket, rate, T0));
    assert_true(take(&bucket, rate, T0 + (INT64_C(1) << 58))); // gains 2^64 parts
}

static void asking_takes_nothing(void **state)
{
    (void)state;
    const tt_bus_rate rate = {.per_s = 1, .burst = 1};
    tt_bus_bucket bucket = {0};
    for (int i = 0; i < 10; i++) {
        assert_true(tt_bus_bucket_has(&bucket, rate, (tt_time){T0}));
    }
    tt_bus_bucket_take(&bucket);
    assert_false(tt_bus_bucket_has(&bucket, rate, (tt_time){T0}));
}

static void limits_are_checked(void **state)
{
    (void)state;
    assert_true(tt_bus_rate_is_valid((tt_bus_rate){0, 0}));
    assert_true(tt_bus_rate_is_valid((tt_bus_rate){TT_BUS_RATE_MAX, TT_BUS_RATE_MAX}));
    assert_false(tt_bus_rate_is_valid((tt_bus_rate){TT_BUS_RATE_MAX + 1, 1}));
    assert_false(tt_bus_rate_is_valid((tt_bus_rate){1, TT_BUS_RATE_MAX + 1}));
    assert_false(tt_bus_rate_is_valid((tt_bus_rate){1, 0}));
    assert_false(tt_bus_rate_is_valid((tt_bus_rate){0, 1}));
}

/** In every span of time: at most burst + rate x span, and no refusal while the bucket, kept in 128
 * bits, holds a whole token. */
static void agrees_with_wide_arithmetic(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        tt_random random;
        tt_random_init(&random, seed, 0);
        const tt_bus_rate rate = {
            .per_s = 1 + (uint32_t)tt_random_below(&random, seed % 3 == 0 ? 1000000 : 50),
            .burst = 1 + (uint32_t)tt_random_below(&random, 20)};
        tt_bus_bucket bucket = {0};
        tt_i128 level = (tt_i128)rate.burst * TT_NS_PER_S;
        int64_t now = T0;
        for (int i = 0; i < 5000; i++) {
            int64_t step = tt_random_between(&random, 0, 2 * TT_NS_PER_S / rate.per_s);
            now += step;
            level += (tt_i128)step * rate.per_s;
            tt_i128 most = (tt_i128)rate.burst * TT_NS_PER_S;
            level = level > most ? most : level;
            bool expected = level >= TT_NS_PER_S;
            assert_int_equal(take(&bucket, rate, now), expected);
            level -= expected ? TT_NS_PER_S : 0;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_and_then_one_an_interval),
        cmocka_unit_test(rates_that_do_not_divide_a_second_lose_nothing),
        cmocka_unit_test(a_full_bucket_gets_no_fuller),
        cmocka_unit_test(a_long_time_does_not_overflow),
        cmocka_unit_test(asking_takes_nothing),
        cmocka_unit_test(limits_are_checked),
        cmocka_unit_test(agrees_with_wide_arithmetic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
