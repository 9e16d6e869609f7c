/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Prompts: templates in files, filled in from a request.
 *
 * A file holds what the system is told, a line of three dashes, and what the user asks. {{name}} is
 * replaced by what the request holds, as JSON, or by null; a name that does not exist is an error
 * with its place. Everything else stands for itself.
 */
#ifndef TT_LLM_LLM_PROMPT_H
#define TT_LLM_LLM_PROMPT_H

#include "agent/agent.h"
#include "llm/llm_protocol.h"

/** A template in memory. */
typedef struct tt_llm_template {
    char *text;
    size_t size;
    size_t system_size; /**< Bytes in front of the line of dashes. */
    size_t user_at;     /**< First byte behind it. */
} tt_llm_template;

/** Reads and checks a template of at most `size_max` bytes. @retval TUTTI_NOT_FOUND, TUTTI_IO the
 * file. @retval TUTTI_LIMIT too large. @retval TUTTI_PARSE no line of dashes, an unknown or open
 * placeholder, no UTF-8: `error` names file, line and column. @gives{tt_llm_template_free}
 * @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_llm_template_load(
    const char *path, size_t size_max, tt_llm_template *ret_template, tt_error *error);
void tt_llm_template_free(tt_llm_template *template);
/** Fills a template in. The prompt stands in `memory`. @retval TUTTI_LIMIT it does not fit.
 * @thread{any} @alloc{never} */
TUTTI_NODISCARD tutti_status tt_llm_template_render(
    const tt_llm_template *template,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    char *memory,
    size_t capacity,
    tt_llm_prompt *ret_prompt);

#endif
