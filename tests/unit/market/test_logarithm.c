/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The logarithm against the one of the C library and against known values.
 */
#include "base/random.h"
#include "market/logarithm.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <float.h>
#include <math.h>
#include <string.h>

/** Distance from the true value in units in the last place; the reference has 11 bits more where
 * the machine offers them. */
static double ulps(double is, double x)
{
    long double expected = log10l((long double)x);
    double nearest = (double)expected;
    double unit = nextafter(fabs(nearest), DBL_MAX) - fabs(nearest);
    return (double)(fabsl((long double)is - expected) / (long double)unit);
}

static void test_powers_of_ten_are_near_exact(void **state)
{
    (void)state;
    assert_true(tt_log10(1) == 0);
    double power = 1;
    for (int n = 1; n <= 22; n++) { // the powers that a double holds exactly
        power *= 10;
        assert_true(ulps(tt_log10(power), power) < 1);
    }
}

static void test_agrees_with_the_library(void **state)
{
    (void)state;
    const uint64_t seed = 1;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    double worst = 0;
    for (int i = 0; i < 1000000; i++) {
        // Any positive finite number, subnormal ones included.
        uint64_t bits = tt_random_below(&random, UINT64_C(0x7ff) << 52) + (i == 0);
        double x = 0;
        memcpy(&x, &bits, sizeof x);
        if (x == 0) {
            continue;
        }
        worst = fmax(worst, ulps(tt_log10(x), x));
    }
    print_message("worst distance over all magnitudes: %.2f\n", worst);
    assert_true(worst < 1);
}

static void test_agrees_near_one(void **state)
{
    (void)state;
    double worst = 0;
    for (int i = -100000; i <= 100000; i++) {
        double x = 1 + i * 5e-6;
        worst = fmax(worst, ulps(tt_log10(x), x));
    }
    for (int n = 1; n <= 52; n++) {
        double x = 1 + ldexp(1, -n);
        worst = fmax(worst, ulps(tt_log10(x), x));
    }
    print_message("worst distance near one: %.2f\n", worst);
    assert_true(worst < 1);
}

static void test_ends_of_the_range(void **state)
{
    (void)state;
    assert_true(ulps(tt_log10(DBL_MAX), DBL_MAX) < 1);
    assert_true(ulps(tt_log10(DBL_MIN), DBL_MIN) < 1);
    assert_true(ulps(tt_log10(0x1p-1074), 0x1p-1074) < 1);
}

/** Pinned bits: what another compiler or machine must give as well. */
static void test_pinned_bits(void **state)
{
    (void)state;
    static const struct {
        double x;
        double log;
    } rows[] = {
        {2, 0x1.34413509f79ffp-2},
        {14, 0x1.2568a59e4449fp+0},
        {0.1, -0x1p+0},
        {3.5, 0x1.1690163290f4p-1},
        {1e9, 0x1.2p+3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double log = tt_log10(rows[i].x);
        assert_memory_equal(&log, &rows[i].log, sizeof log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_powers_of_ten_are_near_exact),
        cmocka_unit_test(test_agrees_with_the_library),
        cmocka_unit_test(test_agrees_near_one),
        cmocka_unit_test(test_ends_of_the_range),
        cmocka_unit_test(test_pinned_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
