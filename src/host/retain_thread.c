/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Retention at work. What it does is never needed for the session to go on, so a failure ends it
 * and nothing else: the journal only grows from then on.
 */
#include "host/retain_thread.h"

#include "host/paper_clock.h"

tutti_status tt_retain_thread_work(tt_retain_thread *retain)
{
    tt_journal_retained done;
    tt_journal_retention rules = {
        .age_ns = retain->age_ns, .bytes = retain->bytes, .now_ns = tt_wall_ns()};
    if (retain->has_store) {
        rules.keep_from = atomic_load_explicit(&retain->hub->stored_seq, memory_order_relaxed) + 1;
    }
    tutti_status status = tt_journal_retain(retain->dir, &rules, &done, &retain->error);
    retain->archived += done.archived;
    retain->dropped += done.dropped;
    return status;
}

void *tt_retain_thread_run(void *argument)
{
    const int64_t poll_ns = 50 * TT_NS_PER_MS;
    const int64_t interval_ns = 10 * TT_NS_PER_S;
    tt_retain_thread *retain = argument;
    int64_t next_ns = tt_mono_ns();
    while (atomic_load_explicit(&retain->hub->stop_retain, memory_order_acquire) == 0) {
        if (tt_mono_ns() < next_ns) {
            tt_sleep_ns(poll_ns);
            continue;
        }
        if (tt_retain_thread_work(retain) != TUTTI_OK) {
            retain->has_failed = true;
            return NULL;
        }
        next_ns = tt_mono_ns() + interval_ns;
    }
    return NULL;
}
