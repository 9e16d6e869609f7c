/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bodies of requests: chat completions of OpenAI, which most servers speak, and messages of
 * Anthropic. The same prompt and provider give the same bytes.
 */
#include "base/json.h"
#include "llm/llm_protocol.h"

static void put_message(tt_json_writer *writer, const char *role, tt_slice content)
{
    tt_json_begin_object(writer);
    tt_json_key(writer, "role");
    tt_json_text(writer, role);
    tt_json_key(writer, "content");
    tt_json_string(writer, content.data, content.length);
    tt_json_end_object(writer);
}

static void put_parameters(tt_json_writer *writer, const tt_llm_provider_config *provider)
{
    tt_json_key(writer, "model");
    tt_json_text(writer, provider->model);
    tt_json_key(writer, "max_tokens");
    tt_json_u64(writer, provider->max_tokens);
    tt_json_key(writer, "temperature");
    tt_json_dec(writer, provider->temperature.d);
}

static void put_openai(
    tt_json_writer *writer, const tt_llm_provider_config *provider, const tt_llm_prompt *prompt)
{
    tt_json_key(writer, "messages");
    tt_json_begin_array(writer);
    put_message(writer, "system", prompt->system);
    put_message(writer, "user", prompt->user);
    tt_json_end_array(writer);
    if (provider->json_mode) {
        tt_json_key(writer, "response_format");
        tt_json_begin_object(writer);
        tt_json_key(writer, "type");
        tt_json_text(writer, "json_object");
        tt_json_end_object(writer);
    }
}

static void put_anthropic(tt_json_writer *writer, const tt_llm_prompt *prompt)
{
    tt_json_key(writer, "system");
    tt_json_string(writer, prompt->system.data, prompt->system.length);
    tt_json_key(writer, "messages");
    tt_json_begin_array(writer);
    put_message(writer, "user", prompt->user);
    tt_json_end_array(writer);
}

tutti_status tt_llm_request_write(
    const tt_llm_provider_config *provider,
    const tt_llm_prompt *prompt,
    char *body,
    size_t capacity,
    size_t *ret_size)
{
    tt_json_writer writer;
    tt_json_writer_init(&writer, body, capacity, false);
    tt_json_begin_object(&writer);
    put_parameters(&writer, provider);
    if (provider->protocol == TT_llm_protocol_ANTHROPIC) {
        put_anthropic(&writer, prompt);
    } else {
        put_openai(&writer, provider, prompt);
    }
    tt_json_end_object(&writer);
    return tt_json_finish(&writer, ret_size);
}
