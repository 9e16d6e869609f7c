/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The journal: the record of truth. It stores steps: all messages of one input, as the outbox of
 * the bus holds them, so that a crash never leaves half a step.
 *
 * Chain: it moves once a commit that seals steps: hash(n) = SHA-256(hash(n-1) || digests of what
 * commit n seals, cut into pieces); hash(0) = SHA-256(meta). The chain value after the last commit
 * is the digest of a run. It depends on the configuration, on the steps, and on how they were
 * grouped into commits and segments; a backtest groups by bytes alone, so that its digest is the
 * same in every build. A commit record seals the steps before it. What follows the last whole
 * commit was never durable and is cut at recovery. The format, and what it can and cannot detect,
 * stands in docs/spec/journal.md. Journals of format version 1, whose chain moved once a step, are
 * read and continued.
 *
 * Sequence numbers are contiguous: the first message of a journal has 1, each other one more than
 * the message before it, within steps and across them.
 *
 * Threads: a writer, a reader and the lock belong to one thread at a time; any number of readers
 * may read, in any process, while one writer writes. A writer that prepares ahead has a thread of
 * its own, which nobody else sees.
 */
#ifndef TT_JOURNAL_JOURNAL_H
#define TT_JOURNAL_JOURNAL_H

#include "base/error.h"
#include "model/message.h"

/** The version that is written; older ones are read. */
#define TT_JOURNAL_VERSION 2
#define TT_DIGEST_SIZE     32
/** Largest step that can be appended; also the most that one commit seals. */
#define TT_JOURNAL_STEP_MAX ((size_t)8 * 1024 * 1024)

/** Segments that can be kept ready. */
#define TT_JOURNAL_SPARES_MAX 16

typedef struct tt_journal_writer tt_journal_writer;
typedef struct tt_journal_reader tt_journal_reader;
struct tt_journal_io;

/** How the text in `meta` begins when no session wrote the journal, but a program with libtutti. */
#define TT_JOURNAL_META_LIBRARY "# libtutti\n"

/** Where a journal ends, or stands. */
typedef struct tt_journal_end {
    tt_seq last_seq; /**< 0 = empty. */
    tt_time last_time;
    uint64_t step_count;
    uint64_t commit_count;
    uint64_t cut_bytes;            /**< Unfinished bytes after the last commit. */
    uint8_t chain[TT_DIGEST_SIZE]; /**< After the last commit that is contained as a whole. */
    bool is_closed; /**< The last commit was written by tt_journal_close: nothing was cut off. */
} tt_journal_end;

/**
 * How a writer works; zero = default.
 *
 * tt_durability (model/enums.h): ALWAYS: write + fdatasync at each commit. BATCH: the caller groups
 * steps within its bounds of time and size, then as ALWAYS. NONE: write only; survives a kill, not
 * a power cut.
 */
typedef struct tt_journal_options {
    tt_durability durability;
    uint64_t segment_bytes; /**< 0 = 64 MiB; at most 4 GiB. */
    /** A thread of the writer's own keeps the next segment ready, and the space of a segment is
     * written once in advance, not only reserved: a commit changes no metadata, and a change of
     * segments costs one flush more; the thread ends the old segment meanwhile. Commits go past the
     * page cache where the file system can do that (not with fail_after_bytes): a reader takes them
     * from the disk. Costs up to two segments of zeros at the start, and the space of one more
     * file. Without effect with durability `none`. */
    bool prepares_ahead;
    /** With prepares_ahead: of the segment that is open at the start only the first 4 MiB are
     * written in advance; the rest by tt_journal_fill, so that a start need not wait for it. */
    bool fills_later;
    /** The same, but only once the writer has committed half a segment: until then nothing is made
     * ahead, and commits go through the page cache; so do those to the segment that is open then.
     * For logs of which most stay small. Costs a thread that sleeps until then. Without effect with
     * prepares_ahead. */
    bool prepares_when_busy;
    /** With prepares_ahead or prepares_when_busy: segments to keep ready, for bursts; 0 = 1; at
     * most TT_JOURNAL_SPARES_MAX. Each costs the space of a segment. While one is ready others are
     * made with pauses, so that the disk has time for commits. */
    uint32_t spares;
    uint64_t
        fail_after_bytes; /**< Fault point of tests: writes beyond fail with no_space; 0 = off. */
    const tt_journal_end *verify_from; /**< Resume: verify only what follows this point, the end of
                                        * a snapshot; NULL = everything. @borrows{for the call} */
    /** Fault point of tests: system calls; NULL = the system's. With prepares_ahead and
     * prepares_when_busy its calls come from two threads. */
    const struct tt_journal_io *io;
} tt_journal_options;

/** Creates a journal in the directory `dir` (made if absent). `meta` is the configuration text in
 * force; it is kept in the journal so that a replay needs nothing else. Locks the directory against
 * a second writer. @retval TUTTI_EXISTS there is a journal already.  @retval TUTTI_BUSY another
 * writer has it open.  @retval TUTTI_LIMIT `meta` is larger than 64 MiB.  @retval TUTTI_IO,
 * TUTTI_NO_SPACE, TUTTI_PERMISSION with path and reason.
 * @thread{owner} @blocks{disk} @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_journal_create(
    const char *dir,
    const void *meta,
    size_t meta_size,
    const tt_journal_options *options,
    tt_journal_writer **result,
    tt_error *error);
/** Opens an existing journal to append: verifies it (see verify_from) and cuts the unfinished tail.
 * `ret_end` (may be NULL) tells where it ends and how many bytes were cut.
 * @retval TUTTI_NOT_FOUND, TUTTI_CORRUPT, TUTTI_VERSION, TUTTI_BUSY. @thread{owner} @blocks{disk}
 */
TUTTI_NODISCARD tutti_status tt_journal_resume(
    const char *dir,
    const tt_journal_options *options,
    tt_journal_writer **result,
    tt_journal_end *ret_end,
    tt_error *error);
/** What resume cut from the end and why, as one sentence; "" when nothing was cut.
 * @lends{until close} */
const char *tt_journal_cut_reason(const tt_journal_writer *writer);
/** Appends one step to the buffer of the next commit. No I/O unless the buffer is full: then what
 * it holds is committed first. @retval TUTTI_INVALID the step is no sequence of whole messages that
 * follow the last one: nothing changed.  @retval TUTTI_LIMIT larger than TT_JOURNAL_STEP_MAX.
 * Otherwise as tt_journal_commit. @thread{owner} @alloc{never} */
TUTTI_NODISCARD tutti_status
tt_journal_append(tt_journal_writer *writer, const void *step, size_t size, tt_error *error);
/** Seals and writes what was appended. After a failure the writer refuses everything with the
 * status of that failure (fail closed). A failed fsync is never retried.
 * @thread{owner} @blocks{disk} @alloc{never} */
TUTTI_NODISCARD tutti_status tt_journal_commit(tt_journal_writer *writer, tt_error *error);
/** Writes a piece of at most 256 KiB of the space of the open segment in advance: for a thread that
 * has nothing else to do, with fills_later. Where it has not come yet a commit changes metadata
 * once more. After a failure the writer refuses everything, as after one of a commit.
 * `ret_has_more`: there is another piece. @thread{owner} @blocks{disk} @alloc{never} */
TUTTI_NODISCARD tutti_status
tt_journal_fill(tt_journal_writer *writer, bool *ret_has_more, tt_error *error);
/** Bytes appended but not committed. */
size_t tt_journal_pending(const tt_journal_writer *writer);
/** State after the last append (not necessarily committed; the chain value moves at commits). */
void tt_journal_state(const tt_journal_writer *writer, tt_journal_end *ret_end);
/** Commits, marks the journal as closed, unlocks. NULL is fine. A failure cannot be told here:
 * commit first to learn of it. @thread{owner} @blocks{disk} */
void tt_journal_close(tt_journal_writer *writer);

/** Opens for reading; needs no lock and may follow a living writer.
 * @retval TUTTI_NOT_FOUND, TUTTI_CORRUPT, TUTTI_VERSION, TUTTI_IO. @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status
tt_journal_reader_open(const char *dir, tt_journal_reader **result, tt_error *error);
/** The same, and reads segments of builds with other layouts as well: each message becomes one of
 * this build (model/layout_map.h), a topic that it has not is passed over. For those who look, not
 * for those who go on where the journal ends.
 * @retval TUTTI_VERSION the layouts are not told, or this build cannot express a message. */
TUTTI_NODISCARD tutti_status
tt_journal_reader_open_any(const char *dir, tt_journal_reader **result, tt_error *error);
/** What to do with what another release wrote, where it must be run. */
#define TT_JOURNAL_HINT_OTHERS                                                                     \
    "use the release that wrote the journal; this one reads it by journal dump, journal stats, "   \
    "verify, why and store rebuild"
/** Tells whether the open segment is of a build with other layouts. */
bool tt_journal_reader_is_foreign(const tt_journal_reader *reader);
/** For who needs the very bytes. @retval TUTTI_VERSION the open segment is of such a build. */
TUTTI_NODISCARD tutti_status
tt_journal_reader_require_own(const tt_journal_reader *reader, tt_error *error);
/** Messages so far whose topic this build has not. */
uint64_t tt_journal_reader_passed_over(const tt_journal_reader *reader);
/** The configuration text that the journal was created with. @lends{until reader_close} */
const void *tt_journal_reader_meta(const tt_journal_reader *reader, size_t *ret_size);
/** Moves a fresh reader to the start of the last segment before which nothing is wanted: a message
 * is wanted if its number is at least `from_seq` and its time at least `since` ({INT64_MIN}: any).
 * What stands before that segment is not read; the state that it begins with must be the one that
 * the segment before it was sealed with. What is read is checked as ever.
 * @retval TUTTI_CORRUPT, TUTTI_VERSION, TUTTI_NOT_FOUND: the reader stays failed.
 * @retval TUTTI_STATE the reader has returned steps already. */
TUTTI_NODISCARD tutti_status
tt_journal_reader_skip(tt_journal_reader *reader, tt_seq from_seq, tt_time since, tt_error *error);
/** First numbers of the segments that are there, archived or not, in order; the caller frees
 * `*ret_firsts` with free(). @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_journal_reader_segments(
    const tt_journal_reader *reader, tt_seq **ret_firsts, size_t *ret_count, tt_error *error);
/** Next committed step: its messages back to back, 16-byte aligned, checked (checksum, chain, order
 * of sequence numbers, sizes of payloads). @retval TUTTI_END no further commit yet (call again to
 * follow).
 * @retval TUTTI_CORRUPT names the record in `error`. @lends{until the next call} */
TUTTI_NODISCARD tutti_status tt_journal_reader_next(
    tt_journal_reader *reader, const void **ret_step, size_t *ret_size, tt_error *error);
/** Counts after the last step returned; the chain value of the last commit whose steps were all
 * returned (format version 1: of the last step). */
void tt_journal_reader_end(const tt_journal_reader *reader, tt_journal_end *ret_end);
/** Where the journal begins: the state before its first message. Its last_seq is 0, or above when
 * older messages were dropped by the rules of retention: then only a snapshot can stand in for
 * them. */
void tt_journal_reader_begin(const tt_journal_reader *reader, tt_journal_end *ret_begin);
/** After TUTTI_END: why bytes after the last commit do not count; "" when there are none.
 * @lends{until the next call} */
const char *tt_journal_reader_tail(const tt_journal_reader *reader);
/** NULL is fine. */
void tt_journal_reader_close(tt_journal_reader *reader);
/** First message of a step (`previous` NULL) or the one after `previous`; NULL at the end.
 * @thread{any} @alloc{never} */
const tt_msg *tt_step_next(const void *step, size_t size, const tt_msg *previous);

/** Writes a snapshot beside the journal: temporary file, fsync, rename. `end` must be committed: a
 * snapshot ahead of the journal cannot be resumed from. The newest two are kept.
 * @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_snapshot_write(
    const char *dir, const tt_journal_end *end, const void *state, size_t size, tt_error *error);
/** Reads the newest snapshot that is whole, skipping damaged ones and those of other versions; the
 * caller frees `*ret_state` with free(). @retval TUTTI_NOT_FOUND there is none. */
TUTTI_NODISCARD tutti_status tt_snapshot_read(
    const char *dir, tt_journal_end *ret_end, void **ret_state, size_t *ret_size, tt_error *error);
/** Moves a fresh reader to just after `end`. @retval TUTTI_CORRUPT the journal has no such point.
 * @retval TUTTI_STATE the reader has returned steps already. */
TUTTI_NODISCARD tutti_status
tt_journal_reader_seek(tt_journal_reader *reader, const tt_journal_end *end, tt_error *error);

/** What tt_journal_repair did. */
typedef struct tt_journal_repair_report {
    tt_journal_end end; /**< Where the journal ends now; cut_bytes = bytes that were cut off. */
    char file[64];      /**< The segment that ends it. */
    char reason[320];   /**< What was cut and why, as one sentence; "" when nothing was. */
} tt_journal_repair_report;

/** Cuts off the unfinished tail, as the next start would do, and nothing else: damage is refused
 * and left as it is. Reads and verifies all of the journal first.
 * @retval TUTTI_NOT_FOUND, TUTTI_CORRUPT, TUTTI_VERSION, TUTTI_BUSY a writer has it open, TUTTI_IO.
 * @thread{owner} @blocks{disk} @alloc{yes} */
TUTTI_NODISCARD tutti_status
tt_journal_repair(const char *dir, tt_journal_repair_report *ret_report, tt_error *error);

/** What may be kept of a journal; zero = no bound. */
typedef struct tt_journal_retention {
    int64_t age_ns;   /**< Segments that were sealed longer ago may go. */
    uint64_t bytes;   /**< Of segments and archives: the oldest go beyond it. */
    int64_t now_ns;   /**< The wall time. A segment that is newer than that is of age 0. */
    tt_seq keep_from; /**< Somebody still needs what begins here; 0 = nobody. */
    const struct tt_journal_io *io; /**< Fault point of tests; NULL = the system's. */
} tt_journal_retention;

/** What tt_journal_retain did. */
typedef struct tt_journal_retained {
    uint32_t archived; /**< Segments that were compressed. */
    uint32_t dropped;  /**< Archives that were removed. */
    uint64_t bytes;    /**< Of segments and archives that are left. */
    tt_seq first_seq;  /**< Where the journal begins now. */
    tt_seq
        snapshot_seq; /**< The newest snapshot that can be used, whose rest was kept; 0 = none. */
} tt_journal_retained;

/**
 * Compresses all sealed segments into archives, and drops the oldest ones beyond the bounds. An
 * archive is read back and verified before its segment goes. Nothing is dropped unless all of it
 * and the newest snapshot were verified, and never what that snapshot still needs: without one,
 * nothing. The file `begin` says where the journal begins before anything goes. Can run beside the
 * writer, which it never touches, in the same process, one at a time.
 * @retval TUTTI_CORRUPT nothing was dropped, and what is damaged is left. @retval TUTTI_IO,
 * TUTTI_NO_SPACE. @thread{any, one at a time} @blocks{disk} @alloc{yes}
 */
TUTTI_NODISCARD tutti_status tt_journal_retain(
    const char *dir,
    const tt_journal_retention *retention,
    tt_journal_retained *ret_retained,
    tt_error *error);

/** What lies in the directory of a journal, by names and sizes: nothing is verified. */
typedef struct tt_journal_survey {
    tt_seq first_seq; /**< First message that is there: 1 unless older ones were dropped. */
    uint32_t segments;
    uint64_t segment_bytes; /**< With space that is taken in advance. */
    uint32_t archives;      /**< Compressed segments. */
    uint64_t archive_bytes;
    uint32_t snapshots;
    uint64_t snapshot_bytes;
    tt_seq newest_snapshot; /**< Last message in it; 0 = there is none. */
    bool has_writer;        /**< Somebody writes now. */
    long owner;             /**< Process that writes; 0 = nobody, or it cannot be told. */
} tt_journal_survey;

/** @retval TUTTI_NOT_FOUND there is no journal. @retval TUTTI_IO. @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status
tt_journal_survey_read(const char *dir, tt_journal_survey *ret_survey, tt_error *error);

#endif
