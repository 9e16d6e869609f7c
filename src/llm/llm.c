/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Opening and closing: keys, prompts, limits, and the slots of the agents.
 */
#include "llm/llm_priv.h"

#include <stdlib.h>
#include <string.h>

/* Tells whether an arbiter of the chain is a provider. */
static bool has_arbiters(const tt_coord_config *coord)
{
    return coord->arbiter_count > 0 && !tt_coord_is_rules(&coord->arbiters[0]);
}

static bool is_used(const tt_llm_options *options, uint8_t agent)
{
    return agent == TT_agent_ARBITER ? has_arbiters(options->coord)
                                     : tt_llm_is_model(options->config, (tt_agent)agent);
}

static bool is_anything_used(const tt_llm_options *options)
{
    for (uint8_t agent = 0; agent < TT_agent_COUNT; agent++) {
        if (is_used(options, agent)) {
            return true;
        }
    }
    return false;
}

/* Tells whether an agent, voter or arbiter refers to a provider: only then its key is needed. */
static bool is_wanted(const tt_llm_options *options, const char *name)
{
    for (uint8_t agent = 0; agent < TT_agent_ARBITER; agent++) {
        if (strcmp(tt_llm_provider_of(options->config, (tt_agent)agent), name) == 0) {
            return true;
        }
    }
    if (strcmp(options->config->sentiment.social, name) == 0 ||
        strcmp(options->config->sentiment.news, name) == 0) {
        return true;
    }
    for (uint32_t i = 0; i < options->config->voter_count; i++) {
        if (strcmp(options->config->voters[i].provider, name) == 0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < options->coord->arbiter_count; i++) {
        if (strcmp(options->coord->arbiters[i].provider, name) == 0) {
            return true;
        }
    }
    return false;
}

static tutti_status
open_provider(tt_llm *llm, const tt_llm_options *options, uint32_t index, tt_error *error)
{
    tt_llm_provider *provider = &llm->providers[index];
    provider->config = &llm->config->providers[index];
    tt_llm_rate_init(&provider->rate, provider->config->requests_per_minute);
    tt_llm_breaker_init(
        &provider->breaker, llm->config->llm.breaker_failures, llm->config->llm.breaker_open);
    // A record needs no key.
    bool needs_key = llm->replay == NULL && is_wanted(options, provider->config->name);
    return needs_key ? tt_llm_key_read(provider->config, provider->key, error) : TUTTI_OK;
}

static tt_llm_provider *find(tt_llm *llm, const char *name)
{
    int index = tt_llm_provider_find(llm->config, name);
    TT_ASSERT(index >= 0); // tt_llm_config_check has looked.
    return &llm->providers[index];
}

/* Sentiment in two parts: each has a prompt of its own. */
static tutti_status open_moods(tt_llm *llm, tt_error *error)
{
    const tt_llm_module_config *config = llm->config;
    const char *const names[] = {config->sentiment.social, config->sentiment.news};
    const char *const files[] = {config->prompts.sentiment_social, config->prompts.sentiment_news};
    for (uint32_t i = 0; i < TT_LLM_MOOD_COUNT; i++) {
        llm->moods[i].llm = llm;
        llm->moods[i].provider = find(llm, names[i]);
        TUTTI_TRY(
            tt_llm_template_load(files[i], config->llm.prompt_max, &llm->moods[i].prompt, error));
    }
    return TUTTI_OK;
}

static tutti_status
open_agent(tt_llm *llm, const tt_llm_options *options, uint8_t index, tt_error *error)
{
    tt_llm_agent *agent = &llm->agents[index];
    if (!is_used(options, index)) {
        return TUTTI_OK;
    }
    agent->llm = llm;
    if (index == TT_agent_SENTIMENT_ANALYSIS && llm->config->sentiment.social[0] != '\0') {
        return open_moods(llm, error);
    }
    if (index == TT_agent_TRADING_DECISION && llm->config->voter_count > 0) {
        for (uint32_t i = 0; i < llm->config->voter_count; i++) {
            agent->voters[agent->voter_count++] = find(llm, llm->config->voters[i].provider);
        }
    } else if (index != TT_agent_ARBITER) {
        agent->provider = find(llm, tt_llm_provider_of(llm->config, (tt_agent)index));
    }
    return tt_llm_template_load(
        tt_llm_prompt_of(llm->config, (tt_agent)index),
        llm->config->llm.prompt_max,
        &agent->prompt,
        error);
}

static tutti_status open_folders(tt_llm *llm, const tt_llm_options *options, tt_error *error)
{
    if (options->replay_folder != NULL) {
        return tt_llm_record_open(options->replay_folder, &llm->replay, error);
    }
    if (options->record_folder == NULL) {
        return TUTTI_OK;
    }
    size_t length = strlen(options->record_folder);
    if (length >= sizeof llm->record_folder) {
        return tt_error_set(error, TUTTI_LIMIT, "the path of the record is too long");
    }
    memcpy(llm->record_folder, options->record_folder, length + 1);
    return tt_llm_record_make(llm->record_folder, error);
}

static tutti_status open_all(tt_llm *llm, const tt_llm_options *options, tt_error *error)
{
    TUTTI_TRY(open_folders(llm, options, error));
    for (uint32_t i = 0; i < llm->config->provider_count; i++) {
        TUTTI_TRY(open_provider(llm, options, i, error));
    }
    for (uint8_t agent = 0; agent < TT_agent_COUNT; agent++) {
        TUTTI_TRY(open_agent(llm, options, agent, error));
    }
    return tt_http_client_setup(error);
}

/* Who answers for an agent: one provider, voters, or those of the parts of sentiment. */
static tt_agent_slot slot_of(tt_llm *llm, uint8_t agent)
{
    if (agent == TT_agent_SENTIMENT_ANALYSIS && llm->moods[0].provider != NULL) {
        return (tt_agent_slot){tt_llm_sentiment_call, llm};
    }
    bool has_voters = llm->agents[agent].voter_count > 0;
    return (tt_agent_slot){
        has_voters ? tt_llm_ensemble_call : tt_llm_agent_call, &llm->agents[agent]};
}

tutti_status
tt_llm_open(const tt_llm_options *options, tt_agents *agents, tt_llm **ret_llm, tt_error *error)
{
    *ret_llm = NULL;
    if (!is_anything_used(options)) {
        return TUTTI_OK;
    }
    tt_llm *llm = calloc(1, sizeof *llm);
    if (llm == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the providers");
    }
    llm->config = options->config;
    llm->coord = options->coord;
    llm->world = *options->world;
    for (uint32_t i = 0; i < TT_LLM_PROVIDERS_MAX; i++) {
        (void)pthread_mutex_init(&llm->providers[i].lock, NULL);
    }
    tutti_status status = open_all(llm, options, error);
    if (status != TUTTI_OK) {
        tt_llm_close(llm);
        return status;
    }
    for (uint8_t agent = 0; agent < TT_agent_COUNT; agent++) {
        if (llm->agents[agent].llm != NULL) {
            agents->slots[agent] = slot_of(llm, agent);
        }
    }
    *ret_llm = llm;
    return TUTTI_OK;
}

void tt_llm_close(tt_llm *llm)
{
    if (llm == NULL) {
        return;
    }
    for (uint32_t i = 0; i < TT_LLM_PROVIDERS_MAX; i++) {
        (void)pthread_mutex_destroy(&llm->providers[i].lock);
        explicit_bzero(llm->providers[i].key, sizeof llm->providers[i].key);
    }
    for (uint8_t agent = 0; agent < TT_agent_COUNT; agent++) {
        tt_llm_template_free(&llm->agents[agent].prompt);
    }
    for (uint32_t i = 0; i < TT_LLM_MOOD_COUNT; i++) {
        tt_llm_template_free(&llm->moods[i].prompt);
    }
    tt_llm_record_close(llm->replay);
    free(llm);
}
