/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Matches recorded answers with the calls of another run.
 */
#include "host/recorded_answers.h"

#include <stdlib.h>
#include <string.h>

tutti_status tt_recorded_answers_init(tt_recorded_answers *table, tt_dur window)
{
    *table = (tt_recorded_answers){.window = window};
    table->calls = calloc(TT_RECORDED_WAITING_MAX, sizeof *table->calls);
    table->answers = calloc(TT_RECORDED_WAITING_MAX, sizeof *table->answers);
    return table->calls == NULL || table->answers == NULL ? TUTTI_NO_MEMORY : TUTTI_OK;
}

void tt_recorded_answers_fini(tt_recorded_answers *table)
{
    free(table->calls);
    free(table->answers);
    *table = (tt_recorded_answers){0};
}

tt_call_identity tt_call_identity_of(const tt_msg *msg)
{
    const tt_agent_call *call = TT_PAYLOAD(msg, AGENT_CALLS, agent_call);
    return (tt_call_identity){
        .time = msg->time,
        .key = msg->key,
        .attempt = call->attempt,
        .agent = call->agent,
        .task = call->task,
    };
}

/** Distance in time of two calls that may be the same; negative: they are not. */
static int64_t
distance(const tt_recorded_answers *table, const tt_call_identity *a, const tt_call_identity *b)
{
    if (a->agent != b->agent || a->task != b->task || a->key != b->key ||
        a->attempt != b->attempt) {
        return -1;
    }
    int64_t apart = a->time.ns < b->time.ns ? b->time.ns - a->time.ns : a->time.ns - b->time.ns;
    return apart <= table->window.ns ? apart : -1;
}

static void fill_item(
    tt_recorded_answers *table,
    const tt_waiting_call *call,
    const tt_recorded_answer *answer,
    tt_answer_item *item)
{
    if (call->identity.time.ns == answer->call.time.ns) {
        table->matched++;
    } else {
        table->matched_near++;
    }
    memset(item, 0, sizeof *item);
    item->time.ns = call->identity.time.ns + answer->latency.ns;
    item->key = call->identity.key;
    item->source = answer->source;
    item->cause = call->seq;
    item->correlation = call->correlation;
    item->answer = answer->answer;
    item->answer.call_seq = call->seq;
}

static void remove_call(tt_recorded_answers *table, uint32_t at)
{
    table->call_count--;
    memmove(
        &table->calls[at],
        &table->calls[at + 1],
        (table->call_count - at) * sizeof table->calls[0]);
}

static void remove_answer(tt_recorded_answers *table, uint32_t at)
{
    table->answer_count--;
    memmove(
        &table->answers[at],
        &table->answers[at + 1],
        (table->answer_count - at) * sizeof table->answers[0]);
}

bool tt_recorded_answers_call(
    tt_recorded_answers *table, const tt_msg *msg, tt_answer_item *ret_item)
{
    tt_waiting_call call = {
        .identity = tt_call_identity_of(msg), .seq = msg->seq, .correlation = msg->correlation};
    uint32_t best = table->answer_count;
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < table->answer_count; i++) {
        int64_t apart = distance(table, &call.identity, &table->answers[i].call);
        if (apart >= 0 && apart < least) {
            least = apart;
            best = i;
        }
    }
    if (best < table->answer_count) {
        fill_item(table, &call, &table->answers[best], ret_item);
        remove_answer(table, best);
        return true;
    }
    if (table->call_count == TT_RECORDED_WAITING_MAX) {
        remove_call(table, 0);
        table->dropped_calls++;
    }
    table->calls[table->call_count++] = call;
    return false;
}

bool tt_recorded_answers_answer(
    tt_recorded_answers *table, const tt_recorded_answer *answer, tt_answer_item *ret_item)
{
    uint32_t best = table->call_count;
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < table->call_count; i++) {
        int64_t apart = distance(table, &table->calls[i].identity, &answer->call);
        if (apart >= 0 && apart < least) {
            least = apart;
            best = i;
        }
    }
    if (best < table->call_count) {
        fill_item(table, &table->calls[best], answer, ret_item);
        remove_call(table, best);
        return true;
    }
    if (table->answer_count == TT_RECORDED_WAITING_MAX) {
        remove_answer(table, 0);
        table->dropped_answers++;
    }
    table->answers[table->answer_count++] = *answer;
    return false;
}

uint64_t tt_recorded_answers_unanswered(const tt_recorded_answers *table)
{
    return table->dropped_calls + table->call_count;
}

uint64_t tt_recorded_answers_unused(const tt_recorded_answers *table)
{
    return table->dropped_answers + table->answer_count;
}
