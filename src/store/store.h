/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The read model: an SQLite database projected from the journal, for lists, pages and people with
 * SQL. It is never the truth: it can lag, be deleted and be made again, with the same rows.
 *
 * Steps are applied in order. Each transaction also records how far it came (table `projection`),
 * so that a step is applied exactly once however often it is offered: what was applied already is
 * skipped, and a gap is an error. The database is in write-ahead-log mode; this is its only writer,
 * and it alone makes checkpoints. Decimals are exact text, times nanoseconds since 1970 as
 * integers.
 *
 * A store belongs to one thread at a time. All functions: @thread{owner} @blocks{disk}
 */
#ifndef TT_STORE_STORE_H
#define TT_STORE_STORE_H

#include "base/error.h"
#include "model/instrument.h"
#include "model/message.h"

/** Version of the tables (PRAGMA user_version). */
#define TT_STORE_VERSION 5

typedef struct tt_store tt_store;

/** Opens the database at `path`, makes it if absent. `instruments` (copied) gives keys their
 * symbols.
 * @retval TUTTI_VERSION it was made by another release.  @retval TUTTI_CORRUPT it is damaged, or no
 * database.  @retval TUTTI_BUSY another process writes it.  @retval TUTTI_PERMISSION,
 * TUTTI_NO_SPACE, TUTTI_IO. @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_store_open(
    const char *path, const tt_instruments *instruments, tt_store **result, tt_error *error);
/** Applies one step of the journal, within the open transaction. After a failure everything since
 * the last commit is undone. @retval TUTTI_STATE a gap: steps before this one are missing.
 * @retval TUTTI_CORRUPT what was applied before is not what this journal says: it belongs to
 * another run, or the end of the journal was lost.  Otherwise as tt_store_commit. */
TUTTI_NODISCARD tutti_status
tt_store_apply_step(tt_store *store, const void *step, size_t size, tt_error *error);
/** Ends the transaction; what was applied is visible to readers. Nothing applied is fine.
 * @retval TUTTI_NO_SPACE, TUTTI_PERMISSION, TUTTI_BUSY, TUTTI_IO, TUTTI_CORRUPT. */
TUTTI_NODISCARD tutti_status tt_store_commit(tt_store *store, tt_error *error);
/** Last message that was applied, committed or not; 0 = none. */
tt_seq tt_store_last_seq(const tt_store *store);
/** Tells whether the database still stands at its path: false once somebody deleted or replaced it;
 * then close it and open it anew. */
bool tt_store_is_in_place(const tt_store *store);
/** Messages of topics that were declared at run time, since the store was opened: no table takes
 * them. */
uint64_t tt_store_passed_over(const tt_store *store);
/** Commits and closes. NULL is fine. A failure cannot be told here: commit first to learn of it. */
void tt_store_close(tt_store *store);

/** Moves a database that cannot be used to PATH.damaged, in the place of an earlier one, so that a
 * new one can be made. None there is fine. @retval TUTTI_BUSY another process writes it.
 * @retval TUTTI_PERMISSION, TUTTI_IO. @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_store_set_aside(const char *path, tt_error *error);

/** Hears how far a rebuild came. */
typedef struct tt_store_progress {
    void (*report)(void *ctx, tt_seq seq, uint64_t steps);
    void *ctx;
} tt_store_progress;

/** What a rebuild made. */
typedef struct tt_store_rebuilt {
    tt_seq last_seq;
    uint64_t passed_over; /**< As tt_store_passed_over. */
} tt_store_rebuilt;

/** Makes the database anew from a journal: under a second name, which replaces the old one when it
 * is complete. `progress` and `ret_rebuilt` may be NULL. @retval TUTTI_BUSY a session has it open.
 * Otherwise as tt_journal_reader_next and tt_store_apply_step. @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_store_rebuild(
    const char *journal_dir,
    const char *path,
    const tt_instruments *instruments,
    const tt_store_progress *progress,
    tt_store_rebuilt *ret_rebuilt,
    tt_error *error);

#endif
