/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How long it takes to come back: a journal of many messages is opened to append, which checks all
 * of it, and is read from its start to its end, which checks all of it again.
 */
#ifndef TT_BENCH_JOURNAL_RECOVERY_H
#define TT_BENCH_JOURNAL_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct recovery_times {
    double resume_s;
    double read_s;
    double raw_s;   /**< The same files by read(), 1 MiB a call. */
    uint64_t bytes; /**< Of the files. */
} recovery_times;

/** Writes a journal of `count` messages to `dir`, in commits of 256. */
void recovery_prepare(const char *dir, uint64_t count);
/** Recovers it; fails unless all messages are there and the chain ends as resume said. `is_cold`:
 * the files are dropped from the page cache before each of the three. */
void recovery_run(const char *dir, uint64_t count, bool is_cold, recovery_times *times);

#endif
