/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Windows, exponential and Wilder averages against values worked out by hand.
 */
#include "market/averages.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static void test_window_keeps_the_last_values(void **state)
{
    (void)state;
    tt_window window;
    tt_window_init(&window, 3);
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(tt_window_is_full(&window), i > 3);
        tt_window_push(&window, i);
        assert_true(tt_window_at(&window, 0) == i);
    }
    assert_true(tt_window_at(&window, 1) == 4);
    assert_true(tt_window_at(&window, 2) == 3);
    assert_true(tt_window_sum(&window) == 12);
    assert_true(tt_window_mean(&window) == 4);
}

static void test_window_of_one_and_of_all(void **state)
{
    (void)state;
    tt_window window;
    tt_window_init(&window, 1);
    tt_window_push(&window, 7);
    tt_window_push(&window, 8);
    assert_true(tt_window_mean(&window) == 8);
    tt_window_init(&window, TT_WINDOW_MAX);
    for (int i = 0; i < 2 * TT_WINDOW_MAX; i++) {
        tt_window_push(&window, i);
    }
    assert_true(tt_window_at(&window, TT_WINDOW_MAX - 1) == TT_WINDOW_MAX);
}

/** A running sum would keep what the large value did to the small ones. */
static void test_window_sum_forgets_large_values(void **state)
{
    (void)state;
    tt_window window;
    tt_window_init(&window, 3);
    tt_window_push(&window, 1e17);
    for (int i = 0; i < 3; i++) {
        tt_window_push(&window, 0.1);
    }
    assert_true(tt_window_sum(&window) == 0.1 + 0.1 + 0.1);
}

static void test_decimal_window(void **state)
{
    (void)state;
    tt_dec_window window;
    tt_dec_window_init(&window, 3);
    const int64_t values[] = {5, -2, 9, 4};
    for (int i = 0; i < 4; i++) {
        tt_dec_window_push(&window, tt_dec_from_i64(values[i], 1));
        assert_int_equal(tt_dec_window_is_full(&window), i >= 2);
    }
    assert_true(tt_dec_eq(tt_dec_window_max(&window), TT_DEC_C(9, 1)));
    assert_true(tt_dec_eq(tt_dec_window_min(&window), TT_DEC_C(-2, 1)));
    assert_true(tt_dec_eq(tt_dec_window_sum(&window), TT_DEC_C(11, 1)));
}

static void test_ema_is_seeded_with_the_mean(void **state)
{
    (void)state;
    tt_ema ema;
    tt_ema_init(&ema, 3); // alpha 1/2
    const double values[] = {1, 3, 8, 10, 6};
    const double expected[] = {1, 2, 4, 7, 6.5};
    for (int i = 0; i < 5; i++) {
        tt_ema_update(&ema, values[i]);
        assert_true(ema.value == expected[i]);
        assert_int_equal(tt_ema_is_ready(&ema), i >= 2);
    }
}

static void test_wilder_is_zero_until_seeded(void **state)
{
    (void)state;
    tt_wilder wilder;
    tt_wilder_init(&wilder, 4);
    const double values[] = {1, 2, 3, 6, 7, 0};
    const double expected[] = {0, 0, 0, 3, 4, 3};
    for (int i = 0; i < 6; i++) {
        tt_wilder_update(&wilder, values[i]);
        assert_true(wilder.value == expected[i]);
        assert_int_equal(tt_wilder_is_ready(&wilder), i >= 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_keeps_the_last_values),
        cmocka_unit_test(test_window_of_one_and_of_all),
        cmocka_unit_test(test_window_sum_forgets_large_values),
        cmocka_unit_test(test_decimal_window),
        cmocka_unit_test(test_ema_is_seeded_with_the_mean),
        cmocka_unit_test(test_wilder_is_zero_until_seeded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
