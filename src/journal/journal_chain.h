/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The chain value of a batch, beside its write and sync (ADR 61, ADR 93). Private to the journal.
 *
 * A commit record holds the chain value before it, so what it seals has to be hashed only before
 * the next one. A large batch is hashed lot by lot by a thread of its own while the disk works;
 * what that thread has not taken when the value is needed, and a small batch as a whole, for which
 * waking it costs more than it saves, is hashed by whoever needs it. So nobody waits longer than
 * for one lot, however late the thread gets a processor.
 *
 * All functions but start and stop: @thread{owner} @alloc{never}
 */
#ifndef TT_JOURNAL_JOURNAL_CHAIN_H
#define TT_JOURNAL_JOURNAL_CHAIN_H

#include "journal/journal_gate.h"
#include "journal/journal_hash.h"

#include <pthread.h>

/** From this size on the thread is worth waking. */
#define TT_CHAIN_THREAD_MIN ((size_t)32 * 1024)

/** What is hashed, and who does. Zeroed = not started. */
typedef struct tt_chain {
    tt_journal_hash hash;
    const void *bytes; /**< Lent from begin to finish. */
    size_t size;
    size_t lots;
    uint8_t value[TT_DIGEST_SIZE];
    bool is_begun;
    bool has_thread;
    pthread_t thread;
    uint32_t count;        /**< Batches. */
    _Atomic uint64_t open; /**< Number of the batch << 32, and the lots of it that are to take. */
    _Atomic size_t done;   /**< Lots that are hashed. */
    _Atomic int is_over;
    tt_gate work;     /**< The thread sleeps here, */
    tt_gate all_done; /**< and here who waits for it. */
} tt_chain;

/** @retval TUTTI_NO_MEMORY also when the system gives no thread. @thread{setup} @alloc{setup} */
TUTTI_NODISCARD tutti_status tt_chain_start(tt_chain *chain, tt_error *error);
/** Ends the thread; nothing is begun. A zeroed one is fine. @thread{setup} @blocks{until it ended}
 */
void tt_chain_stop(tt_chain *chain);
/** Begins with a batch. `value` is the chain value before it. @blocks{never} */
void tt_chain_begin(
    tt_chain *chain, const uint8_t value[TT_DIGEST_SIZE], const void *bytes, size_t size);
/** Writes the chain value behind the batch that was begun; false if none was. @blocks{until it is
 * hashed} */
bool tt_chain_finish(tt_chain *chain, uint8_t value[TT_DIGEST_SIZE]);

#endif
