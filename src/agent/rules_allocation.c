/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Portfolio check with targets (portfolio.targets): says rebalance when a share has drifted to the
 * threshold. It lists no trades: the plan is the engine's, by the same planner that is asked here.
 */
#include "agent/agents.h"
#include "agent/rules.h"
#include "portfolio/plan.h"

#include <string.h>

/** Fills what the planner needs; a position without a target is not allocated. */
static void fill_input(
    const tt_portfolio_module_config *config,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_plan_input *input)
{
    bool has_target[TT_INSTRUMENTS_MAX] = {false};
    *input = (tt_plan_input){
        .equity.d = tt_dec_xsub(request->account.equity.d, request->set_aside.d),
        .cash_target_pct = config->allocation.cash_target_pct,
        .count = config->target_count};
    for (uint32_t i = 0; i < config->target_count; i++) {
        const char *symbol = config->targets[i].symbol;
        const tt_instrument *instrument =
            tt_instrument_find_symbol(instruments, symbol, strlen(symbol));
        TT_ASSERT(instrument != NULL); // the configuration was checked
        has_target[instrument->id.n - 1] = true;
        input->holdings[i] = (tt_plan_holding){
            .value = request->exposures[instrument->id.n - 1],
            .target_pct = config->targets[i].target_pct,
            .instrument = instrument->id.n};
    }
    for (uint32_t i = 0; i < request->instrument_count; i++) {
        if (!has_target[i]) {
            tt_dec bound = tt_dec_xabs(request->exposures[i].d);
            input->equity.d = tt_dec_xsub(input->equity.d, bound);
        }
    }
}

void tt_agent_rules_allocation(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    const tt_portfolio_module_config *config = ctx;
    TT_TEXT_SET(answer->model, "rules-allocation-1");
    if (!request->has_account) {
        tt_rule_decline(answer, "the account has no state yet");
        return;
    }
    tt_plan_input input;
    tt_plan plan;
    fill_input(config, instruments, request, &input);
    tt_plan_make(&input, &plan);
    tt_dec threshold = config->allocation.threshold_pct.d;
    bool is_off = tt_dec_le(threshold, plan.max_deviation_pct.d);
    tt_portfolio_update update = {
        .equity = input.equity,
        .max_deviation_pct = plan.max_deviation_pct,
        .confidence = {TT_DEC_C(1, 0)}, // arithmetic, not judgement
        .call_seq = request->call_seq,
        .action = is_off ? TT_portfolio_action_REBALANCE : TT_portfolio_action_NO_ACTION};
    char deviation[TT_DEC_TEXT_MAX];
    char limit[TT_DEC_TEXT_MAX];
    tt_dec_format_fixed(plan.max_deviation_pct.d, 2, deviation);
    tt_dec_format(threshold, limit);
    tt_text_format(
        update.reasoning,
        sizeof update.reasoning,
        "largest distance from a target is %s %%, threshold %s %%",
        deviation,
        limit);
    tt_agent_answer_set(answer, TT_TOPIC_PORTFOLIO_UPDATES, &update);
}
