/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * SQLite as the store uses it: errors with path and reason, connections, small statements. Private
 * to the store.
 */
#ifndef TT_STORE_STORE_SQL_H
#define TT_STORE_STORE_SQL_H

#include "base/error.h"
#include "model/account_figures.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** A connection with the path of its file, for messages. */
typedef struct tt_store_db {
    sqlite3 *handle;
    char *path;
    dev_t device; /**< Which file was opened; see tt_store_db_is_in_place. */
    ino_t inode;
} tt_store_db;

/** Fills `error` from the last failure of the connection: "cannot VERB PATH: reason". Returns the
 * status: NO_SPACE, PERMISSION, BUSY, CORRUPT, NO_MEMORY, otherwise IO. */
tutti_status tt_store_fail(const tt_store_db *db, const char *verb, tt_error *error);
/** Opens a file with these SQLITE_OPEN flags, and `setup` (may be NULL), a text of PRAGMAs. */
TUTTI_NODISCARD tutti_status
tt_store_db_open(tt_store_db *db, const char *path, int flags, const char *setup, tt_error *error);
/** A zeroed one is fine. */
void tt_store_db_close(tt_store_db *db);
/** Tells whether the file that was opened still stands at its path: false once it was deleted or
 * replaced, when whatever is written goes nowhere. */
bool tt_store_db_is_in_place(const tt_store_db *db);
/** Runs statements without result. */
TUTTI_NODISCARD tutti_status
tt_store_db_run(const tt_store_db *db, const char *sql, const char *verb, tt_error *error);
/** Reads the first column of the first row as an integer; 0 if there is no row. */
TUTTI_NODISCARD tutti_status
tt_store_db_number(const tt_store_db *db, const char *sql, int64_t *ret_number, tt_error *error);
/** Compiles a statement. */
TUTTI_NODISCARD tutti_status tt_store_db_prepare(
    const tt_store_db *db, const char *sql, sqlite3_stmt **ret_statement, tt_error *error);
/** Checks whose database it is. `*ret_is_empty`: it has no tables at all.
 * @retval TUTTI_VERSION tables of another release.  @retval TUTTI_CORRUPT another program's. */
TUTTI_NODISCARD tutti_status
tt_store_db_identify(const tt_store_db *db, bool *ret_is_empty, tt_error *error);

/** Reads the figures of the account from a column; none at all are zero. False: they are damaged.
 */
bool tt_store_take_figures(sqlite3_stmt *row, int column, tt_account_figures *ret_figures);

#endif
