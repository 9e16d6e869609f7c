/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Keys of the llm module that must fit each other and the coordinator.
 */
#include "llm/llm_config.h"

#include "model/text.h"
#include "net/http_client.h"

#include <string.h>

const char *tt_llm_provider_of(const tt_llm_module_config *config, tt_agent agent)
{
    const char *const names[TT_agent_COUNT] = {
        [TT_agent_TECHNICAL_ANALYSIS] = config->agents.technical_analysis,
        [TT_agent_REGIME_DETECTION] = config->agents.regime_detection,
        [TT_agent_SENTIMENT_ANALYSIS] = config->agents.sentiment_analysis,
        [TT_agent_TRADING_DECISION] = config->agents.trading_decision,
        [TT_agent_PORTFOLIO_REBALANCE] = config->agents.portfolio_rebalance,
        [TT_agent_ARBITER] = "", // Each arbiter of the chain names its own.
    };
    TT_ASSERT((unsigned)agent < TT_agent_COUNT);
    return names[agent];
}

const char *tt_llm_prompt_of(const tt_llm_module_config *config, tt_agent agent)
{
    const char *const files[TT_agent_COUNT] = {
        [TT_agent_TECHNICAL_ANALYSIS] = config->prompts.technical_analysis,
        [TT_agent_REGIME_DETECTION] = config->prompts.regime_detection,
        [TT_agent_SENTIMENT_ANALYSIS] = config->prompts.sentiment_analysis,
        [TT_agent_TRADING_DECISION] = config->prompts.trading_decision,
        [TT_agent_PORTFOLIO_REBALANCE] = config->prompts.portfolio_rebalance,
        [TT_agent_ARBITER] = config->prompts.arbiter,
    };
    TT_ASSERT((unsigned)agent < TT_agent_COUNT);
    return files[agent];
}

bool tt_llm_is_model(const tt_llm_module_config *config, tt_agent agent)
{
    bool has_voters = agent == TT_agent_TRADING_DECISION && config->voter_count > 0;
    bool has_parts = agent == TT_agent_SENTIMENT_ANALYSIS && config->sentiment.social[0] != '\0';
    return has_voters || has_parts || tt_llm_provider_of(config, agent)[0] != '\0';
}

int tt_llm_provider_find(const tt_llm_module_config *config, const char *name)
{
    for (uint32_t i = 0; i < config->provider_count; i++) {
        if (strcmp(config->providers[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static tutti_status
check_provider(const tt_llm_module_config *config, uint32_t index, tt_error *error)
{
    const tt_llm_provider_config *provider = &config->providers[index];
    tt_error fault = {0};
    if (provider->name[0] == '\0' || strcmp(provider->name, "rules") == 0) {
        return tt_error_set(
            error, TUTTI_INVALID, "llm.providers[%u].name cannot be '%s'", index, provider->name);
    }
    if (tt_llm_provider_find(config, provider->name) != (int)index) {
        return tt_error_set(
            error, TUTTI_EXISTS, "llm.providers[%u].name is taken: %s", index, provider->name);
    }
    if (strcmp(provider->key_env, "none") != 0 && strcmp(provider->key_file, "none") != 0) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "llm.providers[%u] names both key_env and key_file; one of them must be none",
            index);
    }
    tutti_status status = tt_http_client_check_url(provider->url, &fault);
    return status == TUTTI_OK
               ? TUTTI_OK
               : tt_error_set(error, status, "llm.providers[%u].url: %s", index, fault.message);
}

static bool is_free(const tt_llm_provider_config *provider)
{
    return tt_dec_is_zero(provider->input_price.d) && tt_dec_is_zero(provider->output_price.d);
}

/* A use of a provider: by whom, where its budget stands, and which prompt it needs. */
struct use {
    const char *key;
    const char *budget_key;
    const char *provider;
    tt_money call_budget;
    const char *prompt_key; /**< Below llm.prompts. */
    const char *prompt;
};

static tutti_status
check_use(const tt_llm_module_config *config, const struct use *use, tt_error *error)
{
    int index = tt_llm_provider_find(config, use->provider);
    if (index < 0) {
        tt_error_set(
            error,
            TUTTI_INVALID,
            "%s is '%s', which no row of llm.providers is",
            use->key,
            use->provider);
        tt_error_hint(error, "add it to llm.providers, or name one that is there");
        return TUTTI_INVALID;
    }
    if (use->prompt[0] == '\0') {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "llm.prompts.%s is empty; %s needs it",
            use->prompt_key,
            use->key);
    }
    if (tt_dec_is_zero(use->call_budget.d) && !is_free(&config->providers[index])) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "%s is 0, but %s is not free: it could never be asked",
            use->budget_key,
            use->provider);
    }
    return TUTTI_OK;
}

static tutti_status check_agent(
    const tt_llm_module_config *config,
    const tt_coord_config *coord,
    uint8_t agent,
    tt_error *error)
{
    const char *name = tt_enum_text(&tt_enum_agent, agent);
    char key[64];
    char budget_key[96];
    const struct use use = {
        .key = key,
        .budget_key = budget_key,
        .provider = tt_llm_provider_of(config, (tt_agent)agent),
        .call_budget = coord->schedules[agent].call_budget, // Tasks stand in the order of agents.
        .prompt_key = name,
        .prompt = tt_llm_prompt_of(config, (tt_agent)agent),
    };
    tt_text_format(key, sizeof key, "llm.agents.%s", name);
    tt_text_format(
        budget_key,
        sizeof budget_key,
        "coordinator.schedules.%s.call_budget",
        tt_enum_text(&tt_enum_task, agent));
    return use.provider[0] == '\0' ? TUTTI_OK : check_use(config, &use, error);
}

static tutti_status check_arbiter(
    const tt_llm_module_config *config,
    const tt_coord_config *coord,
    uint32_t index,
    tt_error *error)
{
    const tt_arbiter_step_config *arbiter = &coord->arbiters[index];
    char key[64];
    char budget_key[64];
    const struct use use = {
        .key = key,
        .budget_key = budget_key,
        .provider = arbiter->provider,
        .call_budget = arbiter->call_budget,
        .prompt_key = "arbiter",
        .prompt = config->prompts.arbiter,
    };
    tt_text_format(key, sizeof key, "coordinator.arbiters[%u].provider", index);
    tt_text_format(budget_key, sizeof budget_key, "coordinator.arbiters[%u].call_budget", index);
    return tt_coord_is_rules(arbiter) ? TUTTI_OK : check_use(config, &use, error);
}

/* Tells whether an earlier row names the same provider. */
static bool is_repeated(const tt_llm_module_config *config, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(config->voters[i].provider, config->voters[index].provider) == 0) {
            return true;
        }
    }
    return false;
}

static tutti_status check_voter(
    const tt_llm_module_config *config,
    const tt_coord_config *coord,
    uint32_t index,
    tt_error *error)
{
    char key[64];
    tt_text_format(key, sizeof key, "llm.voters[%u].provider", index);
    const struct use use = {
        .key = key,
        .budget_key = "coordinator.schedules.trading_decision.call_budget",
        .provider = config->voters[index].provider,
        .call_budget = coord->schedules[TT_task_TRADING_DECISION].call_budget,
        .prompt_key = "trading_decision",
        .prompt = config->prompts.trading_decision,
    };
    if (is_repeated(config, index)) {
        return tt_error_set(
            error, TUTTI_EXISTS, "%s is '%s', which votes already", key, use.provider);
    }
    return check_use(config, &use, error);
}

static tutti_status
check_voters(const tt_llm_module_config *config, const tt_coord_config *coord, tt_error *error)
{
    if (config->voter_count == 0) {
        return TUTTI_OK;
    }
    if (config->agents.trading_decision[0] != '\0') {
        tt_error_set(
            error, TUTTI_INVALID, "llm.agents.trading_decision and llm.voters are both given");
        tt_error_hint(error, "leave llm.agents.trading_decision out: the voters decide");
        return TUTTI_INVALID;
    }
    if (config->llm.min_votes > config->voter_count) {
        tt_error_set(
            error,
            TUTTI_INVALID,
            "llm.min_votes is %u, but llm.voters has %u rows: it would always be HOLD",
            config->llm.min_votes,
            config->voter_count);
        tt_error_hint(error, "set llm.min_votes to at most %u", config->voter_count);
        return TUTTI_INVALID;
    }
    for (uint32_t i = 0; i < config->voter_count; i++) {
        TUTTI_TRY(check_voter(config, coord, i, error));
    }
    return TUTTI_OK;
}

static tutti_status
check_sentiment(const tt_llm_module_config *config, const tt_coord_config *coord, tt_error *error)
{
    const char *const missing = config->sentiment.social[0] == '\0' ? "social" : "news";
    const struct use parts[] = {
        {.key = "llm.sentiment.social",
         .provider = config->sentiment.social,
         .prompt_key = "sentiment_social",
         .prompt = config->prompts.sentiment_social},
        {.key = "llm.sentiment.news",
         .provider = config->sentiment.news,
         .prompt_key = "sentiment_news",
         .prompt = config->prompts.sentiment_news},
    };
    if (config->sentiment.social[0] == '\0' && config->sentiment.news[0] == '\0') {
        return TUTTI_OK;
    }
    if (config->sentiment.social[0] == '\0' || config->sentiment.news[0] == '\0') {
        tt_error_set(error, TUTTI_INVALID, "llm.sentiment.%s is empty, but not the other", missing);
        tt_error_hint(error, "for one provider alone use llm.agents.sentiment_analysis");
        return TUTTI_INVALID;
    }
    if (config->agents.sentiment_analysis[0] != '\0') {
        tt_error_set(
            error, TUTTI_INVALID, "llm.agents.sentiment_analysis and llm.sentiment are both given");
        tt_error_hint(error, "leave llm.agents.sentiment_analysis out: the two parts answer");
        return TUTTI_INVALID;
    }
    for (size_t i = 0; i < 2; i++) {
        struct use use = parts[i];
        use.budget_key = "coordinator.schedules.sentiment_analysis.call_budget";
        use.call_budget = coord->schedules[TT_task_SENTIMENT_ANALYSIS].call_budget;
        TUTTI_TRY(check_use(config, &use, error));
    }
    return TUTTI_OK;
}

tutti_status tt_llm_config_check(
    const tt_llm_module_config *config, const tt_coord_config *coord, tt_error *error)
{
    for (uint32_t i = 0; i < config->provider_count; i++) {
        TUTTI_TRY(check_provider(config, i, error));
    }
    for (uint8_t agent = 0; agent < TT_agent_ARBITER; agent++) {
        TUTTI_TRY(check_agent(config, coord, agent, error));
    }
    TUTTI_TRY(check_voters(config, coord, error));
    TUTTI_TRY(check_sentiment(config, coord, error));
    for (uint32_t i = 0; i < coord->arbiter_count; i++) {
        TUTTI_TRY(check_arbiter(config, coord, i, error));
    }
    if (config->llm.backoff_max.ns < config->llm.backoff.ns) {
        return tt_error_set(error, TUTTI_INVALID, "llm.backoff_max is below llm.backoff");
    }
    return TUTTI_OK;
}
