/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The committing thread.
 */
#include "journal/journal_group_priv.h"

#include <sched.h>

/* When the batch that fills has to be committed: INT64_MAX = not yet known. Under the lock. */
static int64_t due_ns(const tt_journal_group *group)
{
    const tt_group_buffer *buffer = group->filling;
    if (buffer->used == 0) {
        return INT64_MAX;
    }
    if (group->is_stopping || group->is_flush_asked || group->options.batch_ns <= 0 ||
        buffer->used >= group->options.batch_bytes) {
        return 0;
    }
    return buffer->first_ns + group->options.batch_ns;
}

/* Sleeps until a batch is due and takes it. False: the service stops and all is committed. */
static bool take_batch(tt_journal_group *group)
{
    (void)pthread_mutex_lock(&group->lock);
    for (;;) {
        uint32_t seen = tt_gate_seen(&group->work);
        int64_t due = due_ns(group);
        if (due != INT64_MAX && (due == 0 || due <= tt_gate_now_ns())) {
            break;
        }
        if (group->is_stopping && group->filling->used == 0) {
            (void)pthread_mutex_unlock(&group->lock);
            return false;
        }
        (void)pthread_mutex_unlock(&group->lock);
        (void)tt_gate_sleep(&group->work, seen, due);
        (void)pthread_mutex_lock(&group->lock);
    }
    tt_group_buffer *taken = group->filling;
    group->filling = group->flight;
    group->filling->used = 0;
    // Unless a new segment begins with the one that is taken.
    group->filling->placed = group->writer->position + taken->used + sizeof(tt_commit_record);
    group->filling->bytes = tt_batch_start(group->filling->memory, group->filling->placed);
    atomic_store_explicit(&group->filling->filled, 0, memory_order_relaxed);
    atomic_store_explicit(&group->filling->is_poor, false, memory_order_relaxed);
    group->flight = taken;
    group->taken++;
    atomic_store(&group->turn, 2 * group->taken - 1);
    atomic_store(&group->flight_last, taken->end.last_seq);
    atomic_store(&group->turn, 2 * group->taken);
    group->is_flush_asked = false;
    if (group->stats.bytes_high < taken->used) {
        group->stats.bytes_high = taken->used;
    }
    (void)pthread_mutex_unlock(&group->lock);
    tt_gate_open(&group->room);
    return true;
}

/* Commits the batch when the last of those who append to it has copied what it has. */
static tutti_status write_batch(tt_journal_group *group, tt_error *error)
{
    tt_group_buffer *batch = group->flight;
    while (atomic_load_explicit(&batch->filled, memory_order_acquire) != batch->used) {
        (void)sched_yield();
    }
    const tt_batch taken = {
        .memory = batch->memory,
        .bytes = batch->bytes,
        .used = batch->used,
        .placed = batch->placed,
        .is_poor = atomic_load_explicit(&batch->is_poor, memory_order_relaxed)};
    return tt_writer_commit_batch(group->writer, &taken, &batch->end, error);
}

/* Tells everybody that a batch is durable. */
static void publish(tt_journal_group *group)
{
    atomic_store_explicit(&group->durable, group->flight->end.last_seq, memory_order_release);
    tt_gate_open(tt_group_gate(group, group->taken));
}

/* Notes where the journal stands, the chain included, once nobody waits for that any more. */
static void note_end(tt_journal_group *group)
{
    tt_journal_end end;
    tt_journal_state(group->writer, &end);
    (void)pthread_mutex_lock(&group->lock);
    group->stats.commits++;
    group->committed_end = end;
    (void)pthread_mutex_unlock(&group->lock);
    if (group->options.on_commit) {
        group->options.on_commit(group->options.ctx, &end);
    }
}

/* Ends the service: all that sleep learn of it. */
static void finish(tt_journal_group *group, tutti_status status, const tt_error *error)
{
    if (status != TUTTI_OK) {
        (void)pthread_mutex_lock(&group->lock);
        group->failure = *error;
        group->failure.status = status;
        (void)pthread_mutex_unlock(&group->lock);
        atomic_store(&group->failed, (int)status);
    }
    atomic_store(&group->is_finished, 1);
    for (uint64_t i = 0; i < TT_GROUP_GATES; i++) {
        tt_gate_open(tt_group_gate(group, i));
    }
    tt_gate_open(&group->room);
    tt_gate_open(&group->finished);
}

void *tt_group_run(void *argument)
{
    tt_journal_group *group = argument;
    tt_error error = {0};
    tutti_status status = TUTTI_OK;
    while (status == TUTTI_OK && take_batch(group)) {
        status = write_batch(group, &error);
        if (status == TUTTI_OK) {
            publish(group);
        }
        tt_writer_finish_chain(group->writer);
        if (status == TUTTI_OK) {
            note_end(group);
        }
    }
    finish(group, status, &error);
    return NULL;
}
