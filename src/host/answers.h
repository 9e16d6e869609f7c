/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Agent calls as values: builds the request that an agent sees from the messages that the call
 * names, and keeps answers that are not due yet in order of their time.
 */
#ifndef TT_HOST_ANSWERS_H
#define TT_HOST_ANSWERS_H

#include "agent/agent.h"
#include "engine/engine.h"

/** Fills a request from an agent_calls message and the history of the bus. Call between steps,
 * before the next one: the outputs that the call refers to are then still kept. @thread{owner of
 * the engine} */
void tt_agent_request_build(
    const tt_engine *engine,
    const tt_instruments *instruments,
    const tt_msg *call,
    tt_agent_request *request);

/** An answer on its way: becomes an input agent_answers. */
typedef struct tt_answer_item {
    tt_time time;   /**< When the engine gets it. */
    uint64_t order; /**< Order of asking; decides between equal times. */
    uint32_t key;
    uint16_t source;
    tt_seq cause;
    tt_uuid correlation;
    tt_agent_answer answer;
} tt_answer_item;

/** Calls the agent and fills an answer item; `time` is left to the caller. Never fails: what goes
 * wrong is an answer with status error. @thread{any, one call at a time per slot} @blocks{as the
 * agent does} */
void tt_agent_slot_call(
    const tt_agent_slot *slot,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_answer_item *item);

/** Makes the input of an answer; it borrows `item`. */
void tt_answer_item_input(const tt_answer_item *item, tt_input *ret_input);

/** Answers that wait for their time; bounded by the calls that may be in flight. */
typedef struct tt_answer_queue {
    tt_answer_item *items; /**< Heap on (time, order). */
    uint32_t count;
    uint32_t capacity;
    uint64_t next_order;
} tt_answer_queue;

TUTTI_NODISCARD tutti_status tt_answer_queue_init(tt_answer_queue *queue, uint32_t capacity);
void tt_answer_queue_fini(tt_answer_queue *queue);
/** @retval TUTTI_LIMIT the queue is full. */
TUTTI_NODISCARD tutti_status
tt_answer_queue_push(tt_answer_queue *queue, const tt_answer_item *item);
tt_time tt_answer_queue_next(const tt_answer_queue *queue);
/** Takes the earliest answer; the queue must not be empty. */
void tt_answer_queue_pop(tt_answer_queue *queue, tt_answer_item *ret_item);

#endif
