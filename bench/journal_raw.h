/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The raw log: the least work that makes the same bytes durable with write and fdatasync, done as
 * well as is known. It has no checksum, no chain, no frame, no segments and no recovery.
 *
 * What it does: the space is taken, written once and synced in advance, so that a commit changes no
 * metadata. Publishers write into a ring; one thread writes what is there, straight from the ring,
 * at most a batch at a time, syncs, and publishes the durable number. While it waits for the disk,
 * the next batch gathers: no timer. Of many publishers each sleeps on a word of its own and is
 * woken when its own message is durable.
 *
 * One that grows takes no space in advance: it is what anyone has who writes on, and whose syncs
 * have metadata to write.
 */
#ifndef TT_BENCH_JOURNAL_RAW_H
#define TT_BENCH_JOURNAL_RAW_H

#include "journal_pipe.h"

typedef struct raw_log raw_log;

typedef struct raw_options {
    const char *path;
    uint64_t messages;    /**< Space to take in advance. */
    uint32_t batch_bytes; /**< Most that one commit writes. */
    bool is_synced;
    bool is_direct;      /**< Past the page cache, in whole blocks; not with `grows`, nor with many
                            publishers. */
    bool grows;          /**< No space is taken in advance: each commit makes the file longer. */
    bool has_publishers; /**< Many threads append. */
} raw_options;

/** Opens an empty log, on the file of an earlier one if there is any, and starts its thread, on
 * processor 1 for a single publisher. */
raw_log *raw_open(const raw_options *options);
/** How to drive it. */
pipe_log raw_pipe(raw_log *log);
/** Stops it, checks that exactly `count` messages came to the file, closes. The file stays. */
void raw_close(raw_log *log, uint64_t count);

#endif
