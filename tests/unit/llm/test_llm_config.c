/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Keys that must fit each other, the coordinator and the chain of arbiters.
 */
#include "../../lib/test.h"
#include "llm/llm_config.h"
#include "model/text.h"

static tt_llm_module_config config;
static tt_coord_config coord;

static void set_up(void)
{
    memset(&config, 0, sizeof config);
    memset(&coord, 0, sizeof coord);
    config.provider_count = 2;
    for (int i = 0; i < 2; i++) {
        tt_llm_provider_config *provider = &config.providers[i];
        TT_TEXT_SET(provider->name, i == 0 ? "a" : "b");
        TT_TEXT_SET(provider->url, "https://example.org/v1/messages");
        TT_TEXT_SET(provider->key_env, "none");
        TT_TEXT_SET(provider->key_file, "none");
    }
}

static void expect(const char *message)
{
    tt_error error = {0};
    tutti_status status = tt_llm_config_check(&config, &coord, &error);
    assert_string_equal(error.message, message);
    assert_int_equal(status == TUTTI_OK, message[0] == '\0');
}

static void providers_are_checked(void **state)
{
    (void)state;
    set_up();
    expect("");
    TT_TEXT_SET(config.providers[1].name, "a");
    expect("llm.providers[1].name is taken: a");
    TT_TEXT_SET(config.providers[1].name, "rules");
    expect("llm.providers[1].name cannot be 'rules'");
    set_up();
    TT_TEXT_SET(config.providers[0].key_env, "K");
    TT_TEXT_SET(config.providers[0].key_file, "F");
    expect("llm.providers[0] names both key_env and key_file; one of them must be none");
    set_up();
    TT_TEXT_SET(config.providers[0].url, "http://example.org/");
    expect(
        "llm.providers[0].url: the URL cannot be used: plain http is for this machine alone; use "
        "https");
    set_up();
    config.llm.backoff.ns = 2;
    config.llm.backoff_max.ns = 1;
    expect("llm.backoff_max is below llm.backoff");
}

static void uses_are_checked(void **state)
{
    (void)state;
    set_up();
    coord.arbiter_count = 2;
    TT_TEXT_SET(coord.arbiters[0].provider, "c");
    TT_TEXT_SET(coord.arbiters[1].provider, "rules");
    expect("coordinator.arbiters[0].provider is 'c', which no row of llm.providers is");
    TT_TEXT_SET(coord.arbiters[0].provider, "b");
    expect("llm.prompts.arbiter is empty; coordinator.arbiters[0].provider needs it");
    TT_TEXT_SET(config.prompts.arbiter, "file");
    expect("");
    config.providers[1].output_price.d = TT_DEC_C(1, 0);
    expect("coordinator.arbiters[0].call_budget is 0, but b is not free: it could never be asked");
    coord.arbiters[0].call_budget.d = TT_DEC_C(1, 2);
    expect("");
    TT_TEXT_SET(config.agents.technical_analysis, "b");
    expect("llm.prompts.technical_analysis is empty; llm.agents.technical_analysis needs it");
    TT_TEXT_SET(config.prompts.technical_analysis, "file");
    expect(
        "coordinator.schedules.ta_analysis.call_budget is 0, but b is not free: it could never be "
        "asked");
    coord.schedules[TT_task_TA_ANALYSIS].call_budget.d = TT_DEC_C(1, 2);
    expect("");
}

static void voters_are_checked(void **state)
{
    (void)state;
    set_up();
    config.voter_count = 2;
    config.llm.min_votes = 2;
    TT_TEXT_SET(config.voters[0].provider, "a");
    TT_TEXT_SET(config.voters[1].provider, "b");
    assert_true(tt_llm_is_model(&config, TT_agent_TRADING_DECISION));
    assert_false(tt_llm_is_model(&config, TT_agent_TECHNICAL_ANALYSIS));
    expect("llm.prompts.trading_decision is empty; llm.voters[0].provider needs it");
    TT_TEXT_SET(config.prompts.trading_decision, "file");
    expect("");
    config.llm.min_votes = 3;
    expect("llm.min_votes is 3, but llm.voters has 2 rows: it would always be HOLD");
    config.llm.min_votes = 1;
    TT_TEXT_SET(config.voters[1].provider, "a");
    expect("llm.voters[1].provider is 'a', which votes already");
    TT_TEXT_SET(config.voters[1].provider, "c");
    expect("llm.voters[1].provider is 'c', which no row of llm.providers is");
    TT_TEXT_SET(config.voters[1].provider, "b");
    config.providers[1].input_price.d = TT_DEC_C(1, 0);
    expect("coordinator.schedules.trading_decision.call_budget is 0, but b is not free: it could "
           "never be asked");
    coord.schedules[TT_task_TRADING_DECISION].call_budget.d = TT_DEC_C(1, 2);
    expect("");
    TT_TEXT_SET(config.agents.trading_decision, "a");
    expect("llm.agents.trading_decision and llm.voters are both given");
}

static void parts_of_sentiment_are_checked(void **state)
{
    (void)state;
    set_up();
    TT_TEXT_SET(config.sentiment.social, "a");
    expect("llm.sentiment.news is empty, but not the other");
    TT_TEXT_SET(config.sentiment.news, "b");
    assert_true(tt_llm_is_model(&config, TT_agent_SENTIMENT_ANALYSIS));
    assert_false(tt_llm_is_model(&config, TT_agent_TRADING_DECISION));
    expect("llm.prompts.sentiment_social is empty; llm.sentiment.social needs it");
    TT_TEXT_SET(config.prompts.sentiment_social, "file");
    expect("llm.prompts.sentiment_news is empty; llm.sentiment.news needs it");
    TT_TEXT_SET(config.prompts.sentiment_news, "file");
    expect("");
    TT_TEXT_SET(config.sentiment.news, "c");
    expect("llm.sentiment.news is 'c', which no row of llm.providers is");
    TT_TEXT_SET(config.sentiment.news, "a");
    config.providers[0].input_price.d = TT_DEC_C(1, 0);
    expect("coordinator.schedules.sentiment_analysis.call_budget is 0, but a is not free: it could "
           "never be asked");
    coord.schedules[TT_task_SENTIMENT_ANALYSIS].call_budget.d = TT_DEC_C(1, 2);
    expect("");
    TT_TEXT_SET(config.agents.sentiment_analysis, "a");
    TT_TEXT_SET(config.prompts.sentiment_analysis, "file");
    expect("llm.agents.sentiment_analysis and llm.sentiment are both given");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(providers_are_checked),
        cmocka_unit_test(uses_are_checked),
        cmocka_unit_test(voters_are_checked),
        cmocka_unit_test(parts_of_sentiment_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
