/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Directional movement, choppiness and channel by hand.
 */
#include "market/logarithm.h"
#include "market/trend.h"
#include "market/volatility.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

static void test_adx_by_hand(void **state)
{
    (void)state;
    tt_adx adx;
    tt_adx_init(&adx, 2);
    tt_adx_start(&adx, 10, 8);
    tt_adx_update(&adx, 12, 9, 4); // up 2, down -1: +DM 2
    assert_true(adx.plus_di == 0 && tt_adx_value(&adx) == 0);
    tt_adx_update(&adx, 13, 6, 6); // up 1, down 3: -DM 3
    // W(+DM) = 1, W(-DM) = 1.5, W(TR) = 5: +DI 20, -DI 30, DX 20.
    assert_true(fabs(adx.plus_di - 20) < 1e-12);
    assert_true(fabs(adx.minus_di - 30) < 1e-12);
    assert_true(tt_adx_value(&adx) == 0);
    tt_adx_update(&adx, 16, 3, 5); // both 3: neither counts
    // W(+DM) = 0.5, W(-DM) = 0.75, W(TR) = 5: DI 10 and 15, DX 20; ADX (20 + 20) / 2.
    assert_true(fabs(adx.plus_di - 10) < 1e-12);
    assert_true(fabs(adx.minus_di - 15) < 1e-12);
    assert_true(fabs(tt_adx_value(&adx) - 20) < 1e-12);
    tt_adx_update(&adx, 20, 3, 5); // up 4: W(+DM) = 2.25, W(-DM) = 0.375; DX 71.428571...
    assert_true(fabs(tt_adx_value(&adx) - (20 + 500.0 / 7) / 2) < 1e-12);
}

static void test_adx_without_any_range(void **state)
{
    (void)state;
    tt_adx adx;
    tt_adx_init(&adx, 2);
    tt_adx_start(&adx, 10, 10);
    for (int i = 0; i < 10; i++) {
        tt_adx_update(&adx, 10, 10, 0);
    }
    assert_true(adx.plus_di == 0 && adx.minus_di == 0 && tt_adx_value(&adx) == 0);
}

static void test_chop_of_a_straight_and_of_a_choppy_market(void **state)
{
    (void)state;
    tt_chop chop;
    tt_chop_init(&chop, 4);
    for (int i = 0; i < 4; i++) {
        assert_true(tt_chop_value(&chop) == 0);        // not yet
        tt_chop_update(&chop, 11 + i, 10 + i, 10 + i); // each range begins where the last ended
    }
    assert_true(tt_chop_value(&chop) == 0); // sum 4, height 4
    for (int i = 0; i < 4; i++) {
        tt_chop_update(&chop, 12, 10, 11);
    }
    assert_true(fabs(tt_chop_value(&chop) - 100) < 1e-12); // sum 8, height 2
    tt_chop_update(&chop, 14, 10, 11);                     // sum 10, height 4
    assert_true(fabs(tt_chop_value(&chop) - 100 * log10(2.5) / log10(4)) < 1e-12);
}

static void test_chop_takes_in_the_close_before(void **state)
{
    (void)state;
    tt_chop chop;
    tt_chop_init(&chop, 2);
    tt_chop_update(&chop, 11, 10, 2); // true range 9, from 2 to 11
    tt_chop_update(&chop, 11, 10, 11);
    // Without the close before: 10 / 1, beyond 100.
    assert_true(fabs(tt_chop_value(&chop) - 100 * log10(10.0 / 9) / log10(2)) < 1e-12);
    tt_chop_update(&chop, 11, 10, 20); // and from above: 10, with 1 before it, over 10 to 20
    assert_true(fabs(tt_chop_value(&chop) - 100 * log10(11.0 / 10) / log10(2)) < 1e-12);
}

static void test_chop_without_any_range(void **state)
{
    (void)state;
    tt_chop chop;
    tt_chop_init(&chop, 2);
    tt_chop_update(&chop, 5, 5, 5);
    tt_chop_update(&chop, 5, 5, 5);
    assert_true(tt_chop_value(&chop) == 100);
}

static void test_donchian(void **state)
{
    (void)state;
    tt_donchian channel;
    tt_donchian_init(&channel, 2);
    tt_donchian_update(&channel, TT_DEC_C(9, 0), TT_DEC_C(5, 0));
    assert_true(tt_dec_is_zero(tt_donchian_upper(&channel)));
    assert_true(tt_dec_is_zero(tt_donchian_lower(&channel)));
    tt_donchian_update(&channel, TT_DEC_C(8, 0), TT_DEC_C(6, 0));
    assert_true(tt_dec_eq(tt_donchian_upper(&channel), TT_DEC_C(9, 0)));
    assert_true(tt_dec_eq(tt_donchian_lower(&channel), TT_DEC_C(5, 0)));
    tt_donchian_update(&channel, TT_DEC_C(7, 0), TT_DEC_C(7, 0));
    assert_true(tt_dec_eq(tt_donchian_upper(&channel), TT_DEC_C(8, 0)));
    assert_true(tt_dec_eq(tt_donchian_lower(&channel), TT_DEC_C(6, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adx_by_hand),
        cmocka_unit_test(test_adx_without_any_range),
        cmocka_unit_test(test_chop_of_a_straight_and_of_a_choppy_market),
        cmocka_unit_test(test_chop_takes_in_the_close_before),
        cmocka_unit_test(test_chop_without_any_range),
        cmocka_unit_test(test_donchian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
