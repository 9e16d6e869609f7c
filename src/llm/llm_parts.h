/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One call of an agent that several language models answer: all are asked at the same time, each
 * within the time of its provider and an equal part of the budget. What their answers come to
 * together is said by the caller.
 */
#ifndef TT_LLM_LLM_PARTS_H
#define TT_LLM_LLM_PARTS_H

#include "llm/llm_priv.h"

/** One of the models and its thread. */
typedef struct tt_llm_part {
    const tt_llm_agent *agent; /**< Whose prompt it gets. */
    tt_llm_provider *provider;
    const tt_instruments *instruments;
    const tt_agent_request *request;
    tt_money budget;
    pthread_t thread;
    bool has_thread;
    tt_agent_answer answer;
} tt_llm_part;

/** Asks all of them and waits. Agents and providers are set; the rest is set here. @thread{any}
 * @blocks{network, disk} */
void tt_llm_parts_ask(
    tt_llm_part *parts,
    uint32_t count,
    const tt_instruments *instruments,
    const tt_agent_request *request);
/** Adds what all of them cost to the answer. @thread{any} */
void tt_llm_parts_cost(const tt_llm_part *parts, uint32_t count, tt_agent_answer *answer);
/** Tells the failure of the first one as that of all. `who` such as "voter". @thread{any} */
void tt_llm_parts_fail(const tt_llm_part *parts, const char *who, tt_agent_answer *answer);
/** Writes the record of the whole, which names those of the parts, or finds it in the one that is
 * replayed, so that one hash stands for all. `name` is that of no provider: it has a blank.
 * @thread{any} @blocks{disk} */
void tt_llm_parts_record(
    const tt_llm_part *parts,
    uint32_t count,
    const char *name,
    const char *reasoning,
    int64_t started_ns,
    tt_agent_answer *answer);

#endif
