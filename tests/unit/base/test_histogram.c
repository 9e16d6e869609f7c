/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Histograms: exact small values, the error bound at every edge of a bucket, and percentiles
 * against a sorted array.
 */
#include "../../lib/test.h"
#include "base/histogram.h"
#include "base/random.h"

static tt_histogram one;
static tt_histogram other;

static int setup(void **state)
{
    (void)state;
    memset(&one, 0, sizeof one);
    memset(&other, 0, sizeof other);
    return 0;
}

static void empty_says_zero(void **state)
{
    (void)state;
    assert_int_equal(tt_histogram_percentile(&one, TT_P50), 0);
    assert_int_equal(tt_histogram_mean(&one), 0);
    tt_histogram_reset(&one);
    tt_histogram_merge(&one, &other);
    assert_int_equal(one.count, 0);
}

static void small_values_are_exact(void **state)
{
    (void)state;
    for (uint64_t value = 1; value <= 100; value++) {
        tt_histogram_record(&one, value);
    }
    assert_int_equal(one.count, 100);
    assert_int_equal(one.min, 1);
    assert_int_equal(one.max, 100);
    assert_int_equal(tt_histogram_mean(&one), 50); // 50.5, rounded down
    assert_int_equal(tt_histogram_percentile(&one, 0), 1);
    assert_int_equal(tt_histogram_percentile(&one, 1), 1);
    assert_int_equal(tt_histogram_percentile(&one, 10000), 1);
    assert_int_equal(tt_histogram_percentile(&one, 10001), 2);
    assert_int_equal(tt_histogram_percentile(&one, TT_P50), 50);
    assert_int_equal(tt_histogram_percentile(&one, TT_P95), 95);
    assert_int_equal(tt_histogram_percentile(&one, TT_P99), 99);
    assert_int_equal(tt_histogram_percentile(&one, TT_P999), 100);
    assert_int_equal(tt_histogram_percentile(&one, 1000000), 100);
    assert_int_equal(tt_histogram_percentile(&one, UINT32_MAX), 100);
}

/** What a single bucket answers when the maximum does not hide its upper edge. */
static uint64_t answer_for(uint64_t value)
{
    tt_histogram_reset(&one);
    tt_histogram_record(&one, value);
    tt_histogram_record(&one, TT_HISTOGRAM_VALUE_MAX);
    return tt_histogram_percentile(&one, TT_P50);
}

static void the_error_is_bounded_at_every_edge(void **state)
{
    (void)state;
    for (uint32_t bit = 0; bit < 42; bit++) {
        for (uint64_t step = 0; step < 256; step++) {
            uint64_t base = (UINT64_C(1) << bit) + ((step << bit) >> 8);
            for (uint64_t value = base > 0 ? base - 1 : 0; value <= base + 1; value++) {
                if (value > TT_HISTOGRAM_VALUE_MAX) {
                    continue;
                }
                uint64_t answer = answer_for(value);
                assert_true(answer >= value);
                assert_true((answer - value) * 128 <= value);
                assert_true(value >= 256 || answer == value);
            }
        }
    }
}

static void above_the_bound_is_clamped_and_counted(void **state)
{
    (void)state;
    tt_histogram_record(&one, TT_HISTOGRAM_VALUE_MAX);
    assert_int_equal(one.clamped, 0);
    tt_histogram_record(&one, TT_HISTOGRAM_VALUE_MAX + 1);
    tt_histogram_record(&one, UINT64_MAX);
    assert_int_equal(one.clamped, 2);
    assert_int_equal(one.count, 3);
    assert_true(one.max == TT_HISTOGRAM_VALUE_MAX);
    assert_true(one.sum == 3 * TT_HISTOGRAM_VALUE_MAX);
    assert_true(tt_histogram_percentile(&one, TT_P50) == TT_HISTOGRAM_VALUE_MAX);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/** Durations of all sizes up to an hour. */
static uint64_t draw(tt_random *random)
{
    uint64_t bits = tt_random_below(random, 42);
    uint64_t value = tt_random_u64(random) >> (63 - bits);
    return value < TT_HISTOGRAM_VALUE_MAX ? value : TT_HISTOGRAM_VALUE_MAX;
}

static void check_against(const tt_histogram *histogram, uint64_t *values, uint64_t count)
{
    qsort(values, count, sizeof values[0], compare);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        sum += values[i];
    }
    assert_true(histogram->count == count && histogram->sum == sum);
    assert_true(histogram->min == values[0] && histogram->max == values[count - 1]);
    assert_true(tt_histogram_mean(histogram) == sum / count);
    static const uint32_t asked[] = {0, 1, 1000, 250000, TT_P50, TT_P95, TT_P99, TT_P999, 1000000};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        uint64_t rank = (count * asked[i] + 999999) / 1000000;
        uint64_t exact = values[rank == 0 ? 0 : rank - 1];
        uint64_t answer = tt_histogram_percentile(histogram, asked[i]);
        assert_true(answer >= exact);
        assert_true((answer - exact) * 128 <= exact);
    }
}

static void agrees_with_a_sorted_array(void **state)
{
    (void)state;
    enum {
        most = 5000
    };
    static uint64_t values[most];
    for (uint64_t seed = 1; seed <= 40; seed++) {
        tt_random random;
        tt_random_init(&random, seed, 0);
        uint64_t count = 1 + tt_random_below(&random, most);
        tt_histogram_reset(&one);
        tt_histogram_reset(&other);
        for (uint64_t i = 0; i < count; i++) {
            values[i] = draw(&random);
            tt_histogram_record(i % 3 == 0 ? &other : &one, values[i]);
        }
        tt_histogram_merge(&one, &other); // recorded apart, read as one
        check_against(&one, values, count);
    }
}

static void reset_leaves_nothing_behind(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 5, 0);
    for (int i = 0; i < 1000; i++) {
        tt_histogram_record(&one, draw(&random));
    }
    tt_histogram_record(&one, UINT64_MAX);
    tt_histogram_reset(&one);
    assert_memory_equal(&one, &other, sizeof one); // the other was never used
}

#define HISTOGRAM_TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HISTOGRAM_TEST(empty_says_zero),
        HISTOGRAM_TEST(small_values_are_exact),
        HISTOGRAM_TEST(the_error_is_bounded_at_every_edge),
        HISTOGRAM_TEST(above_the_bound_is_clamped_and_counted),
        HISTOGRAM_TEST(agrees_with_a_sorted_array),
        HISTOGRAM_TEST(reset_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
