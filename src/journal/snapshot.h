/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Snapshots with the system calls of a given directory, for tests. The rest stands in journal.h.
 * Private to the journal.
 */
#ifndef TT_JOURNAL_SNAPSHOT_H
#define TT_JOURNAL_SNAPSHOT_H

#include "journal/journal_file.h"

/** As tt_snapshot_write, in a directory that is open. */
TUTTI_NODISCARD tutti_status tt_snapshot_write_in(
    tt_journal_dir *dir,
    const tt_journal_end *end,
    const void *state,
    size_t size,
    tt_error *error);

#endif
