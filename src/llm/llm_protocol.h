/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the two protocols say: the body of a request, and what stands in a reply.
 */
#ifndef TT_LLM_LLM_PROTOCOL_H
#define TT_LLM_LLM_PROTOCOL_H

#include "base/text.h"
#include "llm/llm_config.h"

/** A prompt, filled in. */
typedef struct tt_llm_prompt {
    tt_slice system;
    tt_slice user;
} tt_llm_prompt;

/** Writes the body of a request into `body`. @retval TUTTI_LIMIT it does not fit.
 * @thread{any} @alloc{never} */
TUTTI_NODISCARD tutti_status tt_llm_request_write(
    const tt_llm_provider_config *provider,
    const tt_llm_prompt *prompt,
    char *body,
    size_t capacity,
    size_t *ret_size);

/** What a reply says. */
typedef struct tt_llm_reply {
    char *text;      /**< In: memory. Out: what the model wrote; no NUL behind it. */
    size_t capacity; /**< In. */
    size_t size;     /**< Out. */
    uint32_t tokens_in;
    uint32_t tokens_out;
    bool has_usage; /**< It said how many tokens it counted. */
    bool is_whole;  /**< The model came to its end by itself. */
} tt_llm_reply;

/**
 * Reads the body of a reply with code 200. Members that nobody needs are skipped, but checked to be
 * JSON.
 *
 * @retval TUTTI_PARSE no JSON, or not such a reply. @retval TUTTI_LIMIT the text does not fit, or
 * the nesting is too deep. `error` says what, without quoting the reply. @thread{any} @alloc{never}
 */
TUTTI_NODISCARD tutti_status tt_llm_reply_read(
    tt_llm_protocol protocol, const char *body, size_t size, tt_llm_reply *reply, tt_error *error);

#endif
