/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * SQLite in WAL mode: a table of numbered blobs, one transaction a batch. FULL syncs the WAL at
 * each commit; NORMAL only at checkpoints, so that its commits do not survive a power cut.
 */
#include "bench.h"
#include "folder.h"
#include "journal_peer.h"

#include <sqlite3.h>
#include <stdlib.h>

typedef struct sqlite_store {
    sqlite3 *db;
    sqlite3_stmt *begin, *insert, *end;
} sqlite_store;

static void demand(sqlite_store *store, int code, const char *what)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
        bench_fail("SQLite: %s: %s", what, sqlite3_errmsg(store->db));
    }
}

static void step(sqlite_store *store, sqlite3_stmt *statement, const char *what)
{
    demand(store, sqlite3_step(statement), what);
    demand(store, sqlite3_reset(statement), what);
}

static void commit(void *ctx, const load_message *messages, uint32_t count)
{
    sqlite_store *store = ctx;
    step(store, store->begin, "begin");
    for (uint32_t i = 0; i < count; i++) {
        sqlite3_bind_int64(store->insert, 1, (sqlite3_int64)messages[i].head.seq);
        sqlite3_bind_blob(store->insert, 2, &messages[i], LOAD_BYTES, SQLITE_STATIC);
        step(store, store->insert, "insert");
    }
    step(store, store->end, "commit");
}

static void read_all(void *ctx, load_check *check)
{
    sqlite_store *store = ctx;
    sqlite3_stmt *select = NULL;
    int code =
        sqlite3_prepare_v2(store->db, "select data from message order by seq", -1, &select, NULL);
    demand(store, code, "select");
    while (sqlite3_step(select) == SQLITE_ROW) {
        const void *bytes = sqlite3_column_blob(select, 0);
        load_take(check, "SQLite", bytes, (size_t)sqlite3_column_bytes(select, 0));
    }
    demand(store, sqlite3_finalize(select), "select");
}

static void close_store(void *ctx)
{
    sqlite_store *store = ctx;
    sqlite3_finalize(store->begin);
    sqlite3_finalize(store->insert);
    sqlite3_finalize(store->end);
    if (sqlite3_close(store->db) != SQLITE_OK) {
        bench_fail("SQLite: close: %s", sqlite3_errmsg(store->db));
    }
    free(store);
    folder_remove("sqlite");
}

static sqlite3_stmt *prepare(sqlite_store *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    demand(store, sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), sql);
    return statement;
}

static void open_store(peer_store *peer, const char *name, const char *synchronous)
{
    sqlite_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        bench_fail("no memory");
    }
    bench_make_folder(folder_path("sqlite"));
    demand(store, sqlite3_open(folder_path("sqlite/db"), &store->db), "open");
    const char *const set_up[] = {
        "pragma journal_mode=wal",
        synchronous,
        "create table message (seq integer primary key, data blob not null)"};
    for (size_t i = 0; i < sizeof set_up / sizeof *set_up; i++) {
        demand(store, sqlite3_exec(store->db, set_up[i], NULL, NULL, NULL), set_up[i]);
    }
    store->begin = prepare(store, "begin immediate");
    store->insert = prepare(store, "insert into message values (?, ?)");
    store->end = prepare(store, "commit");
    *peer = (peer_store){
        .name = name, .ctx = store, .commit = commit, .read = read_all, .close = close_store};
}

bool peer_sqlite_full(peer_store *peer, const char **ret_why)
{
    (void)ret_why; // SQLite is part of the product: always there.
    open_store(peer, "SQLite FULL", "pragma synchronous=full");
    return true;
}

bool peer_sqlite_normal(peer_store *peer, const char **ret_why)
{
    (void)ret_why;
    open_store(peer, "SQLite NORMAL", "pragma synchronous=normal");
    return true;
}
