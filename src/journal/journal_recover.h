/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Recovery: finds where a journal ends and what lies behind it. Private to the journal.
 */
#ifndef TT_JOURNAL_JOURNAL_RECOVER_H
#define TT_JOURNAL_JOURNAL_RECOVER_H

#include "journal/journal_reader.h"

#define TT_CUT_REASON_MAX 320

/** Where the next batch goes. */
typedef struct tt_journal_recovery {
    tt_journal_end end;   /**< With cut_bytes. */
    tt_seq segment_first; /**< The last segment. */
    uint64_t position;    /**< End of the last commit in it. */
    uint32_t version;     /**< Of that segment. */
    bool is_sealed;       /**< That segment is complete; the next one has no name yet. */
    tt_unended unended;   /**< The segment before it, if it was not ended. */
    tt_seq blank;         /**< The one behind it, which has its name and nothing else; 0 = none. */
    char cut_reason[TT_CUT_REASON_MAX];
} tt_journal_recovery;

/** Reads the journal to its end, verifying what follows `from` (NULL: everything). The caller holds
 * the lock. Changes nothing. @retval TUTTI_NOT_FOUND, TUTTI_CORRUPT, TUTTI_VERSION.
 * @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_journal_recover(
    const char *path,
    const tt_journal_end *from,
    tt_journal_recovery *ret_recovery,
    tt_error *error);

#endif
