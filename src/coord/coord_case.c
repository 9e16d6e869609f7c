/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A conflict that the chain of arbiters settles: each is asked in turn, within its own time and
 * budget and all within one limit, until one gives an answer that can be followed.
 *
 *   NONE    -ask->       ASKING    the first arbiter that can be asked
 *   ASKING  -ask->       ASKING    it failed, was late, or said what cannot be followed: the next
 *   ASKING  -escalate->  WAITING   it lets the trade go on but is not sure enough: a person
 *   ASKING  -end->       NONE      decided, or nobody is left: the rule arbiter or the fallback
 *   WAITING -end->       NONE      approved, rejected, or nobody answered: the fallback
 *   any     -end->       NONE      a newer signal of the symbol, or the end of the session
 *
 * Every stage is a message of conflict_cases; the end is one of conflict_decisions, whatever it is.
 * Time has passed since the signal: a trade goes on only if an entry would be made now as well.
 */
#include "coord/coord_priv.h"

#include <string.h>

static const char *const case_states[] = {"none", "asking", "waiting"};
static const char *const case_events[] = {"ask", "escalate", "end"};
static const tt_sm_row case_rows[] = {
    {COORD_CASE_NONE, COORD_CASE_ASK, COORD_CASE_ASKING, 0, 0},
    {COORD_CASE_ASKING, COORD_CASE_ASK, COORD_CASE_ASKING, 0, 0},
    {COORD_CASE_ASKING, COORD_CASE_ESCALATE, COORD_CASE_WAITING, 0, 0},
    {COORD_CASE_ASKING, COORD_CASE_END, COORD_CASE_NONE, 0, 0},
    {COORD_CASE_WAITING, COORD_CASE_END, COORD_CASE_NONE, 0, 0},
};
const tt_sm_def tt_coord_case_def = {
    .name = "case",
    .states = case_states,
    .state_count = COORD_CASE_WAITING + 1,
    .events = case_events,
    .event_count = COORD_CASE_END + 1,
    .rows = case_rows,
    .row_count = sizeof case_rows / sizeof case_rows[0],
    .initial = COORD_CASE_NONE,
};

tt_coord_case *tt_coord_case_get(const tt_coord *coord, uint32_t key)
{
    TT_ASSERT(tt_coord_is_symbol(coord, key));
    return &coord->cases[key - 1];
}

void tt_coord_case_step(tt_coord *coord, uint32_t key, uint8_t event)
{
    tt_sm_result result = tt_sm_step(
        &coord->machines[TT_COORD_MACHINE_CASE],
        &coord->counts[TT_COORD_MACHINE_CASE],
        &tt_coord_case_get(coord, key)->state,
        event,
        0,
        NULL);
    TT_ASSERT(result == TT_SM_TAKEN);
}

uint32_t tt_coord_case_account(uint8_t arbiter)
{
    return COORD_ACCOUNT_ARBITER + (uint32_t)arbiter;
}

void tt_coord_case_tell(
    tt_coord *coord,
    uint32_t key,
    tt_case_stage stage,
    const char *name,
    tt_seq subject_seq,
    const char *why)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    const tt_trading_signal *signal = &open->signal;
    tt_conflict_case message = {
        .confidence = open->confidence,
        .size_pct = signal->position_size_pct,
        .entry_price = signal->entry_price,
        .stop_loss = signal->stop_loss,
        .take_profit = signal->take_profit,
        .case_seq = open->decision.case_seq,
        .signal_seq = open->decision.signal_seq,
        .consensus_seq = open->decision.consensus_seq,
        .subject_seq = subject_seq,
        .deadline = stage == TT_case_stage_OPENED ? open->deadline : (tt_time){0},
        .stage = (uint8_t)stage,
        .action = signal->action,
        .leverage = signal->leverage,
        .arbiter = open->arbiter,
        .count = open->decision.count,
    };
    if (stage == TT_case_stage_ESCALATED) {
        message.deadline.ns =
            tt_bus_now(coord->bus).ns + coord->config.arbitration.approval_time.ns;
    }
    memcpy(message.conflicts, open->decision.conflicts, sizeof message.conflicts);
    TT_TEXT_SET(message.name, name);
    TT_TEXT_SET(message.reason, why);
    tt_seq seq = tt_coord_publish_as(
        coord, TT_TOPIC_CONFLICT_CASES, TT_SOURCE_COORDINATOR, key, &message, &open->correlation);
    if (stage == TT_case_stage_OPENED) {
        open->decision.case_seq = seq;
    }
}

void tt_coord_case_hold(tt_coord_case *open, const tt_arbiter_opinion *opinion)
{
    tt_conflict_decision *decision = &open->decision;
    decision->action = opinion->action;
    decision->confidence = opinion->confidence;
    decision->size_reduction_pct = opinion->size_reduction_pct;
    decision->confidence_limit = opinion->confidence_limit;
    decision->stop_loss = opinion->stop_loss;
    decision->leverage_cap = opinion->leverage;
    TT_TEXT_SET(decision->arbiter, opinion->name);
    TT_TEXT_SET(decision->reasoning, opinion->reasoning);
}

void tt_coord_case_let_go(tt_coord_case *open)
{
    tt_conflict_decision *decision = &open->decision;
    decision->confidence.d = TT_DEC_ZERO;
    decision->size_reduction_pct.d = TT_DEC_ZERO;
    decision->confidence_limit.d = TT_DEC_ZERO;
    decision->stop_loss.d = TT_DEC_ZERO;
    decision->leverage_cap = 0;
}

/* ---- the end ---- */

void tt_coord_case_release_timer(tt_coord *coord, tt_coord_case *open)
{
    if (open->timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, open->timer);
        open->timer.n = 0;
    }
}

void tt_coord_case_release(tt_coord *coord, tt_coord_case *open)
{
    tt_coord_case_release_timer(coord, open);
    if (open->call_seq == 0) {
        return;
    }
    open->given_up_seq = open->call_seq;
    open->given_up_charge = open->reserved;
    open->given_up_arbiter = open->arbiter;
    tt_coord_budget_settle(
        coord, tt_coord_case_account(open->arbiter), open->reserved, open->reserved);
    open->reserved.d = TT_DEC_ZERO;
    open->call_seq = 0;
}

/* Why the trade of a case that was settled is not made now, or NULL. */
static const char *reason_against_trade(const tt_coord *coord, uint32_t key)
{
    const tt_coord_case *open = tt_coord_case_get(coord, key);
    tt_coord_decision decision = {
        .signal = &open->signal,
        .signal_seq = open->decision.signal_seq,
        .key = key,
        .side = (tt_side)open->side,
    };
    if (!tt_coord_is_running(coord)) {
        return "the coordinator is not running";
    }
    tt_coord_signal_classify(coord, &decision);
    if (decision.intent != COORD_INTENT_ENTRY) {
        return "the position of this symbol has changed";
    }
    return tt_coord_reason_against_entry(coord, key);
}

/* Turns a decision to trade into one not to trade. */
static void deny(tt_coord_case *open, const char *why)
{
    tt_conflict_decision *decision = &open->decision;
    char settled[64];
    TT_TEXT_SET(settled, decision->reasoning);
    tt_text_format(
        decision->reasoning, sizeof decision->reasoning, "no trade: %s; was %s", why, settled);
    tt_coord_case_let_go(open);
    decision->action = TT_resolution_WAIT;
}

static bool goes_on(const tt_conflict_decision *decision)
{
    return decision->action == TT_resolution_PROCEED || decision->action == TT_resolution_MODIFY;
}

static void propose(tt_coord *coord, uint32_t key, tt_seq conflict_seq)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    const tt_conflict_decision *settled = &open->decision;
    if (!tt_dec_is_zero(settled->stop_loss.d)) {
        open->signal.stop_loss = settled->stop_loss;
    }
    tt_coord_decision decision = {
        .signal = &open->signal,
        .confidence = open->confidence,
        .size_reduction_pct = settled->size_reduction_pct,
        .signal_seq = settled->signal_seq,
        .consensus_seq = settled->consensus_seq,
        .conflict_seq = conflict_seq,
        .key = key,
        .intent = COORD_INTENT_ENTRY,
        .side = (tt_side)open->side,
        .leverage_cap = settled->leverage_cap,
        .is_accepted = open->is_accepted,
        .correlation = open->correlation,
    };
    if (!tt_dec_is_zero(settled->confidence_limit.d)) {
        decision.confidence.d = tt_dec_min(decision.confidence.d, settled->confidence_limit.d);
    }
    tt_coord_propose(coord, &decision);
}

static tt_seq publish_decision(tt_coord *coord, uint32_t key)
{
    const tt_coord_case *open = tt_coord_case_get(coord, key);
    coord->state->conflicts_resolved++;
    return tt_coord_publish_as(
        coord,
        TT_TOPIC_CONFLICT_DECISIONS,
        TT_SOURCE_COORDINATOR,
        key,
        &open->decision,
        &open->correlation);
}

static void conclude_review(tt_coord *coord, uint32_t key)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    open->is_review = 0;
    (void)publish_decision(coord, key);
    tt_coord_review_act(coord, key, &open->decision);
}

void tt_coord_case_conclude(tt_coord *coord, uint32_t key)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    tt_coord_case_release(coord, open);
    if (open->state != COORD_CASE_NONE) {
        tt_coord_case_step(coord, key, COORD_CASE_END);
    }
    if (open->is_review) {
        conclude_review(coord, key);
        return;
    }
    const char *against = goes_on(&open->decision) ? reason_against_trade(coord, key) : NULL;
    if (against != NULL) {
        coord->state->entries_suppressed++;
        deny(open, against);
    }
    tt_seq seq = publish_decision(coord, key);
    open->proposal_seq = 0;
    if (goes_on(&open->decision)) {
        propose(coord, key, seq);
    }
    open->is_accepted = 0;
    tt_coord_review_run(coord, key);
}

static tt_resolution own_fallback(const tt_arbitration_config *config, tt_conflict_type type)
{
    switch (type) {
    case TT_conflict_type_TA_SENTIMENT:
        return config->ta_sentiment_fallback;
    case TT_conflict_type_REGIME:
        return config->regime_fallback;
    case TT_conflict_type_CONTRADICTING_SYMBOLS:
        return config->symbols_fallback;
    case TT_conflict_type_REGIME_CHANGE:
        return config->regime_change_fallback;
    case TT_conflict_type_RISK_MODIFICATION:
        return config->risk_modification_fallback;
    case TT_conflict_type_COUNT:
        break;
    }
    return TT_resolution_WAIT;
}

static tt_resolution fallback_of(const tt_coord *coord, const tt_conflict_decision *decision)
{
    const tt_arbitration_config *config = &coord->config.arbitration;
    tt_resolution action = TT_resolution_WAIT;
    for (uint8_t i = 0; i < decision->count; i++) {
        tt_resolution own = own_fallback(config, (tt_conflict_type)decision->conflicts[i].type);
        action = tt_coord_caution_of(own) > tt_coord_caution_of(action) ? own : action;
    }
    return action;
}

void tt_coord_case_fall_back(tt_coord *coord, uint32_t key, const char *why)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    tt_conflict_decision *decision = &open->decision;
    tt_coord_case_let_go(open);
    decision->action = (uint8_t)fallback_of(coord, decision);
    TT_TEXT_SET(decision->arbiter, "fallback");
    TT_TEXT_SET(decision->reasoning, why);
    tt_coord_case_conclude(coord, key);
}

void tt_coord_case_drop(tt_coord *coord, uint32_t key, const char *why)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    if (open->state == COORD_CASE_NONE) {
        return;
    }
    tt_coord_case_tell(coord, key, TT_case_stage_ENDED, "coordinator", 0, why);
    tt_coord_case_let_go(open);
    open->decision.action = TT_resolution_WAIT;
    TT_TEXT_SET(open->decision.arbiter, "coordinator");
    TT_TEXT_SET(open->decision.reasoning, why);
    tt_coord_case_conclude(coord, key);
}
