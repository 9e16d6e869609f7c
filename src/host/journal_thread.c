/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Group commit on a thread of its own.
 */
#include "host/journal_thread.h"

#include "host/fault.h"

#include <stdlib.h>

tutti_status tt_journal_thread_init(tt_journal_thread *journal)
{
    journal->step_capacity = 8U << 20;
    journal->step = aligned_alloc(16, journal->step_capacity);
    return journal->step == NULL ? TUTTI_NO_MEMORY : TUTTI_OK;
}

void tt_journal_thread_fini(tt_journal_thread *journal)
{
    free(journal->step);
    journal->step = NULL;
}

static void write_snapshot(tt_journal_thread *journal)
{
    tt_snapshot_box *box = journal->snapshots;
    tt_journal_end end;
    tt_journal_state(journal->writer, &end);
    if (atomic_load_explicit(&box->is_full, memory_order_acquire) == 0 ||
        box->last_seq != end.last_seq) {
        return;
    }
    // A snapshot only shortens a restart: without it the journal alone restores everything.
    tt_error error = {0};
    TT_FAULT_POINT("in_snapshot");
    journal->is_snapshot_broken |=
        tt_snapshot_write(journal->dir, &end, box->memory.block, box->size, &error) != TUTTI_OK;
    tt_arena_forget(&box->memory);
    atomic_store_explicit(&box->is_full, 0, memory_order_release);
}

static tutti_status commit(tt_journal_thread *journal)
{
    TT_FAULT_POINT("before_commit");
    int64_t start_ns = tt_mono_ns();
    TUTTI_TRY(tt_journal_commit(journal->writer, &journal->error));
    atomic_store_explicit(&journal->hub->flush_ns, tt_mono_ns() - start_ns, memory_order_relaxed);
    atomic_store_explicit(&journal->hub->pending_bytes, 0, memory_order_relaxed);
    TT_FAULT_POINT("after_commit");
    tt_journal_end end;
    tt_journal_state(journal->writer, &end);
    journal->waiting_since_ns = 0;
    atomic_store_explicit(&journal->hub->durable_seq, end.last_seq, memory_order_release);
    atomic_store_explicit(&journal->hub->commits, end.commit_count, memory_order_relaxed);
    return TUTTI_OK;
}

/** Tells whether the step just appended is the one that a waiting snapshot covers. */
static bool is_snapshot_due(tt_journal_thread *journal)
{
    tt_journal_end end;
    tt_journal_state(journal->writer, &end);
    return atomic_load_explicit(&journal->snapshots->is_full, memory_order_acquire) != 0 &&
           journal->snapshots->last_seq == end.last_seq;
}

/** Takes one step from the ring; TUTTI_END when there is none. */
static tutti_status take_step(tt_journal_thread *journal)
{
    uint32_t size = 0;
    tutti_status status =
        tt_ring_pop(&journal->hub->steps_out, journal->step, journal->step_capacity, &size);
    if (status != TUTTI_OK) {
        return status;
    }
    TUTTI_TRY(tt_journal_append(journal->writer, journal->step, size, &journal->error));
    tt_report_apply(journal->report, journal->step, size);
    if (journal->waiting_since_ns == 0) {
        journal->waiting_since_ns = tt_mono_ns();
    }
    atomic_store_explicit(
        &journal->hub->pending_bytes, tt_journal_pending(journal->writer), memory_order_relaxed);
    bool has_snapshot = is_snapshot_due(journal);
    if (journal->commit_each || has_snapshot ||
        tt_journal_pending(journal->writer) >= journal->batch_bytes) {
        TUTTI_TRY(commit(journal));
    }
    if (has_snapshot) {
        write_snapshot(journal);
    }
    return TUTTI_OK;
}

static bool is_batch_due(const tt_journal_thread *journal)
{
    return journal->waiting_since_ns != 0 &&
           tt_mono_ns() - journal->waiting_since_ns >= journal->batch_ns;
}

static tutti_status work(tt_journal_thread *journal)
{
    for (;;) {
        bool is_stopping =
            atomic_load_explicit(&journal->hub->stop_journal, memory_order_acquire) != 0;
        tutti_status status = take_step(journal);
        if (status != TUTTI_OK && status != TUTTI_END) {
            return status;
        }
        if (is_batch_due(journal)) {
            TUTTI_TRY(commit(journal));
        }
        if (status == TUTTI_END) {
            if (is_stopping) {
                return commit(journal);
            }
            bool has_more = false;
            TUTTI_TRY(tt_journal_fill(journal->writer, &has_more, &journal->error));
            tt_sleep_ns(TT_IDLE_NS);
        }
    }
}

void *tt_journal_thread_run(void *argument)
{
    tt_journal_thread *journal = argument;
    if (work(journal) != TUTTI_OK) {
        journal->has_failed = true;
        atomic_store_explicit(&journal->hub->has_failed, 1, memory_order_release);
    }
    return NULL;
}
