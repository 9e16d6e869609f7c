/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Hysteresis of the market regime, one memory a symbol.
 *
 *   nothing known                    -> the first detection is in force
 *   the regime in force again        -> the candidate is forgotten
 *   another, confidence too low      -> neither counts nor resets
 *   another, same as the candidate   -> counts; enough in a row change the regime
 *   another, not the candidate       -> becomes the candidate, count 1
 *
 * What is published belongs to the regime in force: as long as the agent names another one, the
 * adjustments are the defaults of the regime in force, not those of what was named.
 */
#include "coord/coord_priv.h"

/** Adjustments of a regime, in hundredths. */
struct adjustment {
    uint16_t size;
    uint16_t stop;
    uint16_t target;
    uint8_t strictness;
    uint8_t max_leverage;
};

static const struct adjustment adjustments[TT_regime_COUNT] = {
    [TT_regime_UNKNOWN] = {25, 100, 100, TT_strictness_VERY_STRICT, 1},
    [TT_regime_TRENDING_BULL] = {100, 120, 200, TT_strictness_NORMAL, 5},
    [TT_regime_TRENDING_BEAR] = {100, 120, 200, TT_strictness_NORMAL, 3},
    [TT_regime_RANGING] = {75, 80, 150, TT_strictness_STRICT, 2},
    [TT_regime_VOLATILE_BULL] = {50, 150, 250, TT_strictness_STRICT, 2},
    [TT_regime_VOLATILE_BEAR] = {50, 150, 250, TT_strictness_STRICT, 2},
    [TT_regime_CHOPPY] = {25, 100, 100, TT_strictness_VERY_STRICT, 1},
    [TT_regime_BREAKOUT_POTENTIAL] = {75, 100, 300, TT_strictness_STRICT, 3},
};

static void accept_regime(tt_coord_hysteresis *hysteresis, uint8_t regime)
{
    *hysteresis = (tt_coord_hysteresis){.regime = regime, .candidate = regime, .is_known = 1};
}

static void count_candidate(
    const tt_coordinator_config *config, tt_coord_hysteresis *hysteresis, uint8_t regime)
{
    // Without a count the candidate is the regime in force, which `regime` is not.
    bool is_same = hysteresis->candidate == regime;
    hysteresis->candidate = regime;
    hysteresis->count = is_same ? hysteresis->count + 1 : 1;
    if (hysteresis->count >= config->regime_change_detections) {
        accept_regime(hysteresis, regime);
    }
}

static void detect(
    const tt_coordinator_config *config,
    tt_coord_hysteresis *hysteresis,
    uint8_t regime,
    tt_ratio confidence)
{
    if (!hysteresis->is_known || hysteresis->regime == regime) {
        accept_regime(hysteresis, regime);
    } else if (tt_dec_le(config->regime_change_confidence.d, confidence.d)) {
        count_candidate(config, hysteresis, regime);
    }
}

static void adjust_to(const struct adjustment *adjustment, tt_regime_update *update)
{
    update->position_size_multiplier.d = tt_dec_from_i64(adjustment->size, 2);
    update->stop_loss_multiplier.d = tt_dec_from_i64(adjustment->stop, 2);
    update->take_profit_multiplier.d = tt_dec_from_i64(adjustment->target, 2);
    update->entry_strictness = adjustment->strictness;
    update->max_leverage = adjustment->max_leverage;
}

void tt_coord_regime_apply(
    const tt_coordinator_config *config, tt_coord_hysteresis *hysteresis, tt_regime_update *update)
{
    uint8_t named = update->regime;
    detect(config, hysteresis, named, update->confidence);
    const struct adjustment *adjustment = &adjustments[hysteresis->regime];
    if (hysteresis->regime != named) {
        adjust_to(adjustment, update);
    } else if (update->max_leverage == 0 || update->max_leverage > adjustment->max_leverage) {
        // The agent may lower the cap of the regime, not raise it; 0 = it named none.
        update->max_leverage = adjustment->max_leverage;
    }
    update->regime = hysteresis->regime;
    update->candidate = named;
    update->candidate_count = (uint8_t)hysteresis->count;
}
