/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Tutti's journal, as a program uses it: the group commit service with its defaults.
 */
#ifndef TT_BENCH_JOURNAL_TUTTI_H
#define TT_BENCH_JOURNAL_TUTTI_H

#include "journal_pipe.h"
#include "model/enums.h"

typedef struct tutti_log tutti_log;

typedef struct tutti_log_options {
    const char *dir;
    tt_durability durability;
    uint32_t batch_bytes; /**< Half of what one publisher has under way; as the raw log's. */
    bool has_publishers;  /**< Many threads append. */
    /** Messages for which space is taken before the first one, at most in TT_JOURNAL_SPARES_MAX
     * segments; 0: as little as a session takes, the rest while it runs. */
    uint64_t prepared;
} tutti_log_options;

/** Creates a journal and starts its service, on processor 1 for a single publisher. */
tutti_log *tutti_log_open(const tutti_log_options *options);
/** How to drive it. */
pipe_log tutti_log_pipe(tutti_log *log);
/** Stops it; checks by a reader that exactly `count` messages are in the journal, each as it was
 * appended, and that the chain value is the one that the writer ended with. The files stay. */
void tutti_log_close(tutti_log *log, uint64_t count);

#endif
