/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * True range, average true range and Bollinger bands by hand.
 */
#include "market/volatility.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

static void test_true_range_takes_in_the_gap(void **state)
{
    (void)state;
    assert_true(tt_true_range(12, 9, 10) == 3);  // inside
    assert_true(tt_true_range(12, 9, 15) == 6);  // gap down
    assert_true(tt_true_range(12, 9, 4) == 8);   // gap up
    assert_true(tt_true_range(10, 10, 10) == 0); // nothing happened
}

static void test_atr_and_its_mean(void **state)
{
    (void)state;
    tt_atr atr;
    tt_atr_init(&atr, 2, 3);
    const double ranges[] = {2, 4, 5, 2, 7};
    const double average[] = {0, 3, 4, 3, 5};
    const double usual[] = {0, 0, 0, 10.0 / 3, 4};
    for (int i = 0; i < 5; i++) {
        tt_atr_update(&atr, ranges[i]);
        assert_true(tt_atr_value(&atr) == average[i]);
        assert_true(tt_atr_usual(&atr) == usual[i]);
    }
}

static void test_bollinger_by_hand(void **state)
{
    (void)state;
    tt_bollinger bands;
    tt_bollinger_init(&bands, 4, 2);
    const double closes[] = {100, 2, 4, 4, 10};
    for (int i = 0; i < 3; i++) {
        tt_bollinger_update(&bands, closes[i]);
        assert_true(bands.upper == 0 && tt_bollinger_width_pct(&bands) == 0);
    }
    tt_bollinger_update(&bands, closes[3]);
    tt_bollinger_update(&bands, closes[4]);
    // 2 4 4 10: mean 5, squares 9 + 1 + 1 + 25 = 36, population deviation 3.
    assert_true(bands.middle == 5);
    assert_true(bands.upper == 11);
    assert_true(bands.lower == -1);
    assert_true(tt_bollinger_width_pct(&bands) == 240);
}

static void test_bollinger_of_a_still_market(void **state)
{
    (void)state;
    tt_bollinger bands;
    tt_bollinger_init(&bands, 20, 2);
    for (int i = 0; i < 20; i++) {
        tt_bollinger_update(&bands, 46319.0);
    }
    assert_true(bands.upper == 46319.0 && bands.lower == 46319.0);
    assert_true(tt_bollinger_width_pct(&bands) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_true_range_takes_in_the_gap),
        cmocka_unit_test(test_atr_and_its_mean),
        cmocka_unit_test(test_bollinger_by_hand),
        cmocka_unit_test(test_bollinger_of_a_still_market),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
