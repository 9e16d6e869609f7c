/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of regimes. What is not known is traded like what is not good: small and strictly.
 */
#include "model/regime.h"

/** Multipliers are in hundredths. */
struct terms {
    uint8_t size;
    uint8_t stop;
    uint16_t target;
    uint8_t strictness;
    uint8_t leverage_max;
};

static const struct terms terms_of[TT_regime_COUNT] = {
    [TT_regime_UNKNOWN] = {25, 100, 100, TT_strictness_VERY_STRICT, 1},
    [TT_regime_TRENDING_BULL] = {100, 120, 200, TT_strictness_NORMAL, 5},
    [TT_regime_TRENDING_BEAR] = {100, 120, 200, TT_strictness_NORMAL, 3},
    [TT_regime_RANGING] = {75, 80, 150, TT_strictness_STRICT, 2},
    [TT_regime_VOLATILE_BULL] = {50, 150, 250, TT_strictness_STRICT, 2},
    [TT_regime_VOLATILE_BEAR] = {50, 150, 250, TT_strictness_STRICT, 2},
    [TT_regime_CHOPPY] = {25, 100, 100, TT_strictness_VERY_STRICT, 1},
    [TT_regime_BREAKOUT_POTENTIAL] = {75, 100, 300, TT_strictness_STRICT, 3},
};

void tt_regime_adjust(tt_regime regime, tt_regime_update *update)
{
    const struct terms *terms = &terms_of[regime];
    update->position_size_multiplier.d = tt_dec_from_i64(terms->size, 2);
    update->stop_loss_multiplier.d = tt_dec_from_i64(terms->stop, 2);
    update->take_profit_multiplier.d = tt_dec_from_i64(terms->target, 2);
    update->entry_strictness = terms->strictness;
    update->max_leverage = terms->leverage_max;
}

uint8_t tt_regime_leverage_max(tt_regime regime)
{
    return terms_of[regime].leverage_max;
}
