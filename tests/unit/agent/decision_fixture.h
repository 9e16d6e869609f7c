/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the decision for tests: the defaults.
 */
#ifndef TT_TEST_DECISION_FIXTURE_H
#define TT_TEST_DECISION_FIXTURE_H

#include "fixture.h"

static inline tt_decision_config decision_defaults(void)
{
    return (tt_decision_config){
        .min_votes = 4,
        .atr_multiple = {TT_DEC_C(6, 0)},
        .min_stop_pct = {TT_DEC_C(6, 1)},
        .max_stop_pct = {TT_DEC_C(45, 1)},
        .min_reward_risk = {TT_DEC_C(16, 1)},
        .size_pct = {TT_DEC_C(10, 0)},
        .leverage = 1};
}

#endif
