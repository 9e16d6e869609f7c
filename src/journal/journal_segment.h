/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The files `meta` and the segments: making, opening, checking. Private to the journal.
 */
#ifndef TT_JOURNAL_JOURNAL_SEGMENT_H
#define TT_JOURNAL_JOURNAL_SEGMENT_H

#include "journal/journal_file.h"

/** Largest configuration text: a damaged length must not take all memory. */
#define TT_JOURNAL_META_MAX ((size_t)64 * 1024 * 1024)

/** Writes `meta` for good; at most TT_JOURNAL_META_MAX bytes. @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status
tt_journal_meta_write(tt_journal_dir *dir, const void *text, size_t size, tt_error *error);
/** Reads and checks `meta`. The caller frees `*ret_text`. @retval TUTTI_NOT_FOUND there is no
 * journal.
 * @retval TUTTI_CORRUPT, TUTTI_VERSION. */
TUTTI_NODISCARD tutti_status
tt_journal_meta_read(const tt_journal_dir *dir, void **ret_text, size_t *ret_size, tt_error *error);

/** Name of the segment whose first message has this number. */
void tt_segment_name(char name[TT_JOURNAL_NAME_MAX], tt_seq first_seq);
/** Writes the segment that begins after `end`, as NAME.new; tt_journal_file_publish shows it. */
TUTTI_NODISCARD tutti_status
tt_segment_prepare(tt_journal_dir *dir, const tt_journal_end *end, tt_error *error);
/** The header of the segment that begins after `end`. */
tt_segment_header tt_segment_header_after(const tt_journal_end *end);
/** Tells whether a segment that has its name was never written to: only zeros stand where its
 * header belongs. A power cut leaves that of a change of segments. @blocks{disk} */
bool tt_segment_is_blank(const tt_journal_dir *dir, tt_seq first_seq);
/** Opens a segment and checks its header. @retval TUTTI_NOT_FOUND, TUTTI_CORRUPT, TUTTI_VERSION. */
TUTTI_NODISCARD tutti_status tt_segment_open(
    const tt_journal_dir *dir,
    tt_seq first_seq,
    int flags,
    int *ret_fd,
    tt_segment_header *ret_header,
    tt_error *error);
/** Lists the first numbers of all segments, archived or not, in order; the caller frees. A last one
 * that is blank is no segment yet. */
TUTTI_NODISCARD tutti_status tt_segment_list(
    const tt_journal_dir *dir, uint64_t **ret_numbers, size_t *ret_count, tt_error *error);
/** Tells whether a segment is there, archived or not; or under its name with ".new". */
bool tt_segment_exists(const tt_journal_dir *dir, tt_seq first_seq);
bool tt_segment_is_prepared(const tt_journal_dir *dir, tt_seq first_seq);

/** Reads `begin`: the state before the first message that is kept. `ret_has`: there is such a file.
 * @retval TUTTI_CORRUPT, TUTTI_VERSION. */
TUTTI_NODISCARD tutti_status tt_begin_read(
    const tt_journal_dir *dir,
    const uint8_t meta_digest[TT_DIGEST_SIZE],
    tt_journal_end *ret_begin,
    bool *ret_has,
    tt_error *error);
/** Writes `begin` for good. */
TUTTI_NODISCARD tutti_status tt_begin_write(
    tt_journal_dir *dir,
    const uint8_t meta_digest[TT_DIGEST_SIZE],
    const tt_journal_end *begin,
    int64_t now_ns,
    tt_error *error);

#endif
