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
#include "model/regime.h"

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

void tt_coord_regime_apply(
    const tt_coordinator_config *config, tt_coord_hysteresis *hysteresis, tt_regime_update *update)
{
    uint8_t named = update->regime;
    detect(config, hysteresis, named, update->confidence);
    uint8_t leverage_max = tt_regime_leverage_max((tt_regime)hysteresis->regime);
    if (hysteresis->regime != named) {
        tt_regime_adjust((tt_regime)hysteresis->regime, update);
    } else if (update->max_leverage == 0 || update->max_leverage > leverage_max) {
        // The agent may lower the cap of the regime, not raise it; 0 = it named none.
        update->max_leverage = leverage_max;
    }
    update->regime = hysteresis->regime;
    update->candidate = named;
    update->candidate_count = (uint8_t)hysteresis->count;
}
