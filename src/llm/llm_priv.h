/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the llm module.
 */
#ifndef TT_LLM_LLM_PRIV_H
#define TT_LLM_LLM_PRIV_H

#include "llm/llm.h"
#include "llm/llm_limits.h"
#include "llm/llm_prompt.h"
#include "llm/llm_record.h"

#include <pthread.h>

/** Longest key. */
#define TT_LLM_KEY_MAX 512

/** A provider in use. */
typedef struct tt_llm_provider {
    const tt_llm_provider_config *config;
    char key[TT_LLM_KEY_MAX]; /**< "" = none is needed. */
    pthread_mutex_t lock;     /**< Guards the next two. */
    tt_llm_rate rate;
    tt_llm_breaker breaker;
} tt_llm_provider;

/** What a slot of an agent points to. */
typedef struct tt_llm_agent {
    tt_llm *llm;
    tt_llm_template prompt;
    tt_llm_provider *provider; /**< NULL for the arbiter: the call says which; NULL with voters. */
    tt_llm_provider *voters[TT_LLM_VOTERS_MAX];
    uint32_t voter_count;
} tt_llm_agent;

/** The parts of sentiment, in the order in which they are asked. */
typedef enum tt_llm_mood {
    TT_LLM_MOOD_SOCIAL,
    TT_LLM_MOOD_NEWS,
    TT_LLM_MOOD_COUNT,
} tt_llm_mood;

struct tt_llm {
    const tt_llm_module_config *config;
    const tt_coord_config *coord;
    tt_llm_world world;
    char record_folder[TT_LLM_PATH_MAX]; /**< "" = none. */
    tt_llm_record *replay;               /**< NULL = call. */
    tt_llm_provider providers[TT_LLM_PROVIDERS_MAX];
    tt_llm_agent agents[TT_agent_COUNT];
    tt_llm_agent moods[TT_LLM_MOOD_COUNT]; /**< Not used: without a provider. */
};

/** Asks one provider, for at most `budget`, and fills the answer: whatever goes wrong is its
 * status. @thread{any} @blocks{network, disk} */
void tt_llm_provider_call(
    const tt_llm_agent *agent,
    tt_llm_provider *provider,
    tt_money budget,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);
/** Answers a trading decision by the votes of all voters, asked at the same time; `ctx` is a
 * tt_llm_agent. @thread{any} @blocks{network, disk} */
void tt_llm_ensemble_call(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);
/** Answers for sentiment by what the providers of its parts say, asked at the same time; `ctx` is a
 * tt_llm. @thread{any} @blocks{network, disk} */
void tt_llm_sentiment_call(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);
/** The record could not be written: nobody could say what was asked, so the answer must not be
 * used. */
void tt_llm_answer_void(tt_agent_answer *answer, const tt_error *error);
/** Answers a call; `ctx` is a tt_llm_agent. @thread{any} @blocks{network} */
void tt_llm_agent_call(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);

/** One call on its way. */
typedef struct tt_llm_attempts {
    tt_llm *llm;
    tt_llm_provider *provider;
    tt_slice request;
    tt_http_result *result;
    tt_money budget;
    tt_money worst;      /**< Most that one attempt may cost. */
    tt_money cost;       /**< Of attempts whose fate is not known, counted whole. */
    int64_t deadline_ns; /**< On the clock of the world. */
    uint32_t count;
} tt_llm_attempts;

/** Asks until an answer with code 200 is there, or repeating cannot help.
 * @retval TUTTI_TIMEOUT the time is over. @retval others: `error` says what happened. */
TUTTI_NODISCARD tutti_status tt_llm_attempts_run(tt_llm_attempts *run, tt_error *error);
/** Cost of tokens, rounded up. */
tt_money
tt_llm_cost(const tt_llm_provider_config *provider, uint64_t tokens_in, uint64_t tokens_out);
/** Reads the key of a provider. @retval TUTTI_NOT_FOUND, TUTTI_INVALID. The error names where the
 * key should be, and nothing of it. */
TUTTI_NODISCARD tutti_status
tt_llm_key_read(const tt_llm_provider_config *provider, char key[TT_LLM_KEY_MAX], tt_error *error);

#endif
