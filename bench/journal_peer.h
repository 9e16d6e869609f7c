/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Durable stores of other projects. Each takes a batch of messages and returns when the store says
 * that they are durable. They are driven by one thread that makes the messages while nothing else
 * runs, which flatters them: there is no hand-off between threads to pay for.
 */
#ifndef TT_BENCH_JOURNAL_PEER_H
#define TT_BENCH_JOURNAL_PEER_H

#include "journal_load.h"

#include <sys/types.h>

/** A store, open and empty. */
typedef struct peer_store {
    const char *name;
    void *ctx;
    pid_t server; /**< 0 = it works in this process. */
    /** Stores `count` messages, the first of which has number `first`; returns when they are
     * durable. */
    void (*commit)(void *ctx, const load_message *messages, uint32_t count);
    /** Reads everything back in order. */
    void (*read)(void *ctx, load_check *check);
    void (*close)(void *ctx);
} peer_store;

/** How a peer is opened. `ret_why` says why there is none. Files go into the folder of the run. */
typedef bool (*peer_open)(peer_store *peer, const char **ret_why);

bool peer_sqlite_full(peer_store *peer, const char **ret_why);
bool peer_sqlite_normal(peer_store *peer, const char **ret_why);
bool peer_lmdb(peer_store *peer, const char **ret_why);
bool peer_redis(peer_store *peer, const char **ret_why);
bool peer_nats(peer_store *peer, const char **ret_why);
/** What a NATS server of the installed version makes durable, in words. */
const char *peer_nats_durability(void);

/** Commits of `batch` messages, one after the other, for `seconds`. Latency is that of a commit. */
void peer_saturated(const peer_store *peer, uint32_t batch, double seconds, load_result *result);
/** Messages due at `rate` a second for `seconds`; each commit takes what is due, at most `batch`.
 * Ends early when it is a second behind. */
void peer_offered(
    const peer_store *peer, double rate, uint32_t batch, double seconds, load_result *result);

#endif
