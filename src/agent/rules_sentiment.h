/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The agent that answers from recorded sentiment.
 */
#ifndef TT_AGENT_RULES_SENTIMENT_H
#define TT_AGENT_RULES_SENTIMENT_H

#include "agent/agent.h"
#include "agent/agent_config.h"
#include "agent/sentiment_record.h"

/** Context of the agent. */
typedef struct tt_sentiment_agent {
    tt_sentiment_record record;
    tt_dur max_age;
    bool has_file; /**< False: it never has an opinion. */
} tt_sentiment_agent;

/** The mood of a score: very bullish from 0.6, bullish from 0.2, neutral from -0.2, bearish from
 * -0.6, very bearish below. @thread{any} */
tt_sentiment_bias tt_sentiment_bias_of(tt_dec score);
/** Answers with the latest entry of the symbol at or before the call, unless it is too old.
 * `ctx` is a const tt_sentiment_agent. @thread{any} @blocks{never} @alloc{never} */
void tt_agent_rules_sentiment(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);

#endif
