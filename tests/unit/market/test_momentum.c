/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * RSI, MACD and rate of change: the worked example of StockCharts' ChartSchool, hand-made values
 * and edges.
 */
#include "market/momentum.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

/** ChartSchool, "Relative Strength Index": closes and the RSI(14) printed beside them. */
static void test_rsi_of_the_published_example(void **state)
{
    (void)state;
    static const double closes[] = {44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955,
                                    45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.6140, 46.2820,
                                    46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122,
                                    46.2521, 45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783,
                                    44.2181, 44.5672, 43.4205, 42.6628, 43.1314};
    static const double published[] = {
        70.53,
        66.32,
        66.55,
        69.41,
        66.36,
        57.97,
        62.93,
        63.26,
        56.06,
        62.38,
        54.71,
        50.42,
        39.99,
        41.46,
        41.87,
        45.46,
        37.30,
        33.08,
        37.77};
    tt_rsi rsi;
    tt_rsi_init(&rsi, 14);
    for (int i = 0; i < 33; i++) {
        tt_rsi_update(&rsi, closes[i]);
        assert_int_equal(tt_rsi_is_ready(&rsi), i >= 14);
        double expected = i >= 14 ? published[i - 14] : 0;
        assert_true(fabs(tt_rsi_value(&rsi) - expected) < 0.006);
    }
}

static double rsi_of(const double *closes, int count)
{
    tt_rsi rsi;
    tt_rsi_init(&rsi, 2);
    for (int i = 0; i < count; i++) {
        tt_rsi_update(&rsi, closes[i]);
    }
    return tt_rsi_value(&rsi);
}

static void test_rsi_edges(void **state)
{
    (void)state;
    assert_true(rsi_of((const double[]){1, 2, 3}, 3) == 100);
    assert_true(rsi_of((const double[]){3, 2, 1}, 3) == 0);
    assert_true(rsi_of((const double[]){5, 5, 5}, 3) == 50); // no move: neither side is stronger
    assert_true(rsi_of((const double[]){5, 6, 5}, 3) == 50);
    assert_true(rsi_of((const double[]){4, 7, 6}, 3) == 75);
    // Wilder: gains (3 + 0) / 2 = 1.5, then (1.5 + 2) / 2 = 1.75; losses 0.5, then 0.25.
    assert_true(rsi_of((const double[]){4, 7, 6, 8}, 4) == 87.5);
}

static void test_macd_by_hand(void **state)
{
    (void)state;
    tt_macd macd;
    tt_macd_init(&macd, 1, 3, 2);
    // fast = close; slow = mean of 3, then alpha 1/2; signal = mean of 2, then alpha 2/3.
    const double closes[] = {2, 4, 6, 8, 4};
    const double line[] = {0, 0, 2, 2, -1};
    const double signal[] = {0, 0, 0, 2, 0};
    const double histogram[] = {0, 0, 0, 0, -1};
    for (int i = 0; i < 5; i++) {
        tt_macd_update(&macd, closes[i]);
        assert_true(fabs(macd.line - line[i]) < 1e-15);
        assert_true(fabs(tt_macd_signal_line(&macd) - signal[i]) < 1e-15);
        assert_true(fabs(macd.histogram - histogram[i]) < 1e-15);
        assert_true(i == 0 || fabs(macd.histogram_prev - histogram[i - 1]) < 1e-15);
        assert_int_equal(tt_macd_is_ready(&macd), i >= 3);
    }
}

static void test_roc(void **state)
{
    (void)state;
    tt_roc roc;
    tt_roc_init(&roc, 2);
    tt_roc_update(&roc, 80);
    tt_roc_update(&roc, 500);
    assert_true(tt_roc_value(&roc) == 0);
    tt_roc_update(&roc, 100);
    assert_true(tt_roc_value(&roc) == 25);
    tt_roc_update(&roc, 250);
    assert_true(tt_roc_value(&roc) == -50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsi_of_the_published_example),
        cmocka_unit_test(test_rsi_edges),
        cmocka_unit_test(test_macd_by_hand),
        cmocka_unit_test(test_roc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
