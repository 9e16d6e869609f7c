/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Who else worked while something was measured. Runs that others disturbed are measured again, as
 * long as the time that a benchmark may take allows it; how many were kept although they were
 * disturbed stands in the result.
 */
#ifndef TT_BENCH_WATCH_H
#define TT_BENCH_WATCH_H

#include "place.h"

#include <stdbool.h>
#include <sys/types.h>

/** More foreign work than this part of all processors and a run counts as disturbed. */
#define WATCH_FOREIGN_MAX 0.05

/** A stretch of time and the work in it. */
typedef struct watch_span {
    place_load before;
    double server_s; /**< Work of the server before. */
    pid_t server;    /**< A process whose work is ours, too; 0 = none. */
} watch_span;

void watch_start(watch_span *watch, pid_t server);
/** Part of the machine that others used since the start, 0 to 1. */
double watch_foreign(const watch_span *watch);
/** Waits until others are quiet, at most so long; returns the seconds spent. */
double watch_wait_quiet(double seconds_max);

#endif
