/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Agents and arbiters that are language models: providers with their keys, limits and prompts. They
 * take the places of rules in a tt_agents, and answer calls like any other agent.
 *
 * A call: fill the prompt in, wait for a place within the minute, ask, repeat what may pass, read
 * the answer, count the cost, record all of it. Whatever goes wrong is an answer with a status, and
 * never an answer with a guess. It costs at most the budget that the call carries.
 */
#ifndef TT_LLM_LLM_H
#define TT_LLM_LLM_H

#include "agent/agent.h"
#include "llm/llm_config.h"
#include "net/http_client.h"

/** The world that a call needs; tests put another one in its place. */
typedef struct tt_llm_world {
    void *ctx;
    tutti_status (*post)(
        void *ctx, const tt_http_post *post, tt_http_result *result, tt_error *error);
    int64_t (*now_ns)(void *ctx); /**< Never runs backwards. */
    void (*sleep_ns)(void *ctx, int64_t span_ns);
} tt_llm_world;

/** How it is opened; everything is borrowed until tt_llm_close, but the texts. */
typedef struct tt_llm_options {
    const tt_llm_module_config *config;
    const tt_coord_config *coord; /**< Names the arbiters. */
    const char *record_folder;    /**< Where calls are recorded; NULL = nowhere. */
    const char *replay_folder;    /**< A record to answer from, without any call; NULL = call. */
    const tt_llm_world *world;
} tt_llm_options;

typedef struct tt_llm tt_llm;

/**
 * Reads keys and prompts of the providers that are used, and puts them into the slots of `agents`.
 * Where nothing is configured nothing is opened, and `ret_llm` is NULL.
 *
 * @retval TUTTI_NOT_FOUND a key or a file is not there. @retval as tt_llm_template_load,
 * tt_llm_record_open. @thread{setup} @blocks{disk}
 */
TUTTI_NODISCARD tutti_status
tt_llm_open(const tt_llm_options *options, tt_agents *agents, tt_llm **ret_llm, tt_error *error);
/** NULL is fine. The slots of the agents must not be called any more. */
void tt_llm_close(tt_llm *llm);

#endif
