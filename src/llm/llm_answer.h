/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From the text that a model wrote to the payload that its agent speaks: one JSON object, nothing
 * around it, with every member that is needed and none that is unknown, numbers exact and within
 * their ranges. Anything else is a refusal: what a model did not say is never guessed.
 */
#ifndef TT_LLM_LLM_ANSWER_H
#define TT_LLM_LLM_ANSWER_H

#include "agent/agent.h"

/**
 * Reads the text and puts the payload into the body of `answer`. What only the request knows, such
 * as the indicators that were shown, is filled in from it.
 *
 * @retval TUTTI_PARSE, TUTTI_EXISTS no such JSON. @retval TUTTI_INVALID a member is unknown,
 * missing, of the wrong kind or out of range. @retval TUTTI_LIMIT. `error` names the member and
 * never quotes more than a number or a word of the text. @thread{any} @alloc{never}
 */
TUTTI_NODISCARD tutti_status tt_llm_answer_read(
    const tt_instruments *instruments,
    const tt_agent_request *request,
    const char *text,
    size_t size,
    tt_agent_answer *answer,
    tt_error *error);

#endif
