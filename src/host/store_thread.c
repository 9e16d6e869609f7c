/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Follows the journal in batches. A failure ends the projection, not the session: the read model
 * can be rebuilt from the journal at any time.
 */
#include "host/store_thread.h"

#include "host/fault.h"

/** Applies what is committed, up to a batch; TUTTI_END when nothing more is there. */
static tutti_status apply_batch(tt_store_thread *thread, bool *ret_applied)
{
    enum {
        STEPS_PER_BATCH = 2000
    };
    tutti_status status = TUTTI_OK;
    for (int i = 0; i < STEPS_PER_BATCH; i++) {
        const void *step = NULL;
        size_t size = 0;
        status = tt_journal_reader_next(thread->reader, &step, &size, &thread->error);
        if (status != TUTTI_OK) {
            break;
        }
        *ret_applied = true;
        TUTTI_TRY(tt_store_apply_step(thread->store, step, size, &thread->error));
    }
    if (*ret_applied) {
        TT_FAULT_POINT("before_store");
        TUTTI_TRY(tt_store_commit(thread->store, &thread->error));
        atomic_store_explicit(
            &thread->hub->stored_seq, tt_store_last_seq(thread->store), memory_order_relaxed);
    }
    return status;
}

void *tt_store_thread_run(void *argument)
{
    const int64_t poll_ns = 50 * TT_NS_PER_MS;
    tt_store_thread *thread = argument;
    for (;;) {
        bool is_stopping =
            atomic_load_explicit(&thread->hub->stop_store, memory_order_acquire) != 0;
        bool has_applied = false;
        tutti_status status = apply_batch(thread, &has_applied);
        if (status != TUTTI_OK && status != TUTTI_END) {
            thread->has_failed = true;
            return NULL;
        }
        if (status == TUTTI_END && is_stopping) {
            return NULL;
        }
        if (status == TUTTI_END) {
            tt_sleep_ns(poll_ns);
        }
    }
}
