/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Tutti's journal and the raw log in turns: A B, B A, A B ... A journal is always a fresh one. The
 * raw log writes over its file, which costs least, where space is taken before a run; else its file
 * is fresh, too, and grows. No file is removed between turns, because the
 * freed space would be given back to the disk during a later run.
 */
#ifndef TT_BENCH_JOURNAL_TURNS_H
#define TT_BENCH_JOURNAL_TURNS_H

#include "bench.h"
#include "journal_load.h"
#include "model/enums.h"

enum {
    TURNS_MAX = 16
};

/** How the logs are driven. */
typedef enum turns_kind {
    TURNS_OFFERED,
    TURNS_SATURATED,
    TURNS_PUBLISHERS
} turns_kind;

/** What is measured. */
typedef struct turns_plan {
    turns_kind kind;
    tt_durability durability;
    uint32_t batch_bytes;
    int turns;
    uint64_t messages; /**< Of a run; the offered rate is that many a second, times `seconds`. */
    double rate;       /**< Offered. */
    double seconds;    /**< Of a run with many publishers. */
    bool is_direct;    /**< The raw log goes past the page cache, too. */
    bool is_sustained; /**< No space is taken for all of the run before it. */
} turns_plan;

/** Results of the turns. */
typedef struct turn_results {
    load_result tutti[TURNS_MAX];
    load_result raw[TURNS_MAX];
    int count;
    int disturbed; /**< Turns that were kept although others worked. */
} turn_results;

void turns_run(const turns_plan *plan, turn_results *result);
/** One run of Tutti's journal alone, to stand beside something else. */
void turns_tutti(const turns_plan *plan, load_result *result);
/** One number of every turn, picked by its place in a result: offsetof(load_result, rate). */
void turns_pick(const load_result *results, int count, size_t offset, double *values);
/** Seconds that all turns together may still spend on waiting and on repeated turns. */
void turns_patience(double seconds);

#endif
