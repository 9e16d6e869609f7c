/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The thread that keeps the journal small: compresses full files and drops the oldest, by the rules
 * of the configuration, beside the thread that writes.
 */
#ifndef TT_HOST_RETAIN_THREAD_H
#define TT_HOST_RETAIN_THREAD_H

#include "host/hub.h"
#include "journal/journal.h"

typedef struct tt_retain_thread {
    tt_hub *hub;
    const char *dir;
    int64_t age_ns; /**< 0 = no bound. */
    uint64_t bytes; /**< 0 = no bound. */
    bool has_store; /**< The read model still needs what it has not stored. */
    /* Owned by the thread while it runs. */
    uint64_t archived;
    uint64_t dropped;
    tt_error error; /**< Why it stopped; read after the join. The session goes on without it. */
    bool has_failed;
} tt_retain_thread;

/** Body of the thread; returns when the hub says stop_retain, or after a failure. */
void *tt_retain_thread_run(void *retain);
/** Applies the rules once. @thread{the thread, or before it starts} @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_retain_thread_work(tt_retain_thread *retain);

#endif
