/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The built-in agents: deterministic rules for technical analysis, regime, trading decision and
 * portfolio, and a recorded sentiment feed. No network, no clock, no randomness: the same request
 * gives the same answer.
 */
#ifndef TT_AGENT_AGENTS_H
#define TT_AGENT_AGENTS_H

#include "agent/agent.h"
#include "agent/agent_config.h"

/**
 * Fills the slots with the built-in agents and loads the sentiment record, if one is named. The
 * configuration is copied.
 *
 * @retval TUTTI_INVALID  the configuration contradicts itself.
 * @retval TUTTI_IO       the sentiment file cannot be read.
 * @retval TUTTI_PARSE, TUTTI_RANGE, TUTTI_EXISTS, TUTTI_NOT_FOUND, TUTTI_LIMIT  a row of the
 *                        sentiment file cannot be used; `error` names file and line.
 * @retval TUTTI_NO_MEMORY.
 * @thread{setup} @blocks{disk} @alloc{setup}
 */
TUTTI_NODISCARD tutti_status tt_agents_open(
    const tt_agent_module_config *config,
    const tt_instruments *instruments,
    tt_agents *agents,
    tt_error *error);
/** Releases what tt_agents_open took. A zeroed `agents` is fine. @thread{setup} */
void tt_agents_close(tt_agents *agents);

/** Agents that need no data of their own may be used alone; `ctx` is NULL or what is said.
 * @thread{any} @blocks{never} @alloc{never} */
void tt_agent_rules_ta(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);
void tt_agent_rules_regime(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);
/** `ctx` is a const tt_decision_config. */
void tt_agent_rules_decision(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);
/** `ctx` is a const tt_portfolio_module_config with targets. */
void tt_agent_rules_allocation(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);
/** `ctx` is a const tt_portfolio_config. */
void tt_agent_rules_portfolio(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);

#endif
