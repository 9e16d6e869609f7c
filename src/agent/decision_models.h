/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The models of the trading decision: each looks at the same request and gives one vote.
 */
#ifndef TT_AGENT_DECISION_MODELS_H
#define TT_AGENT_DECISION_MODELS_H

#include "agent/rules.h"

#define TT_DECISION_MODELS 7

/** What one model says. */
typedef struct tt_decision_vote {
    const char *model;
    int side;            /**< 1 = buy, -1 = sell, 0 = hold. */
    tt_ratio confidence; /**< 0..1 */
    uint32_t stop_scale; /**< Its stop distance in percent of the usual one. */
    bool is_valid;       /**< It saw what it needs; others abstain. */
} tt_decision_vote;

/** Asks all models; votes[i] is that of model i, valid or not. @thread{any} @alloc{never} */
void tt_decision_ask(const tt_agent_request *request, tt_decision_vote votes[TT_DECISION_MODELS]);

#endif
