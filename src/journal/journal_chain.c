/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The hashing thread: one batch at a time. Between begin and finish whoever has taken it alone
 * touches `value`.
 */
#include "journal/journal_chain.h"

#include <string.h>

static void hash(tt_chain *chain)
{
    tt_journal_hash_batch(&chain->hash, chain->value, chain->bytes, chain->size);
}

/* Takes the batch that was asked for, unless the other side has. */
static bool take(tt_chain *chain)
{
    uint32_t asked = atomic_load_explicit(&chain->asked, memory_order_acquire);
    uint32_t taken = asked - 1;
    return atomic_compare_exchange_strong(&chain->taken, &taken, asked);
}

static void *run(void *argument)
{
    tt_chain *chain = argument;
    tt_gate_be_patient();
    for (;;) {
        uint32_t seen = tt_gate_seen(&chain->work);
        if (take(chain)) {
            hash(chain);
            atomic_store_explicit(&chain->hashed, atomic_load(&chain->taken), memory_order_release);
            tt_gate_open(&chain->done);
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
    if (pthread_create(&chain->thread, NULL, run, chain) != 0) {
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
    chain->is_begun = true;
    chain->is_handed = size >= TT_CHAIN_THREAD_MIN;
    if (chain->is_handed) {
        atomic_store_explicit(&chain->asked, ++chain->count, memory_order_release);
        tt_gate_open(&chain->work);
    }
}

/** Waits until the thread has hashed what it was handed; hashes it itself when it has not begun. */
static void wait_for_thread(tt_chain *chain)
{
    if (take(chain)) {
        hash(chain);
        atomic_store_explicit(&chain->hashed, chain->count, memory_order_release);
        return;
    }
    for (;;) {
        uint32_t seen = tt_gate_seen(&chain->done);
        if (atomic_load_explicit(&chain->hashed, memory_order_acquire) == chain->count) {
            return;
        }
        (void)tt_gate_sleep(&chain->done, seen, INT64_MAX);
    }
}

bool tt_chain_finish(tt_chain *chain, uint8_t value[TT_DIGEST_SIZE])
{
    if (!chain->is_begun) {
        return false;
    }
    if (chain->is_handed) {
        wait_for_thread(chain);
    } else {
        hash(chain);
    }
    chain->is_begun = false;
    memcpy(value, chain->value, TT_DIGEST_SIZE);
    return true;
}
