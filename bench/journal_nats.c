/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * NATS JetStream with a stream in files: published asynchronously, one batch under way.
 *
 * Servers before 2.10 have no setting for it: a message is acknowledged when it was written, and
 * synced in the background every two minutes. From 2.10 on `sync_interval: always` is set. The row
 * of the result says which one ran.
 */
#include "journal_peer.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

/* Version of the installed server as 100 * major + minor; 0 = not installed. */
static int server_version(void)
{
    static int version = -1;
    if (version >= 0) {
        return version;
    }
    version = 0;
    const char *program = server_find("nats-server");
    char command[4200];
    int major = 0, minor = 0;
    if (program == NULL) {
        return 0;
    }
    snprintf(command, sizeof command, "'%s' --version", program);
    FILE *out = popen(command, "r");
    if (out != NULL) {
        if (fscanf(out, "nats-server: v%d.%d", &major, &minor) == 2) {
            version = major * 100 + minor;
        }
        pclose(out);
    }
    return version;
}

static bool can_sync_always(void)
{
    return server_version() >= 210;
}

const char *peer_nats_durability(void)
{
    return can_sync_always() ? "sync_interval: always, synced before the acknowledgement"
                             : "not synced: this version acknowledges what was written, "
                               "syncs every 2 minutes";
}

#ifndef BENCH_HAS_NATS

bool peer_nats(peer_store *peer, const char **ret_why)
{
    (void)peer;
    *ret_why = "not installed: libnats-dev";
    return false;
}

#else

#include "bench.h"
#include "folder.h"

#include <nats/nats.h>
#include <stdlib.h>

enum {
    WAIT_MS = 10000,
    FETCH_COUNT = 500
};

typedef struct nats_store {
    natsConnection *connection;
    jsCtx *stream;
    pid_t server;
} nats_store;

static void demand(natsStatus status, const char *what)
{
    if (status != NATS_OK) {
        bench_fail("NATS: %s: %s", what, natsStatus_GetText(status));
    }
}

static void commit(void *ctx, const load_message *messages, uint32_t count)
{
    nats_store *store = ctx;
    jsPubOptions options;
    for (uint32_t i = 0; i < count; i++) {
        demand(js_PublishAsync(store->stream, "log", &messages[i], LOAD_BYTES, NULL), "publish");
    }
    demand(jsPubOptions_Init(&options), "options");
    options.MaxWait = WAIT_MS;
    demand(js_PublishAsyncComplete(store->stream, &options), "acknowledgement");
}

static void read_all(void *ctx, load_check *check)
{
    nats_store *store = ctx;
    natsSubscription *reader = NULL;
    jsErrCode code;
    jsStreamInfo *info = NULL;
    demand(js_GetStreamInfo(&info, store->stream, "LOG", NULL, &code), "size");
    const uint64_t count = info->State.Msgs;
    jsStreamInfo_Destroy(info);
    demand(js_PullSubscribe(&reader, store->stream, "log", "check", NULL, NULL, &code), "reader");
    while (check->count < count) {
        natsMsgList list;
        demand(natsSubscription_Fetch(&list, reader, FETCH_COUNT, WAIT_MS, &code), "read");
        for (int i = 0; i < list.Count; i++) {
            natsMsg *msg = list.Msgs[i];
            load_take(check, "NATS", natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg));
            demand(natsMsg_Ack(msg, NULL), "reading on");
        }
        natsMsgList_Destroy(&list);
    }
    natsSubscription_Destroy(reader);
}

static void close_store(void *ctx)
{
    nats_store *store = ctx;
    jsCtx_Destroy(store->stream);
    natsConnection_Destroy(store->connection);
    server_stop(store->server);
    free(store);
    folder_remove("nats");
}

static pid_t start_server(const char *program, int port)
{
    char path[4096], settings[4096], log[4096];
    snprintf(path, sizeof path, "%s", program);
    snprintf(log, sizeof log, "%s", folder_path("nats.log"));
    bench_make_folder(folder_path("nats"));
    snprintf(settings, sizeof settings, "%s", folder_path("nats/settings"));
    FILE *out = fopen(settings, "w");
    if (out == NULL) {
        bench_fail("NATS: %s cannot be written", settings);
    }
    fprintf(out, "host: 127.0.0.1\nport: %d\njetstream {\n", port);
    fprintf(out, "  store_dir: \"%s\"\n", folder_path("nats/store"));
    fprintf(out, "%s}\n", can_sync_always() ? "  sync_interval: always\n" : "");
    if (fclose(out) != 0) {
        bench_fail("NATS: %s cannot be written", settings);
    }
    const char *const words[] = {path, "-c", settings, NULL};
    return server_start(words, log, port);
}

static void add_stream(nats_store *store)
{
    jsStreamConfig config;
    const char *subjects[] = {"log"};
    jsErrCode code;
    demand(jsStreamConfig_Init(&config), "settings");
    config.Name = "LOG";
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    demand(js_AddStream(NULL, store->stream, &config, NULL, &code), "stream");
}

bool peer_nats(peer_store *peer, const char **ret_why)
{
    const char *program = server_find("nats-server");
    if (program == NULL || server_version() == 0) {
        *ret_why = "not installed: nats-server";
        return false;
    }
    nats_store *store = calloc(1, sizeof *store);
    char url[64];
    if (store == NULL) {
        bench_fail("no memory");
    }
    const int port = server_free_port();
    store->server = start_server(server_find("nats-server"), port);
    snprintf(url, sizeof url, "nats://127.0.0.1:%d", port);
    demand(natsConnection_ConnectTo(&store->connection, url), "connection");
    demand(natsConnection_JetStream(&store->stream, store->connection, NULL), "JetStream");
    add_stream(store);
    *peer = (peer_store){
        .name = "NATS JetStream",
        .ctx = store,
        .server = store->server,
        .commit = commit,
        .read = read_all,
        .close = close_store};
    return true;
}

#endif
