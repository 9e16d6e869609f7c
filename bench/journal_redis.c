/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Redis Streams with appendfsync always: XADD pipelined, one batch under way. The server answers
 * the commands of one round of its loop only after it has synced the log of them.
 */
#include "journal_peer.h"
#include "server.h"

#ifndef BENCH_HAS_HIREDIS

bool peer_redis(peer_store *peer, const char **ret_why)
{
    (void)peer;
    *ret_why = "not installed: libhiredis-dev";
    return false;
}

#else

#include "bench.h"
#include "folder.h"

#include <hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    READ_COUNT = 1000
};

typedef struct redis_store {
    redisContext *connection;
    pid_t server;
} redis_store;

static redisReply *next_reply(redis_store *store, int type)
{
    void *reply = NULL;
    if (redisGetReply(store->connection, &reply) != REDIS_OK || reply == NULL) {
        bench_fail("Redis: %s", store->connection->errstr);
    }
    redisReply *result = reply;
    if (result->type != type) {
        bench_fail("Redis: an answer of another kind: %s", result->str != NULL ? result->str : "");
    }
    return result;
}

static void commit(void *ctx, const load_message *messages, uint32_t count)
{
    redis_store *store = ctx;
    for (uint32_t i = 0; i < count; i++) {
        char id[32];
        snprintf(id, sizeof id, "%" PRIu64 "-0", messages[i].head.seq);
        const char *words[] = {"XADD", "log", id, "m", (const char *)&messages[i]};
        const size_t sizes[] = {4, 3, strlen(id), 1, LOAD_BYTES};
        if (redisAppendCommandArgv(store->connection, 5, words, sizes) != REDIS_OK) {
            bench_fail("Redis: %s", store->connection->errstr);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        freeReplyObject(next_reply(store, REDIS_REPLY_STRING));
    }
}

/* An entry is its id and a list of name and value. */
static void take_entry(load_check *check, const redisReply *entry)
{
    if (entry->elements != 2 || entry->element[1]->elements != 2) {
        bench_fail("Redis: an entry of another shape");
    }
    const redisReply *value = entry->element[1]->element[1];
    load_take(check, "Redis", value->str, (size_t)value->len);
}

static void read_all(void *ctx, load_check *check)
{
    redis_store *store = ctx;
    size_t count = READ_COUNT;
    while (count == READ_COUNT) {
        if (redisAppendCommand(
                store->connection,
                "XRANGE log %" PRIu64 "-0 + COUNT %d",
                check->count + 1,
                READ_COUNT) != REDIS_OK) {
            bench_fail("Redis: %s", store->connection->errstr);
        }
        redisReply *reply = next_reply(store, REDIS_REPLY_ARRAY);
        count = reply->elements;
        for (size_t i = 0; i < count; i++) {
            take_entry(check, reply->element[i]);
        }
        freeReplyObject(reply);
    }
}

static void close_store(void *ctx)
{
    redis_store *store = ctx;
    redisFree(store->connection);
    server_stop(store->server);
    free(store);
    folder_remove("redis");
}

static pid_t start_server(const char *program, int port)
{
    char port_text[16], dir[4096], log[4096], path[4096];
    snprintf(port_text, sizeof port_text, "%d", port);
    snprintf(path, sizeof path, "%s", program);
    snprintf(dir, sizeof dir, "%s", folder_path("redis"));
    snprintf(log, sizeof log, "%s", folder_path("redis.log"));
    bench_make_folder(dir);
    const char *const words[] = {
        path,
        "--port",
        port_text,
        "--bind",
        "127.0.0.1",
        "--dir",
        dir,
        "--save",
        "",
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        "--auto-aof-rewrite-percentage",
        "0",
        NULL};
    return server_start(words, log, port);
}

bool peer_redis(peer_store *peer, const char **ret_why)
{
    const char *program = server_find("redis-server");
    if (program == NULL) {
        *ret_why = "not installed: redis-server";
        return false;
    }
    redis_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        bench_fail("no memory");
    }
    const int port = server_free_port();
    store->server = start_server(program, port);
    store->connection = redisConnect("127.0.0.1", port);
    if (store->connection == NULL || store->connection->err != 0) {
        bench_fail("Redis: no connection");
    }
    *peer = (peer_store){
        .name = "Redis Streams",
        .ctx = store,
        .server = store->server,
        .commit = commit,
        .read = read_all,
        .close = close_store};
    return true;
}

#endif
