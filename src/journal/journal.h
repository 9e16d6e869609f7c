/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The journal: the record of truth. It stores steps: all messages of one input, as the outbox of the
 * bus holds them, so that a crash never leaves half a step.
 *
 * Chain: hash(n) = SHA-256(hash(n-1) || bytes of step n); hash(0) = SHA-256(meta). The chain value after
 * the last step is the digest of a run: it does not depend on how steps were grouped into commits.
 * A commit record seals the steps before it (last sequence, chain value, checksum). What follows the
 * last whole commit was never durable and is cut at recovery. The format stands in docs/spec/journal.md.
 */
#ifndef TT_JOURNAL_JOURNAL_H
#define TT_JOURNAL_JOURNAL_H

#include "base/error.h"
#include "model/message.h"

#define TT_JOURNAL_VERSION 1
#define TT_DIGEST_SIZE 32

/* tt_durability (model/enums.h): ALWAYS: write + fdatasync at each commit. BATCH: the caller groups steps within
 * its bounds of time and size, then as ALWAYS. NONE: write only; survives a kill, not a power cut. */

typedef struct tt_journal_options {
    tt_durability durability;
    uint64_t segment_bytes;  /**< 0 = 64 MiB. */
    uint64_t fail_after_bytes; /**< Fault point of tests: writes beyond fail with no_space; 0 = off. */
} tt_journal_options;

typedef struct tt_journal_writer tt_journal_writer;
typedef struct tt_journal_reader tt_journal_reader;

/** Where a journal ends. */
typedef struct tt_journal_end {
    tt_seq last_seq;     /**< 0 = empty. */
    tt_time last_time;
    uint64_t step_count;
    uint64_t commit_count;
    uint64_t cut_bytes;  /**< Unfinished bytes after the last commit. */
    uint8_t chain[TT_DIGEST_SIZE];
} tt_journal_end;

/** Creates a journal in the directory `dir` (made if absent). `meta` is the configuration text in force; it is kept
 * in the journal so that a replay needs nothing else. Locks the directory against a second writer.
 * @retval TUTTI_EXISTS there is a journal already.  @retval TUTTI_BUSY another process has it open. */
TUTTI_NODISCARD tutti_status tt_journal_create(const char *dir, const void *meta, size_t meta_size,
    const tt_journal_options *options, tt_journal_writer **result, tt_error *error);
/** Opens an existing journal to append: verifies it from `from` (NULL = from the start; else the end state of a
 * snapshot), cuts the unfinished tail. @retval TUTTI_NOT_FOUND, TUTTI_CORRUPT, TUTTI_VERSION, TUTTI_BUSY. */
TUTTI_NODISCARD tutti_status tt_journal_resume(const char *dir, const tt_journal_options *options,
    tt_journal_writer **result, tt_journal_end *ret_end, tt_error *error);
/** Appends one step to the buffer of the next commit. No I/O unless the buffer is full. */
TUTTI_NODISCARD tutti_status tt_journal_append(
    tt_journal_writer *writer, const void *step, size_t size, tt_error *error);
/** Seals and writes what was appended. After a failure the writer refuses everything (fail closed).
 * A failed fsync is never retried. */
TUTTI_NODISCARD tutti_status tt_journal_commit(tt_journal_writer *writer, tt_error *error);
/** Bytes appended but not committed. */
size_t tt_journal_pending(const tt_journal_writer *writer);
/** State after the last append (not necessarily committed). */
void tt_journal_state(const tt_journal_writer *writer, tt_journal_end *ret_end);
/** Commits, closes, unlocks. NULL is fine. */
void tt_journal_close(tt_journal_writer *writer);

/** Opens for reading; needs no lock and may follow a living writer. */
TUTTI_NODISCARD tutti_status tt_journal_reader_open(
    const char *dir, tt_journal_reader **result, tt_error *error);
const void *tt_journal_reader_meta(const tt_journal_reader *reader, size_t *ret_size);
/** Next committed step: its messages back to back, checked (checksum, chain, order of sequence numbers).
 * @retval TUTTI_END no further commit yet (call again to follow).  @retval TUTTI_CORRUPT names the record in `error`.
 * @lends{until the next call} */
TUTTI_NODISCARD tutti_status tt_journal_reader_next(
    tt_journal_reader *reader, const void **ret_step, size_t *ret_size, tt_error *error);
/** Chain value and counts after the last step returned. */
void tt_journal_reader_end(const tt_journal_reader *reader, tt_journal_end *ret_end);
void tt_journal_reader_close(tt_journal_reader *reader);
/** First message of a step (`previous` NULL) or the one after `previous`; NULL at the end. */
const tt_msg *tt_step_next(const void *step, size_t size, const tt_msg *previous);

/** Writes a snapshot beside the journal: temporary file, fsync, rename. */
TUTTI_NODISCARD tutti_status tt_snapshot_write(const char *dir, const tt_journal_end *end,
    const void *state, size_t size, tt_error *error);
/** Reads the newest snapshot that is whole; the caller frees `*ret_state`. @retval TUTTI_NOT_FOUND. */
TUTTI_NODISCARD tutti_status tt_snapshot_read(const char *dir, tt_journal_end *ret_end,
    void **ret_state, size_t *ret_size, tt_error *error);
/** Moves a fresh reader to just after `end`. @retval TUTTI_CORRUPT the journal has no such point. */
TUTTI_NODISCARD tutti_status tt_journal_reader_seek(
    tt_journal_reader *reader, const tt_journal_end *end, tt_error *error);

#endif
