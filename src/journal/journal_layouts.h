/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The files `layouts-N.txt`: what the messages of segments look like whose header has the
 * fingerprint N, so that a later build can read them. Private to the journal.
 */
#ifndef TT_JOURNAL_JOURNAL_LAYOUTS_H
#define TT_JOURNAL_JOURNAL_LAYOUTS_H

#include "journal/journal_file.h"
#include "model/layout_map.h"

/** Layouts of another build, ready to read its messages. */
typedef struct tt_foreign {
    uint64_t fingerprint;
    tt_arena arena;
    tt_layout_set set;
    tt_layout_map *map;
    unsigned char *step; /**< The last step, as messages of this build. */
    size_t capacity;
    uint64_t passed_over; /**< Messages of topics that this build has not. */
} tt_foreign;

/** Writes the layouts of this build beside the segments, unless they stand there. @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_layouts_write(tt_journal_dir *dir, tt_error *error);
/** Reads the layouts with a fingerprint. @retval TUTTI_VERSION they are not there, or cannot be
 * read. @retval TUTTI_CORRUPT the file is not what was written. @blocks{disk} @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_foreign_open(
    const tt_journal_dir *dir, uint64_t fingerprint, tt_foreign **result, tt_error *error);
/** NULL is fine. */
void tt_foreign_close(tt_foreign *foreign);
/** A checked step as messages of this build; `*ret_size` is 0 when none is left. It stays until the
 * next call. @retval TUTTI_VERSION this build cannot express a message; `error` says which. */
TUTTI_NODISCARD tutti_status tt_foreign_step(
    tt_foreign *foreign,
    const void *step,
    size_t size,
    const void **ret_step,
    size_t *ret_size,
    tt_error *error);

#endif
