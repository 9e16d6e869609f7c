/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Logs with a thread that makes durable what other threads append: Tutti's journal and the raw one.
 * Both are driven by the same code: the times of a message are taken at the same places.
 *
 * An acknowledgement counts at the moment when the publisher can see it. One publisher that does
 * not sleep reads the durable number between two messages; many publishers sleep until they are
 * woken.
 */
#ifndef TT_BENCH_JOURNAL_PIPE_H
#define TT_BENCH_JOURNAL_PIPE_H

#include "journal_load.h"

/** A log, open. */
typedef struct pipe_log {
    const char *name;
    void *ctx;
    /** Appends a message whose number in the log stands in it; false: there is no room now. */
    bool (*append)(void *ctx, const load_message *message);
    /** Number of the newest message that is durable (without syncs: written). */
    uint64_t (*durable)(void *ctx);
    /** Gives the message its number, appends it, and returns when it is durable. @thread{any} */
    void (*publish)(void *ctx, load_message *message);
    /** Commits so far. */
    uint64_t (*commits)(void *ctx);
    /** Most messages that one publisher has under way: twice a batch, one that is written and one
     * that gathers. */
    uint64_t window;
} pipe_log;

/** Most seconds that messages are sent in one run: a slow machine sends fewer. */
#define PIPE_SECONDS_MAX 2.0

/** `count` messages, each at its time: number i is due i / `rate` seconds after the start, however
 * late the log is. Latency is from that time to the acknowledgement. Returns how many messages. */
uint64_t pipe_offered(const pipe_log *log, double rate, uint64_t count, load_result *result);
/** `count` messages as fast as they are taken. Latency is from the append of each 64th. Returns how
 * many messages. */
uint64_t pipe_saturated(const pipe_log *log, uint64_t count, load_result *result);
/** Many publishers, each with one message under way, for `seconds`. Returns how many messages. */
uint64_t
pipe_publishers(const pipe_log *log, uint32_t publishers, double seconds, load_result *result);

#endif
