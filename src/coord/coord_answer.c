/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Answers of agents: untrusted until checked here, published in the agent's name afterwards.
 *
 * An answer must belong to a call in flight, be about its symbol, and, if it has a body, hold the
 * payload of the agent's own topic, well formed and within its ranges. References to what the agent
 * saw are set from the call, whatever the answer says.
 */
#include "coord/coord_priv.h"

#include <string.h>

/** Any output of an agent. */
union output {
    tt_ta_signal ta;
    tt_regime_update regime;
    tt_sentiment_update sentiment;
    tt_trading_signal signal;
    tt_portfolio_update portfolio;
};

/** An answer on its way through the checks. */
struct reading {
    const tt_agent_answer *answer;
    const tt_coord_slot *slot;
    const tt_coord_task *task;
    uint32_t key;
    union output output;
};

/* Copies the body into an output, zero behind it, and checks its form. */
static tutti_status decode_body(struct reading *reading, tt_error *error)
{
    const tt_agent_answer *answer = reading->answer;
    const tt_topic_info *expected = tt_topic_info_get((uint16_t)reading->task->topic);
    if (answer->answer_topic != expected->topic) {
        const tt_topic_info *found = tt_topic_info_get(answer->answer_topic);
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "agent_answer.answer_topic is %s; this agent speaks on %s",
            found == NULL ? "no topic" : found->name,
            expected->name);
    }
    if (answer->count > expected->layout->size) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "agent_answer.body has %u bytes; %s has at most %u",
            answer->count,
            expected->layout->name,
            expected->layout->size);
    }
    memcpy(&reading->output, answer->body, answer->count);
    memset((char *)&reading->output + answer->count, 0, expected->layout->size - answer->count);
    return tt_payload_check(expected->layout, &reading->output, answer->count, error);
}

static tutti_status
check_output(const tt_coord *coord, const struct reading *reading, tt_error *error)
{
    const union output *output = &reading->output;
    switch (reading->task->agent) {
    case TT_agent_TECHNICAL_ANALYSIS:
        return tt_coord_check_ta(&output->ta, error);
    case TT_agent_REGIME_DETECTION:
        return tt_coord_check_regime(&output->regime, error);
    case TT_agent_SENTIMENT_ANALYSIS:
        return tt_coord_check_sentiment(&output->sentiment, error);
    case TT_agent_TRADING_DECISION:
        return tt_coord_check_signal(&output->signal, error);
    case TT_agent_PORTFOLIO_REBALANCE:
        return tt_coord_check_portfolio(&output->portfolio, coord->symbol_count, error);
    case TT_agent_ARBITER:
    case TT_agent_COUNT:
        break;
    }
    TT_ASSERT(false);
    return TUTTI_INVALID;
}

/* Writes what only the coordinator knows: the call, what it showed, the regime in force. */
static void complete_output(tt_coord *coord, struct reading *reading)
{
    const tt_coord_slot *slot = reading->slot;
    union output *output = &reading->output;
    switch (reading->task->agent) {
    case TT_agent_TECHNICAL_ANALYSIS:
        output->ta.call_seq = slot->call_seq;
        output->ta.indicators_seq = slot->indicators_seq;
        return;
    case TT_agent_REGIME_DETECTION:
        output->regime.call_seq = slot->call_seq;
        output->regime.indicators_seq = slot->indicators_seq;
        tt_coord_regime_apply(
            &coord->config.coordinator,
            &tt_coord_symbol_get(coord, reading->key)->hysteresis,
            &output->regime);
        return;
    case TT_agent_SENTIMENT_ANALYSIS:
        output->sentiment.call_seq = slot->call_seq;
        return;
    case TT_agent_TRADING_DECISION:
        output->signal.call_seq = slot->call_seq;
        output->signal.indicators_seq = slot->indicators_seq;
        output->signal.ta_seq = slot->ta_seq;
        output->signal.regime_seq = slot->regime_seq;
        output->signal.sentiment_seq = slot->sentiment_seq;
        return;
    case TT_agent_PORTFOLIO_REBALANCE:
        output->portfolio.call_seq = slot->call_seq;
        return;
    case TT_agent_ARBITER:
    case TT_agent_COUNT:
        return;
    }
}

/* Publishes in the name of the agent and remembers what was said, so that a call that waits for
 * this answer already refers to it. False if the bus has no room. */
static bool publish_output(tt_coord *coord, const struct reading *reading)
{
    const tt_bus_post post = {
        .topic = reading->task->topic,
        .source = reading->task->source,
        .key = reading->key,
        .payload = &reading->output,
        .correlation = reading->slot->correlation,
    };
    tt_seq seq = 0;
    if (tt_bus_publish(coord->bus, &post, &seq) != TUTTI_OK) {
        return false;
    }
    const union output *output = &reading->output;
    if (reading->task->topic == TT_TOPIC_TA_SIGNALS) {
        tt_coord_remember_ta(coord, reading->key, seq, &output->ta);
    } else if (reading->task->topic == TT_TOPIC_REGIME_UPDATES) {
        tt_coord_remember_regime(coord, reading->key, seq, &output->regime);
    } else if (reading->task->topic == TT_TOPIC_SENTIMENT_UPDATES) {
        tt_coord_remember_sentiment(coord, reading->key, seq, &output->sentiment);
    }
    return true;
}

static void refuse_answer(tt_coord *coord, uint32_t slot, const tt_msg *msg, const tt_error *error)
{
    coord->state->refused_answers++;
    tt_bus_dead_letter(
        coord->bus, msg, TT_dead_reason_INVALID_INPUT, "coordinator", error->message);
    tt_coord_call_fail(coord, slot, COORD_SLOT_FAIL, COORD_FAILURE_LLM, error->message);
}

static void take_body(tt_coord *coord, uint32_t slot, const tt_msg *msg)
{
    struct reading reading; // The output is large, and written by what follows.
    reading.answer = TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer);
    reading.slot = &coord->slots[slot];
    reading.task = tt_coord_task_get(tt_coord_slot_task(coord, slot));
    reading.key = tt_coord_slot_key(coord, slot);
    tt_error error;
    tutti_status status = decode_body(&reading, &error);
    if (status == TUTTI_OK) {
        status = check_output(coord, &reading, &error);
    }
    if (status != TUTTI_OK) {
        refuse_answer(coord, slot, msg, &error);
        return;
    }
    complete_output(coord, &reading);
    if (publish_output(coord, &reading)) {
        tt_coord_call_succeed(coord, slot);
    } else {
        const char *why = "the bus has no room for the output";
        tt_coord_call_fail(coord, slot, COORD_SLOT_FAIL, COORD_FAILURE_API, why);
    }
}

static void take_failure(tt_coord *coord, uint32_t slot, const tt_agent_answer *answer)
{
    bool is_invalid = answer->status == TT_answer_status_INVALID;
    char why[144];
    tt_text_format(
        why,
        sizeof why,
        "%s: %s",
        tt_enum_text(&tt_enum_answer_status, answer->status),
        answer->error[0] == '\0' ? "the agent gave no reason" : answer->error);
    tt_coord_call_fail(
        coord, slot, COORD_SLOT_FAIL, is_invalid ? COORD_FAILURE_LLM : COORD_FAILURE_API, why);
}

/* Tells whether the call was given up before; what it cost is known now. */
static bool settle_late(tt_coord *coord, const tt_agent_answer *answer)
{
    if (answer->call_seq == 0) {
        return false;
    }
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        if (coord->slots[i].given_up_seq == answer->call_seq) {
            tt_coord_call_settle_late(coord, i, answer->cost);
            return true;
        }
    }
    return tt_coord_case_settle_late(coord, answer);
}

/* Says why an answer belongs to no call in flight. */
static void refuse_unknown(tt_coord *coord, const tt_msg *msg, const tt_agent_answer *answer)
{
    coord->state->late_answers++;
    bool is_late = settle_late(coord, answer);
    char text[96];
    tt_text_format(
        text,
        sizeof text,
        is_late ? "call %llu was given up before this answer came" : "no call %llu is in flight",
        (unsigned long long)answer->call_seq);
    tt_bus_dead_letter(coord->bus, msg, TT_dead_reason_UNKNOWN_CALL, "coordinator", text);
}

tutti_status tt_coord_on_answer(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    const tt_agent_answer *answer = TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer);
    uint32_t slot = tt_coord_call_find(coord, answer->call_seq);
    uint32_t case_key = tt_coord_case_find_call(coord, answer->call_seq);
    if (case_key != 0) {
        tt_coord_case_answer(coord, case_key, msg);
        return TUTTI_OK;
    }
    if (slot == COORD_NO_SLOT) {
        refuse_unknown(coord, msg, answer);
        return TUTTI_OK;
    }
    tt_coord_call_settle(coord, slot, answer->cost);
    if (msg->key != tt_coord_slot_key(coord, slot)) {
        tt_error error = {0};
        (void)tt_error_set(
            &error,
            TUTTI_INVALID,
            "the answer is about %s, the call was about another symbol",
            tt_coord_key_text(coord, msg->key));
        refuse_answer(coord, slot, msg, &error);
        return TUTTI_OK;
    }
    switch ((tt_answer_status)answer->status) {
    case TT_answer_status_OK:
        take_body(coord, slot, msg);
        return TUTTI_OK;
    case TT_answer_status_NO_OPINION:
        tt_coord_call_succeed(coord, slot);
        return TUTTI_OK;
    case TT_answer_status_ERROR:
    case TT_answer_status_TIMEOUT:
    case TT_answer_status_INVALID:
        take_failure(coord, slot, answer);
        return TUTTI_OK;
    case TT_answer_status_COUNT:
        break;
    }
    return TUTTI_INVALID;
}
