/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The topics and sources that a journal declares, gathered as it is read. A reader that begins in
 * the middle can read the declarations before that alone.
 *
 * A journal that was written elsewhere may declare anything: what no registry takes, or what
 * contradicts what stood before, is passed over and counted.
 */
#ifndef TT_JOURNAL_JOURNAL_NAMES_H
#define TT_JOURNAL_JOURNAL_NAMES_H

#include "journal/journal.h"
#include "model/registry.h"

typedef struct tt_journal_names tt_journal_names;

/** Makes an empty set with room for all that can be declared; memory is used as it fills.
 * @retval TUTTI_NO_MEMORY. @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_journal_names_new(tt_journal_names **result, tt_error *error);
/** NULL is fine. */
void tt_journal_names_free(tt_journal_names *names);
/** Takes what a step declares. */
void tt_journal_names_take(tt_journal_names *names, const void *step, size_t size);
/** Takes what the journal in `dir` declares before message `until`; UINT64_MAX = all of it.
 * @retval as tt_journal_reader_open and tt_journal_reader_next. @blocks{disk} @alloc{yes} */
TUTTI_NODISCARD tutti_status
tt_journal_names_read(tt_journal_names *names, const char *dir, tt_seq until, tt_error *error);
/** Reads on with a reader until a message is explained, or what is before `until` was read.
 * @retval as tt_journal_reader_next. @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_journal_names_find(
    tt_journal_names *names,
    tt_journal_reader *reader,
    tt_seq until,
    const tt_msg *msg,
    tt_error *error);
/** What was gathered. NULL of NULL: the built-in rows. @lends{until free} */
const tt_registry *tt_journal_names_registry(const tt_journal_names *names);
/** Declarations that were passed over. */
uint64_t tt_journal_names_refused(const tt_journal_names *names);

#endif
