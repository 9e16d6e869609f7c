/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration of the llm module. Secrets are not part of it: it names where they are.
 */
#ifndef TT_LLM_LLM_CONFIG_H
#define TT_LLM_LLM_CONFIG_H

#include "base/error.h"
#include "coord/coord_config.h"
#include "model/config_kinds.h"

/** Rows that llm.providers may have. */
#define TT_LLM_PROVIDERS_MAX 8
/** Rows that llm.voters may have. */
#define TT_LLM_VOTERS_MAX 8

// clang-format off
/* Key: llm. */
#define TT_CONFIG_llm(K)                                                                           \
    K(u32, prompt_max, 0, "32768", "256", "262144",                                                \
      "Bytes of a prompt, filled in; a longer one is not sent.")                                   \
    K(u32, answer_max, 0, "262144", "1024", "4194304",                                             \
      "Bytes of an answer of a provider; a longer one is refused.")                                \
    K(dur, backoff, 0, "0.5", "0.001", "60",                                                       \
      "Seconds before the first repetition of a call; doubles each time.")                         \
    K(dur, backoff_max, 0, "8", "0.001", "600", "Longest pause between two repetitions.")          \
    K(u32, breaker_failures, 0, "5", "1", "1000",                                                  \
      "Failed calls in a row after which a provider is left alone.")                               \
    K(dur, breaker_open, 0, "60", "0.001", "86400",                                                \
      "Seconds for which it is left alone before one call may try it again.")                      \
    K(u32, min_votes, 0, "4", "1", "8",                                                            \
      "Voters that must have answered; with fewer the decision is HOLD.")
TT_CONFIG_DECLARE(llm)

/* One row of the list llm.providers. */
#define TT_CONFIG_llm_provider(K)                                                                  \
    K(text, name, 32, "", "", "", "Name by which agents and arbiters refer to it; unique.")        \
    K(enum, protocol, llm_protocol, "openai", "", "", "Protocol that it speaks.")                  \
    K(text, url, 200, "", "", "",                                                                  \
      "Address of its chat completions or messages; https, or http on this machine.")              \
    K(text, model, 64, "", "", "", "Name of the model.")                                           \
    K(money, input_price, 0, "", "0", "1000000", "Price of a million tokens that it reads.")       \
    K(money, output_price, 0, "", "0", "1000000", "Price of a million tokens that it writes.")     \
    K(text, key_env, 64, "none", "", "",                                                           \
      "Variable of the environment that holds its key; none = no such variable.")                  \
    K(text, key_file, 200, "none", "", "", "File that holds its key; none = no such file.")        \
    K(text, proxy, 200, "none", "", "",                                                            \
      "Proxy to call it through; none = none, whatever the environment says.")                     \
    K(text, ca_file, 200, "none", "", "",                                                          \
      "File of certificates to trust; none = those of the system.")                                \
    K(dur, connect_timeout, 0, "3", "0.001", "300", "Seconds until the connection must stand.")    \
    K(dur, timeout, 0, "30", "0.001", "3600",                                                      \
      "Seconds of real time for a call with all its repetitions.")                                 \
    K(u32, max_tokens, 0, "500", "1", "100000", "Most tokens that it may write.")                  \
    K(ratio, temperature, 0, "0.3", "0", "2", "Temperature of the model.")                         \
    K(flag, json_mode, 0, "true", "", "",                                                          \
      "Ask for response_format json_object (openai protocol).")                                    \
    K(u32, requests_per_minute, 0, "60", "1", "600", "Most requests in any 60 seconds.")           \
    K(u32, retries, 0, "2", "0", "10", "Repetitions of a call that failed in a way that may pass.")
TT_CONFIG_DECLARE(llm_provider)

/* One row of the list llm.voters. */
#define TT_CONFIG_llm_voter(K)                                                                     \
    K(text, provider, 32, "", "", "", "Provider that votes; each at most once.")
TT_CONFIG_DECLARE(llm_voter)

/* Key: llm.sentiment. */
#define TT_CONFIG_llm_sentiment(K)                                                                 \
    K(text, social, 32, "", "", "", "Provider that reads the mood of what people write.")          \
    K(text, news, 32, "", "", "", "Provider that reads the mood of the news.")
TT_CONFIG_DECLARE(llm_sentiment)

/* Key: llm.agents. */
#define TT_CONFIG_llm_agents(K)                                                                    \
    K(text, technical_analysis, 32, "", "", "",                                                    \
      "Provider that answers instead of the rules; empty = the rules. So the next four.")          \
    K(text, regime_detection, 32, "", "", "", "Likewise.")                                         \
    K(text, sentiment_analysis, 32, "", "", "", "Likewise.")                                       \
    K(text, trading_decision, 32, "", "", "", "Likewise.")                                         \
    K(text, portfolio_rebalance, 32, "", "", "", "Likewise.")
TT_CONFIG_DECLARE(llm_agents)

/* Key: llm.prompts. */
#define TT_CONFIG_llm_prompts(K)                                                                   \
    K(text, technical_analysis, 256, "", "", "",                                                   \
      "File with the prompt; needed when a provider answers for this agent. So the others.")       \
    K(text, regime_detection, 256, "", "", "", "Likewise.")                                        \
    K(text, sentiment_analysis, 256, "", "", "", "Likewise.")                                      \
    K(text, trading_decision, 256, "", "", "", "Likewise.")                                        \
    K(text, portfolio_rebalance, 256, "", "", "", "Likewise.")                                     \
    K(text, arbiter, 256, "", "", "", "Likewise, for the arbiters that are providers.")            \
    K(text, sentiment_social, 256, "", "", "", "Likewise, for llm.sentiment.social.")              \
    K(text, sentiment_news, 256, "", "", "", "Likewise, for llm.sentiment.news.")
TT_CONFIG_DECLARE(llm_prompts)
// clang-format on

/** All of it. */
typedef struct tt_llm_module_config {
    tt_llm_config llm;
    tt_llm_agents_config agents;
    tt_llm_prompts_config prompts;
    tt_llm_sentiment_config sentiment; /**< Both in the place of one provider, or none. */
    tt_llm_provider_config providers[TT_LLM_PROVIDERS_MAX];
    tt_llm_voter_config voters[TT_LLM_VOTERS_MAX]; /**< On the trading decision. */
    uint32_t provider_count;
    uint32_t voter_count;
} tt_llm_module_config;

/** Name of the provider of an agent of the five, "" = rules; and the file of a prompt. */
const char *tt_llm_provider_of(const tt_llm_module_config *config, tt_agent agent);
const char *tt_llm_prompt_of(const tt_llm_module_config *config, tt_agent agent);
/** Tells whether one or several language models answer for an agent of the five. @thread{any} */
bool tt_llm_is_model(const tt_llm_module_config *config, tt_agent agent);
/** Index of a provider, or -1. @thread{any} */
int tt_llm_provider_find(const tt_llm_module_config *config, const char *name);
/** Checks what no single key can say, also against the chain and the budgets of the coordinator.
 * @retval TUTTI_INVALID, TUTTI_EXISTS `error` names the key. @thread{any} */
TUTTI_NODISCARD tutti_status tt_llm_config_check(
    const tt_llm_module_config *config, const tt_coord_config *coord, tt_error *error);

#endif
