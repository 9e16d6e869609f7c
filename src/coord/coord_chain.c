/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The chain of arbiters of one conflict: who is asked next, and what becomes of what he says. A
 * provider is skipped when its budget is spent or the time for the conflict is over; the rule
 * arbiter needs neither. An answer is believed only when it passed every check; whatever else comes
 * is a failure of that arbiter, counts for the degradation, and gives the turn to the next one.
 */
#include "coord/coord_priv.h"

#include <stddef.h>
#include <string.h>

static tt_seq publish_question(
    tt_coord *coord, uint32_t key, const tt_arbiter_step_config *arbiter, tt_time until)
{
    const tt_coord_case *open = tt_coord_case_get(coord, key);
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    const tt_agent_call call = {
        .indicators_seq = symbol->indicators_seq,
        .ta_seq = symbol->ta_seq,
        .regime_seq = symbol->regime_seq,
        .sentiment_seq = symbol->sentiment_seq,
        .account_seq = coord->state->account_seq,
        .position_seq = symbol->position_seq,
        .deadline = until,
        .attempt = 1,
        .agent = TT_agent_ARBITER,
        .task = TT_task_TRADING_DECISION,
        .budget = arbiter->call_budget,
        .subject_seq = open->decision.case_seq,
        .arbiter = open->arbiter,
    };
    return tt_coord_publish_as(
        coord, TT_TOPIC_AGENT_CALLS, TT_SOURCE_COORDINATOR, key, &call, &open->correlation);
}

/* Arms the timer and asks; false, with nothing changed, if there is no timer or no room. */
static bool make_call(tt_coord *coord, uint32_t key, const tt_arbiter_step_config *arbiter)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    int64_t until = tt_bus_now(coord->bus).ns + arbiter->timeout.ns;
    tt_time deadline = {until < open->deadline.ns ? until : open->deadline.ns};
    tt_timer_id timer = {0};
    tutti_status status = tt_timers_arm(
        coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_ARBITER, key, deadline, &timer);
    tt_seq seq = status == TUTTI_OK ? publish_question(coord, key, arbiter, deadline) : 0;
    if (seq == 0) {
        if (status == TUTTI_OK) {
            (void)tt_timers_cancel(coord->core->timers, timer);
        }
        return false;
    }
    open->timer = timer;
    open->call_seq = seq;
    tt_coord_case_step(coord, key, COORD_CASE_ASK);
    return true;
}

/* Asks the arbiter whose turn it is; false if it is skipped. */
static bool ask(tt_coord *coord, uint32_t key)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    const tt_arbiter_step_config *arbiter = &coord->config.arbiters[open->arbiter];
    const char *why = tt_coord_degradation_bars(coord, open->arbiter);
    if (why != NULL) {
        // Nobody is asked.
    } else if (tt_bus_now(coord->bus).ns >= open->deadline.ns) {
        why = "the time for this conflict is over";
    } else if (!tt_coord_budget_reserve(
                   coord, tt_coord_case_account(open->arbiter), arbiter->call_budget)) {
        why = "its budget, or that of all calls, is spent for today";
    } else {
        open->reserved = arbiter->call_budget;
        if (make_call(coord, key, arbiter)) {
            return true;
        }
        const tt_money nothing = {TT_DEC_ZERO};
        tt_coord_budget_settle(
            coord, tt_coord_case_account(open->arbiter), open->reserved, nothing);
        open->reserved.d = TT_DEC_ZERO;
        why = "there is no timer or no room on the bus";
    }
    tt_coord_case_tell(coord, key, TT_case_stage_ARBITER_SKIPPED, arbiter->provider, 0, why);
    return false;
}

static void decide_by_rules(tt_coord *coord, uint32_t key)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    tt_coord_case_let_go(open);
    tt_coord_arbiter_decide(&coord->config.arbiter, open->confidence, &open->decision);
    tt_coord_case_conclude(coord, key);
}

static void ask_next(tt_coord *coord, uint32_t key)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    for (; open->arbiter < coord->config.arbiter_count; open->arbiter++) {
        if (tt_coord_is_rules(&coord->config.arbiters[open->arbiter])) {
            decide_by_rules(coord, key);
            return;
        }
        if (ask(coord, key)) {
            return;
        }
    }
    tt_coord_case_fall_back(coord, key, "no arbiter settled the conflict");
}

void tt_coord_case_keep(tt_coord_case *open, const tt_trading_signal *signal)
{
    if (signal == &open->signal) {
        return;
    }
    memset(&open->signal, 0, sizeof open->signal);
    memcpy(&open->signal, signal, offsetof(tt_trading_signal, votes));
    open->signal.count = 0;
}

void tt_coord_case_open(
    tt_coord *coord,
    const tt_coord_decision *decision,
    const tt_conflict_decision *conflict,
    const tt_uuid *correlation)
{
    tt_coord_case *open = tt_coord_case_get(coord, decision->key);
    TT_ASSERT(open->state == COORD_CASE_NONE);
    open->decision = *conflict;
    tt_coord_case_keep(open, decision->signal);
    open->confidence = decision->confidence;
    open->correlation = *correlation;
    open->deadline.ns = tt_bus_now(coord->bus).ns + coord->config.arbitration.time_limit.ns;
    open->arbiter = 0;
    open->side = (uint8_t)decision->side;
    tt_coord_case_tell(
        coord,
        decision->key,
        TT_case_stage_OPENED,
        "coordinator",
        decision->signal_seq,
        conflict->conflicts[0].detail);
    if (open->decision.case_seq == 0) {
        tt_coord_case_fall_back(coord, decision->key, "the bus has no room for the conflict");
        return;
    }
    ask_next(coord, decision->key);
}

/* ---- answers ---- */

static void fail_arbiter(tt_coord *coord, uint32_t key, tt_seq subject_seq, const char *why)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    const char *name = coord->config.arbiters[open->arbiter].provider;
    tt_coord_case_tell(coord, key, TT_case_stage_ARBITER_FAILED, name, subject_seq, why);
    tt_coord_case_release(coord, open);
    open->arbiter++;
    ask_next(coord, key);
}

uint32_t tt_coord_case_find_call(const tt_coord *coord, tt_seq call_seq)
{
    for (uint32_t i = 0; i < coord->symbol_count && call_seq != 0; i++) {
        if (coord->cases[i].call_seq == call_seq) {
            return i + 1;
        }
    }
    return 0;
}

bool tt_coord_case_settle_late(tt_coord *coord, const tt_agent_answer *answer)
{
    for (uint32_t i = 0; i < coord->symbol_count; i++) {
        tt_coord_case *open = &coord->cases[i];
        if (open->given_up_seq == answer->call_seq) {
            tt_coord_budget_correct(
                coord,
                tt_coord_case_account(open->given_up_arbiter),
                open->given_up_charge,
                answer->cost);
            open->given_up_charge.d = TT_DEC_ZERO;
            return true;
        }
    }
    return false;
}

/* Form and meaning of an answer to a call of this case. */
static tutti_status read_opinion(
    const tt_coord_case *open,
    uint32_t key,
    const tt_msg *msg,
    tt_arbiter_opinion *opinion,
    tt_error *error)
{
    const tt_agent_answer *answer = TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer);
    if (msg->key != key) {
        return tt_error_set(error, TUTTI_INVALID, "the answer is about another symbol");
    }
    if (answer->answer_topic != TT_TOPIC_ARBITER_OPINIONS) {
        return tt_error_set(
            error, TUTTI_INVALID, "agent_answer.answer_topic must be arbiter_opinions");
    }
    if (answer->count > sizeof *opinion) {
        return tt_error_set(
            error, TUTTI_INVALID, "agent_answer.body is longer than an arbiter_opinion");
    }
    memset(opinion, 0, sizeof *opinion);
    memcpy(opinion, answer->body, answer->count);
    TUTTI_TRY(tt_payload_check(&tt_layout_arbiter_opinion, opinion, answer->count, error));
    return tt_coord_check_opinion(open, opinion, error);
}

static void refuse_opinion(tt_coord *coord, uint32_t key, const tt_msg *msg, const char *why)
{
    coord->state->refused_answers++;
    tt_bus_dead_letter(coord->bus, msg, TT_dead_reason_INVALID_INPUT, "coordinator", why);
    tt_coord_degradation_failure(coord, COORD_FAILURE_LLM);
    fail_arbiter(coord, key, msg->seq, why);
}

static void take_opinion(tt_coord *coord, uint32_t key, const tt_msg *msg, tt_seq call_seq)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    tt_arbiter_opinion opinion;
    tt_error error = {0};
    if (read_opinion(open, key, msg, &opinion, &error) != TUTTI_OK) {
        refuse_opinion(coord, key, msg, error.message);
        return;
    }
    opinion.call_seq = call_seq;
    opinion.case_seq = open->decision.case_seq;
    opinion.arbiter = open->arbiter;
    memset(opinion.name, 0, sizeof opinion.name);
    TT_TEXT_SET(opinion.name, coord->config.arbiters[open->arbiter].provider);
    open->decision.opinion_seq = tt_coord_publish_as(
        coord,
        TT_TOPIC_ARBITER_OPINIONS,
        TT_SOURCE_AGENT_ARBITER,
        key,
        &opinion,
        &open->correlation);
    tt_coord_degradation_success(coord);
    tt_coord_case_hold(open, &opinion);
    bool is_sure = tt_dec_le(coord->config.arbitration.confidence_floor.d, opinion.confidence.d);
    // Of a position only leaving it alone needs to be sure: less of it is the safe way.
    bool lets_go = opinion.action == TT_resolution_PROCEED ||
                   (opinion.action == TT_resolution_MODIFY && !open->is_review);
    if (is_sure || !lets_go) {
        tt_coord_case_conclude(coord, key);
    } else if (!tt_coord_approval_ask(coord, key, &opinion)) {
        fail_arbiter(coord, key, open->decision.opinion_seq, "it is less sure than the floor");
    }
}

static void take_failure(tt_coord *coord, uint32_t key, const tt_msg *msg)
{
    const tt_agent_answer *answer = TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer);
    bool is_invalid = answer->status == TT_answer_status_INVALID;
    char why[128];
    tt_text_format(
        why,
        sizeof why,
        "%s: %s",
        tt_enum_text(&tt_enum_answer_status, answer->status),
        answer->error[0] == '\0' ? "the arbiter gave no reason" : answer->error);
    if (answer->status != TT_answer_status_NO_OPINION) {
        tt_coord_degradation_failure(coord, is_invalid ? COORD_FAILURE_LLM : COORD_FAILURE_API);
    }
    fail_arbiter(coord, key, msg->seq, why);
}

void tt_coord_case_answer(tt_coord *coord, uint32_t key, const tt_msg *msg)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    const tt_agent_answer *answer = TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer);
    tt_seq call_seq = open->call_seq;
    tt_coord_budget_settle(
        coord, tt_coord_case_account(open->arbiter), open->reserved, answer->cost);
    open->reserved.d = TT_DEC_ZERO;
    open->call_seq = 0;
    tt_coord_case_release_timer(coord, open);
    if (answer->status == TT_answer_status_OK) {
        take_opinion(coord, key, msg, call_seq);
    } else {
        take_failure(coord, key, msg);
    }
}

void tt_coord_case_timeout(tt_coord *coord, uint32_t key)
{
    tt_coord_case *open = tt_coord_case_get(coord, key);
    open->timer.n = 0;
    if (tt_coord_is_recovering(coord)) {
        return; // The crash was late, not the arbiter: the restart goes on to the next one.
    }
    tt_coord_degradation_failure(coord, COORD_FAILURE_API);
    fail_arbiter(coord, key, open->call_seq, "no answer in time");
}

uint32_t tt_coord_case_recover(tt_coord *coord)
{
    uint32_t count = 0;
    for (uint32_t key = 1; key <= coord->symbol_count; key++) {
        if (tt_coord_case_get(coord, key)->state == COORD_CASE_ASKING) {
            fail_arbiter(
                coord,
                key,
                tt_coord_case_get(coord, key)->call_seq,
                "its call was lost in a restart");
            count++;
        }
    }
    return count;
}
