/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One call from request to answer.
 */
#include "llm/llm_answer.h"
#include "llm/llm_priv.h"

#include <stdlib.h>
#include <string.h>

/** Memory of a call. */
struct call {
    tt_llm *llm;
    tt_llm_provider *provider;
    const tt_llm_agent *agent;
    const tt_instruments *instruments;
    const tt_agent_request *request;
    tt_agent_answer *answer;
    char *prompt_memory; /**< prompt_max */
    char *body;          /**< Of the request. */
    size_t body_capacity;
    char *reply_memory; /**< answer_max, twice: as it comes, and its text. */
    tt_http_result result;
    tt_llm_reply reply;
    tt_llm_attempts attempts;
    tt_money budget;
    int64_t started_ns;
};

static tutti_status take_memory(struct call *call)
{
    const tt_llm_config *config = &call->llm->config->llm;
    call->body_capacity = 4096 + 6 * (size_t)config->prompt_max;
    call->prompt_memory = malloc(config->prompt_max);
    call->body = malloc(call->body_capacity);
    call->reply_memory = malloc(2 * (size_t)config->answer_max);
    if (call->prompt_memory == NULL || call->body == NULL || call->reply_memory == NULL) {
        return TUTTI_NO_MEMORY;
    }
    call->result = (tt_http_result){.body = call->reply_memory, .capacity = config->answer_max};
    call->reply = (tt_llm_reply){
        .text = call->reply_memory + config->answer_max, .capacity = config->answer_max};
    return TUTTI_OK;
}

static void give_memory(struct call *call)
{
    free(call->prompt_memory);
    free(call->body);
    free(call->reply_memory);
}

static int64_t now_of(const tt_llm *llm)
{
    return llm->world.now_ns(llm->world.ctx);
}

/* Fills the prompt in and writes the body of the request. */
static tutti_status prepare(struct call *call, tt_error *error)
{
    const tt_llm_config *config = &call->llm->config->llm;
    const tt_llm_provider_config *provider = call->provider->config;
    tt_llm_prompt prompt;
    size_t size = 0;
    if (tt_llm_template_render(
            &call->agent->prompt,
            call->instruments,
            call->request,
            call->prompt_memory,
            config->prompt_max,
            &prompt) != TUTTI_OK) {
        return tt_error_set(
            error,
            TUTTI_LIMIT,
            "the prompt is longer than the %u bytes of llm.prompt_max",
            config->prompt_max);
    }
    tutti_status status =
        tt_llm_request_write(provider, &prompt, call->body, call->body_capacity, &size);
    TT_ASSERT(status == TUTTI_OK); // The capacity is the worst case.
    // A token is at least a byte of the prompt; a few more stand around the messages.
    uint64_t tokens_max = prompt.system.length + prompt.user.length + 64;
    call->attempts = (tt_llm_attempts){
        .llm = call->llm,
        .provider = call->provider,
        .request = {call->body, size},
        .result = &call->result,
        .budget = call->budget,
        .worst = tt_llm_cost(provider, tokens_max, provider->max_tokens),
        .deadline_ns = call->started_ns + provider->timeout.ns,
    };
    return TUTTI_OK;
}

/* Reads what came back; from here on the call has cost what was counted. */
static tutti_status read_reply(struct call *call, tt_error *error)
{
    const tt_llm_provider_config *provider = call->provider->config;
    tt_llm_reply *reply = &call->reply;
    tutti_status status =
        tt_llm_reply_read(provider->protocol, call->result.body, call->result.size, reply, error);
    // Without a count of tokens it may have cost all that it could.
    tt_money cost = status == TUTTI_OK && reply->has_usage
                        ? tt_llm_cost(provider, reply->tokens_in, reply->tokens_out)
                        : call->attempts.worst;
    call->attempts.cost.d = tt_dec_min(TT_MONEY_MAX, tt_dec_xadd(call->attempts.cost.d, cost.d));
    if (status == TUTTI_OK && !reply->is_whole) {
        return tt_error_set(error, TUTTI_PARSE, "the answer was cut off before its end");
    }
    return status;
}

/* What the coordinator is told of a failure. */
static tt_answer_status status_of(tutti_status status, bool has_reply)
{
    if (has_reply) {
        return TT_answer_status_INVALID;
    }
    return status == TUTTI_TIMEOUT ? TT_answer_status_TIMEOUT : TT_answer_status_ERROR;
}

/* Text with every occurrence of the key struck out: a provider may echo it. */
static void strike_key(const char *key, char *text, size_t size)
{
    size_t length = strlen(key);
    for (size_t i = 0; length > 0 && i + length <= size; i++) {
        if (memcmp(text + i, key, length) == 0) {
            memset(text + i, '*', length);
        }
    }
}

static void
fill_answer(struct call *call, tutti_status status, bool has_reply, const tt_error *error)
{
    tt_agent_answer *answer = call->answer;
    uint64_t tokens = (uint64_t)call->reply.tokens_in + call->reply.tokens_out;
    answer->cost = call->attempts.cost;
    answer->tokens = tokens < UINT32_MAX ? (uint32_t)tokens : UINT32_MAX;
    if (status != TUTTI_OK) {
        answer->status = (uint8_t)status_of(status, has_reply);
        answer->count = 0;
        answer->answer_topic = 0;
        TT_TEXT_SET(answer->error, error->message);
    }
}

void tt_llm_answer_void(tt_agent_answer *answer, const tt_error *error)
{
    memset(answer->record, 0, sizeof answer->record);
    answer->status = TT_answer_status_ERROR;
    answer->count = 0;
    answer->answer_topic = 0;
    TT_TEXT_SET(answer->error, error->message);
}

static void record(struct call *call)
{
    tt_agent_answer *answer = call->answer;
    tt_error error = {0};
    const tt_llm_call entry = {
        .call_seq = call->request->call_seq,
        .provider = call->provider->config->name,
        .model = call->provider->config->model,
        .request = call->attempts.request,
        .answer = {call->reply.text, call->reply.size},
        .error = answer->error,
        .status = (tt_answer_status)answer->status,
        .cost = answer->cost,
        .latency.ns = now_of(call->llm) - call->started_ns,
        .tokens_in = call->reply.tokens_in,
        .tokens_out = call->reply.tokens_out,
        .attempts = call->attempts.count,
        .http_code = call->result.code,
    };
    if (call->llm->record_folder[0] == '\0') {
        return;
    }
    if (tt_llm_record_write(call->llm->record_folder, &entry, answer->record, &error) != TUTTI_OK) {
        tt_llm_answer_void(answer, &error);
    }
}

/* Puts what a record holds in the place of a call. */
static void replay(struct call *call)
{
    tt_agent_answer *answer = call->answer;
    tt_llm_call entry;
    tt_error error = {0};
    tutti_status status = tt_llm_record_find(
        call->llm->replay,
        call->request->call_seq,
        call->provider->config->name,
        call->attempts.request,
        &entry,
        answer->record,
        &error);
    if (status == TUTTI_OK) {
        answer->cost = entry.cost;
        answer->tokens = entry.tokens_in + entry.tokens_out;
        answer->status = (uint8_t)entry.status;
        TT_TEXT_SET(answer->error, entry.error);
    }
    if (status == TUTTI_OK && entry.status == TT_answer_status_OK) {
        status = tt_llm_answer_read(
            call->instruments,
            call->request,
            entry.answer.data,
            entry.answer.length,
            answer,
            &error);
    }
    if (status != TUTTI_OK) {
        answer->status = TT_answer_status_ERROR;
        TT_TEXT_SET(answer->error, error.message);
    }
}

/* Asks the provider, unless its breaker says no. */
static void ask(struct call *call)
{
    tt_llm_provider *provider = call->provider;
    tt_error error = {0};
    bool is_trial = false;
    pthread_mutex_lock(&provider->lock);
    bool may_enter = tt_llm_breaker_enter(&provider->breaker, now_of(call->llm), &is_trial);
    pthread_mutex_unlock(&provider->lock);
    if (!may_enter) {
        (void)tt_error_set(
            &error, TUTTI_BUSY, "%s failed too often and is left alone", provider->config->name);
        fill_answer(call, TUTTI_BUSY, false, &error);
        return;
    }
    tutti_status status = tt_llm_attempts_run(&call->attempts, &error);
    bool has_reply = status == TUTTI_OK;
    if (has_reply) {
        status = read_reply(call, &error);
        strike_key(provider->key, call->reply.text, call->reply.size);
    }
    if (status == TUTTI_OK) {
        status = tt_llm_answer_read(
            call->instruments,
            call->request,
            call->reply.text,
            call->reply.size,
            call->answer,
            &error);
    }
    pthread_mutex_lock(&provider->lock);
    tt_llm_breaker_leave(&provider->breaker, is_trial, status != TUTTI_OK, now_of(call->llm));
    pthread_mutex_unlock(&provider->lock);
    fill_answer(call, status, has_reply, &error);
}

static void run(struct call *call)
{
    tt_error error = {0};
    tutti_status status = take_memory(call);
    if (status != TUTTI_OK) {
        (void)tt_error_set(&error, status, "no memory for a call");
    } else {
        status = prepare(call, &error);
    }
    if (status != TUTTI_OK) {
        fill_answer(call, status, false, &error);
    } else if (call->llm->replay != NULL) {
        replay(call);
    } else {
        ask(call);
        record(call);
    }
}

/* Provider of a call: of the agent, or of the arbiter whose turn it is. */
static tt_llm_provider *provider_of(const tt_llm_agent *agent, const tt_agent_call *call)
{
    tt_llm *llm = agent->llm;
    if (agent->provider != NULL || call->arbiter >= llm->coord->arbiter_count) {
        return agent->provider;
    }
    int index = tt_llm_provider_find(llm->config, llm->coord->arbiters[call->arbiter].provider);
    return index < 0 ? NULL : &llm->providers[index];
}

void tt_llm_provider_call(
    const tt_llm_agent *agent,
    tt_llm_provider *provider,
    tt_money budget,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    struct call call = {
        .llm = agent->llm,
        .provider = provider,
        .agent = agent,
        .instruments = instruments,
        .request = request,
        .answer = answer,
        .budget = budget,
        .started_ns = now_of(agent->llm),
    };
    TT_TEXT_SET(answer->model, provider->config->model);
    run(&call);
    give_memory(&call);
}

void tt_llm_agent_call(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    const tt_llm_agent *agent = ctx;
    tt_llm_provider *provider = provider_of(agent, &request->call);
    if (provider == NULL) {
        answer->status = TT_answer_status_ERROR;
        TT_TEXT_SET(answer->error, "no such arbiter is configured");
        return;
    }
    tt_llm_provider_call(agent, provider, request->call.budget, instruments, request, answer);
}
