/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Follows the journal in batches, and starts again after a failure.
 */
#include "host/store_thread.h"

#include "host/fault.h"

#define POLL_NS (50 * TT_NS_PER_MS)

void tt_store_thread_close(tt_store_thread *thread)
{
    tt_journal_reader_close(thread->reader);
    tt_store_close(thread->store);
    thread->reader = NULL;
    thread->store = NULL;
}

/** Tells the core that the read model is down or up again; later, if there is no room now. */
static void tell(tt_store_thread *thread)
{
    tt_health_report report = {
        .part = TT_part_STORE,
        .is_up = thread->failures == 0,
        .failures = thread->failures,
        .level = thread->failures == 0 ? TT_health_level_OK : TT_health_level_CRITICAL,
    };
    if (thread->failures > 0) {
        TT_TEXT_SET(report.message, thread->error.message);
    }
    const tt_input input = {
        .time = tt_hub_now(thread->hub),
        .topic = TT_TOPIC_HEALTH_REPORTS,
        .source = TT_SOURCE_HOST,
        .payload = &report,
        .payload_size = sizeof report,
    };
    thread->is_untold = !tt_hub_push_command(&thread->hub->commands_in, &input);
}

static void note_success(tt_store_thread *thread)
{
    if (thread->failures > 0) {
        thread->failures = 0;
        thread->is_untold = true;
        atomic_store_explicit(&thread->hub->store_down, 0, memory_order_relaxed);
    }
}

static int64_t pause_after(uint64_t failures)
{
    int64_t pause = TT_STORE_RETRY_FIRST_NS;
    for (uint64_t i = 1; i < failures && pause < TT_STORE_RETRY_MOST_NS; i++) {
        pause *= 2;
    }
    return pause < TT_STORE_RETRY_MOST_NS ? pause : TT_STORE_RETRY_MOST_NS;
}

/** A database that cannot be used makes room for a new one, which will be filled from the start. */
static void set_aside(tt_store_thread *thread)
{
    tt_error why = {0};
    if (tt_store_set_aside(thread->path, &why) == TUTTI_OK) {
        // Nothing is stored any more: retention must keep what the new one still needs.
        atomic_store_explicit(&thread->hub->stored_seq, 0, memory_order_relaxed);
    } else {
        thread->error = why;
    }
}

static void note_failure(tt_store_thread *thread, tutti_status status)
{
    tt_store_thread_close(thread);
    if (status == TUTTI_CORRUPT || status == TUTTI_VERSION) {
        set_aside(thread);
    }
    thread->is_untold |= thread->failures == 0;
    thread->failures++;
    thread->retry_ns = tt_mono_ns() + pause_after(thread->failures);
    atomic_fetch_add_explicit(&thread->hub->store_failures, 1, memory_order_relaxed);
    atomic_store_explicit(&thread->hub->store_down, 1, memory_order_relaxed);
}

static tutti_status open_both(tt_store_thread *thread)
{
    TUTTI_TRY(tt_store_open(thread->path, thread->instruments, &thread->store, &thread->error));
    atomic_store_explicit(
        &thread->hub->stored_seq, tt_store_last_seq(thread->store), memory_order_relaxed);
    return tt_journal_reader_open(thread->journal_dir, &thread->reader, &thread->error);
}

/** Somebody deleted or replaced the file: what is written would go nowhere. */
static tutti_status check_place(tt_store_thread *thread)
{
    if (tt_store_is_in_place(thread->store)) {
        return TUTTI_OK;
    }
    atomic_store_explicit(&thread->hub->stored_seq, 0, memory_order_relaxed);
    return tt_error_set(
        &thread->error, TUTTI_NOT_FOUND, "%s was deleted or replaced", thread->path);
}

/** Applies what is committed, up to a batch; TUTTI_END when nothing more is there. */
static tutti_status apply_batch(tt_store_thread *thread)
{
    enum {
        STEPS_PER_BATCH = 2000
    };
    tutti_status status = TUTTI_OK;
    bool has_applied = false;
    for (int i = 0; i < STEPS_PER_BATCH; i++) {
        const void *step = NULL;
        size_t size = 0;
        status = tt_journal_reader_next(thread->reader, &step, &size, &thread->error);
        if (status != TUTTI_OK) {
            break;
        }
        has_applied = true;
        TUTTI_TRY(tt_store_apply_step(thread->store, step, size, &thread->error));
    }
    if (has_applied) {
        TT_FAULT_POINT("before_store");
        TUTTI_TRY(tt_store_commit(thread->store, &thread->error));
        TUTTI_TRY(check_place(thread));
        atomic_store_explicit(
            &thread->hub->stored_seq, tt_store_last_seq(thread->store), memory_order_relaxed);
    }
    return status;
}

/** One attempt to follow: opens what is not open, and applies a batch. */
static tutti_status follow(tt_store_thread *thread)
{
    tutti_status status = TUTTI_OK;
    if (thread->store == NULL) {
        status = open_both(thread);
    }
    if (status == TUTTI_OK) {
        status = apply_batch(thread);
    }
    if (status == TUTTI_OK || status == TUTTI_END) {
        note_success(thread);
    } else {
        note_failure(thread, status);
    }
    return status;
}

void *tt_store_thread_run(void *argument)
{
    tt_store_thread *thread = argument;
    for (;;) {
        bool is_stopping =
            atomic_load_explicit(&thread->hub->stop_store, memory_order_acquire) != 0;
        bool is_pausing = thread->store == NULL && tt_mono_ns() < thread->retry_ns;
        // A stop does not wait for a pause to end: one more attempt, and no other.
        tutti_status status = is_pausing && !is_stopping ? TUTTI_BUSY : follow(thread);
        if (thread->is_untold) {
            tell(thread);
        }
        if (is_stopping && status != TUTTI_OK) {
            return NULL;
        }
        if (status != TUTTI_OK) {
            tt_sleep_ns(POLL_NS);
        }
    }
}
