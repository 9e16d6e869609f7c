/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * LMDB: integer keys appended in order, one write transaction a batch, synced at each commit.
 */
#include "journal_peer.h"

#ifndef BENCH_HAS_LMDB

bool peer_lmdb(peer_store *peer, const char **ret_why)
{
    (void)peer;
    *ret_why = "not installed: liblmdb-dev";
    return false;
}

#else

#include "bench.h"
#include "folder.h"

#include <lmdb.h>
#include <stdlib.h>

/* Space of addresses that the map may grow to. */
#define MAP_BYTES ((size_t)8 << 30)

typedef struct lmdb_store {
    MDB_env *env;
    MDB_dbi dbi;
} lmdb_store;

static void demand(int code, const char *what)
{
    if (code != MDB_SUCCESS) {
        bench_fail("LMDB: %s: %s", what, mdb_strerror(code));
    }
}

static void commit(void *ctx, const load_message *messages, uint32_t count)
{
    lmdb_store *store = ctx;
    MDB_txn *txn = NULL;
    demand(mdb_txn_begin(store->env, NULL, 0, &txn), "begin");
    for (uint32_t i = 0; i < count; i++) {
        size_t seq = messages[i].head.seq;
        load_message copy = messages[i];
        MDB_val key = {sizeof seq, &seq};
        MDB_val data = {LOAD_BYTES, &copy};
        demand(mdb_put(txn, store->dbi, &key, &data, MDB_APPEND), "put");
    }
    demand(mdb_txn_commit(txn), "commit");
}

static void read_all(void *ctx, load_check *check)
{
    lmdb_store *store = ctx;
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    MDB_val key, data;
    demand(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn), "begin");
    demand(mdb_cursor_open(txn, store->dbi, &cursor), "cursor");
    while (mdb_cursor_get(cursor, &key, &data, MDB_NEXT) == MDB_SUCCESS) {
        load_take(check, "LMDB", data.mv_data, data.mv_size);
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
}

static void close_store(void *ctx)
{
    lmdb_store *store = ctx;
    mdb_env_close(store->env);
    free(store);
    folder_remove("lmdb");
}

bool peer_lmdb(peer_store *peer, const char **ret_why)
{
    (void)ret_why;
    lmdb_store *store = calloc(1, sizeof *store);
    MDB_txn *txn = NULL;
    if (store == NULL) {
        bench_fail("no memory");
    }
    bench_make_folder(folder_path("lmdb"));
    demand(mdb_env_create(&store->env), "create");
    demand(mdb_env_set_mapsize(store->env, MAP_BYTES), "size of the map");
    demand(mdb_env_open(store->env, folder_path("lmdb"), 0, 0666), "open");
    demand(mdb_txn_begin(store->env, NULL, 0, &txn), "begin");
    demand(mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &store->dbi), "table");
    demand(mdb_txn_commit(txn), "commit");
    *peer = (peer_store){
        .name = "LMDB", .ctx = store, .commit = commit, .read = read_all, .close = close_store};
    return true;
}

#endif
