/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Rings in, numbers of what was left in them out.
 */
#include "host/delivery.h"

#include "agent/agent.h"

#include <inttypes.h>
#include <string.h>

/** What the records of a ring are. */
typedef enum record_kind {
    RECORD_INPUT, /**< tt_input_record. */
    RECORD_STEP,  /**< One message, or the messages of a step one behind the other. */
    RECORD_CALL,  /**< tt_agent_request. */
} record_kind;

static const char read_model[] = "read_model";

static tt_delivery_row *find_row(tt_delivery *delivery, const char *queue, uint16_t topic)
{
    for (uint32_t i = 0; i < delivery->row_count; i++) {
        tt_delivery_row *row = &delivery->rows[i];
        if (row->topic == topic && strcmp(row->queue, queue) == 0) {
            return row;
        }
    }
    if (delivery->row_count == TT_DELIVERY_ROWS_MAX) {
        return NULL;
    }
    tt_delivery_row *row = &delivery->rows[delivery->row_count++];
    *row = (tt_delivery_row){.queue = queue, .topic = topic};
    return row;
}

static void
count_message(tt_delivery *delivery, tt_delivery_queue *queue, uint16_t topic, tt_seq seq)
{
    tt_delivery_row *row = find_row(delivery, queue->name, topic);
    queue->left++;
    if (row == NULL) {
        delivery->unlisted++;
        return;
    }
    row->count++;
    row->first_seq = row->first_seq == 0 ? seq : row->first_seq;
    row->last_seq = seq;
}

/** Records lie at multiples of 8: heads are copied. */
static void
count_step(tt_delivery *delivery, tt_delivery_queue *queue, const void *record, uint32_t size)
{
    const unsigned char *bytes = record;
    tt_msg head;
    for (size_t at = 0; at + sizeof head <= size; at += tt_msg_bytes(&head)) {
        memcpy(&head, bytes + at, sizeof head);
        count_message(delivery, queue, head.topic, head.seq);
    }
}

static void count_record(
    tt_delivery *delivery,
    tt_delivery_queue *queue,
    record_kind kind,
    const void *record,
    uint32_t size)
{
    uint16_t topic = 0;
    tt_seq seq = 0;
    switch (kind) {
    case RECORD_INPUT:
        memcpy(
            &topic, (const unsigned char *)record + offsetof(tt_input_record, topic), sizeof topic);
        count_message(delivery, queue, topic, 0);
        break;
    case RECORD_STEP:
        count_step(delivery, queue, record, size);
        break;
    case RECORD_CALL:
        memcpy(
            &seq, (const unsigned char *)record + offsetof(tt_agent_request, call_seq), sizeof seq);
        count_message(delivery, queue, TT_TOPIC_AGENT_CALLS, seq);
        break;
    }
}

static tt_delivery_queue *add_queue(tt_delivery *delivery, const char *name, bool is_owed)
{
    TT_ASSERT(delivery->queue_count < TT_DELIVERY_QUEUES_MAX);
    tt_delivery_queue *queue = &delivery->queues[delivery->queue_count++];
    *queue = (tt_delivery_queue){.name = name, .is_owed = is_owed};
    return queue;
}

/** A ring whose writer waits, or keeps what finds no room: a refusal is no loss. */
static tt_delivery_queue *
take_ring(tt_delivery *delivery, const char *name, tt_ring *ring, record_kind kind, bool is_owed)
{
    tt_delivery_queue *queue = add_queue(delivery, name, is_owed);
    queue->delivered = tt_ring_stats_get(ring).popped;
    uint32_t size = 0;
    for (const void *record = NULL; (record = tt_ring_peek(ring, &size)) != NULL;) {
        count_record(delivery, queue, kind, record, size);
        tt_ring_release(ring);
    }
    return queue;
}

/** A ring for people: what finds no room is dropped. */
static void take_lossy(tt_delivery *delivery, const char *name, tt_ring *ring)
{
    uint64_t dropped = tt_ring_stats_get(ring).refused;
    take_ring(delivery, name, ring, RECORD_STEP, false)->dropped = dropped;
}

static void take_commands(tt_delivery *delivery, tt_mpsc *ring)
{
    tt_delivery_queue *queue = add_queue(delivery, "commands_in", false);
    queue->delivered = tt_mpsc_stats_get(ring).popped;
    uint32_t size = 0;
    for (const void *record = NULL; (record = tt_mpsc_peek(ring, &size)) != NULL;) {
        count_record(delivery, queue, RECORD_INPUT, record, size);
        tt_mpsc_release(ring);
    }
}

void tt_delivery_take(tt_delivery *delivery, tt_hub *hub, tt_ring *effects)
{
    static const char *const jobs[] = {"jobs_out_0", "jobs_out_1"};
    static const char *const answers[] = {"answers_in_0", "answers_in_1"};
    _Static_assert(sizeof jobs / sizeof jobs[0] == TT_POOL_WORKERS, "a name for each worker");
    *delivery = (tt_delivery){0};
    take_ring(delivery, "effects", effects, RECORD_STEP, true);
    take_ring(delivery, "venue_out", &hub->venue_out, RECORD_STEP, true);
    take_ring(delivery, "steps_out", &hub->steps_out, RECORD_STEP, true);
    take_ring(delivery, "market_in", &hub->market_in, RECORD_INPUT, false);
    for (int i = 0; i < TT_POOL_WORKERS; i++) {
        take_ring(delivery, jobs[i], &hub->jobs_out[i], RECORD_CALL, false);
        take_ring(delivery, answers[i], &hub->answers_in[i], RECORD_INPUT, false);
    }
    take_commands(delivery, &hub->commands_in);
    take_lossy(delivery, "replies_out", &hub->replies_out);
    take_lossy(delivery, "events_out", &hub->events_out);
    take_lossy(delivery, "activity_out", &hub->activity_out);
}

void tt_delivery_add_store(tt_delivery *delivery, tt_seq stored_seq, tt_seq last_seq)
{
    tt_delivery_queue *queue = add_queue(delivery, read_model, true);
    queue->delivered = stored_seq;
    queue->left = last_seq > stored_seq ? last_seq - stored_seq : 0;
    if (queue->left == 0) {
        return;
    }
    tt_delivery_row *row = find_row(delivery, queue->name, TT_TOPIC_NONE);
    if (row == NULL) {
        delivery->unlisted += queue->left;
        return;
    }
    row->count = queue->left;
    row->first_seq = stored_seq + 1;
    row->last_seq = last_seq;
}

tt_delivery_outcome tt_delivery_outcome_of(const tt_delivery *delivery)
{
    tt_delivery_outcome outcome = TT_DELIVERY_COMPLETE;
    for (uint32_t i = 0; i < delivery->queue_count; i++) {
        const tt_delivery_queue *queue = &delivery->queues[i];
        if (!queue->is_owed || queue->left == 0) {
            continue;
        }
        if (strcmp(queue->name, read_model) != 0) {
            return TT_DELIVERY_INCOMPLETE;
        }
        outcome = TT_DELIVERY_BEHIND;
    }
    return outcome;
}

static const char *const outcome_words[] = {
    [TT_DELIVERY_COMPLETE] = "complete",
    [TT_DELIVERY_BEHIND] = "read_model_behind",
    [TT_DELIVERY_INCOMPLETE] = "incomplete",
};

static const char *topic_text(uint16_t topic)
{
    const tt_topic_info *info = tt_topic_info_get(topic);
    return topic == TT_TOPIC_NONE ? "all" : info == NULL ? "declared" : info->name;
}

void tt_delivery_json(const tt_delivery *delivery, FILE *out)
{
    tt_delivery_outcome outcome = tt_delivery_outcome_of(delivery);
    fprintf(
        out,
        "{\"complete\": %s, \"outcome\": \"%s\", \"unlisted\": %" PRIu64 ",\n    \"queues\": [",
        outcome == TT_DELIVERY_COMPLETE ? "true" : "false",
        outcome_words[outcome],
        delivery->unlisted);
    for (uint32_t i = 0; i < delivery->queue_count; i++) {
        const tt_delivery_queue *queue = &delivery->queues[i];
        fprintf(
            out,
            "%s\n      {\"queue\": \"%s\", \"owed\": %s, \"delivered\": %" PRIu64
            ", \"left\": %" PRIu64 ", \"dropped\": %" PRIu64 "}",
            i == 0 ? "" : ",",
            queue->name,
            queue->is_owed ? "true" : "false",
            queue->delivered,
            queue->left,
            queue->dropped);
    }
    fputs("],\n    \"undelivered\": [", out);
    for (uint32_t i = 0; i < delivery->row_count; i++) {
        const tt_delivery_row *row = &delivery->rows[i];
        fprintf(
            out,
            "%s\n      {\"queue\": \"%s\", \"topic\": \"%s\", \"count\": %" PRIu64
            ", \"first_seq\": %" PRIu64 ", \"last_seq\": %" PRIu64 "}",
            i == 0 ? "" : ",",
            row->queue,
            topic_text(row->topic),
            row->count,
            row->first_seq,
            row->last_seq);
    }
    fputs("]}", out);
}

void tt_delivery_print(const tt_delivery *delivery, FILE *out)
{
    tt_delivery_outcome outcome = tt_delivery_outcome_of(delivery);
    if (outcome == TT_DELIVERY_COMPLETE) {
        fputs("  delivery complete: orders, journal and read model have all they should\n", out);
        return;
    }
    for (uint32_t i = 0; i < delivery->row_count; i++) {
        const tt_delivery_row *row = &delivery->rows[i];
        fprintf(
            out,
            "  not delivered: %s, %s: %" PRIu64 " (messages %" PRIu64 " to %" PRIu64 ")\n",
            row->queue,
            topic_text(row->topic),
            row->count,
            row->first_seq,
            row->last_seq);
    }
    if (delivery->unlisted > 0) {
        fprintf(out, "  not delivered: %" PRIu64 " more\n", delivery->unlisted);
    }
    fputs(
        outcome == TT_DELIVERY_BEHIND ? "  only the read model is behind: orders and journal have "
                                        "all, nothing is lost, and the "
                                        "next start fills it from the journal\n"
                                      : "  the exchange or the journal did not get all: look at "
                                        "the open orders of the exchange; "
                                        "the next start asks about them\n",
        out);
}
