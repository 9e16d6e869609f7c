/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Replay: feeds the recorded inputs of a journal to a fresh engine. No effect is carried out.
 */
#ifndef TT_HOST_REPLAY_H
#define TT_HOST_REPLAY_H

#include "config/config.h"
#include "engine/engine.h"
#include "journal/journal.h"

/** Steps the engine with the recorded input and compares what it publishes, byte for byte.
 * @retval TUTTI_CORRUPT they differ; `error` names the first message that does.
 * @retval TUTTI_STATE   the engine stopped itself. */
TUTTI_NODISCARD tutti_status
tt_replay_step(tt_engine *engine, const void *step, size_t size, tt_error *error);

/** Where a replay first differs from what was recorded. */
typedef struct tt_replay_difference {
    const tt_msg *input;    /**< Of the step, as recorded. @borrows{the recorded step} */
    const tt_msg *recorded; /**< NULL: the replay published more. */
    const tt_msg *replayed; /**< NULL: the replay published less. @lends{until the next step} */
} tt_replay_difference;

/** As tt_replay_step, and shows the two messages that differ. `ret_difference` is filled when they
 * do, and all NULL otherwise. */
TUTTI_NODISCARD tutti_status tt_replay_compare(
    tt_engine *engine,
    const void *step,
    size_t size,
    tt_replay_difference *ret_difference,
    tt_error *error);

/** Finds the journal folder of `path`: the folder itself, or `path`/journal. */
TUTTI_NODISCARD tutti_status tt_journal_locate(const char *path, char *ret_dir, tt_error *error);
/** Checks that no message was dropped by retention: a replay starts with the first one.
 * @retval TUTTI_NOT_FOUND the journal begins later, or there is none. */
TUTTI_NODISCARD tutti_status tt_journal_require_all(const char *dir, tt_error *error);
/** Reads the configuration that a journal was made with, to run something with it.
 * @retval TUTTI_VERSION another release wrote it, and this one would refuse it. */
TUTTI_NODISCARD tutti_status
tt_journal_config(const tt_journal_reader *reader, tt_config *ret_config, tt_error *error);
/** The same to look at what is recorded: what this release has no setting for is left out, and
 * counted. */
TUTTI_NODISCARD tutti_status tt_journal_config_any(
    const tt_journal_reader *reader,
    tt_config *ret_config,
    uint32_t *ret_left_out,
    tt_error *error);
/** Tells whether a program with libtutti wrote the journal, which has no configuration then. */
bool tt_journal_is_library(const tt_journal_reader *reader);

/** What a verification found. */
typedef struct tt_verify_result {
    tt_journal_end end; /**< Where the journal ends; its chain value is the digest. */
    uint64_t messages;
    uint64_t fills_checked;
    uint64_t accounts_checked;
    bool replayed;              /**< From the first message, or from the newest snapshot. */
    tt_seq dropped;             /**< Messages before the beginning, which retention has dropped. */
    bool is_foreign;            /**< Of a release with other layouts or settings: not replayed. */
    uint32_t settings_left_out; /**< Recorded settings that this release has not, or refuses. */
    uint64_t passed_over;       /**< Messages of topics that this release has not. */
    uint64_t steps_replayed;    /**< With a dropped beginning: those behind the snapshot. */
} tt_verify_result;

/**
 * Verifies a journal: checksums and hash chain, books at every record, and a replay to identical
 * bytes. Where retention has dropped the beginning, books cannot be checked, and the replay begins
 * with the newest snapshot, if there is one.
 * The journal of a release whose messages had other layouts is read by their names and not
 * replayed.
 * @retval TUTTI_NOT_FOUND also when the replay from that snapshot does not work out.
 * @retval TUTTI_CORRUPT, TUTTI_VERSION, TUTTI_NOT_FOUND with the record named in `error`.
 * @blocks{disk}
 */
TUTTI_NODISCARD tutti_status
tt_verify_run(const char *path, tt_verify_result *result, tt_error *error);

#endif
