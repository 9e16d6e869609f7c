/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a market regime means for trades when nobody says otherwise: how large, how far the stop and
 * the target, how strict about entries, how much leverage. The rules of the agent and the
 * coordinator's hysteresis take it from here.
 */
#ifndef TT_MODEL_REGIME_H
#define TT_MODEL_REGIME_H

#include "model/enums.h"
#include "model/payloads.h"

/** Sets the multipliers of size, stop and target, the strictness and the largest leverage of
 * `update` to those of `regime`; nothing else. @thread{any} @alloc{never} */
void tt_regime_adjust(tt_regime regime, tt_regime_update *update);
/** Returns the largest leverage that fits a regime; at least 1. @thread{any} @alloc{never} */
uint8_t tt_regime_leverage_max(tt_regime regime);

#endif
