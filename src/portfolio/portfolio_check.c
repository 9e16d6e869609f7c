/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From the word of an agent, or of a person, to a plan.
 *
 * With targets the plan is computed here; what an agent lists can only take away from it: a trade
 * that no plan contains is left out, one that asks for more is cut. Without targets there is no
 * plan to compare with, and an agent's trades may only reduce positions.
 */
#include "portfolio/portfolio_priv.h"

#include <inttypes.h>

/* The usual confidence of a rebalance that no agent asked for. */
#define OWN_CONFIDENCE TT_DEC_C(8, 1)

/** What asks for a plan. */
typedef struct plan_request {
    const tt_portfolio_update *advice; /**< NULL = a command. */
    tt_seq advice_seq;
    bool is_forced;
} plan_request;

/** A plan on its way. */
typedef struct planning {
    const plan_request *request;
    tt_plan plan;
    tt_plan_input input;
    tt_rebalance_strategy strategy;
    uint32_t agent_cuts;
    uint32_t agent_refused;
    bool has_targets;
    char *reason; /**< 128 bytes. */
} planning;

#define REASON_SIZE 128

static tt_money min_trade_of(const tt_portfolio *portfolio, uint32_t key)
{
    const tt_instrument *instrument = &portfolio->core->instruments->list[key - 1];
    tt_dec least = tt_dec_max(portfolio->config.allocation.min_trade.d, instrument->min_notional.d);
    tt_dec lot = tt_dec_xmul(instrument->min_qty.d, tt_portfolio_holding(portfolio, key)->price.d);
    tt_dec cents = tt_plan_cents(tt_dec_min(lot, TT_NOTIONAL_MAX), TT_ROUND_UP);
    return (tt_money){tt_dec_max(least, cents)};
}

static bool is_target(const tt_portfolio *portfolio, uint32_t key)
{
    for (uint32_t i = 0; i < portfolio->config.target_count; i++) {
        if (portfolio->target_keys[i] == key) {
            return true;
        }
    }
    return false;
}

/* Positions without a target are nobody's business here, nor are the parts of others: neither they
 * nor what they bind is allocated; nor is what lies in bags. */
bool tt_portfolio_value(const tt_portfolio *portfolio, tt_plan_input *ret_input)
{
    const tt_portfolio_state *state = portfolio->state;
    if (portfolio->config.target_count == 0 || !state->has_account) {
        return false;
    }
    *ret_input = (tt_plan_input){
        .equity.d = tt_dec_xsub(state->equity.d, portfolio->bags->set_aside.d),
        .cash_target_pct = portfolio->config.allocation.cash_target_pct,
        .count = portfolio->config.target_count,
    };
    for (uint32_t key = 1; key <= portfolio->core->instruments->count; key++) {
        const tt_holding *holding = tt_portfolio_holding(portfolio, key);
        tt_dec bound = holding->others.d;
        if (!is_target(portfolio, key)) {
            bound = tt_dec_xadd(bound, tt_dec_xabs(holding->value.d));
        }
        ret_input->equity.d = tt_dec_xsub(ret_input->equity.d, bound);
    }
    for (uint32_t i = 0; i < ret_input->count; i++) {
        uint32_t key = portfolio->target_keys[i];
        ret_input->holdings[i] = (tt_plan_holding){
            .value = tt_portfolio_holding(portfolio, key)->value,
            .target_pct = portfolio->config.targets[i].target_pct,
            .min_trade = min_trade_of(portfolio, key),
            .instrument = key,
        };
    }
    return true;
}

/* --- what the agent lists --- */

static const tt_rebalance_trade *find_trade(const tt_portfolio_update *advice, uint32_t key)
{
    for (uint8_t i = 0; i < advice->count; i++) {
        if (advice->trades[i].instrument == key) {
            return &advice->trades[i];
        }
    }
    return NULL;
}

static tt_dec least_of(const planning *work, uint32_t key)
{
    for (uint32_t i = 0; i < work->input.count; i++) {
        if (work->input.holdings[i].instrument == key) {
            return work->input.holdings[i].min_trade.d;
        }
    }
    return TT_DEC_ZERO;
}

static bool is_in_plan(const tt_plan *plan, const tt_rebalance_trade *trade)
{
    for (uint32_t i = 0; i < plan->trade_count; i++) {
        if (plan->rows[i].instrument == trade->instrument && plan->rows[i].side == trade->side) {
            return true;
        }
    }
    return false;
}

static void cut_row(planning *work, tt_plan_row *row, const tt_rebalance_trade *trade)
{
    bool is_meant = trade != NULL && trade->side == row->side;
    tt_dec wanted = is_meant ? tt_plan_cents(trade->amount.d, TT_ROUND_DOWN) : TT_DEC_ZERO;
    if (tt_dec_le(row->amount.d, wanted)) {
        return;
    }
    work->agent_cuts++;
    if (tt_dec_is_zero(wanted) || tt_dec_lt(wanted, least_of(work, row->instrument))) {
        tt_plan_drop(row);
        return;
    }
    row->amount.d = wanted;
    row->is_exit = 0;
}

/* Fewer sells may leave the buys unpaid: they are cut again. */
static void pay_buys(planning *work)
{
    tt_plan *plan = &work->plan;
    tt_plan_settle(plan);
    tt_money budget = {tt_dec_max(tt_dec_xadd(plan->cash.d, plan->sells.d), TT_DEC_ZERO)};
    tt_money sum = plan->buys;
    for (uint32_t i = 0; i < plan->count; i++) {
        tt_plan_row *row = &plan->rows[i];
        if (row->side != TT_side_BUY) {
            continue;
        }
        row->amount = tt_plan_cut(row->amount, budget, sum);
        if (tt_dec_lt(row->amount.d, least_of(work, row->instrument)) ||
            tt_dec_is_zero(row->amount.d)) {
            tt_plan_drop(row);
        }
    }
    tt_plan_settle(plan);
}

static void follow_agent(planning *work)
{
    const tt_portfolio_update *advice = work->request->advice;
    if (advice == NULL || advice->count == 0) {
        return; // the plan as computed
    }
    for (uint8_t i = 0; i < advice->count; i++) {
        work->agent_refused += !is_in_plan(&work->plan, &advice->trades[i]);
    }
    for (uint32_t i = 0; i < work->plan.count; i++) {
        tt_plan_row *row = &work->plan.rows[i];
        if (row->side != TT_side_NONE) {
            cut_row(work, row, find_trade(advice, row->instrument));
        }
    }
    pay_buys(work);
}

/* Without targets: reductions of what is held, and nothing else. */
static void trim(const tt_portfolio *portfolio, planning *work)
{
    const tt_portfolio_update *advice = work->request->advice;
    tt_plan *plan = &work->plan;
    for (uint8_t i = 0; i < advice->count; i++) {
        const tt_rebalance_trade *trade = &advice->trades[i];
        tt_money value = {TT_DEC_ZERO};
        if (tt_portfolio_knows(portfolio, trade->instrument)) {
            value = tt_portfolio_holding(portfolio, trade->instrument)->value;
        }
        int sign = tt_dec_sign(value.d);
        bool reduces =
            (sign > 0 && trade->side == TT_side_SELL) || (sign < 0 && trade->side == TT_side_BUY);
        if (!reduces || find_trade(advice, trade->instrument) != trade ||
            plan->count == TT_PLAN_ROWS_MAX) {
            work->agent_refused++;
            continue;
        }
        tt_dec held = tt_dec_xabs(value.d);
        work->agent_cuts += tt_dec_lt(held, trade->amount.d);
        plan->rows[plan->count++] = (tt_plan_row){
            .value = value,
            .amount.d = tt_dec_min(held, trade->amount.d),
            .current_pct = trade->current_pct,
            .target_pct = trade->target_pct,
            .instrument = trade->instrument,
            .side = trade->side,
            .priority = trade->side == TT_side_SELL ? 1 : 2,
        };
    }
    plan->max_deviation_pct = advice->max_deviation_pct;
    tt_plan_settle(plan);
}

/* --- whether to trade at all --- */

bool tt_portfolio_is_running(const tt_portfolio *portfolio)
{
    const tt_portfolio_state *state = portfolio->state;
    return state->is_active && state->coordinator_state == TT_coordinator_state_RUNNING;
}

/* Seconds until the next plan may be made; 0 = now. */
static int64_t pause_left(const tt_portfolio *portfolio)
{
    const tt_portfolio_state *state = portfolio->state;
    int64_t next = state->last_plan.ns + portfolio->config.allocation.min_interval.ns;
    int64_t left = next - tt_portfolio_now(portfolio).ns;
    return state->last_plan.ns == 0 || left <= 0 ? 0 : (left + TT_NS_PER_S - 1) / TT_NS_PER_S;
}

static tt_plan_outcome
end_with(const planning *work, tt_plan_outcome outcome, const char *why, const char *detail)
{
    tt_text_format(work->reason, REASON_SIZE, "%s%s", why, detail);
    return outcome;
}

static tt_plan_outcome judge_drift(const tt_portfolio *portfolio, const planning *work)
{
    const tt_portfolio_update *advice = work->request->advice;
    char threshold[TT_DEC_TEXT_MAX];
    tt_dec_format(portfolio->config.allocation.threshold_pct.d, threshold);
    bool is_near =
        tt_dec_lt(work->plan.max_deviation_pct.d, portfolio->config.allocation.threshold_pct.d);
    if (is_near && !work->request->is_forced) {
        return end_with(
            work,
            TT_plan_outcome_ON_TARGET,
            "every share is nearer to its target than the threshold, in percent: ",
            threshold);
    }
    if (advice != NULL && advice->action != TT_portfolio_action_REBALANCE) {
        return end_with(work, TT_plan_outcome_DEFERRED, "the agent wants no trades", "");
    }
    int64_t left = work->request->is_forced ? 0 : pause_left(portfolio);
    if (left > 0) {
        tt_text_format(work->reason, REASON_SIZE, "no new plan for another %" PRId64 " s", left);
        return TT_plan_outcome_REFUSED;
    }
    return TT_plan_outcome_PLANNED;
}

static tt_plan_outcome judge(const tt_portfolio *portfolio, const planning *work)
{
    const tt_portfolio_update *advice = work->request->advice;
    if (work->has_targets) {
        tt_plan_outcome outcome = judge_drift(portfolio, work);
        if (outcome != TT_plan_outcome_PLANNED) {
            return outcome;
        }
    } else if (advice->action != TT_portfolio_action_REBALANCE) {
        return end_with(work, TT_plan_outcome_ON_TARGET, "the agent wants no trades", "");
    }
    if (work->strategy == TT_rebalance_strategy_DEFER) {
        return end_with(work, TT_plan_outcome_DEFERRED, "the agent wants to wait", "");
    }
    if (!portfolio->config.allocation.enabled) {
        return end_with(work, TT_plan_outcome_REFUSED, "portfolio.enabled is false", "");
    }
    if (!tt_portfolio_is_running(portfolio)) {
        const char *state =
            tt_enum_text(&tt_enum_coordinator_state, portfolio->state->coordinator_state);
        const char *why = portfolio->state->is_active ? state : "not in a session";
        return end_with(work, TT_plan_outcome_REFUSED, "the coordinator is ", why);
    }
    if (portfolio->state->plan.is_active && tt_legs_are_sent(portfolio)) {
        return end_with(
            work, TT_plan_outcome_REFUSED, "trades of the plan before are on their way", "");
    }
    return TT_plan_outcome_PLANNED;
}

/* --- the message --- */

static uint8_t small(uint32_t count)
{
    return (uint8_t)(count < UINT8_MAX ? count : UINT8_MAX);
}

static tt_rebalance_plan
describe(const tt_portfolio *portfolio, const planning *work, tt_plan_outcome outcome)
{
    tt_rebalance_plan payload = {
        .equity = work->input.equity,
        .cash = work->plan.cash,
        .cash_target_pct = work->input.cash_target_pct,
        .max_deviation_pct = work->plan.max_deviation_pct,
        .threshold_pct = portfolio->config.allocation.threshold_pct,
        .sells = work->plan.sells,
        .buys = work->plan.buys,
        .advice_seq = work->request->advice_seq,
        .outcome = (uint8_t)outcome,
        .strategy = (uint8_t)work->strategy,
        .drift = portfolio->state->drift,
        .is_forced = work->request->is_forced,
        .count = (uint8_t)work->plan.count,
        .agent_cuts = small(work->agent_cuts),
        .agent_refused = small(work->agent_refused),
    };
    for (uint32_t i = 0; i < work->plan.count; i++) {
        payload.rows[i] = work->plan.rows[i];
    }
    TT_TEXT_SET(payload.reason, work->reason);
    return payload;
}

void tt_portfolio_end_plan(tt_portfolio *portfolio)
{
    tt_plan_state *plan = &portfolio->state->plan;
    tt_rebalance_plan payload = {
        .plan_seq = plan->plan_seq,
        .advice_seq = plan->advice_seq,
        .interval = plan->interval,
        .outcome = plan->is_cancelled ? TT_plan_outcome_CANCELLED : TT_plan_outcome_COMPLETED,
        .strategy = plan->strategy,
        .drift = portfolio->state->drift,
        .batches = plan->batches,
    };
    uint32_t counts[TT_batch_state_COUNT] = {0};
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        const tt_leg *leg = &portfolio->legs[i];
        tt_money *sum = leg->side == TT_side_SELL ? &payload.sells : &payload.buys;
        sum->d = tt_dec_xadd(sum->d, leg->filled.d);
        counts[leg->state]++;
    }
    tt_text_format(
        payload.reason,
        sizeof payload.reason,
        "%u trades done, %u failed, %u skipped",
        counts[TT_batch_state_DONE],
        counts[TT_batch_state_FAILED],
        counts[TT_batch_state_SKIPPED]);
    plan->is_active = 0;
    (void)tt_portfolio_publish(
        portfolio, TT_TOPIC_REBALANCE_PLANS, 0, &plan->correlation, &payload);
}

/* --- starting --- */

static uint8_t batches_of(const tt_portfolio *portfolio, const planning *work)
{
    const tt_allocation_config *config = &portfolio->config.allocation;
    tt_dec total = tt_dec_xadd(work->plan.sells.d, work->plan.buys.d);
    if (work->strategy == TT_rebalance_strategy_IMMEDIATE ||
        tt_dec_lt(total, config->dca_total.d)) {
        return 1;
    }
    tt_money amounts[TT_PLAN_ROWS_MAX];
    tt_money minimums[TT_PLAN_ROWS_MAX];
    for (uint32_t i = 0; i < work->plan.trade_count; i++) {
        amounts[i] = work->plan.rows[i].amount;
        minimums[i] = min_trade_of(portfolio, work->plan.rows[i].instrument);
    }
    return (uint8_t)tt_plan_batches(amounts, minimums, work->plan.trade_count, config->dca_batches);
}

/* What is left of the plan before makes room. */
static void replace_plan(tt_portfolio *portfolio)
{
    if (!portfolio->state->plan.is_active) {
        return;
    }
    portfolio->state->plan.is_cancelled = 1;
    (void)tt_legs_drop(portfolio, 0, "a new plan takes its place");
    tt_portfolio_end_plan(portfolio);
}

static tt_uuid correlation_of(const tt_portfolio *portfolio, tt_seq plan_seq)
{
    const tt_msg *msg = tt_bus_find(portfolio->core->bus, TT_TOPIC_REBALANCE_PLANS, plan_seq);
    return msg != NULL ? msg->correlation : (tt_uuid){0};
}

static tt_plan_outcome start_plan(tt_portfolio *portfolio, planning *work)
{
    replace_plan(portfolio);
    tt_rebalance_plan payload = describe(portfolio, work, TT_plan_outcome_PLANNED);
    payload.batches = batches_of(portfolio, work);
    payload.interval = portfolio->config.allocation.dca_interval;
    tt_seq seq = tt_portfolio_publish(portfolio, TT_TOPIC_REBALANCE_PLANS, 0, NULL, &payload);
    if (seq == 0) {
        return end_with(work, TT_plan_outcome_REFUSED, "the bus has no room", "");
    }
    tt_portfolio_state *state = portfolio->state;
    const tt_portfolio_update *advice = work->request->advice;
    state->plan = (tt_plan_state){
        .confidence = {advice != NULL ? advice->confidence.d : OWN_CONFIDENCE},
        .plan_seq = seq,
        .advice_seq = work->request->advice_seq,
        .start = tt_portfolio_now(portfolio),
        .interval = payload.interval,
        .correlation = correlation_of(portfolio, seq),
        .strategy = (uint8_t)work->strategy,
        .batches = payload.batches,
    };
    state->plans++;
    if (work->has_targets) {
        state->last_plan = state->plan.start;
    }
    tt_legs_start(portfolio, &work->plan);
    tt_legs_work(portfolio);
    return TT_plan_outcome_PLANNED;
}

static tt_rebalance_strategy strategy_of(const tt_portfolio *portfolio, const planning *work)
{
    const tt_portfolio_update *advice = work->request->advice;
    if (advice != NULL && advice->strategy != TT_rebalance_strategy_NONE) {
        return (tt_rebalance_strategy)advice->strategy;
    }
    bool is_trim = !work->has_targets;
    return is_trim ? TT_rebalance_strategy_IMMEDIATE : portfolio->config.allocation.strategy;
}

/* Says what came of it, where no plan did. */
static tt_plan_outcome
decline(tt_portfolio *portfolio, const planning *work, tt_plan_outcome outcome)
{
    portfolio->state->refused_plans += outcome == TT_plan_outcome_REFUSED;
    tt_rebalance_plan payload = describe(portfolio, work, outcome);
    (void)tt_portfolio_publish(portfolio, TT_TOPIC_REBALANCE_PLANS, 0, NULL, &payload);
    return outcome;
}

static bool prepare(tt_portfolio *portfolio, planning *work)
{
    work->has_targets = portfolio->config.target_count > 0;
    work->strategy = strategy_of(portfolio, work);
    portfolio->state->checks++;
    portfolio->state->last_check = tt_portfolio_now(portfolio);
    if (!work->has_targets) {
        work->input.equity = portfolio->state->equity;
        if (work->request->advice == NULL) {
            (void)end_with(work, TT_plan_outcome_REFUSED, "portfolio.targets is empty", "");
            return false;
        }
        trim(portfolio, work);
        return true;
    }
    if (!tt_portfolio_value(portfolio, &work->input)) {
        (void)end_with(work, TT_plan_outcome_REFUSED, "the account has no state yet", "");
        return false;
    }
    tt_plan_make(&work->input, &work->plan);
    portfolio->state->max_deviation_pct = work->plan.max_deviation_pct;
    tt_portfolio_tell_drift(portfolio, work->plan.max_deviation_pct);
    return true;
}

/* Plans and starts; writes why into `reason`. */
static tt_plan_outcome
make_plan(tt_portfolio *portfolio, const plan_request *request, char reason[REASON_SIZE])
{
    planning work = {.request = request, .reason = reason};
    reason[0] = '\0';
    if (!prepare(portfolio, &work)) {
        return decline(portfolio, &work, TT_plan_outcome_REFUSED);
    }
    tt_plan_outcome outcome = judge(portfolio, &work);
    if (outcome != TT_plan_outcome_PLANNED) {
        return decline(portfolio, &work, outcome);
    }
    if (work.has_targets) {
        follow_agent(&work);
    }
    portfolio->state->agent_refused += work.agent_refused;
    if (work.plan.trade_count == 0) {
        outcome =
            end_with(&work, TT_plan_outcome_ON_TARGET, "no trade is left that is large enough", "");
        return decline(portfolio, &work, outcome);
    }
    tt_text_format(
        reason,
        REASON_SIZE,
        "%u trade%s",
        work.plan.trade_count,
        work.plan.trade_count == 1 ? "" : "s");
    return start_plan(portfolio, &work);
}

tutti_status tt_portfolio_on_update(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    const tt_portfolio_update *sent = TT_PAYLOAD(msg, PORTFOLIO_UPDATES, portfolio_update);
    const plan_request request = {.advice = sent, .advice_seq = msg->seq};
    char reason[REASON_SIZE];
    (void)make_plan(ctx, &request, reason);
    return TUTTI_OK;
}

/* --- commands --- */

static void
reply(tt_portfolio *portfolio, const tt_msg *msg, tt_reply_status status, const char *message)
{
    const tt_coordinator_command *command =
        TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command);
    tt_command_reply payload = {
        .request_id = command->request_id,
        .command = command->command,
        .status = (uint8_t)status,
    };
    TT_TEXT_SET(payload.message, message);
    (void)tt_portfolio_publish(portfolio, TT_TOPIC_COMMAND_REPLIES, msg->key, NULL, &payload);
}

static void take_rebalance(tt_portfolio *portfolio, const tt_msg *msg, bool is_forced)
{
    const plan_request request = {.is_forced = is_forced};
    char reason[REASON_SIZE];
    tt_plan_outcome outcome = make_plan(portfolio, &request, reason);
    char message[REASON_SIZE];
    tt_text_format(
        message,
        sizeof message,
        "%s: %.100s",
        tt_enum_text(&tt_enum_plan_outcome, (uint8_t)outcome),
        reason);
    bool is_done = outcome == TT_plan_outcome_PLANNED || outcome == TT_plan_outcome_ON_TARGET;
    reply(portfolio, msg, is_done ? TT_reply_status_DONE : TT_reply_status_REFUSED, message);
}

static void take_cancel(tt_portfolio *portfolio, const tt_msg *msg)
{
    if (!portfolio->state->plan.is_active) {
        reply(portfolio, msg, TT_reply_status_REFUSED, "no plan is in work");
        return;
    }
    portfolio->state->plan.is_cancelled = 1;
    uint32_t count = tt_legs_drop(portfolio, 0, "cancelled by command");
    bool are_sent = tt_legs_are_sent(portfolio);
    tt_legs_work(portfolio);
    char message[REASON_SIZE];
    tt_text_format(
        message,
        sizeof message,
        "%u trades cancelled%s",
        count,
        are_sent ? "; what is on its way goes on" : "");
    reply(portfolio, msg, TT_reply_status_DONE, message);
}

tutti_status tt_portfolio_on_command(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_portfolio *portfolio = ctx;
    const tt_coordinator_command *command =
        TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command);
    if (command->command == TT_command_REBALANCE ||
        command->command == TT_command_FORCE_REBALANCE) {
        take_rebalance(portfolio, msg, command->command == TT_command_FORCE_REBALANCE);
    } else if (command->command == TT_command_CANCEL_REBALANCE) {
        take_cancel(portfolio, msg);
    }
    return TUTTI_OK;
}
