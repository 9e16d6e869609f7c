/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The collection of built-in agents.
 */
#include "agent/agents.h"

#include "agent/rules_sentiment.h"

#include <stdlib.h>

/** What the slots point to. */
typedef struct agent_data {
    tt_decision_config decision;
    tt_portfolio_config portfolio;
    tt_portfolio_module_config allocation;
    tt_sentiment_agent sentiment;
} agent_data;

static tutti_status check_config(const tt_agent_module_config *config, tt_error *error)
{
    const tt_decision_config *decision = &config->decision;
    if (tt_dec_lt(decision->max_stop_pct.d, decision->min_stop_pct.d)) {
        char nearest[TT_DEC_TEXT_MAX];
        char farthest[TT_DEC_TEXT_MAX];
        tt_dec_format(decision->min_stop_pct.d, nearest);
        tt_dec_format(decision->max_stop_pct.d, farthest);
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "agents.decision.max_stop_pct is %s; it must not be below min_stop_pct, which is %s",
            farthest,
            nearest);
    }
    return TUTTI_OK;
}

static void fill_slots(tt_agents *agents, agent_data *data)
{
    tt_agent_slot *slots = agents->slots;
    slots[TT_agent_TECHNICAL_ANALYSIS].fn = tt_agent_rules_ta;
    slots[TT_agent_REGIME_DETECTION].fn = tt_agent_rules_regime;
    slots[TT_agent_SENTIMENT_ANALYSIS] =
        (tt_agent_slot){tt_agent_rules_sentiment, &data->sentiment};
    slots[TT_agent_TRADING_DECISION] = (tt_agent_slot){tt_agent_rules_decision, &data->decision};
    slots[TT_agent_PORTFOLIO_REBALANCE] =
        (tt_agent_slot){tt_agent_rules_portfolio, &data->portfolio};
    if (data->allocation.target_count > 0) {
        slots[TT_agent_PORTFOLIO_REBALANCE] =
            (tt_agent_slot){tt_agent_rules_allocation, &data->allocation};
    }
}

static tutti_status load_sentiment(
    const tt_sentiment_config *config,
    const tt_instruments *instruments,
    tt_sentiment_agent *agent,
    tt_error *error)
{
    agent->max_age = config->max_age;
    agent->has_file = config->path[0] != '\0';
    if (!agent->has_file) {
        return TUTTI_OK;
    }
    return tt_sentiment_record_load(&agent->record, config->path, instruments, error);
}

tutti_status tt_agents_open(
    const tt_agent_module_config *config,
    const tt_instruments *instruments,
    tt_agents *agents,
    tt_error *error)
{
    TUTTI_TRY(check_config(config, error));
    agent_data *data = calloc(1, sizeof *data);
    if (data == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the agents");
    }
    data->decision = config->decision;
    data->portfolio = config->portfolio;
    data->allocation = config->allocation;
    tutti_status status = load_sentiment(&config->sentiment, instruments, &data->sentiment, error);
    if (status != TUTTI_OK) {
        free(data);
        return status;
    }
    *agents = (tt_agents){.owned = data};
    fill_slots(agents, data);
    return TUTTI_OK;
}

void tt_agents_close(tt_agents *agents)
{
    agent_data *data = agents->owned;
    if (data != NULL) {
        tt_sentiment_record_fini(&data->sentiment.record);
        free(data);
    }
    *agents = (tt_agents){0};
}
