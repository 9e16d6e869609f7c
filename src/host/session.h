/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A paper session: the engine with its threads, from start or recovery to an orderly stop.
 */
#ifndef TT_HOST_SESSION_H
#define TT_HOST_SESSION_H

#include "config/config.h"
#include "host/delivery.h"
#include "host/hub.h"
#include "host/recover.h"
#include "report/report.h"

typedef struct tt_session tt_session;

/** What a session tells at its start. */
typedef struct tt_session_info {
    char address[128];   /**< Of the interface; empty when it is off. */
    char page_link[256]; /**< The status page with its key: a secret, for the terminal alone. */
    bool is_recovered;
    uint64_t steps_replayed;
    bool used_snapshot;
    uint64_t cut_bytes; /**< Unfinished bytes cut from the journal. */
    tt_seq last_seq;
    char left_aside[TT_LEFT_ASIDE_MAX]; /**< Why the newest snapshot was not used; "" = none. */
} tt_session_info;

/**
 * Opens everything in `out_dir`, recovers an earlier session that stands there, and starts the
 * threads.
 *
 * @retval TUTTI_BUSY     the port or the journal is in use.
 * @retval TUTTI_INVALID  the earlier session had another configuration.
 * @retval TUTTI_EXISTS   the folder holds a backtest, or an exchange's log without its journal.
 * @retval others         what could not be opened; `error` names it. Nothing runs then.
 * @thread{main} @blocks{disk}
 */
TUTTI_NODISCARD tutti_status tt_session_start(
    const tt_config *config,
    const char *out_dir,
    tt_session **result,
    tt_session_info *ret_info,
    tt_error *error);
/** Takes the next message that a person may want to see; false when there is none. @thread{main} */
bool tt_session_take_activity(tt_session *session, tt_msg_copy *ret_msg);
/** Tells whether the session must be stopped: a thread failed, or the data ended. @thread{main} */
bool tt_session_is_over(const tt_session *session);
/** Hands a command of a person to the core; false when too many wait. @thread{any} */
bool tt_session_command(tt_session *session, const tt_coordinator_command *command, uint32_t key);
/**
 * Stops in order: entries, feed and exchange, pool, core, journal, read model, interface; then
 * frees everything. When the data has ended and orders.close_at_end is set, positions are closed
 * first, which may take 30 s. `ret_report` gets the report of this process's part of the session
 * (free it), with its digest; `ret_delivery` what was handed on and what not, which also stands in
 * delivery.json of the folder.
 *
 * @retval not TUTTI_OK: why a thread had failed.
 */
TUTTI_NODISCARD tutti_status tt_session_stop(
    tt_session *session,
    tt_report **ret_report,
    uint8_t digest[32],
    tt_delivery *ret_delivery,
    tt_error *error);

#endif
