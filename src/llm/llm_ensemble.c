/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The trading decision of several language models: all are asked at the same time, each within the
 * time of its provider and its part of the budget; who has not answered by then has no vote. The
 * votes are counted as those of the rule models are (agent/decision_votes.h).
 *
 * Prices of several models are never averaged: a mean of stops need not be a stop of anybody. The
 * voter with the middle stop of those who agree says entry, stop and target, together; of two in
 * the middle the one with the nearer stop. Size is the middle one, leverage the lowest.
 *
 * The record of the decision names those of the calls, so that one hash stands for all of them.
 */
#include "agent/decision_votes.h"
#include "base/text.h"
#include "llm/llm_parts.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(TT_LLM_VOTERS_MAX <= TT_MAX_model_vote, "each voter has a row in the signal");

/** A decision in the making. */
struct ensemble {
    const tt_llm_agent *agent;
    const tt_agent_request *request;
    tt_llm_part *voters;
    tt_trading_signal *signals; /**< Of the voters whose answer is one. */
    uint32_t count;
    tt_ballot ballots[TT_LLM_VOTERS_MAX];
    tt_vote_count votes;
};

/* ---- counting ---- */

static void count_votes(struct ensemble *run)
{
    for (uint32_t i = 0; i < run->count; i++) {
        const tt_agent_answer *answer = &run->voters[i].answer;
        tt_trading_signal *signal = &run->signals[i];
        if (answer->status == TT_answer_status_OK) {
            memcpy(signal, answer->body, answer->count);
            run->ballots[i] = (tt_ballot){signal->confidence, signal->action, true};
        }
    }
    run->votes = tt_votes_count(run->ballots, run->count);
}

/* Distance of a stop as something to sort by: the nearer, the smaller; none is farthest. */
static tt_dec stop_rank(const tt_trading_signal *signal)
{
    if (tt_dec_is_zero(signal->stop_loss.d)) {
        return TT_PRICE_MAX;
    }
    return signal->action == TT_action_BUY ? tt_dec_xsub(TT_DEC_ZERO, signal->stop_loss.d)
                                           : signal->stop_loss.d;
}

static tt_dec size_rank(const tt_trading_signal *signal)
{
    return signal->position_size_pct.d;
}

/* The middle one of those who agree; of two the lower. Between equals the order of the voters
 * decides. */
static const tt_trading_signal *
middle_of(const struct ensemble *run, tt_dec (*rank)(const tt_trading_signal *signal))
{
    const tt_trading_signal *sorted[TT_LLM_VOTERS_MAX] = {NULL};
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        const tt_trading_signal *signal = &run->signals[i];
        if (!run->ballots[i].is_valid || signal->action != run->votes.action) {
            continue;
        }
        uint32_t at = count++;
        while (at > 0 && tt_dec_lt(rank(signal), rank(sorted[at - 1]))) {
            sorted[at] = sorted[at - 1];
            at--;
        }
        sorted[at] = signal;
    }
    TT_ASSERT(count > 0);
    return sorted[(count - 1) / 2];
}

static uint8_t lowest_leverage(const struct ensemble *run)
{
    uint8_t lowest = UINT8_MAX;
    for (uint32_t i = 0; i < run->count; i++) {
        const tt_trading_signal *signal = &run->signals[i];
        bool agrees = run->ballots[i].is_valid && signal->action == run->votes.action;
        if (agrees && signal->leverage < lowest) {
            lowest = signal->leverage;
        }
    }
    return lowest;
}

static void set_entry(const struct ensemble *run, tt_trading_signal *signal)
{
    const tt_trading_signal *middle = middle_of(run, stop_rank);
    signal->entry_price = middle->entry_price;
    signal->stop_loss = middle->stop_loss;
    signal->take_profit = middle->take_profit;
    signal->position_size_pct = middle_of(run, size_rank)->position_size_pct;
    signal->leverage = lowest_leverage(run);
}

/* Sets what the votes lead to; returns why it is to hold, or "". */
static const char *decide(const struct ensemble *run, tt_trading_signal *signal)
{
    signal->leverage = 1;
    if (run->votes.valid < run->agent->llm->config->llm.min_votes) {
        return "too few models have answered";
    }
    if (!tt_votes_have_majority(&run->votes)) {
        return "no action has a majority";
    }
    signal->confidence = tt_votes_confidence(run->ballots, run->count, &run->votes);
    signal->action = run->votes.action;
    if (signal->action == TT_action_BUY || signal->action == TT_action_SELL) {
        set_entry(run, signal);
    }
    return "";
}

static void list_votes(const struct ensemble *run, tt_trading_signal *signal)
{
    for (uint32_t i = 0; i < run->count; i++) {
        if (run->ballots[i].is_valid) {
            tt_model_vote *vote = &signal->votes[signal->count++];
            *vote = run->signals[i].votes[0];
            // Several providers may serve one model; a voter is known by its provider.
            TT_TEXT_SET(vote->model, run->voters[i].provider->config->name);
        }
    }
    signal->valid_votes = (uint8_t)run->votes.valid;
    signal->agreement = tt_votes_agreement(&run->votes);
}

static void append_names(const struct ensemble *run, int action, tt_text_buf *text)
{
    for (uint32_t i = 0; i < run->count; i++) {
        int said = run->ballots[i].is_valid ? run->ballots[i].action : -1;
        if (said == action) {
            tt_text_appendf(text, " %s", run->voters[i].provider->config->name);
        }
    }
}

static void explain(const struct ensemble *run, const char *why, tt_trading_signal *signal)
{
    char text[sizeof signal->reasoning];
    tt_text_buf buf;
    tt_text_init(&buf, text, sizeof text);
    for (int action = 0; action < TT_action_COUNT; action++) {
        if (run->votes.counts[action] > 0) {
            const char *word = tt_enum_text(&tt_enum_action, (uint8_t)action);
            tt_text_appendf(
                &buf, "%s%u %s:", buf.length > 0 ? "; " : "", run->votes.counts[action], word);
            append_names(run, action, &buf);
        }
    }
    if (run->votes.valid < run->count) {
        tt_text_append_text(&buf, "; no answer:");
        append_names(run, -1, &buf);
    }
    if (why[0] != '\0') {
        tt_text_appendf(&buf, "; %s", why);
    }
    TT_TEXT_SET(signal->reasoning, text);
}

static void answer_votes(const struct ensemble *run, tt_agent_answer *answer)
{
    const tt_agent_call *call = &run->request->call;
    tt_trading_signal signal = {
        .call_seq = run->request->call_seq,
        .indicators_seq = call->indicators_seq,
        .ta_seq = call->ta_seq,
        .regime_seq = call->regime_seq,
        .sentiment_seq = call->sentiment_seq,
    };
    list_votes(run, &signal);
    const char *why = decide(run, &signal);
    explain(run, why, &signal);
    tt_agent_answer_set(answer, TT_TOPIC_TRADING_SIGNALS, &signal);
}

static void decide_together(
    struct ensemble *run,
    const tt_instruments *instruments,
    int64_t started_ns,
    tt_agent_answer *answer)
{
    tt_trading_signal signal = {0};
    for (uint32_t i = 0; i < run->count; i++) {
        run->voters[i].agent = run->agent;
        run->voters[i].provider = run->agent->voters[i];
    }
    tt_llm_parts_ask(run->voters, run->count, instruments, run->request);
    count_votes(run);
    if (run->votes.valid > 0) {
        answer_votes(run, answer);
        memcpy(&signal, answer->body, answer->count);
    } else {
        tt_llm_parts_fail(run->voters, "voter", answer);
    }
    tt_llm_parts_cost(run->voters, run->count, answer);
    tt_llm_parts_record(
        run->voters, run->count, "all voters", signal.reasoning, started_ns, answer);
}

void tt_llm_ensemble_call(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    const tt_llm_agent *agent = ctx;
    int64_t started_ns = agent->llm->world.now_ns(agent->llm->world.ctx);
    uint32_t count = agent->voter_count;
    struct ensemble run = {
        .agent = agent,
        .request = request,
        .voters = calloc(count, sizeof *run.voters),
        .signals = calloc(count, sizeof *run.signals),
        .count = count,
    };
    tt_text_format(answer->model, sizeof answer->model, "%u voters", count);
    if (run.voters == NULL || run.signals == NULL) {
        answer->status = TT_answer_status_ERROR;
        TT_TEXT_SET(answer->error, "no memory for the voters");
    } else {
        decide_together(&run, instruments, started_ns, answer);
    }
    free(run.voters);
    free(run.signals);
}
