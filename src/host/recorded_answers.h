/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Answers of agents, as a journal has them, given to the calls of another run of the same market.
 *
 * Numbers differ from run to run, so an answer belongs to a call by who is asked, for which task,
 * about which symbol, in which attempt, and when: the call of the new run must have been made at
 * the moment of the recorded call, or within a window around it (where real time decided the
 * moment).
 */
#ifndef TT_HOST_RECORDED_ANSWERS_H
#define TT_HOST_RECORDED_ANSWERS_H

#include "host/answers.h"

/** Calls and answers that wait for each other; when they are full the oldest goes, and is counted
 * as without partner. */
#define TT_RECORDED_WAITING_MAX 1024

/** What makes a call the same in another run. */
typedef struct tt_call_identity {
    tt_time time;
    uint32_t key;
    uint32_t attempt;
    uint8_t agent;
    uint8_t task;
} tt_call_identity;

/** An answer of the record. */
typedef struct tt_recorded_answer {
    tt_call_identity call;
    tt_dur latency; /**< From the call to the answer, in event time. */
    uint16_t source;
    tt_agent_answer answer;
} tt_recorded_answer;

/** A call of the run, or of the record. */
typedef struct tt_waiting_call {
    tt_call_identity identity;
    tt_seq seq;
    tt_uuid correlation;
} tt_waiting_call;

/** Who waits for whom, and how it went. */
typedef struct tt_recorded_answers {
    tt_waiting_call *calls;      /**< Without answer, oldest first. */
    tt_recorded_answer *answers; /**< Without call, oldest first. */
    uint32_t call_count;
    uint32_t answer_count;
    tt_dur window;
    uint64_t matched;      /**< Calls that got the answer of the same moment. */
    uint64_t matched_near; /**< Calls that got one from within the window. */
    uint64_t dropped_calls;
    uint64_t dropped_answers;
} tt_recorded_answers;

/** @retval TUTTI_NO_MEMORY. */
TUTTI_NODISCARD tutti_status tt_recorded_answers_init(tt_recorded_answers *table, tt_dur window);
void tt_recorded_answers_fini(tt_recorded_answers *table);
/** The identity of a message of agent_calls. */
tt_call_identity tt_call_identity_of(const tt_msg *msg);
/** The run has made a call. True: its answer is known, and `ret_item` is filled. */
bool tt_recorded_answers_call(
    tt_recorded_answers *table, const tt_msg *msg, tt_answer_item *ret_item);
/** The record has an answer. True: its call was made, and `ret_item` is filled. */
bool tt_recorded_answers_answer(
    tt_recorded_answers *table, const tt_recorded_answer *answer, tt_answer_item *ret_item);
/** Calls that never got an answer, and answers that nobody asked for, up to now. */
uint64_t tt_recorded_answers_unanswered(const tt_recorded_answers *table);
uint64_t tt_recorded_answers_unused(const tt_recorded_answers *table);

#endif
