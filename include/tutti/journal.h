/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The journal by itself, for programs that link libtutti: a durable log that any number of threads
 * append to, and a reader that checks every byte of it. A bus (tutti/bus.h) writes the same format
 * when it is given a directory.
 *
 * Messages that arrive while a commit is being synced gather for the next one. A commit is sealed
 * by a checksum and by a chain of SHA-256 hashes. After a crash the log ends with the last whole
 * commit. The first failure of the disk ends a log: nothing is ever reported as durable that is
 * not. The format stands in docs/spec/journal.md.
 *
 * A log consists of files of 64 MiB. From when one of them is half full, a thread makes the next
 * one ahead (not with durability `none`), and commits to the files that follow go past the page
 * cache, where the file system can do that: they take less time, and readers take what is new from
 * the disk. That costs the space of one more file while the log is open; a log that stays small has
 * none of it.
 */
#ifndef TUTTI_JOURNAL_H
#define TUTTI_JOURNAL_H

#include <tutti/message.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tutti_journal tutti_journal;
typedef struct tutti_journal_reader tutti_journal_reader;

/** Most bytes of one record. */
#define TUTTI_RECORD_MAX 4000

/** Opens a log to append; makes it if the directory holds none, and otherwise cuts off what a crash
 * left unfinished. `ret_cut` (may be NULL) gets the number of bytes cut. @thread{any}
 * @retval TUTTI_INVALID the directory holds the journal of a run of tutti.
 * @retval TUTTI_BUSY another process or log has it open. @retval TUTTI_CORRUPT it is damaged.
 * @retval TUTTI_IO, TUTTI_NO_SPACE, TUTTI_PERMISSION. @blocks{disk} */
TUTTI_NODISCARD tutti_status tutti_journal_open(
    const char *directory,
    tutti_durability durability,
    tutti_journal **result,
    uint64_t *ret_cut,
    tutti_error *error);
/** Number of a topic of this log; a new name is recorded. @retval TUTTI_INVALID the name.
 * @retval TUTTI_LIMIT 4,096 topics. @thread{any} */
TUTTI_NODISCARD tutti_status tutti_journal_topic(
    tutti_journal *journal, const char *name, tutti_topic *ret_topic, tutti_error *error);
/** Appends a record; `ret_seq` (may be NULL) gets its number. `wait_ns`: how long to wait for room.
 * @retval TUTTI_RANGE more than TUTTI_RECORD_MAX bytes. @retval TUTTI_INVALID no such topic.
 * @retval TUTTI_BUSY, TUTTI_TIMEOUT no room. @retval TUTTI_STATE closed; or the status of the
 * failure that ended the log. @thread{any} @alloc{never} */
TUTTI_NODISCARD tutti_status tutti_journal_append(
    tutti_journal *journal,
    tutti_topic topic,
    uint32_t key,
    const void *bytes,
    uint32_t size,
    int64_t wait_ns,
    uint64_t *ret_seq);
/** Number of the last record that is durable. @thread{any} */
uint64_t tutti_journal_durable(const tutti_journal *journal);
/** Waits until a record is durable. @retval TUTTI_TIMEOUT; or the status of the failure that ended
 * the log. @thread{any} */
TUTTI_NODISCARD tutti_status
tutti_journal_wait(tutti_journal *journal, uint64_t seq, int64_t wait_ns);
/** Makes durable what was appended, and frees. `ret_lost` (may be NULL) gets the number of records
 * that did not become durable. No other thread may use the log any more. NULL is fine.
 * @retval the status of the failure that ended the log. @blocks{disk} */
tutti_status tutti_journal_close(tutti_journal *journal, uint64_t *ret_lost);

/** Opens for reading, also while a log is being written. @retval TUTTI_NOT_FOUND, TUTTI_CORRUPT,
 * TUTTI_VERSION, TUTTI_IO. @thread{one at a time} @blocks{disk} */
TUTTI_NODISCARD tutti_status
tutti_journal_reader_open(const char *directory, tutti_journal_reader **result, tutti_error *error);
/** Next message that is committed, checked: checksum, chain, order. @retval TUTTI_END none yet;
 * call again to follow. @retval TUTTI_CORRUPT `error` names file and place.
 * @lends{until the next call} */
TUTTI_NODISCARD tutti_status tutti_journal_reader_next(
    tutti_journal_reader *reader, const tutti_message **ret_message, tutti_error *error);
/** Name of a topic that the reader has met the declaration of, or NULL. */
const char *tutti_journal_reader_topic(const tutti_journal_reader *reader, tutti_topic topic);
/** NULL is fine. */
void tutti_journal_reader_close(tutti_journal_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
