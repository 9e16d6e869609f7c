/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The inside of the group commit. Private to the journal.
 *
 * Invariants:
 *  1. What is appended gets its numbers and its place in the buffer `filling` under the lock. It is
 *     copied there and finished, checksum included, without the lock; `filled` counts the bytes
 *     that are there. Buffers hold step records as the writer takes them.
 *  2. The committing thread alone touches the writer, and the buffer that it has taken once that is
 *     filled.
 *  3. Batches are counted: the one in flight has the number `taken`, the one that fills has
 *     `taken` + 1. A thread that waits for a message sleeps at the gate of its batch, of which at
 *     most two are awaited.
 *  4. `durable` and `failed` only ever go one way.
 */
#ifndef TT_JOURNAL_JOURNAL_GROUP_PRIV_H
#define TT_JOURNAL_JOURNAL_GROUP_PRIV_H

#include "journal/journal_gate.h"
#include "journal/journal_group.h"
#include "journal/journal_writer.h"

#include <pthread.h>

/** Gates of batches; a power of two. */
#define TT_GROUP_GATES 4u

/** Steps that gather for one commit. */
typedef struct tt_group_buffer {
    unsigned char *memory; /**< As in tt_batch. */
    unsigned char *bytes;  /**< As in tt_batch. */
    _Atomic size_t filled; /**< Of `used`. */
    _Atomic bool is_poor;  /**< As in tt_batch. */
    size_t used;
    uint64_t placed;  /**< As in tt_batch. */
    int64_t first_ns; /**< When the first step came. */
    tt_journal_end end;
} tt_group_buffer;

struct tt_journal_group {
    tt_journal_writer *writer;
    tt_chain chain; /**< The writer's. */
    tt_journal_group_options options;
    pthread_t thread;

    tt_group_buffer buffers[2];

    pthread_mutex_t lock;
    /* Under the lock. */
    tt_group_buffer *filling;
    tt_group_buffer *flight;      /**< The other one: in flight, or committed. */
    tt_journal_end end;           /**< After the last append. */
    tt_journal_end committed_end; /**< After the last commit. */
    uint64_t taken;
    /* Changed under the lock. */
    _Atomic uint64_t turn;        /**< Twice `taken`; odd while it changes with `flight_last`. */
    _Atomic uint64_t flight_last; /**< Last number of the batch in flight. */
    /* Under the lock. */
    bool is_stopping;
    bool is_flush_asked;
    tt_error failure;
    tt_journal_group_stats stats;

    _Atomic uint64_t appended; /**< Last number handed out. */
    _Atomic uint64_t waits;    /**< As in the statistics. */
    _Atomic uint64_t durable;
    _Atomic int failed;      /**< A tutti_status. */
    _Atomic int is_finished; /**< The committing thread is done. */
    tt_gate work;            /**< The committing thread sleeps here. */
    tt_gate room;            /**< Appends sleep here while the buffer is full. */
    tt_gate finished;
    tt_gate batches[TT_GROUP_GATES];
};

/** Body of the committing thread. */
void *tt_group_run(void *group);
/** Gate at which those sleep who wait for a batch. */
static inline tt_gate *tt_group_gate(tt_journal_group *group, uint64_t batch)
{
    return &group->batches[batch % TT_GROUP_GATES];
}

#endif
