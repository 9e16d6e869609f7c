/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The end of a segment that is left: its seal, the cut behind it, and a sync. Private to the
 * journal.
 *
 * No commit waits for it (ADR 107). So the segment before the last may be found without it: its
 * seal not written, or written in part, or its space not cut off. The header of the last segment
 * says how it ends, and whoever continues the journal finishes it.
 */
#ifndef TT_JOURNAL_JOURNAL_SEAL_H
#define TT_JOURNAL_JOURNAL_SEAL_H

#include "journal/journal_block.h"

/** What is left to be done with a segment. */
typedef struct tt_seal {
    int fd; /**< -1 = nothing. */
    char name[TT_JOURNAL_NAME_MAX];
    uint64_t offset; /**< Where its last commit ends. */
    tt_commit_record record;
} tt_seal;

/** Room that a seal needs in the space of a segment. */
#define TT_SEAL_BYTES sizeof(tt_commit_record)

/** Fills the seal of a segment that ends at `offset`. `after`: the journal behind the seal, its
 * chain value the one before it, too: a seal moves nothing. @thread{any} @blocks{never} */
void tt_seal_fill(
    tt_seal *seal,
    tt_journal_file file,
    uint64_t offset,
    uint32_t version,
    const tt_journal_end *after);
/** Writes the seal, cuts the segment behind it, and makes that durable where the directory is. The
 * file stays open. `block` is about the file. @thread{owner} @blocks{disk} @alloc{never} */
TUTTI_NODISCARD tutti_status
tt_seal_write(tt_journal_dir *dir, const tt_seal *seal, tt_block *block, tt_error *error);

#endif
