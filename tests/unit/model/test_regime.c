/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What each regime means for trades, number by number.
 */
#include "../../lib/test.h"
#include "model/regime.h"

#include <string.h>

static const struct row {
    tt_regime regime;
    int64_t size; /* Hundredths, as `stop` and `target`. */
    int64_t stop;
    int64_t target;
    tt_strictness strictness;
    uint8_t leverage_max;
} rows[] = {
    {TT_regime_UNKNOWN, 25, 100, 100, TT_strictness_VERY_STRICT, 1},
    {TT_regime_TRENDING_BULL, 100, 120, 200, TT_strictness_NORMAL, 5},
    {TT_regime_TRENDING_BEAR, 100, 120, 200, TT_strictness_NORMAL, 3},
    {TT_regime_RANGING, 75, 80, 150, TT_strictness_STRICT, 2},
    {TT_regime_VOLATILE_BULL, 50, 150, 250, TT_strictness_STRICT, 2},
    {TT_regime_VOLATILE_BEAR, 50, 150, 250, TT_strictness_STRICT, 2},
    {TT_regime_CHOPPY, 25, 100, 100, TT_strictness_VERY_STRICT, 1},
    {TT_regime_BREAKOUT_POTENTIAL, 75, 100, 300, TT_strictness_STRICT, 3},
};

static void each_regime_has_its_terms(void **state)
{
    (void)state;
    assert_int_equal(sizeof rows / sizeof rows[0], TT_regime_COUNT);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        tt_regime_update expected;
        tt_regime_update update;
        memset(&expected, 0x5a, sizeof expected); /* What is no term stays. */
        update = expected;
        expected.position_size_multiplier.d = tt_dec_from_i64(row->size, 2);
        expected.stop_loss_multiplier.d = tt_dec_from_i64(row->stop, 2);
        expected.take_profit_multiplier.d = tt_dec_from_i64(row->target, 2);
        expected.entry_strictness = (uint8_t)row->strictness;
        expected.max_leverage = row->leverage_max;
        tt_regime_adjust(row->regime, &update);
        assert_memory_equal(&update, &expected, sizeof update);
        assert_int_equal(tt_regime_leverage_max(row->regime), row->leverage_max);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_regime_has_its_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
