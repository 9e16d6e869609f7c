/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The next segments, made ahead by a thread of its own: files of zeros that are written, not only
 * reserved, so that a commit changes no metadata, and a change of segments makes no file. The same
 * thread seals the segments that are left, so that no commit waits for that. Private to the
 * journal.
 *
 * Invariants:
 *  1. Nobody reads a spare: it has no name that a reader knows. It is data only once it has its
 *     header and the name of a segment, which the writer gives it.
 *  2. A failure to make one is no failure of the journal: what there is of it is removed, and when
 *     none is left the writer makes its next segment itself. It is tried again for the segment
 *     after that.
 *  3. The thread touches nothing but the spare that it makes and the segment that it seals, and
 *     calls the table of system calls beside the writer.
 *  4. A spare reads as zeros up to its end. All of them are written, unless the writer needed it
 *     before: then the rest is only reserved.
 *  5. At most one segment waits for its seal: the one before that which is written to.
 */
#ifndef TT_JOURNAL_JOURNAL_SPARE_H
#define TT_JOURNAL_JOURNAL_SPARE_H

#include "journal/journal_seal.h"

#include <pthread.h>
#include <stdatomic.h>

/** Counters since the start. */
typedef struct tt_spare_stats {
    uint64_t made;
    uint64_t early; /**< Of these: the writer waited for it, and took what there was. */
    uint64_t taken;
    uint64_t failed; /**< Attempts. */
    uint64_t missed; /**< Changes of segment that found none. */
    uint64_t sealed; /**< Segments that this thread has sealed. */
} tt_spare_stats;

/** What is filled with zeros in one go. */
#define TT_SPARE_PIECE ((uint64_t)256 * 1024)
/** An open file of zeros. */
typedef struct tt_spare_file {
    int fd;
    bool is_direct; /**< Writes to it go past the page cache. */
    char name[TT_JOURNAL_NAME_MAX];
} tt_spare_file;

typedef struct tt_spare {
    tt_journal_dir dir; /**< Path and descriptor are the writer's. @borrows{until stop} */
    uint64_t bytes;
    uint32_t wanted; /**< To be kept ready. */
    pthread_t thread;
    bool is_running;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock. */
    bool is_stopping;
    bool is_asked;        /**< As many as are wanted are to be made; ends with a failure. */
    bool is_making;       /**< The thread is at one. */
    bool is_needed;       /**< The writer waits for the one that is being made. */
    bool is_awaited;      /**< Somebody waits until the thread rests: no pauses. */
    tt_seal seal;         /**< Of a segment that was left; fd -1 = none. */
    tt_block *seal_block; /**< About that segment. @borrows{until it is sealed} */
    tt_error seal_failure;
    _Atomic int seal_failed; /**< A tutti_status. */
    uint32_t count;
    tt_spare_file ready[TT_JOURNAL_SPARES_MAX]; /**< The oldest first. */
    tt_spare_stats stats;
} tt_spare;

/** Starts the thread. Zeroed before; one that was not started takes all calls and has nothing.
 * @param bytes of each, a multiple of TT_JOURNAL_BLOCK
 * @param wanted to be kept ready, 1 to TT_JOURNAL_SPARES_MAX
 * @retval TUTTI_NO_MEMORY also when the system gives no thread. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_spare_start(
    tt_spare *spare, const tt_journal_dir *dir, uint64_t bytes, uint32_t wanted, tt_error *error);
/** Ends the thread, which seals what is left to be sealed, and removes all spares. @thread{owner}
 * @blocks{disk} */
void tt_spare_stop(tt_spare *spare);
/** Asks for as many spares as are wanted and not there. @thread{owner} @alloc{never} */
void tt_spare_ask(tt_spare *spare);
/** Takes a spare, which is the caller's to close and to rename before the next tt_spare_ask: until
 * then no other is begun. Of one that is still being made it takes what
 * there is, and waits for the piece that is under way and a sync. False: there is none.
 * @thread{owner} @blocks{disk} @alloc{never} */
bool tt_spare_take(tt_spare *spare, tt_spare_file *ret_file);
/** Has the thread seal a segment, before anything else, and close it. None is waiting: see
 * tt_spare_wait_sealed. What happens to it is told by that call and tt_spare_check_sealed. `block`
 * is about that segment. @thread{owner} @blocks{never} @alloc{never} */
void tt_spare_seal(tt_spare *spare, const tt_seal *seal, tt_block *block);
/** Waits until no segment is left to be sealed. Returns the status of the first failure to seal
 * one, also of an earlier one; `error` gets the words. @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_spare_wait_sealed(tt_spare *spare, tt_error *error);
/** The same, of what has happened up to now. @thread{owner} @blocks{never} */
TUTTI_NODISCARD tutti_status tt_spare_check_sealed(tt_spare *spare, tt_error *error);
/** Waits until none is being made, all that were asked for are there or one has failed, and nothing
 * is left to be sealed. For tests and benchmarks. @thread{owner} */
void tt_spare_settle(tt_spare *spare);
void tt_spare_stats_get(tt_spare *spare, tt_spare_stats *ret_stats);
/** Name of a spare, 0 to TT_JOURNAL_SPARES_MAX - 1. */
void tt_spare_name(char name[TT_JOURNAL_NAME_MAX], uint32_t number);
/** Removes what a writer that was killed has left. @thread{owner} */
void tt_spare_remove_all(const tt_journal_dir *dir);

/** Writes `size` zeros, at most TT_SPARE_PIECE, at `at`; both are multiples of TT_JOURNAL_BLOCK.
 * What `is_direct` says is as in tt_spare_fill. Nothing is synced. @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_spare_fill_piece(
    tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t at,
    size_t size,
    bool *is_direct,
    tt_error *error);
/** Writes zeros over a file, from `from` to `end`, a multiple of TT_JOURNAL_BLOCK, and syncs it.
 * `is_direct`: it goes past the page cache; false afterwards when that was refused. `maker` (may
 * be NULL): goes by what happens to it: ends early, or with TUTTI_STATE when it stops, and pauses.
 * @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_spare_fill(
    tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t from,
    uint64_t end,
    bool *is_direct,
    tt_spare *maker,
    tt_error *error);

#endif
