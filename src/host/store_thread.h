/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The store thread: tails the journal into the read model, so that it may lag, fail and come back
 * without loss.
 *
 * The read model is not needed to trade. When it cannot be written, deleted or not, the session
 * goes on: the failure becomes a health report, the thread tries again with growing pauses, and
 * catches up from the journal. A database that is damaged or follows another journal is set aside
 * as store.db.damaged, and a new one is made.
 */
#ifndef TT_HOST_STORE_THREAD_H
#define TT_HOST_STORE_THREAD_H

#include "host/hub.h"
#include "journal/journal.h"
#include "store/store.h"

/** Pauses between two attempts: the first, and the longest; each is twice the one before. */
#define TT_STORE_RETRY_FIRST_NS (TT_NS_PER_S / 4)
#define TT_STORE_RETRY_MOST_NS  (30 * TT_NS_PER_S)

typedef struct tt_store_thread {
    tt_hub *hub;
    const tt_instruments *instruments;
    const char *path;        /**< Of the database. */
    const char *journal_dir; /**< What it follows. */
    /* Owned by the thread while it runs. */
    tt_store *store; /**< NULL while it is down. */
    tt_journal_reader *reader;
    tt_error error;    /**< Of the last failure. */
    uint64_t failures; /**< In a row. */
    int64_t retry_ns;  /**< Monotonic time of the next attempt. */
    bool is_untold;    /**< The core has not been told of the last change. */
} tt_store_thread;

/** Body of the thread; returns when the hub says stop_store and the journal is read to its end, or
 * when the database cannot be written even then. */
void *tt_store_thread_run(void *store);
/** Closes what is open; after the thread has ended. */
void tt_store_thread_close(tt_store_thread *thread);

#endif
