/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Recovery: brings an engine to the state that the journal of an earlier process ends with.
 */
#ifndef TT_HOST_RECOVER_H
#define TT_HOST_RECOVER_H

#include "config/config.h"
#include "engine/engine.h"
#include "journal/journal.h"
#include "report/report.h"

/** Room for why a snapshot was left aside. */
#define TT_LEFT_ASIDE_MAX 320

/** What recovery did. */
typedef struct tt_recovery {
    tt_journal_end end;
    uint64_t steps_replayed; /**< After the snapshot, or all. */
    bool used_snapshot;
    uint64_t feed_seq; /**< Last market item that the engine has seen. */
    /** Why the newest snapshot was left aside; "" when it was used or there is none. */
    char left_aside[TT_LEFT_ASIDE_MAX];
} tt_recovery;

/** Checks that a session may go on with `config`: the journal was made with the same one, except
 * for where its interface listens, its read model and the speed of its clock.
 * @retval TUTTI_INVALID another configuration; names what to do. */
TUTTI_NODISCARD tutti_status
tt_recover_check_config(const char *journal_dir, const tt_config *config, tt_error *error);

/** Checks that the journal reaches the newest snapshot, and has its contents there: a journal that
 * lost commits which were durable is not continued, because orders may stand at the venue that it
 * does not know. Only reads. @retval TUTTI_CORRUPT says from where on messages are gone. */
TUTTI_NODISCARD tutti_status tt_recover_check_snapshot(const char *journal_dir, tt_error *error);

/** Loads the newest snapshot that fits and replays the rest of the journal, comparing every byte.
 * The tail must have been cut before (tt_journal_resume). */
TUTTI_NODISCARD tutti_status tt_recover_engine(
    const char *journal_dir,
    const tt_config *config,
    tt_engine **ret_engine,
    tt_recovery *recovery,
    tt_error *error);

#endif
