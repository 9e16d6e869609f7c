/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The store thread: tails the journal into the read model, so that it may lag or restart without
 * loss.
 */
#ifndef TT_HOST_STORE_THREAD_H
#define TT_HOST_STORE_THREAD_H

#include "host/hub.h"
#include "journal/journal.h"
#include "store/store.h"

typedef struct tt_store_thread {
    tt_hub *hub;
    tt_store *store;
    tt_journal_reader *reader;
    /* Owned by the thread while it runs. */
    tt_error error; /**< Why it stopped following; read after the join. The session goes on without
                       it. */
    bool has_failed;
} tt_store_thread;

/** Body of the thread; returns when the hub says stop_store and the journal is read to its end. */
void *tt_store_thread_run(void *store);

#endif
