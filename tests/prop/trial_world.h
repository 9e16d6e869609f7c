/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Random configurations, states and proposals for risk, many of them at the edge of a limit. All of
 * them follow from one seed.
 */
#ifndef TT_TESTS_PROP_TRIAL_WORLD_H
#define TT_TESTS_PROP_TRIAL_WORLD_H

#include "../lib/test.h"
#include "reference/ref_trial.h"

#define INSTRUMENTS 4

typedef struct world {
    tt_instruments instruments;
    tt_risk_module_config config;
    tt_risk_plan plan;
    ref_plan ref_plan;
    tt_risk_tables tables;
    tt_risk_state state;
    tt_trade_proposal proposal;
    tt_risk_ready ready[INSTRUMENTS + 1];
    tt_risk_strategy strategy;
    tt_risk_parts parts;
    tt_risk_verdict verdict;
    tt_risk_verdict plain; /**< By the short way. */
    ref_quotient last_exposure;
} world;

/** Begins anew. Of a plain run: rules that few have are off, and little stands in the way. */
void tw_begin(uint64_t seed, bool is_plain);
/** True once in so many times. */
bool tw_chance(uint64_t in);
uint64_t tw_below(uint64_t bound);
/** A price of the market, seldom one of any size. */
tt_dec tw_draw_market(void);
/** Instruments, configuration, and all that follows from them. */
void tw_draw_set(world *w);
void tw_draw_state(world *w);
void tw_draw_proposal(world *w, uint32_t index, tt_dec market);

#endif
