/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The inside of a store. Private to the store and its tests.
 */
#ifndef TT_STORE_STORE_PRIV_H
#define TT_STORE_STORE_PRIV_H

#include "journal/journal_names.h"
#include "model/account_figures.h"
#include "store/store.h"
#include "store/store_bind.h"

/** Statements of the projection, at most. */
#define TT_STORE_PROJECTIONS_MAX 64

/** How far the projection came. */
typedef struct tt_store_mark {
    tt_seq last_seq;
    tt_time last_time;
    uint64_t steps;
    uint32_t last_crc;          /**< Of the bytes of the last step. */
    uint64_t passed_over;       /**< Messages of declared topics, since the store was opened. */
    tt_account_figures figures; /**< Of the account's records so far. */
} tt_store_mark;

struct tt_store {
    tt_store_db db;
    int lock_fd; /**< Held while the store is open; -1 = none. */
    tt_instruments instruments;
    tt_journal_names *names; /**< Declared in the steps that were offered. */
    tt_projection projections[TT_STORE_PROJECTIONS_MAX]; /**< As in tt_store_projection. */
    sqlite3_stmt *save_mark;
    sqlite3_stmt *find_session;
    bool is_in_transaction;
    tt_store_mark applied;
    tt_store_mark committed;
    char json[TT_MESSAGE_JSON_MAX];
};

/** Locks PATH.lock against a second writer. @retval TUTTI_BUSY. */
TUTTI_NODISCARD tutti_status tt_store_lock_take(const char *path, int *ret_fd, tt_error *error);
void tt_store_lock_release(int fd);
/** Opens a database whose lock is held already; `store` owns `lock_fd` then, whatever happens. */
TUTTI_NODISCARD tutti_status tt_store_open_locked(
    const char *path,
    const tt_instruments *instruments,
    int lock_fd,
    tt_store **result,
    tt_error *error);

#endif
