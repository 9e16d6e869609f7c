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
#include "base/json.h"
#include "base/text.h"
#include "llm/llm_priv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(TT_LLM_VOTERS_MAX <= TT_MAX_model_vote, "each voter has a row in the signal");

/** Provider of the record of a decision: no name of a provider has a blank. */
#define RECORD_NAME "all voters"

/** One voter and its thread. */
struct voter {
    const tt_llm_agent *agent;
    tt_llm_provider *provider;
    const tt_instruments *instruments;
    const tt_agent_request *request;
    tt_money budget;
    pthread_t thread;
    bool has_thread;
    tt_agent_answer answer;
    tt_trading_signal signal; /**< Of an answer that is one. */
};

/** A decision in the making. */
struct ensemble {
    const tt_llm_agent *agent;
    const tt_agent_request *request;
    struct voter *voters;
    uint32_t count;
    tt_ballot ballots[TT_LLM_VOTERS_MAX];
    tt_vote_count votes;
    int64_t started_ns;
};

/* ---- asking ---- */

static void *ask(void *ctx)
{
    struct voter *voter = ctx;
    tt_llm_provider_call(
        voter->agent,
        voter->provider,
        voter->budget,
        voter->instruments,
        voter->request,
        &voter->answer);
    return NULL;
}

static tt_money part_of(tt_money budget, uint32_t count)
{
    tt_dec part = TT_DEC_ZERO;
    tutti_status status =
        tt_dec_muldiv(budget.d, TT_DEC_C(1, 0), tt_dec_from_i64(count, 0), TT_ROUND_DOWN, &part);
    TT_ASSERT(status == TUTTI_OK);
    return (tt_money){part};
}

/* The last voter is asked on this thread. One without a thread is asked after it. */
static void ask_all(struct ensemble *run, const tt_instruments *instruments)
{
    for (uint32_t i = 0; i < run->count; i++) {
        struct voter *voter = &run->voters[i];
        voter->agent = run->agent;
        voter->provider = run->agent->voters[i];
        voter->instruments = instruments;
        voter->request = run->request;
        voter->budget = part_of(run->request->call.budget, run->count);
        voter->has_thread =
            i + 1 < run->count && pthread_create(&voter->thread, NULL, ask, voter) == 0;
    }
    for (uint32_t i = run->count; i > 0; i--) {
        struct voter *voter = &run->voters[i - 1];
        if (voter->has_thread) {
            (void)pthread_join(voter->thread, NULL);
        } else {
            (void)ask(voter);
        }
    }
}

/* ---- counting ---- */

static void count_votes(struct ensemble *run)
{
    for (uint32_t i = 0; i < run->count; i++) {
        struct voter *voter = &run->voters[i];
        if (voter->answer.status == TT_answer_status_OK) {
            memcpy(&voter->signal, voter->answer.body, voter->answer.count);
            run->ballots[i] = (tt_ballot){voter->signal.confidence, voter->signal.action, true};
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
    const tt_trading_signal *sorted[TT_LLM_VOTERS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        const tt_trading_signal *signal = &run->voters[i].signal;
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
        const tt_trading_signal *signal = &run->voters[i].signal;
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
            *vote = run->voters[i].signal.votes[0];
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

/* Nobody has answered: the failure of the first voter speaks for all. */
static void answer_failure(const struct ensemble *run, tt_agent_answer *answer)
{
    const tt_agent_answer *first = &run->voters[0].answer;
    answer->status = first->status;
    tt_text_format(
        answer->error,
        sizeof answer->error,
        "no voter has answered; %s: %s",
        run->voters[0].provider->config->name,
        first->error);
}

static void add_costs(const struct ensemble *run, tt_agent_answer *answer)
{
    uint64_t tokens = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        const tt_agent_answer *said = &run->voters[i].answer;
        answer->cost.d = tt_dec_min(TT_MONEY_MAX, tt_dec_xadd(answer->cost.d, said->cost.d));
        tokens += said->tokens;
    }
    answer->tokens = tokens < UINT32_MAX ? (uint32_t)tokens : UINT32_MAX;
}

/* ---- the record ---- */

/* The hashes of the calls, as JSON. */
static tt_slice render_calls(const struct ensemble *run, char *text, size_t capacity)
{
    tt_json_writer writer;
    size_t size = 0;
    tt_json_writer_init(&writer, text, capacity, false);
    tt_json_begin_object(&writer);
    tt_json_key(&writer, "calls");
    tt_json_begin_array(&writer);
    for (uint32_t i = 0; i < run->count; i++) {
        char hex[TT_LLM_HEX_MAX];
        tt_llm_hex(run->voters[i].answer.record, hex);
        tt_json_string(&writer, hex, strlen(hex));
    }
    tt_json_end_array(&writer);
    tt_json_end_object(&writer);
    tutti_status status = tt_json_finish(&writer, &size);
    TT_ASSERT(status == TUTTI_OK); // A row has 67 bytes.
    return (tt_slice){text, size};
}

static tt_llm_call entry_of(const struct ensemble *run, tt_slice calls, const char *reasoning)
{
    const tt_llm *llm = run->agent->llm;
    return (tt_llm_call){
        .call_seq = run->request->call_seq,
        .provider = RECORD_NAME,
        .model = "",
        .request = calls,
        .answer = tt_slice_of(reasoning),
        .latency.ns = llm->world.now_ns(llm->world.ctx) - run->started_ns,
        .attempts = run->count,
    };
}

/* Writes the record of the decision, or finds it in the one that is replayed. */
static void record(const struct ensemble *run, tt_agent_answer *answer)
{
    const tt_llm *llm = run->agent->llm;
    char text[TT_LLM_VOTERS_MAX * 68 + 32];
    tt_slice calls = render_calls(run, text, sizeof text);
    tt_error error = {0};
    tutti_status status = TUTTI_OK;
    if (llm->replay != NULL) {
        tt_llm_call entry;
        status = tt_llm_record_find(
            llm->replay,
            run->request->call_seq,
            RECORD_NAME,
            calls,
            &entry,
            answer->record,
            &error);
    } else if (llm->record_folder[0] != '\0') {
        tt_trading_signal signal = {0};
        memcpy(&signal, answer->body, answer->count);
        tt_llm_call entry = entry_of(run, calls, signal.reasoning);
        entry.error = answer->error;
        entry.status = (tt_answer_status)answer->status;
        entry.cost = answer->cost;
        status = tt_llm_record_write(llm->record_folder, &entry, answer->record, &error);
    }
    if (status != TUTTI_OK) {
        tt_llm_answer_void(answer, &error);
    }
}

void tt_llm_ensemble_call(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    const tt_llm_agent *agent = ctx;
    struct ensemble run = {
        .agent = agent,
        .request = request,
        .voters = calloc(agent->voter_count, sizeof *run.voters),
        .count = agent->voter_count,
        .started_ns = agent->llm->world.now_ns(agent->llm->world.ctx),
    };
    tt_text_format(answer->model, sizeof answer->model, "%u voters", agent->voter_count);
    if (run.voters == NULL) {
        answer->status = TT_answer_status_ERROR;
        TT_TEXT_SET(answer->error, "no memory for the voters");
        return;
    }
    ask_all(&run, instruments);
    count_votes(&run);
    if (run.votes.valid > 0) {
        answer_votes(&run, answer);
    } else {
        answer_failure(&run, answer);
    }
    add_costs(&run, answer);
    record(&run, answer);
    free(run.voters);
}
