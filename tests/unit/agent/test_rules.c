/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the rule agents share: scores, shares, signs.
 */
#include "agent/rules.h"
#include "fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static void test_scores_have_four_decimals_and_bounds(void **state)
{
    (void)state;
    assert_true(is_score(tt_rule_score(0.12345678, 0, 1), 1235));
    assert_true(is_score(tt_rule_score(-0.00004, -1, 1), 0));
    assert_true(is_score(tt_rule_score(-0.00006, -1, 1), -1));
    assert_true(is_score(tt_rule_score(1.7, 0, 1), 10000));
    assert_true(is_score(tt_rule_score(-1.7, -1, 1), -10000));
    assert_true(is_score(tt_rule_score(0.99999, 0, 1), 10000));
}

static void test_shares(void **state)
{
    (void)state;
    assert_true(tt_rule_share(1, 4) == 0.25);
    assert_true(tt_rule_share(-9, 4) == -1);
    assert_true(tt_rule_share(9, 4) == 1);
    assert_true(tt_rule_share(9, 0) == 0); // without a scale there is no statement
    assert_true(tt_rule_share(9, -1) == 0);
}

static void test_signs(void **state)
{
    (void)state;
    assert_int_equal(tt_rule_sign(0.1), 1);
    assert_int_equal(tt_rule_sign(0), 0);
    assert_int_equal(tt_rule_sign(-0.1), -1);
    assert_true(tt_rule_abs(-2) == 2 && tt_rule_abs(2) == 2);
}

static void test_the_view_holds_the_indicators(void **state)
{
    (void)state;
    tt_indicators indicators = fixture_rise();
    indicators.ema_200 = ratio_of(9100);
    indicators.atr_avg_20 = ratio_of(90);
    indicators.volume_avg_20 = ratio_of(700);
    tt_rule_view view;
    tt_rule_view_fill(&view, &indicators);
    assert_true(view.close == 101.5 && view.rsi == 60 && view.roc == 2);
    assert_true(view.ema_9 == 101.2 && view.ema_21 == 100.8 && view.ema_50 == 100.3);
    assert_true(view.ema_200 == 91 && view.macd_hist == 0.2 && view.macd_hist_prev == 0.1);
    assert_true(view.atr == 1 && view.atr_avg == 0.9 && view.adx == 35 && view.chop == 50);
    assert_true(view.plus_di == 30 && view.minus_di == 10);
    assert_true(view.bb_upper == 102 && view.bb_lower == 98);
    assert_true(view.high_20 == 102 && view.low_20 == 98);
    assert_true(view.volume == 10 && view.volume_avg == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores_have_four_decimals_and_bounds),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_the_view_holds_the_indicators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
