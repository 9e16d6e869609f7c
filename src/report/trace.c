/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Follows the references that messages carry. Each topic has one function that knows where its
 * message came from; a message is listed once, at the first place where it is met.
 */
#include "report/trace.h"

#include <string.h>

/** The search: what was found, and what is still to be followed, in depth-first order. */
typedef struct search {
    const tt_trace_log *log;
    tt_trace *trace;
} search;

static void follow(search *chase, const char *role, tt_seq seq, int depth);

/* A fill that had waited for the fill of its entry is caused by the message that says so. */
static const char *role_of_cause(const search *chase, const tt_msg *msg)
{
    const tt_msg *cause = tt_trace_log_find(chase->log, msg->cause);
    bool has_waited = cause != NULL && cause->topic == TT_TOPIC_WAITING_FILLS;
    return has_waited ? "had waited" : "venue report";
}

/* What put it aside was caused by the report that told it; what ended the wait by another one. */
static void follow_waiting(search *chase, const tt_msg *msg, int depth)
{
    const tt_waiting_fill *what = TT_PAYLOAD(msg, WAITING_FILLS, waiting_fill);
    bool is_put = what->put_seq == msg->seq;
    follow(chase, is_put ? "venue report" : "ended by", msg->cause, depth);
    follow(chase, "put aside", what->put_seq, depth);
    follow(chase, "order", what->order_id, depth);
}

static void follow_fill(search *chase, const tt_msg *msg, int depth)
{
    const tt_fill *fill = TT_PAYLOAD(msg, FILLS, fill);
    follow(chase, role_of_cause(chase, msg), msg->cause, depth);
    follow(chase, "order", fill->order_id, depth);
    if (fill->role == TT_order_role_ADJUSTMENT) {
        follow(chase, "caused by", msg->cause, depth);
    }
    if (fill->position_id != msg->seq && fill->effect != TT_fill_effect_OPEN) {
        follow(chase, "fill that opened the position", fill->position_id, depth);
    }
}

static void follow_intent(search *chase, const tt_msg *msg, int depth)
{
    const tt_order_intent *intent = TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
    follow(chase, "risk verdict", intent->verdict_seq, depth);
    follow(chase, "entry order", intent->parent_order_id, depth);
    if (intent->verdict_seq == 0 && intent->parent_order_id == 0) {
        follow(chase, "caused by", msg->cause, depth);
        return;
    }
    /* A stop that a rule has moved, or a close that one has decided. */
    const tt_msg *cause = tt_trace_log_find(chase->log, msg->cause);
    if (cause != NULL && cause->topic == TT_TOPIC_EXIT_EVENTS) {
        follow(chase, "exit rule", msg->cause, depth);
    }
}

static void follow_amend(search *chase, const tt_msg *msg, int depth)
{
    const tt_order_amend *amend = TT_PAYLOAD(msg, ORDER_AMENDS, order_amend);
    follow(chase, "asked by", amend->command_seq, depth);
    follow(chase, "risk verdict", amend->verdict_seq, depth);
    follow(chase, "order", amend->order_id, depth);
}

static void follow_verdict(search *chase, const tt_msg *msg, int depth)
{
    follow(chase, "proposal", TT_PAYLOAD(msg, RISK_VERDICTS, risk_verdict)->proposal_seq, depth);
}

static void follow_proposal(search *chase, const tt_msg *msg, int depth)
{
    const tt_trade_proposal *proposal = TT_PAYLOAD(msg, TRADE_PROPOSALS, trade_proposal);
    follow(chase, "conflict decision", proposal->conflict_seq, depth);
    follow(chase, "consensus", proposal->consensus_seq, depth);
    follow(chase, "signal", proposal->signal_seq, depth);
    follow(chase, "order to amend", proposal->amended_order_id, depth);
}

static void follow_conflict(search *chase, const tt_msg *msg, int depth)
{
    const tt_conflict_decision *decision = TT_PAYLOAD(msg, CONFLICT_DECISIONS, conflict_decision);
    follow(chase, "arbiter's opinion", decision->opinion_seq, depth);
    if (decision->case_seq != 0) {
        follow(chase, "caused by", msg->cause, depth);
    }
    follow(chase, "conflict", decision->case_seq, depth);
    for (uint8_t i = 0; i < decision->count; i++) {
        follow(chase, "agent output", decision->conflicts[i].seq_a, depth);
        follow(chase, "agent output", decision->conflicts[i].seq_b, depth);
    }
}

/* Stages name what led to them; the stage before is found by its number. */
static void follow_case(search *chase, const tt_msg *msg, int depth)
{
    const tt_conflict_case *stage = TT_PAYLOAD(msg, CONFLICT_CASES, conflict_case);
    follow(chase, "because of", stage->subject_seq, depth);
    follow(chase, "conflict", stage->case_seq, depth);
    follow(chase, "signal", stage->signal_seq, depth);
}

static void follow_opinion(search *chase, const tt_msg *msg, int depth)
{
    const tt_arbiter_opinion *opinion = TT_PAYLOAD(msg, ARBITER_OPINIONS, arbiter_opinion);
    follow(chase, "answer", msg->cause, depth);
    follow(chase, "agent call", opinion->call_seq, depth);
    follow(chase, "conflict", opinion->case_seq, depth);
}

static void follow_consensus(search *chase, const tt_msg *msg, int depth)
{
    const tt_consensus *consensus = TT_PAYLOAD(msg, CONSENSUS, consensus);
    for (uint8_t i = 0; i < consensus->count; i++) {
        follow(chase, "agent output", consensus->votes[i].output_seq, depth);
    }
}

/* What a language model was asked and said stands in the record that its answer names. */
static void follow_answer(search *chase, const tt_msg *msg, int depth)
{
    static const uint8_t none[32];
    const tt_msg *answer = tt_trace_log_find(chase->log, msg->cause);
    bool is_recorded =
        answer != NULL && answer->topic == TT_TOPIC_AGENT_ANSWERS &&
        memcmp(TT_PAYLOAD(answer, AGENT_ANSWERS, agent_answer)->record, none, sizeof none) != 0;
    if (is_recorded) {
        follow(chase, "answer", msg->cause, depth);
    }
}

static void follow_signal(search *chase, const tt_msg *msg, int depth)
{
    const tt_trading_signal *signal = TT_PAYLOAD(msg, TRADING_SIGNALS, trading_signal);
    follow_answer(chase, msg, depth);
    follow(chase, "agent call", signal->call_seq, depth);
    follow(chase, "agent output", signal->ta_seq, depth);
    follow(chase, "agent output", signal->regime_seq, depth);
    follow(chase, "agent output", signal->sentiment_seq, depth);
    follow(chase, "indicators", signal->indicators_seq, depth);
    if (signal->call_seq == 0) {
        follow(chase, "caused by", msg->cause, depth);
    }
}

static void follow_ta(search *chase, const tt_msg *msg, int depth)
{
    const tt_ta_signal *ta = TT_PAYLOAD(msg, TA_SIGNALS, ta_signal);
    follow_answer(chase, msg, depth);
    follow(chase, "indicators", ta->indicators_seq, depth);
}

static void follow_regime(search *chase, const tt_msg *msg, int depth)
{
    const tt_regime_update *regime = TT_PAYLOAD(msg, REGIME_UPDATES, regime_update);
    follow_answer(chase, msg, depth);
    follow(chase, "indicators", regime->indicators_seq, depth);
}

static void follow_indicators(search *chase, const tt_msg *msg, int depth)
{
    follow(chase, "bar", TT_PAYLOAD(msg, INDICATORS, indicators)->bar_seq, depth);
}

static void follow_call(search *chase, const tt_msg *msg, int depth)
{
    const tt_agent_call *call = TT_PAYLOAD(msg, AGENT_CALLS, agent_call);
    follow(chase, "indicators", call->indicators_seq, depth);
}

static void follow_portfolio(search *chase, const tt_msg *msg, int depth)
{
    const tt_portfolio_update *update = TT_PAYLOAD(msg, PORTFOLIO_UPDATES, portfolio_update);
    follow(chase, "agent call", update->call_seq, depth);
}

/* In the chain of a fill the order stands beside the report; asked for by itself it leads there. */
static void follow_report(search *chase, const tt_msg *msg, int depth)
{
    if (depth == 1) {
        follow(chase, "order", TT_PAYLOAD(msg, VENUE_REPORTS, venue_report)->order_id, depth);
    }
}

static void follow_execution(search *chase, const tt_msg *msg, int depth)
{
    follow(chase, "caused by", msg->cause, depth);
    follow(chase, "order", TT_PAYLOAD(msg, EXECUTION_EVENTS, execution_event)->intent_seq, depth);
}

static void follow_position(search *chase, const tt_msg *msg, int depth)
{
    follow(chase, "fill", TT_PAYLOAD(msg, POSITION_UPDATES, position_update)->cause_fill, depth);
    follow(chase, "caused by", msg->cause, depth);
}

static void follow_account(search *chase, const tt_msg *msg, int depth)
{
    follow(chase, "fill", TT_PAYLOAD(msg, ACCOUNT_UPDATES, account_update)->cause_fill, depth);
    follow(chase, "caused by", msg->cause, depth);
}

/* What was booked, and which comparison had found it. */
static void follow_cash(search *chase, const tt_msg *msg, int depth)
{
    const tt_cash_booking *booking = TT_PAYLOAD(msg, CASH_BOOKINGS, cash_booking);
    follow(chase, "what is booked", booking->subject_seq, depth);
    follow(chase, "found by", booking->found_seq, depth);
    follow(chase, "caused by", msg->cause, depth);
}

static void follow_alert(search *chase, const tt_msg *msg, int depth)
{
    follow(chase, "caused by", msg->cause, depth);
    follow(chase, "about", TT_PAYLOAD(msg, RISK_ALERTS, risk_alert)->subject_seq, depth);
}

static void follow_dead_letter(search *chase, const tt_msg *msg, int depth)
{
    follow(
        chase, "what was not handled", TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter)->dead_seq, depth);
    follow(chase, "caused by", msg->cause, depth);
}

static void follow_cause(search *chase, const tt_msg *msg, int depth)
{
    follow(chase, "caused by", msg->cause, depth);
}

static void follow_nothing(search *chase, const tt_msg *msg, int depth)
{
    (void)chase;
    (void)msg;
    (void)depth;
}

typedef void (*follow_fn)(search *chase, const tt_msg *msg, int depth);

/** Topics that are not here, and those that were declared, are followed by their cause. */
static const follow_fn follow_table[TT_TOPIC_COUNT] = {
    [TT_TOPIC_FILLS] = follow_fill,
    [TT_TOPIC_ORDER_INTENTS] = follow_intent,
    [TT_TOPIC_ORDER_AMENDS] = follow_amend,
    [TT_TOPIC_RISK_VERDICTS] = follow_verdict,
    [TT_TOPIC_TRADE_PROPOSALS] = follow_proposal,
    [TT_TOPIC_CONFLICT_DECISIONS] = follow_conflict,
    [TT_TOPIC_CONFLICT_CASES] = follow_case,
    [TT_TOPIC_ARBITER_OPINIONS] = follow_opinion,
    [TT_TOPIC_CONSENSUS] = follow_consensus,
    [TT_TOPIC_TRADING_SIGNALS] = follow_signal,
    [TT_TOPIC_TA_SIGNALS] = follow_ta,
    [TT_TOPIC_REGIME_UPDATES] = follow_regime,
    [TT_TOPIC_INDICATORS] = follow_indicators,
    [TT_TOPIC_AGENT_CALLS] = follow_call,
    [TT_TOPIC_PORTFOLIO_UPDATES] = follow_portfolio,
    [TT_TOPIC_MARKET_BAR] = follow_nothing,
    [TT_TOPIC_MARKET_QUOTE] = follow_nothing,
    [TT_TOPIC_MARKET_TRADE] = follow_nothing,
    [TT_TOPIC_VENUE_REPORTS] = follow_report,
    [TT_TOPIC_EXECUTION_EVENTS] = follow_execution,
    [TT_TOPIC_POSITION_UPDATES] = follow_position,
    [TT_TOPIC_ACCOUNT_UPDATES] = follow_account,
    [TT_TOPIC_CASH_BOOKINGS] = follow_cash,
    [TT_TOPIC_RISK_ALERTS] = follow_alert,
    [TT_TOPIC_DEAD_LETTERS] = follow_dead_letter,
    [TT_TOPIC_WAITING_FILLS] = follow_waiting,
};

static bool is_listed(const tt_trace *trace, tt_seq seq)
{
    for (uint32_t i = 0; i < trace->count; i++) {
        if (trace->links[i].msg->seq == seq) {
            return true;
        }
    }
    return false;
}

static void follow(search *chase, const char *role, tt_seq seq, int depth)
{
    tt_trace *trace = chase->trace;
    if (seq == 0 || is_listed(trace, seq)) {
        return;
    }
    const tt_msg *msg = tt_trace_log_find(chase->log, seq);
    if (msg == NULL) {
        return;
    }
    if (trace->count == TT_TRACE_LINKS_MAX) {
        trace->was_cut = true;
        return;
    }
    trace->links[trace->count++] = (tt_trace_link){role, msg, depth};
    follow_fn next = msg->topic < TT_TOPIC_COUNT ? follow_table[msg->topic] : NULL;
    (next != NULL ? next : follow_cause)(chase, msg, depth + 1);
}

tutti_status tt_trace_follow(const tt_trace_log *log, tt_seq seq, tt_trace *trace, tt_error *error)
{
    *trace = (tt_trace){.registry = tt_trace_log_registry(log)};
    const tt_msg *msg = tt_trace_log_find(log, seq);
    if (msg == NULL) {
        size_t count = tt_trace_log_count(log);
        tt_error_set(
            error,
            TUTTI_NOT_FOUND,
            "there is no message %llu in this journal",
            (unsigned long long)seq);
        if (count > 0) {
            tt_error_hint(
                error,
                "numbers run from %llu to %llu; fill ids stand in the table of fills",
                (unsigned long long)tt_trace_log_at(log, 0)->seq,
                (unsigned long long)tt_trace_log_at(log, count - 1)->seq);
        }
        return TUTTI_NOT_FOUND;
    }
    search chase = {.log = log, .trace = trace};
    const tt_topic_info *info = tt_registry_topic(trace->registry, msg->topic);
    const char *role = info != NULL ? info->name : "message";
    follow(&chase, msg->topic == TT_TOPIC_FILLS ? "fill" : role, seq, 0);
    return TUTTI_OK;
}
