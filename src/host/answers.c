/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Agent requests, the call of an agent, and the queue of answers that are not due yet.
 */
#include "host/answers.h"

#include <stdlib.h>
#include <string.h>

/** Copies a payload out of the history; false if there is none. */
static bool copy_payload(const tt_bus *bus, tt_topic topic, tt_seq seq, void *target, size_t size)
{
    const tt_msg *msg = seq == 0 ? NULL : tt_bus_find(bus, topic, seq);
    if (msg == NULL) {
        return false;
    }
    memcpy(target, tt_msg_payload(msg), msg->size < size ? msg->size : size);
    return true;
}

static void
build_exposures(const tt_bus *bus, const tt_instruments *instruments, tt_agent_request *request)
{
    const tt_dur any_age = {0};
    for (uint32_t i = 0; i < instruments->count; i++) {
        const tt_msg *msg =
            tt_bus_latest(bus, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_NONE, i + 1, any_age);
        if (msg != NULL) {
            const tt_position_update *position = TT_PAYLOAD(msg, POSITION_UPDATES, position_update);
            request->exposures[i].d = tt_dec_xmul(position->qty.d, position->mark.d);
        }
    }
    request->instrument_count = instruments->count;
}

void tt_agent_request_build(
    const tt_engine *engine,
    const tt_instruments *instruments,
    const tt_msg *call,
    tt_agent_request *request)
{
    const tt_bus *bus = tt_engine_bus(engine);
    memset(request, 0, sizeof *request);
    request->call_seq = call->seq;
    request->correlation = call->correlation;
    request->now = call->time;
    request->key = call->key;
    request->call = *TT_PAYLOAD(call, AGENT_CALLS, agent_call);
    const tt_agent_call *refs = &request->call;
    request->has_indicators = copy_payload(
        bus,
        TT_TOPIC_INDICATORS,
        refs->indicators_seq,
        &request->indicators,
        sizeof request->indicators);
    request->has_ta =
        copy_payload(bus, TT_TOPIC_TA_SIGNALS, refs->ta_seq, &request->ta, sizeof request->ta);
    request->has_regime = copy_payload(
        bus, TT_TOPIC_REGIME_UPDATES, refs->regime_seq, &request->regime, sizeof request->regime);
    request->has_sentiment = copy_payload(
        bus,
        TT_TOPIC_SENTIMENT_UPDATES,
        refs->sentiment_seq,
        &request->sentiment,
        sizeof request->sentiment);
    request->has_account = copy_payload(
        bus,
        TT_TOPIC_ACCOUNT_UPDATES,
        refs->account_seq,
        &request->account,
        sizeof request->account);
    request->has_position = copy_payload(
        bus,
        TT_TOPIC_POSITION_UPDATES,
        refs->position_seq,
        &request->position,
        sizeof request->position);
    request->has_conflict = copy_payload(
        bus,
        TT_TOPIC_CONFLICT_CASES,
        refs->subject_seq,
        &request->conflict,
        sizeof request->conflict);
    build_exposures(bus, instruments, request);
    const tt_msg *bags = tt_bus_history(bus, TT_TOPIC_PROFIT_BAGS, NULL);
    if (bags != NULL) {
        request->set_aside = TT_PAYLOAD(bags, PROFIT_BAGS, profit_bag)->set_aside;
    }
}

/** Source that an agent's words come from. */
static uint16_t agent_source(uint8_t agent)
{
    static const uint16_t sources[TT_agent_COUNT] = {
        [TT_agent_TECHNICAL_ANALYSIS] = TT_SOURCE_AGENT_TA,
        [TT_agent_REGIME_DETECTION] = TT_SOURCE_AGENT_REGIME,
        [TT_agent_SENTIMENT_ANALYSIS] = TT_SOURCE_AGENT_SENTIMENT,
        [TT_agent_TRADING_DECISION] = TT_SOURCE_AGENT_DECISION,
        [TT_agent_PORTFOLIO_REBALANCE] = TT_SOURCE_AGENT_PORTFOLIO,
        [TT_agent_ARBITER] = TT_SOURCE_AGENT_ARBITER,
    };
    TT_ASSERT(agent < TT_agent_COUNT);
    return sources[agent];
}

void tt_agent_slot_call(
    const tt_agent_slot *slot,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_answer_item *item)
{
    memset(item, 0, sizeof *item);
    item->key = request->key;
    item->source = agent_source(request->call.agent);
    item->cause = request->call_seq;
    item->correlation = request->correlation;
    if (slot->fn == NULL) {
        item->answer.status = TT_answer_status_ERROR;
        TT_TEXT_SET(item->answer.error, "no such agent is configured");
    } else {
        slot->fn(slot->ctx, instruments, request, &item->answer);
    }
    item->answer.call_seq = request->call_seq;
}

void tt_answer_item_input(const tt_answer_item *item, tt_input *ret_input)
{
    *ret_input = (tt_input){
        .time = item->time,
        .topic = TT_TOPIC_AGENT_ANSWERS,
        .source = item->source,
        .key = item->key,
        .cause = item->cause,
        .correlation = item->correlation,
        .payload = &item->answer,
        .payload_size = sizeof item->answer,
    };
}

tutti_status tt_answer_queue_init(tt_answer_queue *queue, uint32_t capacity)
{
    *queue = (tt_answer_queue){.capacity = capacity};
    queue->items = calloc(capacity, sizeof *queue->items);
    return queue->items == NULL ? TUTTI_NO_MEMORY : TUTTI_OK;
}

void tt_answer_queue_fini(tt_answer_queue *queue)
{
    free(queue->items);
    *queue = (tt_answer_queue){0};
}

static bool is_earlier(const tt_answer_item *a, const tt_answer_item *b)
{
    return a->time.ns != b->time.ns ? a->time.ns < b->time.ns : a->order < b->order;
}

static void swap_items(tt_answer_item *a, tt_answer_item *b)
{
    tt_answer_item held = *a;
    *a = *b;
    *b = held;
}

tutti_status tt_answer_queue_push(tt_answer_queue *queue, const tt_answer_item *item)
{
    if (queue->count == queue->capacity) {
        return TUTTI_LIMIT;
    }
    uint32_t at = queue->count++;
    queue->items[at] = *item;
    queue->items[at].order = queue->next_order++;
    while (at > 0 && is_earlier(&queue->items[at], &queue->items[(at - 1) / 2])) {
        swap_items(&queue->items[at], &queue->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    return TUTTI_OK;
}

tt_time tt_answer_queue_next(const tt_answer_queue *queue)
{
    return queue->count == 0 ? TT_TIME_NEVER : queue->items[0].time;
}

void tt_answer_queue_pop(tt_answer_queue *queue, tt_answer_item *ret_item)
{
    TT_ASSERT(queue->count > 0);
    *ret_item = queue->items[0];
    queue->items[0] = queue->items[--queue->count];
    for (uint32_t at = 0;;) {
        uint32_t least = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < queue->count; child++) {
            least = is_earlier(&queue->items[child], &queue->items[least]) ? child : least;
        }
        if (least == at) {
            return;
        }
        swap_items(&queue->items[at], &queue->items[least]);
        at = least;
    }
}
