/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Group commit as its users see it: append, wait, stop.
 */
#include "base/thread.h"
#include "journal/journal_group_priv.h"

#include <stdlib.h>
#include <string.h>

/* What is to be appended: one message without a number, or a step. */
typedef struct append_request {
    const tt_msg *head; /* NULL = a step. */
    const void *payload;
    const void *step;
    size_t size; /* Of all messages. */
    uint64_t messages;
    tt_seq first_seq; /* Of a step. */
    tt_time last_time;
    int64_t timeout_ns;
} append_request;

/* Frees what does not need the thread any more. */
static void free_group(tt_journal_group *group)
{
    group->writer->chain = NULL;
    tt_chain_stop(&group->chain);
    tt_journal_close(group->writer);
    free(group->buffers[0].memory);
    free(group->buffers[1].memory);
    (void)pthread_mutex_destroy(&group->lock);
    free(group);
}

/* Takes the options with their defaults. */
static void settle_options(tt_journal_group *group, const tt_journal_group_options *options)
{
    group->options = *options;
    if (group->options.batch_bytes == 0 || group->options.batch_bytes > TT_JOURNAL_GROUP_BUFFER) {
        group->options.batch_bytes = TT_JOURNAL_GROUP_BUFFER / 2;
    }
}

/* What the lock covers is short: a thread that finds it taken looks again before it sleeps. */
static int init_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;
    int result = pthread_mutexattr_init(&attributes);
    if (result != 0) {
        return result;
    }
    (void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
    result = pthread_mutex_init(lock, &attributes);
    (void)pthread_mutexattr_destroy(&attributes);
    return result;
}

tutti_status tt_journal_group_start(
    tt_journal_writer *writer,
    const tt_journal_group_options *options,
    tt_journal_group **result,
    tt_error *error)
{
    tt_journal_group *group = calloc(1, sizeof *group);
    if (!group) {
        tt_journal_close(writer);
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the group commit");
    }
    group->writer = writer;
    settle_options(group, options);
    tt_journal_state(writer, &group->end);
    group->committed_end = group->end;
    group->filling = &group->buffers[0];
    group->flight = &group->buffers[1];
    group->flight->end = group->end;
    group->filling->placed = writer->position;
    atomic_store(&group->durable, group->end.last_seq);
    atomic_store(&group->appended, group->end.last_seq);
    atomic_store(&group->flight_last, group->end.last_seq);
    group->buffers[0].memory = tt_batch_memory(writer->prepares_ahead);
    group->buffers[1].memory = tt_batch_memory(writer->prepares_ahead);
    group->filling->bytes = tt_batch_start(group->filling->memory, group->filling->placed);
    writer->chain = &group->chain;
    if (init_lock(&group->lock) != 0 || !group->buffers[0].memory || !group->buffers[1].memory ||
        tt_chain_start(&group->chain, error) != TUTTI_OK ||
        tt_thread_start(&group->thread, tt_group_run, group) != 0) {
        free_group(group);
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory or thread for the group commit");
    }
    *result = group;
    return TUTTI_OK;
}

/* Why nothing can be appended any more; TUTTI_OK when it can. Under the lock. */
static tutti_status refusal(const tt_journal_group *group)
{
    tutti_status failed = (tutti_status)atomic_load(&group->failed);
    if (failed != TUTTI_OK) {
        return failed;
    }
    return group->is_stopping ? TUTTI_STATE : TUTTI_OK;
}

/* Waits under the lock, which it gives up meanwhile, until the buffer has room. */
static tutti_status wait_for_room(tt_journal_group *group, size_t bytes, int64_t timeout_ns)
{
    int64_t until = 0;
    tutti_status status = refusal(group);
    while (status == TUTTI_OK && group->filling->used + bytes > TT_JOURNAL_BATCH_MAX) {
        if (until == 0) {
            group->stats.full++;
            until = timeout_ns > 0 ? tt_gate_deadline(timeout_ns) : 1;
        }
        if (timeout_ns <= 0) {
            return TUTTI_BUSY;
        }
        uint32_t seen = tt_gate_seen(&group->room);
        (void)pthread_mutex_unlock(&group->lock);
        tutti_status slept = tt_gate_sleep(&group->room, seen, until);
        (void)pthread_mutex_lock(&group->lock);
        status = refusal(group);
        if (status == TUTTI_OK && slept == TUTTI_TIMEOUT &&
            group->filling->used + bytes > TT_JOURNAL_BATCH_MAX) {
            return TUTTI_TIMEOUT;
        }
    }
    return status;
}

/* Tells whether the committing thread has to look, now that the buffer has grown from `before`. */
static bool is_commit_due(const tt_journal_group *group, size_t before)
{
    size_t limit = group->options.batch_bytes;
    return before == 0 || (before < limit && group->filling->used >= limit);
}

/* Gives what is appended its numbers and its place. Under the lock. */
static void reserve(tt_journal_group *group, const append_request *request)
{
    tt_group_buffer *buffer = group->filling;
    if (buffer->used == 0) {
        buffer->first_ns = group->options.batch_ns > 0 ? tt_gate_now_ns() : 0;
    }
    buffer->used += sizeof(tt_record_head) + request->size;
    group->end.last_seq += request->messages;
    group->end.last_time = request->last_time;
    group->end.step_count++;
    buffer->end = group->end;
    atomic_store_explicit(&group->appended, group->end.last_seq, memory_order_release);
    group->stats.messages += request->messages;
    group->stats.steps++;
    group->stats.bytes += request->size;
}

/* Copies what is appended to its place and finishes it, where the next commit is to stand. Without
 * the lock: the buffer is not taken before it is filled. */
static void fill(tt_group_buffer *buffer, size_t at, const append_request *request, tt_seq seq)
{
    tt_record_head *record = (void *)(buffer->bytes + at);
    record->length = (uint32_t)request->size;
    if (request->head) {
        tt_msg *msg = (void *)(record + 1);
        *msg = *request->head;
        msg->seq = seq;
        if (msg->size > 0) {
            memcpy(msg + 1, request->payload, msg->size);
        }
    } else {
        memcpy(record + 1, request->step, request->size);
    }
    if (tt_step_record_finish(record, buffer->placed + at)) {
        atomic_store_explicit(&buffer->is_poor, true, memory_order_relaxed);
    }
    atomic_fetch_add_explicit(
        &buffer->filled, sizeof *record + request->size, memory_order_release);
}

/* Appends what was checked as far as it can be without the lock. */
static tutti_status
append(tt_journal_group *group, const append_request *request, tt_seq *ret_ticket)
{
    (void)pthread_mutex_lock(&group->lock);
    tutti_status status =
        wait_for_room(group, sizeof(tt_record_head) + request->size, request->timeout_ns);
    if (status == TUTTI_OK && !request->head && request->first_seq != group->end.last_seq + 1) {
        status = TUTTI_INVALID;
    }
    if (status != TUTTI_OK) {
        group->stats.refused++;
        (void)pthread_mutex_unlock(&group->lock);
        return status;
    }
    tt_group_buffer *buffer = group->filling;
    size_t at = buffer->used;
    reserve(group, request);
    tt_seq seq = group->end.last_seq;
    bool is_due = is_commit_due(group, at);
    (void)pthread_mutex_unlock(&group->lock);
    fill(buffer, at, request, seq);
    *ret_ticket = seq;
    if (is_due) {
        tt_gate_open(&group->work);
    }
    return TUTTI_OK;
}

/* Counts an append that was not taken. */
static tutti_status refuse(tt_journal_group *group, tutti_status status)
{
    (void)pthread_mutex_lock(&group->lock);
    group->stats.refused++;
    (void)pthread_mutex_unlock(&group->lock);
    return status;
}

tutti_status tt_journal_group_append(
    tt_journal_group *group,
    const tt_msg *head,
    const void *payload,
    int64_t timeout_ns,
    tt_seq *ret_ticket)
{
    const char *why;
    if (!tt_message_check(head, payload, TT_JOURNAL_VERSION, &why)) {
        return refuse(group, TUTTI_INVALID);
    }
    append_request request = {
        .head = head,
        .payload = payload,
        .size = tt_msg_bytes(head),
        .messages = 1,
        .last_time = head->time,
        .timeout_ns = timeout_ns};
    return append(group, &request, ret_ticket);
}

tutti_status tt_journal_group_append_step(
    tt_journal_group *group, const void *step, size_t size, int64_t timeout_ns, tt_seq *ret_ticket)
{
    if (size > TT_JOURNAL_STEP_MAX) {
        return refuse(group, TUTTI_LIMIT);
    }
    const tt_msg *first = tt_step_next(step, size, NULL);
    const tt_msg *last = NULL;
    const char *why;
    if (!first ||
        tt_step_check(step, size, first->seq - 1, TT_JOURNAL_VERSION, &last, &why) != TUTTI_OK) {
        return refuse(group, TUTTI_INVALID);
    }
    append_request request = {
        .step = step,
        .size = size,
        .messages = last->seq - first->seq + 1,
        .first_seq = first->seq,
        .last_time = last->time,
        .timeout_ns = timeout_ns};
    return append(group, &request, ret_ticket);
}

tt_seq tt_journal_group_durable(const tt_journal_group *group)
{
    return atomic_load_explicit(&group->durable, memory_order_acquire);
}

/* Finds the batch of a ticket that was handed out. Without the lock as long as no batch is being
 * taken: all that a commit has just woken would queue for it. */
static uint64_t find_batch(tt_journal_group *group, tt_seq ticket)
{
    uint64_t turn = atomic_load(&group->turn);
    uint64_t last = atomic_load(&group->flight_last);
    if ((turn & 1) != 0 || atomic_load(&group->turn) != turn) {
        (void)pthread_mutex_lock(&group->lock);
        turn = atomic_load(&group->turn);
        last = atomic_load(&group->flight_last);
        (void)pthread_mutex_unlock(&group->lock);
    }
    return turn / 2 + (ticket > last ? 1 : 0);
}

/* Sleeps until a batch is durable or will never be. */
static tutti_status
wait_for_batch(tt_journal_group *group, uint64_t batch, tt_seq ticket, int64_t until_ns)
{
    tt_gate *gate = tt_group_gate(group, batch);
    for (;;) {
        uint32_t seen = tt_gate_seen(gate);
        // The end of the thread is looked at before the number: what it committed is seen then.
        bool is_over = atomic_load(&group->is_finished) != 0;
        tutti_status failed = (tutti_status)atomic_load(&group->failed);
        if (ticket <= tt_journal_group_durable(group)) {
            return TUTTI_OK;
        }
        if (failed != TUTTI_OK || is_over) {
            return failed != TUTTI_OK ? failed : TUTTI_STATE;
        }
        if (tt_gate_sleep(gate, seen, until_ns) == TUTTI_TIMEOUT) {
            return ticket <= tt_journal_group_durable(group) ? TUTTI_OK : TUTTI_TIMEOUT;
        }
    }
}

tutti_status tt_journal_group_wait(tt_journal_group *group, tt_seq ticket, int64_t timeout_ns)
{
    if (ticket <= tt_journal_group_durable(group)) {
        return TUTTI_OK;
    }
    tutti_status failed = (tutti_status)atomic_load(&group->failed);
    if (timeout_ns <= 0 || failed != TUTTI_OK) {
        return failed != TUTTI_OK ? failed : TUTTI_BUSY;
    }
    if (ticket > atomic_load_explicit(&group->appended, memory_order_acquire)) {
        return TUTTI_INVALID;
    }
    (void)atomic_fetch_add_explicit(&group->waits, 1, memory_order_relaxed);
    return wait_for_batch(group, find_batch(group, ticket), ticket, tt_gate_deadline(timeout_ns));
}

void tt_journal_group_flush(tt_journal_group *group)
{
    (void)pthread_mutex_lock(&group->lock);
    group->is_flush_asked = true;
    (void)pthread_mutex_unlock(&group->lock);
    tt_gate_open(&group->work);
}

void tt_journal_group_stats_get(tt_journal_group *group, tt_journal_group_stats *ret_stats)
{
    (void)pthread_mutex_lock(&group->lock);
    *ret_stats = group->stats;
    ret_stats->waits = atomic_load_explicit(&group->waits, memory_order_relaxed);
    (void)pthread_mutex_unlock(&group->lock);
}

tutti_status tt_journal_group_failure(tt_journal_group *group, tt_error *error)
{
    tutti_status failed = (tutti_status)atomic_load(&group->failed);
    if (failed != TUTTI_OK && error) {
        (void)pthread_mutex_lock(&group->lock);
        *error = group->failure;
        (void)pthread_mutex_unlock(&group->lock);
    }
    return failed;
}

/* What became of everything that was appended. */
static void report(tt_journal_group *group, tt_journal_group_report *ret_report)
{
    (void)pthread_mutex_lock(&group->lock);
    *ret_report = (tt_journal_group_report){
        .appended = group->end.last_seq,
        .durable = tt_journal_group_durable(group),
        .status = (tutti_status)atomic_load(&group->failed),
        .end = group->committed_end};
    (void)pthread_mutex_unlock(&group->lock);
    ret_report->lost = ret_report->appended - ret_report->durable;
}

tutti_status tt_journal_group_stop(
    tt_journal_group *group, int64_t timeout_ns, tt_journal_group_report *ret_report)
{
    (void)pthread_mutex_lock(&group->lock);
    group->is_stopping = true;
    (void)pthread_mutex_unlock(&group->lock);
    tt_gate_open(&group->work);
    tt_gate_open(&group->room); // What waits for room learns that there will be none.
    int64_t until = tt_gate_deadline(timeout_ns);
    tutti_status status = TUTTI_OK;
    while (atomic_load(&group->is_finished) == 0 && status != TUTTI_TIMEOUT) {
        uint32_t seen = tt_gate_seen(&group->finished);
        if (atomic_load(&group->is_finished) == 0) {
            status = tt_gate_sleep(&group->finished, seen, until);
        }
    }
    bool is_finished = atomic_load(&group->is_finished) != 0;
    report(group, ret_report);
    if (ret_report->status == TUTTI_OK && !is_finished) {
        ret_report->status = TUTTI_TIMEOUT;
    }
    return ret_report->status;
}

void tt_journal_group_free(tt_journal_group *group)
{
    if (!group) {
        return;
    }
    tt_journal_group_report ignored;
    (void)!tt_journal_group_stop(group, TT_WAIT_FOREVER, &ignored);
    (void)pthread_join(group->thread, NULL);
    free_group(group);
}
