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

/** The bytes to judge and where they come from. */
typedef struct tt_tail_bytes {
    const unsigned char
        *at;          /**< 16-byte aligned; zero up to the next multiple of 16 behind `size`. */
    size_t size;      /**< As many as the file has, but never less than the largest record. */
    size_t used;      /**< Up to the last byte that is not zero. */
    uint64_t start;   /**< Offset in the file: the end of the last commit. */
    uint64_t commits; /**< Number of the last commit before `start`. */
} tt_tail_bytes;

/** Judges. Pure. @thread{any} @alloc{never} */
tt_tail tt_tail_judge(const tt_tail_bytes *bytes);
/** Judges what stands behind `start` in an open segment. @blocks{disk} @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_tail_read(
    const tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t start,
    uint64_t commits,
    tt_tail *ret_tail,
    tt_error *error);

#endif
