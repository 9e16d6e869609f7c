/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Connections and errors.
 */
#include "store/store_sql.h"

#include "store/store.h"
#include "store/store_schema.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* How long a statement waits for another process: rebuilds and people with sqlite3 are short. */
#define BUSY_TIMEOUT_MS 5000

static tutti_status status_of(int code, int system_code)
{
    switch (code & 0xFF) {
    case SQLITE_FULL:
        return TUTTI_NO_SPACE;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return TUTTI_PERMISSION;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return TUTTI_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return TUTTI_CORRUPT;
    case SQLITE_NOMEM:
        return TUTTI_NO_MEMORY;
    default:
        return tt_status_of_errno(system_code); // Says more than the code of SQLite.
    }
}

static const char *hint_of(tutti_status status)
{
    if (status == TUTTI_CORRUPT) {
        return "the journal is the truth: delete the file and rebuild the read model from it";
    }
    if (status == TUTTI_NO_SPACE) {
        return "free space on this file system; the read model catches up by itself";
    }
    return status == TUTTI_PERMISSION ? "make the file and its directory writable for this user"
                                      : "";
}

tutti_status tt_store_fail(const tt_store_db *db, const char *verb, tt_error *error)
{
    int code = sqlite3_extended_errcode(db->handle);
    int system_code = sqlite3_system_errno(db->handle);
    bool is_io = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
    const char *reason = is_io && system_code != 0 ? strerrordesc_np(system_code) : NULL;
    tutti_status status = tt_error_set(
        error,
        status_of(code, system_code),
        "cannot %s %s: %s%s%s",
        verb,
        db->path,
        sqlite3_errmsg(db->handle),
        reason ? ": " : "",
        reason ? reason : "");
    tt_error_hint(error, "%s", hint_of(status));
    return status;
}

/* Which file stands at the path now; false if there is none. */
static bool identify_file(const char *path, dev_t *ret_device, ino_t *ret_inode)
{
    struct stat facts;
    if (stat(path, &facts) != 0) {
        return false;
    }
    *ret_device = facts.st_dev;
    *ret_inode = facts.st_ino;
    return true;
}

tutti_status
tt_store_db_open(tt_store_db *db, const char *path, int flags, const char *setup, tt_error *error)
{
    *db = (tt_store_db){.path = strdup(path)};
    if (!db->path) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s", path);
    }
    int code = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (!db->handle) {
        tt_store_db_close(db);
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s", path);
    }
    if (code == SQLITE_OK) {
        (void)sqlite3_extended_result_codes(db->handle, 1);
        (void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
        code = setup ? sqlite3_exec(db->handle, setup, NULL, NULL, NULL) : SQLITE_OK;
    }
    if (code != SQLITE_OK) {
        tutti_status status = tt_store_fail(db, "open", error);
        tt_store_db_close(db);
        return status;
    }
    (void)identify_file(path, &db->device, &db->inode);
    return TUTTI_OK;
}

bool tt_store_db_is_in_place(const tt_store_db *db)
{
    dev_t device;
    ino_t inode;
    return identify_file(db->path, &device, &inode) && device == db->device && inode == db->inode;
}

void tt_store_db_close(tt_store_db *db)
{
    (void)sqlite3_close_v2(db->handle);
    free(db->path);
    *db = (tt_store_db){0};
}

tutti_status
tt_store_db_run(const tt_store_db *db, const char *sql, const char *verb, tt_error *error)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK
               ? TUTTI_OK
               : tt_store_fail(db, verb, error);
}

tutti_status tt_store_db_prepare(
    const tt_store_db *db, const char *sql, sqlite3_stmt **ret_statement, tt_error *error)
{
    return sqlite3_prepare_v2(db->handle, sql, -1, ret_statement, NULL) == SQLITE_OK
               ? TUTTI_OK
               : tt_store_fail(db, "use", error);
}

tutti_status
tt_store_db_number(const tt_store_db *db, const char *sql, int64_t *ret_number, tt_error *error)
{
    sqlite3_stmt *statement;
    TUTTI_TRY(tt_store_db_prepare(db, sql, &statement, error));
    int code = sqlite3_step(statement);
    *ret_number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    tutti_status status =
        code == SQLITE_ROW || code == SQLITE_DONE ? TUTTI_OK : tt_store_fail(db, "read", error);
    (void)sqlite3_finalize(statement);
    return status;
}

tutti_status tt_store_db_identify(const tt_store_db *db, bool *ret_is_empty, tt_error *error)
{
    int64_t tables;
    int64_t application;
    int64_t version;
    TUTTI_TRY(tt_store_db_number(db, "SELECT count(*) FROM sqlite_schema", &tables, error));
    TUTTI_TRY(tt_store_db_number(db, "PRAGMA application_id", &application, error));
    TUTTI_TRY(tt_store_db_number(db, "PRAGMA user_version", &version, error));
    *ret_is_empty = tables == 0;
    if (*ret_is_empty) {
        return TUTTI_OK;
    }
    if (application != TT_STORE_APPLICATION_ID) {
        (void)tt_error_set(
            error, TUTTI_CORRUPT, "%s is a database, but not a read model of tutti", db->path);
        tt_error_hint(error, "choose another file; this one is left as it is");
        return TUTTI_CORRUPT;
    }
    if (version != TT_STORE_VERSION) {
        (void)tt_error_set(
            error,
            TUTTI_VERSION,
            "%s has tables of version %lld; this program uses version %d",
            db->path,
            (long long)version,
            TT_STORE_VERSION);
        tt_error_hint(
            error,
            version > TT_STORE_VERSION
                ? "it was written by a newer release: use that one, or rebuild the file"
                : "it was written by an older release: rebuild it from the journal");
        return TUTTI_VERSION;
    }
    return TUTTI_OK;
}
