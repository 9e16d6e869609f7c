/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Judges the bytes after the last whole commit: a commit that a crash left unfinished, or damage?
 * Private to the journal.
 */
#ifndef TT_JOURNAL_JOURNAL_TAIL_H
#define TT_JOURNAL_JOURNAL_TAIL_H

#include "journal/journal_file.h"

typedef enum tt_tail_kind {
    TT_TAIL_CLEAN,   /**< Nothing, or zeros of the space that was taken in advance. */
    TT_TAIL_TORN,    /**< A commit that was never finished. */
    TT_TAIL_WHOLE,   /**< A whole commit: it was written since the caller looked. */
    TT_TAIL_CORRUPT, /**< Bytes that were written whole and changed since. */
} tt_tail_kind;

/** A judgement. */
typedef struct tt_tail {
    const char *why; /**< One clause; "" when clean or whole. */
    uint64_t offset; /**< In the file, of the first record that is not right. */
    uint64_t bytes;  /**< From the last commit up to the last byte that is not zero. */
    uint64_t steps;  /**< Whole steps before `offset`. */
    tt_tail_kind kind;
} tt_tail;

/** The end of the last whole commit. */
typedef struct tt_tail_place {
    uint64_t start;   /**< Offset in the file. */
    uint64_t commits; /**< Number of that commit. */
    uint32_t version; /**< Of the segment. */
} tt_tail_place;

/** Judges what stands behind a place in an open segment. @blocks{disk} @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_tail_read(
    const tt_journal_dir *dir,
    tt_journal_file file,
    tt_tail_place place,
    tt_tail *ret_tail,
    tt_error *error);

#endif
