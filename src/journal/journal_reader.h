/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The inside of a reader. Private to the journal.
 *
 * Invariants:
 *  1. `position` is the end of the last commit that was checked (`verified`), in the open segment.
 *  2. The window holds bytes `base` .. `base + filled` of the segment, read at once or later than
 *     `position` was reached; `base` <= `position`.
 *  3. While `step_index` < `step_count`, the steps of the batch that ends at `position` are in the
 * window and `cursor` is the record of the next one.
 *  4. A failure is kept: the reader returns it again and again.
 */
#ifndef TT_JOURNAL_JOURNAL_READER_H
#define TT_JOURNAL_JOURNAL_READER_H

#include "journal/journal_archive.h"
#include "journal/journal_hash.h"
#include "journal/journal_layouts.h"
#include "journal/journal_segment.h"
#include "journal/journal_tail.h"

/** Where the journal stands after one step; the chain value in version 1 alone. */
typedef struct tt_step_mark {
    tt_seq last_seq;
    tt_time last_time;
    uint8_t chain[TT_DIGEST_SIZE];
} tt_step_mark;

/** A segment that another one follows, and that its writer had no time to end (ADR 107): its seal
 * is not written, or its space not cut off. */
typedef struct tt_unended {
    tt_seq first_seq; /**< 0 = none. */
    uint64_t offset;  /**< Where its seal stands, or belongs. */
    uint32_t version;
    tt_journal_end after; /**< Behind the seal; the chain value as in tt_seal_fill. */
} tt_unended;

struct tt_journal_reader {
    tt_journal_dir dir;
    tt_journal_hash hash;
    void *meta;
    size_t meta_size;

    tt_journal_file file; /**< The open segment; fd -1 = none, or it is an archive. */
    tt_archive *archive;  /**< The open segment, if it is archived: read forwards only. */
    char name[TT_JOURNAL_NAME_MAX];
    tt_seq segment_first;
    uint32_t version; /**< Of the open segment. */
    uint64_t position;
    bool is_any;          /**< Segments of other builds are read as well. */
    tt_foreign *foreign;  /**< Layouts of the open segment; NULL: those of this build. */
    uint64_t passed_over; /**< In segments that were left. */
    bool is_sealed;       /**< The open segment is complete: the next batch is in the next one. */
    bool is_exclusive;    /**< The caller holds the lock: nobody writes. */

    unsigned char *window;
    size_t capacity;
    size_t filled;
    uint64_t base;

    tt_step_mark *marks; /**< One a step of the batch. */
    size_t marks_capacity;
    size_t step_count;
    size_t step_index;
    size_t cursor; /**< Offset in the window. */

    tt_journal_end begin;    /**< Before the first message that is kept. */
    tt_journal_end end;      /**< After the last step returned. */
    tt_journal_end verified; /**< After the last commit read. */
    tt_tail tail;            /**< Of the last TUTTI_END. */
    tt_unended unended;      /**< The last such segment that was left. */
    tt_seq blank; /**< The segment that `tail` is about, if it is one that was never written to as a
                   * whole: none is there yet. 0 = it is about the open one. */
    tt_error failure;
};

/** Opens a segment to read it from its header, which must continue at `verified`.
 * @retval TUTTI_CORRUPT, TUTTI_VERSION, TUTTI_NOT_FOUND. */
TUTTI_NODISCARD tutti_status
tt_reader_enter(tt_journal_reader *reader, tt_seq first_seq, tt_error *error);
/** Reads the header of a segment, archived or not. @retval as tt_reader_enter. */
TUTTI_NODISCARD tutti_status tt_reader_header(
    const tt_journal_reader *reader,
    tt_seq first_seq,
    tt_segment_header *ret_header,
    tt_error *error);
/** Enters a segment by its own word: what stands before it is not read. @retval as
 * tt_reader_enter. */
TUTTI_NODISCARD tutti_status
tt_reader_jump(tt_journal_reader *reader, tt_seq first_seq, tt_error *error);
/** @retval TUTTI_STATE the reader has read or failed already. */
TUTTI_NODISCARD tutti_status
tt_reader_check_fresh(const tt_journal_reader *reader, tt_error *error);
/** Moves from a sealed segment to the next. @retval TUTTI_END the writer is about to show it.
 * @retval as tt_reader_enter. */
TUTTI_NODISCARD tutti_status tt_reader_cross(tt_journal_reader *reader, tt_error *error);
/** Tells whether the next segment is there, though the open one is not sealed. */
bool tt_reader_is_followed(const tt_journal_reader *reader);
/** Moves to that segment, if its writer had no time to seal the open one. TUTTI_OK: a batch of the
 * open one was read, its seal. TUTTI_BUSY: look for a batch again. TUTTI_END: the next one is
 * blank.
 * @retval as tt_reader_enter. */
TUTTI_NODISCARD tutti_status
tt_reader_cross_unsealed(tt_journal_reader *reader, bool is_alive, tt_error *error);
/** Judges what stands behind the last batch. `is_alive`: a writer is at work. */
TUTTI_NODISCARD tutti_status
tt_reader_judge(const tt_journal_reader *reader, bool is_alive, tt_tail *ret_tail, tt_error *error);
/** Chooses the one before the last of all segments in place of that, if it was not ended: so that
 * who begins there sees it. `index` is a place in the list of segments. */
void tt_reader_step_back(
    const tt_journal_reader *reader, const uint64_t *numbers, size_t count, size_t *index);
/** Reads the batch at `position` into the window and checks it. @retval TUTTI_END no whole commit
 * starts there: `tail` or damage. */
TUTTI_NODISCARD tutti_status tt_reader_load_batch(tt_journal_reader *reader, tt_error *error);
/** Says what is wrong at an offset of the open segment. Returns TUTTI_CORRUPT. */
tutti_status tt_reader_fail(
    const tt_journal_reader *reader,
    uint64_t offset,
    uint64_t steps,
    const char *why,
    tt_error *error);

#endif
