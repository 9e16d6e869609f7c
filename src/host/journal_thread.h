/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The journal thread: takes steps from the core, commits them in groups, and publishes the number
 * of the newest durable message. It also gathers the report of the session, since it sees every
 * step.
 */
#ifndef TT_HOST_JOURNAL_THREAD_H
#define TT_HOST_JOURNAL_THREAD_H

#include "host/hub.h"
#include "host/snapshot_box.h"
#include "journal/journal.h"
#include "report/report.h"

typedef struct tt_journal_thread {
    tt_hub *hub;
    tt_journal_writer *writer;
    tt_snapshot_box *snapshots;
    tt_report *report;
    const char *dir;
    int64_t batch_ns;   /**< Longest that a step waits for its commit, real time. */
    size_t batch_bytes; /**< Commit when so much waits. */
    bool commit_each;   /**< Durability always: one commit a step. */
    /* Owned by the thread while it runs. */
    void *step; /**< Aligned copy of one step. */
    uint32_t step_capacity;
    int64_t waiting_since_ns;
    tt_error error; /**< Why it failed; read after the join. */
    bool has_failed;
    bool is_snapshot_broken; /**< Snapshots could not be written; the journal goes on without them.
                              */
} tt_journal_thread;

/** @retval TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_journal_thread_init(tt_journal_thread *journal);
void tt_journal_thread_fini(tt_journal_thread *journal);
/** Body of the thread; returns when the hub says stop_journal and the ring is empty, or after a
 * failure (fail closed: nothing becomes durable any more, so nothing is sent). */
void *tt_journal_thread_run(void *journal);

#endif
