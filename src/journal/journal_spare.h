/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The next segment, made ahead by a thread of its own: a file of zeros that are written, not only
 * reserved, so that a commit changes no metadata, and a change of segments makes no file. Private
 * to the journal.
 *
 * Invariants:
 *  1. Nobody reads a spare: it has no name that a reader knows. It is data only once it has its
 *     header and the name of a prepared segment, which the writer gives it.
 *  2. A failure to make one is no failure of the journal: what there is of it is removed, and the
 *     writer makes its next segment itself. It is tried again for the segment after that.
 *  3. The thread touches nothing but the spare, and calls the table of system calls beside the
 *     writer.
 */
#ifndef TT_JOURNAL_JOURNAL_SPARE_H
#define TT_JOURNAL_JOURNAL_SPARE_H

#include "journal/journal_file.h"

#include <pthread.h>

typedef enum tt_spare_state {
    TT_SPARE_NONE,   /**< Not asked for. */
    TT_SPARE_MAKING, /**< The thread is at it, or will be. */
    TT_SPARE_READY,
    TT_SPARE_FAILED
} tt_spare_state;

/** Counters since the start. */
typedef struct tt_spare_stats {
    uint64_t made;
    uint64_t taken;
    uint64_t failed; /**< Attempts. */
    uint64_t missed; /**< Changes of segment that found none. */
} tt_spare_stats;

typedef struct tt_spare {
    tt_journal_dir dir; /**< Path and descriptor are the writer's. @borrows{until stop} */
    uint64_t bytes;
    pthread_t thread;
    bool is_running;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock. */
    tt_spare_state state;
    bool is_stopping;
    int fd; /**< Of a spare that is ready; else -1. */
    tt_spare_stats stats;
} tt_spare;

/** Starts the thread. Zeroed before; one that was not started takes all calls and has nothing.
 * @retval TUTTI_NO_MEMORY also when the system gives no thread. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_spare_start(tt_spare *spare, const tt_journal_dir *dir, uint64_t bytes, tt_error *error);
/** Ends the thread and removes what there is of a spare. @thread{owner} @blocks{disk} */
void tt_spare_stop(tt_spare *spare);
/** Asks for a spare, if there is none and none is being made. @thread{owner} @alloc{never} */
void tt_spare_ask(tt_spare *spare);
/** Takes the spare: an open file of zeros under TT_JOURNAL_SPARE_NAME. False: there is none.
 * @thread{owner} @alloc{never} */
bool tt_spare_take(tt_spare *spare, int *ret_fd);
/** Waits until none is being made. For tests. @thread{owner} */
void tt_spare_settle(tt_spare *spare);
void tt_spare_stats_get(tt_spare *spare, tt_spare_stats *ret_stats);

/** Writes zeros over a file, from `from` to `end`, piece by piece. `is_over` (may be NULL): asked
 * before each piece; true ends it with TUTTI_STATE. @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_spare_fill(
    tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t from,
    uint64_t end,
    tt_spare *stopped_by,
    tt_error *error);

#endif
