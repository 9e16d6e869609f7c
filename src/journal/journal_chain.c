/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Hashing a batch by lots: the thread and whoever needs the value take them from one counter.
 *
 * `open` holds the number of the batch in its upper half and the lots that nobody has taken yet in
 * its lower half. Who has lowered the lower half by one owns the lot with the new value as its
 * number: until he has counted it as `done`, neither the bytes nor the digests are taken back.
 */
#include "journal/journal_chain.h"

#include "base/thread.h"

#include <sched.h>
#include <string.h>

/* Takes a lot and hashes it; false: all are taken. */
static bool hash_one(tt_chain *chain)
{
    uint64_t open = atomic_load_explicit(&chain->open, memory_order_acquire);
    while ((uint32_t)open > 0) {
        if (atomic_compare_exchange_weak_explicit(
                &chain->open, &open, open - 1, memory_order_acquire, memory_order_acquire)) {
            size_t lots = chain->lots; // Before it is counted: then the next batch may begin.
            tt_journal_hash_lot(&chain->hash, chain->bytes, chain->size, (uint32_t)open - 1);
            if (atomic_fetch_add_explicit(&chain->done, 1, memory_order_acq_rel) + 1 == lots) {
                tt_gate_open(&chain->all_done);
            }
            return true;
        }
    }
    return false;
}

static void *run(void *argument)
{
    tt_chain *chain = argument;
    tt_gate_be_patient();
    for (;;) {
        uint32_t seen = tt_gate_seen(&chain->work);
        if (hash_one(chain)) {
            // Whoever waits for the disk goes on as soon as it is ready, also where he shares this
            // processor. No lot is taken now: what is left he can do himself.
            (void)sched_yield();
        } else if (atomic_load(&chain->is_over)) {
            return NULL;
        } else {
            (void)tt_gate_sleep(&chain->work, seen, INT64_MAX);
        }
    }
}

tutti_status tt_chain_start(tt_chain *chain, tt_error *error)
{
    TUTTI_TRY(tt_journal_hash_init(&chain->hash, error));
    if (tt_thread_start(&chain->thread, run, chain) != 0) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no thread for the chain of a journal");
    }
    chain->has_thread = true;
    return TUTTI_OK;
}

void tt_chain_stop(tt_chain *chain)
{
    TT_ASSERT(!chain->is_begun);
    if (chain->has_thread) {
        atomic_store(&chain->is_over, 1);
        tt_gate_open(&chain->work);
        (void)pthread_join(chain->thread, NULL);
        chain->has_thread = false;
    }
    tt_journal_hash_fini(&chain->hash);
}

void tt_chain_begin(
    tt_chain *chain, const uint8_t value[TT_DIGEST_SIZE], const void *bytes, size_t size)
{
    TT_ASSERT(!chain->is_begun);
    memcpy(chain->value, value, TT_DIGEST_SIZE);
    chain->bytes = bytes;
    chain->size = size;
    chain->lots = tt_journal_hash_lots(size);
    chain->is_begun = true;
    atomic_store_explicit(&chain->done, 0, memory_order_relaxed);
    uint64_t open = (uint64_t)++chain->count << 32 | chain->lots;
    atomic_store_explicit(&chain->open, open, memory_order_release);
    if (size >= TT_CHAIN_THREAD_MIN) {
        tt_gate_open(&chain->work);
    }
}

/* Waits for the lots that the thread is still at: at most one. */
static void wait_for_thread(tt_chain *chain)
{
    for (;;) {
        uint32_t seen = tt_gate_seen(&chain->all_done);
        if (atomic_load_explicit(&chain->done, memory_order_acquire) == chain->lots) {
            return;
        }
        (void)tt_gate_sleep(&chain->all_done, seen, INT64_MAX);
    }
}

bool tt_chain_finish(tt_chain *chain, uint8_t value[TT_DIGEST_SIZE])
{
    if (!chain->is_begun) {
        return false;
    }
    while (hash_one(chain)) {
    }
    wait_for_thread(chain);
    tt_journal_hash_join(&chain->hash, chain->value, chain->size);
    chain->is_begun = false;
    memcpy(value, chain->value, TT_DIGEST_SIZE);
    return true;
}
