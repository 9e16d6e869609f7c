/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Stop and target of a decision, counted in ticks from the price: whole numbers, so that the order
 * stop < price < target (for a buy; the reverse for a sell) and the least ratio of reward to risk
 * hold exactly and averaging cannot break them.
 */
#ifndef TT_AGENT_DECISION_PRICES_H
#define TT_AGENT_DECISION_PRICES_H

#include "agent/agent.h"
#include "agent/agent_config.h"

/** Where a decision stands: its price on the tick, and how near and far a stop may be. */
typedef struct tt_decision_frame {
    const tt_decision_config *config;
    tt_dec price;
    tt_dec tick;
    tt_dec stop_distance; /**< Usual distance of a stop, before a model's scale. */
    tt_dec reward_risk;   /**< Wanted ratio, at least the configured least one. */
    int64_t stop_ticks_min;
    int64_t stop_ticks_max;
    bool is_tradable; /**< False: the tick is too coarse for any allowed stop. */
} tt_decision_frame;

/** A stop and a target. */
typedef struct tt_decision_exit {
    int64_t stop_ticks;
    int64_t target_ticks;
} tt_decision_exit;

/** Reads price, tick, volatility and the regime's multipliers. @thread{any} @alloc{never} */
void tt_decision_frame_fill(
    tt_decision_frame *frame,
    const tt_decision_config *config,
    const tt_instrument *instrument,
    const tt_agent_request *request);
/** Exit for a stop of `scale` percent of the usual distance, within the bounds. The frame must be
 * tradable. @thread{any} @alloc{never} */
tt_decision_exit tt_decision_exit_of(const tt_decision_frame *frame, uint32_t scale);
/** Median of 1 to 8 exits, stops and targets by themselves.
 * @thread{any} @alloc{never} */
tt_decision_exit
tt_decision_median(const tt_decision_frame *frame, const tt_decision_exit *exits, uint32_t count);
/** Prices of an exit for a buy (side 1) or a sell (side -1). @thread{any} @alloc{never} */
tt_price tt_decision_stop(const tt_decision_frame *frame, int side, tt_decision_exit exit);
tt_price tt_decision_target(const tt_decision_frame *frame, int side, tt_decision_exit exit);

#endif
