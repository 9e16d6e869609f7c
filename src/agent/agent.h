/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The agent interface: what answers an agent call. A request is a value with everything that the
 * agent may see; an answer is a value that the coordinator checks before it believes it. Rules,
 * recorded answers, LLM providers and child processes all stand behind it.
 */
#ifndef TT_AGENT_AGENT_H
#define TT_AGENT_AGENT_H

#include "base/error.h"
#include "model/instrument.h"
#include "model/message.h"

/** What an agent sees. A part with its `has_` flag false was not there. */
typedef struct tt_agent_request {
    tt_seq call_seq;
    tt_uuid correlation;
    tt_time now;
    uint32_t key; /**< Instrument id; 0 = the whole portfolio. */
    tt_agent_call call;
    tt_indicators indicators;
    tt_ta_signal ta;
    tt_regime_update regime;
    tt_sentiment_update sentiment;
    tt_account_update account;
    tt_position_update position;
    tt_conflict_case conflict; /**< What an arbiter is to settle. */
    bool has_indicators, has_ta, has_regime, has_sentiment, has_account, has_position;
    bool has_conflict;
    /** Positions of the whole portfolio, for the portfolio agent; [i] is instrument i+1. */
    tt_money exposures[TT_INSTRUMENTS_MAX]; /**< Signed quantity x mark. */
    uint32_t instrument_count;
    tt_money set_aside; /**< In profit bags: part of the account's equity, but not to be traded. */
} tt_agent_request;

/** Answers a call. Runs on a pool worker (or inline in a backtest); may block there; must be a
 * function of request and ctx alone for built-in rules. Fills status, answer_topic, body (count
 * bytes), model, tokens, cost of a zeroed answer; the caller fills call_seq and latency. */
typedef void (*tt_agent_fn)(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer);

/** One agent: function and context, by its place in the enumeration `agent`. */
typedef struct tt_agent_slot {
    tt_agent_fn fn; /**< NULL: no such agent; calls answer with status error. */
    void *ctx;
} tt_agent_slot;

/** The agents of a run. */
typedef struct tt_agents {
    tt_agent_slot slots[TT_agent_COUNT];
    void *owned; /**< Loaded data (sentiment record); released by tt_agents_close. */
} tt_agents;

/** Puts the payload of `topic` into the body of an answer and its status to ok. The payload must
 * fit the body (asserted): every output of an agent does. @thread{any} @alloc{never} */
void tt_agent_answer_set(tt_agent_answer *answer, tt_topic topic, const void *payload);

#endif
